//! Whole packets out of arbitrary chunks, and the gate that refuses as early as possible.

use bytes::{Bytes, BytesMut};

use super::decode::{Decoded, KnownTopics, decode};
use super::error::ProtocolError;
use super::varint;
use crate::packet::{Packet, PacketType, ProtocolVersion, QoS};

/// Makes packets of the bytes that a server sends, in chunks of any size. [MQTT-6.0.0-2]
///
/// After every [`push`](Self::push) call [`next_packet`](Self::next_packet) until it returns `None`.
/// Make a new decoder for every connection.
#[derive(Debug)]
pub struct Decoder {
    version: ProtocolVersion,
    max_packet_bytes: usize,
    /// The start of a packet whose end has not come; empty while `chunk` is not.
    begun: BytesMut,
    /// What is left of the last chunk. Packets are parts of it, so that whole ones are not copied.
    chunk: Bytes,
    topics: KnownTopics,
    /// Whether a packet came out that had more User Properties than are read.
    has_left_out: bool,
    failure: Option<ProtocolError>,
}

/// How many bytes of a large WebSocket message are best taken in at once: enough to be fast, and so
/// few that the packets in them are handled in a moment.
pub const PORTION: usize = 32 << 10;

/// The largest packet of all kinds but PUBLISH. What a server says about itself or about a request
/// needs a thousandth of it, and reading a larger one takes time before it is known to be senseless.
pub const MOST_CONTROL_BYTES: usize = 1 << 20;

impl Decoder {
    /// A decoder for one connection.
    ///
    /// `max_packet_bytes` limits the whole packet, fixed header included, like the Maximum Packet Size
    /// of 5.0: a server that announces more is refused before the packet arrives.
    #[must_use]
    pub fn new(version: ProtocolVersion, max_packet_bytes: usize) -> Self {
        Self {
            version,
            max_packet_bytes,
            begun: BytesMut::new(),
            chunk: Bytes::new(),
            topics: KnownTopics::default(),
            has_left_out: false,
            failure: None,
        }
    }

    /// Takes in what arrived. Nothing is looked at yet.
    pub fn push(&mut self, bytes: Bytes) {
        if self.failure.is_some() {
            return;
        }
        if self.chunk.is_empty() && self.begun.is_empty() {
            self.chunk = bytes;
            return;
        }
        // Only what is left of the chunk moves, and once: all moves together cost no more than the
        // bytes did.
        self.begun.reserve(self.chunk.len() + bytes.len());
        self.begun
            .extend_from_slice(&std::mem::take(&mut self.chunk));
        self.begun.extend_from_slice(&bytes);
    }

    /// The next whole packet, or `None` until more bytes arrive.
    ///
    /// Only packets that a server sends in this version come out.
    ///
    /// # Errors
    ///
    /// The server broke the specification, or sent more than `max_packet_bytes`. Everything after
    /// that is lost: each later call returns the same error. [MQTT-4.8.0-1]
    pub fn next_packet(&mut self) -> Result<Option<Packet>, ProtocolError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let read = self.read_packet();
        if let Err(failure) = &read {
            self.begun = BytesMut::new();
            self.chunk = Bytes::new();
            self.failure = Some(failure.clone());
        }
        read
    }

    /// Whether a packet came out, since this was last asked, that had more User Properties than are
    /// read. The rest of it is whole.
    pub const fn has_left_out(&mut self) -> bool {
        std::mem::replace(&mut self.has_left_out, false)
    }

    /// How many bytes to take in next from many that arrived at once and begin with `start`: what the
    /// packet that has begun still needs, so that a large one is not copied twice, or [`PORTION`].
    #[must_use]
    pub fn portion(&self, start: &[u8]) -> usize {
        let unread = self.unread();
        let beginning = if unread.is_empty() { start } else { unread };
        let header = FixedHeader::from_server(beginning, self.version, self.max_packet_bytes);
        let packet = header.ok().flatten().map_or(0, |it| it.packet_bytes());
        packet.saturating_sub(unread.len()).max(PORTION)
    }

    fn unread(&self) -> &[u8] {
        if self.chunk.is_empty() {
            &self.begun
        } else {
            &self.chunk
        }
    }

    fn read_packet(&mut self) -> Result<Option<Packet>, ProtocolError> {
        let unread = self.unread();
        let Some(header) = FixedHeader::from_server(unread, self.version, self.max_packet_bytes)?
        else {
            return Ok(None);
        };
        let bytes = header.packet_bytes();
        if bytes > unread.len() {
            return Ok(None);
        }
        if self.chunk.is_empty() {
            // All that came together becomes the chunk: its block is shared from here on, and would
            // be copied to grow.
            self.chunk = std::mem::take(&mut self.begun).freeze();
        }
        let frame = self.chunk.split_to(bytes);
        let Decoded {
            packet,
            has_left_out,
        } = decode(&frame, &header, self.version, &mut self.topics)?;
        self.has_left_out |= has_left_out;
        Ok(Some(packet))
    }
}

