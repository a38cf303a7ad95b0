//! Packets that a server may send: name, version, bytes with a comment per field, packet.

use std::num::NonZeroU16;

use bytes::Bytes;
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1, V5_0};
use scratch_mqtt::packet::{
    Ack, Auth, ConnAck, ConnAckProperties, Disconnect, Packet, PacketId, Publish,
    PublishProperties, QoS, ReasonCode, SubAck,
};
use scratch_mqtt::topic::TopicName;

/// One packet as bytes and as a value.
pub struct Case {
    pub name: &'static str,
    pub version: ProtocolVersion,
    pub bytes: Vec<u8>,
    pub packet: Packet,
}

/// Every case of both versions.
pub fn cases() -> Vec<Case> {
    let mut cases = cases_of_3_1_1();
    cases.extend(cases_of_5_0());
    cases.extend(publish_cases_of_5_0());
    cases.extend(connack_cases_of_5_0());
    cases
}

#[rustfmt::skip]
fn cases_of_3_1_1() -> Vec<Case> {
    let case = |name, bytes: &[u8], packet| Case { name, version: V3_1_1, bytes: bytes.into(), packet };
    vec![
        case("CONNACK, new session", &[
            0x20, 2,    // CONNACK
            0,          // no session present
            0,          // accepted
        ], connack(V3_1_1, false, 0, ReasonCode::SUCCESS)),
        case("CONNACK, session present", &[0x20, 2, 1, 0], connack(V3_1_1, true, 0, ReasonCode::SUCCESS)),
        case("CONNACK, unacceptable protocol version", &[0x20, 2, 0, 1],
            connack(V3_1_1, false, 1, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION)),
        case("CONNACK, identifier rejected", &[0x20, 2, 0, 2],
            connack(V3_1_1, false, 2, ReasonCode::CLIENT_IDENTIFIER_NOT_VALID)),
        case("CONNACK, server unavailable", &[0x20, 2, 0, 3],
            connack(V3_1_1, false, 3, ReasonCode::SERVER_UNAVAILABLE)),
        case("CONNACK, bad user name or password", &[0x20, 2, 0, 4],
            connack(V3_1_1, false, 4, ReasonCode::BAD_USER_NAME_OR_PASSWORD)),
        case("CONNACK, not authorized", &[0x20, 2, 0, 5],
            connack(V3_1_1, false, 5, ReasonCode::NOT_AUTHORIZED)),
        case("CONNACK, a code without a name", &[0x20, 2, 0, 6],
            connack(V3_1_1, false, 6, ReasonCode::UNSPECIFIED_ERROR)),
        // [MQTT-3.2.2-4] forbids the bit; the code must survive all the same.
        case("CONNACK, refused with session present", &[0x20, 2, 1, 5],
            connack(V3_1_1, false, 5, ReasonCode::NOT_AUTHORIZED)),
        case("PUBLISH, QoS 0", &[
            0x30, 7,            // PUBLISH
            0, 3, b'a', b'/', b'b',
            b'h', b'i',         // payload
        ], Packet::Publish(publish("a/b", b"hi"))),
        case("PUBLISH, QoS 1, repeated and retained", &[
            0x3B, 7,            // PUBLISH, DUP, QoS 1, RETAIN
            0, 1, b'a',
            0x12, 0x34,         // packet identifier
            b'h', b'i',
        ], Packet::Publish(Publish {
            dup: true, qos: QoS::AtLeastOnce, retain: true, packet_id: PacketId::new(0x1234),
            ..publish("a", b"hi")
        })),
        case("PUBLISH, QoS 2, no payload", &[
            0x34, 5,            // PUBLISH, QoS 2
            0, 1, b'a',
            0xFF, 0xFF,         // packet identifier
        ], Packet::Publish(Publish {
            qos: QoS::ExactlyOnce, packet_id: PacketId::new(0xFFFF), ..publish("a", b"")
        })),
        case("PUBLISH, the shortest", &[0x30, 3, 0, 1, b'/'], Packet::Publish(publish("/", b""))),
        // [MQTT-1.5.3-3]: the byte order mark is a character.
        case("PUBLISH, é, 😀 and a byte order mark", &[
            0x30, 13,
            0, 9, 0xEF, 0xBB, 0xBF, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80,
            0x00, 0xFF,         // the payload is not text
        ], Packet::Publish(publish("\u{feff}é😀", b"\x00\xff"))),
        case("PUBLISH, a topic of the server", &[0x30, 6, 0, 4, b'$', b'S', b'Y', b'S'],
            Packet::Publish(publish("$SYS", b""))),
        // 3.1.1 does not ask for as few bytes as possible.
        case("PINGRESP, length in two bytes", &[0xD0, 0x80, 0x00], Packet::PingResp),
        case("PUBACK", &[0x40, 2, 0x12, 0x34], Packet::PubAck(ack(0x1234))),
        case("PUBREC", &[0x50, 2, 0, 1], Packet::PubRec(ack(1))),
        case("PUBREL", &[0x62, 2, 0, 1], Packet::PubRel(ack(1))),
        case("PUBCOMP", &[0x70, 2, 0, 1], Packet::PubComp(ack(1))),
        case("SUBACK, one code", &[
            0x90, 3,
            0, 7,       // packet identifier
            1,          // QoS 1 granted
        ], Packet::SubAck(suback(7, &[1]))),
        case("SUBACK, every code", &[0x90, 6, 0, 7, 0, 1, 2, 0x80],
            Packet::SubAck(suback(7, &[0, 1, 2, 0x80]))),
        case("SUBACK with a code of 5.0", &[0x90, 4, 0, 7, 0, 0x87],
            Packet::SubAck(suback(7, &[0, 0x87]))),
        case("SUBACK without a code", &[0x90, 2, 0, 7], Packet::SubAck(suback(7, &[]))),
        case("UNSUBACK", &[0xB0, 2, 0, 7], Packet::UnsubAck(suback(7, &[]))),
        case("PINGRESP", &[0xD0, 0], Packet::PingResp),
    ]
}

