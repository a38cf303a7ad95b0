//! Our packets as mqttbytes writes them in 5.0.

use bytes::BytesMut;
use mqttbytes::{Protocol, v5};

use super::{NOT_FROM_CLIENT, give_back, lend_topic, mqttbytes_qos, number, unexpected};
use crate::codec::error::EncodeError;
use crate::codec::frame::FixedHeader;
use crate::packet::{
    Ack, Connect, ConnectProperties, Disconnect, Packet, ProtocolVersion, Publish,
    PublishProperties, ReasonCode, RetainHandling, Subscribe, Unsubscribe, Will,
};

/// Writes a packet whose fields were checked.
pub(super) fn write(packet: &Packet, buffer: &mut BytesMut) -> Result<(), EncodeError> {
    let written = match packet {
        Packet::Connect(packet) => connect(packet).write(buffer),
        Packet::PubAck(ack) => return write_ack(ack, 0x40, buffer),
        Packet::PubRec(ack) => return write_ack(ack, 0x50, buffer),
        Packet::PubRel(ack) => return write_ack(ack, 0x62, buffer),
        Packet::PubComp(ack) => return write_ack(ack, 0x70, buffer),
        Packet::Subscribe(packet) => subscribe(packet).write(buffer),
        Packet::Unsubscribe(packet) => unsubscribe(packet).write(buffer),
        Packet::PingReq => v5::PingReq.write(buffer),
        Packet::Disconnect(packet) => disconnect(packet)?.write(buffer),
        Packet::Publish(_)
        | Packet::ConnAck(_)
        | Packet::SubAck(_)
        | Packet::UnsubAck(_)
        | Packet::PingResp
        | Packet::Auth(_) => return Err(NOT_FROM_CLIENT),
    };
    // What it returns is not always the number of bytes written.
    written.map(|_unreliable| ()).map_err(unexpected)
}

fn connect(packet: &Connect) -> v5::Connect {
    let has_login = packet.user_name.is_some() || packet.password.is_some();
    v5::Connect {
        protocol: Protocol::V5,
        keep_alive: packet.keep_alive_secs,
        client_id: packet.client_id.clone(),
        clean_session: packet.clean_session,
        last_will: packet.will.as_ref().map(last_will),
        // An empty text means "not there" to mqttbytes.
        login: has_login.then(|| v5::Login {
            username: packet.user_name.clone().unwrap_or_default(),
            password: packet.password.clone().unwrap_or_default(),
        }),
        properties: Some(connect_properties(&packet.properties)),
    }
}

fn connect_properties(properties: &ConnectProperties) -> v5::ConnectProperties {
    v5::ConnectProperties {
        session_expiry_interval: properties.session_expiry_secs,
        receive_maximum: properties.receive_maximum.map(std::num::NonZero::get),
        max_packet_size: properties.maximum_packet_size,
        topic_alias_max: properties.topic_alias_maximum,
        request_response_info: None,
        request_problem_info: None,
        user_properties: properties.user_properties.clone(),
        authentication_method: None,
        authentication_data: None,
    }
}

fn last_will(will: &Will) -> v5::LastWill {
    let properties = &will.properties;
    v5::LastWill {
        topic: will.topic.as_str().to_owned(),
        message: will.payload.clone(),
        qos: mqttbytes_qos(will.qos),
        retain: will.retain,
        properties: Some(v5::WillProperties {
            delay_interval: will.delay_secs,
            payload_format_indicator: properties.payload_is_utf8.map(u8::from),
            message_expiry_interval: properties.message_expiry_secs,
            content_type: properties.content_type.clone(),
            response_topic: properties
                .response_topic
                .as_ref()
                .map(|topic| topic.as_str().into()),
            correlation_data: properties.correlation_data.clone(),
            user_properties: properties.user_properties.clone(),
        }),
    }
}

/// Writes a PUBLISH whose fields were checked.
pub(super) fn write_publish(
    packet: &mut Publish,
    buffer: &mut BytesMut,
) -> Result<(), EncodeError> {
    let lent = v5::Publish {
        dup: packet.dup,
        qos: mqttbytes_qos(packet.qos),
        retain: packet.retain,
        topic: lend_topic(packet.topic.as_ref()),
        pkid: number(packet.packet_id),
        properties: packet.properties.as_deref().map(publish_properties),
        payload: std::mem::take(&mut packet.payload),
    };
    let written = lent.write(buffer);
    packet.payload = lent.payload;
    give_back(lent.topic);
    written.map(|_| ()).map_err(unexpected)
}

