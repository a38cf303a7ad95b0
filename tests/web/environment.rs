//! Clock, randomness and news about the page.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use scratch_mqtt::browser::environment::{
    Change, Surroundings, fill_random, now, random_client_id, random_seed,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, EventTarget};

use crate::wait::until;

#[wasm_bindgen_test]
async fn clock_goes_on() {
    let start = now();

    until("the clock goes on", || now() > start).await;
}

#[wasm_bindgen_test]
fn random_bytes_differ() {
    let seeds: HashSet<u64> = (0..100).map(|_| random_seed()).collect();
    let mut bytes = [0; 256];
    fill_random(&mut bytes);

    assert_eq!(seeds.len(), 100);
    assert!(bytes.iter().collect::<HashSet<_>>().len() > 100);
}

/// [MQTT-3.1.3-5]
#[wasm_bindgen_test]
fn client_id_is_one_that_every_server_takes() {
    let ids: HashSet<String> = (0..100).map(|_| random_client_id()).collect();

    assert_eq!(ids.len(), 100);
    for id in ids {
        assert_eq!(id.len(), 23);
        assert!(id.starts_with("scratch"));
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}

#[wasm_bindgen_test]
fn news_of_the_page_is_reported_until_the_watch_is_dropped() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let on_event = {
        let heard = Rc::clone(&heard);
        move |change| heard.borrow_mut().push(change)
    };
    let watch = Surroundings::watch(on_event);

    for name in ["online", "offline", "pagehide", "pageshow"] {
        global().dispatch_event(&Event::new(name).unwrap()).unwrap();
    }
    document()
        .dispatch_event(&Event::new("visibilitychange").unwrap())
        .unwrap();
    drop(watch);
    global()
        .dispatch_event(&Event::new("online").unwrap())
        .unwrap();

    // A page that is shown for the first time (`persisted` is not set) is no news.
    assert_eq!(
        *heard.borrow(),
        [Change::Online, Change::Wake, Change::Unload, Change::Wake]
    );
}

fn global() -> EventTarget {
    js_sys::global().unchecked_into()
}

fn document() -> EventTarget {
    js_sys::Reflect::get(&js_sys::global(), &"document".into())
        .unwrap()
        .unchecked_into()
}
