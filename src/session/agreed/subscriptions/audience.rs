//! Which wanted filters a message that came is for.

use super::entry::{Entry, Subscription};
use super::{Copies, Subscriptions};
use crate::session::event::SubscriptionId;
use crate::topic::TopicName;

/// What is known of a message that came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came<'message> {
    pub(crate) topic: &'message TopicName,
    pub(crate) payload: &'message [u8],
    pub(crate) retain: bool,
    /// The Subscription Identifiers that came with it.
    pub(crate) identifiers: &'message [u32],
}

/// Which wanted filters a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// These; none, if nobody wants it any more.
    Filters(Vec<SubscriptionId>),
    /// None, because the same message came or comes for another subscription.
    HasItAlready,
}

impl Subscriptions {
    /// The filters that get the message. Each filter gets each message once, as often as the server
    /// may send it.
    pub(crate) fn audience(&mut self, came: Came<'_>) -> Audience {
        let matching = self.matching(came.topic);
        let is_asked_for = !matching.is_empty();
        let has_identifiers = !came.identifiers.is_empty();
        let mut found = match self.copies {
            Copies::Separate if has_identifiers => {
                // [MQTT5-3.3.4-3]
                let named = came.identifiers.iter().map(|id| SubscriptionId(*id));
                return Audience::Filters(named.filter(|id| self.is_wanted(*id)).collect());
            }
            Copies::Identified if has_identifiers => self.identified(came, &matching),
            Copies::Alike | Copies::Identified | Copies::Separate if came.retain => {
                self.new_to(&matching)
            }
            Copies::Alike | Copies::Identified | Copies::Separate => matching,
        };
        self.without_repetitions(came, &mut found);
        if found.is_empty() && (is_asked_for || self.is_only_joined(came.topic)) {
            return Audience::HasItAlready;
        }
        Audience::Filters(found)
    }

    fn is_wanted(&self, id: SubscriptionId) -> bool {
        self.table.is(id, Entry::is_wanted)
    }

    /// Of several copies the one counts that came for the oldest of the subscriptions that match:
    /// it was there when all others were made, so none is missed. Which may count for a filter is said by
    /// the first that served it and is still there: until its UNSUBACK nothing changes for the filter, or
    /// one copy of a message could be judged by what was wanted before a change, and the next one by what
    /// is wanted after it. Before any was granted, only the copies of its own subscription count. [MQTT5-3.3.4-3] [MQTT5-3.3.4-5]
    fn identified(&self, came: Came<'_>, matching: &[SubscriptionId]) -> Vec<SubscriptionId> {
        let is_ours = |id: &u32| *id > self.no_identifier && *id <= self.last_identifier;
        if !came.identifiers.iter().any(is_ours) {
            // An earlier page asked for it.
            return matching.to_vec();
        }
        let has_identifier = |entry: &Entry| entry.subscription.has_identifier();
        let active = self.table.matching(came.topic, has_identifier);
        let mut found = matching.to_vec();
        found.retain(|id| self.is_for(*id, came, &active));
        found
    }

    fn is_for(&self, id: SubscriptionId, came: Came<'_>, active: &[SubscriptionId]) -> bool {
        let is_named = |id: SubscriptionId| {
            let subscription = self.table.entry(id).map(|it| &it.subscription);
            let mut identifiers = subscription.into_iter().flat_map(Subscription::identifiers);
            identifiers.any(|identifier| came.identifiers.contains(&identifier))
        };
        let Some(entry) = self.table.entry(id) else {
            return false;
        };
        let Some(server) = entry.service.by else {
            return false;
        };
        if came.retain && !entry.interest.last().retain_as_published {
            return entry.service.kept_from.is_some_and(is_named);
        }
        let Some(first) = self.first_granted(id, active) else {
            return is_named(server);
        };
        let leaders = active.iter().filter(|id| self.may_lead(**id, first));
        let leaders = leaders.filter_map(|id| self.table.entry(*id));
        let oldest = leaders.map(|it| it.subscription.oldest_identifier()).min();
        oldest.is_some_and(|identifier| came.identifiers.contains(&identifier))
    }

    /// Of the subscriptions that bring a filter's messages, and are still there, the first that was
    /// granted: one that served it before, that which serves it, or its own.
    fn first_granted(
        &self,
        id: SubscriptionId,
        active: &[SubscriptionId],
    ) -> Option<SubscriptionId> {
        let entry = self.table.entry(id)?;
        let before = entry.service.before.iter().filter_map(|identifier| {
            let had_it = |it: &Entry| it.subscription.oldest_identifier() == *identifier;
            let mut active = active.iter().copied();
            active.find(|id| self.table.is(*id, had_it))
        });
        let was_granted = |it: &Entry| it.subscription.was_granted();
        let mut servers = before.chain(entry.service.by).chain([id]);
        servers.find(|id| active.contains(id) && self.table.is(*id, was_granted))
    }

    /// Whether a copy for one subscription can be meant for what another one serves too.
    fn may_lead(&self, leader: SubscriptionId, server: SubscriptionId) -> bool {
        let Some(((filter, entry), (other, served))) =
            self.table.get(leader).zip(self.table.get(server))
        else {
            return false;
        };
        let (leads, serves) = (&entry.subscription, &served.subscription);
        let are_together = !self.is_alone(filter, leads.options)
            && !self.is_alone(other, serves.options)
            && self.are_alike(leads.options, serves.options)
            && leads.lane == serves.lane;
        leader == server || are_together
    }

    /// Whether the topic is only part of a filter that nobody asked for.
    fn is_only_joined(&self, topic: &TopicName) -> bool {
        let joins = |entry: &Entry| entry.is_join && entry.subscription.is_active();
        !self.table.matching(topic, joins).is_empty()
    }
}
