//! One connection: opening, CONNECT and CONNACK, keep-alive, its end and what follows.

use std::time::Duration;

use super::event::{Action, CloseReason, Closed, ConnectionId, Event, PublishError, Warning};
use super::reason::{Severity, severity};
use super::timers::Timer;
use super::{Session, SessionOptions};
use crate::codec::{self, Decoder, ProtocolError};
use crate::packet::{ConnAck, Connect, ConnectProperties, Disconnect, Packet, PacketType};

/// The subprotocol of MQTT over WebSocket. [MQTT-6.0.0-3]
const SUBPROTOCOL: &str = "mqtt";

/// The normal close code.
const CLOSE_NORMAL: u16 = 1000;

/// The close code after a protocol error; browsers allow no code below 3000 but 1000.
const CLOSE_PROTOCOL_ERROR: u16 = 4002;

/// A connection that lasted this long forgets the failures before it.
const STABLE: Duration = Duration::from_secs(30);

/// A connection that the server closed sooner than this after CONNACK had a short life.
const SHORT_LIFE: Duration = Duration::from_secs(10);

/// How many short lives in a row mean that two clients share a name.
const SHORT_LIVES: u32 = 3;

/// How long PINGRESP may take when there is doubt about the connection.
const WAKE_PING: Duration = Duration::from_secs(3);

/// A timer that fires later than this was held up, and so were the bytes behind it.
const LATE: Duration = Duration::from_secs(2);

/// Where the session stands, in more detail than `State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is tried.
    Closed,
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
pub(super) struct Link {
    pub(super) id: ConnectionId,
    pub(super) decoder: Decoder,
    /// Whole packets that are sent before any message.
    pub(super) control: Vec<u8>,
    /// How many bytes the socket has not sent yet, as far as we know.
    pub(super) buffered: usize,
    /// When opening began.
    began: Duration,
    /// When CONNACK came.
    accepted: Duration,
    pub(super) last_sent: Duration,
    pub(super) last_received: Duration,
    /// When the PINGREQ was sent whose answer is awaited. [MQTT-3.1.2-23]
    ping_sent: Option<Duration>,
    /// The answer was late once already.
    grace_used: bool,
}

impl Session {
    /// The socket opened. `subprotocol` is what the server selected.
    pub fn handle_opened(&mut self, now: Duration, connection: ConnectionId, subprotocol: &str) {
        self.observe(now);
        if !self.is_current(connection) || self.phase != Phase::Opening {
            return;
        }
        match subprotocol {
            SUBPROTOCOL => {}
            "" => self.inbound.push(Event::Warning(Warning::NoSubprotocol)),
            _ => return self.protocol_error(ProtocolError::Subprotocol),
        }
        self.phase = Phase::Handshaking;
        let Some(connect) = self.options.as_ref().map(connect_packet) else {
            return;
        };
        self.send_control(&Packet::Connect(Box::new(connect)));
    }

    /// A text frame came; MQTT knows binary frames only. [MQTT-6.0.0-1]
    pub fn handle_text(&mut self, now: Duration, connection: ConnectionId) {
        self.observe(now);
        if self.is_current(connection) {
            self.protocol_error(ProtocolError::TextFrame);
        }
    }

    /// The socket is gone.
    pub fn handle_closed(&mut self, now: Duration, connection: ConnectionId, closed: Closed) {
        self.observe(now);
        if !self.is_current(connection) {
            return;
        }
        let Some(link) = self.link.take() else { return };
        let reason = match closed {
            Closed::Refused(why) => CloseReason::AddressRefused(why),
            Closed::Ended { code, .. } => match self.phase {
                Phase::Opening => CloseReason::NeverOpened {
                    after: self.now.saturating_sub(link.began),
                },
                Phase::Handshaking => CloseReason::ClosedBeforeConnAck,
                Phase::Draining
                | Phase::Connected
                | Phase::Closed
                | Phase::Waiting
                | Phase::Suspended => self.lost_reason(&link, code),
            },
        };
        self.ended(reason);
    }

    /// How many bytes the socket still holds; bounds what is handed to it.
    pub fn handle_buffered(&mut self, now: Duration, connection: ConnectionId, bytes: usize) {
        self.observe(now);
        if let Some(link) = self.link.as_mut().filter(|link| link.id == connection) {
            link.buffered = bytes;
        }
    }

