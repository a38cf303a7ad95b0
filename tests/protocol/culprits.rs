//! A message or filter for which the server ends every connection, whatever the version and however
//! it ends it: it is found and given up by name, and everything else arrives.

use std::time::Duration;

use scratch_mqtt::packet::{ProtocolVersion, QoS, ReasonCode};
use scratch_mqtt::session::{
    CloseReason, Closed, Event, Owner, PublishError, SessionOptions, State, VersionPolicy, Warning,
};

use crate::pair::{Pair, V5, VERSION, filter, millis, newest, options, options5, secs};
use crate::test;
use crate::wire::{self, ClientPacket};

/// How a server ends a connection.
#[derive(Clone, Copy, Debug)]
enum End {
    Close(u16),
    Disconnect(u8),
    /// It answers with what is not MQTT.
    Nonsense,
}

const CODES: [u16; 10] = [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011];

/// All of DISCONNECT but "taken over", and "moved" and "bad method", which end for good elsewhere.
const REASONS: [u8; 26] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97,
    0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
];

/// A server that takes everything but what holds "bad".
struct Server {
    version: ProtocolVersion,
    end: End,
    /// Whether it keeps the session.
    keeps: bool,
    /// It grants a filter first, and ends the connection with what it has for it.
    grants: bool,
    /// What it took.
    taken: Vec<String>,
    /// How often it ended a connection.
    ends: u32,
}

impl Server {
    const fn new(version: ProtocolVersion, end: End) -> Self {
        Self {
            version,
            end,
            keeps: false,
            grants: false,
            taken: Vec::new(),
            ends: 0,
        }
    }

    /// Client and server talk for so long.
    fn talk(&mut self, pair: &mut Pair, time: u64) {
        let end = pair.now + secs(time);
        loop {
            match pair.session.state() {
                State::Waiting => {
                    let due = pair.session.poll_timeout().unwrap();
                    if due > end {
                        break;
                    }
                    pair.advance(due.saturating_sub(pair.now));
                    continue;
                }
                State::Connecting => pair.open(),
                State::Connected | State::Closing => {}
                State::Closed => panic!("closed: {:?}", pair.closed_because()),
            }
            let packets = pair.sent_packets();
            let is_quiet = packets.is_empty();
            for packet in packets {
                if !self.answer(pair, &packet) {
                    pair.sent_packets();
                    break;
                }
            }
            if is_quiet {
                match pair.session.poll_timeout() {
                    Some(due) if due <= end => pair.advance(due.saturating_sub(pair.now)),
                    _ => break,
                }
            }
        }
        pair.advance(end.saturating_sub(pair.now));
    }

    /// `false` when the connection ended.
    fn answer(&mut self, pair: &mut Pair, packet: &ClientPacket) -> bool {
        let version = self.version;
        match packet {
            ClientPacket::Connect(connect) => {
                let present = self.keeps && !connect.clean_session && self.ends > 0;
                pair.server_sends(wire::connack(version, present, 0, &[]));
            }
            ClientPacket::Publish(publish) => {
                let text = String::from_utf8_lossy(&publish.payload);
                if publish.topic.contains("bad") || text.contains("bad") {
                    return self.hang_up(pair);
                }
                self.taken.push(format!("{}: {text}", publish.topic));
                match (publish.qos, publish.id) {
                    (1, Some(id)) => pair.server_sends(wire::puback(id)),
                    (2, Some(id)) => pair.server_sends(wire::pubrec(id)),
                    _ => {}
                }
            }
            ClientPacket::PubRel { id, .. } => pair.server_sends(wire::pubcomp(*id)),
            ClientPacket::Subscribe { id, filters, .. } => {
                let is_bad = filters.iter().any(|(filter, _)| filter.contains("bad"));
                if is_bad && !self.grants {
                    return self.hang_up(pair);
                }
                self.taken
                    .extend(filters.iter().map(|(filter, _)| filter.clone()));
                let codes = vec![0; filters.len()];
                pair.server_sends(wire::suback(version, *id, &codes));
                if is_bad {
                    return self.hang_up(pair);
                }
            }
            ClientPacket::Unsubscribe { id, filters, .. } => {
                if filters.iter().any(|filter| filter.contains("good")) {
                    return self.hang_up(pair);
                }
                let codes = vec![0; filters.len()];
                pair.server_sends(wire::unsuback(version, *id, &codes));
            }
            ClientPacket::PingReq => pair.server_sends(wire::pingresp()),
            _ => {}
        }
        true
    }

