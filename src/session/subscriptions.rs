//! Wanted Topic Filters, who wants them, and what the server granted.
//!
//! The table says what should be; [`Subscriptions::next_subscribe`] and
//! [`Subscriptions::next_unsubscribe`] say what to send so that the server agrees. Nothing is ever
//! lost over a reconnect: a new session on the server simply makes every entry unknown again.

use std::collections::VecDeque;

use super::event::{Owner, SubscribeError, SubscribeOptions, SubscriptionId};
use super::filters::FilterTable;
use super::negotiation::filter_len;
use crate::packet::{PacketId, ReasonCode};
use crate::topic::{TopicFilter, TopicName};

/// How many Topic Filters a session holds at most.
pub const MAX_FILTERS: usize = 100_000;

/// How many Topic Filters one SUBSCRIBE or UNSUBSCRIBE holds at most: some servers refuse long lists.
const FILTERS_PER_PACKET: usize = 64;

/// How many bytes of filters one packet holds at most, unless it holds a single one.
const BYTES_PER_PACKET: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnServer {
    /// Not subscribed.
    No,
    /// A request was lost with its connection: it may or may not have arrived.
    Unknown,
    /// SUBSCRIBE is on its way.
    Subscribing(SubscribeOptions),
    /// The server granted this wish.
    Granted(SubscribeOptions),
    /// The server said no; it is not asked again by itself.
    Refused,
    /// UNSUBSCRIBE is on its way.
    Unsubscribing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Subscribe,
    Unsubscribe,
}

#[derive(Clone, Debug)]
struct Wish {
    owners: Vec<(Owner, SubscribeOptions)>,
    /// What the owner asked for who asked last.
    last: SubscribeOptions,
    on_server: OnServer,
    /// The list in which it waits for its packet.
    waits_for: Option<Request>,
    /// The last answer had no code for it: the next request is for it alone, and the last.
    unanswered: bool,
}

impl Wish {
    const fn new() -> Self {
        Self {
            owners: Vec::new(),
            last: SubscribeOptions {
                qos: crate::packet::QoS::AtMostOnce,
                no_local: false,
                retain_as_published: false,
                retain_handling: crate::packet::RetainHandling::OnSubscribe,
            },
            on_server: OnServer::No,
            waits_for: None,
            unanswered: false,
        }
    }

    /// The highest QoS that any owner asked for, with what the last one asked for besides; `None`
    /// when nobody wants the filter any more.
    fn wanted(&self) -> Option<SubscribeOptions> {
        let qos = self.owners.iter().map(|(_, options)| options.qos).max()?;
        Some(SubscribeOptions { qos, ..self.last })
    }

    /// The packet that makes the server agree with the wish.
    fn need(&self) -> Option<Request> {
        match (self.on_server, self.wanted()) {
            (OnServer::No | OnServer::Unknown, Some(_)) => Some(Request::Subscribe),
            (OnServer::Granted(granted), Some(wanted)) if asks_for_more(wanted, granted) => {
                Some(Request::Subscribe)
            }
            (OnServer::Granted(_) | OnServer::Unknown, None) => Some(Request::Unsubscribe),
            (OnServer::Subscribing(_) | OnServer::Unsubscribing, _)
            | (OnServer::Granted(_) | OnServer::Refused, Some(_))
            | (OnServer::No | OnServer::Refused, None) => None,
        }
    }

    /// Nobody wants it, and the server does not know it.
    fn is_over(&self) -> bool {
        self.owners.is_empty() && matches!(self.on_server, OnServer::No | OnServer::Refused)
    }
}

/// What a SUBACK or UNSUBACK said about one filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) subscription: SubscriptionId,
    pub(super) filter: TopicFilter,
    pub(super) reason: ReasonCode,
}

/// What a SUBACK or UNSUBACK said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) filters: Vec<Answer>,
    /// There was one code for each filter. [MQTT-3.8.4-5] [MQTT5-3.8.4-6]
    pub(super) is_whole: bool,
}

/// A request on its way, with the filters in their order.
#[derive(Clone, Debug)]
struct Pending {
    packet_id: PacketId,
    request: Request,
    ids: Vec<SubscriptionId>,
}

