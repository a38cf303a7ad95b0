//! Filters that have topics in common, and what is subscribed to for them.

use scratch_mqtt::packet::{QoS, RetainHandling};
use scratch_mqtt::session::{Event, Owner, SessionOptions, SubscribeOptions, SubscriptionId};

use crate::pair::{Pair, V5, VERSION, filter, millis, options5, secs};
use crate::test;
use crate::wire::{self, property, publish};

const SUBSCRIPTION_ID: u8 = 0x0B;
const IDENTIFIERS_AVAILABLE: u8 = 0x29;

/// A message that comes because of the subscription with this identifier.
fn copy(topic: &str, id: u8) -> Vec<u8> {
    let identifier = property(SUBSCRIPTION_ID, &[id]);
    publish(topic, "x").with_property(&identifier).bytes(V5)
}

/// In one turn.
fn subscribe_together(pair: &mut Pair, wanted: [(&str, SubscribeOptions); 2]) {
    for (text, options) in wanted {
        want(pair, text, options);
    }
    pair.drain();
}

fn subscribed(event: &Event) -> Option<String> {
    match event {
        Event::Subscribed { filter, .. } => Some(filter.as_str().to_owned()),
        _ => None,
    }
}

fn reported(pair: &mut Pair) -> Vec<String> {
    pair.events().iter().filter_map(subscribed).collect()
}

/// Queues without sending, as a script does that wants several filters in one turn.
fn want(pair: &mut Pair, text: &str, wanted: impl Into<SubscribeOptions>) -> SubscriptionId {
    let added = pair
        .session
        .subscribe(pair.now, Owner(0), &filter(text), wanted);
    added.unwrap()
}

fn without_our_own() -> SubscribeOptions {
    SubscribeOptions {
        no_local: true,
        ..SubscribeOptions::default()
    }
}

fn nothing_kept() -> SubscribeOptions {
    SubscribeOptions {
        retain_handling: RetainHandling::Never,
        ..SubscribeOptions::default()
    }
}

/// A server of 5.0 without Subscription Identifiers.
fn connected_without_identifiers() -> Pair {
    Pair::connected_to(options5(), &property(IDENTIFIERS_AVAILABLE, &[0]))
}

#[test]
fn filter_that_covers_others_is_subscribed_to_in_their_place() {
    let mut pair = Pair::new();
    for (text, qos) in [("r/temp", QoS::AtLeastOnce), ("r/#", QoS::AtMostOnce)] {
        pair.subscribe(text, qos);
    }
    pair.connect();
    pair.accept(false);
    let sent = pair.sent();
    pair.events();

    pair.server_sends(wire::suback(VERSION, 1, &[1]));

    assert_eq!(sent, ["CONNECT", "SUBSCRIBE 1 r/# q1"]);
    assert_eq!(reported(&mut pair), ["r/#", "r/temp"]);
}

#[test]
fn filter_that_wants_nothing_kept_is_granted_with_its_cover() {
    let mut pair = Pair::connected_with(options5());
    let never = SubscribeOptions {
        retain_handling: RetainHandling::Never,
        ..SubscribeOptions::default()
    };
    subscribe_together(
        &mut pair,
        [("a/#", SubscribeOptions::default()), ("a/b", never)],
    );
    let sent = pair.sent();

    pair.server_sends(wire::suback(V5, 1, &[0]));

    assert_eq!(sent, ["SUBSCRIBE 1 a/# q0"]);
    assert_eq!(reported(&mut pair), ["a/#", "a/b"]);
}

#[test]
fn suback_of_a_cover_is_no_answer_for_a_filter_with_a_subscription_of_its_own() {
    let mut pair = Pair::connected_with(options5());
    let not_our_own = SubscribeOptions {
        no_local: true,
        retain_handling: RetainHandling::Never,
        ..SubscribeOptions::default()
    };
    subscribe_together(
        &mut pair,
        [("a/#", SubscribeOptions::default()), ("a/b", not_our_own)],
    );

    pair.server_sends(wire::suback(V5, 1, &[0]));

    assert_eq!(reported(&mut pair), ["a/#"]);
}

