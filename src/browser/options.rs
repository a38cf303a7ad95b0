//! The options of JavaScript, made into those of the session.

use std::time::Duration;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::error::MqttError;
use super::given::{ANY, Given, milliseconds, number, number_16, seconds, size, wrong_kind};
use super::intake::payload;
use super::properties::publish_properties;
use super::schema::{Interface, Word, given, word, words};
use crate::address::is_local;
use crate::packet::{
    MAX_PACKET_BYTES, ProtocolVersion, PublishProperties, QoS, RetainHandling, Will,
};
use crate::session::{
    Excess, LOCAL_PAUSE, PublishRate, QueuePolicy, SessionOptions, SubscribeOptions, VersionPolicy,
};
use crate::topic::TopicName;

given! {
    /// Options of one connection. Only `url` is required; `null` and `undefined` mean the default.
    MqttOptions "options" => SessionOptions {
        /// `ws://…` or `wss://…`, without user name and password. Several addresses of one broker, or of the
        /// nodes of a cluster, are tried beside each other.
        url: "string | string[]" => urls: urls;
        /// Asked with each address when its turn comes, before it is opened; only `true`, or a
        /// promise of it, permits it. No time limit runs while it is asked.
        /// @default all may
        mayOpen?: "(url: string) => boolean | Promise<boolean>" => asks_permission: is_function;
        /// Makes the WebSocket of each attempt, or what behaves like one: `onopen`, `onmessage`
        /// with an `ArrayBuffer`, `onclose`, `onerror`, `protocol`, `bufferedAmount`, `send`,
        /// `close`.
        /// @default `new WebSocket(url, protocol)`
        openSocket?: "(url: string, protocol: string) => WebSocket";
        /// A broker allows one connection for each client ID: a second one disconnects the first.
        /// @default `scratch` and 16 random letters and digits, new for each page load
        /// @unit up to 65,535 bytes; every broker takes 1 to 23 letters and digits
        clientId?: "string" => client_id: Given::text;
        /// User name.
        /// @default none
        /// @unit up to 65,535 bytes
        username?: "string" => user_name: Given::text;
        /// Needs a user name, except with version `5.0`.
        /// @default none
        /// @unit up to 65,535 bytes
        password?: "string" => password: Given::text;
        /// `newest`: 5.0, and 3.1.1 with a broker that wants it, remembered for each address. The
        /// others: this version only.
        /// @default 'newest'
        version?: "MqttVersion" => version: word::<VersionPolicy>;
        /// Clean Start (5.0), Clean Session (3.1.1). `false`: the broker remembers subscriptions
        /// and messages while the client is away, also for the next run of a program with the same
        /// `clientId`, in both versions. With an empty `clientId` (5.0) the broker chooses a name,
        /// which lasts as long as the object.
        /// @default true
        cleanSession?: "boolean" => clean_session: Given::truth;
        /// Keeps messages of QoS 1 and 2 in IndexedDB for a page that is loaded again; needs
        /// `clientId` and `cleanSession: false`.
        /// @default false
        keepSession?: "boolean" => keep_session: Given::truth;
        /// 5.0: Session Expiry Interval, how long the broker keeps the session after a connection
        /// that was lost.
        /// @default 300
        /// @unit s, 0 to 4,294,967,295 (for ever)
        sessionExpirySeconds?: "number" => session_expiry: seconds(ANY);
        /// 5.0: names and values of your own, sent when connecting.
        /// @default none
        userProperties?: "UserProperties" => properties.user_properties: Given::pairs;
        /// Keep Alive, the longest silence; a ping follows after 75 % of it, or
        /// of what the broker says instead.
        /// @default 60
        /// @unit s, 0 to 65,535; 0 is off
        keepAliveSeconds?: "number" => keep_alive: seconds(0..=65_535);
        /// The longest wait for the answer to a ping.
        /// @default 10,000
        /// @unit ms
        pingTimeoutMs?: "number" => ping_timeout: milliseconds(ANY);
        /// The longest wait until the broker accepts the connection, for all addresses that are
        /// tried meanwhile.
        /// @default 15,000
        /// @unit ms
        connectTimeoutMs?: "number" => connect_timeout: milliseconds(ANY);
        /// Whether a lost connection comes back by itself.
        /// @default true
        reconnect?: "boolean" => reconnect: Given::truth;
        /// The longest pause between two attempts after a transient failure (backoff with jitter).
        /// @default 60,000, and 8,000 when every address is one of this computer or of the same network
        /// @unit ms, 1,000 to 3,600,000
        reconnectMaxDelayMs?: "number" => longest_pause: milliseconds(1_000..=3_600_000);
        /// What the broker publishes when the client disappears without `disconnect`.
        /// @default none
        will?: "Will" => will: will;
        /// Whether the broker publishes the will also after `disconnect`, and after `connect` with other
        /// options. mosquitto forgets it where the next connection of a kept session comes before it has
        /// noticed the end of the first: publish it on that connection too.
        /// @default false
        willOnDisconnect?: "boolean" => will_on_disconnect: Given::truth;
        /// 5.0: Topic Alias Maximum for publishing; the broker may allow fewer, 0 turns aliases
        /// off.
        /// @default 0
        /// @unit topics, 0 to 65,535
        topicAliases?: "number" => topic_aliases: number_16(0..=65_535);
        /// 5.0: Receive Maximum, how many messages of QoS 1 and 2 the broker may send before the
        /// first is acknowledged; more is taken too, with a warning.
        /// @default 100
        /// @unit messages, 1 to 65,535
        receiveMaximum?: "number" => receive_maximum: number_16(1..=65_535);
        /// How many messages of QoS 1 and 2 may be on their way to the broker, which may allow
        /// fewer.
        /// @default 20
        /// @unit messages, 1 to 65,535
        sendMaximum?: "number" => send_maximum: number_16(1..=65_535);
        /// 5.0: each filter is a subscription of its own, and the broker says which filters a
        /// message is for (Subscription Identifier): with overlapping filters many brokers send a
        /// copy for each.
        /// @default false
        subscriptionIdentifiers?: "boolean" => subscription_identifiers: Given::truth;
        /// How many messages may wait to be sent.
        /// @default 1,000
        /// @unit messages
        queueMessages?: "number" => queue_messages: size(ANY);
        /// How many bytes may wait to be sent.
        /// @default 4,194,304
        /// @unit bytes
        queueBytes?: "number" => queue_bytes: size(ANY);
        /// When the queue is full: `publish` throws, or the oldest message makes room.
        /// `latest-per-topic`: a message of QoS 0 replaces, at any time, the one that waits for the
        /// same topic; others are refused.
        /// @default 'reject-new'
        queuePolicy?: "QueuePolicy" => queue_policy: word::<QueuePolicy>;
        /// The highest rate of messages; what is faster throws `too-fast`, or waits.
        /// @default no limit
        publishRate?: "PublishRate" => publish_rate: rate;
        /// Maximum Packet Size: a larger packet from the broker ends the connection; so does one
        /// that is no message above 1 MiB, and a WebSocket message that is 64 MiB larger than this.
        /// @default 16,777,216
        /// @unit bytes, 1 to 268,435,460
        maxPacketBytes?: "number" => max_packet_bytes: size(1..=MAX_PACKET_BYTES as u32);
    }
}