    fn hang_up(&mut self, pair: &mut Pair) -> bool {
        self.ends += 1;
        match self.end {
            End::Close(code) => pair.close_transport(Closed::Ended { code, clean: true }),
            End::Disconnect(reason) => pair.server_sends(wire::disconnect(reason)),
            End::Nonsense => pair.server_sends([0x36, 0]),
        }
        false
    }
}

fn ends(version: ProtocolVersion) -> Vec<End> {
    let closes = CODES.map(End::Close).into_iter().chain([End::Nonsense]);
    match version {
        ProtocolVersion::V3_1_1 => closes.collect(),
        ProtocolVersion::V5_0 => closes.chain(REASONS.map(End::Disconnect)).collect(),
    }
}

/// Each version, each end, a random name and a chosen one, without and with a session.
fn every_way(mut check: impl FnMut(&mut Pair, &mut Server, &str)) {
    for version in [VERSION, V5] {
        for end in ends(version) {
            for (client_id_is_chosen, clean_session) in [(false, true), (true, true), (true, false)]
            {
                let mut pair = Pair::with(SessionOptions {
                    version: VersionPolicy::Only(version),
                    client_id_is_chosen,
                    clean_session,
                    ..newest()
                });
                let mut server = Server::new(version, end);
                server.keeps = !clean_session;
                let name = format!("{version:?} {end:?} {client_id_is_chosen} {clean_session}");
                check(&mut pair, &mut server, &name);
            }
        }
    }
}

/// What was given up: a topic of a message, or a filter.
fn given_up(pair: &mut Pair) -> Vec<String> {
    let named = |event| match event {
        Event::PublishFailed {
            error: PublishError::EndedConnection { topic, .. },
            ..
        } => Some(topic.map_or("?".to_owned(), |topic| topic.as_str().to_owned())),
        Event::SubscribeFailed { filter, .. } | Event::UnsubscribeFailed { filter, .. } => {
            Some(filter.as_str().to_owned())
        }
        Event::PublishFailed { error, .. } => Some(format!("{error:?}")),
        _ => None,
    };
    pair.events().into_iter().filter_map(named).collect()
}

#[test]
fn message_is_given_up_by_name_and_the_others_arrive() {
    for qos in [QoS::AtLeastOnce, QoS::ExactlyOnce] {
        every_way(|pair, server, name| {
            for number in 0..30 {
                let topic = if number == 15 { "bad" } else { "good" };
                pair.publish(topic, number.to_string(), qos);
            }
            pair.connect();

            server.talk(pair, 60);

            assert_eq!(given_up(pair), ["bad"], "{name} {qos:?}");
            assert_eq!(pair.session.statistics().waiting, 0, "{name}");
            assert_eq!(pair.session.state(), State::Connected, "{name}");
            for number in (0..30).filter(|number| *number != 15) {
                let line = format!("good: {number}");
                let times = server.taken.iter().filter(|taken| **taken == line).count();
                assert!(times > 0, "{name}: {number}");
                assert!(
                    qos == QoS::AtLeastOnce || times == 1 || !server.keeps,
                    "{name}"
                );
            }
        });
    }
}

#[test]
fn filter_is_given_up_by_name_and_the_others_are_granted() {
    every_way(|pair, server, name| {
        for filter in ["good/1", "good/2", "bad/3", "good/4"] {
            pair.subscribe(filter, QoS::AtMostOnce);
        }
        pair.publish("good", "hi", QoS::AtLeastOnce);
        pair.connect();

        server.talk(pair, 60);

        assert_eq!(given_up(pair), ["bad/3"], "{name}");
        for filter in ["good/1", "good/2", "good/4", "good: hi"] {
            assert!(
                server.taken.contains(&filter.to_owned()),
                "{name}: {filter}"
            );
        }
    });
}

