//! Sizes and lengths at their limits.

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::{Decoder, EncodeError, ProtocolError, encode};
use scratch_mqtt::packet::ProtocolVersion::{V3_1_1, V5_0};
use scratch_mqtt::packet::{Packet, Publish, QoS};
use scratch_mqtt::topic::TopicName;

use crate::cases::publish;
use crate::encoding::id;
use crate::wire::{self, varint};
use crate::{decode, encoded_publish_len};

/// A PUBLISH to "a" whose Remaining Length in 3.1.1 is `length`.
fn publish_of(length: usize) -> Publish {
    Publish {
        payload: Bytes::from(vec![b'x'; length - 3]),
        ..publish("a", b"")
    }
}

#[test]
fn remaining_length_takes_as_few_bytes_as_possible() {
    for (length, expected) in [
        (3, &[3][..]),
        (127, &[0x7F]),
        (128, &[0x80, 1]),
        (16_383, &[0xFF, 0x7F]),
        (16_384, &[0x80, 0x80, 1]),
        (2_097_151, &[0xFF, 0xFF, 0x7F]),
        (2_097_152, &[0x80, 0x80, 0x80, 1]),
    ] {
        let packet = publish_of(length);
        let mut out = BytesMut::new();

        encode(
            &Packet::Publish(packet.clone()),
            V3_1_1,
            usize::MAX,
            &mut out,
        )
        .unwrap();

        assert_eq!(out[1..=expected.len()], *expected, "{length}");
        assert_eq!(out.len(), 1 + expected.len() + length);
        assert_eq!(encoded_publish_len(&packet, V3_1_1), out.len());
        assert_eq!(decode(V3_1_1, &out), Ok(vec![Packet::Publish(packet)]));
    }
}

/// The limit counts the whole packet, and one that keeps to it is not refused. [MQTT5-3.1.2-24]
#[test]
fn packet_of_exactly_the_limit_is_accepted_and_one_byte_more_is_not() {
    let packet = wire::publish("a", [b'x'; 95]).bytes(V3_1_1);
    assert_eq!(packet.len(), 100);
    let mut exact = Decoder::new(V3_1_1, 100);
    let mut too_small = Decoder::new(V3_1_1, 99);

    exact.push(Bytes::copy_from_slice(&packet));
    too_small.push(Bytes::copy_from_slice(&packet[..2]));

    assert!(exact.next_packet().is_ok_and(|packet| packet.is_some()));
    // Refused with its length: the body does not have to arrive.
    let expected = ProtocolError::TooLarge {
        bytes: 100,
        limit: 99,
    };
    assert_eq!(too_small.next_packet(), Err(expected));
}

/// [MQTT5-3.2.2-15]
#[test]
fn packet_above_the_limit_of_the_server_is_not_sent() {
    let packet = Packet::Publish(publish_of(98));
    let mut out = BytesMut::new();

    assert_eq!(
        encode(&packet, V3_1_1, 99, &mut out),
        Err(EncodeError::TooLarge {
            bytes: 100,
            limit: 99
        })
    );
    assert!(out.is_empty());
    assert_eq!(encode(&packet, V3_1_1, 100, &mut out), Ok(()));
}

#[test]
fn largest_announced_packet_is_waited_for_and_the_next_number_does_not_exist() {
    let largest = [0x30, 0xFF, 0xFF, 0xFF, 0x7F];
    let mut limited = Decoder::new(V3_1_1, 16 << 20);
    limited.push(Bytes::copy_from_slice(&largest));

    assert_eq!(decode(V3_1_1, &largest), Ok(vec![]));
    assert_eq!(decode(V5_0, &largest), Ok(vec![]));
    assert!(decode(V3_1_1, &[0x30, 0xFF, 0xFF, 0xFF, 0x80]).is_err());
    let expected = ProtocolError::TooLarge {
        bytes: 268_435_460,
        limit: 16 << 20,
    };
    assert_eq!(limited.next_packet(), Err(expected));
}

