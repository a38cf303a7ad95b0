//! Texts: the rule that holds for all of them, whoever sends or reads one.

use std::fmt;

/// The longest text or binary field, in bytes: its length has two. [MQTT-1.5.3]
pub const MAX_FIELD_BYTES: usize = 65_535;

/// Why a text cannot be a field of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// More than 65,535 bytes of UTF-8.
    TooLong {
        /// How many bytes the text has.
        bytes: usize,
    },
    /// U+0000 must not be used. [MQTT-1.5.3-2] [MQTT5-1.5.4-2]
    NullCharacter,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(f, "text of {bytes} bytes, the limit is 65535"),
            Self::NullCharacter => f.write_str("text contains the null character"),
        }
    }
}

impl std::error::Error for TextError {}

/// Checks a text that is to be a field of a packet.
///
/// # Errors
///
/// It has more than [`MAX_FIELD_BYTES`], or holds U+0000.
pub fn check(text: &str) -> Result<(), TextError> {
    let bytes = text.len();
    if bytes > MAX_FIELD_BYTES {
        return Err(TextError::TooLong { bytes });
    }
    if text.contains('\0') {
        return Err(TextError::NullCharacter);
    }
    Ok(())
}
