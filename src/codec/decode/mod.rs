//! One whole frame from the server to one packet: validated, read by mqttbytes, compared.

mod v3_1_1;
mod v5_0;

use bytes::Bytes;

use super::error::ProtocolError;
use super::frame::FixedHeader;
use super::validate::{Checked, ConnAckBody, PublishBody, validate};
use crate::packet::{
    Auth, ConnAck, ConnAckProperties, Packet, PacketId, PacketType, ProtocolVersion, Publish,
    PublishProperties, QoS, ReasonCode, SubAck,
};
use crate::topic::TopicName;

/// A packet, and whether all of it is there.
pub(super) struct Decoded {
    pub packet: Packet,
    /// There were more User Properties than are read.
    pub has_left_out: bool,
}

/// Decodes `frame`, which begins with `header` and is exactly one packet.
///
/// # Errors
///
/// The body is not what the specification says. [`ProtocolError::Internal`] when validation and
/// mqttbytes disagree: then nothing about the packet is certain.
pub(super) fn decode(
    frame: &Bytes,
    header: &FixedHeader,
    version: ProtocolVersion,
    topics: &mut KnownTopics,
) -> Result<Decoded, ProtocolError> {
    let body = frame.get(header.header_bytes..).unwrap_or_default();
    let checked = validate(body, header, version)?;
    let properties = match &checked {
        Checked::ConnAck(body) => body.properties.as_ref(),
        Checked::Publish(body) => Some(&body.properties),
        _ => None,
    };
    Ok(Decoded {
        packet: read(frame, header, &checked, version, topics)?,
        has_left_out: properties.is_some_and(|properties| properties.has_left_out),
    })
}

fn read(
    frame: &Bytes,
    header: &FixedHeader,
    checked: &Checked<'_>,
    version: ProtocolVersion,
    topics: &mut KnownTopics,
) -> Result<Packet, ProtocolError> {
    match (checked, version) {
        // mqttbytes does not know AUTH.
        (Checked::Auth { reason }, _) => Ok(Packet::Auth(Auth {
            reason: ReasonCode(*reason),
        })),
        // Not the format of this connection: a server that speaks 3.1.1 only.
        (Checked::ConnAck(body), ProtocolVersion::V5_0) if body.properties.is_none() => {
            Ok(short_connack(body))
        }
        // mqttbytes wants a code.
        (
            Checked::SubAck {
                packet_id,
                reasons: [],
            },
            _,
        ) => Ok(without_codes(header.packet, *packet_id)),
        (_, ProtocolVersion::V3_1_1) => v3_1_1::read(frame, header, checked, topics),
        (_, ProtocolVersion::V5_0) => v5_0::read(frame, header, checked, topics),
    }
}

/// A SUBACK or UNSUBACK that has none; the UNSUBACK of 3.1.1 never has.
const fn without_codes(packet: PacketType, packet_id: PacketId) -> Packet {
    let answer = SubAck {
        packet_id,
        reasons: Vec::new(),
        reason_string: None,
    };
    if matches!(packet, PacketType::SubAck) {
        Packet::SubAck(answer)
    } else {
        Packet::UnsubAck(answer)
    }
}

/// Lets mqttbytes read one kind of packet. Its `read` for all kinds would bring along the readers of
/// the packets that only a client sends, a tenth of the whole program.
fn read_as<T>(
    frame: Bytes,
    reader: fn(mqttbytes::FixedHeader, Bytes) -> Result<T, mqttbytes::Error>,
) -> Result<T, ProtocolError> {
    let header = mqttbytes::check(frame.iter(), usize::MAX).map_err(|_disagrees| DISAGREEMENT)?;
    reader(header, frame).map_err(|_disagrees| DISAGREEMENT)
}

/// A CONNACK of two bytes: that of 3.1.1, or one of 5.0 without the length of its properties, which
/// servers were seen to write when they refuse.
fn short_connack(body: &ConnAckBody<'_>) -> Packet {
    let version = if body.code < 0x80 {
        ProtocolVersion::V3_1_1
    } else {
        ProtocolVersion::V5_0
    };
    let reason = match body.code {
        0 => ReasonCode::SUCCESS,
        1 => ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
        2 => ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
        3 => ReasonCode::SERVER_UNAVAILABLE,
        4 => ReasonCode::BAD_USER_NAME_OR_PASSWORD,
        5 => ReasonCode::NOT_AUTHORIZED,
        0x80.. => ReasonCode(body.code),
        6..0x80 => ReasonCode::UNSPECIFIED_ERROR,
    };
    Packet::ConnAck(Box::new(ConnAck {
        version,
        session_present: body.session_present,
        reason,
        return_code: body.code,
        properties: ConnAckProperties::default(),
    }))
}

