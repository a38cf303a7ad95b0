//! Topic Filters by number, by text, and by the topics that they match.

mod ordered;

use std::collections::VecDeque;

use crate::session::event::SubscriptionId;
use crate::session::text_map::TextMap;
use crate::topic::{TopicFilter, TopicName};
pub(super) use ordered::Near;
use ordered::Ordered;

/// A number is not given to another filter before so many others were freed, so that what still
/// names the old one (a message on its way, a queue) does not mean the new one.
const REST: usize = 1024;

/// A table of filters, each with something that belongs to it.
#[derive(Clone, Debug, Default)]
pub(super) struct FilterTable<T> {
    /// The place of number 1, and so on.
    places: Vec<Option<(TopicFilter, T)>>,
    free: VecDeque<SubscriptionId>,
    numbers: TextMap,
    ordered: Ordered,
    /// The shapes of all filters whose text is not just a topic, in order, with how many have each.
    shapes: Vec<(Shape, usize)>,
}

/// Where a filter has its wildcards. Among all filters of one shape a topic can match only one, and
/// its text is known: so many filters are found by a few look-ups. Compared one by one, 10,000 of
/// them took 6 million instructions for each message; now it is 4,000 for any number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    /// `$share/name/`, or nothing.
    share: String,
    /// The levels, of which those that are not a wildcard are empty: `//+` for `room/1/+`.
    levels: String,
}

impl<T> FilterTable<T> {
    /// The number of a filter.
    pub(super) fn number(&self, filter: &TopicFilter) -> Option<SubscriptionId> {
        self.number_of(filter.as_str())
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
        self.numbers.insert(filter.to_shared(), id.0);
        self.ordered.insert(filter, id);
        if let Some(shape) = Shape::of(filter) {
            match self.place_of(&shape) {
                Ok(place) => self.recount(place, usize::saturating_add),
                Err(place) => self.shapes.insert(place, (shape, 1)),
            }
        }
        Some(id)
    }

    pub(super) fn remove(&mut self, id: SubscriptionId) {
        let Some((filter, _)) = self.places.get_mut(index(id)).and_then(Option::take) else {
            return;
        };
        self.numbers.remove(filter.as_str());
        self.ordered.remove(&filter);
        if let Some(place) = Shape::of(&filter).and_then(|shape| self.place_of(&shape).ok()) {
            self.recount(place, usize::saturating_sub);
            self.shapes.retain(|(_, count)| *count > 0);
        }
        self.free.push_back(id);
    }

    pub(super) fn get(&self, id: SubscriptionId) -> Option<&(TopicFilter, T)> {
        self.places.get(index(id))?.as_ref()
    }

    pub(super) fn get_mut(&mut self, id: SubscriptionId) -> Option<&mut (TopicFilter, T)> {
        self.places.get_mut(index(id))?.as_mut()
    }

    pub(super) fn entry(&self, id: SubscriptionId) -> Option<&T> {
        self.get(id).map(|(_, entry)| entry)
    }

    pub(super) fn entry_mut(&mut self, id: SubscriptionId) -> Option<&mut T> {
        self.get_mut(id).map(|(_, entry)| entry)
    }

    /// Whether there is such an entry, and it is so.
    pub(super) fn is(&self, id: SubscriptionId, so: impl FnOnce(&T) -> bool) -> bool {
        self.entry(id).is_some_and(so)
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
        // No filter can name such a topic: as a filter the text is a shared subscription.
        if topic.as_str().starts_with("$share/") {
            return Vec::new();
        }
        let counts = |id: &SubscriptionId| self.get(*id).is_some_and(|(_, value)| is_wanted(value));
        let exact = self.number_of(topic.as_str());
        let others = self.shapes.iter().filter_map(|(shape, _)| {
            let text = shape.filter_for(topic.as_str())?;
            self.number_of(&text)
        });
        let mut found = Vec::new();
        for id in others.chain(exact).filter(counts) {
            let position = found.partition_point(|other| *other < id);
            found.insert(position, id);
        }
        found
    }

