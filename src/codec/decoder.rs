//! Whole packets out of arbitrary chunks.

use bytes::{Buf, Bytes, BytesMut};

use super::cursor::Cursor;
use super::error::ProtocolError;
use super::header::FixedHeader;
use super::{ack, auth, connack, disconnect, publish, suback};
use crate::packet::{Packet, PacketType, ProtocolVersion};

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
    /// Whether a packet came out that had more User Properties than are read.
    has_left_out: bool,
    failure: Option<ProtocolError>,
}

/// How many bytes of a large WebSocket message are best taken in at once: enough to be fast, and so
/// few that the packets in them are handled in a moment.
pub const PORTION: usize = 32 << 10;

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
        self.read_packet().inspect_err(|failure| {
            self.begun = BytesMut::new();
            self.chunk = Bytes::new();
            self.failure = Some(failure.clone());
        })
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
        let header = FixedHeader::read(beginning, self.version, self.max_packet_bytes);
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
        let Some(header) = FixedHeader::read(unread, self.version, self.max_packet_bytes)? else {
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
        let mut body = self.chunk.split_to(bytes);
        body.advance(header.header_bytes);
        read(&header, body, self.version, &mut self.has_left_out).map(Some)
    }
}

/// Reads a whole packet from its body.
fn read(
    header: &FixedHeader,
    body: Bytes,
    version: ProtocolVersion,
    has_left_out: &mut bool,
) -> Result<Packet, ProtocolError> {
    if header.packet == PacketType::Publish {
        return publish::read(header, body, version, has_left_out).map(Packet::Publish);
    }
    let mut cursor = Cursor::new(&body, header.packet);
    let packet = match header.packet {
        PacketType::ConnAck => {
            let connack = connack::read(&mut cursor, version, has_left_out)?;
            Packet::ConnAck(Box::new(connack))
        }
        PacketType::PubAck => Packet::PubAck(ack::read(&mut cursor)?),
        PacketType::PubRec => Packet::PubRec(ack::read(&mut cursor)?),
        PacketType::PubRel => Packet::PubRel(ack::read(&mut cursor)?),
        PacketType::PubComp => Packet::PubComp(ack::read(&mut cursor)?),
        PacketType::SubAck => Packet::SubAck(suback::read(&mut cursor, version)?),
        PacketType::UnsubAck => Packet::UnsubAck(suback::read(&mut cursor, version)?),
        PacketType::PingResp => Packet::PingResp,
        PacketType::Disconnect => Packet::Disconnect(disconnect::read(&mut cursor)?),
        PacketType::Auth => Packet::Auth(auth::read(&mut cursor)?),
        // The header was refused, or it was read above.
        PacketType::Publish
        | PacketType::Connect
        | PacketType::Subscribe
        | PacketType::Unsubscribe
        | PacketType::PingReq => return Err(cursor.violation("only a client sends it")),
    };
    cursor.end()?;
    Ok(packet)
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
