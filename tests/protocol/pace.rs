//! A publish rate that lets messages wait: what a loop without a pause may send, and what it may
//! not keep from the next message.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    Event, Excess, Message, PublishError, PublishRate, QueuePolicy, SessionOptions, Token,
};

use crate::pair::{Pair, message, millis, options, secs};
use crate::test;

const RATE: PublishRate = PublishRate {
    per_second: 20,
    burst: 200,
    excess: Excess::Wait,
};

fn paced() -> SessionOptions {
    SessionOptions {
        publish_rate: Some(RATE),
        ..options()
    }
}

/// As many messages as a loop publishes in one turn; how many were refused.
fn publish_at_once(pair: &mut Pair, topic: &str, count: usize, qos: QoS) -> usize {
    let refused = (0..count).filter(|n| {
        let payload = n.to_string();
        pair.try_publish(topic, payload, qos).is_err()
    });
    let refused = refused.count();
    pair.drain();
    refused
}

/// What the socket held is sent.
fn empty_socket(pair: &mut Pair) {
    let connection = pair.connection().unwrap();
    pair.session.handle_buffered(pair.now, connection, 0);
    pair.drain();
}

/// As if the burst was used up.
fn after_the_burst() -> Pair {
    let mut pair = Pair::connected_with(paced());
    publish_at_once(&mut pair, "before", 200, QoS::AtMostOnce);
    empty_socket(&mut pair);
    pair.sent();
    pair
}

#[test]
fn a_list_of_200_goes_out_whole_and_at_once() {
    let mut pair = Pair::connected_with(paced());

    publish_at_once(&mut pair, "list", 200, QoS::AtMostOnce);

    let whole: Vec<_> = (0..200).map(|n| format!("PUBLISH q0 list: {n}")).collect();
    assert_eq!(pair.sent(), whole);
}

#[test]
fn of_what_is_faster_the_newest_value_waits_and_the_others_are_reported() {
    let mut pair = Pair::connected_with(paced());

    publish_at_once(&mut pair, "loop", 100_000, QoS::AtMostOnce);
    let at_once = pair.sent().len();
    pair.advance(secs(1));

    let replaced = |event: &Event| {
        let error = PublishError::Replaced;
        matches!(event, Event::PublishFailed { error: reported, .. } if *reported == error)
    };
    assert_eq!(at_once, 200);
    assert_eq!(pair.sent(), ["PUBLISH q0 loop: 99999"]);
    assert_eq!(
        pair.events().iter().filter(|event| replaced(event)).count(),
        99_799
    );
    assert_eq!(pair.session.statistics().not_sent, 99_799);
}

/// The loop was stopped; a pupil publishes by hand.
#[test]
fn next_message_after_a_loop_is_there_within_100_ms() {
    let mut pair = Pair::connected_with(paced());
    publish_at_once(&mut pair, "loop", 100_000, QoS::AtMostOnce);
    pair.sent();

    pair.publish("pupil", "hello", QoS::AtMostOnce);
    pair.advance(millis(100));

    assert_eq!(
        pair.sent(),
        ["PUBLISH q0 loop: 99999", "PUBLISH q0 pupil: hello"]
    );
}

#[test]
fn a_loop_sends_at_the_rate() {
    let mut pair = after_the_burst();

    for _ in 0..300 {
        publish_at_once(&mut pair, "loop", 50, QoS::AtMostOnce);
        pair.advance(millis(10));
    }

    let sent = pair.sent().len();
    assert!((59..=61).contains(&sent), "{sent} in 3 s");
}

/// At the end of the queue the first topic of a loop would take every turn.
#[test]
fn topics_of_a_loop_take_turns() {
    let mut pair = after_the_burst();

    for round in 0..100 {
        for topic in ["a", "b", "c", "d"] {
            pair.try_publish(topic, round.to_string(), QoS::AtMostOnce)
                .unwrap();
        }
        pair.drain();
        pair.advance(millis(10));
    }

    let sent = pair.sent();
    for topic in ["a", "b", "c", "d"] {
        let start = format!("PUBLISH q0 {topic}:");
        let turns = sent.iter().filter(|line| line.starts_with(&start)).count();
        assert_eq!(turns, 5, "{topic}");
    }
}

#[test]
fn what_must_arrive_is_never_replaced_and_refused_when_the_queue_is_full() {
    let mut pair = after_the_burst();
    pair.options.queue_messages = 5;
    pair.options.send_maximum = 100;
    let options = pair.options.clone();
    pair.session.connect(pair.now, options).unwrap();
    pair.drain();
    pair.accept(false);
    pair.sent();

    let refused = publish_at_once(&mut pair, "a", 7, QoS::AtLeastOnce);
    pair.advance(secs(1));

    assert_eq!(refused, 2);
    let expected: Vec<_> = (0..5)
        .map(|n| format!("PUBLISH {} q1 a: {n}", n + 1))
        .collect();
    assert_eq!(pair.sent(), expected);
    assert_eq!(pair.session.statistics().not_sent, 2);
}

