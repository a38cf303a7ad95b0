//! The driver: what reaches the socket, when, and that nothing can freeze the page.

use std::cell::Cell;
use std::rc::Rc;

use scratch_mqtt::browser::client::MqttClient;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::{CONNACK, CONNACK_3_1_1, CONNACK_OTHER_VERSION, Fake, publish, publish_with};
use crate::heard::{Heard, handler, number, object, payload, property, script, text};
use crate::wait::{pending_work, until};

const ANYWHERE: &str = "ws://broker.example/mqtt";

async fn connected(fake: &Fake) -> Heard {
    let heard = Heard::new();
    let before = fake.opened();
    heard.connect(&[("url", ANYWHERE.into())]);
    pending_work().await;
    fake.socket(before).accept();
    assert_eq!(heard.client.state(), "connected");
    heard
}

#[wasm_bindgen_test]
async fn socket_is_opened_after_the_turn_with_the_subprotocol() {
    let fake = Fake::start();
    let heard = Heard::new();

    heard.connect(&[("url", ANYWHERE.into())]);

    assert_eq!(fake.opened(), 0);
    pending_work().await;
    assert_eq!(fake.opened(), 1);
}

#[wasm_bindgen_test]
async fn socket_of_the_program_takes_the_place_of_the_browsers_own() {
    let fake = Fake::start();
    let make =
        script("(url, protocol) => Object.assign(new WebSocket(url, protocol), { isOwn() {} })");
    let heard = Heard::new();

    heard.connect(&[("url", ANYWHERE.into()), ("openSocket", make.into())]);
    pending_work().await;
    fake.socket(0).accept();

    assert_eq!(fake.opened(), 1);
    assert!(fake.socket(0).has("isOwn"));
    assert_eq!(heard.client.state(), "connected");
}

#[wasm_bindgen_test]
async fn socket_that_cannot_be_made_is_an_attempt_that_failed() {
    for make in [
        "() => undefined",
        "() => 7",
        "() => { throw new Error('no') }",
    ] {
        let heard = Heard::new();

        heard.connect(&[
            ("url", ANYWHERE.into()),
            ("openSocket", script(make).into()),
        ]);
        pending_work().await;

        let ended = heard.event("disconnected").await;
        let reason = property(&ended, "reason");
        assert_eq!(text(&reason, "code"), "address-refused", "{make}");
    }
}

#[wasm_bindgen_test]
async fn messages_in_one_frame_are_reported_one_by_one() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let frame = [publish("a", b"1"), publish("b", b""), publish("a", b"3")].concat();

    fake.socket(0).receive(&frame);

    let messages = heard.messages.borrow();
    let reported: Vec<(String, Vec<u8>)> = messages
        .iter()
        .map(|message| (text(message, "topic"), payload(message)))
        .collect();
    assert_eq!(
        reported,
        [
            ("a".to_owned(), b"1".to_vec()),
            ("b".to_owned(), vec![]),
            ("a".to_owned(), b"3".to_vec())
        ]
    );
}

#[wasm_bindgen_test]
async fn message_has_properties_only_when_there_are_any() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    fake.socket(0).receive(&publish("a", b""));
    // Subscription Identifier 7: not the sender's word.
    fake.socket(0).receive(&publish_with("a", &[0x0b, 7], b""));
    // Payload Format Indicator 0: bytes.
    fake.socket(0).receive(&publish_with("a", &[0x01, 0], b""));

    let messages = heard.messages.borrow();
    let has = |message: &JsValue| js_sys::Reflect::has(message, &"properties".into()).unwrap();
    assert!(!has(&messages[0]));
    assert!(!has(&messages[1]));
    let properties = property(&messages[2], "properties");
    assert_eq!(property(&properties, "payloadIsText"), false);
    let names = js_sys::Object::keys(properties.unchecked_ref::<js_sys::Object>());
    assert_eq!(names.length(), 1);
}

#[wasm_bindgen_test]
async fn server_that_wants_3_1_1_gets_it() {
    let fake = Fake::start();
    let heard = Heard::new();
    heard.connect(&[("url", ANYWHERE.into())]);
    pending_work().await;
    fake.socket(0).call("onopen", &JsValue::UNDEFINED);
    fake.socket(0).receive(CONNACK_OTHER_VERSION);

    until("another socket", || fake.opened() == 2).await;
    fake.socket(1).call("onopen", &JsValue::UNDEFINED);
    fake.socket(1).receive(CONNACK_3_1_1);

    let connected = heard.event("connected").await;
    assert_eq!(text(&connected, "version"), "3.1.1");
    // The protocol level is the byte after the name of the protocol.
    let levels = [0, 1].map(|index| fake.socket(index).sent()[0][8]);
    assert_eq!(levels, [5, 4]);
}

