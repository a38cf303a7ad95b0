//! Names for files that are the same on every system.

/// The longest name of a file is 255 bytes, and the broker takes 128.
const LONGEST: usize = 100;

/// Stands before names that are made; no text that is taken as it is has it.
const MADE: char = '~';

/// Devices of Windows, which no file may be called.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com", "lpt"];

/// The text itself where it is short and of small letters, as systems differ in all others; else one made from it.
pub fn file_name(text: &str) -> String {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    match text.len() <= LONGEST && text.bytes().all(is_plain) && !is_device(text) {
        true => text.to_string(),
        false => made_from(text),
    }
}

/// A name that no other text has.
pub fn made_from(text: &str) -> String {
    format!("{MADE}{:032x}", fnv(text.as_bytes()))
}

/// `com1` is one too.
fn is_device(text: &str) -> bool {
    DEVICES.contains(&text.trim_end_matches(|last: char| last.is_ascii_digit()))
}

/// Fowler, Noll and Vo's hash 1a: the same for ever, as the names are on a disk.
fn fnv(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, &byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        })
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn each_text_has_a_name_of_its_own() {
        let long = "x".repeat(130);
        let texts = [
            "a/b", "a\\b", "..", "cert:x", "Board", "board", "BOARD", "con.", "con", "com1", "é",
            &long, "",
        ];

        let mut names: Vec<String> = texts.iter().map(|text| file_name(text)).collect();

        assert!(
            names
                .iter()
                .all(|name| name.len() <= 100 && !name.contains(['/', '\\', '.', ':']))
        );
        assert!(!names.contains(&"con".to_string()) && !names.contains(&"com1".to_string()));
        assert_eq!(file_name("a/b"), "~a68d62d6fd8b5822836dbc79781849e9");
        assert_eq!(file_name("console-1"), "console-1");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), texts.len());
    }
}
