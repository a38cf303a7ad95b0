//! Topics as JavaScript strings, made once.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::topic::TopicName;

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
        // By its place in memory: the decoder makes the name of a topic once, too.
        let Some(slot) = self.slots.get_mut(text.as_ptr() as usize / 16 % SLOTS) else {
            return Rc::new(text.into());
        };
        match slot {
            Some((held, string)) if held == topic => Rc::clone(string),
            Some(_) | None => {
                let string = Rc::new(JsValue::from(text));
                // A longer one is made anew each time, so that the cache stays below 64 KiB.
                if text.len() <= LONGEST {
                    *slot = Some((topic.clone(), Rc::clone(&string)));
                }
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
