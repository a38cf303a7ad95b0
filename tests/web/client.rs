//! The exported client where no broker listens: conversion, errors, and its end at any moment.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use scratch_mqtt::browser::client::MqttClient;
use scratch_mqtt::browser::functions::{filter_problem, matches, parse_address, topic_problem};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::heard::{Heard, handler, number, object, property, text};
use crate::wait::{pending_work, until};

/// The discard port, where nobody listens.
const NOBODY: &str = "ws://127.0.0.1:9/mqtt";

#[wasm_bindgen_test]
fn wrong_options_throw_and_name_the_option_but_not_its_value() {
    let client = MqttClient::new();
    let secret = || JsValue::from("s3cret");
    for (name, value, words) in [
        ("clientID", secret(), "unknown option clientID"),
        ("url", 7.into(), "url must be"),
        ("url", Array::new().into(), "url is missing"),
        ("clientId", 7.into(), "clientId must be a string"),
        ("password", 7.into(), "password must be a string"),
        ("password", secret(), "a password needs a user name"),
        (
            "cleanSession",
            secret(),
            "cleanSession must be true or false",
        ),
        (
            "keepAliveSeconds",
            secret(),
            "keepAliveSeconds must be a whole number",
        ),
        (
            "keepAliveSeconds",
            1.5.into(),
            "keepAliveSeconds must be a whole number",
        ),
        (
            "keepAliveSeconds",
            (-1).into(),
            "keepAliveSeconds must be a whole number",
        ),
        (
            "keepAliveSeconds",
            f64::NAN.into(),
            "keepAliveSeconds must be a whole number",
        ),
        (
            "keepAliveSeconds",
            65_536.into(),
            "keep alive is out of range",
        ),
        (
            "queueMessages",
            5e9.into(),
            "queueMessages must be a whole number",
        ),
        ("will", secret(), "will must be an object"),
        (
            "will",
            object(&[("topics", secret())]),
            "unknown option topics",
        ),
        ("will", object(&[("payload", secret())]), "topic is empty"),
        (
            "will",
            object(&[("topic", "a".into())]),
            "payload must be a string or a Uint8Array",
        ),
    ] {
        let thrown = client
            .connect(&object(&[("url", NOBODY.into()), (name, value)]))
            .unwrap_err();

        assert_eq!(text(&thrown, "name"), "MqttError");
        assert_eq!(text(&thrown, "code"), "bad-argument");
        let message = text(&thrown, "message");
        assert!(message.starts_with(words), "{name}: {message}");
        assert!(!message.contains("s3cret"), "{name}: {message}");
        assert_eq!(client.state(), "closed");
    }
}

#[wasm_bindgen_test]
fn options_that_are_no_object_throw() {
    for options in [
        JsValue::UNDEFINED,
        JsValue::NULL,
        NOBODY.into(),
        object(&[]),
    ] {
        let thrown = MqttClient::new().connect(&options).unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
    }
}

#[wasm_bindgen_test]
fn every_option_is_taken() {
    let client = MqttClient::new();
    let will = object(&[
        ("topic", "room/gone".into()),
        ("payload", Uint8Array::new_with_length(3).into()),
        ("qos", 1.into()),
        ("retain", true.into()),
    ]);
    let urls = Array::of2(&NOBODY.into(), &NOBODY.into());

    let connected = client.connect(&object(&[
        ("url", urls.into()),
        ("clientId", "alice".into()),
        ("username", "guest".into()),
        ("password", "test".into()),
        ("cleanSession", false.into()),
        ("keepAliveSeconds", 0.into()),
        ("pingTimeoutMs", 1.into()),
        ("connectTimeoutMs", 1_000.into()),
        ("reconnect", false.into()),
        ("will", will),
        ("queueMessages", 1.into()),
        ("queueBytes", 1.into()),
        ("maxPacketBytes", 1_000.into()),
    ]));

    assert!(connected.is_ok());
    assert_eq!(client.state(), "connecting");
}

#[wasm_bindgen_test]
fn null_and_undefined_options_mean_the_default() {
    let client = MqttClient::new();

    let connected = client.connect(&object(&[
        ("url", NOBODY.into()),
        ("username", JsValue::NULL),
        ("password", JsValue::UNDEFINED),
        ("will", JsValue::NULL),
    ]));

    assert!(connected.is_ok());
}

