//! Waiting for a condition, with a limit.

use std::time::Duration;

use js_sys::{Function, Promise};
use scratch_mqtt::browser::environment::now;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

const LIMIT: Duration = Duration::from_secs(10);

/// Lets the browser work until the condition holds; fails with `what` after ten seconds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = now() + LIMIT;
    while !holds() {
        assert!(now() < end, "not within 10 seconds: {what}");
        turn(5).await;
    }
}

/// Lets the browser do everything that it already had to do.
pub async fn pending_work() {
    turn(0).await;
    turn(0).await;
}

async fn turn(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        gloo_timers::callback::Timeout::new(milliseconds as u32, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        })
        .forget();
    });
    let _ = JsFuture::from(promise).await;
}
