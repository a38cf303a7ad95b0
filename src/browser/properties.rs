//! The properties of a message (MQTT 5.0), both ways.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::events::Literal;
use super::given::{ANY, Given, fits_field, wrong_kind};
use crate::packet::PublishProperties;
use crate::topic::TopicName;

const PROPERTIES: [&str; 6] = [
    "payloadIsText",
    "expirySeconds",
    "responseTopic",
    "correlationData",
    "contentType",
    "userProperties",
];

/// Reads the properties of a message that is to be sent.
///
/// # Errors
///
/// `bad-argument`: an unknown name, a value that cannot be sent, or a payload that is said to be
/// text and is none, after which a server may end the connection. [MQTT5-3.3.2-4]
pub fn publish_properties(value: &JsValue, payload: &[u8]) -> Result<PublishProperties, MqttError> {
    let given = Given::new("properties", value, &PROPERTIES)?;
    let payload_is_utf8 = given.truth("payloadIsText")?;
    if payload_is_utf8 == Some(true) && std::str::from_utf8(payload).is_err() {
        return Err(wrong_kind("payload", "UTF-8 when payloadIsText is true"));
    }
    let response_topic = given.text("responseTopic")?;
    let correlation_data = given.read(
        "correlationData",
        "a Uint8Array of up to 65535 bytes",
        |value| {
            let bytes = value.dyn_into::<Uint8Array>().ok()?;
            fits_field(bytes.length() as usize).then(|| bytes.to_vec().into())
        },
    )?;
    Ok(PublishProperties {
        payload_is_utf8,
        message_expiry_secs: given.number("expirySeconds", ANY)?,
        response_topic: response_topic
            .map(|topic| TopicName::new(&topic))
            .transpose()?,
        correlation_data,
        user_properties: given.pairs("userProperties")?,
        content_type: given.field("contentType")?,
        ..PublishProperties::default()
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
    let user_properties = (!user_properties.is_empty()).then(|| pairs_array(user_properties));
    Literal::new()
        .with_some("payloadIsText", *payload_is_utf8)
        .with_some("expirySeconds", *message_expiry_secs)
        .with_some(
            "responseTopic",
            response_topic.as_ref().map(TopicName::as_str),
        )
        .with_some("correlationData", correlation_data)
        .with_some("contentType", content_type.as_deref())
        .with_some("userProperties", user_properties)
        .into()
}

fn pairs_array(pairs: &[(String, String)]) -> Array {
    pairs
        .iter()
        .map(|(key, value)| Array::of2(&key.into(), &value.into()))
        .collect()
}
