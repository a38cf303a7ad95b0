//! MQTT 5.0: properties of messages, aliases, identifiers, flow control, reason codes.

use std::num::NonZeroU16;

use bytes::Bytes;
use scratch_mqtt::packet::{PublishProperties, QoS, ReasonCode, RetainHandling};
use scratch_mqtt::session::{
    CloseReason, Event, Message, Owner, PublishError, SessionOptions, State, SubscribeOptions,
    Warning,
};
use scratch_mqtt::topic::TopicName;

use crate::pair::{Pair, V5, filter, message, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket, ClientPublish, property, publish};

const MESSAGE_EXPIRY: u8 = 0x02;
const SUBSCRIPTION_ID: u8 = 0x0B;
const RECEIVE_MAXIMUM: u8 = 0x21;
const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
const TOPIC_ALIAS: u8 = 0x23;

fn with(properties: PublishProperties) -> Message {
    let properties = Some(Box::new(properties));
    Message {
        properties,
        ..message("a", "hi", QoS::AtMostOnce)
    }
}

/// With the server's word for which filters a message is.
fn identified() -> SessionOptions {
    SessionOptions {
        subscription_identifiers: true,
        ..options5()
    }
}

fn sent_publish(pair: &mut Pair) -> ClientPublish {
    match pair.sent_packets().pop() {
        Some(ClientPacket::Publish(publish)) => publish,
        other => panic!("not a PUBLISH: {other:?}"),
    }
}

/// [MQTT5-3.3.2-13] [MQTT5-3.3.2-19]
#[test]
fn properties_of_a_message_are_sent() {
    let mut pair = Pair::connected_with(options5());

    let properties = PublishProperties {
        response_topic: Some(TopicName::new("answer").unwrap()),
        correlation_data: Some(Bytes::from_static(b"7")),
        content_type: Some("text/plain".into()),
        user_properties: vec![("k".into(), "v".into())],
        ..Default::default()
    };
    pair.session.publish(pair.now, with(properties)).unwrap();
    pair.drain();

    let sent = sent_publish(&mut pair).properties;
    let has = |identifier| sent.iter().any(|(other, _)| *other == identifier);
    assert!([0x08, 0x09, 0x03, 0x26].into_iter().all(has), "{sent:?}");
}

#[test]
fn properties_of_a_message_arrive() {
    let mut pair = Pair::connected_with(options5());
    let bytes = publish("a", "hi")
        .with_property(&property(0x08, &wire::text("answer")))
        .with_property(&property(0x09, &wire::text(b"7")))
        .bytes(V5);

    pair.server_sends(bytes);

    let properties = pair.received().remove(0).message.properties.unwrap();
    assert_eq!(
        properties.response_topic,
        Some(TopicName::new("answer").unwrap())
    );
    assert_eq!(properties.correlation_data, Some(Bytes::from_static(b"7")));
}

/// Properties that only the session may set. [MQTT5-3.3.4-6]
#[test]
fn message_with_an_alias_or_an_identifier_is_refused() {
    for properties in [
        PublishProperties {
            topic_alias: NonZeroU16::new(1),
            ..Default::default()
        },
        PublishProperties {
            subscription_ids: vec![1],
            ..Default::default()
        },
    ] {
        let mut pair = Pair::connected_with(options5());

        let refused = pair.session.publish(pair.now, with(properties));

        assert_eq!(refused, Err(PublishError::Invalid));
    }
}

/// [MQTT5-3.3.2-10]
#[test]
fn alias_of_the_server_stands_for_its_topic() {
    let mut pair = Pair::connected_with(options5());

    for (topic, alias) in [
        ("one", 1),
        ("ten", 10),
        ("", 1),
        ("", 10),
        ("new", 1),
        ("", 1),
    ] {
        let alias = property(TOPIC_ALIAS, &[0, alias]);
        pair.server_sends(publish(topic, "x").with_property(&alias).bytes(V5));
    }

    assert_eq!(
        pair.messages(),
        ["one: x", "ten: x", "one: x", "ten: x", "new: x", "new: x"]
    );
}

