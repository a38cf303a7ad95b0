//! A session that outlives its page: messages to send, and the store.

use scratch_mqtt::packet::{PublishProperties, QoS, Will};
use scratch_mqtt::session::{
    CloseReason, Event, Message, OptionsError, PublishError, SessionOptions, State, StoreChange,
    StoreError, StoreRequest, Token, Warning,
};

use crate::pair::{Pair, V5, VERSION, message, millis, options, options5, secs};
use crate::test;
use crate::wire::{puback, pubcomp, pubrec};

pub fn kept(options: SessionOptions) -> SessionOptions {
    SessionOptions {
        clean_session: false,
        client_id_is_chosen: true,
        keep_session: true,
        ..options
    }
}

/// Connected, with everything stored and forgotten that happened on the way.
pub fn keeping() -> Pair {
    keeping_with(kept(options()))
}

pub fn keeping_with(options: SessionOptions) -> Pair {
    let mut pair = Pair::with(options);
    pair.connect();
    pair.stores();
    pair.accept(false);
    pair.stores();
    pair.sent();
    pair.events();
    pair
}

#[test]
fn session_is_not_stored_unless_that_is_asked_for() {
    let mut pair = Pair::connected();

    pair.publish("a", "1", QoS::ExactlyOnce);

    assert_eq!(pair.asked, []);
}

#[test]
fn keeping_needs_a_chosen_client_id_and_no_clean_session() {
    let random = SessionOptions {
        client_id_is_chosen: false,
        ..kept(options())
    };
    let clean = SessionOptions {
        clean_session: true,
        ..kept(options())
    };

    for options in [random, clean] {
        let mut pair = Pair::new();
        let refused = pair.session.connect(pair.now, options);

        assert_eq!(refused, Err(OptionsError::KeepSession));
    }
}

#[test]
fn socket_is_opened_when_the_store_was_read() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();
    assert_eq!(pair.opened().len(), 0);
    assert_eq!(pair.session.state(), State::Connecting);

    pair.stores();

    assert_eq!(pair.opened().len(), 1);
}

#[test]
fn records_of_another_session_are_ignored() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();
    let [StoreRequest::Load { identity }] = pair.asked[..] else {
        panic!("{:?}", pair.asked);
    };

    pair.session
        .handle_loaded(pair.now, secs(1_700_000_000), !identity, &[]);
    pair.drain();

    assert_eq!(pair.opened().len(), 0);
    pair.stores();
    assert_eq!(pair.opened().len(), 1);
}

#[test]
fn records_are_taken_once() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();
    let [StoreRequest::Load { identity }] = pair.asked[..] else {
        panic!("{:?}", pair.asked);
    };
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.stores();
    let records: Vec<_> = pair.disk.clone().into_iter().collect();
    pair.events();

    pair.session
        .handle_loaded(pair.now, secs(1_700_000_000), identity, &records);
    pair.drain();

    assert_eq!(pair.events(), []);
    assert_eq!(pair.session.statistics().waiting, 1);
}

#[test]
fn session_is_wanted_until_its_end_is_stored() {
    let mut pair = Pair::with(kept(options()));
    let before = pair.session.is_wanted();
    pair.connect();
    pair.stores();
    pair.accept(false);
    pair.stores();
    let connected = pair.session.is_wanted();
    pair.publish("a", "1", QoS::AtLeastOnce);

    pair.disconnect();
    pair.advance(secs(2));

    assert_eq!([before, connected], [false, true]);
    assert_eq!(pair.session.state(), State::Closed);
    assert!(pair.session.is_wanted());
    pair.stores();
    assert!(!pair.session.is_wanted());
}

#[test]
fn message_leaves_when_it_is_stored() {
    let mut pair = keeping();

    pair.publish("a", "1", QoS::AtLeastOnce);

    assert_eq!(pair.sent(), [""; 0]);
    pair.stores_once();
    assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: 1"]);
}

#[test]
fn messages_keep_their_order_also_those_that_are_not_stored() {
    let mut pair = keeping();

    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtMostOnce);
    pair.publish("a", "3", QoS::ExactlyOnce);
    pair.stores();

    let expected = ["PUBLISH 1 q1 a: 1", "PUBLISH q0 a: 2", "PUBLISH 2 q2 a: 3"];
    assert_eq!(pair.sent(), expected);
}

