//! Topic Names and Topic Filters, and which of them match.
//!
//! Both are compared byte for byte: no Unicode normalization [MQTT-4.7.3-4], and nothing is ever cut
//! at a byte that may lie inside a character.

mod relations;
mod seen;

use std::fmt;
use std::sync::Arc;

use crate::text::{self, TextError};

/// A Topic Name: where a message is published. Cheap to clone.
#[derive(Clone)]
pub struct TopicName {
    text: Arc<str>,
    number: u32,
}

impl TopicName {
    /// Checks the text of a Topic Name.
    ///
    /// # Errors
    ///
    /// The text is empty, too long, contains U+0000 or a wildcard. [MQTT-4.7.1-1]
    pub fn new(text: &str) -> Result<Self, TopicError> {
        if let Some(seen) = Self::seen(text.as_bytes()) {
            return Ok(seen);
        }
        check_text(text)?;
        if has_wildcard_character(text) {
            return Err(TopicError::WildcardInName);
        }
        let text = text.into();
        Ok(seen::add(Self { text, number: 0 }))
    }

    /// The topic of these bytes, if it is one of those that were made last.
    pub(crate) fn seen(bytes: &[u8]) -> Option<Self> {
        seen::find(bytes)
    }

    /// The topic of a [`number`](Self::number), if it is one of those that were made last.
    #[doc(hidden)]
    #[must_use]
    pub fn numbered(number: u32) -> Option<Self> {
        seen::numbered(number)
    }

    /// A number that means this text and no other, or 0 if it has none. The last byte is its place
    /// among the topics that were made last.
    #[doc(hidden)]
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, to be kept without a copy.
    #[must_use]
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }
}

impl PartialEq for TopicName {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for TopicName {}

/// A Topic Filter: which topics a subscription wants. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicFilter(Arc<str>);

impl TopicFilter {
    /// Checks the text of a Topic Filter.
    ///
    /// # Errors
    ///
    /// The text is empty, too long, contains U+0000, or a wildcard stands where none may.
    /// [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]
    pub fn new(text: &str) -> Result<Self, TopicError> {
        check_text(text)?;
        let levels = match text.strip_prefix("$share/") {
            Some(rest) => {
                let (name, levels) = rest.split_once('/').ok_or(TopicError::InvalidShare)?;
                if name.is_empty() || levels.is_empty() || has_wildcard_character(name) {
                    return Err(TopicError::InvalidShare);
                }
                levels
            }
            None => text,
        };
        let mut rest = levels.split('/').peekable();
        while let Some(level) = rest.next() {
            match level {
                "#" if rest.peek().is_some() => return Err(TopicError::HashNotLast),
                "#" | "+" => {}
                _ if level.contains('#') => return Err(TopicError::HashNotAlone),
                _ if level.contains('+') => return Err(TopicError::PlusNotAlone),
                _ => {}
            }
        }
        Ok(Self(text.into()))
    }

    /// The text, a `$share/name/` prefix included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, to be kept without a copy.
    #[must_use]
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// Whether it is a shared subscription of 5.0.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.0.starts_with("$share/")
    }

    /// Whether it contains a wildcard.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        has_wildcard_character(self.levels())
    }

    /// The part that topics are compared with: everything after `$share/name/`.
    #[must_use]
    pub fn levels(&self) -> &str {
        self.0
            .strip_prefix("$share/")
            .and_then(|rest| rest.split_once('/'))
            .map_or(&self.0, |(_, levels)| levels)
    }

    /// Whether a message on this topic belongs to the subscription.
    ///
    /// A wildcard at the start does not match a topic that starts with `$`. [MQTT-4.7.2-1]
    #[must_use]
    pub fn matches(&self, topic: &TopicName) -> bool {
        let filter = self.levels();
        let topic = topic.as_str();
        if topic.starts_with('$') && filter.starts_with(['+', '#']) {
            return false;
        }
        let mut topic_levels = topic.split('/');
        for wanted in filter.split('/') {
            match (wanted, topic_levels.next()) {
                // `a/#` matches its parent `a` too.
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (wanted, Some(level)) if wanted == level => {}
                (_, _) => return false,
            }
        }
        topic_levels.next().is_none()
    }
}

/// Why a text cannot be a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicError {
    /// At least one character is needed. [MQTT-4.7.3-1]
    Empty,
    /// More than 65,535 bytes of UTF-8. [MQTT-4.7.3-3]
    TooLong {
        /// How many bytes the text has.
        bytes: usize,
    },
    /// U+0000 must not be used. [MQTT-4.7.3-2]
    NullCharacter,
    /// `+` or `#` in a Topic Name. [MQTT-4.7.1-1]
    WildcardInName,
    /// `#` before the last level. [MQTT-4.7.1-2]
    HashNotLast,
    /// `#` beside other characters of its level. [MQTT-4.7.1-2]
    HashNotAlone,
    /// `+` beside other characters of its level. [MQTT-4.7.1-3]
    PlusNotAlone,
    /// `$share/` without a plain name and a filter after it. [MQTT5-4.8.2-2]
    InvalidShare,
}

