//! The session on simulated time: every rule of MQTT 3.1.1 and 5.0 that binds a client, and our policies.
//!
//! Each test cites the statement that it proves. `Pair` is the only harness.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

#[path = "../wire/mod.rs"]
mod wire;

mod pair;

#[cfg(not(target_arch = "wasm32"))]
mod properties;

mod answers;
mod budgets;
mod connect;
mod culprits;
mod disconnect;
mod drain;
mod hostile;
mod hosts;
mod keep;
mod keep_alive;
mod keep_damaged;
mod keep_receiving;
mod negotiation;
mod overlapping;
mod pace;
mod publish;
mod queue;
mod race;
mod receive;
mod reconnect;
mod refusals;
mod resend;
mod resume;
mod subscribe;
mod v5_connect;
mod v5_delivery;
mod v5_kept;
mod v5_messages;
mod v5_resume;
mod v5_retained;
mod v5_rules;

// The same tests run in a browser: `wasm-pack test --headless --chrome`.
#[cfg(not(target_arch = "wasm32"))]
pub use core::prelude::v1::test;
#[cfg(target_arch = "wasm32")]
pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