/// The first two to five bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FixedHeader {
    /// The type of the packet.
    pub packet: PacketType,
    /// The four lower bits of the first byte.
    pub flags: u8,
    /// How many bytes this header has.
    pub header_bytes: usize,
    /// How many bytes follow it: the Remaining Length.
    pub body_bytes: usize,
}

impl FixedHeader {
    /// The header at the start of `bytes`, or `None` until more bytes arrive. Checks that this type of
    /// packet exists, and nothing else.
    pub fn read(bytes: &[u8], version: ProtocolVersion) -> Result<Option<Self>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else {
            return Ok(None);
        };
        let packet = packet_type(first >> 4, version)?;
        let length = varint::read(rest, version).map_err(|what| ProtocolError::Malformed {
            packet: Some(packet),
            what,
        })?;
        Ok(length.map(|(body_bytes, length_bytes)| Self {
            packet,
            flags: first & 0x0F,
            header_bytes: 1 + length_bytes,
            body_bytes,
        }))
    }

    /// The same for a packet from the server, which is refused as soon as its first byte or its size
    /// cannot be right: nothing that will be refused is waited for.
    fn from_server(
        bytes: &[u8],
        version: ProtocolVersion,
        max_packet_bytes: usize,
    ) -> Result<Option<Self>, ProtocolError> {
        if let Some(&first) = bytes.first() {
            let packet = packet_type(first >> 4, version)?;
            check_direction(packet, version)?;
            check_flags(packet, first & 0x0F)?;
        }
        let Some(header) = Self::read(bytes, version)? else {
            return Ok(None);
        };
        let (bytes, limit) = match header.packet {
            PacketType::Publish => (header.packet_bytes(), max_packet_bytes),
            _ => (
                header.packet_bytes(),
                max_packet_bytes.min(MOST_CONTROL_BYTES),
            ),
        };
        if bytes > limit {
            return Err(ProtocolError::TooLarge { bytes, limit });
        }
        header.check_body_bytes(version)?;
        Ok(Some(header))
    }

    /// How many bytes the whole packet has.
    pub const fn packet_bytes(&self) -> usize {
        self.header_bytes + self.body_bytes
    }

    /// Whether the size is possible at all; the fields inside are checked by `validate`.
    fn check_body_bytes(&self, version: ProtocolVersion) -> Result<(), ProtocolError> {
        let v5 = version == ProtocolVersion::V5_0;
        let packet_id = if self.flags & 0b0110 == 0 { 0 } else { 2 };
        let (least, most) = match self.packet {
            PacketType::Publish => (3 + packet_id, usize::MAX),
            PacketType::ConnAck
            | PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => (2, if v5 { usize::MAX } else { 2 }),
            // How many codes there must be depends on the request.
            PacketType::SubAck => (2, usize::MAX),
            PacketType::PingResp => (0, 0),
            PacketType::Connect
            | PacketType::Subscribe
            | PacketType::Unsubscribe
            | PacketType::PingReq
            | PacketType::Disconnect
            | PacketType::Auth => (0, usize::MAX),
        };
        if (least..=most).contains(&self.body_bytes) {
            return Ok(());
        }
        Err(ProtocolError::Malformed {
            packet: Some(self.packet),
            what: "a packet of this type cannot have this length",
        })
    }
}

fn packet_type(number: u8, version: ProtocolVersion) -> Result<PacketType, ProtocolError> {
    Ok(match number {
        1 => PacketType::Connect,
        2 => PacketType::ConnAck,
        3 => PacketType::Publish,
        4 => PacketType::PubAck,
        5 => PacketType::PubRec,
        6 => PacketType::PubRel,
        7 => PacketType::PubComp,
        8 => PacketType::Subscribe,
        9 => PacketType::SubAck,
        10 => PacketType::Unsubscribe,
        11 => PacketType::UnsubAck,
        12 => PacketType::PingReq,
        13 => PacketType::PingResp,
        14 => PacketType::Disconnect,
        15 if version == ProtocolVersion::V5_0 => PacketType::Auth,
        _ => {
            return Err(ProtocolError::Malformed {
                packet: None,
                what: "reserved packet type",
            });
        }
    })
}

