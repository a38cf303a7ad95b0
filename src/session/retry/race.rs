//! Which of several addresses are tried, and when. Attempts overlap, and the first that opens goes on.
//!
//! An address that a network swallows takes as long to fail as the browser likes, so the next one does
//! not wait for it. Only one CONNECT is on its way at a time: two would throw each other out.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::BytesMut;

use crate::session::clock::{Clock, Timer};
use crate::session::event::{Blocked, CloseReason, Closed, ConnectionId};
use crate::session::outbox::Outbox;
use crate::session::retry::hosts::{host_of, is_full};
use crate::session::wanted::options::SessionOptions;

/// The normal close code.
pub(crate) const CLOSE_NORMAL: u16 = 1000;

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
    began: Duration,
    /// Whether it waits for a permission: nothing is opened, and no time passes.
    is_asked: bool,
}

/// What a race is run with.
pub(crate) struct Course<'session> {
    pub(crate) options: &'session SessionOptions,
    pub(crate) clock: &'session mut Clock,
    pub(crate) out: &'session mut Outbox,
}

/// One attempt to connect, with all addresses.
#[derive(Debug, Default)]
pub(crate) struct Race {
    /// What has not had its turn.
    waiting: VecDeque<usize>,
    contenders: Vec<Contender>,
    /// What opened and was silent. It gets all the time there is when nothing else is left.
    silent: VecDeque<usize>,
    /// Whether these have it now.
    is_last_chance: bool,
    /// Of all failures, the one that says most.
    failure: Option<CloseReason>,
}

impl Race {
    /// Every address once, from this one on.
    pub(crate) fn start(first: usize, course: &mut Course<'_>) -> Self {
        let count = course.options.urls.len();
        let mut race = Self {
            waiting: (first..count).chain(0..first.min(count)).collect(),
            ..Self::default()
        };
        course.clock.clear_all();
        race.next(course);
        race
    }

    /// The next address has its turn.
    pub(crate) fn next(&mut self, course: &mut Course<'_>) {
        if self.contenders.len() < MOST_AT_ONCE
            && let Some(address) = self.waiting.pop_front()
        {
            self.contend(address, course);
        }
    }

    /// Opens a socket to an address.
    pub(crate) fn contend(&mut self, address: usize, course: &mut Course<'_>) {
        let Some(url) = course.options.urls.get(address).cloned() else {
            return;
        };
        let contender = Contender {
            id: course.out.next_connection(),
            address,
            began: course.clock.now(),
            is_asked: course.options.asks_permission,
        };
        if contender.is_asked {
            course.clock.clear(Timer::NextAddress);
            course.out.ask(contender.id, url);
            self.contenders.push(contender);
        } else {
            self.open(contender, url, course);
        }
    }

    /// The answer to a question. What is not permitted is not asked for again in this attempt.
    pub(crate) fn answered(
        &mut self,
        id: ConnectionId,
        is_permitted: bool,
        course: &mut Course<'_>,
    ) -> Result<(), CloseReason> {
        let asked = self.find(id).filter(|contender| contender.is_asked);
        let Some(mut contender) = asked.and_then(|asked| self.take(asked.id)) else {
            return Ok(());
        };
        let url = course.options.urls.get(contender.address);
        let Some(url) = url.filter(|_| is_permitted).cloned() else {
            let (by, after) = (Blocked::NotPermitted, Duration::ZERO);
            return Err(CloseReason::Blocked { by, after });
        };
        contender.is_asked = false;
        contender.began = course.clock.now();
        self.open(contender, url, course);
        Ok(())
    }

    /// The one that opened goes on alone. What was not heard of has its turn later, if need be.
    pub(crate) fn win(&mut self, id: ConnectionId, course: &mut Course<'_>) -> Option<Contender> {
        let winner = self.take(id)?;
        let losers = self.contenders.iter().rev();
        for loser in losers {
            self.waiting.push_front(loser.address);
        }
        self.close(course.out);
        if self.is_last_chance {
            course.clock.clear(Timer::NextAddress);
        } else {
            self.expect_next(SILENCE, course);
        }
        Some(winner)
    }

