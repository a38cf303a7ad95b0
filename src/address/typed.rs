//! A typed address, cut into its parts, and what each part means.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{AddressError, MOST_BROKERS, Place, Transport, known};

/// What a project says instead of an address; the extension knows where each leads.
const WORDS: [&str; 2] = ["class", "practice"];

/// The parts of a typed address; each may be wrong by itself.
pub(super) struct Typed<'a> {
    scheme: Option<String>,
    pub(super) user_name: Option<String>,
    pub(super) password: Option<String>,
    /// Lower case where it is ASCII; other letters are left to the browser.
    pub(super) host: String,
    port: Port,
    /// Host and port as they were typed.
    authority: &'a str,
    /// Empty, or with its slash.
    path: &'a str,
    /// Empty, or with its question mark.
    query: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Port {
    Absent,
    Number(u16),
    Wrong,
}

impl<'a> Typed<'a> {
    /// Cuts the text; says nothing about whether the parts can be used.
    pub(super) fn split(text: &'a str) -> Self {
        let (scheme, rest) = split_scheme(text);
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (credentials, rest),
            None => ("", rest),
        };
        let (user_name, password) = match credentials.split_once(':') {
            Some((user_name, password)) => (Some(decoded(user_name)), Some(decoded(password))),
            None if credentials.is_empty() => (None, None),
            None => (Some(decoded(credentials)), None),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = cut_before(rest, '?');
        let (authority, path) = cut_before(rest, '/');
        let (host, port) = split_port(authority);
        Self {
            scheme,
            user_name,
            password,
            host,
            port,
            authority,
            path,
            query,
        }
    }

    /// One of several brokers, which has what it lacks from the first; `query` is of them all.
    pub(super) fn follow(&self, first: &Self, query: &'a str) -> Self {
        let scheme = self.scheme.as_ref().or(first.scheme.as_ref());
        let (port, path) = (self.port, self.path);
        Self {
            scheme: scheme.cloned(),
            host: self.host.clone(),
            port: if port == Port::Absent {
                first.port
            } else {
                port
            },
            path: if path.is_empty() { first.path } else { path },
            authority: self.authority,
            user_name: None,
            password: None,
            query,
        }
    }

    /// Whether there is nothing but what stands before a host.
    pub(super) const fn is_blank(&self) -> bool {
        self.authority.is_empty() && self.path.is_empty()
    }

    /// Whether it is a word that stands for a broker, and no address.
    pub(super) fn is_word(&self) -> bool {
        let is_bare = self.scheme.is_none() && self.path.is_empty() && self.port == Port::Absent;
        is_bare && WORDS.contains(&self.host.as_str())
    }

    /// Whether it says itself that it wants another kind of WebSocket than this.
    pub(super) fn contradicts(&self, transport: Transport) -> bool {
        match self.scheme.as_deref() {
            Some("ws") => transport != Transport::Plain,
            Some("wss") => transport != Transport::Tls,
            Some(_) | None => false,
        }
    }

