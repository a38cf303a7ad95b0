//! What we send, byte by byte.

use std::num::NonZeroU16;

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::encode;
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::packet::{
    Ack, Connect, ConnectProperties, Disconnect, Packet, PacketId, Publish, PublishProperties, QoS,
    ReasonCode, RetainHandling, Subscribe, SubscribeOptions, Unsubscribe, Will,
};
use scratch_mqtt::topic::{TopicFilter, TopicName};

use crate::cases::{pairs, publish};
use crate::wire::{ClientPacket, connack, parse_client};
use crate::{assert_length_is_known, encoded_publish_len, opinions};

/// The packet on the wire; its length is as announced, and independent readers accept it.
fn bytes_of(packet: &Packet, version: ProtocolVersion) -> Vec<u8> {
    let mut out = BytesMut::new();
    encode(packet, version, usize::MAX, &mut out).unwrap();
    assert_length_is_known(packet, version, out.len());
    assert_eq!(parse_client(version, &out).len(), 1);
    opinions::compare(version, &out);
    out.into()
}

pub fn connect() -> Connect {
    Connect {
        client_id: "c".to_owned(),
        clean_session: true,
        keep_alive_secs: 60,
        user_name: None,
        password: None,
        will: None,
        properties: ConnectProperties::default(),
    }
}

pub fn will() -> Will {
    Will {
        topic: TopicName::new("w").unwrap(),
        payload: Bytes::from_static(b"bye"),
        qos: QoS::AtMostOnce,
        retain: false,
        delay_secs: None,
        properties: PublishProperties::default(),
    }
}

pub fn subscribe(filters: &[&str]) -> Subscribe {
    let options = SubscribeOptions::from(QoS::AtLeastOnce);
    let filters = filters
        .iter()
        .map(|filter| (TopicFilter::new(filter).unwrap(), options));
    Subscribe {
        packet_id: id(10),
        filters: filters.collect(),
        subscription_id: None,
        user_properties: Vec::new(),
    }
}

pub fn unsubscribe(filters: &[&str]) -> Unsubscribe {
    let filters = filters
        .iter()
        .map(|filter| TopicFilter::new(filter).unwrap());
    Unsubscribe {
        packet_id: id(11),
        filters: filters.collect(),
    }
}

pub fn id(number: u16) -> PacketId {
    PacketId::new(number).unwrap()
}

pub fn every_property() -> PublishProperties {
    PublishProperties {
        payload_is_utf8: Some(true),
        message_expiry_secs: Some(256),
        topic_alias: None,
        response_topic: Some(TopicName::new("r").unwrap()),
        correlation_data: Some(Bytes::from_static(b"\x00\xff")),
        user_properties: pairs(&[("k", "v"), ("k", "")]),
        subscription_ids: Vec::new(),
        content_type: Some("mt".to_owned()),
    }
}

/// [MQTT-3.1.2-3] [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] [MQTT-3.1.2-18] [MQTT-3.1.2-20]
/// [MQTT5-3.1.2-11] [MQTT5-3.1.2-13] [MQTT5-3.1.2-16] [MQTT5-3.1.2-18] [MQTT5-2.2.2-1]
#[test]
fn connect_without_options_has_no_flags_and_no_fields() {
    let packet = Packet::Connect(Box::new(connect()));

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V3_1_1), [
        0x10, 13,
        0, 4, b'M', b'Q', b'T', b'T', 4,
        0b0000_0010,                            // clean session
        0, 60,                                  // keep alive
        0, 1, b'c',                             // client id
    ]);
    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0x10, 14,
        0, 4, b'M', b'Q', b'T', b'T', 5,
        0b0000_0010,                            // clean start
        0, 60,                                  // keep alive
        0,                                      // property length
        0, 1, b'c',                             // client id
    ]);
}

/// [MQTT-3.1.3-1] [MQTT-3.1.3-3] [MQTT-3.1.2-9] [MQTT-3.1.2-19] [MQTT-3.1.2-21]
#[test]
fn connect_with_everything_is_written_in_the_order_of_the_specification() {
    let packet = Packet::Connect(Box::new(Connect {
        user_name: Some("user".to_owned()),
        password: Some("pass".to_owned()),
        will: Some(Will {
            qos: QoS::ExactlyOnce,
            retain: true,
            ..will()
        }),
        ..connect()
    }));

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V3_1_1), [
        0x10, 33,
        0, 4, b'M', b'Q', b'T', b'T', 4,
        0b1111_0110,                            // user, password, retain, QoS 2, will, clean
        0, 60,
        0, 1, b'c',                             // client id
        0, 1, b'w',                             // will topic
        0, 3, b'b', b'y', b'e',                 // will payload
        0, 4, b'u', b's', b'e', b'r',
        0, 4, b'p', b'a', b's', b's',
    ]);
}

