//! Answers that refuse one thing, and answers that are not whole: the connection outlives both.

use scratch_mqtt::packet::{ProtocolVersion, QoS, ReasonCode};
use scratch_mqtt::session::{Event, Owner, PublishError, SessionOptions, State, Token, Warning};

use crate::pair::{Pair, V5, VERSION, filter, options, options5};
use crate::test;
use crate::wire;

/// Codes that are on no list, and some that are on the list of another packet.
const REFUSALS: [u8; 9] = [0x80, 0x81, 0x87, 0x8F, 0x92, 0x95, 0x9B, 0xA2, 0xFF];

fn of(version: ProtocolVersion) -> SessionOptions {
    match version {
        ProtocolVersion::V3_1_1 => options(),
        ProtocolVersion::V5_0 => options5(),
    }
}

/// Subscribed, with what happened on the way forgotten.
fn subscribed(version: ProtocolVersion, filters: &[&str]) -> Pair {
    let mut pair = asked(version, filters);
    pair.server_sends(wire::suback(version, 1, &vec![0; filters.len()]));
    pair.events();
    pair
}

/// One SUBSCRIBE with these filters is on its way.
fn asked(version: ProtocolVersion, filters: &[&str]) -> Pair {
    let mut pair = Pair::connected_with(of(version));
    for text in filters {
        pair.session
            .subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();
    pair.sent();
    pair
}

fn refused(token: Token, reason: u8) -> Event {
    let error = PublishError::Refused(ReasonCode(reason));
    Event::PublishFailed { token, error }
}

/// Which filters were refused, and with which code.
fn refusals(pair: &mut Pair) -> Vec<(String, u8)> {
    let events = pair.events();
    let refusal = |event: &Event| match event {
        Event::SubscribeFailed { filter, reason, .. }
        | Event::UnsubscribeFailed { filter, reason } => {
            Some((filter.as_str().to_owned(), reason.0))
        }
        _ => None,
    };
    events.iter().filter_map(refusal).collect()
}

/// mosquitto says so to a message above its `message_size_limit`.
#[test]
fn message_too_large_for_the_server_fails_alone() {
    let mut pair = Pair::connected_with(options5());
    let token = pair.publish("a", "large", QoS::AtLeastOnce);

    pair.server_sends([0x40, 3, 0, 1, 0x95]);

    assert_eq!(pair.events(), [refused(token, 0x95)]);
    assert_eq!(pair.session.state(), State::Connected);
}

/// [MQTT5-4.3.3-4]
#[test]
fn every_refusal_fails_its_message_and_frees_its_place() {
    for reason in REFUSALS {
        for (qos, ack) in [
            (QoS::AtLeastOnce, wire::puback(1)),
            (QoS::ExactlyOnce, wire::pubrec(1)),
            // The other kind of answer: a refusal is plain all the same.
            (QoS::ExactlyOnce, wire::puback(1)),
            (QoS::AtLeastOnce, wire::pubrec(1)),
        ] {
            let mut pair = Pair::connected_with(SessionOptions {
                send_maximum: 1,
                ..options5()
            });
            let token = pair.publish("a", "large", qos);
            pair.publish("a", "next", QoS::AtLeastOnce);
            pair.sent();

            pair.server_sends(wire::ack_with_reason(ack, reason));

            assert_eq!(pair.events(), [refused(token, reason)]);
            assert_eq!(pair.sent(), ["PUBLISH 2 q1 a: next"]);
        }
    }
}

/// 0x92 says that an earlier PUBCOMP was lost; anything else, that the message is.
#[test]
fn refusal_in_pubcomp_fails_its_message() {
    for reason in REFUSALS {
        let mut pair = Pair::connected_with(options5());
        let token = pair.publish("a", "hi", QoS::ExactlyOnce);
        pair.server_sends(wire::pubrec(1));

        pair.server_sends(wire::ack_with_reason(wire::pubcomp(1), reason));

        let expected = match reason {
            0x92 => Event::Published { token },
            _ => refused(token, reason),
        };
        assert_eq!(pair.events(), [expected]);
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// The server gave the message up; its number means a new one from now on.
#[test]
fn refusal_in_pubrel_ends_the_message() {
    for reason in REFUSALS {
        let mut pair = Pair::connected_with(options5());
        let first = wire::publish("a", "1").exactly_once(7).bytes(V5);
        pair.server_sends(first);

        pair.server_sends(wire::ack_with_reason(wire::pubrel(7), reason));
        pair.server_sends(wire::publish("a", "2").exactly_once(7).bytes(V5));

        assert_eq!(pair.sent(), ["PUBREC 7", "PUBCOMP 7", "PUBREC 7"]);
        assert_eq!(pair.messages(), ["a: 1", "a: 2"]);
    }
}

/// 3.1.1 has one code for it; servers were seen to send those of 5.0.
#[test]
fn every_refusal_fails_its_filter() {
    for version in [VERSION, V5] {
        for reason in REFUSALS {
            let mut pair = asked(version, &["a", "b"]);

            pair.server_sends(wire::suback(version, 1, &[0, reason]));

            assert_eq!(refusals(&mut pair), [("b".to_owned(), reason)]);
            assert!(pair.sent().is_empty());
            assert_eq!(pair.session.state(), State::Connected);
        }
    }
}

/// [MQTT5-3.11.3-1]
#[test]
fn refused_unsubscribe_is_reported() {
    for reason in REFUSALS {
        let mut pair = subscribed(V5, &["a", "b"]);
        pair.session.release_owner(pair.now, Owner(0));
        pair.drain();
        pair.sent();

        pair.server_sends(wire::unsuback(V5, 2, &[0, reason]));

        assert_eq!(refusals(&mut pair), [("b".to_owned(), reason)]);
        assert!(pair.sent().is_empty());
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// The reason of an end is reported as the server gave it.
#[test]
fn unknown_reason_in_disconnect_is_reported() {
    let mut pair = Pair::connected_with(options5());

    pair.server_sends(wire::disconnect(0xFE));

    assert!(
        pair.closed_because()
            .is_some_and(|reason| { reason.text() == "the server disconnected, reason 0xfe" })
    );
    assert_eq!(pair.session.state(), State::Waiting);
}

/// A filter without a code is asked for again, alone. [MQTT-3.8.4-5] [MQTT5-3.8.4-6]
#[test]
fn filter_without_a_code_is_asked_for_once_more() {
    for version in [VERSION, V5] {
        let mut pair = asked(version, &["a", "b", "c"]);

        pair.server_sends(wire::suback(version, 1, &[0]));
        let again = pair.sent();
        let warnings = pair.events();
        pair.server_sends(wire::suback(version, 2, &[0]));
        pair.server_sends(wire::suback(version, 3, &[]));

        assert_eq!(again, ["SUBSCRIBE 2 b q0", "SUBSCRIBE 3 c q0"]);
        assert!(warnings.contains(&Event::Warning(Warning::WrongNumberOfCodes)));
        assert_eq!(refusals(&mut pair), [("c".to_owned(), 0x80)]);
        assert!(pair.sent().is_empty());
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// The order is that of the request, so the first codes are certain.
#[test]
fn more_codes_than_filters_are_a_warning() {
    for version in [VERSION, V5] {
        let mut pair = asked(version, &["a", "b"]);

        pair.server_sends(wire::suback(version, 1, &[0, 0x80, 0, 0]));

        let events = pair.events();
        assert!(events.contains(&Event::Warning(Warning::WrongNumberOfCodes)));
        assert!(matches!(&events[1..], [
            Event::Subscribed { filter: first, .. },
            Event::SubscribeFailed { filter: second, .. },
        ] if first.as_str() == "a" && second.as_str() == "b"));
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// The UNSUBACK of 3.1.1, and one of 5.0 without codes. [MQTT5-3.11.3-1]
#[test]
fn unsuback_without_codes_is_asked_for_once_more() {
    for body in [&[][..], &[0]] {
        let unsuback = |id: u8| wire::packet(0xB0, &[&[0, id], body].concat());
        let mut pair = subscribed(V5, &["a"]);
        pair.unsubscribe("a");
        pair.sent();

        pair.server_sends(unsuback(2));
        let again = pair.sent();
        let warnings = pair.events();
        pair.server_sends(unsuback(3));

        assert_eq!(again, ["UNSUBSCRIBE 3 a"]);
        assert_eq!(warnings, [Event::Warning(Warning::WrongNumberOfCodes)]);
        assert_eq!(refusals(&mut pair), [("a".to_owned(), 0x80)]);
        assert!(pair.sent().is_empty());
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// A server that never answers with codes is asked twice for each request, whatever comes between.
#[test]
fn answers_without_codes_are_no_endless_loop() {
    for version in [VERSION, V5] {
        let mut pair = asked(version, &["a", "b"]);
        let mut requests = 1;
        for id in 1..=40 {
            pair.server_sends(wire::suback(version, id, &[]));
            requests += pair.sent().len();
        }
        pair.drop_transport();
        pair.reconnect(false);

        assert_eq!(requests, 3);
        assert_eq!(pair.sent(), ["CONNECT"]);
    }
}

/// What is requested while the question is open is what is asked for.
#[test]
fn filter_given_up_before_it_is_asked_for_again_is_unsubscribed() {
    let mut pair = asked(V5, &["a"]);
    pair.unsubscribe("a");

    pair.server_sends(wire::suback(V5, 1, &[]));

    assert_eq!(pair.sent(), ["UNSUBSCRIBE 2 a"]);
}
