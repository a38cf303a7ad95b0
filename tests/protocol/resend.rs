//! Re-delivery: the link is dropped at each step of QoS 1 and 2.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{Event, SessionOptions};

use crate::pair::{Pair, options, secs};
use crate::test;
use crate::wire;

fn with_session() -> Pair {
    Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    })
}

/// [MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-2.3.1-3] [MQTT-3.2.2-2]
#[test]
fn qos1_without_puback_is_sent_again_with_dup_and_its_number() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.sent();

    pair.drop_transport();
    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q1 dup a: hi"]);
}

/// [MQTT-4.3.3-1] [MQTT-4.4.0-1]
#[test]
fn qos2_without_pubrec_is_sent_again_with_dup_and_its_number() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.sent();

    pair.drop_transport();
    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q2 dup a: hi"]);
}

/// Once PUBREC came, the message itself is never sent again. [MQTT-4.3.3-1]
#[test]
fn qos2_without_pubcomp_sends_pubrel_again() {
    let mut pair = with_session();
    let token = pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.server_sends(wire::pubrec(1));
    pair.sent();

    pair.drop_transport();
    pair.reconnect(true);
    let sent = pair.sent();
    pair.events();
    pair.server_sends(wire::pubcomp(1));

    assert_eq!(sent, ["CONNECT", "PUBREL 1"]);
    assert_eq!(pair.events(), [Event::Published { token }]);
}

/// [MQTT-4.6.0-1] [MQTT-4.6.0-4]
#[test]
fn re_delivery_keeps_the_first_order_and_the_order_of_the_pubrecs() {
    let mut pair = with_session();
    for (payload, qos) in [
        ("1", QoS::ExactlyOnce),
        ("2", QoS::AtLeastOnce),
        ("3", QoS::ExactlyOnce),
        ("4", QoS::ExactlyOnce),
        ("5", QoS::AtLeastOnce),
    ] {
        pair.publish("a", payload, qos);
    }
    pair.server_sends(wire::pubrec(4));
    pair.server_sends(wire::pubrec(1));
    pair.drop_transport();
    pair.publish("a", "new", QoS::AtLeastOnce);
    pair.sent();

    pair.reconnect(true);

    let expected = [
        "CONNECT",
        "PUBREL 4",
        "PUBREL 1",
        "PUBLISH 2 q1 dup a: 2",
        "PUBLISH 3 q2 dup a: 3",
        "PUBLISH 5 q1 dup a: 5",
        "PUBLISH 6 q1 a: new",
    ];
    assert_eq!(pair.sent(), expected);
}

/// [MQTT-4.4.0-1] Nothing is repeated on a connection that is up, however long the server takes.
#[test]
fn nothing_is_sent_again_while_the_connection_lasts() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.sent();

    pair.advance(secs(3600));

    assert!(pair.sent().is_empty());
}

/// [MQTT-3.1.2-6] [MQTT-3.3.1-1] [MQTT-3.2.2-3]
#[test]
fn new_session_gets_unconfirmed_messages_as_new_ones() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::ExactlyOnce);
    pair.drop_transport();
    pair.publish("a", "3", QoS::AtMostOnce);
    pair.sent();

    pair.reconnect(false);

    let expected = [
        "CONNECT",
        "PUBLISH 3 q1 a: 1",
        "PUBLISH 4 q2 a: 2",
        "PUBLISH q0 a: 3",
    ];
    assert_eq!(pair.sent(), expected);
}

/// The server has the message, and forgot only that the client knows it.
#[test]
fn new_session_does_not_get_what_the_old_one_confirmed() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "1", QoS::ExactlyOnce);
    pair.server_sends(wire::pubrec(1));
    pair.drop_transport();
    pair.sent();
    pair.events();

    pair.reconnect(false);

    assert_eq!(pair.sent(), ["CONNECT"]);
    assert!(pair.events().contains(&Event::Published { token }));
    assert_eq!(pair.session.statistics().waiting, 0);
}

/// [MQTT-4.1.0-1] [MQTT-4.1.0-2] [MQTT-3.1.2-4]
#[test]
fn messages_survive_many_lost_connections() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::AtLeastOnce);

    for _ in 0..5 {
        pair.drop_transport();
        pair.advance_to_next_attempt();
        pair.drop_transport();
        pair.sent();
        pair.reconnect(true);

        assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q1 dup a: hi"]);
    }
}
