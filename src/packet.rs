//! The control packets of MQTT, one set for 3.1.1 and 5.0.
//!
//! Reason codes are those of 5.0 [MQTT5-2.4]; the codec translates the return codes of 3.1.1.
//! Properties exist in 5.0 only: the encoder refuses none of them in 3.1.1, it leaves them out.

mod connect;
mod publish;
mod subscribe;

use std::fmt;
use std::num::NonZeroU16;

pub use connect::{ConnAck, ConnAckProperties, Connect, ConnectProperties, Will};
pub use publish::{Ack, Publish, PublishProperties};
pub use subscribe::{RetainHandling, SubAck, Subscribe, SubscribeOptions, Unsubscribe};

/// The version of the protocol that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolVersion {
    /// MQTT 3.1.1, protocol level 4.
    V3_1_1,
    /// MQTT 5.0, protocol level 5.
    V5_0,
}

impl ProtocolVersion {
    /// The version as people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V3_1_1 => "3.1.1",
            Self::V5_0 => "5.0",
        }
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The largest Remaining Length, in bytes: four bytes hold no more. [MQTT-2.2.3]
pub const MAX_REMAINING_LENGTH: usize = 268_435_455;

/// The largest packet, in bytes, with its type and its length.
pub const MAX_PACKET_BYTES: usize = 5 + MAX_REMAINING_LENGTH;

/// How surely an Application Message is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum QoS {
    /// 0: sent once, never repeated; may be lost.
    #[default]
    AtMostOnce = 0,
    /// 1: repeated until acknowledged; may arrive twice.
    AtLeastOnce = 1,
    /// 2: arrives exactly once.
    ExactlyOnce = 2,
}

impl QoS {
    /// The level for 0, 1 or 2.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }

    /// 0, 1 or 2.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// A Packet Identifier; never 0. [MQTT-2.3.1-1]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId(NonZeroU16);

impl PacketId {
    /// The identifier with this number, or `None` for 0.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for PacketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A Reason Code of MQTT 5.0; 0x80 and above mean failure. [MQTT5-2.4]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReasonCode(pub u8);

impl ReasonCode {
    /// Success, normal disconnection, or QoS 0 granted.
    pub const SUCCESS: Self = Self(0x00);
    /// Close the connection and publish the will.
    pub const DISCONNECT_WITH_WILL: Self = Self(0x04);
    /// No reason is given.
    pub const UNSPECIFIED_ERROR: Self = Self(0x80);
    /// The packet could not be parsed.
    pub const MALFORMED_PACKET: Self = Self(0x81);
    /// The packet must not be sent in this form or at this moment.
    pub const PROTOCOL_ERROR: Self = Self(0x82);
    /// The server does not speak this version (return code 1 of 3.1.1).
    pub const UNSUPPORTED_PROTOCOL_VERSION: Self = Self(0x84);
    /// The server does not allow this Client Identifier (return code 2 of 3.1.1).
    pub const CLIENT_IDENTIFIER_NOT_VALID: Self = Self(0x85);
    /// Bad user name or password (return code 4 of 3.1.1).
    pub const BAD_USER_NAME_OR_PASSWORD: Self = Self(0x86);
    /// Not authorized (return code 5 of 3.1.1).
    pub const NOT_AUTHORIZED: Self = Self(0x87);
    /// The server is not available (return code 3 of 3.1.1).
    pub const SERVER_UNAVAILABLE: Self = Self(0x88);
    /// Another client took over the session.
    pub const SESSION_TAKEN_OVER: Self = Self(0x8E);
    /// The Packet Identifier is not known.
    pub const PACKET_IDENTIFIER_NOT_FOUND: Self = Self(0x92);
    /// More unacknowledged messages than the Receive Maximum.
    pub const RECEIVE_MAXIMUM_EXCEEDED: Self = Self(0x93);
    /// A Topic Alias that is 0, too large or not known.
    pub const TOPIC_ALIAS_INVALID: Self = Self(0x94);
    /// The packet is larger than the Maximum Packet Size.
    pub const PACKET_TOO_LARGE: Self = Self(0x95);

    /// The server offers no shared subscriptions.
    pub const SHARED_SUBSCRIPTIONS_NOT_SUPPORTED: Self = Self(0x9E);
    /// The server offers no filters with wildcards.
    pub const WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED: Self = Self(0xA2);

