//! What a server can make the codec do is bounded: see docs/reference/limits.md.

use bytes::Bytes;
use scratch_mqtt::codec::{
    Decoder, MOST_CONTROL_BYTES, MOST_USER_PROPERTIES, MOST_USER_PROPERTY_BYTES, PORTION,
    ProtocolError,
};
use scratch_mqtt::packet::ProtocolVersion::{V3_1_1, V5_0};
use scratch_mqtt::packet::{Packet, Publish};

use crate::wire;

const LARGEST: usize = 16 << 20;

/// A User Property whose texts are both empty.
const EMPTY_PAIR: &[u8] = &[0x26, 0, 0, 0, 0];

fn decode_one(bytes: &[u8]) -> (Publish, bool) {
    let mut decoder = Decoder::new(V5_0, LARGEST);
    decoder.push(Bytes::copy_from_slice(bytes));
    match decoder.next_packet() {
        Ok(Some(Packet::Publish(publish))) => (publish, decoder.has_left_out()),
        other => panic!("{other:?}"),
    }
}

fn pair(key: &str, value: &str) -> Vec<u8> {
    [&[0x26][..], &wire::text(key), &wire::text(value)].concat()
}

#[test]
fn of_millions_of_user_properties_a_thousand_are_read() {
    for (count, read, is_left_out) in [
        (999, 999, false),
        (1_000, 1_000, false),
        (1_001, 1_000, true),
        (3_300_000, 1_000, true),
    ] {
        let message = wire::publish("a", "payload").with_property(&EMPTY_PAIR.repeat(count));

        let (publish, has_left_out) = decode_one(&message.bytes(V5_0));

        let properties = publish.properties.unwrap();
        assert_eq!(publish.payload, "payload");
        assert_eq!(properties.user_properties.len(), read, "{count}");
        assert_eq!(has_left_out, is_left_out, "{count}");
    }
    assert_eq!(MOST_USER_PROPERTIES, 1_000);
}

/// The bound counts both texts of a pair, and all pairs together.
#[test]
fn user_properties_are_read_up_to_256_kib() {
    let quarter = "x".repeat(MOST_USER_PROPERTY_BYTES / 4 - 1);
    for (last, read, is_left_out) in [("1234", 5, false), ("12345", 4, true)] {
        let four = pair("", &quarter).repeat(4);
        let message = wire::publish("a", "b").with_property(&[four, pair("", last)].concat());

        let (publish, has_left_out) = decode_one(&message.bytes(V5_0));

        assert_eq!(publish.properties.unwrap().user_properties.len(), read);
        assert_eq!(has_left_out, is_left_out);
    }
}

/// What is left out must be right all the same, and what stands behind it is found.
#[test]
fn properties_behind_those_that_are_left_out_are_checked_and_read() {
    let many = EMPTY_PAIR.repeat(2_000);
    let content_type = [&[0x03][..], &wire::text("x")].concat();
    let message = wire::publish("a", "b").with_property(&[&many[..], &content_type].concat());
    let wrong = [&many[..], &[0x26, 0, 1, 0xFF, 0, 0]].concat();
    let wrong = wire::publish("a", "b").with_property(&wrong).bytes(V5_0);
    let mut decoder = Decoder::new(V5_0, LARGEST);

    let (publish, _) = decode_one(&message.bytes(V5_0));
    decoder.push(wrong.into());

    assert_eq!(publish.properties.unwrap().content_type.unwrap(), "x");
    assert!(matches!(
        decoder.next_packet(),
        Err(ProtocolError::Malformed { .. })
    ));
}

/// With more of them than anybody has filters the topic decides.
#[test]
fn of_thousands_of_subscription_identifiers_none_is_believed() {
    for (count, read) in [(1_000, 1_000), (1_001, 0), (4_000_000, 0)] {
        let ids = [0x0B, 1].repeat(count);
        let message = wire::publish("a", "b").with_property(&ids);

        let (publish, _) = decode_one(&message.bytes(V5_0));

        let ids = publish.properties.unwrap().subscription_ids;
        assert_eq!(ids.len(), read, "{count}");
    }
}

#[test]
fn user_properties_of_connack_are_bounded_too() {
    let mut decoder = Decoder::new(V5_0, LARGEST);
    decoder.push(wire::connack(V5_0, false, 0, &EMPTY_PAIR.repeat(200_000)).into());

    let packet = decoder.next_packet();

    let Ok(Some(Packet::ConnAck(connack))) = packet else {
        panic!("{packet:?}");
    };
    assert_eq!(connack.properties.user_properties.len(), 1_000);
    assert!(decoder.has_left_out());
    assert!(!decoder.has_left_out());
}

/// Only a message may be large; nothing else is waited for.
#[test]
fn packet_of_another_kind_is_refused_above_one_mebibyte() {
    for first in [0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0, 0xE0, 0xF0] {
        for (body, is_refused) in [(MOST_CONTROL_BYTES - 4, false), (MOST_CONTROL_BYTES, true)] {
            let header = [&[first][..], &wire::varint(body)].concat();
            let mut decoder = Decoder::new(V5_0, LARGEST);

            decoder.push(header.into());

            let refused = matches!(
                decoder.next_packet(),
                Err(ProtocolError::TooLarge {
                    limit: MOST_CONTROL_BYTES,
                    ..
                })
            );
            assert_eq!(refused, is_refused, "{first:#x}");
        }
    }
}

/// A large packet is taken in whole, so that it is copied once; of small ones a portion.
#[test]
fn portion_is_what_the_packet_still_needs() {
    let header = [&[0x30][..], &wire::varint(1_000_000)].concat();
    let whole = 1_000_000 + header.len();
    let mut decoder = Decoder::new(V3_1_1, LARGEST);
    let small = wire::publish("a", "b").bytes(V3_1_1);

    assert_eq!(decoder.portion(&small), PORTION);
    assert_eq!(decoder.portion(&[0x30]), PORTION);
    assert_eq!(decoder.portion(&header), whole);
    for too_large_or_wrong in [&[0x30, 0xFF, 0xFF, 0xFF, 0x7F][..], &[0, 0], &[]] {
        assert_eq!(decoder.portion(too_large_or_wrong), PORTION);
    }

    // What stands first in the next bytes is no header then.
    decoder.push(header.clone().into());
    assert_eq!(decoder.next_packet(), Ok(None));
    assert_eq!(decoder.portion(&small), whole - header.len());
    decoder.push(vec![0; 900_000].into());
    assert_eq!(decoder.next_packet(), Ok(None));
    assert_eq!(decoder.portion(&small), 100_000);
    decoder.push(vec![0; 99_999].into());
    assert_eq!(decoder.next_packet(), Ok(None));
    assert_eq!(decoder.portion(&small), PORTION);
}