/// Nothing was stored of it, so nothing is removed, and no byte waits for the store.
#[test]
fn qos0_message_that_is_not_sent_asks_nothing_of_the_store() {
    let mut pair = keeping();
    pair.drop_transport();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.stores();

    let discarded = pair.session.discard_unsent(pair.now, secs(0));
    pair.drain();

    assert_eq!(discarded, 1);
    assert_eq!(pair.asked, []);
}

#[test]
fn queue_survives_in_order_without_qos0() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();
    pair.publish("a", "before the store was read", QoS::AtLeastOnce);
    pair.stores();
    pair.publish("a", "1", QoS::ExactlyOnce);
    pair.publish("a", "2", QoS::AtMostOnce);
    pair.publish("a", "3", QoS::AtLeastOnce);
    pair.stores();

    pair.reload();
    pair.accept(false);
    pair.stores();

    let expected = [
        "CONNECT",
        "PUBLISH 1 q1 a: before the store was read",
        "PUBLISH 2 q2 a: 1",
        "PUBLISH 3 q1 a: 3",
    ];
    assert_eq!(pair.sent(), expected);
}

#[test]
fn messages_of_an_earlier_page_have_new_tokens_which_are_reported() {
    let mut pair = keeping();
    pair.drop_transport();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.stores();

    pair.reload();
    pair.accept(false);
    let new = pair.publish("a", "3", QoS::AtLeastOnce);
    pair.stores();
    pair.server_sends([puback(1), puback(2), puback(3)].concat());

    let events = pair.events();
    let restored = Event::SessionRestored {
        first: Token(1),
        messages: 2,
    };
    assert!(events.contains(&restored), "{events:?}");
    let published = events.iter().filter_map(|event| match event {
        Event::Published { token } => Some(*token),
        _ => None,
    });
    assert_eq!(published.collect::<Vec<_>>(), [Token(1), Token(2), new]);
    assert_eq!(new, Token(3));
}

#[test]
fn page_that_finds_no_messages_reports_none() {
    let mut pair = keeping();

    pair.reload();
    pair.accept(true);

    let events = pair.events();
    let is_restored = |event: &Event| matches!(event, Event::SessionRestored { .. });
    assert!(!events.iter().any(is_restored), "{events:?}");
}

/// [MQTT-4.4.0-1]
#[test]
fn message_on_its_way_is_sent_again_with_its_number() {
    for (qos, line) in [
        (QoS::AtLeastOnce, "PUBLISH 1 q1 dup a: 1"),
        (QoS::ExactlyOnce, "PUBLISH 1 q2 dup a: 1"),
    ] {
        let mut pair = keeping();
        pair.publish("a", "1", qos);
        pair.stores();

        pair.reload();
        pair.accept(true);

        assert_eq!(pair.sent(), ["CONNECT", line]);
    }
}

/// [MQTT-4.3.3-1]
#[test]
fn pubrel_waits_until_nothing_can_publish_the_message_again() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::ExactlyOnce);
    pair.stores();
    pair.sent();

    pair.server_sends(pubrec(1));

    assert_eq!(pair.sent(), [""; 0]);
    pair.stores();
    assert_eq!(pair.sent(), ["PUBREL 1"]);
    pair.reload();
    pair.accept(true);
    assert_eq!(pair.sent(), ["CONNECT", "PUBREL 1"]);
}

#[test]
fn page_that_ends_before_pubrec_is_stored_publishes_again() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::ExactlyOnce);
    pair.stores();
    pair.server_sends(pubrec(1));

    pair.reload();
    pair.accept(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q2 dup a: 1"]);
}

/// [MQTT-4.6.0-1] [MQTT-4.6.0-4]
#[test]
fn pubrels_come_first_in_the_order_of_pubrec_then_messages_in_theirs() {
    let mut pair = keeping();
    for payload in ["1", "2", "3", "4"] {
        pair.publish("a", payload, QoS::ExactlyOnce);
    }
    pair.stores();
    pair.server_sends([pubrec(3), pubrec(1)].concat());
    pair.stores();

    pair.reload();
    pair.accept(true);

    let expected = [
        "CONNECT",
        "PUBREL 3",
        "PUBREL 1",
        "PUBLISH 2 q2 dup a: 2",
        "PUBLISH 4 q2 dup a: 4",
    ];
    assert_eq!(pair.sent(), expected);
}