/// Perhaps for a kept message that it cannot send, or that cannot be read.
#[test]
fn filter_that_is_granted_before_the_end_is_given_up_and_nothing_else_is() {
    every_way(|pair, server, name| {
        if server.keeps {
            return;
        }
        server.grants = true;
        for filter in ["good/1", "good/2", "bad/3", "good/4"] {
            pair.subscribe(filter, QoS::AtMostOnce);
        }
        pair.publish("good", "hi", QoS::AtLeastOnce);
        pair.publish("good", "there", QoS::AtMostOnce);
        pair.connect();

        server.talk(pair, 60);
        pair.publish("good", "later", QoS::AtLeastOnce);
        server.talk(pair, 60);

        assert_eq!(given_up(pair), ["bad/3"], "{name}");
        assert_eq!(pair.session.state(), State::Connected, "{name}");
        for filter in ["good/1", "good/2", "good/4", "good: hi", "good: later"] {
            assert!(
                server.taken.contains(&filter.to_owned()),
                "{name}: {filter}"
            );
        }
    });
}

#[test]
fn filters_that_were_granted_just_before_two_ends_are_asked_for_one_by_one() {
    let mut pair = Pair::connected();
    subscribe_together(&mut pair, ["a", "b"]);
    for packet_id in [1, 2] {
        pair.server_sends(wire::suback(VERSION, packet_id, &[0, 0]));
        pair.advance(secs(1));
        pair.drop_transport();
        pair.reconnect(false);
    }
    pair.sent();

    pair.advance(secs(1));
    pair.server_sends(wire::pingresp());

    assert_eq!(pair.sent(), ["PINGREQ", "SUBSCRIBE 3 a q0"]);
}

/// Each time that somebody asks for it, three ends are needed.
#[test]
fn filter_that_was_given_up_and_is_wanted_again_has_as_many_chances() {
    let mut pair = Pair::connected();
    let mut server = Server::new(VERSION, End::Close(1006));

    let ends = [(); 2].map(|()| {
        pair.subscribe("bad", QoS::AtMostOnce);
        let before = server.ends;
        let is_given_up = (0..60).any(|_| {
            server.talk(&mut pair, 1);
            !given_up(&mut pair).is_empty()
        });
        assert!(is_given_up);
        server.ends - before
    });

    assert_eq!(ends, [5, 3]);
}

#[test]
fn filters_and_messages_are_given_up_together() {
    every_way(|pair, server, name| {
        for filter in ["bad/1", "good/2", "bad/3"] {
            pair.subscribe(filter, QoS::AtMostOnce);
        }
        for (topic, qos) in [
            ("good/4", QoS::AtLeastOnce),
            ("bad/5", QoS::ExactlyOnce),
            ("bad/6", QoS::AtLeastOnce),
            ("good/7", QoS::ExactlyOnce),
        ] {
            pair.publish(topic, "hi", qos);
        }
        pair.connect();

        server.talk(pair, 120);

        let mut found = given_up(pair);
        found.sort();
        assert_eq!(found, ["bad/1", "bad/3", "bad/5", "bad/6"], "{name}");
        for good in ["good/2", "good/4: hi", "good/7: hi"] {
            assert!(server.taken.contains(&good.to_owned()), "{name}: {good}");
        }
    });
}

/// The answer to the ping behind it stands for its own.
#[test]
fn message_of_qos_0_that_is_published_again_and_again_is_named() {
    every_way(|pair, server, name| {
        pair.connect();
        for _ in 0..20 {
            pair.publish("good", "before", QoS::AtMostOnce);
            pair.publish("bad", "hi", QoS::AtMostOnce);
            server.talk(pair, 3);
        }
        pair.publish("good", "after", QoS::AtMostOnce);
        server.talk(pair, 70);

        let found = given_up(pair);
        assert!(!found.is_empty(), "{name}");
        assert!(server.taken.contains(&"good: after".to_owned()), "{name}");
        assert!(found.iter().all(|topic| topic == "bad"), "{name}");
        assert_eq!(pair.session.state(), State::Connected, "{name}");
    });
}