    /// A filter that covers another one, or is the same.
    pub(super) fn covering(
        &self,
        filter: &TopicFilter,
        is_meant: impl Fn(&T) -> bool,
    ) -> impl Iterator<Item = SubscriptionId> {
        let shapes = self.shapes.iter();
        let others = shapes.filter_map(|(shape, _)| {
            let text = shape.filter_for(filter.as_str())?;
            self.number_of(&text)
        });
        let same = self.number(filter);
        same.into_iter().chain(others).filter(move |id| {
            self.get(*id)
                .is_some_and(|(other, value)| is_meant(value) && other.covers(filter))
        })
    }

    /// The filters that one covers, or has topics in common with; itself included.
    pub(super) fn near(&self, filter: &TopicFilter, near: Near) -> Vec<SubscriptionId> {
        let mut found = self.ordered.near(filter, near);
        found.retain(|id| {
            self.get(*id).is_some_and(|(other, _)| match near {
                Near::Covered => filter.covers(other),
                Near::Overlapping => filter.overlaps(other),
            })
        });
        found
    }

    fn number_of(&self, text: &str) -> Option<SubscriptionId> {
        self.numbers.get(text).copied().map(SubscriptionId)
    }

    fn place_of(&self, shape: &Shape) -> Result<usize, usize> {
        self.shapes.binary_search_by(|(other, _)| other.cmp(shape))
    }

