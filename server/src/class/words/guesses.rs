//! How often somebody may say a wrong word.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How often an address may say a wrong word at once, and how long until it may once more. Of the words of a class half
/// are tried after 91 hours.
pub const MOST_GUESSES: u32 = 10;
pub const NEXT_GUESS: Duration = Duration::from_secs(10);

/// So many wrong words of an address are known again. A program that says the last lesson's for ever does not use up
/// what the others behind the same address may try.
const MOST_REMEMBERED: usize = 16;

/// How many addresses that guessed lately are told apart; all further ones are one.
pub const MOST_ADDRESSES: usize = 1024;

/// Of one address.
pub struct Guesses {
    pub left: u32,
    since: Instant,
    /// Marks of the last wrong words.
    pub wrong: Vec<u64>,
}

impl Guesses {
    pub fn new(since: Instant) -> Self {
        Self {
            left: MOST_GUESSES,
            since,
            wrong: Vec::new(),
        }
    }

    pub fn count_wrong(&mut self, mark: u64) {
        self.left = self.left.saturating_sub(1);
        if self.wrong.len() >= MOST_REMEMBERED {
            self.wrong.remove(0);
        }
        self.wrong.push(mark);
    }

    pub fn refill(&mut self, now: Instant) {
        let more = now.duration_since(self.since).as_secs() / NEXT_GUESS.as_secs();
        if more > 0 {
            self.left = self.left.saturating_add(more as u32).min(MOST_GUESSES);
            self.since = now;
        }
    }
}

/// Those who may guess as often as if they never had make room.
pub fn key(
    guesses: &mut BTreeMap<Option<IpAddr>, Guesses>,
    from: IpAddr,
    now: Instant,
) -> Option<IpAddr> {
    if guesses.len() >= MOST_ADDRESSES && !guesses.contains_key(&Some(from)) {
        guesses.retain(|_, one| {
            one.refill(now);
            one.left < MOST_GUESSES
        });
    }
    let is_counted = guesses.len() < MOST_ADDRESSES || guesses.contains_key(&Some(from));
    is_counted.then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_guess_comes_with_time() {
        let begun = Instant::now();
        let mut guesses = Guesses {
            left: 0,
            ..Guesses::new(begun)
        };

        guesses.refill(begun + NEXT_GUESS / 2);
        assert_eq!(guesses.left, 0);
        guesses.refill(begun + NEXT_GUESS);
        assert_eq!(guesses.left, 1);
        guesses.refill(begun + 1000 * NEXT_GUESS);
        assert_eq!(guesses.left, MOST_GUESSES);
    }
}