    /// The network is back: try now, or check that the connection lived through it.
    pub fn handle_online(&mut self, now: Duration) {
        self.observe(now);
        match self.phase {
            Phase::Waiting | Phase::Suspended => self.open(),
            Phase::Connected => self.check_link(),
            Phase::Closed | Phase::Opening | Phase::Handshaking | Phase::Draining => {}
        }
    }

    /// Something may have happened to the connection (the computer slept, the network went away,
    /// the tab came back): ask the server, with little patience.
    pub fn handle_wake(&mut self, now: Duration) {
        self.observe(now);
        if self.phase == Phase::Connected {
            self.check_link();
        }
    }

    /// The page goes away. Nothing is awaited; if the browser brings the page back,
    /// [`handle_online`](Self::handle_online) connects again.
    ///
    /// With a will, the connection ends without DISCONNECT, so that the server publishes it: who
    /// closes the tab has disappeared. [MQTT-3.14.4-3]
    pub fn handle_unload(&mut self, now: Duration) {
        self.observe(now);
        if matches!(self.phase, Phase::Closed | Phase::Suspended) {
            return;
        }
        if self
            .options
            .as_ref()
            .is_some_and(|options| options.will.is_some())
        {
            self.close(CLOSE_NORMAL, Vec::new());
        } else {
            self.say_goodbye();
        }
        self.connection_lost();
        self.phase = Phase::Suspended;
        self.inbound.push(Event::Disconnected {
            reason: CloseReason::ClosedByUser,
            retry_in: None,
        });
    }

