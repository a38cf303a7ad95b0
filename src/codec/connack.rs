//! CONNACK.

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::properties::{self, Value};
use super::reasons;
use crate::packet::{ConnAck, ConnAckProperties, ProtocolVersion, QoS, ReasonCode};

/// Reads the body. `has_left_out` is set when it has more User Properties than are read.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    version: ProtocolVersion,
    has_left_out: &mut bool,
) -> Result<ConnAck, ProtocolError> {
    let flags = cursor.byte()?;
    // [MQTT5-3.2.2-1]
    if flags > 1 {
        return Err(cursor.malformed("reserved acknowledge flags are not 0"));
    }
    // A server of 3.1.1 answers a CONNECT of 5.0 in its own format, without properties.
    let is_short = version == ProtocolVersion::V3_1_1 || cursor.len() == 1;
    let (return_code, reason) = if is_short {
        let code = cursor.byte()?;
        (code, reason_of(code))
    } else {
        let reason = reasons::read(cursor)?;
        (reason.0, reason)
    };
    let mut properties = ConnAckProperties::default();
    if !is_short {
        let visit = &mut |property, value: Value<'_>| put(&mut properties, property, value);
        let repeated = properties::read(cursor, visit)?;
        *has_left_out |= repeated.has_left_out;
        properties.user_properties = repeated.user_properties;
    }
    Ok(ConnAck {
        // Servers of 5.0 were seen to leave the length of the properties out when they refuse.
        version: if is_short && return_code < 0x80 {
            ProtocolVersion::V3_1_1
        } else {
            ProtocolVersion::V5_0
        },
        // With a refusal the bit means nothing [MQTT-3.2.2-4] [MQTT5-3.2.2-6]. To close because of it
        // would hide the reason of the refusal, and "wrong password" would be tried again for ever.
        session_present: flags == 1 && return_code == 0,
        reason,
        return_code,
        properties,
    })
}

/// The return codes of 3.1.1, as those of 5.0.
const fn reason_of(return_code: u8) -> ReasonCode {
    match return_code {
        0 => ReasonCode::SUCCESS,
        1 => ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
        2 => ReasonCode::CLIENT_IDENTIFIER_NOT_VALID,
        3 => ReasonCode::SERVER_UNAVAILABLE,
        4 => ReasonCode::BAD_USER_NAME_OR_PASSWORD,
        5 => ReasonCode::NOT_AUTHORIZED,
        0x80.. => ReasonCode(return_code),
        6..0x80 => ReasonCode::UNSPECIFIED_ERROR,
    }
}

fn put(into: &mut ConnAckProperties, property: u8, value: Value<'_>) {
    match property {
        properties::SESSION_EXPIRY => into.session_expiry_secs = Some(value.number()),
        properties::ASSIGNED_CLIENT_ID => into.assigned_client_id = Some(value.owned()),
        properties::SERVER_KEEP_ALIVE => into.server_keep_alive_secs = Some(value.short()),
        properties::AUTHENTICATION_METHOD => into.authentication_method = Some(value.owned()),
        properties::RESPONSE_INFO => into.response_information = Some(value.owned()),
        properties::SERVER_REFERENCE => into.server_reference = Some(value.owned()),
        properties::REASON_STRING => into.reason_string = Some(value.owned()),
        properties::RECEIVE_MAXIMUM => into.receive_maximum = value.non_zero(),
        properties::TOPIC_ALIAS_MAXIMUM => into.topic_alias_maximum = Some(value.short()),
        properties::MAXIMUM_QOS => into.maximum_qos = QoS::from_number(value.number() as u8),
        properties::RETAIN_AVAILABLE => into.retain_available = Some(value.flag()),
        properties::MAXIMUM_PACKET_SIZE => into.maximum_packet_size = Some(value.number()),
        properties::WILDCARDS_AVAILABLE => {
            into.wildcard_subscription_available = Some(value.flag());
        }
        properties::SUBSCRIPTION_IDS_AVAILABLE => {
            into.subscription_identifiers_available = Some(value.flag());
        }
        properties::SHARED_AVAILABLE => into.shared_subscription_available = Some(value.flag()),
        _ => {}
    }
}
