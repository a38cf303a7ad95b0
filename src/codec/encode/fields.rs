//! Every field that must not be written as it is.

use super::NOT_FROM_CLIENT;
use crate::codec::error::EncodeError;
use crate::codec::varint;
use crate::packet::{
    Ack, Connect, Disconnect, Packet, ProtocolVersion, Publish, PublishProperties, QoS, ReasonCode,
    Subscribe, Unsubscribe, Will,
};

/// Finds the first field that cannot be written.
pub(super) fn check(packet: &Packet, version: ProtocolVersion) -> Result<(), EncodeError> {
    let v5 = version == ProtocolVersion::V5_0;
    match packet {
        Packet::Connect(packet) => connect(packet, v5),
        Packet::Publish(packet) => check_publish(packet, version),
        Packet::PubAck(packet) | Packet::PubRec(packet) => ack(packet, v5, &PUBLISH_ANSWER),
        Packet::PubRel(packet) | Packet::PubComp(packet) => ack(packet, v5, &RELEASE),
        Packet::Subscribe(packet) => subscribe(packet, v5),
        Packet::Unsubscribe(packet) => unsubscribe(packet),
        Packet::Disconnect(packet) => disconnect(packet, v5),
        Packet::PingReq => Ok(()),
        Packet::ConnAck(_)
        | Packet::SubAck(_)
        | Packet::UnsubAck(_)
        | Packet::PingResp
        | Packet::Auth(_) => Err(NOT_FROM_CLIENT),
    }
}

fn connect(packet: &Connect, v5: bool) -> Result<(), EncodeError> {
    text("client id", &packet.client_id)?;
    // [MQTT-3.1.3-7]
    if packet.client_id.is_empty() && !packet.clean_session && !v5 {
        return not_allowed("empty client id without a clean session");
    }
    for (what, value) in [
        ("user name", &packet.user_name),
        ("password", &packet.password),
    ] {
        match value.as_deref() {
            Some("") => return not_allowed("empty user name or password"),
            Some(value) => text(what, value)?,
            None => {}
        }
    }
    // [MQTT-3.1.2-22]; 5.0 allows it.
    if packet.password.is_some() && packet.user_name.is_none() && !v5 {
        return not_allowed("password without a user name");
    }
    if let Some(will) = &packet.will {
        check_will(will, v5)?;
    }
    if v5 {
        // [MQTT5-3.1.2.11.4]
        if packet.properties.maximum_packet_size == Some(0) {
            return not_allowed("maximum packet size 0");
        }
        user_properties(&packet.properties.user_properties)?;
    }
    Ok(())
}

fn check_will(will: &Will, v5: bool) -> Result<(), EncodeError> {
    binary("will payload", &will.payload)?;
    if v5 {
        if will.properties.topic_alias.is_some() || !will.properties.subscription_ids.is_empty() {
            return not_allowed("topic alias or subscription identifier of a will");
        }
        publish_properties(&will.properties)?;
    }
    Ok(())
}

/// [`check`] for a PUBLISH.
pub(super) fn check_publish(packet: &Publish, version: ProtocolVersion) -> Result<(), EncodeError> {
    let v5 = version == ProtocolVersion::V5_0;
    match (packet.qos, packet.packet_id) {
        // [MQTT-2.3.1-5] [MQTT5-2.2.1-2]
        (QoS::AtMostOnce, Some(_)) => return not_allowed("packet identifier with QoS 0"),
        // [MQTT-3.3.1-2] [MQTT5-3.3.1-2]
        (QoS::AtMostOnce, None) if packet.dup => return not_allowed("DUP flag with QoS 0"),
        // [MQTT-2.3.1-1] [MQTT5-2.2.1-3]
        (QoS::AtLeastOnce | QoS::ExactlyOnce, None) => {
            return not_allowed("no packet identifier with QoS 1 or 2");
        }
        (QoS::AtMostOnce, None) | (QoS::AtLeastOnce | QoS::ExactlyOnce, Some(_)) => {}
    }
    let properties = packet.properties.as_deref().filter(|_| v5);
    let has_alias = properties.is_some_and(|properties| properties.topic_alias.is_some());
    // [MQTT-4.7.3-1]
    if packet.topic.is_none() && !has_alias {
        return not_allowed("neither topic nor topic alias");
    }
    let Some(properties) = properties else {
        return Ok(());
    };
    // [MQTT5-3.3.4-6]
    if !properties.subscription_ids.is_empty() {
        return not_allowed("subscription identifier in a PUBLISH from a client");
    }
    publish_properties(properties)
}

