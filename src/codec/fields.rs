//! What is written: fields that fit their length, and packets of their parts.

use bytes::{BufMut, BytesMut};

use super::error::EncodeError;
use super::varint::Varint;
use crate::packet::MAX_PACKET_BYTES;

/// The length of a text. [MQTT-1.5.3-2] [MQTT5-1.5.4-2]
pub(super) fn text(what: &'static str, value: &str) -> Result<[u8; 2], EncodeError> {
    if value.contains('\0') {
        return Err(EncodeError::NullCharacter { what });
    }
    binary(what, value.as_bytes())
}

/// The length of binary data.
pub(super) fn binary(what: &'static str, value: &[u8]) -> Result<[u8; 2], EncodeError> {
    let bytes = value.len();
    let length = u16::try_from(bytes);
    length
        .map(u16::to_be_bytes)
        .map_err(|_too_long| EncodeError::FieldTooLong { what, bytes })
}

/// The error for a field that must not have this value.
pub(super) const fn not_allowed<T>(what: &'static str) -> Result<T, EncodeError> {
    Err(EncodeError::NotAllowed { what })
}

/// Appends a packet: its first byte, its Remaining Length, and the parts of its body.
pub(super) fn append(
    out: &mut BytesMut,
    max_packet_bytes: usize,
    first: u8,
    parts: &[&[u8]],
) -> Result<(), EncodeError> {
    let length = parts.iter().map(|part| part.len()).sum();
    let bytes = packet_len(length);
    let limit = max_packet_bytes.min(MAX_PACKET_BYTES);
    if bytes > limit {
        return Err(EncodeError::TooLarge { bytes, limit });
    }
    out.reserve(bytes);
    out.put_u8(first);
    out.put_slice(Varint::new(length).as_slice());
    for part in parts {
        out.put_slice(part);
    }
    Ok(())
}

/// How many bytes a packet has whose Remaining Length is this.
pub(super) const fn packet_len(length: usize) -> usize {
    1 + super::varint::len(length) + length
}
