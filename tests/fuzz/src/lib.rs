//! What strangers can put into the program: bytes of a server, addresses that somebody typed, records of a store.
//!
//! `npm test` replays the inputs that are stored in `__fuzz__`, each of which reaches code that no other one does.
//! `npm run fuzz:guided` looks for more of them, and for failures, with libFuzzer: it follows the branches of the
//! program, where `tests/codec/fuzz.rs` and the histories of `tests/protocol` try what chance gives.

#![cfg(test)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "../../codec/opinions/mod.rs"]
mod opinions;
#[path = "../../wire/mod.rs"]
mod wire;

mod address;
mod corpus;
mod decoder;
mod input;
mod records;
mod session;
