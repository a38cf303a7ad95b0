//! A client whose messages and events are collected.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Reflect, Uint8Array};
use scratch_mqtt::browser::client::MqttClient;
use wasm_bindgen::prelude::*;

use crate::wait::until;

/// A client and its events so far.
pub struct Heard {
    pub client: MqttClient,
    pub messages: Rc<RefCell<Vec<JsValue>>>,
    pub events: Rc<RefCell<Vec<JsValue>>>,
}

impl Heard {
    pub fn new() -> Self {
        let client = MqttClient::new();
        let (messages, events) = (Rc::default(), Rc::default());
        client.set_onmessage(collect(&messages));
        client.set_onevent(collect(&events));
        Self {
            client,
            messages,
            events,
        }
    }

    pub fn connect(&self, options: &[(&str, JsValue)]) {
        self.client.connect(&object(options)).unwrap();
    }

    pub fn publish(&self, topic: &str, payload: &JsValue) -> Result<u32, JsValue> {
        let client = &self.client;
        client.publish(&topic.into(), payload, None, None, None)
    }

    /// The `type` of every event.
    pub fn types(&self) -> Vec<String> {
        let events = self.events.borrow();
        events.iter().map(|event| text(event, "type")).collect()
    }

    pub async fn event(&self, kind: &str) -> JsValue {
        let find = || {
            let events = self.events.borrow();
            events
                .iter()
                .find(|event| text(event, "type") == kind)
                .cloned()
        };
        until(kind, || find().is_some()).await;
        find().unwrap()
    }
}

/// A handler that adds its argument to a list.
pub fn collect(list: &Rc<RefCell<Vec<JsValue>>>) -> JsValue {
    let list = Rc::clone(list);
    handler(move |value| list.borrow_mut().push(value))
}

/// A handler, as JavaScript sees it.
pub fn handler(handle: impl FnMut(JsValue) + 'static) -> JsValue {
    Closure::<dyn FnMut(JsValue)>::new(handle).into_js_value()
}

/// A JavaScript function from its text.
pub fn script(text: &str) -> Function {
    Function::new_no_args(&format!("return ({text})"))
        .call0(&JsValue::UNDEFINED)
        .unwrap()
        .unchecked_into()
}

pub fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

pub fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

pub fn text(object: &JsValue, name: &str) -> String {
    property(object, name).as_string().unwrap_or_default()
}

pub fn number(object: &JsValue, name: &str) -> f64 {
    property(object, name).as_f64().unwrap_or(f64::NAN)
}

pub fn payload(message: &JsValue) -> Vec<u8> {
    property(message, "payload")
        .unchecked_into::<Uint8Array>()
        .to_vec()
}
