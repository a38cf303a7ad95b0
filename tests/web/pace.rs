//! What is published too fast and waits for its turn, and what is taken back before it was sent.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::{Fake, publish};
use crate::heard::{Heard, number, object, text};
use crate::wait::{pending_work, until};

const ANYWHERE: &str = "ws://broker.example/mqtt";

fn rate(more: &[(&str, JsValue)]) -> JsValue {
    let least = [("perSecond", 20.into()), ("burst", 1.into())];
    object(&[least.as_slice(), more].concat())
}

fn waiting_rate() -> JsValue {
    rate(&[("excess", "wait".into())])
}

/// A client that waits for its socket to open.
async fn connecting(options: &[(&str, JsValue)]) -> Heard {
    let heard = Heard::new();
    let url = [("url", ANYWHERE.into()), ("clientId", "alice".into())];
    heard.connect(&[url.as_slice(), options].concat());
    pending_work().await;
    heard
}

async fn connected(fake: &Fake, options: &[(&str, JsValue)]) -> Heard {
    let heard = connecting(options).await;
    fake.socket(0).accept();
    assert_eq!(heard.client.state(), "connected");
    heard
}

/// Everything that was sent behind CONNECT.
fn sent(fake: &Fake) -> Vec<u8> {
    fake.socket(0).sent().split_off(1).concat()
}

/// The tokens of the messages that failed with this code.
fn failed(heard: &Heard, code: &str) -> Vec<f64> {
    let events = heard.events.borrow();
    events
        .iter()
        .filter(|event| text(event, "type") == "publishFailed" && text(event, "code") == code)
        .map(|event| number(event, "token"))
        .collect()
}

#[wasm_bindgen_test]
async fn newest_value_of_each_topic_waits_for_its_turn() {
    let fake = Fake::start();
    let heard = connected(&fake, &[("publishRate", waiting_rate())]).await;
    let say = |topic: &str, value: &str| heard.publish(topic, &value.into()).unwrap();

    say("light", "1");
    let replaced = say("light", "2");
    say("sound", "1");
    say("light", "3");

    // What leaves with this turn has not left yet.
    assert_eq!(number(&heard.client.statistics(), "waiting"), 3.0);
    let whole = [
        publish("light", b"1"),
        publish("light", b"3"),
        publish("sound", b"1"),
    ];
    until("every turn", || sent(&fake) == whole.concat()).await;
    assert_eq!(failed(&heard, "replaced"), [f64::from(replaced)]);
    assert_eq!(number(&heard.client.statistics(), "notSent"), 1.0);
}

#[wasm_bindgen_test]
async fn rate_that_lets_messages_wait_can_be_set_later_and_taken_away() {
    let fake = Fake::start();
    let heard = connected(&fake, &[]).await;
    heard.client.set_publish_rate(Some(waiting_rate())).unwrap();
    for topic in ["a", "b", "c"] {
        heard.publish(topic, &"1".into()).unwrap();
    }

    heard.client.set_publish_rate(None).unwrap();
    pending_work().await;

    let whole = ["a", "b", "c"].map(|topic| publish(topic, b"1"));
    assert_eq!(sent(&fake), whole.concat());
}

#[wasm_bindgen_test]
async fn what_is_too_fast_is_refused_by_default_and_by_name() {
    for more in [vec![], vec![("excess", JsValue::from("refuse"))]] {
        let fake = Fake::start();
        let heard = connected(&fake, &[("publishRate", rate(&more))]).await;

        heard.publish("a", &"1".into()).unwrap();
        let refused = heard.publish("a", &"2".into());

        assert_eq!(text(&refused.unwrap_err(), "code"), "too-fast");
    }
}

#[wasm_bindgen_test]
async fn excess_has_two_values() {
    let heard = Heard::new();
    for value in [JsValue::from("drop"), 1.into(), true.into()] {
        let wrong = rate(&[("excess", value)]);

        let thrown = heard.client.set_publish_rate(Some(wrong)).unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
        assert_eq!(text(&thrown, "message"), "excess must be refuse or wait");
    }
}

#[wasm_bindgen_test]
async fn what_was_published_without_a_connection_is_taken_back_and_never_sent() {
    let fake = Fake::start();
    let heard = connecting(&[]).await;
    let tokens = [0.0, 1.0, 2.0].map(|qos| {
        let client = &heard.client;
        let publish = client.publish(&"a".into(), &"old".into(), Some(qos), None, None);
        f64::from(publish.unwrap())
    });

    let count = heard.client.discard_unsent(None);
    heard.publish("a", &"new".into()).unwrap();
    fake.socket(0).accept();
    pending_work().await;

    assert_eq!(count, 3);
    assert_eq!(failed(&heard, "discarded"), tokens);
    assert_eq!(number(&heard.client.statistics(), "notSent"), 3.0);
    assert_eq!(sent(&fake), publish("a", b"new"));
}

#[wasm_bindgen_test]
async fn only_what_is_as_old_as_said_is_taken_back() {
    let _fake = Fake::start();
    for (older_than, count) in [
        (Some(60_000.0), 0),
        (Some(1e300), 0),
        (Some(-1.0), 1),
        (Some(f64::NAN), 1),
        (Some(0.0), 1),
        (None, 1),
    ] {
        let heard = connecting(&[]).await;
        heard.publish("a", &"1".into()).unwrap();

        assert_eq!(
            heard.client.discard_unsent(older_than),
            count,
            "{older_than:?}"
        );
    }
}

#[wasm_bindgen_test]
async fn what_waits_on_a_connection_is_not_taken_back() {
    let fake = Fake::start();
    let heard = connected(&fake, &[("publishRate", waiting_rate())]).await;
    heard.publish("a", &"1".into()).unwrap();
    heard.publish("a", &"2".into()).unwrap();

    assert_eq!(heard.client.discard_unsent(None), 0);

    let whole = [publish("a", b"1"), publish("a", b"2")].concat();
    until("the turn", || sent(&fake) == whole).await;
}
