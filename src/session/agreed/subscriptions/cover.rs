//! Which subscriptions serve the wanted filters.
//!
//! A filter that another one covers is served by that one's subscription. Where copies cannot be
//! told apart, filters that overlap without covering each other are served by their join. What is
//! subscribed to already is handed over in such an order that nothing is lost.

use super::entry::{OnServer, Use};
use super::table::Near;
use super::{Copies, Entry, MAX_FILTERS, Subscriptions};
use crate::packet::{QoS, RetainHandling};
use crate::session::event::{SubscribeOptions, SubscriptionId};
use crate::topic::TopicFilter;

impl Subscriptions {
    /// Chooses a subscription for every filter that has none.
    pub(super) fn place_all(&mut self) {
        while let Some(id) = self.unplaced.pop_front() {
            let Some((filter, entry)) = self.table.get(id) else {
                continue;
            };
            if entry.is_wanted() && !entry.is_refused && entry.served_by.is_none() {
                let (filter, wanted) = (filter.clone(), entry.wanted());
                self.place(id, &filter, wanted);
            }
        }
    }

    /// No subscription serves the filter any more. One that served only it, or was there because of
    /// it, ends or is replaced by those that the others need.
    pub(super) fn unplace(&mut self, id: SubscriptionId) {
        let Some((_, entry)) = self.table.get_mut(id) else {
            return;
        };
        let server = entry.served_by.take();
        if entry.is_wanted() {
            self.unplaced.push_back(id);
        }
        if entry.purpose == Use::FetchesKept {
            entry.purpose = Use::HandsOver;
        }
        if let Some(server) = server {
            self.serve_one_less(server, server == id);
        }
        self.settle(id);
    }

    /// A subscription serves nothing any more; what it served is placed again.
    pub(super) fn dissolve(&mut self, server: SubscriptionId) {
        let served = self.served_by(server);
        if let Some((_, entry)) = self.table.get_mut(server)
            && entry.purpose == Use::Serves
        {
            entry.purpose = Use::HandsOver;
            entry.serves = 0;
        }
        for id in served {
            self.move_on(id, None);
            self.unplaced.push_back(id);
        }
    }

    /// A filter that the subscription serves wants a higher QoS than before.
    pub(super) fn raise(&mut self, server: SubscriptionId, qos: QoS) {
        if let Some((_, entry)) = self.table.get_mut(server) {
            entry.options.qos = entry.options.qos.max(qos);
        }
        self.settle(server);
    }

    /// The filters that a subscription serves.
    pub(super) fn served_by(&self, server: SubscriptionId) -> Vec<SubscriptionId> {
        let Some((filter, entry)) = self.table.get(server) else {
            return Vec::new();
        };
        if entry.serves == 0 {
            return Vec::new();
        }
        if entry.serves == 1 && entry.served_by == Some(server) {
            return vec![server];
        }
        let mut near = self.table.near(filter, Near::Covered);
        near.retain(|id| {
            let entry = self.table.get(*id);
            entry.is_some_and(|(_, entry)| entry.served_by == Some(server))
        });
        near
    }

