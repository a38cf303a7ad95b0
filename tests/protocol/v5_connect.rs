//! MQTT 5.0: CONNECT, what CONNACK grants, sessions, DISCONNECT.

use bytes::Bytes;
use scratch_mqtt::packet::{PublishProperties, QoS, ReasonCode, Will};
use scratch_mqtt::session::{
    CloseReason, Event, Message, Owner, PublishError, SessionOptions, State,
};
use scratch_mqtt::topic::TopicName;

use crate::pair::{Pair, V5, filter, message, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket, property};

const SESSION_EXPIRY: u8 = 0x11;
const ASSIGNED_CLIENT_ID: u8 = 0x12;
const SERVER_KEEP_ALIVE: u8 = 0x13;
const REASON_STRING: u8 = 0x1F;
const SERVER_REFERENCE: u8 = 0x1C;
const RECEIVE_MAXIMUM: u8 = 0x21;
const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
const MAXIMUM_QOS: u8 = 0x24;
const RETAIN_AVAILABLE: u8 = 0x25;
const MAXIMUM_PACKET_SIZE: u8 = 0x27;
const WILDCARD_AVAILABLE: u8 = 0x28;
const SHARED_AVAILABLE: u8 = 0x2A;

fn will(delay_secs: Option<u32>) -> Will {
    Will {
        topic: TopicName::new("w").unwrap(),
        payload: Bytes::from_static(b"gone"),
        qos: QoS::AtLeastOnce,
        retain: false,
        delay_secs,
        properties: PublishProperties {
            content_type: Some("text/plain".into()),
            ..Default::default()
        },
    }
}

/// [MQTT5-3.1.3-1] [MQTT5-3.1.2-4]
#[test]
fn connect_tells_what_we_accept() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();

    let connect = pair.sent_connect();

    assert!(connect.clean_session);
    assert_eq!(
        connect.properties,
        [
            (SESSION_EXPIRY, vec![0, 0, 1, 0x2C]),
            (RECEIVE_MAXIMUM, vec![0, 100]),
            (MAXIMUM_PACKET_SIZE, vec![1, 0, 0, 0]),
            (TOPIC_ALIAS_MAXIMUM, vec![0, 10]),
        ]
    );
}

/// [MQTT5-3.1.2-9] [MQTT5-3.1.3-1]
#[test]
fn will_carries_its_properties() {
    let mut pair = Pair::with(SessionOptions {
        will: Some(will(Some(5))),
        ..options5()
    });
    pair.connect();
    pair.open();

    let will = pair.sent_connect().will.unwrap();

    assert_eq!(
        (will.topic.as_str(), will.payload.as_slice(), will.qos),
        ("w", &b"gone"[..], 1)
    );
    assert!(
        will.properties.contains(&(0x18, vec![0, 0, 0, 5])),
        "{:?}",
        will.properties
    );
    assert!(
        will.properties
            .iter()
            .any(|(identifier, _)| *identifier == 0x03)
    );
}

/// A laptop that was closed for a moment finds its session, although it began clean.
/// [MQTT5-3.1.2-23]
#[test]
fn reconnect_asks_for_the_session_of_this_page() {
    let mut pair = Pair::connected_to(options5(), &[]);
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    assert!(!pair.sent_connect().clean_session);
}

