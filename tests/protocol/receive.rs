//! Messages from the server: delivery, acknowledgement, repetition.

use bytes::Bytes;
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{Closed, Event, Owner, SessionOptions, Warning};

use crate::pair::{Pair, VERSION, filter, options};
use crate::test;
use crate::wire::{self, publish};

fn pair() -> Pair {
    let mut pair = Pair::connected();
    pair.subscribe("room/#", QoS::ExactlyOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[2]));
    pair.sent();
    pair.events();
    pair
}

/// [MQTT-3.3.4-1]
#[test]
fn qos0_is_delivered_and_not_answered() {
    let mut pair = pair();

    pair.server_sends(publish("room/1", "hi").bytes(VERSION));

    assert_eq!(pair.messages(), ["room/1: hi"]);
    assert!(pair.sent().is_empty());
}

/// [MQTT-3.3.4-1] [MQTT-4.3.2-2] [MQTT-2.3.1-6]
#[test]
fn qos1_is_delivered_and_answered_with_puback() {
    let mut pair = pair();

    pair.server_sends(publish("room/1", "hi").at_least_once(7).bytes(VERSION));

    assert_eq!(pair.messages(), ["room/1: hi"]);
    assert_eq!(pair.sent(), ["PUBACK 7"]);
}

/// After PUBACK the same number is a new message, even with DUP. [MQTT-4.3.2-2]
#[test]
fn qos1_sent_twice_is_delivered_twice() {
    let mut pair = pair();
    let message = publish("room/1", "hi").at_least_once(5);

    pair.server_sends(message.bytes(VERSION));
    pair.server_sends(message.dup().bytes(VERSION));

    assert_eq!(pair.messages(), ["room/1: hi", "room/1: hi"]);
    assert_eq!(pair.sent(), ["PUBACK 5", "PUBACK 5"]);
}

/// Until PUBREL arrives a repeat is acknowledged again but not delivered again. [MQTT-4.3.3-2]
#[test]
fn qos2_sent_twice_is_delivered_once() {
    let mut pair = pair();
    let message = publish("room/1", "hi").exactly_once(7);

    pair.server_sends(message.bytes(VERSION));
    pair.server_sends(message.dup().bytes(VERSION));

    assert_eq!(pair.sent(), ["PUBREC 7", "PUBREC 7"]);
    assert_eq!(pair.messages(), ["room/1: hi"]);
}

/// [MQTT-4.3.3-2]
#[test]
fn qos2_sent_twice_is_answered_though_another_message_waits() {
    let mut pair = pair();
    let [first, second] = [1, 2].map(|id| publish("room/1", "hi").exactly_once(id));
    pair.server_sends(first.bytes(VERSION));
    pair.sent();
    let connection = pair.connection().unwrap();

    for message in [second, first.dup()] {
        let bytes = Bytes::from(message.bytes(VERSION));
        pair.session.handle_bytes(pair.now, connection, bytes);
    }
    pair.drain_without_events();
    let before = pair.sent();
    pair.drain();

    assert_eq!(before, ["PUBREC 1"]);
    assert_eq!(pair.sent(), ["PUBREC 2"]);
}

/// [MQTT-4.3.3-2]
#[test]
fn qos2_number_is_a_new_message_after_pubrel() {
    let mut pair = pair();
    let message = publish("room/1", "hi").exactly_once(7);

    pair.server_sends(message.bytes(VERSION));
    pair.server_sends(wire::pubrel(7));
    pair.server_sends(message.bytes(VERSION));

    assert_eq!(pair.sent(), ["PUBREC 7", "PUBCOMP 7", "PUBREC 7"]);
    assert_eq!(pair.messages().len(), 2);
}

/// The set of received numbers lives as long as the session on the server. [MQTT-4.3.3-2]
#[test]
fn qos2_repeated_after_a_reconnect_with_the_session_is_delivered_once() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    pair.subscribe("room/#", QoS::ExactlyOnce);
    let message = publish("room/1", "hi").exactly_once(7);

    pair.server_sends(message.bytes(VERSION));
    pair.drop_transport();
    pair.reconnect(true);
    pair.server_sends(message.dup().bytes(VERSION));

    assert_eq!(pair.messages(), ["room/1: hi"]);
}

