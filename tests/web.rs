//! The browser half in a real browser: `wasm-pack test --headless --chrome`.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not take wasm_bindgen_test for a test"
)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "web/client.rs"]
mod client;
#[path = "web/environment.rs"]
mod environment;
#[path = "web/heard.rs"]
mod heard;
#[path = "web/socket.rs"]
mod socket;
#[path = "web/wait.rs"]
mod wait;
