//! The end at the user's request.

use bytes::Bytes;
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{CloseReason, Event, Output, PublishError, SessionOptions, State};

use crate::pair::{Pair, gone, options, options5, secs};
use crate::test;
use crate::wire;

/// [MQTT-3.14.1-1] [MQTT-3.14.4-1]
#[test]
fn disconnect_is_sent_and_the_socket_closed() {
    let mut pair = Pair::connected();

    pair.disconnect();

    assert_eq!(pair.sent_frames(), [[0xE0, 0]]);
    assert_eq!(pair.closed_codes(), [1000]);
    assert_eq!(pair.closed_because(), Some(&CloseReason::ClosedByUser));
    assert_eq!(pair.retry_in(), None);
}

/// Without DISCONNECT the server publishes the will. [MQTT-3.14.4-3]
#[test]
fn will_that_is_always_wanted_is_left_to_the_server() {
    for another in [false, true] {
        let mut pair = Pair::connected_with(SessionOptions {
            will: Some(gone()),
            will_on_disconnect: true,
            ..options()
        });

        if another {
            pair.options.client_id = "another".into();
            pair.connect();
        } else {
            pair.disconnect();
        }

        assert!(pair.sent().is_empty());
        assert_eq!(pair.closed_codes(), [1000]);
    }
}

/// [MQTT-3.14.4-3]
#[test]
fn will_is_forgotten_by_a_server_that_gets_a_disconnect() {
    let mut pair = Pair::connected_with(SessionOptions {
        will: Some(gone()),
        ..options()
    });

    pair.disconnect();

    assert_eq!(pair.sent(), ["DISCONNECT"]);
}

/// What was published before comes before it.
#[test]
fn will_waits_for_messages_on_their_way() {
    let mut pair = Pair::connected_with(SessionOptions {
        will: Some(gone()),
        will_on_disconnect: true,
        ..options()
    });
    pair.publish("a", "last", QoS::AtLeastOnce);

    pair.disconnect();
    let before = (pair.sent(), pair.closed_codes());
    pair.server_sends(wire::puback(1));

    assert_eq!(before, (vec!["PUBLISH 1 q1 a: last".to_owned()], vec![]));
    assert!(pair.sent().is_empty());
    assert_eq!(pair.closed_codes(), [1000]);
}

/// [MQTT-3.14.4-2]
#[test]
fn nothing_is_sent_after_disconnect() {
    let mut pair = Pair::connected();
    pair.disconnect();
    pair.sent();

    pair.publish("a", "late", QoS::AtLeastOnce);
    pair.subscribe("b", QoS::AtMostOnce);
    pair.advance(secs(3600));

    assert!(pair.sent().is_empty());
    assert!(pair.opened().len() <= 1);
}

#[test]
fn messages_on_their_way_are_waited_for() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "last", QoS::AtLeastOnce);
    pair.sent();

    pair.disconnect();
    let before = (pair.sent(), pair.session.state());
    pair.server_sends(wire::puback(1));

    assert_eq!(before, (vec![], State::Closing));
    assert_eq!(pair.sent(), ["DISCONNECT"]);
    assert!(pair.events().contains(&Event::Published { token }));
}

#[test]
fn messages_that_take_too_long_fail() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "last", QoS::AtLeastOnce);
    pair.sent();

    pair.disconnect();
    pair.advance(secs(2));

    assert_eq!(pair.sent(), ["DISCONNECT"]);
    let error = PublishError::Closed;
    assert!(
        pair.events()
            .contains(&Event::PublishFailed { token, error })
    );
}

/// Nothing on the server is collected any more.
#[test]
fn message_on_its_way_fails_where_nobody_keeps_the_session() {
    let closed_later = SessionOptions {
        clean_session: false,
        session_expiry: secs(0),
        ..options5()
    };
    for (options, is_lost) in [(options5(), true), (closed_later, false)] {
        let mut pair = Pair::connected_with(options);
        let token = pair.publish("a", "1", QoS::AtLeastOnce);
        if is_lost {
            pair.drop_transport();
        }

        pair.disconnect();
        pair.advance(secs(2));

        let error = PublishError::Closed;
        let failed = Event::PublishFailed { token, error };
        assert!(pair.events().contains(&failed), "{is_lost}");
        pair.sent();
        pair.connect();
        pair.accept(false);
        assert_eq!(pair.sent(), ["CONNECT"], "{is_lost}");
    }
}

