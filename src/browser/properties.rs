//! The properties of MQTT 5.0 as objects: those of a message both ways, and those of a server.

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::given::{ANY, Given, bytes, bytes_length, fits_field, number, wrong_kind};
use super::schema::{Interface, given, to_js};
use super::to_js::{Literal, ToJs};
use crate::packet::{ConnAckProperties, PublishProperties};
use crate::topic::TopicName;

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = withPairs)]
    fn with_pairs(properties: &JsValue, packed: &Uint8Array);
}

given! {
    /// What MQTT 5.0 can say about a message; left out with a broker that speaks 3.1.1.
    MessageProperties "properties" => PublishProperties {
        /// Payload Format Indicator: the payload is UTF-8 text.
        payloadIsText?: "boolean" => payload_is_utf8: Given::truth;
        /// Message Expiry Interval: older than that nobody gets it, also while it waits here
        /// (`publishFailed`, `expired`).
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
    let object: JsValue = Literal::new()
        .with("payloadIsText", payload_is_utf8)
        .with("expirySeconds", message_expiry_secs)
        .with("responseTopic", response_topic)
        .with("correlationData", &correlation_data.as_deref())
        .with("contentType", content_type)
        .into();
    if !user_properties.is_empty() {
        with_pairs(&object, &packed(user_properties));
    }
    object
}

/// Pairs as they were in their packet, without the identifiers. JavaScript makes texts of them when
/// a program first asks, which most never do.
fn packed(pairs: &[(String, String)]) -> Uint8Array {
    let mut packed = Vec::new();
    for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
        // No text of a packet is longer.
        packed.extend((text.len() as u16).to_be_bytes());
        packed.extend(text.as_bytes());
    }
    Uint8Array::from(&packed[..])
}

to_js! {
    /// 5.0: what the broker said of itself and what it allows. The client keeps to it by itself;
    /// what is missing has the default of the specification.
    // `assigned_client_id` is the `clientId` of the event. A server that names an authentication method
    // is refused: we offer none.
    ServerProperties => ConnAckProperties, without assigned_client_id, authentication_method {
        /// How long it keeps the session after the connection, instead of what was asked for.
        /// @unit s
        sessionExpirySeconds?: "number" => session_expiry_secs;
        /// How many QoS 1 and 2 messages may be on their way to it.
        /// @unit messages
        receiveMaximum?: "number" => receive_maximum;
        /// The highest QoS of a message to it.
        maximumQos?: "0 | 1" => maximum_qos;
        /// Whether it retains messages.
        retainAvailable?: "boolean" => retain_available;
        /// The largest packet that it takes.
        /// @unit bytes
        maxPacketBytes?: "number" => maximum_packet_size;
        /// How many topic aliases it takes.
        /// @unit topics
        topicAliasMaximum?: "number" => topic_alias_maximum;
        /// Its own words.
        reasonString?: "string" => reason_string;
        /// Names and values of its own.
        userProperties?: "[name: string, value: string][]" => user_properties;
        /// Whether a filter may contain `+` and `#`.
        wildcardsAvailable?: "boolean" => wildcard_subscription_available;
        /// Whether it says which subscriptions a message is for.
        subscriptionIdentifiersAvailable?: "boolean" => subscription_identifiers_available;
        /// Whether it knows `$share/…`.
        sharedSubscriptionsAvailable?: "boolean" => shared_subscription_available;
        /// The longest silence, instead of what was asked for; a ping follows after 75 % of it.
        /// @unit s
        keepAliveSeconds?: "number" => server_keep_alive_secs;
        /// What it says about topics for answers.
        responseInformation?: "string" => response_information;
        /// Another broker that it names; it is not followed.
        serverReference?: "string" => server_reference;
    }
}
