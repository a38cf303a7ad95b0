//! A client, a scripted server and a clock.
//!
//! | verb | what happens |
//! |---|---|
//! | [`Pair::connected`] | the client is connected to a server without a session |
//! | [`Pair::server_sends`] | bytes reach the client, at the present time |
//! | [`Pair::advance`] | time passes, from deadline to deadline |
//! | [`Pair::drop_transport`] | the socket closes with code 1006 |
//! | [`Pair::reconnect`] | the next attempt comes and the server accepts it |
//! | [`Pair::sent`] | what the client sent since the last call, a line a packet |
//! | [`Pair::messages`] | what the application received since the last call, `topic: payload` |
//! | [`Pair::events`] | every other event since the last call |
//! | [`Pair::closed_because`] | the reason of the last disconnection |
//! | [`Pair::stores`] | the disk does what it was asked for, until nothing more is asked |
//! | [`Pair::reload`] | the page ends without a word; the next one connects, and has read the disk |

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use scratch_mqtt::packet::{ProtocolVersion, PublishProperties, QoS, Will};
use scratch_mqtt::session::{
    CloseReason, Closed, ConnectionId, Event, Message, Output, Owner, PublishError, Received,
    Session, SessionOptions, State, StoreChange, StoreRequest, SubscriptionId, Token,
    VersionPolicy,
};
use scratch_mqtt::topic::{TopicFilter, TopicName};

use crate::wire::{self, ClientConnect, ClientPacket, ClientPublish};

pub const VERSION: ProtocolVersion = ProtocolVersion::V3_1_1;
pub const V5: ProtocolVersion = ProtocolVersion::V5_0;

/// A last will.
pub fn gone() -> Will {
    Will {
        topic: TopicName::new("w").unwrap(),
        payload: Bytes::from_static(b"gone"),
        qos: QoS::AtMostOnce,
        retain: false,
        delay_secs: None,
        properties: PublishProperties::default(),
    }
}

/// The options of most tests: keep-alive is off, so that only the time under test passes.
pub fn options() -> SessionOptions {
    SessionOptions {
        version: VersionPolicy::Only(VERSION),
        ..newest()
    }
}

/// The same in 5.0.
pub fn options5() -> SessionOptions {
    SessionOptions {
        version: VersionPolicy::Only(ProtocolVersion::V5_0),
        ..newest()
    }
}

/// The same with the version negotiated.
pub fn newest() -> SessionOptions {
    SessionOptions {
        keep_alive: Duration::ZERO,
        ..SessionOptions::new("ws://broker/mqtt", "pupil")
    }
}

pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub fn filter(text: &str) -> TopicFilter {
    TopicFilter::new(text).unwrap()
}

pub fn message(topic: &str, payload: impl AsRef<[u8]>, qos: QoS) -> Message {
    Message {
        topic: TopicName::new(topic).unwrap(),
        payload: payload.as_ref().to_vec().into(),
        qos,
        retain: false,
        properties: None,
    }
}

pub struct Pair {
    pub session: Session,
    pub options: SessionOptions,
    pub now: Duration,
    /// What the server speaks.
    pub version: ProtocolVersion,
    connection: Option<ConnectionId>,
    /// Every socket that was asked for, by its address, until it is closed.
    sockets: Vec<(ConnectionId, String)>,
    opened: Vec<String>,
    /// The addresses that were asked for.
    pub questions: Vec<String>,
    closed_codes: Vec<u16>,
    measures: usize,
    frames: Vec<Vec<u8>>,
    received: Vec<Received>,
    events: Vec<Event>,
    last_end: Option<(CloseReason, Option<Duration>)>,
    /// What the disk holds for a session that is kept.
    pub disk: BTreeMap<u64, Vec<u8>>,
    /// What the disk was asked for and has not done.
    pub asked: Vec<StoreRequest>,
    /// The time since 1970 when the page began.
    epoch: Duration,
}

impl Pair {
    /// A client that has not been asked to connect.
    pub fn new() -> Self {
        Self::with(options())
    }

    pub fn with(options: SessionOptions) -> Self {
        let version = match options.version {
            VersionPolicy::Only(version) => version,
            VersionPolicy::Newest => ProtocolVersion::V5_0,
        };
        Self {
            session: Session::new(7),
            version,
            options,
            now: secs(1000),
            connection: None,
            sockets: Vec::new(),
            opened: Vec::new(),
            questions: Vec::new(),
            closed_codes: Vec::new(),
            measures: 0,
            frames: Vec::new(),
            received: Vec::new(),
            events: Vec::new(),
            last_end: None,
            disk: BTreeMap::new(),
            asked: Vec::new(),
            epoch: secs(1_700_000_000),
        }
    }

