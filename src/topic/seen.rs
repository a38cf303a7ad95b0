//! The topics seen last: each is checked and stored once, and known to JavaScript by a number.

use std::cell::RefCell;

use super::TopicName;

/// How many topics are known at once.
const PLACES: usize = 256;

/// A longer topic is made anew each time, so that all together stay below 64 KiB.
const LONGEST: usize = 256;

thread_local! {
    static SEEN: RefCell<Seen> = const { RefCell::new(Seen { places: Vec::new(), last: 0 }) };
}

/// A topic has two places where it can be, so looking is two comparisons, and a newcomer replaces what
/// was there.
struct Seen {
    places: Vec<Option<TopicName>>,
    /// How many topics were given a number.
    last: u32,
}

/// The topic of these bytes, if it was seen lately.
pub(super) fn find(bytes: &[u8]) -> Option<TopicName> {
    SEEN.with_borrow(|seen| {
        places(bytes).into_iter().find_map(|place| {
            let topic = seen.places.get(place)?.as_ref()?;
            (topic.as_str().as_bytes() == bytes).then(|| topic.clone())
        })
    })
}

/// The topic of this number, unless another one took its place.
pub(super) fn numbered(number: u32) -> Option<TopicName> {
    SEEN.with_borrow(|seen| {
        let topic = seen.places.get(number as usize % PLACES)?.as_ref()?;
        (topic.number == number).then(|| topic.clone())
    })
}

/// Makes a checked topic known and numbers it.
pub(super) fn add(mut topic: TopicName) -> TopicName {
    if topic.as_str().len() > LONGEST {
        return topic;
    }
    let [first, second] = places(topic.as_str().as_bytes());
    SEEN.with_borrow_mut(|seen| {
        seen.places.resize(PLACES, None);
        seen.last = seen.last.wrapping_add(1);
        let is_free = |place: &usize| seen.places.get(*place).is_some_and(Option::is_none);
        let free = [first, second].into_iter().find(is_free);
        let place = free.unwrap_or(if seen.last & 1 == 0 { first } else { second });
        // Its place, and how many came before it: a number means one topic for a long time.
        topic.number = seen.last << 8 | place as u32;
        if let Some(slot) = seen.places.get_mut(place) {
            *slot = Some(topic.clone());
        }
    });
    topic
}

/// By all of the text: the topics of a class may differ in their first letters or in their last.
fn places(bytes: &[u8]) -> [usize; 2] {
    let (words, rest) = bytes.as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest.iter().fold(bytes.len() as u64, |word, byte| {
        word << 8 | u64::from(*byte)
    });
    let hash = words.chain([rest]).fold(0_u64, |hash, word| {
        (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    let place = (hash >> 56) as usize;
    [place, place ^ 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(text: &str) -> TopicName {
        TopicName::new(text).unwrap()
    }

    #[test]
    fn topic_that_was_seen_is_found_by_its_bytes_and_by_its_number() {
        let first = topic("room/1");

        let again = topic("room/1");

        assert_eq!(again.as_str().as_ptr(), first.as_str().as_ptr());
        assert_eq!(TopicName::seen(b"room/1"), Some(first.clone()));
        assert_eq!(TopicName::numbered(first.number()), Some(first));
        assert_eq!(TopicName::seen(b"room/2"), None);
    }

    #[test]
    fn number_of_a_topic_whose_place_was_taken_means_nothing_any_more() {
        let first = topic("a");
        let others = (0..10_000).map(|number| topic(&format!("other/{number}")));

        let newer: Vec<_> = others.collect();

        assert_eq!(TopicName::numbered(first.number()), None);
        assert_eq!(TopicName::seen(b"a"), None);
        assert_eq!(first.as_str(), "a");
        let mut numbers: Vec<_> = newer.iter().map(TopicName::number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 10_000);
    }

    #[test]
    fn long_topic_is_not_kept_and_has_no_number() {
        let long = topic(&"x".repeat(LONGEST + 1));

        assert_eq!(long.number(), 0);
        assert_eq!(TopicName::seen(long.as_str().as_bytes()), None);
        assert_eq!(TopicName::numbered(0), None);
        assert!(topic(&"x".repeat(LONGEST)).number() > 0);
    }
}
