//! A session between a program that wants anything at any time and a server that sends anything.

use std::time::Duration;

use bytes::Bytes;
use scratch_mqtt::packet::{ProtocolVersion, QoS};
use scratch_mqtt::session::{
    Closed, ConnectionId, Excess, Message, Output, Owner, PublishRate, QueuePolicy, Session,
    SessionOptions, VersionPolicy,
};
use scratch_mqtt::topic::{TopicFilter, TopicName};

use crate::input::Input;
use crate::wire::{self, ClientPacket};

/// So that one input cannot take for ever.
const MOST_STEPS: usize = 300;
const TOPICS: [&str; 4] = ["a", "a/b", "é/😀", "$SYS/a"];
const FILTERS: [&str; 8] = [
    "a",
    "a/+",
    "+/b",
    "#",
    "a/#",
    "é/😀",
    "$share/g/a",
    "$SYS/#",
];
const CODES: [u16; 8] = [1000, 1001, 1002, 1006, 1007, 1008, 1009, 1011];

/// Nothing panics, what is sent is right MQTT of the version of its connection, CONNECT comes first and once, nothing
/// follows DISCONNECT, and no deadline is left behind.
#[test]
fn session() {
    bolero::check!().for_each(|input: &[u8]| {
        let mut input = Input(input);
        let mut world = World::new(&mut input);
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            world.step(&mut input);
            world.drain();
        }
    });
}

struct World {
    session: Session,
    options: SessionOptions,
    now: Duration,
    sockets: Vec<Socket>,
    takes_events: bool,
}

struct Socket {
    connection: ConnectionId,
    is_opened: bool,
    version: Option<ProtocolVersion>,
    is_ended: bool,
}

impl World {
    fn new(input: &mut Input<'_>) -> Self {
        Self {
            session: Session::new(u64::from(input.byte())),
            options: options(input),
            now: Duration::ZERO,
            sockets: Vec::new(),
            takes_events: true,
        }
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let (now, owner) = (self.now, Owner(u32::from(input.0.len() as u8 % 3)));
        match input.byte() % 24 {
            0 => drop(self.session.connect(now, self.options.clone())),
            1 => self.options = options(input),
            2 => self.session.disconnect(now),
            3..=5 => self.publish(input),
            6..=7 => {
                let filter = filter(input);
                let qos = qos(input.byte());
                let _ = self.session.subscribe(now, owner, &filter, qos);
            }
            8 => {
                let everybody = input.byte() & 1 == 0;
                let owner = (!everybody).then_some(owner);
                self.session.unsubscribe(now, owner, &filter(input));
            }
            9 => self.session.release_owner(now, owner),
            10..=11 => self.opens(["mqtt", "", "x"][usize::from(input.byte() % 3)]),
            12..=15 => self.receives(Bytes::copy_from_slice(input.piece())),
            16..=17 => self.accepts(input),
            18 => self.closes(CODES[usize::from(input.byte() % 8)]),
            19 => self.now += Duration::from_millis(u64::from(input.byte()).pow(2)),
            20..=21 => self.comes_due(),
            22 => self.hears(input.byte()),
            _ => self.takes_events = !self.takes_events,
        }
    }

    fn publish(&mut self, input: &mut Input<'_>) {
        let choice = input.byte();
        let message = Message {
            topic: TopicName::new(TOPICS[usize::from(choice & 3)]).unwrap(),
            payload: input.piece().to_vec().into(),
            qos: qos(choice >> 2),
            retain: choice & 16 != 0,
            properties: None,
        };
        let _ = self.session.publish(self.now, message);
    }

    fn opens(&mut self, subprotocol: &str) {
        let mut sockets = self.sockets.iter_mut();
        if let Some(socket) = sockets.find(|socket| !socket.is_opened) {
            socket.is_opened = true;
            let connection = socket.connection;
            self.session
                .handle_opened(self.now, connection, subprotocol);
        }
    }

    fn receives(&mut self, bytes: Bytes) {
        if let Some(socket) = self.sockets.iter().find(|socket| socket.is_opened) {
            self.session
                .handle_bytes(self.now, socket.connection, bytes);
        }
    }

    /// What random bytes would seldom hit on: a CONNACK of the right version.
    fn accepts(&mut self, input: &mut Input<'_>) {
        let opened = self.sockets.iter().find(|socket| socket.is_opened);
        let version = opened.and_then(|socket| socket.version);
        if let Some(version) = version {
            let choice = input.byte();
            let properties = match version {
                ProtocolVersion::V3_1_1 => &[],
                ProtocolVersion::V5_0 => input.piece(),
            };
            let connack = wire::connack(version, choice & 1 == 1, 0, properties);
            self.receives(connack.into());
        }
    }

