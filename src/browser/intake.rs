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
    fn take_in(topic: &JsValue, payload: &JsValue, at: *mut u8, room: usize) -> i32;

    #[wasm_bindgen(js_name = knowTopic)]
    fn know_topic(topic: &JsValue) -> i32;
}

/// A longer payload is copied by itself, which then costs little beside the copy.
const ROOM: usize = 4096;

struct Intake {
    /// By the numbers that JavaScript has for them.
    topics: Vec<TopicName>,
    /// Where JavaScript writes a payload.
    room: Vec<u8>,
}

thread_local! {
    static INTAKE: RefCell<Intake> = const {
        RefCell::new(Intake { topics: Vec::new(), room: Vec::new() })
    };
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
    let (at, room) = INTAKE.with_borrow_mut(|it| (it.room.as_mut_ptr(), it.room.len()));
    let taken = usize::try_from(take_in(topic, payload, at, room)).ok()?;
    let (number, bytes) = (taken >> 16, taken & 0xFFFF);
    INTAKE.with_borrow(|intake| {
        let topic = intake.topics.get(number)?.clone();
        let payload = Bytes::copy_from_slice(intake.room.get(..bytes)?);
        Some((topic, payload))
    })
}

fn unknown(topic: &JsValue, payload: &JsValue) -> Result<(TopicName, Bytes), MqttError> {
    let payload = options::payload(payload)?;
    let name = TopicName::new(&text("topic", topic)?)?;
    INTAKE.with_borrow_mut(|intake| {
        if intake.room.is_empty() {
            intake.room = vec![0; ROOM];
        }
        if let Ok(number) = usize::try_from(know_topic(topic)) {
            // JavaScript begins again with 0 when it knows too many.
            intake.topics.truncate(number);
            intake.topics.push(name.clone());
        }
    });
    Ok((name, payload))
}
