//! What stands between the network and the broker: who may come in, how many, and how much waits.
//!
//! Every connection of a client is carried to the broker, so that nothing that a stranger sends or keeps back
//! reaches it before it is looked at.

mod admission;
pub mod answers;
mod arrivals;
mod backlog;
mod call;
mod client;
mod closing;
mod credentials;
mod dialect;
mod doorman;
pub mod files;
pub mod gate;
mod hold;
mod holders;
mod home;
#[cfg(feature = "packed")]
mod inside;
mod own_pings;
pub mod packets;
pub mod pages;
mod rate;
mod shutdown;
mod teacher;
mod tunnel;
mod upward;
mod watched;

pub use crate::front::arrivals::listen;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::broker::Broker;
use crate::class::{self, ClassWord, Groups, Pause, Places, Register, Shelf, Way, Words};
use crate::desk::Desk;
use crate::front::admission::Entry;
use crate::front::arrivals::{Arrival, accept};
use crate::front::call::Call;
use crate::front::client::over_tcp;
use crate::front::closing::Closing;
use crate::front::doorman::Doorman;
use crate::front::gate::Gate;
use crate::front::holders::Holders;
use crate::front::pages::Pages;
use crate::front::watched::Watched;
use crate::mdns::Announcement;

/// For the head of a request, and between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// For an answer that is on its way when the program ends. Some have no end.
const ANSWER_LIMIT: Duration = Duration::from_millis(300);

/// The head of a request; more is answered with 431.
const MOST_HEAD_BYTES: usize = 32 * 1024;

/// How many clients may be gone while something that they published is held.
const MOST_GONE: usize = 100;

/// How many refused origins are reported, once each.
const MOST_REFUSED_ORIGINS: usize = 20;

/// The ports at which pages and scripts find the broker.
pub struct AdvertisedBroker {
    pub tcp: u16,
    pub websocket: u16,
    /// Whether it is another one than that of this program.
    pub is_other: bool,
}

/// What clients may.
pub struct Rules {
    pub class_word: ClassWord,
    /// How fast one client may publish; 0 without a bound.
    pub messages_per_second: u32,
    /// How many the system lets the program have.
    pub descriptors: u64,
}

/// What all connections share.
pub struct Front {
    pub broker: Broker,
    pub gate: Gate,
    pub pages: Option<Pages>,
    advertised_broker: AdvertisedBroker,
    places: Places,
    announcement: Mutex<Option<Announcement>>,
    /// What the teacher decides, where a person started the program.
    pub desk: Option<Desk>,
    doorman: Arc<Doorman>,
    /// Whether the network led anybody else here.
    reached: AtomicBool,
    /// Who is here, for the teacher.
    register: Arc<Register>,
    groups: Groups,
    shelf: Arc<Shelf>,
    /// What other computers say to be let in.
    words: Arc<Words>,
    /// Whether boards and programs on other computers need no word.
    boards_are_guests: AtomicBool,
    /// Bytes that wait for all clients.
    waiting: Arc<AtomicUsize>,
    pause: Pause,
    /// How fast one client may publish; 0 without a bound.
    messages_per_second: u32,
    /// Bytes of all clients that are held while the broker must not have them.
    held: Arc<AtomicUsize>,
    /// Places for clients that are gone while something of them is held.
    gone: Semaphore,
    /// Who has which client identifier.
    holders: Holders,
    closing: Closing,
    refused_origins: Mutex<BTreeSet<String>>,
}

impl Front {
    pub fn new(
        broker: Broker,
        gate: Gate,
        pages: Option<Pages>,
        advertised_broker: AdvertisedBroker,
        places: Places,
        desk: Option<Desk>,
        Rules {
            class_word,
            messages_per_second,
            descriptors,
        }: Rules,
    ) -> Self {
        let shelf = Shelf::open(broker.lesson_folder());
        let words = Words::open(class_word, broker.lesson_folder());
        let front = Self {
            broker,
            gate,
            pages,
            advertised_broker,
            places,
            announcement: Mutex::default(),
            desk,
            doorman: Arc::new(Doorman::of(descriptors)),
            reached: AtomicBool::new(false),
            register: Arc::default(),
            groups: Groups::default(),
            shelf: Arc::new(shelf),
            words: Arc::new(words),
            boards_are_guests: AtomicBool::new(false),
            waiting: Arc::default(),
            pause: Pause::default(),
            messages_per_second,
            held: Arc::default(),
            gone: Semaphore::new(MOST_GONE),
            holders: Holders::default(),
            closing: Closing::default(),
            refused_origins: Mutex::default(),
        };
        if front.is_open() {
            front.announce();
        }
        front
    }