/// [MQTT-4.7.3-3] [MQTT5-4.7.3-3]
#[test]
fn longest_topic_is_sent_and_received() {
    let topic = "é".repeat(32_767) + "a";
    let packet = Packet::Publish(Publish {
        qos: QoS::AtLeastOnce,
        topic: Some(TopicName::new(&topic).unwrap()),
        packet_id: Some(id(1)),
        ..publish("a", b"hi")
    });
    for version in [V3_1_1, V5_0] {
        let mut out = BytesMut::new();

        encode(&packet, version, usize::MAX, &mut out).unwrap();

        assert_eq!(decode(version, &out), Ok(vec![packet.clone()]));
    }
}

/// A section of 127 bytes with the identifiers is one of 125 without them, one of 129 becomes 126.
#[test]
fn payload_survives_when_taking_out_identifiers_changes_the_length_of_lengths() {
    for filler in [
        115, 116, 117, 118, 119, 120, 121, 122, 16_368, 16_373, 16_374,
    ] {
        for ids in [vec![1], vec![1, 128], vec![16_384, 1, 2]] {
            let mut properties =
                [&[0x26, 0, 1, b'k'][..], &wire::text(vec![b'v'; filler])].concat();
            for id in &ids {
                properties.extend(wire::property(0x0B, &varint(*id)));
            }
            let bytes = wire::publish("a", "payload")
                .with_property(&properties)
                .bytes(V5_0);

            let decoded = decode(V5_0, &bytes).unwrap();

            let [Packet::Publish(publish)] = &decoded[..] else {
                panic!("not one PUBLISH: {decoded:?}");
            };
            let properties = publish.properties.as_deref().unwrap();
            assert_eq!(publish.payload, "payload");
            assert!(
                properties
                    .subscription_ids
                    .iter()
                    .map(|id| *id as usize)
                    .eq(ids)
            );
            assert_eq!(properties.user_properties[0].1.len(), filler);
        }
    }
}

/// Moving what is left for each packet would take hours here.
#[test]
fn many_small_packets_in_one_chunk_are_read_one_after_another() {
    let count = 500_000;
    let mut decoder = Decoder::new(V3_1_1, 100);
    decoder.push(Bytes::copy_from_slice(&[0x40, 2, 0, 1].repeat(count)));

    let mut packets = 0;
    while decoder.next_packet().unwrap().is_some() {
        packets += 1;
    }

    assert_eq!(packets, count);
}

/// One packet is read for each chunk of two, so that the buffer is never empty.
#[test]
fn reading_slower_than_bytes_arrive_keeps_every_packet() {
    let mut decoder = Decoder::new(V3_1_1, 100);
    let packets = (1..=20_000_u16).map(wire::puback);
    let mut read = Vec::new();

    for pair in packets.collect::<Vec<_>>().chunks(2) {
        decoder.push(Bytes::copy_from_slice(&pair.concat()));
        read.extend(decoder.next_packet().unwrap());
    }
    while let Some(packet) = decoder.next_packet().unwrap() {
        read.push(packet);
    }

    let ids = read.iter().map(|packet| match packet {
        Packet::PubAck(ack) => ack.packet_id.get(),
        other => panic!("not a PUBACK: {other:?}"),
    });
    assert!(ids.eq(1..=20_000));
}

#[test]
fn large_packet_in_many_small_chunks_arrives_whole() {
    let payload = vec![b'x'; 4 << 20];
    let bytes = wire::publish("a", &payload).bytes(V3_1_1);
    let mut decoder = Decoder::new(V3_1_1, 16 << 20);

    let (last, before) = bytes.split_last().unwrap();
    for chunk in before.chunks(64) {
        decoder.push(Bytes::copy_from_slice(chunk));
        assert_eq!(decoder.next_packet(), Ok(None));
    }
    decoder.push(Bytes::copy_from_slice(&[*last]));

    let packet = decoder.next_packet();
    assert!(matches!(packet, Ok(Some(Packet::Publish(publish))) if publish.payload == payload));
}