/// The table of wanted subscriptions.
#[derive(Clone, Debug)]
pub(super) struct Subscriptions {
    table: FilterTable<Wish>,
    to_subscribe: VecDeque<SubscriptionId>,
    to_unsubscribe: VecDeque<SubscriptionId>,
    pending: Vec<Pending>,
}

impl Subscriptions {
    pub(super) fn new() -> Self {
        Self {
            table: FilterTable::new(),
            to_subscribe: VecDeque::new(),
            to_unsubscribe: VecDeque::new(),
            pending: Vec::new(),
        }
    }

    /// Adds an owner. A filter that was refused is asked for again.
    pub(super) fn add(
        &mut self,
        owner: Owner,
        filter: &TopicFilter,
        options: SubscribeOptions,
    ) -> Result<SubscriptionId, SubscribeError> {
        if options.no_local && filter.is_shared() {
            return Err(SubscribeError::NoLocalOnShared);
        }
        let id = match self.table.number(filter) {
            Some(id) => id,
            None => {
                let id = self.table.insert(filter, Wish::new(), MAX_FILTERS);
                id.ok_or(SubscribeError::TooMany)?
            }
        };
        if let Some((_, wish)) = self.table.get_mut(id) {
            wish.owners.retain(|(other, _)| *other != owner);
            wish.owners.push((owner, options));
            wish.last = options;
            if wish.on_server == OnServer::Refused {
                wish.on_server = OnServer::No;
            }
        }
        self.settle(id);
        Ok(id)
    }

    /// Removes an owner, or all of them.
    pub(super) fn remove(&mut self, owner: Option<Owner>, filter: &TopicFilter) {
        if let Some(id) = self.table.number(filter) {
            self.leave(id, owner);
        }
    }

    /// Removes an owner from every filter.
    pub(super) fn release(&mut self, owner: Owner) {
        for id in self.table.ids() {
            self.leave(id, Some(owner));
        }
    }

    /// Whether anybody wants the filter with this number.
    pub(super) fn is_wanted(&self, id: SubscriptionId) -> bool {
        self.table
            .get(id)
            .is_some_and(|(_, wish)| !wish.owners.is_empty())
    }

    /// Every wanted filter that matches the topic, in the order of their numbers.
    pub(super) fn matching(&self, topic: &TopicName) -> Vec<SubscriptionId> {
        self.table.matching(topic, |wish| !wish.owners.is_empty())
    }

    /// Whether a SUBSCRIBE must be sent.
    pub(super) fn needs_subscribe(&self) -> bool {
        !self.to_subscribe.is_empty()
    }

    /// Whether an UNSUBSCRIBE must be sent.
    pub(super) fn needs_unsubscribe(&self) -> bool {
        !self.to_unsubscribe.is_empty()
    }

    /// Whether a SUBSCRIBE or UNSUBSCRIBE is on its way.
    pub(super) const fn awaits_answer(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The filter in the only request that is not answered, if it holds no other.
    pub(super) fn only_asked(&self) -> Option<SubscriptionId> {
        let [pending] = self.pending.as_slice() else {
            return None;
        };
        let [id] = pending.ids.as_slice() else {
            return None;
        };
        Some(*id)
    }

    /// Refuses a request for one filter, in the server's place. An UNSUBSCRIBE (`false`) is not sent
    /// again: the subscription is left to the server.
    pub(super) fn give_up(
        &mut self,
        subscription: SubscriptionId,
        reason: ReasonCode,
    ) -> Option<(Answer, bool)> {
        let (filter, wish) = self.table.get_mut(subscription)?;
        let was_wanted = wish.on_server != OnServer::Unsubscribing;
        wish.on_server = if was_wanted {
            OnServer::Refused
        } else {
            OnServer::No
        };
        let answer = Answer {
            subscription,
            filter: filter.clone(),
            reason,
        };
        Some((answer, was_wanted))
    }

    /// The filters of the next SUBSCRIBE. With `one` filter a packet, each can have an identifier
    /// of its own. They have `room` for so many bytes.
    pub(super) fn next_subscribe(
        &mut self,
        packet_id: PacketId,
        one: bool,
        room: usize,
    ) -> Vec<(SubscriptionId, TopicFilter, SubscribeOptions)> {
        let most = if one { 1 } else { FILTERS_PER_PACKET };
        let ids = self.take_batch(Request::Subscribe, most, room);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some((filter, wish)) = self.table.get_mut(*id) else {
                continue;
            };
            let Some(options) = wish.wanted() else {
                continue;
            };
            wish.on_server = OnServer::Subscribing(options);
            filters.push((*id, filter.clone(), options));
        }
        self.pending.push(Pending {
            packet_id,
            request: Request::Subscribe,
            ids,
        });
        filters
    }

