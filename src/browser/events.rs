//! The session's events as the objects of `types.d.ts`.

use std::time::Duration;

use wasm_bindgen::prelude::*;

use super::error::publish_code;
use super::literal::Literal;
use super::properties::granted_object;
use crate::session::{Blocked, CloseReason, Event, PublishError, Warning};

/// The object for an event; messages and `published` have faster ways of their own.
#[must_use]
pub fn event_object(event: &Event) -> Option<JsValue> {
    let object = match event {
        Event::MessageReceived(_) => return None,
        Event::Published { token } => of("published").with("token", token.0),
        Event::Connecting { attempt } => of("connecting").with("attempt", *attempt),
        Event::Connected {
            session_present,
            version,
            client_id,
            properties,
        } => of("connected")
            .with("sessionPresent", *session_present)
            .with("version", version.name())
            .with("clientId", client_id.as_str())
            .with_some("properties", granted_object(properties)),
        Event::Disconnected { reason, retry_in } => of("disconnected")
            .with("reason", close_reason(reason))
            .with("retryInMs", retry_in.map_or(JsValue::NULL, milliseconds)),
        Event::SessionRestored { first, messages } => of("sessionRestored")
            .with("firstToken", first.0)
            .with("messages", *messages),
        Event::PublishFailed { token, error } => {
            let object = of("publishFailed")
                .with("token", token.0)
                .with("code", publish_code(error));
            match error {
                PublishError::Refused(reason) => object.with("reasonCode", reason.0),
                PublishError::EndedConnection { topic, reason } => {
                    let topic = topic.as_ref().map(|topic| JsValue::from(topic.as_str()));
                    object
                        .with("reasonCode", reason.0)
                        .with("endedConnection", true)
                        .with_some("topic", topic)
                }
                PublishError::QosNotSupported { maximum } => {
                    object.with("maximumQos", maximum.number())
                }
                PublishError::QueueFull
                | PublishError::Replaced
                | PublishError::TooFast
                | PublishError::Discarded
                | PublishError::Expired
                | PublishError::RetainNotSupported
                | PublishError::TooLarge { .. }
                | PublishError::Closed
                | PublishError::Invalid => object,
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
        Event::UnsubscribeFailed { filter, reason } => of("unsubscribeFailed")
            .with("filter", filter.as_str())
            .with("reasonCode", reason.0),
        Event::MessagesDropped { count } => of("messagesDropped").with("count", *count),
        Event::Warning(warning) => of("warning").with(
            "code",
            match warning {
                Warning::UnknownPacketId => "unknown-packet-id",
                Warning::WrongNumberOfCodes => "wrong-number-of-codes",
                Warning::ReceiveMaximumExceeded => "receive-maximum-exceeded",
                Warning::UnexpectedTopic => "unexpected-topic",
                Warning::NoSubprotocol => "no-subprotocol",
                Warning::SessionNotKept => "session-not-kept",
                Warning::SessionDiscarded => "session-discarded",
                Warning::QosLowered => "qos-lowered",
                Warning::OneByOne => "one-by-one",
                Warning::UserPropertiesLeftOut => "user-properties-left-out",
            },
        ),
    };
    Some(object.into())
}

fn of(kind: &str) -> Literal {
    Literal::new().with("type", kind)
}

fn milliseconds(duration: Duration) -> JsValue {
    (duration.as_secs_f64() * 1_000.0).round().into()
}

fn close_reason(reason: &CloseReason) -> Literal {
    let with_code = |code: &str| {
        Literal::new()
            .with("code", code)
            .with("message", reason.text())
    };
    match reason {
        CloseReason::ClosedByUser => with_code("closed"),
        CloseReason::AddressRefused(_) => with_code("address-refused"),
        CloseReason::Blocked { by, after } => match by {
            Blocked::SecurePage => with_code("address-refused").with("cause", "secure-page"),
            Blocked::Policy => {
                with_code("address-refused").with("cause", "content-security-policy")
            }
            Blocked::NotPermitted => with_code("address-refused").with("cause", "not-permitted"),
            Blocked::Port => with_code("never-opened")
                .with("cause", "port")
                .with("afterMs", milliseconds(*after)),
        },
        CloseReason::NeverOpened { after } => {
            with_code("never-opened").with("afterMs", milliseconds(*after))
        }
        CloseReason::ClosedBeforeConnAck => with_code("closed-before-connack"),
        CloseReason::Lost { code } => with_code("lost").with("closeCode", *code),
        CloseReason::ConnectTimeout { opened } => {
            with_code("connect-timeout").with("opened", *opened)
        }
        CloseReason::PingTimeout => with_code("ping-timeout"),
        CloseReason::Refused {
            reason,
            return_code,
            reason_string,
            server_reference,
        } => with_code("refused")
            .with("reasonCode", reason.0)
            .with("returnCode", *return_code)
            .with_some("reasonString", reason_string.as_deref())
            .with_some("serverReference", server_reference.as_deref()),
        CloseReason::Disconnected {
            reason,
            reason_string,
            server_reference,
        } => with_code("disconnected")
            .with("reasonCode", reason.0)
            .with_some("reasonString", reason_string.as_deref())
            .with_some("serverReference", server_reference.as_deref()),
        CloseReason::NameInUse => with_code("name-in-use"),
        CloseReason::SessionInUse => with_code("session-in-use"),
        CloseReason::Protocol(_) => with_code("protocol"),
    }
}
