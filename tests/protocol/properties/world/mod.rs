//! A client, a server, the wires between them and everything that can happen to the three.

mod disk;
mod network;
mod outcome;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use scratch_mqtt::packet::{ProtocolVersion, PublishProperties, QoS};
use scratch_mqtt::session::{
    ConnectionId, Message, Owner, PublishError, QueuePolicy, Session, SessionOptions, State, Token,
    VersionPolicy,
};

use super::random::Random;
use super::server::Server;
use super::wires::{Watchman, Wires};
use crate::pair::{filter, message, secs};
use disk::Disk;

/// Filters, each with a topic that it matches. The server refuses the last one.
const FILTERS: [(&str, &str); 7] = [
    ("a", "a"),
    ("b/+", "b/1"),
    ("c/#", "c"),
    ("+/d", "é/d"),
    ("$share/group/e", "e"),
    ("f/g/h", "f/g/h"),
    ("refused", "refused"),
];

/// What became of a message of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waiting,
    Published,
    Failed,
    /// Its page ended before it was stored.
    Lost,
}

#[derive(Debug)]
struct Sent {
    number: u32,
    qos: QoS,
    fate: Fate,
}

pub struct World {
    pub random: Random,
    pub session: Session,
    pub now: Duration,
    options: SessionOptions,
    server: Server,
    wires: Option<Wires>,
    watchman: Watchman,
    /// Another one is open already, and this one closes after its last bytes.
    closing: Option<Wires>,
    /// Closed by the client, but the server has not read everything.
    lingering: Option<Wires>,
    sent: HashMap<Token, Sent>,
    /// Messages of pages that have ended.
    ended: Vec<Sent>,
    disk: Disk,
    /// The time since 1970 when the page began.
    epoch: Duration,
    /// On this connection the server said that it has no session, and that is not stored yet.
    unsettled: Option<ConnectionId>,
    /// Received messages whose page ended before that was stored.
    twice: HashSet<u32>,
    /// Messages that may arrive twice, because one side forgot the session.
    doubtful: HashSet<u32>,
    received: HashMap<u32, u32>,
    /// What the server sent: number and QoS.
    delivered: HashMap<u32, u8>,
    /// Which of it was sent for a filter that nobody wants any more: it may belong to what is only
    /// subscribed to in place of others, and be left out.
    unwanted: HashSet<u32>,
    /// What the server sent for each filter.
    sent_for: HashMap<&'static str, Vec<u32>>,
    last_number: u32,
    requests: BTreeMap<&'static str, BTreeSet<u32>>,
    refused: HashSet<String>,
    not_sent: u32,
    dropped: u32,
    /// Nothing breaks for a while.
    is_calm: bool,
    /// The application is busy and takes no events.
    busy: bool,
    /// The server reads nothing.
    frozen: bool,
}

impl World {
    pub fn new(choices: &[u32]) -> Self {
        let mut random = Random::new(choices);
        let mut server = Server::default();
        let version = match random.below(5) {
            0 | 1 => VersionPolicy::Only(ProtocolVersion::V3_1_1),
            2 | 3 => VersionPolicy::Only(ProtocolVersion::V5_0),
            _ => VersionPolicy::Newest,
        };
        server.old = version == VersionPolicy::Newest && random.one_in(2);
        let clean_session = random.one_in(2);
        let keep_session = !clean_session && random.one_in(2);
        let options = SessionOptions {
            version,
            clean_session,
            keep_alive: secs(random.pick(&[0, 5, 60])),
            session_expiry: secs(random.pick(&[0, 300, 300, 300])),
            send_maximum: random.pick(&[1, 3, 20]),
            receive_maximum: random.pick(&[1, 2, 100]),
            topic_aliases: random.pick(&[0, 3]),
            subscription_identifiers: random.one_in(4),
            queue_messages: random.pick(&[3, 1000]),
            queue_policy: random.pick(&[
                QueuePolicy::RejectNew,
                QueuePolicy::DropOldest,
                QueuePolicy::LatestPerTopic,
            ]),
            receive_queue_messages: random.pick(&[2, 10_000]),
            keep_session,
            client_id_is_chosen: keep_session || random.one_in(2),
            ..SessionOptions::new(
                "ws://broker/mqtt",
                if clean_session && random.one_in(4) {
                    ""
                } else {
                    "pupil"
                },
            )
        };
        Self {
            session: Session::new(random.below(usize::MAX) as u64),
            random,
            now: secs(1),
            options,
            server,
            wires: None,
            watchman: Watchman::of(keep_session),
            closing: None,
            lingering: None,
            sent: HashMap::new(),
            ended: Vec::new(),
            disk: Disk::default(),
            epoch: Self::epoch(),
            unsettled: None,
            twice: HashSet::new(),
            doubtful: HashSet::new(),
            received: HashMap::new(),
            delivered: HashMap::new(),
            unwanted: HashSet::new(),
            sent_for: HashMap::new(),
            last_number: 0,
            requests: BTreeMap::new(),
            refused: HashSet::new(),
            not_sent: 0,
            dropped: 0,
            is_calm: false,
            busy: false,
            frozen: false,
        }
    }

