//! Room for what the broker copies of the retained messages when somebody subscribes.
//!
//! It asks for each filter of a SUBSCRIBE whether the client may have it, and copies all that match when it has asked for the
//! last. So what is granted counts as used for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::memory::{self, Pressure};

/// A copy of so little is made however short memory is: who stalls with much must not keep out those who want little.
const LITTLE: usize = 64 * 1024;

/// How long it takes at most from the last grant until the copies are made: the session goes to the disk in between.
const COPY_TIME: Duration = Duration::from_secs(1);

/// How long somebody waits for room, in turns.
const TURN: Duration = Duration::from_millis(50);
const TURNS: usize = 40;

/// What is granted, and what the broker may not have copied yet, by client.
#[derive(Default)]
pub struct Copies(Mutex<HashMap<String, Grant>>);

struct Grant {
    bytes: usize,
    until: Instant,
}

impl Copies {
    /// Whether there is room for so many bytes, at once or, for a client that has no grant yet, soon.
    pub async fn grant(&self, client_id: &str, bytes: usize) -> bool {
        if bytes <= LITTLE {
            return memory::pressure() != Pressure::TooMuch;
        }
        for _ in 0..TURNS {
            if self.adds(client_id, bytes) {
                return true;
            }
            if self.lock().contains_key(client_id) {
                return false;
            }
            sleep(TURN).await;
        }
        false
    }

    fn adds(&self, client_id: &str, bytes: usize) -> bool {
        let now = Instant::now();
        let mut grants = self.lock();
        grants.retain(|_, grant| grant.until > now);
        let granted: usize = grants.values().map(|grant| grant.bytes).sum();
        if !memory::has_room(granted + bytes) {
            return false;
        }
        let before = grants.get(client_id).map_or(0, |grant| grant.bytes);
        let grant = Grant {
            bytes: before + bytes,
            until: now + COPY_TIME,
        };
        grants.insert(client_id.to_string(), grant);
        true
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Grant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{COPY_TIME, Copies};

    const MB: usize = 1024 * 1024;

    #[tokio::test(start_paused = true)]
    async fn what_is_granted_takes_room_until_it_is_copied() {
        let copies = Copies::default();
        let began = Instant::now();

        assert!(copies.grant("one", 80 * MB).await);
        assert!(began.elapsed().is_zero());
        assert!(copies.grant("two", 80 * MB).await);
        assert!(began.elapsed() >= COPY_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_itself() {
        let copies = Copies::default();
        let began = Instant::now();

        assert!(copies.grant("one", 40 * MB).await);
        assert!(copies.grant("one", 40 * MB).await);
        assert!(!copies.grant("one", 80 * MB).await);
        assert!(began.elapsed().is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_fits_is_refused_and_takes_no_room() {
        let copies = Copies::default();

        assert!(!copies.grant("one", 1000 * MB).await);
        assert!(copies.grant("one", 80 * MB).await);
    }

    #[tokio::test(start_paused = true)]
    async fn little_needs_no_room() {
        let copies = Copies::default();
        assert!(copies.grant("one", 120 * MB).await);
        let began = Instant::now();

        assert!(copies.grant("two", 1000).await);
        assert!(began.elapsed().is_zero());
    }
}
