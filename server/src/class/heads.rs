//! The first bytes of packets, as far as they say who somebody is and what they send.
//!
//! The broker judges packets; here, what cannot be read is not seen.

use std::collections::HashMap;

use crate::front::packets::FixedHeader;

/// MQTT 5.0. [MQTT5-3.1.2.2]
pub const VERSION_5: u8 = 5;

/// Topic aliases that are remembered for one connection. [MQTT5-3.3.2.3.4]
const MOST_ALIASES: usize = 64;

/// Who connects, and with which version of MQTT.
#[derive(Debug, PartialEq, Eq)]
pub struct Connect {
    pub version: u8,
    /// In seconds; 0 is without an end. [MQTT5-3.1.2.10]
    pub keep_alive: u16,
    /// Empty: the broker gives one.
    pub client_id: String,
}

/// A message, with as much of its payload as is in the head.
#[derive(Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    pub topic: String,
    pub payload: &'a [u8],
    /// Bytes of the whole payload.
    pub size: usize,
}

impl Connect {
    /// [MQTT5-3.1]
    pub fn read(head: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(head);
        cursor.block()?;
        let version = cursor.byte()?;
        let _flags = cursor.byte()?;
        let keep_alive = cursor.u16()?;
        if version == VERSION_5 {
            cursor.properties()?;
        }
        Some(Self {
            version,
            keep_alive,
            client_id: cursor.text()?,
        })
    }
}

/// The topics that a connection gave numbers to.
#[derive(Default)]
pub struct Aliases(HashMap<u16, String>);

impl Aliases {
    /// A PUBLISH. [MQTT5-3.3]
    pub fn publish<'a>(
        &mut self,
        header: FixedHeader,
        head: &'a [u8],
        version: u8,
    ) -> Option<Publish<'a>> {
        let mut cursor = Cursor(head);
        let mut topic = cursor.text()?;
        if header.qos() > 0 {
            cursor.u16()?;
        }
        if version == VERSION_5
            && let Some(alias) = alias_in(cursor.properties()?)
        {
            if topic.is_empty() {
                topic.clone_from(self.0.get(&alias)?);
            } else if self.0.len() < MOST_ALIASES || self.0.contains_key(&alias) {
                self.0.insert(alias, topic.clone());
            }
        }
        let payload = cursor.0;
        let size = header.remaining - (head.len() - payload.len());
        Some(Publish {
            topic,
            payload,
            size,
        })
    }
}

/// Whether the head of a PUBLISH of 5.0 and QoS 0 gives a topic a number; `None` where it does not show that.
pub fn sets_alias(head: &[u8]) -> Option<bool> {
    let mut cursor = Cursor(head);
    let names_topic = !cursor.block()?.is_empty();
    let properties = cursor.properties()?;
    Some(names_topic && alias_in(properties).is_some())
}

/// The filters of a SUBSCRIBE, as many as are in the head. [MQTT5-3.8]
pub fn filters(head: &[u8], version: u8) -> Vec<String> {
    let mut cursor = Cursor(head);
    let begins = cursor.u16().is_some() && (version != VERSION_5 || cursor.properties().is_some());
    let mut filters = Vec::new();
    while begins && let (Some(filter), Some(_options)) = (cursor.text(), cursor.byte()) {
        filters.push(filter);
    }
    filters
}

/// The return or reason code of a CONNACK. [MQTT5-3.2.2.2]
pub fn connack_code(header: FixedHeader, packet: &[u8]) -> Option<u8> {
    packet.get(header.length() + 1).copied()
}

/// The client identifier that the broker gave. [MQTT5-3.2.2.3.7]
pub fn assigned_client_id(header: FixedHeader, packet: &[u8]) -> Option<String> {
    let mut cursor = Cursor(packet.get(header.length() + 2..)?);
    let mut properties = Cursor(cursor.properties()?);
    while let Some(identifier) = properties.byte() {
        if identifier == 0x12 {
            return properties.text();
        }
        properties.skip(identifier)?;
    }
    None
}

fn alias_in(properties: &[u8]) -> Option<u16> {
    let mut cursor = Cursor(properties);
    while let Some(identifier) = cursor.byte() {
        if identifier == 0x23 {
            return cursor.u16();
        }
        cursor.skip(identifier)?;
    }
    None
}

