//! Every property of 5.0 in every packet from a server. [MQTT5-2.2.2]

use scratch_mqtt::codec::ProtocolError;
use scratch_mqtt::packet::ProtocolVersion::V5_0;

use crate::decode;
use crate::wire::{packet, varint};

/// The packets that have properties: name, first byte, what stands before the properties, what after.
#[rustfmt::skip]
const PACKETS: [(&str, u8, &[u8], &[u8]); 10] = [
    ("CONNACK",    0x20, &[0, 0],          &[]),
    ("PUBLISH",    0x30, &[0, 1, b'a'],    b"payload"),
    ("PUBACK",     0x40, &[0, 1, 0],       &[]),
    ("PUBREC",     0x50, &[0, 1, 0],       &[]),
    ("PUBREL",     0x62, &[0, 1, 0],       &[]),
    ("PUBCOMP",    0x70, &[0, 1, 0],       &[]),
    ("SUBACK",     0x90, &[0, 1],          &[0]),
    ("UNSUBACK",   0xB0, &[0, 1],          &[0]),
    ("DISCONNECT", 0xE0, &[0],             &[]),
    ("AUTH",       0xF0, &[0x18],          &[]),
];

/// Table 2-4 of the specification, with only the packets that a server sends.
#[rustfmt::skip]
const PROPERTIES: [(u8, &[u8], &[&str]); 27] = [
    (0x01, &[1],                   &["PUBLISH"]),               // Payload Format Indicator
    (0x02, &[0, 0, 0, 1],          &["PUBLISH"]),               // Message Expiry Interval
    (0x03, &[0, 1, b'x'],          &["PUBLISH"]),               // Content Type
    (0x08, &[0, 1, b'x'],          &["PUBLISH"]),               // Response Topic
    (0x09, &[0, 1, 0xFF],          &["PUBLISH"]),               // Correlation Data
    (0x0B, &[1],                   &["PUBLISH"]),               // Subscription Identifier
    (0x11, &[0, 0, 0, 0],          &["CONNACK", "DISCONNECT"]), // Session Expiry Interval
    (0x12, &[0, 1, b'x'],          &["CONNACK"]),               // Assigned Client Identifier
    (0x13, &[0, 0],                &["CONNACK"]),               // Server Keep Alive
    (0x15, &[0, 1, b'x'],          &["CONNACK", "AUTH"]),       // Authentication Method
    (0x16, &[0, 1, b'x'],          &[]),                        // Authentication Data, never alone
    (0x17, &[0],                   &[]),                        // Request Problem Information
    (0x18, &[0, 0, 0, 1],          &[]),                        // Will Delay Interval
    (0x19, &[0],                   &[]),                        // Request Response Information
    (0x1A, &[0, 1, b'x'],          &["CONNACK"]),               // Response Information
    (0x1C, &[0, 1, b'x'],          &["CONNACK", "DISCONNECT"]), // Server Reference
    (0x1F, &[0, 1, b'x'],          &["CONNACK", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK",
                                     "UNSUBACK", "DISCONNECT", "AUTH"]), // Reason String
    (0x21, &[0, 1],                &["CONNACK"]),               // Receive Maximum
    (0x22, &[0, 0],                &["CONNACK"]),               // Topic Alias Maximum
    (0x23, &[0, 1],                &["PUBLISH"]),               // Topic Alias
    (0x24, &[0],                   &["CONNACK"]),               // Maximum QoS
    (0x25, &[0],                   &["CONNACK"]),               // Retain Available
    (0x26, &[0, 1, b'k', 0, 0],    &["CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
                                     "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH"]), // User Property
    (0x27, &[0, 0, 0, 1],          &["CONNACK"]),               // Maximum Packet Size
    (0x28, &[1],                   &["CONNACK"]),               // Wildcard Subscription Available
    (0x29, &[1],                   &["CONNACK"]),               // Subscription Identifier Available
    (0x2A, &[1],                   &["CONNACK"]),               // Shared Subscription Available
];

const REPEATABLE: [u8; 2] = [0x0B, 0x26];

fn with_properties(
    (_, first, before, after): (&str, u8, &[u8], &[u8]),
    properties: &[u8],
) -> Vec<u8> {
    let body = [before, &varint(properties.len()), properties, after].concat();
    packet(first, &body)
}

/// [MQTT5-2.2.2.2]
#[test]
fn property_is_accepted_in_its_packets_and_refused_in_all_others() {
    for kind in PACKETS {
        for (identifier, value, packets) in PROPERTIES {
            let bytes = with_properties(kind, &[&[identifier], value].concat());

            let accepted = decode(V5_0, &bytes).is_ok();

            assert_eq!(
                accepted,
                packets.contains(&kind.0),
                "{identifier:#04x} in {}",
                kind.0
            );
        }
    }
}

/// [MQTT5-2.2.2.2]
#[test]
fn identifier_without_a_property_is_refused_everywhere() {
    for kind in PACKETS {
        let known = PROPERTIES.map(|(identifier, ..)| identifier);
        for identifier in (0..=255).filter(|identifier| !known.contains(identifier)) {
            let bytes = with_properties(kind, &[identifier, 0, 0, 0, 0]);

            let decoded = decode(V5_0, &bytes);

            assert!(
                matches!(decoded, Err(ProtocolError::Malformed { .. })),
                "{identifier:#04x} in {}: {decoded:?}",
                kind.0
            );
        }
    }
}

/// [MQTT5-2.2.2.2]
#[test]
fn property_that_comes_twice_is_refused_unless_it_may() {
    for kind in PACKETS {
        for (identifier, value, packets) in PROPERTIES {
            if !packets.contains(&kind.0) {
                continue;
            }
            let property = [&[identifier], value].concat();
            let bytes = with_properties(kind, &[&property[..], &property].concat());

            let accepted = decode(V5_0, &bytes).is_ok();

            assert_eq!(
                accepted,
                REPEATABLE.contains(&identifier),
                "{identifier:#04x}, {}",
                kind.0
            );
        }
    }
}

/// [MQTT5-2.2.2.2]
#[test]
fn property_that_is_cut_off_is_refused() {
    for kind in PACKETS {
        for (identifier, value, packets) in PROPERTIES {
            if !packets.contains(&kind.0) {
                continue;
            }
            for end in 0..value.len() {
                let bytes = with_properties(kind, &[&[identifier], &value[..end]].concat());

                let decoded = decode(V5_0, &bytes);

                assert!(
                    matches!(decoded, Err(ProtocolError::Malformed { .. })),
                    "{identifier:#04x} cut at {end} in {}: {decoded:?}",
                    kind.0
                );
            }
        }
    }
}
