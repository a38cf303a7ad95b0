//! Random and damaged bytes: never a panic, never a loop, never a different answer for other chunks.
//!
//! `FUZZ_INPUTS` sets how many inputs each run tries (default 1,000,000 over both versions), `FUZZ_SEED`
//! which ones. The same seed gives the same inputs; a failure prints the one that caused it.

use std::env;

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::{Decoder, ProtocolError, encode};
use scratch_mqtt::packet::Packet;
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};

use crate::cases::cases;
use crate::opinions;
use crate::refusals::refusals;
use crate::wire;
use crate::{assert_length_is_known, decode};

/// Small enough that damaged lengths go above it now and then.
const MAX_PACKET_BYTES: usize = 256;

#[test]
fn random_bytes_of_3_1_1_are_decoded_or_refused() {
    fuzz(V3_1_1);
}

#[test]
fn random_bytes_of_5_0_are_decoded_or_refused() {
    fuzz(V5_0);
}

fn fuzz(version: ProtocolVersion) {
    let seed = from_environment("FUZZ_SEED", 0x5EED);
    let mut random = Random(seed ^ if version == V5_0 { 5 } else { 3 });
    let valid = cases().into_iter().filter(|case| case.version == version);
    let seeds = Seeds {
        valid: valid.map(|case| case.bytes).collect(),
        refused: refusals().into_iter().map(|case| case.bytes).collect(),
    };
    let mut packets = 0_u64;
    let mut refused = 0_u64;

    let inputs = from_environment("FUZZ_INPUTS", 1_000_000) / 2;
    for _ in 0..inputs {
        let input = random.input(&seeds);
        let shown = ShownOnPanic {
            version,
            input: &input,
        };
        let decoded = decode_in_chunks(version, &input, &mut random);
        packets += decoded.0.len() as u64;
        refused += u64::from(decoded.1.is_some());
        assert_eq!(decoded, decode_at_once(version, &input));
        opinions::compare(version, &input);
        for packet in decoded.0 {
            check_encoding(version, packet);
        }
        drop(shown);
    }

    println!("{version:?}: {inputs} inputs, {packets} packets, {refused} refused");
    // Otherwise the generator makes nothing but noise, and what is behind the gate is not tested.
    assert!(
        packets > inputs / 2 && refused > inputs / 4,
        "{packets} packets, {refused} refused"
    );
}

type Decoded = (Vec<Packet>, Option<ProtocolError>);

fn decode_at_once(version: ProtocolVersion, input: &[u8]) -> Decoded {
    let mut decoder = Decoder::new(version, MAX_PACKET_BYTES);
    decoder.push(Bytes::copy_from_slice(input));
    let mut packets = Vec::new();
    let error = drain(&mut decoder, &mut packets, input.len());
    (packets, error)
}

fn decode_in_chunks(version: ProtocolVersion, input: &[u8], random: &mut Random) -> Decoded {
    let mut decoder = Decoder::new(version, MAX_PACKET_BYTES);
    let mut packets = Vec::new();
    let mut error = None;
    let mut rest = input;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(1 + random.below(rest.len()));
        rest = after;
        decoder.push(Bytes::copy_from_slice(chunk));
        error = drain(&mut decoder, &mut packets, input.len());
    }
    (packets, error)
}

/// Reads until the decoder wants more bytes or is dead; each packet takes at least two bytes.
fn drain(decoder: &mut Decoder, packets: &mut Vec<Packet>, bytes: usize) -> Option<ProtocolError> {
    loop {
        match decoder.next_packet() {
            Ok(Some(packet)) => packets.push(packet),
            Ok(None) => return None,
            Err(error) => {
                assert!(!matches!(error, ProtocolError::Internal { .. }), "{error}");
                assert_eq!(
                    decoder.next_packet(),
                    Err(error.clone()),
                    "dead, but not for ever"
                );
                return Some(error);
            }
        }
        assert!(2 * packets.len() <= bytes, "packets out of nothing");
    }
}

