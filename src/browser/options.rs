//! The options of JavaScript, made into those of the session.

use std::time::Duration;

use bytes::Bytes;
use js_sys::{Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use crate::packet::{ProtocolVersion, PublishProperties, QoS, Will};
use crate::session::{SessionOptions, VersionPolicy};
use crate::topic::TopicName;

const OPTIONS: [&str; 13] = [
    "url",
    "clientId",
    "username",
    "password",
    "cleanSession",
    "keepAliveSeconds",
    "pingTimeoutMs",
    "connectTimeoutMs",
    "reconnect",
    "will",
    "queueMessages",
    "queueBytes",
    "maxPacketBytes",
];

const WILL: [&str; 4] = ["topic", "payload", "qos", "retain"];

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
    chosen.version = VersionPolicy::Only(ProtocolVersion::V3_1_1);
    chosen.urls = urls(&given)?;
    if let Some(client_id) = given.text("clientId")? {
        chosen.client_id = client_id;
        chosen.client_id_is_chosen = true;
    }
    chosen.user_name = given.text("username")?;
    chosen.password = given.text("password")?;
    if let Some(clean_session) = given.truth("cleanSession")? {
        chosen.clean_session = clean_session;
    }
    if let Some(seconds) = given.whole_number("keepAliveSeconds")? {
        chosen.keep_alive = Duration::from_secs(u64::from(seconds));
    }
    if let Some(milliseconds) = given.whole_number("pingTimeoutMs")? {
        chosen.ping_timeout = Duration::from_millis(u64::from(milliseconds));
    }
    if let Some(milliseconds) = given.whole_number("connectTimeoutMs")? {
        chosen.connect_timeout = Duration::from_millis(u64::from(milliseconds));
    }
    if let Some(reconnect) = given.truth("reconnect")? {
        chosen.reconnect = reconnect;
    }
    chosen.will = will(&given)?;
    if let Some(messages) = given.whole_number("queueMessages")? {
        chosen.queue_messages = messages as usize;
    }
    if let Some(bytes) = given.whole_number("queueBytes")? {
        chosen.queue_bytes = bytes as usize;
    }
    if let Some(bytes) = given.whole_number("maxPacketBytes")? {
        chosen.max_packet_bytes = bytes as usize;
    }
    Ok(chosen)
}

/// A payload: a text as UTF-8, or the bytes of a `Uint8Array`.
///
/// # Errors
///
/// `bad-argument` for anything else: `String(value)` says better than we could what a program means.
pub fn payload(value: &JsValue) -> Result<Bytes, MqttError> {
    if let Some(text) = value.as_string() {
        return Ok(text.into());
    }
    match value.dyn_ref::<Uint8Array>() {
        Some(bytes) => Ok(bytes.to_vec().into()),
        None => Err(MqttError::bad_argument(
            "payload must be a string or a Uint8Array",
        )),
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
        Some(0.0) => Ok(QoS::AtMostOnce),
        Some(1.0) => Ok(QoS::AtLeastOnce),
        Some(2.0) => Ok(QoS::ExactlyOnce),
        Some(_) => Err(MqttError::bad_argument("qos must be 0, 1 or 2")),
    }
}

/// A number that is whole and fits 32 bits.
///
/// # Errors
///
/// `bad-argument` with the name for any other.
pub fn whole_number(name: &str, number: f64) -> Result<u32, MqttError> {
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        return Ok(number as u32);
    }
    Err(wrong_kind(name, "a whole number, 0 or more"))
}

fn urls(given: &Given<'_>) -> Result<Vec<String>, MqttError> {
    let url = given.value("url");
    let urls = match url.as_string() {
        Some(url) => vec![url],
        None if url.is_undefined() => Vec::new(),
        None => given
            .read("url", "a string or an array of strings")?
            .unwrap_or_default(),
    };
    if urls.is_empty() {
        return Err(MqttError::bad_argument("url is missing"));
    }
    Ok(urls)
}

fn will(given: &Given<'_>) -> Result<Option<Will>, MqttError> {
    let value = given.value("will");
    if value.is_undefined() {
        return Ok(None);
    }
    let given = Given::new("will", &value, &WILL)?;
    let topic = given.text("topic")?.unwrap_or_default();
    Ok(Some(Will {
        topic: TopicName::new(&topic)?,
        payload: payload(&given.value("payload"))?,
        qos: qos(given.read("qos", "0, 1 or 2")?)?,
        retain: given.truth("retain")?.unwrap_or(false),
        delay_secs: None,
        properties: PublishProperties::default(),
    }))
}

/// An object whose names are all known.
struct Given<'a>(&'a JsValue);

impl<'a> Given<'a> {
    fn new(what: &str, object: &'a JsValue, names: &[&str]) -> Result<Self, MqttError> {
        if !object.is_object() {
            return Err(wrong_kind(what, "an object"));
        }
        for key in Object::keys(object.unchecked_ref::<Object>()).iter() {
            let key = key.as_string().unwrap_or_default();
            if !names.contains(&key.as_str()) {
                return Err(MqttError::bad_argument(["unknown option ", &key].concat()));
            }
        }
        Ok(Self(object))
    }

    /// Undefined for null, too.
    fn value(&self, name: &str) -> JsValue {
        match Reflect::get(self.0, &name.into()) {
            Ok(value) if !value.is_null() => value,
            Ok(_) | Err(_) => JsValue::UNDEFINED,
        }
    }

    fn text(&self, name: &str) -> Result<Option<String>, MqttError> {
        self.read(name, "a string")
    }

    fn truth(&self, name: &str) -> Result<Option<bool>, MqttError> {
        self.read(name, "true or false")
    }

    fn whole_number(&self, name: &str) -> Result<Option<u32>, MqttError> {
        let number = self.read(name, "a whole number, 0 or more")?;
        number.map(|number| whole_number(name, number)).transpose()
    }

    fn read<T: DeserializeOwned>(&self, name: &str, kind: &str) -> Result<Option<T>, MqttError> {
        let value = self.value(name);
        if value.is_undefined() {
            return Ok(None);
        }
        serde_wasm_bindgen::from_value(value)
            .map(Some)
            .map_err(|_| wrong_kind(name, kind))
    }
}

fn wrong_kind(name: &str, kind: &str) -> MqttError {
    MqttError::bad_argument([name, " must be ", kind].concat())
}