/// [MQTT5-3.3.2-7]
#[test]
fn aliases_of_the_server_die_with_the_connection() {
    let mut pair = Pair::connected_with(options5());
    let alias = property(TOPIC_ALIAS, &[0, 1]);
    pair.server_sends(publish("one", "x").with_property(&alias).bytes(V5));
    pair.drop_transport();
    pair.reconnect(true);
    pair.messages();

    pair.server_sends(publish("", "x").with_property(&alias).bytes(V5));

    assert!(pair.messages().is_empty());
    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// [MQTT5-3.2.2-17] [MQTT5-3.3.2-8] [MQTT5-3.3.2-9]
#[test]
fn aliases_of_ours_stay_within_both_limits() {
    let options = SessionOptions {
        topic_aliases: 10,
        ..options5()
    };
    let mut pair = Pair::connected_to(options, &property(TOPIC_ALIAS_MAXIMUM, &[0, 2]));

    for topic in ["one", "two", "three", "one", "two"] {
        pair.publish(topic, "x", QoS::AtMostOnce);
    }

    let sent = pair.sent_packets().into_iter().map(|packet| match packet {
        ClientPacket::Publish(publish) => (publish.topic, publish.properties),
        other => panic!("{other:?}"),
    });
    let alias = |number| vec![(TOPIC_ALIAS, vec![0, number])];
    let expected = [
        ("one".to_owned(), alias(1)),
        ("two".to_owned(), alias(2)),
        ("three".to_owned(), vec![]),
        (String::new(), alias(1)),
        (String::new(), alias(2)),
    ];
    assert_eq!(sent.collect::<Vec<_>>(), expected);
}

/// [MQTT5-3.2.2-18]
#[test]
fn server_without_aliases_gets_none() {
    let options = SessionOptions {
        topic_aliases: 10,
        ..options5()
    };
    let mut pair = Pair::connected_to(options, &[]);

    pair.publish("a", "1", QoS::AtMostOnce);
    pair.publish("a", "2", QoS::AtMostOnce);

    assert_eq!(pair.sent(), ["PUBLISH q0 a: 1", "PUBLISH q0 a: 2"]);
}

/// 3.1.1 knows no properties: the message is sent without them.
#[test]
fn properties_are_left_out_in_3_1_1() {
    let mut pair = Pair::connected();

    let properties = PublishProperties {
        content_type: Some("text/plain".into()),
        ..Default::default()
    };
    pair.session.publish(pair.now, with(properties)).unwrap();
    pair.drain();

    assert_eq!(pair.sent(), ["PUBLISH q0 a: hi"]);
}

/// mqttbytes would cut the payload here. [MQTT5-3.3.4-3] [MQTT5-3.3.4-4] [MQTT5-3.3.4-5]
#[test]
fn several_subscription_identifiers_leave_the_payload_alone() {
    for count in 0..=4_u8 {
        let mut pair = Pair::connected_with(options5());
        let ids = (1..=count).flat_map(|id| property(SUBSCRIPTION_ID, &[id]));

        let ids = ids.collect::<Vec<_>>();
        pair.server_sends(publish("a", "hi").with_property(&ids).bytes(V5));

        assert_eq!(pair.messages(), ["a: hi"], "{count} identifiers");
    }
}

#[test]
fn subscription_identifiers_say_which_filters_a_message_is_for() {
    let mut pair = Pair::connected_with(identified());
    let all = pair.subscribe("#", QoS::AtMostOnce);
    let exact = pair.subscribe("a", QoS::AtMostOnce);

    let sent = pair.sent_packets();
    let id = |number: u32| vec![u8::try_from(number).unwrap()];
    pair.server_sends(
        publish("a", "x")
            .with_property(&property(SUBSCRIPTION_ID, &id(exact.0)))
            .bytes(V5),
    );

    let asked = sent.iter().map(|packet| match packet {
        ClientPacket::Subscribe { properties, .. } => properties.clone(),
        other => panic!("{other:?}"),
    });
    let expected = [
        vec![(SUBSCRIPTION_ID, id(all.0))],
        vec![(SUBSCRIPTION_ID, id(exact.0))],
    ];
    assert_eq!(asked.collect::<Vec<_>>(), expected);
    assert_eq!(pair.received()[0].subscriptions, [exact]);
}

#[test]
fn message_without_an_identifier_is_for_the_filters_that_match() {
    let mut pair = Pair::connected_with(identified());
    let both = ["#", "a"].map(|text| pair.subscribe(text, QoS::AtMostOnce));

    pair.server_sends(publish("a", "x").bytes(V5));

    assert_eq!(pair.received()[0].subscriptions, both);
}

#[test]
fn identifier_of_a_filter_that_nobody_wants_is_left_out() {
    let mut pair = Pair::connected_with(identified());
    let filters = ["#", "a"].map(|text| pair.subscribe(text, QoS::AtMostOnce));
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }
    let named = [1, 2, 99].map(|id| property(SUBSCRIPTION_ID, &[id]));
    let message = publish("a", "x").with_property(&named.concat()).bytes(V5);

    pair.server_sends(&message);
    pair.unsubscribe("#");
    pair.server_sends(&message);

    let received = pair.received();
    let reported = received.iter().map(|received| &received.subscriptions[..]);
    assert_eq!(reported.collect::<Vec<_>>(), [&filters[..], &filters[1..]]);
}

