//! How many bytes a packet takes, known before it is written.

use crate::codec::varint;
use crate::packet::{
    Ack, Connect, Disconnect, Packet, ProtocolVersion, Publish, PublishProperties, Subscribe,
    Unsubscribe, Will,
};

/// How many bytes [`encode`](super::encode) would write, fixed header included; 0 for a packet that
/// only a server sends.
#[must_use]
pub fn encoded_len(packet: &Packet, version: ProtocolVersion) -> usize {
    let v5 = version == ProtocolVersion::V5_0;
    match packet {
        Packet::Connect(packet) => framed(connect(packet, v5)),
        Packet::Publish(packet) => encoded_publish_len(packet, version),
        Packet::PubAck(packet)
        | Packet::PubRec(packet)
        | Packet::PubRel(packet)
        | Packet::PubComp(packet) => framed(2 + ack(packet, v5)),
        Packet::Subscribe(packet) => framed(subscribe(packet, v5)),
        Packet::Unsubscribe(packet) => framed(unsubscribe(packet, v5)),
        Packet::PingReq => framed(0),
        Packet::Disconnect(packet) => framed(disconnect(packet, v5)),
        Packet::ConnAck(_)
        | Packet::SubAck(_)
        | Packet::UnsubAck(_)
        | Packet::PingResp
        | Packet::Auth(_) => 0,
    }
}

/// How many bytes [`encode_publish`](super::encode_publish) would write.
#[must_use]
pub fn encoded_publish_len(publish: &Publish, version: ProtocolVersion) -> usize {
    publish_len(
        publish.topic.as_ref().map_or("", |topic| topic.as_str()),
        publish.packet_id.is_some(),
        publish.properties.as_deref(),
        &publish.payload,
        version,
    )
}

/// How many bytes a PUBLISH of these parts takes, to compare with a Maximum Packet Size before it is
/// queued.
#[must_use]
pub fn publish_len(
    topic: &str,
    has_packet_id: bool,
    properties: Option<&PublishProperties>,
    payload: &[u8],
    version: ProtocolVersion,
) -> usize {
    let packet_id = if has_packet_id { 2 } else { 0 };
    let properties = match (version, properties) {
        (ProtocolVersion::V3_1_1, _) => 0,
        (ProtocolVersion::V5_0, None) => 1,
        (ProtocolVersion::V5_0, Some(properties)) => section(publish_properties(properties)),
    };
    framed(field(topic) + packet_id + properties + payload.len())
}

fn connect(packet: &Connect, v5: bool) -> usize {
    let mut len = 10 + field(&packet.client_id);
    if v5 {
        let properties = &packet.properties;
        len += section(
            present(properties.session_expiry_secs, 4)
                + present(properties.receive_maximum, 2)
                + present(properties.maximum_packet_size, 4)
                + present(properties.topic_alias_maximum, 2)
                + user_properties(&properties.user_properties),
        );
    }
    len += packet.will.as_ref().map_or(0, |packet| will(packet, v5));
    len += packet.user_name.as_ref().map_or(0, field);
    len + packet.password.as_ref().map_or(0, field)
}

fn will(will: &Will, v5: bool) -> usize {
    let mut len = field(will.topic.as_str()) + field(&will.payload);
    if v5 {
        len += section(present(will.delay_secs, 4) + publish_properties(&will.properties));
    }
    len
}

fn publish_properties(properties: &PublishProperties) -> usize {
    present(properties.payload_is_utf8, 1)
        + present(properties.message_expiry_secs, 4)
        + present(properties.topic_alias, 2)
        + properties
            .response_topic
            .as_ref()
            .map_or(0, |topic| 1 + field(topic.as_str()))
        + properties
            .correlation_data
            .as_ref()
            .map_or(0, |data| 1 + field(data))
        + user_properties(&properties.user_properties)
        + optional_text(properties.content_type.as_ref())
}

/// Success without a Reason String needs neither code nor properties, any code needs no properties.
fn ack(packet: &Ack, v5: bool) -> usize {
    match &packet.reason_string {
        Some(_) if v5 => 1 + section(optional_text(packet.reason_string.as_ref())),
        Some(_) | None => {
            if v5 && packet.reason.0 != 0 {
                1
            } else {
                0
            }
        }
    }
}

fn subscribe(packet: &Subscribe, v5: bool) -> usize {
    let filters: usize = packet
        .filters
        .iter()
        .map(|filter| field(filter.filter.as_str()) + 1)
        .sum();
    let mut len = 2 + filters;
    if v5 {
        let id = packet
            .subscription_id
            .and_then(|id| usize::try_from(id).ok());
        let id = id.map_or(0, |id| 1 + varint::len(id));
        len += section(id + user_properties(&packet.user_properties));
    }
    len
}

fn unsubscribe(packet: &Unsubscribe, v5: bool) -> usize {
    let filters: usize = packet
        .filters
        .iter()
        .map(|filter| field(filter.as_str()))
        .sum();
    2 + filters + if v5 { 1 } else { 0 }
}

fn disconnect(packet: &Disconnect, v5: bool) -> usize {
    if !v5 {
        return 0;
    }
    let properties =
        present(packet.session_expiry_secs, 4) + optional_text(packet.reason_string.as_ref());
    match (packet.reason.0, properties) {
        (0, 0) => 0,
        (_, 0) => 1,
        (_, properties) => 1 + section(properties),
    }
}

fn framed(body: usize) -> usize {
    1 + section(body)
}

/// Something that begins with its length.
fn section(bytes: usize) -> usize {
    varint::len(bytes) + bytes
}

fn field(value: impl AsRef<[u8]>) -> usize {
    2 + value.as_ref().len()
}

/// A property of a fixed size, if it is there.
fn present<T>(property: Option<T>, bytes: usize) -> usize {
    property.map_or(0, |_| 1 + bytes)
}

fn optional_text(property: Option<&String>) -> usize {
    property.map_or(0, |text| 1 + field(text))
}

fn user_properties(properties: &[(String, String)]) -> usize {
    properties
        .iter()
        .map(|(name, value)| 1 + field(name) + field(value))
        .sum()
}