/// The topics that arrived last, so that each is checked and stored once.
#[derive(Debug, Default)]
pub(super) struct KnownTopics(Vec<Option<TopicName>>);

impl KnownTopics {
    const SLOTS: usize = 64;

    /// A longer topic is made anew each time, so that all stay below 16 KiB.
    const LONGEST: usize = 256;

    /// The topic with this text; `None` if there can be none.
    fn name(&mut self, text: &str) -> Option<TopicName> {
        if text.len() > Self::LONGEST {
            return TopicName::new(text).ok();
        }
        self.0.resize(Self::SLOTS, None);
        // A topic has one place where it can be, so looking is one comparison.
        let slot = self.0.get_mut(place(text) % Self::SLOTS)?;
        if let Some(known) = slot.as_ref().filter(|known| known.as_str() == text) {
            return Some(known.clone());
        }
        let name = TopicName::new(text).ok()?;
        *slot = Some(name.clone());
        Some(name)
    }
}

/// Topics of a class differ in their last letters.
fn place(text: &str) -> usize {
    let last = text.bytes().rev().take(8);
    last.fold(text.len(), |hash, byte| {
        hash.wrapping_mul(31) ^ usize::from(byte)
    })
}

/// A PUBLISH as either version of mqttbytes read it.
struct ReadPublish {
    dup: bool,
    qos: mqttbytes::QoS,
    retain: bool,
    topic: String,
    pkid: u16,
    payload: Bytes,
    properties: Option<Box<PublishProperties>>,
}

/// Compares with what validation found and takes over.
fn publish(
    read: ReadPublish,
    checked: &PublishBody<'_>,
    topics: &mut KnownTopics,
) -> Result<Packet, ProtocolError> {
    let same = read.topic == checked.topic
        && read.pkid == number(checked.packet_id)
        && is_same(&read.payload, checked.payload);
    if !same {
        return Err(DISAGREEMENT);
    }
    let topic = match read.topic.as_str() {
        "" => None,
        topic => Some(topics.name(topic).ok_or(DISAGREEMENT)?),
    };
    Ok(Packet::Publish(Publish {
        dup: read.dup,
        qos: QoS::from_number(read.qos as u8).ok_or(DISAGREEMENT)?,
        retain: read.retain,
        topic,
        packet_id: checked.packet_id,
        payload: own(read.payload, checked),
        properties: read.properties,
    }))
}

/// The payload is a part of the frame's block. It keeps that block only while the rest of it is small:
/// otherwise a queue of short messages would hold many times their size.
fn own(payload: Bytes, checked: &PublishBody<'_>) -> Bytes {
    let frame_rest = checked.topic.len() + checked.properties.len();
    if payload.len() >= frame_rest {
        payload
    } else {
        Bytes::copy_from_slice(&payload)
    }
}

/// Nearly always both are the same part of the frame, which need not be looked at.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    std::ptr::eq(one, other) || one == other
}

fn number(packet_id: Option<PacketId>) -> u16 {
    packet_id.map_or(0, PacketId::get)
}

const DISAGREEMENT: ProtocolError = ProtocolError::Internal {
    what: "mqttbytes and the validation disagree",
};

#[cfg(test)]
mod tests {
    use super::super::validate::Properties;
    use super::*;

    fn body(topic: &str) -> PublishBody<'_> {
        PublishBody {
            topic,
            packet_id: None,
            properties: Properties::none(),
            payload: b"",
        }
    }

    #[test]
    fn short_payload_is_copied_out_of_its_frame() {
        let payload = Bytes::from(vec![b'x'; 10]);
        let place = payload.as_ptr();

        let owned = own(payload, &body("eleven_byte"));

        assert_ne!(owned.as_ptr(), place);
        assert_eq!(owned, "xxxxxxxxxx");
    }

    #[test]
    fn payload_as_long_as_the_rest_of_its_frame_is_not_copied() {
        let payload = Bytes::from(vec![b'x'; 10]);
        let place = payload.as_ptr();

        let owned = own(payload, &body("ten_bytes!"));

        assert_eq!(owned.as_ptr(), place);
    }
}
