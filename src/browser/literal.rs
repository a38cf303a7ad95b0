//! An object for JavaScript, property by property.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

/// An object literal.
pub struct Literal(Object);

impl Literal {
    /// `{}`
    #[must_use]
    pub fn new() -> Self {
        Self(Object::new())
    }

    /// With one more property.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Cannot fail: the object is new and not frozen.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    /// With one more property, if there is one.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
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
