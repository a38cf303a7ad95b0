//! CONNECT, CONNACK and what a refusal means.

use bytes::Bytes;
use scratch_mqtt::packet::{QoS, ReasonCode, Will};
use scratch_mqtt::session::{
    CloseReason, Closed, Event, Excess, OptionsError, PublishRate, Session, SessionOptions, State,
    Warning,
};
use scratch_mqtt::topic::TopicName;

use crate::pair::{Pair, VERSION, filter, gone, options, secs};
use crate::test;
use crate::wire;

fn refused(reason: ReasonCode, return_code: u8) -> CloseReason {
    let (reason_string, server_reference) = (None, None);
    CloseReason::Refused {
        reason,
        return_code,
        reason_string,
        server_reference,
    }
}

/// [MQTT-3.1.0-1] [MQTT-3.1.4-5] Nothing but CONNECT is sent before CONNACK.
#[test]
fn messages_and_subscriptions_wait_for_connack() {
    let mut pair = Pair::new();
    pair.publish("a", "early", QoS::AtMostOnce);
    pair.subscribe("b", QoS::AtMostOnce);

    pair.connect();
    pair.open();
    let before = pair.sent();
    pair.server_sends(wire::connack(VERSION, false, 0, &[]));

    assert_eq!(before, ["CONNECT"]);
    assert_eq!(pair.sent(), ["SUBSCRIBE 1 b q0", "PUBLISH q0 a: early"]);
}

/// [MQTT-3.1.0-2]
#[test]
fn connecting_twice_sends_one_connect() {
    let mut pair = Pair::new();

    pair.connect();
    pair.connect();
    pair.accept(false);
    pair.connect();

    assert_eq!(pair.sent(), ["CONNECT"]);
    assert_eq!(pair.opened().len(), 1);
}

/// [MQTT-6.0.0-3]
#[test]
fn socket_is_asked_for_with_the_subprotocol_mqtt() {
    let mut pair = Pair::new();

    pair.connect();

    assert_eq!(pair.opened(), ["ws://broker/mqtt mqtt"]);
}

/// The bytes as the specification draws them: name, level, flags, keep alive, then the payload in
/// its order. [MQTT-2.2.2-1] [MQTT-3.1.2-1] [MQTT-3.1.2-2] [MQTT-3.1.2-3] [MQTT-3.1.3-1]
/// [MQTT-3.1.3-3]
#[test]
fn connect_with_everything_is_written_in_order() {
    let will = Will {
        topic: TopicName::new("w/t").unwrap(),
        payload: Bytes::from_static(b"bye"),
        qos: QoS::ExactlyOnce,
        retain: true,
        delay_secs: None,
        properties: Default::default(),
    };
    let mut pair = Pair::with(SessionOptions {
        keep_alive: secs(60),
        user_name: Some("guest".into()),
        password: Some("test".into()),
        will: Some(will),
        ..options()
    });

    pair.connect();
    pair.open();

    let expected = [
        &[0x10, 40][..],                 // CONNECT, no flags
        &[0, 4, b'M', b'Q', b'T', b'T'], // protocol name
        &[4],                            // protocol level
        &[0b1111_0110],                  // user, password, will: retain, QoS 2; clean session
        &[0, 60],                        // keep alive
        &[0, 5],
        b"pupil",
        &[0, 3],
        b"w/t",
        &[0, 3],
        b"bye",
        &[0, 5],
        b"guest",
        &[0, 4],
        b"test",
    ]
    .concat();
    assert_eq!(pair.sent_frames(), [expected]);
}

/// [MQTT-3.1.2-9] [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] [MQTT-3.1.2-18] [MQTT-3.1.2-20]
#[test]
fn connect_without_will_and_login_has_no_such_flags_or_fields() {
    let mut pair = Pair::new();

    pair.connect();
    pair.open();

    let expected = [
        &[0x10, 17, 0, 4][..],
        b"MQTT",
        &[4, 0b0000_0010, 0, 0, 0, 5],
        b"pupil",
    ];
    assert_eq!(pair.sent_frames(), [expected.concat()]);
}