/// [MQTT-3.1.2-6]
#[test]
fn qos2_number_is_a_new_message_in_a_new_session() {
    let mut pair = pair();
    let message = publish("room/1", "hi").exactly_once(7);

    pair.server_sends(message.bytes(VERSION));
    pair.drop_transport();
    pair.reconnect(false);
    pair.server_sends(message.bytes(VERSION));

    assert_eq!(pair.messages().len(), 2);
}

#[test]
fn unknown_pubrel_is_answered() {
    let mut pair = pair();

    pair.server_sends(wire::pubrel(9));

    assert_eq!(pair.sent(), ["PUBCOMP 9"]);
}

/// [MQTT-4.6.0-2] [MQTT-4.6.0-3]
#[test]
fn acknowledgements_leave_in_the_order_of_arrival() {
    let mut pair = pair();
    let burst = (1..=10_u16).flat_map(|id| {
        let message = publish("room/1", "x");
        let message = if id % 2 == 0 {
            message.at_least_once(id)
        } else {
            message.exactly_once(id)
        };
        message.bytes(VERSION)
    });

    pair.server_sends(burst.collect::<Vec<_>>());

    let expected = (1..=10).map(|id| match id % 2 {
        0 => format!("PUBACK {id}"),
        _ => format!("PUBREC {id}"),
    });
    assert_eq!(pair.sent(), expected.collect::<Vec<_>>());
}

/// The acknowledgement leaves when the application takes the message: natural back-pressure.
#[test]
fn message_that_nobody_took_is_not_acknowledged() {
    let mut pair = pair();
    let connection = pair.connection().unwrap();
    let bytes = publish("room/1", "hi").at_least_once(7).bytes(VERSION);

    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&bytes));
    pair.drain_without_events();
    let before = pair.sent();
    pair.drain();

    assert!(before.is_empty());
    assert_eq!(pair.sent(), ["PUBACK 7"]);
}

/// On another connection the number may mean another message.
#[test]
fn message_taken_after_the_connection_was_lost_is_not_acknowledged() {
    let mut pair = pair();
    let connection = pair.connection().unwrap();
    let bytes = publish("room/1", "hi").at_least_once(7).bytes(VERSION);

    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&bytes));
    pair.drop_transport();

    assert_eq!(pair.messages(), ["room/1: hi"]);
    assert!(pair.sent().is_empty());
}

/// [MQTT-3.3.2-3] [MQTT-4.5.0-2]
#[test]
fn message_without_a_subscription_is_acknowledged_with_a_warning() {
    let mut pair = pair();

    pair.server_sends(publish("other", "hi").at_least_once(3).bytes(VERSION));

    assert_eq!(pair.sent(), ["PUBACK 3"]);
    assert_eq!(pair.events(), [Event::Warning(Warning::UnexpectedTopic)]);
}

#[test]
fn retained_and_repeated_messages_are_told_apart() {
    let mut pair = pair();

    pair.server_sends(publish("room/1", "old").retained().bytes(VERSION));
    pair.server_sends(
        publish("room/1", "again")
            .at_least_once(1)
            .dup()
            .bytes(VERSION),
    );
    let received = pair.received();

    let flags = received
        .iter()
        .map(|received| (received.message.retain, received.dup));
    assert_eq!(flags.collect::<Vec<_>>(), [(true, false), (false, true)]);
}

#[test]
fn message_names_every_subscription_that_matches() {
    let mut pair = Pair::connected();
    let all = pair.subscribe("#", QoS::AtMostOnce);
    let room = pair.subscribe("room/+", QoS::AtMostOnce);
    let exact = pair.subscribe("room/1", QoS::AtMostOnce);
    pair.subscribe("room/2", QoS::AtMostOnce);

    pair.server_sends(publish("room/1", "hi").bytes(VERSION));

    assert_eq!(pair.received()[0].subscriptions, [all, room, exact]);
}

