//! Which Reason Codes a server may put into which packet. [MQTT5-2.4]

use super::super::cursor::Cursor;
use super::super::error::ProtocolError;
use crate::packet::PacketType;

/// Reads a Reason Code and checks it against the list of the packet.
///
/// [MQTT5-3.4.2-1] [MQTT5-3.5.2-1] [MQTT5-3.6.2-1] [MQTT5-3.7.2-1] [MQTT5-3.14.2-1] [MQTT5-3.15.2-1]
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<u8, ProtocolError> {
    let code = cursor.byte()?;
    if list(cursor.packet()).contains(&code) {
        return Ok(code);
    }
    Err(cursor.malformed("reason code is not one of its list"))
}

fn list(packet: PacketType) -> &'static [u8] {
    match packet {
        PacketType::PubAck | PacketType::PubRec => &PUBLISH_ANSWER,
        PacketType::PubRel | PacketType::PubComp => &[0x00, 0x92],
        PacketType::SubAck => &SUBACK,
        PacketType::UnsubAck => &[0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91],
        PacketType::Disconnect => &DISCONNECT,
        PacketType::Auth => &[0x00, 0x18, 0x19],
        // A refusal keeps its code even when no list has it, so CONNACK is not looked up here.
        PacketType::ConnAck
        | PacketType::Connect
        | PacketType::Publish
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq
        | PacketType::PingResp => &[],
    }
}

const PUBLISH_ANSWER: [u8; 9] = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

const SUBACK: [u8; 12] = [
    0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2,
];

/// Without 0x04, which only a client sends; with 0x8C, which only the table of section 2.4 has.
const DISCONNECT: [u8; 29] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95,
    0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
];
