//! Topic Filters by number, by text, and by the topics that they match.

use std::collections::{HashMap, VecDeque};

use super::event::SubscriptionId;
use crate::topic::{TopicFilter, TopicName};

/// A number is not given to another filter before so many others were freed, so that what still
/// names the old one (a message on its way, a queue) does not mean the new one.
const REST: usize = 1024;

/// A table of filters, each with something that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct FilterTable<T> {
    /// The place of number 1, and so on.
    places: Vec<Option<(TopicFilter, T)>>,
    free: VecDeque<SubscriptionId>,
    numbers: HashMap<TopicFilter, SubscriptionId>,
    /// Filters with a wildcard must be compared one by one, in the order of their numbers; all
    /// others are looked up.
    with_wildcard: Vec<SubscriptionId>,
}

impl<T> FilterTable<T> {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            free: VecDeque::new(),
            numbers: HashMap::new(),
            with_wildcard: Vec::new(),
        }
    }

    /// The number of a filter.
    pub(super) fn number(&self, filter: &TopicFilter) -> Option<SubscriptionId> {
        self.numbers.get(filter).copied()
    }

    /// Adds a filter that is not there yet. `None` when there are `most` already.
    pub(super) fn insert(
        &mut self,
        filter: &TopicFilter,
        value: T,
        most: usize,
    ) -> Option<SubscriptionId> {
        let id = self.free_number(most)?;
        let place = self.places.get_mut(index(id))?;
        *place = Some((filter.clone(), value));
        self.numbers.insert(filter.clone(), id);
        if needs_comparison(filter) {
            let position = self.with_wildcard.partition_point(|other| *other < id);
            self.with_wildcard.insert(position, id);
        }
        Some(id)
    }

    pub(super) fn remove(&mut self, id: SubscriptionId) {
        let Some((filter, _)) = self.places.get_mut(index(id)).and_then(Option::take) else {
            return;
        };
        self.numbers.remove(&filter);
        self.with_wildcard.retain(|other| *other != id);
        self.free.push_back(id);
    }

    pub(super) fn get(&self, id: SubscriptionId) -> Option<&(TopicFilter, T)> {
        self.places.get(index(id))?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: SubscriptionId) -> Option<&mut (TopicFilter, T)> {
        self.places.get_mut(index(id))?.as_mut()
    }

    /// All numbers in use, in order.
    pub(super) fn ids(&self) -> Vec<SubscriptionId> {
        let numbers = (1..).map(SubscriptionId);
        numbers
            .zip(&self.places)
            .filter_map(|(id, place)| place.is_some().then_some(id))
            .collect()
    }

    /// Every filter that matches the topic and is still wanted, in the order of their numbers.
    pub(super) fn matching(
        &self,
        topic: &TopicName,
        is_wanted: impl Fn(&T) -> bool,
    ) -> Vec<SubscriptionId> {
        let counts = |id: &SubscriptionId| {
            self.get(*id)
                .is_some_and(|(filter, value)| is_wanted(value) && filter.matches(topic))
        };
        let mut found = self
            .with_wildcard
            .iter()
            .copied()
            .filter(counts)
            .collect::<Vec<_>>();
        if let Some(exact) = self.numbers.get(topic.as_str()).copied().filter(counts) {
            let position = found.partition_point(|other| *other < exact);
            found.insert(position, exact);
        }
        found
    }

    fn free_number(&mut self, most: usize) -> Option<SubscriptionId> {
        let may_grow = self.places.len() < most;
        if (self.free.len() > REST || !may_grow) && !self.free.is_empty() {
            return self.free.pop_front();
        }
        if !may_grow {
            return None;
        }
        self.places.push(None);
        u32::try_from(self.places.len()).ok().map(SubscriptionId)
    }
}

/// Whether the filter's text alone does not tell the one topic that it matches.
fn needs_comparison(filter: &TopicFilter) -> bool {
    filter.has_wildcard() || filter.is_shared()
}

const fn index(id: SubscriptionId) -> usize {
    (id.0 as usize).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).unwrap()
    }

    #[test]
    fn number_that_was_freed_rests_before_it_is_used_again() {
        let mut table = FilterTable::new();
        let first = table.insert(&filter("a"), (), 5000).unwrap();
        table.remove(first);

        let mut others = Vec::new();
        for round in 0..3000 {
            let id = table.insert(&filter("b"), (), 5000).unwrap();
            table.remove(id);
            others.push((round, id));
        }

        let again = others
            .iter()
            .find(|(_, id)| *id == first)
            .map(|(round, _)| *round);
        assert!(again > Some(REST - 2), "{again:?}");
        assert!(table.places.len() < 1100);
    }

    #[test]
    fn full_table_uses_freed_numbers_at_once() {
        let mut table = FilterTable::new();
        let first = table.insert(&filter("a"), (), 2).unwrap();
        table.insert(&filter("b"), (), 2).unwrap();

        let refused = table.insert(&filter("c"), (), 2);
        table.remove(first);

        assert_eq!(refused, None);
        assert_eq!(table.insert(&filter("c"), (), 2), Some(first));
    }

    #[test]
    fn matches_come_in_the_order_of_their_numbers() {
        let mut table = FilterTable::new();
        let ids = ["#", "a/b", "a/+", "other", "$share/g/a/b"]
            .map(|text| table.insert(&filter(text), (), 10).unwrap());
        let topic = TopicName::new("a/b").unwrap();

        let found = table.matching(&topic, |()| true);

        assert_eq!(found, [ids[0], ids[1], ids[2], ids[4]]);
    }
}
