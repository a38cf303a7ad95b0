//! What we refuse to send. In every case nothing at all is written.

use std::num::NonZeroU16;

use bytes::{Bytes, BytesMut};
use scratch_mqtt::codec::{EncodeError, encode};
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::packet::{
    Ack, Connect, ConnectProperties, Disconnect, Packet, PacketId, Publish, PublishProperties, QoS,
    ReasonCode, Will,
};

use crate::cases::{cases, pairs, publish};
use crate::encoding::{connect, id, subscribe, unsubscribe, will};

/// The error, and the proof that the bytes written before stayed alone.
fn refusal(packet: &Packet, version: ProtocolVersion) -> EncodeError {
    let mut out = BytesMut::from(&[0x55][..]);
    let error = encode(packet, version, usize::MAX, &mut out).expect_err("was written");
    assert_eq!(out, [0x55][..]);
    error
}

fn is_not_allowed(packet: &Packet, version: ProtocolVersion) -> bool {
    matches!(refusal(packet, version), EncodeError::NotAllowed { .. })
}

fn connect_with(change: impl FnOnce(&mut Connect)) -> Packet {
    let mut packet = connect();
    change(&mut packet);
    Packet::Connect(Box::new(packet))
}

fn publish_with(properties: PublishProperties) -> Packet {
    Packet::Publish(Publish {
        properties: Some(Box::new(properties)),
        ..publish("a", b"")
    })
}

/// A longer text would be written with a wrong length, and its end read as the next field.
#[test]
fn text_of_more_than_65535_bytes_is_refused() {
    let long = "é".repeat(32_768);
    let none = PublishProperties::default;
    for packet in [
        connect_with(|connect| connect.client_id.clone_from(&long)),
        connect_with(|connect| connect.user_name = Some(long.clone())),
        connect_with(|connect| {
            connect.user_name = Some("u".to_owned());
            connect.password = Some(long.clone());
        }),
        connect_with(|connect| {
            connect.will = Some(Will {
                payload: long.clone().into(),
                ..will()
            });
        }),
        connect_with(|connect| connect.properties.user_properties = pairs(&[(&long, "")])),
        connect_with(|connect| connect.properties.user_properties = pairs(&[("", &long)])),
        publish_with(PublishProperties {
            content_type: Some(long.clone()),
            ..none()
        }),
        publish_with(PublishProperties {
            correlation_data: Some(Bytes::from(long.clone())),
            ..none()
        }),
        publish_with(PublishProperties {
            user_properties: pairs(&[(&long, "")]),
            ..none()
        }),
        Packet::PubAck(Ack {
            reason_string: Some(long.clone()),
            ..Ack::success(id(1))
        }),
        Packet::Disconnect(Disconnect {
            reason_string: Some(long.clone()),
            ..Disconnect::default()
        }),
    ] {
        let error = refusal(&packet, V5_0);

        assert!(
            matches!(error, EncodeError::FieldTooLong { bytes: 65_536, .. }),
            "{error}"
        );
    }
}

/// [MQTT-1.5.3-2] [MQTT5-1.5.4-2]
#[test]
fn text_with_the_null_character_is_refused() {
    let null = "a\0b".to_owned();
    for packet in [
        connect_with(|connect| connect.client_id.clone_from(&null)),
        connect_with(|connect| connect.user_name = Some(null.clone())),
        connect_with(|connect| connect.properties.user_properties = pairs(&[("k", &null)])),
        publish_with(PublishProperties {
            content_type: Some(null.clone()),
            ..PublishProperties::default()
        }),
    ] {
        let error = refusal(&packet, V5_0);

        assert!(
            matches!(error, EncodeError::NullCharacter { .. }),
            "{error}"
        );
    }
}

/// mqttbytes writes an empty one as "not there". [MQTT-3.1.2-18] [MQTT-3.1.2-20]
#[test]
fn empty_user_name_or_password_is_refused() {
    let empty = Some(String::new());
    let user_name = connect_with(|connect| connect.user_name.clone_from(&empty));
    let password = connect_with(|connect| {
        connect.user_name = Some("u".to_owned());
        connect.password.clone_from(&empty);
    });

    for version in [V3_1_1, V5_0] {
        assert!(is_not_allowed(&user_name, version));
        assert!(is_not_allowed(&password, version));
    }
}

/// [MQTT-3.1.2-22]
#[test]
fn password_without_a_user_name_is_refused_in_3_1_1() {
    let packet = connect_with(|connect| connect.password = Some("token".to_owned()));

    assert!(is_not_allowed(&packet, V3_1_1));
}

/// [MQTT-3.1.3-7]
#[test]
fn empty_client_id_needs_a_clean_session_in_3_1_1() {
    let packet = connect_with(|connect| {
        connect.client_id = String::new();
        connect.clean_session = false;
    });

    assert!(is_not_allowed(&packet, V3_1_1));
    assert!(encode(&packet, V5_0, usize::MAX, &mut BytesMut::new()).is_ok());
}

#[test]
fn connect_of_5_0_with_maximum_packet_size_0_is_refused() {
    let packet = connect_with(|connect| {
        connect.properties = ConnectProperties {
            maximum_packet_size: Some(0),
            ..ConnectProperties::default()
        };
    });

    assert!(is_not_allowed(&packet, V5_0));
}