    pub fn connected() -> Self {
        Self::connected_with(options())
    }

    /// Connected, with what happened on the way forgotten.
    pub fn connected_with(options: SessionOptions) -> Self {
        let mut pair = Self::with(options);
        pair.connect();
        pair.accept(false);
        pair.sent();
        pair.events();
        pair
    }

    /// Connected to a server of 5.0 that grants this, with what happened on the way forgotten.
    pub fn connected_to(options: SessionOptions, properties: &[u8]) -> Self {
        let mut pair = Self::with(options);
        pair.connect();
        pair.open();
        pair.server_sends(wire::connack(V5, false, 0, properties));
        pair.sent();
        pair.events();
        pair
    }

    pub fn connect(&mut self) {
        let options = self.options.clone();
        self.session.connect(self.now, options).unwrap();
        self.drain();
    }

    /// The socket opens.
    pub fn open(&mut self) {
        let connection = self.connection.expect("a socket was asked for");
        self.session.handle_opened(self.now, connection, "mqtt");
        self.drain();
    }

    /// The answer to the last question.
    pub fn permit(&mut self, is_permitted: bool) {
        let connection = self.connection.expect("an address was asked for");
        self.session
            .handle_permission(self.now, connection, is_permitted);
        self.drain();
    }

    /// Of several sockets the one of this address is meant from now on.
    pub fn at(&mut self, url: &str) -> &mut Self {
        let found = self.sockets.iter().rev().find(|(_, other)| other == url);
        self.connection = Some(found.expect("a socket of this address is there").0);
        self
    }

    /// The addresses of the sockets that are there.
    pub fn sockets(&self) -> Vec<&str> {
        self.sockets.iter().map(|(_, url)| url.as_str()).collect()
    }

    /// The socket opens and the server accepts.
    pub fn accept(&mut self, session_present: bool) {
        self.open();
        self.server_sends(wire::connack(self.version, session_present, 0, &[]));
        assert_eq!(
            self.session.state(),
            State::Connected,
            "{:?}",
            self.last_end
        );
    }

    /// The pause passes, and the server accepts the next attempt.
    pub fn reconnect(&mut self, session_present: bool) {
        self.advance_to_next_attempt();
        self.accept(session_present);
    }

    pub fn advance_to_next_attempt(&mut self) {
        assert_eq!(self.session.state(), State::Waiting, "{:?}", self.last_end);
        let due = self.session.poll_timeout().expect("an attempt is planned");
        self.advance(due - self.now);
        assert_eq!(self.session.state(), State::Connecting);
    }

    pub fn server_sends(&mut self, bytes: impl AsRef<[u8]>) {
        let connection = self.connection.expect("a socket is there");
        self.session
            .handle_bytes(self.now, connection, Bytes::copy_from_slice(bytes.as_ref()));
        self.drain();
    }

