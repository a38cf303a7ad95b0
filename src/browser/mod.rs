//! The browser half: one WebSocket, one timer, the exported `MqttClient`.
