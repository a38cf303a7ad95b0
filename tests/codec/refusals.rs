//! Bytes that end the connection: name, versions, bytes with a comment per field, reason.

use bytes::Bytes;
use scratch_mqtt::codec::{Decoder, ProtocolError};
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::packet::ReasonCode;

use crate::cases::cases;
use crate::decode;

/// One sequence of bytes that is refused.
pub struct Refusal {
    pub name: &'static str,
    pub version: ProtocolVersion,
    pub bytes: Vec<u8>,
    pub reason: ReasonCode,
}

const MALFORMED: ReasonCode = ReasonCode::MALFORMED_PACKET;
const VIOLATION: ReasonCode = ReasonCode::PROTOCOL_ERROR;

/// Every refusal of both versions.
pub fn refusals() -> Vec<Refusal> {
    let mut refusals = refusals_of_fixed_headers();
    refusals.extend(refusals_of_bodies());
    refusals.extend(refusals_of_5_0());
    refusals
}

fn both(name: &'static str, bytes: &[u8], reason: ReasonCode) -> [Refusal; 2] {
    [V3_1_1, V5_0].map(|version| Refusal {
        name,
        version,
        bytes: bytes.into(),
        reason,
    })
}

fn only(
    version: ProtocolVersion,
    name: &'static str,
    bytes: &[u8],
    reason: ReasonCode,
) -> [Refusal; 1] {
    [Refusal {
        name,
        version,
        bytes: bytes.into(),
        reason,
    }]
}

#[rustfmt::skip]
fn refusals_of_fixed_headers() -> Vec<Refusal> {
    [
        &both("reserved type 0", &[0x00], MALFORMED)[..],
        &only(V3_1_1, "reserved type 15", &[0xF0], MALFORMED),
        &both("CONNECT from a server", &[0x10], VIOLATION),
        &both("SUBSCRIBE from a server", &[0x82, 5, 0, 1, 0, 0, 0], VIOLATION),
        &both("UNSUBSCRIBE from a server", &[0xA2], VIOLATION),
        &both("PINGREQ from a server", &[0xC0, 0], VIOLATION),
        &only(V3_1_1, "DISCONNECT from a server of 3.1.1", &[0xE0, 0], VIOLATION),
        // [MQTT-3.3.1-4] [MQTT5-3.3.1-4]
        &both("QoS 3", &[0x36], MALFORMED),
        // [MQTT-3.3.1-2] [MQTT5-3.3.1-2]
        &both("DUP with QoS 0", &[0x38, 3, 0, 1, b'a'], MALFORMED),
        // [MQTT-3.6.1-1] [MQTT5-3.6.1-1]
        &both("PUBREL with flags 0000", &[0x60, 2, 0, 1], MALFORMED),
        &both("PINGRESP with flags 1111", &[0xDF, 0], MALFORMED),
        // [MQTT5-3.14.1-1]
        &only(V5_0, "DISCONNECT with flags 0001", &[0xE1, 0], MALFORMED),
        &both("remaining length of five bytes", &[0x30, 0x80, 0x80, 0x80, 0x80, 1], MALFORMED),
        // [MQTT5-1.5.5-1]
        &only(V5_0, "remaining length with a needless byte", &[0xD0, 0x80, 0], MALFORMED),
        &both("PINGRESP with a body", &[0xD0, 1], MALFORMED),
        &both("CONNACK of one byte", &[0x20, 1], MALFORMED),
        &only(V3_1_1, "CONNACK of three bytes", &[0x20, 3], MALFORMED),
        &both("PUBACK of one byte", &[0x40, 1], MALFORMED),
        &only(V3_1_1, "PUBACK of five bytes", &[0x40, 5, 0, 1, 9, 9, 9], MALFORMED),
        &only(V3_1_1, "PUBREC of three bytes", &[0x50, 3], MALFORMED),
        &only(V3_1_1, "PUBREL of three bytes", &[0x62, 3], MALFORMED),
        &only(V3_1_1, "PUBCOMP of three bytes", &[0x70, 3], MALFORMED),
        &only(V3_1_1, "UNSUBACK of three bytes", &[0xB0, 3], MALFORMED),
        &both("PUBLISH of two bytes", &[0x30, 2, 0, 0], MALFORMED),
        &both("PUBLISH with QoS 1 of four bytes", &[0x32, 4, 0, 1, b'a', 0], MALFORMED),
    ].into_iter().flatten().map(Refusal::copy).collect()
}