    /// The first thing that is wrong with the parts of this text.
    pub(super) fn error(&self, text: &str) -> Option<AddressError> {
        if text.is_empty() {
            return Some(AddressError::Empty);
        }
        if text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return Some(AddressError::Space);
        }
        match self.scheme.as_deref() {
            None | Some("ws" | "wss") => {}
            Some("http" | "https") => return Some(AddressError::Http),
            Some(_) => return Some(AddressError::Scheme),
        }
        if !is_possible_host(&self.host) {
            return Some(AddressError::Host);
        }
        match self.port {
            Port::Wrong => Some(AddressError::Port),
            Port::Number(1883 | 8883) => Some(AddressError::BoardPort),
            Port::Number(_) | Port::Absent => None,
        }
    }

    /// Whether a page that came over https cannot open it.
    pub(super) fn blocked(&self, transport: Transport, secure_page: bool) -> Option<AddressError> {
        let blocked = secure_page && transport == Transport::Plain && !self.is_local();
        blocked.then_some(AddressError::Insecure)
    }

    /// What was typed, or the best guess.
    pub(super) fn transport(&self) -> Transport {
        match (self.scheme.as_deref(), self.port) {
            (Some("ws"), _) => Transport::Plain,
            (Some(_), _) => Transport::Tls,
            (None, Port::Number(port)) if self.is_known(Transport::Plain, port) => Transport::Plain,
            (None, Port::Number(port)) if self.is_known(Transport::Tls, port) => Transport::Tls,
            (None, Port::Number(80 | 8083)) => Transport::Plain,
            (None, Port::Number(443 | 8084)) => Transport::Tls,
            (None, _) if !known::places(&self.host, Transport::Tls).is_empty() => Transport::Tls,
            (None, _) if self.is_local() => Transport::Plain,
            (None, _) => Transport::Tls,
        }
    }

    /// Every port and path to try, in order.
    pub(super) fn places(&self, transport: Transport) -> Vec<Place<'_>> {
        let known = known::places(&self.host, transport);
        let ports = match self.port {
            Port::Number(port) => vec![port],
            Port::Wrong => Vec::new(),
            Port::Absent if !known.is_empty() => known.iter().map(|place| place.port).collect(),
            // A scheme or a path makes it an address of the web, which has a port when none is said.
            Port::Absent if self.scheme.is_some() || !self.path.is_empty() => match transport {
                Transport::Plain => vec![80, 8083, 9001],
                Transport::Tls => vec![443, 8084],
            },
            Port::Absent => match transport {
                Transport::Plain => vec![8083, 9001, 80],
                Transport::Tls => vec![8084, 443],
            },
        };
        let mut places = Vec::new();
        for port in ports {
            if !self.path.is_empty() {
                places.push(Place {
                    port,
                    path: self.path,
                });
            } else if let Some(place) = known.iter().find(|place| place.port == port) {
                places.push(*place);
            } else {
                places.extend(["/mqtt", "/"].map(|path| Place { port, path }));
            }
        }
        places
    }

    /// The WebSocket address of one place.
    pub(super) fn url(&self, transport: Transport, place: Place<'_>) -> String {
        let scheme = match transport {
            Transport::Plain => "ws",
            Transport::Tls => "wss",
        };
        let Place { port, path } = place;
        let port = port.to_string();
        [scheme, "://", &self.host, ":", &port, path, self.query].concat()
    }

    /// The text without credentials, query and fragment.
    pub(super) fn shown(&self) -> String {
        match &self.scheme {
            Some(scheme) => [scheme, "://", self.authority, self.path].concat(),
            None => [self.authority, self.path].concat(),
        }
    }

    /// Whether the host is this computer.
    pub(super) fn is_loopback(&self) -> bool {
        match ip(&self.host) {
            Some(Ip::V4(address)) => address.is_loopback(),
            Some(Ip::V6(address)) => address.is_loopback(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// Whether the host is this computer or one on the same network.
    pub(super) fn is_local(&self) -> bool {
        self.is_loopback()
            || match ip(&self.host) {
                Some(Ip::V4(address)) => address.is_private() || address.is_link_local(),
                Some(Ip::V6(address)) => {
                    address.is_unique_local() || address.is_unicast_link_local()
                }
                None => {
                    let host = self.host.strip_suffix('.').unwrap_or(&self.host);
                    !host.contains('.') || host.ends_with(".local")
                }
            }
    }

    fn is_known(&self, transport: Transport, port: u16) -> bool {
        known::places(&self.host, transport)
            .iter()
            .any(|place| place.port == port)
    }
}

/// Cuts a text with several brokers: at commas behind the credentials, because a password may hold some, and
/// before the query, because a token may. The first broker is behind what stands before it; the query is
/// that of all.
pub(super) fn split_list(text: &str) -> Option<(Vec<&str>, &str)> {
    let (_, rest) = split_scheme(text);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let before = text.len() - rest.len();
    let rest = rest.split('#').next().unwrap_or_default();
    let (brokers, query) = cut_before(rest, '?');
    let (first, later) = brokers.split_once(is_comma)?;
    let (first, _) = text.split_at_checked(before + first.len())?;
    // One more than may be is enough to say that there are too many.
    let later = later.split(is_comma).take(MOST_BROKERS);
    let brokers = std::iter::once(first).chain(later);
    Some((brokers.map(str::trim).collect(), query))
}

/// Also as a Chinese keyboard types it.
fn is_comma(character: char) -> bool {
    matches!(character, ',' | '，' | '、')
}

/// `wss://rest`, and what is often typed instead: `wss:/rest`, `wss//rest`, `wss:\\rest`.
fn split_scheme(text: &str) -> (Option<String>, &str) {
    let is_outside = |character: char| {
        !(character.is_ascii_alphanumeric() || matches!(character, '+' | '-' | '.'))
    };
    let split = text
        .find(is_outside)
        .and_then(|end| text.split_at_checked(end));
    let Some((name, after)) = split else {
        return (None, text);
    };
    let scheme = name.to_ascii_lowercase();
    let is_usual = matches!(
        scheme.as_str(),
        "ws" | "wss" | "http" | "https" | "mqtt" | "mqtts" | "tcp" | "ssl"
    );
    let is_scheme = after.starts_with("://")
        || is_usual
            && [":/", "//", ":\\"]
                .iter()
                .any(|start| after.starts_with(start));
    if !is_scheme || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return (None, text);
    }
    let rest = after.strip_prefix(':').unwrap_or(after);
    (Some(scheme), rest.trim_start_matches(['/', '\\']))
}

fn split_port(authority: &str) -> (String, Port) {
    if authority.parse::<Ipv6Addr>().is_ok() {
        return (["[", authority, "]"].concat(), Port::Absent);
    }
    let (host, port) = match authority.find(']') {
        Some(bracket) => authority
            .split_at_checked(bracket + 1)
            .unwrap_or((authority, "")),
        None => cut_before(authority, ':'),
    };
    let port = match port.strip_prefix(':').unwrap_or(port) {
        "" => Port::Absent,
        digits if port.starts_with(':') && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            match digits.parse() {
                Ok(0) | Err(_) => Port::Wrong,
                Ok(number) => Port::Number(number),
            }
        }
        _ => Port::Wrong,
    };
    (host.to_ascii_lowercase(), port)
}

