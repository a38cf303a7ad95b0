//! One client as the class sees it: everything that is known under one client identifier.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::time::Instant;

use crate::class::heads::Publish;
use crate::class::register::Way;

/// Messages that are kept for the teacher to look at, of each client.
const MOST_MESSAGES: usize = 50;
/// Bytes that are kept of a topic and of a payload.
const MOST_TEXT: usize = 160;
/// Filters that are kept of each client.
const MOST_FILTERS: usize = 40;

/// More messages in a second than this are too fast for a class.
const FAST: u64 = 50;

/// Two clients with one name throw each other out; one that comes back after an outage does so once.
const FIGHT_ROUNDS: usize = 3;
const FIGHT_TIME: Duration = Duration::from_secs(20);

/// What a client is doing, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// The broker refused it.
    Refused,
    /// Two clients have this name.
    NameInUse,
    TooFast,
    Here,
    /// The connection was lost.
    Gone,
    /// It disconnected.
    Left,
}

/// What a tile shows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tile {
    pub name: String,
    pub state: State,
    pub way: Way,
    /// The protocol level of MQTT: 3, 4 or 5.
    pub version: u8,
    /// Messages that it published in the last whole second.
    pub rate: u64,
    /// Messages that it published in all.
    pub published: u64,
    /// Messages that were dropped, because too many of them were held.
    pub lost: u64,
    /// Milliseconds since 1970, when the state was entered.
    pub since: u64,
    /// The reason code of the broker's last refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<u8>,
}

/// What is shown of one client when it is asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    pub filters: Vec<String>,
    pub messages: Vec<Message>,
}

/// A message that was published.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Milliseconds since 1970.
    pub at: u64,
    pub topic: String,
    /// Its beginning; absent where it is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bytes of the whole payload.
    pub size: usize,
    pub retained: bool,
}

/// Everything under one client identifier.
pub struct Member {
    way: Way,
    version: u8,
    /// Whether its name is not its own.
    is_nameless: bool,
    /// Connections that are open.
    open: usize,
    /// When a connection came while another one was open, or just thrown out.
    rounds: VecDeque<Instant>,
    refused: Option<u8>,
    has_left: bool,
    since: SystemTime,
    filters: BTreeSet<String>,
    messages: VecDeque<Message>,
    published: u64,
    lost: u64,
    rate: Rate,
}

impl Member {
    pub fn new(way: Way, version: u8) -> Self {
        Self {
            way,
            version,
            is_nameless: false,
            open: 0,
            rounds: VecDeque::new(),
            refused: None,
            has_left: true,
            since: SystemTime::now(),
            filters: BTreeSet::new(),
            messages: VecDeque::new(),
            published: 0,
            lost: 0,
            rate: Rate::default(),
        }
    }

    /// A connection under this name begins.
    pub fn connects(&mut self, way: Way, version: u8) {
        if self.open > 0 {
            self.rounds.push_back(Instant::now());
            if self.rounds.len() > FIGHT_ROUNDS {
                self.rounds.pop_front();
            }
        }
        self.open += 1;
        self.way = way;
        self.version = version;
        self.has_left = false;
        self.since = SystemTime::now();
    }

    pub fn is_called(&mut self, is_nameless: bool) {
        self.is_nameless = is_nameless;
    }

    /// A new lesson begins while it is here.
    pub fn begin_anew(&mut self) {
        self.messages.clear();
        self.published = 0;
        self.lost = 0;
    }

    /// The broker's answer to CONNECT: 0, or why not.
    pub fn answered(&mut self, code: u8) {
        self.refused = (code != 0).then_some(code);
    }

    pub fn subscribes(&mut self, filters: Vec<String>) {
        for filter in filters {
            if self.filters.len() < MOST_FILTERS {
                self.filters.insert(cut(&filter));
            }
        }
    }

    pub fn publishes(&mut self, publish: &Publish, retained: bool) {
        self.published += 1;
        self.rate.count(Instant::now());
        if self.messages.len() == MOST_MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Message {
            at: milliseconds(SystemTime::now()),
            topic: cut(&publish.topic),
            text: beginning(publish.payload),
            size: publish.size,
            retained,
        });
    }

    /// Messages that it published reach nobody.
    pub fn loses(&mut self, messages: u64) {
        self.lost += messages;
    }

    pub fn disconnects(&mut self) {
        self.has_left = self.open <= 1;
        if self.open > 1 {
            // It is back already, and nobody else.
            self.rounds.pop_back();
        }
    }

    /// A connection under this name has ended.
    pub fn ends(&mut self) {
        self.open = self.open.saturating_sub(1);
        if self.open == 0 {
            self.since = SystemTime::now();
        }
    }

    pub fn is_nameless(&self) -> bool {
        self.is_nameless
    }

    pub fn is_open(&self) -> bool {
        self.open > 0
    }

    /// When it came or went last.
    pub fn since(&self) -> SystemTime {
        self.since
    }

    pub fn state(&mut self) -> State {
        let now = Instant::now();
        let fights = self.rounds.len() == FIGHT_ROUNDS
            && (self.rounds.front()).is_some_and(|first| now - *first < FIGHT_TIME);
        match () {
            () if self.refused.is_some() => State::Refused,
            () if fights => State::NameInUse,
            () if self.open > 0 && self.rate.last_second(now) > FAST => State::TooFast,
            () if self.open > 0 => State::Here,
            () if self.has_left => State::Left,
            () => State::Gone,
        }
    }

    pub fn tile(&mut self, name: &str) -> Tile {
        Tile {
            name: name.to_string(),
            state: self.state(),
            way: self.way,
            version: self.version,
            rate: self.rate.last_second(Instant::now()),
            published: self.published,
            lost: self.lost,
            since: milliseconds(self.since),
            reason_code: self.refused,
        }
    }

    pub fn details(&self) -> Details {
        Details {
            filters: self.filters.iter().cloned().collect(),
            messages: self.messages.iter().cloned().collect(),
        }
    }
}