/// A late acknowledgement never meets a new packet.
#[test]
fn numbers_go_on_where_the_earlier_page_ended() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.stores();
    pair.server_sends(puback(1));
    pair.stores();
    pair.reload();
    pair.accept(true);

    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.stores();

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q1 a: 2"]);
}

#[test]
fn numbers_go_on_after_a_page_that_sent_nothing() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.stores();
    pair.server_sends(puback(1));
    pair.stores();
    for _ in 0..2 {
        pair.reload();
        pair.accept(true);
        pair.stores();
    }
    pair.sent();

    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.stores();

    assert_eq!(pair.sent(), ["PUBLISH 2 q1 a: 2"]);
}

#[test]
fn server_without_the_session_gets_what_it_has_not_confirmed_anew() {
    let mut pair = keeping();
    pair.publish("a", "confirmed", QoS::ExactlyOnce);
    pair.publish("a", "1", QoS::ExactlyOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.stores();
    pair.server_sends(pubrec(1));
    pair.stores();

    pair.reload();
    pair.accept(false);
    pair.stores();

    assert_eq!(
        pair.sent(),
        ["CONNECT", "PUBLISH 4 q2 a: 1", "PUBLISH 5 q1 a: 2"]
    );
}

#[test]
fn delivered_messages_leave_nothing_behind() {
    let mut pair = keeping();
    let head = pair.disk.keys().copied().collect::<Vec<_>>();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::ExactlyOnce);
    pair.stores();
    assert_eq!(pair.disk.len(), 5);

    pair.server_sends([puback(1), pubrec(2)].concat());
    pair.stores();
    pair.server_sends(pubcomp(2));
    pair.stores();

    assert_eq!(pair.disk.keys().copied().collect::<Vec<_>>(), head);
}

#[test]
fn acknowledgement_rewrites_nothing_that_waits() {
    let mut pair = keeping();
    for _ in 0..1_000 {
        pair.publish("a", "x".repeat(1_000), QoS::AtLeastOnce);
    }
    pair.stores();

    pair.server_sends(puback(1));

    let written = |change: &StoreChange| match change {
        StoreChange::Put((_, value)) => value.len(),
        StoreChange::Remove(_) | StoreChange::Clear => 0,
    };
    let [StoreRequest::Commit { changes, .. }] = &pair.asked[..] else {
        panic!("{:?}", pair.asked);
    };
    // The message and its place go, the next one gets a place, and the head the last number.
    assert_eq!(changes.len(), 4);
    assert!(changes.iter().map(written).sum::<usize>() < 100);
}

/// The clock of the session begins anew with the page: the computer's clock counts.
#[test]
fn expiry_goes_on_while_there_is_no_page() {
    let expiring = |payload: &str| Message {
        properties: Some(Box::new(PublishProperties {
            message_expiry_secs: Some(100),
            ..PublishProperties::default()
        })),
        ..message("a", payload, QoS::AtLeastOnce)
    };
    let mut pair = keeping_with(kept(options5()));
    pair.drop_transport();
    let _ = pair.session.publish(pair.now, expiring("old"));
    pair.drain();
    pair.stores();
    pair.advance(millis(60_900));
    let _ = pair.session.publish(pair.now, expiring("young"));
    pair.drain();
    pair.stores();
    pair.advance(secs(50));

    pair.reload();
    pair.accept(false);
    pair.stores();

    let sent = pair.sent_frames().concat();
    let expected = crate::wire::property(2, &50_u32.to_be_bytes());
    assert!(sent.windows(5).any(|five| five == expected));
    assert!(!sent.windows(3).any(|three| three == b"old"));
}

