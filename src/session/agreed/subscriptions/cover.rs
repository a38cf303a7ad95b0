//! Which subscriptions serve the wanted filters.
//!
//! A filter that another one covers is served by that one's subscription. Where copies cannot be
//! told apart, filters that overlap without covering each other are served by their join. What is
//! subscribed to already is handed over in such an order that nothing is lost.

use super::entry::{OnServer, Use, asks_for_more};
use super::table::Near;
use super::{Copies, Entry, MAX_FILTERS, Subscriptions};
use crate::packet::SubscribeOptions;
use crate::packet::{QoS, RetainHandling};
use crate::session::event::SubscriptionId;
use crate::topic::TopicFilter;

impl Subscriptions {
    /// Chooses a subscription for every filter that has none.
    pub(super) fn place_all(&mut self) {
        while let Some(id) = self.unplaced.pop_front() {
            let Some((filter, entry)) = self.table.get(id) else {
                continue;
            };
            if entry.is_wanted() && !entry.is_refused && entry.service.by.is_none() {
                let (filter, wanted) = (filter.clone(), entry.wanted());
                self.place(id, &filter, wanted);
            }
        }
    }

    /// No subscription serves the filter any more. One that served only it, or was there because of
    /// it, ends or is replaced by those that the others need.
    pub(super) fn unplace(&mut self, id: SubscriptionId) {
        let Some(entry) = self.table.entry_mut(id) else {
            return;
        };
        let server = entry.service.by.take();
        if entry.is_wanted() {
            self.unplaced.push_back(id);
        }
        if entry.subscription.purpose == Use::FetchesKept {
            entry.subscription.purpose = Use::HandsOver;
        }
        if let Some(server) = server {
            self.serve_one_less(server, server == id);
        }
        self.settle(id);
    }

    /// A subscription serves nothing any more; what it served is placed again.
    pub(super) fn dissolve(&mut self, server: SubscriptionId) {
        let served = self.served_by(server);
        if let Some(entry) = self.table.entry_mut(server)
            && entry.subscription.purpose == Use::Serves
        {
            entry.subscription.purpose = Use::HandsOver;
            entry.subscription.serves = 0;
        }
        for id in served {
            self.move_on(id, None);
            self.unplaced.push_back(id);
        }
    }

    /// A filter that the subscription serves wants a higher QoS than before.
    pub(super) fn raise(&mut self, server: SubscriptionId, qos: QoS) {
        if let Some(entry) = self.table.entry_mut(server) {
            entry.subscription.raise(qos);
        }
        self.settle(server);
    }

    /// The filters that a subscription serves.
    pub(super) fn served_by(&self, server: SubscriptionId) -> Vec<SubscriptionId> {
        let Some((filter, entry)) = self.table.get(server) else {
            return Vec::new();
        };
        if entry.subscription.serves == 0 {
            return Vec::new();
        }
        if entry.subscription.serves == 1 && entry.service.by == Some(server) {
            return vec![server];
        }
        let mut near = self.table.near(filter, Near::Covered);
        near.retain(|id| self.table.is(*id, |entry| entry.service.by == Some(server)));
        near
    }

    fn serve_one_less(&mut self, server: SubscriptionId, was_own: bool) {
        let Some(entry) = self.table.entry_mut(server) else {
            return;
        };
        let subscription = &mut entry.subscription;
        subscription.serves = subscription.serves.saturating_sub(1);
        // A join may be wider than what is left needs. Asked at every half, that costs no more
        // than one look at each filter.
        let is_join = entry.service.by != Some(server);
        let is_stale = was_own || is_join && subscription.serves * 2 <= subscription.served_most;
        if subscription.serves == 0 {
            subscription.purpose = Use::Nothing;
        } else if is_stale {
            self.dissolve(server);
        }
        self.settle(server);
    }

