//! The MQTT client as a state machine: no I/O, no clock, no wasm types.
//!
//! | part | lives with | what it holds |
//! |---|---|---|
//! | `wanted/` | the page | options, messages that wait, the publish rate |
//! | `agreed/` | the server's session | messages on their way, received numbers, Packet Identifiers, the journal |
//! | `connection/` | the socket | handshake, server limits, keep-alive, receiving, sending, quarantine |
//! | `retry/` | the failures | addresses, versions, backoff, what the ends of connections say |
//! | `state.rs` | | the transitions |
//! | `subscriptions.rs`, `filters.rs` | | wanted filters, owners, what serves them, what the server granted |

mod agreed;
mod connection;
mod event;
mod filters;
mod inbox;
mod retry;
mod state;
mod subscriptions;
mod text_map;
mod timers;
mod wanted;

use std::collections::VecDeque;
use std::time::Duration;

use bytes::BytesMut;

pub use agreed::journal::records::Record;
pub use agreed::journal::{StoreChange, StoreError, StoreRequest};
pub use connection::receive::MESSAGE_SLACK_BYTES;
pub use event::{
    Action, Blocked, CloseReason, Closed, ConnectionId, Event, Message, Owner, PublishError,
    Received, State, Statistics, SubscribeError, SubscribeOptions, SubscriptionId, Token, Warning,
};
pub use subscriptions::MAX_FILTERS;
pub use wanted::options::{
    Excess, OptionsError, PublishRate, QueuePolicy, SessionOptions, VersionPolicy,
};

use crate::packet::{MAX_PACKET_BYTES, ProtocolVersion, QoS, ReasonCode};
use crate::topic::TopicFilter;
use agreed::in_flight::InFlight;
use agreed::journal::Journal;
use agreed::packet_ids::PacketIds;
use connection::{Connection, Phase};
use inbox::{DueAck, Inbox};
use retry::backoff::Backoff;
use retry::evidence::Evidence;
use retry::race::Race;
use retry::versions::Versions;
use subscriptions::Subscriptions;
use timers::Timers;
use wanted::queue::{Bounds, Queue, Queued};
use wanted::rate::Bucket;

/// How long `disconnect` waits for messages that are on their way.
const DRAIN: Duration = Duration::from_secs(2);

/// The MQTT client as a state machine. It never opens a socket, sleeps or reads a clock.
///
/// After **every** `handle_*` call and every wish (`connect`, `publish`, …) the caller
///
/// 1. carries out what [`poll_action`](Self::poll_action) returns (open, close), until `None`;
/// 2. sends what [`poll_transmit`](Self::poll_transmit) returns, until `None`;
/// 3. dispatches what [`poll_event`](Self::poll_event) returns, until `None`;
/// 4. begins to store what [`poll_store`](Self::poll_store) returns, until `None`;
///
/// and begins again until all four are quiet, because taking an event may acknowledge it and the
/// last bytes of a connection precede its end. Then it re-arms its one timer from
/// [`poll_timeout`](Self::poll_timeout). Calling [`handle_timeout`](Self::handle_timeout) early is
/// harmless.
///
/// `now` is the time since any fixed moment. It never goes back: an earlier time counts as the
/// latest one seen.
///
/// Subscriptions and messages may be wished for at any time, also before the first `connect`; they
/// survive every reconnect.
#[derive(Debug)]
pub struct Session {
    options: Option<SessionOptions>,
    now: Duration,
    phase: Phase,
    link: Option<Connection>,
    last_connection: u32,
    /// Which of the options' addresses is tried first.
    candidate: usize,
    /// The attempt to connect, while there is one.
    race: Race,
    timers: Timers,
    backoff: Backoff,
    ever_connected: bool,
    /// What the ends of the last connections say about what was sent.
    evidence: Evidence,
    /// What each address speaks.
    versions: Versions,
    /// The server may still have the session that we have.
    server_session: bool,
    /// The next attempt must ask for a new session. [MQTT5-3.2.2-4]
    start_clean: bool,
    /// How long the server keeps the session after `disconnect`, if that was said.
    last_expiry: Option<Duration>,
    /// The name that the server gave us. [MQTT5-3.1.3-7]
    assigned_client_id: Option<String>,
    bucket: Option<Bucket>,
    packet_ids: PacketIds,
    queue: Queue,
    in_flight: InFlight,
    inbox: Inbox,
    subscriptions: Subscriptions,
    journal: Journal,
    actions: VecDeque<Action>,
    /// The last bytes of a connection, and its end that follows them.
    farewell: Option<(ConnectionId, BytesMut, Action)>,
    last_token: u32,
    statistics: Statistics,
}

