//! Where a session stands. Only this file changes that, and a state owns what exists only in it.

use std::time::Duration;

use bytes::BytesMut;

use super::agreed::journal::StoreError;
use super::clock::Timer;
use super::connection::{CLOSE_PROTOCOL_ERROR, Close, Connection};
use super::event::{CloseReason, Closed, ConnectionId, Event, PublishError, Warning};
use super::output::SUBPROTOCOL;
use super::parts::Parts;
use super::retry::evidence::{Blame, Evidence};
use super::retry::hosts::next_host;
use super::retry::race::{CLOSE_NORMAL, Race};
use super::retry::severity::is_of_network;
use super::wanted::options::SessionOptions;
use crate::codec::ProtocolError;
use crate::packet::{ProtocolVersion, ReasonCode};

/// How long `disconnect` waits for messages that are on their way.
const DRAIN: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) enum State {
    /// Nothing is tried.
    Closed,
    /// The page is hidden for good, or until the browser brings it back.
    Suspended,
    /// The pause before the next attempt.
    Waiting,
    /// The store is asked what an earlier page left.
    Restoring,
    /// Sockets are being opened.
    Opening(Race),
    /// CONNECT was sent; the race goes on if nothing comes of it.
    Handshaking(Race, Box<Connection>),
    /// CONNACK accepted us.
    Connected(Box<Connection>),
    /// The last messages before DISCONNECT, which may say how long the server keeps the session.
    Draining(Box<Connection>, Option<Duration>),
}

impl State {
    /// Connects with these options, unless that is so already or under way.
    pub(crate) fn connect(&mut self, options: SessionOptions, parts: &mut Parts) {
        let is_same = parts.wanted.options == options;
        let was_waiting = matches!(self, Self::Waiting);
        match self {
            Self::Restoring | Self::Opening(_) | Self::Handshaking(..) | Self::Connected(_)
                if is_same =>
            {
                return;
            }
            _ => self.leave_for_good(parts),
        }
        parts.choose(options);
        if !was_waiting {
            parts.retry.backoff.reset();
            parts.retry.evidence = Evidence::default();
        }
        self.open(parts);
    }

    /// Begins an attempt to connect. Another page may have left the journal meanwhile.
    pub(crate) fn open(&mut self, parts: &mut Parts) {
        if parts.agreed.choose(&parts.wanted.options) {
            *self = Self::Restoring;
            return;
        }
        let first = parts.retry.first_address;
        *self = Self::Opening(Race::start(first, &mut parts.course()));
        let attempt = parts.retry.backoff.failures() + 1;
        parts.out.emit(Event::Connecting { attempt });
    }

    /// The journal was read, or there is none.
    pub(crate) fn restored(&mut self, parts: &mut Parts) {
        if matches!(self, Self::Restoring) {
            self.open(parts);
        }
    }

    pub(crate) fn permitted(&mut self, id: ConnectionId, is_permitted: bool, parts: &mut Parts) {
        if let Self::Opening(race) = self
            && let Err(reason) = race.answered(id, is_permitted, &mut parts.course())
        {
            self.ended(reason, parts);
        }
    }

    /// The socket opened: it becomes the connection, if it is the first.
    pub(crate) fn opened(&mut self, id: ConnectionId, subprotocol: &str, parts: &mut Parts) {
        let Self::Opening(race) = self else { return };
        if !matches!(subprotocol, "" | SUBPROTOCOL) {
            // A server of something else.
            if race.take(id).is_some() {
                let reason = CloseReason::Protocol(ProtocolError::Subprotocol);
                parts.out.close(id, CLOSE_PROTOCOL_ERROR, BytesMut::new());
                self.ended(reason, parts);
            }
            return;
        }
        let Some(winner) = race.win(id, &mut parts.course()) else {
            return;
        };
        if subprotocol.is_empty() {
            parts.out.warn(Warning::NoSubprotocol);
        }
        let mut connection = Box::new(Connection::new(winner, parts));
        let sent = connection.send_connect(&parts.wanted.options, &parts.agreed);
        *self = Self::Handshaking(std::mem::take(race), connection);
        self.check(sent, parts);
    }

    pub(crate) fn accepted(&mut self) {
        *self = match self.take() {
            Self::Handshaking(_, connection) => Self::Connected(connection),
            other => other,
        };
    }

    /// All addresses that are being tried had their time.
    pub(crate) fn time_is_up(&mut self, parts: &mut Parts) {
        let opened = !matches!(self, Self::Opening(_));
        if let Self::Opening(race) = self {
            // A browser may open the sockets to one host one after the other: another one begins.
            let count = parts.wanted.options.urls.len().max(1);
            parts.retry.first_address = (parts.retry.first_address + 1) % count;
            race.time_is_up(&mut parts.out);
        }
        self.close(
            Close::Because(CloseReason::ConnectTimeout { opened }),
            parts,
        );
    }

