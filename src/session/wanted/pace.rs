//! The publish rate: which messages may be sent, and which ones wait.

use std::time::Duration;

use super::options::{Excess, PublishRate};
use super::queue::Queue;

/// Above this many bytes waiting in the socket, messages wait in the queue, where they are bounded.
const SOCKET_BYTES: usize = 1024 * 1024;

/// The same where a rate lets messages wait, also of what the server has not read yet: what is
/// published next is to arrive soon.
const PACED_SOCKET_BYTES: usize = 64 * 1024;

/// With such a rate, above this many bytes that may be sent already, messages wait as if they were
/// too fast. A burst of 200 short messages is far less.
const AHEAD_BYTES: usize = 256 * 1024;

/// The way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Road {
    /// There is no connection, or it is about to end.
    Closed,
    /// The socket has room.
    Free,
    /// The socket is full.
    Full,
}

/// How fast messages go. By default as fast as the network takes them.
#[derive(Debug, Default)]
pub(crate) struct Pace(Option<Bucket>);

impl Pace {
    /// Changes the rate at once.
    pub(crate) fn set(&mut self, rate: Option<PublishRate>, now: Duration) {
        if self.0.as_ref().map(|bucket| bucket.rate) != rate {
            self.0 = rate.map(|rate| Bucket::new(rate, now));
        }
    }

    /// Whether what is faster than the rate waits.
    pub(crate) fn lets_excess_wait(&self) -> bool {
        let bucket = self.0.as_ref();
        bucket.is_some_and(|bucket| bucket.rate.excess == Excess::Wait)
    }

    /// How many bytes may wait in the socket.
    pub(crate) fn socket_bytes(&self) -> usize {
        if self.lets_excess_wait() {
            PACED_SOCKET_BYTES
        } else {
            SOCKET_BYTES
        }
    }

    /// Whether one more message is within the rate. Behind bytes that take long to send, and behind
    /// what waits for the rate already, none is.
    pub(crate) fn takes(&mut self, queue: &mut Queue, now: Duration, road: Road) -> bool {
        self.admit(queue, now, road);
        !self.is_far_ahead(queue, road) && !queue.has_excess() && self.take(now)
    }

    /// Lets messages go that waited for the rate. While the socket is full the rate earns nothing:
    /// else what waits would grow where the network is slower than the rate.
    pub(crate) fn admit(&mut self, queue: &mut Queue, now: Duration, road: Road) {
        let waits = self.lets_excess_wait();
        match self.0.as_mut() {
            None => while queue.admit() {},
            Some(bucket) if waits && road == Road::Full => bucket.skip(now),
            Some(_) => {}
        }
        while queue.has_excess() && !self.is_far_ahead(queue, road) && self.take(now) {
            queue.admit();
        }
    }

    /// When the next message that waits may go.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.as_ref().map(Bucket::next)
    }

    fn take(&mut self, now: Duration) -> bool {
        self.0.as_mut().is_none_or(|bucket| bucket.take(now))
    }

    /// Whether more bytes wait for the socket than a network sends in a moment.
    fn is_far_ahead(&self, queue: &Queue, road: Road) -> bool {
        let is_up = road != Road::Closed;
        is_up && self.lets_excess_wait() && queue.admitted_bytes() >= AHEAD_BYTES
    }
}

/// So many messages at once, and so many in each second after that.
#[derive(Clone, Debug)]
struct Bucket {
    rate: PublishRate,
    /// How many messages may pass, in millionths, so that no fraction of one is lost.
    tokens: u64,
    filled_at: Duration,
}

const ONE: u64 = 1_000_000;

impl Bucket {
    /// A full bucket.
    fn new(rate: PublishRate, now: Duration) -> Self {
        Self {
            rate,
            tokens: u64::from(rate.burst) * ONE,
            filled_at: now,
        }
    }

    /// Lets time pass.
    fn fill(&mut self, now: Duration) {
        // Whole microseconds, and the rest of one is kept for the next time.
        let elapsed = now.saturating_sub(self.filled_at);
        let micros = elapsed.as_secs().saturating_mul(ONE) + u64::from(elapsed.subsec_micros());
        self.filled_at += Duration::from_micros(micros);
        let fresh = micros.saturating_mul(u64::from(self.rate.per_second));
        self.tokens = self
            .tokens
            .saturating_add(fresh)
            .min(u64::from(self.rate.burst) * ONE);
    }

    /// Lets time pass that earns nothing, because nothing could be sent in it.
    fn skip(&mut self, now: Duration) {
        self.filled_at = self.filled_at.max(now);
    }

    /// When the next message may pass.
    fn next(&self) -> Duration {
        let missing = ONE.saturating_sub(self.tokens);
        let micros = missing.div_ceil(u64::from(self.rate.per_second).max(1));
        self.filled_at + Duration::from_micros(micros)
    }

    /// Whether one more message may pass now.
    fn take(&mut self, now: Duration) -> bool {
        self.fill(now);
        match self.tokens.checked_sub(ONE) {
            Some(left) => {
                self.tokens = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(bucket: &mut Bucket, tries: u32, now: Duration) -> usize {
        (0..tries).filter(|_| bucket.take(now)).count()
    }

    #[test]
    fn burst_passes_and_then_the_rate() {
        let mut bucket = Bucket::new(
            PublishRate {
                per_second: 20,
                burst: 40,
                excess: Excess::Refuse,
            },
            Duration::ZERO,
        );

        assert_eq!(passed(&mut bucket, 100, Duration::ZERO), 40);
        assert_eq!(passed(&mut bucket, 100, Duration::from_secs(1)), 20);
        assert_eq!(passed(&mut bucket, 100, Duration::from_millis(1050)), 1);
        assert_eq!(passed(&mut bucket, 100, Duration::from_secs(3600)), 40);
    }

    #[test]
    fn next_is_when_one_more_passes() {
        let rate = PublishRate {
            per_second: 3,
            burst: 1,
            excess: Excess::Wait,
        };
        let mut bucket = Bucket::new(rate, Duration::ZERO);
        assert!(bucket.take(Duration::ZERO));

        let next = bucket.next();

        assert!(!bucket.take(next - Duration::from_micros(1)));
        assert!(bucket.take(next));
    }

    #[test]
    fn skipped_time_earns_nothing() {
        let rate = PublishRate {
            per_second: 20,
            burst: 1,
            excess: Excess::Wait,
        };
        let mut bucket = Bucket::new(rate, Duration::ZERO);
        assert!(bucket.take(Duration::ZERO));

        bucket.skip(Duration::from_secs(9));

        assert!(!bucket.take(Duration::from_secs(9)));
        assert!(bucket.take(Duration::from_millis(9050)));
    }

    #[test]
    fn many_small_steps_count_as_much_as_one() {
        let mut bucket = Bucket::new(
            PublishRate {
                per_second: 3,
                burst: 2,
                excess: Excess::Refuse,
            },
            Duration::ZERO,
        );
        passed(&mut bucket, 2, Duration::ZERO);

        let steps = (1..=10_000_u64).map(Duration::from_millis);

        assert_eq!(steps.filter(|now| bucket.take(*now)).count(), 30);
    }
}
