//! What we send, byte by byte, and what we refuse to send.

use bytes::Bytes;
use scratch_mqtt::codec::{encode, encoded_len};
use scratch_mqtt::packet::ProtocolVersion::{self, V3_1_1};
use scratch_mqtt::packet::{Connect, ConnectProperties, Packet, QoS, Will};
use scratch_mqtt::topic::TopicName;

fn bytes_of(packet: &Packet, version: ProtocolVersion) -> Vec<u8> {
    let mut out = Vec::new();
    encode(packet, version, usize::MAX, &mut out).unwrap();
    assert_eq!(out.len(), encoded_len(packet, version), "{packet:?}");
    out
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

/// [MQTT-3.1.3-1] [MQTT-3.1.3-3] [MQTT-3.1.2-3]
#[test]
fn connect_with_everything_is_written_in_the_order_of_the_specification() {
    let packet = Packet::Connect(Box::new(Connect {
        user_name: Some("user".to_owned()),
        password: Some("pass".to_owned()),
        will: Some(Will {
            topic: TopicName::new("w").unwrap(),
            payload: Bytes::from_static(b"bye"),
            qos: QoS::ExactlyOnce,
            retain: true,
            delay_secs: None,
            properties: Default::default(),
        }),
        ..connect()
    }));

    let bytes = bytes_of(&packet, V3_1_1);

    #[rustfmt::skip]
    assert_eq!(bytes, [
        0x10, 33,                               // CONNECT
        0, 4, b'M', b'Q', b'T', b'T', 4,        // protocol
        0b1111_0110,                            // user, password, retain, QoS 2, will, clean
        0, 60,                                  // keep alive
        0, 1, b'c',                             // client id
        0, 1, b'w',                             // will topic
        0, 3, b'b', b'y', b'e',                 // will payload
        0, 4, b'u', b's', b'e', b'r',
        0, 4, b'p', b'a', b's', b's',
    ]);
}