    /// An address had its time: the next one gets a turn, too.
    pub(crate) fn head_start_over(&mut self, parts: &mut Parts) {
        match self {
            Self::Opening(race) => race.next(&mut parts.course()),
            Self::Handshaking(race, connection) => {
                race.was_silent(connection.address);
                let reason = CloseReason::ConnectTimeout { opened: true };
                self.close(Close::Because(reason), parts);
            }
            _ => {}
        }
    }

    /// The store cannot be used.
    pub(crate) fn store_failed(&mut self, error: StoreError, parts: &mut Parts) {
        if !parts.agreed.store_failed(error) {
            return;
        }
        match error {
            StoreError::InUse => {
                self.close(Close::Because(CloseReason::SessionInUse), parts);
                parts.leave_what_is_stored();
            }
            StoreError::Failed => {
                parts.out.warn(Warning::SessionNotKept);
                self.restored(parts);
            }
        }
    }

    /// Delivers what is on its way, then DISCONNECT.
    pub(crate) fn drain(&mut self, expiry: Option<Duration>, parts: &mut Parts) {
        *self = match self.take() {
            Self::Connected(connection) => {
                parts.clock.set(Timer::Drain, DRAIN);
                Self::Draining(connection, expiry)
            }
            other => other,
        };
        if !matches!(self, Self::Closed | Self::Draining(..)) {
            self.finish(parts);
        }
    }

    /// The page goes away.
    pub(crate) fn suspend(&mut self, parts: &mut Parts) {
        match self {
            Self::Closed | Self::Suspended => return,
            // Nobody wants this connection back.
            Self::Draining(..) => return self.finish(parts),
            _ => {}
        }
        self.leave(
            self.disconnect_reason(parts.wanted.options.will.is_some()),
            parts,
        );
        *self = Self::Suspended;
        parts.out.emit(Event::Disconnected {
            reason: CloseReason::ClosedByUser,
            retry_in: None,
        });
    }

    /// Ends everything for the user, with DISCONNECT where there is a connection.
    ///
    /// What is on its way in a session that the server keeps stays so for the next connection: its
    /// Packet Identifiers are in use there.
    pub(crate) fn finish(&mut self, parts: &mut Parts) {
        self.leave_for_good(parts);
        if parts.wanted.options.clean_session || !parts.agreed.is_on_server {
            // Nothing on the server is collected any more: what was on its way is as if never sent.
            parts.session_lost();
        }
        while let Some(queued) = parts.wanted.queue.pop() {
            parts.failed(queued.token, queued.stored, PublishError::Closed);
        }
        parts.retry.has_connected = false;
        parts.out.emit(Event::Disconnected {
            reason: CloseReason::ClosedByUser,
            retry_in: None,
        });
    }

    /// Lets go of a connection that somebody does not want any more.
    fn leave_for_good(&mut self, parts: &mut Parts) {
        let options = &parts.wanted.options;
        let is_will_due = options.will_on_disconnect && options.will.is_some();
        self.leave(self.disconnect_reason(is_will_due), parts);
    }

    /// With which DISCONNECT a connection ends; in 3.1.1 the will is published without one only.
    /// [MQTT-3.14.4-3]
    fn disconnect_reason(&self, is_will_due: bool) -> Option<ReasonCode> {
        match (is_will_due, self.version()) {
            (false, _) => Some(ReasonCode::SUCCESS),
            (true, ProtocolVersion::V3_1_1) => None,
            (true, ProtocolVersion::V5_0) => Some(ReasonCode::DISCONNECT_WITH_WILL),
        }
    }

    /// Lets go of everything, with DISCONNECT for this reason if the server accepted us.
    pub(crate) fn leave(&mut self, reason: Option<ReasonCode>, parts: &mut Parts) {
        let (connection, expiry) = match self.take() {
            Self::Connected(connection) => (connection, None),
            Self::Draining(connection, expiry) => (connection, expiry),
            Self::Handshaking(_, connection) => {
                parts
                    .out
                    .close(connection.id, CLOSE_NORMAL, BytesMut::new());
                return parts.connection_lost();
            }
            Self::Opening(mut race) => {
                race.close(&mut parts.out);
                return parts.connection_lost();
            }
            Self::Closed | Self::Suspended | Self::Waiting | Self::Restoring => {
                return parts.connection_lost();
            }
        };
        let mut connection = connection;
        let bytes = reason.map(|reason| connection.last_bytes(reason, expiry, parts));
        let bytes = bytes.unwrap_or_default();
        parts.out.close(connection.id, CLOSE_NORMAL, bytes);
        parts.connection_lost();
    }

