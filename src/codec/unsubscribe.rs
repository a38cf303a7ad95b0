//! UNSUBSCRIBE, written by mqttbytes.

use bytes::BytesMut;
use mqttbytes::{v4, v5};

use super::error::EncodeError;
use super::fields::not_allowed;
use super::guard;
use crate::packet::{PacketType, ProtocolVersion, Unsubscribe};
use crate::topic::TopicFilter;

/// Appends the packet.
pub(super) fn write(
    packet: &Unsubscribe,
    version: ProtocolVersion,
    limit: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    // [MQTT-3.10.3-2] [MQTT5-3.10.3-2]
    if packet.filters.is_empty() {
        return not_allowed("no topic filter");
    }
    let pkid = packet.packet_id.get();
    let filters = packet.filters.iter().map(TopicFilter::as_str);
    let filters = filters.map(str::to_owned).collect();
    match version {
        ProtocolVersion::V3_1_1 => {
            let topics = filters;
            let packet = v4::Unsubscribe { pkid, topics };
            guard::append(out, limit, PacketType::Unsubscribe, &|it| packet.write(it))
        }
        ProtocolVersion::V5_0 => {
            let properties = None;
            let packet = v5::Unsubscribe {
                pkid,
                filters,
                properties,
            };
            guard::append(out, limit, PacketType::Unsubscribe, &|it| packet.write(it))
        }
    }
}
