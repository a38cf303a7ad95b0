//! The properties of 5.0: which may stand where, how often, and with which values. [MQTT5-2.2.2]

use std::num::NonZeroU16;

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::varint;
use crate::packet::PacketType;

/// How many User Properties of one packet are read. More cost a page seconds, and no program reads
/// them; the message itself is delivered, because its sender may be anybody.
pub const MOST_USER_PROPERTIES: usize = 1_000;

/// How many bytes of User Properties of one packet are read; four of the longest.
pub const MOST_USER_PROPERTY_BYTES: usize = 256 << 10;

/// How many Subscription Identifiers of one packet are believed; with more of them the topic decides.
const MOST_SUBSCRIPTION_IDS: usize = 1_000;

/// Packets that may have a property or a reason code, as a set.
pub(super) type Packets = u16;

/// The type of a property's value, with the values that are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Flag,
    Byte,
    Number16,
    NonZero16,
    Number32,
    NonZero32,
    Alias,
    SubscriptionId,
    Text,
    Binary,
    Pair,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Often,
}

/// What the table says of a property.
pub(super) struct Row {
    /// What errors call it.
    pub name: &'static str,
    pub kind: Kind,
    pub times: Times,
    /// From a server.
    pub received: Packets,
    /// From us.
    pub sent: Packets,
}

