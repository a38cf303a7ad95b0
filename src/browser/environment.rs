//! What the surroundings offer: a clock, randomness, and news about the page and the network.
//!
//! All of it is looked up on the global object, and each part may be missing: a worker has no
//! document, Node has neither a network state nor a page that can be left.

use std::time::Duration;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = performance)]
    static PERFORMANCE: Option<web_sys::Performance>;

    #[wasm_bindgen(thread_local_v2, js_name = crypto)]
    static CRYPTO: Option<web_sys::Crypto>;

    #[wasm_bindgen(thread_local_v2, js_name = document)]
    static DOCUMENT: Option<EventTarget>;
}

/// The time since some fixed start. It never goes back where the host has `performance`, which is
/// everywhere that has WebSockets; else it is the computer's clock.
#[must_use]
pub fn now() -> Duration {
    let milliseconds = PERFORMANCE.with(|performance| match performance {
        Some(performance) => performance.now(),
        None => js_sys::Date::now(),
    });
    Duration::from_micros((milliseconds * 1_000.0) as u64)
}

/// Fills with random bytes, which nobody can guess where the host has `crypto`.
pub fn fill_random(bytes: &mut [u8]) {
    let filled = CRYPTO.with(|crypto| match crypto {
        Some(crypto) => crypto.get_random_values_with_u8_array(bytes).is_ok(),
        None => false,
    });
    if !filled {
        for byte in bytes {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
}

/// A random number for the session, which has no source of its own.
#[must_use]
pub fn random_seed() -> u64 {
    let mut bytes = [0; 8];
    fill_random(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// A Client Identifier that no other page has: `scratch` and 16 letters and digits.
///
/// 23 characters, because every server takes 1 to 23 letters and digits. [MQTT-3.1.3-5] The 16 leave
/// 95 bits of chance, so that the thousands of pages on a public broker never share one.
#[must_use]
pub fn random_client_id() -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut id = String::from("scratch");
    let mut bytes = [0_u8; 32];
    while id.len() < 23 {
        fill_random(&mut bytes);
        // Bytes from 248 on would make the first letters more likely than the others.
        let letters = bytes.iter().filter(|byte| **byte < 248);
        id.extend(
            letters
                .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
                .map(|letter| char::from(*letter))
                .take(23 - id.len()),
        );
    }
    id
}

/// What happens around a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The computer has a network again, or the page came back out of the browser's memory.
    Online,
    /// The network is gone, or the page is visible again and its timers may have slept.
    Wake,
    /// The page is left.
    Unload,
}

/// Listens for changes until it is dropped.
pub struct Surroundings {
    listeners: Vec<Listener>,
}

impl Surroundings {
    /// Reports every change from now on.
    #[must_use]
    pub fn watch(on_change: impl Fn(Change) + Clone + 'static) -> Self {
        let global: JsValue = js_sys::global().into();
        let document = DOCUMENT.with(|document| document.as_ref().map(JsValue::from));
        let mut listeners = Vec::new();
        let mut listen = |target: Option<&JsValue>, name, change: fn(&Event) -> Option<Change>| {
            let on_change = on_change.clone();
            let heard = move |event: Event| {
                if let Some(change) = change(&event) {
                    on_change(change);
                }
            };
            listeners.extend(target.and_then(|target| Listener::add(target, name, heard)));
        };
        listen(Some(&global), "online", |_| Some(Change::Online));
        listen(Some(&global), "offline", |_| Some(Change::Wake));
        listen(Some(&global), "pagehide", |_| Some(Change::Unload));
        listen(Some(&global), "pageshow", |event| {
            is_true(event, "persisted").then_some(Change::Online)
        });
        listen(document.as_ref(), "visibilitychange", |event| {
            let document = event.target()?;
            (!is_true(&document, "hidden")).then_some(Change::Wake)
        });
        Self { listeners }
    }

    /// How many kinds of news this host can give.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.listeners.len()
    }
}

struct Listener {
    target: EventTarget,
    name: &'static str,
    heard: Closure<dyn Fn(Event)>,
}

impl Listener {
    fn add(target: &JsValue, name: &'static str, heard: impl Fn(Event) + 'static) -> Option<Self> {
        // Asked for by name, because `instanceof EventTarget` fails for another frame's objects.
        let can_listen = Reflect::get(target, &"addEventListener".into())
            .is_ok_and(|function| function.is_instance_of::<Function>());
        if !can_listen {
            return None;
        }
        let target: EventTarget = target.clone().unchecked_into();
        let heard = Closure::<dyn Fn(Event)>::new(heard);
        target
            .add_event_listener_with_callback(name, heard.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            target,
            name,
            heard,
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let heard = self.heard.as_ref().unchecked_ref();
        // Fails only when the page is torn down already.
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, heard);
    }
}

fn is_true(object: &JsValue, property: &str) -> bool {
    Reflect::get(object, &property.into()).is_ok_and(|value| value.is_truthy())
}
