//! What mqttbytes reads in 3.1.1 (which it calls v4), as our packets.

use bytes::BytesMut;
use mqttbytes::v4;

use super::{DISAGREEMENT, ReadPublish, publish, short_connack};
use crate::codec::error::ProtocolError;
use crate::codec::validate::Checked;
use crate::packet::{Ack, Packet, PacketId, ReasonCode, SubAck};

/// Reads a validated frame.
pub(super) fn read(frame: &[u8], checked: &Checked<'_>) -> Result<Packet, ProtocolError> {
    if let Checked::ConnAck(body) = checked
        && body.code > 5
    {
        // A refusal for a reason that no specification names; mqttbytes would refuse the packet.
        return Ok(short_connack(body));
    }
    let read =
        v4::read(&mut BytesMut::from(frame), usize::MAX).map_err(|_disagrees| DISAGREEMENT)?;
    match (read, checked) {
        (v4::Packet::ConnAck(read), Checked::ConnAck(body)) if read.code as u8 == body.code => {
            Ok(short_connack(body))
        }
        (v4::Packet::Publish(read), Checked::Publish(body)) => publish(
            ReadPublish {
                dup: read.dup,
                qos: read.qos,
                retain: read.retain,
                topic: read.topic,
                pkid: read.pkid,
                payload: read.payload,
                properties: None,
            },
            body,
        ),
        (v4::Packet::PubAck(read), Checked::Ack { packet_id, .. }) => {
            ack(Packet::PubAck, read.pkid, *packet_id)
        }
        (v4::Packet::PubRec(read), Checked::Ack { packet_id, .. }) => {
            ack(Packet::PubRec, read.pkid, *packet_id)
        }
        (v4::Packet::PubRel(read), Checked::Ack { packet_id, .. }) => {
            ack(Packet::PubRel, read.pkid, *packet_id)
        }
        (v4::Packet::PubComp(read), Checked::Ack { packet_id, .. }) => {
            ack(Packet::PubComp, read.pkid, *packet_id)
        }
        (v4::Packet::SubAck(read), Checked::SubAck { packet_id, reasons })
            if read.pkid == packet_id.get()
                && read
                    .return_codes
                    .iter()
                    .copied()
                    .map(return_code)
                    .eq(reasons.iter().copied()) =>
        {
            Ok(Packet::SubAck(suback(*packet_id, reasons)))
        }
        (v4::Packet::UnsubAck(read), Checked::SubAck { packet_id, .. })
            if read.pkid == packet_id.get() =>
        {
            Ok(Packet::UnsubAck(suback(*packet_id, &[])))
        }
        (v4::Packet::PingResp, Checked::PingResp) => Ok(Packet::PingResp),
        _ => Err(DISAGREEMENT),
    }
}

fn ack(packet: fn(Ack) -> Packet, pkid: u16, packet_id: PacketId) -> Result<Packet, ProtocolError> {
    if pkid != packet_id.get() {
        return Err(DISAGREEMENT);
    }
    Ok(packet(Ack::success(packet_id)))
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
