//! The one error that programs see.

use js_sys::{Error, Reflect};
use wasm_bindgen::prelude::*;

use super::schema::words;
use crate::session::{OptionsError, PublishError, SubscribeError};
use crate::topic::TopicError;

/// Why a call of a program failed: an `Error` of JavaScript whose `name` is `MqttError`.
///
/// `code` is for programs: `bad-argument`, `queue-full`, `too-fast`, `too-large` or `closed`. The message
/// is for people, in English, and never holds a payload, a user name, a password or an address. `problem`
/// says what is wrong with a topic or filter, where that is the reason.
// One reference: each `?` on the way out moves it.
#[derive(Clone, Debug)]
pub struct MqttError(Error);

impl MqttError {
    /// An argument that can never work, with the parts of the message.
    #[must_use]
    pub fn bad_argument(message: &[&str]) -> Self {
        Self::new("bad-argument", &message.concat())
    }

    /// In English.
    #[must_use]
    pub fn message(&self) -> String {
        self.0.message().into()
    }

    #[cold]
    fn new(code: &str, message: &str) -> Self {
        let error = Error::new(message);
        error.set_name("MqttError");
        Self(error).with("code", code)
    }

    fn with(self, name: &str, value: &str) -> Self {
        // Cannot fail: the object is new and not frozen.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }
}

impl From<TopicError> for MqttError {
    fn from(error: TopicError) -> Self {
        Self::bad_argument(&[&error.text()]).with("problem", topic_fault(&error))
    }
}

impl From<OptionsError> for MqttError {
    fn from(error: OptionsError) -> Self {
        Self::bad_argument(&[&error.text()])
    }
}

impl From<PublishError> for MqttError {
    fn from(error: PublishError) -> Self {
        Self::new(publish_code(&error), error.text())
    }
}

impl From<SubscribeError> for MqttError {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::TooMany => Self::new("queue-full", error.text()),
            SubscribeError::NoLocalOnShared => {
                Self::bad_argument(&["noLocal cannot be used with a shared subscription"])
            }
        }
    }
}

impl From<MqttError> for JsValue {
    fn from(error: MqttError) -> Self {
        error.0.into()
    }
}

words! {
    /// Why a message is not delivered.
    PublishFailure names PublishError as publish_code {
        /// `queuePolicy` let a newer message take its place.
        PublishError::Replaced => "replaced",
        /// It was taken back by `discardUnsent`, or is of an earlier run.
        PublishError::Discarded => "discarded",
        /// Its `expirySeconds` passed while it waited.
        PublishError::Expired => "expired",
        /// The broker said that it allows no QoS above `maximumQos`.
        PublishError::QosNotSupported { .. } => "qos-not-supported",
        /// The broker said that it retains no messages.
        PublishError::RetainNotSupported => "retain-not-supported",
        /// Larger than the broker allows.
        PublishError::TooLarge { .. } => "too-large",
        /// The broker's answer was `reasonCode`, for example 0x87 not allowed or 0x95 too large (5.0); any
        /// code from 0x80 on fails the one message, the connection stays. With `endedConnection`: the
        /// broker ended the connection each time that this message, or one like it, was sent.
        PublishError::Refused(_) | PublishError::EndedConnection { .. } => "refused",
        /// `disconnect` came first.
        PublishError::Closed => "closed",
        /// As the error of the same name.
        PublishError::QueueFull => "queue-full",
        /// As the error of the same name; it is only thrown.
        PublishError::TooFast => "too-fast",
        /// As the error of the same name.
        PublishError::Invalid => "bad-argument",
    }
}

words! {
    /// What is wrong with a topic or filter.
    TopicFault names TopicError as topic_fault {
        /// It has no characters.
        TopicError::Empty => "empty",
        /// Over 65,535 bytes.
        TopicError::TooLong { .. } => "too-long",
        /// It contains U+0000.
        TopicError::NullCharacter => "null-character",
        /// A topic to publish to contains `+` or `#`.
        TopicError::WildcardInName => "wildcard",
        /// Something follows `#`.
        TopicError::HashNotLast => "hash-not-last",
        /// `#` shares its level with other characters.
        TopicError::HashNotAlone => "hash-not-alone",
        /// `+` shares its level with other characters.
        TopicError::PlusNotAlone => "plus-not-alone",
        /// `$share/` without a name and a filter.
        TopicError::InvalidShare => "invalid-share",
    }
}
