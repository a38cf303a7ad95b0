//! The properties of 5.0: which may stand where, how often, and with which values. [MQTT5-2.2.2]

use super::super::cursor::Cursor;
use super::super::error::ProtocolError;
use crate::packet::PacketType;
use crate::topic::has_wildcard_character;

/// How many User Properties of one packet are read. More cost a page seconds, and no program reads
/// them; the message itself is delivered, because its sender may be anybody.
pub const MOST_USER_PROPERTIES: usize = 1_000;

/// How many bytes of User Properties of one packet are read; four of the longest.
pub const MOST_USER_PROPERTY_BYTES: usize = 256 << 10;

/// How many Subscription Identifiers of one packet are believed; with more of them the topic decides.
const MOST_SUBSCRIPTION_IDS: usize = 1_000;

/// How many properties of PUBLISH may stand there once.
const SINGLE: usize = 6;

/// The checked properties of a packet; only what the codec itself needs is kept.
#[derive(Debug)]
pub(in super::super) struct Properties<'a> {
    /// How many bytes they have, without their length.
    len: usize,
    /// In the order of the packet.
    pub subscription_ids: Vec<u32>,
    /// In the order of the packet, within the bounds above.
    pub user_properties: Vec<(&'a str, &'a str)>,
    user_property_bytes: usize,
    /// Whether there were more User Properties.
    pub has_left_out: bool,
    /// Whether there are properties of the kinds that may be repeated.
    pub has_repeatable: bool,
    pub has_topic_alias: bool,
    /// Of PUBLISH: the others, each whole.
    single: [&'a [u8]; SINGLE],
}

impl<'a> Properties<'a> {
    /// No properties: 3.1.1.
    pub const fn none() -> Self {
        Self {
            len: 0,
            subscription_ids: Vec::new(),
            user_properties: Vec::new(),
            user_property_bytes: 0,
            has_left_out: false,
            has_repeatable: false,
            has_topic_alias: false,
            single: [&[]; SINGLE],
        }
    }

    /// Reads and checks the length and every property.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self, ProtocolError> {
        let length = cursor.varint()?;
        let section = cursor.take(length)?;
        let mut properties = Self {
            len: length,
            ..Self::none()
        };
        let mut ids = 0;
        let mut singles = 0;

        let mut cursor = Cursor::new(section, cursor.packet());
        let mut seen = 0_u64;
        while !cursor.is_at_end() {
            let start = cursor;
            // Every packet may have it, and there can be millions: a short way. [MQTT5-1.5.7-1]
            if cursor.skips(USER_PROPERTY) {
                cursor.skip_text()?;
                cursor.skip_text()?;
                properties.add_pair(start);
                seen |= 1 << USER_PROPERTY;
                continue;
            }
            let (identifier, number) = read_property(&mut cursor)?;
            let bit = 1 << identifier;
            match identifier {
                SUBSCRIPTION_IDENTIFIER => {
                    ids += 1;
                    if ids <= MOST_SUBSCRIPTION_IDS {
                        properties.subscription_ids.push(number);
                    }
                }
                _ if seen & bit != 0 => return Err(cursor.violation("the same property twice")),
                _ => {
                    if let Some(single) = properties.single.get_mut(singles) {
                        *single = start.until(&cursor);
                    }
                    singles += 1;
                }
            }
            seen |= bit;
        }
        if seen & (1 << AUTHENTICATION_DATA) != 0 && seen & (1 << AUTHENTICATION_METHOD) == 0 {
            return Err(cursor.violation("authentication data without a method"));
        }
        if ids > MOST_SUBSCRIPTION_IDS {
            properties.subscription_ids.clear();
        }
        properties.has_topic_alias = seen & (1 << TOPIC_ALIAS) != 0;
        properties.has_repeatable = seen & (1 << USER_PROPERTY | 1 << SUBSCRIPTION_IDENTIFIER) != 0;
        Ok(properties)
    }

    /// How many bytes they have.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The properties of a PUBLISH without those that may be repeated.
    pub fn single(&self) -> Vec<u8> {
        self.single.concat()
    }

    /// The User Properties, as a program gets them.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pairs = self.user_properties.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    /// Takes in a User Property that was checked, if there is room for it and all before it had some.
    fn add_pair(&mut self, mut cursor: Cursor<'a>) {
        if self.has_left_out {
            return;
        }
        let (Ok(_), Ok(key), Ok(value)) = (cursor.byte(), cursor.text(), cursor.text()) else {
            return;
        };
        self.user_property_bytes += key.len() + value.len();
        if self.user_properties.len() < MOST_USER_PROPERTIES
            && self.user_property_bytes <= MOST_USER_PROPERTY_BYTES
        {
            self.user_properties.push((key, value));
        } else {
            self.has_left_out = true;
        }
    }
}