#[rustfmt::skip]
fn refusals_of_bodies() -> Vec<Refusal> {
    [
        &both("PUBACK with packet identifier 0", &[0x40, 2, 0, 0], MALFORMED)[..],
        &both("PUBREC with packet identifier 0", &[0x50, 2, 0, 0], MALFORMED),
        &both("PUBREL with packet identifier 0", &[0x62, 2, 0, 0], MALFORMED),
        &both("PUBCOMP with packet identifier 0", &[0x70, 2, 0, 0], MALFORMED),
        &only(V3_1_1, "SUBACK with packet identifier 0", &[0x90, 3, 0, 0, 0], MALFORMED),
        &only(V5_0, "SUBACK with packet identifier 0", &[0x90, 4, 0, 0, 0, 0], MALFORMED),
        &only(V3_1_1, "UNSUBACK with packet identifier 0", &[0xB0, 2, 0, 0], MALFORMED),
        &only(V5_0, "UNSUBACK with packet identifier 0", &[0xB0, 4, 0, 0, 0, 0], MALFORMED),
        // [MQTT-2.3.1-1] [MQTT5-2.2.1-4]
        &both("PUBLISH with packet identifier 0", &[0x32, 6, 0, 1, b'a', 0, 0, 0], MALFORMED),
        // [MQTT5-3.2.2-1]
        &both("CONNACK with reserved flags", &[0x20, 2, 0xFE, 0], MALFORMED),
        // [MQTT-1.5.3-1] [MQTT5-1.5.4-1]
        &both("topic that is not UTF-8", &[0x30, 4, 0, 1, 0xFF, 0], MALFORMED),
        &both("topic with half a surrogate pair", &[0x30, 6, 0, 3, 0xED, 0xA0, 0x80, 0], MALFORMED),
        &both("topic with an overlong slash", &[0x30, 5, 0, 2, 0xC0, 0xAF, 0], MALFORMED),
        // [MQTT-1.5.3-2] [MQTT-4.7.3-2] [MQTT5-1.5.4-2] [MQTT5-4.7.3-2]
        &both("topic with the null character", &[0x30, 6, 0, 3, b'a', 0, b'b', 0], MALFORMED),
        // [MQTT-3.3.2-2] [MQTT5-3.3.2-2]
        &both("topic #", &[0x30, 4, 0, 1, b'#', 0], MALFORMED),
        &both("topic a/+", &[0x30, 6, 0, 3, b'a', b'/', b'+', 0], MALFORMED),
        // [MQTT-4.7.3-1] [MQTT5-4.7.3-1]
        &only(V3_1_1, "empty topic", &[0x30, 3, 0, 0, b'!'], MALFORMED),
        &only(V5_0, "empty topic without an alias", &[0x30, 3, 0, 0, 0], VIOLATION),
        &both("topic longer than the packet", &[0x30, 4, 0, 3, b'a', b'b'], MALFORMED),
        &both("packet identifier beyond the packet", &[0x32, 5, 0, 2, b'a', b'b', 1], MALFORMED),
        &both("SUBACK of one byte", &[0x90, 1], MALFORMED),
        &both("UNSUBACK of one byte", &[0xB0, 1], MALFORMED),
        // [MQTT-3.9.3-2]
        &only(V3_1_1, "SUBACK with code 3", &[0x90, 3, 0, 1, 3], MALFORMED),
    ].into_iter().flatten().map(Refusal::copy).collect()
}

