//! PUBACK, PUBREC, PUBREL and PUBCOMP, which differ in their first byte and their codes only.

use bytes::BytesMut;

use super::cursor::Cursor;
use super::error::{EncodeError, ProtocolError};
use super::properties;
use super::reasons;
use super::section::Section;
use crate::packet::{Ack, PacketType, ProtocolVersion, ReasonCode};

/// Reads the body. Only 5.0 goes on behind the Packet Identifier: the header of an acknowledgement of
/// 3.1.1 says that it has two bytes.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Ack, ProtocolError> {
    let packet_id = cursor.packet_id()?;
    let reason = if cursor.is_at_end() {
        ReasonCode::SUCCESS
    } else {
        reasons::read(cursor)?
    };
    let reason_string = if cursor.is_at_end() {
        None
    } else {
        properties::read_reason_string(cursor)?
    };
    Ok(Ack {
        packet_id,
        reason,
        reason_string,
    })
}

/// Appends the packet. Success without a Reason String needs neither code nor properties, any code
/// needs no properties.
pub(super) fn write(
    packet: PacketType,
    ack: &Ack,
    version: ProtocolVersion,
    limit: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    reasons::check(ack.reason, packet, version)?;
    let first = match packet {
        PacketType::PubRel => 0x62,
        _ => (packet as u8) << 4,
    };
    let mut section = Section::new(properties::ACKS);
    if version == ProtocolVersion::V5_0 {
        section.text(properties::REASON_STRING, ack.reason_string.as_deref());
    }
    let section = section.finish()?;
    let id = Some(ack.packet_id);
    reasons::append(out, limit, first, id, ack.reason, section.as_deref())
}