#[test]
fn a_value_stays_before_what_must_arrive_on_its_topic() {
    let mut pair = after_the_burst();

    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.publish("a", "3", QoS::AtMostOnce);
    pair.publish("a", "4", QoS::AtMostOnce);
    pair.advance(secs(1));

    let expected = ["PUBLISH q0 a: 1", "PUBLISH 1 q1 a: 2", "PUBLISH q0 a: 4"];
    assert_eq!(pair.sent(), expected);
}

fn retained(topic: &str, payload: &str) -> Message {
    Message {
        retain: true,
        ..message(topic, payload, QoS::AtMostOnce)
    }
}

/// The server keeps a retained message until another one comes.
#[test]
fn a_retained_value_is_replaced_by_a_retained_one_only() {
    let mut pair = after_the_burst();

    for n in ["1", "2", "3"] {
        pair.session.publish(pair.now, retained("a", n)).unwrap();
        pair.publish("a", n, QoS::AtMostOnce);
    }
    pair.advance(secs(1));

    let expected = ["PUBLISH q0 retain a: 3", "PUBLISH q0 a: 3"];
    assert_eq!(pair.sent(), expected);
}

/// What comes last on a topic stays last.
#[test]
fn a_retained_value_passes_no_newer_one_of_its_topic() {
    let mut pair = after_the_burst();

    pair.session.publish(pair.now, retained("a", "1")).unwrap();
    pair.publish("a", "2", QoS::AtMostOnce);
    pair.publish("b", "3", QoS::AtMostOnce);
    pair.session.publish(pair.now, retained("a", "4")).unwrap();
    pair.publish("c", "5", QoS::AtMostOnce);
    pair.session.publish(pair.now, retained("a", "6")).unwrap();
    pair.advance(secs(1));

    let expected = [
        "PUBLISH q0 a: 2",
        "PUBLISH q0 b: 3",
        "PUBLISH q0 retain a: 6",
        "PUBLISH q0 c: 5",
    ];
    assert_eq!(pair.sent(), expected);
}

/// Only what waits for the rate anyway is sent in the turn of an older value.
#[test]
fn a_value_that_is_too_fast_takes_no_turn_of_one_within_the_rate() {
    let mut pair = Pair::with(SessionOptions {
        queue_policy: QueuePolicy::LatestPerTopic,
        publish_rate: Some(PublishRate { burst: 2, ..RATE }),
        ..options()
    });
    pair.connect();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("b", "1", QoS::AtMostOnce);

    pair.publish("a", "2", QoS::AtMostOnce);
    pair.accept(false);
    let at_once = pair.sent();
    pair.advance(secs(1));

    assert_eq!(at_once, ["CONNECT", "PUBLISH q0 b: 1"]);
    assert_eq!(pair.sent(), ["PUBLISH q0 a: 2"]);
}

/// A loop ran once, and then a chat goes on.
#[test]
fn slow_messages_are_kept_without_a_connection_whatever_came_before() {
    let mut pair = Pair::with(paced());
    pair.session.set_publish_rate(Some(RATE));
    publish_at_once(&mut pair, "loop", 1000, QoS::AtMostOnce);
    for n in 0..20 {
        pair.advance(secs(1));
        pair.publish("chat", n.to_string(), QoS::AtMostOnce);
    }

    pair.connect();
    pair.accept(false);

    let sent = pair.sent();
    let chat = sent.iter().filter(|line| line.contains("chat:")).count();
    assert_eq!(chat, 20);
}

/// A network that is slower than the rate: the socket stays full.
#[test]
fn a_full_socket_earns_no_turns() {
    let mut pair = after_the_burst();
    let connection = pair.connection().unwrap();

    for _ in 0..100 {
        pair.session.handle_buffered(pair.now, connection, 64 << 10);
        pair.try_publish("camera", [0; 10_000], QoS::AtMostOnce)
            .unwrap();
        pair.drain();
        pair.advance(millis(50));
    }
    pair.publish("pupil", "hello", QoS::AtMostOnce);

    assert_eq!(pair.session.statistics().waiting, 2);
    empty_socket(&mut pair);
    pair.advance(millis(100));
    assert_eq!(pair.sent().len(), 2);
}

/// Long messages within the burst are not all taken ahead of the next one.
#[test]
fn what_waits_for_the_socket_is_bounded_in_bytes() {
    let mut pair = Pair::connected_with(paced());

    for _ in 0..200 {
        pair.try_publish("camera", [0; 10_000], QoS::AtMostOnce)
            .unwrap();
    }

    let waiting = pair.session.statistics().waiting;
    assert!((26..=28).contains(&waiting), "{waiting} of 10 kB each");
}

