//! What the program was asked to do.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::class::{self, ClassWord};

/// More than a project needs that sends what has changed, and less than what keeps a class busy.
const MESSAGES_PER_SECOND: u32 = 50;

/// Letters and digits of a class word.
const SHORTEST_WORD: usize = 4;
const LONGEST_WORD: usize = 40;

/// Addresses, folders and permissions.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// MQTT over TCP, for boards and programs.
    pub tcp: SocketAddr,
    /// MQTT over WebSocket only, for projects that were saved with this port.
    pub websocket: SocketAddr,
    /// The pages and, at `/mqtt`, MQTT over WebSocket; none without `--pages`.
    pub pages: Option<SocketAddr>,
    /// The ports of the broker that the pages name, over TCP and WebSocket, where it is another one.
    pub other_broker: Option<(u16, u16)>,
    /// The repository: `www`, `dist` and `extension` are served from it; else they are in the program.
    pub root: Option<PathBuf>,
    /// The unpacked Scratch editor.
    pub editor: PathBuf,
    /// Origins whose pages may use the broker, beside those that are known by name.
    pub origins: Vec<String>,
    /// Whether pages without an origin may use the broker.
    pub null_origin: bool,
    /// Where sessions and messages are kept until the lesson ends; in memory without `--store`.
    pub store: Option<PathBuf>,
    /// How many messages a client may publish in a second, for long; 0 is without a bound.
    pub messages_per_second: u32,
    /// What other computers say to be let in.
    pub class_word: ClassWord,
    /// Names of this computer, beside those that it knows itself.
    pub names: Vec<String>,
    /// Started by a person and not by another program.
    pub at_desk: bool,
    /// Whether the class page opens by itself then.
    pub browser: bool,
}

/// Where everything is for a person who says nothing else.
const USUAL: (u16, u16, u16) = (1883, 8083, 8000);

impl Options {
    /// `[TCP WEBSOCKET] [--pages ADDRESS] [--root FOLDER] [--editor FOLDER] [--allow-origin ORIGIN]…
    /// [--allow-null-origin] [--name NAME]… [--other-broker TCP-PORT WEBSOCKET-PORT]
    /// [--store FOLDER] [--messages-per-second NUMBER] [--class-word WORD | --no-class-word]
    /// [--desk] [--no-browser]`; `--desk` is meant where no address is given.
    pub fn from_arguments(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter().peekable();
        let at_desk = arguments.peek().is_none_or(|first| first.starts_with("--"));
        let mut next = |what: &str| arguments.next().ok_or(format!("the {what} is missing"));
        let (tcp, websocket, pages) = match at_desk {
            true => (anyone(USUAL.0), anyone(USUAL.1), Some(anyone(USUAL.2))),
            false => (
                address(&next("TCP address")?)?,
                address(&next("WebSocket address")?)?,
                None,
            ),
        };
        let mut options = Self {
            tcp,
            websocket,
            pages,
            other_broker: None,
            root: None,
            editor: PathBuf::from("editor"),
            origins: Vec::new(),
            null_origin: false,
            store: None,
            messages_per_second: MESSAGES_PER_SECOND,
            class_word: ClassWord::Random,
            names: Vec::new(),
            at_desk,
            browser: true,
        };
        while let Ok(option) = next("option") {
            match option.as_str() {
                "--pages" => options.pages = Some(address(&next("address of the pages")?)?),
                "--root" => options.root = Some(PathBuf::from(next("folder of the pages")?)),
                "--editor" => options.editor = PathBuf::from(next("folder of the editor")?),
                "--store" => options.store = Some(PathBuf::from(next("folder to keep things in")?)),
                "--allow-origin" => options.origins.push(next("origin")?.to_ascii_lowercase()),
                "--class-word" => options.class_word = ClassWord::Chosen(word(next("word")?)?),
                "--no-class-word" => options.class_word = ClassWord::None,
                "--desk" => options.at_desk = true,
                "--no-browser" => options.browser = false,
                "--allow-null-origin" => options.null_origin = true,
                "--name" => options.names.push(next("name")?.to_ascii_lowercase()),
                "--messages-per-second" => options.messages_per_second = number(&next("number")?)?,
                "--other-broker" => {
                    options.other_broker = Some((port(&next("port")?)?, port(&next("port")?)?));
                }
                other => return Err(format!("there is no option {other}")),
            }
        }
        Ok(options)
    }
}

