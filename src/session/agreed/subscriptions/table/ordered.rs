//! Filters in an order in which those with the same first levels stand together.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::session::event::SubscriptionId;
use crate::topic::TopicFilter;

/// Filters by text, level by level.
#[derive(Clone, Debug, Default)]
pub(super) struct Ordered(BTreeMap<Key, SubscriptionId>);

/// Which filters are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Near {
    /// Those that the filter covers.
    Covered,
    /// Those that have topics in common with it.
    Overlapping,
}

/// A text that is compared as if `/` came before all characters, so that what has the same first
/// levels is not interrupted by what only begins with the same letters (`a`, `a/x`, `a!`).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(Arc<str>);

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ordered {
    pub(super) fn insert(&mut self, filter: &TopicFilter, id: SubscriptionId) {
        self.0.insert(Key(filter.to_shared()), id);
    }

    pub(super) fn remove(&mut self, filter: &TopicFilter) {
        self.0.remove(&Key(filter.to_shared()));
    }

    /// The filters that may be near to one. Whole branches are passed over that differ from it in a
    /// level: compared one by one, each new filter would cost as much as all before it.
    pub(super) fn near(&self, filter: &TopicFilter, near: Near) -> Vec<SubscriptionId> {
        let wanted: Vec<_> = filter.as_str().split('/').collect();
        let mut found = Vec::new();
        let mut from = Some(String::new());
        while let Some(start) = from {
            let Some((Key(text), id)) = self.0.range(Key(start.into())..).next() else {
                break;
            };
            let levels: Vec<_> = text.split('/').collect();
            from = match first_difference(&wanted, &levels, near) {
                Some(place) => next_after(&wanted, &levels, place, near),
                None => {
                    found.push(*id);
                    Some([text, "/"].concat())
                }
            };
        }
        found
    }
}

/// The first level in which a filter is not near to the wanted one; `None` when it is near.
fn first_difference(wanted: &[&str], levels: &[&str], near: Near) -> Option<usize> {
    let mut place = 0;
    loop {
        match (wanted.get(place), levels.get(place)) {
            (None, None) | (Some(&"#"), _) => return None,
            (_, Some(&"#")) if near == Near::Overlapping => return None,
            (_, Some(&"+")) | (Some(&"+"), Some(_))
                if near == Near::Overlapping && wanted.get(place).is_some() => {}
            (Some(&"+"), Some(level)) if *level != "#" => {}
            (Some(wanted), Some(level)) if wanted == level => {}
            (_, _) => return Some(place),
        }
        place += 1;
    }
}

/// The first text that can be near after one that differs in a level.
fn next_after(wanted: &[&str], levels: &[&str], place: usize, near: Near) -> Option<String> {
    let Some(level) = levels.get(place) else {
        // It is too short: what follows it is longer.
        return Some(levels.join("/") + "/");
    };
    let before = levels.get(..place).unwrap_or_default();
    if wanted.get(place) == Some(&"+") {
        return Some(after_branch(&[before, &[level]].concat()));
    }
    let wildcards: &[&str] = match near {
        Near::Covered => &[],
        Near::Overlapping if place < wanted.len() => &["#", "+"],
        Near::Overlapping => &["#"],
    };
    let possible = wildcards.iter().chain(wanted.get(place));
    let next = possible
        .filter(|text| compare(text, level) == Ordering::Greater)
        .min_by(|one, other| compare(one, other));
    match next {
        Some(next) => Some([before, &[next]].concat().join("/")),
        None if before.is_empty() => None,
        None => Some(after_branch(before)),
    }
}

/// Comes after everything that begins with these levels: no topic holds U+0000.
fn after_branch(levels: &[&str]) -> String {
    levels.join("/") + "\u{1}"
}

fn compare(one: &str, other: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'/' { 0 } else { byte };
    one.bytes().map(rank).cmp(other.bytes().map(rank))
}