#[rustfmt::skip]
fn cases_of_5_0() -> Vec<Case> {
    let case = |name, bytes: &[u8], packet| Case { name, version: V5_0, bytes: bytes.into(), packet };
    vec![
        // [MQTT5-3.4.2.1]: the acknowledgements may end early.
        case("5.0 PUBACK without a code", &[0x40, 2, 0, 1], Packet::PubAck(ack(1))),
        case("5.0 PUBACK with a code", &[0x40, 3, 0, 1, 0x10],
            Packet::PubAck(ack_with(1, 0x10, None))),
        case("5.0 PUBACK with no properties", &[0x40, 4, 0, 1, 0x97, 0],
            Packet::PubAck(ack_with(1, 0x97, None))),
        case("5.0 PUBACK with properties", &[
            0x40, 16,
            0, 1,                               // packet identifier
            0x87,                               // not authorized
            12,                                 // property length
            0x1F, 0, 2, b'n', b'o',             // reason string
            0x26, 0, 1, b'k', 0, 1, b'v',       // user property
        ], Packet::PubAck(ack_with(1, 0x87, Some("no")))),
        case("5.0 PUBREC with a code", &[0x50, 3, 0, 1, 0x91],
            Packet::PubRec(ack_with(1, 0x91, None))),
        case("5.0 PUBREC with a reason string", &[0x50, 8, 0, 1, 0x80, 4, 0x1F, 0, 1, b'?'],
            Packet::PubRec(ack_with(1, 0x80, Some("?")))),
        case("5.0 PUBREL without a code", &[0x62, 2, 0, 1], Packet::PubRel(ack(1))),
        case("5.0 PUBREL with a code", &[0x62, 3, 0, 1, 0x92],
            Packet::PubRel(ack_with(1, 0x92, None))),
        case("5.0 PUBREL with a reason string", &[0x62, 8, 0, 1, 0, 4, 0x1F, 0, 1, b'?'],
            Packet::PubRel(ack_with(1, 0, Some("?")))),
        case("5.0 PUBCOMP without a code", &[0x70, 2, 0, 1], Packet::PubComp(ack(1))),
        case("5.0 PUBCOMP with a code", &[0x70, 3, 0, 1, 0x92],
            Packet::PubComp(ack_with(1, 0x92, None))),
        case("5.0 PUBCOMP with a reason string", &[0x70, 8, 0, 1, 0, 4, 0x1F, 0, 1, b'?'],
            Packet::PubComp(ack_with(1, 0, Some("?")))),
        case("5.0 SUBACK, every code", &[
            0x90, 15,
            0, 7,                               // packet identifier
            0,                                  // property length
            0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2,
        ], Packet::SubAck(suback(7, &[
            0, 1, 2, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2,
        ]))),
        case("5.0 SUBACK with properties", &[
            0x90, 16,
            0, 7,
            12,                                 // property length
            0x26, 0, 1, b'k', 0, 1, b'v',       // user property
            0x1F, 0, 2, b'n', b'o',             // reason string
            0x87,                               // not authorized
        ], Packet::SubAck(SubAck { reason_string: Some("no".into()), ..suback(7, &[0x87]) })),
        // What no list of the specification has, but mosquitto and others send.
        case("5.0 PUBACK, packet too large", &[0x40, 3, 0, 1, 0x95],
            Packet::PubAck(ack_with(1, 0x95, None))),
        case("5.0 PUBREC, packet too large", &[0x50, 4, 0, 1, 0x95, 0],
            Packet::PubRec(ack_with(1, 0x95, None))),
        case("5.0 PUBREL, unspecified", &[0x62, 3, 0, 1, 0x80],
            Packet::PubRel(ack_with(1, 0x80, None))),
        case("5.0 PUBCOMP, code 0xFF", &[0x70, 3, 0, 1, 0xFF],
            Packet::PubComp(ack_with(1, 0xFF, None))),
        case("5.0 SUBACK, codes of no list", &[0x90, 5, 0, 7, 0, 0x95, 0xFF],
            Packet::SubAck(suback(7, &[0x95, 0xFF]))),
        case("5.0 SUBACK without a code", &[0x90, 3, 0, 7, 0], Packet::SubAck(suback(7, &[]))),
        case("5.0 SUBACK without a code, with a reason",
            &[0x90, 8, 0, 7, 5, 0x1F, 0, 2, b'n', b'o'], Packet::SubAck(suback(7, &[]))),
        case("5.0 SUBACK of nothing but its number", &[0x90, 2, 0, 7],
            Packet::SubAck(suback(7, &[]))),
        case("5.0 UNSUBACK without a code", &[0xB0, 3, 0, 7, 0],
            Packet::UnsubAck(suback(7, &[]))),
        case("5.0 UNSUBACK in the form of 3.1.1", &[0xB0, 2, 0, 7],
            Packet::UnsubAck(suback(7, &[]))),
        case("5.0 DISCONNECT, code 0xFE", &[0xE0, 2, 0xFE, 0], Packet::Disconnect(disconnect(0xFE))),
        case("5.0 UNSUBACK, every code", &[
            0xB0, 10,
            0, 7,
            0,                                  // property length
            0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91,
        ], Packet::UnsubAck(suback(7, &[0, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91]))),
        case("5.0 UNSUBACK with a reason string", &[0xB0, 8, 0, 7, 4, 0x1F, 0, 1, b'?', 0],
            Packet::UnsubAck(SubAck { reason_string: Some("?".into()), ..suback(7, &[0]) })),
        case("5.0 PINGRESP", &[0xD0, 0], Packet::PingResp),
        case("5.0 DISCONNECT without a code", &[0xE0, 0], Packet::Disconnect(Disconnect::default())),
        // mqttbytes loses the reason of this form, which mosquitto sends.
        case("5.0 DISCONNECT, session taken over, without properties", &[0xE0, 1, 0x8E],
            Packet::Disconnect(disconnect(0x8E))),
        case("5.0 DISCONNECT, session taken over, with no properties", &[0xE0, 2, 0x8E, 0],
            Packet::Disconnect(disconnect(0x8E))),
        // mqttbytes does not know this code.
        case("5.0 DISCONNECT, bad authentication method", &[0xE0, 1, 0x8C],
            Packet::Disconnect(disconnect(0x8C))),
        case("5.0 DISCONNECT, bad authentication method, with a reason string",
            &[0xE0, 6, 0x8C, 4, 0x1F, 0, 1, b'?'],
            Packet::Disconnect(Disconnect { reason_string: Some("?".into()), ..disconnect(0x8C) })),
        case("5.0 DISCONNECT, server moved", &[
            0xE0, 21,
            0x9D,                               // server moved
            19,                                 // property length
            0x1C, 0, 4, b'm', b'q', b't', b't', // server reference
            0x26, 0, 1, b'k', 0, 1, b'v',       // user property
            0x11, 0, 0, 1, 0,                   // session expiry, which a server should not send
        ], Packet::Disconnect(Disconnect {
            server_reference: Some("mqtt".into()),
            session_expiry_secs: Some(256),
            ..disconnect(0x9D)
        })),
        // mqttbytes does not know AUTH.
        // [MQTT5-3.15.2-1]
        case("5.0 AUTH, success", &[0xF0, 0], Packet::Auth(Auth { reason: ReasonCode(0) })),
        case("5.0 AUTH, continue", &[0xF0, 2, 0x18, 0], Packet::Auth(Auth { reason: ReasonCode(0x18) })),
        case("5.0 AUTH with a method and data", &[
            0xF0, 11,
            0x18,
            9,                                  // property length
            0x15, 0, 2, b'm', b'e',             // authentication method
            0x16, 0, 1, 0xFF,                   // authentication data
        ], Packet::Auth(Auth { reason: ReasonCode(0x18) })),
    ]
}

