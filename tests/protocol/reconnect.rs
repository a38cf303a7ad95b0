//! How a lost connection comes back, and when it does not.

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    CloseReason, Event, LOCAL_PAUSE, OptionsError, Session, SessionOptions, State,
};

use crate::pair::{Pair, V5, VERSION, gone, millis, options, options5, secs};
use crate::test;
use crate::wire;

#[test]
fn lost_connection_comes_back_by_itself() {
    let mut pair = Pair::connected();

    pair.drop_transport();
    let reason = pair.closed_because().cloned();
    pair.reconnect(false);

    assert_eq!(reason, Some(CloseReason::Lost { code: 1006 }));
    assert_eq!(pair.session.statistics().reconnects, 1);
}

#[test]
fn pauses_grow_to_a_minute_at_most() {
    let mut pair = Pair::new();
    pair.connect();

    for failure in 0..50_u32 {
        pair.drop_transport();
        let pause = pair.retry_in().unwrap();
        let longest = secs(1 << failure.min(6)).min(secs(60));

        assert!(pause <= longest, "failure {failure}: {pause:?}");
        pair.advance_to_next_attempt();
    }
}

#[test]
fn pauses_grow_to_what_was_chosen_at_most() {
    let mut pair = Pair::with(SessionOptions {
        longest_pause: LOCAL_PAUSE,
        ..options()
    });
    pair.connect();
    let mut pauses = Vec::new();

    for _ in 0..50 {
        pair.drop_transport();
        pauses.extend(pair.retry_in());
        pair.advance_to_next_attempt();
    }

    let longest = pauses.iter().max().unwrap();
    assert_eq!(pauses.len(), 50);
    assert!(
        (secs(6)..=secs(8)).contains(longest),
        "the longest is {longest:?}"
    );
}

/// Who is refused for what seldom passes by itself does not knock every few seconds.
#[test]
fn slow_attempts_stay_slow_when_short_pauses_were_chosen() {
    let mut pair = Pair::connected_with(SessionOptions {
        longest_pause: LOCAL_PAUSE,
        ..options()
    });
    for _ in 0..20 {
        pair.server_sends([0x36, 0]);
        pair.reconnect(false);
    }

    pair.server_sends([0x36, 0]);

    assert!(pair.retry_in() >= Some(secs(30)));
}

/// Busy, a ban for a time, a quota, and what is wrong with one of the two programs. (3.2.2.2 of 5.0)
#[test]
fn refusal_that_seldom_passes_by_itself_is_tried_again_slowly() {
    for code in [0x81, 0x82, 0x89, 0x8A, 0x95, 0x97, 0x9C, 0x9F] {
        let mut pair = Pair::with(options5());
        pair.connect();
        pair.open();

        pair.server_sends(wire::connack(V5, false, code, &[]));

        assert!(pair.retry_in() >= Some(secs(5)), "{code:#x}");
    }
}

/// (3.14.2.1 of 5.0)
#[test]
fn disconnect_that_seldom_passes_by_itself_is_tried_again_slowly() {
    for code in [0x81, 0x82, 0x87, 0x89, 0x8F, 0x93, 0x98, 0x9C, 0x9F, 0xA2] {
        let mut pair = Pair::connected_with(options5());

        pair.server_sends(wire::disconnect(code));

        assert!(pair.retry_in() >= Some(secs(5)), "{code:#x}");
    }
}

#[test]
fn longest_pause_is_a_second_to_an_hour() {
    let connect = |longest_pause| {
        let options = SessionOptions {
            longest_pause,
            ..options()
        };
        Session::new(7).connect(secs(0), options)
    };
    let error = Err(OptionsError::OutOfRange {
        option: "longest pause",
    });

    assert_eq!(connect(millis(999)), error);
    assert_eq!(connect(secs(1)), Ok(()));
    assert_eq!(connect(secs(3_600)), Ok(()));
    assert_eq!(connect(millis(3_600_001)), error);
}

/// A server that lets us in and throws us out at once must not be asked at full speed.
#[test]
fn pauses_go_on_growing_until_a_connection_lasts() {
    let mut pair = Pair::connected();
    for _ in 0..8 {
        pair.drop_transport();
        pair.reconnect(false);
    }
    pair.events();

    pair.drop_transport();
    pair.advance_to_next_attempt();
    let attempt = pair.events().into_iter().find_map(|event| match event {
        Event::Connecting { attempt } => Some(attempt),
        _ => None,
    });

    assert_eq!(attempt, Some(10));
}

#[test]
fn connection_that_lasted_forgets_earlier_failures() {
    let mut pair = Pair::connected();
    for _ in 0..8 {
        pair.drop_transport();
        pair.reconnect(false);
    }
    pair.advance(secs(30));

    pair.drop_transport();

    assert!(pair.retry_in() <= Some(secs(1)));
}

/// Another client with the same name is seen in 3.1.1, and with some servers of 5.0, only as a server that
/// hangs up. [MQTT-3.1.4-2] [MQTT5-3.1.4-3]
#[test]
fn chosen_name_that_is_thrown_out_three_times_is_reported_and_tried_slowly() {
    for options in [options(), options5()] {
        let mut pair = Pair::connected_with(SessionOptions {
            client_id_is_chosen: true,
            ..options
        });

        for _ in 0..2 {
            pair.advance(secs(5));
            pair.drop_transport();
            pair.reconnect(false);
        }
        pair.advance(secs(5));
        pair.drop_transport();

        assert_eq!(pair.closed_because(), Some(&CloseReason::NameInUse));
        assert!(pair.retry_in() >= Some(secs(4)));
        assert_eq!(pair.session.state(), State::Waiting);
    }
}