/// A script that publishes it in a loop does not lose its connection each time; after a while it is
/// tried again, because the server may have been repaired.
#[test]
fn message_like_one_that_was_given_up_fails_at_once_for_a_minute() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1008));
    pair.publish("bad", "hi", QoS::AtLeastOnce);
    pair.connect();
    server.talk(&mut pair, 10);
    let ends = server.ends;
    let smaller = pair.publish("bad", "h", QoS::AtMostOnce);
    for _ in 0..20 {
        pair.publish("bad", "hi", QoS::AtLeastOnce);
        pair.publish("good", "hi", QoS::AtLeastOnce);
        server.talk(&mut pair, 1);
    }

    assert_eq!(server.ends, ends + 1, "only for the smaller one");
    assert!(server.taken.len() >= 20);
    assert_eq!(given_up(&mut pair), ["bad"; 21]);
    server.talk(&mut pair, 60);
    pair.publish("bad", "hi", QoS::AtLeastOnce);
    server.talk(&mut pair, 1);
    assert!(server.ends > ends + 1, "{smaller:?} was tried again");
}

#[test]
fn message_of_qos_0_like_one_that_was_given_up_fails_at_once() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1008));
    pair.connect();
    while given_up(&mut pair).is_empty() {
        pair.publish("bad", "hi", QoS::AtMostOnce);
        server.talk(&mut pair, 10);
    }
    // All else is as before: the connection lasts.
    server.talk(&mut pair, 40);
    let ends = server.ends;

    pair.publish("bad", "hi", QoS::AtMostOnce);
    server.talk(&mut pair, 1);

    assert_eq!(given_up(&mut pair), ["bad"]);
    assert_eq!(server.ends, ends);
}

#[test]
fn message_that_was_given_up_is_remembered_beside_the_next_one() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1008));
    pair.connect();
    for topic in ["bad", "bad/too"] {
        pair.publish(topic, "hi", QoS::AtLeastOnce);
        server.talk(&mut pair, 10);
    }
    let ends = server.ends;

    for topic in ["bad", "bad/too"] {
        pair.publish(topic, "hi", QoS::AtLeastOnce);
        server.talk(&mut pair, 1);
    }

    assert_eq!(server.ends, ends);
    assert_eq!(given_up(&mut pair), ["bad", "bad/too", "bad", "bad/too"]);
}

#[test]
fn message_that_was_given_up_is_remembered_though_the_connection_lasts() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1008));
    pair.publish("bad", "hi", QoS::AtLeastOnce);
    pair.connect();
    server.talk(&mut pair, 45);
    let ends = server.ends;

    pair.publish("bad", "hi", QoS::AtLeastOnce);
    server.talk(&mut pair, 1);

    assert_eq!(server.ends, ends);
    assert_eq!(given_up(&mut pair), ["bad", "bad"]);
}

#[test]
fn message_like_one_that_was_given_up_is_sent_after_exactly_a_minute() {
    let mut pair = Pair::connected();
    publish_together(&mut pair, 1);
    let (code, clean) = (1002, true);
    pair.close_transport(Closed::Ended { code, clean });
    pair.reconnect(false);
    pair.close_transport(Closed::Ended { code, clean });
    let until = pair.now + secs(60);
    pair.reconnect(false);
    pair.sent();

    let sent = [1, 0].map(|early| {
        pair.advance(until - pair.now - millis(early));
        publish_together(&mut pair, 1);
        sent_ids(&mut pair).len()
    });

    assert_eq!(sent, [0, 1]);
}

/// What ended the connection by its size does so again only when it is as large.
#[test]
fn large_message_of_qos_0_is_named_although_small_ones_pass() {
    let mut pair = Pair::with(options5());
    let mut server = Server::new(V5, End::Close(1006));
    pair.connect();
    for _ in 0..20 {
        pair.publish("picture", "ok", QoS::AtMostOnce);
        pair.publish("picture", "bad and large", QoS::AtMostOnce);
        server.talk(&mut pair, 3);
    }

    let found = given_up(&mut pair);
    assert!(!found.is_empty());
    assert!(found.iter().all(|topic| topic == "picture"));
}

/// A filter that the server does not let go of.
#[test]
fn unsubscribe_that_ends_every_connection_is_not_sent_for_ever() {
    for version in [VERSION, V5] {
        let mut pair = Pair::with(SessionOptions {
            version: VersionPolicy::Only(version),
            client_id_is_chosen: true,
            clean_session: false,
            ..newest()
        });
        let mut server = Server::new(version, End::Close(1006));
        server.keeps = true;
        pair.subscribe("good", QoS::AtMostOnce);
        pair.connect();
        server.talk(&mut pair, 1);
        pair.unsubscribe("good");
        pair.publish("after", "hi", QoS::AtLeastOnce);

        server.talk(&mut pair, 60);

        assert_eq!(server.ends, 5, "{version:?}");
        assert_eq!(given_up(&mut pair), ["good"], "{version:?}");
        assert!(server.taken.contains(&"after: hi".to_owned()));
    }
}

