//! Which message or filter the server ends the connection for.
//!
//! 3.1.1 has no other way to refuse a message, some servers refuse filters like this too, and in 5.0 a
//! limit of a server ends the connection as well. What it cannot take would end every connection to
//! come, because it is always sent again. So after such ends filters and messages are sent one by one,
//! and the one that waits for its answer when the server does it again is the one. [MQTT-4.8.0-1]
//!
//! A network that fails must not convict an innocent message. Only a server says "protocol error", "too
//! large" or "not authorized": then the second end is enough. Any other end may be the network's: then
//! one by one begins after two ends, the connection must first live while nothing is sent, each is
//! sent right after an answer to a ping, and it must end three such connections (decision 0018).

use std::time::Duration;

use crate::packet::{ProtocolVersion, ReasonCode};
use crate::session::Session;
use crate::session::connection::{Connection, Phase};
use crate::session::event::{Event, PublishError, Token, Warning};
use crate::session::retry::evidence::{Accused, Blame, Kind, Plain, Suspects, Trial, blames_us};
use crate::session::subscriptions::GivenUp;
use crate::session::timers::Timer;
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
const QUICK_VERDICTS: u32 = 8;

impl Session {
    /// A connection that was accepted ended: whether something that we sent is to blame.
    pub(crate) fn suspect(&mut self, trial: &Trial, blame: Blame) {
        if !self.ended_after_something(trial, blame) {
            return self.evidence.acquit();
        }
        self.evidence.hangups += 1;
        let accused = self.only_one_asked(trial);
        if let Some(accused) = accused.filter(|_| !trial.suspects.is_empty()) {
            self.strike(accused, blame);
        }
        let before = self.evidence.suspects.is_empty();
        self.evidence.suspects = Suspects::default();
        if blame.is_certain || self.evidence.hangups >= HANGUPS {
            self.evidence.suspects = Suspects {
                messages: self.in_flight.len(),
                filters: self.subscriptions.awaits_answer(),
                plain: trial.plain_sent,
                doubtful: !blame.is_certain,
            };
        }
        if before && !self.evidence.suspects.is_empty() {
            self.inbox.push(Event::Warning(Warning::OneByOne));
        }
    }

    /// The same for a connection that we end.
    pub(crate) fn suspect_link(&mut self, blame: Blame) {
        let is_up = matches!(self.phase, Phase::Connected | Phase::Draining);
        if let Some(link) = self.link.as_mut().filter(|_| is_up) {
            let trial = std::mem::take(&mut link.trial);
            self.suspect(&trial, blame);
        }
    }

    /// A connection lasted: nothing that was sent on it ends connections.
    pub(crate) fn proved_stable(&mut self) {
        self.evidence.proved_stable();
        if let Some(link) = self.link.as_mut() {
            link.trial.suspects = Suspects::default();
        }
    }

    /// CONNACK came: after doubtful ends nothing is sent for a while, to see whether that lives.
    pub(crate) fn begin_quiet(&mut self) {
        let Some(link) = self.link.as_mut() else {
            return;
        };
        let lives = self.evidence.short_lives + 1;
        let quiet = if link.trial.suspects.doubtful {
            QUIET
        } else if lives >= SHORT_LIVES {
            QUIET_FOR_NAME * (1 << (lives - SHORT_LIVES).min(2))
        } else {
            return;
        };
        link.trial.quiet_until = self.now + quiet;
        self.timers.set(Timer::Quiet, self.now + quiet);
    }

    /// Whether nothing is sent yet, but what answers the server.
    pub(crate) fn is_quiet(&self) -> bool {
        let until = self.link.as_ref().map(|link| link.trial.quiet_until);
        self.phase == Phase::Connected && until.is_some_and(|until| self.now < until)
    }

    /// Whether everything must wait until an answer shows that the server took what was sent, or
    /// that the connection lives.
    pub(crate) fn awaits_verdict(&mut self) -> bool {
        if !self.is_careful() {
            return false;
        }
        let Some(link) = self.link.as_mut() else {
            return true;
        };
        let awaits_ping = link.ping_sent.is_some();
        if awaits_ping || self.in_flight.sent() > 0 || self.subscriptions.awaits_answer() {
            return true;
        }
        if let Some(plain) = link.trial.plain.take() {
            link.trial.suspects.plain = link.trial.suspects.plain.saturating_sub(1);
            self.evidence.acquit_plain(&plain);
        }
        if link.trial.suspects.doubtful && !link.trial.is_checked {
            link.trial.is_checked = true;
            self.ping_now();
            return true;
        }
        false
    }

    /// Whether filters and messages are sent one by one.
    pub(crate) fn is_careful(&self) -> bool {
        let suspects = self.link.as_ref().map(|link| link.trial.suspects);
        let Suspects {
            messages,
            filters,
            plain,
            ..
        } = suspects.unwrap_or_default();
        let subscriptions = &self.subscriptions;
        let asks = subscriptions.needs_requests() || subscriptions.awaits_answer();
        messages > 0 || plain > 0 || filters && asks
    }