/// [MQTT-2.3.1-1] [MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT5-2.2.1-2] [MQTT5-3.3.1-2]
#[test]
fn publish_whose_identifier_and_qos_disagree_is_refused() {
    for packet in [
        Publish {
            qos: QoS::AtLeastOnce,
            ..publish("a", b"")
        },
        Publish {
            qos: QoS::ExactlyOnce,
            ..publish("a", b"")
        },
        Publish {
            packet_id: PacketId::new(1),
            ..publish("a", b"")
        },
        Publish {
            dup: true,
            ..publish("a", b"")
        },
    ] {
        let packet = Packet::Publish(packet);
        for version in [V3_1_1, V5_0] {
            assert!(is_not_allowed(&packet, version), "{packet:?}");
        }
    }
}

/// [MQTT-4.7.3-1] [MQTT5-4.7.3-1]
#[test]
fn publish_without_topic_and_alias_is_refused() {
    let packet = Packet::Publish(Publish {
        topic: None,
        ..publish("a", b"")
    });

    assert!(is_not_allowed(&packet, V3_1_1));
    assert!(is_not_allowed(&packet, V5_0));
}

/// [MQTT5-3.3.4-6]
#[test]
fn publish_with_a_subscription_identifier_is_refused() {
    let ids = PublishProperties {
        subscription_ids: vec![1],
        ..PublishProperties::default()
    };

    assert!(is_not_allowed(&publish_with(ids), V5_0));
}

/// What 3.1.3.2 of 5.0 lists, and nothing else.
#[test]
fn will_with_a_topic_alias_or_a_subscription_identifier_is_refused() {
    let alias = PublishProperties {
        topic_alias: NonZeroU16::new(1),
        ..Default::default()
    };
    let ids = PublishProperties {
        subscription_ids: vec![1],
        ..Default::default()
    };

    for properties in [alias, ids] {
        let packet = connect_with(|connect| {
            connect.will = Some(Will {
                properties,
                ..will()
            })
        });

        assert!(is_not_allowed(&packet, V5_0), "{packet:?}");
    }
}

/// Only a server names another one: 3.14.2.2.5 of 5.0.
#[test]
fn disconnect_with_a_server_reference_is_refused() {
    let server_reference = Some("mqtt".to_owned());
    let packet = Disconnect {
        server_reference,
        ..Disconnect::default()
    };

    assert!(is_not_allowed(&Packet::Disconnect(packet), V5_0));
}

/// Only announced, never written: the length does not fit into four bytes.
#[test]
fn publish_larger_than_the_format_allows_is_refused() {
    // The largest Remaining Length less the topic "a" and its length.
    let largest = 268_435_455 - 3;
    let packet = Packet::Publish(Publish {
        payload: Bytes::from(vec![0; largest + 1]),
        ..publish("a", b"")
    });

    let expected = EncodeError::TooLarge {
        bytes: 268_435_461,
        limit: 268_435_460,
    };
    assert_eq!(refusal(&packet, V3_1_1), expected);
}

/// [MQTT-3.8.3-3] [MQTT-3.10.3-2] [MQTT5-3.8.3-2] [MQTT5-3.10.3-2]
#[test]
fn subscribe_and_unsubscribe_need_a_filter() {
    for version in [V3_1_1, V5_0] {
        assert!(is_not_allowed(&Packet::Subscribe(subscribe(&[])), version));
        assert!(is_not_allowed(
            &Packet::Unsubscribe(unsubscribe(&[])),
            version
        ));
    }
}

#[test]
fn subscription_identifier_outside_its_range_is_refused() {
    for number in [0, 268_435_456, u32::MAX] {
        let mut packet = subscribe(&["a"]);
        packet.subscription_id = Some(number);

        assert!(is_not_allowed(&Packet::Subscribe(packet), V5_0), "{number}");
    }
}

/// [MQTT5-3.8.3-4]
#[test]
fn shared_subscription_with_no_local_is_refused() {
    let mut packet = subscribe(&["a", "$share/g/a"]);
    packet.filters[1].1.no_local = true;

    assert!(is_not_allowed(&Packet::Subscribe(packet), V5_0));
}

/// A failure that 3.1.1 cannot say must not be read as success.
#[test]
fn reason_code_is_refused_in_3_1_1() {
    let ack = Ack::with_reason(id(1), ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);
    let disconnect = Disconnect {
        reason: ReasonCode::DISCONNECT_WITH_WILL,
        ..Disconnect::default()
    };

    assert!(is_not_allowed(&Packet::PubComp(ack), V3_1_1));
    assert!(is_not_allowed(&Packet::Disconnect(disconnect), V3_1_1));
}

/// [MQTT5-3.4.2-1] [MQTT5-3.6.2-1] [MQTT5-3.14.2-1]
#[test]
fn reason_code_of_another_list_is_refused() {
    let taken_over = ReasonCode::SESSION_TAKEN_OVER;
    for packet in [
        Packet::PubAck(Ack::with_reason(
            id(1),
            ReasonCode::PACKET_IDENTIFIER_NOT_FOUND,
        )),
        Packet::PubRec(Ack::with_reason(id(1), ReasonCode(0x01))),
        Packet::PubRel(Ack::with_reason(id(1), ReasonCode::NOT_AUTHORIZED)),
        Packet::PubComp(Ack::with_reason(id(1), ReasonCode(0x10))),
        Packet::Disconnect(Disconnect {
            reason: taken_over,
            ..Disconnect::default()
        }),
    ] {
        assert!(is_not_allowed(&packet, V5_0), "{packet:?}");
    }
}

#[test]
fn packet_that_only_a_server_sends_is_refused() {
    for case in cases() {
        let from_server = matches!(
            case.packet,
            Packet::ConnAck(_)
                | Packet::SubAck(_)
                | Packet::UnsubAck(_)
                | Packet::PingResp
                | Packet::Auth(_)
        );
        if from_server {
            assert!(is_not_allowed(&case.packet, case.version), "{}", case.name);
        }
    }
}