#[test]
fn what_the_server_said_is_reported() {
    for (version, end, expected) in [
        (V5, End::Disconnect(0x95), 0x95),
        (V5, End::Disconnect(0x97), 0x97),
        (V5, End::Disconnect(0x00), 0x80),
        (V5, End::Close(1008), 0x80),
        (VERSION, End::Close(1006), 0x80),
    ] {
        let mut pair = Pair::with(SessionOptions {
            version: VersionPolicy::Only(version),
            ..newest()
        });
        pair.publish("bad", "hi", QoS::AtLeastOnce);
        pair.connect();

        Server::new(version, end).talk(&mut pair, 60);

        let reported = pair.events().into_iter().find_map(|event| match event {
            Event::PublishFailed {
                error: PublishError::EndedConnection { reason, .. },
                ..
            } => Some(reason),
            _ => None,
        });
        assert_eq!(reported, Some(ReasonCode(expected)), "{end:?}");
    }
}

/// After PUBREC the server still has the number, and would take a new message for its repetition.
/// [MQTT-4.3.3-2]
#[test]
fn number_of_a_message_that_was_given_up_is_used_again_unless_the_server_has_it() {
    let mut pair = Pair::connected_with(SessionOptions {
        client_id_is_chosen: true,
        clean_session: false,
        ..options()
    });
    let end_twice = |pair: &mut Pair| {
        for _ in 0..2 {
            let (code, clean) = (1002, true);
            pair.close_transport(Closed::Ended { code, clean });
            pair.reconnect(true);
        }
    };
    pair.publish("bad", "received", QoS::ExactlyOnce);
    pair.server_sends(wire::pubrec(1));
    end_twice(&mut pair);
    pair.publish("bad", "not received", QoS::ExactlyOnce);
    end_twice(&mut pair);
    let given_up = given_up(&mut pair);
    pair.sent();

    let mut ids = Vec::new();
    for _ in 0..u16::MAX {
        pair.publish("a", "", QoS::AtLeastOnce);
        let sent = sent_ids(&mut pair);
        pair.server_sends(wire::puback(sent[0]));
        pair.events();
        ids.extend(sent);
    }

    assert_eq!(given_up, ["?", "bad"]);
    assert!(!ids.contains(&1));
    assert!(ids.contains(&2));
}

/// However many there are, the server is not asked at full speed.
#[test]
fn server_that_takes_nothing_is_asked_more_and_more_slowly() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1006));
    for _ in 0..1000 {
        pair.publish("bad", "hi", QoS::AtLeastOnce);
    }
    pair.connect();

    server.talk(&mut pair, 3600);

    assert!(server.ends < 200, "{}", server.ends);
    assert!(given_up(&mut pair).len() > 20);
}

/// To find a few is worth short pauses; each takes two ends.
#[test]
fn pauses_grow_once_eight_were_given_up() {
    let mut pair = Pair::connected();
    for number in 0..20 {
        pair.publish(&format!("bad/{number}"), "hi", QoS::AtLeastOnce);
    }
    pair.events();

    let attempts = [(); 18].map(|()| {
        let (code, clean) = (1002, true);
        pair.close_transport(Closed::Ended { code, clean });
        pair.reconnect(false);
        let attempt = |event: &Event| match event {
            Event::Connecting { attempt } => Some(*attempt),
            _ => None,
        };
        pair.events().iter().find_map(attempt).unwrap()
    });

    let eighth_and_ninth = [attempts[15], attempts[17]];
    assert_eq!(eighth_and_ninth, [3, 5], "{attempts:?}");
}

