//! What crosses into the memory of the wasm and out of it arrives as it was.

use std::rc::Rc;

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::{Fake, publish};
use crate::heard::{Heard, handler, payload, property, script, text};
use crate::wait::pending_work;

async fn connected(fake: &Fake) -> Heard {
    let heard = Heard::new();
    heard.connect(&[
        ("url", "ws://broker.example/mqtt".into()),
        ("queueMessages", 10_000.into()),
    ]);
    pending_work().await;
    fake.socket(0).accept();
    heard
}

fn send(heard: &Heard, topic: &str, payload: impl Into<JsValue>) {
    heard
        .client
        .publish(&topic.into(), &payload.into(), None, None, None)
        .unwrap();
}

/// All that was sent after CONNECT, in one piece.
async fn sent(fake: &Fake) -> Vec<u8> {
    pending_work().await;
    fake.socket(0).sent()[1..].concat()
}

#[wasm_bindgen_test]
async fn every_length_of_payload_is_sent_as_it_is() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let mut expected = Vec::new();
    for length in [0, 1, 47, 48, 49, 1365, 1366, 4095, 4096, 4097, 70_000, 3] {
        let ascii = "x".repeat(length);
        let wide = "é".repeat(length);
        let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
        // Twice: the first time its topic may not be known.
        for _ in 0..2 {
            send(&heard, "a", &*ascii);
            send(&heard, "a", &*wide);
            send(&heard, "a", Uint8Array::from(&bytes[..]));
            expected.extend([ascii.as_bytes(), wide.as_bytes(), &bytes].map(|it| publish("a", it)));
        }
    }

    assert_eq!(sent(&fake).await, expected.concat());
}

#[wasm_bindgen_test]
async fn every_letter_is_sent_as_utf_8() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let texts = [
        "\0",
        "\u{7f}",
        "\u{80}",
        "é",
        "水",
        "😀",
        "mixed é 水 😀",
        "\u{feff}a",
    ];
    for text in texts {
        send(&heard, "a", text);
    }
    // One half of a pair of surrogates is no character.
    heard
        .client
        .publish(
            &"a".into(),
            &script("() => '\\ud83d!'").call0(&JsValue::NULL).unwrap(),
            None,
            None,
            None,
        )
        .unwrap();

    let expected = texts.into_iter().chain(["\u{fffd}!"]);
    let expected: Vec<_> = expected.map(|text| publish("a", text.as_bytes())).collect();
    assert_eq!(sent(&fake).await, expected.concat());
}

#[wasm_bindgen_test]
async fn message_goes_to_its_topic_however_many_there_are() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let mut expected = Vec::new();
    for round in 0..3 {
        for number in 0..700 {
            let topic = format!("class/{}/{number}", "x".repeat(number % 5));
            let payload = format!("{round}");
            send(&heard, &topic, &*payload);
            let long = "x".repeat(230 + number % 40);
            send(&heard, &long, &*payload);
            expected.push(publish(&topic, payload.as_bytes()));
            expected.push(publish(&long, payload.as_bytes()));
        }
    }

    assert_eq!(sent(&fake).await, expected.concat());
}

/// A long payload takes another way, on which its topic may be known already.
#[wasm_bindgen_test]
async fn topic_stays_itself_after_a_long_payload() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let long = "x".repeat(5_000);
    let messages = [
        ("first", "1"),
        ("second", "2"),
        ("first", &long),
        ("third", "3"),
        ("first", "4"),
        ("second", &long),
        ("fourth", "5"),
        ("second", "6"),
        ("third", "7"),
    ];

    for (topic, payload) in messages {
        send(&heard, topic, payload);
    }

    let expected = messages.map(|(topic, payload)| publish(topic, payload.as_bytes()));
    assert_eq!(sent(&fake).await, expected.concat());
}

#[wasm_bindgen_test]
async fn payload_that_is_none_is_refused_also_for_a_known_topic() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    send(&heard, "a", "known");
    let buffer = Uint8Array::new_with_length(2).buffer();
    let cases: [JsValue; 6] = [
        JsValue::UNDEFINED,
        JsValue::NULL,
        3.into(),
        true.into(),
        Object::new().into(),
        buffer.into(),
    ];

    for case in cases {
        let refused = heard.client.publish(&"a".into(), &case, None, None, None);

        assert_eq!(
            text(&refused.unwrap_err(), "code"),
            "bad-argument",
            "{case:?}"
        );
    }
    let topics: [JsValue; 4] = [JsValue::UNDEFINED, 3.into(), "a/+".into(), "".into()];
    for topic in topics {
        for _ in 0..2 {
            let refused = heard.client.publish(&topic, &"b".into(), None, None, None);

            assert_eq!(
                text(&refused.unwrap_err(), "code"),
                "bad-argument",
                "{topic:?}"
            );
        }
    }
    assert_eq!(sent(&fake).await, publish("a", b"known"));
}

