//! Subscriptions: requests, owners, answers, and what survives a reconnect.

use scratch_mqtt::packet::{QoS, ReasonCode};
use scratch_mqtt::session::{CloseReason, Event, Owner, SessionOptions, Warning};

use crate::pair::{Pair, VERSION, filter, options};
use crate::test;
use crate::wire;

const BLOCKS: Owner = Owner(0);
const HATS: Owner = Owner(1);

fn subscribe(pair: &mut Pair, owner: Owner, text: &str, qos: QoS) {
    pair.session
        .subscribe(pair.now, owner, &filter(text), qos)
        .unwrap();
    pair.drain();
}

/// [MQTT-3.8.1-1] [MQTT-3.8.3-1] [MQTT-3.8.3-3] [MQTT-3.8.3-4]
#[test]
fn subscribe_is_written_with_its_flags_and_options() {
    let mut pair = Pair::connected();

    pair.subscribe("é/+", QoS::AtLeastOnce);

    let expected = [&[0x82, 9, 0, 1, 0, 4][..], "é/+".as_bytes(), &[1]].concat();
    assert_eq!(pair.sent_frames(), [expected]);
}

/// [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.9.3-1]
#[test]
fn suback_tells_what_was_granted_filter_by_filter() {
    let mut pair = Pair::new();
    let first = pair.subscribe("a", QoS::ExactlyOnce);
    let second = pair.subscribe("b", QoS::AtLeastOnce);
    pair.connect();
    pair.accept(false);
    pair.events();

    pair.server_sends(wire::suback(VERSION, 1, &[1, 0x80]));

    let expected = [
        Event::Subscribed {
            subscription: first,
            filter: filter("a"),
            qos: QoS::AtLeastOnce,
        },
        Event::SubscribeFailed {
            subscription: second,
            filter: filter("b"),
            reason: ReasonCode::UNSPECIFIED_ERROR,
        },
    ];
    assert_eq!(pair.events(), expected);
}

/// [MQTT-3.9.3-2]
#[test]
fn suback_with_an_unknown_code_ends_the_connection() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.server_sends(wire::suback(VERSION, 1, &[3]));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// [MQTT-2.3.1-7]
#[test]
fn suback_with_another_number_is_a_warning_and_the_request_stays() {
    let mut pair = Pair::connected();
    let subscription = pair.subscribe("a", QoS::AtMostOnce);

    pair.server_sends(wire::suback(VERSION, 9, &[0]));
    let first = pair.events();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));

    assert_eq!(first, [Event::Warning(Warning::UnknownPacketId)]);
    let qos = QoS::AtMostOnce;
    assert_eq!(
        pair.events(),
        [Event::Subscribed {
            subscription,
            filter: filter("a"),
            qos
        }]
    );
}

/// [MQTT-2.3.1-7]
#[test]
fn unsuback_does_not_answer_a_subscribe() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.server_sends(wire::unsuback(VERSION, 1, &[]));

    assert_eq!(pair.events(), [Event::Warning(Warning::UnknownPacketId)]);
}

#[test]
fn requests_of_one_turn_share_a_packet() {
    let mut pair = Pair::connected();

    for text in ["a", "b", "c"] {
        pair.session
            .subscribe(pair.now, BLOCKS, &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q0 b q0 c q0"]);
}

#[test]
fn same_filter_is_subscribed_to_once() {
    let mut pair = Pair::connected();

    let first = pair.subscribe("a", QoS::AtMostOnce);
    let second = pair.subscribe("a", QoS::AtMostOnce);

    assert_eq!(first, second);
    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q0"]);
}

#[test]
fn owner_that_wants_more_raises_the_qos() {
    let mut pair = Pair::connected();
    subscribe(&mut pair, BLOCKS, "a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.events();

    subscribe(&mut pair, HATS, "a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 2, &[1]));

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q0", "SUBSCRIBE 2 a q1"]);
    let reported = pair.events();
    assert!(
        matches!(
            reported[..],
            [Event::Subscribed {
                qos: QoS::AtLeastOnce,
                ..
            }]
        ),
        "{reported:?}"
    );
}

#[test]
fn owner_that_wants_less_lowers_the_qos_of_no_other() {
    let mut pair = Pair::new();
    subscribe(&mut pair, BLOCKS, "a", QoS::ExactlyOnce);
    subscribe(&mut pair, HATS, "a", QoS::AtMostOnce);

    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 1 a q2"]);
}

/// [MQTT-3.10.1-1] [MQTT-3.10.3-1] [MQTT-3.10.3-2] [MQTT-3.10.4-1]
#[test]
fn unsubscribe_sends_the_identical_filter() {
    let mut pair = Pair::connected();
    pair.subscribe("é/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();

    pair.unsubscribe("é/#");

    let expected = [&[0xA2, 8, 0, 2, 0, 4][..], "é/#".as_bytes()].concat();
    assert_eq!(pair.sent_frames(), [expected]);
}

/// [MQTT-3.10.4-4] [MQTT-3.10.4-5]
#[test]
fn unsuback_ends_the_subscription() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.unsubscribe("a");
    pair.events();

    pair.server_sends(wire::unsuback(VERSION, 2, &[]));

    assert_eq!(
        pair.events(),
        [Event::Unsubscribed {
            filter: filter("a")
        }]
    );
}

#[test]
fn last_owner_to_leave_unsubscribes() {
    let mut pair = Pair::connected();
    subscribe(&mut pair, BLOCKS, "a", QoS::AtMostOnce);
    subscribe(&mut pair, HATS, "a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();
    pair.events();

    pair.session.release_owner(pair.now, HATS);
    pair.drain();
    let first = (pair.sent(), pair.events());
    pair.session.release_owner(pair.now, BLOCKS);
    pair.drain();

    assert_eq!(first, (vec![], vec![]));
    assert_eq!(pair.sent(), ["UNSUBSCRIBE 2 a"]);
}

#[test]
fn unsubscribe_before_suback_waits_for_it() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.unsubscribe("a");
    let before = pair.sent();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));

    assert_eq!(before, ["SUBSCRIBE 1 a q0"]);
    assert_eq!(pair.sent(), ["UNSUBSCRIBE 2 a"]);
    assert_eq!(pair.events(), [], "nobody wants it any more");
}

#[test]
fn subscribe_again_before_unsuback_subscribes_after_it() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.unsubscribe("a");
    pair.subscribe("a", QoS::AtMostOnce);
    pair.sent();

    pair.server_sends(wire::unsuback(VERSION, 2, &[]));

    assert_eq!(pair.sent(), ["SUBSCRIBE 3 a q0"]);
}

/// The server has it, and is to keep it.
#[test]
fn filter_that_is_given_up_and_wanted_in_one_turn_sends_nothing() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();
    pair.events();

    pair.session.unsubscribe(pair.now, None, &filter("a"));
    pair.subscribe("a", QoS::AtMostOnce);

    assert_eq!(pair.sent(), [""; 0]);
    assert!(matches!(pair.events()[..], [Event::Subscribed { .. }]));
}