/// One real drop, and two, say nothing about what was on its way.
#[test]
fn message_that_a_failing_network_meets_is_sent_as_before() {
    for options in [options(), options5()] {
        let mut pair = Pair::connected_with(options);
        let present = pair.version == V5;
        pair.publish("a", "1", QoS::AtLeastOnce);
        pair.publish("a", "2", QoS::AtLeastOnce);
        pair.drop_transport();
        pair.reconnect(present);

        let sent = pair.sent();
        assert_eq!(sent.len(), 2 + 1 + 2, "both are sent at once: {sent:?}");
    }
}

#[test]
fn suspicion_is_reported_once_when_it_begins() {
    let mut pair = Pair::connected();
    pair.publish("bad", "hi", QoS::AtLeastOnce);

    let warned = [(); 4].map(|()| {
        pair.drop_transport();
        let events = pair.events();
        pair.reconnect(false);
        pair.advance(secs(1));
        pair.server_sends(wire::pingresp());
        events.contains(&Event::Warning(Warning::OneByOne))
    });

    assert_eq!(warned, [false, true, false, false]);
}

/// The server may blame somebody else, or itself.
#[test]
fn end_while_nothing_is_on_its_way_suspects_nothing() {
    let mut pair = Pair::connected_with(options5());
    for id in 1..=3 {
        pair.publish("a", "hi", QoS::AtLeastOnce);
        pair.server_sends(wire::puback(id));
        pair.advance(secs(1));
        pair.events();

        pair.server_sends(wire::disconnect(0x82));

        let warning = Event::Warning(Warning::OneByOne);
        assert!(!pair.events().contains(&warning));
        assert!(pair.retry_in() >= Some(secs(4)), "{:?}", pair.retry_in());
        pair.reconnect(true);
    }
}

/// After two such ends nothing is sent before the connection proved to live.
#[test]
fn connection_that_dies_before_anything_is_sent_acquits_all() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.drop_transport();
    pair.reconnect(false);
    pair.drop_transport();
    let warned = pair.events();
    pair.sent();
    pair.reconnect(false);
    let careful = pair.sent();
    pair.drop_transport();
    pair.reconnect(false);

    assert!(warned.contains(&Event::Warning(Warning::OneByOne)));
    assert_eq!(careful, ["CONNECT"]);
    assert_eq!(pair.sent(), ["CONNECT", "PUBLISH 3 q1 a: 1"]);
}

/// A ping that nobody answers shows that the network, not the message, is what fails.
#[test]
fn network_that_stalls_convicts_nothing() {
    let mut pair = Pair::connected();
    let token = pair.publish("a", "1", QoS::AtLeastOnce);
    for _ in 0..20 {
        for _ in 0..2 {
            pair.drop_transport();
            pair.reconnect(false);
        }
        pair.advance(secs(2));
        assert_eq!(pair.sent().last().unwrap(), "PINGREQ");
        pair.drop_transport();
        pair.reconnect(false);
    }

    assert_eq!(given_up(&mut pair), [""; 0]);
    let id = pair
        .sent()
        .last()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    pair.server_sends(wire::puback(id));
    assert!(pair.events().contains(&Event::Published { token }));
}

/// An end that comes late was not for the message.
#[test]
fn end_long_after_sending_convicts_nothing() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtLeastOnce);
    for _ in 0..20 {
        pair.advance(secs(6));
        pair.drop_transport();
        pair.reconnect(false);
        pair.server_sends(wire::pingresp());
    }

    assert_eq!(given_up(&mut pair), [""; 0]);
    assert_eq!(pair.session.statistics().waiting, 1);
}

/// What is to blame is looked for, and then no longer sent.
#[test]
fn end_for_which_the_server_blames_a_message_is_followed_by_a_quick_attempt() {
    let mut pair = Pair::connected_with(options5());
    pair.publish("a", "1", QoS::AtLeastOnce);

    pair.server_sends(wire::disconnect(0x99));

    assert!(pair.retry_in().unwrap() <= secs(1));
}

/// The next attempt, up to the answer after which one thing is sent alone.
fn reconnect_with_care(pair: &mut Pair) {
    pair.reconnect(false);
    pair.advance(secs(2));
    pair.server_sends(wire::pingresp());
}