#[rustfmt::skip]
fn publish_cases_of_5_0() -> Vec<Case> {
    let case = |name, bytes: &[u8], packet| Case {
        name, version: V5_0, bytes: bytes.into(), packet: Packet::Publish(packet),
    };
    let with_ids = |ids: &[u32]| Publish {
        properties: Some(Box::new(PublishProperties {
            subscription_ids: ids.to_vec(),
            ..PublishProperties::default()
        })),
        ..publish("a", b"hi")
    };
    vec![
        case("5.0 PUBLISH without properties", &[
            0x30, 6,
            0, 1, b'a',
            0,                                  // property length
            b'h', b'i',
        ], publish("a", b"hi")),
        // [MQTT5-3.3.4-3]
        case("5.0 PUBLISH with one subscription identifier", &[
            0x30, 8,
            0, 1, b'a',
            2,                                  // property length
            0x0B, 1,
            b'h', b'i',
        ], with_ids(&[1])),
        // [MQTT5-3.3.4-4] [MQTT5-3.3.4-5]. mqttbytes takes the last of these for payload.
        case("5.0 PUBLISH with three subscription identifiers", &[
            0x30, 12,
            0, 1, b'a',
            6,                                  // property length
            0x0B, 1, 0x0B, 2, 0x0B, 3,
            b'h', b'i',
        ], with_ids(&[1, 2, 3])),
        case("5.0 PUBLISH with the largest subscription identifier and its neighbors", &[
            0x30, 20,
            0, 1, b'a',
            14,                                 // property length
            0x0B, 0xFF, 0x7F,                   // 16 383
            0x0B, 0x80, 0x80, 0x01,             // 16 384
            0x0B, 0xFF, 0xFF, 0xFF, 0x7F,       // 268 435 455
            0x01, 1,                            // payload format
            b'H', b'I',
        ], Publish {
            properties: Some(Box::new(PublishProperties {
                subscription_ids: vec![16_383, 16_384, 268_435_455],
                payload_is_utf8: Some(true),
                ..PublishProperties::default()
            })),
            ..publish("a", b"HI")
        }),
        case("5.0 PUBLISH with every property", &[
            0x3D, 58,                           // DUP, QoS 2, RETAIN
            0, 1, b'a',
            0, 9,                               // packet identifier
            48,                                 // property length
            0x0B, 5,                            // subscription identifier
            0x01, 1,                            // payload format: text
            0x02, 0, 0, 1, 0,                   // message expiry 256 s
            0x23, 0, 3,                         // topic alias
            0x08, 0, 1, b'r',                   // response topic
            0x26, 0, 1, b'k', 0, 1, b'v',       // user property
            0x09, 0, 2, 0x00, 0xFF,             // correlation data
            0x26, 0, 1, b'k', 0, 1, b'w',       // the same name again
            0x26, 0, 0, 0, 0,                   // empty
            0x0B, 0x80, 0x01,                   // subscription identifier 128
            0x03, 0, 2, b'm', b't',             // content type
            b'h', b'i', b'!', b'?',
        ], Publish {
            dup: true,
            qos: QoS::ExactlyOnce,
            retain: true,
            packet_id: PacketId::new(9),
            properties: Some(Box::new(PublishProperties {
                payload_is_utf8: Some(true),
                message_expiry_secs: Some(256),
                topic_alias: NonZeroU16::new(3),
                response_topic: Some(TopicName::new("r").unwrap()),
                correlation_data: Some(Bytes::from_static(b"\x00\xff")),
                user_properties: pairs(&[("k", "v"), ("k", "w"), ("", "")]),
                subscription_ids: vec![5, 128],
                content_type: Some("mt".into()),
            })),
            ..publish("a", b"hi!?")
        }),
        // What a sender chose and the server hands on must not end connections. [MQTT5-3.3.2-14]
        case("5.0 PUBLISH with a payload format and a response topic that mean nothing", &[
            0x30, 17,
            0, 1, b'a',
            11,                                 // property length
            0x01, 9,                            // payload format
            0x08, 0, 1, b'#',                   // response topic
            0x02, 0, 0, 1, 0,                   // message expiry 256 s
            b'h', b'i',
        ], Publish {
            properties: Some(Box::new(PublishProperties {
                message_expiry_secs: Some(256),
                ..PublishProperties::default()
            })),
            ..publish("a", b"hi")
        }),
        case("5.0 PUBLISH with an empty response topic", &[
            0x30, 9,
            0, 1, b'a',
            5,                                  // property length
            0x08, 0, 0,                         // response topic
            0x0B, 1,                            // subscription identifier
        ], Publish {
            properties: Some(Box::new(PublishProperties {
                subscription_ids: vec![1],
                ..PublishProperties::default()
            })),
            ..publish("a", b"")
        }),
        case("5.0 PUBLISH with a topic alias instead of a topic", &[
            0x30, 7,
            0, 0,                               // empty topic
            3, 0x23, 0, 1,                      // topic alias 1
            b'!',
        ], Publish {
            topic: None,
            properties: Some(Box::new(PublishProperties {
                topic_alias: NonZeroU16::new(1),
                ..PublishProperties::default()
            })),
            ..publish("a", b"!")
        }),
    ]
}

