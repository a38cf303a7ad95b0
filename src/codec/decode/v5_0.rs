//! What mqttbytes reads in 5.0, as our packets.

use bytes::{BufMut, Bytes, BytesMut};
use mqttbytes::v5;

use super::{DISAGREEMENT, KnownTopics, ReadPublish, publish, read_as};
use crate::codec::error::ProtocolError;
use crate::codec::frame::FixedHeader;
use crate::codec::validate::{Checked, ConnAckBody, Properties, PublishBody};
use crate::codec::varint;
use crate::packet::{
    Ack, ConnAck, ConnAckProperties, Disconnect, Packet, PacketId, PacketType, ProtocolVersion,
    PublishProperties, QoS, ReasonCode, SubAck,
};
use crate::topic::TopicName;

/// Reads a validated frame.
pub(super) fn read(
    frame: &Bytes,
    header: &FixedHeader,
    checked: &Checked<'_>,
    topics: &mut KnownTopics,
) -> Result<Packet, ProtocolError> {
    if let Checked::Disconnect {
        reason,
        has_properties: false,
    } = checked
    {
        // mqttbytes cannot read a DISCONNECT without the length of its properties.
        let reason = ReasonCode(*reason);
        return Ok(Packet::Disconnect(Disconnect {
            reason,
            ..Disconnect::default()
        }));
    }
    let whole = frame;
    let frame = readable_by_mqttbytes(frame, header, checked)?;
    match (header.packet, checked) {
        (PacketType::ConnAck, Checked::ConnAck(body)) => {
            connack(read_as(frame, v5::ConnAck::read)?, body)
        }
        (PacketType::Publish, Checked::Publish(body)) => {
            let read = read_as(frame, v5::Publish::read)?;
            let properties = publish_properties(read.properties, body)?;
            let read = ReadPublish {
                dup: read.dup,
                qos: read.qos,
                retain: read.retain,
                topic: read.topic,
                pkid: read.pkid,
                payload: payload_of(whole, body),
                properties,
            };
            publish(read, body, topics)
        }
        (PacketType::PubAck, Checked::Ack { packet_id, reason }) => {
            ack(Packet::PubAck, frame, *packet_id, *reason)
        }
        (PacketType::PubRec, Checked::Ack { packet_id, reason }) => {
            ack(Packet::PubRec, frame, *packet_id, *reason)
        }
        (PacketType::PubRel, Checked::Ack { packet_id, reason }) => {
            ack(Packet::PubRel, frame, *packet_id, *reason)
        }
        (PacketType::PubComp, Checked::Ack { packet_id, reason }) => {
            ack(Packet::PubComp, frame, *packet_id, *reason)
        }
        (PacketType::SubAck, Checked::SubAck { packet_id, reasons }) => {
            suback(Packet::SubAck, frame, *packet_id, reasons)
        }
        (PacketType::UnsubAck, Checked::SubAck { packet_id, reasons }) => {
            suback(Packet::UnsubAck, frame, *packet_id, reasons)
        }
        (PacketType::PingResp, Checked::PingResp) => Ok(Packet::PingResp),
        (PacketType::Disconnect, Checked::Disconnect { reason, .. }) => {
            let read = read_as(frame, v5::Disconnect::read)?;
            Ok(Packet::Disconnect(disconnect(read, *reason)))
        }
        _ => Err(DISAGREEMENT),
    }
}

/// The frame without what mqttbytes misreads or does not know. What is taken out here is known from
/// validation.
fn readable_by_mqttbytes(
    frame: &Bytes,
    header: &FixedHeader,
    checked: &Checked<'_>,
) -> Result<Bytes, ProtocolError> {
    match checked {
        // It counts one byte too many for each Subscription Identifier, then takes the last property
        // for payload; and it would read every User Property, however many there are.
        Checked::Publish(body) if body.properties.has_repeatable => {
            head_without_repeatable(frame, body)
        }
        // It refuses codes that it does not know.
        Checked::ConnAck(_) => Ok(with_any_code(frame, header.header_bytes + 1, 1)),
        Checked::Disconnect { .. } => Ok(with_any_code(frame, header.header_bytes, 1)),
        // All four are read as a PUBACK, and UNSUBACK as a SUBACK: they differ in their codes only,
        // and each reader of its own would cost a kilobyte.
        Checked::Ack { .. } => Ok(with_any_code(frame, header.header_bytes + 2, 1)),
        Checked::SubAck { reasons, .. } => {
            let place = frame.len().saturating_sub(reasons.len());
            Ok(with_any_code(frame, place, reasons.len()))
        }
        Checked::Publish(_) | Checked::PingResp | Checked::Auth { .. } => Ok(frame.clone()),
    }
}

/// All but the payload, which is known, and need not be copied.
fn head_without_repeatable(frame: &Bytes, body: &PublishBody<'_>) -> Result<Bytes, ProtocolError> {
    let first = frame.first().ok_or(DISAGREEMENT)?;
    let properties = body.properties.single();
    let packet_id = body
        .packet_id
        .map(|packet_id| packet_id.get().to_be_bytes());
    let packet_id = packet_id.as_ref().map_or(&[][..], |bytes| bytes);
    let topic_bytes = u16::try_from(body.topic.len()).map_err(|_too_long| DISAGREEMENT)?;
    let remaining_length =
        2 + body.topic.len() + packet_id.len() + varint::len(properties.len()) + properties.len();

    let mut written = BytesMut::with_capacity(5 + remaining_length);
    written.put_u8(*first);
    varint::put(&mut written, remaining_length);
    written.put_u16(topic_bytes);
    written.put_slice(body.topic.as_bytes());
    written.put_slice(packet_id);
    varint::put(&mut written, properties.len());
    written.put_slice(&properties);
    Ok(written.freeze())
}

