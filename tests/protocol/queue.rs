//! Messages that wait: for a connection, for the socket.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{Event, PublishError, SessionOptions};

use crate::pair::{Pair, options};
use crate::test;
use crate::wire;

#[test]
fn messages_published_between_connections_are_sent_in_order() {
    let mut pair = Pair::connected();
    pair.drop_transport();

    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.publish("a", "3", QoS::AtMostOnce);
    pair.reconnect(false);

    let expected = [
        "CONNECT",
        "PUBLISH q0 a: 1",
        "PUBLISH 1 q1 a: 2",
        "PUBLISH q0 a: 3",
    ];
    assert_eq!(pair.sent(), expected);
}

#[test]
fn full_queue_refuses_and_keeps_what_it_has() {
    let mut pair = Pair::with(SessionOptions {
        queue_messages: 2,
        ..options()
    });
    pair.connect();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("a", "2", QoS::AtMostOnce);

    let refused = pair.try_publish("a", "3", QoS::AtMostOnce);
    pair.accept(false);

    assert_eq!(refused, Err(PublishError::QueueFull));
    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH q0 a: 1", "PUBLISH q0 a: 2"]
    );
}

#[test]
fn queue_is_bounded_by_bytes_too() {
    let mut pair = Pair::with(SessionOptions {
        queue_bytes: 100,
        ..options()
    });
    pair.connect();
    pair.publish("a", [0; 60], QoS::AtMostOnce);

    let refused = pair.try_publish("a", [0; 60], QoS::AtMostOnce);

    assert_eq!(refused, Err(PublishError::QueueFull));
}

/// A message that is larger than the whole queue must not be refused for ever.
#[test]
fn empty_queue_takes_any_message() {
    let mut pair = Pair::with(SessionOptions {
        queue_bytes: 100,
        ..options()
    });
    pair.connect();

    let taken = pair.try_publish("a", [0; 1000], QoS::AtMostOnce);

    assert!(taken.is_ok());
}

#[test]
fn messages_wait_while_the_socket_is_full_but_acknowledgements_do_not() {
    let mut pair = Pair::connected();
    pair.subscribe("b", QoS::AtLeastOnce);
    let connection = pair.connection().unwrap();
    pair.sent();

    pair.session.handle_buffered(pair.now, connection, 2 << 20);
    pair.publish("a", "late", QoS::AtMostOnce);
    pair.server_sends(
        wire::publish("b", "x")
            .at_least_once(4)
            .bytes(crate::pair::VERSION),
    );
    let full = pair.sent();
    let held_back = pair.session.is_held_back();
    pair.session.handle_buffered(pair.now, connection, 0);
    pair.drain();

    assert_eq!(full, ["PUBACK 4"]);
    assert!(held_back);
    assert_eq!(pair.sent(), ["PUBLISH q0 a: late"]);
    assert!(!pair.session.is_held_back());
}

/// A message with the very first connection still missing is kept, as pupils expect.
#[test]
fn message_before_the_first_connect_is_kept() {
    let mut pair = Pair::new();

    pair.publish("a", "early", QoS::ExactlyOnce);
    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q2 a: early"]);
}

#[test]
fn waiting_messages_fail_when_the_user_disconnects() {
    let mut pair = Pair::new();
    pair.connect();
    let token = pair.publish("a", "never", QoS::AtMostOnce);

    pair.disconnect();

    let error = PublishError::Closed;
    assert!(
        pair.events()
            .contains(&Event::PublishFailed { token, error })
    );
    assert_eq!(pair.session.statistics().waiting, 0);
}