/// Reads the fields of a packet one after the other.
pub struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn u16(&mut self) -> Option<u16> {
        let bytes = self.take(2)?;
        Some(u16::from_be_bytes(bytes.try_into().ok()?))
    }

    /// What its own length stands before, in two bytes. [MQTT5-1.5.6]
    pub fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    pub fn text(&mut self) -> Option<String> {
        String::from_utf8(self.block()?.to_vec()).ok()
    }

    /// [MQTT5-1.5.5]
    fn variable_byte_integer(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// [MQTT5-2.2.2]
    pub fn properties(&mut self) -> Option<&'a [u8]> {
        let length = self.variable_byte_integer()?;
        self.take(length)
    }

    /// The value of a property. [MQTT5-2.2.2.2]
    pub fn skip(&mut self, identifier: u8) -> Option<()> {
        match identifier {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2a => self.take(1).map(drop),
            0x13 | 0x21..=0x23 => self.take(2).map(drop),
            0x02 | 0x11 | 0x18 | 0x27 => self.take(4).map(drop),
            0x0b => self.variable_byte_integer().map(drop),
            0x26 => {
                self.block()?;
                self.block().map(drop)
            }
            _ => self.block().map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Aliases, Connect, Publish, assigned_client_id, connack_code, filters};
    use crate::front::packets::{FixedHeader, Header};

    fn header(packet: &[u8]) -> FixedHeader {
        match Header::read(packet) {
            Header::Whole(header) => header,
            other => panic!("{other:?}"),
        }
    }

    fn packet(first: u8, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(body.len()).unwrap();
        [&[first, length], body].concat()
    }

    fn publish<'a>(aliases: &mut Aliases, packet: &'a [u8], version: u8) -> Option<Publish<'a>> {
        aliases.publish(header(packet), &packet[2..], version)
    }

    #[test]
    fn every_version_says_who_connects() {
        for (body, version) in [
            (&b"\0\x06MQIsdp\x03\x02\0\x3c\0\x03ada"[..], 3),
            (b"\0\x04MQTT\x04\x02\0\x3c\0\x03ada", 4),
            (b"\0\x04MQTT\x05\x02\0\x3c\x05\x11\0\0\0\x09\0\x03ada", 5),
        ] {
            let connect = Connect {
                version,
                keep_alive: 60,
                client_id: "ada".to_string(),
            };
            assert_eq!(Connect::read(body), Some(connect));
            for length in 0..body.len() {
                assert_eq!(Connect::read(&body[..length]), None);
            }
        }
    }

    #[test]
    fn a_message_shows_its_topic_and_payload() {
        let mut aliases = Aliases::default();
        let expected = || Publish {
            topic: "a/b".to_string(),
            payload: b"21",
            size: 2,
        };

        for (packet, version) in [
            (packet(0x30, b"\0\x03a/b21"), 4),
            (packet(0x32, b"\0\x03a/b\0\x0721"), 4),
            (packet(0x30, b"\0\x03a/b\x0021"), 5),
            (packet(0x34, b"\0\x03a/b\0\x07\x05\x02\0\0\0\x0921"), 5),
        ] {
            assert_eq!(publish(&mut aliases, &packet, version), Some(expected()));
        }
    }

    #[test]
    fn a_topic_alias_is_the_topic_that_it_stands_for() {
        let mut aliases = Aliases::default();
        let named = packet(0x30, b"\0\x01t\x0b\x26\0\x01k\0\0\x23\0\x03\x01\x01x");
        assert_eq!(publish(&mut aliases, &named, 5).unwrap().topic, "t");

        let again = packet(0x30, b"\0\0\x03\x23\0\x03y");
        assert_eq!(publish(&mut aliases, &again, 5).unwrap().topic, "t");
        let unknown = packet(0x30, b"\0\0\x03\x23\0\x04y");
        assert_eq!(publish(&mut aliases, &unknown, 5), None);
    }

    #[test]
    fn the_filters_of_a_subscribe() {
        assert_eq!(filters(b"\0\x01\0\x01a\0\0\x02b/\x01", 4), ["a", "b/"]);
        assert_eq!(filters(b"\0\x01\x02\x0b\x05\0\x01a\0", 5), ["a"]);
        assert_eq!(filters(b"\0\x01\0\x01a\0\0\x02b", 4), ["a"]);
    }

    #[test]
    fn what_the_broker_answers() {
        let refused = packet(0x20, &[0, 0x86, 0]);
        assert_eq!(connack_code(header(&refused), &refused), Some(0x86));
        let named = packet(0x20, b"\0\0\x09\x21\0\x0a\x12\0\x03x-1");
        assert_eq!(
            assigned_client_id(header(&named), &named).as_deref(),
            Some("x-1")
        );
        assert_eq!(assigned_client_id(header(&refused), &refused), None);
    }
}
