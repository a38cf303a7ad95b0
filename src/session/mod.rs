//! The MQTT client as a state machine: no I/O, no clock, no wasm types.
//!
//! | part | lives with | what it holds |
//! |---|---|---|
//! | `mod.rs` | | the public calls |
//! | `state.rs`, `inputs.rs` | | the transitions; what each input means in each state |
//! | `parts.rs` | | what outlives a connection, part by part |
//! | `wanted/` | the page | options, messages that wait, the publish rate |
//! | `agreed/` | the server's session | messages on their way, received numbers, Packet Identifiers, filters, the journal |
//! | `connection/` | the socket | handshake, server limits, keep-alive, receiving, sending, aliases, quarantine |
//! | `retry/` | the failures | addresses, versions, backoff, what the ends of connections say |
//! | `event.rs`, `output.rs`, `outbox.rs` | | what comes out, and what waits to |
//! | `errors.rs` | | the words of errors |
//! | `clock.rs`, `text_map.rs` | | the time and its deadlines; the map that all of them use |

mod agreed;
mod clock;
mod connection;
mod errors;
mod event;
mod inputs;
mod outbox;
mod output;
mod parts;
mod retry;
mod state;
mod text_map;
mod wanted;

use std::time::Duration;

use bytes::Bytes;

pub use agreed::journal::records::Record;
pub use agreed::journal::{StoreChange, StoreError, StoreRequest};
pub use agreed::subscriptions::MAX_FILTERS;
pub use connection::MESSAGE_SLACK_BYTES;
pub use event::{
    Blocked, CloseReason, Closed, ConnectionId, Event, Message, Owner, PublishError, Received,
    State, Statistics, SubscribeError, SubscriptionId, Token, Warning,
};
pub use output::Output;
pub use wanted::options::{
    Excess, LOCAL_PAUSE, OptionsError, PublishRate, QueuePolicy, SessionOptions, VersionPolicy,
};

use crate::codec::{ProtocolError, PublishParts};
pub use crate::packet::SubscribeOptions;
use crate::topic::{TopicFilter, TopicName};
use clock::Timer;
use parts::Parts;
use wanted::queue::Queued;

/// The MQTT client as a state machine. It never opens a socket, sleeps or reads a clock.
///
/// After **every** `handle_*` call and every command (`connect`, `publish`, …) the caller
///
/// 1. carries out what [`poll_output`](Self::poll_output) returns, one by one, until `None`: each
///    [`Output`] says what is to be done and which `handle_*` to call, at once or later;
/// 2. re-arms its one timer from [`poll_timeout`](Self::poll_timeout), for
///    [`handle_timeout`](Self::handle_timeout). To call that early is harmless.
///
/// Commands of one turn may share a drain: what they cause then leaves together. What sockets, the
/// store and the page report is passed on as it comes.
///
/// `now` is the time since any fixed moment. It never goes back: an earlier time counts as the
/// latest one seen.
///
/// Filters and messages may be wanted at any time, also before the first `connect`; they survive
/// every reconnect.
///
/// ```
/// # use std::time::Duration;
/// # use scratch_mqtt::session::{Output, Session, SessionOptions};
/// # let now = Duration::ZERO;
/// # let options = SessionOptions::new("ws://broker/mqtt", "pupil");
/// let mut session = Session::new(42);
/// session.connect(now, options)?;
/// while let Some(output) = session.poll_output() {
///     match output {
///         Output::Open { connection, url, subprotocol } => { /* open a WebSocket */ }
///         Output::Ask { connection, url } => { /* only if the options ask for it */ }
///         Output::Send { connection, bytes } => { /* send on this socket */ }
///         Output::Measure { connection } => { /* pass `handle_buffered` its `bufferedAmount` */ }
///         Output::Close { connection, code } => { /* close this socket */ }
///         Output::Store(request) => { /* only with `keep_session` */ }
///         Output::Event(event) => { /* for the application */ }
///     }
/// }
/// let wake_at = session.poll_timeout();
/// # assert!(wake_at.is_some());
/// # Ok::<(), scratch_mqtt::session::OptionsError>(())
/// ```
#[derive(Debug)]
pub struct Session {
    state: state::State,
    parts: Parts,
}

