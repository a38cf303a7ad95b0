//! SUBACK and UNSUBACK: what the server said, and what follows from it.

use std::time::Duration;

use super::Subscriptions;
use super::entry::{Entry, OnServer, Request, Use};
use crate::packet::{PacketId, ReasonCode};
use crate::session::event::SubscriptionId;
use crate::topic::TopicFilter;

/// How often a filter that was taken before is asked for again: for half a minute.
const MOST_REFUSALS: u32 = 5;

/// What a SUBACK or UNSUBACK said about one filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) subscription: SubscriptionId,
    pub(crate) filter: TopicFilter,
    pub(crate) reason: ReasonCode,
}

/// What a SUBACK or UNSUBACK said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) filters: Vec<Answer>,
    /// There was one code for each filter. [MQTT-3.8.4-5] [MQTT5-3.8.4-6]
    pub(crate) is_whole: bool,
}

/// What became of a request that is not sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GivenUp {
    pub(crate) refused: Vec<Answer>,
    /// What was to end and stays subscribed on the server.
    pub(crate) left: Vec<TopicFilter>,
}

impl Subscriptions {
    /// SUBACK. `None` for an unknown number.
    pub(crate) fn subscribed(
        &mut self,
        packet_id: PacketId,
        reasons: &[ReasonCode],
    ) -> Option<Answers> {
        let ids = self.take_pending(packet_id, Request::Subscribe)?;
        let is_whole = ids.len() == reasons.len();
        let mut filters = Vec::with_capacity(ids.len());
        for (place, id) in ids.into_iter().enumerate() {
            let is_last = self.answers_last(id, packet_id);
            filters.extend(match self.reason_for(id, reasons.get(place)) {
                Some(reason) if is_last && self.asks_later(id, reason) => {
                    self.refused(id, reason, is_last);
                    Vec::new()
                }
                Some(reason) if reason.is_error() => self.refused(id, reason, is_last),
                Some(_) if !self.is_of_last_subscribe(id, packet_id) => Vec::new(),
                Some(reason) => self.granted(id, reason, is_last),
                None => Vec::new(),
            });
        }
        // Messages that come next are for those that serve now.
        self.place_all();
        filters.append(&mut self.answers);
        Some(Answers { filters, is_whole })
    }

    /// UNSUBACK. `None` for an unknown number; 3.1.1 sends no codes.
    pub(crate) fn unsubscribed(
        &mut self,
        packet_id: PacketId,
        reasons: Option<&[ReasonCode]>,
    ) -> Option<Answers> {
        let ids = self.take_pending(packet_id, Request::Unsubscribe)?;
        let all_well = vec![ReasonCode::SUCCESS; ids.len()];
        let reasons = reasons.unwrap_or(&all_well);
        let is_whole = ids.len() == reasons.len();
        let mut filters = Vec::with_capacity(ids.len());
        for (place, id) in ids.into_iter().enumerate() {
            let is_last = self.answers_last(id, packet_id);
            if let Some(reason) = self.reason_for(id, reasons.get(place)) {
                filters.extend(self.ended(id, reason, is_last));
            }
        }
        Some(Answers { filters, is_whole })
    }

    /// Refuses a request for one filter, in the server's place. An UNSUBSCRIBE is not sent again: the
    /// subscription is left to the server.
    pub(crate) fn give_up(&mut self, id: SubscriptionId, reason: ReasonCode) -> GivenUp {
        let mut given_up = GivenUp::default();
        match self.table.get_mut(id) {
            Some((filter, entry)) if entry.subscription.on_server == OnServer::Unsubscribing => {
                entry.subscription.forget();
                let is_reported = std::mem::take(&mut entry.reports_end);
                given_up.left.extend(is_reported.then(|| filter.clone()));
            }
            // Nobody wants it any more: if it arrived it is ended on the next connection.
            Some((_, entry)) if !entry.is_wanted() && !entry.is_join => {}
            Some(_) => given_up.refused = self.refused(id, reason, true),
            None => {}
        }
        given_up
    }

    /// The connection is gone: requests on their way are asked again. Returns the numbers freed.
    pub(crate) fn connection_lost(&mut self) -> Vec<PacketId> {
        self.ask_again_now();
        let pending = std::mem::take(&mut self.pending);
        for id in pending.iter().flat_map(|pending| &pending.ids) {
            if let Some(entry) = self.table.entry_mut(*id) {
                entry.subscription.on_server = match entry.subscription.on_server {
                    OnServer::Subscribing(_) | OnServer::Unsubscribing => OnServer::Unknown,
                    known => known,
                };
            }
            self.await_kept_again(*id);
            self.settle(*id);
        }
        pending
            .into_iter()
            .map(|pending| pending.packet_id)
            .collect()
    }

    /// The server said yes to a filter: which of the wanted ones that answers. If an UNSUBSCRIBE
    /// followed, those that only wanted retained messages.
    fn granted(&mut self, id: SubscriptionId, reason: ReasonCode, is_last: bool) -> Vec<Answer> {
        let Some(entry) = self.table.entry_mut(id) else {
            return Vec::new();
        };
        if is_last {
            entry.subscription.granted();
        }
        entry.was_taken = true;
        // An answer for the filter itself is reported each time, as long as it is not only moved.
        let is_reported_again = is_last && entry.is_wanted() && entry.service.by == Some(id);
        let mut served = self.within(id);
        served.retain(|other| {
            let Some(entry) = self.table.entry_mut(*other) else {
                return false;
            };
            if entry.service.kept_from == Some(id) {
                entry.service.since.get_or_insert(self.now);
            }
            let brings_all = is_last || entry.service.kept_from == Some(id);
            *other != id && brings_all && entry.is_answered_with(id)
        });
        let entry = self.table.entry(id);
        let is_answered = |it: &Entry| it.service.kept_from == Some(id) && it.is_answered_with(id);
        if is_reported_again || entry.is_some_and(is_answered) {
            served.insert(0, id);
        }
        let mut answers = Vec::with_capacity(served.len());
        for other in served {
            if let Some(entry) = self.table.entry_mut(other) {
                entry.service.since.get_or_insert(self.now);
            }
            answers.extend(self.answer(other, reason));
        }
        self.settle(id);
        answers
    }

