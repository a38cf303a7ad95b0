//! The exported client and a real broker over a real WebSocket.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use scratch_mqtt::browser::environment::random_client_id;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::heard::{Heard, handler, number, payload, property, script, text};
use crate::wait::{pending_work, until};

/// A WebSocket address of a broker that takes anonymous clients; `npm test` starts one.
pub const BROKER: &str = env!(
    "SCRATCH_MQTT_TEST_BROKER",
    "set SCRATCH_MQTT_TEST_BROKER to the ws:// address of a broker, or run: npm run test:web"
);

/// A client that is connected and subscribed to everything below a topic of its own.
async fn subscribed(qos: f64) -> (Heard, String, u32) {
    let heard = Heard::new();
    let topic = format!("web/{}", random_client_id());
    let filter = format!("{topic}/#");
    heard.connect(&[("url", BROKER.into())]);
    let number = heard
        .client
        .subscribe(&filter.into(), Some(qos.into()), None)
        .unwrap();
    heard.event("subscribed").await;
    (heard, topic, number)
}

#[wasm_bindgen_test]
async fn events_of_a_connection_come_in_order() {
    let (heard, topic, number_of_filter) = subscribed(1.0).await;

    assert_eq!(heard.types(), ["connecting", "connected", "subscribed"]);
    assert_eq!(heard.client.state(), "connected");
    let events = heard.events.borrow();
    assert_eq!(property(&events[1], "sessionPresent"), false);
    assert_eq!(
        number(&events[2], "subscription"),
        f64::from(number_of_filter)
    );
    assert_eq!(text(&events[2], "filter"), format!("{topic}/#"));
    assert_eq!(number(&events[2], "qos"), 1.0);
}

#[wasm_bindgen_test]
async fn message_comes_back_as_it_was_published() {
    for qos in [0.0, 1.0, 2.0] {
        let (heard, topic, number_of_filter) = subscribed(2.0).await;
        let topic = format!("{topic}/é/中文/😀");

        heard
            .client
            .publish(
                &topic.as_str().into(),
                &"é, 中文, 😀".into(),
                Some(qos),
                Some(false),
                None,
            )
            .unwrap();

        let message = messages(&heard, 1).await.remove(0);
        assert_eq!(text(&message, "topic"), topic);
        assert_eq!(payload(&message), "é, 中文, 😀".as_bytes());
        assert_eq!(number(&message, "qos"), qos);
        assert_eq!(property(&message, "retain"), false);
        assert_eq!(property(&message, "dup"), false);
        assert_eq!(
            numbers(&message, "subscriptions"),
            [f64::from(number_of_filter)]
        );
    }
}

#[wasm_bindgen_test]
async fn acknowledged_message_is_reported_by_its_token() {
    for qos in [1.0, 2.0] {
        let (heard, topic, _) = subscribed(2.0).await;

        let token = heard
            .client
            .publish(
                &format!("{topic}/a").into(),
                &"b".into(),
                Some(qos),
                None,
                None,
            )
            .unwrap();

        let event = heard.event("published").await;
        assert_eq!(number(&event, "token"), f64::from(token));
    }
}

#[wasm_bindgen_test]
async fn bytes_that_are_no_text_come_back() {
    let (heard, topic, _) = subscribed(0.0).await;
    let topic = JsValue::from(format!("{topic}/bytes"));
    let all: Vec<u8> = (0..=255).collect();

    for bytes in [all.as_slice(), &[], &[0xff, 0xfe, 0xc0]] {
        heard
            .client
            .publish(&topic, &Uint8Array::from(bytes).into(), None, None, None)
            .unwrap();
    }

    let messages = messages(&heard, 3).await;
    let payloads: Vec<Vec<u8>> = messages.iter().map(payload).collect();
    assert_eq!(payloads, [all, vec![], vec![0xff, 0xfe, 0xc0]]);
}

#[wasm_bindgen_test]
async fn large_message_comes_back() {
    let (heard, topic, _) = subscribed(1.0).await;
    let large = Uint8Array::new_with_length(40_000);
    large.fill(7, 0, 40_000);

    heard
        .client
        .publish(
            &format!("{topic}/large").into(),
            &large.into(),
            Some(1.0),
            None,
            None,
        )
        .unwrap();

    assert_eq!(payload(&messages(&heard, 1).await[0]), vec![7; 40_000]);
}

