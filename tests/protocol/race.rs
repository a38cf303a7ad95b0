//! Several addresses of one broker: attempts overlap, and the first that opens goes on.

use std::time::Duration;

use scratch_mqtt::packet::ReasonCode;
use scratch_mqtt::session::{Blocked, CloseReason, Closed, Event, SessionOptions, State};

use crate::pair::{Pair, VERSION, newest, options, secs};
use crate::test;
use crate::wire;

const A: &str = "wss://b:8084/mqtt";
const B: &str = "wss://b:443/mqtt";
const C: &str = "wss://b:443/";

fn racing() -> Pair {
    let urls = [A, B, C].map(String::from).to_vec();
    let mut pair = Pair::with(SessionOptions { urls, ..options() });
    pair.connect();
    pair
}

fn ended(closed: bool) -> Closed {
    Closed::Ended {
        code: 1006,
        clean: closed,
    }
}

#[test]
fn next_address_is_tried_after_two_seconds_beside_the_first() {
    let mut pair = racing();
    let first = pair.sockets().join(" ");

    pair.advance(Duration::from_millis(1_999));
    let before = pair.sockets().join(" ");
    pair.advance(Duration::from_millis(1));
    let second = pair.sockets().join(" ");
    pair.advance(secs(2));

    assert_eq!([first, before], [A, A]);
    assert_eq!(second, [A, B].join(" "));
    assert_eq!(pair.sockets(), [A, B, C]);
}

#[test]
fn next_address_is_tried_at_once_when_one_has_failed() {
    let mut pair = racing();

    pair.drop_transport();
    let second = pair.sockets().join(" ");
    pair.drop_transport();

    assert_eq!(second, B);
    assert_eq!(pair.sockets(), [C]);
    assert!(pair.closed_because().is_none());
}

/// Two CONNECTs of one name would throw each other out. [MQTT-3.1.4-2]
#[test]
fn first_that_opens_goes_on_and_the_others_are_closed_without_a_word() {
    for winner in [A, B, C] {
        let mut pair = racing();
        pair.advance(secs(4));
        pair.events();

        pair.at(winner).accept(false);

        assert_eq!(pair.sockets(), [winner]);
        assert_eq!(pair.closed_codes(), [1000, 1000]);
        assert_eq!(pair.sent(), ["CONNECT"]);
        assert_eq!(pair.events().len(), 1, "{winner}");
        pair.advance(secs(100));
        assert_eq!(pair.opened().len(), 3);
    }
}

#[test]
fn late_events_of_the_losers_are_ignored() {
    let mut pair = racing();
    let loser = pair.connection().unwrap();
    pair.advance(secs(2));
    pair.at(B).accept(false);
    pair.events();

    pair.session.handle_opened(pair.now, loser, "mqtt");
    pair.session.handle_closed(pair.now, loser, ended(false));
    pair.session.handle_text(pair.now, loser);
    pair.drain();

    assert_eq!(pair.session.state(), State::Connected);
    assert!(pair.events().is_empty());
    assert_eq!(pair.sent(), ["CONNECT"]);
}

#[test]
fn all_addresses_together_are_one_attempt() {
    let mut pair = racing();

    for url in [A, B, C] {
        pair.at(url).drop_transport();
    }

    let events = pair.events();
    let began = |event: &&Event| matches!(event, Event::Connecting { .. });
    let failed = |event: &&Event| matches!(event, Event::Disconnected { .. });
    assert_eq!(events.iter().filter(began).count(), 1);
    assert_eq!(events.iter().filter(failed).count(), 1);
    assert!(pair.retry_in() > Some(secs(0)));
    assert_eq!(pair.opened().len(), 3);
}

#[test]
fn addresses_that_are_swallowed_end_together_at_the_time_limit() {
    let mut pair = racing();

    pair.advance(secs(15));

    let reason = CloseReason::ConnectTimeout { opened: false };
    assert_eq!(pair.closed_because(), Some(&reason));
    assert_eq!(pair.closed_codes(), [1000, 1000, 1000]);
    assert!(pair.sockets().is_empty());
}

/// Firefox opens the sockets to one host one after the other.
#[test]
fn after_the_time_limit_another_address_begins() {
    let mut pair = racing();
    pair.advance(secs(15));
    pair.opened();

    pair.advance_to_next_attempt();

    assert_eq!(pair.sockets(), [B]);
}

