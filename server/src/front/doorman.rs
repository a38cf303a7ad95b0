//! How many connections may be open, and which one goes when a new one comes.
//!
//! A connection that has not said yet what it wants costs nothing to open, so a flood of them must
//! not keep out those that come with a request: the one that has waited longest makes room. Neither must those
//! that ask for much and read nothing of it, or one computer with very many clients.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::front::home::home;

/// How many connections may be open that have not said what they want.
///
/// A browser opens up to 255 WebSockets at once.
const MOST_WAITING: usize = 512;

/// How many connections may be open in all: every one of a large school, and a bound for this computer.
const MOST_OPEN: usize = 2048;

/// So many descriptors are left for the files of the lesson, and for what listens.
const OTHER_DESCRIPTORS: usize = 64;

/// When all are taken, an answer of which nothing was read for so long gives its place to who comes.
const STALLED: Duration = Duration::from_secs(2);

/// When all are taken, so many answers are on their way to one home in any case. A browser has six at once, and a whole
/// class may be behind one address.
const MOST_OF_ONE_HOME: usize = 512;

/// When all are taken, whoever comes from a home that has fewer gets the place of one of its clients. A home with no more
/// than these keeps them.
const MOST_CLIENTS_OF_ONE_HOME: usize = 64;

/// Counts the connections of all ports.
pub struct Doorman {
    inner: Mutex<Inner>,
    began: Instant,
    most_open: usize,
}

#[derive(Default)]
struct Inner {
    /// By the order in which they came, or began to wait again.
    waiting: BTreeMap<u64, Arc<Notify>>,
    /// Those to which an answer is on its way.
    answered: BTreeMap<u64, Arc<Place>>,
    /// Those of clients, by the order in which they said who they are.
    clients: BTreeMap<u64, Arc<Place>>,
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

impl Doorman {
    /// For a program that may have so many descriptors: one is for each connection.
    pub fn of(descriptors: u64) -> Self {
        let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
        Self {
            inner: Mutex::default(),
            began: Instant::now(),
            most_open: MOST_OPEN.min(descriptors.saturating_sub(OTHER_DESCRIPTORS)),
        }
    }

