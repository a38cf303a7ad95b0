//! Who has a client identifier, and who had it before.
//!
//! A board that says DISCONNECT and is back in the same moment comes over another connection. The broker may
//! read that one first: then it takes the old one for cut off, and publishes its last will after a clean end.
//! [MQTT5-3.14.4-3] So whoever comes waits until all that its predecessor sent was passed on, and if that was
//! the end, until the broker has seen it. And what it sends itself waits until the last will is out, if there
//! is one: "gone" must not follow on "here".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a client waits for its predecessor, whatever that does.
const LIMIT: Duration = Duration::from_secs(3);

/// How long somebody waits for what its predecessor published and the broker must not have yet.
const HELD_LIMIT: Duration = Duration::from_secs(1);

/// All connections that have said who they are.
#[derive(Default)]
pub struct Holders(Mutex<HashMap<String, Vec<Arc<Place>>>>);

/// One connection, until the broker has ended it.
pub struct Holder<'a> {
    all: &'a Holders,
    place: Arc<Place>,
    name: Mutex<Option<String>>,
}

/// The connection that had the client identifier before.
pub struct Predecessor {
    place: Arc<Place>,
    until: Instant,
}

/// What a connection and its successor tell each other.
#[derive(Default)]
struct Place {
    /// How many successors asked so far whether more is to come.
    questions: watch::Sender<u64>,
    answer: watch::Sender<Answer>,
}

#[derive(Default)]
struct Answer {
    /// So many of the questions were answered: the client stays, and all that it sent was passed on.
    stays: u64,
    is_over: bool,
}

impl Holders {
    /// A connection that has not said yet who it is.
    pub fn enter(&self) -> Holder<'_> {
        Holder {
            all: self,
            place: Arc::default(),
            name: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Place>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder<'_> {
    /// The connection says who it is, once; gives back who is that already.
    pub fn claim(&self, name: &str) -> Option<Predecessor> {
        let mut own = self.name();
        if own.is_some() {
            return None;
        }
        *own = Some(name.to_string());
        let mut all = self.all.lock();
        let places = all.entry(name.to_string()).or_default();
        let before = places.last().map(Arc::clone);
        places.push(Arc::clone(&self.place));
        before.map(|place| Predecessor {
            place,
            until: Instant::now() + LIMIT,
        })
    }

    /// What successors ask, by number.
    pub fn questions(&self) -> watch::Receiver<u64> {
        self.place.questions.subscribe()
    }

    /// The client sent no DISCONNECT, and all that it sent was passed on.
    pub fn stays(&self, question: u64) {
        self.place
            .answer
            .send_modify(|answer| answer.stays = question);
    }

    /// The broker has ended it.
    pub fn is_over(&self) {
        self.place
            .answer
            .send_modify(|answer| answer.is_over = true);
    }

    /// Until a successor has waited for as long as is bearable.
    pub async fn must_go(&self) {
        let answered = self.place.answer.borrow().stays;
        // The sender is in this place.
        let _ = (self.questions())
            .wait_for(|question| *question > answered)
            .await;
        sleep(HELD_LIMIT).await;
    }

    fn name(&self) -> MutexGuard<'_, Option<String>> {
        self.name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Holder<'_> {
    fn drop(&mut self) {
        self.is_over();
        let Some(name) = self.name().take() else {
            return;
        };
        let mut all = self.all.lock();
        if let Some(places) = all.get_mut(&name) {
            places.retain(|place| !Arc::ptr_eq(place, &self.place));
            if places.is_empty() {
                all.remove(&name);
            }
        }
    }
}

impl Predecessor {
    /// Waits until all that it sent was passed on; if it has left, until the broker knows.
    pub async fn has_said_all(&self) {
        let mut question = 0;
        self.place.questions.send_modify(|questions| {
            *questions += 1;
            question = *questions;
        });
        self.wait_for(|answer| answer.is_over || answer.stays >= question)
            .await;
    }

    /// Waits until the broker has ended it.
    pub async fn is_over(&self) {
        self.wait_for(|answer| answer.is_over).await;
    }

    async fn wait_for(&self, condition: impl FnMut(&Answer) -> bool) {
        let mut answer = self.place.answer.subscribe();
        // Beyond the limit the broker decides what is to be done with the predecessor.
        let _ = timeout_at(self.until, answer.wait_for(condition)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, timeout};

    use super::{Holders, LIMIT};

    async fn is_ready(future: impl Future) -> bool {
        timeout(Duration::ZERO, future).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_waits_until_the_one_before_has_said_all_and_then_until_it_is_over() {
        let holders = Holders::default();
        let (first, second) = (holders.enter(), holders.enter());
        assert!(first.claim("board").is_none());
        let before = second.claim("board").unwrap();
        assert!(!is_ready(before.has_said_all()).await);

        first.stays(*first.questions().borrow());
        let question = *first.questions().borrow();
        let next = before.has_said_all();
        tokio::pin!(next);
        assert!(!is_ready(&mut next).await);
        first.stays(question + 1);
        assert!(is_ready(next).await);

        assert!(!is_ready(before.is_over()).await);
        drop(first);
        assert!(is_ready(before.is_over()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let holders = Holders::default();
        let (first, second) = (holders.enter(), holders.enter());
        first.claim("board");
        let before = second.claim("board").unwrap();
        let began = Instant::now();

        before.has_said_all().await;
        before.is_over().await;

        assert_eq!(began.elapsed(), LIMIT);
    }

    #[tokio::test]
    async fn one_that_was_refused_leaves_the_name_to_the_one_before() {
        let holders = Holders::default();
        let (first, refused, third) = (holders.enter(), holders.enter(), holders.enter());
        first.claim("board");
        refused.claim("board");
        drop(refused);

        assert!(third.claim("board").is_some());
        assert!(third.claim("other").is_none());
        drop(first);
        drop(third);
        assert!(holders.lock().is_empty());
    }
}
