//! Two words that let other computers in: one for the class, one for the teacher's page on another device.
//!
//! Who says a word once gets a ticket, a cookie that nobody guesses. Tickets end with the lesson, and so does
//! the word of the class, unless it was chosen when the program was started.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// 256 of them: each byte is one.
const LIST: &str = include_str!("word-list.txt");

const WORDS_OF_CLASS: usize = 2;
/// Nobody sees it on the wall.
const WORDS_OF_TEACHER: usize = 3;

const TICKET_BYTES: usize = 16;

/// How often an address may say a wrong word at once, and how long until it may once more. Of the words of a class half
/// are tried after 91 hours.
const MOST_GUESSES: u32 = 10;
const NEXT_GUESS: Duration = Duration::from_secs(10);

/// How many addresses are told apart; all further ones are one.
const MOST_ADDRESSES: usize = 1024;

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
    wish: ClassWord,
    now: Mutex<Now>,
    guesses: Mutex<BTreeMap<Option<IpAddr>, Guesses>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Now {
    /// None is needed without it.
    class: Option<String>,
    teacher: String,
    class_ticket: String,
    teacher_ticket: String,
}

/// Of one address.
struct Guesses {
    left: u32,
    since: Instant,
}

impl Words {
    /// Those that an earlier run of the program left in the folder of the lesson, or new ones.
    pub fn open(wish: ClassWord, folder: Option<PathBuf>) -> Self {
        let kept = folder.as_ref().and_then(|folder| {
            let bytes = std::fs::read(folder.join(FILE)).ok()?;
            serde_json::from_slice::<Now>(&bytes).ok()
        });
        let now = match kept {
            Some(kept) => Now {
                class: class_word(&wish, kept.class),
                ..kept
            },
            None => Now::new(&wish, random_words(WORDS_OF_TEACHER)),
        };
        keep(&now, folder);
        Self {
            wish,
            now: Mutex::new(now),
            guesses: Mutex::default(),
        }
    }

    /// A new lesson begins: no ticket of the last one is good any more. The teacher's word stays.
    pub fn renew(&self, folder: Option<PathBuf>) {
        let mut now = lock(&self.now);
        *now = Now::new(&self.wish, now.teacher.clone());
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
        if !self.may_guess(from) {
            return Answer::TooMany;
        }
        let now = lock(&self.now).clone();
        let (word, ticket) = match role {
            Role::Pupil => (now.class, now.class_ticket),
            Role::Teacher => (Some(now.teacher), now.teacher_ticket),
        };
        match word.is_some_and(|word| is_same(&plain(&word), &plain(typed))) {
            true => Answer::Ticket(ticket),
            false => {
                self.count_wrong(from);
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

    fn may_guess(&self, from: IpAddr) -> bool {
        let mut guesses = lock(&self.guesses);
        let from = key(&guesses, from);
        match guesses.get_mut(&from) {
            None => true,
            Some(one) => {
                one.refill(Instant::now());
                one.left > 0
            }
        }
    }

    fn count_wrong(&self, from: IpAddr) {
        let mut guesses = lock(&self.guesses);
        let from = key(&guesses, from);
        let one = guesses.entry(from).or_insert_with(|| Guesses {
            left: MOST_GUESSES,
            since: Instant::now(),
        });
        one.left = one.left.saturating_sub(1);
    }
}

impl Now {
    fn new(wish: &ClassWord, teacher: String) -> Self {
        Self {
            class: class_word(wish, None),
            teacher,
            class_ticket: random_ticket(),
            teacher_ticket: random_ticket(),
        }
    }
}

impl Guesses {
    fn refill(&mut self, now: Instant) {
        let more = now.duration_since(self.since).as_secs() / NEXT_GUESS.as_secs();
        if more > 0 {
            self.left = self.left.saturating_add(more as u32).min(MOST_GUESSES);
            self.since = now;
        }
    }
}

fn class_word(wish: &ClassWord, kept: Option<String>) -> Option<String> {
    match wish {
        ClassWord::None => None,
        ClassWord::Chosen(word) => Some(word.clone()),
        ClassWord::Random => Some(kept.unwrap_or_else(|| random_words(WORDS_OF_CLASS))),
    }
}

/// Without a folder, or where it cannot be written, they last as long as the program.
fn keep(now: &Now, folder: Option<PathBuf>) {
    let Some(folder) = folder else { return };
    if let Ok(bytes) = serde_json::to_vec(now) {
        let _ = std::fs::create_dir_all(&folder);
        let _ = std::fs::write(folder.join(FILE), bytes);
    }
}

fn key(guesses: &BTreeMap<Option<IpAddr>, Guesses>, from: IpAddr) -> Option<IpAddr> {
    let is_told_apart = guesses.len() < MOST_ADDRESSES || guesses.contains_key(&Some(from));
    is_told_apart.then_some(from)
}

/// How people type it: large letters, spaces or nothing between.
fn plain(word: &str) -> String {
    let letters = word.chars().filter(|one| one.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Takes as long for a word that is nearly right.
fn is_same(one: &str, other: &str) -> bool {
    bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

fn random_words(count: usize) -> String {
    let list: Vec<&str> = LIST.lines().collect();
    let words = random_bytes(count).into_iter();
    let words = words.filter_map(|byte| list.get(usize::from(byte)).copied());
    words.collect::<Vec<_>>().join("-")
}

fn random_ticket() -> String {
    let bytes = random_bytes(TICKET_BYTES).into_iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// A system without randomness cannot keep anybody out: the program does not go on.
fn random_bytes(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    if let Err(problem) = getrandom::fill(&mut bytes) {
        eprintln!("This system gives no random numbers: {problem}");
        std::process::exit(1);
    }
    bytes
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::IpAddr;

    use super::{
        Answer, ClassWord, Guesses, LIST, MOST_ADDRESSES, MOST_GUESSES, NEXT_GUESS, Role, Words,
    };

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
        for typed in ["lemon-tiger", "LEMON TIGER", " lemontiger\n", "Lemon–Tiger"] {
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
        for _ in 0..MOST_GUESSES {
            assert_eq!(words.say(Role::Pupil, "no", somebody(1)), Answer::Wrong);
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
    fn addresses_without_end_are_one() {
        let words = chosen();
        for number in 0..2 * MOST_ADDRESSES as u32 {
            words.say(Role::Pupil, "no", somebody(number));
        }

        assert_eq!(super::lock(&words.guesses).len(), MOST_ADDRESSES + 1);
        assert_eq!(
            words.say(Role::Pupil, "lemon-tiger", somebody(u32::MAX)),
            Answer::TooMany
        );
    }

    #[test]
    fn one_more_guess_comes_with_time() {
        let begun = std::time::Instant::now();
        let mut guesses = Guesses {
            left: 0,
            since: begun,
        };

        guesses.refill(begun + NEXT_GUESS / 2);
        assert_eq!(guesses.left, 0);
        guesses.refill(begun + NEXT_GUESS);
        assert_eq!(guesses.left, 1);
        guesses.refill(begun + 1000 * NEXT_GUESS);
        assert_eq!(guesses.left, MOST_GUESSES);
    }

    #[test]
    fn tickets_and_words_end_with_the_lesson_but_not_with_the_program() {
        let folder = std::env::temp_dir().join(format!("words-{}", std::process::id()));
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
