//! Messages that wait: for a connection, for the socket.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    Event, Excess, Message, PublishError, PublishRate, QueuePolicy, SessionOptions,
};
use scratch_mqtt::topic::TopicName;

use crate::pair::{Pair, message, options, secs};
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

/// Those with QoS 0 are packets already by then.
#[test]
fn messages_of_a_turn_whose_connection_is_lost_are_sent_by_the_next_one() {
    let mut pair = Pair::connected();
    let first = pair.try_publish("a", "1", QoS::AtMostOnce).unwrap();
    let second = pair.try_publish("b", "2", QoS::AtMostOnce).unwrap();
    pair.try_publish("a", "3", QoS::AtLeastOnce).unwrap();
    let waiting = pair.session.statistics().waiting;

    pair.drop_transport();
    let waiting_again = pair.session.statistics().waiting;
    pair.reconnect(false);

    let expected = [
        "CONNECT",
        "PUBLISH q0 a: 1",
        "PUBLISH q0 b: 2",
        "PUBLISH 1 q1 a: 3",
    ];
    assert_eq!(pair.sent(), expected);
    assert_eq!((waiting, waiting_again), (3, 3));
    assert_eq!(second.0 - first.0, 1);
    assert_eq!(pair.session.statistics().sent, 3);
}

/// They keep the numbers that their publisher knows them by, and whether they are retained.
#[test]
fn messages_of_a_turn_whose_connection_is_lost_are_still_known() {
    let mut pair = Pair::connected();
    pair.publish("a", "0", QoS::AtMostOnce);
    let first = pair.try_publish("a", "1", QoS::AtMostOnce).unwrap();
    let retained = Message {
        retain: true,
        ..message("a", "2", QoS::AtMostOnce)
    };
    let second = pair.session.publish(pair.now, retained.clone()).unwrap();
    pair.drop_transport();
    let third = pair.try_publish("a", "3", QoS::AtMostOnce).unwrap();
    pair.events();

    let offline = pair.session.discard_unsent(pair.now, secs(0));
    pair.reconnect(false);
    let sent = pair.sent();
    pair.try_publish("a", "4", QoS::AtMostOnce).unwrap();
    pair.drop_transport();
    pair.disconnect();

    assert_eq!(offline, 1);
    assert_eq!(
        sent,
        [
            "PUBLISH q0 a: 0",
            "CONNECT",
            "PUBLISH q0 a: 1",
            "PUBLISH q0 retain a: 2"
        ]
    );
    let failed = pair.events().into_iter().filter_map(|event| match event {
        Event::PublishFailed { token, error } => Some((token.0 - first.0, error)),
        _ => None,
    });
    let expected = [
        (third.0 - first.0, PublishError::Discarded),
        (third.0 - first.0 + 1, PublishError::Closed),
    ];
    assert_eq!(second.0 - first.0, 1);
    assert_eq!(failed.collect::<Vec<_>>(), expected);
}

/// A project that publishes and subscribes in one turn gets what it published.
#[test]
fn subscribe_of_the_same_turn_leaves_before_messages() {
    let mut pair = Pair::connected();
    pair.try_publish("a", "1", QoS::AtMostOnce).unwrap();

    pair.subscribe("a", QoS::AtMostOnce);
    pair.drain();

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q0", "PUBLISH q0 a: 1"]);
}

#[test]
fn message_that_need_not_wait_is_written_from_where_it_lies() {
    let mut pair = Pair::connected();
    let topic = TopicName::new("a").unwrap();

    let written = pair.session.publish_plain(pair.now, &topic, b"1", true);
    pair.drain();
    pair.drop_transport();
    let waits = pair.session.publish_plain(pair.now, &topic, b"2", true);

    assert!(written.is_some());
    assert_eq!(pair.sent(), ["PUBLISH q0 retain a: 1"]);
    assert_eq!(waits, None);
}

#[test]
fn messages_of_one_turn_wait_within_the_bounds_of_the_queue() {
    let mut pair = Pair::connected_with(SessionOptions {
        queue_messages: 2,
        queue_bytes: 100,
        ..options()
    });
    pair.try_publish("a", [0; 60], QoS::AtMostOnce).unwrap();
    let too_long = pair.try_publish("a", [0; 60], QoS::AtMostOnce);
    pair.try_publish("a", "2", QoS::AtMostOnce).unwrap();
    let too_many = pair.try_publish("a", "3", QoS::AtMostOnce);

    pair.drain();
    let next = pair.try_publish("a", "4", QoS::AtMostOnce);

    let full = Err(PublishError::QueueFull);
    assert_eq!((too_long, too_many), (full.clone(), full));
    assert!(next.is_ok());
}

#[test]
fn many_messages_of_one_turn_leave_in_order_in_frames_of_64_kib() {
    let mut pair = Pair::connected();
    let payload = |number: u8| vec![number; 30_000];
    pair.try_publish("a", payload(1), QoS::AtMostOnce).unwrap();
    pair.try_publish("a", payload(2), QoS::AtLeastOnce).unwrap();
    for number in 3..6 {
        pair.try_publish("a", payload(number), QoS::AtMostOnce)
            .unwrap();
    }

    pair.drain();

    let frames = pair.sent_frames();
    assert!(frames.iter().all(|frame| frame.len() <= 64 * 1024));
    let last = frames.iter().map(|frame| frame.last().copied());
    assert_eq!(last.collect::<Vec<_>>(), [Some(2), Some(4), Some(5)]);
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
    let held_back = pair.is_asked_to_measure();
    pair.session.handle_buffered(pair.now, connection, 0);
    pair.drain();

    assert_eq!(full, ["PUBACK 4"]);
    assert!(held_back);
    assert_eq!(pair.sent(), ["PUBLISH q0 a: late"]);
    assert!(!pair.is_asked_to_measure());
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

fn with_policy(queue_policy: QueuePolicy) -> Pair {
    let mut pair = Pair::with(SessionOptions {
        queue_messages: 2,
        queue_policy,
        ..options()
    });
    pair.connect();
    pair
}

#[test]
fn oldest_message_makes_room_when_asked_to() {
    let mut pair = with_policy(QueuePolicy::DropOldest);
    let oldest = pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.publish("a", "3", QoS::AtLeastOnce);

    pair.accept(false);

    let error = PublishError::Replaced;
    let failed = Event::PublishFailed {
        token: oldest,
        error,
    };
    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH 1 q1 a: 2", "PUBLISH 2 q1 a: 3"]
    );
    assert!(pair.events().contains(&failed));
    assert_eq!(pair.session.statistics().not_sent, 1);
}

