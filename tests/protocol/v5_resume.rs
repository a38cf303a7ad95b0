//! MQTT 5.0: re-delivery on a connection that allows less than the one before.

use scratch_mqtt::packet::{QoS, ReasonCode};
use scratch_mqtt::session::{Event, Owner, PublishError, SessionOptions, State};

use crate::pair::{Pair, V5, filter, options5};
use crate::test;
use crate::wire::{self, property};

const RECEIVE_MAXIMUM: u8 = 0x21;
const MAXIMUM_QOS: u8 = 0x24;
const MAXIMUM_PACKET_SIZE: u8 = 0x27;
const SUBSCRIPTION_IDS_AVAILABLE: u8 = 0x29;
const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;

/// The next attempt finds the session, and a server that grants this.
fn resume(pair: &mut Pair, properties: &[u8]) {
    pair.drop_transport();
    pair.sent();
    pair.events();
    pair.advance_to_next_attempt();
    pair.open();
    pair.server_sends(wire::connack(V5, true, 0, properties));
}

/// The server got the PUBREL, and its PUBCOMP was lost: it may have forgotten the number.
/// [MQTT5-4.3.3-5]
#[test]
fn message_whose_pubcomp_was_lost_is_delivered() {
    let mut pair = Pair::connected_with(options5());
    let token = pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.server_sends(wire::pubrec(1));
    resume(&mut pair, &[]);
    let sent = pair.sent();
    pair.events();

    pair.server_sends(wire::ack_with_reason(wire::pubcomp(1), 0x92));

    assert_eq!(sent, ["CONNECT", "PUBREL 1"]);
    assert_eq!(pair.events(), [Event::Published { token }]);
}

/// [MQTT5-4.9.0-3] [MQTT5-4.6.0-4]
#[test]
fn pubrels_wait_for_no_quota() {
    let mut pair = Pair::connected_with(options5());
    for id in 1..=3 {
        pair.publish("a", "hi", QoS::ExactlyOnce);
        pair.server_sends(wire::pubrec(id));
    }
    pair.publish("a", "4", QoS::AtLeastOnce);

    resume(&mut pair, &property(RECEIVE_MAXIMUM, &[0, 1]));

    assert_eq!(pair.sent(), ["CONNECT", "PUBREL 1", "PUBREL 2", "PUBREL 3"]);
}

/// [MQTT5-3.2.2-15]
#[test]
fn message_that_became_too_large_fails_and_the_next_is_sent() {
    let mut pair = Pair::connected_with(options5());
    let large = pair.publish("a", [b'.'; 100], QoS::AtLeastOnce);
    pair.publish("a", "small", QoS::AtLeastOnce);

    resume(&mut pair, &property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 50]));

    let failed = |event: &Event| matches!(event, Event::PublishFailed { token, error: PublishError::TooLarge { .. } } if *token == large);
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q1 dup a: small"]);
    assert!(pair.events().iter().any(failed));
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// [MQTT5-3.2.2-11]
#[test]
fn message_whose_qos_is_no_longer_allowed_fails() {
    let mut pair = Pair::connected_with(options5());
    let token = pair.publish("a", "hi", QoS::ExactlyOnce);

    resume(&mut pair, &property(MAXIMUM_QOS, &[1]));

    let error = PublishError::QosNotSupported {
        maximum: QoS::AtLeastOnce,
    };
    assert_eq!(pair.sent(), ["CONNECT"]);
    assert!(
        pair.events()
            .contains(&Event::PublishFailed { token, error })
    );
}

/// A Topic Alias is longer than a short topic.
#[test]
fn message_that_fits_only_without_a_topic_alias_is_sent_without() {
    let mut pair = Pair::with(SessionOptions {
        topic_aliases: 1,
        ..options5()
    });
    pair.connect();
    pair.open();
    let limits = [
        property(TOPIC_ALIAS_MAXIMUM, &[0, 1]),
        property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 8]),
    ];
    pair.server_sends(wire::connack(V5, false, 0, &limits.concat()));
    pair.sent();

    pair.publish("a", "hi", QoS::AtMostOnce);

    assert_eq!(pair.sent(), ["PUBLISH q0 a: hi"]);
}