impl Session {
    /// A session that has not been asked to connect.
    ///
    /// The seed decides the jitter of all delays before reconnecting: give each page its own, so
    /// that a class does not come back in the same second.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: state::State::Closed,
            parts: Parts::new(seed),
        }
    }

    /// Connects, and stays connected until [`disconnect`](Self::disconnect).
    ///
    /// With the same options it does nothing while connecting or connected, and tries at once
    /// during the pause before an attempt. With others it ends the connection and makes a new one;
    /// subscriptions and waiting messages go with it. The session on the server goes on if addresses,
    /// Client Identifier and `clean_session` are the same. [MQTT-3.1.3-2]
    ///
    /// # Errors
    ///
    /// The options cannot be used; nothing changed.
    pub fn connect(&mut self, now: Duration, options: SessionOptions) -> Result<(), OptionsError> {
        options.check()?;
        self.observe(now);
        self.state.connect(options, &mut self.parts);
        Ok(())
    }

    /// Sends DISCONNECT and stays closed. Messages on their way get up to 2 s to be delivered; what is
    /// not delivered then fails with [`PublishError::Closed`]. Subscriptions are remembered for the
    /// next `connect`. [MQTT-3.14.4-1]
    pub fn disconnect(&mut self, now: Duration) {
        self.disconnect_for(now, None);
    }

    /// The same, and says anew how long the server keeps the session (5.0, whole seconds): 0 lets it be
    /// forgotten at once. Without a connection, in 3.1.1, and where `connect` asked for no session
    /// [MQTT5-3.14.2.2.2] it is a [`disconnect`](Self::disconnect) like any other.
    pub fn disconnect_for(&mut self, now: Duration, expiry: Option<Duration>) {
        self.observe(now);
        self.state.drain(expiry, &mut self.parts);
    }

    /// Queues a message. It is sent when the connection is up and its turn comes.
    ///
    /// # Errors
    ///
    /// The queue is full, messages come too fast, the message is larger than a packet can be or has
    /// properties that only the session may set, or the session is closing. Nothing was queued.
    pub fn publish(&mut self, now: Duration, message: Message) -> Result<Token, PublishError> {
        self.begin(now);
        if let Some(token) = (self.state).write_at_once(&message.parts(), &mut self.parts) {
            return Ok(token);
        }
        let state = self.state();
        if state == State::Closing {
            return Err(PublishError::Closed);
        }
        self.parts.wanted.check(&message, self.state.version())?;
        let road = self.state.road(&self.parts);
        let is_offline = state != State::Connected;
        self.parts.publish(message, road, is_offline)
    }

    /// The same for QoS 0 and a payload that stays where it is. `None`: it must be kept, so `publish` it.
    #[doc(hidden)]
    pub fn publish_plain(
        &mut self,
        now: Duration,
        topic: &TopicName,
        payload: &[u8],
        retain: bool,
    ) -> Option<Token> {
        self.begin(now);
        let message = PublishParts::plain(topic, payload, retain);
        self.state.write_at_once(&message, &mut self.parts)
    }

    /// Changes the publish rate at once, without connecting again; `None` is no limit.
    pub fn set_publish_rate(&mut self, rate: Option<PublishRate>) {
        self.parts.wanted.options.publish_rate = rate;
        self.parts.wanted.pace.set(rate, self.parts.clock.now());
    }

    /// Takes back what was published `age` ago or earlier while there was no connection, of every
    /// QoS, and was not sent yet. Each fails with [`PublishError::Discarded`]. Says how many.
    pub fn discard_unsent(&mut self, now: Duration, age: Duration) -> usize {
        self.observe(now);
        let until = self.parts.clock.since(age);
        let is_unsent = |queued: &Queued| queued.is_offline && queued.since <= until;
        let discarded = self.parts.wanted.queue.take(is_unsent);
        self.parts.not_sent(discarded, &PublishError::Discarded)
    }

    /// Asks for messages, now and after every reconnect, until nobody wants them any more.
    ///
    /// A filter with several owners is subscribed to once, with the highest QoS that any of them
    /// asked for. A filter that the server refused is asked for again.
    ///
    /// # Errors
    ///
    /// [`MAX_FILTERS`] filters are wanted already, or No Local was asked for with `$share`.
    pub fn subscribe(
        &mut self,
        now: Duration,
        owner: Owner,
        filter: &TopicFilter,
        options: impl Into<SubscribeOptions>,
    ) -> Result<SubscriptionId, SubscribeError> {
        self.begin(now);
        let subscriptions = &mut self.parts.agreed.subscriptions;
        subscriptions.add(owner, filter, options.into())
    }

    /// Ends an owner's interest, or with `None` everybody's. The last one to leave unsubscribes.
    ///
    /// A filter that nobody asked for here may have been subscribed to by an earlier run, where the
    /// server keeps the session: then that ends.
    pub fn unsubscribe(&mut self, now: Duration, owner: Option<Owner>, filter: &TopicFilter) {
        self.begin(now);
        let Parts { wanted, agreed, .. } = &mut self.parts;
        if wanted.is_unset() || !wanted.options.clean_session {
            agreed.subscriptions.may_be_on_server(filter);
        }
        let ended = agreed.subscriptions.remove(owner, filter);
        self.parts.out.unsubscribed(ended);
    }

    /// Asks the server for a granted filter once more, so that it sends what it retains.
    pub fn subscribe_again(&mut self, now: Duration, subscription: SubscriptionId) {
        self.begin(now);
        self.parts.agreed.subscriptions.ask_again(subscription);
    }

    /// Ends an owner's interest in every filter.
    pub fn release_owner(&mut self, now: Duration, owner: Owner) {
        self.begin(now);
        let ended = self.parts.agreed.subscriptions.release(owner);
        self.parts.out.unsubscribed(ended);
    }

    /// Whether the application takes no events for now. What it does not take is not acknowledged, so
    /// that a slow application slows the server down instead of filling memory. [MQTT-4.5.0-2]
    pub const fn pause_events(&mut self, is_paused: bool) {
        self.parts.out.is_paused = is_paused;
    }

    /// The socket opened. `subprotocol` is what the server selected; over TCP, which knows none, `mqtt`.
    pub fn handle_opened(&mut self, now: Duration, connection: ConnectionId, subprotocol: &str) {
        self.begin(now);
        self.state.opened(connection, subprotocol, &mut self.parts);
    }

    /// The answer to [`Output::Ask`]. What is not permitted is not asked for again in this attempt.
    pub fn handle_permission(
        &mut self,
        now: Duration,
        connection: ConnectionId,
        is_permitted: bool,
    ) {
        self.begin(now);
        self.state
            .permitted(connection, is_permitted, &mut self.parts);
    }

    /// Bytes came, any number of them; packets may begin and end anywhere in them. [MQTT-6.0.0-2]
    pub fn handle_bytes(&mut self, now: Duration, connection: ConnectionId, bytes: Bytes) {
        self.observe(now);
        if self.state.of_socket(connection).is_some() {
            self.state.received(bytes, &mut self.parts);
            // Not before: what came late came all the same.
            self.state.expire(&mut self.parts, |_| true);
        }
    }

    /// A text frame came; MQTT knows binary frames only. [MQTT-6.0.0-1]
    pub fn handle_text(&mut self, now: Duration, connection: ConnectionId) {
        self.observe(now);
        self.state
            .broken(connection, ProtocolError::TextFrame, &mut self.parts);
    }

    /// `waiting` bytes of whole WebSocket messages have arrived and wait to be read. A caller that reads in
    /// [portions](Self::portion) says so first; one that hands over what it reads need not.
    /// Nothing of it needs to be copied to know that it is too large: then the connection ends.
    pub fn handle_waiting(&mut self, now: Duration, connection: ConnectionId, waiting: usize) {
        self.observe(now);
        let largest = self.parts.wanted.options.max_packet_bytes;
        let (bytes, limit) = (waiting, largest.saturating_add(MESSAGE_SLACK_BYTES));
        if bytes > limit {
            let error = ProtocolError::TooLarge { bytes, limit };
            self.state.broken(connection, error, &mut self.parts);
        }
    }

    /// How many bytes to read next, of many that have arrived and begin with `start`; 0 when nobody reads
    /// them any more. Between two portions all that they caused is to be carried out.
    #[must_use]
    pub fn portion(&self, connection: ConnectionId, start: &[u8]) -> usize {
        let current = self.state.connection().filter(|it| it.id == connection);
        current.map_or(0, |current| current.portion(start))
    }

    /// The answer to [`Output::Measure`]: how many bytes the socket still holds.
    pub fn handle_buffered(&mut self, now: Duration, connection: ConnectionId, bytes: usize) {
        self.begin(now);
        if let Some(connection) = self.state.of_socket(connection) {
            let waits = self.parts.has_messages();
            let Parts { wanted, clock, .. } = &mut self.parts;
            let outgoing = &mut connection.outgoing;
            outgoing.measured(bytes, waits, &wanted.pace, clock);
        }
    }

    /// The socket is gone, or could not be opened.
    pub fn handle_closed(&mut self, now: Duration, connection: ConnectionId, closed: Closed) {
        self.observe(now);
        self.state.lost(connection, closed, &mut self.parts);
    }

    /// The answer to [`StoreRequest::Load`]: the store's records, by ascending key. `time` is the time
    /// since 1970, by which messages expire that an earlier page published. The session of another
    /// `identity` is ignored.
    pub fn handle_loaded(
        &mut self,
        now: Duration,
        time: Duration,
        identity: u64,
        records: &[Record],
    ) {
        self.observe(now);
        let journal = &self.parts.agreed.journal;
        if journal.is_loading() && journal.identity() == Some(identity) {
            self.parts.restore(time, records);
            self.state.restored(&mut self.parts);
        }
    }

    /// The answer to [`StoreRequest::Commit`]: everything up to it is stored, and what waited for it
    /// may be sent.
    pub fn handle_stored(&mut self, now: Duration, number: u32) {
        self.begin(now);
        self.parts
            .agreed
            .journal
            .stored(self.parts.clock.now(), number);
    }

    /// The store cannot be used. The session goes on without it, and is not stored any more; unless
    /// another page has it: then it stays closed.
    pub fn handle_store_failed(&mut self, now: Duration, error: StoreError) {
        self.observe(now);
        self.state.store_failed(error, &mut self.parts);
    }

    /// Some deadline may have passed.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.observe(now);
        let due = self.parts.agreed.journal.deadline();
        if due.is_some_and(|due| due <= self.parts.clock.now()) {
            self.handle_store_failed(now, StoreError::Failed);
        }
        self.state.expire(&mut self.parts, |_| true);
    }

    /// The network is back: try now, or check that the connection lived through it.
    pub fn handle_online(&mut self, now: Duration) {
        self.begin(now);
        self.state.online(&mut self.parts);
    }

    /// The computer may have slept, or the network been away: ask the server, with little patience.
    pub fn handle_wake(&mut self, now: Duration) {
        self.begin(now);
        self.state.wake(&mut self.parts);
    }

    /// The page goes away. Nothing is awaited; if the browser brings the page back,
    /// [`handle_online`](Self::handle_online) connects again.
    ///
    /// A will is left to the server to be published: who closes the tab has disappeared. 3.1.1 does
    /// so by ending without DISCONNECT, 5.0 says so in it. [MQTT-3.14.4-3] [MQTT5-3.14.4-3]
    pub fn handle_unload(&mut self, now: Duration) {
        self.observe(now);
        self.state.suspend(&mut self.parts);
    }

    /// What the caller must do next; `None` when that is to wait.
    ///
    /// Events come in one go, and what follows from them after it: acknowledgements and all that
    /// handlers want leave as one WebSocket message.
    pub fn poll_output(&mut self) -> Option<Output> {
        if !self.parts.out.is_emitting()
            && let Some(output) = self.state.work(&mut self.parts)
        {
            return Some(output);
        }
        if let Some(event) = self.state.next_event(&mut self.parts) {
            return Some(Output::Event(event));
        }
        let has_emitted = self.parts.out.has_emitted();
        has_emitted.then(|| self.poll_output()).flatten()
    }

    /// When [`handle_timeout`](Self::handle_timeout) must be called, on the clock of `now`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let deadlines = self.parts.clock.next().into_iter();
        deadlines.chain(self.parts.agreed.journal.deadline()).min()
    }

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state.outer()
    }

    /// Whether the session is connected, wants to be, or has changes that are not stored.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        let is_stored = self.parts.agreed.journal.waits_for().is_none();
        !matches!(self.state, state::State::Closed) || !is_stored
    }

    /// Counts since the session was made.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let waiting = self.parts.wanted.queue.len() + self.parts.agreed.in_flight.len();
        Statistics {
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            ..self.parts.statistics
        }
    }

    /// What begins with an input that says nothing about the server: a timer may be late, once a
    /// minute in a hidden tab, so the input does what it should have done. That no answer came is
    /// for a timer to find, or for what does come: it may be waiting behind this input.
    fn begin(&mut self, now: Duration) {
        self.parts.clock.observe(now);
        self.state.expire(&mut self.parts, Timer::is_ours);
    }

    /// Time never goes back. A connection that lasted has done so whatever ends it now.
    fn observe(&mut self, now: Duration) {
        self.parts.clock.observe(now);
        let is_stable = |timer| timer == Timer::Stable;
        self.state.expire(&mut self.parts, is_stable);
    }
}