    /// The server said no to a filter. What it covers needs subscriptions of its own.
    pub(super) fn refused(
        &mut self,
        id: SubscriptionId,
        reason: ReasonCode,
        is_last: bool,
    ) -> Vec<Answer> {
        let Some(entry) = self.table.entry_mut(id) else {
            return Vec::new();
        };
        if is_last {
            entry.subscription.forget();
        }
        let is_wanted = entry.is_wanted();
        entry.is_refused = is_wanted || entry.is_join;
        self.await_kept_again(id);
        let entry = self.table.entry(id);
        if entry.is_some_and(|entry| entry.subscription.purpose == Use::Serves) {
            self.dissolve(id);
        } else {
            self.unplace(id);
        }
        if let Some(entry) = self.table.entry_mut(id) {
            entry.subscription.purpose = Use::Nothing;
        }
        let answer = self.answer(id, reason).filter(|_| is_wanted);
        self.settle(id);
        answer.into_iter().collect()
    }

    /// Whether the server took a filter before and gives no reason to say no now: a cluster that has lost a
    /// node says so until it has agreed who leads.
    fn asks_later(&mut self, id: SubscriptionId, reason: ReasonCode) -> bool {
        let Some(entry) = self.table.entry_mut(id) else {
            return false;
        };
        let is_unexplained = reason == ReasonCode::UNSPECIFIED_ERROR;
        let is_left = entry.was_taken && entry.is_wanted() && entry.refusals < MOST_REFUSALS;
        entry.is_asked_later = is_unexplained && is_left;
        if !entry.is_asked_later {
            return false;
        }
        let delay = Duration::from_secs(1 << entry.refusals);
        entry.refusals += 1;
        self.later = Some(self.later.map_or(delay, |earlier| earlier.min(delay)));
        true
    }

    /// Asks for what the server took before and then refused.
    pub(crate) fn ask_again_now(&mut self) {
        if self.later.take().is_none() {
            return;
        }
        for id in self.table.ids() {
            let Some(entry) = self.table.entry_mut(id) else {
                continue;
            };
            if std::mem::take(&mut entry.is_asked_later) && entry.is_wanted() {
                entry.is_refused = false;
                entry.begin_anew();
                self.unplaced.push_back(id);
            }
            self.settle(id);
        }
    }

    /// What the server said about a filter. One without a code is asked for once more.
    fn reason_for(&mut self, id: SubscriptionId, code: Option<&ReasonCode>) -> Option<ReasonCode> {
        let entry = self.table.entry_mut(id)?;
        let reason = match code {
            Some(reason) => Some(*reason),
            None if entry.subscription.is_unanswered => Some(ReasonCode::UNSPECIFIED_ERROR),
            None => None,
        };
        entry.subscription.is_unanswered = reason.is_none();
        if reason.is_none() {
            entry.subscription.on_server = OnServer::Unknown;
            self.await_kept_again(id);
            self.settle(id);
        }
        reason
    }

    /// The server ended a subscription. Also when it refused to: nobody wants it, and to ask again
    /// would not help.
    fn ended(&mut self, id: SubscriptionId, reason: ReasonCode, is_last: bool) -> Option<Answer> {
        let (filter, entry) = self.table.get_mut(id)?;
        entry.subscription.last_identifier = 0;
        if is_last {
            entry.subscription.forget();
        }
        let answer = std::mem::take(&mut entry.reports_end).then(|| Answer {
            subscription: id,
            filter: filter.clone(),
            reason,
        });
        self.settle(id);
        answer
    }

    /// Whether nothing was asked about a filter since.
    fn answers_last(&self, id: SubscriptionId, packet_id: PacketId) -> bool {
        let entry = self.table.entry(id);
        entry.is_some_and(|entry| entry.subscription.last_request == Some(packet_id))
    }

    fn is_of_last_subscribe(&self, id: SubscriptionId, packet_id: PacketId) -> bool {
        let entry = self.table.entry(id);
        entry.is_some_and(|entry| entry.subscription.last_subscribe == Some(packet_id))
    }

    fn take_pending(
        &mut self,
        packet_id: PacketId,
        request: Request,
    ) -> Option<Vec<SubscriptionId>> {
        let position = self
            .pending
            .iter()
            .position(|pending| pending.packet_id == packet_id && pending.request == request)?;
        Some(self.pending.remove(position).ids)
    }

    pub(super) fn answer(&mut self, id: SubscriptionId, reason: ReasonCode) -> Option<Answer> {
        let (filter, entry) = self.table.get_mut(id)?;
        entry.service.is_reported = !reason.is_error();
        if !reason.is_error() {
            entry.refusals = 0;
        }
        Some(Answer {
            subscription: id,
            filter: filter.clone(),
            reason,
        })
    }
}
