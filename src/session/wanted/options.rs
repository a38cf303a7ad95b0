//! What can be chosen about a session: defaults, ranges, and why.

use std::fmt;
use std::time::Duration;

use crate::packet::{ConnectProperties, MAX_PACKET_BYTES, ProtocolVersion, Will};
use crate::text;

/// The longest pause between two attempts to reach a server of the same network, which 300 clients reach
/// in 1.3 s.
pub const LOCAL_PAUSE: Duration = Duration::from_secs(8);

/// Options of a [`Session`](crate::session::Session). [`SessionOptions::new`] holds every default.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// Ask before each address is opened, when its turn comes. Default: no.
    pub asks_permission: bool,
    /// Addresses of one and the same server, tried in turn; opaque to the session, [`Output::Open`] says one
    /// again. At least one.
    ///
    /// [`Output::Open`]: crate::session::Output::Open
    pub urls: Vec<String>,
    /// The Client Identifier.
    ///
    /// At most 65,535 bytes; every server takes 1 to 23 letters and digits [MQTT-3.1.3-5]. Empty asks
    /// the server to choose one; in 3.1.1 that needs [`clean_session`](Self::clean_session).
    /// [MQTT-3.1.3-7]
    pub client_id: String,
    /// Whether somebody chose the Client Identifier, so that another client may use it too.
    ///
    /// Default `false`: a random one. Only with a chosen one do three closes in a row, each shortly
    /// after CONNACK, mean [`CloseReason::NameInUse`](crate::session::CloseReason::NameInUse).
    pub client_id_is_chosen: bool,
    /// The user name, up to 65,535 bytes. Default: none; empty means none.
    pub user_name: Option<String>,
    /// The password, a text of up to 65,535 bytes. Default: none; empty means none. 3.1.1 allows none without a
    /// user name. [MQTT-3.1.2-22]
    pub password: Option<String>,
    /// Start without the state of an earlier connection, on the first connection and on every other.
    ///
    /// Default `true`: with the random client ids of a class, `false` would leave an orphan session
    /// on the server for each page that was ever opened. What this client itself remembers
    /// (subscriptions, messages not yet acknowledged) survives a reconnect either way.
    pub clean_session: bool,
    /// Keep the session for a page that is loaded again: what is on its way and waits with QoS 1 and
    /// 2, and what must not be delivered twice.
    ///
    /// Default `false`. Needs a chosen Client Identifier, by which the next page finds it, and no
    /// [`clean_session`](Self::clean_session). The caller brings the store: [`Output::Store`].
    ///
    /// [`Output::Store`]: crate::session::Output::Store
    pub keep_session: bool,
    /// The longest silence, as the server learns it. Whole seconds, 0 (off) to 65,535. A PINGREQ
    /// follows a silence of three quarters of it, or of what the server says instead.
    /// [MQTT-3.1.2-23] [MQTT5-3.2.2-21]
    ///
    /// Default 60 s, so a ping after 45 s: proxies end a silence of 60 s (nginx's default), servers
    /// one of 90 s, and shorter would wake thirty laptops for nothing.
    pub keep_alive: Duration,
    /// Longest wait for a PINGRESP; then the connection ends with [`CloseReason::PingTimeout`]. Default 10 s.
    ///
    /// [`CloseReason::PingTimeout`]: crate::session::CloseReason::PingTimeout
    pub ping_timeout: Duration,
    /// Longest wait from opening the socket to CONNACK.
    ///
    /// Default 15 s: long enough for a slow school proxy, short enough that a pupil does not press
    /// the green flag again.
    pub connect_timeout: Duration,
    /// Whether a lost connection comes back by itself. Default `true`.
    pub reconnect: bool,
    /// The longest pause between two attempts, after a transient failure. 1 s to 1 h.
    ///
    /// Default 60 s. Pauses spare a server that many clients come back to at once; thirty of a class
    /// need none that long, and wait [`LOCAL_PAUSE`] at most.
    pub longest_pause: Duration,
    /// What the server publishes when this client disappears. Default: nothing.
    pub will: Option<Will>,
    /// Whether the server publishes the will also when somebody ends the connection, or wants another one.
    ///
    /// Default `false`: who sends DISCONNECT has not disappeared. `true` for a will that says who is not
    /// there any more.
    pub will_on_disconnect: bool,
    /// Which version to speak. Default: 5.0, and 3.1.1 with servers that want it.
    pub version: VersionPolicy,
    /// 5.0 only: how long the server keeps the session after the connection. Whole seconds, 0 to
    /// 4,294,967,295 (for ever). [MQTT5-3.1.2-23]
    ///
    /// Default 300 s: a laptop that was closed for a moment gets the messages that it missed.
    pub session_expiry: Duration,
    /// 5.0 only: properties of CONNECT that mean nothing to the session. Default: none. Where it does what
    /// one says, that is an option of its own, and this one is not sent.
    pub properties: ConnectProperties,
    /// 5.0 only: give each filter a Subscription Identifier, so that the server says which filters
    /// a message is for. Default `false`: the topic says so too.
    pub subscription_identifiers: bool,
    /// 5.0 only: how many topics of ours are sent as a number after the first time, 0 to 65,535.
    /// Default 0; the server's Topic Alias Maximum limits it further. [MQTT5-3.2.2-17]
    pub topic_aliases: u16,
    /// 5.0 only: how many QoS 1 and 2 messages the server may send before the first of them is
    /// taken, 1 to 65,535. Default 100. [MQTT5-3.3.4-9]
    pub receive_maximum: u16,
    /// How many QoS 1 and 2 messages may be on their way at once, 1 to 65,535. Default 20; the
    /// server's Receive Maximum limits it further. [MQTT5-3.3.4-7]
    pub send_maximum: u16,
    /// What happens to a message when the queue is full. Default: it is refused.
    pub queue_policy: QueuePolicy,
    /// The highest rate of messages. Default: no limit.
    pub publish_rate: Option<PublishRate>,
    /// How many messages may wait for a connection, or for room in the window. Default 1,000; with 0 none
    /// is ever taken.
    pub queue_messages: usize,
    /// How many bytes of topics and payloads may wait with them. Default 4 MiB.
    pub queue_bytes: usize,
    /// How many received messages may wait for the application. Default 10,000; beyond it, or beyond 64 MiB,
    /// QoS 0 messages are dropped, the oldest first, and counted.
    pub receive_queue_messages: usize,
    /// The largest packet that is accepted, in bytes, 1 to [`MAX_PACKET_BYTES`]. Default 16 MiB.
    pub max_packet_bytes: usize,
}

