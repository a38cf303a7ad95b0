//! Packets to bytes and back; the only code that names mqttbytes.
//!
//! mqttbytes reads and writes the packets. It never panics on a whole packet, but it accepts much that
//! the specification forbids, and misreads some packets of 5.0. So nothing reaches it unchecked:
//!
//! * [`Decoder`]: bytes -> `frame` (type, flags and sizes, before the body is there) ->
//!   `validate` (the body, to its last byte) -> `decode` (mqttbytes; the result is compared with
//!   what validation found) -> [`Packet`](crate::packet::Packet).
//! * [`encode()`]: every field is checked, then mqttbytes writes it, then the frame and its size are
//!   checked; what is not as expected is taken back.

mod cursor;
mod decode;
mod encode;
pub mod error;
mod frame;
mod validate;
mod varint;

pub use encode::{encode, encode_publish, encoded_len, encoded_publish_len, publish_len};
pub use error::{EncodeError, ProtocolError};
pub use frame::{Decoder, MOST_CONTROL_BYTES, PORTION};
pub use validate::{MOST_USER_PROPERTIES, MOST_USER_PROPERTY_BYTES};
