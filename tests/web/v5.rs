//! MQTT 5.0 with a real broker: what 3.1.1 cannot say.

use js_sys::{Array, Uint8Array};
use scratch_mqtt::browser::environment::random_client_id;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::broker::{BROKER, messages};
use crate::heard::{Heard, number, object, payload, property, text};
use crate::wait::until;

/// A topic of its own for each test.
fn own_topic() -> String {
    format!("v5/{}", random_client_id())
}

/// A client that is connected with these options, too.
async fn connected(options: &[(&str, JsValue)]) -> Heard {
    let heard = Heard::new();
    let url = [("url", BROKER.into()), ("version", "5.0".into())];
    heard.connect(&[url.as_slice(), options].concat());
    let event = heard.event("connected").await;
    assert_eq!(text(&event, "version"), "5.0");
    heard
}

/// A client that is connected and subscribed to a filter.
async fn subscribed(filter: &str, options: JsValue) -> Heard {
    let heard = connected(&[]).await;
    subscribe(&heard, filter, options).await;
    heard
}

async fn subscribe(heard: &Heard, filter: &str, options: JsValue) {
    let before = count(heard, "subscribed");
    heard
        .client
        .subscribe(&filter.into(), Some(options), None)
        .unwrap();
    until("the filter is accepted", || {
        count(heard, "subscribed") > before
    })
    .await;
}

fn publish(heard: &Heard, topic: &str, value: &str, properties: Option<JsValue>) {
    heard
        .client
        .publish(
            &topic.into(),
            &value.into(),
            Some(1.0),
            None,
            properties.map(JsCast::unchecked_into),
        )
        .unwrap();
}

/// Publishes a message that the broker keeps, and waits until it has it.
async fn keep(heard: &Heard, topic: &str, value: &str) {
    let before = count(heard, "published");
    heard
        .client
        .publish(&topic.into(), &value.into(), Some(1.0), Some(true), None)
        .unwrap();
    until("the broker keeps it", || count(heard, "published") > before).await;
}

fn count(heard: &Heard, kind: &str) -> usize {
    heard
        .types()
        .iter()
        .filter(|reported| *reported == kind)
        .count()
}

/// The user properties that the sender gave, without those of a broker that adds `x-mqtt-client-id`.
fn pairs(value: &JsValue) -> Vec<(String, String)> {
    let pairs: Array = value.clone().unchecked_into();
    let texts = pairs.iter().map(|pair| {
        let pair: Array = pair.unchecked_into();
        assert_eq!(pair.length(), 2);
        (
            pair.get(0).as_string().unwrap(),
            pair.get(1).as_string().unwrap(),
        )
    });
    texts
        .filter(|(name, _)| !name.starts_with("x-mqtt-"))
        .collect()
}

#[wasm_bindgen_test]
async fn all_properties_of_a_message_come_back() {
    let topic = own_topic();
    let heard = subscribed(&topic, 1.into()).await;
    let data = Uint8Array::from([0, 255, 7].as_slice());

    publish(
        &heard,
        &topic,
        "{}",
        Some(object(&[
            ("payloadIsText", true.into()),
            ("expirySeconds", 4_000.into()),
            ("responseTopic", "antwoord/é".into()),
            ("correlationData", data.into()),
            ("contentType", "application/json".into()),
            ("userProperties", object(&[("klas", "3b".into())])),
        ])),
    );

    let message = messages(&heard, 1).await.remove(0);
    assert_eq!(payload(&message), b"{}");
    let properties = property(&message, "properties");
    assert_eq!(property(&properties, "payloadIsText"), true);
    let expiry = number(&properties, "expirySeconds");
    assert!((3_990.0..=4_000.0).contains(&expiry), "{expiry}");
    assert_eq!(text(&properties, "responseTopic"), "antwoord/é");
    let data: Uint8Array = property(&properties, "correlationData").unchecked_into();
    assert_eq!(data.to_vec(), [0, 255, 7]);
    assert_eq!(text(&properties, "contentType"), "application/json");
    assert_eq!(
        pairs(&property(&properties, "userProperties")),
        [("klas".to_owned(), "3b".to_owned())]
    );
}

#[wasm_bindgen_test]
async fn user_properties_keep_their_order_and_may_repeat() {
    let topic = own_topic();
    let heard = subscribed(&topic, 1.into()).await;
    let given = [("b", "1"), ("a", "2"), ("b", "3"), ("", "")];
    let array: Array = given
        .iter()
        .map(|(name, value)| Array::of2(&(*name).into(), &(*value).into()))
        .collect();

    publish(
        &heard,
        &topic,
        "x",
        Some(object(&[("userProperties", array.into())])),
    );

    let properties = property(&messages(&heard, 1).await[0], "properties");
    let reported = pairs(&property(&properties, "userProperties"));
    let reported: Vec<(&str, &str)> = reported
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(reported, given);
}