words! {
    /// Which version of MQTT a client speaks.
    MqttVersion reads VersionPolicy, "'newest', '3.1.1' or '5.0'" {
        "newest" => Self::Newest,
        "3.1.1" => Self::Only(ProtocolVersion::V3_1_1),
        "5.0" => Self::Only(ProtocolVersion::V5_0),
    }
}

words! {
    /// What happens when the queue is full.
    QueuePolicy reads QueuePolicy, "'reject-new', 'drop-oldest' or 'latest-per-topic'" {
        "reject-new" => Self::RejectNew,
        "drop-oldest" => Self::DropOldest,
        "latest-per-topic" => Self::LatestPerTopic,
    }
}

given! {
    /// What the broker publishes when a client disappears.
    Will "will" => Will {
        /// Where it is published.
        topic: "string";
        /// A text is sent as UTF-8.
        payload: "string | Uint8Array";
        /// How surely it is delivered.
        /// @default 0
        qos?: "0 | 1 | 2" => qos: given_qos;
        /// Whether the broker retains it.
        /// @default false
        retain?: "boolean" => retain: Given::truth;
        /// 5.0: Will Delay Interval, how long the broker waits for the client to come back.
        /// @default 0
        /// @unit s, 0 to 4,294,967,295
        delaySeconds?: "number" => delay_secs: number(ANY);
        /// 5.0: what a receiver gets with it.
        /// @default none
        properties?: "MessageProperties";
    }
}

