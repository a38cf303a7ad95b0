//! SUBSCRIBE and UNSUBSCRIBE, and what their answers mean.

use super::entry::{OnServer, Request, Use};
use super::{Answer, Answers, Copies, GivenUp, Subscriptions};
use crate::packet::{PacketId, ReasonCode, RetainHandling};
use crate::session::connection::limits::filter_len;
use crate::session::event::{SubscribeOptions, SubscriptionId};
use crate::session::filters::Near;
use crate::topic::TopicFilter;

/// How many Topic Filters one SUBSCRIBE or UNSUBSCRIBE holds at most: some servers refuse long lists.
const FILTERS_PER_PACKET: usize = 64;

/// How many bytes of filters one packet holds at most, unless it holds a single one.
const BYTES_PER_PACKET: usize = 16 * 1024;

/// A request on its way, with the filters in their order.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    packet_id: PacketId,
    request: Request,
    ids: Vec<SubscriptionId>,
}

/// The content of a SUBSCRIBE.
#[derive(Clone, Debug)]
pub(in crate::session) struct Asked {
    pub(in crate::session) filters: Vec<(TopicFilter, SubscribeOptions)>,
    pub(in crate::session) identifier: Option<u32>,
}

impl Subscriptions {
    /// Whether a SUBSCRIBE must be sent.
    pub(in crate::session) fn needs_subscribe(&self) -> bool {
        !self.to_subscribe.is_empty() || !self.unplaced.is_empty()
    }

    /// Whether anything must be sent, now or when an answer comes.
    pub(in crate::session) fn needs_requests(&self) -> bool {
        self.needs_subscribe() || self.needs_unsubscribe() || !self.to_hand_over.is_empty()
    }

    /// Whether an UNSUBSCRIBE must be sent.
    pub(in crate::session) fn needs_unsubscribe(&self) -> bool {
        !self.to_unsubscribe.is_empty()
    }

    /// Whether an UNSUBSCRIBE must be sent for what others have taken the place of: they were
    /// granted, or, where two copies could not be told apart, their SUBSCRIBE is just before it.
    pub(in crate::session) fn needs_hand_over(&self) -> bool {
        let has_identifiers = self.copies != Copies::Alike;
        let mut requests = self.pending.iter();
        let awaits_suback = requests.any(|pending| pending.request == Request::Subscribe);
        let is_early = self.needs_subscribe() || has_identifiers && awaits_suback;
        !self.to_hand_over.is_empty() && !is_early
    }

    /// What an UNSUBSCRIBE on its way ends, and what is to be there when another one hands over.
    fn hurry(&mut self) {
        let requests = self.pending.iter();
        let ending = requests.filter(|pending| pending.request == Request::Unsubscribe);
        for id in ending.flat_map(|it| it.ids.clone()).collect::<Vec<_>>() {
            if let Some((_, entry)) = self.table.get_mut(id) {
                entry.is_in_a_hurry = true;
                self.settle(id);
            }
        }
    }

