//! The exported `MqttClient`: conversion only, it decides nothing.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::environment::random_client_id;
use super::error::MqttError;
use super::given::{ANY, text, whole_number};
use super::hold::Caller;
use super::intake::topic_and_payload;
use super::options;
use super::properties::publish_properties;
use super::schema::{to_js, words};
use super::to_js::{Literal, ToJs};
use crate::packet::PublishProperties;
use crate::session::{Message, Owner, State, Statistics, SubscribeError, Token};
use crate::topic::{TopicFilter, TopicName};

#[wasm_bindgen]
extern "C" {
    /// Written into the bindings by the build, so that a new commit compiles nothing again.
    #[wasm_bindgen(thread_local_v2, js_name = SCRATCH_MQTT_BUILD)]
    static BUILD: Option<String>;
}

/// An MQTT client over one WebSocket. Making one does nothing on the network.
///
/// A client that is connected or wants to be stays, as a WebSocket does, also when the program keeps
/// no reference to it. It is let go when `disconnect` has ended or `free` is called.
///
/// ```js
/// const client = new MqttClient();
/// client.onmessage = ({ topic, payload }) => console.log(topic, new TextDecoder().decode(payload));
/// client.onevent = event => console.log(event.type);
/// client.connect({ url: 'wss://broker.emqx.io:8084/mqtt' });
/// client.subscribe('room/+');
/// client.publish('room/1', 'hello');
/// ```
#[wasm_bindgen]
pub struct MqttClient {
    driver: Rc<Driver>,
    // Chosen once: the same client stays the same client when it connects again.
    client_id: String,
}

#[wasm_bindgen]
impl MqttClient {
    /// A client that is not connected.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "JavaScript knows no Default")]
    pub fn new() -> Self {
        Caller::make_known(|| Self::unknown().into());
        Self::unknown()
    }

