//! A session that outlives its page, in the browser's own IndexedDB and behind its own lock.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use scratch_mqtt::browser::store::{Store, StoreEvent, store_name};
use scratch_mqtt::session::{StoreChange, StoreError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::Fake;
use crate::heard::{Heard, number, property, script, text};
use crate::wait::{pending_work, until};

type Reported = Rc<RefCell<Vec<StoreEvent>>>;

fn open(identity: u64) -> (Store, Reported) {
    let reported = Reported::default();
    let heard = Rc::clone(&reported);
    let store = Store::open(identity, move |_, event| heard.borrow_mut().push(event));
    (store, reported)
}

async fn opened(identity: u64) -> (Store, Reported) {
    let (store, reported) = open(identity);
    until("an answer of the store", || !reported.borrow().is_empty()).await;
    (store, reported)
}

/// A number that no other test has.
fn identity() -> u64 {
    scratch_mqtt::browser::environment::random_seed()
}

fn put(key: u64, value: &[u8]) -> StoreChange {
    StoreChange::Put((key, value.to_vec()))
}

fn options(client_id: &str) -> Vec<(&'static str, JsValue)> {
    vec![
        ("url", "ws://broker.example/mqtt".into()),
        ("clientId", client_id.into()),
        ("version", "3.1.1".into()),
        ("cleanSession", false.into()),
        ("keepSession", true.into()),
    ]
}

/// CONNACK of 3.1.1: accepted.
const fn connack(session_present: bool) -> [u8; 4] {
    [0x20, 0x02, session_present as u8, 0x00]
}

async fn accept(fake: &Fake, index: u32, session_present: bool) {
    until("a socket", || fake.opened() > index).await;
    fake.socket(index).call("onopen", &JsValue::UNDEFINED);
    fake.socket(index).receive(&connack(session_present));
}

fn unique(name: &str) -> String {
    format!("{name}{:x}", identity())
}

#[wasm_bindgen_test]
async fn records_are_there_when_the_store_is_opened_again() {
    let identity = identity();
    let (store, reported) = opened(identity).await;
    assert_eq!(*reported.borrow(), [StoreEvent::Loaded(vec![])]);

    let last = (1 << 41) + 7;
    store.commit(1, vec![put(last, b"last"), put(3, b""), put(4, b"gone")]);
    store.commit(2, vec![StoreChange::Remove(4)]);
    until("both commits", || reported.borrow().len() == 3).await;
    drop(store);

    assert_eq!(
        reported.borrow()[1..],
        [StoreEvent::Stored(1), StoreEvent::Stored(2)]
    );
    let (_store, reported) = opened(identity).await;
    let records = vec![(3, b"".to_vec()), (last, b"last".to_vec())];
    assert_eq!(*reported.borrow(), [StoreEvent::Loaded(records)]);
}

#[wasm_bindgen_test]
async fn ended_store_leaves_nothing() {
    let identity = identity();
    let (store, reported) = opened(identity).await;
    store.commit(1, vec![put(3, b"a")]);
    until("the commit", || reported.borrow().len() == 2).await;

    store.end();

    let (_store, reported) = opened(identity).await;
    assert_eq!(*reported.borrow(), [StoreEvent::Loaded(vec![])]);
}

#[wasm_bindgen_test]
async fn store_has_one_user_at_a_time() {
    let identity = identity();
    let (first, _) = opened(identity).await;

    let (_second, reported) = opened(identity).await;

    assert_eq!(*reported.borrow(), [StoreEvent::Failed(StoreError::InUse)]);
    drop(first);
    let (_third, reported) = opened(identity).await;
    assert_eq!(*reported.borrow(), [StoreEvent::Loaded(vec![])]);
}

#[wasm_bindgen_test]
async fn store_that_is_let_go_of_before_it_is_there_blocks_nobody() {
    let identity = identity();
    let (store, early) = open(identity);
    drop(store);

    let (_store, reported) = opened(identity).await;

    assert_eq!(*reported.borrow(), [StoreEvent::Loaded(vec![])]);
    assert!(early.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn records_that_are_none_of_ours_are_reported_as_they_can_be() {
    let identity = identity();
    let (store, _) = opened(identity).await;
    let spoil = script(
        "async name => {
            const answer = request => new Promise(resolve => { request.onsuccess = () => resolve(request.result); });
            const database = await answer(indexedDB.open(name));
            const records = database.transaction('records', 'readwrite').objectStore('records');
            await answer(records.put({ a: 1 }, 'text'));
            database.close();
        }",
    );
    let spoilt = spoil.call1(&JsValue::UNDEFINED, &store_name(identity).into());
    JsFuture::from(spoilt.unwrap().unchecked_into::<Promise>())
        .await
        .unwrap();
    drop(store);

    let (_store, reported) = opened(identity).await;

    assert_eq!(
        *reported.borrow(),
        [StoreEvent::Loaded(vec![(u64::MAX, vec![])])]
    );
}

#[wasm_bindgen_test]
async fn database_that_somebody_deletes_is_a_failure() {
    let identity = identity();
    let (_store, reported) = opened(identity).await;

    let delete = script("name => { indexedDB.deleteDatabase(name); }");
    let _ = delete.call1(&JsValue::UNDEFINED, &store_name(identity).into());

    until("a failure", || reported.borrow().len() == 2).await;
    assert_eq!(reported.borrow()[1], StoreEvent::Failed(StoreError::Failed));
}

#[wasm_bindgen_test]
async fn host_without_a_store_is_a_failure() {
    let hide = script(
        "() => {
            Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
            return () => { delete navigator.locks; };
        }",
    );
    let restore: Function = hide.call0(&JsValue::UNDEFINED).unwrap().unchecked_into();

    let (_store, reported) = opened(identity()).await;
    restore.call0(&JsValue::UNDEFINED).unwrap();

    assert_eq!(*reported.borrow(), [StoreEvent::Failed(StoreError::Failed)]);
}

#[wasm_bindgen_test]
async fn message_of_a_client_that_is_gone_is_sent_by_the_next() {
    let fake = Fake::start();
    let client_id = unique("keep");
    let first = Heard::new();
    first.connect(&options(&client_id));
    accept(&fake, 0, false).await;
    first
        .client
        .publish(&"a".into(), &"hello".into(), Some(1.0), None, None)
        .unwrap();
    until("PUBLISH", || fake.socket(0).sent().len() == 2).await;
    drop(first);

    let next = Heard::new();
    next.connect(&options(&client_id));
    accept(&fake, 1, true).await;

    let restored = next.event("sessionRestored").await;
    assert_eq!(number(&restored, "messages"), 1.0);
    until("PUBLISH", || fake.socket(1).sent().len() == 2).await;
    let (before, after) = (fake.socket(0).sent(), fake.socket(1).sent());
    // The same packet with DUP.
    assert_eq!(before[1][0] | 0b1000, after[1][0]);
    assert_eq!(before[1][1..], after[1][1..]);
}

#[wasm_bindgen_test]
async fn second_client_with_the_same_session_stays_away() {
    let fake = Fake::start();
    let client_id = unique("tabs");
    let first = Heard::new();
    first.connect(&options(&client_id));
    accept(&fake, 0, false).await;

    let second = Heard::new();
    second.connect(&options(&client_id));
    assert_eq!(second.client.state(), "connecting");
    let ended = second.event("disconnected").await;

    assert_eq!(text(&property(&ended, "reason"), "code"), "session-in-use");
    assert!(property(&ended, "retryInMs").as_f64() >= Some(4000.0));
    assert_eq!(fake.opened(), 1);
    assert_eq!(first.client.state(), "connected");
}

#[wasm_bindgen_test]
async fn client_without_a_store_says_so_once_and_connects() {
    let fake = Fake::start();
    let break_it = script(
        "() => {
            const { open } = IDBFactory.prototype;
            IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };
            return () => { IDBFactory.prototype.open = open; };
        }",
    );
    let restore: Function = break_it
        .call0(&JsValue::UNDEFINED)
        .unwrap()
        .unchecked_into();
    let heard = Heard::new();
    heard.connect(&options(&unique("private")));

    accept(&fake, 0, false).await;
    restore.call0(&JsValue::UNDEFINED).unwrap();
    heard
        .client
        .publish(&"a".into(), &"hello".into(), Some(1.0), None, None)
        .unwrap();
    pending_work().await;

    assert_eq!(fake.socket(0).sent().len(), 2);
    let events = heard.events.borrow();
    let warnings = events
        .iter()
        .filter(|event| text(event, "type") == "warning");
    let codes = warnings
        .map(|event| text(event, "code"))
        .collect::<Vec<_>>();
    assert_eq!(codes, ["session-not-kept"]);
}