fn publish_properties(properties: &PublishProperties) -> v5::PublishProperties {
    v5::PublishProperties {
        payload_format_indicator: properties.payload_is_utf8.map(u8::from),
        message_expiry_interval: properties.message_expiry_secs,
        topic_alias: properties.topic_alias.map(std::num::NonZero::get),
        response_topic: properties
            .response_topic
            .as_ref()
            .map(|topic| topic.as_str().into()),
        correlation_data: properties.correlation_data.clone(),
        user_properties: properties.user_properties.clone(),
        subscription_identifiers: Vec::new(),
        content_type: properties.content_type.clone(),
    }
}

/// mqttbytes writes a PUBACK, whose first byte and code are then set: the four acknowledgements
/// differ in nothing else, and their writers would cost 3 KB. Each one's codes were checked.
fn write_ack(ack: &Ack, first: u8, buffer: &mut BytesMut) -> Result<(), EncodeError> {
    let reason = match ack.reason {
        ReasonCode::SUCCESS => v5::PubAckReason::Success,
        _ => v5::PubAckReason::UnspecifiedError,
    };
    let properties = ack
        .reason_string
        .clone()
        .map(|reason| v5::PubAckProperties {
            reason_string: Some(reason),
            user_properties: Vec::new(),
        });
    let puback = v5::PubAck {
        pkid: ack.packet_id.get(),
        reason,
        properties,
    };
    let before = buffer.len();
    puback.write(buffer).map_err(unexpected)?;
    let written = buffer.get_mut(before..).unwrap_or_default();
    let header = FixedHeader::read(written, ProtocolVersion::V5_0);
    let place = header.ok().flatten().map(|header| header.header_bytes + 2);
    if let Some(code) = place.and_then(|place| written.get_mut(place)) {
        *code = ack.reason.0;
    }
    if let Some(byte) = written.first_mut() {
        *byte = first;
    }
    Ok(())
}

fn subscribe(packet: &Subscribe) -> v5::Subscribe {
    let filters = packet.filters.iter().map(|filter| v5::SubscribeFilter {
        path: filter.filter.as_str().to_owned(),
        qos: mqttbytes_qos(filter.qos),
        nolocal: filter.no_local,
        preserve_retain: filter.retain_as_published,
        retain_forward_rule: match filter.retain_handling {
            RetainHandling::OnSubscribe => v5::RetainForwardRule::OnEverySubscribe,
            RetainHandling::OnNewSubscription => v5::RetainForwardRule::OnNewSubscribe,
            RetainHandling::Never => v5::RetainForwardRule::Never,
        },
    });
    v5::Subscribe {
        pkid: packet.packet_id.get(),
        filters: filters.collect(),
        properties: Some(v5::SubscribeProperties {
            id: packet
                .subscription_id
                .and_then(|id| usize::try_from(id).ok()),
            user_properties: packet.user_properties.clone(),
        }),
    }
}

fn unsubscribe(packet: &Unsubscribe) -> v5::Unsubscribe {
    let filters = packet
        .filters
        .iter()
        .map(|filter| filter.as_str().to_owned());
    v5::Unsubscribe {
        pkid: packet.packet_id.get(),
        filters: filters.collect(),
        properties: None,
    }
}

fn disconnect(packet: &Disconnect) -> Result<v5::Disconnect, EncodeError> {
    let reason_code =
        v5::DisconnectReasonCode::try_from(packet.reason.0).map_err(|_unknown| UNKNOWN_REASON)?;
    let has_properties = packet.session_expiry_secs.is_some() || packet.reason_string.is_some();
    // Without properties it must be `None`: mqttbytes takes the length of an empty list for the short
    // form, which loses the reason and with it the will.
    let properties = has_properties.then(|| v5::DisconnectProperties {
        session_expiry_interval: packet.session_expiry_secs,
        reason_string: packet.reason_string.clone(),
        user_properties: Vec::new(),
        server_reference: None,
    });
    Ok(v5::Disconnect {
        reason_code,
        properties,
    })
}

const UNKNOWN_REASON: EncodeError = EncodeError::Internal {
    what: "a reason code passed the check but is not known",
};
