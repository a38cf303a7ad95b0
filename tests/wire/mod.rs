//! The server's side of the wire, for tests: packets a server sends, and a parser of what a client
//! sends. Written from the specification, without the codec under test and without mqttbytes.
//!
//! Used by several test programs: `#[path = "../wire/mod.rs"] mod wire;`

#![allow(
    dead_code,
    unused_imports,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests, of which no program uses everything"
)]

mod client;

pub use client::{ClientConnect, ClientPacket, ClientPublish, ClientWill, parse_client};
use scratch_mqtt::packet::ProtocolVersion;

/// Whole packets as a server writes them, in the version of the connection.
///
/// `properties` are the property bytes without their length, see [`property`]; 3.1.1 has none.
pub fn connack(
    version: ProtocolVersion,
    session_present: bool,
    code: u8,
    properties: &[u8],
) -> Vec<u8> {
    let mut body = vec![u8::from(session_present), code];
    put_properties(&mut body, version, properties);
    packet(0x20, &body)
}

/// PUBACK that reports success; both versions write it alike.
pub fn puback(id: u16) -> Vec<u8> {
    packet(0x40, &id.to_be_bytes())
}

/// PUBREC that reports success.
pub fn pubrec(id: u16) -> Vec<u8> {
    packet(0x50, &id.to_be_bytes())
}

/// PUBREL that reports success.
pub fn pubrel(id: u16) -> Vec<u8> {
    packet(0x62, &id.to_be_bytes())
}

/// PUBCOMP that reports success.
pub fn pubcomp(id: u16) -> Vec<u8> {
    packet(0x70, &id.to_be_bytes())
}

/// An acknowledgement of 5.0 with a Reason Code: `ack_with_reason(puback(7), 0x97)`.
pub fn ack_with_reason(mut ack: Vec<u8>, reason: u8) -> Vec<u8> {
    ack[1] = 3;
    ack.push(reason);
    ack
}

/// SUBACK with one code per Topic Filter.
pub fn suback(version: ProtocolVersion, id: u16, codes: &[u8]) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    put_properties(&mut body, version, &[]);
    body.extend(codes);
    packet(0x90, &body)
}

/// UNSUBACK; 3.1.1 sends no codes.
pub fn unsuback(version: ProtocolVersion, id: u16, codes: &[u8]) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    put_properties(&mut body, version, &[]);
    if version == ProtocolVersion::V5_0 {
        body.extend(codes);
    }
    packet(0xB0, &body)
}

/// PINGRESP.
pub fn pingresp() -> Vec<u8> {
    packet(0xD0, &[])
}

/// DISCONNECT of 5.0; only that version lets a server send one.
pub fn disconnect(reason: u8) -> Vec<u8> {
    packet(0xE0, &[reason])
}

/// A PUBLISH with QoS 0 and nothing special; the methods change it, [`ServerPublish::bytes`] writes it.
pub fn publish(topic: &str, payload: impl AsRef<[u8]>) -> ServerPublish {
    ServerPublish {
        flags: 0,
        topic: topic.to_owned(),
        id: None,
        properties: Vec::new(),
        payload: payload.as_ref().to_vec(),
    }
}

/// A PUBLISH from the server.
#[derive(Clone, Debug)]
pub struct ServerPublish {
    flags: u8,
    topic: String,
    id: Option<u16>,
    properties: Vec<u8>,
    payload: Vec<u8>,
}

impl ServerPublish {
    /// With QoS 1.
    pub fn at_least_once(mut self, id: u16) -> Self {
        self.flags = self.flags & !0b0110 | 0b0010;
        self.id = Some(id);
        self
    }

    /// With QoS 2.
    pub fn exactly_once(mut self, id: u16) -> Self {
        self.flags = self.flags & !0b0110 | 0b0100;
        self.id = Some(id);
        self
    }

    /// The same packet as a repetition.
    pub fn dup(&self) -> Self {
        let mut repeated = self.clone();
        repeated.flags |= 0b1000;
        repeated
    }

    /// As a retained message.
    pub fn retained(mut self) -> Self {
        self.flags |= 0b0001;
        self
    }

    /// With one more property (5.0), see [`property`].
    pub fn with_property(mut self, property: &[u8]) -> Self {
        self.properties.extend(property);
        self
    }

    /// The packet on the wire.
    pub fn bytes(&self, version: ProtocolVersion) -> Vec<u8> {
        let mut body = text(&self.topic);
        body.extend(self.id.into_iter().flat_map(u16::to_be_bytes));
        put_properties(&mut body, version, &self.properties);
        body.extend(&self.payload);
        packet(0x30 | self.flags, &body)
    }
}

/// One property: its identifier and the bytes of its value, see [`text`] and [`varint`].
pub fn property(identifier: u8, value: &[u8]) -> Vec<u8> {
    [&[identifier], value].concat()
}

/// A text (or binary) field: two bytes of length, then the bytes.
pub fn text(value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    let length = u16::try_from(value.len()).unwrap();
    [&length.to_be_bytes()[..], value].concat()
}

/// A Variable Byte Integer in as few bytes as possible.
pub fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number % 128).unwrap();
        number /= 128;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A packet from its first byte and what follows the Remaining Length.
pub fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    [&[first], &varint(body.len())[..], body].concat()
}

fn put_properties(body: &mut Vec<u8>, version: ProtocolVersion, properties: &[u8]) {
    match version {
        ProtocolVersion::V3_1_1 => assert!(properties.is_empty(), "3.1.1 has no properties"),
        ProtocolVersion::V5_0 => {
            body.extend(varint(properties.len()));
            body.extend(properties);
        }
    }
}