/// What another one brings would not have its identifier.
#[test]
fn filter_that_another_covers_has_an_identifier_of_its_own() {
    for texts in [["a/#", "a/b"], ["a/b", "a/#"]] {
        let mut pair = Pair::connected_with(identified());

        for text in texts {
            pair.subscribe(text, QoS::AtMostOnce);
        }
        for packet_id in [1, 2] {
            pair.server_sends(wire::suback(V5, packet_id, &[0]));
        }

        let [first, second] = texts;
        let expected = [
            format!("SUBSCRIBE 1 {first} q0"),
            format!("SUBSCRIBE 2 {second} q0"),
        ];
        assert_eq!(pair.sent(), expected, "and nothing ends");
    }
}

/// [MQTT5-3.8.3-5]
#[test]
fn subscribe_carries_its_options() {
    let mut pair = Pair::connected_with(options5());

    let options = SubscribeOptions {
        qos: QoS::ExactlyOnce,
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::Never,
    };
    pair.session
        .subscribe(pair.now, Owner(0), &filter("a"), options)
        .unwrap();
    pair.drain();

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q46"], "0b10_1110");
}

#[test]
fn options_that_change_are_subscribed_to_anew() {
    let mut pair = Pair::connected_with(options5());
    let plain = SubscribeOptions::default();
    let not_our_own = SubscribeOptions {
        no_local: true,
        ..plain
    };
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.sent();

    for (packet_id, options) in [(2, not_our_own), (3, plain)] {
        pair.session
            .subscribe(pair.now, Owner(1), &filter("a"), options)
            .unwrap();
        pair.drain();
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }

    let no_local = |packet| match packet {
        ClientPacket::Subscribe { filters, .. } => filters[0].1 & 0b100 != 0,
        other => panic!("{other:?}"),
    };
    let sent = pair.sent_packets().into_iter().map(no_local);
    assert_eq!(sent.collect::<Vec<_>>(), [true, false]);
}

/// The owner that wants it is new, and may not have what is retained.
#[test]
fn higher_qos_asks_for_what_is_retained() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.sent();

    pair.subscribe("a", QoS::AtLeastOnce);

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 a q1"], "Retain Handling 0");
}

