//! What each input means in each state, and what is handed out.

use std::time::Duration;

use bytes::Bytes;

use super::clock::{Clock, Timer};
use super::connection::{Close, Connection};
use super::event::{self, ConnectionId, Event, Token};
use super::outbox::DueAck;
use super::output::Output;
use super::parts::Parts;
use super::state::State;
use super::wanted::pace::Road;
use crate::codec::{ProtocolError, PublishParts};
use crate::packet::ProtocolVersion;

impl State {
    /// The same for the application.
    pub(crate) const fn outer(&self) -> event::State {
        match self {
            Self::Closed | Self::Suspended => event::State::Closed,
            Self::Restoring | Self::Opening(_) | Self::Handshaking(..) => event::State::Connecting,
            Self::Connected(_) => event::State::Connected,
            Self::Draining(..) => event::State::Closing,
            Self::Waiting => event::State::Waiting,
        }
    }

    /// The version of the connection, or of the next one.
    pub(crate) fn version(&self) -> ProtocolVersion {
        let connection = self.connection();
        connection.map_or(ProtocolVersion::V5_0, |connection| connection.version)
    }

    pub(crate) fn connection(&self) -> Option<&Connection> {
        match self {
            Self::Handshaking(_, connection)
            | Self::Connected(connection)
            | Self::Draining(connection, _) => Some(connection),
            Self::Closed | Self::Suspended | Self::Waiting | Self::Restoring | Self::Opening(_) => {
                None
            }
        }
    }

    /// The connection of this socket. Late events of an older one are ignored.
    pub(crate) fn of_socket(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.any().filter(|connection| connection.id == id)
    }

    /// How the way to the server is for a new message.
    pub(crate) fn road(&self, parts: &Parts) -> Road {
        match self {
            Self::Connected(connection) => connection.road(&parts.wanted.pace),
            _ => Road::Closed,
        }
    }

    /// Writes a message that need not wait for its turn.
    pub(crate) fn write_at_once(
        &self,
        message: &PublishParts<'_>,
        parts: &mut Parts,
    ) -> Option<Token> {
        match self {
            Self::Connected(connection) => connection.write_at_once(message, parts),
            _ => None,
        }
    }

    /// Bytes came.
    pub(crate) fn received(&mut self, bytes: Bytes, parts: &mut Parts) {
        if let Some(connection) = self.any() {
            connection.received(bytes, parts.clock.now());
        }
        while self.receives(parts) {}
        if let Some(connection) = self.up() {
            connection.keep_alive.restart(&mut parts.clock);
        }
    }

    /// Takes one packet; `false` if no whole one is there.
    fn receives(&mut self, parts: &mut Parts) -> bool {
        let taken = match self {
            Self::Connected(connection) | Self::Draining(connection, _) => {
                connection.receive_next(parts)
            }
            Self::Handshaking(_, connection) => {
                let taken = connection.receive_first(parts);
                if matches!(taken, Ok(true)) {
                    self.accepted();
                }
                taken
            }
            Self::Closed | Self::Suspended | Self::Waiting | Self::Restoring | Self::Opening(_) => {
                return false;
            }
        };
        match taken {
            Ok(is_taken) => is_taken,
            Err(close) => {
                self.close(close, parts);
                true
            }
        }
    }

    /// The server broke the protocol.
    pub(crate) fn broken(&mut self, id: ConnectionId, error: ProtocolError, parts: &mut Parts) {
        if self.of_socket(id).is_some() {
            self.close(error.into(), parts);
        }
    }

    /// The application took a message: its acknowledgement is due.
    fn taken(&mut self, ack: DueAck, parts: &mut Parts) {
        match self.up() {
            Some(connection) => {
                let acknowledged = connection.taken(ack, &mut parts.agreed);
                self.check(acknowledged, parts);
            }
            None => parts.agreed.taken(ack),
        }
    }

    /// What is to be done with sockets and the store.
    pub(crate) fn work(&mut self, parts: &mut Parts) -> Option<Output> {
        if let Some(request) = parts.agreed.journal.next_request(parts.clock.now()) {
            return Some(Output::Store(request));
        }
        // What was sent just now is measured before more is sent.
        let output = self.measure().or_else(|| self.transmit(parts));
        let output = output.or_else(|| self.measure());
        // A message that waited for the store goes first: else it might wait for ever.
        if output.is_some()
            || parts.out.next_is_emitted_once() && !parts.agreed.journal.is_writing()
        {
            return output;
        }
        // Sending changes what is to be stored.
        let commit = parts.agreed.journal.next_commit(parts.clock.now());
        commit.map(Output::Store)
    }

