//! What a packet says, so that readers with types of their own can be compared.

use bytes::Bytes;
use scratch_mqtt::packet::{Ack, ConnAck, Disconnect, Packet, Publish, SubAck};

use crate::wire::{property, text, varint};

/// The fields of a packet from a server. Of its properties those that we keep, by identifier; those that may be
/// repeated in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub first: u8,
    pub session_present: bool,
    pub codes: Vec<u8>,
    pub id: u16,
    pub topic: String,
    pub payload: Vec<u8>,
    pub properties: Vec<Vec<u8>>,
}

impl Content {
    /// Our reading.
    pub fn of(packet: &Packet) -> Self {
        match packet {
            Packet::ConnAck(connack) => connack_content(connack),
            Packet::Publish(publish) => publish_content(publish),
            Packet::PubAck(ack) => ack_content(0x40, ack),
            Packet::PubRec(ack) => ack_content(0x50, ack),
            Packet::PubRel(ack) => ack_content(0x62, ack),
            Packet::PubComp(ack) => ack_content(0x70, ack),
            Packet::SubAck(ack) => suback_content(0x90, ack),
            Packet::UnsubAck(ack) => suback_content(0xB0, ack),
            Packet::PingResp => Self::new(0xD0),
            Packet::Disconnect(disconnect) => disconnect_content(disconnect),
            Packet::Auth(auth) => Self::new(0xF0).code(auth.reason.0),
            other => panic!("no server sends it: {other:?}"),
        }
    }

    pub fn new(first: u8) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    pub fn id(mut self, id: u16) -> Self {
        self.id = id;
        self
    }

    pub fn code(mut self, code: u8) -> Self {
        self.codes.push(code);
        self
    }

    pub fn codes(mut self, codes: impl IntoIterator<Item = u8>) -> Self {
        self.codes.extend(codes);
        self
    }

    pub fn present(mut self, session_present: bool) -> Self {
        self.session_present = session_present;
        self
    }

    pub fn message(mut self, topic: &str, payload: &[u8]) -> Self {
        self.topic = topic.to_owned();
        self.payload = payload.to_vec();
        self
    }

    pub fn flag(&mut self, identifier: u8, flag: Option<impl Into<u8>>) {
        self.add(identifier, flag.map(|flag| vec![flag.into()]));
    }

    pub fn short(&mut self, identifier: u8, number: Option<impl Into<u16>>) {
        self.add(
            identifier,
            number.map(|number| number.into().to_be_bytes().into()),
        );
    }

    pub fn long(&mut self, identifier: u8, number: Option<u32>) {
        self.add(identifier, number.map(|number| number.to_be_bytes().into()));
    }

    pub fn text(&mut self, identifier: u8, value: Option<impl AsRef<[u8]>>) {
        self.add(identifier, value.map(text));
    }

    pub fn pairs(&mut self, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            self.add(0x26, Some([text(name), text(value)].concat()));
        }
    }

    pub fn ids(&mut self, ids: impl IntoIterator<Item = usize>) {
        for id in ids {
            self.add(0x0B, Some(varint(id)));
        }
    }

    /// Without what we do not keep, in the order of the identifiers.
    pub fn sorted(mut self) -> Self {
        let kept: &[u8] = match self.first >> 4 {
            2 => return self.without(&[0x16]),
            3 => return self.without(&[]),
            14 => &[0x11, 0x1C, 0x1F],
            15 => &[],
            _ => &[0x1F],
        };
        self.properties
            .retain(|property| kept.contains(&property[0]));
        self.without(&[])
    }

    /// Without the values of a sender that mean nothing.
    pub fn without_meaningless(mut self) -> Self {
        self.properties
            .retain(|property| match property.as_slice() {
                [0x01, format] => *format <= 1,
                [0x08, _, _, topic @ ..] => {
                    !topic.is_empty() && !topic.contains(&b'+') && !topic.contains(&b'#')
                }
                _ => true,
            });
        self
    }

    fn without(mut self, identifiers: &[u8]) -> Self {
        self.properties
            .retain(|property| !identifiers.contains(&property[0]));
        self.properties.sort_by_key(|property| property[0]);
        self
    }

    fn add(&mut self, identifier: u8, value: Option<Vec<u8>>) {
        self.properties
            .extend(value.map(|value| property(identifier, &value)));
    }
}

fn connack_content(connack: &ConnAck) -> Content {
    let content = Content::new(0x20).code(connack.return_code);
    let mut content = content.present(connack.session_present);
    let given = &connack.properties;
    content.long(0x11, given.session_expiry_secs);
    content.text(0x12, given.assigned_client_id.as_ref());
    content.short(0x13, given.server_keep_alive_secs);
    content.text(0x15, given.authentication_method.as_ref());
    content.text(0x1A, given.response_information.as_ref());
    content.text(0x1C, given.server_reference.as_ref());
    content.text(0x1F, given.reason_string.as_ref());
    content.short(0x21, given.receive_maximum.map(|number| number.get()));
    content.short(0x22, given.topic_alias_maximum);
    content.flag(0x24, given.maximum_qos.map(|qos| qos.number()));
    content.flag(0x25, given.retain_available);
    content.pairs(&given.user_properties);
    content.long(0x27, given.maximum_packet_size);
    content.flag(0x28, given.wildcard_subscription_available);
    content.flag(0x29, given.subscription_identifiers_available);
    content.flag(0x2A, given.shared_subscription_available);
    content.sorted()
}

fn publish_content(publish: &Publish) -> Content {
    let flags = u8::from(publish.dup) << 3 | publish.qos.number() << 1 | u8::from(publish.retain);
    let topic = publish.topic.as_ref().map_or("", |topic| topic.as_str());
    let content = Content::new(0x30 | flags).message(topic, &publish.payload);
    let mut content = content.id(publish.packet_id.map_or(0, |id| id.get()));
    if let Some(given) = &publish.properties {
        content.flag(0x01, given.payload_is_utf8);
        content.long(0x02, given.message_expiry_secs);
        content.text(0x03, given.content_type.as_ref());
        content.text(
            0x08,
            given.response_topic.as_ref().map(|topic| topic.as_str()),
        );
        content.text(0x09, given.correlation_data.as_ref().map(Bytes::as_ref));
        content.ids(given.subscription_ids.iter().map(|id| *id as usize));
        content.short(0x23, given.topic_alias.map(|number| number.get()));
        content.pairs(&given.user_properties);
    }
    content.sorted()
}

fn ack_content(first: u8, ack: &Ack) -> Content {
    let mut content = Content::new(first)
        .id(ack.packet_id.get())
        .code(ack.reason.0);
    content.text(0x1F, ack.reason_string.as_ref());
    content
}

fn suback_content(first: u8, ack: &SubAck) -> Content {
    let codes = ack.reasons.iter().map(|reason| reason.0);
    let mut content = Content::new(first).id(ack.packet_id.get()).codes(codes);
    content.text(0x1F, ack.reason_string.as_ref());
    content
}

fn disconnect_content(disconnect: &Disconnect) -> Content {
    let mut content = Content::new(0xE0).code(disconnect.reason.0);
    content.long(0x11, disconnect.session_expiry_secs);
    content.text(0x1C, disconnect.server_reference.as_ref());
    content.text(0x1F, disconnect.reason_string.as_ref());
    content.sorted()
}
