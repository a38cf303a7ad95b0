//! Servers that break the rules: the connection ends with a reason, and the client lives on.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{CloseReason, SessionOptions};

use crate::pair::{Pair, options};
use crate::test;

/// Each ends the connection. [MQTT-4.8.0-1]
#[test]
fn malformed_packet_ends_the_connection_and_it_comes_back() {
    for (what, bytes) in [
        ("QoS 3 [MQTT-3.3.1-4]", &[0x36, 5, 0, 1, b'a', 0, 1][..]),
        ("empty topic [MQTT-4.7.3-1]", &[0x30, 2, 0, 0]),
        ("wildcard in a topic [MQTT-3.3.2-2]", &[0x30, 3, 0, 1, b'#']),
        (
            "null character [MQTT-1.5.3-2]",
            &[0x30, 5, 0, 3, b'a', 0, b'b'],
        ),
        (
            "surrogate [MQTT-1.5.3-1]",
            &[0x30, 5, 0, 3, 0xED, 0xA0, 0x80],
        ),
        ("ill-formed UTF-8 [MQTT-1.5.3-1]", &[0x30, 3, 0, 1, 0xFF]),
        ("topic longer than the packet", &[0x30, 3, 0, 9, b'a']),
        ("DUP with QoS 0 [MQTT-3.3.1-2]", &[0x38, 3, 0, 1, b'a']),
        ("flags of PUBACK [MQTT-2.2.2-2]", &[0x41, 2, 0, 1]),
        ("flags of PUBREL [MQTT-3.6.1-1]", &[0x60, 2, 0, 1]),
        ("packet identifier 0 [MQTT-2.3.1-1]", &[0x40, 2, 0, 0]),
        ("PUBACK with more", &[0x40, 3, 0, 1, 0]),
        (
            "remaining length of five bytes [MQTT-2.2.3]",
            &[0x30, 0x80, 0x80, 0x80, 0x80, 1],
        ),
        ("packet type 0", &[0x00, 0]),
        ("packet type 15", &[0xF0, 0]),
        ("CONNECT from a server", &[0x10, 0]),
        ("SUBSCRIBE from a server", &[0x82, 0]),
        ("PINGREQ from a server", &[0xC0, 0]),
        ("DISCONNECT from a server of 3.1.1", &[0xE0, 0]),
    ] {
        let mut pair = Pair::connected();

        pair.server_sends(bytes);

        let reason = pair.closed_because();
        assert!(
            matches!(reason, Some(CloseReason::Protocol(_))),
            "{what}: {reason:?}"
        );
        assert_eq!(pair.closed_codes(), [4002], "{what}");
        pair.reconnect(false);
    }
}

/// [MQTT-6.0.0-1]
#[test]
fn text_frame_ends_the_connection() {
    let mut pair = Pair::connected();

    let connection = pair.connection().unwrap();
    pair.session.handle_text(pair.now, connection);
    pair.drain();

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// A huge length is refused when it is announced, not when memory is full. [MQTT-4.8.0-2]
#[test]
fn packet_above_the_limit_ends_the_connection_before_it_arrives() {
    let mut pair = Pair::connected_with(SessionOptions {
        max_packet_bytes: 1000,
        ..options()
    });

    pair.server_sends([0x30, 0x80, 0x80, 0x01]);

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// Bytes behind the one that ended the connection are not looked at.
#[test]
fn nothing_after_a_malformed_packet_is_delivered() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.server_sends([0x36, 0, 0x30, 3, 0, 1, b'a']);

    assert!(pair.messages().is_empty());
}

#[test]
fn messages_before_a_malformed_packet_are_delivered() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.server_sends([0x30, 4, 0, 1, b'a', b'!', 0x36, 0]);

    assert_eq!(pair.messages(), ["a: !"]);
}
