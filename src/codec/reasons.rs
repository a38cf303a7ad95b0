//! The Reason Codes of 5.0: which may stand in which packet. [MQTT5-2.4]

use bytes::{BufMut, BytesMut};

use super::cursor::Cursor;
use super::error::{EncodeError, ProtocolError};
use super::fields::{self, not_allowed};
use super::properties::{AUTH, CONNACK, DISCONNECT, NONE, Packets, only};
use crate::packet::{PacketId, PacketType, ProtocolVersion, ReasonCode};

const PUBLISHED: Packets = only(PacketType::PubAck) | only(PacketType::PubRec);
const RELEASED: Packets = only(PacketType::PubRel) | only(PacketType::PubComp);
const SUBACK: Packets = only(PacketType::SubAck);
const UNSUBACK: Packets = only(PacketType::UnsubAck);
const ALL: Packets = CONNACK | PUBLISHED | RELEASED | SUBACK | UNSUBACK | DISCONNECT | AUTH;

/// Code; packets from a server; packets from us.
///
/// A refusal is plain whatever its number: mosquitto answers a message that is too large with 0x95,
/// which no list of acknowledgements has. It fails one thing; to close because of it would fail all.
/// So a server may put any code from 0x80 on into any packet.
#[rustfmt::skip]
const TABLE: [(u8, Packets, Packets); 23] = [
    (0x00, ALL,       PUBLISHED | RELEASED | DISCONNECT), // Success
    (0x01, SUBACK,    NONE),                              // Granted QoS 1
    (0x02, SUBACK,    NONE),                              // Granted QoS 2
    (0x04, NONE,      DISCONNECT),                        // Disconnect with Will Message
    (0x10, PUBLISHED, PUBLISHED),                         // No matching subscribers
    (0x11, UNSUBACK,  NONE),                              // No subscription existed
    (0x18, AUTH,      NONE),                              // Continue authentication
    (0x19, AUTH,      NONE),                              // Re-authenticate
    (0x80, ALL,       PUBLISHED | DISCONNECT),            // Unspecified error
    (0x81, ALL,       DISCONNECT),                        // Malformed Packet
    (0x82, ALL,       DISCONNECT),                        // Protocol Error
    (0x83, ALL,       PUBLISHED | DISCONNECT),            // Implementation specific error
    (0x87, ALL,       PUBLISHED),                         // Not authorized
    (0x90, ALL,       PUBLISHED | DISCONNECT),            // Topic Name invalid
    (0x91, ALL,       PUBLISHED),                         // Packet Identifier in use
    (0x92, ALL,       RELEASED),                          // Packet Identifier not found
    (0x93, ALL,       DISCONNECT),                        // Receive Maximum exceeded
    (0x94, ALL,       DISCONNECT),                        // Topic Alias invalid
    (0x95, ALL,       DISCONNECT),                        // Packet too large
    (0x96, ALL,       DISCONNECT),                        // Message rate too high
    (0x97, ALL,       PUBLISHED | DISCONNECT),            // Quota exceeded
    (0x98, ALL,       DISCONNECT),                        // Administrative action
    (0x99, ALL,       PUBLISHED | DISCONNECT),            // Payload format invalid
];

fn row(code: u8) -> (Packets, Packets) {
    let found = TABLE.iter().find(|(listed, ..)| *listed == code);
    found.map_or((NONE, NONE), |(_, received, sent)| (*received, *sent))
}

/// Reads a Reason Code, which must be on the list of its packet.
///
/// [MQTT5-3.4.2-1] [MQTT5-3.5.2-1] [MQTT5-3.6.2-1] [MQTT5-3.7.2-1] [MQTT5-3.14.2-1] [MQTT5-3.15.2-1]
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<ReasonCode, ProtocolError> {
    let code = ReasonCode(cursor.byte()?);
    if code.is_error() || row(code.0).0 & only(cursor.packet()) != 0 {
        return Ok(code);
    }
    Err(cursor.malformed("reason code is not one of its list"))
}

/// Whether we may send it. 3.1.1 can say nothing but success, and a failure must not turn into one.
///
/// [MQTT5-3.4.2-1] [MQTT5-3.5.2-1] [MQTT5-3.6.2-1] [MQTT5-3.7.2-1] [MQTT5-3.14.2-1]
pub(super) fn check(
    code: ReasonCode,
    packet: PacketType,
    version: ProtocolVersion,
) -> Result<(), EncodeError> {
    let is_listed = match version {
        ProtocolVersion::V3_1_1 => code == ReasonCode::SUCCESS,
        ProtocolVersion::V5_0 => row(code.0).1 & only(packet) != 0,
    };
    if is_listed {
        return Ok(());
    }
    not_allowed("reason code that this packet cannot have")
}

/// Appends a packet that ends with a Reason Code and properties. Success without properties needs
/// neither, any code needs no properties.
pub(super) fn append(
    out: &mut BytesMut,
    max_packet_bytes: usize,
    first: u8,
    id: Option<PacketId>,
    reason: ReasonCode,
    section: Option<&[u8]>,
) -> Result<(), EncodeError> {
    let id_bytes = if id.is_some() { 2 } else { 0 };
    let has_reason = reason != ReasonCode::SUCCESS || section.is_some();
    let properties = section.unwrap_or_default();
    let body_bytes = id_bytes + usize::from(has_reason) + properties.len();
    fields::begin(out, max_packet_bytes, first, body_bytes, 0)?;
    if let Some(id) = id {
        out.put_u16(id.get());
    }
    if has_reason {
        out.put_u8(reason.0);
    }
    out.put_slice(properties);
    Ok(())
}
