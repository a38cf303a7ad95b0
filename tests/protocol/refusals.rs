//! What servers of 3.1.1 do with a message that they do not take, and say so.

use scratch_mqtt::packet::{QoS, ReasonCode};
use scratch_mqtt::session::{Closed, Event, PublishError, SessionOptions, State, Token, Warning};

use crate::pair::{Pair, VERSION, options, options5};
use crate::test;
use crate::wire;

/// As RabbitMQ does.
#[test]
fn qos2_that_is_answered_with_puback_is_delivered_with_a_warning() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "hi", QoS::ExactlyOnce);

    pair.server_sends(wire::puback(1));

    let warning = Event::Warning(Warning::QosLowered);
    assert_eq!(pair.events(), [warning, Event::Published { token }]);
    assert_eq!(pair.session.statistics().waiting, 0);
}

/// 5.0 has Maximum QoS for that.
#[test]
fn qos2_that_is_answered_with_puback_in_5_waits_for_its_pubrec() {
    let mut pair = Pair::connected_with(options5());
    pair.publish("a", "hi", QoS::ExactlyOnce);

    pair.server_sends(wire::puback(1));

    assert_eq!(pair.events(), [Event::Warning(Warning::UnknownPacketId)]);
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// As NATS does with QoS 2. The others are delivered.
#[test]
fn message_that_ends_every_connection_fails_and_the_others_are_delivered() {
    let mut pair = Pair::connected();
    pair.publish("a", "good", QoS::AtLeastOnce);
    let bad = pair.publish("a", "bad", QoS::ExactlyOnce);
    pair.publish("a", "also good", QoS::AtLeastOnce);
    refuse(&mut pair);
    pair.reconnect(false);
    pair.server_sends(wire::puback(4));
    refuse(&mut pair);
    pair.sent();

    let failed = failures(&mut pair);
    pair.reconnect(false);

    assert_eq!(failed, [(bad, ReasonCode::UNSPECIFIED_ERROR)]);
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 6 q1 a: also good"]);
}

/// The one that is sent when the connection ends is the one that ended it.
#[test]
fn messages_are_sent_one_at_a_time_after_the_server_blamed_one() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.try_publish("a", "0", QoS::AtMostOnce).unwrap();
    refuse(&mut pair);
    pair.sent();

    pair.reconnect(false);
    let first = pair.sent();
    pair.server_sends(wire::puback(3));
    let second = pair.sent();
    pair.server_sends(wire::puback(4));

    assert_eq!(first, ["CONNECT", "PUBLISH 3 q1 a: 1"]);
    assert_eq!(second, ["PUBLISH 4 q1 a: 2"]);
    assert_eq!(pair.sent(), ["PUBLISH q0 a: 0"]);
}

/// Its SUBSCRIBE may have arrived, and the session goes on.
#[test]
fn suspected_filter_that_nobody_wants_any_more_is_ended_and_reported() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        client_id_is_chosen: true,
        ..options()
    });
    pair.subscribe("f", QoS::AtMostOnce);
    refuse(&mut pair);
    pair.reconnect(true);
    pair.unsubscribe("f");
    refuse(&mut pair);
    pair.sent();
    pair.events();

    pair.reconnect(true);
    let sent = pair.sent();
    pair.server_sends(wire::unsuback(VERSION, 3, &[]));

    assert_eq!(sent, ["CONNECT", "UNSUBSCRIBE 3 f"]);
    let ended = |event: &Event| matches!(event, Event::Unsubscribed { .. });
    assert_eq!(pair.events().iter().filter(|it| ended(it)).count(), 1);
}

