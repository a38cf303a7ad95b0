//! MQTT 5.0: which SUBSCRIBE asks for retained messages, after filters are wanted in another way.

use scratch_mqtt::packet::{QoS, RetainHandling};
use scratch_mqtt::session::{Closed, Owner, SessionOptions, SubscribeOptions};

use crate::pair::{Pair, V5, filter, options5};
use crate::test;
use crate::wire;

/// Nobody has it yet: the request never left.
#[test]
fn higher_qos_while_a_request_waits_still_asks_for_what_is_retained() {
    let mut pair = Pair::connected_with(options5());
    for text in ["a", "b"] {
        pair.session
            .subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();
    let (code, clean) = (1002, true);
    pair.close_transport(Closed::Ended { code, clean });
    pair.reconnect(false);
    pair.sent();

    pair.session
        .subscribe(pair.now, Owner(1), &filter("b"), QoS::AtLeastOnce)
        .unwrap();
    pair.drain();
    pair.server_sends(wire::suback(V5, 2, &[0]));
    pair.server_sends(wire::pingresp());

    assert_eq!(pair.sent(), ["PINGREQ", "SUBSCRIBE 3 b q1"]);
}

/// The same owner wants less, in the turn in which it asked for what is retained.
#[test]
fn lower_qos_does_not_take_back_the_request_for_what_is_retained() {
    let mut pair = Pair::connected_with(options5());
    let id = pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(V5, 1, &[1]));
    pair.sent();

    pair.session.subscribe_again(pair.now, id);
    pair.subscribe("a", QoS::AtMostOnce);

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 a q1"]);
}

/// SUBACK was lost with its connection, and with it perhaps what is retained.
#[test]
fn lower_qos_after_a_lost_suback_still_asks_for_what_is_retained() {
    let mut pair = Pair::connected_with(SessionOptions {
        clean_session: false,
        ..options5()
    });
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.sent();

    pair.reconnect(true);

    assert_eq!(pair.sent(), ["CONNECT", "SUBSCRIBE 2 a q1"]);
}

/// Its owner says so in as many words.
#[test]
fn filter_that_wants_what_is_retained_after_all_asks_for_it() {
    let mut pair = Pair::connected_with(options5());
    let never = SubscribeOptions {
        retain_handling: RetainHandling::Never,
        ..SubscribeOptions::default()
    };
    for (packet_id, options) in [(1, never), (2, SubscribeOptions::default())] {
        pair.session
            .subscribe(pair.now, Owner(0), &filter("a"), options)
            .unwrap();
        pair.drain();
        pair.server_sends(wire::suback(V5, packet_id, &[0]));
    }

    assert_eq!(pair.sent(), ["SUBSCRIBE 1 a q32", "SUBSCRIBE 2 a q0"]);
}

/// Nobody has it any more in between, so it is new to the one that wants it.
#[test]
fn filter_that_is_wanted_anew_with_a_higher_qos_asks_for_what_is_retained() {
    let mut pair = Pair::connected_with(options5());
    pair.subscribe("a", QoS::AtMostOnce);
    pair.server_sends(wire::suback(V5, 1, &[0]));
    pair.sent();

    pair.session.unsubscribe(pair.now, None, &filter("a"));
    pair.subscribe("a", QoS::AtLeastOnce);

    assert_eq!(pair.sent(), ["SUBSCRIBE 2 a q1"]);
}