/// Three ends are needed since the server took it last.
#[test]
fn filter_that_was_taken_begins_anew() {
    let mut pair = Pair::connected();
    pair.subscribe("f", QoS::AtMostOnce);
    pair.drop_transport();
    pair.reconnect(false);
    pair.drop_transport();
    for _ in 0..2 {
        reconnect_with_care(&mut pair);
        pair.drop_transport();
    }
    reconnect_with_care(&mut pair);
    pair.server_sends(wire::suback(VERSION, 5, &[0]));
    pair.server_sends(wire::pingresp());
    pair.publish("a", "1", QoS::AtLeastOnce);
    pair.drop_transport();

    reconnect_with_care(&mut pair);
    pair.sent();
    pair.drop_transport();

    assert_eq!(given_up(&mut pair), [""; 0]);
}

/// The same for what is not sent again.
#[test]
fn message_of_qos_0_that_was_taken_begins_anew() {
    let mut pair = Pair::connected();
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.drop_transport();
    pair.reconnect(false);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.drop_transport();
    for _ in 0..2 {
        reconnect_with_care(&mut pair);
        pair.publish("a", "1", QoS::AtMostOnce);
        pair.drop_transport();
    }
    reconnect_with_care(&mut pair);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.server_sends(wire::pingresp());
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.drop_transport();

    reconnect_with_care(&mut pair);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.drop_transport();

    assert_eq!(given_up(&mut pair), [""; 0]);
}

/// The server says so itself, and only a person can decide who has the name. [MQTT5-3.1.4-3]
#[test]
fn taken_over_is_final_although_a_message_was_on_its_way() {
    let mut pair = Pair::connected_with(options5());
    pair.publish("a", "1", QoS::AtLeastOnce);

    pair.server_sends(wire::disconnect(0x8E));

    assert_eq!(pair.session.state(), State::Closed);
    assert_eq!(given_up(&mut pair), [""; 0]);
}

/// After the login was accepted nothing that a server says but this is for good.
#[test]
fn disconnect_is_final_only_where_a_person_must_act() {
    for reason in REASONS {
        let mut pair = Pair::connected_with(options5());
        for _ in 0..10 {
            pair.server_sends(wire::disconnect(reason));
            assert_eq!(pair.session.state(), State::Waiting, "{reason:#x}");
            pair.reconnect(true);
        }
    }
}

/// Messages that are answered go on one by one, and all together once the connection lasted.
#[test]
fn connection_that_lasted_ends_the_suspicion() {
    let mut pair = Pair::with(options());
    let mut server = Server::new(VERSION, End::Close(1006));
    pair.publish("bad", "hi", QoS::AtMostOnce);
    pair.connect();
    for _ in 0..3 {
        server.talk(&mut pair, 3);
        pair.publish("bad", "hi", QoS::AtMostOnce);
    }
    server.talk(&mut pair, 40);
    pair.sent();

    for number in 0..3 {
        pair.try_publish("a", number.to_string(), QoS::AtLeastOnce)
            .unwrap();
    }
    pair.drain();

    assert_eq!(pair.sent().len(), 3);
    assert!(!matches!(
        pair.closed_because(),
        Some(CloseReason::NameInUse)
    ));
}

fn subscribe_together(pair: &mut Pair, texts: [&str; 2]) {
    for text in texts {
        pair.session
            .subscribe(pair.now, Owner(0), &filter(text), QoS::AtMostOnce)
            .unwrap();
    }
    pair.drain();
}

fn publish_together(pair: &mut Pair, count: usize) {
    for number in 0..count {
        let text = number.to_string();
        pair.try_publish("a", text, QoS::AtLeastOnce).unwrap();
    }
    pair.drain();
}

/// The ids of the messages that were just sent.
fn sent_ids(pair: &mut Pair) -> Vec<u16> {
    let id = |packet: &ClientPacket| match packet {
        ClientPacket::Publish(publish) => publish.id,
        _ => None,
    };
    pair.sent_packets().iter().filter_map(id).collect()
}

#[test]
fn messages_go_together_again_once_those_of_the_end_were_taken() {
    let mut pair = Pair::connected();
    publish_together(&mut pair, 2);
    let (code, clean) = (1002, true);
    pair.close_transport(Closed::Ended { code, clean });
    pair.sent();
    pair.reconnect(false);

    let mut counts = Vec::new();
    for _ in 0..2 {
        let ids = sent_ids(&mut pair);
        counts.push(ids.len());
        pair.server_sends(wire::puback(ids[0]));
    }
    publish_together(&mut pair, 3);
    counts.push(sent_ids(&mut pair).len());

    assert_eq!(counts, [1, 1, 3]);
}