#[wasm_bindgen_test]
pub async fn messages_of_one_turn_leave_as_one_websocket_message_and_arrive_in_order() {
    let (heard, topic, _) = subscribed(0.0).await;
    let topic = JsValue::from(format!("{topic}/count"));
    let sent = SendCount::start();

    for count in 0..300 {
        let count = JsValue::from(count.to_string());
        heard
            .client
            .publish(&topic, &count, None, None, None)
            .unwrap();
    }
    assert_eq!(sent.count(), 0);
    pending_work().await;

    assert_eq!(sent.count(), 1);
    drop(sent);
    let messages = messages(&heard, 300).await;
    for (count, message) in messages.iter().enumerate() {
        assert_eq!(payload(message), count.to_string().as_bytes());
    }
    assert_eq!(number(&heard.client.statistics(), "sent"), 300.0);
    assert_eq!(number(&heard.client.statistics(), "received"), 300.0);
}

#[wasm_bindgen_test]
async fn payload_stays_the_same_while_others_arrive() {
    let (heard, topic, _) = subscribed(0.0).await;
    let topic = JsValue::from(format!("{topic}/copy"));
    heard
        .client
        .publish(&topic, &"the first".into(), None, None, None)
        .unwrap();
    let first = messages(&heard, 1).await.remove(0);

    for _ in 0..200 {
        heard
            .client
            .publish(&topic, &"x".repeat(1_000).into(), None, None, None)
            .unwrap();
    }
    messages(&heard, 201).await;

    assert_eq!(payload(&first), b"the first");
}

#[wasm_bindgen_test]
async fn handler_may_answer_a_message() {
    let (heard, topic, _) = subscribed(0.0).await;
    let (question, answer) = (format!("{topic}/question"), format!("{topic}/answer"));
    let heard = Rc::new(heard);
    let answered = Rc::new(RefCell::new(Vec::new()));
    let answering = {
        let (heard, answered, answer) =
            (Rc::downgrade(&heard), Rc::clone(&answered), answer.clone());
        handler(move |message| {
            let topic = text(&message, "topic");
            if topic != answer {
                let payload = property(&message, "payload");
                heard
                    .upgrade()
                    .unwrap()
                    .client
                    .publish(&answer.as_str().into(), &payload, None, None, None)
                    .unwrap();
            }
            answered.borrow_mut().push(topic);
        })
    };
    heard.client.set_onmessage(answering);

    heard
        .client
        .publish(&question.as_str().into(), &"?".into(), None, None, None)
        .unwrap();

    until("the answer arrives", || answered.borrow().len() == 2).await;
    assert_eq!(*answered.borrow(), [question, answer]);
}

#[wasm_bindgen_test]
async fn message_names_every_filter_that_matches() {
    let (heard, topic, all) = subscribed(0.0).await;
    let one = format!("{topic}/+");
    let one = heard.client.subscribe(&one.into(), None, None).unwrap();
    until("both are accepted", || {
        heard
            .types()
            .iter()
            .filter(|kind| *kind == "subscribed")
            .count()
            == 2
    })
    .await;

    heard
        .client
        .publish(&format!("{topic}/a").into(), &"b".into(), None, None, None)
        .unwrap();

    let message = messages(&heard, 1).await.remove(0);
    let mut matching = numbers(&message, "subscriptions");
    matching.sort_by(f64::total_cmp);
    assert_eq!(matching, [f64::from(all), f64::from(one)]);
}

#[wasm_bindgen_test]
async fn retained_message_is_marked_when_it_is_not_new() {
    let (first, topic, _) = subscribed(0.0).await;
    let kept = JsValue::from(format!("{topic}/kept"));
    first
        .client
        .publish(&kept, &"b".into(), Some(1.0), Some(true), None)
        .unwrap();
    first.event("published").await;

    let second = Heard::new();
    second.connect(&[("url", BROKER.into())]);
    second.client.subscribe(&kept, None, None).unwrap();

    assert_eq!(property(&messages(&second, 1).await[0], "retain"), true);
    first
        .client
        .publish(&kept, &"".into(), Some(1.0), Some(true), None)
        .unwrap();
    until("the broker forgets it", || {
        first
            .types()
            .iter()
            .filter(|kind| *kind == "published")
            .count()
            == 2
    })
    .await;
}

