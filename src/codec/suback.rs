//! SUBACK and UNSUBACK.

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::{properties, reasons};
use crate::packet::{ProtocolVersion, SubAck};

/// Reads the body. The session knows how many codes there should be.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    version: ProtocolVersion,
) -> Result<SubAck, ProtocolError> {
    let packet_id = cursor.packet_id()?;
    // Servers were seen to leave out the codes of UNSUBACK, and all but its number, as in 3.1.1.
    let mut reason_string = None;
    if version == ProtocolVersion::V5_0 && !cursor.is_at_end() {
        reason_string = properties::read_reason_string(cursor)?;
    }
    let mut reasons = Vec::with_capacity(cursor.len());
    while !cursor.is_at_end() {
        reasons.push(reasons::read(cursor)?);
    }
    Ok(SubAck {
        packet_id,
        // Without a code there is nothing that it could be the reason of.
        reason_string: reason_string.filter(|_| !reasons.is_empty()),
        reasons,
    })
}