    /// One thing happens.
    pub fn step(&mut self) {
        // In a storm alone no connection would live long enough to carry much.
        if self.random.one_in(40) {
            self.is_calm = !self.is_calm;
        }
        if self.is_calm {
            self.calm_step();
        } else {
            self.stormy_step();
        }
        self.drain();
    }

    fn calm_step(&mut self) {
        match self.random.below(100) {
            0..16 => self.publish(),
            16..20 => self.subscribe(),
            20..21 => self.unsubscribe(),
            21..45 => drop(self.server_reads()),
            45..70 => drop(self.client_reads()),
            70..82 => self.somebody_publishes(),
            82..84 => self.busy = self.random.one_in(4),
            84..86 => self.frozen = false,
            86..90 => self.come_back(),
            90..98 => drop(self.disk_works()),
            98..99 => self.crash(),
            _ => self.cut(),
        }
    }

    /// The pause before an attempt passes, or its socket opens.
    fn come_back(&mut self) {
        match self.session.state() {
            State::Closed => self.connect(),
            State::Waiting => {
                self.now = self
                    .now
                    .max(self.session.poll_timeout().unwrap_or(self.now));
                self.session.handle_timeout(self.now);
            }
            State::Connecting => self.socket_opens_or_fails(),
            State::Connected | State::Closing => {}
        }
    }

    fn stormy_step(&mut self) {
        match self.random.below(103) {
            0..20 => self.publish(),
            20..27 => self.subscribe(),
            27..32 => self.unsubscribe(),
            32..44 => drop(self.server_reads()),
            44..58 => drop(self.client_reads()),
            58..68 => self.somebody_publishes(),
            68..75 => self.time_passes(),
            75..80 => self.socket_opens_or_fails(),
            80..84 => self.cut(),
            84..86 => self.server_misbehaves(),
            86..88 => self.busy = !self.busy,
            88..89 => self.frozen = self.random.one_in(3),
            89..90 => self.server_restarts(),
            90..94 => self.connect(),
            94..95 => self.session.disconnect(self.now),
            95..97 => self.page_tells_something(),
            97..98 => self.late_event_of_an_older_socket(),
            98..100 => self.crash(),
            100..101 if self.random.one_in(20) => self.disk_fails(),
            _ => self.session.handle_timeout(self.now),
        }
    }

    /// The world becomes friendly, and everything comes to rest.
    pub fn come_to_rest(&mut self) {
        self.busy = false;
        self.frozen = false;
        if let Some(wires) = self.wires.as_ref() {
            self.session.handle_buffered(self.now, wires.connection, 0);
        }
        for _ in 0..3000 {
            self.drain();
            if self.session.state() == State::Closed {
                let _ = self.session.connect(self.now, self.options.clone());
            } else if self.wires.as_ref().is_some_and(|wires| !wires.open) {
                self.open();
            } else if !self.disk_works() && !self.server_reads() && !self.client_reads() {
                if self.is_at_rest() {
                    return;
                }
                let due = self
                    .session
                    .poll_timeout()
                    .expect("a deadline, for not all is done");
                self.now = self.now.max(due);
                self.session.handle_timeout(self.now);
            }
        }
        panic!(
            "no rest: {:?}, {:?}",
            self.session.state(),
            self.session.statistics()
        );
    }

    fn is_at_rest(&self) -> bool {
        self.disk.asked.is_empty()
            && self.session.state() == State::Connected
            && self.session.statistics().waiting == 0
            // After doubtful ends filters wait until the connection has lived for a while.
            && self.server.session().is_some_and(|session| {
                session.unconfirmed().next().is_none() && self.disagreement().is_none()
            })
    }