#[wasm_bindgen_test]
async fn server_that_wants_3_1_1_does_not_get_it_from_fixed_5_0() {
    let fake = Fake::start();
    let heard = Heard::new();
    heard.connect(&[("url", ANYWHERE.into()), ("version", "5.0".into())]);
    pending_work().await;
    fake.socket(0).call("onopen", &JsValue::UNDEFINED);
    fake.socket(0).receive(CONNACK_OTHER_VERSION);

    let ended = heard.event("disconnected").await;
    let reason = property(&ended, "reason");
    assert_eq!(text(&reason, "code"), "refused");
    assert_eq!(number(&reason, "reasonCode"), f64::from(0x84));
    assert_eq!(property(&ended, "retryInMs"), JsValue::NULL);
}

#[wasm_bindgen_test]
async fn words_of_the_server_and_the_other_server_that_it_names_are_reported() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    // DISCONNECT, use another server: Reason String "moved", Server Reference "b".
    let moved = b"\xe0\x0e\x9c\x0c\x1f\x00\x05moved\x1c\x00\x01b";

    fake.socket(0).receive(moved);

    let reason = property(&heard.event("disconnected").await, "reason");
    assert_eq!(text(&reason, "code"), "disconnected");
    assert_eq!(number(&reason, "reasonCode"), f64::from(0x9c));
    assert_eq!(text(&reason, "reasonString"), "moved");
    assert_eq!(text(&reason, "serverReference"), "b");
}

#[wasm_bindgen_test]
async fn message_that_the_server_does_not_allow_is_not_sent() {
    let fake = Fake::start();
    let heard = Heard::new();
    heard.connect(&[("url", ANYWHERE.into())]);
    pending_work().await;
    fake.socket(0).call("onopen", &JsValue::UNDEFINED);
    // Maximum QoS 1, Retain Available 0.
    fake.socket(0)
        .receive(&[0x20, 0x07, 0x00, 0x00, 0x04, 0x24, 1, 0x25, 0]);
    let publish = |qos: f64, retain| {
        heard
            .client
            .publish(&"a".into(), &"b".into(), Some(qos), Some(retain), None)
            .unwrap()
    };

    let tokens = [publish(2.0, false), publish(0.0, true)];
    pending_work().await;

    let events = heard.events.borrow();
    let failed: Vec<&JsValue> = events
        .iter()
        .filter(|event| text(event, "type") == "publishFailed")
        .collect();
    assert_eq!(number(failed[0], "token"), f64::from(tokens[0]));
    assert_eq!(text(failed[0], "code"), "qos-not-supported");
    assert_eq!(number(failed[0], "maximumQos"), 1.0);
    assert_eq!(number(failed[1], "token"), f64::from(tokens[1]));
    assert_eq!(text(failed[1], "code"), "retain-not-supported");
    assert_eq!(fake.socket(0).sent().len(), 1);
}

#[wasm_bindgen_test]
async fn answers_to_one_frame_leave_together() {
    let fake = Fake::start();
    let heard = Rc::new(connected(&fake).await);
    let answering = {
        let heard = Rc::downgrade(&heard);
        handler(move |_| {
            heard
                .upgrade()
                .unwrap()
                .client
                .publish(&"answer".into(), &"!".into(), None, None, None)
                .unwrap();
        })
    };
    heard.client.set_onmessage(answering);
    let before = fake.socket(0).sent().len();

    fake.socket(0)
        .receive(&[publish("a", b"1"), publish("a", b"2")].concat());

    let sent = fake.socket(0).sent();
    let two_answers = [publish("answer", b"!"), publish("answer", b"!")].concat();
    assert_eq!(sent.get(before..), Some([two_answers].as_slice()));
}

#[wasm_bindgen_test]
async fn topic_that_comes_again_is_the_same_text() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let long = "x".repeat(100);

    for topic in ["a", "b", &long, "a", "b", &long] {
        fake.socket(0).receive(&publish(topic, b""));
    }
    for count in 0..1_000 {
        fake.socket(0)
            .receive(&publish(&format!("many/{count}"), b""));
    }

    let messages = heard.messages.borrow();
    let topics: Vec<String> = messages
        .iter()
        .map(|message| text(message, "topic"))
        .collect();
    assert_eq!(topics[..6], ["a", "b", &long, "a", "b", &long]);
    assert_eq!(topics[1_005], "many/999");
}

