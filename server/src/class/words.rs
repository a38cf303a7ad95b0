//! Two words that let other computers in: one for the class, one for the teacher's page on another device.
//!
//! Who says a word once gets a ticket, a cookie that nobody guesses. Tickets end with the lesson, and so does
//! the word of the class, unless it was chosen when the program was started.

mod guesses;
mod spelling;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::whole;
use guesses::{Guesses, key};
pub use spelling::plain;
use spelling::{is_same, random_ticket, random_words};

const WORDS_OF_CLASS: usize = 2;
/// Nobody sees it on the wall.
const WORDS_OF_TEACHER: usize = 3;

/// Where they are kept, in the folder of the lesson.
const FILE: &str = "words.json";

/// Whether other computers need the word of the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassWord {
    /// No: everybody who can reach this computer is let in.
    None,
    /// Another one for each lesson.
    Random,
    /// For boards whose sketches have it.
    Chosen(String),
}

/// Who a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Pupil,
    Teacher,
}

/// What was said to somebody who said a word.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Ticket(String),
    Wrong,
    /// It was not even looked at: too many wrong ones came from there.
    TooMany,
}

/// Those of this lesson.
pub struct Words {
    choice: ClassWord,
    now: Mutex<Now>,
    guesses: Mutex<BTreeMap<Option<IpAddr>, Guesses>>,
    marks: RandomState,
}

#[derive(Clone, Serialize, Deserialize)]
struct Now {
    /// None is needed without it.
    class: Option<String>,
    teacher: String,
    class_ticket: String,
    teacher_ticket: String,
}

impl Words {
    /// Those that an earlier run of the program left in the folder of the lesson, or new ones.
    pub fn open(choice: ClassWord, folder: Option<PathBuf>) -> Self {
        let kept = folder.as_ref().and_then(|folder| {
            let bytes = std::fs::read(folder.join(FILE)).ok()?;
            serde_json::from_slice::<Now>(&bytes).ok()
        });
        let now = match kept {
            Some(kept) => Now {
                class: class_word(&choice, kept.class),
                ..kept
            },
            None => Now::new(&choice, random_words(WORDS_OF_TEACHER)),
        };
        keep(&now, folder);
        Self {
            choice,
            now: Mutex::new(now),
            guesses: Mutex::default(),
            marks: RandomState::new(),
        }
    }

    /// A new lesson begins: no ticket of the last one is good any more. The teacher's word stays.
    pub fn renew(&self, folder: Option<PathBuf>) {
        let mut guesses = lock(&self.guesses);
        guesses.values_mut().for_each(|one| one.wrong.clear());
        let mut now = lock(&self.now);
        *now = Now::new(&self.choice, now.teacher.clone());
        keep(&now, folder);
    }

    /// The word of the class; `None` where nobody needs one.
    pub fn of_class(&self) -> Option<String> {
        lock(&self.now).class.clone()
    }

    pub fn of_teacher(&self) -> String {
        lock(&self.now).teacher.clone()
    }

    /// What somebody typed, from this address.
    pub fn say(&self, role: Role, typed: &str, from: IpAddr) -> Answer {
        let typed = plain(typed);
        let mark = self.marks.hash_one((role == Role::Teacher, &typed));
        let mut guesses = lock(&self.guesses);
        let time = Instant::now();
        let from = key(&mut guesses, from, time);
        if let Some(one) = guesses.get_mut(&from) {
            one.refill(time);
            if one.wrong.contains(&mark) {
                return Answer::Wrong;
            }
            if one.left == 0 {
                return Answer::TooMany;
            }
        }
        let now = lock(&self.now).clone();
        let (word, ticket) = match role {
            Role::Pupil => (now.class, now.class_ticket),
            Role::Teacher => (Some(now.teacher), now.teacher_ticket),
        };
        match word.is_some_and(|word| is_same(&plain(&word), &typed)) {
            true => Answer::Ticket(ticket),
            false => {
                let one = guesses.entry(from).or_insert_with(|| Guesses::new(time));
                one.count_wrong(mark);
                Answer::Wrong
            }
        }
    }