    fn recount(&mut self, place: usize, change: fn(usize, usize) -> usize) {
        if let Some((_, count)) = self.shapes.get_mut(place) {
            *count = change(*count, 1);
        }
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

impl Shape {
    /// `None` when the filter's text is the one topic that it matches.
    fn of(filter: &TopicFilter) -> Option<Self> {
        if !filter.has_wildcard() && !filter.is_shared() {
            return None;
        }
        let levels = filter.levels();
        let mut shape = Self {
            share: filter.as_str().strip_suffix(levels)?.to_owned(),
            levels: String::new(),
        };
        for (index, level) in levels.split('/').enumerate() {
            if index > 0 {
                shape.levels.push('/');
            }
            if matches!(level, "+" | "#") {
                shape.levels.push_str(level);
            }
        }
        Some(shape)
    }

    /// The only filter of this shape that matches a topic; `None` when none can.
    fn filter_for(&self, topic: &str) -> Option<String> {
        // [MQTT-4.7.2-1] [MQTT5-4.7.2-1]
        if topic.starts_with('$') && self.levels.starts_with(['+', '#']) {
            return None;
        }
        let mut text = self.share.clone();
        let mut topic_levels = topic.split('/');
        for (index, level) in self.levels.split('/').enumerate() {
            if index > 0 {
                text.push('/');
            }
            if level == "#" {
                text.push('#');
                return Some(text);
            }
            let topic_level = topic_levels.next()?;
            text.push_str(if level == "+" { "+" } else { topic_level });
        }
        topic_levels.next().is_none().then_some(text)
    }
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
        let mut table = FilterTable::default();
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
        let mut table = FilterTable::default();
        let first = table.insert(&filter("a"), (), 2).unwrap();
        table.insert(&filter("b"), (), 2).unwrap();

        let refused = table.insert(&filter("c"), (), 2);
        table.remove(first);

        assert_eq!(refused, None);
        assert_eq!(table.insert(&filter("c"), (), 2), Some(first));
    }

    /// Every filter of up to three levels, against every topic of up to three.
    #[test]
    fn matching_finds_what_comparing_one_by_one_finds() {
        let words = ["", "a", "$b", "+"];
        let join = |levels: &[&str]| levels.join("/");
        let mut texts = Vec::new();
        for first in words {
            texts.push(join(&[first]));
            for second in words {
                texts.push(join(&[first, second]));
                texts.extend(words.map(|third| join(&[first, second, third])));
            }
        }
        let hashes = texts.iter().map(|text| format!("{text}/#"));
        let all = hashes.chain(texts.iter().cloned()).chain(["#".to_owned()]);
        let shared = all.clone().map(|text| format!("$share/g/{text}"));
        let filters: Vec<_> = all
            .chain(shared)
            .flat_map(|text| TopicFilter::new(&text))
            .collect();
        let mut table = FilterTable::default();
        for filter in &filters {
            table.insert(filter, (), 1000).unwrap();
        }

        let odd = ["$share/g/a", "$share/g/a/b"].map(str::to_owned);
        for topic in texts
            .iter()
            .chain(&odd)
            .flat_map(|text| TopicName::new(text))
        {
            let expected: Vec<_> = (1..)
                .zip(&filters)
                .filter(|(_, filter)| filter.matches(&topic))
                .map(|(number, _)| SubscriptionId(number))
                .collect();
            assert_eq!(table.matching(&topic, |()| true), expected, "{topic:?}");
        }
    }

    /// Every filter of up to three levels, against every other.
    #[test]
    fn relations_are_found_as_comparing_one_by_one_finds_them() {
        let words = ["", "a", "a!", "$b", "+", "ab"];
        let mut texts: Vec<_> = words.map(str::to_owned).into();
        for first in words {
            for second in words {
                texts.push([first, second].join("/"));
                texts.extend(words.map(|third| [first, second, third].join("/")));
            }
        }
        let hashes = texts.iter().map(|text| format!("{text}/#"));
        let all = hashes.chain(texts.iter().cloned()).chain(["#".to_owned()]);
        let filters: Vec<_> = all.flat_map(|text| TopicFilter::new(&text)).collect();
        let mut table = FilterTable::default();
        for filter in filters
            .iter()
            .filter(|filter| filter.as_str().len() % 3 < 2)
        {
            table.insert(filter, (), 1000).unwrap();
        }

        for filter in &filters {
            let found = |relation: &dyn Fn(&TopicFilter) -> bool| {
                let mut found = table.ids();
                found.retain(|id| relation(&table.get(*id).unwrap().0));
                found
            };
            let sorted = |mut ids: Vec<_>| {
                ids.sort_unstable();
                ids.dedup();
                ids
            };
            let covering = table.covering(filter, |()| true).collect();
            let covered = table.near(filter, Near::Covered);
            let overlapping = table.near(filter, Near::Overlapping);
            assert_eq!(sorted(covering), found(&|other| other.covers(filter)));
            assert_eq!(sorted(covered), found(&|other| filter.covers(other)));
            assert_eq!(sorted(overlapping), found(&|other| filter.overlaps(other)));
        }
    }

    #[test]
    fn removed_filter_matches_nothing_and_leaves_nothing() {
        let mut table = FilterTable::default();
        let [kept, gone] = ["a/+", "b/+"].map(|text| table.insert(&filter(text), (), 10).unwrap());
        let topics = ["a/1", "b/1"].map(|text| TopicName::new(text).unwrap());

        table.remove(gone);
        let found = topics
            .each_ref()
            .map(|topic| table.matching(topic, |()| true));
        table.remove(kept);

        assert_eq!(found, [vec![kept], vec![]]);
        assert_eq!(table.shapes, []);
        assert_eq!(table.ordered.near(&filter("#"), Near::Covered), []);
    }

    #[test]
    fn matches_come_in_the_order_of_their_numbers() {
        let mut table = FilterTable::default();
        let ids = ["#", "a/b", "a/+", "other", "$share/g/a/b"]
            .map(|text| table.insert(&filter(text), (), 10).unwrap());
        let topic = TopicName::new("a/b").unwrap();

        let found = table.matching(&topic, |()| true);

        assert_eq!(found, [ids[0], ids[1], ids[2], ids[4]]);
    }
}