    /// Time passes, from deadline to deadline.
    pub fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..10_000 {
            match self.session.poll_timeout() {
                Some(due) if due <= end => {
                    self.now = self.now.max(due);
                    self.session.handle_timeout(self.now);
                    self.drain();
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("deadlines do not move forward");
    }

    /// Time passes while no timer fires, as on a laptop that sleeps.
    pub fn sleep(&mut self, time: Duration) {
        self.now += time;
        self.session.handle_timeout(self.now);
        self.drain();
    }

    pub fn drop_transport(&mut self) {
        self.close_transport(Closed::Ended {
            code: 1006,
            clean: false,
        });
    }

    pub fn close_transport(&mut self, closed: Closed) {
        let connection = self.connection.expect("a socket is there");
        self.sockets.retain(|(id, _)| *id != connection);
        self.session.handle_closed(self.now, connection, closed);
        self.drain();
    }

    pub fn publish(&mut self, topic: &str, payload: impl AsRef<[u8]>, qos: QoS) -> Token {
        let token = self.try_publish(topic, payload, qos).unwrap();
        self.drain();
        token
    }

    /// Queues without sending, as a script does that publishes twice in one turn.
    pub fn try_publish(
        &mut self,
        topic: &str,
        payload: impl AsRef<[u8]>,
        qos: QoS,
    ) -> Result<Token, PublishError> {
        self.session.publish(self.now, message(topic, payload, qos))
    }

    pub fn subscribe(&mut self, text: &str, qos: QoS) -> SubscriptionId {
        let id = self
            .session
            .subscribe(self.now, Owner(0), &filter(text), qos)
            .unwrap();
        self.drain();
        id
    }

    pub fn unsubscribe(&mut self, text: &str) {
        self.session.unsubscribe(self.now, None, &filter(text));
        self.drain();
    }

    pub fn disconnect(&mut self) {
        self.session.disconnect(self.now);
        self.drain();
    }

    /// The disk does what it was asked for, until nothing more is asked.
    pub fn stores(&mut self) {
        while !self.asked.is_empty() {
            self.stores_once();
        }
    }

    /// The disk does one thing that it was asked for.
    pub fn stores_once(&mut self) {
        match self.asked.remove(0) {
            StoreRequest::Load { identity } => {
                let records: Vec<_> = self.disk.clone().into_iter().collect();
                let time = self.epoch + self.now;
                self.session
                    .handle_loaded(self.now, time, identity, &records);
            }
            StoreRequest::Commit { number, changes } => {
                for change in changes {
                    match change {
                        StoreChange::Clear => self.disk.clear(),
                        StoreChange::Put((key, value)) => drop(self.disk.insert(key, value)),
                        StoreChange::Remove(key) => drop(self.disk.remove(&key)),
                    }
                }
                self.session.handle_stored(self.now, number);
            }
            StoreRequest::Leave => self.disk.clear(),
        }
        self.drain();
    }

    /// The same for a busy application, which takes nothing yet.
    pub fn stores_without_events(&mut self) {
        assert!(
            self.asked.is_empty(),
            "nothing is stored before it is taken"
        );
    }

    /// The next attempt comes and the server accepts it, while the application takes nothing.
    pub fn busy_reconnect(&mut self, session_present: bool) {
        self.drain_without_events();
        let due = self.session.poll_timeout().expect("an attempt is planned");
        self.now = self.now.max(due);
        self.session.handle_timeout(self.now);
        self.drain_without_events();
        let connection = self.connection.expect("a socket was asked for");
        self.session.handle_opened(self.now, connection, "mqtt");
        self.drain_without_events();
        let connack = wire::connack(self.version, session_present, 0, &[]);
        self.session
            .handle_bytes(self.now, connection, Bytes::copy_from_slice(&connack));
        self.drain_without_events();
    }

    /// The page ends without a word; the next one connects, and has read the disk. Its clock begins
    /// anew.
    pub fn reload(&mut self) {
        self.epoch += self.now - secs(1);
        self.now = secs(1);
        self.session = Session::new(7);
        self.connection = None;
        self.sockets.clear();
        self.asked.clear();
        self.frames.clear();
        self.connect();
        self.stores();
    }

    /// Carries out everything that the session asks for.
    pub fn drain(&mut self) {
        let mut drain = Drain::default();
        while let Some(output) = drain.next(&mut self.session) {
            match output {
                Output::Open {
                    connection,
                    url,
                    subprotocol,
                } => {
                    self.opened.push(format!("{url} {subprotocol}"));
                    self.sockets.push((connection, url));
                    self.connection = Some(connection);
                }
                Output::Ask { connection, url } => {
                    self.questions.push(url);
                    self.connection = Some(connection);
                }
                Output::Send { bytes, .. } => self.frames.push(bytes.into()),
                // A test says what the socket holds; until then it counts as holding everything.
                Output::Measure { .. } => self.measures += 1,
                Output::Close { connection, code } => {
                    self.closed_codes.push(code);
                    self.sockets.retain(|(id, _)| *id != connection);
                    if self.connection == Some(connection) {
                        self.connection = self.sockets.last().map(|(id, _)| *id);
                    }
                }
                Output::Store(request) => self.asked.push(request),
                Output::Event(event) => self.record(event),
            }
        }
    }

    /// As a busy application does, which takes nothing yet.
    pub fn drain_without_events(&mut self) {
        self.session.pause_events(true);
        self.drain();
        self.session.pause_events(false);
    }

    fn record(&mut self, event: Event) {
        match event {
            Event::MessageReceived(received) => self.received.push(received),
            Event::Disconnected { reason, retry_in } => {
                self.last_end = Some((reason.clone(), retry_in));
                self.events.push(Event::Disconnected { reason, retry_in });
            }
            other => self.events.push(other),
        }
    }

    /// What the client sent since the last call, a line a packet.
    pub fn sent(&mut self) -> Vec<String> {
        self.sent_packets().iter().map(describe).collect()
    }

    pub fn sent_packets(&mut self) -> Vec<ClientPacket> {
        let frames = self.sent_frames();
        frames
            .iter()
            .flat_map(|frame| wire::parse_client(self.version, frame))
            .collect()
    }

    /// What the client sent since the last call, WebSocket message by WebSocket message.
    pub fn sent_frames(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.frames)
    }

    /// The CONNECT of a connection that just opened.
    pub fn sent_connect(&mut self) -> ClientConnect {
        match self.sent_packets().as_slice() {
            [ClientPacket::Connect(connect)] => connect.clone(),
            other => panic!("not one CONNECT: {other:?}"),
        }
    }

    pub fn messages(&mut self) -> Vec<String> {
        let text = |received: &Received| {
            let payload = String::from_utf8_lossy(&received.message.payload);
            format!("{}: {payload}", received.message.topic.as_str())
        };
        self.received().iter().map(text).collect()
    }

    pub fn received(&mut self) -> Vec<Received> {
        std::mem::take(&mut self.received)
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The addresses and subprotocols of the sockets asked for since the last call.
    pub fn opened(&mut self) -> Vec<String> {
        std::mem::take(&mut self.opened)
    }

    /// The codes of the sockets closed by us since the last call.
    pub fn closed_codes(&mut self) -> Vec<u16> {
        std::mem::take(&mut self.closed_codes)
    }

    /// Whether it was asked since the last call what the socket holds.
    pub fn is_asked_to_measure(&mut self) -> bool {
        std::mem::take(&mut self.measures) > 0
    }

    pub fn closed_because(&self) -> Option<&CloseReason> {
        self.last_end.as_ref().map(|(reason, _)| reason)
    }

    /// The pause that the last disconnection announced.
    pub fn retry_in(&self) -> Option<Duration> {
        self.last_end.as_ref().and_then(|(_, retry_in)| *retry_in)
    }

    /// The socket that is open or being opened.
    pub fn connection(&self) -> Option<ConnectionId> {
        self.connection
    }
}

/// One drain of a session. One that does not end fails, and says at what.
#[derive(Default)]
pub struct Drain {
    outputs: u32,
}

impl Drain {
    /// More than any test makes in one turn.
    const MOST: u32 = 1_000_000;

    pub fn next(&mut self, session: &mut Session) -> Option<Output> {
        let output = session.poll_output()?;
        self.outputs += 1;
        assert!(self.outputs < Self::MOST, "no end of {output:?}");
        Some(output)
    }
}

fn describe(packet: &ClientPacket) -> String {
    match packet {
        ClientPacket::Connect(_) => "CONNECT".into(),
        ClientPacket::Publish(publish) => describe_publish(publish),
        ClientPacket::PubAck { id, .. } => format!("PUBACK {id}"),
        ClientPacket::PubRec { id, .. } => format!("PUBREC {id}"),
        ClientPacket::PubRel { id, .. } => format!("PUBREL {id}"),
        ClientPacket::PubComp { id, .. } => format!("PUBCOMP {id}"),
        ClientPacket::Subscribe { id, filters, .. } => {
            let filters = filters
                .iter()
                .map(|(filter, qos)| format!(" {filter} q{qos}"));
            format!("SUBSCRIBE {id}{}", filters.collect::<String>())
        }
        ClientPacket::Unsubscribe { id, filters, .. } => {
            format!("UNSUBSCRIBE {id} {}", filters.join(" "))
        }
        ClientPacket::PingReq => "PINGREQ".into(),
        ClientPacket::Disconnect { .. } => "DISCONNECT".into(),
        ClientPacket::Auth { .. } => "AUTH".into(),
    }
}

fn describe_publish(publish: &ClientPublish) -> String {
    let id = publish.id.map_or(String::new(), |id| format!(" {id}"));
    let dup = if publish.dup { " dup" } else { "" };
    let retain = if publish.retain { " retain" } else { "" };
    let payload = String::from_utf8_lossy(&publish.payload);
    format!(
        "PUBLISH{id} q{}{dup}{retain} {}: {payload}",
        publish.qos, publish.topic
    )
}
