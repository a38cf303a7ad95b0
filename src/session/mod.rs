//! The MQTT client as a state machine: no I/O, no clock, no wasm types.
//!
//! | file | what it decides |
//! |---|---|
//! | `mod.rs` | the public calls |
//! | `link.rs` | one connection: opening, CONNECT and CONNACK, keep-alive, its end and what follows |
//! | `receive.rs` | what each packet from the server does |
//! | `transmit.rs` | what is sent, in which order, and when it must wait |
//! | `queue.rs`, `outbound.rs`, `inbound.rs` | messages waiting, on their way, and received |
//! | `subscriptions.rs` | wanted filters, owners, what the server granted |
//! | `reason.rs`, `backoff.rs` | whether and when to try again |

mod backoff;
mod event;
mod inbound;
mod link;
mod options;
mod outbound;
mod packet_ids;
mod queue;
mod reason;
mod receive;
mod subscriptions;
mod timers;
mod transmit;

use std::collections::VecDeque;
use std::time::Duration;

pub use event::{
    Action, CloseReason, Closed, ConnectionId, Event, Message, Owner, PublishError, Received,
    State, Statistics, SubscribeError, SubscriptionId, Token, Warning,
};
pub use options::{OptionsError, SessionOptions};
pub use subscriptions::MAX_FILTERS;

use crate::packet::{ProtocolVersion, QoS};
use crate::topic::TopicFilter;
use backoff::Backoff;
use inbound::Inbound;
use link::{Link, Phase};
use outbound::Outbound;
use packet_ids::PacketIds;
use queue::{Queue, Queued};
use subscriptions::Subscriptions;
use timers::Timers;

/// How long `disconnect` waits for messages that are on their way.
const DRAIN: Duration = Duration::from_secs(2);