    /// Whether the code means failure.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 >= 0x80
    }
}

/// A control packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Client to server: open a session.
    Connect(Box<Connect>),
    /// Server to client: the answer to CONNECT.
    ConnAck(Box<ConnAck>),
    /// An Application Message, both ways.
    Publish(Publish),
    /// QoS 1 acknowledgement.
    PubAck(Ack),
    /// QoS 2, first acknowledgement.
    PubRec(Ack),
    /// QoS 2, release.
    PubRel(Ack),
    /// QoS 2, completion.
    PubComp(Ack),
    /// Client to server: ask for messages.
    Subscribe(Subscribe),
    /// Server to client: one code per Topic Filter.
    SubAck(SubAck),
    /// Client to server: no more messages.
    Unsubscribe(Unsubscribe),
    /// Server to client: the answer to UNSUBSCRIBE.
    UnsubAck(SubAck),
    /// Client to server: are you there?
    PingReq,
    /// Server to client: here I am.
    PingResp,
    /// The last packet of a connection.
    Disconnect(Disconnect),
    /// Enhanced authentication (5.0).
    Auth(Auth),
}

impl Packet {
    /// Which of the fifteen packets this is.
    #[must_use]
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::ConnAck(_) => PacketType::ConnAck,
            Self::Publish(_) => PacketType::Publish,
            Self::PubAck(_) => PacketType::PubAck,
            Self::PubRec(_) => PacketType::PubRec,
            Self::PubRel(_) => PacketType::PubRel,
            Self::PubComp(_) => PacketType::PubComp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::SubAck(_) => PacketType::SubAck,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::UnsubAck(_) => PacketType::UnsubAck,
            Self::PingReq => PacketType::PingReq,
            Self::PingResp => PacketType::PingResp,
            Self::Disconnect(_) => PacketType::Disconnect,
            Self::Auth(_) => PacketType::Auth,
        }
    }
}

/// The type of a control packet; the discriminant is the number in the fixed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketType {
    /// See [`Packet::Connect`].
    Connect = 1,
    /// See [`Packet::ConnAck`].
    ConnAck = 2,
    /// See [`Packet::Publish`].
    Publish = 3,
    /// See [`Packet::PubAck`].
    PubAck = 4,
    /// See [`Packet::PubRec`].
    PubRec = 5,
    /// See [`Packet::PubRel`].
    PubRel = 6,
    /// See [`Packet::PubComp`].
    PubComp = 7,
    /// See [`Packet::Subscribe`].
    Subscribe = 8,
    /// See [`Packet::SubAck`].
    SubAck = 9,
    /// See [`Packet::Unsubscribe`].
    Unsubscribe = 10,
    /// See [`Packet::UnsubAck`].
    UnsubAck = 11,
    /// See [`Packet::PingReq`].
    PingReq = 12,
    /// See [`Packet::PingResp`].
    PingResp = 13,
    /// See [`Packet::Disconnect`].
    Disconnect = 14,
    /// See [`Packet::Auth`].
    Auth = 15,
}

impl PacketType {
    /// The type of this number.
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Connect,
            2 => Self::ConnAck,
            3 => Self::Publish,
            4 => Self::PubAck,
            5 => Self::PubRec,
            6 => Self::PubRel,
            7 => Self::PubComp,
            8 => Self::Subscribe,
            9 => Self::SubAck,
            10 => Self::Unsubscribe,
            11 => Self::UnsubAck,
            12 => Self::PingReq,
            13 => Self::PingResp,
            14 => Self::Disconnect,
            15 => Self::Auth,
            _ => return None,
        })
    }

    /// The name in the specification.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::ConnAck => "CONNACK",
            Self::Publish => "PUBLISH",
            Self::PubAck => "PUBACK",
            Self::PubRec => "PUBREC",
            Self::PubRel => "PUBREL",
            Self::PubComp => "PUBCOMP",
            Self::Subscribe => "SUBSCRIBE",
            Self::SubAck => "SUBACK",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::UnsubAck => "UNSUBACK",
            Self::PingReq => "PINGREQ",
            Self::PingResp => "PINGRESP",
            Self::Disconnect => "DISCONNECT",
            Self::Auth => "AUTH",
        }
    }
}

impl fmt::Display for PacketType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// DISCONNECT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disconnect {
    /// 3.1.1 has none and counts as success.
    pub reason: ReasonCode,
    /// 5.0 only: for people.
    pub reason_string: Option<String>,
    /// 5.0 only: another server. It is shown, never followed.
    pub server_reference: Option<String>,
    /// 5.0 only, and only from the client: seconds that the server keeps the session. `None`: as CONNECT said.
    pub session_expiry_secs: Option<u32>,
}

/// AUTH, which we receive only to refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// 0x00, 0x18 or 0x19.
    pub reason: ReasonCode,
}