given! {
    /// So many messages at once, and so many in each second after that.
    PublishRate "publishRate" => PublishRate {
        /// How many messages a second.
        /// @unit messages, 1 to 4,294,967,295
        perSecond: "number" => per_second: number(1..=u32::MAX);
        /// How many at once after a pause.
        /// @default as many as in a second
        /// @unit messages, 1 to 4,294,967,295
        burst?: "number" => burst: number(1..=u32::MAX);
        /// What becomes of what is faster. `refuse`: `publish` throws `too-fast`. `wait`: it waits
        /// in the queue for its turn; of QoS 0 only the newest value of each topic, the others fail
        /// with `replaced`.
        /// @default 'refuse'
        excess?: "Excess" => excess: word::<Excess>;
    }
}

words! {
    /// What becomes of messages that are faster than the publish rate.
    Excess reads Excess, "refuse or wait" {
        "refuse" => Self::Refuse,
        "wait" => Self::Wait,
    }
}

given! {
    /// How to subscribe.
    SubscribeOptions "subscribe options" => SubscribeOptions {
        /// The highest that the broker may use.
        /// @default 0
        qos?: "0 | 1 | 2" => qos: given_qos;
        /// 5.0: what this client publishes does not come back; not with `$share/…`.
        /// @default false
        noLocal?: "boolean" => no_local: Given::truth;
        /// 5.0: `retain` says how a message was published, instead of whether it is new.
        /// @default false
        retainAsPublished?: "boolean" => retain_as_published: Given::truth;
        /// 5.0: retained messages come 0: at each `subscribe`, 1: only when the subscription is
        /// new, 2: never. When 0 is said, each call asks the broker, also for a filter that it has;
        /// when nothing is said, only the first does.
        /// @default 0
        retainHandling?: "0 | 1 | 2" => retain_handling: retain_handling;
    }
}

given! {
    /// How to disconnect.
    DisconnectOptions "disconnect options" => Disconnect {
        /// 5.0: how long the broker keeps the session from now on; 0: not at all.
        /// @default what `connect` asked for, and 0 with `cleanSession`
        /// @unit s, 0 to 4,294,967,295 (for ever)
        sessionExpirySeconds?: "number" => session_expiry: seconds(ANY);
    }
}

/// How to disconnect.
#[derive(Default)]
struct Disconnect {
    session_expiry: Option<Duration>,
}

const ONE_OF_QOS: &str = "0, 1 or 2";

/// Reads the options of `connect`.
///
/// # Errors
///
/// `bad-argument`: an unknown name, because a misspelled one would be ignored in silence, or a
/// value of the wrong kind. The value itself is not repeated: it may be a password.
pub fn session_options(
    options: &JsValue,
    default_client_id: &str,
) -> Result<SessionOptions, MqttError> {
    let given = SessionOptions::given(options)?;
    let mut chosen = SessionOptions::new("", default_client_id);
    chosen.read(&given)?;
    let names_client = given.value("clientId").is_some();
    if given.value("reconnectMaxDelayMs").is_none() && chosen.urls.iter().all(|url| is_local(url)) {
        chosen.longest_pause = LOCAL_PAUSE;
    }
    chosen.client_id_is_chosen = names_client && !chosen.client_id.is_empty();
    Ok(chosen)
}

/// What is asked before an address is opened.
///
/// # Errors
///
/// `bad-argument` for anything but a function.
pub fn may_open(options: &JsValue) -> Result<Option<Function>, MqttError> {
    function(&SessionOptions::given(options)?, "mayOpen")
}

/// What makes the WebSockets, unless they are the browser's own.
///
/// # Errors
///
/// `bad-argument` for anything but a function.
pub fn open_socket(options: &JsValue) -> Result<Option<Function>, MqttError> {
    function(&SessionOptions::given(options)?, "openSocket")
}

/// A QoS; 0 when nothing is given.
///
/// # Errors
///
/// `bad-argument` for anything but 0, 1 and 2.
pub fn qos(number: Option<f64>) -> Result<QoS, MqttError> {
    match number {
        None => Ok(QoS::AtMostOnce),
        Some(number) => qos_of(number).ok_or_else(|| wrong_kind("qos", ONE_OF_QOS)),
    }
}

