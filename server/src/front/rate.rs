//! How fast one client may publish: so many messages a second, and as many as in two seconds at once.

use std::time::Duration;

use tokio::time::Instant;

/// How many seconds' messages may come at once, after a rest.
const BURST_SECONDS: u32 = 2;

/// A bucket of tokens, kept as the moment at which it would be full again.
pub struct Rate {
    /// Between two messages; zero without a bound.
    interval: Duration,
    burst: Duration,
    full_at: Option<Instant>,
}

impl Rate {
    /// 0: no bound.
    pub fn of(messages_per_second: u32) -> Self {
        let interval = Duration::from_secs(1)
            .checked_div(messages_per_second)
            .unwrap_or_default();
        let after_first = messages_per_second
            .saturating_mul(BURST_SECONDS)
            .saturating_sub(1);
        Self {
            interval,
            burst: interval * after_first,
            full_at: None,
        }
    }

    /// Whether one more message may pass now; then it has.
    pub fn passes(&mut self, now: Instant) -> bool {
        if !self.wait(now).is_zero() {
            return false;
        }
        let full_at = self.full_at.map_or(now, |full_at| full_at.max(now));
        self.full_at = Some(full_at + self.interval);
        true
    }

    /// How long until the next message may pass.
    pub fn wait(&self, now: Instant) -> Duration {
        let missing = (self.full_at).map_or(Duration::ZERO, |full_at| {
            full_at.saturating_duration_since(now)
        });
        missing.saturating_sub(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::Rate;

    fn passed(rate: &mut Rate) -> usize {
        (0..1000)
            .take_while(|_| rate.passes(Instant::now()))
            .count()
    }

    #[tokio::test(start_paused = true)]
    async fn two_seconds_come_at_once_and_then_so_many_a_second() {
        let mut rate = Rate::of(50);
        assert_eq!(passed(&mut rate), 100);
        assert_eq!(rate.wait(Instant::now()), Duration::from_millis(20));

        advance(Duration::from_secs(1)).await;
        assert_eq!(passed(&mut rate), 50);

        advance(Duration::from_secs(60)).await;
        assert_eq!(passed(&mut rate), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_bound_everything_passes() {
        assert_eq!(passed(&mut Rate::of(0)), 1000);
    }
}
