//! 5.0 first, 3.1.1 when the server wants it.

use scratch_mqtt::packet::{ProtocolVersion, QoS, ReasonCode};
use scratch_mqtt::session::{CloseReason, Event, SessionOptions, State, VersionPolicy};

use crate::pair::{Pair, V5, VERSION, newest, options5, secs};
use crate::test;
use crate::wire;

fn version_of(pair: &mut Pair) -> ProtocolVersion {
    pair.sent_connect().version
}

/// As a server of 3.1.1 answers a CONNECT of 5.0. [MQTT-3.1.2-2]
fn accept_only_3_1_1(pair: &mut Pair, answer: &[u8]) {
    pair.open();
    assert_eq!(version_of(pair), V5);
    pair.server_sends(answer);
    pair.version = VERSION;
    pair.open();
    assert_eq!(version_of(pair), VERSION);
    pair.server_sends(wire::connack(VERSION, false, 0, &[]));
}

#[test]
fn server_of_5_0_is_spoken_to_in_5_0() {
    let mut pair = Pair::with(newest());
    pair.connect();
    pair.accept(false);

    let connected = pair.events().pop();

    let client_id = "pupil".to_owned();
    let expected = Event::Connected {
        session_present: false,
        version: V5,
        client_id,
        address: 0,
        properties: Box::default(),
    };
    assert_eq!(connected, Some(expected));
}

/// The application may want to know; the session keeps to it by itself.
#[test]
fn what_the_server_grants_is_reported() {
    let said = [[0x21, 0, 7].as_slice(), &[0x24, 1]].concat();
    let mut pair = Pair::with(newest());
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(V5, false, 0, &said));

    let Some(Event::Connected { properties, .. }) = pair.events().pop() else {
        panic!("not connected");
    };
    assert_eq!(properties.receive_maximum.map(|most| most.get()), Some(7));
    assert_eq!(properties.maximum_qos, Some(QoS::AtLeastOnce));
    assert_eq!(properties.retain_available, None);
}

#[test]
fn server_of_3_1_1_is_asked_again_at_once() {
    for (what, answer) in [
        ("return code 1", wire::connack(VERSION, false, 1, &[])),
        (
            "accepted in its own format",
            wire::connack(VERSION, false, 0, &[]),
        ),
        ("reason code 0x84", wire::connack(V5, false, 0x84, &[])),
    ] {
        let mut pair = Pair::with(newest());
        pair.connect();

        accept_only_3_1_1(&mut pair, &answer);

        assert_eq!(pair.session.state(), State::Connected, "{what}");
        assert_eq!(pair.closed_because(), None, "{what}");
    }
}

/// Old servers hang up without a word when they do not know the version.
#[test]
fn server_that_hangs_up_twice_after_connect_is_asked_in_3_1_1() {
    let mut pair = Pair::with(newest());
    pair.connect();
    for _ in 0..2 {
        pair.open();
        pair.sent();
        pair.drop_transport();
    }

    pair.version = VERSION;
    pair.open();

    assert_eq!(version_of(&mut pair), VERSION);
    assert_eq!(pair.closed_because(), None);
}

/// Once may be the network.
#[test]
fn server_that_hangs_up_once_after_connect_is_asked_in_5_0_at_once() {
    let mut pair = Pair::with(newest());
    pair.connect();
    pair.open();
    pair.sent();

    pair.drop_transport();
    pair.open();

    assert_eq!(version_of(&mut pair), V5);
    assert_eq!(pair.closed_because(), None);
}

/// It is no old server, so it was the network, and a pause is due.
#[test]
fn server_of_5_0_that_hangs_up_after_connect_is_asked_after_a_pause() {
    let mut pair = Pair::connected_with(newest());
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();
    pair.sent();

    pair.drop_transport();

    let reason = CloseReason::ClosedBeforeConnAck;
    assert_eq!(pair.closed_because(), Some(&reason));
    pair.advance_to_next_attempt();
    pair.open();
    assert_eq!(version_of(&mut pair), V5);
}

