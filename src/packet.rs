//! The control packets of MQTT, one set for 3.1.1 and 5.0.
//!
//! Reason codes are those of 5.0 [MQTT5-2.4]; the codec translates the return codes of 3.1.1.
//! Properties exist in 5.0 only: the encoder refuses none of them in 3.1.1, it leaves them out.

use std::fmt;
use std::num::NonZeroU16;

use bytes::Bytes;

use crate::topic::{TopicFilter, TopicName};

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

/// The largest Remaining Length: four bytes hold no more. [MQTT-2.2.3]
pub const MAX_REMAINING_LENGTH: usize = 268_435_455;

/// The largest packet, with its type and its length.
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
#[allow(missing_docs, reason = "the names are those of the specification")]
pub enum PacketType {
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
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

/// CONNECT.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    /// The Client Identifier; empty asks the server to choose one.
    pub client_id: String,
    /// Discard the session of an earlier connection (Clean Start in 5.0).
    pub clean_session: bool,
    /// Seconds, 0 switches keep-alive off.
    pub keep_alive_secs: u16,
    /// The user name; 3.1.1 allows no password without one. [MQTT-3.1.2-22]
    pub user_name: Option<String>,
    /// The password. mqttbytes can send text only.
    pub password: Option<String>,
    /// The message that the server publishes when the connection is lost.
    pub will: Option<Will>,
    /// 5.0 only.
    pub properties: ConnectProperties,
}

impl fmt::Debug for Connect {
    /// Leaves the user name and the password out, so that no log can hold them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("client_id", &self.client_id)
            .field("clean_session", &self.clean_session)
            .field("keep_alive_secs", &self.keep_alive_secs)
            .field("will", &self.will)
            .finish_non_exhaustive()
    }
}

/// The Will Message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Will {
    /// Where it is published.
    pub topic: TopicName,
    /// What is published.
    pub payload: Bytes,
    /// How surely.
    pub qos: QoS,
    /// Whether the server keeps it.
    pub retain: bool,
    /// 5.0 only: seconds between the loss of the connection and the will.
    pub delay_secs: Option<u32>,
    /// 5.0 only.
    pub properties: PublishProperties,
}

/// The properties of CONNECT that we send. [MQTT5-3.1.2.11]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectProperties {
    /// Seconds that the server keeps the session after the connection.
    pub session_expiry_secs: Option<u32>,
    /// How many QoS 1 and 2 messages may be on their way to us.
    pub receive_maximum: Option<NonZeroU16>,
    /// The largest packet that we accept, in bytes.
    pub maximum_packet_size: Option<u32>,
    /// How many Topic Aliases we accept.
    pub topic_alias_maximum: Option<u16>,
    /// Pairs of our own.
    pub user_properties: Vec<(String, String)>,
}

/// CONNACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnAck {
    /// The version whose format the server used: 3.1.1 servers answer a 5.0 CONNECT in their own.
    pub version: ProtocolVersion,
    /// The server has a session of this client.
    pub session_present: bool,
    /// Success or why not, as a code of 5.0.
    pub reason: ReasonCode,
    /// The code as it was on the wire, for messages about codes that no specification names.
    pub return_code: u8,
    /// 5.0 only.
    pub properties: ConnAckProperties,
}

/// The properties of CONNACK. [MQTT5-3.2.2.3]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub struct ConnAckProperties {
    pub session_expiry_secs: Option<u32>,
    pub receive_maximum: Option<NonZeroU16>,
    pub maximum_qos: Option<QoS>,
    pub retain_available: Option<bool>,
    pub maximum_packet_size: Option<u32>,
    pub assigned_client_id: Option<String>,
    pub topic_alias_maximum: Option<u16>,
    pub reason_string: Option<String>,
    pub user_properties: Vec<(String, String)>,
    pub wildcard_subscription_available: Option<bool>,
    pub subscription_identifiers_available: Option<bool>,
    pub shared_subscription_available: Option<bool>,
    pub server_keep_alive_secs: Option<u16>,
    pub response_information: Option<String>,
    pub server_reference: Option<String>,
    pub authentication_method: Option<String>,
}

