//! What happens apart from messages, as objects.

use std::time::Duration;

use wasm_bindgen::prelude::*;

use super::error::publish_code;
use super::schema::{events, to_js, words};
use super::to_js::{Literal, ToJs, or_null};
use crate::packet::{ConnAckProperties, QoS, ReasonCode};
use crate::session::{Blocked, CloseReason, Event, PublishError, Warning};
use crate::topic::TopicName;

// Messages and `published` have faster ways of their own.
events! {
    /// Everything that happens apart from messages.
    MqttEvent => Event, without Self::MessageReceived {
        /// An attempt begins; 1 is the first since the last connection that lasted.
        Self::Connecting { attempt } => "connecting" {
            attempt: "number" => attempt;
        }
        /// The broker accepted the client; it still had the session; `address` is the place of its address in
        /// `url`, from 0; `properties` is what a broker of 5.0 said of itself and allows.
        Self::Connected { session_present, version, client_id, address, properties } => "connected" {
            sessionPresent: "boolean" => session_present;
            version: "'3.1.1' | '5.0'" => version;
            clientId: "string" => client_id;
            address: "number" => address;
            properties?: "ServerProperties" => said(properties);
        }
        /// The connection ended or could not be made; `retryInMs` is `null` when it is not tried again.
        Self::Disconnected { reason, retry_in } => "disconnected" {
            reason: "CloseReason" => Close::of(reason);
            retryInMs: "number | null" => or_null(*retry_in);
        }
        /// QoS 1 and 2: the broker has the message. QoS 0 has no acknowledgement and no event.
        Self::Published { token } => "published" {
            token: "number" => token;
        }
        /// It will not be delivered; `code` says why.
        Self::PublishFailed { token, error } => "publishFailed" {
            token: "number" => token;
            code: "PublishFailure" => publish_code(error);
            /// `refused`: the reason as a code of MQTT 5.0.
            reasonCode?: "number" => reason_code(error);
            /// `refused`: the broker ended the connection each time that it was sent, or one like it.
            endedConnection?: "true" => ended_connection(error);
            /// With `endedConnection`: where it was published.
            topic?: "string" => topic(error);
            /// `qos-not-supported`: the highest QoS that the broker allows.
            maximumQos?: "0 | 1" => maximum_qos(error);
        }
        /// The broker accepted a filter, perhaps with a lower QoS.
        Self::Subscribed { subscription, filter, qos } => "subscribed" {
            subscription: "number" => subscription;
            filter: "string" => filter;
            qos: "0 | 1 | 2" => qos;
        }
        /// The broker refused it; it is not asked again.
        Self::SubscribeFailed { subscription, filter, reason } => "subscribeFailed" {
            subscription: "number" => subscription;
            filter: "string" => filter;
            reasonCode: "number" => reason;
        }
        /// The broker confirmed the end.
        Self::Unsubscribed { filter } => "unsubscribed" {
            filter: "string" => filter;
        }
        /// The broker refused to end it (5.0); its messages may go on, it is not asked again.
        Self::UnsubscribeFailed { filter, reason } => "unsubscribeFailed" {
            filter: "string" => filter;
            reasonCode: "number" => reason;
        }
        /// More than 10,000 messages, or 64 MiB, waited for the handler: the oldest of QoS 0 were dropped.
        Self::MessagesDropped { count } => "messagesDropped" {
            count: "number" => count;
        }
        /// Messages of an earlier page wait (`keepSession`); their tokens are `firstToken` and those after
        /// it.
        Self::SessionRestored { first, messages } => "sessionRestored" {
            firstToken: "number" => first;
            messages: "number" => messages;
        }
        /// Tolerated, but worth knowing; `code` says what.
        Self::Warning(warning) => "warning" {
            code: "WarningCode" => warning_code(warning);
        }
    }
}