/// What it serves has been reported, and goes on.
#[test]
fn cover_with_a_higher_qos_is_asked_for_and_reported_alone() {
    let mut pair = Pair::connected();
    let plain = SubscribeOptions::default();
    subscribe_together(&mut pair, [("a/#", plain), ("a/b", plain)]);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();
    pair.events();

    pair.subscribe("a/#", QoS::AtLeastOnce);
    let sent = pair.sent();
    pair.server_sends(wire::suback(VERSION, 2, &[1]));

    assert_eq!(sent, ["SUBSCRIBE 2 a/# q1"]);
    assert_eq!(reported(&mut pair), ["a/#"]);
}

/// Its answer, and what is kept, come with that request.
#[test]
fn new_filter_needs_no_request_where_its_cover_is_about_to_be_asked_for() {
    let mut pair = Pair::connected();
    pair.subscribe("a/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();
    pair.events();

    subscribe_together(
        &mut pair,
        [
            ("a/#", QoS::AtLeastOnce.into()),
            ("a/b", QoS::AtMostOnce.into()),
        ],
    );
    let sent = pair.sent();
    pair.server_sends(wire::suback(VERSION, 2, &[1]));

    assert_eq!(sent, ["SUBSCRIBE 2 a/# q1"]);
    assert_eq!(reported(&mut pair), ["a/#", "a/b"]);
}

/// Where copies are alike, one comes for `+/+` alone.
#[test]
fn filters_that_only_overlap_share_their_join_in_3_1_1() {
    let mut pair = Pair::connected();
    let first = pair.subscribe("a/+", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();

    let second = pair.subscribe("+/b", QoS::AtMostOnce);
    let sent = pair.sent();
    pair.server_sends(publish("a/b", "x").bytes(VERSION));
    pair.server_sends(publish("other/topic", "x").bytes(VERSION));

    assert_eq!(sent, ["SUBSCRIBE 2 +/+ q0", "UNSUBSCRIBE 3 a/+"]);
    let received = pair.received();
    assert_eq!(received.len(), 1, "what nobody wants is left out");
    assert_eq!(received[0].subscriptions, [first, second]);
}

#[test]
fn join_that_has_become_too_wide_ends() {
    let mut pair = Pair::connected();
    for text in ["a/+", "+/b"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));

    pair.unsubscribe("+/b");

    assert_eq!(
        pair.sent(),
        [
            "SUBSCRIBE 1 +/+ q0",
            "SUBSCRIBE 2 a/+ q0",
            "UNSUBSCRIBE 3 +/+"
        ]
    );
}

/// The server would refuse it again, and nobody wanted it.
#[test]
fn refused_join_is_not_asked_for_again() {
    let mut pair = Pair::connected();
    for text in ["c/+", "+/b"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();

    pair.server_sends(wire::suback(VERSION, 1, &[0x80]));
    pair.server_sends(wire::suback(VERSION, 2, &[0, 0]));
    pair.subscribe("x/+", QoS::AtMostOnce);

    assert_eq!(
        pair.sent(),
        [
            "SUBSCRIBE 1 +/+ q0",
            "SUBSCRIBE 2 +/b q0 c/+ q0",
            "SUBSCRIBE 3 x/+ q0"
        ]
    );
    assert_eq!(reported(&mut pair), ["+/b", "c/+"]);
}

/// What the join would bring is not what they want.
#[test]
fn join_that_is_wanted_with_other_options_is_not_shared() {
    let mut pair = connected_without_identifiers();

    want(&mut pair, "+/+", without_our_own());
    for text in ["a/+", "+/b"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 +/+ q4 a/+ q0 +/b q0"]);
}

#[test]
fn join_that_ended_is_asked_for_again_with_its_options() {
    let mut pair = connected_without_identifiers();
    for text in ["a/+", "+/b"] {
        want(&mut pair, text, without_our_own());
    }
    pair.drain();
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.unsubscribe("+/b");
    pair.sent();

    want(&mut pair, "+/b", without_our_own());
    pair.drain();

    assert_eq!(pair.sent(), ["SUBSCRIBE 4 +/+ q4", "UNSUBSCRIBE 5 a/+"]);
}

/// [MQTT5-3.3.4-3] [MQTT5-3.3.4-5]
#[test]
fn copies_with_identifiers_are_one_message() {
    let mut pair = Pair::connected_with(options5());
    let both = ["a/+", "+/b"].map(|text| pair.subscribe(text, QoS::AtMostOnce));
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }
    pair.sent();

    for id in [1, 2, 1, 2] {
        pair.server_sends(copy("a/b", id));
    }

    let received = pair.received();
    let named = received.iter().map(|received| &received.subscriptions[..]);
    assert_eq!(named.collect::<Vec<_>>(), [both, both], "two were sent");
}

/// A copy with QoS 0 may be lost on its way, one with QoS 1 is not: neither stands for the other.
#[test]
fn copy_with_a_lower_qos_is_not_for_a_filter_that_wants_a_higher_one() {
    let mut pair = Pair::with(options5());
    let lower = pair.subscribe("+/a/x", QoS::AtMostOnce);
    let higher = [("r/#", QoS::AtMostOnce), ("r/+/x", QoS::AtLeastOnce)]
        .map(|(text, qos)| pair.subscribe(text, qos));
    pair.connect();
    pair.accept(false);
    for (packet_id, qos) in [(1, 0), (2, 1)] {
        pair.server_sends(wire::suback(V5, packet_id, &[qos]));
    }
    let [first, second] = [1, 2].map(|id| property(SUBSCRIPTION_ID, &[id]));
    let plain = publish("r/a/x", "x").with_property(&first);
    let sure = publish("r/a/x", "x")
        .at_least_once(7)
        .with_property(&second);

    for copy in [plain, sure] {
        pair.server_sends(copy.bytes(V5));
    }

    let received = pair.received();
    let reported = received.iter().map(|received| &received.subscriptions[..]);
    assert_eq!(reported.collect::<Vec<_>>(), [&[lower][..], &higher]);
}

/// A copy that is left out is acknowledged all the same. [MQTT5-4.3.2-4]
#[test]
fn copy_that_is_left_out_is_acknowledged() {
    let mut pair = Pair::connected_with(options5());
    for text in ["a/+", "+/b"] {
        pair.subscribe(text, QoS::AtLeastOnce);
    }
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(V5, packet_id, &[1]));
    }
    pair.sent();

    for id in [1, 2] {
        let identifier = property(SUBSCRIPTION_ID, &[id]);
        let copy = publish("a/b", "x").at_least_once(id.into());
        pair.server_sends(copy.with_property(&identifier).bytes(V5));
    }

    assert_eq!(pair.messages(), ["a/b: x"]);
    assert_eq!(pair.sent(), ["PUBACK 1", "PUBACK 2"]);
}

