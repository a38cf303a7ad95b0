//! Values that a program gets, as values of JavaScript.

use std::num::NonZeroU16;
use std::time::Duration;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

use crate::packet::{ProtocolVersion, QoS, ReasonCode};
use crate::session::{SubscriptionId, Token};
use crate::topic::{TopicFilter, TopicName};

/// A value that a program gets.
pub trait ToJs {
    /// In JavaScript; `None` leaves its member out.
    fn to_js(&self) -> Option<JsValue>;
}

/// An object that is made.
pub struct Literal(Object);

impl Literal {
    /// `{}`
    #[must_use]
    pub fn new() -> Self {
        Self(Object::new())
    }

    /// With one more member, if it is not left out.
    // One function for every kind of value, called once for each of many members.
    #[inline(never)]
    #[must_use]
    pub fn with(self, name: &str, value: &dyn ToJs) -> Self {
        if let Some(value) = value.to_js() {
            // Cannot fail: the object is new and not frozen.
            let _ = Reflect::set(&self.0, &name.into(), &value);
        }
        self
    }
}

impl Default for Literal {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Literal> for JsValue {
    fn from(literal: Literal) -> Self {
        literal.0.into()
    }
}

/// What JavaScript has a value for, as that value.
macro_rules! values {
    ($($type:ty: $value:ident => $made:expr;)*) => {
        $(
            impl ToJs for $type {
                fn to_js(&self) -> Option<JsValue> {
                    let $value = self;
                    Some($made.into())
                }
            }
        )*
    };
}

values! {
    JsValue: value => value;
    bool: value => *value;
    u8: value => *value;
    u16: value => *value;
    u32: value => *value;
    NonZeroU16: value => value.get();
    str: value => value;
    String: value => value;
    [u8]: value => Uint8Array::from(value);
    // In milliseconds.
    Duration: value => (value.as_secs_f64() * 1_000.0).round();
    ProtocolVersion: value => value.name();
    QoS: value => value.number();
    ReasonCode: value => value.0;
    SubscriptionId: value => value.0;
    Token: value => value.0;
    TopicFilter: value => value.as_str();
    TopicName: value => value.as_str();
}

impl ToJs for Vec<String> {
    fn to_js(&self) -> Option<JsValue> {
        let texts: Array = self.iter().map(JsValue::from).collect();
        Some(texts.into())
    }
}

/// Pairs of texts; left out when there are none.
impl ToJs for Vec<(String, String)> {
    fn to_js(&self) -> Option<JsValue> {
        let pairs = self.iter();
        let pairs = pairs.map(|(key, value)| Array::of2(&key.into(), &value.into()));
        (!self.is_empty()).then(|| pairs.collect::<Array>().into())
    }
}

impl<T: ToJs> ToJs for Option<T> {
    fn to_js(&self) -> Option<JsValue> {
        self.as_ref()?.to_js()
    }
}

impl<T: ToJs + ?Sized> ToJs for &T {
    fn to_js(&self) -> Option<JsValue> {
        (*self).to_js()
    }
}

impl<T: ToJs + ?Sized> ToJs for Box<T> {
    fn to_js(&self) -> Option<JsValue> {
        self.as_ref().to_js()
    }
}

/// `null` where there is no value.
#[must_use]
pub fn or_null(value: Option<impl ToJs>) -> JsValue {
    value.to_js().unwrap_or(JsValue::NULL)
}
