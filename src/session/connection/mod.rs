//! One connection: opening, CONNECT and CONNACK.

pub(crate) mod keep_alive;
pub(crate) mod limits;
pub(crate) mod quarantine;
pub(crate) mod receive;
pub(crate) mod transmit;

use std::collections::VecDeque;
use std::num::NonZeroU16;
use std::time::Duration;

use bytes::BytesMut;

use crate::codec::{Decoder, ProtocolError};
use crate::packet::{
    ConnAck, Connect, ConnectProperties, Packet, PacketType, ProtocolVersion, ReasonCode,
};
use crate::session::agreed::journal::{CAN_KEEP, Journal};
use crate::session::agreed::packet_ids::PacketIdSet;
use crate::session::connection::limits::ServerLimits;
use crate::session::event::{Action, CloseReason, Closed, ConnectionId, Event, Warning};
use crate::session::retry::evidence::{Blame, Trial};
use crate::session::retry::race::Contender;
use crate::session::subscriptions::Copies;
use crate::session::text_map::TextMap;
use crate::session::timers::Timer;
use crate::session::{Session, SessionOptions};
use crate::topic::TopicName;

/// The subprotocol of MQTT over WebSocket. [MQTT-6.0.0-3]
pub(crate) const SUBPROTOCOL: &str = "mqtt";

/// The size of the smallest PUBLISH of 5.0; a server that takes less takes nothing.
const LEAST_PACKET: usize = 6;

/// A connection that lasted this long forgets the failures before it.
const STABLE: Duration = Duration::from_secs(30);

/// How many Topic Aliases we accept from the server. [MQTT5-3.1.2-26]
pub(crate) const TOPIC_ALIASES_IN: u16 = 10;

/// Where the session stands, in more detail than `State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing is tried.
    Closed,
    /// The store is asked what an earlier page left.
    Restoring,
    /// A socket is being opened.
    Opening,
    /// CONNECT was sent.
    Handshaking,
    /// CONNACK accepted us.
    Connected,
    /// The last messages before DISCONNECT.
    Draining,
    /// The pause before the next attempt.
    Waiting,
    /// The page is hidden for good, or until the browser brings it back.
    Suspended,
}

/// What belongs to one socket and ends with it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Which of the options' addresses.
    pub(crate) address: usize,
    pub(crate) url: String,
    pub(crate) version: ProtocolVersion,
    pub(crate) limits: ServerLimits,
    pub(crate) decoder: Decoder,
    /// Whole packets that are sent before any message.
    pub(crate) control: BytesMut,
    /// Whole packets that wait until a change is stored, with the number of that commit.
    pub(crate) held: VecDeque<(u32, BytesMut)>,
    /// How many bytes the socket has not sent yet, as far as we know.
    pub(crate) buffered: usize,
    /// How many bytes were handed to the socket, how many of them the server has read for sure, and
    /// up to where a PINGREQ asks. Between the browser and the server nothing else can be seen.
    pub(crate) sent_bytes: u64,
    pub(crate) read_bytes: u64,
    pub(crate) asked_bytes: Option<u64>,
    /// When CONNACK came.
    pub(crate) accepted: Duration,
    pub(crate) last_sent: Duration,
    pub(crate) last_received: Duration,
    /// Whether a single byte came.
    pub(crate) heard: bool,
    /// What CONNECT asked for.
    clean_start: bool,
    /// When the PINGREQ was sent whose answer is awaited. [MQTT-3.1.2-23]
    pub(crate) ping_sent: Option<Duration>,
    /// The answer was late once already.
    pub(crate) grace_used: bool,
    /// What shows whether something that we send ends it.
    pub(crate) trial: Trial,
    /// Received QoS 1 and 2 messages that are not acknowledged yet. [MQTT5-3.3.4-9]
    pub(crate) unacknowledged: PacketIdSet,
    /// There were more of them than our Receive Maximum, and that was told.
    pub(crate) warned_of_excess: bool,
    /// Topics that the server sends as numbers. [MQTT5-3.3.2-7]
    pub(crate) aliases_in: Vec<(NonZeroU16, TopicName)>,
    /// Topics that we send as numbers.
    pub(crate) aliases_out: TextMap,
}

