//! The options of JavaScript, made into those of the session.

use std::time::Duration;

use bytes::Bytes;
use js_sys::{Array, Function, JsString, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::given::{ANY, ANY_16, Given, bytes, bytes_length, wrong_kind};
use super::properties::publish_properties;
use crate::packet::{
    MAX_PACKET_BYTES, ProtocolVersion, PublishProperties, QoS, RetainHandling, Will,
};
use crate::session::{
    Excess, PublishError, PublishRate, QueuePolicy, SessionOptions, SubscribeOptions, VersionPolicy,
};
use crate::topic::TopicName;

const OPTIONS: [&str; 24] = [
    "url",
    "mayOpen",
    "clientId",
    "username",
    "password",
    "version",
    "cleanSession",
    "keepSession",
    "sessionExpirySeconds",
    "userProperties",
    "keepAliveSeconds",
    "pingTimeoutMs",
    "connectTimeoutMs",
    "reconnect",
    "will",
    "topicAliases",
    "receiveMaximum",
    "sendMaximum",
    "subscriptionIdentifiers",
    "queueMessages",
    "queueBytes",
    "queuePolicy",
    "publishRate",
    "maxPacketBytes",
];

const WILL: [&str; 6] = [
    "topic",
    "payload",
    "qos",
    "retain",
    "delaySeconds",
    "properties",
];

const RATE: [&str; 3] = ["perSecond", "burst", "excess"];

const SUBSCRIBE: [&str; 4] = ["qos", "noLocal", "retainAsPublished", "retainHandling"];

const ONE_OF_QOS: &str = "0, 1 or 2";

/// Reads the options of `connect`.
///
/// # Errors
///
/// `bad-argument`: an unknown name, because a misspelled one would be ignored in silence, or a value
/// of the wrong kind. The value itself is not repeated: it may be a password.
pub fn session_options(
    options: &JsValue,
    default_client_id: &str,
) -> Result<SessionOptions, MqttError> {
    let given = Given::new("options", options, &OPTIONS)?;
    let mut chosen = SessionOptions::new("", default_client_id);
    chosen.urls = urls(&given)?;
    chosen.asks_permission = may_open(options)?.is_some();
    if let Some(client_id) = given.text("clientId")? {
        chosen.client_id_is_chosen = !client_id.is_empty();
        chosen.client_id = client_id;
    }
    chosen.user_name = given.text("username")?;
    chosen.password = given.text("password")?;
    chosen.version = version(&given)?;
    set(&mut chosen.clean_session, given.truth("cleanSession")?);
    set(&mut chosen.keep_session, given.truth("keepSession")?);
    set(
        &mut chosen.session_expiry,
        seconds(given.number("sessionExpirySeconds", ANY)?),
    );
    chosen.user_properties = given.pairs("userProperties")?;
    set(
        &mut chosen.keep_alive,
        seconds(given.number("keepAliveSeconds", ANY_16)?),
    );
    set(
        &mut chosen.ping_timeout,
        milliseconds(given.number("pingTimeoutMs", ANY)?),
    );
    set(
        &mut chosen.connect_timeout,
        milliseconds(given.number("connectTimeoutMs", ANY)?),
    );
    set(&mut chosen.reconnect, given.truth("reconnect")?);
    chosen.will = given.value("will").map(|value| will(&value)).transpose()?;
    bounds(&given, &mut chosen)?;
    Ok(chosen)
}

/// What is asked before an address is opened.
///
/// # Errors
///
/// `bad-argument` for anything but a function.
pub fn may_open(options: &JsValue) -> Result<Option<Function>, MqttError> {
    let given = Given::new("options", options, &OPTIONS)?;
    given.read("mayOpen", "a function", |value| value.dyn_into().ok())
}

/// A payload: a text as UTF-8, or the bytes of a `Uint8Array`.
///
/// # Errors
///
/// `bad-argument` for anything else: `String(value)` says better than we could what a program means.
/// `too-large`, before anything is copied, for what no packet can hold.
pub fn payload(value: &JsValue) -> Result<Bytes, MqttError> {
    let length = match value.dyn_ref::<JsString>() {
        Some(text) => Some(text.length() as usize),
        // A Proxy of one is an instance, but has no bytes.
        None => value
            .dyn_ref::<Uint8Array>()
            .and_then(|_| bytes_length(value)),
    };
    let Some(length) = length else {
        return Err(wrong_kind("payload", "a string or a Uint8Array"));
    };
    let limit = MAX_PACKET_BYTES;
    if length > limit {
        let bytes = length;
        return Err(PublishError::TooLarge { bytes, limit }.into());
    }
    if let Some(text) = value.as_string() {
        return Ok(text.into());
    }
    match bytes(value) {
        Some(bytes) => Ok(bytes.into()),
        None => Err(wrong_kind("payload", "a string or a Uint8Array")),
    }
}

/// A QoS; 0 when nothing is given.
///
/// # Errors
///
/// `bad-argument` for anything but 0, 1 and 2.
pub fn qos(number: Option<f64>) -> Result<QoS, MqttError> {
    match number {
        None => Ok(QoS::AtMostOnce),
        Some(number) => qos_of(number).ok_or_else(|| wrong_kind("qos", ONE_OF_QOS)),
    }
}

/// How to subscribe: a QoS, or an object that says more. QoS 0 when nothing is given. And whether it
/// says that kept messages come at each call.
///
/// # Errors
///
/// `bad-argument` for anything else.
pub fn subscribe_options(value: Option<&JsValue>) -> Result<(SubscribeOptions, bool), MqttError> {
    let Some(value) = value else {
        return Ok((SubscribeOptions::default(), false));
    };
    if !value.is_object() {
        let qos = qos(Some(value.as_f64().unwrap_or(f64::NAN)))?;
        return Ok((qos.into(), false));
    }
    let given = Given::new("subscribe options", value, &SUBSCRIBE)?;
    let retain_handling = given.read("retainHandling", ONE_OF_QOS, |value| {
        Some(match qos_of(value.as_f64()?)? {
            QoS::AtMostOnce => RetainHandling::OnSubscribe,
            QoS::AtLeastOnce => RetainHandling::OnNewSubscription,
            QoS::ExactlyOnce => RetainHandling::Never,
        })
    })?;
    let options = SubscribeOptions {
        qos: given_qos(&given)?,
        no_local: given.truth("noLocal")?.unwrap_or(false),
        retain_as_published: given.truth("retainAsPublished")?.unwrap_or(false),
        retain_handling: retain_handling.unwrap_or_default(),
    };
    Ok((
        options,
        retain_handling == Some(RetainHandling::OnSubscribe),
    ))
}

/// How long the broker keeps the session after `disconnect`; `None` when nothing is given.
///
/// # Errors
///
/// `bad-argument` for anything but an object with such a number.
pub fn session_expiry(value: Option<&JsValue>) -> Result<Option<Duration>, MqttError> {
    let Some(value) = value else {
        return Ok(None);
    };
    let given = Given::new("disconnect options", value, &["sessionExpirySeconds"])?;
    Ok(seconds(given.number("sessionExpirySeconds", ANY)?))
}

/// A publish rate; `None` for undefined and null.
///
/// # Errors
///
/// `bad-argument` for anything but an object with two numbers, 1 or more.
pub fn publish_rate(value: &JsValue) -> Result<PublishRate, MqttError> {
    let given = Given::new("publishRate", value, &RATE)?;
    let Some(per_second) = given.number("perSecond", 1..=u32::MAX)? else {
        return Err(MqttError::bad_argument("perSecond is missing"));
    };
    let burst = given.number("burst", 1..=u32::MAX)?;
    let excess = given.read("excess", "refuse or wait", |value| {
        match value.as_string()?.as_str() {
            "refuse" => Some(Excess::Refuse),
            "wait" => Some(Excess::Wait),
            _ => None,
        }
    })?;
    Ok(PublishRate {
        per_second,
        burst: burst.unwrap_or(per_second),
        excess: excess.unwrap_or_default(),
    })
}

fn urls(given: &Given<'_>) -> Result<Vec<String>, MqttError> {
    let urls = given.read("url", "a string or an array of strings", |url| {
        if let Some(url) = url.as_string() {
            return Some(vec![url]);
        }
        let urls = url.dyn_into::<Array>().ok()?;
        urls.iter().map(|url| url.as_string()).collect()
    })?;
    match urls {
        Some(urls) if !urls.is_empty() => Ok(urls),
        Some(_) | None => Err(MqttError::bad_argument("url is missing")),
    }
}

fn version(given: &Given<'_>) -> Result<VersionPolicy, MqttError> {
    let policy = given.read("version", "'newest', '3.1.1' or '5.0'", |value| {
        Some(match value.as_string()?.as_str() {
            "newest" => VersionPolicy::Newest,
            "3.1.1" => VersionPolicy::Only(ProtocolVersion::V3_1_1),
            "5.0" => VersionPolicy::Only(ProtocolVersion::V5_0),
            _ => return None,
        })
    })?;
    Ok(policy.unwrap_or_default())
}

fn will(value: &JsValue) -> Result<Will, MqttError> {
    let given = Given::new("will", value, &WILL)?;
    let topic = given.text("topic")?.unwrap_or_default();
    let topic = TopicName::new(&topic)?;
    let payload = payload(&given.value("payload").unwrap_or_default())?;
    let properties = match given.value("properties") {
        Some(properties) => publish_properties(&properties, &payload)?,
        None => PublishProperties::default(),
    };
    Ok(Will {
        topic,
        payload,
        qos: given_qos(&given)?,
        retain: given.truth("retain")?.unwrap_or(false),
        delay_secs: given.number("delaySeconds", ANY)?,
        properties,
    })
}

/// How much may be on its way, and wait.
fn bounds(given: &Given<'_>, chosen: &mut SessionOptions) -> Result<(), MqttError> {
    let number_16 = |name, least| {
        let number = given.number(name, least..=65_535)?;
        // Within 16 bits, because the range is.
        Ok::<_, MqttError>(number.map(|number| number as u16))
    };
    set(&mut chosen.topic_aliases, number_16("topicAliases", 0)?);
    set(&mut chosen.receive_maximum, number_16("receiveMaximum", 1)?);
    set(&mut chosen.send_maximum, number_16("sendMaximum", 1)?);
    set(
        &mut chosen.subscription_identifiers,
        given.truth("subscriptionIdentifiers")?,
    );
    let size = |name, range| {
        let number = given.number(name, range)?;
        Ok::<_, MqttError>(number.map(|number| number as usize))
    };
    set(&mut chosen.queue_messages, size("queueMessages", ANY)?);
    set(&mut chosen.queue_bytes, size("queueBytes", ANY)?);
    set(
        &mut chosen.max_packet_bytes,
        size("maxPacketBytes", 1..=MAX_PACKET_BYTES as u32)?,
    );
    let policies = "'reject-new', 'drop-oldest' or 'latest-per-topic'";
    let policy = given.read("queuePolicy", policies, |value| {
        Some(match value.as_string()?.as_str() {
            "reject-new" => QueuePolicy::RejectNew,
            "drop-oldest" => QueuePolicy::DropOldest,
            "latest-per-topic" => QueuePolicy::LatestPerTopic,
            _ => return None,
        })
    })?;
    set(&mut chosen.queue_policy, policy);
    let rate = given.value("publishRate");
    chosen.publish_rate = rate.map(|rate| publish_rate(&rate)).transpose()?;
    Ok(())
}

fn given_qos(given: &Given<'_>) -> Result<QoS, MqttError> {
    let qos = given.read("qos", ONE_OF_QOS, |value| qos_of(value.as_f64()?))?;
    Ok(qos.unwrap_or_default())
}

fn qos_of(number: f64) -> Option<QoS> {
    [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]
        .into_iter()
        .find(|qos| f64::from(qos.number()) == number)
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

fn seconds(number: Option<u32>) -> Option<Duration> {
    number.map(|number| Duration::from_secs(u64::from(number)))
}

fn milliseconds(number: Option<u32>) -> Option<Duration> {
    number.map(|number| Duration::from_millis(u64::from(number)))
}
