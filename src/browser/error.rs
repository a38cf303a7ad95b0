//! The one error that programs see.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::session::{OptionsError, PublishError, SubscribeError};
use crate::topic::TopicError;

/// Why a call of a program failed. In JavaScript an `Error` whose `name` is `MqttError`, with a
/// stable `code` for programs and a `message` for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttError {
    /// `bad-argument`, `queue-full`, `too-fast`, `too-large` or `closed`.
    pub code: &'static str,
    /// In English. Never holds a payload, a user name, a password or an address.
    pub message: String,
}

impl MqttError {
    /// An argument that can never work.
    #[must_use]
    pub fn bad_argument(message: impl Into<String>) -> Self {
        Self {
            code: "bad-argument",
            message: message.into(),
        }
    }
}

impl From<TopicError> for MqttError {
    fn from(error: TopicError) -> Self {
        Self::bad_argument(error.text())
    }
}

impl From<OptionsError> for MqttError {
    fn from(error: OptionsError) -> Self {
        Self::bad_argument(error.text())
    }
}

impl From<PublishError> for MqttError {
    fn from(error: PublishError) -> Self {
        let message = match &error {
            PublishError::QueueFull => "too many messages wait already",
            PublishError::Replaced => "a newer message took its place",
            PublishError::Discarded => "it was taken back before it was sent",
            PublishError::TooFast => "more messages than the publish rate allows",
            PublishError::Expired => "message expired before it could be sent",
            PublishError::QosNotSupported { .. } => "broker allows no message of this QoS",
            PublishError::RetainNotSupported => "broker keeps no messages",
            PublishError::TooLarge { .. } => "message is larger than a packet may be",
            PublishError::Closed => "client is closing",
            PublishError::Invalid => "message cannot be written in this version of MQTT",
            PublishError::Refused(_) | PublishError::EndedConnection { .. } => {
                "broker refuses this message"
            }
        };
        Self {
            code: publish_code(&error),
            message: message.to_owned(),
        }
    }
}

impl From<SubscribeError> for MqttError {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::TooMany => Self {
                code: "queue-full",
                message: "too many subscriptions".to_owned(),
            },
            SubscribeError::NoLocalOnShared => {
                Self::bad_argument("noLocal cannot be used with a shared subscription")
            }
        }
    }
}

impl From<MqttError> for JsValue {
    fn from(error: MqttError) -> Self {
        let value = js_sys::Error::new(&error.message);
        value.set_name("MqttError");
        // Cannot fail: the object is new and not frozen.
        let _ = Reflect::set(&value, &"code".into(), &error.code.into());
        value.into()
    }
}

/// The word for why a message is not published.
#[must_use]
pub const fn publish_code(error: &PublishError) -> &'static str {
    match error {
        PublishError::QueueFull => "queue-full",
        PublishError::Replaced => "replaced",
        PublishError::TooFast => "too-fast",
        PublishError::Discarded => "discarded",
        PublishError::Expired => "expired",
        PublishError::QosNotSupported { .. } => "qos-not-supported",
        PublishError::RetainNotSupported => "retain-not-supported",
        PublishError::TooLarge { .. } => "too-large",
        PublishError::Closed => "closed",
        PublishError::Invalid => "bad-argument",
        PublishError::Refused(_) | PublishError::EndedConnection { .. } => "refused",
    }
}
