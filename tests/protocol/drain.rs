//! A caller that knows only the documentation of `Session`: it does what each `Output` says, and arms one timer.

use std::collections::VecDeque;
use std::time::Duration;

use scratch_mqtt::packet::QoS;
use scratch_mqtt::session::{
    ConnectionId, Event, Output, Session, SessionOptions, StoreRequest, VersionPolicy,
};

use crate::pair::{Drain, VERSION, filter, message, options, secs};
use crate::test;
use crate::wire::{self, ClientPacket};

/// A page with one socket, whose network takes what it was given a millisecond later.
struct Caller {
    session: Session,
    now: Duration,
    socket: Option<ConnectionId>,
    /// What the socket holds, and since when.
    buffered: VecDeque<(Duration, usize)>,
    most_buffered: usize,
    measured: usize,
    sent: Vec<ClientPacket>,
    sent_frames: usize,
    events: Vec<Event>,
}

impl Caller {
    fn connected(options: SessionOptions) -> Self {
        let mut caller = Self {
            session: Session::new(7),
            now: secs(1000),
            socket: None,
            buffered: VecDeque::new(),
            most_buffered: 0,
            measured: 0,
            sent: Vec::new(),
            sent_frames: 0,
            events: Vec::new(),
        };
        caller.session.connect(caller.now, options).unwrap();
        caller.drain();
        let socket = caller.socket.unwrap();
        caller.session.handle_opened(caller.now, socket, "mqtt");
        caller.drain();
        caller.receives(&wire::connack(VERSION, false, 0, &[]));
        caller.sent_frames = 0;
        caller
    }

    fn receives(&mut self, bytes: &[u8]) {
        let socket = self.socket.unwrap();
        let bytes = bytes.to_vec().into();
        self.session.handle_bytes(self.now, socket, bytes);
        self.drain();
    }

    fn drain(&mut self) {
        let mut drain = Drain::default();
        while let Some(output) = drain.next(&mut self.session) {
            match output {
                Output::Open { connection, .. } => self.socket = Some(connection),
                Output::Ask { connection, .. } => {
                    self.session.handle_permission(self.now, connection, true);
                }
                Output::Send { bytes, .. } => {
                    self.buffered.push_back((self.now, bytes.len()));
                    self.most_buffered = self.most_buffered.max(self.holds());
                    self.sent.extend(wire::parse_client(VERSION, &bytes));
                    self.sent_frames += 1;
                }
                Output::Measure { connection } => {
                    self.measured += 1;
                    let bytes = self.holds();
                    self.session.handle_buffered(self.now, connection, bytes);
                }
                Output::Close { .. } => self.socket = None,
                Output::Store(StoreRequest::Load { .. } | StoreRequest::Commit { .. }) => {
                    panic!("nothing is kept");
                }
                Output::Store(StoreRequest::Leave) => {}
                Output::Event(event) => self.events.push(event),
            }
        }
    }

    fn holds(&self) -> usize {
        self.buffered.iter().map(|(_, bytes)| bytes).sum()
    }

    /// The timer fires. `false` when none is armed.
    fn wakes(&mut self) -> bool {
        let Some(due) = self.session.poll_timeout() else {
            return false;
        };
        self.now = self.now.max(due);
        let now = self.now;
        self.buffered.retain(|(since, _)| *since == now);
        self.session.handle_timeout(now);
        self.drain();
        true
    }
}

fn published(caller: &Caller) -> usize {
    let packets = caller.sent.iter();
    packets
        .filter(|it| matches!(it, ClientPacket::Publish(_)))
        .count()
}

#[test]
fn more_than_a_socket_holds_is_sent_by_the_documentation_alone() {
    let mut caller = Caller::connected(options());

    for _ in 0..30 {
        let large = message("a", vec![0; 100_000], QoS::AtMostOnce);
        caller.session.publish(caller.now, large).unwrap();
    }
    caller.drain();
    let at_once = published(&caller);
    while published(&caller) < 30 && caller.wakes() {}

    assert!((1..30).contains(&at_once), "{at_once}");
    assert_eq!(published(&caller), 30);
    assert!(caller.most_buffered < 1_300_000, "{}", caller.most_buffered);
}

#[test]
fn full_socket_is_measured_again_only_while_messages_wait() {
    let mut caller = Caller::connected(options());
    let large = || message("a", vec![0; 1_200_000], QoS::AtMostOnce);

    caller.session.publish(caller.now, large()).unwrap();
    caller.drain();
    let idle = caller.session.poll_timeout();
    caller.session.publish(caller.now, large()).unwrap();
    caller.drain();
    let waiting = caller.session.poll_timeout();

    let stable = caller.now + secs(30);
    assert_eq!(idle, Some(stable));
    assert!(waiting < Some(caller.now + secs(1)), "{waiting:?}");
}

#[test]
fn socket_is_measured_once_it_was_given_64_kib() {
    let mut caller = Caller::connected(options());

    let measured = [10, 70_000].map(|bytes| {
        let message = message("a", vec![0; bytes], QoS::AtMostOnce);
        caller.session.publish(caller.now, message).unwrap();
        caller.drain();
        caller.measured
    });

    assert_eq!(measured, [0, 1]);
}

/// A flood of events does not keep everything else waiting.
#[test]
fn what_follows_from_a_thousand_events_leaves_before_the_others_are_emitted() {
    let mut caller = Caller::connected(options());
    let publish = |id| wire::publish("a", "x").at_least_once(id).bytes(VERSION);

    caller.receives(&(1..=1_500).flat_map(publish).collect::<Vec<_>>());

    let acknowledged = caller.sent.iter();
    let acknowledged = acknowledged.filter(|it| matches!(it, ClientPacket::PubAck { .. }));
    assert_eq!(acknowledged.count(), 1_500);
    assert!(
        (2..8).contains(&caller.sent_frames),
        "{}",
        caller.sent_frames
    );
}

/// Acknowledgements of messages that came together leave together. [MQTT-6.0.0-2]
#[test]
fn what_follows_from_several_events_leaves_as_one_message() {
    let mut caller = Caller::connected(SessionOptions {
        version: VersionPolicy::Only(VERSION),
        ..options()
    });
    let all = caller.session.subscribe(
        caller.now,
        scratch_mqtt::session::Owner(0),
        &filter("a"),
        QoS::AtLeastOnce,
    );
    all.unwrap();
    caller.drain();
    caller.sent.clear();
    caller.sent_frames = 0;

    let publish = |id| wire::publish("a", "x").at_least_once(id).bytes(VERSION);
    let frames = [1, 2, 3].map(publish);
    caller.receives(&frames.concat());

    assert_eq!(caller.sent.len(), 3);
    assert_eq!(caller.sent_frames, 1);
}

#[test]
fn paused_events_wait_while_all_else_goes_on() {
    let mut caller = Caller::connected(options());
    caller.events.clear();

    caller.session.pause_events(true);
    let publish = wire::publish("a", "x").at_least_once(1).bytes(VERSION);
    caller.receives(&publish);
    let paused = (caller.events.len(), caller.sent_frames);
    let small = message("b", "y", QoS::AtMostOnce);
    caller.session.publish(caller.now, small).unwrap();
    caller.drain();
    let sent_meanwhile = published(&caller);
    caller.session.pause_events(false);
    caller.drain();

    assert_eq!(paused, (0, 0));
    assert_eq!(sent_meanwhile, 1);
    assert!(matches!(
        caller.events.last(),
        Some(Event::MessageReceived(_))
    ));
    assert!(matches!(
        caller.sent.last(),
        Some(ClientPacket::PubAck { id: 1, .. })
    ));
}
