//! Which message or filter the server ends the connection for.
//!
//! 3.1.1 has no other way to refuse a message, some servers refuse filters like this too, and in 5.0 a
//! limit of a server ends the connection as well. What it cannot take would end every connection to
//! come, because it is always sent again. So after such ends filters and messages are sent one by one,
//! and the one that waits for its answer when the server does it again is the one. [MQTT-4.8.0-1]
//!
//! A network that fails must not cost an innocent message. Only a server says "protocol error", "too
//! large" or "not authorized": then the second end is enough. Any other end may be the network's: then
//! one by one begins after two ends, the connection must first live while nothing is sent, each is
//! sent right after an answer to a ping, and it must end three such connections (decision 0018).

use std::time::Duration;

use super::Connection;
use crate::packet::ReasonCode;
use crate::session::agreed::Agreed;
use crate::session::agreed::in_flight::Numbers;
use crate::session::agreed::subscriptions::{GivenUp, Subscriptions};
use crate::session::clock::{Clock, Timer};
use crate::session::event::{Event, PublishError, SubscriptionId, Token, Warning};
use crate::session::parts::Parts;
use crate::session::retry::evidence::{
    Blame, Culprit, Evidence, Kind, Plain, Quarantined, blames_us,
};
use crate::session::wanted::queue::Queued;

/// An end later than this after something was sent says nothing about it.
const RIGHT_AFTER: Duration = Duration::from_secs(5);

/// How many ends in a row, each of which may be the network's, let everything be sent one by one.
const HANGUPS: u32 = 2;

/// How often one alone must end the connection, when each end may be the network's.
const STRIKES: u32 = 3;

/// How long nothing is sent on a connection after ends that may be the network's.
const QUIET: Duration = Duration::from_secs(1);

/// The same where another client may use the name; it grows, because that one may come back late.
const QUIET_FOR_NAME: Duration = Duration::from_secs(2);

/// A connection that the server closed sooner than this after CONNACK had a short life.
const SHORT_LIFE: Duration = Duration::from_secs(10);

/// How many short lives in a row let us ask whether two clients share a name.
const SHORT_LIVES: u32 = 3;

/// After so many that were given up in a row, pauses grow in spite of it.
const QUICK_ENDS: u32 = 8;

/// What one connection shows.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    held: Quarantined,
    /// Until when nothing is sent.
    quiet_until: Duration,
    /// When something was sent that the server may refuse.
    asked: Option<Duration>,
    /// When filters were subscribed to last: what the server keeps for them follows its answer, and
    /// may be what ends the connection.
    subscribed: Option<Duration>,
    /// The one that was subscribed to alone, until the answer to the ping behind it.
    filter: Option<SubscriptionId>,
    /// How many QoS 0 messages were quarantined when it began, or were sent together with others.
    plain_sent: usize,
    sent_plain_together: bool,
    /// The one of them that waits for the answer to the ping behind it.
    plain: Option<Plain>,
    /// A ping was sent after the last that the server may refuse.
    is_checked: bool,
}

impl Quarantine {
    pub(crate) fn after(evidence: &Evidence) -> Self {
        Self {
            held: evidence.quarantined,
            plain_sent: evidence.quarantined.plain,
            ..Self::default()
        }
    }

    /// CONNACK came: after doubtful ends nothing is sent for a while, to see whether that lives.
    pub(crate) fn begin(&mut self, evidence: &Evidence, clock: &mut Clock) {
        let lives = evidence.short_lives + 1;
        let quiet = if self.held.doubtful {
            QUIET
        } else if lives >= SHORT_LIVES {
            QUIET_FOR_NAME * (1 << (lives - SHORT_LIVES).min(2))
        } else {
            return;
        };
        self.quiet_until = clock.now() + quiet;
        clock.set(Timer::Quiet, quiet);
    }

    /// The connection lasted: nothing that was sent on it ends connections.
    pub(crate) fn lift(&mut self) {
        self.held = Quarantined::default();
    }

    /// Whether nothing is sent yet, but what answers the server.
    pub(crate) fn is_quiet(&self, now: Duration) -> bool {
        now < self.quiet_until
    }

    /// Whether filters and messages are sent one by one.
    pub(crate) fn is_on(&self, subscriptions: &Subscriptions) -> bool {
        let asks = subscriptions.needs_requests() || subscriptions.awaits_answer();
        let has_suspects = self.held.messages > 0 || self.held.plain > 0 || self.filter.is_some();
        has_suspects || self.held.filters && asks
    }