#[test]
fn session_that_is_present_is_resumed() {
    let mut pair = Pair::connected_to(options5(), &[]);
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.publish("b", "hi", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 2 q1 dup b: hi"]);
}

/// [MQTT5-3.2.2-5]
#[test]
fn session_that_is_gone_is_begun_anew() {
    let mut pair = Pair::connected_to(options5(), &[]);
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.publish("b", "hi", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.sent();

    pair.reconnect(false);

    assert_eq!(
        pair.sent(),
        ["CONNECT", "SUBSCRIBE 3 a q0", "PUBLISH 4 q1 b: hi"]
    );
}

/// [MQTT5-3.2.2-2]
#[test]
fn session_present_after_a_clean_start_ends_the_connection() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(V5, true, 0, &[]));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// [MQTT5-3.2.2-4]
#[test]
fn session_that_we_know_nothing_of_is_replaced_by_a_new_one() {
    let mut pair = Pair::with(SessionOptions {
        clean_session: false,
        ..options5()
    });
    pair.connect();
    pair.open();
    let first = pair.sent_connect();
    pair.server_sends(wire::connack(V5, true, 0, &[]));
    let closed = pair.closed_codes();
    pair.open();
    let second = pair.sent_connect();

    assert!(!first.clean_session);
    assert_eq!(closed, [1000]);
    assert!(second.clean_session);
    assert_eq!(pair.closed_because(), None);
}

/// A server that keeps no sessions is not asked for one. [MQTT5-3.1.2-23]
#[test]
fn server_that_forgets_at_once_gets_a_clean_start() {
    let mut pair = Pair::connected_to(options5(), &property(SESSION_EXPIRY, &[0, 0, 0, 0]));
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    assert!(pair.sent_connect().clean_session);
}

/// [MQTT5-3.2.2-16] [MQTT5-3.1.3-7]
#[test]
fn name_that_the_server_gives_is_kept() {
    let options = SessionOptions {
        client_id: String::new(),
        ..options5()
    };
    let mut pair = Pair::connected_to(
        options,
        &property(ASSIGNED_CLIENT_ID, &wire::text("auto-7")),
    );
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    assert_eq!(pair.sent_connect().client_id, "auto-7");
}

/// [MQTT5-3.1.2-21] [MQTT5-3.2.2-21]
#[test]
fn server_keep_alive_replaces_ours() {
    for (ours, theirs, due) in [(60, 8, 6), (4, 40, 30), (0, 4, 3), (60, 1200, 900)] {
        let options = SessionOptions {
            keep_alive: secs(ours),
            ..options5()
        };
        let theirs = u16::to_be_bytes(theirs);
        let mut pair = Pair::connected_to(options, &property(SERVER_KEEP_ALIVE, &theirs));

        pair.advance(secs(due - 1));
        let before = pair.sent();
        pair.advance(secs(1));

        assert!(before.is_empty());
        assert_eq!(pair.sent(), ["PINGREQ"]);
    }
}

/// [MQTT5-3.2.2-21]
#[test]
fn server_keep_alive_of_zero_is_none() {
    let options = SessionOptions {
        keep_alive: secs(60),
        ..options5()
    };
    let mut pair = Pair::connected_to(options, &property(SERVER_KEEP_ALIVE, &[0, 0]));

    pair.advance(secs(100_000));

    assert!(pair.sent().is_empty());
}

/// [MQTT5-3.2.2-11]
#[test]
fn message_above_the_maximum_qos_fails_and_is_not_sent() {
    let mut pair = Pair::connected_to(options5(), &property(MAXIMUM_QOS, &[0]));

    let token = pair.publish("a", "hi", QoS::AtLeastOnce);

    let error = PublishError::QosNotSupported {
        maximum: QoS::AtMostOnce,
    };
    assert!(pair.sent().is_empty());
    assert_eq!(pair.events(), [Event::PublishFailed { token, error }]);
}

/// [MQTT5-3.2.2-14]
#[test]
fn retained_message_fails_where_nothing_is_kept() {
    let mut pair = Pair::connected_to(options5(), &property(RETAIN_AVAILABLE, &[0]));

    let kept = Message {
        retain: true,
        ..message("a", "hi", QoS::AtMostOnce)
    };
    let token = pair.session.publish(pair.now, kept).unwrap();
    pair.drain();

    let error = PublishError::RetainNotSupported;
    assert!(pair.sent().is_empty());
    assert_eq!(pair.events(), [Event::PublishFailed { token, error }]);
}

/// Messages that were queued for another server too. [MQTT5-3.2.2-15] [MQTT5-3.1.2-24]
#[test]
fn message_above_the_maximum_packet_size_fails_and_the_next_is_sent() {
    let mut pair = Pair::with(options5());
    let token = pair.publish("a", [b'x'; 100], QoS::AtMostOnce);
    pair.publish("a", "small", QoS::AtMostOnce);
    pair.connect();
    pair.open();
    pair.sent();

    pair.server_sends(wire::connack(
        V5,
        false,
        0,
        &property(MAXIMUM_PACKET_SIZE, &[0, 0, 0, 50]),
    ));

    let error = PublishError::TooLarge {
        bytes: 106,
        limit: 50,
    };
    assert_eq!(pair.sent(), ["PUBLISH q0 a: small"]);
    assert!(
        pair.events()
            .contains(&Event::PublishFailed { token, error })
    );
}

/// [MQTT5-3.2.2.3.11] [MQTT5-3.2.2.3.13]
#[test]
fn filter_that_the_server_does_not_offer_is_refused_here() {
    let properties = [
        property(WILDCARD_AVAILABLE, &[0]),
        property(SHARED_AVAILABLE, &[0]),
    ]
    .concat();
    let mut pair = Pair::connected_to(options5(), &properties);
    let wildcard = pair.subscribe("a/#", QoS::AtMostOnce);
    let shared = pair.subscribe("$share/g/a", QoS::AtMostOnce);
    pair.subscribe("plain", QoS::AtMostOnce);

    let expected = [(wildcard, "a/#", 0xA2), (shared, "$share/g/a", 0x9E)].map(
        |(subscription, text, code)| Event::SubscribeFailed {
            subscription,
            filter: filter(text),
            reason: ReasonCode(code),
        },
    );
    assert_eq!(pair.events(), expected);
    let sent = pair.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].ends_with("plain q0"));
}

