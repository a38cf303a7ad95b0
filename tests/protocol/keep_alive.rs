//! PINGREQ, PINGRESP and silence.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{CloseReason, Event, SessionOptions, State};

use crate::pair::{Pair, VERSION, options, secs};
use crate::test;
use crate::wire;

fn pair() -> Pair {
    Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ..options()
    })
}

/// [MQTT-3.1.2-23]
#[test]
fn pingreq_is_sent_before_keep_alive_runs_out() {
    let mut pair = pair();

    pair.advance(secs(15));

    assert_eq!(pair.sent(), ["PINGREQ"]);
}

/// nginx ends a connection that was silent for 60 s, mosquitto one that was silent for 90 s.
#[test]
fn keep_alive_of_sixty_pings_after_forty_five() {
    let mut pair = Pair::with(SessionOptions {
        keep_alive: secs(60),
        ..options()
    });
    pair.connect();
    pair.accept(false);
    let announced = pair.sent_connect().keep_alive_secs;

    pair.advance(secs(44));
    let before = pair.sent();
    pair.advance(secs(1));

    assert_eq!(announced, 60);
    assert!(before.is_empty());
    assert_eq!(pair.sent(), ["PINGREQ"]);
}

/// Timers of a hidden tab come once a minute; what comes meanwhile does their work.
#[test]
fn message_after_a_passed_deadline_is_followed_by_a_ping() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(60),
        ..options()
    });

    pair.now += secs(61);
    pair.server_sends(wire::publish("a", "x").bytes(VERSION));

    assert_eq!(pair.sent(), ["PINGREQ"]);
    assert_eq!(pair.messages(), ["a: x"]);
}

#[test]
fn every_request_after_a_passed_deadline_pings() {
    let requests: [fn(&mut Pair); 4] = [
        |pair| {
            pair.publish("a", "x", QoS::AtMostOnce);
        },
        |pair| {
            pair.subscribe("a", QoS::AtMostOnce);
        },
        |pair| pair.unsubscribe("a"),
        |pair| {
            let connection = pair.connection().unwrap();
            pair.session.handle_buffered(pair.now, connection, 0);
            pair.drain();
        },
    ];
    for request in requests {
        let mut pair = pair();

        pair.now += secs(15);
        request(&mut pair);

        assert_eq!(pair.sent()[0], "PINGREQ");
    }
}

/// [MQTT-3.1.2.10]
#[test]
fn answer_that_comes_after_its_deadline_and_before_the_timer_counts() {
    let mut pair = pair();
    pair.advance(secs(15));
    pair.sent();

    pair.now += secs(600);
    pair.server_sends(wire::pingresp());

    assert_eq!(pair.session.state(), State::Connected);
    assert!(pair.events().is_empty());
}