macro_rules! properties {
    ($($id:literal $name:ident $kind:ident $times:ident ($received:expr) ($sent:expr),)*) => {
        $(#[allow(dead_code, reason = "the table is whole")] pub(super) const $name: u8 = $id;)*

        /// `None` when there is no such property.
        pub(super) const fn row(property: u8) -> Option<Row> {
            Some(match property {
                $($id => Row {
                    name: stringify!($name),
                    kind: Kind::$kind,
                    times: Times::$times,
                    received: $received,
                    sent: $sent,
                },)*
                _ => return None,
            })
        }
    };
}

// Table 2-4 of the specification: packets from a server; packets from a client.
#[rustfmt::skip]
properties! {
    0x01 PAYLOAD_FORMAT             Byte           Once  (PUBLISH)              (PUBLISH | WILL),
    0x02 MESSAGE_EXPIRY             Number32       Once  (PUBLISH)              (PUBLISH | WILL),
    0x03 CONTENT_TYPE               Text           Once  (PUBLISH)              (PUBLISH | WILL),
    0x08 RESPONSE_TOPIC             Text           Once  (PUBLISH)              (PUBLISH | WILL),
    0x09 CORRELATION_DATA           Binary         Once  (PUBLISH)              (PUBLISH | WILL),
    0x0B SUBSCRIPTION_ID            SubscriptionId Often (PUBLISH)              (SUBSCRIBE),
    // A server must not send it in DISCONNECT [MQTT5-3.14.2-2], but the connection is over anyway and
    // the reason is worth more.
    0x11 SESSION_EXPIRY             Number32       Once  (CONNACK | DISCONNECT) (CONNECT | DISCONNECT),
    0x12 ASSIGNED_CLIENT_ID         Text           Once  (CONNACK)              (NONE),
    0x13 SERVER_KEEP_ALIVE          Number16       Once  (CONNACK)              (NONE),
    0x15 AUTHENTICATION_METHOD      Text           Once  (CONNACK | AUTH)       (CONNECT),
    0x16 AUTHENTICATION_DATA        Binary         Once  (CONNACK | AUTH)       (CONNECT),
    0x17 REQUEST_PROBLEM_INFO       Flag           Once  (NONE)                 (CONNECT),
    0x18 WILL_DELAY                 Number32       Once  (NONE)                 (WILL),
    0x19 REQUEST_RESPONSE_INFO      Flag           Once  (NONE)                 (CONNECT),
    0x1A RESPONSE_INFO              Text           Once  (CONNACK)              (NONE),
    0x1C SERVER_REFERENCE           Text           Once  (CONNACK | DISCONNECT) (NONE),
    0x1F REASON_STRING              Text           Once  (ANSWERS)              (ACKS | DISCONNECT),
    0x21 RECEIVE_MAXIMUM            NonZero16      Once  (CONNACK)              (CONNECT),
    0x22 TOPIC_ALIAS_MAXIMUM        Number16       Once  (CONNACK)              (CONNECT),
    0x23 TOPIC_ALIAS                Alias          Once  (PUBLISH)              (PUBLISH),
    0x24 MAXIMUM_QOS                Flag           Once  (CONNACK)              (NONE),
    0x25 RETAIN_AVAILABLE           Flag           Once  (CONNACK)              (NONE),
    0x26 USER_PROPERTY              Pair           Often (ANSWERS | PUBLISH)    (ANY),
    0x27 MAXIMUM_PACKET_SIZE        NonZero32      Once  (CONNACK)              (CONNECT),
    0x28 WILDCARDS_AVAILABLE        Flag           Once  (CONNACK)              (NONE),
    0x29 SUBSCRIPTION_IDS_AVAILABLE Flag           Once  (CONNACK)              (NONE),
    0x2A SHARED_AVAILABLE           Flag           Once  (CONNACK)              (NONE),
}

/// The set of one packet.
pub(super) const fn only(packet: PacketType) -> Packets {
    1 << packet as u8
}

pub(super) const NONE: Packets = 0;
const ANY: Packets = Packets::MAX;
/// No packet of its own: the properties of the Will Message in CONNECT.
pub(super) const WILL: Packets = 1;
pub(super) const CONNECT: Packets = only(PacketType::Connect);
pub(super) const PUBLISH: Packets = only(PacketType::Publish);
pub(super) const ACKS: Packets = only(PacketType::PubAck)
    | only(PacketType::PubRec)
    | only(PacketType::PubRel)
    | only(PacketType::PubComp);
pub(super) const SUBSCRIBE: Packets = only(PacketType::Subscribe);
pub(super) const DISCONNECT: Packets = only(PacketType::Disconnect);
pub(super) const CONNACK: Packets = only(PacketType::ConnAck);
pub(super) const AUTH: Packets = only(PacketType::Auth);
const ANSWERS: Packets =
    CONNACK | ACKS | only(PacketType::SubAck) | only(PacketType::UnsubAck) | DISCONNECT | AUTH;

/// A value that was read and is one that its property may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Number(u32),
    Text(&'a str),
    Binary(&'a [u8]),
}

impl Value<'_> {
    /// The number; 0 for all that is none.
    pub const fn number(self) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Text(_) | Self::Binary(_) => 0,
        }
    }

    /// The number of two bytes.
    pub const fn short(self) -> u16 {
        self.number() as u16
    }

    /// The number of two bytes, unless it is 0.
    pub const fn non_zero(self) -> Option<NonZeroU16> {
        NonZeroU16::new(self.short())
    }

    /// Whether the flag is set.
    pub const fn flag(self) -> bool {
        self.number() == 1
    }

    /// The text; empty for all that is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(_) | Self::Binary(_) => "",
        }
    }

    /// The text, to be kept.
    pub fn owned(self) -> String {
        self.text().to_owned()
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8] {
        match self {
            Self::Binary(bytes) => bytes,
            Self::Number(_) | Self::Text(_) => &[],
        }
    }
}

/// The properties of a packet that may stand there more than once, in its order.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    pub subscription_ids: Vec<u32>,
    /// Within the bounds above.
    pub user_properties: Vec<(String, String)>,
    user_property_bytes: usize,
    /// Whether there were more User Properties.
    pub has_left_out: bool,
}