    /// The version of this file, and the commit of its sources: `0.1.0+1a2b3c4d`. It ends in `-dirty` where it was
    /// built of other sources than that commit has.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn version() -> String {
        let build = BUILD.with(|build| build.clone());
        build.unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())
    }

    /// Connects, and stays connected until `disconnect` is called.
    ///
    /// The same options again do nothing while there is a connection, and end a pause before the
    /// next attempt. Other options close the connection first; subscriptions and messages that wait
    /// are kept.
    ///
    /// Throws `MqttError` `bad-argument` for an option that cannot be used, or `no-websocket`, and then does
    /// nothing.
    ///
    /// ```js
    /// client.connect({
    ///   url: ['wss://host.example:8084/mqtt', 'wss://host.example:443/mqtt'],
    ///   username: 'guest',
    ///   password: 'test',
    ///   will: { topic: 'room/alice', payload: 'gone', retain: true },
    /// });
    /// ```
    pub fn connect(
        &self,
        #[wasm_bindgen(unchecked_param_type = "MqttOptions")] options: &JsValue,
    ) -> Result<(), JsValue> {
        let client = Caller::now();
        let may_open = options::may_open(options)?;
        let open_socket = options::open_socket(options)?;
        let options = options::session_options(options, &self.client_id)?;
        self.driver.set_may_open(may_open);
        self.driver.set_open_socket(open_socket);
        self.driver
            .command(|session, now| session.connect(now, options))
            .map_err(MqttError::from)?;
        self.driver.hold(client);
        Ok(())
    }

    /// Sends DISCONNECT and closes; what is on its way gets up to two seconds.
    ///
    /// `sessionExpirySeconds` says anew how long a broker of 5.0 keeps the session; 0: not at all.
    ///
    /// Throws `MqttError` `bad-argument` for an option that cannot be used.
    ///
    /// ```js
    /// client.disconnect();
    /// client.disconnect({ sessionExpirySeconds: 0 });
    /// ```
    pub fn disconnect(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "DisconnectOptions")] options: Option<
            JsValue,
        >,
    ) -> Result<(), JsValue> {
        let expiry = options::session_expiry(options.as_ref())?;
        self.driver
            .command(|session, now| session.disconnect_for(now, expiry));
        Ok(())
    }

    /// Publishes, or queues while there is no connection. Returns a number that the events
    /// `published` and `publishFailed` name.
    ///
    /// `qos` is 0 by default and `retain` false. `properties` are left out with a broker that speaks
    /// 3.1.1. All that is published in one turn leaves as one WebSocket message.
    ///
    /// Throws `MqttError`: `bad-argument`, `queue-full`, `too-fast`, `too-large` or `closed`.
    ///
    /// ```js
    /// const token = client.publish('room/1', 'hello', 1);
    /// client.publish('camera', new Uint8Array([1, 2, 3]));
    /// client.publish('lamp', 'on', 1, false, { expirySeconds: 10 });
    /// ```
    pub fn publish(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] topic: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string | Uint8Array")] payload: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "0 | 1 | 2")] qos: Option<f64>,
        #[wasm_bindgen(unchecked_optional_param_type = "boolean")] retain: Option<bool>,
        // Not `JsValue`, of which wasm-bindgen asks in JavaScript whether it is there.
        #[wasm_bindgen(unchecked_optional_param_type = "MessageProperties")] properties: Option<
            Object,
        >,
    ) -> Result<u32, JsValue> {
        let (topic, payload) = topic_and_payload(topic, payload)?;
        let is_plain = properties.is_none() && qos.unwrap_or_default() == 0.0;
        if is_plain && let Some(token) = self.publish_plain(&topic, &payload, retain) {
            return Ok(token.0);
        }
        self.publish_kept(topic, payload.into_bytes(), qos, retain, properties)
    }

    /// Asks for messages, now and after every reconnect, until `unsubscribe`. Returns the number of
    /// the filter, which is the same for the same filter; every message says the numbers of the
    /// filters that match its topic.
    ///
    /// `qos` is 0 by default; an object says more, with a broker that speaks 5.0. `owner` is any
    /// number of the program, 0 by default: a filter is wanted until its last owner leaves.
    ///
    /// Throws `MqttError`: `bad-argument` or `queue-full` (too many filters).
    ///
    /// ```js
    /// const rooms = client.subscribe('room/+', 1);
    /// client.onmessage = message => message.subscriptions.includes(rooms);
    /// client.subscribe('chat', { qos: 1, noLocal: true });
    /// ```
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] filter: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "0 | 1 | 2 | SubscribeOptions")] qos: Option<
            JsValue,
        >,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] owner: Option<f64>,
    ) -> Result<u32, JsValue> {
        let filter = topic_filter(filter)?;
        let (options, again) = options::subscribe_options(qos.as_ref())?;
        let owner = owner_number(owner)?.unwrap_or(Owner(0));
        let subscription = self
            .driver
            .command(|session, now| {
                let subscription = session.subscribe(now, owner, &filter, options)?;
                if again {
                    session.subscribe_again(now, subscription);
                }
                Ok(subscription)
            })
            .map_err(|error: SubscribeError| MqttError::from(error))?;
        Ok(subscription.0)
    }

    /// Ends a subscription: that of one owner, or of all when no owner is given.
    ///
    /// Throws `MqttError` `bad-argument` for a filter that cannot exist.
    ///
    /// ```js
    /// client.unsubscribe('room/+');
    /// ```
    pub fn unsubscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] filter: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] owner: Option<f64>,
    ) -> Result<(), JsValue> {
        let filter = topic_filter(filter)?;
        let owner = owner_number(owner)?;
        self.driver
            .command(|session, now| session.unsubscribe(now, owner, &filter));
        Ok(())
    }

    /// Ends all subscriptions that only this owner wants.
    ///
    /// Throws `MqttError` `bad-argument` for a number that cannot be an owner.
    ///
    /// ```js
    /// client.releaseOwner(7);
    /// ```
    #[wasm_bindgen(js_name = releaseOwner)]
    pub fn release_owner(&self, owner: f64) -> Result<(), JsValue> {
        let owner = Owner(whole_number("owner", owner, &ANY)?);
        self.driver
            .command(|session, now| session.release_owner(now, owner));
        Ok(())
    }

    /// Takes back what was published at least `olderThanMs` ago (default 0) while there was no
    /// connection, of every QoS, and was not sent yet. Each fails with `publishFailed`, code
    /// `discarded`. Returns how many.
    ///
    /// ```js
    /// client.discardUnsent();
    /// ```
    #[wasm_bindgen(js_name = discardUnsent)]
    pub fn discard_unsent(
        &self,
        #[wasm_bindgen(js_name = olderThanMs)] older_than: Option<f64>,
    ) -> u32 {
        let milliseconds = older_than.unwrap_or(0.0).clamp(0.0, f64::from(u32::MAX));
        // A negative number and NaN become 0.
        let age = Duration::from_millis(milliseconds as u64);
        let count = self
            .driver
            .command(|session, now| session.discard_unsent(now, age));
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Changes the option `publishRate` at once, without connecting again; `null` is no limit.
    ///
    /// Throws `MqttError` `bad-argument` for numbers that cannot be a rate.
    ///
    /// ```js
    /// client.setPublishRate({ perSecond: 20, burst: 40 });
    /// ```
    #[wasm_bindgen(js_name = setPublishRate)]
    pub fn set_publish_rate(
        &self,
        #[wasm_bindgen(unchecked_param_type = "PublishRate | null")] rate: Option<JsValue>,
    ) -> Result<(), JsValue> {
        let rate = rate.map(|rate| options::publish_rate(&rate)).transpose()?;
        self.driver
            .command(|session, _| session.set_publish_rate(rate));
        Ok(())
    }

    /// Where the client stands.
    #[wasm_bindgen(getter, unchecked_return_type = "ConnectionState")]
    #[must_use]
    pub fn state(&self) -> String {
        let state = self.driver.look(|session| session.state());
        state_word(&state).to_owned()
    }

    /// Counts since the client was made.
    #[wasm_bindgen(getter, unchecked_return_type = "Statistics")]
    #[must_use]
    pub fn statistics(&self) -> JsValue {
        let statistics = self.driver.look(|session| session.statistics());
        statistics.to_js().unwrap_or_default()
    }

    /// Called for every message. Without it messages are acknowledged and forgotten.
    #[wasm_bindgen(
        getter,
        unchecked_return_type = "((message: MqttMessage) => void) | null"
    )]
    #[must_use]
    pub fn onmessage(&self) -> JsValue {
        handler_value(self.driver.on_message())
    }

    /// Sets what is called for every message.
    #[wasm_bindgen(setter)]
    pub fn set_onmessage(
        &self,
        #[wasm_bindgen(unchecked_param_type = "((message: MqttMessage) => void) | null")]
        handler: JsValue,
    ) {
        self.driver
            .set_on_message(function(handler), &Caller::now());
    }

    /// Called for everything else that happens.
    #[wasm_bindgen(getter, unchecked_return_type = "((event: MqttEvent) => void) | null")]
    #[must_use]
    pub fn onevent(&self) -> JsValue {
        handler_value(self.driver.on_event())
    }

    /// Sets what is called for everything else that happens.
    #[wasm_bindgen(setter)]
    pub fn set_onevent(
        &self,
        #[wasm_bindgen(unchecked_param_type = "((event: MqttEvent) => void) | null")]
        handler: JsValue,
    ) {
        self.driver.set_on_event(function(handler), &Caller::now());
    }
}

