//! Variable Byte Integers: seven bits a byte, the lowest first.

use bytes::BufMut;

use crate::packet::{MAX_REMAINING_LENGTH, ProtocolVersion};

/// The largest number: four bytes hold no more.
pub const MAX: usize = MAX_REMAINING_LENGTH;

/// A Variable Byte Integer at the start of `bytes` and its length; `None` when it is not complete.
///
/// 3.1.1 does not forbid more bytes than needed.
pub fn read(
    bytes: &[u8],
    version: ProtocolVersion,
) -> Result<Option<(usize, usize)>, &'static str> {
    let mut number = 0;
    for (place, &byte) in bytes.iter().take(4).enumerate() {
        number |= usize::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            if byte == 0 && place > 0 && version == ProtocolVersion::V5_0 {
                return Err("a number takes more bytes than it needs");
            }
            return Ok(Some((number, place + 1)));
        }
    }
    if bytes.len() < 4 {
        Ok(None)
    } else {
        Err("a number takes more than four bytes")
    }
}

/// How many bytes the number takes.
pub const fn len(number: usize) -> usize {
    match number {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        _ => 4,
    }
}

/// Writes a number that is at most [`MAX`] in as few bytes as possible. [MQTT5-1.5.5-1]
pub fn put(buffer: &mut impl BufMut, mut number: usize) {
    while number > 0x7F {
        buffer.put_u8(number as u8 | 0x80);
        number >>= 7;
    }
    buffer.put_u8(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT5-1.5.5-1]
    #[test]
    fn number_is_read_up_to_its_last_byte_and_written_alike() {
        for (bytes, expected) in [
            (&[0x00, 9][..], (0, 1)),
            (&[0x7F, 9], (127, 1)),
            (&[0x80, 0x01, 9], (128, 2)),
            (&[0xFF, 0x7F, 9], (16_383, 2)),
            (&[0x80, 0x80, 0x01, 9], (16_384, 3)),
            (&[0xFF, 0xFF, 0x7F, 9], (2_097_151, 3)),
            (&[0x80, 0x80, 0x80, 0x01, 9], (2_097_152, 4)),
            (&[0xFF, 0xFF, 0xFF, 0x7F, 9], (MAX, 4)),
        ] {
            for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
                assert_eq!(read(bytes, version), Ok(Some(expected)), "{bytes:02x?}");
            }
            let (number, length) = expected;
            let mut written = Vec::new();
            put(&mut written, number);
            assert_eq!(written, bytes[..length]);
            assert_eq!(len(number), length);
        }
    }

    #[test]
    fn number_that_goes_on_after_the_last_byte_is_incomplete() {
        for bytes in [&[][..], &[0x80], &[0xFF, 0xFF], &[0x80, 0x80, 0x80]] {
            assert_eq!(read(bytes, ProtocolVersion::V5_0), Ok(None), "{bytes:02x?}");
        }
    }

    #[test]
    fn number_of_more_than_four_bytes_is_refused() {
        let bytes = [0x80, 0x80, 0x80, 0x80];

        assert!(read(&bytes, ProtocolVersion::V3_1_1).is_err());
        assert!(read(&bytes, ProtocolVersion::V5_0).is_err());
    }

    /// [MQTT5-1.5.5-1]
    #[test]
    fn number_with_needless_bytes_is_refused_in_5_0_only() {
        for bytes in [&[0x80, 0x00][..], &[0xFF, 0x80, 0x00]] {
            assert!(read(bytes, ProtocolVersion::V3_1_1).is_ok(), "{bytes:02x?}");
            assert!(read(bytes, ProtocolVersion::V5_0).is_err(), "{bytes:02x?}");
        }
    }
}
