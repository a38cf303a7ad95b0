//! The browser half: one WebSocket, one timer, the exported `MqttClient`.

pub mod environment;
pub mod socket;
