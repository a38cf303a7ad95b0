//! The delay before the next attempt.

use std::time::Duration;

/// The shortest delay: a broker that restarts needs a moment.
const SHORTEST: Duration = Duration::from_millis(250);
/// The shortest delay after a doubtful failure.
const SHORTEST_SLOW: Duration = Duration::from_secs(5);
/// The longest delay after a doubtful failure, before chance shortens it.
const LONGEST_SLOW: Duration = Duration::from_secs(60);
/// What the first delay is drawn from; it doubles with each failure.
const FIRST: Duration = Duration::from_secs(1);
/// After so many, the delay is longer than any that can be chosen.
const MOST_DOUBLINGS: u32 = 12;
/// Where the doubling starts after a doubtful failure.
const SLOW_START: u32 = 3;

/// Exponential backoff with full jitter: thirty laptops that lose one broker in the same second
/// must not come back in the same second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    chance: u64,
}

impl Backoff {
    /// The seed decides all delays to come; give each page its own.
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            chance: seed,
        }
    }

    /// Called when a connection proved to last.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Called when the cause of the last failures was found.
    pub(crate) fn ease(&mut self) {
        self.failures = self.failures.min(1);
    }

    /// How many failures came since the last lasting connection.
    pub(crate) const fn failures(&self) -> u32 {
        self.failures
    }

    /// The delay after one more failure, up to the longest that was chosen. What seldom
    /// passes by itself is not tried sooner because somebody is in a hurry.
    pub(crate) fn next_delay(&mut self, slow: bool, chosen: Duration) -> Duration {
        let (exponent, shortest, most) = if slow {
            let exponent = self.failures.max(SLOW_START);
            (exponent, SHORTEST_SLOW, chosen.max(LONGEST_SLOW))
        } else {
            (self.failures, SHORTEST, chosen)
        };
        self.failures = exponent.saturating_add(1);
        let longest = FIRST.saturating_mul(1 << exponent.min(MOST_DOUBLINGS));
        let longest = longest.min(most);
        // Slow means slow: chance shortens it by a half at most.
        let shortest = if slow {
            shortest.max(longest / 2)
        } else {
            shortest
        };
        Duration::from_micros(self.random_up_to(longest)).max(shortest)
    }

    /// A number by chance.
    pub(crate) fn number(&mut self) -> u16 {
        (self.random_up_to(LONGEST_SLOW) & 0xFFFF) as u16
    }

    /// A number of microseconds from 0 to this long, by the SplitMix64 generator.
    fn random_up_to(&mut self, longest: Duration) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // An hour is 32 bits of microseconds, so the product with 32 bits of chance fits.
        let longest = longest.as_secs() * 1_000_000 + u64::from(longest.subsec_micros());
        ((mixed >> 32) * longest) >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_what_was_chosen_and_differ_by_seed() {
        for seed in 0..200 {
            let mut backoff = Backoff::new(seed);
            for failure in 0..14 {
                let longest = Duration::from_secs((1_u64 << failure).min(3_600));

                let delay = backoff.next_delay(false, Duration::from_secs(3_600));

                assert!(
                    delay >= SHORTEST && delay <= longest,
                    "{failure}: {delay:?}"
                );
            }
        }
        let first = |seed| Backoff::new(seed).next_delay(false, LONGEST_SLOW);
        assert_ne!(first(1), first(2));
    }

    /// The answers of the reference implementation for this seed, of each the upper half.
    #[test]
    fn chance_is_that_of_splitmix64() {
        let answers: [u64; 4] = [
            0xE220_A839_7B1D_CDAF,
            0x6E78_9E6A_A1B9_65F4,
            0x06C4_5D18_8009_454F,
            0xF88B_B8A8_724C_81EC,
        ];
        let mut backoff = Backoff::new(0);

        let drawn = answers.map(|_| backoff.random_up_to(Duration::from_micros(1 << 32)));

        assert_eq!(drawn, answers.map(|answer| answer >> 32));
    }

    #[test]
    fn slow_delays_start_at_five_seconds() {
        for seed in 0..200 {
            let delay = Backoff::new(seed).next_delay(true, Duration::from_secs(1));

            assert!(
                delay >= SHORTEST_SLOW && delay <= Duration::from_secs(8),
                "{delay:?}"
            );
        }
    }
}