/// [MQTT-3.1.2-18] [MQTT-3.1.2-19] [MQTT-3.1.2-20] [MQTT-3.1.2-21]
#[test]
fn user_name_may_come_without_a_password() {
    let mut pair = Pair::with(SessionOptions {
        user_name: Some("guest".into()),
        ..options()
    });

    pair.connect();
    pair.open();
    let connect = pair.sent_connect();

    assert_eq!(connect.user_name.as_deref(), Some("guest"));
    assert_eq!(connect.password, None);
}

/// [MQTT-3.1.2-22] [MQTT-3.1.3-4] [MQTT-3.1.3-7] [MQTT-3.1.3-11] [MQTT-1.5.3-2]
#[test]
fn options_that_no_connect_can_carry_are_refused() {
    for (options, expected) in [
        (
            SessionOptions {
                password: Some("x".into()),
                ..options()
            },
            OptionsError::PasswordWithoutUserName,
        ),
        (
            SessionOptions {
                user_name: Some(String::new()),
                password: Some("x".into()),
                ..options()
            },
            OptionsError::PasswordWithoutUserName,
        ),
        (
            SessionOptions {
                client_id: String::new(),
                clean_session: false,
                ..options()
            },
            OptionsError::EmptyClientId,
        ),
        (
            SessionOptions {
                client_id: "a\0b".into(),
                ..options()
            },
            OptionsError::InvalidText {
                option: "client id",
            },
        ),
        (
            SessionOptions {
                user_name: Some("u".repeat(65_536)),
                ..options()
            },
            OptionsError::InvalidText {
                option: "user name",
            },
        ),
        (
            SessionOptions {
                keep_alive: secs(65_536),
                ..options()
            },
            OptionsError::OutOfRange {
                option: "keep alive",
            },
        ),
        (
            SessionOptions {
                send_maximum: 0,
                ..options()
            },
            OptionsError::OutOfRange {
                option: "send window",
            },
        ),
        (
            SessionOptions {
                urls: Vec::new(),
                ..options()
            },
            OptionsError::NoUrl,
        ),
    ] {
        let mut session = Session::new(1);

        assert_eq!(session.connect(secs(0), options), Err(expected));
        assert_eq!(session.state(), State::Closed);
        assert_eq!(session.poll_output(), None);
    }
}

/// With 0 nothing would ever be sent or received. (3.1.2.11.3 of 5.0)
#[test]
fn numbers_of_0_that_let_nothing_through_are_refused() {
    let rate = PublishRate {
        per_second: 20,
        burst: 0,
        excess: Excess::Wait,
    };
    for (options, option) in [
        (
            SessionOptions {
                receive_maximum: 0,
                ..options()
            },
            "receive window",
        ),
        (
            SessionOptions {
                publish_rate: Some(rate),
                ..options()
            },
            "publish rate",
        ),
    ] {
        let refused = Session::new(1).connect(secs(0), options);

        assert_eq!(refused, Err(OptionsError::OutOfRange { option }));
    }
}

/// Its length is written in two bytes. (3.1.3.3 of 3.1.1)
#[test]
fn will_holds_65_535_bytes_at_most() {
    let connect = |bytes| {
        let will = Will {
            payload: vec![0; bytes].into(),
            ..gone()
        };
        let options = SessionOptions {
            will: Some(will),
            ..options()
        };
        Session::new(1).connect(secs(0), options)
    };
    let option = "will payload";

    assert_eq!(connect(65_535), Ok(()));
    for bytes in [65_536, 65_537] {
        assert_eq!(connect(bytes), Err(OptionsError::InvalidText { option }));
    }
}