/// For everyone on the network.
fn anyone(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))
}

/// One that can be typed, and is not guessed at once.
fn word(text: String) -> Result<String, String> {
    let letters = class::plain(&text).chars().count();
    match (SHORTEST_WORD..=LONGEST_WORD).contains(&letters) {
        true => Ok(text),
        false => Err(format!(
            "class word {text}: it has {SHORTEST_WORD} to {LONGEST_WORD} letters and digits"
        )),
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|error| format!("number {text}: {error}"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|error| format!("address {text}: {error}"))
}

fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|error| format!("port {text}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{MESSAGES_PER_SECOND, Options};
    use crate::class::ClassWord;

    fn options(text: &str) -> Result<Options, String> {
        Options::from_arguments(text.split_whitespace().map(str::to_string))
    }

    #[test]
    fn two_addresses_are_enough() {
        let options = options("127.0.0.1:1883 [::1]:0").unwrap();

        assert_eq!(options.tcp.port(), 1883);
        assert!(options.websocket.is_ipv6());
        assert_eq!(options.pages, None);
        assert!(!options.null_origin);
        assert_eq!(options.messages_per_second, MESSAGES_PER_SECOND);
    }

    #[test]
    fn permissions_are_given_one_by_one() {
        let options = options(
            "127.0.0.1:0 127.0.0.1:0 --allow-origin HTTPS://A.example --allow-origin https://b.example \
             --name Desk --allow-null-origin --messages-per-second 0",
        )
        .unwrap();

        assert_eq!(options.origins, ["https://a.example", "https://b.example"]);
        assert_eq!(options.names, ["desk"]);
        assert!(options.null_origin);
        assert_eq!(options.messages_per_second, 0);
    }

    #[test]
    fn a_double_click_gives_no_arguments() {
        let options = options("").unwrap();

        assert!(options.at_desk);
        assert_eq!(options.tcp.to_string(), "0.0.0.0:1883");
        assert_eq!(options.pages.unwrap().port(), 8000);
    }

    #[test]
    fn a_program_that_starts_this_one_is_not_at_the_desk() {
        assert!(!options("127.0.0.1:0 127.0.0.1:0").unwrap().at_desk);
        assert!(options("127.0.0.1:0 127.0.0.1:0 --desk").unwrap().at_desk);
        assert!(!options("--no-browser").unwrap().browser);
    }

    #[test]
    fn a_class_word_is_random_chosen_or_none() {
        let word = |text: &str| options(text).map(|options| options.class_word);
        assert_eq!(word("").unwrap(), ClassWord::Random);
        assert_eq!(word("--no-class-word").unwrap(), ClassWord::None);
        assert_eq!(
            word("--class-word kiwi-otter").unwrap(),
            ClassWord::Chosen("kiwi-otter".to_string())
        );
        for short in ["a-b", "----", "ーーーー"] {
            let refusal = word(&format!("--class-word {short}")).unwrap_err();
            assert!(refusal.contains("4 to 40"), "{short}");
        }
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        assert_eq!(
            options("127.0.0.1:0").unwrap_err(),
            "the WebSocket address is missing"
        );
        assert!(
            options("127.0.0.1:0 127.0.0.1:0 --messages-per-second few")
                .unwrap_err()
                .contains("few")
        );
        assert!(options("here 127.0.0.1:0").unwrap_err().contains("here"));
        assert_eq!(
            options("127.0.0.1:0 127.0.0.1:0 --pagess").unwrap_err(),
            "there is no option --pagess"
        );
    }
}