#[rustfmt::skip]
fn connack_cases_of_5_0() -> Vec<Case> {
    let case = |name, bytes: &[u8], packet| Case { name, version: V5_0, bytes: bytes.into(), packet };
    vec![
        case("5.0 CONNACK, new session", &[0x20, 3, 0, 0, 0],
            connack(V5_0, false, 0, ReasonCode::SUCCESS)),
        case("5.0 CONNACK, session present", &[0x20, 3, 1, 0, 0],
            connack(V5_0, true, 0, ReasonCode::SUCCESS)),
        case("5.0 CONNACK, not authorized", &[0x20, 3, 0, 0x87, 0],
            connack(V5_0, false, 0x87, ReasonCode::NOT_AUTHORIZED)),
        // [MQTT5-3.2.2-6] forbids the bit; the code must survive all the same.
        case("5.0 CONNACK, refused with session present", &[0x20, 3, 1, 0x87, 0],
            connack(V5_0, false, 0x87, ReasonCode::NOT_AUTHORIZED)),
        case("5.0 CONNACK, a code without a name", &[0x20, 3, 0, 0xFE, 0],
            connack(V5_0, false, 0xFE, ReasonCode(0xFE))),
        // Servers that speak only 3.1.1 answer in their own format.
        case("5.0 CONNACK of 3.1.1, unacceptable protocol version", &[0x20, 2, 0, 1],
            connack(V3_1_1, false, 1, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION)),
        case("5.0 CONNACK of 3.1.1, accepted", &[0x20, 2, 0, 0],
            connack(V3_1_1, false, 0, ReasonCode::SUCCESS)),
        case("5.0 CONNACK of 3.1.1, bad user name or password", &[0x20, 2, 0, 4],
            connack(V3_1_1, false, 4, ReasonCode::BAD_USER_NAME_OR_PASSWORD)),
        case("5.0 CONNACK, refused without the length of its properties", &[0x20, 2, 0, 0x84],
            connack(V5_0, false, 0x84, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION)),
        case("5.0 CONNACK with every property", &[
            0x20, 69,
            1, 0,                               // session present, success
            66,                                 // property length
            0x11, 0, 0, 1, 0x2C,                // session expiry 300 s
            0x21, 0, 20,                        // receive maximum
            0x24, 1,                            // maximum QoS
            0x25, 0,                            // retain not available
            0x27, 0, 1, 0, 0,                   // maximum packet size 65 536
            0x12, 0, 2, b'i', b'd',             // assigned client identifier
            0x22, 0, 10,                        // topic alias maximum
            0x1F, 0, 2, b'o', b'k',             // reason string
            0x26, 0, 1, b'k', 0, 1, b'v',       // user property
            0x28, 1,                            // wildcard subscriptions
            0x29, 0,                            // subscription identifiers
            0x2A, 1,                            // shared subscriptions
            0x13, 0, 30,                        // server keep alive
            0x1A, 0, 2, b'r', b'i',             // response information
            0x1C, 0, 2, b's', b'r',             // server reference
            0x15, 0, 2, b'a', b'm',             // authentication method
            0x16, 0, 2, 0, 0xFF,                // authentication data
        ], with_properties(ConnAckProperties {
            session_expiry_secs: Some(300),
            receive_maximum: NonZeroU16::new(20),
            maximum_qos: Some(QoS::AtLeastOnce),
            retain_available: Some(false),
            maximum_packet_size: Some(65_536),
            assigned_client_id: Some("id".into()),
            topic_alias_maximum: Some(10),
            reason_string: Some("ok".into()),
            user_properties: pairs(&[("k", "v")]),
            wildcard_subscription_available: Some(true),
            subscription_identifiers_available: Some(false),
            shared_subscription_available: Some(true),
            server_keep_alive_secs: Some(30),
            response_information: Some("ri".into()),
            server_reference: Some("sr".into()),
            authentication_method: Some("am".into()),
        })),
    ]
}