    /// The next event for the application. That it takes a message acknowledges it.
    pub(crate) fn next_event(&mut self, parts: &mut Parts) -> Option<Event> {
        if parts.out.is_paused {
            return None;
        }
        self.take_acknowledgements_without_event(parts);
        // What a page that ends got and has not stored, the next one gets too.
        if parts.out.next_is_emitted_once() && parts.agreed.journal.is_writing() {
            return None;
        }
        let (event, ack) = parts.out.pop()?;
        if let Some(ack) = ack {
            self.taken(ack, parts);
        }
        self.take_acknowledgements_without_event(parts);
        event
    }

    fn take_acknowledgements_without_event(&mut self, parts: &mut Parts) {
        while let Some(ack) = parts.out.pop_ack() {
            self.taken(ack, parts);
        }
    }

    /// What is to be sent.
    fn transmit(&mut self, parts: &mut Parts) -> Option<Output> {
        loop {
            if let Some(output) = parts.out.next_of_sockets() {
                return Some(output);
            }
            let (sent, is_draining) = match self {
                Self::Handshaking(_, connection) => {
                    (Ok(connection.transmit_first(parts.clock.now())), false)
                }
                Self::Connected(connection) => (connection.transmit(false, parts), false),
                Self::Draining(connection, _) => (connection.transmit(true, parts), true),
                _ => return None,
            };
            match sent {
                Ok(Some(bytes)) => {
                    let connection = self.any()?.id;
                    return Some(Output::Send { connection, bytes });
                }
                Ok(None) if is_draining && parts.is_all_delivered() => self.finish(parts),
                Ok(None) => return None,
                Err(close) => self.close(close, parts),
            }
        }
    }

    /// Whether the caller is to say what a socket holds.
    fn measure(&mut self) -> Option<Output> {
        let current = self.any()?;
        let connection = current.id;
        let is_due = current.outgoing.takes_measure();
        is_due.then_some(Output::Measure { connection })
    }

    /// Deadlines that passed. What came first counts first.
    pub(crate) fn expire(&mut self, parts: &mut Parts, these: fn(Timer) -> bool) {
        while let Some((timer, due)) = parts.clock.take_expired(these) {
            self.expired(timer, due, parts);
        }
    }

    fn expired(&mut self, timer: Timer, due: Duration, parts: &mut Parts) {
        match timer {
            Timer::ConnectTotal => self.time_is_up(parts),
            Timer::NextAddress => self.head_start_over(parts),
            Timer::KeepAlive => self.with_connection(parts, Connection::ping),
            Timer::PingResponse => {
                self.with_connection(parts, |connection, clock| {
                    connection.keep_alive.unanswered(due, clock)
                });
            }
            Timer::Stable => {
                parts.retry.backoff.reset();
                parts.retry.evidence.proved_stable();
                if let Some(connection) = self.any() {
                    connection.quarantine.lift();
                }
            }
            Timer::Measure => {
                if let Some(connection) = self.any() {
                    connection.outgoing.measure_again();
                }
            }
            Timer::AskAgain => parts.agreed.subscriptions.ask_again_now(),
            // What waited is sent with everything else.
            Timer::Quiet | Timer::Publish => {}
            Timer::Backoff => self.open(parts),
            Timer::Drain => self.finish(parts),
        }
    }

    /// The network is back: tries now, or checks that the connection lived through it.
    pub(crate) fn online(&mut self, parts: &mut Parts) {
        match self {
            Self::Waiting | Self::Suspended => self.open(parts),
            _ => self.wake(parts),
        }
    }

    /// Something may have happened to the connection.
    pub(crate) fn wake(&mut self, parts: &mut Parts) {
        if matches!(self, Self::Connected(_)) {
            self.with_connection(parts, Connection::check_alive);
        }
    }

    /// What was done on the connection may have shown that it must end.
    pub(crate) fn check(&mut self, done: Result<(), Close>, parts: &mut Parts) {
        if let Err(close) = done {
            self.close(close, parts);
        }
    }

    fn with_connection(
        &mut self,
        parts: &mut Parts,
        act: impl FnOnce(&mut Connection, &mut Clock) -> Result<(), Close>,
    ) {
        if let Some(connection) = self.up() {
            let done = act(connection, &mut parts.clock);
            self.check(done, parts);
        }
    }

    /// The connection that the server accepted.
    pub(crate) fn up(&mut self) -> Option<&mut Connection> {
        match self {
            Self::Connected(connection) | Self::Draining(connection, _) => Some(connection),
            _ => None,
        }
    }

    pub(crate) fn any(&mut self) -> Option<&mut Connection> {
        match self {
            Self::Handshaking(_, connection)
            | Self::Connected(connection)
            | Self::Draining(connection, _) => Some(connection),
            _ => None,
        }
    }
}
