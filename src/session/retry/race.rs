//! Which of several addresses are tried, and when. Attempts overlap, and the first that opens goes on.
//!
//! An address that a network swallows takes as long to fail as the browser likes, so the next one does
//! not wait for it. Only one CONNECT is on its way at a time: two would throw each other out.

use std::collections::VecDeque;
use std::time::Duration;

use crate::session::Session;
use crate::session::connection::{Phase, SUBPROTOCOL};
use crate::session::event::{Action, Blocked, CloseReason, Closed, ConnectionId};
use crate::session::timers::Timer;

/// How long an address is tried alone before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_secs(2);

/// How long a server that let the socket open may leave CONNECT unanswered while there are other
/// addresses: perhaps it knows no MQTT.
const SILENCE: Duration = Duration::from_secs(5);

/// How many sockets are opened at once.
const MOST_AT_ONCE: usize = 8;

/// A socket that has not opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) id: ConnectionId,
    /// Which of the options' addresses.
    pub(crate) address: usize,
    pub(crate) began: Duration,
    /// Whether it waits for a permission: nothing is opened, and no time passes.
    is_asked: bool,
}

/// One attempt to connect, with all addresses.
#[derive(Debug, Default)]
pub(crate) struct Race {
    /// What has not had its turn.
    waiting: VecDeque<usize>,
    contenders: Vec<Contender>,
    /// What opened and was silent. It gets all the time there is when nothing else is left.
    silent: VecDeque<usize>,
    /// Of all failures, the one that says most.
    failure: Option<CloseReason>,
}

impl Race {
    /// Every address once, from this one on.
    pub(crate) fn new(first: usize, count: usize) -> Self {
        Self {
            waiting: (first..count).chain(0..first.min(count)).collect(),
            ..Self::default()
        }
    }

    fn note(&mut self, reason: CloseReason) {
        let known = self.failure.as_ref().map_or(0, how_near);
        if how_near(&reason) > known {
            self.failure = Some(reason);
        }
    }

    fn has_others(&self) -> bool {
        !(self.waiting.is_empty() && self.contenders.is_empty() && self.silent.is_empty())
    }

    fn take_asked(&mut self, connection: ConnectionId) -> Option<Contender> {
        let contender = self.take(connection)?;
        if contender.is_asked {
            return Some(contender);
        }
        self.contenders.push(contender);
        None
    }

    fn take(&mut self, connection: ConnectionId) -> Option<Contender> {
        let mut places = self.contenders.iter();
        let place = places.position(|contender| contender.id == connection)?;
        Some(self.contenders.remove(place))
    }
}

impl Session {
    /// Begins an attempt with all addresses.
    pub(crate) fn start_race(&mut self) {
        let count = self
            .options
            .as_ref()
            .map_or(0, |options| options.urls.len());
        self.race = Race::new(self.candidate, count);
        self.timers.clear_all();
        self.next_contender();
    }

    /// The next address has its turn.
    pub(crate) fn next_contender(&mut self) {
        self.phase = Phase::Opening;
        if self.race.contenders.len() >= MOST_AT_ONCE {
            return;
        }
        if let Some(address) = self.race.waiting.pop_front() {
            self.contend(address);
        }
    }

    /// Opens a socket to an address.
    pub(crate) fn contend(&mut self, address: usize) {
        let Some(options) = self.options.as_ref() else {
            return;
        };
        let Some(url) = options.urls.get(address).cloned() else {
            return;
        };
        let is_asked = options.asks_permission;
        self.last_connection = self.last_connection.wrapping_add(1);
        let connection = ConnectionId(self.last_connection);
        self.phase = Phase::Opening;
        if is_asked {
            self.timers.clear(Timer::NextAddress);
            self.actions.push_back(Action::Ask { connection, url });
        } else {
            self.begin_contender(connection, url);
        }
        self.race.contenders.push(Contender {
            id: connection,
            address,
            began: self.now,
            is_asked,
        });
    }

    /// The answer to [`Action::Ask`]. What is not permitted is not asked for again in this attempt.
    pub fn handle_permission(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        is_permitted: bool,
    ) {
        self.begin(now);
        let Some(mut contender) = self.race.take_asked(connection) else {
            return;
        };
        let url = self
            .options
            .as_ref()
            .and_then(|options| options.urls.get(contender.address));
        let Some(url) = url.filter(|_| is_permitted).cloned() else {
            let (by, after) = (Blocked::NotPermitted, Duration::ZERO);
            return self.ended(CloseReason::Blocked { by, after });
        };
        self.begin_contender(connection, url);
        contender.is_asked = false;
        contender.began = self.now;
        self.race.contenders.push(contender);
    }

    fn begin_contender(&mut self, connection: ConnectionId, url: String) {
        let limit = self.options.as_ref().map(|options| options.connect_timeout);
        if !self.race.contenders.iter().any(|other| !other.is_asked) {
            let limit = self.now + limit.unwrap_or_default();
            self.timers.set(Timer::ConnectTotal, limit);
        }
        self.expect_next(HEAD_START);
        self.actions.push_back(Action::Open {
            connection,
            url,
            subprotocol: SUBPROTOCOL,
        });
    }

