//! The store of a kept session, as `store.js` has it.

use std::time::Duration;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::given::bytes;
use crate::session::{Record, StoreChange, StoreError};

#[wasm_bindgen(module = "/src/browser/store.js")]
extern "C" {
    type JsStore;

    #[wasm_bindgen(js_name = openStore)]
    fn open_store(name: &str, on_event: &Closure<OnEvent>) -> JsStore;

    fn commit(store: &JsStore, number: f64, keys: Array, values: Array);

    #[wasm_bindgen(js_name = closeStore)]
    fn close_store(store: &JsStore, is_over: bool);
}

type OnEvent = dyn Fn(f64, JsValue, JsValue);

const LOADED: f64 = 0.0;
const IN_USE: f64 = -2.0;

/// Instead of a key: all records.
const ALL: f64 = -1.0;

/// An event of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreEvent {
    /// What an earlier page left.
    Loaded(Vec<Record>),
    /// The commit with this number is done.
    Stored(u32),
    /// It cannot be used.
    Failed(StoreError),
}

/// The records of one session, which no other page can use meanwhile. Dropping it lets go of them.
pub struct Store {
    identity: u64,
    store: JsStore,
    // Kept because JavaScript calls it; let go only after the store is silent.
    _on_event: Closure<OnEvent>,
}

impl Store {
    /// Takes the session, and reports its records.
    pub fn open(identity: u64, on_event: impl Fn(u64, StoreEvent) + 'static) -> Self {
        let forward =
            Closure::<OnEvent>::new(move |number: f64, keys: JsValue, values: JsValue| {
                let event = if number == LOADED {
                    StoreEvent::Loaded(records(keys, values))
                } else if number > 0.0 {
                    StoreEvent::Stored(number as u32)
                } else if number == IN_USE {
                    StoreEvent::Failed(StoreError::InUse)
                } else {
                    StoreEvent::Failed(StoreError::Failed)
                };
                on_event(identity, event);
            });
        Self {
            identity,
            store: open_store(&store_name(identity), &forward),
            _on_event: forward,
        }
    }

    /// Which session's it is.
    #[must_use]
    pub const fn identity(&self) -> u64 {
        self.identity
    }

    /// Makes all changes or none, and reports the number.
    pub fn commit(&self, number: u32, changes: Vec<StoreChange>) {
        let (keys, values) = (Array::new(), Array::new());
        for change in changes {
            let (key, value) = match change {
                StoreChange::Clear => (ALL, JsValue::UNDEFINED),
                StoreChange::Remove(key) => (key as f64, JsValue::UNDEFINED),
                StoreChange::Put((key, value)) => {
                    (key as f64, Uint8Array::from(value.as_slice()).into())
                }
            };
            keys.push(&key.into());
            values.push(&value);
        }
        commit(&self.store, f64::from(number), keys, values);
    }

    /// Removes the records if that is possible.
    pub fn end(self) {
        close_store(&self.store, true);
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // A build that keeps no sessions does not need the function.
        if cfg!(feature = "keep-session") {
            close_store(&self.store, false);
        }
    }
}

/// The name of the database and of the lock of a session.
#[must_use]
pub fn store_name(identity: u64) -> String {
    ["mqtt-session-", &identity.to_string()].concat()
}

/// The time since 1970, by the computer's clock.
#[must_use]
pub fn time() -> Duration {
    Duration::from_millis(js_sys::Date::now() as u64)
}

/// A record that is none of ours, such as a key that is a text, makes a record that is refused.
fn records(keys: JsValue, values: JsValue) -> Vec<Record> {
    let (keys, values) = (Array::from(&keys), Array::from(&values));
    let pairs = keys.iter().zip(values.iter());
    pairs
        .map(|(key, value)| {
            let key = key.as_f64().unwrap_or(f64::MAX);
            let value = bytes(&value);
            (key as u64, value.unwrap_or_default())
        })
        .collect()
}
