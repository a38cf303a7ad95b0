//! What mqttbytes reads in 3.1.1 (which it calls v4), as our packets.

use bytes::Bytes;
use mqttbytes::v4;

use super::{DISAGREEMENT, KnownTopics, ReadPublish, publish, read_as, short_connack};
use crate::codec::error::ProtocolError;
use crate::codec::frame::FixedHeader;
use crate::codec::validate::Checked;
use crate::packet::{Ack, Packet, PacketId, PacketType, ReasonCode, SubAck};

/// Reads a validated frame.
pub(super) fn read(
    frame: &Bytes,
    header: &FixedHeader,
    checked: &Checked<'_>,
    topics: &mut KnownTopics,
) -> Result<Packet, ProtocolError> {
    if let Checked::ConnAck(body) = checked
        && body.code > 5
    {
        // A refusal for a reason that no specification names; mqttbytes would refuse the packet.
        return Ok(short_connack(body));
    }
    let frame = frame.clone();
    match (header.packet, checked) {
        (PacketType::ConnAck, Checked::ConnAck(body)) => {
            let read = read_as(frame, v4::ConnAck::read)?;
            if read.code as u8 != body.code {
                return Err(DISAGREEMENT);
            }
            Ok(short_connack(body))
        }
        (PacketType::Publish, Checked::Publish(body)) => {
            let read = read_as(frame, v4::Publish::read)?;
            let read = ReadPublish {
                dup: read.dup,
                qos: read.qos,
                retain: read.retain,
                topic: read.topic,
                pkid: read.pkid,
                payload: read.payload,
                properties: None,
            };
            publish(read, body, topics)
        }
        (PacketType::PubAck, Checked::Ack { packet_id, .. }) => {
            Ok(Packet::PubAck(ack(frame, *packet_id)?))
        }
        (PacketType::PubRec, Checked::Ack { packet_id, .. }) => {
            Ok(Packet::PubRec(ack(frame, *packet_id)?))
        }
        (PacketType::PubRel, Checked::Ack { packet_id, .. }) => {
            Ok(Packet::PubRel(ack(frame, *packet_id)?))
        }
        (PacketType::PubComp, Checked::Ack { packet_id, .. }) => {
            Ok(Packet::PubComp(ack(frame, *packet_id)?))
        }
        (PacketType::SubAck, Checked::SubAck { packet_id, reasons })
            if reasons.iter().any(|code| *code > 0x80) =>
        {
            // A refusal with a code of 5.0; mqttbytes would refuse the packet.
            Ok(Packet::SubAck(suback(*packet_id, reasons)))
        }
        (PacketType::SubAck, Checked::SubAck { packet_id, reasons }) => {
            let read = read_as(frame, v4::SubAck::read)?;
            let codes = read.return_codes.iter().copied().map(return_code);
            if read.pkid != packet_id.get() || !codes.eq(reasons.iter().copied()) {
                return Err(DISAGREEMENT);
            }
            Ok(Packet::SubAck(suback(*packet_id, reasons)))
        }
        (PacketType::PingResp, Checked::PingResp) => Ok(Packet::PingResp),
        _ => Err(DISAGREEMENT),
    }
}

/// A packet that is nothing but its number; mqttbytes has the same reader for each under another
/// name.
fn ack(frame: Bytes, packet_id: PacketId) -> Result<Ack, ProtocolError> {
    let read = read_as(frame, v4::PubAck::read)?;
    if read.pkid != packet_id.get() {
        return Err(DISAGREEMENT);
    }
    Ok(Ack::success(packet_id))
}

fn suback(packet_id: PacketId, reasons: &[u8]) -> SubAck {
    let reasons = reasons.iter().copied().map(ReasonCode).collect();
    SubAck {
        packet_id,
        reasons,
        reason_string: None,
    }
}

const fn return_code(read: v4::SubscribeReasonCode) -> u8 {
    match read {
        v4::SubscribeReasonCode::Success(qos) => qos as u8,
        v4::SubscribeReasonCode::Failure => 0x80,
    }
}