#[wasm_bindgen_test]
async fn broker_that_answers_within_send_is_heard() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let echo =
        script("function (bytes) { this.onmessage({ data: Uint8Array.from(bytes).buffer }); }");
    fake.socket(0).set("onsend", echo);

    heard
        .client
        .publish(&"a".into(), &"echo".into(), None, None, None)
        .unwrap();
    pending_work().await;

    assert_eq!(payload(&heard.messages.borrow()[0]), b"echo");
}

/// Without a limit the page would never get another turn.
/// As npm's `ws` does when it compresses.
#[wasm_bindgen_test]
async fn broker_that_reads_the_bytes_later_finds_them_unchanged() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let kept = Rc::new(std::cell::RefCell::new(Vec::new()));
    let views = Rc::clone(&kept);
    let keep = handler(move |bytes| views.borrow_mut().push(bytes));
    fake.socket(0).set("onsend", keep);
    for payload in ["first", "second", "third"] {
        heard
            .client
            .publish(&"topic".into(), &payload.into(), None, None, None)
            .unwrap();
        pending_work().await;
    }

    let later: Vec<Vec<u8>> = kept
        .borrow()
        .iter()
        .map(|bytes| js_sys::Uint8Array::new(bytes).to_vec())
        .collect();

    assert_eq!(later, fake.socket(0).sent().split_off(1));
}

#[wasm_bindgen_test]
async fn endless_conversation_leaves_the_page_alive() {
    let fake = Fake::start();
    let heard = Rc::new(connected(&fake).await);
    let echo =
        script("function (bytes) { this.onmessage({ data: Uint8Array.from(bytes).buffer }); }");
    fake.socket(0).set("onsend", echo);
    let count = Rc::new(Cell::new(0));
    let answering = {
        let (heard, count) = (Rc::downgrade(&heard), Rc::clone(&count));
        handler(move |_| {
            count.set(count.get() + 1);
            heard
                .upgrade()
                .unwrap()
                .client
                .publish(&"a".into(), &"again".into(), None, None, None)
                .unwrap();
        })
    };
    heard.client.set_onmessage(answering);

    heard
        .client
        .publish(&"a".into(), &"begin".into(), None, None, None)
        .unwrap();

    // Each of these waits needs turns of the page while the conversation goes on.
    until("it goes on", || count.get() > 100).await;
    let seen = count.get();
    until("it goes on still", || count.get() > seen).await;
}

#[wasm_bindgen_test]
async fn full_socket_holds_messages_back_until_the_browser_sent_them() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let socket = fake.socket(0);
    socket.set("bufferedAmount", 50_000_000);
    // Less than a gathered frame is not asked about.
    let large = "x".repeat(70_000);
    heard
        .client
        .publish(&"a".into(), &large.into(), None, None, None)
        .unwrap();
    pending_work().await;
    let before = socket.sent().len();

    heard
        .client
        .publish(&"a".into(), &"2".into(), None, None, None)
        .unwrap();
    pending_work().await;
    assert_eq!(socket.sent().len(), before);
    assert_eq!(number(&heard.client.statistics(), "waiting"), 1.0);
    socket.set("bufferedAmount", 0);

    until("the second message leaves", || {
        socket.sent().last() == Some(&publish("a", b"2"))
    })
    .await;
}

#[wasm_bindgen_test]
async fn socket_that_throws_when_it_sends_stops_nothing() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    fake.socket(0)
        .set("send", script("() => { throw new Error('expected'); }"));

    heard
        .client
        .publish(&"a".into(), &"1".into(), None, None, None)
        .unwrap();
    pending_work().await;
    fake.socket(0).receive(&publish("a", b"2"));

    assert_eq!(payload(&heard.messages.borrow()[0]), b"2");
}

#[wasm_bindgen_test]
async fn text_frame_ends_the_connection() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    fake.socket(0).receive_text("no MQTT");

    let ended = heard.event("disconnected").await;
    assert_eq!(text(&property(&ended, "reason"), "code"), "protocol");
    assert_eq!(fake.socket(0).closes().len(), 2);
    assert!(!fake.socket(0).has("onmessage"));
}

#[wasm_bindgen_test]
async fn connection_that_takes_too_long_is_given_up() {
    let fake = Fake::start();
    let heard = Heard::new();

    heard.connect(&[("url", ANYWHERE.into()), ("connectTimeoutMs", 1.into())]);

    let reason = property(&heard.event("disconnected").await, "reason");
    assert_eq!(text(&reason, "code"), "connect-timeout");
    assert_eq!(property(&reason, "opened"), false);
    assert!(!fake.socket(0).has("onopen"));
}

