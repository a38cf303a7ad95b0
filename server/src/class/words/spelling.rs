//! How words and tickets are made and compared.

use subtle::ConstantTimeEq;

/// 256 of them: each byte is one.
pub const LIST: &str = include_str!("../word-list.txt");

const TICKET_BYTES: usize = 16;

/// How people type it: large letters, spaces or nothing between, and the wide letters of Japanese and Chinese keyboards,
/// whose hyphen is a sign for long vowels.
pub fn plain(word: &str) -> String {
    // The small letter of the Turkish `İ` is an i and a dot, which is no letter.
    let letters = word.chars().map(narrow).flat_map(char::to_lowercase);
    letters
        .filter(|one| one.is_alphanumeric() && *one != 'ー')
        .collect()
}

/// The letter of ASCII that a wide one stands for.
fn narrow(one: char) -> char {
    let code = u32::from(one);
    match one {
        '！'..='～' => char::from_u32(code - u32::from('！') + u32::from('!')).unwrap_or(one),
        _ => one,
    }
}

/// Takes as long for a word that is nearly right.
pub fn is_same(one: &str, other: &str) -> bool {
    bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

pub fn random_words(count: usize) -> String {
    let list: Vec<&str> = LIST.lines().collect();
    let words = random_bytes(count).into_iter();
    let words = words.filter_map(|byte| list.get(usize::from(byte)).copied());
    words.collect::<Vec<_>>().join("-")
}

pub fn random_ticket() -> String {
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
