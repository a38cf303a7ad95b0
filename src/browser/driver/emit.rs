//! Messages and all other events go to the handlers of the program.

use js_sys::{Function, Uint32Array};
use wasm_bindgen::prelude::*;

use super::super::properties::properties_object;
use super::super::to_js::ToJs;
use super::Driver;
use crate::session::{Event, Received, SubscriptionId};

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    #[wasm_bindgen(js_name = deliverMessage)]
    fn deliver_message(
        handler: &Function,
        topic: u32,
        topic_at: *const u8,
        topic_length: usize,
        flags: u32,
        at: usize,
        length: usize,
        subscription: u32,
        subscriptions: &JsValue,
        properties: &JsValue,
    );

    #[wasm_bindgen(js_name = deliverPublished)]
    fn deliver_published(handler: &Function, token: u32);

    #[wasm_bindgen(js_name = deliverEvent)]
    fn deliver_event(handler: &Function, event: &JsValue);
}

impl Driver {
    /// Calls the handler of a program.
    pub(super) fn emit(&self, event: Event) {
        match event {
            Event::MessageReceived(received) => self.emit_message(&received),
            Event::Published { token } => {
                if let Some(handler) = self.on_event() {
                    deliver_published(&handler, token.0);
                }
            }
            event => {
                if let Some((handler, event)) = self.on_event().zip(event.to_js()) {
                    deliver_event(&handler, &event);
                }
            }
        }
    }

    fn emit_message(&self, received: &Received) {
        let Some(handler) = self.on_message() else {
            return;
        };
        let Received {
            message,
            dup,
            subscriptions,
        } = received;
        let topic = message.topic.as_str();
        let payload = &message.payload;
        let (at, in_frame) = self.place_of(payload);
        let flags = u32::from(message.qos.number())
            | u32::from(message.retain) << 2
            | u32::from(*dup) << 3
            | u32::from(in_frame) << 4;
        // Building undefined costs nothing: most messages have one subscription and no properties.
        let (subscription, subscriptions) = match subscriptions[..] {
            [SubscriptionId(number)] => (number, JsValue::UNDEFINED),
            _ => {
                let numbers: Vec<u32> = subscriptions.iter().map(|number| number.0).collect();
                (0, Uint32Array::from(&numbers[..]).into())
            }
        };
        let properties = message.properties.as_deref();
        let properties = properties.map_or(JsValue::UNDEFINED, properties_object);
        deliver_message(
            &handler,
            message.topic.number(),
            topic.as_ptr(),
            topic.len(),
            flags,
            at,
            payload.len(),
            subscription,
            &subscriptions,
            &properties,
        );
    }

    /// Where a payload is, and whether that is in the frame that came, or else in our memory.
    fn place_of(&self, payload: &[u8]) -> (usize, bool) {
        let in_memory = payload.as_ptr() as usize;
        let frame = self.frame.borrow();
        let in_frame = frame.as_ref().and_then(|frame| {
            let at = in_memory.checked_sub(frame.as_ptr() as usize)?;
            (at + payload.len() <= frame.len()).then_some(at)
        });
        in_frame.map_or((in_memory, false), |at| (at, true))
    }
}
