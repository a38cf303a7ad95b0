//! SUBSCRIBE and UNSUBSCRIBE: what they hold, and when they leave.

use super::entry::{OnServer, Request, Use};
use super::table::Near;
use super::{Answer, Copies, Subscriptions};
use crate::packet::{Packet, PacketId, ReasonCode, Subscribe, SubscribeOptions, Unsubscribe};
use crate::session::connection::limits::filter_len;
use crate::session::event::SubscriptionId;
use crate::topic::TopicFilter;

/// How many Topic Filters one SUBSCRIBE or UNSUBSCRIBE holds at most: some servers refuse long lists.
const FILTERS_PER_PACKET: usize = 64;

/// How many bytes of filters one packet holds at most, unless it holds a single one.
const BYTES_PER_PACKET: usize = 16 * 1024;

/// A request on its way, with the filters in their order.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) packet_id: PacketId,
    pub(super) request: Request,
    pub(super) ids: Vec<SubscriptionId>,
}

impl Subscriptions {
    /// Whether a SUBSCRIBE must be sent.
    fn needs_subscribe(&self) -> bool {
        !self.to_subscribe.is_empty() || !self.unplaced.is_empty()
    }

    /// Whether anything must be sent, now or when an answer comes.
    pub(crate) fn needs_requests(&self) -> bool {
        let lists = [&self.to_unsubscribe, &self.to_hand_over];
        self.needs_subscribe() || lists.iter().any(|list| !list.is_empty())
    }

    /// What is to be sent next. What hands over waits until others have taken its place: they were
    /// granted, or, where two copies could not be told apart, their SUBSCRIBE is just before it.
    pub(crate) fn due(&self) -> Option<Request> {
        if !self.to_unsubscribe.is_empty() {
            return Some(Request::Unsubscribe);
        }
        if self.needs_subscribe() {
            return Some(Request::Subscribe);
        }
        let mut requests = self.pending.iter();
        let awaits_suback = requests.any(|pending| pending.request == Request::Subscribe);
        let is_early = self.copies != Copies::Alike && awaits_suback;
        (!self.to_hand_over.is_empty() && !is_early).then_some(Request::HandOver)
    }

    /// The packet of what is due, with `room` for so many bytes of filters, or for one filter.
    pub(crate) fn next_packet(
        &mut self,
        request: Request,
        packet_id: PacketId,
        room: Option<usize>,
    ) -> Packet {
        let ids = self.take_batch(request, room);
        match request {
            Request::Subscribe => Packet::Subscribe(self.next_subscribe(packet_id, ids)),
            Request::Unsubscribe | Request::HandOver => {
                if request == Request::HandOver {
                    // What it brought may come once more for what takes its place.
                    self.sorted_since = Some(self.now);
                }
                Packet::Unsubscribe(self.next_unsubscribe(packet_id, ids))
            }
        }
    }

    /// What an UNSUBSCRIBE on its way ends, and what is to be there when another one hands over.
    fn hurry(&mut self) {
        let requests = self.pending.iter();
        let ending = requests.filter(|pending| pending.request == Request::Unsubscribe);
        for id in ending.flat_map(|it| it.ids.clone()).collect::<Vec<_>>() {
            if let Some(entry) = self.table.entry_mut(id) {
                entry.subscription.is_in_a_hurry = true;
                self.settle(id);
            }
        }
    }

    /// Whether a SUBSCRIBE or UNSUBSCRIBE is on its way.
    pub(crate) const fn awaits_answer(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The filter in the only request that is not answered, if it holds no other.
    pub(crate) fn only_asked(&self) -> Option<SubscriptionId> {
        let [pending] = self.pending.as_slice() else {
            return None;
        };
        let [id] = pending.ids.as_slice() else {
            return None;
        };
        Some(*id)
    }

    /// Chooses what to subscribe to, and refuses in the server's place what it said that it does
    /// not offer.
    pub(crate) fn prepare(
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

    fn next_subscribe(&mut self, packet_id: PacketId, ids: Vec<SubscriptionId>) -> Subscribe {
        let identifier = self.identifier_for(&ids);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let retain_handling = self.kept_is_coming(*id);
            let Some((filter, entry)) = self.table.get_mut(*id) else {
                continue;
            };
            let subscription = &mut entry.subscription;
            subscription.asked(packet_id, identifier);
            let options = SubscribeOptions {
                retain_handling,
                ..subscription.options
            };
            filters.push((filter.clone(), options));
            if subscription.purpose == Use::FetchesKept && self.copies == Copies::Alike {
                subscription.purpose = Use::HandsOver;
            }
            self.settle(*id);
        }
        self.pending.push(Pending {
            packet_id,
            request: Request::Subscribe,
            ids,
        });
        Subscribe {
            packet_id,
            filters,
            subscription_id: identifier,
            user_properties: Vec::new(),
        }
    }

    fn next_unsubscribe(&mut self, packet_id: PacketId, ids: Vec<SubscriptionId>) -> Unsubscribe {
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some((filter, entry)) = self.table.get_mut(*id) else {
                continue;
            };
            entry.subscription.on_server = OnServer::Unsubscribing;
            entry.subscription.last_request = Some(packet_id);
            filters.push(filter.clone());
        }
        self.pending.push(Pending {
            packet_id,
            request: Request::Unsubscribe,
            ids,
        });
        Unsubscribe { packet_id, filters }
    }

    /// Leaves the server what cannot be given up on this connection, because an UNSUBSCRIBE with its
    /// filter would be larger than the server takes.
    pub(crate) fn leave_what_is_too_long(&mut self, room: usize) {
        let lists = self.to_unsubscribe.iter().chain(&self.to_hand_over);
        for id in lists.copied().collect::<Vec<_>>() {
            if let Some((filter, entry)) = self.table.get_mut(id)
                && filter_len(filter) > room
            {
                entry.subscription.on_server = OnServer::No;
                self.settle(id);
            }
        }
    }

    /// A filter and those that it covers.
    pub(super) fn within(&self, id: SubscriptionId) -> Vec<SubscriptionId> {
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
                let entry = self.table.entry(*id);
                let previous =
                    entry.filter(|entry| entry.subscription.on_server != OnServer::Unsubscribing);
                let had = previous.map(|entry| entry.subscription.identifier);
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
                filter.has_wildcard() || filter.is_shared() || entry.subscription.identifier != 0
            }),
        }
    }

    /// Takes as many filters as fit into one packet; without `room` one.
    fn take_batch(&mut self, request: Request, room: Option<usize>) -> Vec<SubscriptionId> {
        let room = room.unwrap_or(0).min(BYTES_PER_PACKET);
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(id) = self.list(request).front().copied() {
            let is_single = request == Request::Subscribe && self.goes_alone(id);
            let Some((filter, entry)) = self.table.get_mut(id) else {
                self.list(request).pop_front();
                continue;
            };
            let goes_alone = is_single || entry.subscription.is_unanswered;
            bytes += filter_len(filter);
            let is_full = batch.len() == FILTERS_PER_PACKET || bytes > room;
            if (is_full || goes_alone) && !batch.is_empty() {
                break;
            }
            entry.subscription.waits_for = None;
            self.list(request).pop_front();
            batch.push(id);
            if goes_alone {
                break;
            }
        }
        batch
    }
}
