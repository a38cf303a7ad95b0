//! From a client to the broker: what is read, what may pass, and what is held.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{Instant, timeout};

use crate::class::{Answer, Connect, Guest, Role, Words};
use crate::front::Front;
use crate::front::admission::Entry;
use crate::front::client::{Ending, Reader};
use crate::front::credentials::Credentials;
use crate::front::dialect;
use crate::front::doorman::Visit;
use crate::front::hold::Hold;
use crate::front::holders::Holder;
use crate::front::own_pings::OwnPings;
use crate::front::packets::{Header, Scanner, Seen};
use crate::front::rate::Rate;
use crate::front::shutdown::Shutdown;
use crate::lane::ToBroker;
use crate::memory::{self, Pressure};
use crate::names;

/// From the open connection to the whole CONNECT. [MQTT5-3.1.0-1]
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// How long each read from a client that publishes waits while memory is short.
const HELD_BACK: Duration = Duration::from_millis(100);

/// [MQTT-3.12]
const PINGREQ: &[u8] = &[0xc0, 0];

/// A client with the shortest keep-alive, 1 s, is cut off after 1.5 s.
const SHOW_LIFE_EVERY: Duration = Duration::from_millis(250);

/// How long nothing is looked at while something is held and nothing happens.
const TURN: Duration = Duration::from_secs(1);

/// What may pass in this time passes together.
const SHORT_TURN: Duration = Duration::from_millis(20);

/// After so many messages that were dropped, the client is not read for a moment: 20,000 are dropped in a second.
const MANY_DROPPED: u64 = 100;
const DROPPING_TAKES: Duration = Duration::from_millis(5);

/// What a client sent before its successor came is here; for systems that tell of it later.
const LAST_BYTES: Duration = Duration::from_millis(20);

/// What became of a login.
#[derive(Default)]
struct Login {
    is_refused: bool,
    /// The CONNECT for the broker, where it is another one.
    changed: Option<Vec<u8>>,
}

/// From the client to the broker.
pub struct Upward<'a> {
    reader: Reader,
    to_broker: ToBroker,
    /// Also after that was broken off.
    is_writing: bool,
    entry: Entry,
    words: Arc<Words>,
    scanner: Scanner,
    guest: &'a Guest,
    holder: &'a Holder<'a>,
    /// What successors ask, and what was answered.
    questions: watch::Receiver<u64>,
    answered: u64,
    /// The client has said DISCONNECT.
    leaves: bool,
    /// How long the client may be silent, if it said so. [MQTT5-3.1.2-22]
    keep_alive: Option<Duration>,
    heard: Instant,
    has_begun: bool,
    publishes: bool,
    hold: Hold,
    paused: watch::Receiver<bool>,
    rate: Rate,
    /// Messages that were dropped since the client was last read more slowly for that.
    dropped: u64,
    pings: &'a OwnPings,
    /// When the broker last heard that the client lives.
    shown_life: Option<Instant>,
}