/// 3.1.1 cannot say how long the session is kept.
#[test]
fn session_of_3_1_1_outlives_a_goodbye_for_no_time() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    pair.publish("a", "last", QoS::AtLeastOnce);
    pair.session.disconnect_for(pair.now, Some(secs(0)));
    pair.advance(secs(2));
    pair.drain();
    pair.sent();

    pair.connect();
    pair.accept(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q1 dup a: last"]);
}

#[test]
fn message_after_disconnect_is_refused_while_closing() {
    let mut pair = Pair::connected();
    pair.publish("a", "last", QoS::AtLeastOnce);
    pair.disconnect();

    let refused = pair.try_publish("a", "late", QoS::AtMostOnce);

    assert_eq!(refused, Err(PublishError::Closed));
}

#[test]
fn connection_lost_while_closing_does_not_come_back() {
    let mut pair = Pair::connected();
    pair.publish("a", "last", QoS::AtLeastOnce);
    pair.disconnect();

    pair.drop_transport();
    pair.advance(secs(3600));

    assert_eq!(pair.closed_because(), Some(&CloseReason::ClosedByUser));
    assert_eq!(pair.session.state(), State::Closed);
    assert_eq!(pair.session.statistics().waiting, 0);
}

#[test]
fn disconnect_while_connecting_closes_the_socket() {
    let mut pair = Pair::new();
    pair.connect();

    pair.disconnect();

    assert_eq!(pair.closed_codes(), [1000]);
    assert_eq!(pair.session.state(), State::Closed);
    assert!(pair.sent().is_empty());
}

#[test]
fn disconnect_during_the_pause_ends_it() {
    let mut pair = Pair::connected();
    pair.drop_transport();

    pair.disconnect();
    pair.opened();
    pair.advance(secs(3600));

    assert!(pair.opened().is_empty());
    assert_eq!(pair.session.state(), State::Closed);
}

#[test]
fn connect_while_closing_ends_the_old_connection_at_once() {
    let mut pair = Pair::connected();
    pair.publish("a", "last", QoS::AtLeastOnce);
    pair.sent();
    pair.disconnect();

    pair.connect();
    let goodbye = pair.sent();
    pair.accept(false);

    assert_eq!(goodbye, ["DISCONNECT"]);
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q1 a: last"]);
}

#[test]
fn subscriptions_are_remembered_for_the_next_connect() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.disconnect();
    pair.sent();

    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 2 a q0"]);
}

/// A page that comes back must not undo the user's request.
#[test]
fn disconnect_on_a_page_that_went_away_is_final() {
    let mut pair = Pair::connected();
    pair.session.handle_unload(pair.now);
    pair.drain();
    let token = pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.opened();

    pair.disconnect();
    pair.session.handle_online(pair.now);
    pair.drain();

    assert_eq!(pair.session.state(), State::Closed);
    assert!(pair.opened().is_empty());
    assert!(pair.events().contains(&Event::PublishFailed {
        token,
        error: PublishError::Closed
    }));
}

/// The same in the other order.
#[test]
fn page_that_goes_away_while_closing_stays_closed() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.disconnect();
    pair.opened();
    pair.sent();

    pair.session.handle_unload(pair.now);
    pair.drain();
    pair.session.handle_online(pair.now);
    pair.drain();

    assert_eq!(pair.sent(), ["DISCONNECT"]);
    assert!(pair.opened().is_empty());
    assert!(pair.events().contains(&Event::PublishFailed {
        token,
        error: PublishError::Closed
    }));
}

/// What was taken in the same turn needs no second delivery.
#[test]
fn acknowledgement_that_is_due_leaves_before_disconnect() {
    let mut pair = Pair::connected();
    let message = wire::publish("a", "x").at_least_once(7).bytes(pair.version);
    let connection = pair.connection().unwrap();
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&message));
    let took = |output| matches!(output, Some(Output::Event(Event::MessageReceived(_))));
    while !took(pair.session.poll_output()) {}

    pair.session.handle_unload(pair.now);
    pair.drain();

    assert_eq!(pair.sent(), ["PUBACK 7", "DISCONNECT"]);
}

/// Only a connection that comes back by itself is a reconnect.
#[test]
fn connection_that_is_asked_for_again_is_no_reconnect() {
    let mut pair = Pair::connected();
    pair.disconnect();

    pair.connect();
    pair.accept(false);

    assert_eq!(pair.session.statistics().reconnects, 0);
}
