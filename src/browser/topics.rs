//! Topics as JavaScript strings, made once.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::topic::TopicName;

/// A topic longer than this is made anew each time, so that the cache stays below 64 KiB.
const LONGEST: usize = 256;
const SLOTS: usize = 256;

/// The strings of the topics that arrived last. A topic has one place where it can be, so looking
/// is one comparison, and a newcomer replaces what was there.
pub struct TopicStrings {
    slots: Vec<Option<(TopicName, Rc<JsValue>)>>,
}

impl TopicStrings {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            slots: vec![None; SLOTS],
        }
    }

    /// The string of this topic.
    pub fn string(&mut self, topic: &TopicName) -> Rc<JsValue> {
        let text = topic.as_str();
        if text.len() > LONGEST {
            return Rc::new(text.into());
        }
        let Some(slot) = self.slots.get_mut(hash(text) % SLOTS) else {
            return Rc::new(text.into());
        };
        match slot {
            Some((held, string)) if held == topic => Rc::clone(string),
            Some(_) | None => {
                let string = Rc::new(JsValue::from(text));
                *slot = Some((topic.clone(), Rc::clone(&string)));
                string
            }
        }
    }
}

impl Default for TopicStrings {
    fn default() -> Self {
        Self::new()
    }
}

/// FNV-1a: short, and good enough to spread topics that differ in one letter.
fn hash(text: &str) -> usize {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash ^ hash >> 16) as usize
}