/// When 3.1.1 ends in the same way it was the network.
#[test]
fn server_that_hangs_up_in_both_versions_is_asked_in_5_0_again() {
    let mut pair = Pair::with(newest());
    pair.connect();
    for version in [V5, V5, VERSION] {
        pair.version = version;
        pair.open();
        pair.sent();
        pair.drop_transport();
    }
    let reason = pair.closed_because().cloned();

    pair.advance_to_next_attempt();
    pair.version = V5;
    pair.open();

    assert_eq!(reason, Some(CloseReason::ClosedBeforeConnAck));
    assert_eq!(version_of(&mut pair), V5);
}

#[test]
fn version_that_worked_is_remembered() {
    let mut pair = Pair::with(newest());
    pair.connect();
    accept_only_3_1_1(&mut pair, &wire::connack(VERSION, false, 1, &[]));

    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    assert_eq!(version_of(&mut pair), VERSION);
}

#[test]
fn refused_password_is_not_tried_in_another_version() {
    for (answer, return_code) in [
        (wire::connack(V5, false, 0x86, &[]), 0x86),
        (wire::connack(VERSION, false, 4, &[]), 4),
    ] {
        let mut pair = Pair::with(newest());
        pair.connect();
        pair.open();
        pair.opened();

        pair.server_sends(answer);
        pair.advance(secs(3600));

        let reason = pair.closed_because().cloned();
        assert!(
            matches!(
                reason,
                Some(CloseReason::Refused { reason: ReasonCode(0x86), return_code: code, .. })
                    if code == return_code
            ),
            "{reason:?}"
        );
        assert!(pair.opened().is_empty());
    }
}

#[test]
fn fixed_version_does_not_fall_back() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();

    pair.server_sends(wire::connack(VERSION, false, 1, &[]));

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Refused {
            reason: ReasonCode::UNSUPPORTED_PROTOCOL_VERSION,
            ..
        })
    ));
    assert_eq!(pair.retry_in(), None);
}

#[test]
fn server_that_hangs_up_after_connect_in_a_fixed_version_is_asked_after_a_pause() {
    let mut pair = Pair::with(options5());
    pair.connect();
    pair.open();

    pair.drop_transport();

    let reason = CloseReason::ClosedBeforeConnAck;
    assert_eq!(pair.closed_because(), Some(&reason));
    assert_eq!(pair.session.state(), State::Waiting);
    assert_eq!(pair.opened().len(), 1);
}

#[test]
fn fixed_3_1_1_never_speaks_5_0() {
    let version = VersionPolicy::Only(VERSION);
    let mut pair = Pair::with(SessionOptions {
        version,
        ..newest()
    });
    pair.connect();

    pair.open();

    assert_eq!(version_of(&mut pair), VERSION);
}

/// A server that says anything is no old server.
#[test]
fn server_that_hangs_up_in_the_middle_of_connack_is_asked_in_5_0_again() {
    let mut pair = Pair::with(newest());
    pair.connect();
    pair.open();
    pair.sent();

    pair.server_sends([0x20]);
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();

    assert_eq!(version_of(&mut pair), V5);
    assert_eq!(
        pair.closed_because(),
        Some(&CloseReason::ClosedBeforeConnAck)
    );
}

/// A guess that proved right is no guess any more.
#[test]
fn server_of_3_1_1_that_hangs_up_later_is_asked_in_3_1_1_again() {
    let mut pair = Pair::with(newest());
    pair.connect();
    for _ in 0..2 {
        pair.open();
        pair.drop_transport();
    }
    pair.version = VERSION;
    pair.accept(false);
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.open();
    pair.drop_transport();
    pair.sent_frames();

    pair.advance_to_next_attempt();
    pair.open();

    assert_eq!(version_of(&mut pair), VERSION);
}
