//! Texts: the rule that holds for all of them, whoever sends or reads one.

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

/// Checks a text that is to be a field of a packet.
///
/// # Errors
///
/// It cannot be one.
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
