//! The exported functions that need no connection.

use wasm_bindgen::prelude::*;

use super::error::topic_fault;
use super::schema::{to_js, words};
use super::to_js::{Literal, ToJs, or_null};
use crate::address::{AddressError, BrokerAddress};
use crate::topic::{TopicError, TopicFilter, TopicName};

/// What a text means as a broker's address, or as those of a cluster with commas between them. Never throws.
///
/// `securePage` says whether the page came over https; such a page cannot open `ws://` to another
/// computer.
///
/// ```js
/// const address = parseAddress('guest:test@broker.emqx.io', location.protocol === 'https:');
/// address.error;    // null
/// address.urls;     // ['wss://broker.emqx.io:8084/mqtt']
/// address.username; // 'guest'
/// address.shown;    // 'broker.emqx.io'
/// parseAddress('wss://a.example:8084/mqtt, b.example', true).urls;
/// // ['wss://a.example:8084/mqtt', 'wss://b.example:8084/mqtt']
/// ```
#[wasm_bindgen(js_name = parseAddress, unchecked_return_type = "BrokerAddress")]
#[must_use]
pub fn parse_address(
    text: &str,
    #[wasm_bindgen(js_name = securePage)] secure_page: bool,
) -> JsValue {
    let address = BrokerAddress::parse(text, secure_page);
    address.to_js().unwrap_or_default()
}

to_js! {
    /// What a text means as a broker's address.
    BrokerAddress => BrokerAddress {
        /// `null` when the text can be used.
        error: "AddressFault | null" => error;
        /// Addresses to try, in order, without user name and password; empty when there is an error.
        urls: "string[]" => urls;
        /// As far as it could be read. Of several brokers that of the first, or of the one that is wrong.
        host: "string" => host;
        /// The host of each broker of a list, in order; else the only one.
        hosts: "string[]" => hosts;
        /// As far as it could be read; 0 when it could not.
        port: "number" => port;
        /// The address as it may be shown: without user name, password and query. Of several brokers all, or
        /// the one that is wrong.
        shown: "string" => shown;
        /// What stood before the last `@`, percent-decoded.
        username?: "string" => user_name;
        /// What stood before the last `@`, percent-decoded.
        password?: "string" => password;
    }
}

words! {
    /// Why a text cannot be used as a broker's address.
    AddressFault names AddressError as address_fault {
        /// Nothing was typed.
        AddressError::Empty => "empty",
        /// There is a space inside.
        AddressError::Space => "space",
        /// It begins with `http`.
        AddressError::Http => "http",
        /// Another scheme, such as `mqtt://`.
        AddressError::Scheme => "scheme",
        /// There is no host, or it cannot be one.
        AddressError::Host => "host",
        /// It is no port.
        AddressError::Port => "port",
        /// 1883, 8883: not for browsers.
        AddressError::BoardPort => "board-port",
        /// The page came over https, and cannot open `ws://`.
        AddressError::Insecure => "insecure",
        /// Nothing stands beside a comma.
        AddressError::Gap => "gap",
        /// More than eight brokers.
        AddressError::TooMany => "too-many",
        /// Both `ws://` and `wss://`.
        AddressError::Mixed => "mixed",
        /// `class` or `practice` in a list.
        AddressError::Word => "word",
    }
}

impl ToJs for Option<AddressError> {
    fn to_js(&self) -> Option<JsValue> {
        Some(or_null(self.as_ref().map(address_fault)))
    }
}

/// Why a text cannot be a topic to publish to; `null` when it can.
///
/// `control-character` is a warning: MQTT allows it, but some brokers hang up.
///
/// ```js
/// topicProblem('room/1'); // null
/// topicProblem('room/+'); // 'wildcard'
/// ```
#[wasm_bindgen(js_name = topicProblem, unchecked_return_type = "TopicProblem")]
#[must_use]
pub fn topic_problem(text: &str) -> JsValue {
    problem(text, TopicName::new(text).err())
}

/// Why a text cannot be a topic to subscribe to; `null` when it can.
///
/// ```js
/// filterProblem('room/+'); // null
/// filterProblem('room+');  // 'plus-not-alone'
/// ```
#[wasm_bindgen(js_name = filterProblem, unchecked_return_type = "TopicProblem")]
#[must_use]
pub fn filter_problem(text: &str) -> JsValue {
    problem(text, TopicFilter::new(text).err())
}

/// Whether a message on this topic belongs to a subscription to this filter; false when either
/// cannot be used.
///
/// ```js
/// matches('room/+', 'room/1'); // true
/// matches('#', '$SYS/uptime'); // false: topics with $ are the broker's own
/// ```
#[wasm_bindgen]
#[must_use]
pub fn matches(filter: &str, topic: &str) -> bool {
    match (TopicFilter::new(filter), TopicName::new(topic)) {
        (Ok(filter), Ok(topic)) => filter.matches(&topic),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

fn problem(text: &str, error: Option<TopicError>) -> JsValue {
    match error {
        Some(error) => topic_fault(&error).into(),
        None if text.contains(char::is_control) => "control-character".into(),
        None => JsValue::NULL,
    }
}
