//! PUBLISH: read where it lies, written from parts that stay where they are.

use std::num::NonZeroU16;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::cursor::Cursor;
use super::error::{EncodeError, ProtocolError};
use super::fields::{begin, not_allowed, packet_len};
use super::header::FixedHeader;
use super::properties::{self, Value};
use super::section::Section;
use crate::packet::{PacketId, PacketType, ProtocolVersion, Publish, PublishProperties, QoS};
use crate::topic::{TopicError, TopicName};

/// Reads the body of a PUBLISH. `has_left_out` is set when it has more User Properties than are read.
pub(super) fn read(
    header: &FixedHeader,
    mut body: Bytes,
    version: ProtocolVersion,
    has_left_out: &mut bool,
) -> Result<Publish, ProtocolError> {
    let mut cursor = Cursor::new(&body, PacketType::Publish);
    let topic_bytes = cursor.binary()?;
    let topic = read_topic(&cursor, topic_bytes)?;
    let packet_id = if header.has_packet_id() {
        Some(cursor.packet_id()?)
    } else {
        None
    };
    let before = cursor.len();
    let properties = match version {
        ProtocolVersion::V3_1_1 => None,
        ProtocolVersion::V5_0 => read_properties(&mut cursor, has_left_out)?,
    };
    if topic.is_none() {
        let given = properties.as_deref();
        match version {
            // [MQTT-4.7.3-1]
            ProtocolVersion::V3_1_1 => return Err(cursor.malformed("topic is empty")),
            ProtocolVersion::V5_0 if given.is_none_or(|given| given.topic_alias.is_none()) => {
                return Err(cursor.violation("topic is empty, and no topic alias"));
            }
            ProtocolVersion::V5_0 => {}
        }
    }
    let other_bytes = topic_bytes.len() + before - cursor.len();
    let start = body.len() - cursor.len();
    body.advance(start);
    Ok(Publish {
        dup: header.flags & 0b1000 != 0,
        qos: QoS::from_number(header.flags >> 1 & 0b11).unwrap_or_default(),
        retain: header.flags & 1 != 0,
        topic,
        packet_id,
        payload: owned(body, other_bytes),
        properties,
    })
}

/// The topic, if it is not empty. One that was seen lately is the same bytes, so nothing is checked.
fn read_topic(cursor: &Cursor<'_>, bytes: &[u8]) -> Result<Option<TopicName>, ProtocolError> {
    if let Some(topic) = TopicName::seen(bytes) {
        return Ok(Some(topic));
    }
    match TopicName::new(cursor.text_of(bytes)?) {
        Ok(topic) => Ok(Some(topic)),
        Err(TopicError::Empty) => Ok(None),
        // [MQTT-3.3.2-2] [MQTT5-3.3.2-2]
        Err(_) => Err(cursor.malformed("topic contains + or #")),
    }
}

fn read_properties(
    cursor: &mut Cursor<'_>,
    has_left_out: &mut bool,
) -> Result<Option<Box<PublishProperties>>, ProtocolError> {
    if cursor.skips(0) {
        return Ok(None);
    }
    let mut read = Box::<PublishProperties>::default();
    let repeated = properties::read(cursor, &mut |property, value| {
        put(&mut read, property, value)
    })?;
    *has_left_out |= repeated.has_left_out;
    read.user_properties = repeated.user_properties;
    read.subscription_ids = repeated.subscription_ids;
    Ok(Some(read))
}

/// A sender chose these values, and servers hand them on unread [MQTT5-3.3.2-4] [MQTT5-3.3.2-15]: one
/// that means nothing is left out, or any sender could end the connections of all who listen.
fn put(into: &mut PublishProperties, property: u8, value: Value<'_>) {
    match property {
        properties::PAYLOAD_FORMAT => {
            into.payload_is_utf8 = (value.number() <= 1).then(|| value.flag());
        }
        properties::MESSAGE_EXPIRY => into.message_expiry_secs = Some(value.number()),
        properties::TOPIC_ALIAS => into.topic_alias = value.non_zero(),
        // [MQTT5-3.3.2-14]
        properties::RESPONSE_TOPIC => into.response_topic = TopicName::new(value.text()).ok(),
        // A copy: it must not keep the whole frame in memory.
        properties::CORRELATION_DATA => {
            into.correlation_data = Some(Bytes::copy_from_slice(value.bytes()));
        }
        properties::CONTENT_TYPE => into.content_type = Some(value.owned()),
        _ => {}
    }
}