#[wasm_bindgen_test]
async fn proxy_of_bytes_is_refused_and_may_publish_while_it_is_looked_at() {
    let fake = Fake::start();
    let heard = Rc::new(connected(&fake).await);
    for topic in ["outer", "inner"] {
        send(&heard, topic, "0");
    }
    let inner = {
        // Weak, because the handler lives on, and the client must not.
        let heard = Rc::downgrade(&heard);
        handler(move |_| send(&heard.upgrade().unwrap(), "inner", "1"))
    };
    let make = script(
        "inner => new Proxy(new Uint8Array([49]), {
            getPrototypeOf(target) { inner(); return Object.getPrototypeOf(target); },
        })",
    );
    let proxy = make.call1(&JsValue::NULL, &inner).unwrap();

    let outer = "outer".into();
    let refused = heard.client.publish(&outer, &proxy, None, None, None);
    send(&heard, "outer", "2");

    assert_eq!(text(&refused.unwrap_err(), "code"), "bad-argument");
    let expected = [
        ("outer", b"0"),
        ("inner", b"0"),
        ("inner", b"1"),
        ("outer", b"2"),
    ];
    let expected = expected.map(|(topic, payload)| publish(topic, payload));
    assert_eq!(sent(&fake).await, expected.concat());
}

#[wasm_bindgen_test]
async fn payloads_of_one_frame_do_not_touch_each_other() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let payloads: Vec<Vec<u8>> = [0, 1, 64, 65, 300, 2_000]
        .into_iter()
        .zip(b'a'..)
        .map(|(length, letter)| vec![letter; length])
        .collect();
    let frame: Vec<_> = payloads
        .iter()
        .map(|payload| publish("a", payload))
        .collect();

    fake.socket(0).receive(&frame.concat());

    let messages = heard.messages.borrow();
    for (message, expected) in messages.iter().zip(&payloads) {
        assert_eq!(payload(message), *expected);
        let bytes: Uint8Array = property(message, "payload").unchecked_into();
        bytes.fill(0, 0, bytes.length());
    }
    for (message, expected) in messages.iter().zip(&payloads) {
        assert_eq!(payload(message), vec![0; expected.len()]);
    }
    assert_eq!(messages.len(), payloads.len());
}

/// Such a payload is not kept as a part of its frame.
#[wasm_bindgen_test]
async fn payload_that_is_shorter_than_its_topic_arrives() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    fake.socket(0).receive(&publish("a/long/topic", b"short"));

    assert_eq!(payload(&heard.messages.borrow()[0]), b"short");
}

#[wasm_bindgen_test]
async fn packet_in_two_frames_arrives_whole() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let bytes = [publish("a", &[7; 500]), publish("b", &[8; 500])].concat();

    for cut in [1, 2, 300, 507, 520, 900] {
        fake.socket(0).receive(&bytes[..cut]);
        fake.socket(0).receive(&bytes[cut..]);
    }

    let messages = heard.messages.borrow();
    let reported: Vec<u8> = messages.iter().flat_map(payload).collect();
    assert_eq!(reported, [[7; 500], [8; 500]].concat().repeat(6));
}

/// A program that keeps a short message must not keep a large frame with it.
#[wasm_bindgen_test]
async fn short_payload_does_not_keep_a_large_frame() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let frame = [publish("a", &[1; 200]), publish("a", &[2; 100_000])].concat();

    fake.socket(0).receive(&frame);

    let messages = heard.messages.borrow();
    let kept = |index: usize| {
        let bytes: Uint8Array = property(&messages[index], "payload").unchecked_into();
        bytes.buffer().byte_length()
    };
    assert_eq!(kept(0), 200);
    assert!(kept(1) < 2 * 100_000);
}

#[wasm_bindgen_test]
async fn message_says_which_subscriptions_it_is_for() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let subscribe = |filter: &str| heard.client.subscribe(&filter.into(), None, None).unwrap();
    let numbers = ["a", "a/#", "+"].map(subscribe);

    for topic in ["a", "a/b", "$SYS/none"] {
        fake.socket(0).receive(&publish(topic, b""));
    }

    let messages = heard.messages.borrow();
    let reported: Vec<Vec<u32>> = messages
        .iter()
        .map(|message| {
            let numbers: Array = property(message, "subscriptions").unchecked_into();
            numbers
                .iter()
                .map(|it| it.as_f64().unwrap() as u32)
                .collect()
        })
        .collect();
    assert_eq!(reported, [numbers.to_vec(), vec![numbers[1]], vec![]]);
}
