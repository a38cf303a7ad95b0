//! Every case of the table, cut into chunks in every way that matters.

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::{Decoder, encode};
use scratch_mqtt::packet::{Packet, ProtocolVersion};

use crate::cases::cases;
use crate::decode;

/// Each case of `cases.rs` names its statement.
#[test]
fn packet_decodes_to_its_own_variant_and_content() {
    for case in cases() {
        let decoded = decode(case.version, &case.bytes);

        assert_eq!(decoded, Ok(vec![case.packet]), "{}", case.name);
    }
}

/// [MQTT-6.0.0-2] [MQTT5-6.0.0-2]
#[test]
fn every_prefix_of_a_packet_is_incomplete() {
    for case in cases() {
        for end in 0..case.bytes.len() {
            let decoded = decode(case.version, &case.bytes[..end]);

            assert_eq!(decoded, Ok(vec![]), "{} cut at {end}", case.name);
        }
    }
}

#[test]
fn packet_that_arrives_byte_by_byte_is_complete_with_its_last_byte() {
    for case in cases() {
        let mut decoder = Decoder::new(case.version, usize::MAX);
        let (last, before) = case.bytes.split_last().unwrap();

        for byte in before {
            decoder.push(Bytes::copy_from_slice(&[*byte]));
            assert_eq!(decoder.next_packet(), Ok(None), "{}", case.name);
        }
        decoder.push(Bytes::copy_from_slice(&[*last]));

        assert_eq!(
            decoder.next_packet(),
            Ok(Some(case.packet)),
            "{}",
            case.name
        );
        assert_eq!(decoder.next_packet(), Ok(None), "{}", case.name);
    }
}

#[test]
fn byte_after_a_packet_is_left_for_the_next_one() {
    for case in cases() {
        let mut decoder = Decoder::new(case.version, usize::MAX);
        let [first, second] = [0xD0, 0x00];

        decoder.push(Bytes::copy_from_slice(
            &[&case.bytes[..], &[first]].concat(),
        ));
        assert_eq!(
            decoder.next_packet(),
            Ok(Some(case.packet)),
            "{}",
            case.name
        );
        assert_eq!(decoder.next_packet(), Ok(None), "{}", case.name);
        decoder.push(Bytes::copy_from_slice(&[second]));

        assert_eq!(
            decoder.next_packet(),
            Ok(Some(Packet::PingResp)),
            "{}",
            case.name
        );
    }
}

/// [MQTT-6.0.0-2] [MQTT5-6.0.0-2]
#[test]
fn all_packets_of_a_version_arrive_in_one_chunk() {
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5_0] {
        let cases = cases().into_iter().filter(|case| case.version == version);
        let (bytes, packets): (Vec<_>, Vec<_>) =
            cases.map(|case| (case.bytes, case.packet)).unzip();

        assert_eq!(decode(version, &bytes.concat()), Ok(packets));
    }
}

#[test]
fn what_we_encode_decodes_to_the_same_packet() {
    let mut encoded = 0;
    for case in cases() {
        let mut out = BytesMut::new();
        if encode(&case.packet, case.version, usize::MAX, &mut out).is_err() {
            continue;
        }
        encoded += 1;

        assert_eq!(
            decode(case.version, &out),
            Ok(vec![case.packet]),
            "{}",
            case.name
        );
    }
    assert!(encoded > 20, "only {encoded} cases could be encoded");
}

/// The payload owns its bytes, not the chunk or the buffer that it arrived in.
#[test]
fn payload_outlives_the_decoder() {
    let mut decoder = Decoder::new(ProtocolVersion::V3_1_1, usize::MAX);
    decoder.push(Bytes::copy_from_slice(&[
        0x30, 7, 0, 3, b'a', b'/', b'b', b'h', b'i',
    ]));
    let packet = decoder.next_packet();
    decoder.push(Bytes::copy_from_slice(&[0xFF; 100]));
    drop(decoder);

    assert!(matches!(packet, Ok(Some(Packet::Publish(publish))) if publish.payload == "hi"));
}