#[wasm_bindgen_test]
async fn unsubscribed_filter_brings_nothing_more() {
    let (heard, topic, _) = subscribed(0.0).await;
    let kept = format!("{topic}/kept/#");
    heard
        .client
        .subscribe(&kept.as_str().into(), None, None)
        .unwrap();

    heard
        .client
        .unsubscribe(&format!("{topic}/#").into(), None)
        .unwrap();
    heard.event("unsubscribed").await;
    heard
        .client
        .publish(
            &format!("{topic}/gone").into(),
            &"1".into(),
            None,
            None,
            None,
        )
        .unwrap();
    heard
        .client
        .publish(
            &format!("{topic}/kept/a").into(),
            &"2".into(),
            None,
            None,
            None,
        )
        .unwrap();

    assert_eq!(payload(&messages(&heard, 1).await[0]), b"2");
}

#[wasm_bindgen_test]
async fn disconnect_delivers_what_was_published_before_it() {
    let (receiver, topic, _) = subscribed(1.0).await;
    let sender = Heard::new();
    sender.connect(&[("url", BROKER.into())]);
    sender.event("connected").await;

    sender
        .client
        .publish(
            &format!("{topic}/last").into(),
            &"bye".into(),
            Some(1.0),
            None,
            None,
        )
        .unwrap();
    sender.client.disconnect(None).unwrap();

    assert_eq!(payload(&messages(&receiver, 1).await[0]), b"bye");
    let ended = sender.event("disconnected").await;
    assert_eq!(text(&property(&ended, "reason"), "code"), "closed");
    assert_eq!(property(&ended, "retryInMs"), JsValue::NULL);
    assert_eq!(sender.client.state(), "closed");
}

#[wasm_bindgen_test]
async fn clean_goodbye_publishes_no_will_and_a_freed_client_does() {
    let (receiver, topic, _) = subscribed(0.0).await;
    let polite = client_with_will(&topic, "polite").await;
    let gone = client_with_will(&topic, "gone").await;

    polite.client.disconnect(None).unwrap();
    polite.event("disconnected").await;
    drop(gone);

    assert_eq!(payload(&messages(&receiver, 1).await[0]), b"gone");
}

#[wasm_bindgen_test]
async fn client_freed_by_its_message_handler_tells_nothing_more() {
    let (heard, topic, _) = subscribed(0.0).await;
    let witness = Heard::new();
    witness.connect(&[("url", BROKER.into())]);
    witness
        .client
        .subscribe(&format!("{topic}/#").into(), None, None)
        .unwrap();
    witness.event("subscribed").await;
    let client = Rc::new(RefCell::new(None));
    let calls = Rc::new(RefCell::new(0));
    let free = {
        let (client, calls) = (Rc::clone(&client), Rc::clone(&calls));
        handler(move |_| {
            *calls.borrow_mut() += 1;
            drop(client.borrow_mut().take());
        })
    };
    heard.client.set_onmessage(free);
    *client.borrow_mut() = Some(heard.client);

    for _ in 0..10 {
        witness
            .client
            .publish(&format!("{topic}/a").into(), &"b".into(), None, None, None)
            .unwrap();
    }
    messages(&witness, 10).await;
    pending_work().await;

    until("the handler is called", || *calls.borrow() > 0).await;
    assert_eq!(*calls.borrow(), 1);
}

async fn client_with_will(topic: &str, name: &str) -> Heard {
    let heard = Heard::new();
    let will = crate::heard::object(&[
        ("topic", format!("{topic}/will").into()),
        ("payload", name.into()),
    ]);
    heard.connect(&[("url", BROKER.into()), ("will", will)]);
    heard.event("connected").await;
    heard
}

/// The messages so far, once there are so many.
pub async fn messages(heard: &Heard, count: usize) -> Vec<JsValue> {
    until("messages arrive", || heard.messages.borrow().len() >= count).await;
    heard.messages.borrow().clone()
}

fn numbers(object: &JsValue, name: &str) -> Vec<f64> {
    let array: Array = property(object, name).unchecked_into();
    array
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// Counts calls of `WebSocket.send` until it is dropped.
struct SendCount {
    sizes: Array,
    stop: js_sys::Function,
}

impl SendCount {
    fn start() -> Self {
        let sizes = Array::new();
        let count = script(
            "sizes => {
                const { send } = WebSocket.prototype;
                WebSocket.prototype.send = function (bytes) {
                    sizes.push(bytes.byteLength);
                    return send.call(this, bytes);
                };
                return () => { WebSocket.prototype.send = send; };
            }",
        );
        let stop = count
            .call1(&JsValue::UNDEFINED, &sizes)
            .unwrap()
            .unchecked_into();
        Self { sizes, stop }
    }

    fn count(&self) -> u32 {
        self.sizes.length()
    }
}

impl Drop for SendCount {
    fn drop(&mut self) {
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
