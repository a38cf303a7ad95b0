//! What other readers make of the same bytes: mqttbytes and mqtt-protocol-core.
//!
//! Each packet is read by all. Where one of them reads something else than we do, that is one of the differences
//! in `known.rs`, with its reason, or the test fails.
//!
//! Used by several test programs, beside `wire`.

mod content;
pub mod known;
mod mqttbytes;
mod protocol_core;

use bytes::Bytes;
use scratch_mqtt::codec::{Decoder, ProtocolError};
use scratch_mqtt::packet::ProtocolVersion;

use content::Content;

/// One packet, and what we and another reader say of it.
pub struct Heard<'a> {
    version: ProtocolVersion,
    frame: &'a [u8],
    ours: &'a Result<Content, ProtocolError>,
    /// `None`: it refuses the packet.
    theirs: Option<&'a Content>,
}

/// Compares what all readers make of each whole packet in `bytes`. Returns why some differ.
pub fn compare(version: ProtocolVersion, bytes: &[u8]) -> Vec<&'static str> {
    let mut differences = Vec::new();
    for frame in frames(bytes) {
        let ours = our_reading(version, frame);
        let readers = [
            (
                "mqttbytes",
                mqttbytes::read(version, frame),
                known::OF_MQTTBYTES,
            ),
            (
                "mqtt-protocol-core",
                protocol_core::read(version, frame),
                known::OF_PROTOCOL_CORE,
            ),
        ];
        for (reader, theirs, known) in readers {
            if ours.as_ref().ok() == theirs.as_ref() {
                continue;
            }
            let heard = Heard {
                version,
                frame,
                ours: &ours,
                theirs: theirs.as_ref(),
            };
            let known = known.iter().find(|known| (known.is_it)(&heard));
            let known = known.unwrap_or_else(|| {
                panic!(
                    "{reader} reads {frame:02x?} of {version:?} as\n{theirs:?}\nand we as\n{ours:?}"
                )
            });
            differences.push(known.why);
        }
    }
    differences
}

/// Our reading of one whole packet.
fn our_reading(version: ProtocolVersion, frame: &[u8]) -> Result<Content, ProtocolError> {
    let mut decoder = Decoder::new(version, usize::MAX);
    decoder.push(Bytes::copy_from_slice(frame));
    let packet = decoder.next_packet()?;
    Ok(Content::of(&packet.expect("a whole packet")))
}

/// The whole packets at the start of `bytes`, cut by what their headers say.
fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while let Some(length) = frame_length(bytes)
        && let Some((frame, rest)) = bytes.split_at_checked(length)
    {
        frames.push(frame);
        bytes = rest;
    }
    frames
}

fn frame_length(bytes: &[u8]) -> Option<usize> {
    let length = bytes.iter().skip(1).take(4);
    let end = length.clone().position(|byte| *byte < 0x80)?;
    let numbers = length.take(end + 1).enumerate();
    let body: usize = numbers
        .map(|(place, byte)| usize::from(byte & 0x7F) << (7 * place))
        .sum();
    Some(2 + end + body)
}