    fn publish(&mut self) {
        self.last_number += 1;
        let number = self.last_number;
        let qos = self
            .random
            .pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
        let length = self.random.pick(&[0, 0, 0, 40, 250]);
        let payload = [&number.to_be_bytes()[..], &vec![b'.'; length]].concat();
        let topic = self.random.pick(&FILTERS).1;
        let expiry = self.random.one_in(6).then_some(2);
        let message = Message {
            retain: self.random.one_in(8),
            properties: expiry.map(|secs| {
                Box::new(PublishProperties {
                    message_expiry_secs: Some(secs),
                    ..PublishProperties::default()
                })
            }),
            ..message(topic, payload, qos)
        };
        match self.session.publish(self.now, message) {
            Ok(token) => {
                let fate = Fate::Waiting;
                let before = self.sent.insert(token, Sent { number, qos, fate });
                assert!(before.is_none(), "{token:?} was used before");
            }
            Err(PublishError::QueueFull) => self.not_sent += 1,
            Err(error) => assert_eq!(error, PublishError::Closed),
        }
    }

    fn subscribe(&mut self) {
        let (text, _) = self.random.pick(&FILTERS);
        let owner = self.random.below(3) as u32;
        let qos = self
            .random
            .pick(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]);
        let wanted = self
            .session
            .subscribe(self.now, Owner(owner), &filter(text), qos);
        assert!(wanted.is_ok());
        self.requests.entry(text).or_default().insert(owner);
    }

    fn unsubscribe(&mut self) {
        let (text, _) = self.random.pick(&FILTERS);
        let owner = self.random.below(4) as u32;
        match owner {
            3 => {
                self.session.unsubscribe(self.now, None, &filter(text));
                self.requests.remove(text);
            }
            2 => {
                self.session.release_owner(self.now, Owner(owner));
                self.requests.values_mut().for_each(|owners| {
                    owners.remove(&owner);
                });
            }
            _ => {
                self.session
                    .unsubscribe(self.now, Some(Owner(owner)), &filter(text));
                self.requests.entry(text).or_default().remove(&owner);
            }
        }
        self.requests.retain(|_, owners| !owners.is_empty());
        for (text, numbers) in &mut self.sent_for {
            if !self.requests.contains_key(text) {
                self.unwanted.extend(numbers.drain(..));
            }
        }
    }

    fn connect(&mut self) {
        if self.random.one_in(4) {
            // Other options: with the same name it is the same client, with another one another.
            self.options.ping_timeout += secs(1);
            if self.random.one_in(3) {
                self.options.client_id.push('x');
                self.other_client();
            }
        }
        assert_eq!(self.session.connect(self.now, self.options.clone()), Ok(()));
    }

    /// Both sides may have what the other one will not ask for again.
    fn other_client(&mut self) {
        self.doubtful.extend(self.watchman.on_their_way.keys());
        let sessions = self.server.sessions.values();
        self.doubtful
            .extend(sessions.flat_map(|session| session.unconfirmed()));
        self.watchman.forget();
    }

    fn time_passes(&mut self) {
        // A disk is seldom so slow that it is given up.
        if self.disk.must_answer() || !self.random.one_in(20) {
            while self.disk_works() {}
        }
        let due = self.session.poll_timeout();
        match (self.random.below(6), due) {
            (0, _) => self.now += Duration::from_millis(100),
            (1, _) => self.now += secs(self.random.below(20) as u64),
            // Time passes, and the timer comes later than what happens next.
            (2, _) => return self.now += secs(70),
            (3, Some(due)) => self.now = self.now.max(due) + secs(self.random.below(9) as u64),
            (_, Some(due)) => self.now = self.now.max(due),
            (_, None) => {}
        }
        self.session.handle_timeout(self.now);
        self.drain();
        let next = self.session.poll_timeout();
        assert!(
            next.is_none_or(|due| due > self.now),
            "{next:?} at {:?}",
            self.now
        );
    }

    fn page_tells_something(&mut self) {
        match self.random.below(4) {
            0 => self.session.handle_online(self.now),
            1 => self.session.handle_wake(self.now),
            2 => self.session.handle_unload(self.now),
            _ => {
                let bytes = self.random.pick(&[0, 0, 2 << 20]);
                if let Some(wires) = self.wires.as_ref() {
                    self.session
                        .handle_buffered(self.now, wires.connection, bytes);
                }
            }
        }
    }
}
