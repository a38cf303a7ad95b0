//! MQTT 5.0: a session that an earlier run of a program left on the server, and what ends it.

use scratch_mqtt::packet::{QoS, RetainHandling};
use scratch_mqtt::session::{
    CloseReason, Event, Owner, SessionOptions, State, SubscribeOptions, VersionPolicy,
};

use crate::pair::{Pair, V5, VERSION, filter, newest, options, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket, property};

const SUBSCRIPTION_ID: u8 = 0x0B;
const SESSION_EXPIRY: u8 = 0x11;
const ASSIGNED_CLIENT_ID: u8 = 0x12;
const MAXIMUM_PACKET_SIZE: u8 = 0x27;

/// A program with a name of its own, whose server keeps its session.
fn kept() -> SessionOptions {
    SessionOptions {
        client_id_is_chosen: true,
        clean_session: false,
        ..options5()
    }
}

/// A new run of it finds the session.
fn resumed(options: SessionOptions) -> Pair {
    let mut pair = Pair::with(options);
    pair.connect();
    pair.accept(true);
    pair.sent();
    pair.events();
    pair
}

/// A client without a name, which the server calls `auto-7`.
fn named_by_the_server() -> Pair {
    let mut pair = Pair::with(SessionOptions {
        client_id: String::new(),
        ..options5()
    });
    let assigned = property(ASSIGNED_CLIENT_ID, &wire::text("auto-7"));
    pair.connect();
    pair.open();
    pair.server_sends(wire::connack(V5, false, 0, &assigned));
    pair
}

/// Nothing on its way is a state like any other. [MQTT5-3.2.2-4] [MQTT5-3.2.2-3]
#[test]
fn session_of_an_earlier_run_goes_on() {
    let mut pair = Pair::with(kept());
    pair.connect();
    pair.open();
    let connect = pair.sent_connect();

    pair.server_sends(wire::connack(V5, true, 0, &[]));
    for id in 1..=50 {
        let text = id.to_string();
        pair.server_sends(wire::publish("a", text).at_least_once(id).bytes(V5));
    }

    assert!(!connect.clean_session);
    assert_eq!(pair.closed_codes(), [0; 0]);
    assert_eq!(pair.messages().len(), 50);
    assert_eq!(pair.sent().len(), 50, "a PUBACK for each");
}

/// The server may still have a number of the earlier run: a new message must not be taken for its
/// repetition. [MQTT5-4.3.3-10]
#[test]
fn numbers_of_an_earlier_run_are_not_met() {
    for options in [
        kept(),
        SessionOptions {
            version: options().version,
            ..kept()
        },
    ] {
        let mut pair = resumed(options);

        pair.publish("a", "hi", QoS::ExactlyOnce);

        let sent = pair.sent_packets();
        let [ClientPacket::Publish(publish)] = sent.as_slice() else {
            panic!("{sent:?}");
        };
        assert!(publish.id > Some(20), "{:?}", publish.id);
    }
}

/// Its Subscription Identifiers say nothing about the filters of this run.
#[test]
fn message_for_a_filter_of_an_earlier_run_is_for_all_that_match() {
    let mut pair = resumed(kept());
    let both = [("a/+", QoS::AtMostOnce), ("+/b", QoS::AtLeastOnce)]
        .map(|(text, qos)| pair.subscribe(text, qos));
    for packet in pair.sent_packets() {
        let ClientPacket::Subscribe { id, .. } = packet else {
            panic!("{packet:?}");
        };
        pair.server_sends(wire::suback(V5, id, &[1]));
    }

    let first = property(SUBSCRIPTION_ID, &[1]);
    pair.server_sends(wire::publish("a/b", "x").with_property(&first).bytes(V5));

    assert_eq!(pair.received()[0].subscriptions, both);
}