#[test]
fn disconnect_leaves_what_the_server_may_have_and_drops_what_waits() {
    let mut pair = keeping_with(SessionOptions {
        send_maximum: 1,
        ..kept(options())
    });
    let on_its_way = pair.publish("a", "1", QoS::ExactlyOnce);
    let waiting = pair.publish("a", "2", QoS::ExactlyOnce);
    pair.stores();
    pair.disconnect();
    pair.advance(secs(2));
    pair.stores();
    let failed = pair.events();

    pair.reload();
    pair.accept(true);

    let names = |token| format!("{failed:?}").contains(&format!("{token:?}"));
    assert!(names(waiting) && !names(on_its_way), "{failed:?}");
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 1 q2 dup a: 1"]);
}

#[test]
fn secrets_are_never_stored() {
    let mut pair = keeping_with(SessionOptions {
        urls: vec!["ws://u-secret:p-secret@broker/mqtt?token=t-secret".into()],
        user_name: Some("n-secret".into()),
        password: Some("w-secret".into()),
        will: Some(Will {
            topic: message("l-secret", "", QoS::AtMostOnce).topic,
            payload: b"l-secret".to_vec().into(),
            qos: QoS::AtMostOnce,
            retain: false,
            delay_secs: None,
            properties: PublishProperties::default(),
        }),
        ..kept(options())
    });

    pair.publish("a", "1", QoS::ExactlyOnce);
    pair.stores();

    let all = pair.disk.values().flatten().copied().collect::<Vec<_>>();
    assert!(all.windows(8).all(|bytes| !bytes.ends_with(b"-secret")));
}

#[test]
fn session_belongs_to_its_client_and_server_whatever_the_secrets() {
    let identity = |url: &str, client_id: &str| {
        let mut pair = Pair::with(kept(SessionOptions {
            urls: vec![url.into()],
            client_id: client_id.into(),
            ..options()
        }));
        pair.connect();
        match pair.asked.as_slice() {
            [StoreRequest::Load { identity }] => *identity,
            other => panic!("{other:?}"),
        }
    };
    let ours = identity("ws://broker/mqtt", "pupil");

    assert_eq!(identity("ws://u:p@broker/mqtt?token=1#2", "pupil"), ours);
    assert_eq!(identity("ws://a@b@broker/mqtt", "pupil"), ours);
    for (url, client_id) in [
        ("ws://broker/mqtt", "pupil2"),
        ("wss://broker/mqtt", "pupil"),
        ("ws://broker2/mqtt", "pupil"),
        ("ws://broker/mqtt2", "pupil"),
    ] {
        assert_ne!(identity(url, client_id), ours, "{url} {client_id}");
    }
}

#[test]
fn other_client_takes_the_messages_along_and_leaves_nothing() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.stores();
    pair.sent();

    pair.options.client_id = "other".into();
    pair.connect();

    assert_eq!(pair.asked[0], StoreRequest::Leave);
    pair.stores();
    pair.accept(false);
    pair.stores();
    assert_eq!(pair.sent(), ["DISCONNECT", "CONNECT", "PUBLISH 2 q1 a: 1"]);
}

#[test]
fn failing_store_is_reported_once_and_the_session_goes_on() {
    let mut pair = keeping();
    pair.publish("a", "1", QoS::AtLeastOnce);
    assert_eq!(pair.sent(), [""; 0]);

    pair.session
        .handle_store_failed(pair.now, StoreError::Failed);
    pair.drain();
    pair.publish("a", "2", QoS::ExactlyOnce);

    assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: 1", "PUBLISH 2 q2 a: 2"]);
    assert_eq!(pair.events(), [Event::Warning(Warning::SessionNotKept)]);
    assert_eq!(pair.asked.last(), Some(&StoreRequest::Leave));
}

#[test]
fn store_that_never_answers_holds_nothing_up_for_long() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();

    pair.advance(secs(10));

    assert_eq!(pair.opened().len(), 1);
    let reported = pair.events();
    assert_eq!(reported[0], Event::Warning(Warning::SessionNotKept));
}

#[test]
fn session_that_another_page_has_is_left_alone() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();

    pair.session
        .handle_store_failed(pair.now, StoreError::InUse);
    pair.drain();

    assert_eq!(pair.closed_because(), Some(&CloseReason::SessionInUse));
    assert!(pair.retry_in() >= Some(secs(5)));
    assert_eq!(pair.session.state(), State::Waiting);
    assert_eq!(pair.opened().len(), 0);
    pair.asked.clear();
    pair.connect();
    assert!(matches!(pair.asked[..], [StoreRequest::Load { .. }]));
}

