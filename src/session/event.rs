//! What comes out of a session, and the small types that go in.

use std::time::Duration;

use bytes::Bytes;

use crate::codec::{ProtocolError, PublishParts};
use crate::packet::{ConnAckProperties, ProtocolVersion, PublishProperties, QoS, ReasonCode};
use crate::topic::{TopicFilter, TopicName};

/// Which socket: a generation number, so that a late event of an older socket is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// Which message: returned by `publish` and named by the events about it. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u32);

impl Token {
    pub(crate) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Which Topic Filter: the same filter keeps its number as long as somebody wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub u32);

/// Who wants a subscription; a filter is wanted until its last owner leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub u32);

/// An Application Message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it is published.
    pub topic: TopicName,
    /// What is published.
    pub payload: Bytes,
    /// How surely it is delivered.
    pub qos: QoS,
    /// To send: the server retains it. Received: it was retained, and is not new.
    pub retain: bool,
    /// 5.0 only; left out in 3.1.1. `None` means no property.
    pub properties: Option<Box<PublishProperties>>,
}

impl Message {
    /// A message of QoS 0 that is not retained and has no properties.
    #[must_use]
    pub fn new(topic: TopicName, payload: impl Into<Bytes>) -> Self {
        Self {
            topic,
            payload: payload.into(),
            qos: QoS::AtMostOnce,
            retain: false,
            properties: None,
        }
    }

    /// The PUBLISH that carries it, which has no Packet Identifier yet.
    pub(crate) fn parts(&self) -> PublishParts<'_> {
        PublishParts {
            dup: false,
            qos: self.qos,
            retain: self.retain,
            topic: Some(&self.topic),
            topic_alias: None,
            packet_id: None,
            payload: &self.payload,
            properties: self.properties.as_deref(),
        }
    }
}

/// How a socket ended, in the words of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// `new WebSocket` threw: the address can never work from this page.
    Refused(String),
    /// The browser itself does not open this address.
    Blocked(Blocked),
    /// It closed, or did not open. A browser reports 1006 for almost every failure; so does a caller that has no
    /// WebSocket.
    Ended {
        /// The close code of WebSocket, 1000 to 4999.
        code: u16,
        /// Whether the close handshake was done.
        clean: bool,
    },
}

/// Why a browser does not open an address.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// `ws://` from a page that came over https.
    SecurePage,
    /// The page's Content Security Policy.
    Policy,
    /// A port that browsers open for nobody.
    Port,
    /// The user, or the program, said no.
    NotPermitted,
}

/// What the application gets.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt to connect began.
    Connecting {
        /// 1 for the first attempt since the last stable connection.
        attempt: u32,
    },
    /// The server accepted the connection.
    Connected {
        /// The server still had the session. [MQTT-3.2.2-2]
        session_present: bool,
        /// The version that was agreed on.
        version: ProtocolVersion,
        /// The name that we go by; the server may have chosen it. [MQTT5-3.2.2-16]
        client_id: String,
        /// Which of the options' addresses leads to it, counted from 0.
        address: u32,
        /// What the server said about itself and what it allows; nothing in 3.1.1. The session
        /// keeps to it by itself. [MQTT5-3.2.2.3]
        properties: Box<ConnAckProperties>,
    },
    /// The connection ended, or could not be made.
    Disconnected {
        /// Why.
        reason: CloseReason,
        /// When the next attempt follows; `None` means that the session stays closed until
        /// `connect` is called.
        retry_in: Option<Duration>,
    },
    /// Messages of an earlier page wait to be sent again. They have new tokens, in their order.
    SessionRestored {
        /// The token of the first.
        first: Token,
        /// How many there are.
        messages: u32,
    },
    /// A message arrived. Taking this event acknowledges the message. [MQTT-4.5.0-2]
    MessageReceived(Received),
    /// The server acknowledged a QoS 1 or 2 message. QoS 0 has no acknowledgement and no event.
    Published {
        /// Which message.
        token: Token,
    },
    /// A message will not be delivered.
    PublishFailed {
        /// Which message.
        token: Token,
        /// Why not.
        error: PublishError,
    },
    /// The server accepted a subscription.
    Subscribed {
        /// Which filter.
        subscription: SubscriptionId,
        /// Its text.
        filter: TopicFilter,
        /// The QoS that the server granted, which may be lower than what was asked for.
        qos: QoS,
    },
    /// The server refused a subscription; it is not tried again by itself.
    SubscribeFailed {
        /// Which filter.
        subscription: SubscriptionId,
        /// Its text.
        filter: TopicFilter,
        /// Why.
        reason: ReasonCode,
    },
    /// The server confirmed the end of a subscription.
    Unsubscribed {
        /// The filter's text.
        filter: TopicFilter,
    },
    /// The server refused to end a subscription (5.0), or ended the connection for it; it is not tried again by itself.
    UnsubscribeFailed {
        /// The filter's text.
        filter: TopicFilter,
        /// Why.
        reason: ReasonCode,
    },
    /// QoS 0 messages arrived faster than they were taken, and the oldest were dropped.
    MessagesDropped {
        /// How many since the last such event.
        count: u32,
    },
    /// Something that the specification asks to tolerate, but that a developer wants to know.
    Warning(Warning),
}

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub message: Message,
    /// The server may have sent it before. [MQTT-3.3.1-1]
    pub dup: bool,
    /// Every wanted filter that matches the topic.
    pub subscriptions: Vec<SubscriptionId>,
}