/// Acknowledgements of what came together leave together. [MQTT-6.0.0-2]
#[test]
fn copy_that_is_left_out_is_acknowledged_with_the_messages_around_it() {
    let mut pair = Pair::connected_with(options5());
    for text in ["a/+", "+/b"] {
        pair.subscribe(text, QoS::AtLeastOnce);
    }
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(V5, packet_id, &[1]));
    }
    pair.sent();
    let copies = [("x", 1), ("x", 2), ("y", 1)].into_iter().zip(1_u16..);

    let copies = copies.map(|((payload, id), packet_id)| {
        let identifier = property(SUBSCRIPTION_ID, &[id]);
        let copy = publish("a/b", payload).at_least_once(packet_id);
        copy.with_property(&identifier).bytes(V5)
    });
    pair.server_sends(copies.collect::<Vec<_>>().concat());

    assert_eq!(pair.messages(), ["a/b: x", "a/b: y"]);
    assert_eq!(pair.sent_frames(), [[1, 2, 3].map(wire::puback).concat()]);
}

/// (3.3.1.3 of 3.1.1)
#[test]
fn kept_message_is_for_the_filter_that_is_new() {
    let mut pair = Pair::connected();
    pair.subscribe("r/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.server_sends(publish("r/temp", "kept").retained().bytes(VERSION));
    pair.advance(secs(10));
    pair.sent();
    pair.received();

    let new = pair.subscribe("r/temp", QoS::AtMostOnce);
    let sent = pair.sent();
    pair.server_sends(wire::suback(VERSION, 2, &[0]));
    pair.server_sends(publish("r/temp", "kept").retained().bytes(VERSION));
    pair.server_sends(wire::unsuback(VERSION, 3, &[]));

    assert_eq!(sent, ["SUBSCRIBE 2 r/temp q0", "UNSUBSCRIBE 3 r/temp"]);
    assert_eq!(pair.received()[0].subscriptions, [new]);
}

/// As servers do that add identifiers to none of what they retain.
#[test]
fn kept_message_without_an_identifier_is_for_the_filter_that_is_new() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("r/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.advance(secs(10));

    let new = pair.subscribe("r/temp", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 2, &[0]));
    pair.server_sends(publish("r/temp", "kept").retained().bytes(V5));

    assert_eq!(pair.received()[0].subscriptions, [new]);
}

