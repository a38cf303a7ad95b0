//! Wanted Topic Filters, who wants them, and what the server granted.
//!
//! The table says what should be; [`Subscriptions::next_subscribe`] and
//! [`Subscriptions::next_unsubscribe`] say what to send so that the server agrees. Nothing is ever
//! lost over a reconnect: a new session on the server simply makes every entry unknown again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::event::{Owner, SubscribeError, SubscribeOptions, SubscriptionId};
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
    /// Not subscribed, or nothing is known.
    No,
    /// SUBSCRIBE is on its way.
    Subscribing(SubscribeOptions),
    /// The server granted this wish.
    Granted(SubscribeOptions),
    /// The server said no; it is not asked again by itself.
    Refused,
    /// UNSUBSCRIBE is on its way.
    Unsubscribing,
}

#[derive(Clone, Debug)]
struct Entry {
    filter: TopicFilter,
    owners: BTreeMap<Owner, SubscribeOptions>,
    /// What the owner asked for who asked last.
    last: SubscribeOptions,
    on_server: OnServer,
}

impl Entry {
    /// The highest QoS that any owner asked for, with what the last one asked for besides; `None`
    /// when nobody wants the filter any more.
    fn wanted(&self) -> Option<SubscribeOptions> {
        let qos = self.owners.values().map(|options| options.qos).max()?;
        Some(SubscribeOptions { qos, ..self.last })
    }

    fn wants(&self, topic: &TopicName) -> bool {
        !self.owners.is_empty() && self.filter.matches(topic)
    }
}

/// What a SUBACK said about one filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) subscription: SubscriptionId,
    pub(super) filter: TopicFilter,
    pub(super) reason: ReasonCode,
}

/// The server did not answer with one code per filter. [MQTT-3.8.4-5]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WrongCount;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Subscribe,
    Unsubscribe,
}

/// The table of wanted subscriptions.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscriptions {
    entries: BTreeMap<SubscriptionId, Entry>,
    numbers: HashMap<TopicFilter, SubscriptionId>,
    /// Filters with a wildcard must be compared one by one; all others are looked up.
    with_wildcard: BTreeSet<SubscriptionId>,
    last_number: u32,
    to_subscribe: BTreeSet<SubscriptionId>,
    to_unsubscribe: BTreeSet<SubscriptionId>,
    /// Requests on their way, with the filters in their order.
    pending: HashMap<PacketId, (Request, Vec<SubscriptionId>)>,
}