    fn serve_one_less(&mut self, server: SubscriptionId, was_own: bool) {
        let Some((_, entry)) = self.table.get_mut(server) else {
            return;
        };
        entry.serves = entry.serves.saturating_sub(1);
        // A join may be wider than what is left needs. Asked at every half, that costs no more
        // than one look at each filter.
        let is_join = entry.served_by != Some(server);
        let is_stale = was_own || is_join && entry.serves * 2 <= entry.served_most;
        if entry.serves == 0 {
            entry.purpose = Use::Nothing;
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

    /// Whether its messages can be told from those of every other subscription, or must be.
    pub(super) fn is_alone(&self, filter: &TopicFilter, wanted: SubscribeOptions) -> bool {
        let has_identifiers = self.copies == Copies::Identified;
        self.copies == Copies::Separate
            || filter.is_shared()
            || wanted.retain_as_published && has_identifiers
    }

    /// Whether a subscription may serve what wants these options.
    fn takes_part(&self, entry: &Entry, wanted: SubscribeOptions) -> bool {
        entry.purpose == Use::Serves && self.are_alike(entry.options, wanted)
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
            found.retain(|id| {
                let entry = self.table.get(*id);
                entry.is_some_and(|(_, entry)| self.takes_part(entry, wanted))
            });
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
        let entry = self.table.number(text).and_then(|id| self.table.get(id));
        entry.is_none_or(|(_, entry)| {
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
            if let Some((_, entry)) = self.table.get_mut(id)
                && entry.purpose == Use::Nothing
                && matches!(entry.on_server, OnServer::Subscribing(_))
            {
                entry.purpose = Use::HandsOver;
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
        let Some((_, entry)) = self.table.get_mut(server) else {
            return;
        };
        // One that was about to end stays as it is.
        if entry.purpose != Use::Nothing && entry.on_server != OnServer::No {
            entry.is_asked_again = entry.awaits_kept && entry.is_wanted();
        } else if matches!(entry.on_server, OnServer::Granted(_)) {
            entry.awaits_kept = false;
        }
        if entry.on_server == OnServer::No {
            entry.lane = wanted.qos;
        }
        entry.purpose = Use::Serves;
        entry.serves = 0;
        entry.served_most = 0;
        entry.options = wanted;
        if entry.is_join {
            entry.options.retain_handling = RetainHandling::OnSubscribe;
        }
        self.settle(server);
    }

    /// A wider subscription serves what another one served.
    fn take_over(&mut self, server: SubscriptionId, old: SubscriptionId) {
        let entry_of = |id| self.table.get(id).map(|(_, entry)| entry);
        let is_asked = entry_of(server).is_some_and(Entry::is_asked);
        // What was asked for before they were there brings them neither an answer nor what is kept.
        let comes_late =
            |id: &SubscriptionId| is_asked && entry_of(*id).is_some_and(|it| !it.is_told);
        let (late, served): (Vec<_>, Vec<_>) =
            self.served_by(old).into_iter().partition(comes_late);
        for id in late {
            self.move_on(id, None);
            self.unplaced.push_back(id);
        }
        for id in &served {
            self.move_on(*id, Some(server));
        }
        let Some((_, entry)) = self.table.get_mut(old) else {
            return;
        };
        let qos = entry.options.qos;
        entry.serves = 0;
        entry.purpose = Use::HandsOver;
        self.settle(old);
        if let Some((_, entry)) = self.table.get_mut(server) {
            entry.options.qos = entry.options.qos.max(qos);
            entry.serves += u32::try_from(served.len()).unwrap_or(u32::MAX);
        }
    }

    /// Another subscription serves a filter, or none does. As long as the last one sends copies,
    /// they count before those of the next.
    fn move_on(&mut self, id: SubscriptionId, server: Option<SubscriptionId>) {
        let old = self.table.get(id).and_then(|(_, entry)| entry.served_by);
        let old = old.and_then(|old| self.table.get(old));
        let identifiers = old.map(|(_, entry)| [entry.identifier, entry.last_identifier]);
        if let Some((_, entry)) = self.table.get_mut(id) {
            entry.remember(identifiers);
            entry.served_by = server;
        }
    }

    /// From now on a subscription serves the filter.
    fn attach(&mut self, id: SubscriptionId, server: SubscriptionId, wanted: SubscribeOptions) {
        let Some((_, entry)) = self.table.get_mut(server) else {
            return;
        };
        entry.serves += 1;
        entry.served_most = entry.serves;
        entry.options.qos = entry.options.qos.max(wanted.qos);
        let is_asked = entry.is_asked();
        let granted = match entry.on_server {
            OnServer::Granted(options) => Some(options.qos),
            _ => None,
        };
        let Some((_, entry)) = self.table.get_mut(id) else {
            return;
        };
        entry.served_by = Some(server);
        if entry.awaits_kept && is_asked {
            if id == server {
                entry.is_asked_again = true;
            } else {
                self.fetch_kept(id, wanted);
            }
        } else if let Some(qos) = granted.filter(|_| entry.is_answered_with(server)) {
            entry.since.get_or_insert(self.now);
            let answer = self.answer(id, crate::packet::ReasonCode(qos.number()));
            self.answers.extend(answer);
        }
        self.settle(server);
    }
}