    /// Lets a connection in, if need be in the place of one that waits, or does not read; `None` when all are busy.
    pub fn admit(self: &Arc<Self>, from: IpAddr) -> Option<Arc<Visit>> {
        let place = Arc::new(Place {
            leave: Arc::default(),
            home: home(from),
            moved: AtomicU64::new(self.now()),
        });
        let mut inner = self.lock();
        let is_full = inner.staying >= self.most_open && inner.waiting.is_empty();
        if is_full && !inner.send_reader_away(self.now()) && !inner.send_client_away(place.home) {
            return None;
        }
        inner.staying += 1;
        let number = inner.wait(Arc::clone(&place.leave));
        while inner.waiting.len() > MOST_WAITING || inner.staying > self.most_open {
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
        self.waiting.remove(&number).is_some() || self.take_out_busy(number)
    }

    fn take_out_busy(&mut self, number: u64) -> bool {
        self.answered.remove(&number).is_some() || self.clients.remove(&number).is_some()
    }

    fn send_oldest_away(&mut self) {
        if let Some((_, oldest)) = self.waiting.pop_first() {
            self.staying -= 1;
            oldest.notify_one();
        }
    }

    /// Of the home to which most answers are on their way, if these are very many; else of all. Whether one was.
    fn send_reader_away(&mut self, now: u64) -> bool {
        let homes = homes_of(&self.answered);
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

    /// The last one of the home that has most, for one who comes from another. Whether there is such a home.
    fn send_client_away(&mut self, comes_from: IpAddr) -> bool {
        let homes = homes_of(&self.clients);
        let own = homes.get(&comes_from).copied().unwrap_or_default();
        let Some((fullest, count)) = homes.into_iter().max_by_key(|(_, count)| *count) else {
            return false;
        };
        if count <= own.max(MOST_CLIENTS_OF_ONE_HOME) {
            return false;
        }
        let mut latest = self.clients.iter().rev();
        let Some((&number, _)) = latest.find(|(_, place)| place.home == fullest) else {
            return false;
        };
        if let Some(place) = self.clients.remove(&number) {
            self.staying -= 1;
            place.leave.notify_one();
        }
        true
    }
}

/// How many each home has.
fn homes_of(places: &BTreeMap<u64, Arc<Place>>) -> HashMap<IpAddr, usize> {
    let mut homes = HashMap::new();
    for place in places.values() {
        *homes.entry(place.home).or_default() += 1;
    }
    homes
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

    /// A client has said who it is: it stays, unless all places are taken and its home has very many.
    pub fn is_client(&self) {
        let mut number = self.number();
        let mut inner = self.doorman.lock();
        if number.is_none_or(|it| inner.take_out(it)) {
            let next = inner.number();
            inner.clients.insert(next, Arc::clone(&self.place));
            *number = Some(next);
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
        if number.is_none_or(|it| inner.take_out_busy(it)) {
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

    use super::{
        Doorman, MOST_CLIENTS_OF_ONE_HOME, MOST_OF_ONE_HOME, MOST_OPEN, MOST_WAITING,
        OTHER_DESCRIPTORS, STALLED, Visit,
    };

    const SOMEBODY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn doorman() -> Arc<Doorman> {
        Arc::new(Doorman::of(u64::MAX))
    }

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
        let doorman = doorman();
        let visits: Vec<_> = (0..=MOST_WAITING)
            .filter_map(|_| doorman.admit(SOMEBODY))
            .collect();

        assert_eq!(visits.len(), MOST_WAITING + 1);
        assert!(was_sent_away(&visits[0]).await);
        assert!(!was_sent_away(&visits[1]).await);
    }

    #[tokio::test]
    async fn a_settled_connection_stays_whoever_comes() {
        let doorman = doorman();
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
        let doorman = doorman();
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
        let doorman = doorman();
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
        let doorman = doorman();
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
        let doorman = doorman();
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
        let doorman = doorman();
        let page = doorman.admit(SOMEBODY).unwrap();
        page.is_answered();
        page.wait_again();
        page.is_answered();
        page.settle();
        drop(page);

        assert_eq!(doorman.lock().staying, 0);
        assert!(doorman.lock().answered.is_empty() && doorman.lock().waiting.is_empty());
    }

    /// As `all_answered`, by clients.
    fn all_clients(doorman: &Arc<Doorman>, of_one_home: usize) -> Vec<Arc<Visit>> {
        all_answered(doorman, of_one_home)
            .into_iter()
            .inspect(|visit| visit.is_client())
            .collect()
    }

    #[tokio::test]
    async fn one_home_with_very_many_clients_makes_room_for_another() {
        let doorman = doorman();
        let visits = all_clients(&doorman, MOST_CLIENTS_OF_ONE_HOME + 1);
        assert!(doorman.admit(SOMEBODY).is_none());

        let new = doorman.admit(somebody(1)).unwrap();
        new.is_client();

        assert!(was_sent_away(&visits[MOST_CLIENTS_OF_ONE_HOME]).await);
        assert!(doorman.admit(somebody(2)).is_none());
        drop((visits, new));
        assert_eq!(doorman.lock().staying, 0);
        assert!(doorman.lock().clients.is_empty());
    }

    #[tokio::test]
    async fn a_client_that_is_ended_waits_as_before() {
        let doorman = doorman();
        let visit = doorman.admit(SOMEBODY).unwrap();
        visit.is_client();

        visit.wait_again();

        assert!(doorman.lock().clients.is_empty());
        assert_eq!(doorman.lock().waiting.len(), 1);
    }

    #[tokio::test]
    async fn nobody_is_let_in_without_a_descriptor() {
        let doorman = Arc::new(Doorman::of(OTHER_DESCRIPTORS as u64 + 2));
        let visits: Vec<_> = (0..2).filter_map(|_| doorman.admit(SOMEBODY)).collect();
        visits[1].settle();

        assert!(doorman.admit(SOMEBODY).is_some());
        assert!(was_sent_away(&visits[0]).await);
    }
}