#[test]
fn address_that_worked_is_the_first_to_be_tried_again() {
    let mut pair = racing();
    pair.drop_transport();
    pair.accept(false);
    pair.opened();

    pair.drop_transport();
    pair.reconnect(false);

    assert_eq!(pair.opened(), [format!("{B} mqtt")]);
}

#[test]
fn server_that_opens_and_knows_no_mqtt_gives_way() {
    for (what, reason) in [
        ("closes", CloseReason::ClosedBeforeConnAck),
        ("is silent", CloseReason::ConnectTimeout { opened: true }),
    ] {
        let mut pair = racing();
        pair.open();

        if what == "closes" {
            pair.drop_transport();
        } else {
            pair.advance(secs(5));
        }
        assert_eq!(pair.sockets(), [B], "{what}");
        pair.accept(false);

        assert_eq!(pair.sent(), ["CONNECT", "CONNECT"], "{what}");
        assert_eq!(pair.closed_because(), None, "{what}: {reason}");
    }
}

#[test]
fn server_that_speaks_something_else_gives_way() {
    let mut pair = racing();
    let first = pair.connection().unwrap();

    pair.session.handle_opened(pair.now, first, "chat");
    pair.drain();
    pair.open();
    pair.server_sends(wire::pingresp());

    assert_eq!(pair.sockets(), [C]);
    pair.accept(false);
    assert_eq!(pair.closed_codes(), [4002, 4002]);
}

/// A slow server is not a wrong one: when nothing else is left, it has all the time there is.
#[test]
fn silent_server_gets_the_rest_of_the_time_when_all_others_failed() {
    let mut pair = racing();
    pair.open();
    pair.advance(secs(5));
    pair.drop_transport();
    pair.drop_transport();
    assert_eq!(pair.sockets(), [A]);

    pair.open();
    pair.advance(secs(14));
    pair.server_sends(wire::connack(VERSION, false, 0, &[]));

    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn several_silent_servers_end_in_time() {
    let mut pair = racing();
    pair.open();
    for _ in 0..2 {
        pair.advance(secs(5));
        pair.open();
    }
    for _ in 0..100 {
        if pair.closed_because().is_none() {
            pair.open();
            pair.advance(secs(1));
        }
    }

    let reason = CloseReason::ConnectTimeout { opened: true };
    assert_eq!(pair.closed_because(), Some(&reason));
}

/// A refusal is the broker's own word: no other address is asked the same.
#[test]
fn refusal_ends_the_attempt() {
    let mut pair = racing();
    pair.advance(secs(2));
    pair.at(B).open();

    pair.server_sends(wire::connack(VERSION, false, 4, &[]));
    pair.advance(secs(100));

    assert_eq!(pair.session.state(), State::Closed);
    assert_eq!(pair.opened().len(), 2);
    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Refused {
            reason: ReasonCode::BAD_USER_NAME_OR_PASSWORD,
            ..
        })
    ));
}

#[test]
fn blocked_address_leaves_the_others_their_turn() {
    for blocked in [
        Closed::Blocked(Blocked::Policy),
        Closed::Blocked(Blocked::SecurePage),
        Closed::Refused("no".into()),
    ] {
        let mut pair = racing();
        pair.close_transport(blocked.clone());
        let second = pair.sockets().join(" ");
        pair.close_transport(ended(false));
        pair.close_transport(blocked);

        assert_eq!(second, B);
        assert!(pair.retry_in() > Some(secs(0)));
        assert!(matches!(
            pair.closed_because(),
            Some(CloseReason::NeverOpened { .. })
        ));
    }
}

#[test]
fn nothing_is_tried_again_when_all_addresses_are_blocked() {
    let mut pair = racing();

    for url in [A, B, C] {
        pair.at(url)
            .close_transport(Closed::Blocked(Blocked::Policy));
    }

    assert_eq!(pair.retry_in(), None);
    assert_eq!(pair.session.state(), State::Closed);
}

#[test]
fn the_end_of_the_request_closes_every_socket() {
    for end in ["disconnect", "other options", "unload"] {
        let mut pair = racing();
        pair.advance(secs(4));
        assert_eq!(pair.sockets().len(), 3);

        match end {
            "disconnect" => pair.disconnect(),
            "unload" => {
                pair.session.handle_unload(pair.now);
                pair.drain();
            }
            _ => {
                pair.options.urls = vec!["ws://other/mqtt".into()];
                pair.connect();
            }
        }

        assert_eq!(pair.closed_codes(), [1000, 1000, 1000], "{end}");
        let others = pair
            .sockets()
            .iter()
            .filter(|url| url.contains("//b:"))
            .count();
        assert_eq!(others, 0, "{end}");
    }
}