#[wasm_bindgen_test]
async fn question_finds_its_answer() {
    let (question, answer) = (own_topic(), own_topic());
    let asking = subscribed(&answer, 1.into()).await;
    let answering = subscribed(&question, 1.into()).await;
    let number = Uint8Array::from([42].as_slice());
    let properties = object(&[
        ("responseTopic", answer.into()),
        ("correlationData", number.into()),
    ]);

    publish(&asking, &question, "how warm?", Some(properties));
    let asked = property(&messages(&answering, 1).await[0], "properties");
    let data = property(&asked, "correlationData");
    publish(
        &answering,
        &text(&asked, "responseTopic"),
        "21",
        Some(object(&[("correlationData", data)])),
    );

    let message = messages(&asking, 1).await.remove(0);
    assert_eq!(payload(&message), b"21");
    let data = property(&property(&message, "properties"), "correlationData");
    assert_eq!(data.unchecked_into::<Uint8Array>().to_vec(), [42]);
}

#[wasm_bindgen_test]
async fn own_messages_do_not_come_back_with_no_local() {
    let topic = own_topic();
    let options = object(&[("qos", 1.into()), ("noLocal", true.into())]);
    let heard = subscribed(&topic, options).await;
    let other = connected(&[]).await;

    publish(&heard, &topic, "mine", None);
    heard.event("published").await;
    publish(&other, &topic, "theirs", None);

    assert_eq!(payload(&messages(&heard, 1).await[0]), b"theirs");
}

#[wasm_bindgen_test]
async fn retain_handling_says_when_kept_messages_come() {
    let topic = own_topic();
    let (kept, marker) = (format!("{topic}/kept"), format!("{topic}/marker"));
    let sender = connected(&[]).await;
    keep(&sender, &kept, "old").await;
    for (handling, expected) in [
        (0, vec!["old", "old", "end"]),
        (1, vec!["old", "end"]),
        (2, vec!["end"]),
    ] {
        let heard = subscribed(&marker, 1.into()).await;
        for qos in [0, 1] {
            // Another QoS makes the client ask again for a filter that it has.
            let options = object(&[("qos", qos.into()), ("retainHandling", handling.into())]);
            subscribe(&heard, &kept, options).await;
        }

        publish(&sender, &marker, "end", None);

        until("the marker arrives", || {
            let messages = heard.messages.borrow();
            messages.iter().any(|message| payload(message) == b"end")
        })
        .await;
        let reported: Vec<Vec<u8>> = heard.messages.borrow().iter().map(payload).collect();
        let reported: Vec<String> = reported
            .into_iter()
            .map(|payload| String::from_utf8(payload).unwrap())
            .collect();
        assert_eq!(reported, expected, "retain handling {handling}");
    }
    keep(&sender, &kept, "").await;
}

#[wasm_bindgen_test]
async fn retain_stays_as_published_when_asked() {
    let topic = own_topic();
    for asked in [false, true] {
        let options = object(&[("retainAsPublished", asked.into())]);
        let heard = subscribed(&topic, options).await;

        keep(&heard, &topic, "x").await;

        assert_eq!(property(&messages(&heard, 1).await[0], "retain"), asked);
        keep(&heard, &topic, "").await;
    }
}

#[wasm_bindgen_test]
async fn kept_message_is_forgotten_after_its_time() {
    let topic = own_topic();
    let sender = connected(&[]).await;
    sender
        .client
        .publish(
            &topic.as_str().into(),
            &"short".into(),
            Some(1.0),
            Some(true),
            Some(object(&[("expirySeconds", 1.into())]).unchecked_into()),
        )
        .unwrap();
    sender.event("published").await;

    // Asked again and again, until the broker has none to send.
    let asking = subscribed(&format!("{topic}/other"), 1.into()).await;
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds < 500, "the broker keeps it for ever");
        asking.messages.borrow_mut().clear();
        subscribe(&asking, &topic, 1.into()).await;
        let marker = format!("{topic}/other");
        publish(&asking, &marker, "end", None);
        until("the marker arrives", || {
            let messages = asking.messages.borrow();
            messages.iter().any(|message| payload(message) == b"end")
        })
        .await;
        let reported = asking.messages.borrow().len();
        let before = count(&asking, "unsubscribed");
        asking
            .client
            .unsubscribe(&topic.as_str().into(), None)
            .unwrap();
        until("it is unsubscribed", || {
            count(&asking, "unsubscribed") > before
        })
        .await;
        if reported == 1 {
            break;
        }
    }
}