/// The other client has time to come back. In tenths of a second.
#[test]
fn chosen_name_that_may_be_in_use_sends_nothing_for_longer_and_longer() {
    for (short_lives, quiet) in [(1, 0), (2, 20), (3, 40), (4, 80), (5, 80)] {
        let mut pair = Pair::connected_with(SessionOptions {
            client_id_is_chosen: true,
            ..options()
        });
        for _ in 0..short_lives {
            pair.advance(secs(1));
            pair.drop_transport();
            pair.reconnect(false);
        }
        pair.sent();

        pair.publish("a", "hi", QoS::AtMostOnce);
        let waited = (0..100).find(|_| {
            let is_sent = !pair.sent().is_empty();
            pair.advance(millis(100));
            is_sent
        });

        assert_eq!(waited, Some(quiet), "{short_lives} short lives");
    }
}

/// It was a guess: a network can do the same.
#[test]
fn chosen_name_that_is_thrown_out_for_an_hour_comes_back() {
    let mut pair = Pair::connected_with(SessionOptions {
        client_id_is_chosen: true,
        ..options()
    });
    for _ in 0..60 {
        pair.drop_transport();
        pair.reconnect(false);
    }

    pair.advance(secs(8));
    pair.publish("a", "hi", QoS::AtMostOnce);

    assert_eq!(pair.sent().last().unwrap(), "PUBLISH q0 a: hi");
}

/// What was sent may be why: only a connection that sends nothing says something about the name.
#[test]
fn chosen_name_that_is_thrown_out_after_sending_is_not_called_in_use() {
    let mut pair = Pair::connected_with(SessionOptions {
        client_id_is_chosen: true,
        ..options()
    });
    for _ in 0..4 {
        pair.publish("a", "hi", QoS::AtMostOnce);
        pair.advance(secs(9));
        pair.drop_transport();
        assert_eq!(
            pair.closed_because(),
            Some(&CloseReason::Lost { code: 1006 })
        );
        pair.reconnect(false);
    }
}

#[test]
fn random_name_that_is_thrown_out_goes_on() {
    let mut pair = Pair::connected();

    for _ in 0..20 {
        pair.drop_transport();
        pair.reconnect(false);
    }

    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn chosen_name_with_long_lives_goes_on() {
    let mut pair = Pair::connected_with(SessionOptions {
        client_id_is_chosen: true,
        ..options()
    });

    for _ in 0..10 {
        pair.advance(secs(10));
        pair.drop_transport();
        assert_eq!(
            pair.closed_because(),
            Some(&CloseReason::Lost { code: 1006 })
        );
        pair.reconnect(false);
    }

    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn server_that_breaks_the_protocol_again_and_again_is_tried_slowly_for_ever() {
    let mut pair = Pair::connected();

    for _ in 0..20 {
        pair.server_sends([0x36, 0]);
        assert!(pair.retry_in() >= Some(secs(4)));
        pair.reconnect(false);
    }
    pair.server_sends([0x36, 0]);

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Protocol(_))
    ));
    assert!(pair.retry_in() >= Some(secs(30)));
    assert_eq!(pair.session.state(), State::Waiting);
}

#[test]
fn connection_that_must_not_come_back_stays_closed() {
    let mut pair = Pair::connected_with(SessionOptions {
        reconnect: false,
        ..options()
    });

    pair.drop_transport();

    assert_eq!(pair.retry_in(), None);
    assert_eq!(pair.session.state(), State::Closed);
}

#[test]
fn green_flag_during_the_pause_tries_at_once() {
    let mut pair = Pair::connected();
    pair.drop_transport();

    pair.connect();

    assert_eq!(pair.session.state(), State::Connecting);
}

#[test]
fn page_that_goes_away_says_goodbye_and_comes_back() {
    let mut pair = Pair::connected();

    pair.session.handle_unload(pair.now);
    pair.drain();
    let goodbye = pair.sent();
    let closed = pair.closed_codes();
    pair.advance(secs(3600));
    let hidden = pair.session.state();
    pair.session.handle_online(pair.now);
    pair.drain();
    pair.accept(false);

    assert_eq!(goodbye, ["DISCONNECT"]);
    assert_eq!(closed, [1000]);
    assert_eq!(hidden, State::Closed);
}

/// Who closes the tab has disappeared: that is what a will is for. [MQTT-3.14.4-3]
#[test]
fn page_that_goes_away_leaves_its_will_to_the_server() {
    let mut pair = Pair::connected_with(SessionOptions {
        will: Some(gone()),
        ..options()
    });

    pair.session.handle_unload(pair.now);
    pair.drain();

    assert!(pair.sent().is_empty());
    assert_eq!(pair.closed_codes(), [1000]);
}

/// Time that goes backwards, as a broken clock may show, does no harm.
#[test]
fn time_never_goes_back() {
    let mut pair = Pair::connected_with(SessionOptions {
        keep_alive: secs(20),
        ..options()
    });
    pair.advance(secs(10));

    pair.session.handle_timeout(secs(0));
    pair.session.handle_timeout(secs(0));
    pair.drain();
    pair.server_sends(wire::publish("a", "x").bytes(VERSION));

    assert!(pair.session.poll_timeout() > Some(pair.now));
}

#[test]
fn deadline_counts_from_the_latest_time_seen() {
    let mut pair = Pair::connected();
    pair.publish("a", "hi", QoS::AtLeastOnce);

    pair.session.disconnect(secs(0));
    pair.drain();

    assert_eq!(pair.session.poll_timeout(), Some(pair.now + secs(2)));
}