    /// Whether anything is sent one by one, or not yet.
    pub(crate) fn may_hold_back(&self, now: Duration) -> bool {
        !self.held.is_empty() || self.filter.is_some() || self.is_quiet(now)
    }

    /// Something was sent that the server may refuse.
    pub(crate) fn asked(&mut self, now: Duration) {
        self.asked = Some(now);
        self.is_checked = false;
    }

    /// Filters were subscribed to; one by one it was this one.
    pub(crate) fn subscribed(&mut self, alone: Option<SubscriptionId>, now: Duration) {
        self.subscribed = Some(now);
        self.filter = alone;
    }

    /// A QoS 0 message was sent. Whether a ping follows it, whose answer stands for the message's.
    pub(crate) fn asked_plain(
        &mut self,
        queued: &Queued,
        now: Duration,
        subscriptions: &Subscriptions,
    ) -> bool {
        let is_on = self.is_on(subscriptions);
        if is_on {
            self.asked(now);
            self.is_checked = true;
            self.plain = Some(Plain {
                token: queued.token,
                kind: Kind::of(&queued.message),
            });
        } else {
            self.sent_plain(1, now);
        }
        is_on
    }

    /// So many QoS 0 messages were sent together with others.
    pub(crate) fn sent_plain(&mut self, messages: usize, now: Duration) {
        self.asked(now);
        self.plain_sent = self.plain_sent.saturating_add(messages);
        self.sent_plain_together = true;
    }

    /// The server took a message, or it will not be sent.
    pub(crate) const fn one_message_less(&mut self) {
        self.held.messages = self.held.messages.saturating_sub(1);
    }

    /// All that was sent is answered. Whether a ping must show that the connection lives.
    fn all_answered(&mut self, evidence: &mut Evidence) -> bool {
        if let Some(plain) = self.plain.take() {
            self.held.plain = self.held.plain.saturating_sub(1);
            evidence.clear_plain(&plain);
        }
        let asks = self.held.doubtful || self.filter.is_some();
        let must_check = asks && !std::mem::replace(&mut self.is_checked, true);
        if !must_check && let Some(filter) = self.filter.take() {
            self.subscribed = None;
            evidence.clear_filter(filter);
        }
        must_check
    }

    /// A connection that was accepted ended: whether something that we sent is to blame.
    pub(crate) fn ended(&self, blame: Blame, parts: &mut Parts) {
        if !self.may_be_blamed(blame, &parts.clock, &parts.agreed) {
            return parts.retry.evidence.clear();
        }
        parts.retry.evidence.hangups += 1;
        let alone = self.only_one_asked(&parts.agreed);
        if let Some(culprit) = alone.filter(|_| !self.held.is_empty()) {
            strike(culprit, blame, parts);
        }
        let evidence = &mut parts.retry.evidence;
        let before = evidence.quarantined.is_empty();
        evidence.quarantined = Quarantined::default();
        if blame.is_certain || evidence.hangups >= HANGUPS {
            evidence.quarantined = Quarantined {
                messages: parts.agreed.in_flight.len(),
                filters: parts.agreed.subscriptions.awaits_answer() || self.brings(&parts.clock),
                plain: self.plain_sent,
                doubtful: !blame.is_certain,
            };
        }
        if before && !evidence.quarantined.is_empty() {
            parts.out.warn(Warning::OneByOne);
        }
    }

    /// Whether the end may be about something that we sent.
    fn may_be_blamed(&self, blame: Blame, clock: &Clock, agreed: &Agreed) -> bool {
        let awaits = agreed.in_flight.sent() > 0 || agreed.subscriptions.awaits_answer();
        let plain = self.plain.is_some() || self.sent_plain_together;
        let may_be = awaits || plain || self.brings(clock);
        is_right_after(self.asked, clock) && may_be || awaits && blame.is_certain
    }

    /// Whether what the server keeps for filters may still be on its way.
    fn brings(&self, clock: &Clock) -> bool {
        is_right_after(self.subscribed, clock)
    }