impl SessionOptions {
    /// All defaults, for one server and one Client Identifier.
    #[must_use]
    pub fn new(url: &str, client_id: &str) -> Self {
        Self {
            asks_permission: false,
            urls: vec![url.to_owned()],
            client_id: client_id.to_owned(),
            client_id_is_chosen: false,
            user_name: None,
            password: None,
            clean_session: true,
            keep_session: false,
            keep_alive: Duration::from_secs(60),
            ping_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(15),
            reconnect: true,
            longest_pause: Duration::from_secs(60),
            will: None,
            will_on_disconnect: false,
            version: VersionPolicy::Newest,
            session_expiry: Duration::from_secs(300),
            properties: ConnectProperties::default(),
            subscription_identifiers: false,
            topic_aliases: 0,
            receive_maximum: 100,
            send_maximum: 20,
            queue_policy: QueuePolicy::RejectNew,
            publish_rate: None,
            queue_messages: 1_000,
            queue_bytes: 4 << 20,
            receive_queue_messages: 10_000,
            max_packet_bytes: 16 << 20,
        }
    }

    /// Whether a CONNECT can be written from these options.
    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        if self.urls.is_empty() {
            return Err(OptionsError::NoUrl);
        }
        check_text("client id", Some(&self.client_id))?;
        check_text("user name", self.user_name.as_deref())?;
        check_text("password", self.password.as_deref())?;
        // 3.1.1 with a server that wants it begins anew each time then.
        let only_v3 = self.version == VersionPolicy::Only(ProtocolVersion::V3_1_1);
        if self.client_id.is_empty() && !self.clean_session && only_v3 {
            return Err(OptionsError::EmptyClientId);
        }
        let is_named = self.client_id_is_chosen && !self.client_id.is_empty();
        let can_keep = CAN_KEEP && !self.clean_session && is_named;
        if self.keep_session && !can_keep {
            return Err(OptionsError::KeepSession);
        }
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let may_speak_v3 = self.version != VersionPolicy::Only(ProtocolVersion::V5_0);
        if may_speak_v3 && filled(&self.password) && !filled(&self.user_name) {
            return Err(OptionsError::PasswordWithoutUserName);
        }
        if self
            .will
            .as_ref()
            .is_some_and(|will| will.payload.len() > text::MAX_FIELD_BYTES)
        {
            return Err(OptionsError::InvalidText {
                option: "will payload",
            });
        }
        let keep_alive = self.keep_alive.as_secs() <= u64::from(u16::MAX);
        let expiry = self.session_expiry.as_secs() <= u64::from(u32::MAX);
        let pause =
            (Duration::from_secs(1)..=Duration::from_secs(3_600)).contains(&self.longest_pause);
        let rate = self.publish_rate.is_none_or(|rate| rate.burst > 0);
        let largest = (1..=MAX_PACKET_BYTES).contains(&self.max_packet_bytes);
        for (option, is_allowed) in [
            ("keep alive", keep_alive),
            ("session expiry", expiry),
            ("receive window", self.receive_maximum > 0),
            ("send window", self.send_maximum > 0),
            ("longest pause", pause),
            ("publish rate", rate),
            ("largest packet", largest),
        ] {
            if !is_allowed {
                return Err(OptionsError::OutOfRange { option });
            }
        }
        Ok(())
    }

    /// Whether a server that has the session of a client with these options has the other one's too.
    pub(crate) fn means_the_same_session_as(&self, other: &Self) -> bool {
        self.urls == other.urls
            && self.client_id == other.client_id
            && self.clean_session == other.clean_session
            && self.keep_session == other.keep_session
    }

    /// The bounds of the queue.
    pub(crate) const fn bounds(&self) -> Bounds {
        Bounds {
            messages: self.queue_messages,
            bytes: self.queue_bytes,
            policy: self.queue_policy,
        }
    }
}

