//! What a server can make the session hold is bounded: see docs/reference/limits.md.

use bytes::Bytes;
use scratch_mqtt::codec::{PORTION, ProtocolError};
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    CloseReason, ConnectionId, Event, MESSAGE_SLACK_BYTES, Output, SessionOptions, State, Warning,
};

use crate::pair::{Pair, V5, VERSION, options, options5};
use crate::test;
use crate::wire::{property, publish, text};

/// What the receive queue holds.
const RECEIVE_QUEUE_BYTES: usize = 64 << 20;

/// A message may hold many packets, but not as many as fill the memory of a page. [MQTT-6.0.0-2]
#[test]
fn websocket_message_far_above_the_largest_packet_ends_the_connection_unread() {
    for (largest, waiting, is_refused) in [
        (16 << 20, (16 << 20) + MESSAGE_SLACK_BYTES, false),
        (16 << 20, (16 << 20) + MESSAGE_SLACK_BYTES + 1, true),
        (100, MESSAGE_SLACK_BYTES + 100, false),
        (1 << 20, 2_200_000_000, true),
    ] {
        let mut pair = Pair::connected_to(
            SessionOptions {
                max_packet_bytes: largest,
                ..options5()
            },
            &[],
        );
        let connection = pair.connection().unwrap();

        pair.session.handle_waiting(pair.now, connection, waiting);
        pair.drain();

        assert_eq!(pair.session.state() != State::Connected, is_refused);
        if is_refused {
            let limit = largest + MESSAGE_SLACK_BYTES;
            let error = ProtocolError::TooLarge {
                bytes: waiting,
                limit,
            };
            assert_eq!(pair.closed_because(), Some(&CloseReason::Protocol(error)));
            assert_eq!(pair.sent(), ["DISCONNECT"]);
        }
    }
}

#[test]
fn what_waits_in_an_older_socket_ends_nothing() {
    let mut pair = Pair::connected();

    pair.session
        .handle_waiting(pair.now, ConnectionId(99), usize::MAX);
    pair.drain();

    assert_eq!(pair.session.state(), State::Connected);
    assert_eq!(pair.session.portion(ConnectionId(99), &[0x30, 2]), 0);
    let connection = pair.connection().unwrap();
    assert_eq!(pair.session.portion(connection, &[0x30, 2]), PORTION);
}

/// Its sender may be anybody, so the connection must not end.
#[test]
fn message_with_too_many_user_properties_arrives_with_a_warning() {
    let mut pair = Pair::connected_to(options5(), &[]);
    pair.subscribe("#", QoS::AtMostOnce);
    pair.events();
    let pairs = [0x26, 0, 0, 0, 0].repeat(5_000);

    pair.server_sends(publish("a", "b").with_property(&pairs).bytes(V5));
    pair.server_sends(publish("a", "c").bytes(V5));

    assert_eq!(
        pair.events(),
        [Event::Warning(Warning::UserPropertiesLeftOut)]
    );
    assert_eq!(pair.messages(), ["a: b", "a: c"]);
    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn messages_that_nobody_takes_are_bounded_in_bytes() {
    let mut pair = Pair::connected_with(SessionOptions {
        max_packet_bytes: 100 << 20,
        ..options()
    });
    pair.subscribe("#", QoS::AtMostOnce);
    pair.events();
    let connection = pair.connection().unwrap();
    let quarter = vec![b'x'; RECEIVE_QUEUE_BYTES / 4 - 1];

    for _ in 0..6 {
        let message = publish("a", &quarter).bytes(VERSION);
        pair.session
            .handle_bytes(pair.now, connection, Bytes::from(message));
    }
    pair.drain();

    assert_eq!(pair.messages().len(), 4);
    assert_eq!(pair.events(), [Event::MessagesDropped { count: 2 }]);
    assert_eq!(pair.session.statistics().dropped, 2);
}

/// The bound counts what waits, not what was ever received.
#[test]
fn bytes_of_messages_that_were_taken_make_room_for_others() {
    let mut pair = Pair::connected_with(SessionOptions {
        max_packet_bytes: 100 << 20,
        ..options()
    });
    let connection = pair.connection().unwrap();
    let quarter = vec![b'x'; RECEIVE_QUEUE_BYTES / 4 - 1];
    let quarter = Bytes::from(publish("a", &quarter).bytes(VERSION));
    for _ in 0..4 {
        pair.session
            .handle_bytes(pair.now, connection, quarter.clone());
    }

    let took = |output| matches!(output, Some(Output::Event(Event::MessageReceived(_))));
    while !took(pair.session.poll_output()) {}
    for _ in 0..2 {
        pair.session
            .handle_bytes(pair.now, connection, quarter.clone());
    }

    assert_eq!(pair.session.statistics().dropped, 1);
}

#[test]
fn topic_and_properties_of_messages_that_nobody_takes_count_too() {
    let [value, data] = [vec![b'v'; 60_000], vec![b'd'; 50_000]];
    let pairs = property(0x26, &[text("key"), text(&value)].concat());
    let data = property(0x09, &text(&data));
    let rest = "topic".len() + "key".len() + 60_000 + 50_000;
    for (more, dropped) in [(0, 0), (1, 1)] {
        let mut pair = Pair::connected_with(SessionOptions {
            max_packet_bytes: 100 << 20,
            ..options5()
        });
        let connection = pair.connection().unwrap();
        let payload = vec![b'x'; RECEIVE_QUEUE_BYTES / 4 - rest + more];
        let message = publish("topic", &payload).with_property(&pairs);
        let message = Bytes::from(message.with_property(&data).bytes(V5));

        for _ in 0..4 {
            pair.session
                .handle_bytes(pair.now, connection, message.clone());
        }

        assert_eq!(pair.session.statistics().dropped, dropped, "{more}");
    }
}

/// Else it could never be received.
#[test]
fn one_message_is_taken_however_large() {
    let mut pair = Pair::connected_with(SessionOptions {
        max_packet_bytes: 100 << 20,
        ..options()
    });
    pair.subscribe("#", QoS::AtMostOnce);
    pair.events();
    let large = vec![b'x'; RECEIVE_QUEUE_BYTES + 1];

    pair.server_sends(publish("a", &large).bytes(VERSION));
    pair.server_sends(publish("a", "next").bytes(VERSION));

    assert_eq!(pair.messages().len(), 2);
    assert_eq!(pair.events(), []);
}
