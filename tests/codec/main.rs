//! The codec as a whole: bytes in, packets out, and back.
//!
//! | file | what it proves |
//! |---|---|
//! | `cases.rs` | the table of packets that a server may send |
//! | `decoding.rs` | every case decodes to its packet, however it is cut into chunks |
//! | `refusals.rs` | the table of bytes that must be refused, and how |
//! | `properties.rs` | every property of 5.0 in every packet |
//! | `boundaries.rs` | sizes and lengths at their limits |
//! | `budgets.rs` | what a server can make the codec do
//! | `encoding.rs` | what we send, byte by byte |
//! | `encoding_refusals.rs` | what we refuse to send |
//! | `fuzz.rs` | random and damaged bytes |
//! | `opinions` | what mqttbytes and mqtt-protocol-core make of the same bytes |
//! | `agreement.rs` | all three agree about every case, but for what is listed |

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod agreement;
mod boundaries;
mod budgets;
mod cases;
mod decoding;
mod encoding;
mod encoding_refusals;
mod fuzz;
mod opinions;
mod properties;
mod refusals;
#[path = "../wire/mod.rs"]
mod wire;

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::{Decoder, EncodeError, ProtocolError, PublishParts, encode};
use scratch_mqtt::packet::{Packet, ProtocolVersion, Publish};

/// The packets in `bytes`, which arrive at once; an error when one of them is refused.
fn decode(version: ProtocolVersion, bytes: &[u8]) -> Result<Vec<Packet>, ProtocolError> {
    let mut decoder = Decoder::new(version, usize::MAX);
    decoder.push(Bytes::copy_from_slice(bytes));
    let mut packets = Vec::new();
    while let Some(packet) = decoder.next_packet()? {
        packets.push(packet);
    }
    Ok(packets)
}

/// How many bytes a PUBLISH takes, before it is written.
fn encoded_publish_len(publish: &Publish, version: ProtocolVersion) -> usize {
    PublishParts::from(publish).len(version)
}

/// A packet of so many bytes is written where just so many are allowed, and where they are not, it is
/// refused for its length.
fn assert_length_is_known(packet: &Packet, version: ProtocolVersion, bytes: usize) {
    let mut out = BytesMut::new();
    let limit = bytes - 1;
    let too_large = Err(EncodeError::TooLarge { bytes, limit });

    assert_eq!(encode(packet, version, limit, &mut out), too_large);
    assert!(out.is_empty());
    assert_eq!(encode(packet, version, bytes, &mut out), Ok(()));
    if let Packet::Publish(publish) = packet {
        assert_eq!(encoded_publish_len(publish, version), bytes);
    }
}