/// A random name cannot have been ours. [MQTT5-3.2.2-4]
#[test]
fn session_under_a_random_name_is_replaced() {
    let mut pair = Pair::with(SessionOptions {
        client_id_is_chosen: false,
        ..kept()
    });
    pair.connect();
    pair.open();
    pair.server_sends(wire::connack(V5, true, 0, &[]));
    pair.sent();

    pair.open();

    assert!(pair.sent_connect().clean_session);
}

#[test]
fn filter_of_an_earlier_run_is_given_up() {
    for (options, version) in [
        (kept(), V5),
        (
            SessionOptions {
                version: options().version,
                ..kept()
            },
            VERSION,
        ),
    ] {
        let mut pair = resumed(options);

        pair.unsubscribe("old/#");
        let sent = pair.sent();
        pair.server_sends(wire::unsuback(version, unsubscribe_id(&sent), &[0]));
        pair.unsubscribe("old/#");

        assert_eq!(sent.len(), 1);
        assert!(sent[0].ends_with(" old/#"), "{sent:?}");
        let filter = filter("old/#");
        assert_eq!(pair.events(), [Event::Unsubscribed { filter }]);
        assert_eq!(pair.sent().len(), 1, "once for each call");
    }
}

/// The request may come before the connection.
#[test]
fn filter_of_an_earlier_run_is_given_up_once_it_is_found() {
    for present in [true, false] {
        let mut pair = Pair::with(kept());
        pair.unsubscribe("old");
        pair.connect();

        pair.accept(present);

        let sent = pair.sent();
        assert_eq!(sent.len(), if present { 2 } else { 1 }, "{sent:?}");
    }
}

/// Its identifier says nothing about the filters of this run.
#[test]
fn message_that_an_earlier_run_asked_for_is_for_all_filters_that_match() {
    let mut pair = resumed(kept());
    let both = [("a/#", QoS::AtLeastOnce), ("+/b", QoS::AtMostOnce)]
        .map(|(text, qos)| pair.subscribe(text, qos));
    let identifier = property(SUBSCRIPTION_ID, &[3]);

    let message = wire::publish("a/b", "x").with_property(&identifier);
    pair.server_sends(message.bytes(V5));

    assert_eq!(pair.received()[0].subscriptions, both);
}

/// It is wanted after all, or by another owner.
#[test]
fn filter_that_is_wanted_is_not_given_up() {
    let mut pair = resumed(kept());
    pair.subscribe("a", QoS::AtMostOnce);
    pair.sent();

    pair.session
        .unsubscribe(pair.now, Some(Owner(9)), &filter("a"));
    pair.session
        .unsubscribe(pair.now, Some(Owner(9)), &filter("b"));
    pair.session
        .subscribe(pair.now, Owner(0), &filter("b"), QoS::AtMostOnce)
        .unwrap();
    pair.drain();

    let sent = pair.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("SUBSCRIBE") && sent[0].ends_with(" b q0"));
}

/// A server without a session of ours has no filter of ours.
#[test]
fn nothing_is_sent_for_an_unknown_filter_in_a_clean_session() {
    let mut pair = Pair::connected_with(options5());

    pair.unsubscribe("old");

    assert_eq!(pair.sent(), [""; 0]);
}

