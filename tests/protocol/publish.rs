//! Messages to the server: QoS 0, 1 and 2, Packet Identifiers, order.

use bytes::Bytes;
use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{Event, Message, PublishError, SessionOptions, State, Warning};

use crate::pair::{Pair, VERSION, message, options};
use crate::test;
use crate::wire;

/// [MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT-3.3.2-1] [MQTT-4.3.1-1]
#[test]
fn qos0_has_no_packet_identifier_and_no_dup() {
    let mut pair = Pair::connected();

    pair.publish("a/b", "hi", QoS::AtMostOnce);

    assert_eq!(
        pair.sent_frames(),
        [[&[0x30, 7, 0, 3][..], b"a/b", b"hi"].concat()]
    );
}

/// [MQTT-3.3.1-1] [MQTT-4.3.2-1] [MQTT-2.3.1-6]
#[test]
fn qos1_is_delivered_when_puback_comes() {
    let mut pair = Pair::connected();

    let token = pair.publish("a", "hi", QoS::AtLeastOnce);
    let before = pair.events();
    pair.server_sends(wire::puback(1));

    assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: hi"]);
    assert!(before.is_empty());
    assert_eq!(pair.events(), [Event::Published { token }]);
    assert_eq!(pair.session.statistics().waiting, 0);
}

/// [MQTT-4.3.3-1] [MQTT-3.6.1-1] [MQTT-2.3.1-6]
#[test]
fn qos2_is_delivered_when_pubcomp_comes() {
    let mut pair = Pair::connected();

    let token = pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.server_sends(wire::pubrec(1));
    let before = pair.events();
    pair.server_sends(wire::pubcomp(1));

    assert_eq!(pair.sent(), ["PUBLISH 1 q2 a: hi", "PUBREL 1"]);
    assert!(before.is_empty());
    assert_eq!(pair.events(), [Event::Published { token }]);
}

/// [MQTT-4.6.0-4]
#[test]
fn pubrels_leave_in_the_order_of_the_pubrecs() {
    let mut pair = Pair::connected();
    for payload in ["1", "2", "3"] {
        pair.publish("a", payload, QoS::ExactlyOnce);
    }
    pair.sent();

    for id in [3, 1, 2] {
        pair.server_sends(wire::pubrec(id));
    }

    assert_eq!(pair.sent(), ["PUBREL 3", "PUBREL 1", "PUBREL 2"]);
}

/// A second PUBREC asks for the PUBREL again; the message is never sent again. [MQTT-4.3.3-1]
#[test]
fn pubrec_sent_twice_is_answered_twice() {
    let mut pair = Pair::connected();
    pair.publish("a", "hi", QoS::ExactlyOnce);
    pair.sent();

    pair.server_sends(wire::pubrec(1));
    pair.server_sends(wire::pubrec(1));

    assert_eq!(pair.sent(), ["PUBREL 1", "PUBREL 1"]);
}

/// [MQTT-2.3.1-1] [MQTT-2.3.1-2] [MQTT-2.3.1-3]
#[test]
fn packet_identifiers_wrap_around_those_in_use() {
    let mut pair = Pair::connected();
    pair.publish("kept", "1", QoS::AtLeastOnce);
    pair.subscribe("s", QoS::AtMostOnce);

    let mut ids = Vec::new();
    for _ in 0..70_000_u32 {
        pair.publish("a", "", QoS::AtLeastOnce);
        let line = pair.sent().pop().unwrap();
        let id = line.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
        pair.server_sends(wire::puback(id));
        pair.events();
        ids.push(id);
    }

    assert_eq!(ids[..3], [3, 4, 5]);
    assert!(ids.iter().all(|id| *id > 2));
    assert_eq!(ids.iter().max(), Some(&u16::MAX));
}

#[test]
fn window_holds_messages_back_until_acknowledged() {
    let mut pair = Pair::connected_with(SessionOptions {
        send_maximum: 2,
        ..options()
    });
    for payload in ["1", "2", "3"] {
        pair.publish("a", payload, QoS::AtLeastOnce);
    }
    let before = pair.sent();

    pair.server_sends(wire::puback(1));

    assert_eq!(before, ["PUBLISH 1 q1 a: 1", "PUBLISH 2 q1 a: 2"]);
    assert_eq!(pair.sent(), ["PUBLISH 3 q1 a: 3"]);
}