/// [MQTT5-3.8.3-4]
#[test]
fn no_local_on_a_shared_subscription_is_refused() {
    use scratch_mqtt::session::{SubscribeError, SubscribeOptions};
    let mut pair = Pair::connected_with(options5());

    let options = SubscribeOptions {
        no_local: true,
        ..Default::default()
    };
    let refused = pair
        .session
        .subscribe(pair.now, Owner(0), &filter("$share/g/a"), options);

    assert_eq!(refused, Err(SubscribeError::NoLocalOnShared));
}

/// The form that mosquitto sends and the long one; whoever took over must not be fought.
/// [MQTT5-3.1.4-3]
#[test]
fn session_that_was_taken_over_does_not_come_back_by_itself() {
    for disconnect in [&[0xE0, 1, 0x8E][..], &[0xE0, 2, 0x8E, 0]] {
        let mut pair = Pair::connected_with(options5());

        pair.server_sends(disconnect);
        pair.opened();
        pair.advance(secs(3600));

        let reason = ReasonCode::SESSION_TAKEN_OVER;
        assert!(
            matches!(pair.closed_because(), Some(CloseReason::Disconnected { reason: code, .. }) if *code == reason)
        );
        assert!(pair.opened().is_empty());
        assert_eq!(pair.session.state(), State::Closed);
    }
}

/// [MQTT5-4.13.2-1]
#[test]
fn server_that_shuts_down_is_tried_again() {
    let mut pair = Pair::connected_with(options5());

    pair.server_sends(wire::disconnect(0x8B));

    assert!(pair.retry_in().is_some());
}

/// Shown, never followed: it would get the password.
#[test]
fn server_that_names_another_one_is_only_quoted() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();
    pair.opened();
    let properties = [
        property(REASON_STRING, &wire::text("moved")),
        property(SERVER_REFERENCE, &wire::text("other:8084")),
    ]
    .concat();

    pair.server_sends(wire::connack(V5, false, 0x9D, &properties));
    pair.advance(secs(3600));

    let reason = pair.closed_because().unwrap();
    assert!(
        matches!(reason, CloseReason::Refused { server_reference: Some(to), .. } if to == "other:8084")
    );
    assert!(reason.to_string().contains("moved"));
    assert!(pair.opened().is_empty());
}

