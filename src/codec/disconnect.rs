//! DISCONNECT, which servers send in 5.0 only.

use bytes::BytesMut;

use super::cursor::Cursor;
use super::error::{EncodeError, ProtocolError};
use super::properties;
use super::reasons;
use super::section::Section;
use crate::packet::{Disconnect, PacketType, ProtocolVersion};

/// Reads the body, which may end before its code or its properties.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Disconnect, ProtocolError> {
    let mut read = Disconnect::default();
    if !cursor.is_at_end() {
        read.reason = reasons::read(cursor)?;
    }
    if !cursor.is_at_end() {
        properties::read(cursor, &mut |property, value| match property {
            properties::REASON_STRING => read.reason_string = Some(value.owned()),
            properties::SERVER_REFERENCE => read.server_reference = Some(value.owned()),
            properties::SESSION_EXPIRY => read.session_expiry_secs = Some(value.number()),
            _ => {}
        })?;
    }
    Ok(read)
}

/// Appends the packet. 3.1.1 can say nothing with it.
pub(super) fn write(
    packet: &Disconnect,
    version: ProtocolVersion,
    limit: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    reasons::check(packet.reason, PacketType::Disconnect, version)?;
    let mut section = Section::new(properties::DISCONNECT);
    if version == ProtocolVersion::V5_0 {
        let reason_string = packet.reason_string.as_deref();
        let reference = packet.server_reference.as_deref();
        section
            .number(properties::SESSION_EXPIRY, packet.session_expiry_secs)
            .text(properties::REASON_STRING, reason_string)
            .text(properties::SERVER_REFERENCE, reference);
    }
    let section = section.finish()?;
    reasons::append(out, limit, 0xE0, None, packet.reason, section.as_deref())
}
