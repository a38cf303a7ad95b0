//! Addresses of several computers: the nodes of a cluster.

use scratch_mqtt::packet::{QoS, ReasonCode};
use scratch_mqtt::session::{CloseReason, Closed, Event, Owner, SessionOptions, State};

use crate::pair::{Pair, V5, VERSION, filter, options, options5, secs};
use crate::test;
use crate::wire;

const A: &str = "wss://a:8084/mqtt";
const B: &str = "wss://b:8084/mqtt";
const C: &str = "wss://c:8084/mqtt";

fn cluster_of(urls: &[&str], options: SessionOptions) -> Pair {
    let urls = urls.iter().map(|url| (*url).to_owned()).collect();
    let mut pair = Pair::with(SessionOptions { urls, ..options });
    pair.connect();
    pair
}

fn cluster() -> Pair {
    cluster_of(&[A, B, C], options())
}

/// A session that the nodes share.
fn lasting() -> SessionOptions {
    SessionOptions {
        clean_session: false,
        client_id: "pupil".to_owned(),
        client_id_is_chosen: true,
        ..options()
    }
}

fn connected_to(pair: &mut Pair) -> Vec<u32> {
    let events = pair.events().into_iter();
    let places = events.filter_map(|event| match event {
        Event::Connected { address, .. } => Some(address),
        _ => None,
    });
    places.collect()
}

#[test]
fn event_says_which_address_leads_to_the_broker() {
    let mut pair = cluster();
    pair.drop_transport();
    pair.accept(false);

    assert_eq!(connected_to(&mut pair), [1]);
}

#[test]
fn host_that_is_full_is_left_for_the_next_in_the_same_attempt() {
    for (options, version, code) in [
        (options(), VERSION, 3),
        (options5(), V5, 0x88),
        (options5(), V5, 0x89),
        (options5(), V5, 0x97),
        (options5(), V5, 0x9F),
    ] {
        let mut pair = cluster_of(&[A, "wss://a:443/mqtt", B], options);
        pair.open();
        pair.server_sends(wire::connack(version, false, code, &[]));

        assert_eq!(pair.sockets(), [B], "{code}");
        pair.accept(false);
        assert_eq!(pair.closed_because(), None, "{code}");
        assert_eq!(connected_to(&mut pair), [2], "{code}");
        // The other port of the full host was not asked.
        assert_eq!(pair.opened().len(), 2, "{code}");
    }
}

#[test]
fn each_full_host_is_asked_once_an_attempt() {
    let mut pair = cluster();
    for host in [A, B, C] {
        assert_eq!(pair.sockets(), [host]);
        pair.open();
        pair.server_sends(wire::connack(VERSION, false, 3, &[]));
    }

    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Refused { .. })
    ));
    assert!(pair.sockets().is_empty());
    assert!(pair.retry_in() > Some(secs(0)));
    assert_eq!(pair.opened().len(), 3);
}

/// Thirty wrong passwords at three servers lock an account.
#[test]
fn refused_login_is_asked_of_no_other_host() {
    for code in [4, 5] {
        let mut pair = cluster();
        pair.open();
        pair.server_sends(wire::connack(VERSION, false, code, &[]));
        pair.advance(secs(1_000));

        assert_eq!(pair.session.state(), State::Closed);
        assert_eq!(pair.opened().len(), 1);
    }
}

#[test]
fn login_that_the_second_host_refuses_ends_the_walk() {
    let mut pair = cluster();
    pair.open();
    pair.server_sends(wire::connack(VERSION, false, 3, &[]));
    pair.open();
    pair.server_sends(wire::connack(VERSION, false, 4, &[]));
    pair.advance(secs(1_000));

    assert_eq!(pair.opened().len(), 2);
    assert!(matches!(
        pair.closed_because(),
        Some(CloseReason::Refused {
            reason: ReasonCode::BAD_USER_NAME_OR_PASSWORD,
            ..
        })
    ));
}

/// A Server Reference is shown, and no other host is asked meanwhile.
#[test]
fn server_that_moved_ends_the_attempt() {
    for code in [0x9C, 0x9D] {
        let mut pair = cluster_of(&[A, B, C], options5());
        pair.open();
        pair.server_sends(wire::connack(V5, false, code, &[]));

        assert!(pair.sockets().is_empty(), "{code}");
        assert_eq!(pair.opened().len(), 1, "{code}");
    }
}

