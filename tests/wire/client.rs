//! What a client sent, read strictly: anything the specification forbids ends the test.

use scratch_mqtt::packet::ProtocolVersion;

/// A packet that a client sent. `properties` are (identifier, bytes of the value), 5.0 only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientPacket {
    Connect(ClientConnect),
    Publish(ClientPublish),
    PubAck {
        id: u16,
        reason: u8,
    },
    PubRec {
        id: u16,
        reason: u8,
    },
    PubRel {
        id: u16,
        reason: u8,
    },
    PubComp {
        id: u16,
        reason: u8,
    },
    /// Each filter with its options byte, which is the QoS in 3.1.1.
    Subscribe {
        id: u16,
        filters: Vec<(String, u8)>,
        properties: Vec<(u8, Vec<u8>)>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
        properties: Vec<(u8, Vec<u8>)>,
    },
    PingReq,
    Disconnect {
        reason: u8,
        properties: Vec<(u8, Vec<u8>)>,
    },
    Auth {
        reason: u8,
    },
}

/// A CONNECT that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConnect {
    pub version: ProtocolVersion,
    pub client_id: String,
    pub clean_session: bool,
    pub keep_alive_secs: u16,
    pub will: Option<ClientWill>,
    pub user_name: Option<String>,
    pub password: Option<Vec<u8>>,
    pub properties: Vec<(u8, Vec<u8>)>,
}

/// The will in a CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientWill {
    pub topic: String,
    pub payload: Vec<u8>,
    pub qos: u8,
    pub retain: bool,
    pub properties: Vec<(u8, Vec<u8>)>,
}

/// A PUBLISH that a client sent; the `id` is there exactly when the QoS is not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPublish {
    pub dup: bool,
    pub qos: u8,
    pub retain: bool,
    pub topic: String,
    pub id: Option<u16>,
    pub payload: Vec<u8>,
    pub properties: Vec<(u8, Vec<u8>)>,
}

/// Every packet in `bytes`, which must end where a packet ends.
///
/// A CONNECT is read in the version that it names, which must be `version`.
pub fn parse_client(version: ProtocolVersion, bytes: &[u8]) -> Vec<ClientPacket> {
    let mut stream = Reader(bytes);
    let mut packets = Vec::new();
    while !stream.0.is_empty() {
        let first = stream.byte();
        let length = stream.varint();
        packets.push(parse_packet(version, first, Reader(stream.take(length))));
    }
    packets
}

fn parse_packet(version: ProtocolVersion, first: u8, mut body: Reader<'_>) -> ClientPacket {
    let v5 = version == ProtocolVersion::V5_0;
    let packet = match first {
        0x10 => ClientPacket::Connect(parse_connect(version, &mut body)),
        0x30..=0x3F => ClientPacket::Publish(parse_publish(version, first, &mut body)),
        0x40 | 0x50 | 0x62 | 0x70 => {
            let id = body.id();
            let reason = body.reason_and_no_properties(v5);
            match first {
                0x40 => ClientPacket::PubAck { id, reason },
                0x50 => ClientPacket::PubRec { id, reason },
                0x62 => ClientPacket::PubRel { id, reason },
                _ => ClientPacket::PubComp { id, reason },
            }
        }
        0x82 => {
            let (id, properties) = (body.id(), body.properties(v5));
            let mut filters = Vec::new();
            while !body.0.is_empty() {
                let (filter, options) = (body.text(), body.byte());
                let (reserved, retain_handling) = (options & 0b1100_0000, options >> 4 & 3);
                assert!(
                    reserved == 0 && retain_handling < 3 && options & 3 < 3,
                    "{options:#b}"
                );
                assert!(v5 || options < 3, "3.1.1 has no options beside the QoS");
                filters.push((filter, options));
            }
            assert!(!filters.is_empty(), "SUBSCRIBE without a filter");
            ClientPacket::Subscribe {
                id,
                filters,
                properties,
            }
        }
        0xA2 => {
            let (id, properties) = (body.id(), body.properties(v5));
            let mut filters = Vec::new();
            while !body.0.is_empty() {
                filters.push(body.text());
            }
            assert!(!filters.is_empty(), "UNSUBSCRIBE without a filter");
            ClientPacket::Unsubscribe {
                id,
                filters,
                properties,
            }
        }
        0xC0 => ClientPacket::PingReq,
        0xE0 => {
            let reason = if v5 && !body.0.is_empty() {
                body.byte()
            } else {
                0
            };
            let properties = body.properties(v5 && !body.0.is_empty());
            ClientPacket::Disconnect { reason, properties }
        }
        0xF0 if v5 => ClientPacket::Auth {
            reason: body.reason_and_no_properties(true),
        },
        _ => panic!("a client must not send a packet that starts with {first:#04x}"),
    };
    assert!(
        body.0.is_empty(),
        "bytes after the end of {packet:?}: {:02x?}",
        body.0
    );
    packet
}