    /// Some deadline may have passed.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.observe(now);
        while let Some((timer, due)) = self.timers.take_expired(self.now) {
            self.expire(timer, due);
        }
    }

    fn expire(&mut self, timer: Timer, due: Duration) {
        match timer {
            Timer::ConnectTotal => {
                let opened = self.phase == Phase::Handshaking;
                self.fail(CloseReason::ConnectTimeout { opened }, CLOSE_NORMAL);
            }
            Timer::KeepAlive => {
                let patience = self.options.as_ref().map(|options| options.ping_timeout);
                self.ping(patience.unwrap_or(WAKE_PING));
            }
            Timer::PingResponse => self.ping_unanswered(due),
            Timer::Stable => {
                self.backoff.reset();
                self.slow_failures = 0;
                self.short_lives = 0;
            }
            Timer::Backoff => self.open(),
            Timer::Drain => self.finish(),
        }
    }

    /// Begins an attempt to connect.
    pub(super) fn open(&mut self) {
        let Some(options) = self.options.as_ref() else {
            return;
        };
        let count = options.urls.len().max(1);
        let Some(url) = options.urls.get(self.candidate % count).cloned() else {
            return;
        };
        self.timers.clear_all();
        self.timers
            .set(Timer::ConnectTotal, self.now + options.connect_timeout);
        self.last_connection = self.last_connection.wrapping_add(1);
        let connection = ConnectionId(self.last_connection);
        self.link = Some(Link {
            id: connection,
            decoder: Decoder::new(self.version(), options.max_packet_bytes),
            control: Vec::new(),
            buffered: 0,
            began: self.now,
            accepted: self.now,
            last_sent: self.now,
            last_received: self.now,
            ping_sent: None,
            grace_used: false,
        });
        self.phase = Phase::Opening;
        self.actions.push_back(Action::Open {
            connection,
            url,
            subprotocol: SUBPROTOCOL,
        });
        self.inbound.push(Event::Connecting {
            attempt: self.backoff.failures() + 1,
        });
    }

    /// CONNACK: we are in, or the reason why not.
    pub(super) fn connack(&mut self, connack: &ConnAck) {
        if connack.reason.is_error() {
            let refused = CloseReason::Refused {
                reason: connack.reason,
                return_code: connack.return_code,
            };
            return self.fail(refused, CLOSE_NORMAL);
        }
        let clean = self
            .options
            .as_ref()
            .is_none_or(|options| options.clean_session);
        if clean && connack.session_present {
            // [MQTT-3.2.2-1]
            let what = "session present after a clean session";
            return self.protocol_error(ProtocolError::Violation {
                packet: PacketType::ConnAck,
                what,
            });
        }
        if !connack.session_present {
            self.forget_server_session();
        }
        self.phase = Phase::Connected;
        self.failed_candidates = 0;
        if std::mem::replace(&mut self.ever_connected, true) {
            self.statistics.reconnects = self.statistics.reconnects.saturating_add(1);
        }
        if let Some(link) = self.link.as_mut() {
            link.accepted = self.now;
        }
        self.timers.clear(Timer::ConnectTotal);
        self.timers.set(Timer::Stable, self.now + STABLE);
        self.restart_keep_alive();
        self.inbound.push(Event::Connected {
            session_present: connack.session_present,
        });
    }

    /// PINGRESP; one that nobody asked for means nothing.
    pub(super) fn ping_answered(&mut self) {
        if let Some(link) = self.link.as_mut() {
            link.ping_sent = None;
        }
        self.timers.clear(Timer::PingResponse);
        self.restart_keep_alive();
    }

    /// Something was sent or received: the next PINGREQ is due one keep-alive time after the older
    /// of both. A client that sends all the time still notices a server that fell silent.
    pub(super) fn restart_keep_alive(&mut self) {
        let Some(options) = self.options.as_ref() else {
            return;
        };
        let Some(link) = self.link.as_ref() else {
            return;
        };
        let up = matches!(self.phase, Phase::Connected | Phase::Draining);
        if up && link.ping_sent.is_none() && !options.keep_alive.is_zero() {
            let due = link.last_sent.min(link.last_received) + options.keep_alive;
            self.timers.set(Timer::KeepAlive, due);
        }
    }

    /// The server broke the protocol. [MQTT-4.8.0-1]
    pub(super) fn protocol_error(&mut self, error: ProtocolError) {
        self.fail(CloseReason::Protocol(error), CLOSE_PROTOCOL_ERROR);
    }

    /// Ends the connection for a reason that is not the socket's own.
    pub(super) fn fail(&mut self, reason: CloseReason, code: u16) {
        self.close(code, Vec::new());
        self.ended(reason);
    }

    /// Ends everything at the user's wish, with DISCONNECT where there is a connection.
    pub(super) fn finish(&mut self) {
        self.say_goodbye();
        for (token, packet_id) in self.outbound.clear() {
            self.packet_ids.release(packet_id);
            self.publish_failed(token, PublishError::Closed);
        }
        while let Some(queued) = self.queue.pop() {
            self.publish_failed(queued.token, PublishError::Closed);
        }
        self.ever_connected = false;
        self.ended(CloseReason::ClosedByUser);
    }

    /// Sends DISCONNECT if the server accepted us, and closes the socket. Nothing is sent after it.
    /// [MQTT-3.14.4-1] [MQTT-3.14.4-2]
    pub(super) fn say_goodbye(&mut self) {
        let mut farewell = Vec::new();
        if matches!(self.phase, Phase::Connected | Phase::Draining) {
            farewell = self
                .link
                .as_mut()
                .map(|link| std::mem::take(&mut link.control))
                .unwrap_or_default();
            let disconnect = Packet::Disconnect(Disconnect::default());
            // Only a field that we do not fill could make this fail; closing is goodbye enough.
            let _ = codec::encode(&disconnect, self.version(), usize::MAX, &mut farewell);
        }
        self.close(CLOSE_NORMAL, farewell);
        self.connection_lost();
    }

    /// What the server knew of this client is void: its numbers are free, messages on their way
    /// are published anew, and every filter is subscribed to again. [MQTT-3.1.2-6]
    pub(super) fn forget_server_session(&mut self) {
        self.inbound.session_lost();
        self.subscriptions.session_lost();
        let (again, delivered, freed) = self.outbound.session_lost();
        for packet_id in freed {
            self.packet_ids.release(packet_id);
        }
        for token in delivered {
            self.inbound.push(Event::Published { token });
        }
        for queued in again.into_iter().rev() {
            self.queue.push_front(queued);
        }
    }

    fn check_link(&mut self) {
        let waits = self
            .link
            .as_ref()
            .is_some_and(|link| link.ping_sent.is_some());
        if waits {
            self.timers.set(Timer::PingResponse, self.now + WAKE_PING);
        } else {
            self.ping(WAKE_PING);
        }
    }

    fn ping(&mut self, patience: Duration) {
        let Some(link) = self.link.as_mut() else {
            return;
        };
        link.ping_sent = Some(self.now);
        link.grace_used = false;
        self.timers.clear(Timer::KeepAlive);
        self.timers.set(Timer::PingResponse, self.now + patience);
        self.send_control(&Packet::PingReq);
    }

    /// A timer that was held up proves nothing, and other bytes prove that the server lives: both
    /// earn one more period.
    fn ping_unanswered(&mut self, due: Duration) {
        let Some(link) = self.link.as_mut() else {
            return;
        };
        let sent = link.ping_sent.unwrap_or(due);
        let doubtful = self.now.saturating_sub(due) > LATE || link.last_received > sent;
        if doubtful && !link.grace_used {
            link.grace_used = true;
            let again = self.now + due.saturating_sub(sent).max(WAKE_PING);
            return self.timers.set(Timer::PingResponse, again);
        }
        self.fail(CloseReason::PingTimeout, CLOSE_NORMAL);
    }

    /// Closes the socket after its last bytes.
    fn close(&mut self, code: u16, farewell: Vec<u8>) {
        let Some(link) = self.link.take() else { return };
        if farewell.is_empty() {
            self.actions.push_back(Action::Close {
                connection: link.id,
                code,
            });
        } else {
            self.farewell = Some((link.id, farewell));
        }
    }

    /// The connection is over: says why, and decides what follows.
    fn ended(&mut self, reason: CloseReason) {
        if self.phase == Phase::Draining && reason != CloseReason::ClosedByUser {
            // It was about to end anyway.
            return self.finish();
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
        self.inbound.push(Event::Disconnected { reason, retry_in });
    }

    fn next_attempt(&mut self, reason: &CloseReason) -> Option<Duration> {
        let options = self.options.as_ref().filter(|options| options.reconnect)?;
        let candidates = options.urls.len();
        let slow = match severity(reason) {
            Severity::Terminal => return None,
            Severity::Slow { attempts } => {
                self.slow_failures += 1;
                if self.slow_failures >= attempts {
                    return None;
                }
                true
            }
            Severity::Retry => false,
        };
        let address_may_be_wrong = matches!(
            reason,
            CloseReason::NeverOpened { .. }
                | CloseReason::ClosedBeforeConnAck
                | CloseReason::ConnectTimeout { .. }
        );
        if address_may_be_wrong {
            self.candidate = (self.candidate + 1) % candidates;
            self.failed_candidates += 1;
            if self.failed_candidates < candidates {
                return Some(Duration::ZERO);
            }
            self.failed_candidates = 0;
        }
        Some(self.backoff.next_delay(slow))
    }

    /// A chosen name that gets us thrown out again and again is probably used twice: 3.1.1 servers
    /// cannot say so. [MQTT-3.1.4-2]
    fn lost_reason(&mut self, link: &Link, code: u16) -> CloseReason {
        let chosen = self
            .options
            .as_ref()
            .is_some_and(|options| options.client_id_is_chosen);
        if chosen && self.now.saturating_sub(link.accepted) < SHORT_LIFE {
            self.short_lives += 1;
            if self.short_lives >= SHORT_LIVES {
                return CloseReason::NameInUse;
            }
        } else {
            self.short_lives = 0;
        }
        CloseReason::Lost { code }
    }

    fn connection_lost(&mut self) {
        self.timers.clear_all();
        self.outbound.connection_lost();
        for packet_id in self.subscriptions.connection_lost() {
            self.packet_ids.release(packet_id);
        }
    }

    pub(super) fn is_current(&self, connection: ConnectionId) -> bool {
        self.link.as_ref().is_some_and(|link| link.id == connection)
    }
}

fn connect_packet(options: &SessionOptions) -> Connect {
    Connect {
        client_id: options.client_id.clone(),
        clean_session: options.clean_session,
        keep_alive_secs: u16::try_from(options.keep_alive.as_secs()).unwrap_or(u16::MAX),
        user_name: filled(options.user_name.as_ref()),
        password: filled(options.password.as_ref()),
        will: options.will.clone(),
        properties: ConnectProperties::default(),
    }
}

/// An empty text box means "none", not "empty".
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}
