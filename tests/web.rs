//! The browser half in a real browser: `wasm-pack test --headless --chrome -- --features browser`.
#![cfg(all(target_arch = "wasm32", feature = "browser"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not take wasm_bindgen_test for a test"
)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "web/border.rs"]
mod border;
#[cfg(feature = "_test-broker")]
#[path = "web/broker.rs"]
mod broker;
#[path = "web/bytes.rs"]
mod bytes;
#[path = "web/client.rs"]
mod client;
#[path = "web/driver.rs"]
mod driver;
#[path = "web/environment.rs"]
mod environment;
#[path = "web/fake.rs"]
mod fake;
#[path = "web/heard.rs"]
mod heard;
#[path = "web/keep.rs"]
mod keep;
#[path = "web/large.rs"]
mod large;
#[path = "web/options.rs"]
mod options;
#[path = "web/pace.rs"]
mod pace;
#[path = "web/schema.rs"]
mod schema;
#[path = "web/socket.rs"]
mod socket;
#[cfg(feature = "_test-broker")]
#[path = "web/v5.rs"]
mod v5;
#[path = "web/wait.rs"]
mod wait;

/// Stands for all that `broker.rs` and `v5.rs` hold, so that the summary counts what was left out.
#[cfg(not(feature = "_test-broker"))]
#[wasm_bindgen_test::wasm_bindgen_test]
#[ignore = "no broker is given: npm run test:web starts one"]
fn everything_with_a_real_broker() {}