/// What an address speaks is found out at that address; the others wait.
#[test]
fn older_version_is_asked_for_at_the_same_address() {
    let urls = [A, B].map(String::from).to_vec();
    let mut pair = Pair::with(SessionOptions { urls, ..newest() });
    pair.connect();
    pair.advance(secs(2));
    pair.at(B).open();

    pair.server_sends(wire::connack(VERSION, false, 1, &[]));

    assert_eq!(pair.sockets(), [B]);
    pair.version = VERSION;
    pair.accept(false);
    assert_eq!(pair.session.state(), State::Connected);
}

#[test]
fn no_more_than_eight_sockets_are_opened_at_once() {
    let urls = (0..20).map(|n| format!("ws://b:{n}/")).collect();
    let mut pair = Pair::with(SessionOptions {
        urls,
        connect_timeout: secs(30),
        ..options()
    });
    pair.connect();

    pair.advance(Duration::from_millis(29_999));
    let at_once = pair.sockets().len();
    pair.advance(secs(40));

    assert_eq!(at_once, 8);
    // Every address has had its turn before the attempt ends.
    assert_eq!(pair.opened().len(), 20);
}

fn asking() -> Pair {
    let urls = [A, B, C].map(String::from).to_vec();
    let asks_permission = true;
    let mut pair = Pair::with(SessionOptions {
        urls,
        asks_permission,
        ..options()
    });
    pair.connect();
    pair
}

#[test]
fn permission_is_asked_for_when_the_turn_comes_and_no_time_passes_meanwhile() {
    let mut pair = asking();
    pair.advance(secs(3600));
    assert!(pair.opened().is_empty());
    assert_eq!(pair.questions, [A]);

    pair.permit(true);
    pair.advance(Duration::from_millis(1_999));
    let alone = pair.questions.len();
    pair.advance(Duration::from_millis(1));

    assert_eq!(alone, 1);
    assert_eq!(pair.questions, [A, B]);
    assert_eq!(pair.opened(), [format!("{A} mqtt")]);
}

#[test]
fn address_that_opens_soon_leaves_the_others_unasked() {
    let mut pair = asking();
    pair.permit(true);

    pair.accept(false);
    pair.advance(secs(3600));

    assert_eq!(pair.questions, [A]);
}

#[test]
fn question_on_the_screen_outlives_the_time_limit_of_another_address() {
    let mut pair = asking();
    pair.permit(true);
    pair.advance(secs(60));
    assert_eq!(pair.session.state(), State::Connecting);
    assert_eq!(pair.questions, [A, B]);

    pair.permit(true);
    pair.accept(false);

    assert_eq!(pair.sockets(), [B]);
}

#[test]
fn address_that_is_not_permitted_is_never_opened() {
    let mut pair = asking();

    for _ in 0..3 {
        pair.permit(false);
    }

    assert!(pair.opened().is_empty());
    let (by, after) = (Blocked::NotPermitted, secs(0));
    let reason = CloseReason::Blocked { by, after };
    assert_eq!(pair.closed_because(), Some(&reason));
    assert_eq!(pair.session.state(), State::Closed);
}

#[test]
fn answer_that_comes_too_late_opens_nothing() {
    let mut pair = asking();
    let asked = pair.connection().unwrap();
    pair.disconnect();

    pair.session.handle_permission(pair.now, asked, true);
    pair.drain();

    assert!(pair.opened().is_empty());
}

/// Of failures that say as much, the first is reported: its address was meant first.
#[test]
fn first_of_several_equal_failures_is_reported() {
    let mut pair = racing();

    for seconds in [1, 0, 0] {
        pair.advance(secs(seconds));
        pair.close_transport(ended(false));
    }

    let after = secs(1);
    assert_eq!(
        pair.closed_because(),
        Some(&CloseReason::NeverOpened { after })
    );
}

#[test]
fn other_addresses_are_tried_from_the_first_on() {
    let mut pair = racing();
    pair.advance(secs(2));
    pair.at(B).accept(false);
    pair.opened();

    pair.options.urls = [C, A].map(String::from).to_vec();
    pair.connect();

    assert_eq!(pair.sockets(), [C]);
}
