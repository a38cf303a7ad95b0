//! The codec as a whole: bytes in, packets out, and back.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

#[path = "../wire/mod.rs"]
mod wire;

mod encoding;