/// Reads one property and checks its place and value. Returns its identifier and, for a number, its
/// value.
fn read_property(cursor: &mut Cursor<'_>) -> Result<(u8, u32), ProtocolError> {
    if let Some(id) = short_subscription_id(cursor) {
        return Ok((SUBSCRIPTION_IDENTIFIER, id));
    }
    let identifier = cursor.byte()?;
    let (value, packets) =
        property(identifier).ok_or_else(|| cursor.malformed("property that does not exist"))?;
    if !packets.contains(&cursor.packet()) {
        return Err(cursor.malformed("property that this packet cannot have"));
    }
    let number = match value {
        Value::Flag => {
            let flag = cursor.byte()?;
            if flag > 1 {
                return Err(cursor.violation("property that is not 0 or 1"));
            }
            flag.into()
        }
        Value::Number16 => cursor.u16()?.into(),
        Value::NonZero16 => non_zero(cursor, |cursor| cursor.u16().map(u32::from))?,
        Value::Number32 => cursor.u32()?,
        Value::NonZero32 => non_zero(cursor, Cursor::u32)?,
        Value::Alias => match cursor.u16()? {
            // [MQTT5-3.3.2-8]
            0 => return Err(ProtocolError::TopicAliasInvalid),
            alias => alias.into(),
        },
        Value::SubscriptionId => non_zero(cursor, |cursor| {
            let number = cursor.varint()?;
            u32::try_from(number).map_err(|_| cursor.malformed("number too large"))
        })?,
        Value::Text => {
            cursor.text()?;
            0
        }
        Value::Topic => {
            let topic = cursor.text()?;
            // [MQTT5-3.3.2-14]
            if topic.is_empty() || has_wildcard_character(topic) {
                return Err(cursor.malformed("response topic is empty or contains + or #"));
            }
            0
        }
        Value::Binary => {
            cursor.binary()?;
            0
        }
    };
    Ok((identifier, number))
}

/// The other one of which there can be millions.
fn short_subscription_id(cursor: &mut Cursor<'_>) -> Option<u32> {
    let [SUBSCRIPTION_IDENTIFIER, id @ 1..=0x7F, ..] = *cursor.rest() else {
        return None;
    };
    let is_allowed = matches!(cursor.packet(), PacketType::Publish);
    (is_allowed && cursor.take(2).is_ok()).then(|| id.into())
}

fn non_zero<'a>(
    cursor: &mut Cursor<'a>,
    read: impl Fn(&mut Cursor<'a>) -> Result<u32, ProtocolError>,
) -> Result<u32, ProtocolError> {
    match read(cursor)? {
        0 => Err(cursor.violation("property that must not be 0")),
        number => Ok(number),
    }
}

/// The type of a property's value, with the values that are allowed.
enum Value {
    Flag,
    Number16,
    NonZero16,
    Number32,
    NonZero32,
    Alias,
    SubscriptionId,
    Text,
    Topic,
    Binary,
}

/// The type of a property and the packets from the server that may have it; `None` when there is no
/// such property.
fn property(identifier: u8) -> Option<(Value, &'static [PacketType])> {
    Some(match identifier {
        0x01 => (Value::Flag, PUBLISH),     // Payload Format Indicator
        0x02 => (Value::Number32, PUBLISH), // Message Expiry Interval
        0x03 => (Value::Text, PUBLISH),     // Content Type
        0x08 => (Value::Topic, PUBLISH),    // Response Topic
        0x09 => (Value::Binary, PUBLISH),   // Correlation Data
        SUBSCRIPTION_IDENTIFIER => (Value::SubscriptionId, PUBLISH),
        // Session Expiry Interval; a server must not send it in DISCONNECT [MQTT5-3.14.2-2], but
        // the connection is over anyway and the reason is worth more.
        0x11 => (
            Value::Number32,
            &[PacketType::ConnAck, PacketType::Disconnect],
        ),
        0x12 => (Value::Text, CONNACK), // Assigned Client Identifier
        0x13 => (Value::Number16, CONNACK), // Server Keep Alive
        AUTHENTICATION_METHOD => (Value::Text, CONNACK_AUTH),
        AUTHENTICATION_DATA => (Value::Binary, CONNACK_AUTH),
        0x17 => (Value::Flag, NOT_FROM_SERVER), // Request Problem Information
        0x18 => (Value::Number32, NOT_FROM_SERVER), // Will Delay Interval
        0x19 => (Value::Flag, NOT_FROM_SERVER), // Request Response Information
        0x1A => (Value::Text, CONNACK),         // Response Information
        // Server Reference
        0x1C => (Value::Text, &[PacketType::ConnAck, PacketType::Disconnect]),
        0x1F => (Value::Text, EVERY_ANSWER), // Reason String
        0x21 => (Value::NonZero16, CONNACK), // Receive Maximum
        0x22 => (Value::Number16, CONNACK),  // Topic Alias Maximum
        TOPIC_ALIAS => (Value::Alias, PUBLISH),
        0x24 => (Value::Flag, CONNACK),      // Maximum QoS
        0x25 => (Value::Flag, CONNACK),      // Retain Available
        0x27 => (Value::NonZero32, CONNACK), // Maximum Packet Size
        0x28 => (Value::Flag, CONNACK),      // Wildcard Subscription Available
        0x29 => (Value::Flag, CONNACK),      // Subscription Identifiers Available
        0x2A => (Value::Flag, CONNACK),      // Shared Subscription Available
        _ => return None,
    })
}

const SUBSCRIPTION_IDENTIFIER: u8 = 0x0B;
const AUTHENTICATION_METHOD: u8 = 0x15;
const AUTHENTICATION_DATA: u8 = 0x16;
const TOPIC_ALIAS: u8 = 0x23;
const USER_PROPERTY: u8 = 0x26;

const NOT_FROM_SERVER: &[PacketType] = &[];
const PUBLISH: &[PacketType] = &[PacketType::Publish];
const CONNACK: &[PacketType] = &[PacketType::ConnAck];
const CONNACK_AUTH: &[PacketType] = &[PacketType::ConnAck, PacketType::Auth];
const EVERY_ANSWER: &[PacketType] = &[
    PacketType::ConnAck,
    PacketType::PubAck,
    PacketType::PubRec,
    PacketType::PubRel,
    PacketType::PubComp,
    PacketType::SubAck,
    PacketType::UnsubAck,
    PacketType::Disconnect,
    PacketType::Auth,
];