impl Subscriptions {
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
        let id = match self.numbers.get(filter) {
            Some(id) => *id,
            None => self.insert(filter)?,
        };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.owners.insert(owner, options);
            entry.last = options;
            if entry.on_server == OnServer::Refused {
                entry.on_server = OnServer::No;
            }
        }
        self.settle(id);
        Ok(id)
    }

    /// Removes an owner, or all of them.
    pub(super) fn remove(&mut self, owner: Option<Owner>, filter: &TopicFilter) {
        if let Some(id) = self.numbers.get(filter).copied() {
            self.leave(id, owner);
        }
    }

    /// Removes an owner from every filter.
    pub(super) fn release(&mut self, owner: Owner) {
        let left = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.owners.contains_key(&owner));
        for id in left.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.leave(id, Some(owner));
        }
    }

    /// Whether anybody wants the filter with this number.
    pub(super) fn is_wanted(&self, id: SubscriptionId) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|entry| !entry.owners.is_empty())
    }

    /// Every wanted filter that matches the topic, in the order of their numbers.
    pub(super) fn matching(&self, topic: &TopicName) -> Vec<SubscriptionId> {
        let exact = self.numbers.get(topic.as_str());
        let mut found = (self.with_wildcard.iter().chain(exact))
            .filter(|id| self.entries.get(id).is_some_and(|entry| entry.wants(topic)))
            .copied()
            .collect::<Vec<_>>();
        found.sort_unstable();
        found
    }

    /// The filters of the next SUBSCRIBE; empty when the server knows all. With `one` filter a
    /// packet, each can have an identifier of its own.
    pub(super) fn next_subscribe(
        &mut self,
        packet_id: PacketId,
        one: bool,
    ) -> Vec<(SubscriptionId, TopicFilter, SubscribeOptions)> {
        let most = if one { 1 } else { FILTERS_PER_PACKET };
        let ids = take_batch(&mut self.to_subscribe, &self.entries, most);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(entry) = self.entries.get_mut(id) else {
                continue;
            };
            let Some(options) = entry.wanted() else {
                continue;
            };
            entry.on_server = OnServer::Subscribing(options);
            filters.push((*id, entry.filter.clone(), options));
        }
        self.remember(packet_id, Request::Subscribe, ids);
        filters
    }

    /// Refuses, in the server's place, what it said that it does not offer.
    pub(super) fn refuse(
        &mut self,
        refusal: impl Fn(&TopicFilter) -> Option<ReasonCode>,
    ) -> Vec<Answer> {
        let mut answers = Vec::new();
        for id in &self.to_subscribe {
            let Some(entry) = self.entries.get_mut(id) else {
                continue;
            };
            if let Some(reason) = refusal(&entry.filter) {
                entry.on_server = OnServer::Refused;
                let filter = entry.filter.clone();
                answers.push(Answer {
                    subscription: *id,
                    filter,
                    reason,
                });
            }
        }
        for answer in &answers {
            self.settle(answer.subscription);
        }
        answers
    }

    /// The filters of the next UNSUBSCRIBE; empty when nothing is left over on the server.
    pub(super) fn next_unsubscribe(&mut self, packet_id: PacketId) -> Vec<TopicFilter> {
        let ids = take_batch(&mut self.to_unsubscribe, &self.entries, FILTERS_PER_PACKET);
        let mut filters = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(entry) = self.entries.get_mut(id) else {
                continue;
            };
            entry.on_server = OnServer::Unsubscribing;
            filters.push(entry.filter.clone());
        }
        self.remember(packet_id, Request::Unsubscribe, ids);
        filters
    }

    /// Whether a SUBSCRIBE must be sent.
    pub(super) fn needs_subscribe(&self) -> bool {
        !self.to_subscribe.is_empty()
    }

    /// Whether an UNSUBSCRIBE must be sent.
    pub(super) fn needs_unsubscribe(&self) -> bool {
        !self.to_unsubscribe.is_empty()
    }

    /// SUBACK. `None` for an unknown number; an error when the codes are not one per filter.
    pub(super) fn subscribed(
        &mut self,
        packet_id: PacketId,
        reasons: &[ReasonCode],
    ) -> Option<Result<Vec<Answer>, WrongCount>> {
        let ids = self.take_pending(packet_id, Request::Subscribe)?;
        if ids.len() != reasons.len() {
            return Some(Err(WrongCount));
        }
        let mut answers = Vec::with_capacity(ids.len());
        for (id, reason) in ids.into_iter().zip(reasons) {
            let Some(entry) = self.entries.get_mut(&id) else {
                continue;
            };
            if let OnServer::Subscribing(qos) = entry.on_server {
                entry.on_server = if reason.is_error() {
                    OnServer::Refused
                } else {
                    OnServer::Granted(qos)
                };
            }
            let filter = entry.filter.clone();
            answers.push(Answer {
                subscription: id,
                filter,
                reason: *reason,
            });
            self.settle(id);
        }
        Some(Ok(answers))
    }

    /// UNSUBACK. `None` for an unknown number; 3.1.1 sends no codes, 5.0 one per filter.
    pub(super) fn unsubscribed(
        &mut self,
        packet_id: PacketId,
        reasons: Option<&[ReasonCode]>,
    ) -> Option<Result<Vec<TopicFilter>, WrongCount>> {
        let ids = self.take_pending(packet_id, Request::Unsubscribe)?;
        if reasons.is_some_and(|reasons| reasons.len() != ids.len()) {
            return Some(Err(WrongCount));
        }
        let mut filters = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.on_server = OnServer::No;
                filters.push(entry.filter.clone());
            }
            self.settle(id);
        }
        Some(Ok(filters))
    }

    /// The connection is gone: requests on their way are asked again. Returns the numbers freed.
    pub(super) fn connection_lost(&mut self) -> Vec<PacketId> {
        let pending = std::mem::take(&mut self.pending);
        for id in pending.values().flat_map(|(_, ids)| ids) {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.on_server = match entry.on_server {
                    // The UNSUBSCRIBE may or may not have arrived: it is sent again.
                    OnServer::Unsubscribing => OnServer::Granted(SubscribeOptions::default()),
                    OnServer::Subscribing(_) => OnServer::No,
                    known => known,
                };
            }
            self.settle(*id);
        }
        pending.into_keys().collect()
    }

    /// The server has no session: it knows no filter any more.
    pub(super) fn session_lost(&mut self) {
        let ids = self.entries.keys().copied().collect::<Vec<_>>();
        for id in ids {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.on_server = OnServer::No;
            }
            self.settle(id);
        }
    }

    fn insert(&mut self, filter: &TopicFilter) -> Result<SubscriptionId, SubscribeError> {
        if self.entries.len() >= MAX_FILTERS {
            return Err(SubscribeError::TooMany);
        }
        self.last_number = self.last_number.wrapping_add(1);
        let id = SubscriptionId(self.last_number);
        let entry = Entry {
            filter: filter.clone(),
            owners: BTreeMap::new(),
            last: SubscribeOptions::default(),
            on_server: OnServer::No,
        };
        self.entries.insert(id, entry);
        self.numbers.insert(filter.clone(), id);
        if needs_comparison(filter) {
            self.with_wildcard.insert(id);
        }
        Ok(id)
    }

    fn leave(&mut self, id: SubscriptionId, owner: Option<Owner>) {
        if let Some(entry) = self.entries.get_mut(&id) {
            match owner {
                Some(owner) => {
                    entry.owners.remove(&owner);
                }
                None => entry.owners.clear(),
            }
        }
        self.settle(id);
    }

    /// Compares wish and server after a change: notes what to send, and forgets an entry that
    /// nobody wants and the server does not know.
    fn settle(&mut self, id: SubscriptionId) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        self.to_subscribe.remove(&id);
        self.to_unsubscribe.remove(&id);
        match (entry.on_server, entry.wanted()) {
            (OnServer::No, Some(_)) => {
                self.to_subscribe.insert(id);
            }
            (OnServer::Granted(granted), Some(wanted)) if asks_for_more(wanted, granted) => {
                self.to_subscribe.insert(id);
            }
            (OnServer::Granted(_), None) => {
                self.to_unsubscribe.insert(id);
            }
            (OnServer::No | OnServer::Refused, None) => self.forget(id),
            (OnServer::Subscribing(_) | OnServer::Unsubscribing, _)
            | (OnServer::Granted(_) | OnServer::Refused, Some(_)) => {}
        }
    }

    fn forget(&mut self, id: SubscriptionId) {
        if let Some(entry) = self.entries.remove(&id) {
            self.numbers.remove(&entry.filter);
            self.with_wildcard.remove(&id);
        }
    }

    fn remember(&mut self, packet_id: PacketId, request: Request, ids: Vec<SubscriptionId>) {
        if !ids.is_empty() {
            self.pending.insert(packet_id, (request, ids));
        }
    }

    fn take_pending(
        &mut self,
        packet_id: PacketId,
        request: Request,
    ) -> Option<Vec<SubscriptionId>> {
        let (found, _) = self.pending.get(&packet_id)?;
        if *found != request {
            return None;
        }
        self.pending.remove(&packet_id).map(|(_, ids)| ids)
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

/// Whether the filter's text alone does not tell the one topic that it matches.
fn needs_comparison(filter: &TopicFilter) -> bool {
    filter.has_wildcard() || filter.is_shared()
}

/// Takes as many filters as fit into one packet.
fn take_batch(
    waiting: &mut BTreeSet<SubscriptionId>,
    entries: &BTreeMap<SubscriptionId, Entry>,
    most: usize,
) -> Vec<SubscriptionId> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    while let Some(id) = waiting.first().copied() {
        bytes += entries
            .get(&id)
            .map_or(0, |entry| entry.filter.as_str().len());
        if batch.len() == most || (bytes > BYTES_PER_PACKET && !batch.is_empty()) {
            break;
        }
        waiting.remove(&id);
        batch.push(id);
    }
    batch
}
