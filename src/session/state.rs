//! The end of a connection, and what follows it.

use std::time::Duration;

use bytes::BytesMut;

use crate::codec::{self, ProtocolError};
use crate::packet::{Disconnect, Packet, ProtocolVersion, ReasonCode};
use crate::session::Session;
use crate::session::connection::Phase;
use crate::session::event::{Action, CloseReason, Event, PublishError};
use crate::session::retry::evidence::Blame;
use crate::session::retry::severity::{Severity, severity};
use crate::session::timers::Timer;

/// The normal close code.
pub(crate) const CLOSE_NORMAL: u16 = 1000;

/// The close code after a protocol error; browsers allow no code below 3000 but 1000.
pub(crate) const CLOSE_PROTOCOL_ERROR: u16 = 4002;

impl Session {
    /// The page goes away. Nothing is awaited; if the browser brings the page back,
    /// [`handle_online`](Self::handle_online) connects again.
    ///
    /// A will is left to the server to be published: who closes the tab has disappeared. 3.1.1 does
    /// so by ending without DISCONNECT, 5.0 says so in it. [MQTT-3.14.4-3] [MQTT5-3.14.4-3]
    pub fn handle_unload(&mut self, now: Duration) {
        self.observe(now);
        if matches!(self.phase, Phase::Closed | Phase::Suspended) {
            return;
        }
        if self.phase == Phase::Draining {
            // Nobody wants this connection back.
            return self.finish();
        }
        let has_will = self
            .options
            .as_ref()
            .is_some_and(|options| options.will.is_some());
        match (has_will, self.version()) {
            (false, _) => self.say_goodbye(ReasonCode::SUCCESS),
            (true, ProtocolVersion::V3_1_1) => self.close(CLOSE_NORMAL, BytesMut::new()),
            (true, ProtocolVersion::V5_0) => self.say_goodbye(ReasonCode::DISCONNECT_WITH_WILL),
        }
        self.connection_lost();
        self.phase = Phase::Suspended;
        let reason = CloseReason::ClosedByUser;
        self.inbox.push(Event::Disconnected {
            reason,
            retry_in: None,
        });
    }

    /// The server broke the protocol: 5.0 says what was wrong, both close.
    /// [MQTT-4.8.0-1] [MQTT5-4.13.1-1]
    pub(crate) fn protocol_error(&mut self, error: ProtocolError) {
        let farewell = match self.version() {
            ProtocolVersion::V3_1_1 => BytesMut::new(),
            ProtocolVersion::V5_0 => self.farewell(error.reason()),
        };
        self.suspect_link(Blame::DOUBTFUL);
        self.close(CLOSE_PROTOCOL_ERROR, farewell);
        self.ended(CloseReason::Protocol(error));
    }

    /// Ends the connection for a reason that is not the socket's own.
    pub(crate) fn fail(&mut self, reason: CloseReason) {
        self.close(CLOSE_NORMAL, BytesMut::new());
        self.ended(reason);
    }

    /// Ends everything at the user's wish, with DISCONNECT where there is a connection.
    ///
    /// What is on its way in a session that the server keeps stays so for the next connection: its
    /// Packet Identifiers are in use there.
    pub(crate) fn finish(&mut self) {
        self.say_goodbye(ReasonCode::SUCCESS);
        let is_clean = self
            .options
            .as_ref()
            .is_none_or(|options| options.clean_session);
        if is_clean || !self.server_session {
            // Nothing on the server is collected any more: what was on its way is as if never sent.
            self.forget_server_session();
        }
        while let Some(queued) = self.queue.pop() {
            self.journal.remove_message(queued.kept);
            self.publish_failed(queued.token, PublishError::Closed);
        }
        self.ever_connected = false;
        self.last_expiry = None;
        self.ended(CloseReason::ClosedByUser);
    }

    /// Sends DISCONNECT if the server accepted us, and closes the socket. Nothing is sent after it.
    /// [MQTT-3.14.4-1] [MQTT-3.14.4-2]
    pub(crate) fn say_goodbye(&mut self, reason: ReasonCode) {
        let farewell = self.farewell(reason);
        self.close(CLOSE_NORMAL, farewell);
        self.connection_lost();
    }

    /// Closes the socket after its last bytes.
    pub(crate) fn close(&mut self, code: u16, farewell: BytesMut) {
        let Some(link) = self.link.take() else { return };
        let close = Action::Close {
            connection: link.id,
            code,
        };
        if farewell.is_empty() {
            self.actions.push_back(close);
        } else {
            self.farewell = Some((link.id, farewell, close));
        }
    }

