//! The session's time, and the deadlines on it.

use std::time::Duration;

/// What a deadline is for. What happens when it passes is in `inputs.rs`.
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
    /// Filters are asked for again that the server took before and refuses now.
    AskAgain,
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
            | Self::AskAgain
            | Self::Publish => true,
            Self::ConnectTotal | Self::NextAddress | Self::PingResponse => false,
        }
    }
}

const ALL: [Timer; 11] = [
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
    Timer::AskAgain,
];

/// The time, and at most one deadline of each kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    now: Duration,
    deadlines: [Option<Duration>; ALL.len()],
    /// Of these: every input asks whether one has passed, and mostly none has.
    earliest: Option<Duration>,
}

impl Clock {
    pub(crate) const fn now(&self) -> Duration {
        self.now
    }

    /// Time goes on, and never back.
    pub(crate) fn observe(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// How long ago it was.
    pub(crate) const fn since(&self, then: Duration) -> Duration {
        self.now.saturating_sub(then)
    }

    /// Sets a deadline that is so far away.
    pub(crate) fn set(&mut self, timer: Timer, delay: Duration) {
        self.set_at(timer, self.now + delay);
    }

    pub(crate) fn set_at(&mut self, timer: Timer, at: Duration) {
        self.put(timer, Some(at));
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        self.put(timer, None);
    }

    pub(crate) fn clear_all(&mut self) {
        self.deadlines = Default::default();
        self.earliest = None;
    }

    /// The earliest deadline.
    pub(crate) const fn next(&self) -> Option<Duration> {
        self.earliest
    }

    /// Takes the earliest deadline of these that has passed, with the time at which it was due.
    pub(crate) fn take_expired(&mut self, these: fn(Timer) -> bool) -> Option<(Timer, Duration)> {
        self.earliest.filter(|at| *at <= self.now)?;
        let timers = ALL.into_iter().zip(self.deadlines);
        let set = timers.filter_map(|(timer, at)| Some((timer, at?)));
        let passed = set.filter(|(timer, at)| *at <= self.now && these(*timer));
        let (timer, at) = passed.min_by_key(|(_, at)| *at)?;
        self.clear(timer);
        Some((timer, at))
    }

    // The loop over all deadlines would be written out wherever one is set.
    #[inline(never)]
    fn put(&mut self, timer: Timer, at: Option<Duration>) {
        if let Some(slot) = self.deadlines.get_mut(timer as usize) {
            *slot = at;
        }
        self.earliest = self.deadlines.iter().flatten().min().copied();
    }
}
