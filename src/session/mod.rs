//! The MQTT client as a state machine: no I/O, no clock, no wasm types.

mod event;
mod options;

pub use event::{
    Action, CloseReason, Closed, ConnectionId, Event, Message, Owner, PublishError, Received,
    SubscriptionId, Token, Warning,
};
pub use options::{OptionsError, SessionOptions};