impl Connection {
    /// What waited for a change that is stored now.
    pub(crate) fn next_held(&mut self, journal: &Journal) -> Option<BytesMut> {
        let (number, _) = self.held.front().filter(|_| CAN_KEEP)?;
        if !journal.has_stored(*number) {
            return None;
        }
        self.held.pop_front().map(|(_, bytes)| bytes)
    }

    /// How many bytes are on their way, as far as the server has said.
    pub(crate) const fn bytes_under_way(&self) -> u64 {
        self.sent_bytes.saturating_sub(self.read_bytes)
    }

    /// How many bytes wait for the store.
    pub(crate) fn held_bytes(&self) -> usize {
        let held = self.held.iter().filter(|_| CAN_KEEP);
        held.map(|(_, bytes)| bytes.len()).sum()
    }
}

impl Session {
    /// The socket opened. `subprotocol` is what the server selected.
    pub fn handle_opened(&mut self, now: Duration, connection: ConnectionId, subprotocol: &str) {
        self.begin(now);
        if !self.is_contender(connection) {
            return;
        }
        if !matches!(subprotocol, "" | SUBPROTOCOL) {
            return self.wrong_subprotocol(connection);
        }
        let Some(contender) = self.win(connection) else {
            return;
        };
        if subprotocol.is_empty() {
            self.inbox.push(Event::Warning(Warning::NoSubprotocol));
        }
        self.start_link(contender);
        self.phase = Phase::Handshaking;
        if let Some(connect) = self.connect_packet() {
            self.send_control(&Packet::Connect(Box::new(connect)));
        }
    }

    /// A text frame came; MQTT knows binary frames only. [MQTT-6.0.0-1]
    pub fn handle_text(&mut self, now: Duration, connection: ConnectionId) {
        self.observe(now);
        if self.is_current(connection) {
            self.protocol_error(ProtocolError::TextFrame);
        }
    }

    /// How many bytes the socket still holds; bounds what is handed to it.
    pub fn handle_buffered(&mut self, now: Duration, connection: ConnectionId, bytes: usize) {
        self.begin(now);
        if let Some(link) = self.link.as_mut().filter(|link| link.id == connection) {
            link.buffered = bytes;
        }
    }

    /// The socket is gone.
    pub fn handle_closed(&mut self, now: Duration, connection: ConnectionId, closed: Closed) {
        self.observe(now);
        if self.is_contender(connection) {
            return self.contender_closed(connection, closed);
        }
        if !self.is_current(connection) {
            return;
        }
        let Some(link) = self.link.take() else { return };
        let code = match closed {
            Closed::Refused(why) => return self.ended(CloseReason::AddressRefused(why)),
            Closed::Ended { code, .. } => code,
            // Only what has not opened is blocked.
            Closed::Blocked(_) => 1006,
        };
        match self.phase {
            Phase::Handshaking => {
                if !link.heard && self.guess_older_version(&link) {
                    return self.reopen(link.address);
                }
                self.ended(CloseReason::ClosedBeforeConnAck);
            }
            Phase::Connected
            | Phase::Draining
            | Phase::Opening
            | Phase::Closed
            | Phase::Restoring
            | Phase::Waiting
            | Phase::Suspended => {
                self.suspect(&link.trial, Blame::of_close(code));
                let reason = if self.is_name_in_use(&link, code) {
                    CloseReason::NameInUse
                } else {
                    CloseReason::Lost { code }
                };
                self.ended(reason);
            }
        }
    }

    /// Begins an attempt to connect.
    pub(crate) fn open(&mut self) {
        // Another page may have left the store meanwhile.
        let identity = self.options.as_ref().and_then(SessionOptions::identity);
        self.journal.choose(identity);
        if self.journal.is_loading() {
            self.phase = Phase::Restoring;
            return;
        }
        self.start_race();
        self.inbox.push(Event::Connecting {
            attempt: self.backoff.failures() + 1,
        });
    }

