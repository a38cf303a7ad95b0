//! The properties of MQTT 5.0 as objects: those of a message both ways, and those of a server.

use std::num::NonZeroU16;

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::literal::Literal;
use super::given::{ANY, Given, bytes, bytes_length, fits_field, number, wrong_kind};
use super::schema::{Interface, given};
use crate::packet::{ConnAckProperties, PublishProperties, QoS};
use crate::topic::TopicName;

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = withPairs)]
    fn with_pairs(properties: &JsValue, packed: &Uint8Array);
}

given! {
    /// What MQTT 5.0 can say about a message; left out with a broker that speaks 3.1.1.
    MessageProperties "properties" => PublishProperties {
        /// The payload is UTF-8 text.
        payloadIsText?: "boolean" => payload_is_utf8: Given::truth;
        /// Older than that nobody gets it, also while it waits here (`publishFailed`, `expired`).
        /// @unit s, 0 to 4,294,967,295
        expirySeconds?: "number" => message_expiry_secs: number(ANY);
        /// Where an answer is awaited.
        responseTopic?: "string" => response_topic: topic;
        /// Sent back with the answer, to know what it answers.
        /// @unit up to 65,535 bytes
        correlationData?: "Uint8Array" => correlation_data: field_bytes;
        /// For example `application/json`.
        contentType?: "string" => content_type: Given::field;
        /// Names and values of the program's own.
        userProperties?: "UserProperties" => user_properties: Given::pairs;
    }
}

/// Reads the properties of a message that is to be sent.
///
/// # Errors
///
/// `bad-argument`: an unknown name, a value that cannot be sent, or a payload that is said to be
/// text and is none, after which a server may end the connection. [MQTT5-3.3.2-4]
pub fn publish_properties(value: &JsValue, payload: &[u8]) -> Result<PublishProperties, MqttError> {
    let mut properties = PublishProperties::default();
    properties.read(&PublishProperties::given(value)?)?;
    if properties.payload_is_utf8 == Some(true) && std::str::from_utf8(payload).is_err() {
        return Err(wrong_kind("payload", "UTF-8 when payloadIsText is true"));
    }
    Ok(properties)
}

fn topic(given: &Given<'_>, name: &str) -> Result<Option<TopicName>, MqttError> {
    let topic = given.text(name)?.map(|topic| TopicName::new(&topic));
    Ok(topic.transpose()?)
}

fn field_bytes(given: &Given<'_>, name: &str) -> Result<Option<Bytes>, MqttError> {
    given.read(name, "a Uint8Array of up to 65535 bytes", |value| {
        let fits = bytes_length(&value).is_some_and(fits_field);
        fits.then(|| bytes(&value)).flatten().map(Bytes::from)
    })
}

/// What a sender said about its message; undefined when that is nothing.
#[must_use]
pub fn properties_object(properties: &PublishProperties) -> JsValue {
    let PublishProperties {
        payload_is_utf8,
        message_expiry_secs,
        topic_alias: _,
        response_topic,
        correlation_data,
        user_properties,
        subscription_ids: _,
        content_type,
    } = properties;
    let is_empty = payload_is_utf8.is_none()
        && message_expiry_secs.is_none()
        && response_topic.is_none()
        && correlation_data.is_none()
        && user_properties.is_empty()
        && content_type.is_none();
    if is_empty {
        return JsValue::UNDEFINED;
    }
    let correlation_data = correlation_data.as_deref().map(Uint8Array::from);
    let object: JsValue = Literal::new()
        .with_some("payloadIsText", *payload_is_utf8)
        .with_some("expirySeconds", *message_expiry_secs)
        .with_some(
            "responseTopic",
            response_topic.as_ref().map(TopicName::as_str),
        )
        .with_some("correlationData", correlation_data)
        .with_some("contentType", content_type.as_deref())
        .into();
    if !user_properties.is_empty() {
        with_pairs(&object, &packed(user_properties));
    }
    object
}

/// Pairs as they were in their packet, without the identifiers. JavaScript makes texts of them when a
/// program first asks, which most never do.
fn packed(pairs: &[(String, String)]) -> Uint8Array {
    let mut packed = Vec::new();
    for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
        // No text of a packet is longer.
        packed.extend((text.len() as u16).to_be_bytes());
        packed.extend(text.as_bytes());
    }
    Uint8Array::from(&packed[..])
}

/// What a server said of itself when it accepted us; `None` when that is nothing.
#[must_use]
pub fn granted_object(properties: &ConnAckProperties) -> Option<JsValue> {
    if *properties == ConnAckProperties::default() {
        return None;
    }
    let ConnAckProperties {
        session_expiry_secs,
        receive_maximum,
        maximum_qos,
        retain_available,
        maximum_packet_size,
        // It is the `clientId` of the event.
        assigned_client_id: _,
        topic_alias_maximum,
        reason_string,
        user_properties,
        wildcard_subscription_available,
        subscription_identifiers_available,
        shared_subscription_available,
        server_keep_alive_secs,
        response_information,
        server_reference,
        // We offer no authentication of this kind, so a server that names one is refused.
        authentication_method: _,
    } = properties;
    let object = Literal::new()
        .with_some("sessionExpirySeconds", *session_expiry_secs)
        .with_some("receiveMaximum", receive_maximum.map(NonZeroU16::get))
        .with_some("maximumQos", maximum_qos.map(QoS::number))
        .with_some("retainAvailable", *retain_available)
        .with_some("maxPacketBytes", *maximum_packet_size)
        .with_some("topicAliasMaximum", *topic_alias_maximum)
        .with_some("reasonString", reason_string.as_deref())
        .with_some("userProperties", some_pairs(user_properties))
        .with_some("wildcardsAvailable", *wildcard_subscription_available)
        .with_some(
            "subscriptionIdentifiersAvailable",
            *subscription_identifiers_available,
        )
        .with_some(
            "sharedSubscriptionsAvailable",
            *shared_subscription_available,
        )
        .with_some("keepAliveSeconds", *server_keep_alive_secs)
        .with_some("responseInformation", response_information.as_deref())
        .with_some("serverReference", server_reference.as_deref());
    Some(object.into())
}

fn some_pairs(pairs: &[(String, String)]) -> Option<Array> {
    (!pairs.is_empty()).then(|| pairs_array(pairs))
}

fn pairs_array(pairs: &[(String, String)]) -> Array {
    pairs
        .iter()
        .map(|(key, value)| Array::of2(&key.into(), &value.into()))
        .collect()
}
