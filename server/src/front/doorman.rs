//! How many connections may be open, and which one goes when a new one comes.
//!
//! A connection that has not said yet what it wants costs nothing to open, so a flood of them must
//! not keep out those that come with a wish: the one that has waited longest makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How many connections may be open that have not said what they want.
///
/// A browser opens up to 255 WebSockets at once.
const MOST_WAITING: usize = 512;

/// How many connections may be open in all: every one of a large school, and a bound for this computer.
const MOST_OPEN: usize = 2048;

/// Counts the connections of all ports.
#[derive(Default)]
pub struct Doorman {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By the order in which they came, or began to wait again.
    waiting: BTreeMap<u64, Arc<Notify>>,
    next: u64,
    /// Without those that were told to leave.
    staying: usize,
}

/// One connection; dropped when it ends.
pub struct Visit {
    doorman: Arc<Doorman>,
    leave: Arc<Notify>,
    number: Mutex<Option<u64>>,
}

impl Doorman {
    /// Lets a connection in, if need be in the place of one that waits; `None` when all are busy.
    pub fn admit(self: &Arc<Self>) -> Option<Arc<Visit>> {
        let leave = Arc::new(Notify::new());
        let number = {
            let mut inner = self.lock();
            if inner.staying >= MOST_OPEN && inner.waiting.is_empty() {
                return None;
            }
            inner.staying += 1;
            let number = inner.wait(Arc::clone(&leave));
            while inner.waiting.len() > MOST_WAITING || inner.staying > MOST_OPEN {
                inner.send_oldest_away();
            }
            number
        };
        Some(Arc::new(Visit {
            doorman: Arc::clone(self),
            leave,
            number: Mutex::new(Some(number)),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn wait(&mut self, leave: Arc<Notify>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, leave);
        number
    }

    fn send_oldest_away(&mut self) {
        if let Some((_, oldest)) = self.waiting.pop_first() {
            self.staying -= 1;
            oldest.notify_one();
        }
    }
}

impl Visit {
    /// The connection has said what it wants: it is not sent away for a new one any more.
    pub fn settle(&self) {
        let mut number = self.number();
        // One that was told to leave a moment ago leaves.
        if number.is_some_and(|it| self.doorman.lock().waiting.remove(&it).is_some()) {
            *number = None;
        }
    }

    /// It got what it wanted and may ask for more.
    pub fn wait_again(&self) {
        let mut number = self.number();
        if number.is_none() {
            *number = Some(self.doorman.lock().wait(Arc::clone(&self.leave)));
        }
    }

    /// Ends when the connection has to make room.
    pub async fn told_to_leave(&self) {
        self.leave.notified().await;
    }

    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.settle();
        if self.number().is_none() {
            self.doorman.lock().staying -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::{Doorman, MOST_OPEN, MOST_WAITING, Visit};

    async fn was_sent_away(visit: &Visit) -> bool {
        timeout(Duration::ZERO, visit.told_to_leave()).await.is_ok()
    }

    #[tokio::test]
    async fn the_oldest_that_says_nothing_makes_room() {
        let doorman = Arc::new(Doorman::default());
        let visits: Vec<_> = (0..=MOST_WAITING).filter_map(|_| doorman.admit()).collect();

        assert_eq!(visits.len(), MOST_WAITING + 1);
        assert!(was_sent_away(&visits[0]).await);
        assert!(!was_sent_away(&visits[1]).await);
    }

    #[tokio::test]
    async fn a_settled_connection_stays_whoever_comes() {
        let doorman = Arc::new(Doorman::default());
        let client = doorman.admit().unwrap();
        client.settle();

        let flood: Vec<_> = (0..3 * MOST_OPEN).filter_map(|_| doorman.admit()).collect();

        assert_eq!(flood.len(), 3 * MOST_OPEN);
        assert!(!was_sent_away(&client).await);
    }

    #[tokio::test]
    async fn when_all_are_busy_the_next_is_refused_until_one_goes() {
        let doorman = Arc::new(Doorman::default());
        let mut visits: Vec<_> = (0..MOST_OPEN)
            .filter_map(|_| doorman.admit().inspect(|visit| visit.settle()))
            .collect();
        assert_eq!(visits.len(), MOST_OPEN);
        assert!(doorman.admit().is_none());

        visits.pop();

        assert!(doorman.admit().is_some());
    }

    #[tokio::test]
    async fn one_that_waits_again_can_be_sent_away() {
        let doorman = Arc::new(Doorman::default());
        let page = doorman.admit().unwrap();
        page.settle();
        page.wait_again();

        let flood: Vec<_> = (0..MOST_WAITING).filter_map(|_| doorman.admit()).collect();

        assert_eq!(flood.len(), MOST_WAITING);
        assert!(was_sent_away(&page).await);
    }
}