fn parse_connect(version: ProtocolVersion, body: &mut Reader<'_>) -> ClientConnect {
    assert_eq!(body.text(), "MQTT");
    let v5 = version == ProtocolVersion::V5_0;
    assert_eq!(body.byte(), if v5 { 5 } else { 4 }, "protocol level");
    let flags = body.byte();
    assert_eq!(flags & 1, 0, "reserved flag of CONNECT");
    let keep_alive_secs = body.u16();
    let properties = body.properties(v5);
    let client_id = body.text();
    let will = if flags & 0b0100 != 0 {
        let properties = body.properties(v5);
        let (topic, payload) = (body.text(), body.binary());
        let qos = flags >> 3 & 3;
        assert!(qos < 3, "QoS 3 of the will");
        Some(ClientWill {
            topic,
            payload,
            qos,
            retain: flags & 0b10_0000 != 0,
            properties,
        })
    } else {
        assert_eq!(flags & 0b11_1000, 0, "flags of a will, but no will");
        None
    };
    let user_name = (flags & 0x80 != 0).then(|| body.text());
    let password = (flags & 0x40 != 0).then(|| body.binary());
    assert!(
        v5 || user_name.is_some() || password.is_none(),
        "password without user name"
    );
    ClientConnect {
        version,
        client_id,
        clean_session: flags & 0b10 != 0,
        keep_alive_secs,
        will,
        user_name,
        password,
        properties,
    }
}

fn parse_publish(version: ProtocolVersion, first: u8, body: &mut Reader<'_>) -> ClientPublish {
    let qos = first >> 1 & 3;
    let dup = first & 0b1000 != 0;
    assert!(qos < 3, "QoS 3");
    assert!(qos > 0 || !dup, "DUP with QoS 0");
    let topic = body.text();
    assert!(!topic.contains(['+', '#']), "wildcard in {topic:?}");
    let id = (qos > 0).then(|| body.id());
    let properties = body.properties(version == ProtocolVersion::V5_0);
    let alias = properties.iter().any(|(identifier, _)| *identifier == 0x23);
    assert!(!topic.is_empty() || alias, "empty topic");
    let payload = body.take(body.0.len()).to_vec();
    ClientPublish {
        dup,
        qos,
        retain: first & 1 != 0,
        topic,
        id,
        payload,
        properties,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        assert!(
            length <= self.0.len(),
            "field of {length} bytes in {:02x?}",
            self.0
        );
        let (field, rest) = self.0.split_at(length);
        self.0 = rest;
        field
    }

    fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    fn u16(&mut self) -> u16 {
        u16::from_be_bytes(self.take(2).try_into().unwrap())
    }

    fn id(&mut self) -> u16 {
        let id = self.u16();
        assert_ne!(id, 0, "packet identifier 0");
        id
    }

    fn binary(&mut self) -> Vec<u8> {
        let length = self.u16();
        self.take(length.into()).to_vec()
    }

    fn text(&mut self) -> String {
        let text = String::from_utf8(self.binary()).unwrap();
        assert!(!text.contains('\0'), "null character in {text:?}");
        text
    }

    fn varint(&mut self) -> usize {
        let mut number = 0;
        for place in 0..4 {
            let byte = self.byte();
            number |= usize::from(byte & 0x7F) << (7 * place);
            if byte < 0x80 {
                assert!(
                    byte != 0 || place == 0,
                    "number in more bytes than it needs"
                );
                return number;
            }
        }
        panic!("number of more than four bytes")
    }

    fn reason_and_no_properties(&mut self, v5: bool) -> u8 {
        if !v5 || self.0.is_empty() {
            return 0;
        }
        let reason = self.byte();
        if !self.0.is_empty() {
            let properties = self.properties(true);
            assert!(
                properties.is_empty(),
                "properties of an acknowledgement: {properties:02x?}"
            );
        }
        reason
    }

    fn properties(&mut self, v5: bool) -> Vec<(u8, Vec<u8>)> {
        if !v5 {
            return Vec::new();
        }
        let length = self.varint();
        let mut section = Reader(self.take(length));
        let mut properties = Vec::new();
        while !section.0.is_empty() {
            let identifier = section.byte();
            properties.push((identifier, section.property_value(identifier)));
        }
        properties
    }

    fn property_value(&mut self, identifier: u8) -> Vec<u8> {
        let before = self.0;
        match identifier {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => drop(self.byte()),
            0x13 | 0x21 | 0x22 | 0x23 => drop(self.take(2)),
            0x02 | 0x11 | 0x18 | 0x27 => drop(self.take(4)),
            0x0B => drop(self.varint()),
            0x09 | 0x16 => drop(self.binary()),
            0x03 | 0x08 | 0x12 | 0x15 | 0x1A | 0x1C | 0x1F => drop(self.text()),
            0x26 => drop((self.text(), self.text())),
            _ => panic!("unknown property {identifier:#04x}"),
        }
        before[..before.len() - self.0.len()].to_vec()
    }
}