/// Whether an answer waits behind a request cannot be known.
#[test]
fn request_after_the_deadline_of_an_answer_does_not_end_the_connection() {
    let mut pair = pair();
    pair.advance(secs(15));

    pair.now += secs(11);
    pair.publish("a", "x", QoS::AtMostOnce);
    let meanwhile = pair.session.state();
    pair.server_sends(wire::pingresp());

    assert_eq!(meanwhile, State::Connected);
    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn connack_that_comes_after_its_deadline_and_before_the_timer_counts() {
    let mut pair = Pair::new();
    pair.connect();

    pair.now += secs(20);
    pair.accept(false);

    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn request_after_the_end_of_a_pause_connects() {
    let mut pair = Pair::connected();
    pair.drop_transport();

    pair.now += secs(60);
    pair.publish("a", "x", QoS::AtMostOnce);

    assert_eq!(pair.session.state(), State::Connecting);
}

/// The timer that should have said so was late.
#[test]
fn connection_that_lasted_forgets_failures_also_when_its_end_is_the_next_thing_heard() {
    let mut pair = Pair::connected();
    for _ in 0..4 {
        pair.drop_transport();
        pair.reconnect(false);
    }
    pair.events();

    pair.now += secs(31);
    pair.drop_transport();
    pair.advance_to_next_attempt();

    assert!(pair.events().contains(&Event::Connecting { attempt: 2 }));
}

/// [MQTT-3.12.4-1]
#[test]
fn answered_pings_go_on_for_ever() {
    let mut pair = pair();

    for _ in 0..100 {
        pair.advance(secs(15));
        pair.server_sends(wire::pingresp());

        assert_eq!(pair.sent(), ["PINGREQ"]);
    }
    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn time_to_an_answer_is_known_from_connack_and_then_from_pingresp() {
    let mut pair = pair();
    assert_eq!(pair.session.statistics().answer_time, Some(secs(0)));

    pair.advance(secs(15));
    pair.advance(secs(3));
    pair.server_sends(wire::pingresp());

    assert_eq!(pair.session.statistics().answer_time, Some(secs(3)));
}

/// [MQTT-3.1.2.10]
#[test]
fn connection_without_pingresp_is_closed_and_comes_back() {
    let mut pair = pair();

    pair.advance(secs(25));

    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
    assert_eq!(pair.closed_codes(), [1000]);
    pair.reconnect(false);
}

/// A publisher that never pauses still notices a server that fell silent.
#[test]
fn sending_all_the_time_does_not_hide_a_silent_server() {
    let mut pair = pair();

    for _ in 0..40 {
        pair.advance(secs(1));
        if pair.session.state() == State::Connected {
            pair.publish("a", "x", QoS::AtMostOnce);
        }
    }

    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

#[test]
fn traffic_both_ways_needs_no_ping() {
    let mut pair = pair();
    pair.subscribe("a", QoS::AtMostOnce);
    pair.sent();

    for _ in 0..10 {
        pair.advance(secs(14));
        pair.publish("a", "x", QoS::AtMostOnce);
        pair.server_sends(wire::publish("a", "x").bytes(VERSION));
    }

    assert!(!pair.sent().contains(&"PINGREQ".to_owned()));
}

#[test]
fn keep_alive_of_zero_sends_no_ping() {
    let mut pair = Pair::connected();

    pair.advance(secs(100_000));

    assert!(pair.sent().is_empty());
    assert_eq!(pair.session.state(), State::Connected);
}

/// A laptop that slept finds an old deadline; the answer may lie behind the timer.
#[test]
fn late_timer_gets_one_further_period() {
    let mut pair = pair();
    pair.advance(secs(15));

    pair.sleep(secs(600));
    let after_sleep = pair.session.state();
    pair.server_sends(wire::pingresp());
    pair.advance(secs(5));

    assert_eq!(after_sleep, State::Connected);
    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn timer_that_is_two_seconds_late_gets_no_further_period() {
    let mut pair = pair();
    pair.advance(secs(15));

    pair.sleep(secs(10 + 2));

    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

#[test]
fn late_timer_without_an_answer_still_ends_the_connection() {
    let mut pair = pair();
    pair.advance(secs(15));

    pair.sleep(secs(600));
    pair.advance(secs(10));

    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

/// [MQTT-3.12.4-1]
#[test]
fn pingresp_that_nobody_asked_for_is_ignored() {
    let mut pair = pair();

    pair.server_sends(wire::pingresp());

    assert_eq!(pair.session.state(), State::Connected);
    assert!(pair.events().is_empty());
}

#[test]
fn waking_up_checks_the_connection_with_little_patience() {
    let mut pair = pair();

    pair.session.handle_wake(pair.now);
    pair.drain();
    let asked = pair.sent();
    pair.advance(secs(3));

    assert_eq!(asked, ["PINGREQ"]);
    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

#[test]
fn network_that_comes_back_ends_the_pause() {
    let mut pair = Pair::connected();
    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.drop_transport();

    pair.session.handle_online(pair.now);
    pair.drain();

    assert_eq!(pair.session.state(), State::Connecting);
}

/// One further period, however late the timers are.
#[test]
fn timers_that_are_always_late_end_the_connection_too() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ..options()
    });

    pair.sleep(secs(60));
    for _ in 0..2 {
        pair.sleep(secs(60));
    }

    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

/// The answer may stand behind a large message.
#[test]
fn bytes_behind_the_ping_earn_one_further_period() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ping_timeout: secs(10),
        ..options()
    });
    pair.advance(secs(20));
    pair.server_sends(wire::publish("a", "x").bytes(VERSION));

    pair.advance(secs(14));
    let meanwhile = pair.session.state();
    pair.advance(secs(1));

    assert_eq!(meanwhile, State::Connected);
    assert_eq!(pair.closed_because(), Some(&CloseReason::PingTimeout));
}

/// What was due first happens first, when all deadlines passed during a sleep.
#[test]
fn end_that_was_due_before_the_ping_needs_no_ping() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ..options()
    });
    pair.publish("a", "hi", QoS::AtLeastOnce);
    pair.disconnect();
    pair.sent();

    pair.sleep(secs(60));

    assert_eq!(pair.sent(), ["DISCONNECT"]);
}

#[test]
fn ping_after_waking_is_the_one_that_was_due() {
    let mut pair = pair();

    pair.advance(secs(14));
    pair.session.handle_wake(pair.now);
    pair.drain();
    pair.advance(secs(2));

    assert_eq!(pair.sent(), ["PINGREQ"]);
}