    /// CONNACK: we are in, or the reason why not.
    pub(crate) fn connack(&mut self, connack: &ConnAck) {
        let Some(link) = self.link.as_ref() else {
            return;
        };
        let older = connack.version != link.version
            && (connack.reason == ReasonCode::SUCCESS
                || connack.reason == ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
        if older || connack.reason == ReasonCode::UNSUPPORTED_PROTOCOL_VERSION {
            return self.other_version(connack);
        }
        if connack.reason.is_error() {
            return self.refused(connack, connack.reason);
        }
        if connack.session_present && !self.may_be_present(connack) {
            return;
        }
        if !connack.session_present {
            self.forget_server_session();
        }
        self.accepted(connack);
    }

    pub(crate) fn is_current(&self, connection: ConnectionId) -> bool {
        self.link.as_ref().is_some_and(|link| link.id == connection)
    }

    /// Opens again at once and without a word: the attempt goes on in another form.
    fn reopen(&mut self, address: usize) {
        self.connection_lost();
        self.contend(address);
    }

    /// A server of something else.
    fn wrong_subprotocol(&mut self, connection: ConnectionId) {
        self.actions.push_back(Action::Close {
            connection,
            code: crate::session::state::CLOSE_PROTOCOL_ERROR,
        });
        self.contender_failed(
            connection,
            CloseReason::Protocol(ProtocolError::Subprotocol),
        );
    }

    fn start_link(&mut self, contender: Contender) {
        let Some(options) = self.options.as_ref() else {
            return;
        };
        let Contender { id, address, .. } = contender;
        let Some(url) = options.urls.get(address) else {
            return;
        };
        let version = self.versions.next(options.version, url);
        self.link = Some(Connection {
            id,
            address,
            url: url.clone(),
            version,
            limits: ServerLimits::everything(options),
            decoder: Decoder::new(version, options.max_packet_bytes),
            control: BytesMut::new(),
            held: VecDeque::new(),
            buffered: 0,
            sent_bytes: 0,
            read_bytes: 0,
            asked_bytes: None,
            accepted: self.now,
            last_sent: self.now,
            last_received: self.now,
            heard: false,
            clean_start: self.wants_clean_start(options, version),
            ping_sent: None,
            grace_used: false,
            trial: Trial::after(&self.evidence),
            unacknowledged: PacketIdSet::default(),
            warned_of_excess: false,
            aliases_in: Vec::new(),
            aliases_out: TextMap::default(),
        });
    }

    /// 3.1.1 has one flag for "forget" and "remember nothing"; 5.0 says when to forget by the
    /// session's expiry, so a reconnect can find the session even of a client that started clean.
    fn wants_clean_start(&self, options: &SessionOptions, version: ProtocolVersion) -> bool {
        match version {
            // An empty name has no session. [MQTT-3.1.3-7]
            ProtocolVersion::V3_1_1 => options.clean_session || options.client_id.is_empty(),
            ProtocolVersion::V5_0 => {
                self.start_clean || (options.clean_session && !self.server_session)
            }
        }
    }

    fn accepted(&mut self, connack: &ConnAck) {
        let (Some(options), Some(link)) = (self.options.as_ref(), self.link.as_mut()) else {
            return;
        };
        link.accepted = self.now;
        self.candidate = link.address;
        // Nothing but CONNECT was sent so far.
        self.statistics.answer_time = Some(self.now.saturating_sub(link.last_sent));
        if link.version == ProtocolVersion::V5_0 {
            link.limits = ServerLimits::by(&connack.properties, options);
        }
        if link.limits.max_packet_bytes < LEAST_PACKET {
            // [MQTT5-3.2.2-15]
            let limit = link.limits.max_packet_bytes;
            return self.protocol_error(ProtocolError::NoRoom { limit });
        }
        self.server_session = match link.version {
            ProtocolVersion::V3_1_1 => !link.clean_start,
            ProtocolVersion::V5_0 => {
                let asked = options.session_expiry.as_secs() > 0;
                connack
                    .properties
                    .session_expiry_secs
                    .map_or(asked, |secs| secs > 0)
            }
        };
        let copies = match (
            link.limits.subscription_ids,
            options.subscription_identifiers,
        ) {
            (false, _) => Copies::Alike,
            (true, false) => Copies::Identified,
            (true, true) => Copies::Separate,
        };
        self.subscriptions
            .connected(copies, link.version == ProtocolVersion::V5_0);
        if connack.session_present {
            self.subscriptions.session_goes_on();
        }
        self.journal.put_head(self.server_session);
        self.versions.worked(&link.url, link.version);
        if let Some(assigned) = &connack.properties.assigned_client_id {
            self.assigned_client_id = Some(assigned.clone());
        }
        let client_id = self
            .assigned_client_id
            .as_ref()
            .unwrap_or(&options.client_id)
            .clone();
        let version = link.version;
        self.phase = Phase::Connected;
        self.start_clean = false;
        if std::mem::replace(&mut self.ever_connected, true) {
            self.statistics.reconnects = self.statistics.reconnects.saturating_add(1);
        }
        self.timers.clear(Timer::ConnectTotal);
        self.timers.clear(Timer::NextAddress);
        self.timers.set(Timer::Stable, self.now + STABLE);
        self.begin_quiet();
        self.restart_keep_alive();
        let session_present = connack.session_present;
        self.inbox.push(Event::Connected {
            session_present,
            version,
            client_id,
            properties: Box::new(connack.properties.clone()),
        });
    }

    /// Whether the server may have a session of ours; if not, what follows was begun.
    fn may_be_present(&mut self, connack: &ConnAck) -> bool {
        let Some(link) = self.link.as_ref() else {
            return false;
        };
        if link.clean_start {
            // [MQTT-3.2.2-1] [MQTT5-3.2.2-2]
            let what = "session present after a clean session";
            self.protocol_error(ProtocolError::Violation {
                packet: PacketType::ConnAck,
                what,
            });
            return false;
        }
        if self.server_session {
            return true;
        }
        if connack.version == ProtocolVersion::V5_0 && !self.may_go_on() {
            // It is not ours: start anew. [MQTT5-3.2.2-4]
            let address = link.address;
            self.start_clean = true;
            self.close(crate::session::state::CLOSE_NORMAL, BytesMut::new());
            self.reopen(address);
            return false;
        }
        // What an earlier run sent may still have its number there.
        if self.packet_ids.are_fresh() {
            self.packet_ids.go_on_from(self.backoff.number());
        }
        true
    }

    /// Whether a session that we know nothing of is that of an earlier run. Nothing of ours was on its
    /// way, and that is a state like any other: the session goes on. [MQTT5-3.2.2-4]
    fn may_go_on(&self) -> bool {
        let options = self.options.as_ref();
        options.is_some_and(|options| options.client_id_is_chosen && !options.clean_session)
    }

    /// The server speaks another version than we do.
    fn other_version(&mut self, connack: &ConnAck) {
        let Some((options, link)) = self.options.as_ref().zip(self.link.as_ref()) else {
            return;
        };
        let address = link.address;
        if self
            .versions
            .fall_back(options.version, &link.url, link.version)
        {
            self.close(crate::session::state::CLOSE_NORMAL, BytesMut::new());
            self.reopen(address);
        } else {
            self.refused(connack, ReasonCode::UNSUPPORTED_PROTOCOL_VERSION);
        }
    }

    fn guess_older_version(&mut self, link: &Connection) -> bool {
        let Some(options) = self.options.as_ref() else {
            return false;
        };
        self.versions
            .hung_up(options.version, &link.url, link.version)
    }

    fn refused(&mut self, connack: &ConnAck, reason: ReasonCode) {
        let refused = CloseReason::Refused {
            reason,
            return_code: connack.return_code,
            reason_string: connack.properties.reason_string.clone(),
            server_reference: connack.properties.server_reference.clone(),
        };
        self.fail(refused);
    }

    fn connect_packet(&self) -> Option<Connect> {
        let options = self.options.as_ref()?;
        let link = self.link.as_ref()?;
        let client_id = self
            .assigned_client_id
            .as_ref()
            .unwrap_or(&options.client_id);
        Some(Connect {
            client_id: client_id.clone(),
            clean_session: link.clean_start,
            keep_alive_secs: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
            user_name: filled(options.user_name.as_ref()),
            password: filled(options.password.as_ref()),
            will: options.will.clone(),
            properties: ConnectProperties {
                session_expiry_secs: u32::try_from(options.session_expiry.as_secs()).ok(),
                receive_maximum: NonZeroU16::new(options.receive_window),
                maximum_packet_size: u32::try_from(options.max_packet_bytes).ok(),
                topic_alias_maximum: Some(TOPIC_ALIASES_IN),
                user_properties: options.user_properties.clone(),
            },
        })
    }
}

/// An empty text box means "none", not "empty".
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}
