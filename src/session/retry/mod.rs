//! Whether, when and where to try again.

pub(crate) mod backoff;
pub(crate) mod evidence;
pub(crate) mod race;
pub(crate) mod severity;
pub(crate) mod versions;
