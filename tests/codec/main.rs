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

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

mod boundaries;
mod budgets;
mod cases;
mod decoding;
mod encoding;
mod encoding_refusals;
mod fuzz;
mod properties;
mod refusals;
#[path = "../wire/mod.rs"]
mod wire;

use bytes::Bytes;
use scratch_mqtt::codec::{Decoder, ProtocolError};
use scratch_mqtt::packet::{Packet, ProtocolVersion};

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
