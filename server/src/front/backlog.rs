//! What waits for a client that reads more slowly than the broker writes.
//!
//! The broker hands out everything at once, so that nothing piles up inside it. Here the bytes are
//! counted. Beyond the bound, what may be lost is lost (QoS 0); a client for which more than that
//! waits is ended, and finds the rest in its session, if it keeps one.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use axum::body::Bytes;
use tokio::sync::Notify;

use crate::front::packets::FixedHeader;

/// Bytes that wait for one client before messages of QoS 0 to it are dropped.
pub const MOST_FOR_ONE: usize = 1024 * 1024;

/// Bytes that wait for one client before it is ended: what QoS 1 and 2 have in flight comes on top.
pub const MOST_IN_FLIGHT: usize = 4 * MOST_FOR_ONE;

/// Bytes that wait for all clients before messages of QoS 0 are dropped to those that are behind.
pub const MOST_FOR_ALL: usize = 64 * 1024 * 1024;

/// What is handed to the system in one go.
const BATCH_BYTES: usize = 64 * 1024;

/// A client that has less than this waiting is not behind, however much others have.
const NOT_BEHIND: usize = BATCH_BYTES;

/// Between whoever reads from the broker and whoever writes to the client: one task, which looks first for what came,
/// then for what is to be sent. So nobody is woken by what is added, and no turn is lost.
pub struct Backlog {
    inner: Mutex<Inner>,
    /// Something was sent.
    lighter: Notify,
    all: Arc<AtomicUsize>,
}

#[derive(Default)]
struct Inner {
    /// Small packets share a batch: each on its own would take ten times its size.
    batches: VecDeque<Vec<u8>>,
    /// Those of the batches, and those given out that are not sent yet.
    bytes: usize,
    ended: bool,
}

/// More waits than may be lost.
#[derive(Debug, PartialEq, Eq)]
pub struct TooSlow;

impl Backlog {
    /// `all` counts the bytes of all clients.
    pub fn new(all: Arc<AtomicUsize>) -> Self {
        Self {
            inner: Mutex::default(),
            lighter: Notify::new(),
            all,
        }
    }

    /// Adds a whole packet, or drops it.
    pub fn push(&self, header: FixedHeader, packet: &[u8]) -> Result<(), TooSlow> {
        let mut inner = self.lock();
        let then = inner.bytes + packet.len();
        let all = self.all.load(Ordering::Relaxed) + packet.len();
        let is_behind = then > MOST_FOR_ONE || (all > MOST_FOR_ALL && inner.bytes > NOT_BEHIND);
        // A packet of any size that may be sent at all goes to a client that has nothing waiting.
        if is_behind && inner.bytes > 0 {
            if header.is_at_most_once() {
                return Ok(());
            }
            if then > MOST_IN_FLIGHT || all > 2 * MOST_FOR_ALL {
                return Err(TooSlow);
            }
        }
        inner.bytes = then;
        self.all.fetch_add(packet.len(), Ordering::Relaxed);
        inner.add(packet);
        Ok(())
    }

    /// Waits until a packet of this size is not too much for the client.
    pub async fn room(&self, size: usize) {
        loop {
            let waiting = self.lock().bytes;
            if waiting == 0 || waiting + size <= MOST_FOR_ONE {
                return;
            }
            self.lighter.notified().await;
        }
    }

    /// Nothing will be added.
    pub fn end(&self) {
        self.lock().ended = true;
    }

    /// The next bytes to send, counted until `sent`; `None` when all were taken and the end was said.
    pub async fn next(&self) -> Option<Bytes> {
        poll_fn(|_| {
            let mut inner = self.lock();
            match inner.batches.pop_front() {
                Some(batch) => Poll::Ready(Some(Bytes::from(batch))),
                None if inner.ended => Poll::Ready(None),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// The bytes that `next` gave are with the system.
    pub fn sent(&self, bytes: usize) {
        self.lock().bytes -= bytes;
        self.lighter.notify_one();
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn add(&mut self, packet: &[u8]) {
        match self.batches.back_mut() {
            Some(last) if last.len() + packet.len() <= BATCH_BYTES => {
                last.extend_from_slice(packet)
            }
            Some(_) | None => self.batches.push_back(packet.to_vec()),
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        let left = self.lock().bytes;
        self.all.fetch_sub(left, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::{Backlog, MOST_FOR_ALL, MOST_FOR_ONE, MOST_IN_FLIGHT, TooSlow};
    use crate::front::packets::{FixedHeader, Header};

    const QOS_0: u8 = 0x30;
    const QOS_1: u8 = 0x32;
    const KB: usize = 1024;

    fn header(first: u8) -> FixedHeader {
        match Header::read(&[first, 0]) {
            Header::Whole(header) => header,
            other => panic!("{other:?}"),
        }
    }

    fn push(backlog: &Backlog, first: u8, size: usize) -> Result<(), TooSlow> {
        backlog.push(header(first), &vec![first; size])
    }

    #[tokio::test]
    async fn what_waits_comes_out_in_order_and_together() {
        let backlog = Backlog::new(Arc::default());
        for size in [1, 2, 3] {
            push(&backlog, QOS_1, size).unwrap();
        }
        backlog.end();

        assert_eq!(backlog.next().await.map(|batch| batch.len()), Some(6));
        backlog.sent(6);
        assert_eq!(backlog.next().await, None);
    }

    #[tokio::test]
    async fn messages_that_may_be_lost_are_dropped_beyond_the_bound() {
        let all = Arc::new(AtomicUsize::new(0));
        let backlog = Backlog::new(Arc::clone(&all));

        for _ in 0..3000 {
            push(&backlog, QOS_0, 10 * KB).unwrap();
        }

        let waiting = all.load(Ordering::Relaxed);
        assert!(waiting <= MOST_FOR_ONE && waiting > MOST_FOR_ONE - 10 * KB);
        drop(backlog);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn there_is_room_again_when_something_was_sent() {
        let backlog = Backlog::new(Arc::default());
        push(&backlog, QOS_0, MOST_FOR_ONE).unwrap();
        let is_there = async || timeout(Duration::ZERO, backlog.room(1)).await.is_ok();
        assert!(!is_there().await);

        let batch = backlog.next().await.unwrap();
        backlog.sent(batch.len());

        assert!(is_there().await);
    }

    #[tokio::test]
    async fn a_client_for_which_too_much_waits_that_must_not_be_lost_is_ended() {
        let backlog = Backlog::new(Arc::default());
        let taken = (0..1000)
            .take_while(|_| push(&backlog, QOS_1, 10 * KB).is_ok())
            .count();

        assert_eq!(taken, MOST_IN_FLIGHT / (10 * KB));
    }

    #[tokio::test]
    async fn when_all_have_too_much_only_those_behind_lose() {
        let backlog = Backlog::new(Arc::new(AtomicUsize::new(MOST_FOR_ALL)));
        push(&backlog, QOS_0, 100 * KB).unwrap();
        push(&backlog, QOS_0, 100 * KB).unwrap();

        assert_eq!(
            backlog.next().await.map(|batch| batch.len()),
            Some(100 * KB)
        );
        backlog.sent(100 * KB);
        backlog.end();
        assert_eq!(backlog.next().await, None);
    }

    #[tokio::test]
    async fn a_large_message_goes_to_a_client_that_keeps_up() {
        let backlog = Backlog::new(Arc::default());

        push(&backlog, QOS_0, 2 * MOST_FOR_ONE).unwrap();

        let next = backlog.next().await.map(|batch| batch.len());
        assert_eq!(next, Some(2 * MOST_FOR_ONE));
    }
}
