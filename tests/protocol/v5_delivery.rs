//! MQTT 5.0: QoS 1 and 2 in both directions, re-delivery and order. The session has one engine for
//! both versions; these tests prove that 5.0 gets all of it.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::Event;

use crate::pair::{Pair, V5, options5};
use crate::test;
use crate::wire::{self, ClientPacket, publish};

/// [MQTT5-4.3.2-1] [MQTT5-4.3.2-2] [MQTT5-4.3.2-3] [MQTT5-2.2.1-5]
#[test]
fn qos1_is_unacknowledged_until_its_puback() {
    let mut pair = Pair::connected_with(options5());
    let first = pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    let before = pair.events();

    pair.server_sends(wire::puback(1));

    assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: 1", "PUBLISH 2 q1 a: 2"]);
    assert!(before.is_empty());
    assert_eq!(pair.events(), [Event::Published { token: first }]);
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// [MQTT5-4.3.3-1] [MQTT5-4.3.3-2] [MQTT5-4.3.3-4] [MQTT5-4.3.3-5] [MQTT5-2.2.1-5]
#[test]
fn qos2_is_unacknowledged_until_its_pubcomp() {
    let mut pair = Pair::connected_with(options5());
    let token = pair.publish("a", "1", QoS::ExactlyOnce);

    pair.server_sends(wire::pubrec(1));
    let before = pair.events();
    pair.server_sends(wire::pubcomp(1));

    assert_eq!(pair.sent(), ["PUBLISH 1 q2 a: 1", "PUBREL 1"]);
    assert!(before.is_empty());
    assert_eq!(pair.events(), [Event::Published { token }]);
}

/// Three messages, each lost at another point. [MQTT5-3.3.1-1] [MQTT5-4.3.2-3] [MQTT5-4.3.3-3]
/// [MQTT5-4.3.3-5] [MQTT5-4.3.3-6] [MQTT5-4.4.0-1]
#[test]
fn reconnect_with_the_session_sends_again_what_is_unacknowledged() {
    let mut pair = Pair::connected_with(options5());
    for (payload, qos) in [
        ("1", QoS::AtLeastOnce),
        ("2", QoS::ExactlyOnce),
        ("3", QoS::ExactlyOnce),
    ] {
        pair.publish("a", payload, qos);
    }
    pair.server_sends(wire::pubrec(3));
    pair.drop_transport();
    pair.sent();

    pair.reconnect(true);

    let expected = [
        "CONNECT",
        "PUBREL 3",
        "PUBLISH 1 q1 dup a: 1",
        "PUBLISH 2 q2 dup a: 2",
    ];
    assert_eq!(pair.sent(), expected);
}

/// [MQTT5-4.4.0-1]
#[test]
fn nothing_is_sent_again_while_the_connection_lasts() {
    let mut pair = Pair::connected_with(options5());
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::ExactlyOnce);
    pair.sent();

    pair.advance(crate::pair::secs(3600));

    assert!(pair.sent().is_empty());
}

/// [MQTT5-4.6.0-1] [MQTT5-4.6.0-4]
#[test]
fn re_delivery_keeps_the_first_order_and_the_order_of_the_pubrecs() {
    let mut pair = Pair::connected_with(options5());
    for payload in ["1", "2", "3", "4"] {
        pair.publish("a", payload, QoS::ExactlyOnce);
    }
    pair.server_sends([wire::pubrec(4), wire::pubrec(2)].concat());
    let released = pair.sent();
    pair.drop_transport();

    pair.reconnect(true);

    assert_eq!(released[4..], ["PUBREL 4", "PUBREL 2"]);
    let expected = [
        "CONNECT",
        "PUBREL 4",
        "PUBREL 2",
        "PUBLISH 1 q2 dup a: 1",
        "PUBLISH 3 q2 dup a: 3",
    ];
    assert_eq!(pair.sent(), expected);
}

/// [MQTT5-3.3.4-1] [MQTT5-4.3.2-4] [MQTT5-4.3.3-8] [MQTT5-2.2.1-5] [MQTT5-4.5.0-2]
#[test]
fn message_is_answered_by_its_qos_even_if_nobody_wants_it() {
    for (message, expected) in [
        (publish("a", "x"), vec![]),
        (publish("a", "x").at_least_once(7), vec!["PUBACK 7"]),
        (publish("a", "x").exactly_once(7), vec!["PUBREC 7"]),
    ] {
        let mut pair = Pair::connected_with(options5());

        pair.server_sends(message.bytes(V5));

        assert_eq!(pair.messages(), ["a: x"]);
        assert_eq!(pair.sent(), expected);
    }
}

