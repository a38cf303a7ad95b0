//! What is written: fields that fit their length, and the header before them.

use bytes::{BufMut, BytesMut};

use super::error::EncodeError;
use super::varint;
use crate::packet::MAX_PACKET_BYTES;
use crate::text::{self, TextError};

/// The length of a text.
pub(super) fn text(what: &'static str, value: &str) -> Result<u16, EncodeError> {
    if text::check(value) == Err(TextError::NullCharacter) {
        return Err(EncodeError::NullCharacter { what });
    }
    binary(what, value.as_bytes())
}

/// The length of binary data.
pub(super) fn binary(what: &'static str, value: &[u8]) -> Result<u16, EncodeError> {
    let bytes = value.len();
    u16::try_from(bytes).map_err(|_too_long| EncodeError::FieldTooLong { what, bytes })
}

/// The error for a field that must not have this value.
pub(super) const fn not_allowed<T>(what: &'static str) -> Result<T, EncodeError> {
    Err(EncodeError::NotAllowed { what })
}

/// Appends the header of a packet and the first `place` bytes of its body, which are to be written; the rest
/// follows at once.
pub(super) fn begin(
    out: &mut BytesMut,
    max_packet_bytes: usize,
    first: u8,
    body_bytes: usize,
    place: usize,
) -> Result<&mut [u8], EncodeError> {
    let bytes = packet_len(body_bytes);
    let limit = max_packet_bytes.min(MAX_PACKET_BYTES);
    if bytes > limit {
        return Err(EncodeError::TooLarge { bytes, limit });
    }
    out.reserve(bytes);
    let start = out.len();
    out.resize(start + bytes - body_bytes + place, 0);
    let mut packet = out.get_mut(start..).unwrap_or_default();
    packet.put_u8(first);
    varint::put(&mut packet, body_bytes);
    Ok(packet)
}

/// How many bytes a packet has whose body has so many.
pub(super) const fn packet_len(body_bytes: usize) -> usize {
    1 + varint::len(body_bytes) + body_bytes
}
