//! What can be wrong with bytes, and what 5.0 calls it.

use std::fmt;

use crate::packet::{PacketType, ReasonCode};

/// The server broke the specification; the connection is closed. [MQTT-4.8.0-1]
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The bytes of a packet cannot be what the specification says.
    Malformed {
        /// Which packet; `None` when not even its type could be read.
        packet: Option<PacketType>,
        /// The rule, in English.
        what: &'static str,
    },
    /// A well-formed packet that must not be sent in this form.
    Violation {
        /// Which packet.
        packet: PacketType,
        /// The rule, in English.
        what: &'static str,
    },
    /// A packet that must not arrive in this state, for example PUBLISH before CONNACK.
    Unexpected {
        /// Which packet.
        packet: PacketType,
        /// The state, in English.
        state: &'static str,
    },
    /// The packet is larger than we accept, or than we announced.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size, in bytes.
        limit: usize,
    },
    /// The server takes only packets so small that nothing can be said to it.
    NoRoom {
        /// The largest size, in bytes.
        limit: usize,
    },
    /// More QoS 1 and 2 messages at once than our Receive Maximum.
    ReceiveMaximumExceeded,
    /// A Topic Alias that is 0, too large or not known.
    TopicAliasInvalid,
    /// A text frame: MQTT uses binary frames only. [MQTT-6.0.0-1]
    TextFrame,
    /// The server selected another subprotocol than `mqtt`. [MQTT-6.0.0-4]
    Subprotocol,
    /// Our own check after decoding failed; never the server's fault.
    Internal {
        /// Which check, in English.
        what: &'static str,
    },
}

impl ProtocolError {
    /// The Reason Code of the DISCONNECT that answers it in 5.0.
    #[must_use]
    pub const fn reason(&self) -> ReasonCode {
        match self {
            Self::Malformed { .. } | Self::TextFrame | Self::Subprotocol => {
                ReasonCode::MALFORMED_PACKET
            }
            Self::Violation { .. } | Self::Unexpected { .. } => ReasonCode::PROTOCOL_ERROR,
            Self::TooLarge { .. } | Self::NoRoom { .. } => ReasonCode::PACKET_TOO_LARGE,
            Self::ReceiveMaximumExceeded => ReasonCode::RECEIVE_MAXIMUM_EXCEEDED,
            Self::TopicAliasInvalid => ReasonCode::TOPIC_ALIAS_INVALID,
            Self::Internal { .. } => ReasonCode::UNSPECIFIED_ERROR,
        }
    }
}

impl ProtocolError {
    /// In English, for developers.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Malformed {
                packet: Some(packet),
                what,
            }
            | Self::Violation { packet, what } => [packet.name(), ": ", what].concat(),
            Self::Malformed { packet: None, what } => (*what).to_owned(),
            Self::Unexpected { packet, state } => [packet.name(), " while ", state].concat(),
            Self::TooLarge { bytes, limit } => {
                let (bytes, limit) = (bytes.to_string(), limit.to_string());
                ["packet of ", &bytes, " bytes, the limit is ", &limit].concat()
            }
            Self::NoRoom { limit } => {
                ["its largest packet has ", &limit.to_string(), " bytes"].concat()
            }
            Self::ReceiveMaximumExceeded => "more messages than the receive maximum".to_owned(),
            Self::TopicAliasInvalid => "topic alias not known".to_owned(),
            Self::Subprotocol => "the server chose another subprotocol than mqtt".to_owned(),
            Self::TextFrame => "text frame instead of a binary one".to_owned(),
            Self::Internal { what } => ["internal error: ", what].concat(),
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for ProtocolError {}

/// A packet that cannot be written; nothing was written.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// A text or binary field is longer than 65,535 bytes.
    FieldTooLong {
        /// Which field, in English.
        what: &'static str,
        /// How long it is.
        bytes: usize,
    },
    /// A text field holds U+0000. [MQTT-1.5.3-2]
    NullCharacter {
        /// Which field, in English.
        what: &'static str,
    },
    /// The packet would be larger than the server (or the format) allows.
    TooLarge {
        /// How large it would be.
        bytes: usize,
        /// The largest size, in bytes.
        limit: usize,
    },
    /// A field that must not have this value, or not in this version.
    NotAllowed {
        /// The rule, in English.
        what: &'static str,
    },
    /// Our own check after encoding failed; never the caller's fault.
    Internal {
        /// Which check, in English.
        what: &'static str,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldTooLong { what, bytes } => {
                write!(f, "{what} has {bytes} bytes, the limit is 65535")
            }
            Self::NullCharacter { what } => write!(f, "{what} contains the null character"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "packet of {bytes} bytes, the limit is {limit}")
            }
            Self::NotAllowed { what } => f.write_str(what),
            Self::Internal { what } => write!(f, "internal error: {what}"),
        }
    }
}

impl std::error::Error for EncodeError {}
