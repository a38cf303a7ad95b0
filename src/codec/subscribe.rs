//! SUBSCRIBE, written by mqttbytes.

use bytes::BytesMut;
use mqttbytes::{v4, v5};

use super::error::EncodeError;
use super::fields::not_allowed;
use super::guard;
use super::properties;
use super::section::Section;
use crate::packet::{PacketType, ProtocolVersion, RetainHandling, Subscribe, SubscribeOptions};
use crate::topic::TopicFilter;

/// Appends the packet.
pub(super) fn write(
    packet: &Subscribe,
    version: ProtocolVersion,
    limit: usize,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    // [MQTT-3.8.3-3] [MQTT5-3.8.3-2]
    if packet.filters.is_empty() {
        return not_allowed("no topic filter");
    }
    match version {
        ProtocolVersion::V3_1_1 => {
            let packet = v4_subscribe(packet);
            guard::append(out, limit, PacketType::Subscribe, &|it| packet.write(it))
        }
        ProtocolVersion::V5_0 => {
            check_options(packet)?;
            let packet = v5_subscribe(packet);
            guard::append(out, limit, PacketType::Subscribe, &|it| packet.write(it))
        }
    }
}

fn check_options(packet: &Subscribe) -> Result<(), EncodeError> {
    let mut filters = packet.filters.iter();
    // [MQTT5-3.8.3-4]
    if filters.any(|(filter, options)| options.no_local && filter.is_shared()) {
        return not_allowed("no local with a shared subscription");
    }
    let mut section = Section::new(properties::SUBSCRIBE);
    section
        .number(properties::SUBSCRIPTION_ID, packet.subscription_id)
        .pairs(&packet.user_properties);
    section.finish().map(drop)
}

fn v4_subscribe(packet: &Subscribe) -> v4::Subscribe {
    let filters = packet.filters.iter();
    let filters = filters.map(|(filter, options)| v4::SubscribeFilter {
        path: filter.as_str().to_owned(),
        qos: guard::qos(options.qos),
    });
    v4::Subscribe {
        pkid: packet.packet_id.get(),
        filters: filters.collect(),
    }
}

fn v5_subscribe(packet: &Subscribe) -> v5::Subscribe {
    let id = packet.subscription_id;
    v5::Subscribe {
        pkid: packet.packet_id.get(),
        filters: packet.filters.iter().map(v5_filter).collect(),
        properties: Some(v5::SubscribeProperties {
            id: id.and_then(|id| usize::try_from(id).ok()),
            user_properties: packet.user_properties.clone(),
        }),
    }
}

fn v5_filter((filter, options): &(TopicFilter, SubscribeOptions)) -> v5::SubscribeFilter {
    v5::SubscribeFilter {
        path: filter.as_str().to_owned(),
        qos: guard::qos(options.qos),
        nolocal: options.no_local,
        preserve_retain: options.retain_as_published,
        retain_forward_rule: match options.retain_handling {
            RetainHandling::OnSubscribe => v5::RetainForwardRule::OnEverySubscribe,
            RetainHandling::OnNewSubscription => v5::RetainForwardRule::OnNewSubscribe,
            RetainHandling::Never => v5::RetainForwardRule::Never,
        },
    }
}