#[wasm_bindgen_test]
async fn message_that_waits_too_long_is_reported() {
    let topic = own_topic();
    let heard = Heard::new();
    let short = object(&[("expirySeconds", 0.into())]);

    let token = heard
        .client
        .publish(
            &topic.as_str().into(),
            &"old".into(),
            Some(1.0),
            None,
            Some(short.unchecked_into()),
        )
        .unwrap();
    heard.connect(&[("url", BROKER.into()), ("version", "5.0".into())]);

    let failed = heard.event("publishFailed").await;
    assert_eq!(number(&failed, "token"), f64::from(token));
    assert_eq!(text(&failed, "code"), "expired");
}

#[wasm_bindgen_test]
async fn client_with_a_name_in_use_takes_over_and_the_first_stays_away() {
    let name = JsValue::from(random_client_id());
    let first = connected(&[("clientId", name.clone())]).await;

    let second = connected(&[("clientId", name.clone())]).await;

    let ended = first.event("disconnected").await;
    let reason = property(&ended, "reason");
    assert_eq!(text(&reason, "code"), "disconnected");
    assert_eq!(number(&reason, "reasonCode"), f64::from(0x8e));
    assert_eq!(property(&ended, "retryInMs"), JsValue::NULL);
    assert_eq!(first.client.state(), "closed");
    assert_eq!(second.client.state(), "connected");
}

#[wasm_bindgen_test]
async fn broker_names_a_client_that_has_no_name() {
    let heard = connected(&[("clientId", "".into())]).await;

    assert!(!text(&heard.event("connected").await, "clientId").is_empty());
}

#[wasm_bindgen_test]
async fn fixed_version_is_spoken() {
    let topic = own_topic();
    for version in ["3.1.1", "5.0"] {
        let heard = Heard::new();
        heard.connect(&[("url", BROKER.into()), ("version", version.into())]);
        assert_eq!(text(&heard.event("connected").await, "version"), version);
        // 3.1.1 has no properties: the message arrives without them.
        subscribe(&heard, &topic, 1.into()).await;
        let properties = object(&[("contentType", "text/plain".into())]);

        publish(&heard, &topic, "x", Some(properties));

        let message = messages(&heard, 1).await.remove(0);
        let properties = property(&message, "properties");
        assert_eq!(properties.is_undefined(), version == "3.1.1");
    }
}

#[wasm_bindgen_test]
async fn topics_sent_as_numbers_arrive_in_full() {
    let topic = own_topic();
    let heard = connected(&[("topicAliases", 2.into())]).await;
    subscribe(&heard, &format!("{topic}/#"), 1.into()).await;
    let topics = ["a", "b", "c", "a", "b", "c"].map(|last| format!("{topic}/{last}"));

    for topic in &topics {
        publish(&heard, topic, "x", None);
    }

    let reported = messages(&heard, 6).await;
    let reported: Vec<String> = reported
        .iter()
        .map(|message| text(message, "topic"))
        .collect();
    assert_eq!(reported, topics);
}

#[wasm_bindgen_test]
async fn each_message_goes_to_one_member_of_a_group() {
    let topic = own_topic();
    let shared = format!("$share/group/{topic}");
    let members = [
        subscribed(&shared, 1.into()).await,
        subscribed(&shared, 1.into()).await,
    ];
    let sender = connected(&[]).await;

    for count in 0..20 {
        publish(&sender, &topic, &count.to_string(), None);
    }
    let heard = || {
        let both = members.iter();
        both.map(|member| member.messages.borrow().len())
            .sum::<usize>()
    };
    until("every message arrives", || heard() >= 20).await;

    // What follows the last one would show that a message came twice.
    publish(&sender, &topic, "end", None);
    until("the last one arrives", || heard() >= 21).await;
    assert_eq!(heard(), 21);
}

#[wasm_bindgen_test]
async fn will_comes_after_its_delay_with_its_properties() {
    let topic = own_topic();
    let receiver = subscribed(&topic, 1.into()).await;
    let properties = object(&[("userProperties", object(&[("why", "gone".into())]))]);
    let will = object(&[
        ("topic", topic.into()),
        ("payload", "bye".into()),
        ("delaySeconds", 1.into()),
        ("properties", properties),
    ]);
    let leaving = connected(&[("will", will)]).await;

    drop(leaving);

    let message = messages(&receiver, 1).await.remove(0);
    assert_eq!(payload(&message), b"bye");
    let properties = property(&message, "properties");
    assert_eq!(
        pairs(&property(&properties, "userProperties")),
        [("why".to_owned(), "gone".to_owned())]
    );
}