/// What the specification asks to tolerate.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// An acknowledgement of something that was not sent.
    UnknownPacketId,
    /// A SUBACK or UNSUBACK without one code for each filter: what has none is asked for once more.
    /// [MQTT-3.8.4-5] [MQTT5-3.8.4-6]
    WrongNumberOfCodes,
    /// More QoS 1 and 2 messages at once than our Receive Maximum; reported once for each connection.
    /// [MQTT5-3.3.4-9]
    ReceiveMaximumExceeded,
    /// A message on a topic that nobody subscribed to. [MQTT-3.3.2-3]
    UnexpectedTopic,
    /// The server did not select the subprotocol `mqtt`. [MQTT-6.0.0-4]
    NoSubprotocol,
    /// There is no store, or it failed: the session ends with the page.
    SessionNotKept,
    /// What was stored cannot be read, and is gone.
    SessionDiscarded,
    /// A packet had more User Properties than are read: a thousand, and 256 KiB of them.
    UserPropertiesLeftOut,
    /// The server took a QoS 2 message as QoS 1: it may deliver it more than once.
    QosLowered,
    /// The server ended connections right after something was sent: filters and messages are sent one
    /// by one, to find what it does not take.
    OneByOne,
}

/// Why a connection ended.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// `disconnect` was called.
    ClosedByUser,
    /// The browser refused the address; the text is its own.
    AddressRefused(String),
    /// The browser itself did not open the address.
    Blocked {
        /// Why.
        by: Blocked,
        /// How long it took.
        after: Duration,
    },
    /// The socket never opened. Browsers do not say why.
    NeverOpened {
        /// How long it took: an immediate failure means that nobody listens there.
        after: Duration,
    },
    /// The socket opened, but closed before the server answered CONNECT.
    ClosedBeforeConnAck,
    /// The connection was lost.
    Lost {
        /// The WebSocket close code.
        code: u16,
    },
    /// No CONNACK within the time limit.
    ConnectTimeout {
        /// Whether the socket had opened.
        opened: bool,
    },
    /// No PINGRESP within the time limit. [MQTT-3.1.2.10]
    PingTimeout,
    /// CONNACK with a refusal. [MQTT-3.2.2-5]
    Refused {
        /// Why, as a code of 5.0.
        reason: ReasonCode,
        /// The code on the wire.
        return_code: u8,
        /// The server's own words (5.0).
        reason_string: Option<String>,
        /// Another server that it names (5.0); never followed, it would get the password.
        server_reference: Option<String>,
    },
    /// DISCONNECT from the server (5.0).
    Disconnected {
        /// Why.
        reason: ReasonCode,
        /// The server's own words.
        reason_string: Option<String>,
        /// Another server that it names; never followed, it would get the password.
        server_reference: Option<String>,
    },
    /// The server (3.1.1) closed three connections in a row shortly after accepting them, the last
    /// although nothing was sent: probably another client uses the same Client Identifier. It is a
    /// guess, and tried again. [MQTT-3.1.4-2]
    NameInUse,
    /// Another page keeps the session of the same Client Identifier.
    SessionInUse,
    /// The server broke the specification.
    Protocol(ProtocolError),
}

/// Why a Topic Filter cannot be added.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeError {
    /// [`MAX_FILTERS`](super::MAX_FILTERS) filters are wanted already.
    TooMany,
    /// No Local and `$share` exclude each other. [MQTT5-3.8.3-4]
    NoLocalOnShared,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No connection, and none is tried until `connect` is called.
    Closed,
    /// A socket is being opened, or CONNACK is awaited.
    Connecting,
    /// The server accepted the connection.
    Connected,
    /// The pause before the next attempt.
    Waiting,
    /// `disconnect` was called, and the last messages are being delivered.
    Closing,
}

/// Counts since the session was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Messages handed to a socket, repetitions not counted.
    pub sent: u32,
    /// Messages received, repetitions of QoS 2 not counted.
    pub received: u32,
    /// Messages that wait for a connection or an acknowledgement.
    pub waiting: u32,
    /// Received QoS 0 messages that were dropped because nobody took them.
    pub dropped: u32,
    /// Messages that were not sent: queue full, replaced, too fast, or taken back.
    pub not_sent: u32,
    /// How often the connection came back after it was lost.
    pub reconnects: u32,
    /// How long the server took for its last CONNACK or PINGRESP; `None` before the first.
    pub answer_time: Option<Duration>,
}

/// Why a message is not published.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// Too many messages wait already.
    QueueFull,
    /// A newer message took its place in the queue.
    Replaced,
    /// More messages than the publish rate allows.
    TooFast,
    /// It was taken back before it was sent.
    Discarded,
    /// Its Message Expiry Interval passed while it waited (5.0).
    Expired,
    /// The server allows no message of this QoS. [MQTT5-3.2.2-11]
    QosNotSupported {
        /// The highest that it allows.
        maximum: QoS,
    },
    /// The server retains no messages. [MQTT5-3.2.2-14]
    RetainNotSupported,
    /// The message is larger than a packet may be.
    TooLarge {
        /// The size of the packet.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The session is closing, or was closed before the message was delivered.
    Closed,
    /// The message cannot be written in this version of the protocol.
    Invalid,
    /// The server refused it (5.0).
    Refused(ReasonCode),
    /// The server ended the connection each time that it was sent, so it was given up.
    EndedConnection {
        /// Where it was published; `None` where the server had taken it and ended the connection for
        /// what follows.
        topic: Option<TopicName>,
        /// What the server said; 0x80 when it said nothing.
        reason: ReasonCode,
    },
}
