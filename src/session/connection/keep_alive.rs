//! Whether the server is still there.

use std::time::Duration;

use super::{Close, Connection};
use crate::packet::Packet;
use crate::session::clock::{Clock, Timer};
use crate::session::event::CloseReason;
use crate::session::wanted::options::SessionOptions;

/// How long PINGRESP may take when there is doubt about the connection.
const WAKE_PING: Duration = Duration::from_secs(3);

/// A timer that fires later than this was held up, and so were the bytes behind it.
const LATE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(crate) struct KeepAlive {
    /// The keep-alive time, which the server may change; zero switches it off.
    pub(crate) interval: Duration,
    /// How long PINGRESP may take.
    patience: Duration,
    pub(crate) last_sent: Duration,
    pub(crate) last_received: Duration,
    /// When the PINGREQ was sent whose answer is awaited. [MQTT-3.1.2-23]
    ping_sent: Option<Duration>,
    /// The answer was late once already.
    grace_used: bool,
}

impl KeepAlive {
    pub(crate) const fn new(options: &SessionOptions, now: Duration) -> Self {
        Self {
            interval: options.keep_alive,
            patience: options.ping_timeout,
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
    pub(crate) fn restart(&self, clock: &mut Clock) {
        if self.ping_sent.is_none() && !self.interval.is_zero() {
            let due = self.last_sent.min(self.last_received) + self.interval * 3 / 4;
            clock.set_at(Timer::KeepAlive, due);
        }
    }

    /// PINGRESP came: how long that took, if somebody asked.
    pub(crate) fn answered(&mut self, clock: &mut Clock) -> Option<Duration> {
        let sent = self.ping_sent.take();
        clock.clear(Timer::PingResponse);
        self.restart(clock);
        sent.map(|sent| clock.since(sent))
    }

    /// A timer that was held up proves nothing, and other bytes prove that the server lives: both
    /// earn one more period.
    pub(crate) fn unanswered(&mut self, due: Duration, clock: &mut Clock) -> Result<(), Close> {
        let sent = self.ping_sent.unwrap_or(due);
        let is_doubtful = clock.since(due) > LATE || self.last_received > sent;
        if !is_doubtful || std::mem::replace(&mut self.grace_used, true) {
            return Err(Close::Because(CloseReason::PingTimeout));
        }
        let again = due.saturating_sub(sent).max(WAKE_PING);
        clock.set(Timer::PingResponse, again);
        Ok(())
    }
}

impl Connection {
    /// Sends PINGREQ, and waits for the answer as long as the options say.
    pub(crate) fn ping(&mut self, clock: &mut Clock) -> Result<(), Close> {
        self.ping_within(self.keep_alive.patience, clock)
    }

    /// Something may have happened to the connection: asks the server, with little patience.
    pub(crate) fn check_alive(&mut self, clock: &mut Clock) -> Result<(), Close> {
        if self.keep_alive.awaits_answer() {
            clock.set(Timer::PingResponse, WAKE_PING);
            return Ok(());
        }
        self.ping_within(WAKE_PING, clock)
    }

    fn ping_within(&mut self, patience: Duration, clock: &mut Clock) -> Result<(), Close> {
        self.keep_alive.ping_sent = Some(clock.now());
        self.keep_alive.grace_used = false;
        clock.clear(Timer::KeepAlive);
        clock.set(Timer::PingResponse, patience);
        self.send(&Packet::PingReq)
    }
}
