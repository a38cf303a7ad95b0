//! What the broker has taken is on the disk before that is acknowledged.
//!
//! The broker writes queues and what is in flight some time after it has acknowledged: killed in between,
//! it forgets what nobody will send again. So the front holds each acknowledgment back until that is
//! written. All that come in the same moment wait for the same turn.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mqtt5::broker::storage::DynamicStorage;
use tokio::sync::{Notify, watch};

/// How long a turn gathers acknowledgments. Most receivers have theirs meanwhile, and what all of them
/// have is not written at all.
const GATHER: Duration = Duration::from_millis(20);

/// What must fit on the disk besides, in bytes: the broker does not say that it could not write.
const ROOM: usize = 64 * 1024;

/// A file that shows whether there is room.
const PROBE: &str = ".room";

/// The turns of one run of the broker.
#[derive(Clone)]
pub struct Disk {
    shared: Arc<Shared>,
    /// The last turn that is written; closed when the broker has ended.
    written: watch::Receiver<u64>,
}

#[derive(Default)]
struct Shared {
    /// The turn that gathers now.
    turn: AtomicU64,
    wanted: Notify,
}

/// The broker has ended: nothing will be written any more.
pub struct Ended;

impl Disk {
    /// `work` has to be polled as long as the broker runs, which keeps its files in this folder.
    pub fn new(storage: Arc<DynamicStorage>, folder: PathBuf) -> (Self, impl Future<Output = ()>) {
        let shared = Arc::new(Shared {
            turn: AtomicU64::new(1),
            wanted: Notify::new(),
        });
        let (sender, written) = watch::channel(0);
        let work = write_turns(Arc::clone(&shared), storage, folder, sender);
        (Self { shared, written }, work)
    }

    /// Waits until all that the broker has taken up to now is written.
    pub async fn settle(&self) -> Result<(), Ended> {
        let turn = self.shared.turn.load(Ordering::SeqCst);
        self.shared.wanted.notify_one();
        let mut written = self.written.clone();
        let settled = written.wait_for(|written| *written >= turn).await;
        settled.map(|_| ()).map_err(|_| Ended)
    }
}

async fn write_turns(
    shared: Arc<Shared>,
    storage: Arc<DynamicStorage>,
    folder: PathBuf,
    written: watch::Sender<u64>,
) {
    let mut had_room = true;
    report_change(
        &mut had_room,
        has_room(&folder).await.as_ref().err(),
        &folder,
    );
    loop {
        shared.wanted.notified().await;
        tokio::time::sleep(GATHER).await;
        let turn = shared.turn.fetch_add(1, Ordering::SeqCst);
        // It is named for the end of a broker, and writes all that is to be written.
        let _ = storage.shutdown().await;
        let room = has_room(&folder).await;
        report_change(&mut had_room, room.as_ref().err(), &folder);
        written.send_replace(turn);
    }
}

/// Whether there is room on the disk for a little more than was written just now.
pub async fn has_room(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(PROBE);
    let written = tokio::fs::write(&probe, vec![0; ROOM]).await;
    let _ = tokio::fs::remove_file(&probe).await;
    written
}

/// The lesson goes on in memory: a board that nobody answers any more would help nobody.
fn report_change(had_room: &mut bool, problem: Option<&std::io::Error>, folder: &Path) {
    match problem {
        Some(why) if *had_room => eprintln!(
            "Nothing can be written to {} ({why}). The lesson goes on in memory: what clients send from now on is lost \
             if this program is killed. Make room on the disk.",
            folder.display()
        ),
        None if !*had_room => eprintln!("What clients send is written to the disk again."),
        _ => {}
    }
    *had_room = problem.is_none();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mqtt5::broker::storage::{DynamicStorage, MemoryBackend};

    use super::Disk;

    fn disk() -> (Disk, impl Future<Output = ()>) {
        let storage = DynamicStorage::Memory(MemoryBackend::new());
        Disk::new(Arc::new(storage), std::env::temp_dir())
    }

    #[tokio::test]
    async fn whoever_comes_while_a_turn_is_written_waits_for_the_next() {
        let (disk, work) = disk();
        let work = tokio::spawn(work);

        assert!(disk.settle().await.is_ok());
        let first = *disk.written.borrow();
        assert!(disk.settle().await.is_ok());

        assert!(*disk.written.borrow() > first);
        work.abort();
    }

    #[tokio::test]
    async fn nothing_is_settled_when_the_broker_has_ended() {
        let (disk, work) = disk();

        drop(work);

        assert!(disk.settle().await.is_err());
    }
}
