//! What is unknown after a lost connection, when the server still has the session.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::SessionOptions;

use crate::pair::{Pair, VERSION, options, secs};
use crate::test;
use crate::wire;

fn with_session() -> Pair {
    Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    })
}

/// The server may have ended it before the connection was lost.
#[test]
fn filter_wanted_again_after_a_lost_unsubscribe_is_subscribed_to() {
    let mut pair = with_session();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.unsubscribe("a");
    pair.drop_transport();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 3 a q0"]);
}

/// The server may have subscribed before the connection was lost.
#[test]
fn filter_given_up_after_a_lost_subscribe_is_unsubscribed_from() {
    let mut pair = with_session();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.drop_transport();
    pair.unsubscribe("a");
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "UNSUBSCRIBE 2 a"]);
}

/// A server without the session has no subscription either.
#[test]
fn filter_given_up_after_a_lost_subscribe_needs_nothing_in_a_new_session() {
    let mut pair = with_session();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.drop_transport();
    pair.unsubscribe("a");
    pair.sent();

    pair.reconnect(false);

    assert_eq!(pair.sent(), ["CONNECT"]);
}

/// The higher QoS may or may not have been granted.
#[test]
fn lost_request_for_a_higher_qos_is_sent_again() {
    let mut pair = with_session();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 3 a q1"]);
}

/// The Client Identifier is the key of the session: a new password or keep-alive time does not
/// make a message arrive twice. [MQTT-3.1.3-2] [MQTT-4.3.3-1]
#[test]
fn other_options_of_the_same_client_go_on_with_its_session() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.server_sends(wire::publish("b", "once").exactly_once(9).bytes(VERSION));
    pair.options.ping_timeout = secs(3);
    pair.connect();
    pair.sent();

    pair.accept(true);
    pair.server_sends(
        wire::publish("b", "once")
            .exactly_once(9)
            .dup()
            .bytes(VERSION),
    );

    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH 1 q2 dup a: hi", "PUBREC 9"]
    );
    assert_eq!(pair.messages(), ["b: once"]);
}

/// [MQTT-3.1.3-2]
#[test]
fn another_client_begins_anew() {
    let mut pair = with_session();
    pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.options.client_id = "other".into();
    pair.connect();
    pair.sent();

    pair.accept(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q2 a: hi"]);
}

/// A number that stayed taken would be missing for ever. [MQTT-2.3.1-3]
#[test]
fn numbers_are_free_again_in_a_new_session() {
    let mut pair = Pair::connected_with(SessionOptions {
        send_maximum: u16::MAX,
        queue_messages: usize::from(u16::MAX),
        ..options()
    });
    for _ in 0..u16::MAX {
        pair.publish("a", "", QoS::AtLeastOnce);
    }
    pair.drop_transport();
    pair.sent();

    pair.reconnect(false);

    assert_eq!(pair.sent().len(), 1 + 65_535, "CONNECT and all messages");
}