#[test]
fn disconnect_says_anew_how_long_the_session_is_kept() {
    for (expiry, sent) in [(0, [0, 0, 0, 0]), (7200, [0, 0, 0x1C, 0x20])] {
        let mut pair = Pair::connected_with(kept());

        pair.session.disconnect_for(pair.now, Some(secs(expiry)));
        pair.drain();

        let expected = ClientPacket::Disconnect {
            reason: 0,
            properties: vec![(SESSION_EXPIRY, sent.to_vec())],
        };
        assert_eq!(pair.sent_packets(), [expected]);
        pair.connect();
        pair.accept(expiry > 0);
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// Where CONNECT said 0 nothing else may follow. [MQTT5-3.14.2.2.2]
#[test]
fn disconnect_says_no_time_where_none_is_allowed() {
    let without = SessionOptions {
        session_expiry: secs(0),
        ..kept()
    };
    let old = SessionOptions {
        version: options().version,
        ..kept()
    };
    for options in [without, old] {
        let mut pair = Pair::connected_with(options);

        pair.session.disconnect_for(pair.now, Some(secs(60)));
        pair.drain();

        assert_eq!(pair.sent_frames(), [[0xE0, 0]]);
    }
}

/// What CONNECT said counts, not what the server gave. [MQTT5-3.14.2.2.2]
#[test]
fn disconnect_says_no_time_though_the_server_gave_one() {
    let without = SessionOptions {
        session_expiry: secs(0),
        ..kept()
    };
    let mut pair = Pair::connected_to(without, &property(SESSION_EXPIRY, &[0, 0, 0, 60]));

    pair.session.disconnect_for(pair.now, Some(secs(10)));
    pair.drain();

    assert_eq!(pair.sent_frames(), [[0xE0, 0]]);
}

/// What was said for one goodbye says nothing about the next.
#[test]
fn time_that_was_said_is_forgotten_with_its_connection() {
    let mut pair = Pair::connected_with(kept());
    pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.session.disconnect_for(pair.now, Some(secs(0)));
    pair.drain();
    pair.drop_transport();
    pair.session.disconnect_for(pair.now, Some(secs(0)));
    pair.connect();
    pair.accept(true);
    pair.server_sends(wire::puback(1));
    pair.sent();

    pair.disconnect();

    assert_eq!(pair.sent_frames(), [[0xE0, 0]]);
}

/// [MQTT5-3.1.3-7]
#[test]
fn empty_name_may_have_a_session_in_5() {
    for version in [VersionPolicy::Only(V5), VersionPolicy::Newest] {
        let mut pair = Pair::with(SessionOptions {
            client_id: String::new(),
            clean_session: false,
            version,
            ..newest()
        });
        pair.connect();
        pair.open();
        let first = pair.sent_connect();
        let assigned = property(ASSIGNED_CLIENT_ID, &wire::text("auto-7"));
        pair.server_sends(wire::connack(V5, false, 0, &assigned));
        pair.drop_transport();
        pair.sent();
        pair.advance_to_next_attempt();
        pair.open();
        let second = pair.sent_connect();

        assert!(!first.clean_session);
        assert_eq!(second.client_id, "auto-7");
        assert!(!second.clean_session);
    }
}

/// The server says it once. [MQTT5-3.1.3-7]
#[test]
fn assigned_name_is_that_of_every_connection_to_come() {
    let mut pair = named_by_the_server();
    pair.sent();

    let names = [(); 2].map(|()| {
        pair.drop_transport();
        pair.advance_to_next_attempt();
        pair.open();
        let name = pair.sent_connect().client_id;
        pair.server_sends(wire::connack(V5, false, 0, &[]));
        name
    });

    assert_eq!(names, ["auto-7", "auto-7"]);
}

/// [MQTT-3.1.3-7]
#[test]
fn empty_name_begins_anew_where_the_server_wants_3_1_1() {
    let mut pair = Pair::with(SessionOptions {
        client_id: String::new(),
        clean_session: false,
        ..newest()
    });
    pair.connect();
    pair.open();
    pair.sent();
    pair.server_sends(wire::connack(VERSION, false, 1, &[]));
    pair.version = VERSION;

    pair.open();

    let connect = pair.sent_connect();
    assert_eq!(connect.client_id, "");
    assert!(connect.clean_session);
}

/// What is retained comes again.
#[test]
fn filter_that_is_asked_for_again_is_sent_again() {
    let mut pair = Pair::connected_with(options5());
    let id = pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(V5, 1, &[1]));
    pair.sent();

    pair.session.subscribe_again(pair.now, id);
    pair.drain();
    pair.session.subscribe_again(pair.now, id);
    pair.drain();
    pair.server_sends(wire::suback(V5, 2, &[1]));
    let sent = pair.sent();
    pair.unsubscribe("a");

    assert_eq!(sent, ["SUBSCRIBE 2 a q1"]);
    assert_eq!(pair.sent(), ["UNSUBSCRIBE 3 a"]);
}

/// Scripts of one turn: one asks for what is retained, another only wants the filter too.
#[test]
fn request_for_what_is_retained_is_not_lost_by_one_that_adds_nothing() {
    let mut pair = Pair::connected_with(options5());
    let id = pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(V5, 1, &[1]));
    pair.sent();

    pair.session.subscribe_again(pair.now, id);
    pair.subscribe("a", QoS::AtLeastOnce);

    let frames = pair.sent_frames();
    let options = frames.last().and_then(|frame| frame.last());
    assert_eq!(options, Some(&0x01), "QoS 1, and Retain Handling 0");
}

