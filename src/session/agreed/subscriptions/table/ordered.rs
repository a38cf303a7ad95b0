//! Filters in an order in which those with the same first levels stand together.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::session::event::SubscriptionId;
use crate::topic::TopicFilter;

/// Filters by text, level by level, as [`compare`] says.
// A tree is 6 KB of wasm; moving the rest of ten thousand filters for one takes microseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Ordered(Vec<(Arc<str>, SubscriptionId)>);

/// Which filters are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Near {
    /// Those that the filter covers.
    Covered,
    /// Those that have topics in common with it.
    Overlapping,
}

impl Ordered {
    pub(super) fn insert(&mut self, filter: &TopicFilter, id: SubscriptionId) {
        let place = self.place(filter.as_str());
        self.0.insert(place, (filter.to_shared(), id));
    }

    pub(super) fn remove(&mut self, filter: &TopicFilter) {
        let place = self.place(filter.as_str());
        let is_it = |(text, _): &(Arc<str>, _)| **text == *filter.as_str();
        if self.0.get(place).is_some_and(is_it) {
            self.0.remove(place);
        }
    }

    /// The filters that may be near to one. Whole branches are passed over that differ from it in a
    /// level: compared one by one, each new filter would cost as much as all before it.
    pub(super) fn near(&self, filter: &TopicFilter, near: Near) -> Vec<SubscriptionId> {
        let wanted: Vec<_> = filter.as_str().split('/').collect();
        let mut found = Vec::new();
        let mut from = Some(String::new());
        while let Some(start) = from {
            let Some((text, id)) = self.0.get(self.place(&start)) else {
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

    /// Where a text is, or would be.
    fn place(&self, text: &str) -> usize {
        self.0
            .partition_point(|(other, _)| compare(other, text) == Ordering::Less)
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

/// As if `/` came before all characters, so that what has the same first levels is not interrupted by
/// what only begins with the same letters (`a`, `a/x`, `a!`).
fn compare(one: &str, other: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'/' { 0 } else { byte };
    one.bytes().map(rank).cmp(other.bytes().map(rank))
}
