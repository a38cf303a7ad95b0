//! A WebSocket that does only what a test says, in place of the browser's own.

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::heard::{property, script};

/// CONNACK of 5.0: accepted, no session, no properties.
pub const CONNACK: &[u8] = &[0x20, 0x03, 0x00, 0x00, 0x00];

/// CONNACK of 3.1.1: this version of the protocol is not spoken here.
pub const CONNACK_OTHER_VERSION: &[u8] = &[0x20, 0x02, 0x00, 0x01];

/// CONNACK of 3.1.1: accepted, no session.
pub const CONNACK_3_1_1: &[u8] = &[0x20, 0x02, 0x00, 0x00];

/// All WebSockets that are opened until it is dropped.
pub struct Fake {
    sockets: Array,
    restore: Function,
}

impl Fake {
    pub fn start() -> Self {
        let sockets = Array::new();
        let install = script(
            "sockets => {
                const Real = WebSocket;
                globalThis.WebSocket = class {
                    constructor(url, protocol) {
                        Object.assign(this, { url, protocol, bufferedAmount: 0, sent: [], closes: [] });
                        sockets.push(this);
                    }
                    send(bytes) { this.sent.push(Uint8Array.from(bytes)); this.onsend?.(bytes); }
                    close(...args) { this.closes.push(args[0] ?? null); }
                };
                return () => { globalThis.WebSocket = Real; };
            }",
        );
        let restore = install.call1(&JsValue::UNDEFINED, &sockets).unwrap();
        Self {
            sockets,
            restore: restore.unchecked_into(),
        }
    }

    /// How many were opened so far.
    pub fn opened(&self) -> u32 {
        self.sockets.length()
    }

    pub fn socket(&self, index: u32) -> FakeSocket {
        FakeSocket(self.sockets.get(index))
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = self.restore.call0(&JsValue::UNDEFINED);
    }
}

pub struct FakeSocket(JsValue);

impl FakeSocket {
    /// The handshake is done, and the server accepts the client.
    pub fn accept(&self) {
        self.call("onopen", &JsValue::UNDEFINED);
        self.receive(CONNACK);
    }

    pub fn receive(&self, bytes: &[u8]) {
        self.call(
            "onmessage",
            &with_data(Uint8Array::from(bytes).buffer().into()),
        );
    }

    pub fn receive_text(&self, text: &str) {
        self.call("onmessage", &with_data(text.into()));
    }

    pub fn call(&self, handler: &str, event: &JsValue) {
        if let Some(handler) = property(&self.0, handler).dyn_ref::<Function>() {
            handler.call1(&self.0, event).unwrap();
        }
    }

    pub fn has(&self, handler: &str) -> bool {
        property(&self.0, handler).is_function()
    }

    pub fn set(&self, name: &str, value: impl Into<JsValue>) {
        Reflect::set(&self.0, &name.into(), &value.into()).unwrap();
    }

    /// Every WebSocket message that was sent.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        let sent: Array = property(&self.0, "sent").unchecked_into();
        sent.iter()
            .map(|bytes| bytes.unchecked_into::<Uint8Array>().to_vec())
            .collect()
    }

    /// With which codes it was closed; `None` without one.
    pub fn closes(&self) -> Vec<Option<f64>> {
        let closes: Array = property(&self.0, "closes").unchecked_into();
        closes.iter().map(|code| code.as_f64()).collect()
    }
}

/// PUBLISH of 5.0 with QoS 0 and without properties.
pub fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    publish_with(topic, &[], payload)
}

/// PUBLISH of 5.0 with QoS 0.
pub fn publish_with(topic: &str, properties: &[u8], payload: &[u8]) -> Vec<u8> {
    let topic = [&(topic.len() as u16).to_be_bytes(), topic.as_bytes()].concat();
    let properties = [&[properties.len() as u8], properties].concat();
    let rest = [topic.as_slice(), &properties, payload].concat();
    let len = rest.len();
    let length = match len {
        0..128 => vec![len as u8],
        128..16_384 => vec![(len % 128) as u8 | 0x80, (len / 128) as u8],
        _ => vec![
            (len % 128) as u8 | 0x80,
            (len / 128 % 128) as u8 | 0x80,
            (len / 16_384) as u8,
        ],
    };
    [&[0x30], length.as_slice(), &rest].concat()
}

fn with_data(data: JsValue) -> JsValue {
    crate::heard::object(&[("data", data)])
}