    /// Whether a SUBSCRIBE or UNSUBSCRIBE is on its way.
    pub(in crate::session) const fn awaits_answer(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The filter in the only request that is not answered, if it holds no other.
    pub(in crate::session) fn only_asked(&self) -> Option<SubscriptionId> {
        let [pending] = self.pending.as_slice() else {
            return None;
        };
        let [id] = pending.ids.as_slice() else {
            return None;
        };
        Some(*id)
    }

    /// Refuses a request for one filter, in the server's place. An UNSUBSCRIBE is not sent again: the
    /// subscription is left to the server.
    pub(in crate::session) fn give_up(
        &mut self,
        id: SubscriptionId,
        reason: ReasonCode,
    ) -> GivenUp {
        let mut given_up = GivenUp::default();
        match self.table.get_mut(id) {
            Some((filter, entry)) if entry.on_server == OnServer::Unsubscribing => {
                entry.on_server = OnServer::No;
                entry.identifier = 0;
                let is_told = std::mem::take(&mut entry.tells_end);
                given_up.kept.extend(is_told.then(|| filter.clone()));
            }
            Some(_) => given_up.refused = self.refused(id, reason, true),
            None => {}
        }
        given_up
    }

    /// Chooses what to subscribe to, and refuses in the server's place what it said that it does
    /// not offer.
    pub(in crate::session) fn prepare(
        &mut self,
        refusal: impl Fn(&TopicFilter) -> Option<ReasonCode>,
    ) -> Vec<Answer> {
        loop {
            self.place_all();
            if !self.to_hand_over.is_empty() {
                self.hurry();
            }
            let waiting = self.to_subscribe.iter().filter_map(|id| {
                let (filter, _) = self.table.get(*id)?;
                Some((*id, refusal(filter)?))
            });
            let refusals = waiting.collect::<Vec<_>>();
            for (id, reason) in &refusals {
                let answers = self.refused(*id, *reason, true);
                self.answers.extend(answers);
            }
            if refusals.is_empty() {
                return std::mem::take(&mut self.answers);
            }
        }
    }

    /// The filters of the next SUBSCRIBE, of which there may be only `one`. They have `room` for so
    /// many bytes.
    pub(in crate::session) fn next_subscribe(
        &mut self,
        packet_id: PacketId,
        one: bool,
        room: usize,
    ) -> Asked {
        let most = if one { 1 } else { FILTERS_PER_PACKET };
        let ids = self.take_batch(Request::Subscribe, most, room);
        let identifier = self.identifier_for(&ids);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let retain_handling = self.kept_is_coming(*id);
            let Some((filter, entry)) = self.table.get_mut(*id) else {
                continue;
            };
            if entry.on_server == OnServer::Unsubscribing {
                entry.last_identifier = entry.oldest_identifier();
            }
            entry.on_server = OnServer::Subscribing(entry.options);
            entry.last_request = Some(packet_id);
            entry.is_in_a_hurry = false;
            entry.is_asked_again = false;
            entry.identifier = identifier.unwrap_or(0);
            let options = SubscribeOptions {
                retain_handling,
                ..entry.options
            };
            filters.push((filter.clone(), options));
            if entry.purpose == Use::FetchesKept && self.copies == Copies::Alike {
                entry.purpose = Use::HandsOver;
            }
            self.settle(*id);
        }
        self.pending.push(Pending {
            packet_id,
            request: Request::Subscribe,
            ids,
        });
        Asked {
            filters,
            identifier,
        }
    }