words! {
    /// Where a client stands.
    ConnectionState names State as state_word {
        /// It stays so until `connect` is called.
        State::Closed => "closed",
        /// An attempt is made.
        State::Connecting => "connecting",
        /// The broker accepted the client.
        State::Connected => "connected",
        /// The pause before the next attempt.
        State::Waiting => "waiting",
        /// `disconnect` was called, and the last messages are delivered.
        State::Closing => "closing",
    }
}

to_js! {
    /// Counts since the client was made.
    Statistics => Statistics {
        /// Messages handed to the WebSocket.
        sent: "number" => sent;
        /// Messages received.
        received: "number" => received;
        /// Messages that wait for a connection or an acknowledgement.
        waiting: "number" => waiting;
        /// Received messages that were dropped because the application did not take them.
        dropped: "number" => dropped;
        /// Messages that were not sent: queue full, replaced, too fast or taken back.
        notSent: "number" => not_sent;
        /// How often the connection came back.
        reconnects: "number" => reconnects;
        /// How long the broker took for its last answer to connecting or to a ping; missing before the
        /// first.
        /// @unit ms
        answerTimeMs?: "number" => answer_time;
    }
}

impl MqttClient {
    /// A message of QoS 0 that nothing stands before is written from where it lies.
    fn publish_plain(
        &self,
        topic: &TopicName,
        payload: &[u8],
        retain: Option<bool>,
    ) -> Option<Token> {
        let retain = retain.unwrap_or(false);
        self.driver
            .command(|session, now| session.publish_plain(now, topic, payload, retain))
    }

    // A function of its own: the frame for all that it needs would make the other way a tenth slower.
    #[inline(never)]
    fn publish_kept(
        &self,
        topic: TopicName,
        payload: Bytes,
        qos: Option<f64>,
        retain: Option<bool>,
        properties: Option<Object>,
    ) -> Result<u32, JsValue> {
        let properties = properties
            .map(|given| publish_properties(&given, &payload))
            .transpose()?
            .filter(|given| *given != PublishProperties::default());
        let message = Message {
            topic,
            payload,
            qos: options::qos(qos)?,
            retain: retain.unwrap_or(false),
            properties: properties.map(Box::new),
        };
        let token = self
            .driver
            .command(|session, now| session.publish(now, message))
            .map_err(MqttError::from)?;
        Ok(token.0)
    }

    fn unknown() -> Self {
        Self {
            driver: Driver::new(),
            client_id: random_client_id(),
        }
    }
}

impl Drop for MqttClient {
    fn drop(&mut self) {
        self.driver.free();
    }
}

fn topic_filter(value: &JsValue) -> Result<TopicFilter, MqttError> {
    Ok(TopicFilter::new(&text("filter", value)?)?)
}

fn owner_number(number: Option<f64>) -> Result<Option<Owner>, MqttError> {
    let number = number
        .map(|number| whole_number("owner", number, &ANY))
        .transpose()?;
    Ok(number.map(Owner))
}

fn function(value: JsValue) -> Option<Function> {
    value.is_function().then(|| value.unchecked_into())
}

fn handler_value(handler: Option<Rc<Function>>) -> JsValue {
    handler.map_or(JsValue::NULL, |handler| handler.as_ref().clone().into())
}