/// Whether this build can keep sessions: without, all that follows from it is left out.
pub(crate) const CAN_KEEP: bool = cfg!(feature = "keep-session");

fn check_text(option: &'static str, given: Option<&str>) -> Result<(), OptionsError> {
    let checked = given.map_or(Ok(()), text::check);
    checked.map_err(|_| OptionsError::InvalidText { option })
}

impl fmt::Debug for SessionOptions {
    /// Leaves out what may hold a secret: the addresses, the user name and the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionOptions")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Which version of the protocol a session speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersionPolicy {
    /// 5.0 first, then 3.1.1 if the server wants it; what worked is remembered for each address.
    #[default]
    Newest,
    /// This version and no other.
    Only(ProtocolVersion),
}

/// The bounds of a queue.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
    pub(crate) policy: QueuePolicy,
}

/// What happens to a message when the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueuePolicy {
    /// The new message is refused: what was accepted is delivered.
    #[default]
    RejectNew,
    /// The oldest message makes room: what is newest counts.
    DropOldest,
    /// A QoS 0 message replaces the one that waits for the same topic; other messages are refused.
    /// For sensors, of which only the newest value counts.
    LatestPerTopic,
}

/// A token bucket: so many messages at once, and so many in each second after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishRate {
    /// How many messages a second.
    pub per_second: u32,
    /// How many at once after a pause; at least 1.
    pub burst: u32,
    /// What becomes of what is faster.
    pub excess: Excess,
}

/// What becomes of messages that are faster than the publish rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Excess {
    /// They are refused.
    #[default]
    Refuse,
    /// They wait in the queue until it is their turn. Of those with QoS 0 the newest value of each
    /// topic waits, so that what is published next need not wait long; none of the others is
    /// replaced, and they are refused when the queue is full.
    Wait,
}

/// Why options cannot be used; the session was not made.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsError {
    /// No address is given.
    NoUrl,
    /// A text is longer than 65,535 bytes or holds U+0000.
    InvalidText {
        /// Which option.
        option: &'static str,
    },
    /// In 3.1.1 an empty Client Identifier needs a clean session. [MQTT-3.1.3-7]
    EmptyClientId,
    /// A session can be kept only with a chosen Client Identifier and without a clean session.
    KeepSession,
    /// A password without a user name. [MQTT-3.1.2-22]
    PasswordWithoutUserName,
    /// A number outside its range.
    OutOfRange {
        /// Which option.
        option: &'static str,
    },
}

impl OptionsError {
    /// In English.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::NoUrl => "no broker address".to_owned(),
            Self::InvalidText { option } => [
                option,
                " is longer than 65535 bytes or contains the null character",
            ]
            .concat(),
            Self::EmptyClientId => "an empty client id needs a clean session in 3.1.1".to_owned(),
            Self::KeepSession => {
                "keeping a session needs a client id of your own and no clean session".to_owned()
            }
            Self::PasswordWithoutUserName => "a password needs a user name".to_owned(),
            Self::OutOfRange { option } => [option, " is out of range"].concat(),
        }
    }
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl std::error::Error for OptionsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_shown_in_words() {
        let option = "keep alive";

        assert_eq!(OptionsError::NoUrl.to_string(), "no broker address");
        assert_eq!(
            OptionsError::OutOfRange { option }.to_string(),
            "keep alive is out of range"
        );
    }
}