/// The MQTT client as a state machine. It never opens a socket, sleeps or reads a clock.
///
/// After **every** `handle_*` call and every wish (`connect`, `publish`, …) the caller
///
/// 1. carries out what [`poll_action`](Self::poll_action) returns (open, close), until `None`;
/// 2. sends what [`poll_transmit`](Self::poll_transmit) returns, until `None`;
/// 3. dispatches what [`poll_event`](Self::poll_event) returns, until `None`;
///
/// and begins again until all three are quiet, because taking an event may acknowledge it and the
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
    link: Option<Link>,
    last_connection: u32,
    /// Which of the options' addresses is tried.
    candidate: usize,
    /// How many addresses failed in this round.
    failed_candidates: usize,
    timers: Timers,
    backoff: Backoff,
    /// Failures in a row that time may not mend.
    slow_failures: u32,
    /// Connections in a row that the server closed shortly after CONNACK.
    short_lives: u32,
    ever_connected: bool,
    packet_ids: PacketIds,
    queue: Queue,
    outbound: Outbound,
    inbound: Inbound,
    subscriptions: Subscriptions,
    actions: VecDeque<Action>,
    /// The last bytes of a connection that is about to be closed.
    farewell: Option<(ConnectionId, Vec<u8>)>,
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
            failed_candidates: 0,
            timers: Timers::default(),
            backoff: Backoff::new(seed),
            slow_failures: 0,
            short_lives: 0,
            ever_connected: false,
            packet_ids: PacketIds::new(),
            queue: Queue::new(defaults.queue_messages, defaults.queue_bytes),
            outbound: Outbound::default(),
            inbound: Inbound::new(),
            subscriptions: Subscriptions::default(),
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
    /// subscriptions and waiting messages go with it.
    ///
    /// # Errors
    ///
    /// The options cannot be used; nothing changed.
    pub fn connect(&mut self, now: Duration, options: SessionOptions) -> Result<(), OptionsError> {
        options.check()?;
        self.observe(now);
        if self.options.as_ref() == Some(&options) {
            match self.phase {
                Phase::Opening | Phase::Handshaking | Phase::Connected => return Ok(()),
                Phase::Draining => self.say_goodbye(),
                Phase::Closed | Phase::Waiting | Phase::Suspended => {}
            }
        } else {
            self.say_goodbye();
            self.forget_server_session();
            self.candidate = 0;
            self.ever_connected = false;
        }
        if self.phase != Phase::Waiting {
            self.backoff.reset();
            self.slow_failures = 0;
            self.short_lives = 0;
        }
        self.queue
            .set_bounds(options.queue_messages, options.queue_bytes);
        self.inbound.set_bound(options.receive_queue_messages);
        self.options = Some(options);
        self.failed_candidates = 0;
        self.open();
        Ok(())
    }

    /// Says goodbye and stays closed. Messages on their way get up to 2 s to be delivered; what is
    /// not delivered then fails with [`PublishError::Closed`]. Subscriptions are remembered for the
    /// next `connect`. [MQTT-3.14.4-1]
    pub fn disconnect(&mut self, now: Duration) {
        self.observe(now);
        match self.phase {
            Phase::Connected => {
                self.phase = Phase::Draining;
                self.timers.set(timers::Timer::Drain, self.now + DRAIN);
            }
            Phase::Opening | Phase::Handshaking | Phase::Waiting => self.finish(),
            Phase::Closed | Phase::Draining | Phase::Suspended => {}
        }
    }

    /// Queues a message. It is sent when the connection is up and its turn comes.
    ///
    /// # Errors
    ///
    /// The queue is full, the message is larger than a packet can be, or the session is closing.
    /// Nothing was queued.
    pub fn publish(&mut self, now: Duration, message: Message) -> Result<Token, PublishError> {
        self.observe(now);
        if self.phase == Phase::Draining {
            return Err(PublishError::Closed);
        }
        let bytes = transmit::publish_len(&message, self.version());
        if bytes > options::MAX_PACKET_BYTES {
            return Err(PublishError::TooLarge {
                bytes,
                limit: options::MAX_PACKET_BYTES,
            });
        }
        let token = Token(self.last_token.wrapping_add(1));
        self.queue.push(Queued { token, message })?;
        self.last_token = token.0;
        Ok(token)
    }

    /// Asks for messages, now and after every reconnect, until nobody wants them any more.
    ///
    /// A filter with several owners is subscribed to once, with the highest QoS that any of them
    /// asked for. A filter that the server refused is asked for again.
    ///
    /// # Errors
    ///
    /// [`MAX_FILTERS`] filters are wanted already.
    pub fn subscribe(
        &mut self,
        now: Duration,
        owner: Owner,
        filter: &TopicFilter,
        qos: QoS,
    ) -> Result<SubscriptionId, SubscribeError> {
        self.observe(now);
        self.subscriptions.add(owner, filter, qos)
    }

    /// Ends an owner's interest, or with `None` everybody's. The last one to leave unsubscribes.
    pub fn unsubscribe(&mut self, now: Duration, owner: Option<Owner>, filter: &TopicFilter) {
        self.observe(now);
        self.subscriptions.remove(owner, filter);
    }

    /// Ends an owner's interest in every filter.
    pub fn release_owner(&mut self, now: Duration, owner: Owner) {
        self.observe(now);
        self.subscriptions.release(owner);
    }

    /// The next socket to open or close. Not one is closed before its last bytes were taken.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What the application is told next. Taking a message acknowledges it, so a slow application
    /// slows the server down instead of filling memory. [MQTT-4.5.0-2]
    pub fn poll_event(&mut self) -> Option<Event> {
        let (event, ack) = self.inbound.pop()?;
        if let Some(ack) = ack {
            self.acknowledge(ack);
        }
        Some(event)
    }

    /// When [`handle_timeout`](Self::handle_timeout) must be called, on the clock of `now`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// Where the session stands.
    #[must_use]
    pub const fn state(&self) -> State {
        match self.phase {
            Phase::Closed | Phase::Suspended => State::Closed,
            Phase::Opening | Phase::Handshaking => State::Connecting,
            Phase::Connected => State::Connected,
            Phase::Draining => State::Closing,
            Phase::Waiting => State::Waiting,
        }
    }

    /// Counts since the session was made.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let waiting = self.queue.len() + self.outbound.len();
        Statistics {
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            ..self.statistics
        }
    }

    /// The version that connections speak.
    const fn version(&self) -> ProtocolVersion {
        ProtocolVersion::V3_1_1
    }

    /// Time never goes back.
    fn observe(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }
}
