//! One packet to bytes.

use bytes::BytesMut;

use super::error::EncodeError;
use super::fields::{begin, not_allowed};
use super::publish::PublishParts;
use super::{ack, connect, disconnect, subscribe, unsubscribe};
use crate::packet::{Packet, ProtocolVersion};

/// Appends exactly one packet to `out`, or nothing.
///
/// `max_packet_bytes` limits the whole packet: the Maximum Packet Size of the server [MQTT5-3.2.2-15].
/// Properties are left out in 3.1.1, which has none. mqttbytes cannot say "present but empty", so an
/// empty user name or password is refused; leave it away instead.
///
/// # Errors
///
/// A field or the packet cannot be written, or only a server sends such a packet. AUTH is never sent.
pub fn encode(
    packet: &Packet,
    version: ProtocolVersion,
    max_packet_bytes: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let kind = packet.packet_type();
    let limit = max_packet_bytes;
    match packet {
        Packet::Connect(packet) => connect::write(packet, version, limit, out),
        Packet::Publish(packet) => PublishParts::from(packet).encode(version, limit, out),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            ack::write(kind, ack, version, limit, out)
        }
        Packet::Subscribe(packet) => subscribe::write(packet, version, limit, out),
        Packet::Unsubscribe(packet) => unsubscribe::write(packet, version, limit, out),
        Packet::PingReq => begin(out, limit, 0xC0, 0, 0).map(|_| ()),
        Packet::Disconnect(packet) => disconnect::write(packet, version, limit, out),
        Packet::ConnAck(_)
        | Packet::SubAck(_)
        | Packet::UnsubAck(_)
        | Packet::PingResp
        | Packet::Auth(_) => not_allowed("only a server sends it"),
    }
}
