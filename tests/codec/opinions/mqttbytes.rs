//! mqttbytes 0.6.0 as a reader.

use bytes::{Bytes, BytesMut};
use mqttbytes::{v4, v5};
use scratch_mqtt::packet::ProtocolVersion;

use super::content::Content;

/// Its reading of one whole packet; `None` if it refuses it.
pub fn read(version: ProtocolVersion, frame: &[u8]) -> Option<Content> {
    // It prints each UNSUBSCRIBE, which no server sends.
    if frame.first()? >> 4 == 10 {
        return None;
    }
    let mut stream = BytesMut::from(frame);
    match version {
        ProtocolVersion::V3_1_1 => v4_content(v4::read(&mut stream, usize::MAX).ok()?),
        ProtocolVersion::V5_0 => v5_content(v5::read(&mut stream, usize::MAX).ok()?),
    }
}

fn v4_content(packet: v4::Packet) -> Option<Content> {
    Some(match packet {
        v4::Packet::ConnAck(it) => {
            let is_accepted = it.code == v4::ConnectReturnCode::Success;
            let content = Content::new(0x20).code(it.code as u8);
            content.present(it.session_present && is_accepted)
        }
        v4::Packet::Publish(it) => {
            let content = Content::new(first_of_publish(it.dup, it.qos, it.retain));
            content.id(it.pkid).message(&it.topic, &it.payload)
        }
        v4::Packet::PubAck(it) => Content::new(0x40).id(it.pkid).code(0),
        v4::Packet::PubRec(it) => Content::new(0x50).id(it.pkid).code(0),
        v4::Packet::PubRel(it) => Content::new(0x62).id(it.pkid).code(0),
        v4::Packet::PubComp(it) => Content::new(0x70).id(it.pkid).code(0),
        v4::Packet::SubAck(it) => {
            let codes = it.return_codes.into_iter().map(|code| match code {
                v4::SubscribeReasonCode::Success(qos) => qos as u8,
                v4::SubscribeReasonCode::Failure => 0x80,
            });
            Content::new(0x90).id(it.pkid).codes(codes)
        }
        v4::Packet::UnsubAck(it) => Content::new(0xB0).id(it.pkid),
        v4::Packet::PingResp => Content::new(0xD0),
        v4::Packet::Connect(_)
        | v4::Packet::Subscribe(_)
        | v4::Packet::Unsubscribe(_)
        | v4::Packet::PingReq
        | v4::Packet::Disconnect => return None,
    })
}

fn v5_content(packet: v5::Packet) -> Option<Content> {
    let content = match packet {
        v5::Packet::ConnAck(it) => connack(it),
        v5::Packet::Publish(it) => publish(it),
        v5::Packet::PubAck(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(0x40, it.pkid, [it.reason as u8], given)
        }
        v5::Packet::PubRec(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(0x50, it.pkid, [it.reason as u8], given)
        }
        v5::Packet::PubRel(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(0x62, it.pkid, [it.reason as u8], given)
        }
        v5::Packet::PubComp(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(0x70, it.pkid, [it.reason as u8], given)
        }
        v5::Packet::SubAck(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(
                0x90,
                it.pkid,
                it.return_codes.into_iter().map(|code| code as u8),
                given,
            )
        }
        v5::Packet::UnsubAck(it) => {
            let given = it.properties.map(|given| given.reason_string);
            ack(
                0xB0,
                it.pkid,
                it.reasons.into_iter().map(|code| code as u8),
                given,
            )
        }
        v5::Packet::PingResp => Content::new(0xD0),
        v5::Packet::Disconnect(it) => {
            let mut content = Content::new(0xE0).code(it.reason_code as u8);
            if let Some(given) = it.properties {
                content.long(0x11, given.session_expiry_interval);
                content.text(0x1C, given.server_reference);
                content.text(0x1F, given.reason_string);
            }
            content
        }
        v5::Packet::Connect(_)
        | v5::Packet::Subscribe(_)
        | v5::Packet::Unsubscribe(_)
        | v5::Packet::PingReq => return None,
    };
    Some(content.sorted())
}

fn connack(it: v5::ConnAck) -> Content {
    let is_accepted = it.code == v5::ConnectReturnCode::Success;
    let content = Content::new(0x20).code(it.code as u8);
    let mut content = content.present(it.session_present && is_accepted);
    if let Some(given) = it.properties {
        content.long(0x11, given.session_expiry_interval);
        content.text(0x12, given.assigned_client_identifier);
        content.short(0x13, given.server_keep_alive);
        content.text(0x15, given.authentication_method);
        content.text(0x1A, given.response_information);
        content.text(0x1C, given.server_reference);
        content.text(0x1F, given.reason_string);
        content.short(0x21, given.receive_max);
        content.short(0x22, given.topic_alias_max);
        content.flag(0x24, given.max_qos);
        content.flag(0x25, given.retain_available);
        content.pairs(&given.user_properties);
        content.long(0x27, given.max_packet_size);
        content.flag(0x28, given.wildcard_subscription_available);
        content.flag(0x29, given.subscription_identifiers_available);
        content.flag(0x2A, given.shared_subscription_available);
    }
    content
}

fn publish(it: v5::Publish) -> Content {
    let content = Content::new(first_of_publish(it.dup, it.qos, it.retain));
    let mut content = content.id(it.pkid).message(&it.topic, &it.payload);
    if let Some(given) = it.properties {
        content.flag(0x01, given.payload_format_indicator);
        content.long(0x02, given.message_expiry_interval);
        content.text(0x03, given.content_type);
        content.text(0x08, given.response_topic);
        content.text(0x09, given.correlation_data.as_ref().map(Bytes::as_ref));
        content.ids(given.subscription_identifiers);
        content.short(0x23, given.topic_alias);
        content.pairs(&given.user_properties);
    }
    content
}

fn ack(
    first: u8,
    id: u16,
    codes: impl IntoIterator<Item = u8>,
    reason_string: Option<Option<String>>,
) -> Content {
    let mut content = Content::new(first).id(id).codes(codes);
    content.text(0x1F, reason_string.flatten());
    content
}

const fn first_of_publish(dup: bool, qos: mqttbytes::QoS, retain: bool) -> u8 {
    0x30 | (dup as u8) << 3 | (qos as u8) << 1 | retain as u8
}