/// An empty text box means "none". [MQTT-3.1.2-18]
#[test]
fn empty_user_name_is_not_sent() {
    let mut pair = Pair::with(SessionOptions {
        user_name: Some(String::new()),
        password: Some(String::new()),
        ..options()
    });

    pair.connect();
    pair.open();
    let connect = pair.sent_connect();

    assert_eq!((connect.user_name, connect.password), (None, None));
}

/// [MQTT-3.2.0-1]
#[test]
fn first_packet_other_than_connack_ends_the_connection() {
    for packet in [wire::publish("a", "x").bytes(VERSION), wire::pingresp()] {
        let mut pair = Pair::new();
        pair.connect();
        pair.open();

        pair.server_sends(packet);

        assert!(matches!(
            pair.closed_because(),
            Some(CloseReason::Protocol(_))
        ));
        assert!(pair.messages().is_empty());
        assert_eq!(pair.closed_codes(), [4002]);
    }
}

/// [MQTT-3.2.0-1]
#[test]
fn second_connack_ends_the_connection() {
    let mut pair = Pair::connected();

    pair.server_sends(wire::connack(VERSION, false, 0, &[]));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// [MQTT-3.2.2-1]
#[test]
fn session_present_after_a_clean_session_ends_the_connection() {
    let mut pair = Pair::new();
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(VERSION, true, 0, &[]));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
}

/// A wrong password must never loop: thirty laptops would lock the class's account out.
/// [MQTT-3.2.2-5]
#[test]
fn refusal_that_only_a_person_can_mend_is_not_tried_again() {
    for (return_code, reason) in [
        (1, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION),
        (2, ReasonCode::CLIENT_IDENTIFIER_NOT_VALID), // [MQTT-3.1.3-8] [MQTT-3.1.3-9]
        (4, ReasonCode::BAD_USER_NAME_OR_PASSWORD),
        (5, ReasonCode::NOT_AUTHORIZED),
    ] {
        let mut pair = Pair::new();
        pair.connect();
        pair.open();

        pair.server_sends(wire::connack(VERSION, false, return_code, &[]));
        let closed = pair.closed_codes();
        pair.opened();
        pair.advance(secs(3600));

        assert_eq!(pair.closed_because(), Some(&refused(reason, return_code)));
        assert_eq!(pair.retry_in(), None);
        assert_eq!(closed, [1000]);
        assert!(pair.opened().is_empty(), "code {return_code}");
    }
}

/// 6 means "later" to some, and what others mean nobody knows.
#[test]
fn refusal_that_no_specification_names_is_tried_again_slowly_for_ever() {
    for return_code in [6, 7, 77] {
        let mut pair = Pair::new();
        pair.connect();
        for _ in 0..20 {
            pair.open();
            pair.server_sends(wire::connack(VERSION, false, return_code, &[]));
            assert!(pair.retry_in() >= Some(secs(4)), "code {return_code}");
            pair.advance_to_next_attempt();
        }

        let reason = ReasonCode::UNSPECIFIED_ERROR;
        assert_eq!(pair.closed_because(), Some(&refused(reason, return_code)));
        assert!(pair.opened().len() > 20);
        pair.accept(false);
    }
}

#[test]
fn server_that_is_busy_is_tried_again() {
    let mut pair = Pair::new();
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(VERSION, false, 3, &[]));
    pair.reconnect(false);

    assert_eq!(pair.session.state(), State::Connected);
}

/// The refusal counts, not the flag that must not be there. [MQTT-3.2.2-4]
#[test]
fn refusal_with_session_present_is_still_the_refusal() {
    let mut pair = Pair::new();
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(VERSION, true, 5, &[]));

    let reason = ReasonCode::NOT_AUTHORIZED;
    assert_eq!(pair.closed_because(), Some(&refused(reason, 5)));
}

