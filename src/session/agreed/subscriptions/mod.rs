//! Wanted Topic Filters, who wants them, and what the server granted.
//!
//! The table says what should be; [`Subscriptions::next_packet`] what to send so that the server
//! agrees. Nothing is ever
//! lost over a reconnect: a new session on the server simply makes every entry unknown again.
//!
//! The server is not asked for every wanted filter: many send a message once for each filter that
//! matches it. `cover.rs` chooses what to subscribe to, `requests.rs` and `answers.rs` make the server
//! agree, and `audience.rs` says which filters a message that came is for, with `retained.rs` where the
//! server retained it. Docs: decision 0019.

mod answers;
mod audience;
mod cover;
mod entry;
mod requests;
mod retained;
mod table;

use std::collections::VecDeque;
use std::time::Duration;

use crate::packet::SubscribeOptions;
use crate::session::event::{Owner, SubscribeError, SubscriptionId};
use crate::topic::{TopicFilter, TopicName};
pub(crate) use answers::{Answer, Answers, GivenUp};
pub(crate) use audience::{Audience, Came};
use entry::{Entry, OnServer, Request};
use requests::Pending;
use table::FilterTable;

/// How many Topic Filters a session holds at most.
pub const MAX_FILTERS: usize = 100_000;

/// Where the Subscription Identifiers of a page begin that goes on with a session.
const OTHER_IDENTIFIERS: u64 = 0x000F_FFFF;

/// How the copies of a message are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Copies {
    /// They are not: 3.1.1, and servers of 5.0 without Subscription Identifiers.
    #[default]
    Alike,
    /// By the Subscription Identifiers that the server adds.
    Identified,
    /// The application wants each subscription for itself, with the server's word.
    Separate,
}

/// The table of wanted subscriptions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subscriptions {
    /// How long to wait before what was taken before and is refused now is asked for again.
    pub(crate) later: Option<Duration>,
    table: FilterTable<Entry>,
    copies: Copies,
    /// Whether subscriptions have options: 5.0.
    has_options: bool,
    now: Duration,
    /// Filters for which no subscription is chosen yet.
    unplaced: VecDeque<SubscriptionId>,
    to_subscribe: VecDeque<SubscriptionId>,
    to_unsubscribe: VecDeque<SubscriptionId>,
    to_hand_over: VecDeque<SubscriptionId>,
    pending: Vec<Pending>,
    /// Answers that need no packet, because what serves the filter was granted before.
    answers: Vec<Answer>,
    /// Where Subscription Identifiers begin in a session that is older than the page.
    seed: u32,
    /// The last Subscription Identifier, and the one before the first.
    last_identifier: u32,
    no_identifier: u32,
    /// When something was asked for whose retained messages are not for every filter that they match.
    sorted_since: Option<Duration>,
}