#[wasm_bindgen_test]
fn wrong_arguments_throw() {
    let client = MqttClient::new();
    let topic = JsValue::from("a");
    let payload = JsValue::from("b");
    for thrown in [
        client.publish(&1.into(), &payload, None, None).unwrap_err(),
        client
            .publish(&"a/+".into(), &payload, None, None)
            .unwrap_err(),
        client
            .publish(&"".into(), &payload, None, None)
            .unwrap_err(),
        client.publish(&topic, &1.into(), None, None).unwrap_err(),
        client
            .publish(&topic, &payload, Some(3.0), None)
            .unwrap_err(),
        client
            .publish(&topic, &payload, Some(256.0), None)
            .unwrap_err(),
        client
            .publish(&topic, &payload, Some(f64::NAN), None)
            .unwrap_err(),
        client.subscribe(&"a#".into(), None, None).unwrap_err(),
        client
            .subscribe(&JsValue::UNDEFINED, None, None)
            .unwrap_err(),
        client.subscribe(&topic, None, Some(-1.0)).unwrap_err(),
        client.subscribe(&topic, None, Some(0.5)).unwrap_err(),
        client.unsubscribe(&"#a".into(), None).unwrap_err(),
        client.release_owner(f64::INFINITY).unwrap_err(),
    ] {
        assert_eq!(text(&thrown, "name"), "MqttError");
        assert_eq!(text(&thrown, "code"), "bad-argument");
    }
}