/// A PUBLISH with QoS 0 and nothing special.
pub fn publish(topic: &str, payload: &'static [u8]) -> Publish {
    Publish {
        dup: false,
        qos: QoS::AtMostOnce,
        retain: false,
        topic: Some(TopicName::new(topic).unwrap()),
        packet_id: None,
        payload: Bytes::from_static(payload),
        properties: None,
    }
}

fn connack(
    version: ProtocolVersion,
    session_present: bool,
    return_code: u8,
    reason: ReasonCode,
) -> Packet {
    Packet::ConnAck(Box::new(ConnAck {
        version,
        session_present,
        reason,
        return_code,
        properties: ConnAckProperties::default(),
    }))
}

fn with_properties(properties: ConnAckProperties) -> Packet {
    Packet::ConnAck(Box::new(ConnAck {
        version: V5_0,
        session_present: true,
        reason: ReasonCode::SUCCESS,
        return_code: 0,
        properties,
    }))
}

fn ack(id: u16) -> Ack {
    Ack::success(PacketId::new(id).unwrap())
}

fn ack_with(id: u16, reason: u8, reason_string: Option<&str>) -> Ack {
    let reason_string = reason_string.map(str::to_owned);
    Ack {
        reason: ReasonCode(reason),
        reason_string,
        ..ack(id)
    }
}

fn suback(id: u16, codes: &[u8]) -> SubAck {
    SubAck {
        packet_id: PacketId::new(id).unwrap(),
        reasons: codes.iter().copied().map(ReasonCode).collect(),
        reason_string: None,
    }
}

fn disconnect(reason: u8) -> Disconnect {
    Disconnect {
        reason: ReasonCode(reason),
        ..Disconnect::default()
    }
}

pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    owned.collect()
}
