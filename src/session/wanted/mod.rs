//! What lives with the page.

pub(crate) mod options;
pub(crate) mod pace;
pub(crate) mod queue;
pub(crate) mod rate;