/// The same message, because it was asked for.
#[test]
fn what_is_retained_is_reported_at_each_time_that_it_is_asked_for() {
    let mut pair = Pair::connected_with(options5());
    let id = pair.subscribe("a", QoS::AtLeastOnce);
    let kept = wire::publish("a", "old").retained();
    let kept = kept.with_property(&property(SUBSCRIPTION_ID, &[1]));
    pair.server_sends(wire::suback(V5, 1, &[1]));
    pair.server_sends(kept.clone().bytes(V5));

    pair.session.subscribe_again(pair.now, id);
    pair.drain();
    pair.server_sends(wire::suback(V5, 2, &[1]));
    pair.server_sends(kept.bytes(V5));

    assert_eq!(pair.messages(), ["a: old", "a: old"]);
}

/// A request that needs nothing sends nothing: scripts subscribe in loops.
#[test]
fn filter_that_is_only_wanted_again_is_not_sent_again() {
    let mut pair = Pair::connected_with(options5());
    let options = SubscribeOptions {
        retain_handling: RetainHandling::OnSubscribe,
        ..QoS::AtMostOnce.into()
    };
    for _ in 0..30 {
        pair.session
            .subscribe(pair.now, Owner(0), &filter("a"), options)
            .unwrap();
        pair.drain();
        pair.server_sends(wire::suback(V5, 1, &[0]));
    }

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q0"]);
}

/// [MQTT5-3.2.2-15]
#[test]
fn server_that_takes_no_packet_is_named_and_tried_again() {
    for limit in 1..6 {
        let mut pair = Pair::with(options5());
        pair.publish("a", "hi", QoS::AtLeastOnce);
        pair.subscribe("a", QoS::AtMostOnce);
        pair.connect();
        pair.open();
        pair.sent();

        let properties = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, limit]);
        pair.server_sends(wire::connack(V5, false, 0, &properties));

        for frame in pair.sent_frames() {
            assert!(frame.len() <= usize::from(limit), "{frame:?}");
        }
        let Some(CloseReason::Protocol(error)) = pair.closed_because() else {
            panic!("{:?}", pair.closed_because());
        };
        let text = error.to_string();
        assert!(text.contains(&limit.to_string()), "{text}");
        assert!(!text.contains("internal"), "{text}");
        assert_eq!(pair.session.state(), State::Waiting);
    }
}

/// A server that takes little is used for what fits.
#[test]
fn server_that_takes_small_packets_is_used() {
    let properties = property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 6]);
    let mut pair = Pair::connected_to(options5(), &properties);

    pair.publish("a", "", QoS::AtMostOnce);
    pair.server_sends(wire::publish("a", "hi").at_least_once(1).bytes(V5));

    assert_eq!(pair.sent(), ["PUBLISH q0 a: ", "PUBACK 1"]);
    assert_eq!(pair.session.state(), State::Connected);
}

fn unsubscribe_id(sent: &[String]) -> u16 {
    sent[0].split(' ').nth(1).unwrap().parse().unwrap()
}

/// Another server has not given it.
#[test]
fn assigned_name_is_not_that_of_another_server() {
    let mut pair = named_by_the_server();
    pair.drop_transport();
    pair.sent();

    pair.options.urls = vec!["ws://other/mqtt".into()];
    pair.connect();
    pair.open();

    assert_eq!(pair.sent_connect().client_id, "");
}