impl Subscriptions {
    /// Each page has its own seed.
    pub(crate) fn new(seed: u64) -> Self {
        let seed = u32::try_from(seed & OTHER_IDENTIFIERS).unwrap_or_default();
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Time goes on.
    pub(crate) const fn observe(&mut self, now: Duration) {
        self.now = now;
    }

    /// Adds an owner. A filter that was refused is asked for again.
    pub(crate) fn add(
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
                let id = self.table.insert(filter, Entry::default(), MAX_FILTERS);
                id.ok_or(SubscribeError::TooMany)?
            }
        };
        let Some(entry) = self.table.entry_mut(id) else {
            return Ok(id);
        };
        let before = (entry.is_wanted() && !entry.is_refused).then(|| entry.wanted());
        entry.interest.begin(owner, options);
        let wanted = entry.wanted();
        match before {
            Some(before) if before == wanted => {}
            Some(before) => self.change(id, before, wanted),
            None => {
                entry.is_refused = false;
                entry.is_join = false;
                entry.reports_end = false;
                entry.begin_anew();
                self.unplaced.push_back(id);
            }
        }
        Ok(id)
    }

    /// An earlier run may have subscribed to a filter that is not known here.
    pub(crate) fn may_be_on_server(&mut self, filter: &TopicFilter) {
        if self.table.number(filter).is_none()
            && let Some(id) = self.table.insert(filter, Entry::default(), MAX_FILTERS)
            && let Some(entry) = self.table.entry_mut(id)
        {
            entry.subscription.on_server = OnServer::Unknown;
            entry.reports_end = true;
            self.settle(id);
        }
    }

    /// Removes an owner, or all of them. Returns the filters whose end the server need not confirm.
    pub(crate) fn remove(
        &mut self,
        owner: Option<Owner>,
        filter: &TopicFilter,
    ) -> Vec<TopicFilter> {
        let id = self.table.number(filter);
        let ended = id.and_then(|id| self.leave(id, owner));
        ended.into_iter().collect()
    }

    /// Removes an owner from every filter. Returns as `remove`.
    pub(crate) fn release(&mut self, owner: Owner) -> Vec<TopicFilter> {
        let ids = self.table.ids().into_iter();
        ids.filter_map(|id| self.leave(id, Some(owner))).collect()
    }

    /// Every wanted filter that matches the topic, in the order of their numbers.
    fn matching(&self, topic: &TopicName) -> Vec<SubscriptionId> {
        self.table.matching(topic, Entry::is_wanted)
    }

    /// The connection says how copies can be told apart: what is subscribed to is chosen anew if
    /// that changed.
    pub(crate) fn connected(&mut self, copies: Copies, has_options: bool) {
        if (self.copies, self.has_options) == (copies, has_options) {
            return;
        }
        self.copies = copies;
        self.has_options = has_options;
        for id in self.table.ids() {
            self.dissolve(id);
            self.settle(id);
        }
    }

    /// Messages of a session that an earlier page began have identifiers that are not ours.
    pub(crate) const fn session_goes_on(&mut self) {
        if self.last_identifier == 0 {
            self.last_identifier = self.seed;
            self.no_identifier = self.seed;
        }
    }

    /// The server has no session: it knows no filter any more. What it refused, it would refuse again.
    pub(crate) fn session_lost(&mut self) {
        self.unplaced.clear();
        self.to_subscribe.clear();
        self.to_unsubscribe.clear();
        self.to_hand_over.clear();
        self.answers.clear();
        self.sorted_since = None;
        for id in self.table.ids() {
            let Some(entry) = self.table.entry_mut(id) else {
                continue;
            };
            entry.session_lost();
            if entry.is_wanted() && !entry.is_refused {
                self.unplaced.push_back(id);
            }
            self.settle(id);
        }
    }

    /// Another server: it may take what the last one refused.
    pub(crate) fn forget_refusals(&mut self) {
        for id in self.table.ids() {
            let Some(entry) = self.table.entry_mut(id) else {
                continue;
            };
            if std::mem::take(&mut entry.is_refused) && entry.is_wanted() {
                entry.begin_anew();
                self.unplaced.push_back(id);
            }
            self.settle(id);
        }
    }

    /// Its owners want something else than before.
    fn change(&mut self, id: SubscriptionId, before: SubscribeOptions, wanted: SubscribeOptions) {
        let is_other = SubscribeOptions {
            qos: before.qos,
            ..wanted
        } != before;
        if is_other {
            // It may not share a subscription any more with those that it shared one with.
            self.unplace(id);
            if let Some(entry) = self.table.entry_mut(id) {
                entry.begin_anew();
            }
            return;
        }
        let entry = self.table.entry(id);
        if let Some(server) = entry.and_then(|entry| entry.service.by) {
            if server == id
                && let Some(entry) = self.table.entry_mut(id)
            {
                // The new owner may see retained messages.
                entry.service.awaits_kept |=
                    wanted.qos > before.qos && entry.subscription.is_active();
            }
            self.raise(server, wanted.qos);
        }
    }

    fn leave(&mut self, id: SubscriptionId, owner: Option<Owner>) -> Option<TopicFilter> {
        let (filter, entry) = self.table.get_mut(id)?;
        if !entry.interest.end(owner) {
            return None;
        }
        let is_served_by_another = entry.service.by.is_some_and(|server| server != id);
        let ended = (entry.service.is_reported && is_served_by_another).then(|| filter.clone());
        entry.reports_end = !is_served_by_another;
        entry.is_refused = false;
        entry.service.is_reported = false;
        self.unplace(id);
        ended
    }

    /// Compares what is wanted with the server after a change: puts the filter on the list of its packet, and
    /// forgets it when it is over.
    fn settle(&mut self, id: SubscriptionId) {
        let has_identifiers = self.copies != Copies::Alike;
        let Some(entry) = self.table.entry_mut(id) else {
            return;
        };
        let need = entry.subscription.need(has_identifiers);
        let waited_for = std::mem::replace(&mut entry.subscription.waits_for, need);
        let is_over = entry.is_over();
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

    const fn list(&mut self, request: Request) -> &mut VecDeque<SubscriptionId> {
        match request {
            Request::Subscribe => &mut self.to_subscribe,
            Request::Unsubscribe => &mut self.to_unsubscribe,
            Request::HandOver => &mut self.to_hand_over,
        }
    }
}