    fn closes(&mut self, code: u16) {
        if !self.sockets.is_empty() {
            let Socket { connection, .. } = self.sockets.remove(0);
            let closed = Closed::Ended { code, clean: false };
            self.session.handle_closed(self.now, connection, closed);
        }
    }

    fn comes_due(&mut self) {
        if let Some(due) = self.session.poll_timeout() {
            self.now = self.now.max(due);
        }
        self.session.handle_timeout(self.now);
        let next = self.session.poll_timeout();
        assert!(next.is_none_or(|due| due > self.now), "left behind");
    }

    fn hears(&mut self, what: u8) {
        let connection = self.sockets.first().map(|socket| socket.connection);
        match (what % 6, connection) {
            (0, _) => self.session.handle_online(self.now),
            (1, _) => self.session.handle_wake(self.now),
            (2, _) => self.session.handle_unload(self.now),
            (3, Some(connection)) => self.session.handle_text(self.now, connection),
            (4, Some(connection)) => self.session.handle_buffered(self.now, connection, 2 << 20),
            (5, Some(connection)) => self.session.handle_buffered(self.now, connection, 0),
            _ => {}
        }
    }

    fn drain(&mut self) {
        self.session.pause_events(!self.takes_events);
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Open { connection, .. } => {
                    self.sockets.push(Socket {
                        connection,
                        is_opened: false,
                        version: None,
                        is_ended: false,
                    });
                }
                Output::Ask { connection, .. } => {
                    self.session.handle_permission(self.now, connection, true);
                }
                Output::Send { connection, bytes } => {
                    let mut sockets = self.sockets.iter_mut();
                    if let Some(socket) = sockets.find(|socket| socket.connection == connection) {
                        socket.check(&bytes);
                    }
                }
                Output::Close { connection, .. } => {
                    self.sockets
                        .retain(|socket| socket.connection != connection);
                }
                // What a socket holds may be reported at any time, or never.
                Output::Measure { .. } | Output::Store(_) | Output::Event(_) => {}
            }
        }
    }
}

impl Socket {
    fn check(&mut self, bytes: &[u8]) {
        assert!(self.is_opened, "sent before it opened");
        // The level is the byte behind the name of the protocol.
        let version = self.version.unwrap_or(match bytes.get(8) {
            Some(4) => ProtocolVersion::V3_1_1,
            _ if bytes.get(9) == Some(&4) => ProtocolVersion::V3_1_1,
            _ => ProtocolVersion::V5_0,
        });
        for packet in wire::parse_client(version, bytes) {
            assert!(!self.is_ended, "{packet:?} after DISCONNECT");
            let is_connect = matches!(packet, ClientPacket::Connect(_));
            assert_eq!(is_connect, self.version.is_none(), "{packet:?}");
            self.version = Some(version);
            self.is_ended = matches!(packet, ClientPacket::Disconnect { .. });
        }
    }
}

fn options(input: &mut Input<'_>) -> SessionOptions {
    let (first, second) = (input.byte(), input.byte());
    let urls = ["ws://broker/mqtt", "ws://broker:8083/mqtt"];
    SessionOptions {
        urls: urls
            .iter()
            .take(1 + usize::from(second & 1))
            .map(ToString::to_string)
            .collect(),
        version: match first & 3 {
            0 => VersionPolicy::Only(ProtocolVersion::V3_1_1),
            1 => VersionPolicy::Only(ProtocolVersion::V5_0),
            _ => VersionPolicy::Newest,
        },
        clean_session: first & 4 == 0,
        client_id_is_chosen: first & 8 != 0,
        reconnect: first & 16 == 0,
        subscription_identifiers: first & 32 != 0,
        keep_alive: Duration::from_secs(u64::from(first >> 6) * 5),
        topic_aliases: u16::from(second & 1),
        receive_maximum: u16::from(second >> 1 & 3) + 1,
        send_maximum: u16::from(second >> 3 & 3) + 1,
        queue_policy: match second >> 5 & 3 {
            0 => QueuePolicy::RejectNew,
            1 => QueuePolicy::DropOldest,
            _ => QueuePolicy::LatestPerTopic,
        },
        publish_rate: (second & 128 != 0).then_some(PublishRate {
            per_second: 2,
            burst: 3,
            excess: if second & 64 == 0 {
                Excess::Wait
            } else {
                Excess::Refuse
            },
        }),
        queue_messages: 8,
        queue_bytes: 512,
        receive_queue_messages: 4,
        max_packet_bytes: 4096,
        ..SessionOptions::new(
            "ws://broker/mqtt",
            ["pupil", "other"][usize::from(first & 1)],
        )
    }
}

fn filter(input: &mut Input<'_>) -> TopicFilter {
    TopicFilter::new(FILTERS[usize::from(input.byte() % 8)]).unwrap()
}

fn qos(choice: u8) -> QoS {
    match choice % 3 {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}
