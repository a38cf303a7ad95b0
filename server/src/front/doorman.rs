//! How many connections may be open, and which one goes when a new one comes.
//!
//! A connection that has not said yet what it wants costs nothing to open, so a flood of them must
//! not keep out those that come with a request: the one that has waited longest makes room. Neither must those
//! that ask for much and read nothing of it.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How many connections may be open that have not said what they want.
///
/// A browser opens up to 255 WebSockets at once.
const MOST_WAITING: usize = 512;

/// How many connections may be open in all: every one of a large school, and a bound for this computer.
const MOST_OPEN: usize = 2048;

/// When all are taken, an answer of which nothing was read for so long gives its place to who comes.
const STALLED: Duration = Duration::from_secs(2);

/// When all are taken, so many answers are on their way to one home in any case. A browser has six at once, and a whole
/// class may be behind one address.
const MOST_OF_ONE_HOME: usize = 512;

/// The last 64 bits of an address of IPv6 are anybody's choice.
const HOME_BITS: u32 = 64;

/// Counts the connections of all ports.
pub struct Doorman {
    inner: Mutex<Inner>,
    began: Instant,
}

#[derive(Default)]
struct Inner {
    /// By the order in which they came, or began to wait again.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// Those to which an answer is on its way.
    answered: BTreeMap<u64, Arc<Place>>,
    next: u64,
    /// Without those that have to leave.
    staying: usize,
}

struct Place {
    leave: Arc<Notify>,
    home: IpAddr,
    /// When the other side last took something of its answer, in milliseconds since the doorman began.
    moved: AtomicU64,
}

/// One connection; dropped when it ends.
pub struct Visit {
    doorman: Arc<Doorman>,
    place: Arc<Place>,
    number: Mutex<Option<u64>>,
}

impl Default for Doorman {
    fn default() -> Self {
        Self {
            inner: Mutex::default(),
            began: Instant::now(),
        }
    }
}

impl Doorman {
    /// Lets a connection in, if need be in the place of one that waits, or does not read; `None` when all are busy.
    pub fn admit(self: &Arc<Self>, from: IpAddr) -> Option<Arc<Visit>> {
        let place = Arc::new(Place {
            leave: Arc::default(),
            home: home(from),
            moved: AtomicU64::new(self.now()),
        });
        let mut inner = self.lock();
        let is_full = inner.staying >= MOST_OPEN;
        if is_full && inner.waiting.is_empty() && !inner.send_reader_away(self.now()) {
            return None;
        }
        inner.staying += 1;
        let number = inner.wait(Arc::clone(&place.leave));
        while inner.waiting.len() > MOST_WAITING || inner.staying > MOST_OPEN {
            inner.send_oldest_away();
        }
        drop(inner);
        Some(Arc::new(Visit {
            doorman: Arc::clone(self),
            place,
            number: Mutex::new(Some(number)),
        }))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has one address has all of it.
fn home(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V4(_) => from,
        IpAddr::V6(address) => {
            let bits = u128::from(address) >> HOME_BITS << HOME_BITS;
            IpAddr::V6(Ipv6Addr::from(bits))
        }
    }
}

impl Inner {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn wait(&mut self, leave: Arc<Notify>) -> u64 {
        let number = self.number();
        self.waiting.insert(number, leave);
        number
    }

    /// Whether it was still there.
    fn take_out(&mut self, number: u64) -> bool {
        self.waiting.remove(&number).is_some() || self.answered.remove(&number).is_some()
    }

    fn send_oldest_away(&mut self) {
        if let Some((_, oldest)) = self.waiting.pop_first() {
            self.staying -= 1;
            oldest.notify_one();
        }
    }

    /// Of the home to which most answers are on their way, if these are very many; else of all. Whether one was.
    fn send_reader_away(&mut self, now: u64) -> bool {
        let mut homes = HashMap::<IpAddr, usize>::new();
        for place in self.answered.values() {
            *homes.entry(place.home).or_default() += 1;
        }
        let fullest = homes.into_iter().max_by_key(|(_, count)| *count);
        let crowded = fullest.filter(|(_, count)| *count > MOST_OF_ONE_HOME);
        let slowest = (self.answered.iter())
            .filter(|(_, place)| crowded.is_none_or(|(home, _)| home == place.home))
            .map(|(number, place)| (place.moved.load(Ordering::Relaxed), *number))
            .min();
        let Some((moved, number)) = slowest else {
            return false;
        };
        let is_stalled = u128::from(now.saturating_sub(moved)) >= STALLED.as_millis();
        if !is_stalled && crowded.is_none() {
            return false;
        }
        if let Some(place) = self.answered.remove(&number) {
            self.staying -= 1;
            place.leave.notify_one();
        }
        true
    }
}

impl Visit {
    /// The connection has said what it wants: it is not sent away for a new one any more.
    pub fn settle(&self) {
        let mut number = self.number();
        // One that had to leave a moment ago leaves.
        if number.is_some_and(|it| self.doorman.lock().take_out(it)) {
            *number = None;
        }
    }

    /// An answer is on its way to it: it is sent away if it does not read, and all places are taken.
    pub fn is_answered(&self) {
        let mut number = self.number();
        let mut inner = self.doorman.lock();
        if number.is_none_or(|it| inner.take_out(it)) {
            let next = inner.number();
            inner.answered.insert(next, Arc::clone(&self.place));
            *number = Some(next);
            self.moves();
        }
    }