/// Or it could not be said which of two filters a message is for.
#[test]
fn group_does_not_share_a_subscription_identifier() {
    let mut pair = Pair::connected_with(options5());

    for text in ["b", "$share/g/a", "c"] {
        pair.session
            .subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();

    let sent = pair.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
}

/// [MQTT5-3.3.4-7] [MQTT5-4.9.0-1] [MQTT5-4.9.0-2]
#[test]
fn receive_maximum_of_the_server_limits_the_window() {
    let mut pair = Pair::connected_to(options5(), &property(RECEIVE_MAXIMUM, &[0, 2]));
    for payload in ["1", "2", "3", "4"] {
        pair.publish("a", payload, QoS::ExactlyOnce);
    }
    let first = pair.sent();

    pair.server_sends(wire::pubrec(1));
    let after_pubrec = pair.sent();
    pair.server_sends(wire::pubcomp(1));

    assert_eq!(first, ["PUBLISH 1 q2 a: 1", "PUBLISH 2 q2 a: 2"]);
    assert_eq!(after_pubrec, ["PUBREL 1"]);
    assert_eq!(pair.sent(), ["PUBLISH 3 q2 a: 3"]);
}

/// [MQTT5-3.3.4-8] [MQTT5-4.9.0-3]
#[test]
fn full_window_delays_nothing_but_messages() {
    let options = SessionOptions {
        keep_alive: secs(20),
        ..options5()
    };
    let mut pair = Pair::connected_to(options, &property(RECEIVE_MAXIMUM, &[0, 1]));
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.sent();

    pair.subscribe("b", QoS::AtMostOnce);
    pair.server_sends(publish("b", "x").at_least_once(9).bytes(V5));
    pair.advance(secs(20));

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 b q0", "PUBACK 9", "PINGREQ"]);
}

/// The server's Receive Maximum may be smaller after a reconnect. [MQTT5-4.9.0-1]
#[test]
fn re_delivery_keeps_to_the_new_receive_maximum() {
    let mut pair = Pair::connected_with(options5());
    for payload in ["1", "2", "3"] {
        pair.publish("a", payload, QoS::AtLeastOnce);
    }
    pair.drop_transport();
    pair.sent();

    pair.advance_to_next_attempt();
    pair.open();
    pair.server_sends(wire::connack(
        V5,
        true,
        0,
        &property(RECEIVE_MAXIMUM, &[0, 1]),
    ));
    let first = pair.sent();
    pair.server_sends(wire::puback(1));

    assert_eq!(first, ["CONNECT", "PUBLISH 1 q1 dup a: 1"]);
    assert_eq!(pair.sent(), ["PUBLISH 2 q1 dup a: 2"]);
}

/// A message of QoS 0 needs no room, but those before it do. [MQTT-4.6.0-1]
#[test]
fn message_does_not_overtake_repetitions_that_have_no_room() {
    let mut pair = Pair::connected_with(options5());
    for payload in ["1", "2"] {
        pair.publish("a", payload, QoS::AtLeastOnce);
    }
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();
    let one = property(RECEIVE_MAXIMUM, &[0, 1]);
    pair.server_sends(wire::connack(V5, true, 0, &one));
    pair.sent();

    pair.publish("a", "3", QoS::AtMostOnce);
    let early = pair.sent();
    pair.server_sends(wire::puback(1));

    assert_eq!(early, [""; 0]);
    assert_eq!(pair.sent(), ["PUBLISH 2 q1 dup a: 2", "PUBLISH q0 a: 3"]);
}

/// mosquitto sends more on a resumed session whose acknowledgements were lost. To close because of it
/// would lose the messages, and the next connection would begin the same way. [MQTT5-3.3.4-9]
#[test]
fn server_over_our_receive_maximum_is_tolerated_with_one_warning() {
    for window in 1..=3 {
        let mut pair = Pair::connected_with(SessionOptions {
            receive_maximum: window,
            ..options5()
        });

        send_burst(&mut pair, 1..=50);
        let first = pair.events();
        send_burst(&mut pair, 51..=100);

        let warning = Event::Warning(Warning::ReceiveMaximumExceeded);
        assert_eq!(first.iter().filter(|event| **event == warning).count(), 1);
        assert!(!pair.events().contains(&warning));
        assert_eq!(pair.messages().len(), 100);
        assert_eq!(pair.sent().len(), 100);
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// [MQTT5-3.3.4-9]
#[test]
fn server_that_keeps_to_our_receive_maximum_gets_no_warning() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_maximum: 3,
        ..options5()
    });
    pair.subscribe("a", QoS::AtLeastOnce);

    send_burst(&mut pair, 1..=3);

    assert_eq!(pair.messages().len(), 3);
    assert_eq!(pair.events(), []);
}

/// The next connection is warned about anew.
#[test]
fn session_resumed_with_more_than_our_receive_maximum_goes_on() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_maximum: 1,
        ..options5()
    });
    send_burst(&mut pair, 1..=6);
    pair.events();
    pair.drop_transport();
    pair.reconnect(true);
    pair.sent();

    let burst = (1..=6).map(|id| publish("a", "x").exactly_once(id).dup().bytes(V5));
    pair.server_sends(burst.collect::<Vec<_>>().concat());
    for id in 1..=6 {
        pair.server_sends(wire::pubrel(id));
    }

    let warning = Event::Warning(Warning::ReceiveMaximumExceeded);
    assert!(pair.events().contains(&warning));
    assert_eq!(pair.sent().len(), 12);
    assert_eq!(pair.session.state(), State::Connected);
}

/// What waits for the application is bounded all the same. [MQTT5-3.3.4-9]
#[test]
fn server_over_our_receive_maximum_gets_a_disconnect_when_the_queue_is_full() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_maximum: 2,
        receive_queue_messages: 5,
        ..options5()
    });

    send_burst(&mut pair, 1..=5);
    let at_the_bound = pair.session.state();
    pair.messages();
    send_burst(&mut pair, 6..=11);

    assert_eq!(at_the_bound, State::Connected);
    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
    let sent = pair.sent_packets();
    assert!(sent.contains(&ClientPacket::Disconnect {
        reason: 0x93,
        properties: vec![]
    }));
}

/// The bound in bytes holds for few large messages too.
#[test]
fn large_messages_over_our_receive_maximum_fill_the_queue_by_their_bytes() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_maximum: 2,
        ..options5()
    });
    let connection = pair.connection().unwrap();
    let large = vec![b'x'; 10 << 20];
    let mut arrived = 0;
    for id in 1..=10 {
        let bytes = publish("a", &large).at_least_once(id).bytes(V5);
        pair.session
            .handle_bytes(pair.now, connection, Bytes::from(bytes));
        arrived += u32::from(pair.session.state() == State::Connected);
    }

    assert_eq!(arrived, 7);
}