words! {
    /// What is tolerated, but worth knowing.
    WarningCode names Warning as warning_code {
        /// An acknowledgement of something that was not sent.
        Warning::UnknownPacketId => "unknown-packet-id",
        /// A message on a topic that nobody subscribed to.
        Warning::UnexpectedTopic => "unexpected-topic",
        /// The broker did not answer with one code for each filter; what has none is asked for once more,
        /// then it failed with 0x80.
        Warning::WrongNumberOfCodes => "wrong-number-of-codes",
        /// More messages than `receiveMaximum`, once for each connection.
        Warning::ReceiveMaximumExceeded => "receive-maximum-exceeded",
        /// The broker did not select the subprotocol `mqtt`.
        Warning::NoSubprotocol => "no-subprotocol",
        /// There is no store, or it failed, see `keepSession`.
        Warning::SessionNotKept => "session-not-kept",
        /// What was stored cannot be read, see `keepSession`.
        Warning::SessionDiscarded => "session-discarded",
        /// The broker took a QoS 2 message as QoS 1.
        Warning::QosLowered => "qos-lowered",
        /// The broker ended connections right after something was sent: filters and messages are sent one by one.
        Warning::OneByOne => "one-by-one",
        /// A packet had more user properties than are read.
        Warning::UserPropertiesLeftOut => "user-properties-left-out",
    }
}

words! {
    /// Why a connection ended.
    CloseCode names CloseReason as close_code {
        /// `disconnect` was called, or the page was left.
        CloseReason::ClosedByUser => "closed",
        /// The WebSocket did not open; browsers do not say why. `cause` `port`: they open no connection to
        /// this port.
        CloseReason::NeverOpened { .. } | CloseReason::Blocked { by: Blocked::Port, .. } => "never-opened",
        /// The browser refused the address; `cause` `secure-page`: `ws://` from a page that came over
        /// https, `content-security-policy`: the page forbids it, `not-permitted`: `mayOpen` said no.
        CloseReason::AddressRefused(_) | CloseReason::Blocked { .. } => "address-refused",
        /// It opened, and closed before the broker answered: perhaps the wrong path.
        CloseReason::ClosedBeforeConnAck => "closed-before-connack",
        /// No answer in time.
        CloseReason::ConnectTimeout { .. } => "connect-timeout",
        /// The broker refused the client; `reasonCode` 0x86 is a wrong password, 0x87 not allowed, 0x85
        /// the client id, 0x88 busy.
        CloseReason::Refused { .. } => "refused",
        /// The connection ended.
        CloseReason::Lost { .. } => "lost",
        /// The broker did not answer a ping.
        CloseReason::PingTimeout => "ping-timeout",
        /// Another page keeps the session of the same `clientId`; tried again about once a minute.
        CloseReason::SessionInUse => "session-in-use",
        /// Closed three times in a row within 10 s after connecting, at last although nothing was sent:
        /// perhaps another client uses the `clientId`. A guess, and tried again.
        CloseReason::NameInUse => "name-in-use",
        /// The broker ended it, and said why (5.0); 0x8E: another client took the `clientId`, and this one
        /// stays away.
        CloseReason::Disconnected { .. } => "disconnected",
        /// The broker broke the protocol.
        CloseReason::Protocol(_) => "protocol",
    }
}

words! {
    /// What in the browser blocked an address.
    BlockedBy names Blocked as blocked_by {
        /// `ws://` from a page that came over https.
        Blocked::SecurePage => "secure-page",
        /// That of the page forbids it.
        Blocked::Policy => "content-security-policy",
        /// Browsers open no connection to it.
        Blocked::Port => "port",
        /// `mayOpen` said no.
        Blocked::NotPermitted => "not-permitted",
    }
}