    /// Whether this is the word of the class, typed by one who need not say it.
    pub fn is_of_class(&self, typed: &str) -> bool {
        let word = self.of_class();
        word.is_some_and(|word| is_same(&plain(&word), &plain(typed)))
    }

    /// The ticket, for who need not say the word.
    pub fn ticket(&self, role: Role) -> String {
        let now = lock(&self.now);
        match role {
            Role::Pupil => now.class_ticket.clone(),
            Role::Teacher => now.teacher_ticket.clone(),
        }
    }

    /// Whether a ticket is of this lesson.
    pub fn knows(&self, role: Role, ticket: &str) -> bool {
        is_same(&self.ticket(role), ticket)
    }
}

impl Now {
    fn new(choice: &ClassWord, teacher: String) -> Self {
        Self {
            class: class_word(choice, None),
            teacher,
            class_ticket: random_ticket(),
            teacher_ticket: random_ticket(),
        }
    }
}

fn class_word(choice: &ClassWord, kept: Option<String>) -> Option<String> {
    match choice {
        ClassWord::None => None,
        ClassWord::Chosen(word) => Some(word.clone()),
        ClassWord::Random => Some(kept.unwrap_or_else(|| random_words(WORDS_OF_CLASS))),
    }
}

/// Without a folder, or where it cannot be written, they last as long as the program.
fn keep(now: &Now, folder: Option<PathBuf>) {
    let Some(folder) = folder else { return };
    if let Ok(bytes) = serde_json::to_vec(now) {
        let _ = whole::write_secret(&folder.join(FILE), &bytes);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;

    use super::guesses::{MOST_ADDRESSES, MOST_GUESSES, NEXT_GUESS};
    use super::spelling::LIST;
    use super::{Answer, ClassWord, Role, Words};

    fn somebody(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    fn chosen() -> Words {
        Words::open(ClassWord::Chosen("Lemon-Tiger".to_string()), None)
    }

    #[test]
    fn a_byte_is_a_word() {
        let all: BTreeSet<&str> = LIST.lines().collect();

        assert_eq!(all.len(), 256);
        assert!(all.iter().all(|word| (3..=6).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase())));
    }

    #[test]
    fn a_word_is_typed_as_people_type() {
        let words = chosen();
        for typed in [
            "lemon-tiger",
            "LEMON TIGER",
            " lemontiger\n",
            "Lemon–Tiger",
            // The capital letter of a Turkish keyboard, and how Japanese and Chinese ones write.
            "LEMON TİGER",
            "ｌｅｍｏｎ－ｔｉｇｅｒ",
            "ＬｅｍｏｎーＴｉｇｅｒ",
        ] {
            let ticket = words.ticket(Role::Pupil);
            assert_eq!(
                words.say(Role::Pupil, typed, somebody(1)),
                Answer::Ticket(ticket),
                "{typed}"
            );
        }
        for typed in ["", "lemon", "tiger-lemon", "lemon-tigers"] {
            assert_eq!(
                words.say(Role::Pupil, typed, somebody(2)),
                Answer::Wrong,
                "{typed}"
            );
        }
    }

    #[test]
    fn the_word_of_the_class_is_not_that_of_the_teacher() {
        let words = chosen();
        let pupil = words.ticket(Role::Pupil);

        assert_eq!(
            words.say(Role::Teacher, "lemon-tiger", somebody(1)),
            Answer::Wrong
        );
        assert!(words.knows(Role::Pupil, &pupil));
        assert!(!words.knows(Role::Teacher, &pupil));
        assert!(!words.knows(Role::Teacher, ""));
    }

    #[test]
    fn who_guesses_too_often_is_not_heard_and_the_others_are() {
        let words = chosen();
        for guess in 0..MOST_GUESSES {
            let said = words.say(Role::Pupil, &guess.to_string(), somebody(1));
            assert_eq!(said, Answer::Wrong);
        }

        assert_eq!(
            words.say(Role::Pupil, "lemon-tiger", somebody(1)),
            Answer::TooMany
        );
        assert!(matches!(
            words.say(Role::Pupil, "lemon-tiger", somebody(2)),
            Answer::Ticket(_)
        ));
    }

    #[test]
    fn a_program_that_says_a_word_again_and_again_has_guessed_once() {
        let words = chosen();
        for _ in 0..2 * MOST_GUESSES {
            let said = words.say(Role::Pupil, "the-last-lesson", somebody(1));
            assert_eq!(said, Answer::Wrong);
        }

        assert!(matches!(
            words.say(Role::Pupil, "lemon-tiger", somebody(1)),
            Answer::Ticket(_)
        ));
    }

    #[test]
    fn a_wrong_word_may_be_the_right_one_of_the_next_lesson_or_of_somebody_else() {
        let words = Words::open(ClassWord::Random, None);
        let teacher = words.of_teacher();
        assert_eq!(words.say(Role::Pupil, &teacher, somebody(1)), Answer::Wrong);
        assert!(matches!(
            words.say(Role::Teacher, &teacher, somebody(1)),
            Answer::Ticket(_)
        ));

        super::lock(&words.now).class = Some("other".to_string());
        assert_eq!(words.say(Role::Pupil, "next", somebody(1)), Answer::Wrong);
        words.renew(None);
        super::lock(&words.now).class = Some("next".to_string());
        assert!(matches!(
            words.say(Role::Pupil, "next", somebody(1)),
            Answer::Ticket(_)
        ));
    }

    #[test]
    fn addresses_that_guessed_long_ago_make_room() {
        let words = chosen();
        for number in 0..MOST_ADDRESSES as u32 {
            words.say(Role::Pupil, "no", somebody(number));
        }
        let now = super::Instant::now();
        let mut guesses = super::lock(&words.guesses);
        let last = super::key(&mut guesses, somebody(u32::MAX), now);
        assert_eq!(last, None);

        let later = now + NEXT_GUESS;
        let own = super::key(&mut guesses, somebody(u32::MAX), later);
        assert_eq!(own, Some(somebody(u32::MAX)));
        assert!(guesses.is_empty());
    }

    #[test]
    fn addresses_without_end_are_one() {
        let words = chosen();
        for number in 0..2 * MOST_ADDRESSES as u32 {
            words.say(Role::Pupil, &number.to_string(), somebody(number));
        }

        assert_eq!(super::lock(&words.guesses).len(), MOST_ADDRESSES + 1);
        assert_eq!(
            words.say(Role::Pupil, "lemon-tiger", somebody(u32::MAX)),
            Answer::TooMany
        );
    }

    #[test]
    fn tickets_and_words_end_with_the_lesson_but_not_with_the_program() {
        let folder = std::env::temp_dir().join(format!("words-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let open = || Words::open(ClassWord::Random, Some(folder.clone()));
        let words = open();
        let (word, ticket) = (words.of_class(), words.ticket(Role::Teacher));

        let again = open();
        assert_eq!(again.of_class(), word);
        assert!(again.knows(Role::Teacher, &ticket));

        again.renew(Some(folder.clone()));
        assert!(!again.knows(Role::Teacher, &ticket));
        assert_eq!(again.of_teacher(), words.of_teacher());
        assert_eq!(open().of_class(), again.of_class());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_on_this_computer_reads_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("secret-words-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(super::FILE);
        let left = file.with_extension("new");
        // What earlier versions left, and one that was killed.
        for old in [&file, &left] {
            std::fs::write(old, "{}").unwrap();
        }

        Words::open(ClassWord::Random, Some(folder.clone()));

        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!left.exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn one_that_was_chosen_stays_in_the_next_lesson_and_none_is_none() {
        let words = chosen();
        words.renew(None);
        assert_eq!(words.of_class().as_deref(), Some("Lemon-Tiger"));

        let open = Words::open(ClassWord::None, None);
        assert_eq!(open.of_class(), None);
        assert_eq!(open.say(Role::Pupil, "", somebody(1)), Answer::Wrong);
    }
}
