//! The codec as a whole: bytes in, packets out, and back.

#[path = "../wire/mod.rs"]
mod wire;
