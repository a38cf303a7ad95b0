//! Deadlines, keep-alive, and what the page says about the network.

use std::time::Duration;

use crate::packet::Packet;
use crate::session::Session;
use crate::session::agreed::journal::StoreError;
use crate::session::connection::Phase;
use crate::session::event::CloseReason;
use crate::session::timers::Timer;

/// How long PINGRESP may take when there is doubt about the connection.
const WAKE_PING: Duration = Duration::from_secs(3);

/// A timer that fires later than this was held up, and so were the bytes behind it.
const LATE: Duration = Duration::from_secs(2);

impl Session {
    /// Some deadline may have passed.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.observe(now);
        if self.journal.deadline().is_some_and(|due| due <= self.now) {
            self.handle_store_failed(now, StoreError::Failed);
        }
        self.run_deadlines();
    }

    /// The network is back: try now, or check that the connection lived through it.
    pub fn handle_online(&mut self, now: Duration) {
        self.begin(now);
        match self.phase {
            Phase::Waiting | Phase::Suspended => self.open(),
            Phase::Connected => self.check_link(),
            Phase::Closed
            | Phase::Restoring
            | Phase::Opening
            | Phase::Handshaking
            | Phase::Draining => {}
        }
    }

    /// Something may have happened to the connection (the computer slept, the network went away,
    /// the tab came back): ask the server, with little patience.
    pub fn handle_wake(&mut self, now: Duration) {
        self.begin(now);
        if self.phase == Phase::Connected {
            self.check_link();
        }
    }

    /// What begins with an input that says nothing about the server: a timer may be late, once a
    /// minute in a hidden tab, so the input does what it should have done. That no answer came is
    /// for a timer to find, or for what does come: it may be waiting behind this input.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.observe(now);
        while let Some((timer, due)) = self.timers.take_expired(self.now, Timer::is_ours) {
            self.expire(timer, due);
        }
    }

    /// Deadlines that passed, also those of the server's answers. What came first counts first.
    pub(crate) fn run_deadlines(&mut self) {
        while let Some((timer, due)) = self.timers.take_expired(self.now, |_| true) {
            self.expire(timer, due);
        }
    }

    /// Time never goes back. A connection that lasted has done so whatever ends it now.
    pub(crate) fn observe(&mut self, now: Duration) {
        self.now = self.now.max(now);
        let lasted = self
            .timers
            .take_expired(self.now, |timer| timer == Timer::Stable);
        if let Some((timer, due)) = lasted {
            self.expire(timer, due);
        }
    }

    /// PINGRESP; one that nobody asked for means nothing.
    pub(crate) fn ping_answered(&mut self) {
        if let Some(link) = self.link.as_mut()
            && let Some(asked) = link.asked_bytes.take()
        {
            link.read_bytes = asked;
        }
        if let Some(sent) = self.link.as_mut().and_then(|link| link.ping_sent.take()) {
            self.statistics.answer_time = Some(self.now.saturating_sub(sent));
        }
        self.timers.clear(Timer::PingResponse);
        self.restart_keep_alive();
    }

    /// Something was sent or received: the next PINGREQ is due three quarters of the keep-alive time
    /// after the older of both. A client that sends all the time still notices a server that fell
    /// silent; and the whole time would be late for servers and proxies that count the same 60 s.
    /// [MQTT-3.1.2-23] [MQTT5-3.1.2-20]
    pub(crate) fn restart_keep_alive(&mut self) {
        let Some(link) = self.link.as_ref() else {
            return;
        };
        let keep_alive = link.limits.keep_alive;
        let up = matches!(self.phase, Phase::Connected | Phase::Draining);
        if up && link.ping_sent.is_none() && !keep_alive.is_zero() {
            let due = link.last_sent.min(link.last_received) + keep_alive * 3 / 4;
            self.timers.set(Timer::KeepAlive, due);
        }
    }

    fn expire(&mut self, timer: Timer, due: Duration) {
        match timer {
            Timer::ConnectTotal => self.time_is_up(),
            Timer::NextAddress => self.head_start_over(),
            Timer::KeepAlive => self.ping_now(),
            // What waited is sent.
            Timer::Quiet => {}
            Timer::PingResponse => self.ping_unanswered(due),
            Timer::Stable => {
                self.backoff.reset();
                self.proved_stable();
            }
            // What waits is sent with everything else.
            Timer::Publish => {}
            Timer::Backoff => self.open(),
            Timer::Drain => self.finish(),
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

    /// Sends PINGREQ, and waits for the answer as long as the options say.
    pub(crate) fn ping_now(&mut self) {
        let patience = self.options.as_ref().map(|options| options.ping_timeout);
        self.ping(patience.unwrap_or(WAKE_PING));
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
        self.fail(CloseReason::PingTimeout);
    }
}