/// [MQTT-3.3.5-1] Some servers send one copy for each overlapping filter.
#[test]
fn copies_for_overlapping_filters_are_all_delivered() {
    let mut pair = pair();

    pair.server_sends(
        [
            publish("room/1", "x").bytes(VERSION),
            publish("room/1", "x").bytes(VERSION),
        ]
        .concat(),
    );

    assert_eq!(pair.messages().len(), 2);
}

#[test]
fn subscription_that_nobody_wants_any_more_is_not_named() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));

    pair.session
        .unsubscribe(pair.now, Some(Owner(0)), &filter("a"));
    pair.server_sends(publish("a", "late").bytes(VERSION));

    assert!(pair.received()[0].subscriptions.is_empty());
}

/// Packets may begin and end anywhere in the WebSocket messages. [MQTT-6.0.0-2]
#[test]
fn packets_cut_at_every_byte_are_put_together() {
    let stream = [
        publish("room/1", "one").bytes(VERSION),
        publish("room/2", "two").at_least_once(1).bytes(VERSION),
    ]
    .concat();
    for cut in 0..=stream.len() {
        let mut pair = pair();

        pair.server_sends(&stream[..cut]);
        pair.server_sends(&stream[cut..]);

        assert_eq!(
            pair.messages(),
            ["room/1: one", "room/2: two"],
            "cut at {cut}"
        );
    }
}

/// [MQTT-6.0.0-2]
#[test]
fn many_packets_in_one_frame_are_all_delivered() {
    let mut pair = pair();

    pair.server_sends(publish("room/1", "x").bytes(VERSION).repeat(300));

    assert_eq!(pair.messages().len(), 300);
}

#[test]
fn flood_of_qos0_drops_the_oldest_and_says_how_many() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_queue_messages: 3,
        ..options()
    });
    pair.subscribe("#", QoS::AtMostOnce);
    pair.events();
    let burst = ["1", "2", "3", "4", "5"].map(|payload| publish("a", payload).bytes(VERSION));

    pair.server_sends(burst.concat());

    assert_eq!(pair.messages(), ["a: 3", "a: 4", "a: 5"]);
    assert_eq!(pair.events(), [Event::MessagesDropped { count: 2 }]);
    assert_eq!(pair.session.statistics().dropped, 2);
}

#[test]
fn flood_never_drops_what_the_server_waits_for() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_queue_messages: 1,
        ..options()
    });
    pair.subscribe("#", QoS::ExactlyOnce);
    pair.sent();
    let burst = [1, 2, 3].map(|id| {
        publish("a", id.to_string())
            .at_least_once(id)
            .bytes(VERSION)
    });

    pair.server_sends(burst.concat());

    assert_eq!(pair.messages(), ["a: 1", "a: 2", "a: 3"]);
    assert_eq!(pair.sent(), ["PUBACK 1", "PUBACK 2", "PUBACK 3"]);
}

/// The bound counts what waits, not what was ever received.
#[test]
fn messages_that_were_taken_make_room_for_others() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_queue_messages: 2,
        ..options()
    });

    for payload in ["1", "2", "3"] {
        let message = publish("a", payload).bytes(VERSION);
        pair.server_sends([&message[..], &message].concat());
    }

    assert_eq!(pair.messages().len(), 6);
    assert_eq!(pair.session.statistics().dropped, 0);
}

/// The server sends the message again, perhaps under another number, and waits for that answer.
#[test]
fn message_taken_after_a_reconnect_is_not_acknowledged() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    let connection = pair.connection().unwrap();
    let message = publish("a", "x").at_least_once(7).bytes(VERSION);
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&message));

    let lost = Closed::Ended {
        code: 1006,
        clean: false,
    };
    pair.session.handle_closed(pair.now, connection, lost);
    pair.drain_without_events();
    pair.now = pair.session.poll_timeout().unwrap();
    pair.session.handle_timeout(pair.now);
    pair.drain_without_events();
    let connection = pair.connection().unwrap();
    pair.session.handle_opened(pair.now, connection, "mqtt");
    let connack = wire::connack(VERSION, true, 0, &[]);
    pair.session
        .handle_bytes(pair.now, connection, Bytes::copy_from_slice(&connack));
    pair.drain();

    assert_eq!(pair.messages(), ["a: x"]);
    assert_eq!(pair.sent(), ["CONNECT"]);
}