/// Counts what happens in whole seconds.
#[derive(Default)]
struct Rate {
    begun: Option<Instant>,
    count: u64,
    before: u64,
}

impl Rate {
    fn count(&mut self, now: Instant) {
        self.turn(now);
        self.count += 1;
    }

    /// Of the last whole second, or of this one if that is more already.
    fn last_second(&mut self, now: Instant) -> u64 {
        self.turn(now);
        self.before.max(self.count)
    }

    fn turn(&mut self, now: Instant) {
        let begun = *self.begun.get_or_insert(now);
        match (now - begun).as_secs() {
            0 => return,
            1 => self.before = self.count,
            _ => self.before = 0,
        }
        self.count = 0;
        self.begun = Some(now);
    }
}

/// A text of bounded length.
pub fn cut(text: &str) -> String {
    match text
        .char_indices()
        .find(|(index, one)| index + one.len_utf8() > MOST_TEXT)
    {
        None => text.to_string(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The beginning of a payload that is text.
fn beginning(payload: &[u8]) -> Option<String> {
    let start = payload.get(..MOST_TEXT * 2).unwrap_or(payload);
    match std::str::from_utf8(start) {
        Ok(text) => Some(cut(text)),
        // A character may be cut at the end of what is there.
        Err(error) if error.error_len().is_none() => {
            let text = start.get(..error.valid_up_to())?;
            std::str::from_utf8(text).ok().map(cut)
        }
        Err(_) => None,
    }
}

pub fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FAST, MOST_MESSAGES, Member, State, beginning};
    use crate::class::heads::Publish;
    use crate::class::register::Way;

    fn member() -> Member {
        Member::new(Way::Program, 4)
    }

    fn message() -> Publish<'static> {
        Publish {
            topic: "t".to_string(),
            payload: b"1",
            size: 1,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_back_after_an_outage_fights_with_nobody() {
        let mut member = member();
        member.connects(Way::Program, 4);
        // Its old connection is half open for a while.
        member.connects(Way::Program, 4);
        member.ends();

        assert_eq!(member.state(), State::Here);
    }

    #[tokio::test(start_paused = true)]
    async fn two_with_one_name_are_seen_until_it_is_quiet() {
        let mut member = member();
        for _ in 0..8 {
            member.connects(Way::Program, 4);
            tokio::time::advance(Duration::from_millis(500)).await;
        }
        assert_eq!(member.state(), State::NameInUse);

        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(member.state(), State::Here);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_seen_and_forgotten() {
        let mut member = member();
        member.connects(Way::Page, 5);
        for _ in 0..=FAST {
            member.publishes(&message(), false);
        }
        assert_eq!(member.state(), State::TooFast);
        assert_eq!(member.details().messages.len(), MOST_MESSAGES);

        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(member.state(), State::Here);
    }

    #[tokio::test(start_paused = true)]
    async fn who_left_is_not_gone() {
        let mut member = member();
        member.connects(Way::Page, 5);
        member.ends();
        assert_eq!(member.state(), State::Gone);

        member.connects(Way::Page, 5);
        member.disconnects();
        member.ends();
        assert_eq!(member.state(), State::Left);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_shown_until_the_next_answer() {
        let mut member = member();
        member.connects(Way::Page, 5);
        member.answered(0x86);
        assert_eq!(member.state(), State::Refused);
        assert_eq!(member.tile("x").reason_code, Some(0x86));

        member.answered(0);
        assert_eq!(member.state(), State::Here);
    }

    #[test]
    fn a_payload_is_shown_if_it_is_text() {
        assert_eq!(beginning(b"21.5").as_deref(), Some("21.5"));
        assert_eq!(beginning(&[0xff, 0xfe]), None);
        assert_eq!(beginning(&"ä".as_bytes()[..1]).as_deref(), Some(""));
        let long = beginning("ü".repeat(200).as_bytes()).unwrap();
        assert_eq!(long.chars().count(), 81);
    }
}