/// Everything that is published in one turn leaves as one WebSocket message.
#[test]
fn messages_of_one_turn_leave_together() {
    let mut pair = Pair::connected();

    for payload in ["1", "2", "3"] {
        pair.try_publish("a", payload, QoS::AtMostOnce).unwrap();
    }
    pair.drain();

    let frames = pair.sent_frames();
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].len(), 3 * 6);
}

#[test]
fn large_message_leaves_by_itself() {
    let mut pair = Pair::connected();

    pair.try_publish("a", "small", QoS::AtMostOnce).unwrap();
    pair.try_publish("a", [0; 100_000], QoS::AtMostOnce)
        .unwrap();
    pair.drain();

    let sizes = pair.sent_frames().iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes, [10, 100_000 + 3 + 4]);
}

#[test]
fn retain_is_passed_on() {
    let mut pair = Pair::connected();

    let kept = Message {
        retain: true,
        ..message("a", "hi", QoS::AtMostOnce)
    };
    pair.session.publish(pair.now, kept).unwrap();
    pair.drain();

    assert_eq!(pair.sent(), ["PUBLISH q0 retain a: hi"]);
}

/// [MQTT-1.5.3-1] [MQTT-3.3.2-1]
#[test]
fn every_alphabet_is_sent_as_utf8() {
    let mut pair = Pair::connected();

    pair.publish("école/温度", "21 °C 😀", QoS::AtMostOnce);

    assert_eq!(pair.sent(), ["PUBLISH q0 école/温度: 21 °C 😀"]);
}

#[test]
fn empty_payload_is_a_message() {
    let mut pair = Pair::connected();

    pair.publish("a", "", QoS::AtMostOnce);

    assert_eq!(pair.sent_frames(), [[0x30, 3, 0, 1, b'a']]);
}

/// Acknowledgements of something that was never sent are tolerated.
#[test]
fn unknown_acknowledgement_is_a_warning() {
    for packet in [wire::puback(9), wire::pubcomp(9)] {
        let mut pair = Pair::connected();

        pair.server_sends(packet);

        assert_eq!(pair.events(), [Event::Warning(Warning::UnknownPacketId)]);
        assert!(pair.sent().is_empty());
        assert_eq!(pair.session.state(), State::Connected);
    }
}

/// Without the answer the server would keep the number for ever.
#[test]
fn unknown_pubrec_is_answered_with_pubrel() {
    let mut pair = Pair::connected();

    pair.server_sends(wire::pubrec(9));

    assert_eq!(pair.sent(), ["PUBREL 9"]);
}

#[test]
fn acknowledgement_of_the_wrong_kind_delivers_nothing() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.publish("a", "2", QoS::ExactlyOnce);

    pair.server_sends(wire::pubcomp(1));
    pair.server_sends(wire::pubcomp(2));

    assert_eq!(pair.session.statistics().waiting, 2);
    assert!(
        !pair
            .events()
            .iter()
            .any(|event| matches!(event, Event::Published { .. }))
    );
}

/// [MQTT-2.2.3]
#[test]
fn message_larger_than_any_packet_is_refused() {
    let mut pair = Pair::connected();
    let payload = Bytes::from(vec![0; 268_435_453]);

    let [refused, taken] = [payload.clone(), payload.slice(1..)].map(|payload| {
        let message = message("a", "", QoS::AtMostOnce);
        let message = Message { payload, ..message };
        pair.session.publish(pair.now, message)
    });

    assert!(
        matches!(refused, Err(PublishError::TooLarge { .. })),
        "{refused:?}"
    );
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// [MQTT-2.3.1-2] A SUBSCRIBE may hold the one number that is missing.
#[test]
fn message_without_a_free_number_waits_for_one() {
    let mut pair = Pair::connected_with(SessionOptions {
        send_maximum: u16::MAX,
        ..options()
    });
    pair.subscribe("s", QoS::AtMostOnce);
    for _ in 0..u16::MAX {
        pair.publish("a", "", QoS::AtLeastOnce);
    }
    pair.sent();
    let waiting = pair.session.statistics().waiting;

    pair.server_sends(wire::suback(VERSION, 1, &[0]));

    assert_eq!(waiting, 65_535);
    assert_eq!(pair.sent(), ["PUBLISH 1 q1 a: "]);
}