#[wasm_bindgen_test]
async fn other_options_close_the_old_socket_and_its_late_events_are_not_heard() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let old = fake.socket(0);

    heard.connect(&[("url", "ws://other.example/mqtt".into())]);
    pending_work().await;
    fake.socket(1).accept();
    old.receive(&publish("late", b""));

    assert!(heard.messages.borrow().is_empty());
    assert_eq!(heard.client.state(), "connected");
    // DISCONNECT leaves before the socket is closed, and says that the session ends, too.
    assert_eq!(
        old.sent().last().map(Vec::as_slice),
        Some([0xe0, 7, 0, 5, 0x11, 0, 0, 0, 0].as_slice())
    );
    assert_eq!(old.closes().first(), Some(&Some(1000.0)));
}

#[wasm_bindgen_test]
async fn same_options_again_change_nothing() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    heard.connect(&[("url", ANYWHERE.into())]);
    pending_work().await;

    assert_eq!(fake.opened(), 1);
    assert_eq!(heard.types(), ["connecting", "connected"]);
}

#[wasm_bindgen_test]
async fn freed_client_closes_its_socket_and_is_silent() {
    let fake = Fake::start();
    let Heard {
        client,
        messages,
        events,
    } = connected(&fake).await;
    let reported = events.borrow().len();

    drop(client);
    pending_work().await;
    fake.socket(0).receive(CONNACK);

    assert!(!fake.socket(0).closes().is_empty());
    for name in ["onopen", "onmessage", "onclose"] {
        assert!(!fake.socket(0).has(name), "{name}");
    }
    // npm's `ws` ends the program when nobody listens to an error.
    assert!(fake.socket(0).has("onerror"));
    fake.socket(0).call("onerror", &JsValue::UNDEFINED);
    assert!(messages.borrow().is_empty());
    assert_eq!(events.borrow().len(), reported);
}

#[wasm_bindgen_test]
async fn client_freed_while_connecting_closes_its_socket() {
    let fake = Fake::start();
    let client = MqttClient::new();
    client
        .connect(&object(&[("url", ANYWHERE.into())]))
        .unwrap();
    pending_work().await;

    drop(client);

    assert!(!fake.socket(0).closes().is_empty());
    assert!(!fake.socket(0).has("onopen"));
}

#[wasm_bindgen_test]
async fn client_freed_in_the_turn_of_a_request_does_nothing() {
    let fake = Fake::start();
    let errors = Rc::new(Cell::new(0));
    let count = {
        let errors = Rc::clone(&errors);
        handler(move |_| errors.set(errors.get() + 1))
    };
    let listen = script(
        "count => {
            addEventListener('unhandledrejection', count);
            return () => removeEventListener('unhandledrejection', count);
        }",
    );
    let stop = listen.call1(&JsValue::UNDEFINED, &count).unwrap();
    let client = MqttClient::new();
    client
        .connect(&object(&[("url", ANYWHERE.into())]))
        .unwrap();

    drop(client);
    pending_work().await;

    stop.unchecked_into::<js_sys::Function>()
        .call0(&JsValue::UNDEFINED)
        .unwrap();
    assert_eq!(fake.opened(), 0);
    assert_eq!(errors.get(), 0);
}

#[wasm_bindgen_test]
async fn page_that_is_left_closes_and_one_that_is_brought_back_connects() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    dispatch("pagehide", "{}");
    assert_eq!(fake.socket(0).closes().len(), 2);
    assert_eq!(heard.client.state(), "closed");
    dispatch("pageshow", "{ persisted: true }");

    assert_eq!(fake.opened(), 2);
    assert_eq!(heard.client.state(), "connecting");
}

#[wasm_bindgen_test]
async fn network_that_comes_back_ends_the_pause() {
    let fake = Fake::start();
    let heard = Heard::new();
    heard.connect(&[("url", ANYWHERE.into())]);
    pending_work().await;
    fake.socket(0).call(
        "onclose",
        &object(&[("code", 1006.into()), ("wasClean", false.into())]),
    );
    assert_eq!(heard.client.state(), "waiting");

    dispatch("online", "{}");

    assert_eq!(fake.opened(), 2);
}

fn dispatch(name: &str, properties: &str) {
    script(&format!(
        "() => globalThis.dispatchEvent(Object.assign(new Event('{name}'), {properties}))"
    ))
    .call0(&JsValue::UNDEFINED)
    .unwrap();
}