#[rustfmt::skip]
fn refusals_of_5_0() -> Vec<Refusal> {
    let case = |name, bytes: &[u8], reason| only(V5_0, name, bytes, reason);
    [
        // mqttbytes calls these two incomplete, though the frame is whole.
        case("PUBLISH with half a property length", &[0x30, 4, 0, 1, b'a', 0x80], MALFORMED),
        case("PUBLISH without a property length", &[0x30, 3, 0, 1, b'a'], MALFORMED),
        case("CONNACK with half a property length", &[0x20, 3, 0, 0, 0x84], MALFORMED),
        case("property length of five bytes", &[0x30, 8, 0, 1, b'a', 0x80, 0x80, 0x80, 0x80, 0], MALFORMED),
        case("property length with a needless byte", &[0x30, 5, 0, 1, b'a', 0x80, 0], MALFORMED),
        case("property length beyond the packet", &[0x30, 5, 0, 1, b'a', 2, 0x01], MALFORMED),
        // mqttbytes reads an expiry out of the payload here.
        case("property that runs into the payload", &[
            0x30, 11, 0, 1, b'a',
            1, 0x02,                            // a section of one byte: the identifier
            b'p', b'a', b'y', b'l', b'o', b'a',
        ], MALFORMED),
        case("property that does not exist", &[0x30, 6, 0, 1, b'a', 2, 0x7F, 0], MALFORMED),
        case("property 0", &[0x30, 6, 0, 1, b'a', 2, 0x00, 0], MALFORMED),
        // [MQTT5-1.5.7-1]
        case("user property with the null character", &[
            0x30, 12, 0, 1, b'a',
            8, 0x26, 0, 1, b'k', 0, 2, b'v', 0,
        ], MALFORMED),
        // [MQTT5-1.5.4-1]
        case("reason string that is not UTF-8", &[0x40, 8, 0, 1, 0x80, 4, 0x1F, 0, 1, 0xFF], MALFORMED),
        case("maximum QoS 7", &[0x20, 5, 0, 0, 2, 0x24, 7], VIOLATION),
        case("retain available 2", &[0x20, 5, 0, 0, 2, 0x25, 2], VIOLATION),
        case("wildcard subscription available 255", &[0x20, 5, 0, 0, 2, 0x28, 0xFF], VIOLATION),
        case("subscription identifiers available 2", &[0x20, 5, 0, 0, 2, 0x29, 2], VIOLATION),
        case("shared subscription available 2", &[0x20, 5, 0, 0, 2, 0x2A, 2], VIOLATION),
        case("receive maximum 0", &[0x20, 6, 0, 0, 3, 0x21, 0, 0], VIOLATION),
        case("maximum packet size 0", &[0x20, 8, 0, 0, 5, 0x27, 0, 0, 0, 0], VIOLATION),
        case("subscription identifier 0", &[0x30, 6, 0, 1, b'a', 2, 0x0B, 0], VIOLATION),
        case("subscription identifier with a needless byte",
            &[0x30, 7, 0, 1, b'a', 3, 0x0B, 0x81, 0], MALFORMED),
        // [MQTT5-3.3.2-8]
        case("topic alias 0", &[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 0], ReasonCode::TOPIC_ALIAS_INVALID),
        // mqttbytes takes the last one.
        case("topic alias maximum twice", &[
            0x20, 9, 0, 0, 6, 0x22, 0, 1, 0x22, 0, 2,
        ], VIOLATION),
        case("authentication data without a method", &[0x20, 7, 0, 0, 4, 0x16, 0, 1, 0], VIOLATION),
        case("CONNACK with a code that is neither success nor failure", &[0x20, 3, 0, 5, 0], MALFORMED),
        case("CONNACK with bytes after its properties", &[0x20, 4, 0, 0, 0, 0xFE], MALFORMED),
        case("PUBACK with bytes after its properties", &[0x40, 5, 0, 1, 0, 0, 0xFE], MALFORMED),
        // [MQTT5-3.4.2-1]
        case("PUBACK with a code of SUBACK", &[0x40, 3, 0, 1, 0x02], MALFORMED),
        // [MQTT5-3.5.2-1]
        case("PUBREC with code 1", &[0x50, 3, 0, 1, 1], MALFORMED),
        // [MQTT5-3.6.2-1]
        case("PUBREL with a code of PUBREC", &[0x62, 3, 0, 1, 0x10], MALFORMED),
        // [MQTT5-3.7.2-1]
        case("PUBCOMP with a code of PUBREC", &[0x70, 3, 0, 1, 0x10], MALFORMED),
        // [MQTT5-3.9.3-2]
        case("SUBACK with code 3", &[0x90, 4, 0, 1, 0, 3], MALFORMED),
        // [MQTT5-3.11.3-2]
        case("UNSUBACK with code 1", &[0xB0, 4, 0, 1, 0, 1], MALFORMED),
        // [MQTT5-3.14.2-1]
        case("DISCONNECT with a code that only a client sends", &[0xE0, 1, 4], MALFORMED),
        case("DISCONNECT with bytes after its properties", &[0xE0, 3, 0x8E, 0, 0xFE], MALFORMED),
        // [MQTT5-3.15.2-1]
        case("AUTH with an unknown code", &[0xF0, 2, 1, 0], MALFORMED),
        case("AUTH without the length of its properties", &[0xF0, 1, 0x18], MALFORMED),
    ].into_iter().flatten().collect()
}