impl TopicError {
    /// In English.
    #[must_use]
    pub fn text(self) -> String {
        let text = match self {
            Self::TooLong { bytes } => {
                return [
                    "topic has ",
                    &bytes.to_string(),
                    " bytes, the limit is 65535",
                ]
                .concat();
            }
            Self::Empty => "topic is empty",
            Self::NullCharacter => "topic contains the null character",
            Self::WildcardInName => "topic to publish to contains + or #",
            Self::HashNotLast => "# must be the last level of a topic filter",
            Self::HashNotAlone => "# must be a level of its own in a topic filter",
            Self::PlusNotAlone => "+ must be a level of its own in a topic filter",
            Self::InvalidShare => "shared subscription is not $share/name/filter",
        };
        text.to_owned()
    }
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for TopicError {}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Debug for TopicFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Whether `+` or `#` is in a text. Bytes are enough for that: looking for characters took a fifteenth
/// of the time of every message sent and received.
pub(crate) fn has_wildcard_character(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'+' | b'#'))
}

fn check_text(text: &str) -> Result<(), TopicError> {
    if text.is_empty() {
        return Err(TopicError::Empty);
    }
    text::check(text).map_err(|error| match error {
        TextError::TooLong { bytes } => TopicError::TooLong { bytes },
        TextError::NullCharacter => TopicError::NullCharacter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.2-1] [MQTT5-4.7.1-1] [MQTT5-4.7.1-2] [MQTT5-4.7.2-1]
    #[test]
    fn filter_matches_the_topics_of_the_specification() {
        for (filter, topic, expected) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            (
                "sport/tennis/player1/#",
                "sport/tennis/player1/ranking",
                true,
            ),
            (
                "sport/tennis/player1/#",
                "sport/tennis/player1/score/wimbledon",
                true,
            ),
            ("sport/#", "sport", true),
            ("#", "anything/at/all", true),
            ("sport/tennis/+", "sport/tennis/player1", true),
            ("sport/tennis/+", "sport/tennis/player1/ranking", false),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "$SYS/uptime", false),
            ("+/monitor/Clients", "$SYS/monitor/Clients", false),
            ("$SYS/#", "$SYS/uptime", true),
            ("$SYS/monitor/+", "$SYS/monitor/Clients", true),
            ("$share/group/sport/+", "sport/tennis", true),
            ("ACCOUNTS", "Accounts", false),
            ("/finance", "finance", false),
            ("école/+", "école/é😀", true),
            ("#", "é", true),
        ] {
            let filter = TopicFilter::new(filter).unwrap();
            let topic = TopicName::new(topic).unwrap();

            assert_eq!(filter.matches(&topic), expected, "{filter:?} and {topic:?}");
        }
    }

    /// [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT5-4.7.1-1] [MQTT5-4.7.1-2]
    /// [MQTT5-4.7.3-1] [MQTT5-4.7.3-2] [MQTT5-4.8.2-1] [MQTT5-4.8.2-2]
    #[test]
    fn filter_with_a_misplaced_wildcard_is_refused() {
        for (text, expected) in [
            ("", TopicError::Empty),
            ("a\0b", TopicError::NullCharacter),
            ("a/#/b", TopicError::HashNotLast),
            ("a#", TopicError::HashNotAlone),
            ("#a", TopicError::HashNotAlone),
            ("a+", TopicError::PlusNotAlone),
            ("+a/b", TopicError::PlusNotAlone),
            ("$share/group", TopicError::InvalidShare),
            ("$share//a", TopicError::InvalidShare),
            ("$share/g+/a", TopicError::InvalidShare),
            ("$share/group/", TopicError::InvalidShare),
            ("$share/group/a#", TopicError::HashNotAlone),
        ] {
            assert_eq!(TopicFilter::new(text), Err(expected), "{text:?}");
        }
    }

    /// [MQTT-3.3.2-2] [MQTT-4.7.1-1] [MQTT5-3.3.2-2] [MQTT5-4.7.0-1]
    #[test]
    fn name_with_a_wildcard_is_refused() {
        for text in ["#", "+", "a/+/b", "a#"] {
            assert_eq!(
                TopicName::new(text),
                Err(TopicError::WildcardInName),
                "{text:?}"
            );
        }
    }

    /// The limit counts bytes, not characters. [MQTT-4.7.3-3] [MQTT5-4.7.3-3]
    #[test]
    fn topic_of_more_than_65535_bytes_is_refused() {
        let longest = "é".repeat(32_767) + "a";
        let too_long = "é".repeat(32_768);

        assert_eq!(longest.len(), text::MAX_FIELD_BYTES);
        assert!(TopicName::new(&longest).is_ok());
        assert!(TopicFilter::new(&longest).is_ok());
        assert_eq!(
            TopicName::new(&too_long),
            Err(TopicError::TooLong { bytes: 65_536 })
        );
        assert_eq!(
            TopicFilter::new(&too_long),
            Err(TopicError::TooLong { bytes: 65_536 })
        );
    }

    /// [MQTT-4.7.3-4] [MQTT5-4.7.3-4]
    #[test]
    fn composed_and_decomposed_letters_are_different_topics() {
        let composed = TopicFilter::new("caf\u{e9}").unwrap();
        let decomposed = TopicName::new("cafe\u{301}").unwrap();

        assert!(!composed.matches(&decomposed));
    }

    /// [MQTT-1.5.3-3] [MQTT5-1.5.4-3]
    #[test]
    fn byte_order_mark_is_part_of_the_topic() {
        let plain = TopicFilter::new("a").unwrap();
        let marked = TopicName::new("\u{feff}a").unwrap();

        assert_eq!(marked.as_str().len(), 4);
        assert!(!plain.matches(&marked));
        assert!(TopicFilter::new("\u{feff}a").unwrap().matches(&marked));
    }
}