    /// Something was sent that the server may refuse.
    pub(crate) fn asked(&mut self) {
        if let Some(link) = self.link.as_mut() {
            link.trial.asked = Some(self.now);
            link.trial.is_checked = false;
        }
    }

    /// A QoS 0 message was sent.
    pub(crate) fn asked_plain(&mut self, queued: &Queued) {
        self.asked();
        let is_careful = self.is_careful();
        let Some(link) = self.link.as_mut() else {
            return;
        };
        if !is_careful {
            link.trial.plain_sent = link.trial.plain_sent.saturating_add(1);
            link.trial.sent_plain_together = true;
            return;
        }
        link.trial.is_checked = true;
        link.trial.plain = Some(Plain {
            token: queued.token,
            kind: Kind::of(&queued.message),
        });
        self.ping_now();
    }

    /// The server took a message, or it will not be sent.
    pub(crate) fn one_message_less(&mut self) {
        if let Some(link) = self.link.as_mut() {
            let messages = &mut link.trial.suspects.messages;
            *messages = messages.saturating_sub(1);
        }
    }

    /// A chosen name that gets us thrown out although nothing was sent is probably used twice. Servers
    /// of 3.1.1 cannot say so, and it stays a guess: a network can do the same. [MQTT-3.1.4-2]
    pub(crate) fn is_name_in_use(&mut self, link: &Connection, code: u16) -> bool {
        let options = self.options.as_ref();
        let is_chosen = options.is_some_and(|options| options.client_id_is_chosen);
        let is_short = self.now.saturating_sub(link.accepted) < SHORT_LIFE;
        let may_be = is_chosen && link.version == ProtocolVersion::V3_1_1;
        if !may_be || !is_short || blames_us(code) {
            self.evidence.short_lives = 0;
            return false;
        }
        self.evidence.short_lives += 1;
        self.evidence.short_lives >= SHORT_LIVES && link.trial.asked.is_none()
    }

    fn ended_after_something(&self, trial: &Trial, blame: Blame) -> bool {
        let since = trial.asked.map(|at| self.now.saturating_sub(at));
        let is_recent = since.is_some_and(|since| since <= RIGHT_AFTER);
        let awaits = self.in_flight.sent() > 0 || self.subscriptions.awaits_answer();
        let plain = trial.plain.is_some() || trial.sent_plain_together;
        is_recent && (awaits || plain) || awaits && blame.is_certain
    }

    /// What waited for its answer when the connection ended, if nothing else did.
    fn only_one_asked(&self, trial: &Trial) -> Option<Accused> {
        let awaits_answer = self.subscriptions.awaits_answer();
        match (self.in_flight.sent(), &trial.plain) {
            (0, None) => self.subscriptions.only_asked().map(Accused::Filter),
            (1, None) if !awaits_answer => {
                let (token, _) = self.in_flight.only_one_sent()?;
                Some(Accused::Message(token))
            }
            (0, Some(plain)) if !awaits_answer => Some(Accused::Plain(plain.clone())),
            _ => None,
        }
    }

    fn strike(&mut self, accused: Accused, blame: Blame) {
        let strikes = self.evidence.accuse(accused.clone());
        if self.evidence.verdicts < QUICK_VERDICTS {
            self.backoff.ease();
        }
        if !blame.is_certain && strikes < STRIKES {
            return;
        }
        self.evidence.accused.retain(|(other, _)| *other != accused);
        self.evidence.verdicts = self.evidence.verdicts.saturating_add(1);
        self.evidence.short_lives = 0;
        self.give_up(accused, blame.reason);
    }

    /// It is not sent again, and the application is told.
    fn give_up(&mut self, accused: Accused, reason: ReasonCode) {
        match accused {
            Accused::Filter(id) => {
                let GivenUp { refused, kept } = self.subscriptions.give_up(id, reason);
                self.answered(refused);
                for filter in kept {
                    self.inbox.push(Event::UnsubscribeFailed { filter, reason });
                }
            }
            Accused::Plain(Plain { token, kind }) => self.gave_up(token, Some(kind), reason),
            Accused::Message(token) => {
                let Some((_, packet_id)) = self.in_flight.only_one_sent() else {
                    return;
                };
                let kind = self.in_flight.message(packet_id).map(Kind::of);
                let Some(ended) = self.in_flight.give_up(packet_id) else {
                    return;
                };
                // After PUBREC the server still has the number.
                if kind.is_some() {
                    self.packet_ids.release(packet_id);
                }
                self.journal.remove_message(ended.kept);
                self.gave_up(token, kind, reason);
            }
        }
    }

    fn gave_up(&mut self, token: Token, kind: Option<Kind>, reason: ReasonCode) {
        let topic = kind.as_ref().map(|kind| kind.topic.clone());
        if let Some(kind) = kind {
            self.evidence.remember(kind, reason, self.now);
        }
        self.publish_failed(token, PublishError::EndedConnection { topic, reason });
    }
}
