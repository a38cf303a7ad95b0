//! MQTT 5.0: rules of CONNECT, CONNACK, SUBSCRIBE and DISCONNECT that have a test of their own in
//! neither of the other files.

use scratch_mqtt::packet::{QoS, ReasonCode};
use scratch_mqtt::session::{
    CloseReason, Event, OptionsError, SessionOptions, State, SubscribeOptions, Warning,
};

use crate::pair::{Pair, V5, filter, options, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket, property, publish};

const SESSION_EXPIRY: u8 = 0x11;
const RESPONSE_INFORMATION: u8 = 0x1A;
const SUBSCRIPTION_IDS_AVAILABLE: u8 = 0x29;

fn connecting() -> Pair {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();
    pair
}

/// [MQTT5-3.1.3-12] [MQTT5-1.5.4-2]
#[test]
fn user_name_with_the_null_character_is_refused() {
    let mut pair = Pair::with(options5());
    pair.options.user_name = Some("a\0b".into());

    let refused = pair.session.connect(pair.now, pair.options.clone());

    let option = "user name";
    assert_eq!(refused, Err(OptionsError::InvalidText { option }));
}

/// [MQTT5-3.1.2-16] [MQTT5-3.1.2-17] [MQTT5-3.1.2-18] [MQTT5-3.1.2-19]
#[test]
fn user_name_and_password_are_there_when_they_are_given() {
    for user_name in [None, Some("guest".to_owned())] {
        for password in [None, Some("test".to_owned())] {
            let mut pair = Pair::with(SessionOptions {
                user_name: user_name.clone(),
                password: password.clone(),
                ..options5()
            });
            pair.connect();
            pair.open();

            let connect = pair.sent_connect();

            assert_eq!(connect.user_name, user_name);
            assert_eq!(connect.password, password.map(String::into_bytes));
        }
    }
}

/// [MQTT5-3.1.2-20]
#[test]
fn pingreq_is_sent_before_keep_alive_runs_out() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ..options5()
    });

    pair.advance(secs(15));

    assert_eq!(pair.sent(), ["PINGREQ"]);
}

/// [MQTT5-3.2.0-1]
#[test]
fn first_packet_other_than_connack_ends_the_connection() {
    for packet in [publish("a", "x").bytes(V5), wire::pingresp()] {
        let mut pair = connecting();

        pair.server_sends(packet);

        assert!(matches!(
            pair.closed_because(),
            Some(CloseReason::Protocol(_))
        ));
        assert!(pair.messages().is_empty());
    }
}

/// Both answers of the server, and what follows. [MQTT5-3.2.2-3]
#[test]
fn session_present_decides_whether_filters_are_asked_for_again() {
    for (present, expected) in [
        (true, vec!["CONNECT"]),
        (false, vec!["CONNECT", "SUBSCRIBE 2 a q0"]),
    ] {
        let mut pair = Pair::connected_with(options5());
        pair.subscribe("a", QoS::AtMostOnce);
        pair.server_sends(wire::suback(V5, 1, &[0]));
        pair.drop_transport();
        pair.sent();

        pair.reconnect(present);

        assert_eq!(pair.sent(), expected);
    }
}

/// The refusal counts, not the flag that must not be there. [MQTT5-3.2.2-6] [MQTT5-3.2.2-7]
#[test]
fn refusal_ends_the_connection_whatever_else_it_says() {
    for session_present in [false, true] {
        let mut pair = connecting();

        pair.server_sends(wire::connack(V5, session_present, 0x86, &[]));

        let reason = ReasonCode::BAD_USER_NAME_OR_PASSWORD;
        assert!(matches!(
            pair.closed_because(),
            Some(CloseReason::Refused { reason: given, .. }) if *given == reason
        ));
        assert_eq!(pair.closed_codes(), [1000]);
    }
}

/// [MQTT5-3.1.2-28]
#[test]
fn response_information_that_nobody_asked_for_is_ignored() {
    let mut pair = connecting();

    let information = property(RESPONSE_INFORMATION, &wire::text("answers/7"));
    pair.server_sends(wire::connack(V5, false, 0, &information));

    assert_eq!(pair.session.state(), State::Connected);
}

/// [MQTT5-3.2.2.3.12]
#[test]
fn subscription_identifiers_are_not_sent_where_they_are_not_offered() {
    let mut pair = Pair::with(SessionOptions {
        subscription_identifiers: true,
        ..options5()
    });
    pair.connect();
    pair.open();
    let none = property(SUBSCRIPTION_IDS_AVAILABLE, &[0]);
    pair.server_sends(wire::connack(V5, false, 0, &none));
    pair.sent();

    pair.subscribe("a", QoS::AtMostOnce);

    let [ClientPacket::Subscribe { properties, .. }] = &pair.sent_packets()[..] else {
        panic!("not one SUBSCRIBE");
    };
    assert!(properties.is_empty());
}