/// How to subscribe: a QoS, or an object that says more. QoS 0 when nothing is given. And whether
/// it says that retained messages come at each call.
///
/// # Errors
///
/// `bad-argument` for anything else.
pub fn subscribe_options(value: Option<&JsValue>) -> Result<(SubscribeOptions, bool), MqttError> {
    let Some(value) = value else {
        return Ok((SubscribeOptions::default(), false));
    };
    if !value.is_object() {
        let qos = qos(Some(value.as_f64().unwrap_or(f64::NAN)))?;
        return Ok((qos.into(), false));
    }
    let given = SubscribeOptions::given(value)?;
    let mut options = SubscribeOptions::default();
    options.read(&given)?;
    let says_when = given.value("retainHandling").is_some();
    let again = says_when && options.retain_handling == RetainHandling::OnSubscribe;
    Ok((options, again))
}

/// How long the broker keeps the session after `disconnect`; `None` when nothing is given.
///
/// # Errors
///
/// `bad-argument` for anything but an object with such a number.
pub fn session_expiry(value: Option<&JsValue>) -> Result<Option<Duration>, MqttError> {
    let mut options = Disconnect::default();
    if let Some(value) = value {
        options.read(&Disconnect::given(value)?)?;
    }
    Ok(options.session_expiry)
}

/// A publish rate.
///
/// # Errors
///
/// `bad-argument` for anything but an object with two numbers, 1 or more.
pub fn publish_rate(value: &JsValue) -> Result<PublishRate, MqttError> {
    let mut rate = PublishRate {
        per_second: 0,
        burst: 0,
        excess: Excess::default(),
    };
    rate.read(&PublishRate::given(value)?)?;
    if rate.per_second == 0 {
        return Err(MqttError::bad_argument(&["perSecond is missing"]));
    }
    if rate.burst == 0 {
        rate.burst = rate.per_second;
    }
    Ok(rate)
}

fn urls(given: &Given<'_>, name: &str) -> Result<Option<Vec<String>>, MqttError> {
    match given.texts(name)? {
        Some(urls) if !urls.is_empty() && !urls.iter().any(|url| url.trim().is_empty()) => {
            Ok(Some(urls))
        }
        Some(_) | None => Err(MqttError::bad_argument(&["url is missing"])),
    }
}

fn function(given: &Given<'_>, name: &str) -> Result<Option<Function>, MqttError> {
    given.read(name, "a function", |value| value.dyn_into().ok())
}

fn is_function(given: &Given<'_>, name: &str) -> Result<Option<bool>, MqttError> {
    Ok(function(given, name)?.map(|_| true))
}

fn will(given: &Given<'_>, name: &str) -> Result<Option<Will>, MqttError> {
    let Some(value) = given.value(name) else {
        return Ok(None);
    };
    let given = Will::given(&value)?;
    let topic = given.text("topic")?.unwrap_or_default();
    let topic = TopicName::new(&topic)?;
    let payload = payload(&given.value("payload").unwrap_or_default())?;
    let properties = match given.value("properties") {
        Some(properties) => publish_properties(&properties, &payload)?,
        None => PublishProperties::default(),
    };
    let mut will = Will {
        topic,
        payload,
        qos: QoS::default(),
        retain: false,
        delay_secs: None,
        properties,
    };
    will.read(&given)?;
    Ok(Some(will))
}

fn rate(given: &Given<'_>, name: &str) -> Result<Option<PublishRate>, MqttError> {
    let rate = given.value(name).map(|rate| publish_rate(&rate));
    rate.transpose()
}

fn given_qos(given: &Given<'_>, name: &str) -> Result<Option<QoS>, MqttError> {
    given.read(name, ONE_OF_QOS, |value| qos_of(value.as_f64()?))
}

fn qos_of(number: f64) -> Option<QoS> {
    [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]
        .into_iter()
        .find(|qos| f64::from(qos.number()) == number)
}

fn retain_handling(given: &Given<'_>, name: &str) -> Result<Option<RetainHandling>, MqttError> {
    let number = given_qos(given, name)?;
    Ok(number.map(|number| match number {
        QoS::AtMostOnce => RetainHandling::OnSubscribe,
        QoS::AtLeastOnce => RetainHandling::OnNewSubscription,
        QoS::ExactlyOnce => RetainHandling::Never,
    }))
}