/// [MQTT5-3.1.3-1] [MQTT5-3.1.2-9] [MQTT5-2.2.2-1]
#[test]
#[allow(
    clippy::needless_update,
    reason = "a property that is added has its own test"
)]
fn connect_of_5_0_with_everything_is_written_in_the_order_of_the_specification() {
    let packet = Packet::Connect(Box::new(Connect {
        clean_session: false,
        user_name: Some("user".to_owned()),
        password: Some("pass".to_owned()),
        will: Some(Will {
            delay_secs: Some(5),
            properties: every_property(),
            ..will()
        }),
        properties: ConnectProperties {
            session_expiry_secs: Some(300),
            receive_maximum: NonZeroU16::new(20),
            maximum_packet_size: Some(65_536),
            topic_alias_maximum: Some(10),
            user_properties: pairs(&[("k", "v")]),
            ..ConnectProperties::default()
        },
        ..connect()
    }));

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0x10, 97,
        0, 4, b'M', b'Q', b'T', b'T', 5,
        0b1100_0100,                            // user, password, will with QoS 0
        0, 60,
        23,                                     // property length
        0x11, 0, 0, 1, 0x2C,                    // session expiry 300 s
        0x21, 0, 20,                            // receive maximum
        0x27, 0, 1, 0, 0,                       // maximum packet size
        0x22, 0, 10,                            // topic alias maximum
        0x26, 0, 1, b'k', 0, 1, b'v',           // user property
        0, 1, b'c',                             // client id
        39,                                     // will property length
        0x18, 0, 0, 0, 5,                       // will delay
        0x01, 1,                                // payload format
        0x02, 0, 0, 1, 0,                       // message expiry
        0x03, 0, 2, b'm', b't',                 // content type
        0x08, 0, 1, b'r',                       // response topic
        0x09, 0, 2, 0, 0xFF,                    // correlation data
        0x26, 0, 1, b'k', 0, 1, b'v',           // user properties
        0x26, 0, 1, b'k', 0, 0,
        0, 1, b'w',                             // will topic
        0, 3, b'b', b'y', b'e',                 // will payload
        0, 4, b'u', b's', b'e', b'r',
        0, 4, b'p', b'a', b's', b's',
    ][..]);
}

/// mqttbytes counts the place of the flags from the start of the buffer.
#[test]
fn connect_after_other_bytes_leaves_them_alone() {
    let packet = Packet::Connect(Box::new(Connect {
        user_name: Some("u".to_owned()),
        ..connect()
    }));
    for version in [V3_1_1, V5_0] {
        let alone = bytes_of(&packet, version);
        let mut out = BytesMut::from(&[0x55; 100][..]);

        encode(&packet, version, usize::MAX, &mut out).unwrap();

        assert_eq!(out, [&[0x55; 100][..], &alone].concat());
    }
}

/// [MQTT-3.1.2-22] binds 3.1.1 only.
#[test]
fn connect_of_5_0_may_have_a_password_without_a_user_name() {
    let packet = Packet::Connect(Box::new(Connect {
        password: Some("token".to_owned()),
        ..connect()
    }));

    let sent = parse_client(V5_0, &bytes_of(&packet, V5_0));

    assert!(
        matches!(&sent[..], [ClientPacket::Connect(connect)]
            if connect.user_name.is_none() && connect.password.as_deref() == Some(b"token")),
        "{sent:?}"
    );
}

