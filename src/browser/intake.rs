//! Topics and payloads of programs, taken in with one call into JavaScript where that is possible.

use std::cell::RefCell;

use bytes::Bytes;
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::given::text;
use super::options;
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
    /// Where JavaScript writes a payload.
    static PLACE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Takes in what a program publishes.
///
/// # Errors
///
/// `bad-argument`: the topic is none, or the payload is neither a text nor bytes.
pub fn topic_and_payload(
    topic: &JsValue,
    payload: &JsValue,
) -> Result<(TopicName, Bytes), MqttError> {
    match known(topic, payload) {
        Some(taken) => Ok(taken),
        None => unknown(topic, payload),
    }
}

fn known(topic: &JsValue, payload: &JsValue) -> Option<(TopicName, Bytes)> {
    // Not borrowed while JavaScript runs: a payload may be an object that calls us again.
    let (at, room) = PLACE.with_borrow_mut(|place| (place.as_mut_ptr(), place.len()));
    let taken = take_in(topic, payload, at, room);
    if taken < 0.0 {
        return None;
    }
    let taken = taken as u64;
    let topic = TopicName::numbered((taken >> 16) as u32)?;
    let bytes = (taken & 0xFFFF) as usize;
    let payload = PLACE.with_borrow(|place| place.get(..bytes).map(Bytes::copy_from_slice))?;
    Some((topic, payload))
}

fn unknown(topic: &JsValue, payload: &JsValue) -> Result<(TopicName, Bytes), MqttError> {
    let payload = options::payload(payload)?;
    let name = TopicName::new(&text("topic", topic)?)?;
    know_topic(topic, name.number());
    PLACE.with_borrow_mut(|place| place.resize(ROOM, 0));
    Ok((name, payload))
}
