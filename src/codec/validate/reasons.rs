//! Which Reason Codes a server may put into which packet. [MQTT5-2.4]

use super::super::cursor::Cursor;
use super::super::error::ProtocolError;
use crate::packet::PacketType;

/// Reads a Reason Code: one below 0x80 must be on the list of the packet.
///
/// A refusal is plain whatever its number: mosquitto answers a message that is too large with 0x95,
/// which no list of acknowledgements has. It fails one thing; to close because of it would fail all.
///
/// [MQTT5-3.4.2-1] [MQTT5-3.5.2-1] [MQTT5-3.6.2-1] [MQTT5-3.7.2-1] [MQTT5-3.14.2-1] [MQTT5-3.15.2-1]
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<u8, ProtocolError> {
    let code = cursor.byte()?;
    if code >= 0x80 || successes(cursor.packet()).contains(&code) {
        return Ok(code);
    }
    Err(cursor.malformed("reason code is not one of its list"))
}

fn successes(packet: PacketType) -> &'static [u8] {
    match packet {
        PacketType::PubAck | PacketType::PubRec => &[0x00, 0x10],
        PacketType::SubAck => &[0x00, 0x01, 0x02],
        PacketType::UnsubAck => &[0x00, 0x11],
        PacketType::Auth => &[0x00, 0x18, 0x19],
        // DISCONNECT without 0x04, which only a client sends.
        PacketType::PubRel | PacketType::PubComp | PacketType::Disconnect => &[0x00],
        // CONNACK is not looked up here.
        PacketType::ConnAck
        | PacketType::Connect
        | PacketType::Publish
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq
        | PacketType::PingResp => &[],
    }
}
