//! Everything that mqtt5-wasm exports.

pub use peer::*;
