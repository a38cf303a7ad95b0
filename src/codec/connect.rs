//! CONNECT, written by mqttbytes.

use bytes::BytesMut;
use mqttbytes::{Protocol, v4, v5};

use super::error::EncodeError;
use super::fields::{self, not_allowed};
use super::properties;
use super::section::Section;
use super::{guard, publish};
use crate::packet::{Connect, ConnectProperties, PacketType, ProtocolVersion, Will};

/// Appends the packet.
pub(super) fn write(
    packet: &Connect,
    version: ProtocolVersion,
    limit: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    check(packet, version)?;
    guard::append(out, limit, PacketType::Connect, &|buffer| match version {
        ProtocolVersion::V3_1_1 => v4_connect(packet).write(buffer),
        ProtocolVersion::V5_0 => v5_connect(packet).write(buffer),
    })
}

fn check(packet: &Connect, version: ProtocolVersion) -> Result<(), EncodeError> {
    let v5 = version == ProtocolVersion::V5_0;
    fields::text("client id", &packet.client_id)?;
    // [MQTT-3.1.3-7]
    if packet.client_id.is_empty() && !packet.clean_session && !v5 {
        return not_allowed("empty client id without a clean session");
    }
    for (what, value) in [
        ("user name", &packet.user_name),
        ("password", &packet.password),
    ] {
        match value.as_deref() {
            // mqttbytes would write it as "not there".
            Some("") => return not_allowed("empty user name or password"),
            Some(value) => drop(fields::text(what, value)?),
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
        let given = &packet.properties;
        let mut section = Section::new(properties::CONNECT);
        section
            .number(properties::MAXIMUM_PACKET_SIZE, given.maximum_packet_size)
            .pairs(&given.user_properties);
        section.finish()?;
    }
    Ok(())
}

fn check_will(will: &Will, v5: bool) -> Result<(), EncodeError> {
    fields::binary("will payload", &will.payload)?;
    if v5 {
        let mut section = Section::new(properties::WILL);
        publish::list(&mut section, &will.properties, will.properties.topic_alias);
        section.finish()?;
    }
    Ok(())
}

fn v4_connect(packet: &Connect) -> v4::Connect {
    v4::Connect {
        protocol: Protocol::V4,
        keep_alive: packet.keep_alive_secs,
        client_id: packet.client_id.clone(),
        clean_session: packet.clean_session,
        last_will: packet.will.as_ref().map(|will| v4::LastWill {
            topic: will.topic.as_str().to_owned(),
            message: will.payload.clone(),
            qos: guard::qos(will.qos),
            retain: will.retain,
        }),
        login: login(packet).map(|(username, password)| v4::Login { username, password }),
    }
}

fn v5_connect(packet: &Connect) -> v5::Connect {
    v5::Connect {
        protocol: Protocol::V5,
        keep_alive: packet.keep_alive_secs,
        client_id: packet.client_id.clone(),
        clean_session: packet.clean_session,
        last_will: packet.will.as_ref().map(v5_will),
        login: login(packet).map(|(username, password)| v5::Login { username, password }),
        properties: Some(v5_properties(&packet.properties)),
    }
}

/// An empty text means "not there" to mqttbytes.
fn login(packet: &Connect) -> Option<(String, String)> {
    let user_name = packet.user_name.clone();
    let password = packet.password.clone();
    let has_login = user_name.is_some() || password.is_some();
    has_login.then(|| (user_name.unwrap_or_default(), password.unwrap_or_default()))
}

fn v5_properties(properties: &ConnectProperties) -> v5::ConnectProperties {
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

fn v5_will(will: &Will) -> v5::LastWill {
    let properties = &will.properties;
    let response_topic = properties.response_topic.as_ref();
    v5::LastWill {
        topic: will.topic.as_str().to_owned(),
        message: will.payload.clone(),
        qos: guard::qos(will.qos),
        retain: will.retain,
        properties: Some(v5::WillProperties {
            delay_interval: will.delay_secs,
            payload_format_indicator: properties.payload_is_utf8.map(u8::from),
            message_expiry_interval: properties.message_expiry_secs,
            content_type: properties.content_type.clone(),
            response_topic: response_topic.map(|topic| topic.as_str().to_owned()),
            correlation_data: properties.correlation_data.clone(),
            user_properties: properties.user_properties.clone(),
        }),
    }
}