/// [MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT-3.3.2-1]
#[test]
fn publish_has_an_identifier_exactly_when_its_qos_is_not_0() {
    let at_most_once = Packet::Publish(publish("a/b", b"hi"));
    let exactly_once = Packet::Publish(Publish {
        dup: true,
        qos: QoS::ExactlyOnce,
        retain: true,
        packet_id: PacketId::new(0x1234),
        ..publish("a/b", b"hi")
    });

    #[rustfmt::skip]
    assert_eq!(bytes_of(&at_most_once, V3_1_1), [
        0x30, 7, 0, 3, b'a', b'/', b'b', b'h', b'i',
    ]);
    #[rustfmt::skip]
    assert_eq!(bytes_of(&exactly_once, V3_1_1), [
        0x3D, 9, 0, 3, b'a', b'/', b'b', 0x12, 0x34, b'h', b'i',
    ]);
    #[rustfmt::skip]
    assert_eq!(bytes_of(&exactly_once, V5_0), [
        0x3D, 10, 0, 3, b'a', b'/', b'b', 0x12, 0x34, 0, b'h', b'i',
    ]);
}

/// [MQTT5-3.3.4-6] [MQTT5-2.2.2-1]
#[test]
fn publish_of_5_0_is_written_with_every_property_and_3_1_1_leaves_them_out() {
    let packet = Packet::Publish(Publish {
        properties: Some(Box::new(PublishProperties {
            topic_alias: NonZeroU16::new(3),
            ..every_property()
        })),
        ..publish("a", b"hi")
    });

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0x30, 43,
        0, 1, b'a',
        37,                                     // property length
        0x01, 1,                                // payload format
        0x02, 0, 0, 1, 0,                       // message expiry
        0x23, 0, 3,                             // topic alias
        0x08, 0, 1, b'r',                       // response topic
        0x09, 0, 2, 0, 0xFF,                    // correlation data
        0x26, 0, 1, b'k', 0, 1, b'v',           // user properties
        0x26, 0, 1, b'k', 0, 0,
        0x03, 0, 2, b'm', b't',                 // content type
        b'h', b'i',
    ][..]);
    assert_eq!(bytes_of(&packet, V3_1_1), [0x30, 5, 0, 1, b'a', b'h', b'i']);
}

#[test]
fn publish_of_5_0_with_an_alias_needs_no_topic() {
    let properties = PublishProperties {
        topic_alias: NonZeroU16::new(1),
        ..PublishProperties::default()
    };
    let packet = Packet::Publish(Publish {
        topic: None,
        properties: Some(Box::new(properties)),
        ..publish("a", b"!")
    });

    assert_eq!(
        bytes_of(&packet, V5_0),
        [0x30, 7, 0, 0, 3, 0x23, 0, 1, b'!']
    );
}

/// [MQTT-3.6.1-1] [MQTT5-3.6.1-1] [MQTT-2.2.2-1] [MQTT-2.3.1-6]
#[test]
fn acknowledgement_of_success_is_as_short_as_possible() {
    let ack = Ack::success(id(0x1234));
    for version in [V3_1_1, V5_0] {
        for (packet, first) in [
            (Packet::PubAck(ack.clone()), 0x40),
            (Packet::PubRec(ack.clone()), 0x50),
            (Packet::PubRel(ack.clone()), 0x62),
            (Packet::PubComp(ack.clone()), 0x70),
        ] {
            assert_eq!(bytes_of(&packet, version), [first, 2, 0x12, 0x34]);
        }
    }
}

/// [MQTT5-3.4.2-1] [MQTT5-3.5.2-1] [MQTT5-3.6.2-1] [MQTT5-3.7.2-1]
#[test]
fn acknowledgement_of_5_0_carries_every_code_of_its_list() {
    for code in [0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99] {
        let ack = Ack::with_reason(id(1), ReasonCode(code));

        assert_eq!(
            bytes_of(&Packet::PubAck(ack.clone()), V5_0),
            [0x40, 3, 0, 1, code]
        );
        assert_eq!(bytes_of(&Packet::PubRec(ack), V5_0), [0x50, 3, 0, 1, code]);
    }
    let ack = Ack::with_reason(id(1), ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);

    assert_eq!(
        bytes_of(&Packet::PubRel(ack.clone()), V5_0),
        [0x62, 3, 0, 1, 0x92]
    );
    assert_eq!(bytes_of(&Packet::PubComp(ack), V5_0), [0x70, 3, 0, 1, 0x92]);
}