/// The payload is a part of the frame's block. It keeps that block only while the rest of it is small:
/// otherwise a queue of short messages would hold many times their size.
fn owned(payload: Bytes, other_bytes: usize) -> Bytes {
    if payload.len() >= other_bytes {
        payload
    } else {
        Bytes::copy_from_slice(&payload)
    }
}

/// A PUBLISH to be written, of parts that stay where they are.
#[derive(Clone, Copy, Debug)]
pub struct PublishParts<'a> {
    /// Sent before, perhaps.
    pub dup: bool,
    /// How surely it is delivered.
    pub qos: QoS,
    /// Retained by the server.
    pub retain: bool,
    /// `None` only in 5.0, with a Topic Alias instead.
    pub topic: Option<&'a TopicName>,
    /// 5.0 only.
    pub topic_alias: Option<NonZeroU16>,
    /// Present exactly when the QoS is 1 or 2. [MQTT-2.3.1-5]
    pub packet_id: Option<PacketId>,
    /// The Application Message.
    pub payload: &'a [u8],
    /// 5.0 only; their Topic Alias is not looked at.
    pub properties: Option<&'a PublishProperties>,
}

impl<'a> PublishParts<'a> {
    /// A new message of QoS 0 without properties.
    pub(crate) const fn plain(topic: &'a TopicName, payload: &'a [u8], retain: bool) -> Self {
        Self {
            dup: false,
            qos: QoS::AtMostOnce,
            retain,
            topic: Some(topic),
            topic_alias: None,
            packet_id: None,
            payload,
            properties: None,
        }
    }

    /// Whether it is one of QoS 0 without properties.
    pub(crate) const fn has_nothing_more(&self) -> bool {
        matches!(self.qos, QoS::AtMostOnce) && self.properties.is_none()
    }

    /// How many bytes it takes, with a Packet Identifier if its QoS wants one: to be compared with a
    /// Maximum Packet Size before it is queued.
    #[must_use]
    pub fn len(&self, version: ProtocolVersion) -> usize {
        if self.is_plain(version) {
            return packet_len(self.body_bytes(version, None));
        }
        // What cannot be written has no length, and is refused when it is.
        let section = self.section().unwrap_or_default();
        packet_len(self.body_bytes(version, section.as_deref()))
    }