#[test]
fn host_that_takes_us_and_hangs_up_at_once_is_not_the_first_to_be_asked_again() {
    let mut pair = cluster();
    pair.accept(false);
    pair.drop_transport();
    pair.advance_to_next_attempt();
    let second = pair.sockets().join(" ");
    pair.accept(false);
    pair.drop_transport();
    pair.advance_to_next_attempt();

    assert_eq!(second, B);
    assert_eq!(pair.sockets(), [C]);
}

#[test]
fn host_of_a_connection_that_lasted_is_the_first_to_be_asked_again() {
    let mut pair = cluster();
    pair.drop_transport();
    pair.accept(false);
    pair.advance(secs(30));
    pair.drop_transport();
    pair.advance_to_next_attempt();
    let again = pair.sockets().join(" ");

    // It is gone: the others follow at once.
    pair.drop_transport();
    let next = pair.sockets().join(" ");
    pair.drop_transport();

    assert_eq!([again, next], [B, C]);
    assert_eq!(pair.sockets(), [A]);
}

/// 0x8B: the server shuts down.
#[test]
fn server_that_sends_us_away_is_not_the_first_to_be_asked_again() {
    let mut pair = cluster_of(&[A, B, C], options5());
    pair.accept(false);
    pair.advance(secs(100));
    pair.server_sends([0xE0, 1, 0x8B]);
    pair.advance_to_next_attempt();

    assert_eq!(pair.sockets(), [B]);
}

#[test]
fn addresses_of_one_host_keep_the_one_that_worked() {
    let mut pair = cluster_of(&["wss://a:1/", "wss://a:2/"], options());
    pair.drop_transport();
    pair.accept(false);
    pair.drop_transport();
    pair.advance_to_next_attempt();

    assert_eq!(pair.sockets(), ["wss://a:2/"]);
}

#[test]
fn all_hosts_that_are_silent_end_the_attempt() {
    let urls: Vec<String> = (1..=8).map(|host| format!("wss://h{host}:1/")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let mut pair = cluster_of(&urls, options());
    let mut seconds = 0;
    while pair.closed_because().is_none() {
        pair.open();
        pair.advance(secs(1));
        seconds += 1;
        assert!(seconds < 600);
    }

    let reason = CloseReason::ConnectTimeout { opened: true };
    assert_eq!(pair.closed_because(), Some(&reason));
    assert_eq!(seconds, 155);
}

#[test]
fn messages_on_their_way_go_on_at_another_host_that_has_the_session() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut pair = cluster_of(&[A, B, C], lasting());
        pair.accept(false);
        pair.subscribe("in/#", QoS::AtLeastOnce);
        pair.server_sends(wire::suback(VERSION, 1, &[1]));
        pair.publish("out", "1", qos);
        pair.publish("out", "2", qos);
        pair.sent();

        pair.drop_transport();
        pair.publish("out", "3", qos);
        pair.advance_to_next_attempt();
        pair.at(B).accept(true);

        let sent = pair.sent();
        let published = |line: &&String| line.starts_with("PUBLISH");
        assert_eq!(sent.iter().filter(published).count(), 3, "{sent:?}");
        assert!(!sent.iter().any(|line| line.starts_with("SUBSCRIBE")));
        assert!(
            sent.iter().filter(|line| line.contains("dup")).count() == 2,
            "{sent:?}"
        );
    }
}

#[test]
fn subscriptions_and_messages_are_made_anew_at_a_host_that_knows_no_session() {
    let mut pair = cluster_of(&[A, B, C], lasting());
    pair.accept(false);
    pair.subscribe("in/#", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[1]));
    pair.publish("out", "1", QoS::AtLeastOnce);
    pair.sent();

    pair.drop_transport();
    pair.advance_to_next_attempt();
    pair.at(B).accept(false);

    let sent = pair.sent();
    assert!(
        sent.iter().any(|line| line.starts_with("SUBSCRIBE")),
        "{sent:?}"
    );
    assert!(
        sent.iter().any(|line| line.starts_with("PUBLISH")),
        "{sent:?}"
    );
}

#[test]
fn answer_of_a_host_that_was_left_is_ignored() {
    let mut pair = cluster();
    let first = pair.connection().unwrap();
    pair.advance(secs(2));
    pair.at(B).accept(false);
    pair.events();

    let end = Closed::Ended {
        code: 1006,
        clean: false,
    };
    pair.session.handle_closed(pair.now, first, end);
    pair.drain();

    assert_eq!(pair.session.state(), State::Connected);
    assert_eq!(pair.sockets(), [B]);
}