    fn place(&mut self, id: SubscriptionId, filter: &TopicFilter, wanted: SubscribeOptions) {
        let is_alone = self.is_alone(filter, wanted);
        let takes_part = |entry: &Entry| self.takes_part(entry, wanted);
        let cover = self.table.covering(filter, takes_part).next();
        if let Some(server) = cover.filter(|_| !is_alone) {
            return self.attach(id, server, wanted);
        }
        // What has no wildcard covers nothing, and is covered by all that it overlaps.
        let (text, replaced) = if is_alone || !filter.has_wildcard() {
            (filter.clone(), Vec::new())
        } else {
            self.joined(filter, wanted)
        };
        let Some(server) = self.server_for(&text) else {
            return;
        };
        self.end_soon(&text);
        // What has its text may serve others, with other options.
        self.dissolve(server);
        self.begin_to_serve(server, wanted);
        for old in replaced {
            if old != server {
                self.take_over(server, old);
            }
        }
        self.attach(id, server, wanted);
    }

    /// Whether its messages can be distinguished from those of every other subscription, or must be.
    pub(super) fn is_alone(&self, filter: &TopicFilter, wanted: SubscribeOptions) -> bool {
        let has_identifiers = self.copies == Copies::Identified;
        self.copies == Copies::Separate
            || filter.is_shared()
            || wanted.retain_as_published && has_identifiers
    }

    /// Whether a subscription may serve what wants these options.
    fn takes_part(&self, entry: &Entry, wanted: SubscribeOptions) -> bool {
        let subscription = &entry.subscription;
        subscription.purpose == Use::Serves && self.are_alike(subscription.options, wanted)
    }

    /// Whether the server sends the same for both, but for the QoS. 3.1.1 has no other options.
    pub(super) fn are_alike(&self, one: SubscribeOptions, other: SubscribeOptions) -> bool {
        !self.has_options
            || (one.no_local, one.retain_as_published)
                == (other.no_local, other.retain_as_published)
    }

    /// What to subscribe to for a filter that nothing covers, and the subscriptions that it replaces.
    fn joined(
        &self,
        filter: &TopicFilter,
        wanted: SubscribeOptions,
    ) -> (TopicFilter, Vec<SubscriptionId>) {
        let near = match self.copies {
            Copies::Alike => Near::Overlapping,
            Copies::Identified | Copies::Separate => Near::Covered,
        };
        let mut text = filter.clone();
        loop {
            let mut found = self.table.near(&text, near);
            found.retain(|id| self.table.is(*id, |entry| self.takes_part(entry, wanted)));
            let others = found.iter().filter_map(|id| self.table.get(*id));
            let uncovered = others.map(|(other, _)| other).filter(|it| !text.covers(it));
            let wider = uncovered.fold(text.clone(), |all, other| all.join(other));
            if wider == text || !self.may_join(&wider, wanted) {
                found.retain(|id| {
                    let entry = self.table.get(*id);
                    entry.is_some_and(|(other, _)| text.covers(other))
                });
                return (text, found);
            }
            text = wider;
        }
    }

    /// Whether a filter may be subscribed to that nobody asked for: not if the server refused it.
    fn may_join(&self, text: &TopicFilter, wanted: SubscribeOptions) -> bool {
        let entry = self.table.number(text).and_then(|id| self.table.entry(id));
        entry.is_none_or(|entry| {
            !entry.is_refused
                && (!entry.is_wanted() || self.are_alike(entry.interest.last(), wanted))
        })
    }

    /// What is not wanted any more must not wait for its SUBACK where its copies would be mistaken
    /// for those of what is wanted now.
    fn end_soon(&mut self, text: &TopicFilter) {
        if self.copies != Copies::Alike {
            return;
        }
        let near = if text.has_wildcard() {
            self.table.near(text, Near::Overlapping)
        } else {
            self.table.covering(text, |_| true).collect()
        };
        for id in near {
            if let Some(entry) = self.table.entry_mut(id)
                && entry.subscription.purpose == Use::Nothing
                && matches!(entry.subscription.on_server, OnServer::Subscribing(_))
            {
                entry.subscription.purpose = Use::HandsOver;
                self.settle(id);
            }
        }
    }

