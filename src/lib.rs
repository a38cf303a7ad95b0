//! MQTT for Scratch: a client for the browser, written as a pure state machine with a thin shell.
//!
//! | module | what it is |
//! |---|---|
//! | [`text`] | what every text of a packet must be |
//! | [`topic`] | Topic Names and Topic Filters, and which of them match |
//! | [`packet`] | the control packets, one set for MQTT 3.1.1 and 5.0 |
//! | [`codec`] | packets to bytes and back; the only code that names mqttbytes |
//! | [`address`] | what a pupil types as a broker's address, made into a URL |
//! | [`session`] | the client as a state machine: no I/O, no clock, no wasm types |
//! | `browser` | one WebSocket, one timer, the exported `MqttClient` (wasm only) |

pub mod address;
#[cfg(all(target_arch = "wasm32", feature = "browser"))]
pub mod browser;
pub mod codec;
pub mod packet;
pub mod session;
pub mod text;
pub mod topic;

/// Smaller than the allocator of the standard library by 3 KB of the compressed script, and every
/// call takes the same short time.
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