fn publish_properties(properties: &PublishProperties) -> Result<(), EncodeError> {
    if let Some(content_type) = &properties.content_type {
        text("content type", content_type)?;
    }
    if let Some(data) = &properties.correlation_data {
        binary("correlation data", data)?;
    }
    user_properties(&properties.user_properties)
}

fn ack(packet: &Ack, v5: bool, reasons: &[u8]) -> Result<(), EncodeError> {
    reason(packet.reason, v5, reasons)?;
    reason_string(packet.reason_string.as_deref(), v5)
}

fn subscribe(packet: &Subscribe, v5: bool) -> Result<(), EncodeError> {
    // [MQTT-3.8.3-3] [MQTT5-3.8.3-2]
    if packet.filters.is_empty() {
        return not_allowed("no topic filter");
    }
    if !v5 {
        return Ok(());
    }
    // [MQTT5-3.8.3-4]
    if packet
        .filters
        .iter()
        .any(|filter| filter.no_local && filter.filter.is_shared())
    {
        return not_allowed("no local with a shared subscription");
    }
    if let Some(id) = packet.subscription_id
        && (id == 0 || usize::try_from(id).is_ok_and(|id| id > varint::MAX))
    {
        return not_allowed("subscription identifier is not 1 to 268435455");
    }
    user_properties(&packet.user_properties)
}

fn unsubscribe(packet: &Unsubscribe) -> Result<(), EncodeError> {
    // [MQTT-3.10.3-2] [MQTT5-3.10.3-2]
    if packet.filters.is_empty() {
        return not_allowed("no topic filter");
    }
    Ok(())
}

fn disconnect(packet: &Disconnect, v5: bool) -> Result<(), EncodeError> {
    // [MQTT5-3.14.2-1]
    reason(packet.reason, v5, &DISCONNECT)?;
    if packet.server_reference.is_some() && v5 {
        return not_allowed("server reference from a client");
    }
    reason_string(packet.reason_string.as_deref(), v5)
}

/// 3.1.1 can say nothing but success, and a failure must not turn into one.
fn reason(reason: ReasonCode, v5: bool, list: &[u8]) -> Result<(), EncodeError> {
    let list = if v5 { list } else { &[0x00] };
    if !list.contains(&reason.0) {
        return not_allowed("reason code that this packet cannot have");
    }
    Ok(())
}

fn reason_string(reason_string: Option<&str>, v5: bool) -> Result<(), EncodeError> {
    match reason_string {
        Some(reason_string) if v5 => text("reason string", reason_string),
        Some(_) | None => Ok(()),
    }
}

fn user_properties(properties: &[(String, String)]) -> Result<(), EncodeError> {
    for (name, value) in properties {
        text("user property", name)?;
        text("user property", value)?;
    }
    Ok(())
}

/// [MQTT-1.5.3-2] [MQTT5-1.5.4-2]
fn text(what: &'static str, value: &str) -> Result<(), EncodeError> {
    binary(what, value.as_bytes())?;
    if value.contains('\0') {
        return Err(EncodeError::NullCharacter { what });
    }
    Ok(())
}

fn binary(what: &'static str, value: &[u8]) -> Result<(), EncodeError> {
    let bytes = value.len();
    if bytes > usize::from(u16::MAX) {
        return Err(EncodeError::FieldTooLong { what, bytes });
    }
    Ok(())
}

const fn not_allowed(what: &'static str) -> Result<(), EncodeError> {
    Err(EncodeError::NotAllowed { what })
}

const PUBLISH_ANSWER: [u8; 9] = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASE: [u8; 2] = [0x00, 0x92];
/// Those that a client may send.
const DISCONNECT: [u8; 14] = [
    0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
];
