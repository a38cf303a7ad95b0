//! The exported client where no broker listens: conversion, errors, and its end at any moment.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use scratch_mqtt::browser::client::MqttClient;
use scratch_mqtt::browser::functions::{filter_problem, matches, parse_address, topic_problem};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::heard::{Heard, handler, number, object, property, text};
use crate::wait::{pending_work, until};

/// The discard port, where nobody listens.
const NOBODY: &str = "ws://127.0.0.1:9/mqtt";

#[wasm_bindgen_test]
fn a_client_that_no_build_has_named_says_its_version() {
    assert_eq!(MqttClient::version(), env!("CARGO_PKG_VERSION"));
}

#[wasm_bindgen_test]
fn wrong_options_throw_and_name_the_option_but_not_its_value() {
    let client = MqttClient::new();
    let secret = || JsValue::from("s3cret");
    for (name, value, words) in [
        ("clientID", secret(), "unknown option clientID"),
        ("url", 7.into(), "url must be"),
        ("url", Array::new().into(), "url is missing"),
        ("url", "".into(), "url is missing"),
        ("url", " ".into(), "url is missing"),
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
            "keepAliveSeconds must be a whole number, 0 to 65535",
        ),
        (
            "queueMessages",
            5e9.into(),
            "queueMessages must be a whole number, 0 to 4294967295",
        ),
        ("version", 5.into(), "version must be"),
        ("version", "4".into(), "version must be"),
        (
            "sessionExpirySeconds",
            (-1).into(),
            "sessionExpirySeconds must be",
        ),
        (
            "receiveMaximum",
            0.into(),
            "receiveMaximum must be a whole number, 1 to 65535",
        ),
        ("sendMaximum", 0.into(), "sendMaximum must be"),
        ("topicAliases", 65_536.into(), "topicAliases must be"),
        ("maxPacketBytes", 0.into(), "maxPacketBytes must be"),
        ("queuePolicy", secret(), "queuePolicy must be 'reject-new'"),
        ("publishRate", 20.into(), "publishRate must be an object"),
        (
            "publishRate",
            object(&[("burst", 1.into())]),
            "perSecond is missing",
        ),
        (
            "publishRate",
            object(&[("perSecond", 0.into())]),
            "perSecond must be a whole number, 1 to",
        ),
        ("userProperties", secret(), "userProperties must be"),
        (
            "userProperties",
            Array::of1(&secret()).into(),
            "userProperties must be",
        ),
        (
            "userProperties",
            object(&[("s3cret", 1.into())]),
            "userProperties must be",
        ),
        (
            "userProperties",
            object(&[("a", "s3cret\0".into())]),
            "userProperties is longer than 65535 bytes or contains",
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
        (
            "will",
            object(&[
                ("topic", "a".into()),
                ("payload", "b".into()),
                ("delaySeconds", secret()),
            ]),
            "delaySeconds must be",
        ),
        (
            "will",
            object(&[
                ("topic", "a".into()),
                ("payload", "b".into()),
                ("properties", object(&[("responseTopic", "#".into())])),
            ]),
            "topic to publish to contains",
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

/// An exception that passed through the wasm would leave the client borrowed for ever.
#[wasm_bindgen_test]
fn options_whose_code_throws_are_refused_and_nothing_is_thrown_further() {
    for code in [
        "new Proxy({}, { ownKeys() { throw 1; } })",
        "({ get url() { throw 1; } })",
        "({ url: new Proxy([''], { get() { throw 1; } }) })",
        "({ url: 'ws://a', userProperties: { get a() { throw 1; } } })",
        "({ url: 'ws://a', userProperties: [new Proxy(['a', 'b'], { get() { throw 1; } })] })",
        "(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return { url: proxy }; })()",
    ] {
        let options = js_sys::eval(code).unwrap();

        let thrown = MqttClient::new().connect(&options).unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument", "{code}");
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
        ("delaySeconds", 5.into()),
        (
            "properties",
            object(&[("contentType", "text/plain".into())]),
        ),
    ]);
    let rate = object(&[("perSecond", 20.into()), ("burst", 40.into())]);
    let urls = Array::of2(&NOBODY.into(), &NOBODY.into());

    let connected = client.connect(&object(&[
        ("url", urls.into()),
        ("clientId", "alice".into()),
        ("username", "guest".into()),
        ("password", "test".into()),
        ("version", "5.0".into()),
        ("cleanSession", false.into()),
        ("keepSession", true.into()),
        ("sessionExpirySeconds", 4_294_967_295_u32.into()),
        ("userProperties", object(&[("school", "1".into())])),
        ("keepAliveSeconds", 0.into()),
        ("pingTimeoutMs", 1.into()),
        ("connectTimeoutMs", 1_000.into()),
        ("reconnect", false.into()),
        ("will", will),
        ("topicAliases", 65_535.into()),
        ("receiveMaximum", 1.into()),
        ("sendMaximum", 65_535.into()),
        ("subscriptionIdentifiers", true.into()),
        ("queueMessages", 1.into()),
        ("queueBytes", 1.into()),
        ("queuePolicy", "latest-per-topic".into()),
        ("publishRate", rate),
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
        client
            .publish(&1.into(), &payload, None, None, None)
            .unwrap_err(),
        client
            .publish(&"a/+".into(), &payload, None, None, None)
            .unwrap_err(),
        client
            .publish(&"".into(), &payload, None, None, None)
            .unwrap_err(),
        client
            .publish(&topic, &1.into(), None, None, None)
            .unwrap_err(),
        client
            .publish(&topic, &payload, Some(3.0), None, None)
            .unwrap_err(),
        client
            .publish(&topic, &payload, Some(256.0), None, None)
            .unwrap_err(),
        client
            .publish(&topic, &payload, Some(f64::NAN), None, None)
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
fn error_names_the_problem_of_a_topic_or_filter_and_of_nothing_else() {
    let client = MqttClient::new();
    let publish = |topic: &str| client.publish(&topic.into(), &"p".into(), None, None, None);
    let subscribe = |filter: &str| client.subscribe(&filter.into(), None, None);
    for (thrown, problem) in [
        (publish(""), "empty"),
        (publish("a/+"), "wildcard"),
        (publish("a\0"), "null-character"),
        (publish(&"a".repeat(65_536)), "too-long"),
        (subscribe("a/#/b"), "hash-not-last"),
        (subscribe("a#"), "hash-not-alone"),
        (subscribe("a+"), "plus-not-alone"),
        (subscribe("$share/a"), "invalid-share"),
    ] {
        assert_eq!(text(&thrown.unwrap_err(), "problem"), problem);
    }
    let other = client.subscribe(&1.into(), None, None).unwrap_err();

    assert!(property(&other, "problem").is_undefined());
}

#[wasm_bindgen_test]
fn wrong_properties_throw_and_name_the_property_but_not_its_value() {
    let client = MqttClient::new();
    let secret = || JsValue::from("s3cret");
    let long = Uint8Array::new_with_length(65_536);
    let not_text = Uint8Array::from([0xff].as_slice());
    for (name, value, words) in [
        ("contenttype", secret(), "unknown option contenttype"),
        (
            "payloadIsText",
            secret(),
            "payloadIsText must be true or false",
        ),
        (
            "payloadIsText",
            true.into(),
            "payload must be UTF-8 when payloadIsText is true",
        ),
        ("expirySeconds", secret(), "expirySeconds must be"),
        ("expirySeconds", 0.5.into(), "expirySeconds must be"),
        ("responseTopic", 7.into(), "responseTopic must be a string"),
        (
            "responseTopic",
            "s3cret/+".into(),
            "topic to publish to contains",
        ),
        (
            "correlationData",
            secret(),
            "correlationData must be a Uint8Array",
        ),
        (
            "correlationData",
            long.into(),
            "correlationData must be a Uint8Array of up to 65535 bytes",
        ),
        (
            "contentType",
            "s3cret\0".into(),
            "contentType is longer than 65535 bytes or contains",
        ),
        ("userProperties", secret(), "userProperties must be"),
    ] {
        let properties = Some(object(&[(name, value)]));
        let thrown = client
            .publish(
                &"a".into(),
                &not_text,
                None,
                None,
                properties.map(JsCast::unchecked_into),
            )
            .unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
        let message = text(&thrown, "message");
        assert!(message.starts_with(words), "{name}: {message}");
        assert!(!message.contains("s3cret"), "{name}: {message}");
    }
    assert_eq!(number(&client.statistics(), "waiting"), 0.0);
}

#[wasm_bindgen_test]
fn wrong_subscribe_options_throw() {
    let client = MqttClient::new();
    let shared = object(&[("noLocal", true.into())]);
    for (filter, options, words) in [
        ("a", 3.into(), "qos must be 0, 1 or 2"),
        ("a", "1".into(), "qos must be 0, 1 or 2"),
        ("a", object(&[("qos", 3.into())]), "qos must be 0, 1 or 2"),
        ("a", object(&[("QoS", 1.into())]), "unknown option QoS"),
        (
            "a",
            object(&[("retainHandling", 3.into())]),
            "retainHandling must be 0, 1 or 2",
        ),
        (
            "a",
            object(&[("noLocal", 1.into())]),
            "noLocal must be true or false",
        ),
        ("$share/g/a", shared, "noLocal cannot be used"),
    ] {
        let thrown = client
            .subscribe(&filter.into(), Some(options), None)
            .unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
        let message = text(&thrown, "message");
        assert!(message.starts_with(words), "{message}");
    }
}

#[wasm_bindgen_test]
fn wrong_disconnect_options_throw() {
    let client = MqttClient::new();
    let no_number = object(&[("sessionExpirySeconds", "1".into())]);
    let unknown = object(&[("sessionExpiry", 1.into())]);
    for (options, words) in [
        (no_number, "sessionExpirySeconds must be"),
        (unknown, "unknown option sessionExpiry"),
        (7.into(), "disconnect options must be"),
    ] {
        let thrown = client.disconnect(Some(options)).unwrap_err();

        assert_eq!(text(&thrown, "code"), "bad-argument");
        let message = text(&thrown, "message");
        assert!(message.starts_with(words), "{message}");
    }
}

#[wasm_bindgen_test]
fn publish_rate_can_be_set_and_taken_away() {
    let client = MqttClient::new();
    let publish = || client.publish(&"a".into(), &"b".into(), None, None, None);
    let slow = object(&[("perSecond", 1.into()), ("burst", 2.into())]);

    client.set_publish_rate(Some(slow)).unwrap();

    assert!(publish().is_ok());
    assert!(publish().is_ok());
    assert_eq!(text(&publish().unwrap_err(), "code"), "too-fast");
    assert_eq!(number(&client.statistics(), "notSent"), 1.0);
    client.set_publish_rate(None).unwrap();
    assert!(publish().is_ok());
    let wrong = client.set_publish_rate(Some(object(&[("burst", 0.into())])));
    assert_eq!(text(&wrong.unwrap_err(), "code"), "bad-argument");
}

#[wasm_bindgen_test]
async fn newest_of_a_topic_replaces_the_one_that_waits() {
    let heard = Heard::new();
    heard.connect(&[
        ("url", NOBODY.into()),
        ("queuePolicy", "latest-per-topic".into()),
    ]);
    let publish = |topic: &str, value: &str| {
        heard
            .client
            .publish(&topic.into(), &value.into(), None, None, None)
            .unwrap()
    };

    let old = publish("light", "1");
    publish("sound", "1");
    publish("light", "2");

    let failed = heard.event("publishFailed").await;
    assert_eq!(number(&failed, "token"), f64::from(old));
    assert_eq!(text(&failed, "code"), "replaced");
    assert_eq!(number(&heard.client.statistics(), "waiting"), 2.0);
    assert_eq!(number(&heard.client.statistics(), "notSent"), 1.0);
}

#[wasm_bindgen_test]
fn same_filter_keeps_its_number() {
    let client = MqttClient::new();

    let first = client.subscribe(&"room/+".into(), None, None).unwrap();
    let other = client
        .subscribe(&"room/1".into(), Some(2.0.into()), Some(7.0))
        .unwrap();
    let again = client
        .subscribe(&"room/+".into(), Some(1.0.into()), Some(9.0))
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

    let first = client.publish(&"a".into(), &"b".into(), None, None, None);
    let second = client.publish(&"a".into(), &"b".into(), None, None, None);

    assert!(first.is_ok());
    assert_eq!(text(&second.unwrap_err(), "code"), "queue-full");
    assert_eq!(number(&client.statistics(), "waiting"), 1.0);
}

#[wasm_bindgen_test]
async fn nobody_listens_is_reported_and_tried_again() {
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

    heard.client.disconnect(None).unwrap();
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
                    .publish(&"a".into(), &"b".into(), None, None, None)
                    .unwrap();
                client.subscribe(&"a".into(), None, None).unwrap();
                client.disconnect(None).unwrap();
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
fn address_is_reported_with_the_names_of_the_types() {
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
fn topic_problems_are_reported_by_their_names() {
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
