//! What lives with the server's session.

pub(crate) mod in_flight;
pub(crate) mod journal;
pub(crate) mod packet_ids;
pub(crate) mod restore;
