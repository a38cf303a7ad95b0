//! The fixed header of a packet: refused as early as possible.

use super::error::ProtocolError;
use super::varint;
use crate::packet::{PacketType, ProtocolVersion, QoS};

/// The largest packet of all kinds but PUBLISH. What a server says about itself or about a request
/// needs a thousandth of it, and reading a larger one takes time before it is known to be senseless.
pub const MOST_CONTROL_BYTES: usize = 1 << 20;

/// The first two to five bytes of a packet from the server.
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
    /// The header at the start of `bytes`, or `None` until more bytes arrive. It is refused as soon as
    /// its first byte or its size cannot be right: nothing that will be refused is waited for.
    pub fn read(
        bytes: &[u8],
        version: ProtocolVersion,
        max_packet_bytes: usize,
    ) -> Result<Option<Self>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else {
            return Ok(None);
        };
        let (packet, flags) = (packet_type(first >> 4, version)?, first & 0x0F);
        check_direction(packet, version)?;
        check_flags(packet, flags)?;
        let length = varint::read(rest, version).map_err(|what| malformed(packet, what))?;
        let Some((body_bytes, length_bytes)) = length else {
            return Ok(None);
        };
        let header = Self {
            packet,
            flags,
            header_bytes: 1 + length_bytes,
            body_bytes,
        };
        let limit = match packet {
            PacketType::Publish => max_packet_bytes,
            _ => max_packet_bytes.min(MOST_CONTROL_BYTES),
        };
        let bytes = header.packet_bytes();
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

    /// Whether there is a Packet Identifier in this PUBLISH. [MQTT-2.3.1-5]
    pub const fn has_packet_id(&self) -> bool {
        self.flags & 0b0110 != 0
    }

    /// Whether the size is possible at all; the fields inside are checked when they are read.
    fn check_body_bytes(&self, version: ProtocolVersion) -> Result<(), ProtocolError> {
        let more_in_5_0 = match version {
            ProtocolVersion::V3_1_1 => 2,
            ProtocolVersion::V5_0 => usize::MAX,
        };
        let (least, most) = match self.packet {
            PacketType::Publish => (if self.has_packet_id() { 5 } else { 3 }, usize::MAX),
            PacketType::ConnAck
            | PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubRel
            | PacketType::PubComp
            | PacketType::UnsubAck => (2, more_in_5_0),
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
        let what = "a packet of this type cannot have this length";
        Err(malformed(self.packet, what))
    }
}

const fn malformed(packet: PacketType, what: &'static str) -> ProtocolError {
    ProtocolError::Malformed {
        packet: Some(packet),
        what,
    }
}

fn packet_type(number: u8, version: ProtocolVersion) -> Result<PacketType, ProtocolError> {
    let packet = PacketType::from_number(number)
        .filter(|packet| *packet != PacketType::Auth || version == ProtocolVersion::V5_0);
    packet.ok_or(ProtocolError::Malformed {
        packet: None,
        what: "reserved packet type",
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
    Err(malformed(packet, what))
}
