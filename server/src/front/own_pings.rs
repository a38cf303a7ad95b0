//! Pings that keep a client alive while what it sent is held.

use std::sync::atomic::{AtomicUsize, Ordering};

/// PINGREQs that the client did not send, and so must not have an answer to. [MQTT-3.13]
#[derive(Default)]
pub struct OwnPings(AtomicUsize);

impl OwnPings {
    pub fn sends(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// The broker answers a PINGREQ: whether this one is not for the client. One answer is like another.
    pub fn is_answered(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        (self.0)
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }
}
