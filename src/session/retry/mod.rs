//! Whether, when and where to try again.

pub(crate) mod backoff;
pub(crate) mod evidence;
pub(crate) mod hosts;
pub(crate) mod race;
pub(crate) mod severity;
pub(crate) mod versions;

use backoff::Backoff;
use evidence::Evidence;
use versions::Versions;

/// What is known from one attempt to the next.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    pub(crate) backoff: Backoff,
    /// What each address speaks.
    pub(crate) versions: Versions,
    /// Which of the options' addresses is tried first.
    pub(crate) first_address: usize,
    pub(crate) has_connected: bool,
    /// What the ends of the last connections say about what was sent.
    pub(crate) evidence: Evidence,
}

impl Retry {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            backoff: Backoff::new(seed),
            ..Self::default()
        }
    }
}
