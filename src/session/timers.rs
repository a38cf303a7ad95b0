//! The deadlines and their table.

use std::time::Duration;

/// What a deadline is for. What happens when it passes is in `state.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Socket and CONNACK together take too long: the attempt ends.
    ConnectTotal,
    /// An address was tried alone for long enough.
    NextAddress,
    /// Nothing was sent, or nothing came, for most of the keep-alive time: PINGREQ. [MQTT-3.1.2-23]
    KeepAlive,
    /// No PINGRESP: the connection counts as lost.
    PingResponse,
    /// The connection lasted: failures before it are forgotten.
    Stable,
    /// The pause is over: the next attempt begins.
    Backoff,
    /// The publish rate allows the next message.
    Publish,
    /// The last messages took too long: DISCONNECT is sent without them.
    Drain,
    /// A connection lived long enough while nothing was sent.
    Quiet,
    /// Messages wait for room in the socket: how much it holds is asked again.
    Measure,
}

impl Timer {
    /// Whether it ends our own waiting, and not our patience with the server.
    pub(crate) const fn is_ours(self) -> bool {
        match self {
            Self::KeepAlive
            | Self::Stable
            | Self::Backoff
            | Self::Drain
            | Self::Quiet
            | Self::Measure
            | Self::Publish => true,
            Self::ConnectTotal | Self::NextAddress | Self::PingResponse => false,
        }
    }
}

const ALL: [Timer; 10] = [
    Timer::ConnectTotal,
    Timer::NextAddress,
    Timer::KeepAlive,
    Timer::PingResponse,
    Timer::Stable,
    Timer::Backoff,
    Timer::Publish,
    Timer::Drain,
    Timer::Quiet,
    Timer::Measure,
];

/// At most one deadline of each kind, as a time on the session's clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers([Option<Duration>; ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Duration) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = Some(at);
        }
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        if let Some(slot) = self.0.get_mut(timer as usize) {
            *slot = None;
        }
    }

    pub(crate) fn clear_all(&mut self) {
        *self = Self::default();
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes the earliest deadline of these that has passed, with the time at which it was due.
    pub(crate) fn take_expired(
        &mut self,
        now: Duration,
        these: impl Fn(Timer) -> bool,
    ) -> Option<(Timer, Duration)> {
        let (timer, at) = ALL
            .into_iter()
            .filter(|timer| these(*timer))
            .filter_map(|timer| Some((timer, self.at(timer)?)))
            .filter(|(_, at)| *at <= now)
            .min_by_key(|(_, at)| *at)?;
        self.clear(timer);
        Some((timer, at))
    }

    fn at(&self, timer: Timer) -> Option<Duration> {
        self.0.get(timer as usize).copied().flatten()
    }
}