    /// The one that opened goes on alone. What was not heard of has its turn later, if need be.
    pub(crate) fn win(&mut self, connection: ConnectionId) -> Option<Contender> {
        let winner = self.race.take(connection)?;
        for loser in self.close_contenders().into_iter().rev() {
            self.race.waiting.push_front(loser);
        }
        self.expect_next(SILENCE);
        Some(winner)
    }

    /// Whether the socket is one that has not opened.
    pub(crate) fn is_contender(&self, connection: ConnectionId) -> bool {
        let mut contenders = self.race.contenders.iter();
        contenders.any(|contender| contender.id == connection)
    }

    /// The socket of an address ended before it opened.
    pub(crate) fn contender_closed(&mut self, connection: ConnectionId, closed: Closed) {
        let Some(contender) = self.race.take(connection) else {
            return;
        };
        let after = self.now.saturating_sub(contender.began);
        self.ended(match closed {
            Closed::Refused(why) => CloseReason::AddressRefused(why),
            Closed::Blocked(by) => CloseReason::Blocked { by, after },
            Closed::Ended { .. } => CloseReason::NeverOpened { after },
        });
    }

    /// A server of something else answered at an address.
    pub(crate) fn contender_failed(&mut self, connection: ConnectionId, reason: CloseReason) {
        if self.race.take(connection).is_some() {
            self.ended(reason);
        }
    }

    /// An address had its time: the next one gets a turn, too.
    pub(crate) fn head_start_over(&mut self) {
        if self.phase == Phase::Opening {
            return self.next_contender();
        }
        let Some(link) = self.link.as_ref() else {
            return;
        };
        self.race.silent.push_back(link.address);
        self.fail(CloseReason::ConnectTimeout { opened: true });
    }

    /// All addresses that are being tried had their time.
    pub(crate) fn time_is_up(&mut self) {
        let opened = self.phase == Phase::Handshaking;
        if !opened {
            // A browser may open the sockets to one host one after the other: another one begins.
            let count = self
                .options
                .as_ref()
                .map_or(1, |options| options.urls.len());
            self.candidate = (self.candidate + 1) % count.max(1);
        }
        let contenders = std::mem::take(&mut self.race.contenders);
        let (asked, opening): (Vec<_>, Vec<_>) = contenders.into_iter().partition(|it| it.is_asked);
        self.race.contenders = opening;
        self.close_contenders();
        self.race.contenders = asked;
        self.fail(CloseReason::ConnectTimeout { opened });
    }

    /// What an end means for the attempt: `None` while there are other addresses to try.
    pub(crate) fn end_of_race(&mut self, reason: CloseReason) -> Option<CloseReason> {
        let is_trying = matches!(self.phase, Phase::Opening | Phase::Handshaking);
        if !is_trying || how_near(&reason) == 0 {
            return Some(reason);
        }
        self.race.note(reason);
        if !self.race.has_others() {
            return self.race.failure.take();
        }
        self.phase = Phase::Opening;
        if self.race.waiting.is_empty() && self.race.contenders.is_empty() {
            self.race.waiting = std::mem::take(&mut self.race.silent);
        }
        // A question that is on the screen is answered before the next one.
        if !self.race.contenders.iter().any(|other| other.is_asked) {
            self.next_contender();
        }
        None
    }

    /// Closes every socket that has not opened. Returns their addresses.
    pub(crate) fn close_contenders(&mut self) -> Vec<usize> {
        let contenders = std::mem::take(&mut self.race.contenders);
        let close = |contender: &Contender| Action::Close {
            connection: contender.id,
            code: crate::session::state::CLOSE_NORMAL,
        };
        self.actions.extend(contenders.iter().map(close));
        contenders.iter().map(|it| it.address).collect()
    }

    fn expect_next(&mut self, patience: Duration) {
        if self.race.waiting.is_empty() {
            self.timers.clear(Timer::NextAddress);
        } else {
            self.timers.set(Timer::NextAddress, self.now + patience);
        }
    }
}

/// How near to a broker an address came that failed; 0 for what is no matter of the address.
const fn how_near(reason: &CloseReason) -> u8 {
    match reason {
        CloseReason::AddressRefused(_)
        | CloseReason::Blocked {
            by: Blocked::SecurePage | Blocked::Policy | Blocked::NotPermitted,
            ..
        } => 1,
        CloseReason::Blocked {
            by: Blocked::Port, ..
        }
        | CloseReason::NeverOpened { .. }
        | CloseReason::ConnectTimeout { opened: false } => 2,
        CloseReason::ClosedBeforeConnAck
        | CloseReason::ConnectTimeout { opened: true }
        | CloseReason::Protocol(_) => 3,
        CloseReason::ClosedByUser
        | CloseReason::Lost { .. }
        | CloseReason::PingTimeout
        | CloseReason::Refused { .. }
        | CloseReason::Disconnected { .. }
        | CloseReason::NameInUse
        | CloseReason::SessionInUse => 0,
    }
}
