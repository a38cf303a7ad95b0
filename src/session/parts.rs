//! What outlives a connection, part by part.

use std::time::Duration;

use super::agreed::Agreed;
use super::agreed::journal::records::Record;
use super::agreed::subscriptions::Answer;
use super::clock::Clock;
use super::event::{CloseReason, Event, Message, PublishError, Statistics, Token};
use super::outbox::Outbox;
use super::retry::Retry;
use super::retry::race::Course;
use super::retry::severity::{Severity, severity};
use super::wanted::Wanted;
use super::wanted::options::SessionOptions;
use super::wanted::pace::Road;
use super::wanted::queue::Queued;
use crate::packet::QoS;

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) wanted: Wanted,
    pub(crate) agreed: Agreed,
    pub(crate) retry: Retry,
    pub(crate) out: Outbox,
    pub(crate) statistics: Statistics,
}

impl Parts {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            clock: Clock::default(),
            wanted: Wanted::new(),
            agreed: Agreed::new(seed),
            retry: Retry::new(seed),
            out: Outbox::default(),
            statistics: Statistics::default(),
        }
    }

    /// Whether one more message is within the publish rate.
    pub(crate) fn takes(&mut self, road: Road) -> bool {
        let Wanted { queue, pace, .. } = &mut self.wanted;
        pace.takes(queue, self.clock.now(), road)
    }

    /// Queues a message that was checked.
    pub(crate) fn publish(
        &mut self,
        message: Message,
        road: Road,
        is_offline: bool,
    ) -> Result<Token, PublishError> {
        let excess = !self.takes(road);
        let Wanted {
            queue,
            pace,
            last_token,
            ..
        } = &mut self.wanted;
        let token = last_token.next();
        let removed = if excess && !pace.lets_excess_wait() {
            Err(PublishError::TooFast)
        } else {
            let queued = Queued {
                token,
                message,
                since: self.clock.now(),
                stored: 0,
                excess,
                is_offline,
            };
            self.agreed.enqueue(queue, queued)
        };
        let removed = removed.inspect_err(|error| {
            let is_counted = *error != PublishError::Invalid;
            add(&mut self.statistics.not_sent, usize::from(is_counted));
        })?;
        self.wanted.last_token = token;
        self.not_sent(removed, &PublishError::Replaced);
        Ok(token)
    }

    /// Messages that were waiting are not sent. Says how many.
    pub(crate) fn not_sent(&mut self, messages: Vec<Queued>, error: &PublishError) -> usize {
        let count = messages.len();
        add(&mut self.statistics.not_sent, count);
        for Queued { token, stored, .. } in messages {
            self.failed(token, stored, error.clone());
        }
        count
    }

    /// A message is not sent, and its publisher gets an event.
    pub(crate) fn failed(&mut self, token: Token, stored: u64, error: PublishError) {
        self.agreed.dropped(stored);
        self.out.emit(Event::PublishFailed { token, error });
    }

    /// What the server said about filters that somebody wants.
    pub(crate) fn answered(&mut self, answers: Vec<Answer>) {
        for Answer {
            subscription,
            filter,
            reason,
        } in answers
        {
            self.out.emit(match QoS::from_number(reason.0) {
                Some(qos) => Event::Subscribed {
                    subscription,
                    filter,
                    qos,
                },
                None => Event::SubscribeFailed {
                    subscription,
                    filter,
                    reason,
                },
            });
        }
    }

    /// Other options than before. The session on the server goes on if it is the same one.
    /// [MQTT-3.1.3-2]
    pub(crate) fn choose(&mut self, options: SessionOptions) {
        let Wanted { options: old, .. } = &self.wanted;
        if *old != options {
            if !old.urls.is_empty() && !old.means_the_same_session_as(&options) {
                self.session_lost();
                self.agreed.subscriptions.forget_refusals();
                self.agreed.starts_clean = false;
                self.agreed.assigned_client_id = None;
            }
            self.retry.first_address = 0;
            self.retry.has_connected = false;
        }
        self.wanted.queue.set_bounds(options.bounds());
        self.wanted.pace.set(options.publish_rate, self.clock.now());
        self.out.max_messages = options.receive_queue_messages;
        self.agreed.choose(&options);
        self.wanted.options = options;
    }

    /// What runs a race of addresses.
    pub(crate) fn course(&mut self) -> Course<'_> {
        Course {
            options: &self.wanted.options,
            clock: &mut self.clock,
            out: &mut self.out,
        }
    }

    /// The pause before the next attempt; `None` if there is none.
    pub(crate) fn next_attempt(
        &mut self,
        reason: &CloseReason,
        was_accepted: bool,
    ) -> Option<Duration> {
        if !self.wanted.options.reconnect {
            return None;
        }
        let slow = match severity(reason, was_accepted) {
            Severity::Terminal => return None,
            // What is to blame is looked for, and then no longer sent.
            Severity::Slow => !self.retry.evidence.is_on(),
            Severity::Retry => false,
        };
        let longest = self.wanted.options.longest_pause;
        Some(self.retry.backoff.next_delay(slow, longest))
    }

    /// Whether nothing is left to be sent, answered or stored.
    pub(crate) fn is_all_delivered(&self) -> bool {
        !self.has_messages() && self.agreed.journal.waits_for().is_none()
    }

    /// Whether messages wait or are on their way.
    pub(crate) fn has_messages(&self) -> bool {
        !self.wanted.queue.is_empty() || self.agreed.in_flight.len() > 0
    }

    pub(crate) fn connection_lost(&mut self) {
        self.clock.clear_all();
        self.wanted.queue.take_back_written(self.clock.now());
        self.agreed.connection_lost();
    }

    /// Goes on with what an earlier page left. `time` is the time since 1970.
    pub(crate) fn restore(&mut self, time: Duration, records: &[Record]) {
        let clock = (self.clock.now(), time);
        self.agreed
            .load(clock, records, &mut self.wanted, &mut self.out);
    }

    /// Another page sends what is stored, and knows what the server knows. Only what was not stored
    /// is this one's.
    pub(crate) fn leave_what_is_stored(&mut self) {
        self.session_lost();
        let journal = &self.agreed.journal;
        let messages = self.wanted.queue.take(|queued| journal.has(queued.stored));
        for Queued { token, stored, .. } in messages {
            self.failed(token, stored, PublishError::Discarded);
        }
    }

    /// The server forgot us, or we want it to.
    pub(crate) fn session_lost(&mut self) {
        self.agreed
            .session_lost(&mut self.wanted.queue, &mut self.out);
    }
}

/// Counts more.
pub(crate) fn add(counter: &mut u32, more: usize) {
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    *counter = counter.saturating_add(more);
}