impl<'a> Upward<'a> {
    pub fn new(
        reader: Reader,
        to_broker: ToBroker,
        (guest, holder): (&'a Guest, &'a Holder<'a>),
        pings: &'a OwnPings,
        front: &Front,
        entry: Entry,
    ) -> Self {
        Self {
            reader,
            to_broker,
            is_writing: false,
            entry,
            words: Arc::clone(&front.words),
            scanner: Scanner::default(),
            guest,
            holder,
            questions: holder.questions(),
            answered: 0,
            leaves: false,
            keep_alive: None,
            heard: Instant::now(),
            has_begun: false,
            publishes: false,
            hold: Hold::new(Arc::clone(&front.held)),
            paused: front.pause.watch(),
            rate: Rate::of(front.messages_per_second),
            dropped: 0,
            pings,
            shown_life: None,
        }
    }

    /// Gives back why the server ends it; `None` when the client did.
    pub async fn run(&mut self, visit: &Visit) -> Option<Ending> {
        let introduction = async {
            let mut begun = Vec::new();
            while !self.has_connected() {
                match self.read().await {
                    Ok(bytes) => begun.extend_from_slice(&bytes),
                    Err(ending) => return Err(ending),
                }
            }
            Ok(begun)
        };
        let begun = match timeout(CONNECT_LIMIT, introduction).await {
            Ok(Ok(begun)) => begun,
            Ok(Err(ending)) => return ending,
            Err(_) => return Some(Ending::Protocol),
        };
        visit.is_client();
        if let Some(ending) = self.introduce(&begun).await {
            return ending;
        }
        loop {
            if let Some(ending) = self.pass().await {
                return ending;
            }
            if self.leaves && self.hold.can_release() {
                return None;
            }
        }
    }

    /// A place to stay in, if the client is gone and something that it published is still held.
    pub fn holds_for_later<'b>(&self, gone: &'b Semaphore) -> Option<SemaphorePermit<'b>> {
        match self.hold.can_release() {
            true => gone.try_acquire().ok(),
            false => None,
        }
    }

    /// Until nothing is held any more.
    pub async fn send_held(&mut self) {
        loop {
            self.let_go().await;
            if !self.hold.can_release() {
                return;
            }
            self.show_life().await;
            self.wait().await;
        }
    }

    /// Why the broker has hung up without a word; `None` when the client left.
    pub fn offense(&self) -> Option<Ending> {
        let silence = self.keep_alive.map_or(Duration::MAX, |most| most * 3 / 2);
        match self.leaves {
            true => None,
            false if self.heard.elapsed() < silence => Some(Ending::Unclear),
            false => Some(Ending::Silence),
        }
    }

    /// Nothing more comes: what is still to be read of the client, and the end of the way to the broker.
    pub fn hang_up(mut self) -> (Reader, Shutdown) {
        // Not into the middle of a packet.
        let disconnect = self.hold.take_disconnect().filter(|_| !self.is_writing);
        (self.reader, Shutdown::new(disconnect, self.to_broker))
    }

    /// CONNECT, and what came with it. `Some` when it ends already.
    async fn introduce(&mut self, begun: &[u8]) -> Option<Option<Ending>> {
        let connect = match Header::read(begun) {
            Header::Whole(header) => begun.split_at_checked(header.whole()).zip(Some(header)),
            Header::Part | Header::Malformed => None,
        };
        let parts = connect.and_then(|((connect, after), header)| {
            Some((connect, connect.get(header.length()..)?, after))
        });
        let Some((connect, body, after)) = parts else {
            return Some(Some(Ending::Protocol));
        };
        let Some(login) = self.judge_login(body) else {
            return Some(Some(Ending::Protocol));
        };
        let predecessor = Connect::read(body).and_then(|connect| {
            let seconds = u64::from(connect.keep_alive);
            self.keep_alive = (seconds > 0).then(|| Duration::from_secs(seconds));
            // Nobody makes room for one who is refused.
            (!connect.client_id.is_empty() && !login.is_refused)
                .then(|| self.holder.claim(&names::file_name(&connect.client_id)))?
        });
        if let Some(predecessor) = &predecessor {
            predecessor.has_said_all().await;
        }
        let body = login.changed.as_deref().unwrap_or(body);
        match (dialect::connect_for_broker(body), &login.changed) {
            (Some(translated), _) => self.write(&translated).await,
            (None, Some(changed)) => self.write(&dialect::packet(0x10, changed)).await,
            (None, None) => self.write(connect).await,
        }
        if let Some(predecessor) = predecessor {
            predecessor.is_over().await;
        }
        self.pass_on(after).await;
        None
    }

    /// A CONNECT whose login was the word of the class, or had to be, as the broker gets it. `None` for what cannot be
    /// read, where it had to be: it might say something else to the broker.
    fn judge_login(&self, connect: &[u8]) -> Option<Login> {
        let Entry { needs_word, from } = self.entry;
        let Some(credentials) = Credentials::read(connect) else {
            return (!needs_word).then(Login::default);
        };
        let password = credentials.password.map(String::from_utf8_lossy);
        let is_right = password.is_some_and(|password| match needs_word {
            true => matches!(
                self.words.say(Role::Pupil, &password, from),
                Answer::Ticket(_)
            ),
            false => self.words.is_of_class(&password),
        });
        Some(Login {
            is_refused: needs_word && !is_right,
            changed: match (is_right, needs_word) {
                (true, _) => Some(credentials.welcome()?),
                (false, true) => Some(credentials.refused()?),
                (false, false) => None,
            },
        })
    }

    /// Some bytes, or some of those that were held; `Some` at the end.
    async fn pass(&mut self) -> Option<Option<Ending>> {
        if self.publishes {
            match memory::pressure() {
                Pressure::None => {}
                Pressure::Some => tokio::time::sleep(HELD_BACK).await,
                Pressure::TooMuch => return Some(Some(Ending::Quota)),
            }
        }
        self.let_go().await;
        if self.hold.is_full() {
            // Nobody hears now whether the client lives.
            self.show_life().await;
            self.wait().await;
            self.answered = *self.questions.borrow();
            self.holder.stays(self.answered);
            return None;
        }
        let is_held = self.hold.can_release();
        let limit = self.until_next();
        let read = tokio::select! {
            bytes = self.reader.next() => bytes,
            () = turn(&mut self.paused, limit), if is_held => return None,
            question = next_question(&mut self.questions, self.answered) => {
                return self.say_all(question).await;
            }
        };
        match self.judge(read) {
            Ok(bytes) => self.pass_on(&bytes).await,
            Err(ending) => return Some(ending),
        }
        None
    }

    /// A successor asks whether more is to come.
    async fn say_all(&mut self, question: u64) -> Option<Option<Ending>> {
        self.answered = question;
        while let Ok(read) = timeout(LAST_BYTES, self.reader.next()).await {
            match self.judge(read) {
                Ok(bytes) => self.pass_on(&bytes).await,
                Err(ending) => return Some(ending),
            }
        }
        if !self.leaves {
            self.holder.stays(question);
        }
        None
    }

    /// To the broker, except for what it must not have yet.
    async fn pass_on(&mut self, bytes: &[u8]) {
        let is_open = !*self.paused.borrow_and_update();
        let now = Instant::now();
        let rate = &mut self.rate;
        let may_pass = || is_open && rate.passes(now);
        let taken = self.hold.take(bytes, self.guest.version(), may_pass);
        if !taken.passed.is_empty() {
            self.write(&taken.passed).await;
        }
        if taken.dropped > 0 {
            self.guest.loses(taken.dropped);
        }
        if taken.has_held {
            // The packet would have shown the broker that the client lives. [MQTT-3.1.2-24]
            self.show_life().await;
        }
        self.dropped += taken.dropped;
        if self.dropped >= MANY_DROPPED {
            // Or one who floods would keep this computer busy with dropping.
            tokio::time::sleep(DROPPING_TAKES).await;
            self.dropped = 0;
        }
    }

    /// What is held, as far as the broker may have it now.
    async fn let_go(&mut self) {
        while !*self.paused.borrow_and_update() {
            let now = Instant::now();
            let rate = &mut self.rate;
            let released = self.hold.release(|| rate.passes(now));
            if released.is_empty() {
                return;
            }
            self.write(&released).await;
        }
    }

    /// Until something may have changed.
    async fn wait(&mut self) {
        let limit = self.until_next();
        turn(&mut self.paused, limit).await;
    }

    /// How long until the broker may have the next message that is held.
    fn until_next(&self) -> Duration {
        match *self.paused.borrow() {
            true => TURN,
            false => self.rate.wait(Instant::now()).clamp(SHORT_TURN, TURN),
        }
    }

    /// Tells the broker that the client lives, in the place of packets that are held.
    async fn show_life(&mut self) {
        let now = Instant::now();
        if !self.hold.is_between_packets() {
            return;
        }
        if (self.shown_life).is_some_and(|before| now - before < SHOW_LIFE_EVERY) {
            return;
        }
        self.shown_life = Some(now);
        self.pings.sends();
        self.write(PINGREQ).await;
    }

    /// Some bytes that may go to the broker, or why it ends.
    async fn read(&mut self) -> Result<Bytes, Option<Ending>> {
        let bytes = self.reader.next().await;
        self.judge(bytes)
    }

    fn judge(&mut self, read: Result<Bytes, Option<Ending>>) -> Result<Bytes, Option<Ending>> {
        // The broker publishes the last will when it was the client.
        let bytes = read?;
        self.heard = Instant::now();
        match self.look_at(&bytes) {
            Some(ending) => Err(Some(ending)),
            None => Ok(bytes),
        }
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.is_writing = true;
        if self.to_broker.write_all(bytes).await.is_err() {
            // What the broker said before it hung up is on its way.
            std::future::pending::<()>().await;
        }
        self.is_writing = false;
    }

    fn look_at(&mut self, bytes: &[u8]) -> Option<Ending> {
        let mut too_large = false;
        let goes_on = self.scanner.follow(bytes, |seen| match seen {
            Seen::Begun(header) => {
                let is_in_turn = self.has_begun || header.is_connect();
                self.has_begun = true;
                self.publishes |= header.is_publish();
                self.leaves |= header.is_disconnect();
                too_large = header.whole() > header.most_bytes();
                is_in_turn && !too_large
            }
            Seen::Head(header, head) => {
                self.guest.sends(header, head);
                true
            }
        });
        match goes_on {
            true => None,
            false if too_large => Some(Ending::TooLarge),
            false => Some(Ending::Protocol),
        }
    }

    fn has_connected(&self) -> bool {
        self.has_begun && self.scanner.is_between_packets()
    }
}

/// Until the pause begins or ends, or for so long.
async fn turn(paused: &mut watch::Receiver<bool>, limit: Duration) {
    // The sender is as old as the program.
    let _ = timeout(limit, paused.changed()).await;
}

/// What no successor asked before.
async fn next_question(questions: &mut watch::Receiver<u64>, answered: u64) -> u64 {
    let question = questions.wait_for(|question| *question > answered).await;
    // The sender is as old as the connection.
    question.map_or(answered, |question| *question)
}