/// What can be sent arrives as the same packet, and an independent reader accepts it.
fn check_encoding(version: ProtocolVersion, packet: Packet) {
    // Behind the bytes of others, which stay as they are.
    let mut written = BytesMut::from(&[0x55; 3][..]);
    if encode(&packet, version, usize::MAX, &mut written).is_err() {
        assert_eq!(written, [0x55; 3][..]);
        return;
    }
    let out = written.split_off(3);
    assert_eq!(written, [0x55; 3][..]);
    assert_length_is_known(&packet, version, out.len());
    if !matches!(
        &packet,
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack)
            if ack.reason_string.is_some()
    ) {
        assert_eq!(wire::parse_client(version, &out).len(), 1);
    }
    // A server of 3.1.1 sends no DISCONNECT, and an empty property list is left out.
    let mut expected = packet;
    if let Packet::Publish(publish) = &mut expected {
        publish.properties = publish
            .properties
            .take()
            .filter(|p| **p != Default::default());
    }
    assert_eq!(decode(version, &out), Ok(vec![expected]));
}

struct ShownOnPanic<'a> {
    version: ProtocolVersion,
    input: &'a [u8],
}

impl Drop for ShownOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("input of {:?}: {:02x?}", self.version, self.input);
        }
    }
}

fn from_environment(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |number| {
        number
            .parse()
            .unwrap_or_else(|_| panic!("{name} must be a number, not {number:?}"))
    })
}

/// What the generator starts from.
struct Seeds {
    valid: Vec<Vec<u8>>,
    refused: Vec<Vec<u8>>,
}

/// SplitMix64: any seed is good, the same seed gives the same numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `end` - 1.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    /// A byte that means something at many places.
    fn interesting_byte(&mut self) -> u8 {
        const BYTES: [u8; 16] = [
            0, 1, 2, 3, 4, 5, 0x0B, 0x1F, 0x23, 0x26, b'#', b'+', 0x7F, 0x80, 0x81, 0xFF,
        ];
        BYTES[self.below(BYTES.len())]
    }

    /// One to three packets: many damaged, some as they are, some noise.
    fn input(&mut self, seeds: &Seeds) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..=self.below(3) {
            match self.below(16) {
                0 => {
                    let length = self.below(24);
                    input.extend((0..length).map(|_| self.byte()));
                }
                1 => {
                    let first = (self.byte() & 0xF0) | (self.interesting_byte() & 0x0F);
                    let length = self.below(40);
                    let body: Vec<_> = (0..length).map(|_| self.interesting_byte()).collect();
                    input.extend(wire::packet(first, &body));
                }
                2 => input.extend(self.damaged(&seeds.refused)),
                _ => input.extend(self.damaged(&seeds.valid)),
            }
        }
        input
    }

    fn damaged(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut packet = seeds[self.below(seeds.len())].clone();
        for _ in 0..self.below(5).saturating_sub(2) {
            self.damage(&mut packet, seeds);
        }
        // With its length put right the damage gets past the gate.
        if self.below(8) != 0 && packet.len() >= 2 && packet[1] < 0x80 {
            packet = wire::packet(packet[0], &packet[2..]);
        }
        packet
    }

    fn damage(&mut self, packet: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = self.below(packet.len() + 1);
        match self.below(7) {
            0 if place < packet.len() => packet[place] ^= 1 << self.below(8),
            1 if place < packet.len() => packet[place] = self.byte(),
            2 if place < packet.len() => packet[place] = self.interesting_byte(),
            3 => packet.insert(place, self.interesting_byte()),
            4 if place < packet.len() => drop(packet.remove(place)),
            5 => packet.truncate(place),
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let start = self.below(other.len());
                let end = start + 1 + self.below(other.len() - start);
                packet.splice(place..place, other[start..end].iter().copied());
            }
        }
    }
}
