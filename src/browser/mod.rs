//! The browser half: one WebSocket, one timer, the exported `MqttClient`.

pub mod client;
pub mod driver;
pub mod environment;
pub mod error;
pub mod events;
pub mod functions;
pub mod given;
pub mod hold;
pub mod intake;
pub mod options;
pub mod properties;
pub mod schema;
pub mod socket;
pub mod store;
pub mod timer;
pub mod to_js;

use wasm_bindgen::prelude::wasm_bindgen;

// What is made in JavaScript, or is no object: the other types come from the macros of `schema.rs`.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
