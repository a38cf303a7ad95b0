//! Whether the server is still there.

use std::time::Duration;

use super::{Close, Connection};
use crate::packet::Packet;
use crate::session::event::CloseReason;
use crate::session::parts::Parts;
use crate::session::timers::{Timer, Timers};

/// How long PINGRESP may take when there is doubt about the connection.
const WAKE_PING: Duration = Duration::from_secs(3);

/// A timer that fires later than this was held up, and so were the bytes behind it.
const LATE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct KeepAlive {
    pub(crate) last_sent: Duration,
    pub(crate) last_received: Duration,
    /// When the PINGREQ was sent whose answer is awaited. [MQTT-3.1.2-23]
    ping_sent: Option<Duration>,
    /// The answer was late once already.
    grace_used: bool,
}

impl KeepAlive {
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            last_sent: now,
            last_received: now,
            ping_sent: None,
            grace_used: false,
        }
    }

    pub(crate) const fn awaits_answer(&self) -> bool {
        self.ping_sent.is_some()
    }

    /// Something was sent or received: the next PINGREQ is due three quarters of the keep-alive time
    /// after the older of both. A client that sends all the time still notices a server that fell
    /// silent; and the whole time would be late for servers and proxies that count the same 60 s.
    /// [MQTT-3.1.2-23] [MQTT5-3.1.2-20]
    pub(crate) fn restart(&self, keep_alive: Duration, timers: &mut Timers) {
        if self.ping_sent.is_none() && !keep_alive.is_zero() {
            let due = self.last_sent.min(self.last_received) + keep_alive * 3 / 4;
            timers.set(Timer::KeepAlive, due);
        }
    }
}

impl Connection {
    /// Sends PINGREQ, and waits for the answer as long as the options say.
    pub(crate) fn ping(&mut self, parts: &mut Parts) -> Result<(), Close> {
        self.ping_within(parts.wanted.options.ping_timeout, parts)
    }

    /// Something may have happened to the connection: asks the server, with little patience.
    pub(crate) fn check_alive(&mut self, parts: &mut Parts) -> Result<(), Close> {
        if self.keep_alive.awaits_answer() {
            let due = parts.now + WAKE_PING;
            parts.timers.set(Timer::PingResponse, due);
            return Ok(());
        }
        self.ping_within(WAKE_PING, parts)
    }

    /// PINGRESP; one that nobody asked for means nothing.
    pub(crate) fn ping_answered(&mut self, parts: &mut Parts) {
        self.outgoing.all_read();
        if let Some(sent) = self.keep_alive.ping_sent.take() {
            parts.statistics.answer_time = Some(parts.now.saturating_sub(sent));
        }
        parts.timers.clear(Timer::PingResponse);
        self.restart_keep_alive(&mut parts.timers);
    }

    /// A timer that was held up proves nothing, and other bytes prove that the server lives: both
    /// earn one more period.
    pub(crate) fn ping_unanswered(
        &mut self,
        due: Duration,
        parts: &mut Parts,
    ) -> Result<(), Close> {
        let keep_alive = &mut self.keep_alive;
        let sent = keep_alive.ping_sent.unwrap_or(due);
        let is_doubtful = parts.now.saturating_sub(due) > LATE || keep_alive.last_received > sent;
        if !is_doubtful || std::mem::replace(&mut keep_alive.grace_used, true) {
            return Err(Close::Because(CloseReason::PingTimeout));
        }
        let again = parts.now + due.saturating_sub(sent).max(WAKE_PING);
        parts.timers.set(Timer::PingResponse, again);
        Ok(())
    }

    pub(crate) fn restart_keep_alive(&self, timers: &mut Timers) {
        self.keep_alive.restart(self.limits.keep_alive, timers);
    }

    fn ping_within(&mut self, patience: Duration, parts: &mut Parts) -> Result<(), Close> {
        self.keep_alive.ping_sent = Some(parts.now);
        self.keep_alive.grace_used = false;
        parts.timers.clear(Timer::KeepAlive);
        parts.timers.set(Timer::PingResponse, parts.now + patience);
        self.send(&Packet::PingReq)
    }
}
