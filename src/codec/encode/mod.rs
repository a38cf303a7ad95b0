//! One packet to bytes: checked, written by mqttbytes into a fresh buffer, checked again.

mod fields;
mod size;
mod v3_1_1;
mod v5_0;

use bytes::BytesMut;

use super::error::EncodeError;
use super::frame::FixedHeader;
use super::varint;
use crate::packet::{Packet, PacketId, ProtocolVersion};

pub use size::{encoded_len, encoded_publish_len};

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
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    fields::check(packet, version)?;
    let bytes = encoded_len(packet, version);
    let limit = max_packet_bytes.min(LARGEST_PACKET);
    if bytes > limit {
        return Err(EncodeError::TooLarge { bytes, limit });
    }
    // Fresh, because mqttbytes sets the flags of CONNECT at a place counted from the buffer's start,
    // and leaves half a packet behind when it fails.
    let mut buffer = BytesMut::with_capacity(bytes);
    match version {
        ProtocolVersion::V3_1_1 => v3_1_1::write(packet, &mut buffer)?,
        ProtocolVersion::V5_0 => v5_0::write(packet, &mut buffer)?,
    }
    if !is_one_frame(&buffer, packet, version) || buffer.len() != bytes {
        return Err(EncodeError::Internal {
            what: "mqttbytes wrote something else than expected",
        });
    }
    out.extend_from_slice(&buffer);
    Ok(())
}

fn is_one_frame(buffer: &[u8], packet: &Packet, version: ProtocolVersion) -> bool {
    matches!(
        FixedHeader::read(buffer, version),
        Ok(Some(header))
            if header.packet == packet.packet_type() && header.packet_bytes() == buffer.len()
    )
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