    /// How many bytes its topic and its payload have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.topic.map_or(0, |topic| topic.as_str().len()) + self.payload.len()
    }

    /// Appends exactly one packet to `out`, or nothing.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](super::encode()).
    pub fn encode(
        &self,
        version: ProtocolVersion,
        max_packet_bytes: usize,
        out: &mut BytesMut,
    ) -> Result<(), EncodeError> {
        self.check_identifier()?;
        let v5 = version == ProtocolVersion::V5_0;
        // [MQTT-4.7.3-1]
        if self.topic.is_none() && !(v5 && self.topic_alias.is_some()) {
            return not_allowed("neither topic nor topic alias");
        }
        let section = if self.is_plain(version) {
            None
        } else {
            self.section()?
        };
        let flags = u8::from(self.dup) << 3 | self.qos.number() << 1 | u8::from(self.retain);
        let body_bytes = self.body_bytes(version, section.as_deref());
        let before = body_bytes - self.payload.len();
        let mut place = begin(out, max_packet_bytes, 0x30 | flags, body_bytes, before)?;
        let topic = self.topic.map_or("", TopicName::as_str);
        // No topic is longer than 65,535 bytes.
        place.put_u16(topic.len() as u16);
        place.put_slice(topic.as_bytes());
        if let Some(packet_id) = self.packet_id {
            place.put_u16(packet_id.get());
        }
        match section {
            Some(section) => place.put_slice(&section),
            None if v5 => place.put_u8(0),
            None => {}
        }
        out.extend_from_slice(self.payload);
        Ok(())
    }

    fn body_bytes(&self, version: ProtocolVersion, section: Option<&[u8]>) -> usize {
        let topic = self.topic.map_or(0, |topic| topic.as_str().len());
        let packet_id = if self.qos == QoS::AtMostOnce { 0 } else { 2 };
        let section = match version {
            ProtocolVersion::V3_1_1 => 0,
            ProtocolVersion::V5_0 => section.map_or(1, <[u8]>::len),
        };
        2 + topic + packet_id + section + self.payload.len()
    }

    fn check_identifier(&self) -> Result<(), EncodeError> {
        match (self.qos, self.packet_id) {
            // [MQTT-2.3.1-5] [MQTT5-2.2.1-2]
            (QoS::AtMostOnce, Some(_)) => not_allowed("packet identifier with QoS 0"),
            // [MQTT-3.3.1-2] [MQTT5-3.3.1-2]
            (QoS::AtMostOnce, None) if self.dup => not_allowed("DUP flag with QoS 0"),
            // [MQTT-2.3.1-1] [MQTT5-2.2.1-3]
            (QoS::AtLeastOnce | QoS::ExactlyOnce, None) => {
                not_allowed("no packet identifier with QoS 1 or 2")
            }
            (QoS::AtMostOnce, None) | (QoS::AtLeastOnce | QoS::ExactlyOnce, Some(_)) => Ok(()),
        }
    }

    /// Whether there is no property to be written, as in most packets.
    fn is_plain(&self, version: ProtocolVersion) -> bool {
        let has_none = self.properties.is_none() && self.topic_alias.is_none();
        has_none || version == ProtocolVersion::V3_1_1
    }

    /// The properties behind their length, if there are any.
    fn section(&self) -> Result<Option<Vec<u8>>, EncodeError> {
        let mut section = Section::new(properties::PUBLISH);
        match self.properties {
            Some(properties) => list(&mut section, properties, self.topic_alias),
            None => section.number(
                properties::TOPIC_ALIAS,
                self.topic_alias.map(NonZeroU16::get),
            ),
        };
        section.finish()
    }
}

impl<'a> From<&'a Publish> for PublishParts<'a> {
    fn from(publish: &'a Publish) -> Self {
        let properties = publish.properties.as_deref();
        Self {
            dup: publish.dup,
            qos: publish.qos,
            retain: publish.retain,
            topic: publish.topic.as_ref(),
            topic_alias: properties.and_then(|properties| properties.topic_alias),
            packet_id: publish.packet_id,
            payload: &publish.payload,
            properties,
        }
    }
}

/// Adds the properties of a PUBLISH or of a will; those that one of them cannot have are refused.
pub(super) fn list<'s>(
    section: &'s mut Section,
    properties: &PublishProperties,
    topic_alias: Option<NonZeroU16>,
) -> &'s mut Section {
    let response_topic = properties.response_topic.as_ref().map(TopicName::as_str);
    let correlation_data = properties.correlation_data.as_deref();
    section
        .number(properties::PAYLOAD_FORMAT, properties.payload_is_utf8)
        .number(properties::MESSAGE_EXPIRY, properties.message_expiry_secs)
        .number(properties::TOPIC_ALIAS, topic_alias.map(NonZeroU16::get))
        .text(properties::RESPONSE_TOPIC, response_topic)
        .binary(properties::CORRELATION_DATA, correlation_data)
        .pairs(&properties.user_properties)
        .text(properties::CONTENT_TYPE, properties.content_type.as_deref());
    for id in &properties.subscription_ids {
        section.number(properties::SUBSCRIPTION_ID, Some(*id));
    }
    section
}
