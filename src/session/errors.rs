//! The words of the session's errors, in English, for developers.

use std::fmt;

use super::agreed::journal::StoreError;
use super::event::{PublishError, SubscribeError};

impl PublishError {
    /// In English.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::QueueFull => "too many messages wait already",
            Self::Replaced => "a newer message took its place",
            Self::Discarded => "it was taken back before it was sent",
            Self::TooFast => "more messages than the publish rate allows",
            Self::Expired => "message expired before it could be sent",
            Self::QosNotSupported { .. } => "broker allows no message of this QoS",
            Self::RetainNotSupported => "broker keeps no messages",
            Self::TooLarge { .. } => "message is larger than a packet may be",
            Self::Closed => "client is closing",
            Self::Invalid => "message cannot be written in this version of MQTT",
            Self::Refused(_) | Self::EndedConnection { .. } => "broker refuses this message",
        }
    }
}

impl SubscribeError {
    /// In English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TooMany => "too many subscriptions",
            Self::NoLocalOnShared => "a shared subscription cannot leave out our own messages",
        }
    }
}

impl StoreError {
    /// In English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::InUse => "another client uses the store",
            Self::Failed => "the store is missing, full or broken",
        }
    }
}

/// `text` is what people read, and these are errors like all others.
macro_rules! errors {
    ($($name:ident)*) => {
        $(
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.text())
                }
            }

            impl std::error::Error for $name {}
        )*
    };
}

errors! { PublishError SubscribeError StoreError }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_in_words() {
        assert_eq!(
            PublishError::TooFast.to_string(),
            "more messages than the publish rate allows"
        );
        assert_eq!(
            SubscribeError::TooMany.to_string(),
            "too many subscriptions"
        );
        assert_eq!(
            StoreError::InUse.to_string(),
            "another client uses the store"
        );
    }
}
