//! The exported functions that need no connection.

use wasm_bindgen::prelude::*;

use super::literal::Literal;
use crate::address::BrokerAddress;
use crate::topic::{TopicError, TopicFilter, TopicName};

/// What a text means as a broker's address. Never throws.
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
/// ```
#[wasm_bindgen(js_name = parseAddress, unchecked_return_type = "BrokerAddress")]
#[must_use]
pub fn parse_address(
    text: &str,
    #[wasm_bindgen(js_name = securePage)] secure_page: bool,
) -> JsValue {
    let address = BrokerAddress::parse(text, secure_page);
    // Texts always become a value.
    let urls = serde_wasm_bindgen::to_value(&address.urls).unwrap_or_default();
    let literal = Literal::new()
        .with(
            "error",
            address
                .error
                .map_or(JsValue::NULL, |error| error.code().into()),
        )
        .with("urls", urls)
        .with("host", address.host)
        .with("port", address.port)
        .with("shown", address.shown);
    literal
        .with_some("username", address.user_name)
        .with_some("password", address.password)
        .into()
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
    let code = match error {
        None if text.contains(char::is_control) => "control-character",
        None => return JsValue::NULL,
        Some(TopicError::Empty) => "empty",
        Some(TopicError::TooLong { .. }) => "too-long",
        Some(TopicError::NullCharacter) => "null-character",
        Some(TopicError::WildcardInName) => "wildcard",
        Some(TopicError::HashNotLast) => "hash-not-last",
        Some(TopicError::HashNotAlone) => "hash-not-alone",
        Some(TopicError::PlusNotAlone) => "plus-not-alone",
        Some(TopicError::InvalidShare) => "invalid-share",
    };
    code.into()
}