#[test]
fn connect_after_a_refusal_tries_again() {
    let mut pair = Pair::new();
    pair.connect();
    pair.open();
    pair.server_sends(wire::connack(VERSION, false, 4, &[]));
    pair.options.user_name = Some("guest".into());

    pair.connect();
    pair.accept(false);

    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn server_that_never_answers_is_given_up_after_the_time_limit() {
    let mut pair = Pair::new();
    pair.connect();
    pair.open();

    pair.advance(secs(15));

    assert_eq!(
        pair.closed_because(),
        Some(&CloseReason::ConnectTimeout { opened: true })
    );
    assert_eq!(pair.closed_codes(), [1000]);
}

#[test]
fn socket_that_never_opens_is_given_up_after_the_time_limit() {
    let mut pair = Pair::new();
    pair.connect();

    pair.advance(secs(15));

    assert_eq!(
        pair.closed_because(),
        Some(&CloseReason::ConnectTimeout { opened: false })
    );
}

#[test]
fn address_that_the_browser_refuses_is_not_tried_again() {
    let mut pair = Pair::new();
    pair.connect();

    pair.close_transport(Closed::Refused("insecure".into()));

    let reason = CloseReason::AddressRefused("insecure".into());
    assert_eq!(pair.closed_because(), Some(&reason));
    assert_eq!(pair.session.state(), State::Closed);
}

/// A socket that was replaced must not disturb the new one: the classic bug of reconnecting.
#[test]
fn late_events_of_an_older_socket_are_ignored() {
    let mut pair = Pair::connected();
    let old = pair.connection().unwrap();
    pair.drop_transport();
    pair.reconnect(false);
    pair.events();

    pair.session.handle_bytes(
        pair.now,
        old,
        Bytes::copy_from_slice(&wire::publish("a", "ghost").bytes(VERSION)),
    );
    pair.session.handle_text(pair.now, old);
    pair.session.handle_opened(pair.now, old, "mqtt");
    pair.session.handle_closed(
        pair.now,
        old,
        Closed::Ended {
            code: 1006,
            clean: false,
        },
    );
    pair.drain();

    assert_eq!(pair.session.state(), State::Connected);
    assert!(pair.messages().is_empty());
    assert!(pair.events().is_empty());
}

/// [MQTT-6.0.0-4]
#[test]
fn server_without_the_subprotocol_is_tolerated_with_a_warning() {
    let mut pair = Pair::new();
    pair.connect();

    let connection = pair.connection().unwrap();
    pair.session.handle_opened(pair.now, connection, "");
    pair.drain();

    assert!(
        pair.events()
            .contains(&Event::Warning(Warning::NoSubprotocol))
    );
    assert_eq!(pair.sent(), ["CONNECT"]);
}

/// [MQTT-6.0.0-4]
#[test]
fn server_with_another_subprotocol_is_refused() {
    let mut pair = Pair::new();
    pair.connect();

    let connection = pair.connection().unwrap();
    pair.session.handle_opened(pair.now, connection, "chat");
    pair.drain();

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
    assert!(pair.sent().is_empty());
}

/// [MQTT-3.1.3-2] Another client id is another client: nothing of the old session is used.
#[test]
fn other_options_end_the_connection_and_make_a_new_one() {
    let mut pair = Pair::connected();
    pair.session
        .subscribe(
            pair.now,
            scratch_mqtt::session::Owner(0),
            &filter("a"),
            QoS::AtMostOnce,
        )
        .unwrap();
    pair.drain();
    pair.sent();
    pair.options.client_id = "other".into();

    pair.connect();
    let goodbye = pair.sent();
    pair.accept(false);

    assert_eq!(goodbye, ["DISCONNECT"]);
    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 2 a q0"]);
}

/// [MQTT-3.1.0-2] The page may report it twice.
#[test]
fn socket_that_opens_twice_carries_one_connect() {
    let mut pair = Pair::new();
    pair.connect();

    pair.open();
    pair.open();

    assert_eq!(pair.sent(), ["CONNECT"]);
}