#[wasm_bindgen_test]
fn same_filter_keeps_its_number() {
    let client = MqttClient::new();

    let first = client.subscribe(&"room/+".into(), None, None).unwrap();
    let other = client
        .subscribe(&"room/1".into(), Some(2.0), Some(7.0))
        .unwrap();
    let again = client
        .subscribe(&"room/+".into(), Some(1.0), Some(9.0))
        .unwrap();

    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[wasm_bindgen_test]
fn full_queue_throws_and_says_so() {
    let client = MqttClient::new();
    client
        .connect(&object(&[
            ("url", NOBODY.into()),
            ("queueMessages", 1.into()),
        ]))
        .unwrap();

    let first = client.publish(&"a".into(), &"b".into(), None, None);
    let second = client.publish(&"a".into(), &"b".into(), None, None);

    assert!(first.is_ok());
    assert_eq!(text(&second.unwrap_err(), "code"), "queue-full");
    assert_eq!(number(&client.statistics(), "waiting"), 1.0);
}

#[wasm_bindgen_test]
async fn nobody_listens_is_told_and_tried_again() {
    let heard = Heard::new();

    heard.connect(&[("url", NOBODY.into())]);

    assert_eq!(heard.types(), Vec::<String>::new());
    let ended = heard.event("disconnected").await;
    let reason = property(&ended, "reason");
    assert_eq!(text(&reason, "code"), "never-opened");
    assert!(number(&reason, "afterMs") >= 0.0);
    assert!(number(&ended, "retryInMs") >= 0.0);
    assert_eq!(heard.types(), ["connecting", "disconnected"]);
    assert_eq!(number(&heard.events.borrow()[0], "attempt"), 1.0);
    assert_eq!(heard.client.state(), "waiting");
}

#[wasm_bindgen_test]
async fn timer_brings_the_next_attempt() {
    let heard = Heard::new();

    heard.connect(&[("url", NOBODY.into())]);

    until("a second attempt", || {
        heard
            .types()
            .iter()
            .filter(|kind| *kind == "connecting")
            .count()
            == 2
    })
    .await;
}

#[wasm_bindgen_test]
async fn address_that_the_browser_refuses_is_an_event_and_not_tried_again() {
    let heard = Heard::new();

    heard.connect(&[("url", "ws://host:99999/".into())]);

    let ended = heard.event("disconnected").await;
    assert_eq!(text(&property(&ended, "reason"), "code"), "address-refused");
    assert_eq!(property(&ended, "retryInMs"), JsValue::NULL);
    assert_eq!(heard.client.state(), "closed");
}

#[wasm_bindgen_test]
async fn disconnect_ends_the_attempts() {
    let heard = Heard::new();
    heard.connect(&[("url", NOBODY.into())]);
    heard.event("disconnected").await;

    heard.client.disconnect();
    pending_work().await;

    assert_eq!(heard.client.state(), "closed");
}

#[wasm_bindgen_test]
async fn handler_may_free_its_client() {
    let client = Rc::new(RefCell::new(Some(MqttClient::new())));
    let calls = Rc::new(Cell::new(0));
    let free = {
        let (client, calls) = (Rc::clone(&client), Rc::clone(&calls));
        handler(move |_| {
            calls.set(calls.get() + 1);
            drop(client.borrow_mut().take());
        })
    };
    {
        let client = client.borrow();
        let client = client.as_ref().unwrap();
        client.set_onevent(free);
        client.connect(&object(&[("url", NOBODY.into())])).unwrap();
    }
    let other = Heard::new();
    other.connect(&[("url", NOBODY.into())]);

    other.event("disconnected").await;
    pending_work().await;

    assert_eq!(calls.get(), 1);
}

#[wasm_bindgen_test]
async fn handler_that_throws_stops_nothing() {
    let heard = Heard::new();
    let thrower = js_sys::Function::new_no_args("throw new Error('from a handler, expected')");
    heard.client.set_onevent(thrower.into());
    heard.connect(&[("url", NOBODY.into())]);
    pending_work().await;

    heard
        .client
        .set_onevent(crate::heard::collect(&heard.events));

    heard.event("disconnected").await;
}

#[wasm_bindgen_test]
async fn handler_may_call_the_client() {
    let client = Rc::new(MqttClient::new());
    let states = Rc::new(RefCell::new(Vec::new()));
    let busy = {
        let (client, states) = (Rc::downgrade(&client), Rc::clone(&states));
        handler(move |event| {
            let client: Rc<MqttClient> = client.upgrade().unwrap();
            states.borrow_mut().push(client.state());
            if text(&event, "type") == "connecting" {
                client
                    .publish(&"a".into(), &"b".into(), None, None)
                    .unwrap();
                client.subscribe(&"a".into(), None, None).unwrap();
                client.disconnect();
            }
        })
    };
    client.set_onevent(busy);
    client.connect(&object(&[("url", NOBODY.into())])).unwrap();

    until("the client closes", || {
        states
            .borrow()
            .last()
            .is_some_and(|state| state == "closed")
    })
    .await;
}

#[wasm_bindgen_test]
fn handlers_can_be_read_back_and_taken_away() {
    let client = MqttClient::new();
    let handler = handler(|_| {});

    client.set_onmessage(handler.clone());
    client.set_onevent("no function".into());

    assert_eq!(client.onmessage(), handler);
    assert_eq!(client.onevent(), JsValue::NULL);
}

#[wasm_bindgen_test]
fn address_is_told_with_the_names_of_the_types() {
    let address = parse_address("guest:test@broker.emqx.io", true);
    let wrong = parse_address("broker.org:1883", true);

    assert_eq!(property(&address, "error"), JsValue::NULL);
    let urls: Array = wasm_bindgen::JsCast::unchecked_into(property(&address, "urls"));
    assert_eq!(urls.get(0), "wss://broker.emqx.io:8084/mqtt");
    assert_eq!(urls.length(), 1);
    assert_eq!(text(&address, "host"), "broker.emqx.io");
    assert_eq!(number(&address, "port"), 8084.0);
    assert_eq!(text(&address, "username"), "guest");
    assert_eq!(text(&address, "password"), "test");
    assert_eq!(text(&address, "shown"), "broker.emqx.io");
    assert_eq!(text(&wrong, "error"), "board-port");
    assert_eq!(property(&wrong, "username"), JsValue::UNDEFINED);
}

#[wasm_bindgen_test]
fn topic_problems_are_told_by_their_names() {
    for (topic, problem, filter_too) in [
        ("", "empty", "empty"),
        ("a\0", "null-character", "null-character"),
        ("a\n", "control-character", "control-character"),
        ("a/+", "wildcard", ""),
        ("a+", "wildcard", "plus-not-alone"),
        ("a#", "wildcard", "hash-not-alone"),
        ("#/a", "wildcard", "hash-not-last"),
        ("$share/a", "", "invalid-share"),
        ("é/中文/😀", "", ""),
    ] {
        assert_eq!(
            topic_problem(topic).as_string().unwrap_or_default(),
            problem,
            "{topic:?}"
        );
        assert_eq!(
            filter_problem(topic).as_string().unwrap_or_default(),
            filter_too,
            "{topic:?}"
        );
    }
    let long = "a".repeat(65_536);
    assert_eq!(topic_problem(&long), "too-long");
    assert_eq!(topic_problem("a"), JsValue::NULL);
}

#[wasm_bindgen_test]
fn matching_is_false_for_what_cannot_be_used() {
    assert!(matches("room/+", "room/1"));
    assert!(!matches("room/+", "hall/1"));
    assert!(!matches("room+", "room+"));
    assert!(!matches("room/+", "room/+"));
}
