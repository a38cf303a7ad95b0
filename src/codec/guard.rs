//! What mqttbytes writes, looked at before it is sent.

use bytes::BytesMut;

use super::error::EncodeError;
use super::varint;
use crate::packet::{PacketType, ProtocolVersion, QoS};

/// Appends what mqttbytes writes, if it is exactly one packet of this type. It sets the flags of
/// CONNECT at a place counted from the start of its buffer, and leaves half a packet behind when it
/// fails, so it gets a buffer of its own. What it returns is not always the number of bytes.
pub(super) fn append(
    out: &mut BytesMut,
    limit: usize,
    packet: PacketType,
    write: &dyn Fn(&mut BytesMut) -> Result<usize, mqttbytes::Error>,
) -> Result<(), EncodeError> {
    let mut written = BytesMut::new();
    let is_packet = write(&mut written).is_ok() && is_one(&written, packet);
    if !is_packet {
        let what = "mqttbytes did not write the packet that it was asked for";
        return Err(EncodeError::Internal { what });
    }
    let bytes = written.len();
    if bytes > limit {
        return Err(EncodeError::TooLarge { bytes, limit });
    }
    out.extend_from_slice(&written);
    Ok(())
}

fn is_one(written: &[u8], packet: PacketType) -> bool {
    let Some((first, rest)) = written.split_first() else {
        return false;
    };
    let length = varint::read(rest, ProtocolVersion::V5_0);
    let is_whole =
        matches!(length, Ok(Some((body, length_bytes))) if length_bytes + body == rest.len());
    is_whole && first >> 4 == packet as u8
}

/// The QoS as mqttbytes has it.
pub(super) const fn qos(qos: QoS) -> mqttbytes::QoS {
    match qos {
        QoS::AtMostOnce => mqttbytes::QoS::AtMostOnce,
        QoS::AtLeastOnce => mqttbytes::QoS::AtLeastOnce,
        QoS::ExactlyOnce => mqttbytes::QoS::ExactlyOnce,
    }
}
