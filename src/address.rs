//! What a pupil types as a broker's address, made into WebSocket addresses to try.
//!
//! Nothing here can fail: a text that cannot be used gives a [`BrokerAddress`] that says why, with
//! as much of the host and port as could be read, because the sentence for the pupil names them.

mod known;
mod list;
mod typed;

use std::fmt;

use typed::Typed;

/// What a text means as a broker's address.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Why the text cannot be used; `None` when it can.
    pub error: Option<AddressError>,
    /// The addresses to try, in order, without credentials. Empty when there is an error.
    pub urls: Vec<String>,
    /// The host, IPv6 in brackets; empty when none could be read. Of several brokers that of the first, or of
    /// the one that is wrong.
    pub host: String,
    /// The host of each broker of a list, in order; one for an address that is no list.
    pub hosts: Vec<String>,
    /// The port of the first address to try, or the one that was typed; 0 when there is none.
    pub port: u16,
    /// The user name before the `@`. Default: none.
    pub user_name: Option<String>,
    /// The password before the `@`. Default: none.
    pub password: Option<String>,
    /// The address as it was typed, but without what may be a secret: credentials, and the query,
    /// because some brokers take a token there. Of several brokers all, or the one that is wrong.
    pub shown: String,
}

/// Why a text cannot be a broker's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Nothing was typed.
    Empty,
    /// White space or a control character inside the address.
    Space,
    /// `http://` or `https://`: a page, not a broker.
    Http,
    /// Another scheme, for example `mqtt://`: a browser opens WebSockets only.
    Scheme,
    /// No host, or one that cannot exist.
    Host,
    /// The port is not 1 to 65,535.
    Port,
    /// 1883 and 8883 are for boards and programs; a browser needs the WebSocket port.
    BoardPort,
    /// `ws://` beyond the local network, from a page that came over https. Within it a browser may open
    /// one, perhaps after a permission.
    Insecure,
    /// Nothing stands before, between or behind the commas of a list.
    Gap,
    /// A list of more than eight brokers.
    TooMany,
    /// Some brokers of a list are said to be reached by `ws`, and others by `wss`.
    Mixed,
    /// A word that stands for a broker, in a list: it stands alone.
    Word,
}

impl AddressError {
    /// In English.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Empty => "no address",
            Self::Space => "white space inside the address",
            Self::Http => "http is the address of a page, a broker has ws or wss",
            Self::Scheme => "only ws and wss can be opened",
            Self::Host => "no host, or none that can exist",
            Self::Port => "the port is not 1 to 65535",
            Self::BoardPort => "1883 and 8883 are no ports for WebSocket",
            Self::Insecure => "ws from a page that came over https",
            Self::Gap => "a broker is missing beside a comma",
            Self::TooMany => "more than eight brokers",
            Self::Mixed => "ws and wss in one list",
            Self::Word => "a word that stands for a broker, in a list",
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for AddressError {}

impl BrokerAddress {
    /// Reads what was typed; `secure_page` says whether the page itself came over https.
    ///
    /// * Without a scheme: the ports 80 and 8083 mean `ws`, 443 and 8084 mean `wss`; otherwise this
    ///   computer and the local network mean `ws`, all other hosts `wss`.
    /// * Without a port: that of a known broker or of a known service that runs brokers. Else, with
    ///   a scheme or a path, that of the web first: 443 and 8084 for `wss`; 80, 8083 and 9001 for
    ///   `ws`. A bare name: 8084 and 443 for `wss`; 8083, 9001 and 80 for `ws`.
    /// * Without a path: that of a known broker, else `/mqtt` and `/`.
    /// * The last `@` ends the credentials wherever it stands: a password may then hold `@`, `/`,
    ///   `?` and `#`, and no part of it is ever taken for a host and shown. In a path or a query `@`
    ///   is written `%40`. Credentials are percent-decoded if that gives UTF-8, else kept.
    /// * A `#fragment` is left out, because `new WebSocket` refuses it.
    /// * Full-width `：`, `／` and `＠`, as a Chinese keyboard types them, count as the plain ones.
    /// * Several brokers stand between commas, eight at most: `wss://a.example:8084/mqtt, b.example`. Each
    ///   has the scheme, the port and the path of the first unless it has its own. Credentials before
    ///   the first and a query behind the last are of all. A comma in a path is written `%2C`.
    #[must_use]
    pub fn parse(text: &str, secure_page: bool) -> Self {
        let text = plain_separators(trimmed(text));
        list::parse(&text, secure_page).unwrap_or_else(|| Self::parse_one(&text, secure_page))
    }

    fn parse_one(text: &str, secure_page: bool) -> Self {
        let typed = Typed::split(text);
        let transport = typed.transport();
        let places = typed.places(transport);
        let error = typed.error(text);
        let error = error.or_else(|| typed.blocked(transport, secure_page));
        let urls = match error {
            Some(_) => Vec::new(),
            None => places
                .iter()
                .map(|place| typed.url(transport, *place))
                .collect(),
        };
        Self {
            error,
            urls,
            port: places.first().map_or(0, |place| place.port),
            shown: typed.shown(),
            hosts: vec![typed.host.clone()],
            host: typed.host,
            user_name: typed.user_name,
            password: typed.password,
        }
    }
}

/// How many brokers a list may have.
pub const MOST_BROKERS: usize = 8;

/// Whether a WebSocket address leads to this computer or to one on the same network.
#[must_use]
pub fn is_local(url: &str) -> bool {
    Typed::split(url).is_local()
}

/// How the WebSocket travels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    /// `ws://`
    Plain,
    /// `wss://`
    Tls,
}

/// Where on a host a broker listens.
#[derive(Clone, Copy)]
struct Place<'a> {
    port: u16,
    path: &'a str,
}

/// Without white space at the ends, and without the invisible marks that copying brings along.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}')
    })
}

/// Replaces full-width separators, unless the text has a plain `@`: then they may be a password's.
fn plain_separators(text: &str) -> String {
    if text.contains('@') {
        return text.to_owned();
    }
    text.chars()
        .map(|character| match character {
            '：' => ':',
            '／' => '/',
            '＠' => '@',
            other => other,
        })
        .collect()
}