    /// What waited for its answer when the connection ended, if nothing else did.
    fn only_one_asked(&self, agreed: &Agreed) -> Option<Culprit> {
        let awaits_answer = agreed.subscriptions.awaits_answer();
        match (agreed.in_flight.sent(), &self.plain) {
            (0, None) => {
                let asked = agreed.subscriptions.only_asked();
                let granted = self.filter.filter(|_| !awaits_answer);
                asked.or(granted).map(Culprit::Filter)
            }
            (1, None) if !awaits_answer => {
                let numbers = agreed.in_flight.only_one_sent()?;
                Some(Culprit::Message(numbers.token))
            }
            (0, Some(plain)) if !awaits_answer => Some(Culprit::Plain(plain.clone())),
            _ => None,
        }
    }
}

impl Connection {
    /// Whether everything must wait until an answer shows that the server took what was sent, or
    /// that the connection lives.
    pub(crate) fn awaits_answer(&mut self, parts: &mut Parts) -> Result<bool, super::Close> {
        let agreed = &parts.agreed;
        if !self.quarantine.is_on(&agreed.subscriptions) {
            return Ok(false);
        }
        let awaits = agreed.in_flight.sent() > 0 || agreed.subscriptions.awaits_answer();
        if awaits || self.keep_alive.awaits_answer() {
            return Ok(true);
        }
        let must_check = self.quarantine.all_answered(&mut parts.retry.evidence);
        if must_check {
            self.ping(&mut parts.clock)?;
        }
        Ok(must_check)
    }

    /// A chosen name that gets us thrown out although nothing was sent is probably used twice. Servers
    /// of 3.1.1 cannot say so, mosquitto does not over WebSocket, and it stays a guess: a network can do
    /// the same. [MQTT-3.1.4-2] [MQTT5-3.1.4-3]
    pub(crate) fn is_name_in_use(&self, code: u16, parts: &mut Parts) -> bool {
        let is_chosen = parts.wanted.options.client_id_is_chosen;
        let is_short = parts.clock.since(self.accepted) < SHORT_LIFE;
        let evidence = &mut parts.retry.evidence;
        if !is_chosen || !is_short || blames_us(code) {
            evidence.short_lives = 0;
            return false;
        }
        evidence.short_lives += 1;
        evidence.short_lives >= SHORT_LIVES && self.quarantine.asked.is_none()
    }
}

fn is_right_after(sent: Option<Duration>, clock: &Clock) -> bool {
    sent.is_some_and(|at| clock.since(at) <= RIGHT_AFTER)
}

fn strike(culprit: Culprit, blame: Blame, parts: &mut Parts) {
    let evidence = &mut parts.retry.evidence;
    let strikes = evidence.strike(culprit.clone());
    if evidence.given_up < QUICK_ENDS {
        parts.retry.backoff.ease();
    }
    if !blame.is_certain && strikes < STRIKES {
        return;
    }
    evidence.culprits.retain(|(other, _)| *other != culprit);
    evidence.given_up = evidence.given_up.saturating_add(1);
    evidence.short_lives = 0;
    give_up(culprit, blame.reason, parts);
}

/// It is not sent again, and its failure is reported.
fn give_up(culprit: Culprit, reason: ReasonCode, parts: &mut Parts) {
    match culprit {
        Culprit::Filter(id) => {
            let GivenUp { refused, left } = parts.agreed.subscriptions.give_up(id, reason);
            parts.answered(refused);
            for filter in left {
                parts.out.emit(Event::UnsubscribeFailed { filter, reason });
            }
        }
        Culprit::Plain(Plain { token, kind }) => gave_up(token, Some(kind), reason, parts),
        Culprit::Message(token) => {
            let Some(Numbers { packet_id, .. }) = parts.agreed.in_flight.only_one_sent() else {
                return;
            };
            let kind = parts.agreed.in_flight.message(packet_id).map(Kind::of);
            if parts.agreed.give_up(packet_id).is_some() {
                gave_up(token, kind, reason, parts);
            }
        }
    }
}

fn gave_up(token: Token, kind: Option<Kind>, reason: ReasonCode, parts: &mut Parts) {
    let topic = kind.as_ref().map(|kind| kind.topic.clone());
    if let Some(kind) = kind {
        parts
            .retry
            .evidence
            .remember(kind, reason, parts.clock.now());
    }
    let error = PublishError::EndedConnection { topic, reason };
    parts.out.emit(Event::PublishFailed { token, error });
}