/// [MQTT5-3.2.2-15]
#[test]
fn filters_are_spread_over_packets_that_the_server_takes() {
    let mut pair = Pair::with(options5());
    for text in ["first/filter", "second/filter", "third/filter"] {
        pair.subscribe(text, QoS::AtMostOnce);
    }
    pair.connect();
    pair.open();
    let limit = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 48]);
    pair.server_sends(wire::connack(V5, false, 0, &limit));
    let subscribed = pair.sent_frames();
    for id in [1, 2] {
        let codes = if id == 1 { &[0, 0][..] } else { &[0] };
        pair.server_sends(wire::suback(V5, id, codes));
    }
    for text in ["first/filter", "second/filter", "third/filter"] {
        pair.session.unsubscribe(pair.now, None, &filter(text));
    }
    pair.drain();

    let lines = |frames: &[Vec<u8>]| {
        let packets = frames
            .iter()
            .flat_map(|frame| wire::parse_client(V5, frame));
        packets.count()
    };
    assert_eq!(lines(&subscribed), 1 + 2, "CONNECT and two SUBSCRIBE");
    assert_eq!(lines(&pair.sent_frames()), 2, "two UNSUBSCRIBE");
    assert_eq!(pair.session.state(), State::Connected);
}

/// [MQTT5-3.2.2-15]
#[test]
fn filters_that_fill_a_packet_share_it() {
    let mut pair = Pair::with(options5());
    for text in ["first/filter", "the/second/filter"] {
        pair.subscribe(text, QoS::AtMostOnce);
    }
    pair.connect();
    pair.open();
    pair.sent();

    let limit = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 48]);
    pair.server_sends(wire::connack(V5, false, 0, &limit));

    let expected = ["SUBSCRIBE 1 first/filter q0 the/second/filter q0"];
    assert_eq!(pair.sent(), expected);
}

/// [MQTT5-3.2.2-15]
#[test]
fn filter_that_the_server_cannot_take_is_refused_here() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();
    let limit = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 48]);
    pair.server_sends(wire::connack(V5, false, 0, &limit));
    pair.sent();
    pair.events();

    let text = "x".repeat(60);
    let subscription = pair.subscribe(&text, QoS::AtMostOnce);

    let expected = Event::SubscribeFailed {
        subscription,
        filter: filter(&text),
        reason: ReasonCode::PACKET_TOO_LARGE,
    };
    assert!(pair.sent().is_empty());
    assert_eq!(pair.events(), [expected]);
}

/// [MQTT5-3.2.2-15]
#[test]
fn longest_filter_that_the_server_takes_is_asked_for_and_given_up() {
    for (length, packets) in [(32, 2), (33, 0)] {
        let limit = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 48]);
        let mut pair = Pair::connected_to(options5(), &limit);
        let text = "x".repeat(length);

        pair.subscribe(&text, QoS::AtMostOnce);
        pair.server_sends(wire::suback(V5, 1, &[0]));
        pair.unsubscribe(&text);

        assert_eq!(pair.sent().len(), packets, "{length} bytes");
    }
}

/// An answer that comes before its question leaves no trace.
#[test]
fn message_acknowledged_before_it_is_sent_again_holds_nothing_up() {
    let mut pair = Pair::connected_with(options5());
    for payload in ["1", "2"] {
        pair.publish("a", payload, QoS::AtLeastOnce);
    }
    resume(&mut pair, &property(RECEIVE_MAXIMUM, &[0, 1]));

    pair.server_sends(wire::puback(2));
    pair.server_sends(wire::puback(1));
    pair.publish("a", "3", QoS::AtLeastOnce);

    let expected = ["CONNECT", "PUBLISH 1 q1 dup a: 1", "PUBLISH 3 q1 a: 3"];
    assert_eq!(pair.sent(), expected);
}

/// [MQTT5-3.2.2-15]
#[test]
fn filter_that_became_too_long_to_give_up_is_left_to_the_server() {
    let mut pair = Pair::connected_with(options5());
    let text = "x".repeat(60);
    pair.subscribe(&text, QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.unsubscribe(&text);

    resume(&mut pair, &property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 48]));

    assert_eq!(pair.sent(), ["CONNECT"]);
    assert_eq!(pair.session.state(), State::Connected);
}

/// What served it before has brought what is retained.
#[test]
fn filter_that_was_moved_is_asked_for_again_without_what_is_retained() {
    let without_identifiers = property(SUBSCRIPTION_IDS_AVAILABLE, &[0]);
    let mut pair = Pair::connected_to(options5(), &without_identifiers);
    for text in ["a/#", "a/b"] {
        pair.session
            .subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.unsubscribe("a/#");

    resume(&mut pair, &without_identifiers);

    let never = 0b10_0000;
    let expected = [
        "CONNECT".to_owned(),
        format!("SUBSCRIBE 4 a/b q{never}"),
        "UNSUBSCRIBE 5 a/#".to_owned(),
    ];
    assert_eq!(pair.sent(), expected);
}