/// [MQTT5-3.14.4-1] [MQTT5-3.14.4-2] The name is random and never comes back.
#[test]
fn disconnect_lets_the_server_forget_a_clean_session() {
    let mut pair = Pair::connected_with(options5());

    pair.disconnect();

    let expected = ClientPacket::Disconnect {
        reason: 0,
        properties: vec![(SESSION_EXPIRY, vec![0; 4])],
    };
    assert_eq!(pair.sent_packets(), [expected]);
    assert_eq!(pair.closed_codes(), [1000]);
}

#[test]
fn disconnect_keeps_a_session_that_was_asked_for() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options5()
    });

    pair.disconnect();

    assert_eq!(pair.sent_frames(), [[0xE0, 0]]);
}

/// [MQTT5-3.14.2-1] [MQTT5-3.14.4-3]
#[test]
fn page_that_goes_away_asks_for_its_will() {
    let mut pair = Pair::connected_with(SessionOptions {
        will: Some(will(None)),
        ..options5()
    });

    pair.session.handle_unload(pair.now);
    pair.drain();

    let expected = ClientPacket::Disconnect {
        reason: 0x04,
        properties: Vec::new(),
    };
    assert_eq!(pair.sent_packets(), [expected]);
}

/// [MQTT5-3.14.2-1] [MQTT5-3.14.4-3]
#[test]
fn will_that_is_always_wanted_is_asked_for_with_goodbye() {
    let mut pair = Pair::connected_with(SessionOptions {
        will: Some(will(None)),
        will_on_disconnect: true,
        ..options5()
    });

    pair.disconnect();

    let expected = ClientPacket::Disconnect {
        reason: 0x04,
        properties: Vec::new(),
    };
    assert_eq!(pair.sent_packets(), [expected]);
}

/// [MQTT5-4.13.1-1]
#[test]
fn protocol_error_is_answered_with_its_reason() {
    for (what, bytes, reason) in [
        (
            "overlong length [MQTT5-1.5.5-1]",
            &[0xD0, 0x80, 0x00][..],
            0x81,
        ),
        ("reserved flags [MQTT5-2.1.3-1]", &[0x41, 2, 0, 1], 0x81),
        ("AUTH without a method [MQTT5-4.12.0-6]", &[0xF0, 0], 0x82),
        ("second CONNACK [MQTT5-3.2.0-2]", &[0x20, 3, 0, 0, 0], 0x82),
        (
            "unknown alias [MQTT5-3.1.2-26]",
            &[0x30, 6, 0, 0, 3, 0x23, 0, 1],
            0x94,
        ),
        (
            "alias above ours [MQTT5-3.1.2-26]",
            &[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 11],
            0x94,
        ),
        ("flags of DISCONNECT [MQTT5-3.14.1-1]", &[0xE1, 0], 0x81),
    ] {
        let mut pair = Pair::connected_with(options5());

        pair.server_sends(bytes);

        let expected = ClientPacket::Disconnect {
            reason,
            properties: Vec::new(),
        };
        assert_eq!(pair.sent_packets(), [expected], "{what}");
        assert_eq!(pair.closed_codes(), [4002], "{what}");
    }
}

/// [MQTT5-3.1.2-16] 5.0 allows a password alone.
#[test]
fn password_may_come_without_a_user_name() {
    let mut pair = Pair::with(SessionOptions {
        password: Some("token".into()),
        ..options5()
    });
    pair.connect();
    pair.open();

    let connect = pair.sent_connect();

    assert_eq!(connect.user_name, None);
    assert_eq!(connect.password, Some(b"token".to_vec()));
}

/// [MQTT5-3.14.0-1]
#[test]
fn disconnect_before_connack_is_a_reason_too() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();

    pair.server_sends(wire::disconnect(0x87));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Disconnected {
            reason: ReasonCode::NOT_AUTHORIZED,
            ..
        })
    ));
    assert_eq!(pair.retry_in(), None);
}
