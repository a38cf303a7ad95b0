//! The broker inside: clients reach it through lanes, and it is started again when it ends.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqtt5::broker::{BrokerShutdownHandle, MqttBroker};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::disk::Disk;
use crate::lane::{FromBroker, LaneOpener, Lanes, ToBroker};
use crate::lesson::Lesson;
use crate::quotas::Quotas;
use crate::retained::RetainedFiles;
use crate::settings;

/// Before a broker that ended is started again.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long a broker may take to end when it has to.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Where the broker is now.
#[derive(Clone)]
pub struct Broker {
    now: Arc<Mutex<Now>>,
    /// Without one, everything is in memory.
    lesson: Option<Arc<Lesson>>,
    new_lessons: mpsc::Sender<NewLesson>,
}

/// What is different in each run of the broker.
#[derive(Clone)]
struct Now {
    lanes: LaneOpener,
    /// Where what it keeps is on a disk.
    disk: Option<Disk>,
    quotas: Arc<Quotas>,
}

/// Somebody begins a new lesson.
struct NewLesson {
    /// Hears when nobody can be in the old one any more.
    is_over: oneshot::Sender<()>,
    /// The new one begins when this is dropped.
    may_begin: oneshot::Receiver<Infallible>,
    begun: oneshot::Sender<()>,
}

/// A broker that runs, until it ends.
pub struct Running {
    task: JoinHandle<String>,
    handle: BrokerShutdownHandle,
    lanes: Option<Lanes>,
}

/// What keeps a broker running.
pub struct Care {
    broker: Broker,
    running: Running,
    new_lessons: mpsc::Receiver<NewLesson>,
}

impl Broker {
    /// Starts the broker with what the lesson has kept so far.
    pub async fn start(lesson: Option<Lesson>) -> Result<(Self, Care), String> {
        let lesson = lesson.map(Arc::new);
        let (now, running) = start(lesson.as_deref()).await?;
        let (sender, new_lessons) = mpsc::channel(1);
        let broker = Self {
            now: Arc::new(Mutex::new(now)),
            lesson,
            new_lessons: sender,
        };
        let care = Care {
            broker: broker.clone(),
            running,
            new_lessons,
        };
        Ok((broker, care))
    }

    /// A way to the broker for one client; `None` when it takes no more, or has ended.
    pub async fn open_lane(&self) -> Option<(FromBroker, ToBroker)> {
        let lanes = self.now().lanes.clone();
        lanes.open().await
    }

    /// Where the lesson is kept.
    pub fn lesson_folder(&self) -> Option<PathBuf> {
        self.lesson.as_deref().map(Lesson::folder)
    }

    /// What has to be written before a message of a client is acknowledged.
    pub fn disk(&self) -> Option<Disk> {
        self.now().disk.clone()
    }

    /// How many retained messages there are.
    pub async fn retained_messages(&self) -> usize {
        let quotas = Arc::clone(&self.now().quotas);
        quotas.retained_messages().await
    }

    /// Clears the retained messages that a filter matches, and gives back how many.
    pub async fn clear_retained(&self, filter: &str) -> usize {
        let quotas = Arc::clone(&self.now().quotas);
        quotas.clear_retained(filter).await
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all sessions, retained messages and what waits. All clients are cut off; they come back by
    /// themselves, and the broker knows none of them. `forget` is called when nobody is in the old lesson any more, and
    /// nobody in the new one yet.
    pub async fn begin_new_lesson(&self, forget: impl FnOnce()) {
        let (is_over, over) = oneshot::channel();
        let (begin, may_begin) = oneshot::channel();
        let (begun, has_begun) = oneshot::channel();
        let new_lesson = NewLesson {
            is_over,
            may_begin,
            begun,
        };
        if self.new_lessons.send(new_lesson).await.is_err() || over.await.is_err() {
            return;
        }
        forget();
        drop(begin);
        let _ = has_begun.await;
    }
}

impl Care {
    /// Starts the broker again whenever it ends; its clients come back by themselves.
    pub async fn keep_running(&mut self) -> Infallible {
        loop {
            tokio::select! {
                ended = &mut self.running.task => {
                    let why = ended.unwrap_or_else(|panic| panic.to_string());
                    eprintln!("The broker ended by itself and is started again: {why}");
                    self.running.close_lanes().await;
                    self.start_again().await;
                }
                Some(NewLesson { is_over, may_begin, begun }) = self.new_lessons.recv() => {
                    self.running.end().await;
                    if let Some(lesson) = &self.broker.lesson {
                        lesson.begin_anew();
                    }
                    let _ = is_over.send(());
                    let _ = may_begin.await;
                    self.start_again().await;
                    let _ = begun.send(());
                }
            }
        }
    }

    /// Ends the broker, when all that it has taken is written.
    pub async fn end(mut self) {
        if let Some(disk) = self.broker.disk() {
            let _ = timeout(END_LIMIT, disk.settle()).await;
        }
        self.running.end().await;
    }

    async fn start_again(&mut self) {
        let mut pause = PAUSE;
        loop {
            match start(self.broker.lesson.as_deref()).await {
                Ok((now, running)) => {
                    *self.broker.now() = now;
                    self.running = running;
                    return;
                }
                Err(problem) => eprintln!("The broker did not start: {problem}"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Running {
    async fn end(&mut self) {
        // First: what clients leave behind is to be written when the broker ends.
        self.close_lanes().await;
        if self.task.is_finished() {
            return;
        }
        self.handle.shutdown();
        if timeout(END_LIMIT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }

    async fn close_lanes(&mut self) {
        if let Some(lanes) = self.lanes.take() {
            lanes.close().await;
        }
    }
}

async fn start(lesson: Option<&Lesson>) -> Result<(Now, Running), String> {
    let folder = lesson.map(Lesson::folder);
    let files = folder.as_deref().map(RetainedFiles::of);
    if let Some(files) = &files {
        files.prepare().await;
    }
    let quotas = Arc::new(Quotas::new(files));
    let config = settings::broker(Arc::clone(&quotas) as _, folder);
    let mut broker = MqttBroker::with_config(config.clone())
        .await
        .map_err(|error| error.to_string())?
        .with_auth_provider(Arc::clone(&quotas) as _);
    quotas.look_into(&broker).await;
    let (lanes, opener) = Lanes::of(&broker, config);
    let (disk, work) = broker
        .storage()
        .zip(lesson.map(Lesson::folder))
        .map(|(storage, folder)| Disk::new(storage, folder))
        .unzip();
    let writing = async {
        match work {
            Some(work) => work.await,
            None => std::future::pending().await,
        }
    };
    let handle = broker.shutdown_handle();
    let mut ready = broker.ready_receiver();
    let relief = Arc::clone(&quotas);
    let task = tokio::spawn(async move {
        tokio::select! {
            ended = broker.run() => match ended {
                Ok(()) => "it was done".to_string(),
                Err(error) => error.to_string(),
            },
            () = relief.relieve() => String::new(),
            () = writing => String::new(),
        }
    });
    ready
        .wait_for(|ready| *ready)
        .await
        .map_err(|_| "it ended at once".to_string())?;
    quotas.count_all().await;
    let now = Now {
        lanes: opener,
        disk,
        quotas,
    };
    let running = Running {
        task,
        handle,
        lanes: Some(lanes),
    };
    Ok((now, running))
}