/// The longest name of a host, as the DNS has it.
const MOST_HOST_BYTES: usize = 253;

/// Only what no host can be; whether it exists is for the network to say.
fn is_possible_host(host: &str) -> bool {
    if host.starts_with('[') {
        return matches!(ip(host), Some(Ip::V6(_)));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_forbidden = |character| r##""#%/:<>?@[\]^`{|}"##.contains::<char>(character);
    if name.len() > MOST_HOST_BYTES
        || name.contains(is_forbidden)
        || !name.contains(char::is_alphanumeric)
    {
        return false;
    }
    if name.split('.').any(str::is_empty) {
        return false;
    }
    // A browser reads a name whose last part is a number as an IPv4 address, or refuses it.
    let last = name.rsplit('.').next().unwrap_or_default();
    !last.bytes().all(|byte| byte.is_ascii_digit()) || matches!(ip(name), Some(Ip::V4(_)))
}

enum Ip {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

fn ip(host: &str) -> Option<Ip> {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(Ip::V6),
        None => host
            .strip_suffix('.')
            .unwrap_or(host)
            .parse()
            .ok()
            .map(Ip::V4),
    }
}

/// The text before a separator, and the rest with it.
fn cut_before(text: &str, separator: char) -> (&str, &str) {
    text.find(separator)
        .and_then(|at| text.split_at_checked(at))
        .unwrap_or((text, ""))
}

/// Percent-decoded, or as it is if that is not UTF-8.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let pair = (
            ahead.next().and_then(hex_digit),
            ahead.next().and_then(hex_digit),
        );
        match (byte, pair) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
