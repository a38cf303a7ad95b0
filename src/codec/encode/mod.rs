//! One packet to bytes: checked, written by mqttbytes, checked again.

mod fields;
mod size;
mod v3_1_1;
mod v5_0;

use std::cell::Cell;

use bytes::BytesMut;

use super::error::EncodeError;
use super::frame::FixedHeader;
use super::varint;
use crate::packet::{Packet, PacketId, PacketType, ProtocolVersion, Publish};
use crate::topic::TopicName;

pub use size::{encoded_len, encoded_publish_len, publish_len};

/// Appends exactly one packet to `out`, or nothing.
///
/// `max_packet_bytes` limits the whole packet: the Maximum Packet Size of the server [MQTT5-3.2.2-15].
/// Properties are left out in 3.1.1, which has none. mqttbytes cannot say "present but empty", so an
/// empty user name or password is refused; leave it away instead.
///
/// # Errors
///
/// A field or the packet cannot be written, or only a server sends such a packet. AUTH, which
/// mqttbytes does not know, is never sent.
pub fn encode(
    packet: &Packet,
    version: ProtocolVersion,
    max_packet_bytes: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    if let Packet::Publish(publish) = packet {
        return encode_publish(&mut publish.clone(), version, max_packet_bytes, out);
    }
    fields::check(packet, version)?;
    let expected = Expected {
        packet: packet.packet_type(),
        version,
        bytes: encoded_len(packet, version),
    };
    let write = |buffer: &mut BytesMut| match version {
        ProtocolVersion::V3_1_1 => v3_1_1::write(packet, buffer),
        ProtocolVersion::V5_0 => v5_0::write(packet, buffer),
    };
    if matches!(packet, Packet::Connect(_)) {
        // mqttbytes sets the flags of CONNECT at a place counted from the buffer's start.
        let mut fresh = BytesMut::new();
        expected.append(max_packet_bytes, &mut fresh, write)?;
        out.extend_from_slice(&fresh);
        return Ok(());
    }
    expected.append(max_packet_bytes, out, write)
}

/// [`encode`] for the packet that is written most. It is lent, because mqttbytes wants to own what it
/// writes: so nothing is copied but into `out`.
///
/// # Errors
///
/// Those of [`encode`].
pub fn encode_publish(
    publish: &mut Publish,
    version: ProtocolVersion,
    max_packet_bytes: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    fields::check_publish(publish, version)?;
    let expected = Expected {
        packet: PacketType::Publish,
        version,
        bytes: encoded_publish_len(publish, version),
    };
    expected.append(max_packet_bytes, out, |buffer| match version {
        ProtocolVersion::V3_1_1 => v3_1_1::write_publish(publish, buffer),
        ProtocolVersion::V5_0 => v5_0::write_publish(publish, buffer),
    })
}

/// What a packet must look like once it is written.
struct Expected {
    packet: PacketType,
    version: ProtocolVersion,
    bytes: usize,
}

impl Expected {
    /// Appends what `write` writes if it is as expected. mqttbytes leaves half a packet behind when
    /// it fails.
    fn append(
        &self,
        max_packet_bytes: usize,
        out: &mut BytesMut,
        write: impl FnOnce(&mut BytesMut) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let Self { bytes, .. } = *self;
        let limit = max_packet_bytes.min(LARGEST_PACKET);
        if bytes > limit {
            return Err(EncodeError::TooLarge { bytes, limit });
        }
        let before = out.len();
        out.reserve(bytes);
        let written = write(out).and_then(|()| self.check(out.get(before..).unwrap_or_default()));
        if written.is_err() {
            out.truncate(before);
        }
        written
    }

    fn check(&self, written: &[u8]) -> Result<(), EncodeError> {
        let is_one_frame = matches!(
            FixedHeader::read(written, self.version),
            Ok(Some(header))
                if header.packet == self.packet && header.packet_bytes() == written.len()
        );
        if is_one_frame && written.len() == self.bytes {
            return Ok(());
        }
        Err(EncodeError::Internal {
            what: "mqttbytes wrote something else than expected",
        })
    }
}

thread_local! {
    /// A text for mqttbytes, which owns what it writes; made once, because that takes as long as
    /// writing a short packet.
    static TOPIC: Cell<String> = const { Cell::new(String::new()) };
}

fn lend_topic(topic: Option<&TopicName>) -> String {
    let mut text = TOPIC.take();
    text.clear();
    text.push_str(topic.map_or("", TopicName::as_str));
    text
}

fn give_back(topic: String) {
    TOPIC.set(topic);
}

fn number(packet_id: Option<PacketId>) -> u16 {
    packet_id.map_or(0, PacketId::get)
}

fn mqttbytes_qos(qos: crate::packet::QoS) -> mqttbytes::QoS {
    match qos {
        crate::packet::QoS::AtMostOnce => mqttbytes::QoS::AtMostOnce,
        crate::packet::QoS::AtLeastOnce => mqttbytes::QoS::AtLeastOnce,
        crate::packet::QoS::ExactlyOnce => mqttbytes::QoS::ExactlyOnce,
    }
}

/// The fields were checked, so mqttbytes has no reason to fail.
fn unexpected(_: mqttbytes::Error) -> EncodeError {
    EncodeError::Internal {
        what: "mqttbytes refused a checked packet",
    }
}

const NOT_FROM_CLIENT: EncodeError = EncodeError::NotAllowed {
    what: "only a server sends it",
};

/// One byte of type, four of length, and what four bytes can announce.
const LARGEST_PACKET: usize = 5 + varint::MAX;