/// [MQTT-3.8.1-1] [MQTT-3.8.3-1] [MQTT-3.8.3-4] [MQTT5-3.8.1-1] [MQTT5-3.8.3-1] [MQTT5-3.8.3-5]
#[test]
fn subscribe_has_each_filter_with_its_options() {
    let mut packet = subscribe(&["a/#", "é"]);
    packet.filters[1].1.qos = QoS::ExactlyOnce;
    packet.filters[1].1.no_local = true;
    packet.filters[1].1.retain_as_published = true;
    packet.filters[1].1.retain_handling = RetainHandling::Never;
    packet.subscription_id = Some(128);
    packet.user_properties = pairs(&[("k", "v")]);
    let packet = Packet::Subscribe(packet);

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V3_1_1), [
        0x82, 13,
        0, 10,                                  // packet identifier
        0, 3, b'a', b'/', b'#', 1,              // QoS 1
        0, 2, 0xC3, 0xA9, 2,                    // QoS 2
    ]);
    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0x82, 24,
        0, 10,
        10,                                     // property length
        0x0B, 0x80, 1,                          // subscription identifier 128
        0x26, 0, 1, b'k', 0, 1, b'v',           // user property
        0, 3, b'a', b'/', b'#', 1,              // QoS 1
        0, 2, 0xC3, 0xA9, 0b10_1110,            // never retained, as published, no local, QoS 2
    ]);
}

/// [MQTT-3.10.1-1] [MQTT-3.10.3-1] [MQTT-3.10.4-1] [MQTT5-3.10.1-1] [MQTT5-3.10.3-1]
#[test]
fn unsubscribe_has_each_filter() {
    let packet = Packet::Unsubscribe(unsubscribe(&["a/#", "+"]));

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V3_1_1), [
        0xA2, 10, 0, 11, 0, 3, b'a', b'/', b'#', 0, 1, b'+',
    ]);
    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0xA2, 11, 0, 11, 0, 0, 3, b'a', b'/', b'#', 0, 1, b'+',
    ]);
}

#[test]
fn pingreq_is_two_bytes() {
    assert_eq!(bytes_of(&Packet::PingReq, V3_1_1), [0xC0, 0]);
    assert_eq!(bytes_of(&Packet::PingReq, V5_0), [0xC0, 0]);
}

/// [MQTT-3.14.1-1] [MQTT5-3.14.1-1]
#[test]
fn disconnect_is_as_short_as_possible() {
    let packet = Packet::Disconnect(Disconnect::default());

    assert_eq!(bytes_of(&packet, V3_1_1), [0xE0, 0]);
    assert_eq!(bytes_of(&packet, V5_0), [0xE0, 0]);
}

/// mqttbytes loses the code when its list of properties is there and empty: the will would be lost.
/// [MQTT5-3.14.2-1]
#[test]
fn disconnect_of_5_0_keeps_its_reason() {
    for code in [
        4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    ] {
        let packet = Disconnect {
            reason: ReasonCode(code),
            ..Disconnect::default()
        };

        assert_eq!(bytes_of(&Packet::Disconnect(packet), V5_0), [0xE0, 1, code]);
    }
}

#[test]
fn disconnect_of_5_0_is_written_with_its_properties() {
    let packet = Packet::Disconnect(Disconnect {
        reason: ReasonCode::SUCCESS,
        reason_string: Some("by".to_owned()),
        server_reference: None,
        session_expiry_secs: Some(256),
    });

    #[rustfmt::skip]
    assert_eq!(bytes_of(&packet, V5_0), [
        0xE0, 12,
        0,                                      // normal disconnection
        10,                                     // property length
        0x11, 0, 0, 1, 0,                       // session expiry
        0x1F, 0, 2, b'b', b'y',                 // reason string
    ]);
}

#[test]
fn length_of_a_publish_is_known_before_it_is_written() {
    let plain = publish("a", b"hi");
    let with_properties = Publish {
        properties: Some(Box::new(every_property())),
        ..publish("a", b"hi")
    };

    assert_eq!(encoded_publish_len(&plain, V3_1_1), 7);
    assert_eq!(encoded_publish_len(&plain, V5_0), 8);
    assert_eq!(encoded_publish_len(&with_properties, V3_1_1), 7);
    assert_eq!(encoded_publish_len(&with_properties, V5_0), 42);
}

/// The packets of the scripted server have the length of their properties, which those that mqttbytes
/// writes for a server do not.
#[test]
fn connack_of_the_scripted_server_is_complete() {
    assert_eq!(connack(V3_1_1, false, 0, &[]), [0x20, 2, 0, 0]);
    assert_eq!(connack(V5_0, false, 0, &[]), [0x20, 3, 0, 0, 0]);
}