/// [MQTT5-3.8.4-6] [MQTT5-3.8.4-7] [MQTT5-3.9.3-1] [MQTT5-2.2.1-6]
#[test]
fn suback_tells_what_was_granted_filter_by_filter() {
    let mut pair = Pair::connected_with(options5());
    for text in ["a", "b"] {
        let wanted = SubscribeOptions::from(QoS::ExactlyOnce);
        let owner = scratch_mqtt::session::Owner(0);
        let filter = filter(text);
        pair.session
            .subscribe(pair.now, owner, &filter, wanted)
            .unwrap();
    }
    pair.drain();

    pair.server_sends(wire::suback(V5, 9, &[0, 0]));
    let unknown = pair.events();
    pair.server_sends(wire::suback(V5, 1, &[1, 0x87]));

    assert_eq!(unknown, [Event::Warning(Warning::UnknownPacketId)]);
    let events = pair.events();
    assert!(
        matches!(&events[..], [
            Event::Subscribed { filter: first, qos: QoS::AtLeastOnce, .. },
            Event::SubscribeFailed { filter: second, reason: ReasonCode::NOT_AUTHORIZED, .. },
        ] if first.as_str() == "a" && second.as_str() == "b"),
        "{events:?}"
    );
}

/// [MQTT5-3.11.3-1] [MQTT5-2.2.1-6]
#[test]
fn unsuback_ends_the_subscription_of_its_request_only() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.unsubscribe("a");
    pair.events();

    pair.server_sends(wire::unsuback(V5, 9, &[0]));
    let unknown = pair.events();
    pair.server_sends(wire::unsuback(V5, 2, &[0x11]));

    let filter = filter("a");
    assert_eq!(unknown, [Event::Warning(Warning::UnknownPacketId)]);
    assert_eq!(pair.events(), [Event::Unsubscribed { filter }]);
}

/// A server must not say when the session ends; the session is resumed all the same.
/// [MQTT5-3.14.2-2]
#[test]
fn session_expiry_in_a_disconnect_of_the_server_is_ignored() {
    let mut pair = Pair::connected_with(options5());
    let expiry = property(SESSION_EXPIRY, &[0, 0, 0, 0]);
    let length = u8::try_from(expiry.len()).unwrap();

    // Server busy.
    pair.server_sends(wire::packet(0xE0, &[&[0x89, length], &expiry[..]].concat()));
    pair.advance_to_next_attempt();
    pair.open();

    assert!(!pair.sent_connect().clean_session);
}

/// [MQTT5-3.14.2.2.2]
#[test]
fn session_without_expiry_gets_none_at_its_end() {
    let mut pair = Pair::connected_with(SessionOptions {
        session_expiry: secs(0),
        ..options5()
    });

    pair.disconnect();

    let properties = Vec::new();
    let reason = 0;
    assert_eq!(
        pair.sent_packets(),
        [ClientPacket::Disconnect { reason, properties }]
    );
}

/// [MQTT5-6.0.0-1]
#[test]
fn text_frame_ends_the_connection() {
    let mut pair = Pair::connected_with(options5());
    let connection = pair.connection().unwrap();

    pair.session.handle_text(pair.now, connection);
    pair.drain();

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// [MQTT-6.0.0-3] [MQTT5-6.0.0-3] [MQTT-6.0.0-4] [MQTT5-6.0.0-4]
#[test]
fn subprotocol_is_mqtt_in_both_versions() {
    for options in [options(), options5()] {
        let mut pair = Pair::with(options);
        pair.connect();
        let opened = pair.opened();
        let connection = pair.connection().unwrap();

        pair.session.handle_opened(pair.now, connection, "another");
        pair.drain();

        assert_eq!(opened, ["ws://broker/mqtt mqtt"]);
        assert!(matches!(
            pair.closed_because(),
            Some(CloseReason::Protocol(_))
        ));
    }
}

/// [MQTT5-1.5.4-3]
#[test]
fn byte_order_mark_arrives_as_part_of_the_topic() {
    let mut pair = Pair::connected_with(options5());

    pair.server_sends(publish("\u{feff}a", "x").bytes(V5));

    assert_eq!(pair.messages(), ["\u{feff}a: x"]);
}

/// [MQTT5-2.2.1-2] [MQTT5-3.3.1-2] [MQTT5-3.3.2-1]
#[test]
fn qos0_has_no_packet_identifier_and_no_dup() {
    let mut pair = Pair::connected_with(options5());

    pair.publish("a/b", "hi", QoS::AtMostOnce);

    let expected = [&[0x30, 8, 0, 3][..], b"a/b", &[0], b"hi"].concat();
    assert_eq!(pair.sent_frames(), [expected]);
}