/// What the system holds is seen by the answer to a PINGREQ only. [MQTT-3.12.4-1]
#[test]
fn what_the_server_has_not_read_is_bounded_in_bytes() {
    let mut pair = Pair::connected_with(paced());
    let publish = |pair: &mut Pair| {
        for _ in 0..20 {
            pair.try_publish("camera", [0; 10_000], QoS::AtMostOnce)
                .unwrap();
        }
    };
    publish(&mut pair);
    empty_socket(&mut pair);
    empty_socket(&mut pair);
    let unread = pair.sent();
    pair.advance(secs(60));

    pair.server_sends([0xd0, 0]);
    empty_socket(&mut pair);
    let more = pair.sent();

    let pings = |lines: &[String]| lines.iter().filter(|line| *line == "PINGREQ").count();
    assert_eq!((unread.len(), pings(&unread)), (8, 1));
    assert!(more.len() > 4 && pings(&more) == 1, "{}", more.len());
}

/// Who publishes without such a rate pings for the keep-alive only.
#[test]
fn without_a_rate_nobody_is_asked_what_was_read() {
    let mut pair = Pair::connected();
    for _ in 0..20 {
        pair.publish("camera", [0; 10_000], QoS::AtMostOnce);
    }

    assert_eq!(pair.sent().len(), 20);
}

#[test]
fn without_a_limit_everything_that_waited_goes() {
    let mut pair = after_the_burst();
    for n in 0..50 {
        pair.publish("a", n.to_string(), QoS::AtLeastOnce);
    }
    assert_eq!(pair.sent(), [""; 0]);

    pair.session.set_publish_rate(None);
    pair.drain();

    assert_eq!(pair.sent().len(), 20, "as many as the window takes");
}

#[test]
fn what_waits_for_the_rate_is_sent_before_goodbye() {
    let mut pair = after_the_burst();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("b", "2", QoS::AtMostOnce);

    pair.disconnect();

    assert_eq!(
        pair.sent(),
        ["PUBLISH q0 a: 1", "PUBLISH q0 b: 2", "DISCONNECT"]
    );
}

#[test]
fn the_rate_of_a_connection_can_be_changed_without_another_one() {
    let mut pair = Pair::connected_with(paced());
    let rate = PublishRate {
        per_second: 5,
        ..RATE
    };

    pair.session.set_publish_rate(Some(rate));
    pair.options.publish_rate = Some(rate);
    pair.connect();

    assert_eq!(pair.sent(), [""; 0]);
}

fn discarded(events: &[Event]) -> Vec<Token> {
    let error = PublishError::Discarded;
    let tokens = events.iter().filter_map(|event| match event {
        Event::PublishFailed {
            token,
            error: reported,
        } if *reported == error => Some(*token),
        _ => None,
    });
    tokens.collect()
}

/// Six green flags with a wrong address, then the right one: one hello.
#[test]
fn what_was_published_without_a_connection_can_be_taken_back() {
    let mut pair = Pair::with(paced());
    pair.connect();
    let tokens = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]
        .map(|qos| pair.publish("a", "old", qos));

    let count = pair.session.discard_unsent(pair.now, secs(0));
    pair.publish("a", "new", QoS::AtMostOnce);
    pair.accept(false);

    assert_eq!(count, 3);
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH q0 a: new"]);
    assert_eq!(discarded(&pair.events()), tokens);
    assert_eq!(pair.session.statistics().waiting, 0);
}

#[test]
fn what_was_published_on_a_connection_is_not_taken_back() {
    let mut pair = after_the_burst();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("b", "2", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.publish("c", "3", QoS::AtLeastOnce);

    let count = pair.session.discard_unsent(pair.now, secs(0));
    pair.reconnect(false);
    pair.advance(secs(1));

    assert_eq!(count, 1);
    let expected = ["CONNECT", "PUBLISH q0 a: 1", "PUBLISH 1 q1 b: 2"];
    assert_eq!(pair.sent(), expected);
}

#[test]
fn only_what_is_old_enough_is_taken_back() {
    let mut pair = Pair::with(paced());
    pair.publish("a", "old", QoS::AtMostOnce);
    pair.now += secs(2);
    pair.publish("a", "new", QoS::AtMostOnce);

    assert_eq!(pair.session.discard_unsent(pair.now, secs(1)), 1);
    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH q0 a: new"]);
}

/// What cannot be taken must not take the place of what was.
#[test]
fn a_value_that_is_refused_replaces_none() {
    let mut pair = Pair::with(SessionOptions {
        queue_bytes: 100,
        queue_policy: QueuePolicy::LatestPerTopic,
        ..options()
    });
    pair.connect();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("b", "2", QoS::AtMostOnce);

    let refused = pair.try_publish("a", [0; 99], QoS::AtMostOnce);
    pair.accept(false);

    assert_eq!(refused, Err(PublishError::QueueFull));
    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH q0 a: 1", "PUBLISH q0 b: 2"]
    );
}

/// Only what a slow network has not taken makes the next message wait.
#[test]
fn large_messages_within_the_rate_are_all_kept_for_the_first_connection() {
    let mut pair = Pair::with(paced());
    pair.connect();

    for _ in 0..6 {
        pair.publish("a", [0; 100_000], QoS::AtMostOnce);
    }
    pair.accept(false);

    assert_eq!(pair.session.statistics().not_sent, 0);
}