/// When its answer comes, all that it covers has what it brings.
#[test]
fn kept_message_is_not_for_what_a_raised_cover_brought_it_to() {
    let mut pair = Pair::connected();
    for text in ["r/#", "r/temp"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.subscribe("r/#", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 2, &[1]));
    pair.advance(secs(10));

    let new = pair.subscribe("r/+", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 3, &[0]));
    pair.server_sends(publish("r/temp", "kept").retained().bytes(VERSION));

    assert_eq!(pair.received()[0].subscriptions, [new]);
}

#[test]
fn filter_that_wants_nothing_kept_is_granted_by_its_cover_at_once() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("r/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.sent();
    pair.events();

    want(&mut pair, "r/temp", nothing_kept());
    pair.drain();

    assert_eq!(pair.sent(), [""; 0]);
    assert_eq!(reported(&mut pair), ["r/temp"]);
}

/// Nobody is left for whom the server would send what it retains.
#[test]
fn covered_filter_that_is_asked_for_again_and_given_up_in_one_turn_sends_nothing() {
    let mut pair = Pair::connected();
    for text in ["r/#", "r/temp"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    let covered = pair.subscribe("r/temp", QoS::AtMostOnce);
    pair.sent();

    pair.session.subscribe_again(pair.now, covered);
    pair.unsubscribe("r/temp");

    assert_eq!(pair.sent(), [""; 0]);
}

/// It may come before SUBACK, and without the identifier. (3.8.4 of 5.0)
#[test]
fn kept_message_before_suback_is_for_the_filter_that_is_new() {
    for (old, new) in [("r/#", "r/temp"), ("r/temp", "r/#")] {
        let mut pair = Pair::connected_with(options5());
        let kept = publish("r/temp", "kept").retained().bytes(V5);
        pair.subscribe(old, QoS::AtMostOnce);
        pair.server_sends(wire::suback(V5, 1, &[0]));
        pair.server_sends(&kept);
        pair.advance(secs(10));
        pair.received();

        let new = pair.subscribe(new, QoS::AtMostOnce);
        pair.server_sends(&kept);

        assert_eq!(pair.received()[0].subscriptions, [new]);
    }
}

/// What came a moment ago comes once more for the wider filter.
#[test]
fn kept_message_comes_only_once_for_a_filter_that_is_hardly_older() {
    let mut pair = Pair::connected();
    let kept = publish("a/b", "kept").retained().bytes(VERSION);
    pair.subscribe("a/b", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.server_sends(&kept);
    pair.received();

    pair.advance(secs(1));
    let wider = pair.subscribe("a/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 2, &[0]));
    pair.advance(millis(1500));
    pair.server_sends(&kept);

    assert_eq!(pair.received()[0].subscriptions, [wider]);
}

/// A lower QoS brings nothing that a filter does not have.
#[test]
fn filter_with_a_lower_qos_is_not_new_to_what_is_kept() {
    let mut pair = Pair::connected();
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[1]));
    pair.advance(secs(10));

    pair.subscribe("a", QoS::AtMostOnce);
    let wider = pair.subscribe("#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 2, &[1]));
    pair.server_sends(publish("a", "kept").retained().bytes(VERSION));

    assert_eq!(pair.received()[0].subscriptions, [wider]);
}

/// The identifier is that of both, but one of them had what is kept.
#[test]
fn kept_message_of_a_cover_with_a_higher_qos_is_for_the_cover() {
    let mut pair = Pair::connected_with(options5());
    let plain = SubscribeOptions::default();
    subscribe_together(&mut pair, [("a/#", plain), ("a/b", plain)]);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.advance(secs(3));

    let cover = pair.subscribe("a/#", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(V5, 2, &[1]));
    let kept = publish("a/b", "kept").retained();
    let kept = kept.with_property(&property(SUBSCRIPTION_ID, &[1]));
    pair.server_sends(kept.bytes(V5));

    assert_eq!(pair.received()[0].subscriptions, [cover]);
}

/// With Retain As Published the flag says how it was published, not that it was kept.
#[test]
fn message_that_is_published_twice_to_be_kept_arrives_twice() {
    let mut pair = Pair::connected_with(options5());
    let as_published = SubscribeOptions {
        retain_as_published: true,
        ..SubscribeOptions::default()
    };
    let plain = SubscribeOptions::default();
    subscribe_together(&mut pair, [("a", as_published), ("other", plain)]);
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }
    pair.unsubscribe("other");
    pair.advance(secs(3));

    for _ in 0..2 {
        let message = publish("a", "x").retained();
        let message = message.with_property(&property(SUBSCRIPTION_ID, &[1]));
        pair.server_sends(message.bytes(V5));
    }

    assert_eq!(pair.messages(), ["a: x", "a: x"]);
}

/// The answer to the request before says nothing about what is kept now.
#[test]
fn filter_that_is_wanted_anew_is_asked_for_anew() {
    let mut pair = Pair::connected();
    pair.subscribe("r/#", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.subscribe("r/temp", QoS::AtMostOnce);
    pair.unsubscribe("r/temp");
    pair.subscribe("r/temp", QoS::AtMostOnce);
    pair.sent();
    reported(&mut pair);

    pair.server_sends(wire::suback(VERSION, 2, &[0]));
    let early = reported(&mut pair);
    pair.server_sends(wire::unsuback(VERSION, 3, &[]));
    let sent = pair.sent();
    pair.server_sends(wire::suback(VERSION, 4, &[0]));

    assert_eq!(early, [""; 0]);
    assert_eq!(sent, ["SUBSCRIBE 4 r/temp q0", "UNSUBSCRIBE 5 r/temp"]);
    assert_eq!(reported(&mut pair), ["r/temp"]);
}

#[test]
fn answer_to_an_earlier_subscribe_says_nothing_about_a_later_one() {
    let mut pair = Pair::connected();
    pair.subscribe("a/#", QoS::AtMostOnce);
    pair.unsubscribe("a/#");
    pair.subscribe("a/b", QoS::AtMostOnce);
    pair.subscribe("a/#", QoS::AtLeastOnce);
    let sent = pair.sent();

    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    let early = reported(&mut pair);
    pair.server_sends(wire::suback(VERSION, 2, &[0]));
    pair.server_sends(wire::unsuback(VERSION, 3, &[]));
    pair.server_sends(wire::suback(VERSION, 4, &[1]));

    assert_eq!(
        sent,
        [
            "SUBSCRIBE 1 a/# q0",
            "SUBSCRIBE 2 a/b q0",
            "UNSUBSCRIBE 3 a/#",
            "SUBSCRIBE 4 a/# q1",
            "UNSUBSCRIBE 5 a/b"
        ]
    );
    assert_eq!(early, [""; 0]);
    assert_eq!(reported(&mut pair), ["a/b", "a/#"]);
}

/// Two copies of a message would come until then, and nothing tells them apart in 3.1.1.
#[test]
fn subscribe_that_nobody_wants_ends_at_once_where_its_copies_would_be_mistaken() {
    for (mut pair, at_once) in [
        (Pair::connected(), true),
        (Pair::connected_with(options5()), false),
    ] {
        pair.subscribe("a/#", QoS::AtMostOnce);
        pair.unsubscribe("a/#");

        pair.subscribe("a/b", QoS::AtMostOnce);
        let before = pair.sent();
        pair.server_sends(wire::suback(pair.version, 1, &[0]));

        let [first, second] = ["SUBSCRIBE 1 a/# q0", "SUBSCRIBE 2 a/b q0"];
        let end = "UNSUBSCRIBE 3 a/#";
        let all = [first, second, end];
        let count = if at_once { 3 } else { 2 };
        assert_eq!(before, all[..count]);
        assert_eq!(pair.sent(), all[count..]);
        assert_eq!(reported(&mut pair), [""; 0]);
    }
}

/// The UNSUBSCRIBE behind it ends what it granted.
#[test]
fn answer_to_a_subscribe_that_was_ended_says_nothing_about_what_is_wanted_anew() {
    let mut pair = Pair::connected();
    pair.subscribe("a/#", QoS::AtMostOnce);
    pair.unsubscribe("a/#");
    pair.subscribe("a/b", QoS::AtMostOnce);
    pair.server_sends(wire::suback(VERSION, 2, &[0]));
    pair.unsubscribe("a/b");
    pair.subscribe("a/#", QoS::AtMostOnce);
    pair.sent();
    reported(&mut pair);

    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    let early = reported(&mut pair);
    pair.server_sends(wire::unsuback(VERSION, 3, &[]));
    pair.server_sends(wire::suback(VERSION, 5, &[0]));

    assert_eq!(early, [""; 0]);
    assert_eq!(pair.sent(), ["SUBSCRIBE 5 a/# q0"]);
    assert_eq!(reported(&mut pair), ["a/#"]);
}

#[test]
fn filter_whose_cover_is_given_up_before_its_answer_keeps_its_subscription() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("a/b", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.subscribe("a/#", QoS::AtMostOnce);

    pair.unsubscribe("a/#");
    pair.server_sends(wire::suback(V5, 2, &[0]));

    assert_eq!(
        pair.sent(),
        [
            "SUBSCRIBE 1 a/b q0",
            "SUBSCRIBE 2 a/# q0",
            "UNSUBSCRIBE 3 a/#"
        ]
    );
    assert_eq!(reported(&mut pair), ["a/b"]);
}

/// What is wanted between two copies of a message does not change for which filter they count.
#[test]
fn copies_count_for_what_served_their_filter_first() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("b/#", QoS::AtLeastOnce);
    let one_level = pair.subscribe("+", QoS::AtMostOnce);
    for (packet_id, qos) in [(1, 1), (2, 0)] {
        pair.server_sends(wire::suback(V5, packet_id, &[qos]));
    }
    pair.unsubscribe("b/#");

    pair.server_sends(copy("b", 1));
    pair.subscribe("#", QoS::AtLeastOnce);
    pair.received();
    pair.server_sends(copy("b", 2));

    assert_eq!(pair.received()[0].subscriptions, [one_level]);
}

/// The server may not have the other one yet.
#[test]
fn copies_before_the_first_answer_count_for_their_own_filter() {
    let mut pair = Pair::connected_with(options5());
    let first = pair.subscribe("a/+", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    let second = pair.subscribe("+/b", QoS::AtMostOnce);

    for id in [1, 2] {
        pair.server_sends(copy("a/b", id));
    }

    let received = pair.received();
    let named = received.iter().map(|received| &received.subscriptions[..]);
    assert_eq!(named.collect::<Vec<_>>(), [[first], [second]]);
}

/// What the server sends for them says nothing about what it sends for others.
#[test]
fn copies_for_a_group_or_other_options_count_for_themselves() {
    for (text, wanted) in [
        ("a/#", without_our_own()),
        ("$share/g/a/#", SubscribeOptions::default()),
    ] {
        let mut pair = Pair::connected_with(options5());
        let first = want(&mut pair, text, wanted);
        pair.drain();
        let second = pair.subscribe("a/b", QoS::AtMostOnce);
        for packet_id in [1, 2] {
            pair.server_sends(wire::suback(V5, packet_id, &[0]));
        }

        for id in [1, 2] {
            pair.server_sends(copy("a/b", id));
        }

        let received = pair.received();
        let named = received.iter().map(|received| &received.subscriptions[..]);
        assert_eq!(named.collect::<Vec<_>>(), [[first], [second]]);
    }
}

/// What came before the UNSUBACK came for the subscription that ends.
#[test]
fn copies_with_the_identifier_before_count_until_the_filter_has_a_new_one() {
    let mut pair = Pair::connected_with(options5());
    for (packet_id, text) in [(1, "a/b"), (2, "c")] {
        pair.subscribe(text, QoS::AtMostOnce);
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }
    pair.unsubscribe("c");
    pair.subscribe("a/#", QoS::AtMostOnce);
    pair.subscribe("c", QoS::AtMostOnce);
    let sent = pair.sent();

    pair.server_sends(copy("c", 2));
    let before = pair.messages();
    pair.server_sends(wire::unsuback(V5, 3, &[0]));
    pair.server_sends(wire::suback(V5, 5, &[0]));
    pair.server_sends(copy("c", 4));

    assert_eq!(
        sent[2..],
        ["UNSUBSCRIBE 3 c", "SUBSCRIBE 4 a/# q0", "SUBSCRIBE 5 c q0"]
    );
    assert_eq!(before, ["c: x"]);
    assert_eq!(pair.messages(), ["c: x"]);
}

/// A server that begins to add identifiers adds none for what it had before.
#[test]
fn copies_count_beside_a_subscription_without_an_identifier() {
    let mut pair = Pair::connected_to(
        SessionOptions {
            client_id_is_chosen: true,
            clean_session: false,
            ..options5()
        },
        &property(IDENTIFIERS_AVAILABLE, &[0]),
    );
    pair.subscribe("a/+", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.drop_transport();
    pair.reconnect(true);
    let new = pair.subscribe("+/b", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 2, &[0]));

    // The first one after the seed, where a session goes on.
    pair.server_sends(copy("a/b", 8));

    assert_eq!(pair.received()[0].subscriptions, [new]);
}

/// Their answers would have come with the one that was refused.
#[test]
fn filters_of_a_refused_join_are_asked_for_though_a_wider_one_serves_them() {
    let mut pair = Pair::connected();
    for text in ["c/+", "+/b"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.subscribe("a/#", QoS::AtMostOnce);
    let sent = pair.sent();

    pair.server_sends(wire::suback(VERSION, 1, &[0x80]));
    let again = pair.sent();
    for answer in [
        wire::suback(VERSION, 2, &[0]),
        wire::unsuback(VERSION, 3, &[]),
        wire::suback(VERSION, 4, &[0, 0]),
    ] {
        pair.server_sends(answer);
    }

    assert_eq!(
        sent,
        [
            "SUBSCRIBE 1 +/+ q0",
            "SUBSCRIBE 2 +/# q0",
            "UNSUBSCRIBE 3 +/+"
        ]
    );
    assert_eq!(
        again,
        ["SUBSCRIBE 4 +/b q0 c/+ q0", "UNSUBSCRIBE 5 +/b c/+"]
    );
    assert_eq!(reported(&mut pair), ["a/#", "+/b", "c/+"]);
}

/// The server never took it for itself.
#[test]
fn what_was_covered_fails_at_once_when_it_is_refused() {
    let mut pair = Pair::connected();
    for text in ["r/#", "r/temp"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.unsubscribe("r/#");
    pair.events();

    pair.server_sends(wire::suback(VERSION, 2, &[0x80]));

    assert!(matches!(
        pair.events().as_slice(),
        [Event::SubscribeFailed { .. }]
    ));
}

#[test]
fn what_was_covered_is_subscribed_to_before_its_cover_ends() {
    let mut pair = Pair::connected();
    for text in ["r/#", "r/temp"] {
        want(&mut pair, text, QoS::AtMostOnce);
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.sent();

    pair.unsubscribe("r/#");

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 r/temp q0", "UNSUBSCRIBE 3 r/#"]);
}

#[test]
fn filter_that_another_one_served_ends_at_once() {
    let ways: [fn(&mut Pair); 2] = [
        |pair| {
            let served = filter("r/temp");
            pair.session.unsubscribe(pair.now, None, &served);
        },
        |pair| pair.session.release_owner(pair.now, Owner(1)),
    ];
    for end in ways {
        let mut pair = Pair::new();
        for (owner, text) in [(0, "r/#"), (1, "r/temp")] {
            let (owner, filter) = (Owner(owner), filter(text));
            let wanted = pair
                .session
                .subscribe(pair.now, owner, &filter, QoS::AtMostOnce);
            assert!(wanted.is_ok());
        }
        pair.connect();
        pair.accept(false);
        pair.server_sends(wire::suback(VERSION, 1, &[0]));
        pair.sent();
        pair.events();

        end(&mut pair);
        pair.drain();

        let filter = filter("r/temp");
        assert_eq!(pair.events(), [Event::Unsubscribed { filter }]);
        assert_eq!(pair.sent(), [""; 0]);
    }
}

#[test]
fn what_was_covered_needs_nothing_that_is_kept_when_its_cover_ends() {
    let mut pair = Pair::connected_with(options5());
    let plain = SubscribeOptions::default();
    subscribe_together(&mut pair, [("r/#", plain), ("r/temp", plain)]);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.sent();

    pair.unsubscribe("r/#");

    let never = 0b10_0000;
    assert_eq!(pair.sent(), [format!("SUBSCRIBE 2 r/temp q{never}")]);
}

#[test]
fn refused_cover_leaves_each_filter_its_own_subscription() {
    let mut pair = Pair::new();
    for text in ["r/temp", "r/light", "r/#"] {
        pair.subscribe(text, QoS::AtMostOnce);
    }
    pair.connect();
    pair.accept(false);
    pair.sent();

    pair.server_sends(wire::suback(VERSION, 1, &[0x80]));

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 r/light q0 r/temp q0"]);
}

/// A server sends the messages of a group, or what is not our own, for themselves.
#[test]
fn groups_and_other_options_have_subscriptions_of_their_own() {
    let mut pair = Pair::connected_with(options5());
    for (text, wanted) in [
        ("#", SubscribeOptions::default()),
        ("a", without_our_own()),
        ("$share/g/a", SubscribeOptions::default()),
        ("$SYS/a", SubscribeOptions::default()),
    ] {
        want(&mut pair, text, wanted);
    }
    pair.drain();

    let sent = pair.sent();
    let filters = sent.iter().map(|line| line.matches(" q").count());
    assert_eq!(filters.sum::<usize>(), 4, "{sent:?}");
}

#[test]
fn filters_of_one_group_are_all_subscribed_to() {
    for mut pair in [Pair::connected(), Pair::connected_with(options5())] {
        let version = pair.version;
        for text in ["$share/g/a/#", "$share/g/a/b"] {
            pair.subscribe(text, QoS::AtMostOnce);
        }

        for packet_id in [1, 2] {
            pair.server_sends(wire::suback(version, packet_id, &[0]));
        }

        let expected = ["SUBSCRIBE 1 $share/g/a/# q0", "SUBSCRIBE 2 $share/g/a/b q0"];
        assert_eq!(pair.sent(), expected, "and none ends");
    }
}

/// What is new comes with RETAIN too, so only an identifier says for which filter it is.
#[test]
fn filters_that_want_retain_as_published_share_what_has_no_identifiers() {
    for (mut pair, expected) in [
        (connected_without_identifiers(), &["SUBSCRIBE 1 a/# q8"][..]),
        (
            Pair::connected_with(options5()),
            &["SUBSCRIBE 1 a/# q8", "SUBSCRIBE 2 a/b q8"],
        ),
    ] {
        let as_published = SubscribeOptions {
            retain_as_published: true,
            ..SubscribeOptions::default()
        };

        for text in ["a/#", "a/b"] {
            want(&mut pair, text, as_published);
        }
        pair.drain();

        assert_eq!(pair.sent(), expected);
    }
}