    /// The filters of the next UNSUBSCRIBE.
    pub(in crate::session) fn next_unsubscribe(
        &mut self,
        packet_id: PacketId,
        room: usize,
    ) -> Vec<TopicFilter> {
        let request = if self.needs_unsubscribe() {
            Request::Unsubscribe
        } else {
            // What it brought may come once more for what takes its place.
            self.sorted_since = Some(self.now);
            Request::HandOver
        };
        let ids = self.take_batch(request, FILTERS_PER_PACKET, room);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some((filter, entry)) = self.table.get_mut(*id) else {
                continue;
            };
            entry.on_server = OnServer::Unsubscribing;
            entry.last_request = Some(packet_id);
            filters.push(filter.clone());
        }
        self.pending.push(Pending {
            packet_id,
            request: Request::Unsubscribe,
            ids,
        });
        filters
    }

    /// Leaves the server what cannot be given up on this connection, because an UNSUBSCRIBE with its
    /// filter would be larger than the server takes.
    pub(in crate::session) fn leave_what_is_too_long(&mut self, room: usize) {
        let lists = self.to_unsubscribe.iter().chain(&self.to_hand_over);
        for id in lists.copied().collect::<Vec<_>>() {
            if let Some((filter, entry)) = self.table.get_mut(id)
                && filter_len(filter) > room
            {
                entry.on_server = OnServer::No;
                self.settle(id);
            }
        }
    }

    /// SUBACK. `None` for an unknown number.
    pub(in crate::session) fn subscribed(
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
                Some(reason) if reason.is_error() => self.refused(id, reason, is_last),
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
    pub(in crate::session) fn unsubscribed(
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

    /// What the server said about a filter. One without a code is asked for once more.
    fn reason_for(&mut self, id: SubscriptionId, code: Option<&ReasonCode>) -> Option<ReasonCode> {
        let (_, entry) = self.table.get_mut(id)?;
        let reason = match code {
            Some(reason) => Some(*reason),
            None if entry.is_unanswered => Some(ReasonCode::UNSPECIFIED_ERROR),
            None => None,
        };
        entry.is_unanswered = reason.is_none();
        if reason.is_none() {
            entry.on_server = OnServer::Unknown;
            self.await_kept_again(id);
            self.settle(id);
        }
        reason
    }

    /// The server ended a subscription. Also when it refused to: nobody wants it, and to ask again
    /// would not help.
    fn ended(&mut self, id: SubscriptionId, reason: ReasonCode, is_last: bool) -> Option<Answer> {
        let (filter, entry) = self.table.get_mut(id)?;
        entry.last_identifier = 0;
        if is_last {
            entry.on_server = OnServer::No;
            entry.identifier = 0;
        }
        let answer = std::mem::take(&mut entry.tells_end).then(|| Answer {
            subscription: id,
            filter: filter.clone(),
            reason,
        });
        self.settle(id);
        answer
    }

    /// The connection is gone: requests on their way are asked again. Returns the numbers freed.
    pub(in crate::session) fn connection_lost(&mut self) -> Vec<PacketId> {
        let pending = std::mem::take(&mut self.pending);
        for id in pending.iter().flat_map(|pending| &pending.ids) {
            if let Some((_, entry)) = self.table.get_mut(*id) {
                entry.on_server = match entry.on_server {
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

    /// Whether nothing was asked about a filter since.
    fn answers_last(&self, id: SubscriptionId, packet_id: PacketId) -> bool {
        let entry = self.table.get(id);
        entry.is_some_and(|(_, entry)| entry.last_request == Some(packet_id))
    }

    /// The server said yes to a filter: which of the wanted ones that answers.
    fn granted(&mut self, id: SubscriptionId, reason: ReasonCode, is_last: bool) -> Vec<Answer> {
        let Some((_, entry)) = self.table.get_mut(id) else {
            return Vec::new();
        };
        if let OnServer::Subscribing(options) = entry.on_server
            && is_last
        {
            entry.on_server = OnServer::Granted(options);
        }
        if entry.purpose == Use::FetchesKept && !entry.is_asked_again {
            entry.purpose = Use::HandsOver;
        }
        let is_told = entry.is_told;
        let mut served = self.within(id);
        served.retain(|other| {
            let entry = self.table.get(*other).map(|(_, entry)| entry);
            *other != id && entry.is_some_and(|entry| entry.is_answered_with(id))
        });
        // Who asked for the filter itself is told each time, as long as it is not only moved.
        let is_own = self.table.get(id).is_some_and(|(_, entry)| {
            entry.is_wanted() && (entry.served_by == Some(id) || !is_told)
        });
        if is_own {
            served.insert(0, id);
        }
        let mut answers = Vec::with_capacity(served.len());
        for other in served {
            if let Some((_, entry)) = self.table.get_mut(other) {
                entry.since.get_or_insert(self.now);
            }
            answers.extend(self.answer(other, reason));
        }
        self.settle(id);
        answers
    }

    /// The server said no to a filter. What it covers needs subscriptions of its own.
    fn refused(&mut self, id: SubscriptionId, reason: ReasonCode, is_last: bool) -> Vec<Answer> {
        let Some((_, entry)) = self.table.get_mut(id) else {
            return Vec::new();
        };
        if is_last {
            entry.on_server = OnServer::No;
            entry.identifier = 0;
        }
        let is_wanted = entry.is_wanted();
        entry.is_refused = is_wanted || entry.is_join;
        self.await_kept_again(id);
        let purpose = self.table.get(id).map(|(_, entry)| entry.purpose);
        if purpose == Some(Use::Serves) {
            self.dissolve(id);
        } else {
            self.unplace(id);
        }
        if let Some((_, entry)) = self.table.get_mut(id) {
            entry.purpose = Use::Nothing;
        }
        let answer = self.answer(id, reason).filter(|_| is_wanted);
        self.settle(id);
        answer.into_iter().collect()
    }

    /// Notes which filters the kept messages are for that follow a SUBSCRIBE, and says when the
    /// server shall send some.
    fn kept_is_coming(&mut self, id: SubscriptionId) -> RetainHandling {
        let Some((_, entry)) = self.table.get(id) else {
            return RetainHandling::OnSubscribe;
        };
        let (purpose, asked) = (entry.purpose, entry.options.retain_handling);
        let is_again = entry.is_asked_again;
        let served = match purpose {
            Use::Serves => self.served_by(id),
            Use::Nothing | Use::FetchesKept | Use::HandsOver => vec![id],
        };
        let (mut awaiting, count) = (0, served.len());
        for other in served {
            let Some((_, entry)) = self.table.get_mut(other) else {
                continue;
            };
            if std::mem::take(&mut entry.awaits_kept) {
                awaiting += 1;
                entry.kept_from = Some(id);
                entry.since = None;
            } else if entry.kept_from == Some(id) && entry.had_kept(self.now) {
                entry.kept_from = None;
            }
        }
        if awaiting < count || purpose != Use::Serves || is_again {
            self.sorted_since = Some(self.now);
        }
        match (awaiting, count) {
            (0, _) => RetainHandling::Never,
            (1, 1) => asked,
            (_, _) => RetainHandling::OnSubscribe,
        }
    }

    /// Nobody knows whether the server sends what it kept, or it said that it does not.
    fn await_kept_again(&mut self, id: SubscriptionId) {
        for other in self.within(id) {
            let Some((_, entry)) = self.table.get_mut(other) else {
                continue;
            };
            if entry.kept_from != Some(id) || entry.since.is_some() {
                continue;
            }
            entry.kept_from = None;
            entry.awaits_kept = entry.last.retain_handling != RetainHandling::Never;
            if entry.served_by.is_some_and(|server| server != id) {
                self.unplace(other);
            }
        }
    }

    /// A filter and those that it covers.
    fn within(&self, id: SubscriptionId) -> Vec<SubscriptionId> {
        match self.table.get(id) {
            Some((filter, _)) if filter.has_wildcard() => self.table.near(filter, Near::Covered),
            Some(_) | None => vec![id],
        }
    }

    /// The Subscription Identifier of filters that share a SUBSCRIBE: that which it had, or a new one.
    fn identifier_for(&mut self, ids: &[SubscriptionId]) -> Option<u32> {
        let id = ids.first()?;
        match self.copies {
            Copies::Alike => None,
            Copies::Separate => Some(id.0),
            Copies::Identified => {
                let entry = self.table.get(*id).map(|(_, entry)| entry);
                let kept = entry.filter(|entry| entry.on_server != OnServer::Unsubscribing);
                let had = kept.map(|entry| entry.identifier);
                had.filter(|had| *had != 0).or_else(|| {
                    self.last_identifier += 1;
                    Some(self.last_identifier)
                })
            }
        }
    }

    /// Whether a filter needs a SUBSCRIBE of its own. Those that cannot overlap share one, and its
    /// Subscription Identifier.
    fn goes_alone(&self, id: SubscriptionId) -> bool {
        match self.copies {
            Copies::Alike => false,
            Copies::Separate => true,
            Copies::Identified => self.table.get(id).is_some_and(|(filter, entry)| {
                filter.has_wildcard() || filter.is_shared() || entry.identifier != 0
            }),
        }
    }

    /// Takes as many filters as fit into one packet.
    fn take_batch(&mut self, request: Request, most: usize, room: usize) -> Vec<SubscriptionId> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(id) = self.list(request).front().copied() {
            let is_single = request == Request::Subscribe && self.goes_alone(id);
            let Some((filter, entry)) = self.table.get_mut(id) else {
                self.list(request).pop_front();
                continue;
            };
            let goes_alone = is_single || entry.is_unanswered;
            bytes += filter_len(filter);
            let is_full = batch.len() == most || bytes > room.min(BYTES_PER_PACKET);
            if (is_full || goes_alone) && !batch.is_empty() {
                break;
            }
            entry.waits_for = None;
            self.list(request).pop_front();
            batch.push(id);
            if goes_alone {
                break;
            }
        }
        batch
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
}
