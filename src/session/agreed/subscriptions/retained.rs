//! What the server retains: for which filters it is asked for, and for which it came.

use std::hash::Hasher;
use std::time::Duration;

use super::Subscriptions;
use super::audience::Came;
use super::entry::{OnServer, Service, Use};
use crate::packet::RetainHandling;
use crate::packet::SubscribeOptions;
use crate::session::event::SubscriptionId;
use crate::session::text_map::Fnv;

/// How long after SUBACK retained messages are still on their way.
const KEPT_COMES_WITHIN: Duration = Duration::from_secs(2);

/// How much of a payload tells it from others.
const PAYLOAD_START: usize = 4096;

/// How many topics are remembered for a filter whose retained messages came.
const MOST_KEPT_SEEN: usize = 10_000;

impl Subscriptions {
    /// A granted filter is asked for once more, for retained messages.
    pub(crate) fn ask_again(&mut self, id: SubscriptionId) {
        let Some(entry) = self.table.entry_mut(id) else {
            return;
        };
        let Some(server) = entry.service.by.filter(|_| entry.service.is_reported) else {
            return;
        };
        let wanted = entry.wanted();
        entry.service.awaits_kept = true;
        entry.service.is_reported = false;
        // What came before is wanted once more.
        entry.service.kept_seen.clear();
        if server != id {
            return self.fetch_kept(id, wanted);
        }
        entry.subscription.is_asked_again = true;
        self.settle(id);
    }

    /// Subscribes for a moment, so that the server sends retained messages.
    pub(super) fn fetch_kept(&mut self, id: SubscriptionId, wanted: SubscribeOptions) {
        if let Some(entry) = self.table.entry_mut(id) {
            entry.subscription.purpose = Use::FetchesKept;
            entry.subscription.options = wanted;
            // What is on its way is for who wanted it before.
            entry.subscription.is_asked_again = matches!(
                entry.subscription.on_server,
                OnServer::Granted(_) | OnServer::Subscribing(_)
            );
        }
        self.settle(id);
    }

    /// Notes which filters the retained messages are for that follow a SUBSCRIBE, and says when the
    /// server shall send some.
    pub(super) fn kept_is_coming(&mut self, id: SubscriptionId) -> RetainHandling {
        let Some(entry) = self.table.entry(id) else {
            return RetainHandling::OnSubscribe;
        };
        let (purpose, asked) = (
            entry.subscription.purpose,
            entry.subscription.options.retain_handling,
        );
        let is_again = entry.subscription.is_asked_again;
        let served = match purpose {
            Use::Serves => self.served_by(id),
            Use::Nothing | Use::FetchesKept | Use::HandsOver => vec![id],
        };
        self.part_from(id);
        let (mut awaiting, count) = (0, served.len());
        for other in served {
            let Some(entry) = self.table.entry_mut(other) else {
                continue;
            };
            if std::mem::take(&mut entry.service.awaits_kept) {
                awaiting += 1;
                entry.service.kept_from = Some(id);
                entry.service.since = None;
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

    /// What a SUBSCRIBE will bring is not for the filters that had all of it before. What is still on its
    /// way for one cannot be distinguished from it.
    fn part_from(&mut self, id: SubscriptionId) {
        for other in self.within(id) {
            let Some(entry) = self.table.entry_mut(other) else {
                continue;
            };
            if entry.service.kept_from == Some(id) {
                let has_all = entry.service.had_kept(self.now);
                entry.service.kept_from = entry.service.kept_from.filter(|_| !has_all);
                entry.service.since = entry.service.since.filter(|_| has_all);
            }
        }
    }

    /// Nobody knows whether the server sends retained messages, or it said that it does not.
    pub(super) fn await_kept_again(&mut self, id: SubscriptionId) {
        for other in self.within(id) {
            let Some(entry) = self.table.entry_mut(other) else {
                continue;
            };
            if entry.service.kept_from != Some(id) || entry.service.since.is_some() {
                continue;
            }
            entry.service.kept_from = None;
            entry.service.awaits_kept =
                entry.interest.last().retain_handling != RetainHandling::Never;
            if entry.service.by.is_some_and(|server| server != id) {
                self.unplace(other);
            }
        }
    }

    /// Only SUBSCRIBE brings a retained message (3.3.1.3 of 3.1.1): it is for the filters that were asked
    /// for a short time ago.
    pub(super) fn new_to(&self, matching: &[SubscriptionId]) -> Vec<SubscriptionId> {
        let mut found = matching.to_vec();
        found.retain(|id| {
            let entry = self.table.entry(*id);
            let times = self.sorted_since.zip(entry);
            times.is_none_or(|(sorted, entry)| !entry.service.had_kept(sorted))
        });
        found
    }

    /// A retained message comes once for each SUBSCRIBE that it matches, and it may have come before it
    /// was retained: for other filters, as long as the server has not answered, or just after it did.
    pub(super) fn without_repetitions(&mut self, came: Came<'_>, found: &mut Vec<SubscriptionId>) {
        let (mut number, now) = (None, self.now);
        let is_sorted = self.sorted_since.is_some();
        found.retain(|id| {
            let Some(entry) = self.table.entry_mut(*id) else {
                return false;
            };
            let is_late = entry.service.had_kept(now);
            if is_late && !came.retain {
                return true;
            }
            let number = *number.get_or_insert_with(|| number_of(came));
            let is_new = entry.service.notes(number);
            !came.retain || is_new || is_late && !is_sorted
        });
    }
}

impl Service {
    /// Whether all retained messages have come since it answered.
    pub(super) fn had_kept(&self, now: Duration) -> bool {
        self.since
            .is_some_and(|since| now >= since + KEPT_COMES_WITHIN)
    }

    /// Notes a number; `false` if it was there.
    fn notes(&mut self, number: u32) -> bool {
        let place = self.kept_seen.binary_search(&number);
        if let Err(place) = place
            && self.kept_seen.len() < MOST_KEPT_SEEN
        {
            self.kept_seen.insert(place, number);
        }
        place.is_err()
    }
}

fn number_of(came: Came<'_>) -> u32 {
    let start = came.payload.get(..PAYLOAD_START).unwrap_or(came.payload);
    let mut hasher = Fnv::default();
    hasher.write(came.topic.as_str().as_bytes());
    hasher.write(&[0]);
    hasher.write(start);
    u32::try_from(hasher.finish() >> 32).unwrap_or_default()
}
