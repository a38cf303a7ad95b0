//! Topics and payloads of programs, taken in with one call into JavaScript where that is possible.

use std::cell::Cell;
use std::ops::Deref;

use bytes::Bytes;
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::given::{bytes, bytes_length, text, wrong_kind};
use crate::packet::MAX_PACKET_BYTES;
use crate::session::PublishError;
use crate::topic::TopicName;

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = takeIn)]
    fn take_in(topic: &JsValue, payload: &JsValue, at: *mut u8, room: usize) -> f64;

    #[wasm_bindgen(js_name = knowTopic)]
    fn know_topic(topic: &JsValue, number: u32);
}

/// A longer payload is copied by itself, which then costs little beside the copy.
const ROOM: usize = 4096;

thread_local! {
    /// Where JavaScript writes a payload. It is empty while one is looked at.
    static PLACE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What a program publishes.
pub enum Payload {
    /// It lies where JavaScript wrote it, and may be looked at until it is dropped.
    Lent(Lent),
    /// A copy of its own.
    Owned(Bytes),
}

impl Payload {
    /// A copy to be kept.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Lent(lent) => Bytes::copy_from_slice(lent.bytes()),
            Self::Owned(bytes) => bytes,
        }
    }
}

impl Deref for Payload {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Lent(lent) => lent.bytes(),
            Self::Owned(bytes) => bytes,
        }
    }
}

/// The place where JavaScript writes payloads, with one in it.
pub struct Lent {
    place: Vec<u8>,
    bytes: usize,
}

impl Lent {
    fn bytes(&self) -> &[u8] {
        self.place.get(..self.bytes).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        PLACE.set(std::mem::take(&mut self.place));
    }
}

/// Takes in what a program publishes.
///
/// # Errors
///
/// `bad-argument`: the topic is none, or the payload is neither a text nor bytes.
pub fn topic_and_payload(
    topic: &JsValue,
    payload: &JsValue,
) -> Result<(TopicName, Payload), MqttError> {
    match known(topic, payload) {
        Some(taken) => Ok(taken),
        None => unknown(topic, payload),
    }
}

/// A payload: a text as UTF-8, or the bytes of a `Uint8Array`.
///
/// # Errors
///
/// `bad-argument` for anything else: `String(value)` says better than we could what a program
/// means. `too-large`, before anything is copied, for what no packet can hold.
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

fn known(topic: &JsValue, payload: &JsValue) -> Option<(TopicName, Payload)> {
    let mut lent = Lent {
        place: PLACE.take(),
        bytes: 0,
    };
    // A payload may be an object that calls us again: that call finds no place.
    let (at, room) = (lent.place.as_mut_ptr(), lent.place.len());
    let taken = take_in(topic, payload, at, room);
    if taken < 0.0 {
        return None;
    }
    let taken = taken as u64;
    lent.bytes = (taken & 0xFFFF) as usize;
    let topic = TopicName::numbered((taken >> 16) as u32)?;
    Some((topic, Payload::Lent(lent)))
}

fn unknown(topic: &JsValue, payload: &JsValue) -> Result<(TopicName, Payload), MqttError> {
    let payload = self::payload(payload)?;
    let name = TopicName::new(&text("topic", topic)?)?;
    know_topic(topic, name.number());
    let mut place = PLACE.take();
    place.resize(ROOM, 0);
    PLACE.set(place);
    Ok((name, Payload::Owned(payload)))
}