/// PUBLISH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// Sent before, perhaps.
    pub dup: bool,
    /// How surely it is delivered.
    pub qos: QoS,
    /// Kept by the server for later subscribers; on receipt: it was kept.
    pub retain: bool,
    /// The Topic Name; `None` only in 5.0, with a Topic Alias instead.
    pub topic: Option<TopicName>,
    /// Present exactly when the QoS is 1 or 2. [MQTT-2.3.1-5]
    pub packet_id: Option<PacketId>,
    /// The Application Message.
    pub payload: Bytes,
    /// 5.0 only; `None` means no property.
    pub properties: Option<Box<PublishProperties>>,
}

/// The properties of PUBLISH and of the will. [MQTT5-3.3.2.3]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the specification")]
pub struct PublishProperties {
    pub payload_is_utf8: Option<bool>,
    pub message_expiry_secs: Option<u32>,
    pub topic_alias: Option<NonZeroU16>,
    pub response_topic: Option<TopicName>,
    pub correlation_data: Option<Bytes>,
    pub user_properties: Vec<(String, String)>,
    pub subscription_ids: Vec<u32>,
    pub content_type: Option<String>,
}

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// That of the PUBLISH. [MQTT-2.3.1-6]
    pub packet_id: PacketId,
    /// Always success in 3.1.1.
    pub reason: ReasonCode,
    /// 5.0 only: for people. We send none.
    pub reason_string: Option<String>,
}

impl Ack {
    /// An acknowledgement that reports success.
    #[must_use]
    pub const fn success(packet_id: PacketId) -> Self {
        Self::with_reason(packet_id, ReasonCode::SUCCESS)
    }

    /// An acknowledgement with a Reason Code, which only 5.0 can send.
    #[must_use]
    pub const fn with_reason(packet_id: PacketId, reason: ReasonCode) -> Self {
        Self {
            packet_id,
            reason,
            reason_string: None,
        }
    }
}

/// SUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// Answered by the SUBACK with the same number.
    pub packet_id: PacketId,
    /// At least one. [MQTT-3.8.3-3]
    pub filters: Vec<SubscribeFilter>,
    /// 5.0 only: 1 to 268,435,455.
    pub subscription_id: Option<u32>,
    /// 5.0 only.
    pub user_properties: Vec<(String, String)>,
}

/// One Topic Filter of a SUBSCRIBE with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscribeFilter {
    /// Which topics.
    pub filter: TopicFilter,
    /// The highest QoS that the server may use.
    pub qos: QoS,
    /// 5.0 only: do not send our own messages back.
    pub no_local: bool,
    /// 5.0 only: keep the RETAIN flag as it was published.
    pub retain_as_published: bool,
    /// 5.0 only: when retained messages are sent.
    pub retain_handling: RetainHandling,
}

/// When retained messages are sent for a subscription. [MQTT5-3.8.3.1]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetainHandling {
    /// 0: at every SUBSCRIBE.
    #[default]
    OnSubscribe = 0,
    /// 1: only when the subscription is new.
    OnNewSubscription = 1,
    /// 2: never.
    Never = 2,
}

/// SUBACK and UNSUBACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubAck {
    /// That of the request.
    pub packet_id: PacketId,
    /// One per Topic Filter, in order; none in an UNSUBACK of 3.1.1. [MQTT-3.9.3-1]
    pub reasons: Vec<ReasonCode>,
    /// 5.0 only: for people.
    pub reason_string: Option<String>,
}

/// UNSUBSCRIBE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Answered by the UNSUBACK with the same number.
    pub packet_id: PacketId,
    /// At least one. [MQTT-3.10.3-2]
    pub filters: Vec<TopicFilter>,
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
    /// 5.0 only, and only from the client.
    pub session_expiry_secs: Option<u32>,
}

/// AUTH, which we receive only to refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// 0x00, 0x18 or 0x19.
    pub reason: ReasonCode,
}
