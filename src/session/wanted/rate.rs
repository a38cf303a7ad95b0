//! The highest rate of messages: a token bucket.

use std::time::Duration;

use crate::session::wanted::options::PublishRate;

/// So many messages at once, and so many in each second after that.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    rate: PublishRate,
    /// How many messages may pass, in millionths, so that no fraction of one is lost.
    tokens: u64,
    filled_at: Duration,
}

const ONE: u64 = 1_000_000;

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(rate: PublishRate, now: Duration) -> Self {
        Self {
            rate,
            tokens: u64::from(rate.burst) * ONE,
            filled_at: now,
        }
    }

    pub(crate) const fn rate(&self) -> PublishRate {
        self.rate
    }

    /// Lets time pass.
    pub(crate) fn fill(&mut self, now: Duration) {
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
    pub(crate) fn skip(&mut self, now: Duration) {
        self.filled_at = self.filled_at.max(now);
    }

    /// When the next message may pass.
    pub(crate) fn next(&self) -> Duration {
        let missing = ONE.saturating_sub(self.tokens);
        let micros = missing.div_ceil(u64::from(self.rate.per_second).max(1));
        self.filled_at + Duration::from_micros(micros)
    }

    /// Whether one more message may pass now.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
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
    use crate::session::wanted::options::Excess;

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