to_js! {
    /// Why a connection ended; programs test `code`.
    CloseReason => Close<'_> {
        /// What programs test.
        code: "CloseCode" => code;
        /// In English, for developers. Never holds an address, a user name or a password.
        message: "string" => message;
        /// `refused`, `disconnected`: the reason as a code of MQTT 5.0, for example 0x86 bad password.
        reasonCode?: "number" => reason_code;
        /// `refused`: the code on the wire.
        returnCode?: "number" => return_code;
        /// `refused`, `disconnected`: the broker's own words.
        reasonString?: "string" => reason_string;
        /// `refused`, `disconnected`: another broker that it names; it is reported and never followed, because
        /// that one would get the password.
        serverReference?: "string" => server_reference;
        /// `lost`: the WebSocket close code.
        closeCode?: "number" => close_code;
        /// `address-refused`, `never-opened`: what in the browser blocked the address, where that is known.
        cause?: "BlockedBy" => cause;
        /// `never-opened`: how long the attempt lasted.
        /// @unit ms
        afterMs?: "number" => after;
        /// `connect-timeout`: whether the WebSocket had opened.
        opened?: "boolean" => opened;
    }
}

/// A [`CloseReason`] as programs get it.
#[derive(Default)]
struct Close<'a> {
    code: &'static str,
    message: String,
    reason_code: Option<ReasonCode>,
    return_code: Option<u8>,
    reason_string: Option<&'a str>,
    server_reference: Option<&'a str>,
    close_code: Option<u16>,
    cause: Option<&'static str>,
    after: Option<Duration>,
    opened: Option<bool>,
}

impl<'a> Close<'a> {
    fn of(reason: &'a CloseReason) -> Self {
        let close = Self {
            code: close_code(reason),
            message: reason.text(),
            ..Self::default()
        };
        match reason {
            CloseReason::Blocked { by, after } => Self {
                cause: Some(blocked_by(by)),
                after: (*by == Blocked::Port).then_some(*after),
                ..close
            },
            CloseReason::NeverOpened { after } => Self {
                after: Some(*after),
                ..close
            },
            CloseReason::Lost { code } => Self {
                close_code: Some(*code),
                ..close
            },
            CloseReason::ConnectTimeout { opened } => Self {
                opened: Some(*opened),
                ..close
            },
            CloseReason::Refused {
                reason,
                return_code,
                reason_string,
                server_reference,
            } => Self {
                reason_code: Some(*reason),
                return_code: Some(*return_code),
                reason_string: reason_string.as_deref(),
                server_reference: server_reference.as_deref(),
                ..close
            },
            CloseReason::Disconnected {
                reason,
                reason_string,
                server_reference,
            } => Self {
                reason_code: Some(*reason),
                reason_string: reason_string.as_deref(),
                server_reference: server_reference.as_deref(),
                ..close
            },
            CloseReason::ClosedByUser
            | CloseReason::AddressRefused(_)
            | CloseReason::ClosedBeforeConnAck
            | CloseReason::PingTimeout
            | CloseReason::NameInUse
            | CloseReason::SessionInUse
            | CloseReason::Protocol(_) => close,
        }
    }
}

/// What a server said of itself, unless that is nothing.
fn said(properties: &ConnAckProperties) -> Option<&ConnAckProperties> {
    (*properties != ConnAckProperties::default()).then_some(properties)
}

fn reason_code(error: &PublishError) -> Option<ReasonCode> {
    match error {
        PublishError::Refused(reason) | PublishError::EndedConnection { reason, .. } => {
            Some(*reason)
        }
        _ => None,
    }
}

fn ended_connection(error: &PublishError) -> Option<bool> {
    matches!(error, PublishError::EndedConnection { .. }).then_some(true)
}

fn topic(error: &PublishError) -> Option<&TopicName> {
    match error {
        PublishError::EndedConnection { topic, .. } => topic.as_ref(),
        _ => None,
    }
}

fn maximum_qos(error: &PublishError) -> Option<QoS> {
    match error {
        PublishError::QosNotSupported { maximum } => Some(*maximum),
        _ => None,
    }
}