/// That the server takes a filter says nothing about the message.
#[test]
fn message_that_ends_every_connection_fails_although_filters_are_granted() {
    let mut pair = Pair::connected();
    pair.subscribe("f", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    let bad = pair.publish("a", "bad", QoS::ExactlyOnce);
    refuse(&mut pair);
    pair.reconnect(false);
    pair.server_sends(wire::suback(VERSION, 3, &[0]));
    pair.server_sends(wire::pingresp());

    refuse(&mut pair);

    assert_eq!(failures(&mut pair), [(bad, ReasonCode::UNSPECIFIED_ERROR)]);
}

/// A filter may be what the server does not like, or what it keeps for it.
#[test]
fn suspected_messages_wait_for_the_answer_to_subscribe() {
    let mut pair = Pair::connected();
    pair.subscribe("f", QoS::AtMostOnce);
    pair.publish("a", "1", QoS::AtLeastOnce);
    refuse(&mut pair);
    pair.sent();

    pair.reconnect(false);
    let first = pair.sent();
    pair.server_sends(wire::suback(VERSION, 3, &[0]));
    let second = pair.sent();
    pair.server_sends(wire::pingresp());

    assert_eq!(first, ["CONNECT", "SUBSCRIBE 3 f q0"]);
    assert_eq!(second, ["PINGREQ"]);
    assert_eq!(pair.sent(), ["PUBLISH 4 q1 a: 1"]);
}

/// As NATS does with a space or a dot in a filter. The others are granted.
#[test]
fn filter_that_ends_every_connection_is_refused_and_the_others_are_granted() {
    let mut pair = Pair::connected();
    pair.subscribe("good", QoS::AtMostOnce);
    pair.subscribe("not good", QoS::AtMostOnce);
    pair.subscribe("also/good", QoS::AtMostOnce);
    refuse(&mut pair);
    pair.sent();
    pair.reconnect(false);
    let first = pair.sent();
    pair.server_sends(wire::suback(VERSION, 4, &[0]));
    let checked = pair.sent();
    pair.server_sends(wire::pingresp());
    let second = pair.sent();
    refuse(&mut pair);

    let refused = pair.events().into_iter().find_map(|event| match event {
        Event::SubscribeFailed { filter, reason, .. } => Some((filter.as_str().to_owned(), reason)),
        _ => None,
    });
    pair.reconnect(false);
    let third = pair.sent();
    pair.server_sends(wire::suback(VERSION, 6, &[0]));
    pair.server_sends(wire::pingresp());

    assert_eq!(first, ["CONNECT", "SUBSCRIBE 4 good q0"]);
    assert_eq!(checked, ["PINGREQ"]);
    assert_eq!(second, ["SUBSCRIBE 5 not good q0"]);
    let expected = ("not good".to_owned(), ReasonCode::UNSPECIFIED_ERROR);
    assert_eq!(refused, Some(expected));
    assert_eq!(third, ["CONNECT", "SUBSCRIBE 6 good q0"]);
    assert_eq!(pair.sent(), ["PINGREQ", "SUBSCRIBE 7 also/good q0"]);
}

/// Nobody else uses the name: the server says what it does not like.
#[test]
fn server_that_blames_us_again_and_again_is_no_fight_for_a_name() {
    let mut pair = Pair::connected_with(SessionOptions {
        client_id_is_chosen: true,
        ..options()
    });
    for _ in 0..4 {
        pair.publish("a b", "hi", QoS::AtLeastOnce);
        refuse(&mut pair);
        pair.reconnect(false);
    }

    assert_eq!(pair.session.state(), State::Connected);
}

/// With a session the message keeps its number, and the number is free when it has failed.
#[test]
fn message_that_ends_every_connection_fails_in_a_kept_session_too() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    let bad = pair.publish("a", "bad", QoS::ExactlyOnce);
    refuse(&mut pair);
    pair.reconnect(true);
    refuse(&mut pair);
    pair.sent();

    let failed = failures(&mut pair);
    pair.reconnect(true);

    assert_eq!(failed, [(bad, ReasonCode::UNSPECIFIED_ERROR)]);
    assert_eq!(pair.sent(), ["CONNECT"]);
}

/// A network that fails says nothing about messages.
#[test]
fn message_is_sent_again_however_often_the_connection_is_lost() {
    let mut pair = Pair::connected();
    pair.publish("a", "hi", QoS::ExactlyOnce);
    for _ in 0..10 {
        pair.drop_transport();
        pair.reconnect(false);
    }

    assert_eq!(failures(&mut pair), []);
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// Protocol error: the code by which NATS ends a WebSocket.
fn refuse(pair: &mut Pair) {
    pair.close_transport(Closed::Ended {
        code: 1002,
        clean: true,
    });
}

fn failures(pair: &mut Pair) -> Vec<(Token, ReasonCode)> {
    let failure = |event| match event {
        Event::PublishFailed {
            token,
            error: PublishError::EndedConnection { reason, .. },
        } => Some((token, reason)),
        _ => None,
    };
    pair.events().into_iter().filter_map(failure).collect()
}