/// For sensors, of which only the newest value counts.
#[test]
fn newest_message_of_a_topic_replaces_the_one_that_waits() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    for (topic, payload) in [("a", "1"), ("b", "1"), ("a", "2"), ("a", "3"), ("b", "2")] {
        pair.publish(topic, payload, QoS::AtMostOnce);
    }

    pair.accept(false);

    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH q0 a: 3", "PUBLISH q0 b: 2"]
    );
    assert_eq!(pair.session.statistics().not_sent, 3);
}

#[test]
fn newest_message_of_a_topic_replaces_the_one_before_it_in_a_turn() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.accept(false);
    pair.sent();

    pair.try_publish("a", "1", QoS::AtMostOnce).unwrap();
    pair.try_publish("a", "2", QoS::AtMostOnce).unwrap();
    pair.drain();

    assert_eq!(pair.sent(), ["PUBLISH q0 a: 2"]);
}

#[test]
fn newest_per_topic_never_replaces_what_must_arrive() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);

    let refused = pair.try_publish("a", "3", QoS::AtLeastOnce);

    assert_eq!(refused, Err(PublishError::QueueFull));
}

#[test]
fn newest_per_topic_goes_on_after_the_queue_was_sent() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.accept(false);
    pair.drop_transport();

    pair.publish("a", "2", QoS::AtMostOnce);
    pair.publish("a", "3", QoS::AtMostOnce);
    pair.sent();
    pair.reconnect(false);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH q0 a: 3"]);
}

#[test]
fn newest_per_topic_goes_on_with_other_options() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.options.keep_alive = secs(20);
    pair.connect();

    pair.publish("a", "2", QoS::AtMostOnce);
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH q0 a: 2"]);
}

/// Its place was once that of a value of the topic.
#[test]
fn newest_per_topic_never_replaces_what_waits_again() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.accept(false);
    pair.publish("must arrive", "1", QoS::AtLeastOnce);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.options.client_id = "another".into();
    pair.connect();
    pair.sent();

    pair.publish("a", "2", QoS::AtMostOnce);
    pair.accept(false);

    let expected = ["CONNECT", "PUBLISH 2 q1 must arrive: 1", "PUBLISH q0 a: 2"];
    assert_eq!(pair.sent(), expected);
}

/// Also when what is published next must wait behind it, or may be replaced.
#[test]
fn each_message_counts_once_towards_the_publish_rate() {
    for (policy, first) in [
        (QueuePolicy::RejectNew, QoS::AtLeastOnce),
        (QueuePolicy::LatestPerTopic, QoS::AtMostOnce),
    ] {
        let mut pair = Pair::connected_with(SessionOptions {
            queue_policy: policy,
            publish_rate: Some(PublishRate {
                per_second: 1,
                burst: 3,
                excess: Excess::Refuse,
            }),
            ..options()
        });

        let sent = [first, QoS::AtMostOnce, QoS::AtMostOnce, QoS::AtMostOnce]
            .map(|qos| pair.try_publish("a", "x", qos).map(|_| ()));

        let too_fast = Err(PublishError::TooFast);
        assert_eq!(sent, [Ok(()), Ok(()), Ok(()), too_fast], "{policy:?}");
    }
}

#[test]
fn messages_above_the_publish_rate_are_refused_and_counted() {
    let rate = PublishRate {
        per_second: 20,
        burst: 40,
        excess: Excess::Refuse,
    };
    let mut pair = Pair::connected_with(SessionOptions {
        publish_rate: Some(rate),
        ..options()
    });

    let refused = (0..100)
        .filter(|_| pair.try_publish("a", "x", QoS::AtMostOnce) == Err(PublishError::TooFast));
    let refused = refused.count();
    pair.advance(secs(1));
    let again = (0..100).filter(|_| pair.try_publish("a", "x", QoS::AtMostOnce).is_ok());

    assert_eq!(refused, 60);
    assert_eq!(again.count(), 20);
    assert_eq!(pair.session.statistics().not_sent, 140);
}

/// The bound counts the bytes that wait, not those that were ever sent.
#[test]
fn bytes_that_were_sent_make_room_for_others() {
    let mut pair = Pair::connected_with(SessionOptions {
        queue_bytes: 100,
        ..options()
    });

    for _ in 0..3 {
        for _ in 0..2 {
            pair.try_publish("a", [0; 40], QoS::AtMostOnce).unwrap();
        }
        pair.drain();
    }

    assert_eq!(pair.sent().len(), 6);
}

/// Only QoS 0 says that an older value of the topic does not count.
#[test]
fn message_that_must_arrive_replaces_none() {
    let mut pair = with_policy(QueuePolicy::LatestPerTopic);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);

    pair.accept(false);

    let expected = ["CONNECT", "PUBLISH q0 a: 1", "PUBLISH 1 q1 a: 2"];
    assert_eq!(pair.sent(), expected);
}