/// The higher QoS brings all that is wanted.
#[test]
fn filter_that_is_wanted_anew_with_a_lower_qos_stays_subscribed() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::ExactlyOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[2]));
    pair.sent();

    pair.session.unsubscribe(pair.now, None, &filter("a"));
    pair.subscribe("a", QoS::AtMostOnce);

    assert_eq!(pair.sent(), [""; 0]);
}

#[test]
fn unsubscribe_before_connecting_sends_nothing() {
    let mut pair = Pair::new();
    pair.subscribe("a", QoS::AtMostOnce);

    pair.unsubscribe("a");
    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT"]);
}

/// [MQTT-3.8.4-1] The SUBACK that was lost with the connection is asked for again.
#[test]
fn reconnect_without_a_session_subscribes_to_everything_again() {
    let mut pair = Pair::connected();
    pair.subscribe("granted", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.subscribe("pending", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.subscribe("new", QoS::AtMostOnce);
    pair.sent();

    pair.reconnect(false);

    assert_eq!(
        pair.sent(),
        ["CONNECT", "SUBSCRIBE 3 granted q0 pending q1 new q0"]
    );
}

#[test]
fn reconnect_with_the_session_subscribes_to_what_it_lacks() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    pair.subscribe("granted", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.subscribe("pending", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 3 pending q1"]);
}

#[test]
fn lost_unsubscribe_is_sent_again_with_the_session() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options()
    });
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.unsubscribe("a");
    pair.drop_transport();
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "UNSUBSCRIBE 3 a"]);
}

#[test]
fn refused_filter_is_asked_for_again_only_by_its_owner() {
    let mut pair = Pair::connected();
    pair.subscribe("secret", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0x80]));
    pair.subscribe("other", QoS::AtMostOnce);
    let by_itself = pair.sent();

    pair.subscribe("secret", QoS::AtMostOnce);

    assert_eq!(by_itself, ["SUBSCRIBE 1 secret q0", "SUBSCRIBE 2 other q0"]);
    assert_eq!(pair.sent(), ["SUBSCRIBE 3 secret q0"]);
}

/// A server of the same options would refuse it again; another one may take it.
#[test]
fn refused_filter_is_asked_for_again_with_other_options_only() {
    let mut pair = Pair::connected();
    pair.subscribe("secret", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0x80]));
    pair.sent();

    pair.drop_transport();
    pair.reconnect(false);
    let same = pair.sent();
    pair.options.client_id = "another".to_owned();
    pair.connect();
    pair.accept(false);

    assert_eq!(same, ["CONNECT"]);
    assert_eq!(
        pair.sent(),
        ["DISCONNECT", "CONNECT", "SUBSCRIBE 2 secret q0"]
    );
}

#[test]
fn many_filters_are_spread_over_packets() {
    let mut pair = Pair::new();
    for number in 0..150 {
        pair.subscribe(&format!("topic/{number}"), QoS::AtMostOnce);
    }

    pair.connect();
    pair.accept(false);

    let sent = pair.sent();
    let filters = sent.iter().map(|line| line.matches("topic/").count());
    assert_eq!(filters.collect::<Vec<_>>(), [0, 64, 64, 22]);
}