    /// The socket of an address ended before it opened: why.
    pub(crate) fn lose(
        &mut self,
        id: ConnectionId,
        closed: Closed,
        now: Duration,
    ) -> Option<CloseReason> {
        let after = now.saturating_sub(self.take(id)?.began);
        Some(match closed {
            Closed::Refused(why) => CloseReason::AddressRefused(why),
            Closed::Blocked(by) => CloseReason::Blocked { by, after },
            Closed::Ended { .. } => CloseReason::NeverOpened { after },
        })
    }

    /// An address is not tried any more.
    pub(crate) fn take(&mut self, id: ConnectionId) -> Option<Contender> {
        let mut places = self.contenders.iter();
        let place = places.position(|contender| contender.id == id)?;
        Some(self.contenders.remove(place))
    }

    /// A server let the socket open and was silent.
    pub(crate) fn was_silent(&mut self, address: usize) {
        self.silent.push_back(address);
    }

    /// All sockets that are being opened had their time; questions have not.
    pub(crate) fn time_is_up(&mut self, out: &mut Outbox) {
        let contenders = std::mem::take(&mut self.contenders);
        let (asked, opening) = contenders.into_iter().partition(|it| it.is_asked);
        self.contenders = opening;
        self.close(out);
        self.contenders = asked;
    }

    /// One address failed; this one, if it had opened. Goes on with the others, or says why the attempt ends.
    pub(crate) fn go_on(
        &mut self,
        reason: CloseReason,
        opened: Option<usize>,
        course: &mut Course<'_>,
    ) -> Result<(), CloseReason> {
        if is_full(&reason)
            && let Some(address) = opened
        {
            self.leave_host(address, &course.options.urls);
        }
        if how_near(&reason) == 0 {
            return Err(reason);
        }
        let failure = match self.failure.take() {
            Some(known) if how_near(&known) >= how_near(&reason) => known,
            Some(_) | None => reason,
        };
        if self.waiting.is_empty() && self.contenders.is_empty() {
            self.waiting = std::mem::take(&mut self.silent);
            self.is_last_chance = true;
        }
        if self.waiting.is_empty() && self.contenders.is_empty() {
            return Err(failure);
        }
        self.failure = Some(failure);
        // A question that is on the screen is answered before the next one.
        if !self.contenders.iter().any(|other| other.is_asked) {
            self.next(course);
        }
        Ok(())
    }

    /// Only other hosts are asked yet.
    fn leave_host(&mut self, address: usize, urls: &[String]) {
        let host = |address: usize| urls.get(address).map(|url| host_of(url));
        let is_other = |other: &usize| host(*other) != host(address);
        self.waiting.retain(is_other);
        self.silent.retain(is_other);
    }

    /// Closes every socket that has not opened.
    pub(crate) fn close(&mut self, out: &mut Outbox) {
        for contender in self.contenders.drain(..) {
            out.close(contender.id, CLOSE_NORMAL, BytesMut::new());
        }
    }

    fn open(&mut self, contender: Contender, url: String, course: &mut Course<'_>) {
        if self.contenders.iter().all(|other| other.is_asked) {
            let limit = course.options.connect_timeout;
            course.clock.set(Timer::ConnectTotal, limit);
        }
        self.expect_next(HEAD_START, course);
        course.out.open(contender.id, url);
        self.contenders.push(contender);
    }

    fn expect_next(&self, patience: Duration, course: &mut Course<'_>) {
        if self.waiting.is_empty() {
            course.clock.clear(Timer::NextAddress);
        } else {
            course.clock.set(Timer::NextAddress, patience);
        }
    }

    fn find(&self, id: ConnectionId) -> Option<Contender> {
        let mut contenders = self.contenders.iter().copied();
        contenders.find(|contender| contender.id == id)
    }
}

/// How near to a broker an address came that failed; 0 for what is no matter of the address.
const fn how_near(reason: &CloseReason) -> u8 {
    match reason {
        _ if is_full(reason) => 4,
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
