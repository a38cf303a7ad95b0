//! The body of a packet from the server, checked to its last byte before mqttbytes sees it.

mod properties;
mod reasons;

pub(super) use properties::Properties;
pub use properties::{MOST_USER_PROPERTIES, MOST_USER_PROPERTY_BYTES};

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::frame::FixedHeader;
use crate::packet::{PacketId, PacketType, ProtocolVersion};
use crate::topic::has_wildcard_character;

/// What validation found: enough to recognize a packet that mqttbytes read wrongly.
#[derive(Debug)]
pub(super) enum Checked<'a> {
    ConnAck(ConnAckBody<'a>),
    Publish(PublishBody<'a>),
    /// PUBACK, PUBREC, PUBREL and PUBCOMP.
    Ack {
        packet_id: PacketId,
        reason: u8,
    },
    /// SUBACK and UNSUBACK.
    SubAck {
        packet_id: PacketId,
        reasons: &'a [u8],
    },
    PingResp,
    Disconnect {
        reason: u8,
        has_properties: bool,
    },
    Auth {
        reason: u8,
    },
}

#[derive(Debug)]
pub(super) struct ConnAckBody<'a> {
    /// The shape of the packet: 5.0 has properties, if only their length.
    pub properties: Option<Properties<'a>>,
    pub session_present: bool,
    pub code: u8,
}

#[derive(Debug)]
pub(super) struct PublishBody<'a> {
    /// Empty only with a Topic Alias.
    pub topic: &'a str,
    pub packet_id: Option<PacketId>,
    pub properties: Properties<'a>,
    pub payload: &'a [u8],
}

/// Walks through the body.
///
/// # Errors
///
/// What the specification forbids a server to send.
pub(super) fn validate<'a>(
    body: &'a [u8],
    header: &FixedHeader,
    version: ProtocolVersion,
) -> Result<Checked<'a>, ProtocolError> {
    let mut cursor = Cursor::new(body, header.packet);
    let checked = match header.packet {
        PacketType::ConnAck => Checked::ConnAck(connack(&mut cursor, version)?),
        PacketType::Publish => Checked::Publish(publish(&mut cursor, header.flags, version)?),
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
            ack(&mut cursor)?
        }
        PacketType::SubAck | PacketType::UnsubAck => suback(&mut cursor, version)?,
        PacketType::PingResp => Checked::PingResp,
        PacketType::Disconnect => disconnect(&mut cursor)?,
        PacketType::Auth => auth(&mut cursor)?,
        PacketType::Connect
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq => return Err(cursor.violation("only a client sends it")),
    };
    cursor.end()?;
    Ok(checked)
}

fn connack<'a>(
    cursor: &mut Cursor<'a>,
    version: ProtocolVersion,
) -> Result<ConnAckBody<'a>, ProtocolError> {
    let flags = cursor.byte()?;
    let code = cursor.byte()?;
    // [MQTT5-3.2.2-1]
    if flags > 1 {
        return Err(cursor.malformed("reserved acknowledge flags are not 0"));
    }
    // A server of 3.1.1 answers a CONNECT of 5.0 in its own format, without properties.
    let has_properties = version == ProtocolVersion::V5_0 && !cursor.is_at_end();
    if has_properties && code != 0 && code < 0x80 {
        return Err(cursor.malformed("reason code is not one of its list"));
    }
    let properties = has_properties.then(|| Properties::read(cursor));
    // With a refusal the bit means nothing [MQTT-3.2.2-4] [MQTT5-3.2.2-6]. To close because of it would
    // hide the reason of the refusal, and "wrong password" would be tried again for ever.
    Ok(ConnAckBody {
        properties: properties.transpose()?,
        session_present: flags == 1 && code == 0,
        code,
    })
}

fn publish<'a>(
    cursor: &mut Cursor<'a>,
    flags: u8,
    version: ProtocolVersion,
) -> Result<PublishBody<'a>, ProtocolError> {
    let topic = cursor.text()?;
    // [MQTT-3.3.2-2] [MQTT5-3.3.2-2]
    if has_wildcard_character(topic) {
        return Err(cursor.malformed("topic contains + or #"));
    }
    let packet_id = if flags & 0b0110 == 0 {
        None
    } else {
        Some(cursor.packet_id()?)
    };
    let properties = match version {
        ProtocolVersion::V3_1_1 => Properties::none(),
        ProtocolVersion::V5_0 => Properties::read(cursor)?,
    };
    if topic.is_empty() && !properties.has_topic_alias {
        return Err(match version {
            // [MQTT-4.7.3-1]
            ProtocolVersion::V3_1_1 => cursor.malformed("topic is empty"),
            ProtocolVersion::V5_0 => cursor.violation("topic is empty, and no topic alias"),
        });
    }
    Ok(PublishBody {
        topic,
        packet_id,
        properties,
        payload: cursor.take_rest(),
    })
}

fn ack<'a>(cursor: &mut Cursor<'_>) -> Result<Checked<'a>, ProtocolError> {
    let packet_id = cursor.packet_id()?;
    // Only 5.0 goes on: the frame gate knows that an acknowledgement of 3.1.1 has two bytes.
    let reason = if cursor.is_at_end() {
        0
    } else {
        reasons::read(cursor)?
    };
    if !cursor.is_at_end() {
        Properties::read(cursor)?;
    }
    Ok(Checked::Ack { packet_id, reason })
}

fn suback<'a>(
    cursor: &mut Cursor<'a>,
    version: ProtocolVersion,
) -> Result<Checked<'a>, ProtocolError> {
    let packet_id = cursor.packet_id()?;
    if version == ProtocolVersion::V3_1_1 {
        let codes = cursor.take_rest();
        // A refusal is plain whatever its number. [MQTT-3.9.3-2]
        if codes.iter().any(|code| !matches!(code, 0..=2 | 0x80..)) {
            return Err(cursor.malformed("return code is not 0, 1, 2 or 0x80"));
        }
        return Ok(Checked::SubAck {
            packet_id,
            reasons: codes,
        });
    }
    // Servers were seen to leave out the codes of UNSUBACK, and all but its number, as in 3.1.1. The
    // session knows how many codes there should be.
    if !cursor.is_at_end() {
        Properties::read(cursor)?;
    }
    let reasons = cursor.rest();
    while !cursor.is_at_end() {
        reasons::read(cursor)?;
    }
    Ok(Checked::SubAck { packet_id, reasons })
}

fn disconnect<'a>(cursor: &mut Cursor<'_>) -> Result<Checked<'a>, ProtocolError> {
    let reason = if cursor.is_at_end() {
        0
    } else {
        reasons::read(cursor)?
    };
    let has_properties = !cursor.is_at_end();
    if has_properties {
        Properties::read(cursor)?;
    }
    Ok(Checked::Disconnect {
        reason,
        has_properties,
    })
}

fn auth<'a>(cursor: &mut Cursor<'_>) -> Result<Checked<'a>, ProtocolError> {
    if cursor.is_at_end() {
        return Ok(Checked::Auth { reason: 0 });
    }
    let reason = reasons::read(cursor)?;
    Properties::read(cursor)?;
    Ok(Checked::Auth { reason })
}