impl Repeated {
    /// Takes in a User Property, if there is room for it and all before it had some.
    fn add_pair(&mut self, name: &str, value: &str) {
        if self.has_left_out {
            return;
        }
        self.user_property_bytes += name.len() + value.len();
        if self.user_properties.len() < MOST_USER_PROPERTIES
            && self.user_property_bytes <= MOST_USER_PROPERTY_BYTES
        {
            self.user_properties
                .push((name.to_owned(), value.to_owned()));
        } else {
            self.has_left_out = true;
        }
    }
}

/// Reads and checks the length and every property; `visit` gets those that stand there once.
pub(super) fn read<'a>(
    cursor: &mut Cursor<'a>,
    visit: &mut dyn FnMut(u8, Value<'a>),
) -> Result<Repeated, ProtocolError> {
    let length = cursor.varint()?;
    let mut cursor = Cursor::new(cursor.take(length)?, cursor.packet());
    let mut repeated = Repeated::default();
    let mut ids = 0;
    let mut seen = 0_u64;
    while !cursor.is_at_end() {
        // Every packet may have it, and there can be millions: a short way. [MQTT5-1.5.7-1]
        if cursor.skips(USER_PROPERTY) {
            let (name, value) = (cursor.text()?, cursor.text()?);
            repeated.add_pair(name, value);
            continue;
        }
        let property = cursor.byte()?;
        let row = row(property).ok_or_else(|| cursor.malformed("property that does not exist"))?;
        if row.received & only(cursor.packet()) == 0 {
            return Err(cursor.malformed("property that this packet cannot have"));
        }
        let value = row.kind.read(&mut cursor)?;
        if row.times == Times::Often {
            ids += 1;
            if ids <= MOST_SUBSCRIPTION_IDS {
                repeated.subscription_ids.push(value.number());
            }
            continue;
        }
        if seen & 1 << property != 0 {
            return Err(cursor.violation("the same property twice"));
        }
        seen |= 1 << property;
        visit(property, value);
    }
    if seen & (1 << AUTHENTICATION_DATA) != 0 && seen & (1 << AUTHENTICATION_METHOD) == 0 {
        return Err(cursor.violation("authentication data without a method"));
    }
    if ids > MOST_SUBSCRIPTION_IDS {
        repeated.subscription_ids.clear();
    }
    Ok(repeated)
}

/// [`read`] for a packet of whose properties one is wanted: its Reason String.
pub(super) fn read_reason_string(cursor: &mut Cursor<'_>) -> Result<Option<String>, ProtocolError> {
    let mut reason_string = None;
    read(cursor, &mut |property, value| {
        if property == REASON_STRING {
            reason_string = Some(value.owned());
        }
    })?;
    Ok(reason_string)
}

impl Kind {
    fn read<'a>(self, cursor: &mut Cursor<'a>) -> Result<Value<'a>, ProtocolError> {
        let number = match self {
            Self::Flag | Self::Byte => cursor.byte()?.into(),
            Self::Number16 | Self::NonZero16 | Self::Alias => cursor.u16()?.into(),
            Self::Number32 | Self::NonZero32 => cursor.u32()?,
            Self::SubscriptionId => cursor.varint()? as u32,
            Self::Text | Self::Pair => return cursor.text().map(Value::Text),
            Self::Binary => return cursor.binary().map(Value::Binary),
        };
        match self.problem(number) {
            // [MQTT5-3.3.2-8]
            Some(_) if self == Self::Alias => Err(ProtocolError::TopicAliasInvalid),
            Some(what) => Err(cursor.violation(what)),
            None => Ok(Value::Number(number)),
        }
    }

    /// Why a property cannot have this number.
    pub fn problem(self, number: u32) -> Option<&'static str> {
        match self {
            Self::Flag if number > 1 => Some("property that is not 0 or 1"),
            Self::NonZero16 | Self::NonZero32 | Self::Alias | Self::SubscriptionId
                if number == 0 =>
            {
                Some("property that must not be 0")
            }
            Self::SubscriptionId if number as usize > varint::MAX => {
                Some("subscription identifier above 268435455")
            }
            _ => None,
        }
    }
}