/// [MQTT5-4.3.2-5]
#[test]
fn qos1_number_is_a_new_message_after_puback() {
    let mut pair = Pair::connected_with(options5());
    let message = publish("a", "x").at_least_once(7);

    pair.server_sends(message.bytes(V5));
    pair.server_sends(message.dup().bytes(V5));

    assert_eq!(pair.messages(), ["a: x", "a: x"]);
    assert_eq!(pair.sent(), ["PUBACK 7", "PUBACK 7"]);
}

/// [MQTT5-4.3.3-10] [MQTT5-4.3.3-11] [MQTT5-4.3.3-12] [MQTT5-2.2.1-5]
#[test]
fn qos2_is_delivered_once_until_pubrel_makes_its_number_new() {
    let mut pair = Pair::connected_with(options5());
    let message = publish("a", "x").exactly_once(7);

    pair.server_sends(message.bytes(V5));
    pair.drop_transport();
    pair.reconnect(true);
    pair.server_sends(message.dup().bytes(V5));
    let repeated = pair.messages();
    pair.server_sends(wire::pubrel(7));
    pair.server_sends(message.bytes(V5));

    let expected = ["PUBREC 7", "CONNECT", "PUBREC 7", "PUBCOMP 7", "PUBREC 7"];
    assert_eq!(repeated, ["a: x"]);
    assert_eq!(pair.messages(), ["a: x"]);
    assert_eq!(pair.sent(), expected);
}

/// [MQTT5-4.6.0-2] [MQTT5-4.6.0-3]
#[test]
fn acknowledgements_leave_in_the_order_of_arrival() {
    let mut pair = Pair::connected_with(options5());
    let message = |id| publish("a", "x").at_least_once(id).bytes(V5);
    let once = |id| publish("a", "x").exactly_once(id).bytes(V5);

    pair.server_sends([once(9), message(3), once(2), message(1)].concat());

    assert_eq!(
        pair.sent(),
        ["PUBREC 9", "PUBACK 3", "PUBREC 2", "PUBACK 1"]
    );
}

/// [MQTT-3.3.1-3] [MQTT5-3.3.1-3]
#[test]
fn repetition_that_was_received_is_passed_on_as_a_first_time() {
    for options in [crate::pair::options(), options5()] {
        let mut pair = Pair::connected_with(options);
        let message = publish("a", "x").at_least_once(7).dup();
        pair.server_sends(message.bytes(pair.version));
        let received = pair.received().remove(0);
        pair.sent();

        pair.session.publish(pair.now, received.message).unwrap();
        pair.drain();

        assert!(received.dup);
        assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: x"]);
    }
}

/// A flow that began is never stopped by expiry. [MQTT5-4.3.3-7]
#[test]
fn message_on_its_way_does_not_expire() {
    for (qos, line) in [
        (QoS::AtLeastOnce, "PUBLISH 1 q1 dup a: hi"),
        (QoS::ExactlyOnce, "PUBLISH 1 q2 dup a: hi"),
    ] {
        let mut pair = Pair::connected_with(options5());
        let mut message = crate::pair::message("a", "hi", qos);
        message
            .properties
            .get_or_insert_default()
            .message_expiry_secs = Some(5);
        pair.session.publish(pair.now, message).unwrap();
        pair.drain();
        pair.sent();
        pair.advance(crate::pair::secs(20));

        pair.drop_transport();
        pair.reconnect(true);

        assert_eq!(pair.sent(), ["CONNECT", line]);
    }
}

/// [MQTT5-3.6.2-1]
#[test]
fn pubrec_of_a_qos1_message_is_answered_with_0x92() {
    let mut pair = Pair::connected_with(options5());
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.sent();

    pair.server_sends(wire::pubrec(1));

    let (id, reason) = (1, 0x92);
    assert_eq!(pair.sent_packets(), [ClientPacket::PubRel { id, reason }]);
    assert_eq!(pair.session.statistics().waiting, 1);
}
