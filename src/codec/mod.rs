//! Packets to bytes and back, cut by packet; the only code that names mqttbytes.
//!
//! | module | what it holds |
//! |---|---|
//! | `header`, `decoder` | type, flags and length before the body is there; whole packets out of chunks |
//! | `encoder` | one packet appended to others, or nothing |
//! | `publish`, `connack`, `ack`, … | a packet each: how it is read, how it is written, what is wrong with it |
//! | `properties`, `section`, `reasons` | the tables of 5.0: which may stand where, how often, with which values |
//! | `cursor`, `fields`, `varint` | numbers, texts and lengths, and packets of them |
//! | `guard` | what mqttbytes writes is looked at |
//!
//! A packet is walked through once: what checks a field puts it into the [`Packet`](crate::packet::Packet).
//! mqttbytes writes what is rare and has many fields: CONNECT, SUBSCRIBE and UNSUBSCRIBE. It reads
//! nothing here, because it takes much that the specification forbids and misreads some packets of
//! 5.0; the tests ask it about every packet that it can read.

mod ack;
mod auth;
mod connack;
mod connect;
mod cursor;
mod decoder;
mod disconnect;
mod encoder;
mod error;
mod fields;
mod guard;
mod header;
mod properties;
mod publish;
mod reasons;
mod section;
mod suback;
mod subscribe;
mod unsubscribe;
mod varint;

pub use decoder::{Decoder, PORTION};
pub use encoder::encode;
pub use error::{EncodeError, ProtocolError};
pub use header::MOST_CONTROL_BYTES;
pub use properties::{MOST_USER_PROPERTIES, MOST_USER_PROPERTY_BYTES};
pub use publish::PublishParts;