/// The other page may be closed at any time.
#[test]
fn session_that_another_page_had_is_taken_when_it_is_free() {
    let mut pair = Pair::with(kept(options()));
    pair.connect();
    for _ in 0..5 {
        pair.session
            .handle_store_failed(pair.now, StoreError::InUse);
        pair.drain();
        pair.asked.clear();
        pair.advance_to_next_attempt();
        assert!(matches!(pair.asked[..], [StoreRequest::Load { .. }]));
        assert_eq!(pair.opened().len(), 0);
    }
    let token = pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.stores();
    pair.open();
    pair.server_sends(crate::wire::connack(VERSION, false, 0, &[]));
    pair.stores();
    pair.server_sends(crate::wire::puback(1));

    assert!(pair.events().contains(&Event::Published { token }));
}

/// Two messages are stored, of which one is on its way; a third is not stored yet. Then another page
/// has the session, and is gone before this one asks again.
fn robbed() -> (Pair, [Token; 3]) {
    let mut pair = keeping();
    let on_its_way = pair.publish("a", "1", QoS::ExactlyOnce);
    pair.stores();
    pair.drop_transport();
    let waiting = pair.publish("a", "2", QoS::ExactlyOnce);
    pair.stores();
    let unwritten = pair.publish("a", "3", QoS::ExactlyOnce);
    pair.session
        .handle_store_failed(pair.now, StoreError::InUse);
    pair.drain();
    pair.asked.clear();
    pair.sent();
    (pair, [on_its_way, waiting, unwritten])
}

/// [MQTT-4.3.3-1]
#[test]
fn what_another_page_has_delivered_meanwhile_is_not_sent_again() {
    let (mut pair, tokens) = robbed();
    pair.disk.clear();

    pair.advance_to_next_attempt();
    pair.stores();
    pair.accept(false);
    pair.stores();

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q2 a: 3"]);
    let discarded = tokens[..2].iter().map(|&token| Event::PublishFailed {
        token,
        error: PublishError::Discarded,
    });
    let events = pair.events();
    assert!(discarded.into_iter().all(|event| events.contains(&event)));
}

#[test]
fn what_another_page_did_not_touch_is_sent_once() {
    let (mut pair, _) = robbed();

    pair.advance_to_next_attempt();
    pair.stores();
    pair.accept(true);
    pair.stores();

    assert_eq!(
        pair.sent(),
        [
            "CONNECT",
            "PUBLISH 1 q2 dup a: 1",
            "PUBLISH 2 q2 a: 2",
            "PUBLISH 3 q2 a: 3"
        ]
    );
}

/// It is in no store, so nobody else can have sent it.
#[test]
fn qos0_message_is_sent_although_another_page_had_the_session() {
    let mut pair = keeping();
    pair.drop_transport();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.session
        .handle_store_failed(pair.now, StoreError::InUse);
    pair.drain();
    pair.asked.clear();
    pair.sent();

    pair.advance_to_next_attempt();
    pair.stores();
    pair.accept(false);
    pair.stores();

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH q0 a: 1"]);
}

/// 5.0 would have to start anew if it did not know of the session. [MQTT5-3.2.2-4]
#[test]
fn next_page_knows_that_the_server_has_the_session() {
    let mut pair = keeping_with(kept(options5()));

    pair.reload();
    pair.open();
    let connect = pair.sent_connect();
    pair.server_sends(crate::wire::connack(V5, true, 0, &[]));

    assert!(!connect.clean_session);
    assert_eq!(pair.session.state(), State::Connected);
}

/// A number that a message once had means nothing to a server without the session.
#[test]
fn message_that_waits_again_has_no_number_any_more() {
    let mut pair = keeping_with(kept(options5()));
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::AtLeastOnce);
    pair.stores();
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    let receive_maximum = crate::wire::property(0x21, &1_u16.to_be_bytes());
    pair.server_sends(crate::wire::connack(V5, false, 0, &receive_maximum));
    pair.stores();

    let places = pair.disk.range(1 << 41..).count();
    assert_eq!(places, 1);
}
