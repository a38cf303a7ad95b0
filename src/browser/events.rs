//! The session's events as the objects of `types.d.ts`.

use std::time::Duration;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::error::publish_code;
use crate::session::{CloseReason, Event, Warning};

/// The object for an event; messages and `published` have faster ways of their own.
#[must_use]
pub fn event_object(event: &Event) -> Option<JsValue> {
    let object = match event {
        Event::MessageReceived(_) => return None,
        Event::Published { token } => of("published").with("token", token.0),
        Event::Connecting { attempt } => of("connecting").with("attempt", *attempt),
        Event::Connected { session_present } => {
            of("connected").with("sessionPresent", *session_present)
        }
        Event::Disconnected { reason, retry_in } => of("disconnected")
            .with("reason", close_reason(reason))
            .with("retryInMs", retry_in.map_or(JsValue::NULL, milliseconds)),
        Event::PublishFailed { token, error } => {
            let object = of("publishFailed")
                .with("token", token.0)
                .with("code", publish_code(error));
            match error {
                crate::session::PublishError::Refused(reason) => {
                    object.with("reasonCode", reason.0)
                }
                crate::session::PublishError::QueueFull
                | crate::session::PublishError::TooLarge { .. }
                | crate::session::PublishError::Closed => object,
            }
        }
        Event::Subscribed {
            subscription,
            filter,
            qos,
        } => of("subscribed")
            .with("subscription", subscription.0)
            .with("filter", filter.as_str())
            .with("qos", qos.number()),
        Event::SubscribeFailed {
            subscription,
            filter,
            reason,
        } => of("subscribeFailed")
            .with("subscription", subscription.0)
            .with("filter", filter.as_str())
            .with("reasonCode", reason.0),
        Event::Unsubscribed { filter } => of("unsubscribed").with("filter", filter.as_str()),
        Event::MessagesDropped { count } => of("messagesDropped").with("count", *count),
        Event::Warning(warning) => of("warning").with(
            "code",
            match warning {
                Warning::UnknownPacketId => "unknown-packet-id",
                Warning::UnexpectedTopic => "unexpected-topic",
                Warning::NoSubprotocol => "no-subprotocol",
            },
        ),
    };
    Some(object.into())
}

/// An object literal.
pub struct Literal(Object);

impl Literal {
    /// `{}`
    #[must_use]
    pub fn new() -> Self {
        Self(Object::new())
    }

    /// With one more property.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Cannot fail: the object is new and not frozen.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    /// With one more property, if there is one.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Default for Literal {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Literal> for JsValue {
    fn from(literal: Literal) -> Self {
        literal.0.into()
    }
}

fn of(kind: &str) -> Literal {
    Literal::new().with("type", kind)
}

fn milliseconds(duration: Duration) -> JsValue {
    (duration.as_secs_f64() * 1_000.0).round().into()
}

fn close_reason(reason: &CloseReason) -> Literal {
    let with =
        |code: &str, message: &str| Literal::new().with("code", code).with("message", message);
    match reason {
        CloseReason::ClosedByUser => with("closed", "disconnect was called"),
        CloseReason::AddressRefused(words) => with("address-refused", words),
        CloseReason::NeverOpened { after } => with(
            "never-opened",
            "the connection could not be opened; browsers do not say why",
        )
        .with("afterMs", milliseconds(*after)),
        CloseReason::ClosedBeforeConnAck => with(
            "closed-before-connack",
            "the connection opened, but the server did not speak MQTT",
        ),
        CloseReason::Lost { code } => {
            with("lost", "the connection was lost").with("closeCode", *code)
        }
        CloseReason::ConnectTimeout { opened } => {
            with("connect-timeout", "the broker did not answer in time").with("opened", *opened)
        }
        CloseReason::PingTimeout => with("ping-timeout", "the broker did not answer a ping"),
        CloseReason::Refused {
            reason,
            return_code,
        } => with("refused", "the broker refused the connection")
            .with("reasonCode", reason.0)
            .with("returnCode", *return_code),
        CloseReason::Disconnected {
            reason,
            reason_string,
        } => with(
            "disconnected",
            reason_string
                .as_deref()
                .unwrap_or("the broker ended the connection"),
        )
        .with("reasonCode", reason.0),
        CloseReason::NameInUse => with(
            "name-in-use",
            "closed shortly after connecting, again and again: another client probably uses the \
             same client id",
        ),
        CloseReason::Protocol(error) => with("protocol", &error.to_string()),
    }
}
