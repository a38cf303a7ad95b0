//! The groups of a lesson, as the teacher named them: what a pupil chooses from, and the first room of his project.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many bytes the request has that names them, at most.
pub const MOST_BYTES: usize = 4096;

/// How many groups there are, at most.
const MOST_GROUPS: usize = 20;

/// How many characters a name has, at most.
const LONGEST_NAME: usize = 30;

/// They end with the lesson, or with the program: nothing is written to a disk.
#[derive(Debug, Default)]
pub struct Groups(Mutex<Vec<String>>);

impl Groups {
    /// A JSON array of names, in the order in which they were typed.
    pub fn json(&self) -> String {
        serde_json::to_string(&*self.names()).unwrap_or_default()
    }

    /// Takes a JSON array of names instead of those before. `false`, and nothing changes, if one of them can be no
    /// room, stands there twice, or there are too many.
    pub fn set(&self, names: &[u8]) -> bool {
        let Ok(names) = serde_json::from_slice::<Vec<String>>(names) else {
            return false;
        };
        let is_new = |(at, name): (usize, &String)| !names.iter().take(at).any(|one| one == name);
        let are_good = names.len() <= MOST_GROUPS
            && names.iter().all(|name| can_be_room(name))
            && names.iter().enumerate().all(is_new);
        if are_good {
            *self.names() = names;
        }
        are_good
    }

    /// The lesson is over. Gives back how many there were.
    pub fn forget(&self) -> usize {
        std::mem::take(&mut *self.names()).len()
    }

    fn names(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A level of a topic [MQTT-4.7.1-2] [MQTT-4.7.1-3] that is not the server's [MQTT-4.7.2-1].
fn can_be_room(name: &str) -> bool {
    let length = name.chars().count();
    let is_allowed = |one: char| !one.is_control() && !matches!(one, '/' | '+' | '#' | '$');
    (1..=LONGEST_NAME).contains(&length) && name.trim() == name && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::Groups;

    #[test]
    fn what_was_typed_stays_in_its_order() {
        let groups = Groups::default();
        assert!(groups.set("[\"Rot\",\"Blau\",\"绿组\"]".as_bytes()));
        assert_eq!(groups.json(), "[\"Rot\",\"Blau\",\"绿组\"]");
        assert!(groups.set(b"[]"));
        assert_eq!(groups.json(), "[]");
    }

    #[test]
    fn what_can_be_no_room_changes_nothing() {
        let groups = Groups::default();
        assert!(groups.set(b"[\"Red\"]"));
        let long = format!("[\"{}\"]", "a".repeat(31));
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        let many = serde_json::to_string(&many).unwrap();
        for names in [
            "[\"a/b\"]",
            "[\"+\"]",
            "[\"#\"]",
            "[\"$SYS\"]",
            "[\"\"]",
            "[\" a\"]",
            "[\"a\\u0000\"]",
            "[\"a\",\"a\"]",
            "[1]",
            "{}",
            "",
            &long,
            &many,
        ] {
            assert!(!groups.set(names.as_bytes()), "{names}");
        }
        assert_eq!(groups.json(), "[\"Red\"]");
    }

    #[test]
    fn they_end_with_the_lesson() {
        let groups = Groups::default();
        assert!(groups.set(b"[\"Red\"]"));
        assert_eq!(groups.forget(), 1);
        assert_eq!(groups.json(), "[]");
    }
}