    /// The filters of the next UNSUBSCRIBE.
    pub(super) fn next_unsubscribe(
        &mut self,
        packet_id: PacketId,
        room: usize,
    ) -> Vec<TopicFilter> {
        let ids = self.take_batch(Request::Unsubscribe, FILTERS_PER_PACKET, room);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some((filter, wish)) = self.table.get_mut(*id) else {
                continue;
            };
            wish.on_server = OnServer::Unsubscribing;
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
    pub(super) fn leave_what_is_too_long(&mut self, room: usize) {
        for id in self.to_unsubscribe.clone() {
            if let Some((filter, wish)) = self.table.get_mut(id)
                && filter_len(filter) > room
            {
                wish.on_server = OnServer::No;
                self.settle(id);
            }
        }
    }

    /// Refuses, in the server's place, what it said that it does not offer.
    pub(super) fn refuse(
        &mut self,
        refusal: impl Fn(&TopicFilter) -> Option<ReasonCode>,
    ) -> Vec<Answer> {
        let mut answers = Vec::new();
        for id in &self.to_subscribe {
            let Some((filter, wish)) = self.table.get_mut(*id) else {
                continue;
            };
            if let Some(reason) = refusal(filter) {
                wish.on_server = OnServer::Refused;
                answers.push(Answer {
                    subscription: *id,
                    filter: filter.clone(),
                    reason,
                });
            }
        }
        for answer in &answers {
            self.settle(answer.subscription);
        }
        answers
    }

    /// SUBACK. `None` for an unknown number.
    pub(super) fn subscribed(
        &mut self,
        packet_id: PacketId,
        reasons: &[ReasonCode],
    ) -> Option<Answers> {
        let ids = self.take_pending(packet_id, Request::Subscribe)?;
        Some(self.answered(ids, reasons))
    }

    /// UNSUBACK. `None` for an unknown number; 3.1.1 sends no codes.
    pub(super) fn unsubscribed(
        &mut self,
        packet_id: PacketId,
        reasons: Option<&[ReasonCode]>,
    ) -> Option<Answers> {
        let ids = self.take_pending(packet_id, Request::Unsubscribe)?;
        let all_well = vec![ReasonCode::SUCCESS; ids.len()];
        Some(self.answered(ids, reasons.unwrap_or(&all_well)))
    }

    /// The connection is gone: requests on their way are asked again. Returns the numbers freed.
    pub(super) fn connection_lost(&mut self) -> Vec<PacketId> {
        let pending = std::mem::take(&mut self.pending);
        for id in pending.iter().flat_map(|pending| &pending.ids) {
            if let Some((_, wish)) = self.table.get_mut(*id) {
                wish.on_server = match wish.on_server {
                    OnServer::Subscribing(_) | OnServer::Unsubscribing => OnServer::Unknown,
                    known => known,
                };
            }
            self.settle(*id);
        }
        pending
            .into_iter()
            .map(|pending| pending.packet_id)
            .collect()
    }

    /// The server has no session: it knows no filter any more. What it refused, it would refuse again.
    pub(super) fn session_lost(&mut self) {
        self.to_subscribe.clear();
        self.to_unsubscribe.clear();
        for id in self.table.ids() {
            if let Some((_, wish)) = self.table.get_mut(id) {
                if wish.on_server != OnServer::Refused {
                    wish.on_server = OnServer::No;
                }
                wish.waits_for = None;
            }
            self.settle(id);
        }
    }

    /// Another server: it may take what the last one refused.
    pub(super) fn forget_refusals(&mut self) {
        for id in self.table.ids() {
            if let Some((_, wish)) = self.table.get_mut(id)
                && wish.on_server == OnServer::Refused
            {
                wish.on_server = OnServer::No;
            }
            self.settle(id);
        }
    }

    /// Codes come in the order of the filters. A filter without one is asked for once more.
    fn answered(&mut self, ids: Vec<SubscriptionId>, reasons: &[ReasonCode]) -> Answers {
        let is_whole = ids.len() == reasons.len();
        let mut filters = Vec::with_capacity(ids.len());
        for (place, id) in ids.into_iter().enumerate() {
            let Some((filter, wish)) = self.table.get_mut(id) else {
                continue;
            };
            let reason = match reasons.get(place) {
                Some(reason) => Some(*reason),
                None if wish.unanswered => Some(ReasonCode::UNSPECIFIED_ERROR),
                None => None,
            };
            wish.unanswered = reason.is_none();
            wish.on_server = match (wish.on_server, reason) {
                (_, None) => OnServer::Unknown,
                (OnServer::Subscribing(_), Some(reason)) if reason.is_error() => OnServer::Refused,
                (OnServer::Subscribing(options), Some(_)) => OnServer::Granted(options),
                // Also when it was refused: nobody wants it, and to ask again would not help.
                (OnServer::Unsubscribing, Some(_)) => OnServer::No,
                (known, Some(_)) => known,
            };
            filters.extend(reason.map(|reason| Answer {
                subscription: id,
                filter: filter.clone(),
                reason,
            }));
            self.settle(id);
        }
        Answers { filters, is_whole }
    }

    fn leave(&mut self, id: SubscriptionId, owner: Option<Owner>) {
        if let Some((_, wish)) = self.table.get_mut(id) {
            let before = wish.owners.len();
            wish.owners
                .retain(|(other, _)| owner.is_some_and(|owner| *other != owner));
            if wish.owners.len() == before {
                return;
            }
        }
        self.settle(id);
    }

    /// Compares wish and server after a change: puts the filter on the list of its packet, and
    /// forgets it when it is over.
    fn settle(&mut self, id: SubscriptionId) {
        let Some((_, wish)) = self.table.get_mut(id) else {
            return;
        };
        let need = wish.need();
        let waited_for = std::mem::replace(&mut wish.waits_for, need);
        let is_over = wish.is_over();
        if need != waited_for {
            if let Some(list) = waited_for.map(|request| self.list(request)) {
                list.retain(|other| *other != id);
            }
            if let Some(list) = need.map(|request| self.list(request)) {
                list.push_back(id);
            }
        }
        if is_over {
            self.table.remove(id);
        }
    }

    /// Takes as many filters as fit into one packet.
    fn take_batch(&mut self, request: Request, most: usize, room: usize) -> Vec<SubscriptionId> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(id) = self.list(request).front().copied() {
            let Some((filter, wish)) = self.table.get_mut(id) else {
                self.list(request).pop_front();
                continue;
            };
            bytes += filter_len(filter);
            let is_alone = wish.unanswered;
            let is_full = batch.len() == most || bytes > room.min(BYTES_PER_PACKET);
            if (is_full || is_alone) && !batch.is_empty() {
                break;
            }
            wish.waits_for = None;
            self.list(request).pop_front();
            batch.push(id);
            if is_alone {
                break;
            }
        }
        batch
    }

    const fn list(&mut self, request: Request) -> &mut VecDeque<SubscriptionId> {
        match request {
            Request::Subscribe => &mut self.to_subscribe,
            Request::Unsubscribe => &mut self.to_unsubscribe,
        }
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

/// Whether a new SUBSCRIBE is needed; a lower QoS alone is not worth one.
fn asks_for_more(wanted: SubscribeOptions, granted: SubscribeOptions) -> bool {
    wanted.qos > granted.qos
        || SubscribeOptions {
            qos: granted.qos,
            ..wanted
        } != granted
}