    /// Whether others than this computer are let in.
    fn is_open(&self) -> bool {
        self.desk.as_ref().is_none_or(Desk::is_open)
    }

    fn lets_in(&self, arrival: &Arrival) -> bool {
        if arrival.is_from_here() {
            return true;
        }
        let is_open = self.is_open();
        self.reached.fetch_or(is_open, Ordering::Relaxed);
        is_open
    }

    /// Without a name on the network the address does as well.
    fn announce(&self) {
        let announcement = Announcement::begin(self.places.tcp, self.places.pages);
        let announcement = announcement.unwrap_or_else(|problem| {
            eprintln!("This computer has no name on the network ({problem}). Use its address.");
            None
        });
        *self.announcement() = announcement;
    }

    /// The program ends: all clients get a DISCONNECT, and the network forgets its name. Nobody may listen any more.
    pub async fn close(&self) {
        self.closing.end_all().await;
        drop(self.announcement().take());
    }

    fn announcement(&self) -> MutexGuard<'_, Option<Announcement>> {
        (self.announcement.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    /// What the teacher needs to know in the window, where others can come here.
    pub fn say_words(&self) {
        if self
            .places
            .pages
            .is_none_or(|pages| pages.ip().is_loopback())
        {
            return;
        }
        if let Some(word) = self.words.of_class() {
            eprintln!("The class word, for other computers and boards: {word}");
        }
        let teacher = self.words.of_teacher();
        eprintln!("The teacher's word, for the class page on another device: {teacher}");
    }

    /// How others get here, for one who sits at this computer or elsewhere.
    fn here(&self, is_here: bool) -> class::Here<'_> {
        class::Here {
            places: &self.places,
            name: self.announcement().as_ref().map(Announcement::name),
            desk: self.desk.as_ref().map(Desk::is_open),
            word: self.words.of_class(),
            teacher: is_here.then(|| self.words.of_teacher()),
            boards_are_guests: self.boards_are_guests.load(Ordering::Relaxed),
            reached: self.reached.load(Ordering::Relaxed),
        }
    }

    /// Says who was refused, and how to change that: the page itself learns only that it did not work.
    fn report_refusal(&self, origin: &HeaderValue) {
        let origin = origin.to_str().unwrap_or("?").to_string();
        let mut reported = self
            .refused_origins
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if reported.len() >= MOST_REFUSED_ORIGINS || !reported.insert(origin.clone()) {
            return;
        }
        let way = match origin.as_str() {
            "null" => "--allow-null-origin".to_string(),
            _ => format!("--allow-origin {origin}"),
        };
        eprintln!("A page of {origin:?} may not use the broker. To allow it: npm start -- {way}");
    }
}

/// MQTT over TCP.
pub async fn serve_tcp(front: Arc<Front>, listener: TcpListener) {
    loop {
        let Some(arrival) = accept(&front, &listener).await else {
            continue;
        };
        let are_guests = front.boards_are_guests.load(Ordering::Relaxed);
        let is_known = are_guests || arrival.is_from_here() || front.words.of_class().is_none();
        let entry = Entry {
            needs_word: !is_known,
            from: arrival.peer,
        };
        let Arrival { stream, visit, .. } = arrival;
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            let guest = front.register.enter(Way::Program);
            tunnel::carry(&front, &visit, &guest, entry, over_tcp(stream)).await;
        });
    }
}

/// HTTP: MQTT over WebSocket, and on one port the pages.
pub async fn serve_http(front: Arc<Front>, listener: TcpListener, has_pages: bool) {
    loop {
        let Some(arrival) = accept(&front, &listener).await else {
            continue;
        };
        let (local, from_here) = (arrival.local, arrival.is_from_here());
        let Arrival {
            stream,
            visit,
            peer,
            ..
        } = arrival;
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            let asked = Arc::clone(&visit);
            let asked_front = Arc::clone(&front);
            let stream = Watched {
                stream,
                visit: Arc::clone(&visit),
            };
            let service = service_fn(move |request: Request<Incoming>| {
                let call = Call {
                    front: Arc::clone(&asked_front),
                    visit: Arc::clone(&asked),
                    local,
                    peer,
                    from_here,
                    has_pages,
                };
                async move { Ok::<_, Infallible>(call.answer(request.map(Body::new)).await) }
            });
            let _open = front.closing.opens();
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_LIMIT)
                .max_buf_size(MOST_HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::pin!(connection);
            tokio::select! {
                // How it ended is the other side's business.
                _ = &mut connection => {}
                () = visit.evicted() => {}
                () = front.closing.begins() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(ANSWER_LIMIT, connection).await;
                }
            }
        });
    }
}