    /// The connection is over: says why, and decides what follows.
    pub(crate) fn ended(&mut self, reason: CloseReason) {
        if self.phase == Phase::Draining && reason != CloseReason::ClosedByUser {
            // It was about to end anyway.
            return self.finish();
        }
        let Some(reason) = self.end_of_race(reason) else {
            return;
        };
        if is_of_network(&reason) {
            self.evidence.acquit();
        }
        self.connection_lost();
        let retry_in = self.next_attempt(&reason);
        self.phase = if retry_in.is_some() {
            Phase::Waiting
        } else {
            Phase::Closed
        };
        if let Some(delay) = retry_in {
            self.timers.set(Timer::Backoff, self.now + delay);
        }
        self.inbox.push(Event::Disconnected { reason, retry_in });
    }

    /// What the server knew of this client is void: its numbers are free, messages on their way
    /// are published anew, and every filter is subscribed to again. [MQTT-3.1.2-6] [MQTT5-3.2.2-5]
    pub(crate) fn forget_server_session(&mut self) {
        self.server_session = false;
        if self.journal.is_on() {
            self.journal.put_head(false);
            for packet_id in self.inbox.unreleased() {
                self.journal.remove_received(packet_id);
            }
        }
        self.inbox.session_lost();
        self.subscriptions.session_lost();
        let lost = self.in_flight.session_lost();
        for packet_id in lost.freed {
            self.packet_ids.release(packet_id);
        }
        for ended in lost.delivered {
            self.journal.remove_message(ended.kept);
            self.inbox.push(Event::Published { token: ended.token });
        }
        for queued in lost.again.into_iter().rev() {
            self.journal.remove_place(queued.kept);
            self.queue.push_front(queued);
        }
    }

    pub(crate) fn connection_lost(&mut self) {
        self.timers.clear_all();
        self.close_contenders();
        self.in_flight.connection_lost();
        for packet_id in self.subscriptions.connection_lost() {
            self.packet_ids.release(packet_id);
        }
    }

    /// What is left to be sent, and DISCONNECT; nothing where the server has not accepted us.
    fn farewell(&mut self, reason: ReasonCode) -> BytesMut {
        let Some(link) = self.link.as_mut() else {
            return BytesMut::new();
        };
        if !matches!(self.phase, Phase::Connected | Phase::Draining) {
            return BytesMut::new();
        }
        let mut farewell = BytesMut::new();
        while let Some(bytes) = link.next_held(&self.journal) {
            farewell.unsplit(bytes);
        }
        // What depends on a change that is not stored is sent by the next connection.
        if self.journal.waits_for().is_none() {
            farewell.unsplit(std::mem::take(&mut link.control));
        }
        let version = link.version;
        let limit = link.limits.max_packet_bytes;
        let expiry = self.expiry_of_goodbye(reason, version);
        if expiry == Some(0) {
            self.forget_server_session();
        }
        let disconnect = Packet::Disconnect(Disconnect {
            reason: if version == ProtocolVersion::V5_0 {
                reason
            } else {
                ReasonCode::SUCCESS
            },
            session_expiry_secs: expiry,
            ..Disconnect::default()
        });
        // Where this does not fit, closing is goodbye enough. [MQTT5-3.2.2-15]
        let _ = codec::encode(&disconnect, version, limit, &mut farewell);
        farewell
    }

    /// How long the server keeps the session from DISCONNECT on, where that is not what CONNECT said.
    fn expiry_of_goodbye(&mut self, reason: ReasonCode, version: ProtocolVersion) -> Option<u32> {
        let wish = self.last_expiry.take();
        let options = self.options.as_ref()?;
        if reason != ReasonCode::SUCCESS || !self.server_session {
            return None;
        }
        // A random name never comes back: the server need not remember it.
        let wish = wish.or_else(|| options.clean_session.then_some(Duration::ZERO))?;
        // Where CONNECT said 0, nothing else may follow. [MQTT5-3.14.2.2.2]
        if version == ProtocolVersion::V3_1_1 || options.session_expiry.as_secs() == 0 {
            return options.clean_session.then_some(0);
        }
        u32::try_from(wish.as_secs()).ok()
    }

    fn next_attempt(&mut self, reason: &CloseReason) -> Option<Duration> {
        self.options.as_ref().filter(|options| options.reconnect)?;
        let is_accepted = matches!(self.phase, Phase::Connected | Phase::Draining);
        let slow = match severity(reason, is_accepted) {
            Severity::Terminal => return None,
            // What is to blame is looked for, and then no longer sent.
            Severity::Slow => !self.evidence.is_on(),
            Severity::Retry => false,
        };
        Some(self.backoff.next_delay(slow))
    }
}

/// What no message of ours can be the reason for.
const fn is_of_network(reason: &CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::NeverOpened { .. }
            | CloseReason::ClosedBeforeConnAck
            | CloseReason::ConnectTimeout { .. }
            | CloseReason::PingTimeout
    )
}