    /// The other side took some of what is sent to it.
    pub fn moves(&self) {
        let now = self.doorman.now();
        self.place.moved.store(now, Ordering::Relaxed);
    }

    /// It got what it wanted and may ask for more.
    pub fn wait_again(&self) {
        let mut number = self.number();
        let mut inner = self.doorman.lock();
        if number.is_none_or(|it| inner.answered.remove(&it).is_some()) {
            *number = Some(inner.wait(Arc::clone(&self.place.leave)));
        }
    }

    /// Ends when the connection has to make room.
    pub async fn evicted(&self) {
        self.place.leave.notified().await;
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
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::{advance, timeout};

    use super::{Doorman, MOST_OF_ONE_HOME, MOST_OPEN, MOST_WAITING, STALLED, Visit, home};

    const SOMEBODY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn somebody(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    /// All places, by visits that read answers; so many of them come from one address.
    fn all_answered(doorman: &Arc<Doorman>, of_one_home: usize) -> Vec<Arc<Visit>> {
        (0..MOST_OPEN)
            .filter_map(|index| match index < of_one_home {
                true => doorman.admit(SOMEBODY),
                false => doorman.admit(somebody(index as u32)),
            })
            .inspect(|visit| visit.is_answered())
            .collect()
    }

    async fn was_sent_away(visit: &Visit) -> bool {
        timeout(Duration::ZERO, visit.evicted()).await.is_ok()
    }

    #[tokio::test]
    async fn the_oldest_that_says_nothing_makes_room() {
        let doorman = Arc::new(Doorman::default());
        let visits: Vec<_> = (0..=MOST_WAITING)
            .filter_map(|_| doorman.admit(SOMEBODY))
            .collect();

        assert_eq!(visits.len(), MOST_WAITING + 1);
        assert!(was_sent_away(&visits[0]).await);
        assert!(!was_sent_away(&visits[1]).await);
    }

    #[tokio::test]
    async fn a_settled_connection_stays_whoever_comes() {
        let doorman = Arc::new(Doorman::default());
        let client = doorman.admit(SOMEBODY).unwrap();
        client.settle();

        let flood: Vec<_> = (0..3 * MOST_OPEN)
            .filter_map(|_| doorman.admit(SOMEBODY))
            .collect();

        assert_eq!(flood.len(), 3 * MOST_OPEN);
        assert!(!was_sent_away(&client).await);
    }

    #[tokio::test]
    async fn when_all_are_busy_the_next_is_refused_until_one_goes() {
        let doorman = Arc::new(Doorman::default());
        let mut visits: Vec<_> = (0..MOST_OPEN)
            .filter_map(|_| doorman.admit(SOMEBODY).inspect(|visit| visit.settle()))
            .collect();
        assert_eq!(visits.len(), MOST_OPEN);
        assert!(doorman.admit(SOMEBODY).is_none());

        visits.pop();

        assert!(doorman.admit(SOMEBODY).is_some());
    }

    #[tokio::test]
    async fn one_that_waits_again_can_be_sent_away() {
        let doorman = Arc::new(Doorman::default());
        let page = doorman.admit(SOMEBODY).unwrap();
        page.settle();
        page.wait_again();

        let flood: Vec<_> = (0..MOST_WAITING)
            .filter_map(|_| doorman.admit(SOMEBODY))
            .collect();

        assert_eq!(flood.len(), MOST_WAITING);
        assert!(was_sent_away(&page).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_read_makes_room_when_all_places_are_taken() {
        let doorman = Arc::new(Doorman::default());
        let visits = all_answered(&doorman, 1);
        assert!(doorman.admit(SOMEBODY).is_none());

        advance(STALLED).await;
        visits[0].moves();

        assert!(doorman.admit(SOMEBODY).is_some());
        assert!(!was_sent_away(&visits[0]).await);
        assert!(was_sent_away(&visits[1]).await);
    }

    #[tokio::test(start_paused = true)]
    async fn one_home_does_not_have_all_places_however_it_reads() {
        let doorman = Arc::new(Doorman::default());
        let visits = all_answered(&doorman, MOST_OF_ONE_HOME + 1);
        advance(STALLED / 2).await;
        visits[0].moves();

        assert!(doorman.admit(somebody(1)).is_some());
        assert!(!was_sent_away(&visits[0]).await);
        assert!(was_sent_away(&visits[1]).await);
        visits[MOST_OPEN - 1].settle();
    }

    #[tokio::test]
    async fn who_has_got_the_answer_waits_as_before() {
        let doorman = Arc::new(Doorman::default());
        let page = doorman.admit(SOMEBODY).unwrap();
        page.is_answered();
        page.wait_again();
        page.is_answered();
        page.settle();
        drop(page);

        assert_eq!(doorman.lock().staying, 0);
        assert!(doorman.lock().answered.is_empty() && doorman.lock().waiting.is_empty());
    }

    #[test]
    fn an_address_of_ipv6_is_one_of_many_of_its_home() {
        let homes = ["2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"]
            .map(|address| home(address.parse().unwrap()));

        assert_eq!(homes[0], homes[1]);
        assert_ne!(homes[0], homes[2]);
    }
}
