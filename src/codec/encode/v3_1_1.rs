//! Our packets as mqttbytes writes them in 3.1.1 (which it calls v4).

use bytes::BytesMut;
use mqttbytes::{Protocol, v4};

use super::{NOT_FROM_CLIENT, give_back, lend_topic, mqttbytes_qos, number, unexpected};
use crate::codec::error::EncodeError;
use crate::packet::{Connect, Packet, Publish, Subscribe, Unsubscribe};

/// Writes a packet whose fields were checked.
pub(super) fn write(packet: &Packet, buffer: &mut BytesMut) -> Result<(), EncodeError> {
    let written = match packet {
        Packet::Connect(packet) => connect(packet).write(buffer),
        Packet::PubAck(ack) => v4::PubAck::new(ack.packet_id.get()).write(buffer),
        Packet::PubRec(ack) => v4::PubRec::new(ack.packet_id.get()).write(buffer),
        Packet::PubRel(ack) => v4::PubRel::new(ack.packet_id.get()).write(buffer),
        Packet::PubComp(ack) => v4::PubComp::new(ack.packet_id.get()).write(buffer),
        Packet::Subscribe(packet) => subscribe(packet).write(buffer),
        Packet::Unsubscribe(packet) => unsubscribe(packet).write(buffer),
        Packet::PingReq => v4::PingReq.write(buffer),
        Packet::Disconnect(_) => v4::Disconnect.write(buffer),
        Packet::Publish(_)
        | Packet::ConnAck(_)
        | Packet::SubAck(_)
        | Packet::UnsubAck(_)
        | Packet::PingResp
        | Packet::Auth(_) => return Err(NOT_FROM_CLIENT),
    };
    // What it returns is not always the number of bytes written.
    written.map(|_unreliable| ()).map_err(unexpected)
}

fn connect(packet: &Connect) -> v4::Connect {
    let has_login = packet.user_name.is_some() || packet.password.is_some();
    v4::Connect {
        protocol: Protocol::V4,
        keep_alive: packet.keep_alive_secs,
        client_id: packet.client_id.clone(),
        clean_session: packet.clean_session,
        last_will: packet.will.as_ref().map(|will| v4::LastWill {
            topic: will.topic.as_str().to_owned(),
            message: will.payload.clone(),
            qos: mqttbytes_qos(will.qos),
            retain: will.retain,
        }),
        // An empty text means "not there" to mqttbytes.
        login: has_login.then(|| v4::Login {
            username: packet.user_name.clone().unwrap_or_default(),
            password: packet.password.clone().unwrap_or_default(),
        }),
    }
}

/// Writes a PUBLISH whose fields were checked.
pub(super) fn write_publish(
    packet: &mut Publish,
    buffer: &mut BytesMut,
) -> Result<(), EncodeError> {
    let lent = v4::Publish {
        dup: packet.dup,
        qos: mqttbytes_qos(packet.qos),
        retain: packet.retain,
        topic: lend_topic(packet.topic.as_ref()),
        pkid: number(packet.packet_id),
        payload: std::mem::take(&mut packet.payload),
    };
    let written = lent.write(buffer);
    packet.payload = lent.payload;
    give_back(lent.topic);
    written.map(|_| ()).map_err(unexpected)
}

fn subscribe(packet: &Subscribe) -> v4::Subscribe {
    let filters = packet.filters.iter().map(|filter| v4::SubscribeFilter {
        path: filter.filter.as_str().to_owned(),
        qos: mqttbytes_qos(filter.qos),
    });
    v4::Subscribe {
        pkid: packet.packet_id.get(),
        filters: filters.collect(),
    }
}

fn unsubscribe(packet: &Unsubscribe) -> v4::Unsubscribe {
    let topics = packet
        .filters
        .iter()
        .map(|filter| filter.as_str().to_owned());
    v4::Unsubscribe {
        pkid: packet.packet_id.get(),
        topics: topics.collect(),
    }
}