impl Session {
    /// A session that has not been asked to connect.
    ///
    /// The seed decides the jitter of all delays before reconnecting: give each page its own, so
    /// that a class does not come back in the same second.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let defaults = SessionOptions::new("", "");
        Self {
            options: None,
            now: Duration::ZERO,
            phase: Phase::Closed,
            link: None,
            last_connection: 0,
            candidate: 0,
            race: Race::default(),
            timers: Timers::default(),
            backoff: Backoff::new(seed),
            ever_connected: false,
            evidence: Evidence::default(),
            versions: Versions::default(),
            server_session: false,
            start_clean: false,
            last_expiry: None,
            assigned_client_id: None,
            bucket: None,
            packet_ids: PacketIds::default(),
            queue: Queue::new(bounds(&defaults)),
            in_flight: InFlight::default(),
            inbox: Inbox::new(),
            subscriptions: Subscriptions::new(seed),
            journal: Journal::new(),
            actions: VecDeque::new(),
            farewell: None,
            last_token: 0,
            statistics: Statistics::default(),
        }
    }

    /// Connects, and stays connected until [`disconnect`](Self::disconnect).
    ///
    /// With the same options it does nothing while connecting or connected, and tries at once
    /// during the pause before an attempt. With others it ends the connection and makes a new one;
    /// subscriptions and waiting messages go with it. The session on the server goes on if addresses,
    /// Client Identifier and the wish for a clean session are the same. [MQTT-3.1.3-2]
    ///
    /// # Errors
    ///
    /// The options cannot be used; nothing changed.
    pub fn connect(&mut self, now: Duration, options: SessionOptions) -> Result<(), OptionsError> {
        options.check()?;
        self.observe(now);
        if self.options.as_ref() == Some(&options) {
            match self.phase {
                Phase::Restoring | Phase::Opening | Phase::Handshaking | Phase::Connected => {
                    return Ok(());
                }
                Phase::Draining => self.say_goodbye(ReasonCode::SUCCESS),
                Phase::Closed | Phase::Waiting | Phase::Suspended => {}
            }
        } else {
            self.say_goodbye(ReasonCode::SUCCESS);
            let goes_on = self
                .options
                .as_ref()
                .is_some_and(|old| old.means_the_same_session_as(&options));
            if !goes_on && self.options.is_some() {
                self.forget_server_session();
                self.subscriptions.forget_refusals();
                self.start_clean = false;
                self.assigned_client_id = None;
            }
            self.candidate = 0;
            self.ever_connected = false;
        }
        if self.phase != Phase::Waiting {
            self.backoff.reset();
            self.evidence = Evidence::default();
        }
        self.queue.set_bounds(bounds(&options));
        self.set_publish_rate(options.publish_rate);
        self.inbox.set_bound(options.receive_queue_messages);
        self.journal.choose(options.identity());
        self.options = Some(options);
        self.open();
        Ok(())
    }

    /// Says goodbye and stays closed. Messages on their way get up to 2 s to be delivered; what is
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
        match self.phase {
            Phase::Connected => {
                self.last_expiry = expiry;
                self.phase = Phase::Draining;
                self.timers.set(timers::Timer::Drain, self.now + DRAIN);
            }
            Phase::Restoring
            | Phase::Opening
            | Phase::Handshaking
            | Phase::Waiting
            | Phase::Suspended => self.finish(),
            Phase::Closed | Phase::Draining => {}
        }
    }

    /// Queues a message. It is sent when the connection is up and its turn comes.
    ///
    /// # Errors
    ///
    /// The queue is full, messages come too fast, the message is larger than a packet can be or has
    /// properties that only the session may set, or the session is closing. Nothing was queued.
    pub fn publish(&mut self, now: Duration, message: Message) -> Result<Token, PublishError> {
        self.begin(now);
        if self.phase == Phase::Draining {
            return Err(PublishError::Closed);
        }
        let properties = message.properties.as_deref();
        if properties
            .is_some_and(|given| given.topic_alias.is_some() || !given.subscription_ids.is_empty())
        {
            return Err(PublishError::Invalid);
        }
        let (bytes, limit) = (message.parts().len(self.version()), MAX_PACKET_BYTES);
        if bytes > limit {
            return Err(PublishError::TooLarge { bytes, limit });
        }
        let must_wait = !self.is_within_rate();
        if must_wait && !self.lets_excess_wait() {
            self.skipped(1);
            return Err(PublishError::TooFast);
        }
        let token = Token(self.last_token.wrapping_add(1));
        let draft = self.journal.draft(&message, self.now);
        let draft = draft.ok_or(PublishError::Invalid)?;
        let removed = self.queue.push(Queued {
            token,
            message,
            since: self.now,
            kept: draft.number,
            excess: must_wait,
            is_offline: self.phase != Phase::Connected,
        });
        let removed = removed.inspect_err(|_| self.skipped(1))?;
        self.last_token = token.0;
        self.journal.keep(draft);
        self.skipped(removed.len());
        for queued in removed {
            self.journal.remove_message(queued.kept);
            self.publish_failed(queued.token, PublishError::Replaced);
        }
        Ok(token)
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
        self.subscriptions.add(owner, filter, options.into())
    }

    /// Ends an owner's interest, or with `None` everybody's. The last one to leave unsubscribes.
    ///
    /// A filter that nobody asked for here may have been subscribed to by an earlier run, where the
    /// server keeps the session: then that ends.
    pub fn unsubscribe(&mut self, now: Duration, owner: Option<Owner>, filter: &TopicFilter) {
        self.begin(now);
        let options = self.options.as_ref();
        if options.is_none_or(|options| !options.clean_session) {
            self.subscriptions.may_be_on_server(filter);
        }
        let ended = self.subscriptions.remove(owner, filter);
        self.unsubscribed(ended);
    }

    /// Asks the server for a granted filter once more, so that it sends what it retains.
    pub fn subscribe_again(&mut self, now: Duration, subscription: SubscriptionId) {
        self.begin(now);
        self.subscriptions.ask_again(subscription);
    }

    /// Ends an owner's interest in every filter.
    pub fn release_owner(&mut self, now: Duration, owner: Owner) {
        self.begin(now);
        let ended = self.subscriptions.release(owner);
        self.unsubscribed(ended);
    }

    /// The next socket to open or close. Not one is closed before its last bytes were taken.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What the application is told next. Taking a message acknowledges it, so a slow application
    /// slows the server down instead of filling memory. [MQTT-4.5.0-2]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.take_what_is_told_to_nobody();
        let (event, ack) = self.inbox.pop()?;
        self.taken(ack);
        self.take_what_is_told_to_nobody();
        event
    }

    fn take_what_is_told_to_nobody(&mut self) {
        while let Some(ack) = self.inbox.pop_ack() {
            self.taken(Some(ack));
        }
    }

    fn taken(&mut self, ack: Option<DueAck>) {
        let Some(ack) = ack else { return };
        if ack.qos == QoS::ExactlyOnce && ack.session == self.inbox.session() {
            self.journal.put_received(ack.packet_id);
        }
        self.acknowledge(ack);
    }

    /// When [`handle_timeout`](Self::handle_timeout) must be called, on the clock of `now`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let deadlines = self
            .timers
            .next()
            .into_iter()
            .chain(self.journal.deadline());
        deadlines.min()
    }

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> State {
        match self.phase {
            Phase::Closed | Phase::Suspended => State::Closed,
            Phase::Restoring | Phase::Opening | Phase::Handshaking => State::Connecting,
            Phase::Connected => State::Connected,
            Phase::Draining => State::Closing,
            Phase::Waiting => State::Waiting,
        }
    }

    /// Whether the session is connected, wants to be, or has changes that are not stored.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.phase != Phase::Closed || self.journal.waits_for().is_some()
    }

    /// Counts since the session was made.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let waiting = self.queue.len() + self.in_flight.len();
        Statistics {
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            ..self.statistics
        }
    }

    /// The version of the connection, or of the next one.
    fn version(&self) -> ProtocolVersion {
        self.link
            .as_ref()
            .map_or(ProtocolVersion::V5_0, |link| link.version)
    }

    fn skipped(&mut self, messages: usize) {
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        self.statistics.skipped = self.statistics.skipped.saturating_add(messages);
    }
}

fn bounds(options: &SessionOptions) -> Bounds {
    Bounds {
        messages: options.queue_messages,
        bytes: options.queue_bytes,
        policy: options.queue_policy,
    }
}