/// The payload is the end of the packet.
fn payload_of(frame: &Bytes, body: &PublishBody<'_>) -> Bytes {
    let start = frame.len().saturating_sub(body.payload.len());
    frame.clone().split_off(start)
}

/// The codes themselves are known from validation.
fn with_any_code(frame: &Bytes, place: usize, count: usize) -> Bytes {
    if frame.len() <= place {
        return frame.clone();
    }
    let mut written = BytesMut::from(&frame[..]);
    for code in written.iter_mut().skip(place).take(count) {
        *code = ReasonCode::UNSPECIFIED_ERROR.0;
    }
    written.freeze()
}

fn connack(read: v5::ConnAck, body: &ConnAckBody<'_>) -> Result<Packet, ProtocolError> {
    let user_properties = body.properties.as_ref().map(Properties::pairs);
    let properties = match read.properties {
        Some(properties) => connack_properties(properties, user_properties.unwrap_or_default())?,
        None => ConnAckProperties::default(),
    };
    Ok(Packet::ConnAck(Box::new(ConnAck {
        version: ProtocolVersion::V5_0,
        session_present: body.session_present,
        reason: ReasonCode(body.code),
        return_code: body.code,
        properties,
    })))
}

fn connack_properties(
    read: v5::ConnAckProperties,
    user_properties: Vec<(String, String)>,
) -> Result<ConnAckProperties, ProtocolError> {
    let flag = |number| number == 1;
    Ok(ConnAckProperties {
        session_expiry_secs: read.session_expiry_interval,
        receive_maximum: read.receive_max.map(non_zero).transpose()?,
        maximum_qos: read.max_qos.and_then(QoS::from_number),
        retain_available: read.retain_available.map(flag),
        maximum_packet_size: read.max_packet_size,
        assigned_client_id: read.assigned_client_identifier,
        topic_alias_maximum: read.topic_alias_max,
        reason_string: read.reason_string,
        user_properties,
        wildcard_subscription_available: read.wildcard_subscription_available.map(flag),
        subscription_identifiers_available: read.subscription_identifiers_available.map(flag),
        shared_subscription_available: read.shared_subscription_available.map(flag),
        server_keep_alive_secs: read.server_keep_alive,
        response_information: read.response_information,
        server_reference: read.server_reference,
        authentication_method: read.authentication_method,
    })
}

fn publish_properties(
    read: Option<v5::PublishProperties>,
    body: &PublishBody<'_>,
) -> Result<Option<Box<PublishProperties>>, ProtocolError> {
    let subscription_ids = body.properties.subscription_ids.clone();
    let user_properties = body.properties.pairs();
    let Some(read) = read else {
        let others = PublishProperties {
            subscription_ids,
            user_properties,
            ..PublishProperties::default()
        };
        return Ok(body.properties.has_repeatable.then(|| Box::new(others)));
    };
    let response_topic = read
        .response_topic
        .as_deref()
        .map(TopicName::new)
        .transpose();
    Ok(Some(Box::new(PublishProperties {
        payload_is_utf8: read.payload_format_indicator.map(|number| number == 1),
        message_expiry_secs: read.message_expiry_interval,
        topic_alias: read.topic_alias.map(non_zero).transpose()?,
        response_topic: response_topic.map_err(|_disagrees| DISAGREEMENT)?,
        // A copy: it must not keep the whole frame in memory.
        correlation_data: read
            .correlation_data
            .map(|data| Bytes::copy_from_slice(&data)),
        user_properties,
        subscription_ids,
        content_type: read.content_type,
    })))
}

fn non_zero(number: u16) -> Result<std::num::NonZeroU16, ProtocolError> {
    std::num::NonZeroU16::new(number).ok_or(DISAGREEMENT)
}

fn ack(
    packet: fn(Ack) -> Packet,
    frame: Bytes,
    packet_id: PacketId,
    reason: u8,
) -> Result<Packet, ProtocolError> {
    let read = read_as(frame, v5::PubAck::read)?;
    if read.pkid != packet_id.get() {
        return Err(DISAGREEMENT);
    }
    let properties = read.properties;
    Ok(packet(Ack {
        packet_id,
        reason: ReasonCode(reason),
        reason_string: properties.and_then(|properties| properties.reason_string),
    }))
}

fn suback(
    packet: fn(SubAck) -> Packet,
    frame: Bytes,
    packet_id: PacketId,
    reasons: &[u8],
) -> Result<Packet, ProtocolError> {
    let read = read_as(frame, v5::SubAck::read)?;
    if read.pkid != packet_id.get() || read.return_codes.len() != reasons.len() {
        return Err(DISAGREEMENT);
    }
    let reasons = reasons.iter().copied().map(ReasonCode).collect();
    let properties = read.properties;
    Ok(packet(SubAck {
        packet_id,
        reasons,
        reason_string: properties.and_then(|properties| properties.reason_string),
    }))
}

fn disconnect(read: v5::Disconnect, reason: u8) -> Disconnect {
    let reason = ReasonCode(reason);
    match read.properties {
        Some(properties) => Disconnect {
            reason,
            reason_string: properties.reason_string,
            server_reference: properties.server_reference,
            session_expiry_secs: properties.session_expiry_interval,
        },
        None => Disconnect {
            reason,
            ..Disconnect::default()
        },
    }
}