#[test]
fn messages_go_together_once_the_filters_of_the_end_are_granted() {
    let mut pair = Pair::connected();
    subscribe_together(&mut pair, ["a", "b"]);
    let (code, clean) = (1002, true);
    pair.close_transport(Closed::Ended { code, clean });
    pair.reconnect(false);
    for packet_id in [2, 3] {
        pair.server_sends(wire::suback(VERSION, packet_id, &[0]));
        pair.server_sends(wire::pingresp());
    }
    pair.sent();

    publish_together(&mut pair, 2);

    assert_eq!(sent_ids(&mut pair).len(), 2);
}

/// A filter ends the next connection before one of its messages was looked at.
#[test]
fn suspected_messages_of_qos_0_stay_suspected_until_they_are_sent() {
    let mut pair = Pair::connected();
    let (code, clean) = (1002, true);
    pair.publish("a", "1", QoS::AtMostOnce);
    pair.close_transport(Closed::Ended { code, clean });
    pair.reconnect(false);
    pair.subscribe("bad", QoS::AtMostOnce);
    pair.close_transport(Closed::Ended { code, clean });
    pair.reconnect(false);
    pair.sent();

    pair.publish("a", "2", QoS::AtMostOnce);

    assert_eq!(pair.sent(), ["PUBLISH q0 a: 2", "PINGREQ"]);
}

#[test]
fn connection_that_is_asked_for_anew_begins_without_suspicion() {
    let mut pair = Pair::connected();
    publish_together(&mut pair, 2);
    let (code, clean) = (1002, true);
    pair.close_transport(Closed::Ended { code, clean });
    pair.disconnect();
    pair.connect();
    pair.accept(false);
    pair.sent();

    publish_together(&mut pair, 3);

    assert_eq!(sent_ids(&mut pair).len(), 3);
}

#[test]
fn end_after_a_connection_that_lasted_is_the_first() {
    let mut pair = Pair::connected();
    publish_together(&mut pair, 1);
    pair.drop_transport();
    pair.reconnect(false);
    pair.drop_transport();
    reconnect_with_care(&mut pair);
    let id = sent_ids(&mut pair).pop().unwrap();
    pair.server_sends(wire::puback(id));
    pair.advance(secs(30));

    publish_together(&mut pair, 2);
    pair.drop_transport();
    pair.sent();
    pair.reconnect(false);

    assert_eq!(sent_ids(&mut pair).len(), 2);
}

/// A network that ends a connection every few seconds, at any moment, and takes a tenth of a second for
/// an answer, while messages are published all the time.
#[test]
fn network_that_fails_at_random_convicts_nothing() {
    for seed in 1..=30_u64 {
        let mut chance = seed;
        let mut below = |limit: u64| {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(99);
            (chance >> 33) % limit
        };
        let mut pair = Pair::with(SessionOptions {
            client_id_is_chosen: true,
            ..if seed % 2 == 0 { options() } else { options5() }
        });
        let mut server = Server::new(pair.version, End::Close(1006));
        pair.subscribe("good", QoS::AtMostOnce);
        pair.connect();
        for round in 0..3000 {
            let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][below(3) as usize];
            if round % 10 == 0 {
                pair.try_publish("good", round.to_string(), qos).unwrap();
            }
            pair.drain();
            let asked = pair.sent_packets();
            pair.advance(Duration::from_millis(100));
            let is_up = pair.connection().is_some() && pair.session.state() != State::Waiting;
            if is_up && below(40) == 0 {
                pair.drop_transport();
                pair.sent_packets();
                continue;
            }
            for packet in asked {
                server.answer(&mut pair, &packet);
            }
            if pair.session.state() == State::Connecting {
                pair.open();
            }
        }
        pair.publish("good", "the end", QoS::AtLeastOnce);
        server.talk(&mut pair, 300);

        assert_eq!(given_up(&mut pair), [""; 0], "seed {seed}");
        assert_eq!(pair.session.statistics().waiting, 0, "seed {seed}");
        assert!(server.taken.contains(&"good: the end".to_owned()));
    }
}