fn check_direction(packet: PacketType, version: ProtocolVersion) -> Result<(), ProtocolError> {
    match packet {
        PacketType::ConnAck
        | PacketType::Publish
        | PacketType::PubAck
        | PacketType::PubRec
        | PacketType::PubRel
        | PacketType::PubComp
        | PacketType::SubAck
        | PacketType::UnsubAck
        | PacketType::PingResp
        | PacketType::Auth => Ok(()),
        PacketType::Disconnect if version == ProtocolVersion::V5_0 => Ok(()),
        PacketType::Connect
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq
        | PacketType::Disconnect => Err(ProtocolError::Violation {
            packet,
            what: "only a client sends it",
        }),
    }
}

/// [MQTT-2.2.2-2] [MQTT5-2.1.3-1]
fn check_flags(packet: PacketType, flags: u8) -> Result<(), ProtocolError> {
    let what = match packet {
        // [MQTT-3.3.1-4] [MQTT5-3.3.1-4]
        PacketType::Publish if QoS::from_number(flags >> 1 & 0b11).is_none() => "QoS 3",
        // [MQTT-3.3.1-2] [MQTT5-3.3.1-2]
        PacketType::Publish if flags & 0b1110 == 0b1000 => "DUP flag with QoS 0",
        PacketType::Publish => return Ok(()),
        PacketType::PubRel if flags == 0b0010 => return Ok(()),
        PacketType::PubRel => "reserved flags are not 0010",
        _ if flags == 0 => return Ok(()),
        _ => "reserved flags are not 0000",
    };
    Err(ProtocolError::Malformed {
        packet: Some(packet),
        what,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoder() -> Decoder {
        Decoder::new(ProtocolVersion::V3_1_1, usize::MAX)
    }

    fn push(decoder: &mut Decoder, bytes: &[u8]) {
        decoder.push(Bytes::copy_from_slice(bytes));
    }

    fn payload(packet: Result<Option<Packet>, ProtocolError>) -> Bytes {
        match packet {
            Ok(Some(Packet::Publish(publish))) => publish.payload,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn payload_of_a_whole_packet_is_not_copied() {
        let chunk = Bytes::copy_from_slice(b"\x30\x0b\0\x01apayload.");
        let place = chunk.as_ptr();
        let mut decoder = decoder();

        decoder.push(chunk);

        let payload = payload(decoder.next_packet());
        assert_eq!(payload, "payload.");
        assert_eq!(payload.as_ptr(), place.wrapping_add(5));
    }

    #[test]
    fn large_packet_leaves_no_large_buffer_behind() {
        let mut decoder = decoder();
        let announced = 0x40_0000;
        push(&mut decoder, &[0x30, 0x80, 0x80, 0x80, 2, 0, 1, b'a']);
        push(&mut decoder, &vec![b'x'; announced - 3]);

        assert_eq!(payload(decoder.next_packet()).len(), announced - 3);

        assert_eq!(decoder.begun.capacity(), 0);
        assert!(decoder.chunk.is_empty());
    }

    #[test]
    fn large_packet_with_a_small_one_behind_it_leaves_no_large_buffer_behind() {
        let mut decoder = decoder();
        push(&mut decoder, &[0x30, 0x80, 0x80, 0x80, 2, 0, 1, b'a']);
        push(&mut decoder, &vec![b'x'; 0x40_0000 - 3]);
        push(&mut decoder, &[0x40, 2]);
        assert_eq!(payload(decoder.next_packet()).len(), 0x40_0000 - 3);

        push(&mut decoder, &[0]);

        assert!(decoder.begun.capacity() < 1_000);
    }

    #[test]
    fn buffer_does_not_grow_when_a_packet_is_always_incomplete() {
        let mut decoder = decoder();
        push(&mut decoder, &[0x40, 2, 0]);
        for _ in 0..1_000 {
            push(&mut decoder, &[1, 0x40, 2, 0]);

            assert!(decoder.next_packet().is_ok_and(|packet| packet.is_some()));
            assert!(decoder.begun.capacity() < 1_000);
            assert_eq!(decoder.chunk, [0x40, 2, 0][..]);
        }
    }

    #[test]
    fn dead_decoder_keeps_nothing() {
        let mut decoder = decoder();
        push(&mut decoder, &[0; 1_000]);
        assert!(decoder.next_packet().is_err());

        push(&mut decoder, &[0; 1_000]);

        assert_eq!(decoder.begun.capacity(), 0);
        assert!(decoder.chunk.is_empty());
    }
}