/// A cluster that has lost a node takes no filter until it has agreed who leads.
#[test]
fn filter_that_was_taken_before_is_asked_for_again_when_it_is_refused_without_a_reason() {
    let mut pair = cluster();
    pair.accept(false);
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[1]));
    pair.drop_transport();
    pair.reconnect(false);
    pair.events();
    pair.sent();

    pair.server_sends(wire::suback(VERSION, 2, &[0x80]));
    let at_once = pair.sent();
    pair.advance(secs(1));
    let later = pair.sent();
    pair.server_sends(wire::suback(VERSION, 3, &[1]));

    assert!(at_once.is_empty(), "{at_once:?}");
    assert_eq!(later, ["SUBSCRIBE 3 a q1"]);
    assert!(matches!(
        pair.events().as_slice(),
        [Event::Subscribed { .. }]
    ));
}

/// The answer to the wider one was its answer.
#[test]
fn filter_that_another_one_served_is_asked_for_again_too() {
    let mut pair = cluster();
    pair.accept(false);
    for text in ["r/#", "r/temp"] {
        let session = &mut pair.session;
        let wanted = session.subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce);
        assert!(wanted.is_ok());
    }
    pair.drain();
    pair.server_sends(wire::suback(VERSION, 1, &[0]));
    pair.drop_transport();
    pair.reconnect(false);
    pair.events();
    pair.sent();

    pair.server_sends(wire::suback(VERSION, 2, &[0x80]));
    let narrow = pair.sent();
    pair.server_sends(wire::suback(VERSION, 3, &[0x80]));
    let events = pair.events();
    pair.advance(secs(1));

    assert_eq!(narrow, ["SUBSCRIBE 3 r/temp q0"]);
    assert!(events.is_empty(), "{events:?}");
    assert_eq!(pair.sent(), ["SUBSCRIBE 4 r/# q0"]);
}

#[test]
fn filter_that_stays_refused_is_reported_after_half_a_minute() {
    let mut pair = cluster();
    pair.accept(false);
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[1]));
    pair.drop_transport();
    pair.reconnect(false);
    pair.events();

    let mut waited = 0;
    for number in 2..=6 {
        pair.server_sends(wire::suback(VERSION, number, &[0x80]));
        assert!(pair.events().is_empty(), "{number}");
        pair.sent();
        while pair.sent().is_empty() {
            pair.advance(secs(1));
            waited += 1;
        }
    }
    pair.server_sends(wire::suback(VERSION, 7, &[0x80]));
    let events = pair.events();
    pair.advance(secs(1_000));

    assert_eq!(waited, 31);
    assert!(matches!(events.as_slice(), [Event::SubscribeFailed { .. }]));
    assert!(!pair.sent().iter().any(|line| line.starts_with("SUBSCRIBE")));
}

#[test]
fn filter_that_waits_to_be_asked_for_is_asked_for_on_the_next_connection() {
    let mut pair = cluster();
    pair.accept(false);
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(VERSION, 1, &[1]));
    pair.drop_transport();
    pair.reconnect(false);
    pair.server_sends(wire::suback(VERSION, 2, &[0x80]));
    pair.drop_transport();
    pair.sent();

    pair.reconnect(false);
    // The end came right after a SUBSCRIBE: whether the connection lives is seen first.
    pair.advance(secs(2));
    pair.server_sends(wire::pingresp());

    let sent = pair.sent();
    assert!(sent.contains(&"SUBSCRIBE 3 a q1".to_owned()), "{sent:?}");
}

/// Not allowed is a reason, and one that will not pass.
#[test]
fn filter_that_is_refused_with_a_reason_is_reported_at_once() {
    let mut pair = cluster_of(&[A, B], options5());
    pair.accept(false);
    pair.subscribe("a", QoS::AtLeastOnce);
    pair.server_sends(wire::suback(V5, 1, &[1]));
    pair.drop_transport();
    pair.reconnect(false);
    pair.events();

    pair.server_sends(wire::suback(V5, 2, &[0x87]));

    assert!(matches!(
        pair.events().as_slice(),
        [Event::SubscribeFailed { .. }]
    ));
}
