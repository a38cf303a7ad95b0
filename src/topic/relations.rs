//! How Topic Filters stand to each other: which covers which, which have topics in common.

use super::TopicFilter;

impl TopicFilter {
    /// Whether every topic that the other one matches is matched by this one too.
    ///
    /// A shared subscription covers nothing and is covered by nothing: each of its messages goes to
    /// one member of a group.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.is_shared() || other.is_shared() {
            return self == other;
        }
        if self.leaves_out(other) {
            return false;
        }
        let mut others = other.as_str().split('/');
        for level in self.as_str().split('/') {
            match (level, others.next()) {
                // `a/#` matches `a` too.
                ("#", _) => return true,
                ("+", Some(other)) if other != "#" => {}
                (level, Some(other)) if level == other => {}
                (_, _) => return false,
            }
        }
        others.next().is_none()
    }

    /// Whether there is a topic that both match.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        if self.is_shared() || other.is_shared() {
            return self == other;
        }
        if self.leaves_out(other) || other.leaves_out(self) {
            return false;
        }
        let (mut ours, mut theirs) = (self.as_str().split('/'), other.as_str().split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) | (Some("#"), _) | (_, Some("#")) => return true,
                (Some("+"), Some(_)) | (Some(_), Some("+")) => {}
                (Some(our), Some(their)) if our == their => {}
                (_, _) => return false,
            }
        }
    }

    /// The narrowest filter that covers two which overlap.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.as_str().split('/'), other.as_str().split('/'));
        let mut levels = Vec::new();
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                (Some(our), Some(their)) if our == their => levels.push(our),
                (Some("#"), _) | (_, Some("#")) | (None, _) | (_, None) => {
                    levels.push("#");
                    break;
                }
                (Some(_), Some(_)) => levels.push("+"),
            }
        }
        Self(levels.join("/").into())
    }

    /// A wildcard at the start does not match what begins with `$`. [MQTT-4.7.2-1] [MQTT5-4.7.2-1]
    fn leaves_out(&self, other: &Self) -> bool {
        self.as_str().starts_with(['+', '#']) && other.as_str().starts_with('$')
    }
}

#[cfg(test)]
mod tests {
    use super::super::TopicName;
    use super::*;

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).unwrap()
    }

    #[test]
    fn filter_covers_what_it_matches_in_full() {
        for (wide, narrow, expected) in [
            ("#", "a/b", true),
            ("#", "+/#", true),
            ("a/#", "a", true),
            ("a/#", "a/+/c", true),
            ("a/+", "a/b", true),
            ("a/+", "a/#", false),
            ("a/+/#", "a/#", false),
            ("a/b", "a/+", false),
            ("#", "$SYS/#", false),
            ("+/a", "$SYS/a", false),
            ("$SYS/#", "$SYS/a", true),
            ("#", "$share/g/a", false),
            ("$share/g/#", "$share/g/a", false),
            ("a/+", "+/b", false),
        ] {
            assert_eq!(
                filter(wide).covers(&filter(narrow)),
                expected,
                "{wide} {narrow}"
            );
        }
    }

    /// Every pair of filters of up to three levels, against every topic of up to four.
    #[test]
    fn relations_agree_with_the_topics_that_filters_match() {
        let words = ["a", "b", "$c", "", "+"];
        let mut texts = vec![String::new()];
        for _ in 0..3 {
            let longer = texts.iter().flat_map(|text| {
                words.map(|word| {
                    let between = if text.is_empty() { "" } else { "/" };
                    format!("{text}{between}{word}")
                })
            });
            texts = texts.iter().cloned().chain(longer).collect();
        }
        texts.sort();
        texts.dedup();
        let hashes: Vec<_> = texts.iter().map(|text| format!("{text}/#")).collect();
        let all = texts.iter().chain(&hashes).map(String::as_str);
        let filters: Vec<_> = all
            .chain(["#"])
            .flat_map(TopicFilter::new)
            .step_by(3)
            .collect();
        // `zz` stands for all that no filter names.
        let deeper = texts.iter().map(|text| format!("{text}/zz/zz"));
        let topics: Vec<_> = deeper
            .chain(texts.iter().map(|text| text.replace('+', "zz")))
            .flat_map(|text| TopicName::new(&text))
            .collect();

        for first in &filters {
            let matched = |filter: &TopicFilter| {
                let matches = topics.iter().map(|topic| filter.matches(topic));
                matches.collect::<Vec<_>>()
            };
            let firsts = matched(first);
            for second in &filters {
                let seconds = matched(second);
                let both = firsts.iter().zip(&seconds);
                let common = both.clone().any(|(first, second)| *first && *second);
                assert!(
                    first.overlaps(second) || !common,
                    "{first:?} and {second:?} have a topic in common"
                );
                let inside = both.clone().all(|(first, second)| *first || !second);
                assert!(
                    inside || !first.covers(second),
                    "{first:?} covers {second:?}"
                );
                if first.overlaps(second) {
                    let join = first.join(second);
                    assert!(join.covers(first) && join.covers(second), "{join:?}");
                    assert!(TopicFilter::new(join.as_str()).is_ok(), "{join:?}");
                }
            }
        }
    }
}