#[wasm_bindgen_test]
fn session_without_a_client_id_or_with_a_clean_session_cannot_be_kept() {
    for missing in ["clientId", "cleanSession"] {
        let mut options = options("pupil");
        options.retain(|(name, _)| *name != missing);
        let heard = Heard::new();

        let thrown = heard
            .client
            .connect(&crate::heard::object(&options))
            .unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
        assert!(text(&thrown, "message").contains("client id of your own"));
    }
}

/// A page that is loaded again must not lose what its program published in its last moments, as far
/// as that was stored; nothing else is in the database.
#[wasm_bindgen_test]
async fn database_holds_bytes_under_numbers_only() {
    let identity = identity();
    let (store, reported) = opened(identity).await;
    store.commit(1, vec![put(3, b"abc")]);
    until("the commit", || reported.borrow().len() == 2).await;
    let read = script(
        "async name => {
            const answer = request => new Promise(resolve => { request.onsuccess = () => resolve(request.result); });
            const database = await answer(indexedDB.open(name));
            const records = database.transaction('records').objectStore('records');
            const all = [await answer(records.getAllKeys()), await answer(records.getAll())];
            database.close();
            return all;
        }",
    );

    let all = read.call1(&JsValue::UNDEFINED, &store_name(identity).into());
    let all: Array = JsFuture::from(all.unwrap().unchecked_into::<Promise>())
        .await
        .unwrap()
        .unchecked_into();

    let keys: Array = all.get(0).unchecked_into();
    let values: Array = all.get(1).unchecked_into();
    assert_eq!((keys.length(), values.length()), (1, 1));
    assert_eq!(keys.get(0), 3.0);
    assert_eq!(
        values.get(0).unchecked_into::<Uint8Array>().to_vec(),
        b"abc"
    );
}