    fn server_for(&mut self, text: &TopicFilter) -> Option<SubscriptionId> {
        self.table.number(text).or_else(|| {
            let entry = Entry {
                is_join: true,
                ..Entry::default()
            };
            self.table.insert(text, entry, MAX_FILTERS)
        })
    }

    fn begin_to_serve(&mut self, server: SubscriptionId, wanted: SubscribeOptions) {
        let Some(entry) = self.table.entry_mut(server) else {
            return;
        };
        let is_wanted = entry.is_wanted();
        let Entry {
            subscription,
            service,
            ..
        } = entry;
        if subscription.purpose != Use::Nothing && subscription.is_active() {
            subscription.is_asked_again = service.awaits_kept && is_wanted;
        } else if let OnServer::Granted(granted) = subscription.on_server
            && !asks_for_more(wanted, granted)
        {
            // One that was about to end stays as it is: no packet asks for anything.
            service.awaits_kept = false;
        }
        subscription.purpose = Use::Serves;
        subscription.serves = 0;
        subscription.served_most = 0;
        subscription.options = wanted;
        if entry.is_join {
            subscription.options.retain_handling = RetainHandling::OnSubscribe;
        }
        self.settle(server);
    }

    /// A wider subscription serves what another one served.
    fn take_over(&mut self, server: SubscriptionId, old: SubscriptionId) {
        let is_asked = self.table.is(server, |entry| entry.subscription.is_asked());
        // What was asked for before they were there brings them neither an answer nor retained messages.
        let comes_late =
            |id: &SubscriptionId| is_asked && self.table.is(*id, |it| !it.service.is_reported);
        let (late, served): (Vec<_>, Vec<_>) =
            self.served_by(old).into_iter().partition(comes_late);
        for id in late {
            self.move_on(id, None);
            self.unplaced.push_back(id);
        }
        for id in &served {
            self.move_on(*id, Some(server));
        }
        let Some(entry) = self.table.entry_mut(old) else {
            return;
        };
        let qos = entry.subscription.options.qos;
        entry.subscription.serves = 0;
        entry.subscription.purpose = Use::HandsOver;
        self.settle(old);
        if let Some(entry) = self.table.entry_mut(server) {
            entry.subscription.raise(qos);
            entry.subscription.serves += u32::try_from(served.len()).unwrap_or(u32::MAX);
        }
    }

    /// Another subscription serves a filter, or none does. As long as the last one sends copies,
    /// they count before those of the next.
    fn move_on(&mut self, id: SubscriptionId, server: Option<SubscriptionId>) {
        let old = self.table.entry(id).and_then(|entry| entry.service.by);
        let old = old.and_then(|old| self.table.entry(old));
        let identifiers = old.map(|entry| entry.subscription.identifiers());
        if let Some(entry) = self.table.entry_mut(id) {
            entry.service.remember(identifiers);
            entry.service.by = server;
        }
    }

    /// From now on a subscription serves the filter.
    fn attach(&mut self, id: SubscriptionId, server: SubscriptionId, wanted: SubscribeOptions) {
        let Some(entry) = self.table.entry_mut(server) else {
            return;
        };
        let subscription = &mut entry.subscription;
        subscription.serves += 1;
        subscription.served_most = subscription.serves;
        subscription.raise(wanted.qos);
        let is_asked = subscription.is_asked();
        let granted = match subscription.on_server {
            OnServer::Granted(options) => Some(options.qos),
            _ => None,
        };
        let Some(entry) = self.table.entry_mut(id) else {
            return;
        };
        entry.service.by = Some(server);
        if entry.service.awaits_kept && is_asked {
            if id == server {
                entry.subscription.is_asked_again = true;
            } else {
                self.fetch_kept(id, wanted);
            }
        } else if let Some(qos) = granted.filter(|_| entry.is_answered_with(server)) {
            entry.service.since.get_or_insert(self.now);
            let answer = self.answer(id, crate::packet::ReasonCode(qos.number()));
            self.answers.extend(answer);
        }
        self.settle(server);
    }
}