impl Refusal {
    fn copy(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            ..*self
        }
    }
}

/// Each case names its statement. [MQTT-4.8.0-1] [MQTT5-4.13.1-1]
#[test]
fn forbidden_bytes_are_refused_for_their_reason() {
    for case in refusals() {
        let error = decode(case.version, &case.bytes).expect_err(case.name);

        assert_eq!(
            error.reason(),
            case.reason,
            "{} in {:?}: {error}",
            case.name,
            case.version
        );
    }
}

/// The last byte of each case is the one that decides, or one before it: nothing is waited for.
#[test]
fn forbidden_bytes_that_arrive_one_by_one_are_refused_alike() {
    for case in refusals() {
        let at_once = decode(case.version, &case.bytes).expect_err(case.name);
        let mut decoder = Decoder::new(case.version, usize::MAX);

        let mut one_by_one = case.bytes.iter().map(|byte| {
            decoder.push(Bytes::copy_from_slice(&[*byte]));
            decoder.next_packet()
        });

        let refusal = one_by_one.find(|result| *result != Ok(None));
        assert_eq!(refusal, Some(Err(at_once)), "{}", case.name);
    }
}

#[test]
fn decoder_is_dead_after_a_refusal() {
    for case in refusals() {
        let mut decoder = Decoder::new(case.version, usize::MAX);
        decoder.push(Bytes::copy_from_slice(&case.bytes));
        let first = decoder.next_packet().expect_err(case.name);

        assert_eq!(decoder.next_packet(), Err(first.clone()), "{}", case.name);
        decoder.push(Bytes::copy_from_slice(&[0xD0, 0]));
        assert_eq!(decoder.next_packet(), Err(first), "{}", case.name);
    }
}

#[test]
fn packets_before_a_refusal_still_come_out() {
    for case in refusals() {
        let mut decoder = Decoder::new(case.version, usize::MAX);
        decoder.push(Bytes::copy_from_slice(
            &[&[0xD0, 0], &case.bytes[..]].concat(),
        ));

        assert!(
            decoder.next_packet().is_ok_and(|packet| packet.is_some()),
            "{}",
            case.name
        );
        assert!(decoder.next_packet().is_err(), "{}", case.name);
    }
}

/// Sixteen flag values of each packet, the allowed ones excepted; the first byte is enough.
/// [MQTT-2.2.2-2] [MQTT5-2.1.3-1] [MQTT5-3.14.1-1] [MQTT5-3.15.1-1]
#[test]
fn reserved_flags_are_refused_with_the_first_byte() {
    for case in cases().iter().filter(|case| case.bytes[0] >> 4 != 3) {
        let (packet, expected_flags) = (case.bytes[0] & 0xF0, case.bytes[0] & 0x0F);
        for flags in (0..16).filter(|flags| *flags != expected_flags) {
            let decoded = decode(case.version, &[packet | flags]);

            assert!(
                matches!(
                    decoded,
                    Err(ProtocolError::Malformed {
                        packet: Some(_),
                        ..
                    })
                ),
                "{} with flags {flags:04b}: {decoded:?}",
                case.name
            );
        }
    }
}

/// The type and the flags are known with one byte, the size with two to five.
#[test]
fn nothing_is_waited_for_that_will_be_refused() {
    for (version, bytes) in [
        (V3_1_1, &[0x10][..]),
        (V3_1_1, &[0x36]),
        (V3_1_1, &[0xE0]),
        (V3_1_1, &[0x40, 3]),
        (V5_0, &[0xE1]),
        (V5_0, &[0xB0, 1]),
        (V5_0, &[0xD0, 0x80, 0x00]),
        (V5_0, &[0xD0, 0x80, 0x01]),
    ] {
        assert!(
            decode(version, bytes).is_err(),
            "{bytes:02x?} in {version:?}"
        );
    }
}