/// All of them in one WebSocket message, so that none is taken before the last one came.
fn send_burst(pair: &mut Pair, ids: std::ops::RangeInclusive<u16>) {
    let burst = ids.map(|id| publish("a", "x").at_least_once(id).bytes(V5));
    pair.server_sends(burst.collect::<Vec<_>>().concat());
}

#[test]
fn messages_taken_in_time_never_fill_our_receive_maximum() {
    let mut pair = Pair::connected_with(SessionOptions {
        receive_maximum: 2,
        ..options5()
    });

    for id in 1..=50 {
        pair.server_sends(publish("a", "x").at_least_once(id).bytes(V5));
        pair.server_sends(publish("a", "y").exactly_once(id + 100).bytes(V5));
        pair.server_sends(wire::pubrel(id + 100));
    }

    let warning = Event::Warning(Warning::ReceiveMaximumExceeded);
    assert!(!pair.events().contains(&warning));
    assert_eq!(pair.session.state(), State::Connected);
    assert_eq!(pair.messages().len(), 100);
}

/// [MQTT5-4.3.3-4] [MQTT5-4.4.0-2] [MQTT5-3.5.2-1]
#[test]
fn refused_message_fails_and_is_never_sent_again() {
    for (qos, ack) in [
        (QoS::AtLeastOnce, wire::puback(1)),
        (QoS::ExactlyOnce, wire::pubrec(1)),
    ] {
        let mut pair = Pair::connected_with(options5());
        let token = pair.publish("a", "hi", qos);
        pair.sent();

        pair.server_sends(wire::ack_with_reason(ack, 0x87));
        let answer = pair.sent();
        pair.drop_transport();
        pair.reconnect(true);

        let error = PublishError::Refused(ReasonCode::NOT_AUTHORIZED);
        assert!(answer.is_empty());
        assert!(
            pair.events()
                .contains(&Event::PublishFailed { token, error })
        );
        assert_eq!(pair.sent(), ["CONNECT"]);
    }
}

/// "No matching subscribers" is a success. [MQTT5-3.4.2-1]
#[test]
fn message_without_receivers_is_delivered() {
    let mut pair = Pair::connected_with(options5());
    let token = pair.publish("a", "hi", QoS::AtLeastOnce);

    pair.server_sends(wire::ack_with_reason(wire::puback(1), 0x10));

    assert_eq!(pair.events(), [Event::Published { token }]);
}

/// [MQTT5-3.6.2-1] [MQTT5-3.7.2-1]
#[test]
fn unknown_numbers_are_answered_with_0x92() {
    let mut pair = Pair::connected_with(options5());

    pair.server_sends(wire::pubrec(7));
    pair.server_sends(wire::pubrel(8));

    let expected = [
        ClientPacket::PubRel {
            id: 7,
            reason: 0x92,
        },
        ClientPacket::PubComp {
            id: 8,
            reason: 0x92,
        },
    ];
    assert_eq!(pair.sent_packets(), expected);
}

/// [MQTT5-3.8.4-7]
#[test]
fn suback_of_5_0_says_why() {
    let mut pair = Pair::connected_with(options5());
    let subscription = pair.subscribe("secret", QoS::AtMostOnce);

    pair.server_sends(wire::suback(V5, 1, &[0x87]));

    let (filter, reason) = (filter("secret"), ReasonCode::NOT_AUTHORIZED);
    assert_eq!(
        pair.events(),
        [Event::SubscribeFailed {
            subscription,
            filter,
            reason
        }]
    );
}

/// The time a message waited is taken off its expiry. [MQTT5-3.3.2-6]
#[test]
fn message_that_waited_has_less_time_left() {
    let mut pair = Pair::with(options5());
    let properties = PublishProperties {
        message_expiry_secs: Some(60),
        ..Default::default()
    };
    pair.session.publish(pair.now, with(properties)).unwrap();
    pair.advance(secs(20));
    pair.connect();
    pair.accept(false);

    let sent = sent_publish(&mut pair);

    assert_eq!(sent.properties, [(MESSAGE_EXPIRY, vec![0, 0, 0, 40])]);
}

#[test]
fn message_that_waited_too_long_is_not_sent() {
    let mut pair = Pair::with(options5());
    let properties = PublishProperties {
        message_expiry_secs: Some(60),
        ..Default::default()
    };
    let token = pair.session.publish(pair.now, with(properties)).unwrap();
    pair.advance(secs(60));

    pair.connect();
    pair.accept(false);

    assert_eq!(pair.sent(), ["CONNECT"]);
    assert!(pair.events().contains(&Event::PublishFailed {
        token,
        error: PublishError::Expired
    }));
}