    /// The socket is gone.
    pub(crate) fn lost(&mut self, id: ConnectionId, closed: Closed, parts: &mut Parts) {
        if let Self::Opening(race) = self {
            if let Some(reason) = race.lose(id, closed, parts.clock.now()) {
                self.ended(reason, parts);
            }
            return;
        }
        if self.of_socket(id).is_none() {
            return;
        }
        let code = match closed {
            Closed::Refused(why) => return self.ended(CloseReason::AddressRefused(why), parts),
            Closed::Ended { code, .. } => code,
            // Only what has not opened is blocked.
            Closed::Blocked(_) => 1006,
        };
        match self {
            Self::Handshaking(_, connection) => {
                let policy = parts.wanted.options.version;
                let versions = &mut parts.retry.versions;
                let (url, version) = (&connection.url, connection.version);
                if !connection.heard && versions.hung_up(policy, url, version) {
                    return self.reopen(parts);
                }
                self.ended(CloseReason::ClosedBeforeConnAck, parts);
            }
            Self::Connected(connection) | Self::Draining(connection, _) => {
                connection.quarantine.ended(Blame::of_close(code), parts);
                let reason = if connection.is_name_in_use(code, parts) {
                    CloseReason::NameInUse
                } else {
                    CloseReason::Lost { code }
                };
                self.ended(reason, parts);
            }
            _ => {}
        }
    }

    /// Ends the connection from our side. [MQTT-4.8.0-1] [MQTT5-4.13.1-1]
    pub(crate) fn close(&mut self, close: Close, parts: &mut Parts) {
        let is_up = self.up().is_some();
        if let Some(connection) = self.any() {
            let last = match &close {
                // 5.0 says what was wrong.
                Close::Protocol(error) if is_up && connection.version == ProtocolVersion::V5_0 => {
                    connection.last_bytes(error.reason(), None, parts)
                }
                _ => BytesMut::new(),
            };
            if let Some(blame) = close.blame().filter(|_| is_up) {
                connection.quarantine.ended(blame, parts);
            }
            parts.out.close(connection.id, close.code(), last);
        }
        match close.reason() {
            Some(reason) => self.ended(reason, parts),
            None => self.reopen(parts),
        }
    }

    /// Opens again at once and without a word: the attempt goes on in another form.
    fn reopen(&mut self, parts: &mut Parts) {
        *self = match self.take() {
            Self::Handshaking(mut race, connection) => {
                parts.connection_lost();
                race.contend(connection.address, &mut parts.course());
                Self::Opening(race)
            }
            other => other,
        };
    }

    /// The connection or the attempt is over: says why, and decides what follows.
    fn ended(&mut self, reason: CloseReason, parts: &mut Parts) {
        let was_accepted = self.up().is_some();
        self.begin_elsewhere(&reason, parts);
        let address = self.connection().map(|connection| connection.address);
        let reason = match self.take() {
            Self::Opening(mut race) | Self::Handshaking(mut race, _) => {
                match race.go_on(reason, address, &mut parts.course()) {
                    Ok(()) => {
                        *self = Self::Opening(race);
                        return;
                    }
                    Err(reason) => {
                        race.close(&mut parts.out);
                        reason
                    }
                }
            }
            // It was about to end anyway.
            Self::Draining(..) => return self.finish(parts),
            _ => reason,
        };
        if is_of_network(&reason) {
            parts.retry.evidence.clear();
        }
        parts.connection_lost();
        let retry_in = parts.next_attempt(&reason, was_accepted);
        if let Some(delay) = retry_in {
            parts.clock.set(Timer::Backoff, delay);
            *self = Self::Waiting;
        }
        parts.out.emit(Event::Disconnected { reason, retry_in });
    }

    /// A server that took us and did not keep us, or sent us away, is not the first of a cluster to be asked
    /// again. One that was lost later is: it may be the only one that has the session.
    fn begin_elsewhere(&self, reason: &CloseReason, parts: &mut Parts) {
        let Some(connection) = self.connection() else {
            return;
        };
        let is_sent_away = matches!(reason, CloseReason::Disconnected { .. });
        if is_sent_away || !connection.has_lasted(&parts.clock) {
            let next = next_host(&parts.wanted.options.urls, connection.address);
            parts.retry.first_address = next.unwrap_or(parts.retry.first_address);
        }
    }

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Closed)
    }
}
