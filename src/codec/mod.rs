//! Packets to bytes and back; the only code that names mqttbytes.

pub mod error;

pub use error::{EncodeError, ProtocolError};
