//! Bytes that a program gives are those that the browser knows of, whatever the object says itself.

use js_sys::{Array, Function};
use scratch_mqtt::browser::client::MqttClient;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::{Fake, publish};
use crate::heard::{Heard, object, script, text};
use crate::wait::pending_work;

/// Each a name, what makes the array, and how many bytes of 7 it really has.
const LIARS: &str = "() => {
    const lie = (bytes, names, value) => {
        for (const name of names) Object.defineProperty(bytes, name, { get: () => value });
        return bytes;
    };
    const of = (length) => new Uint8Array(length).fill(7);
    const subclass = class extends Uint8Array {
        get length() { return 2; }
        get byteLength() { return 2; }
        get buffer() { return new ArrayBuffer(2); }
        slice() { return of(2); }
        subarray() { return of(2); }
    };
    const shared = (length) => new Uint8Array(new SharedArrayBuffer(length)).fill(7);
    const made = [
        ['says too little', lie(of(5000), ['length', 'byteLength'], 1), 5000],
        ['says far too little', lie(of(70000), ['length', 'byteLength'], 0), 70000],
        ['says too much', lie(of(3), ['length', 'byteLength'], 4000), 3],
        ['says four gigabytes', lie(of(3), ['length', 'byteLength'], 2 ** 32), 3],
        ['says less than nothing', lie(of(3), ['length', 'byteLength'], -1), 3],
        ['says a text', lie(of(3), ['length', 'byteLength'], 'x'), 3],
        ['is of a subclass', new subclass(5000).fill(7), 5000],
        ['is a part', of(5000).subarray(10, 4090), 4080],
    ];
    const growing = new ArrayBuffer(10, { maxByteLength: 6000 });
    const grown = new Uint8Array(growing);
    growing.resize(6000);
    made.push(['grew', grown.fill(7), 6000]);
    if (globalThis.SharedArrayBuffer) made.push(['is shared', shared(4097), 4097]);
    return made;
}";

/// What looks like bytes and has none.
const NONE: &str = "() => {
    const detached = new Uint8Array(100);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const shrinking = new ArrayBuffer(100, { maxByteLength: 100 });
    const beyond = new Uint8Array(shrinking, 50, 50);
    shrinking.resize(10);
    return [
        detached,
        beyond,
        new Proxy(new Uint8Array(3), {}),
        Object.create(Uint8Array.prototype),
        Object.setPrototypeOf(new Float64Array(600), Uint8Array.prototype),
        Object.setPrototypeOf({ length: 3, byteLength: 3 }, Uint8Array.prototype),
        { length: 3, byteLength: 3, [Symbol.toStringTag]: 'Uint8Array' },
    ];
}";

fn made(by: &str) -> Array {
    call(&script(by)).unchecked_into()
}

fn call(function: &Function) -> JsValue {
    function.call0(&JsValue::UNDEFINED).unwrap()
}

async fn connected(fake: &Fake) -> Heard {
    let heard = Heard::new();
    heard.connect(&[("url", "ws://broker.example/mqtt".into())]);
    pending_work().await;
    fake.socket(0).accept();
    heard
}

/// A topic that is known takes another way than one that is new.
#[wasm_bindgen_test]
async fn payload_has_as_many_bytes_as_there_are() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    heard.publish("a", &"first".into()).unwrap();
    let mut expected = vec![publish("a", b"first")];

    for case in made(LIARS).iter() {
        let case: Array = case.unchecked_into();
        let bytes = case.get(2).as_f64().unwrap() as usize;
        for topic in ["a", &format!("new/{bytes}/{}", expected.len())] {
            heard.publish(topic, &case.get(1)).unwrap();
            expected.push(publish(topic, &vec![7; bytes]));
        }
        heard.publish("a", &"after".into()).unwrap();
        expected.push(publish("a", b"after"));
    }

    pending_work().await;
    assert_eq!(fake.socket(0).sent()[1..].concat(), expected.concat());
}

#[wasm_bindgen_test]
async fn what_has_no_bytes_is_refused() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    heard.publish("a", &"first".into()).unwrap();

    for (index, case) in made(NONE).iter().enumerate() {
        for topic in ["a", "new"] {
            let refused = heard.publish(topic, &case).unwrap_err();

            assert_eq!(text(&refused, "code"), "bad-argument", "{index} {topic}");
        }
    }
    pending_work().await;
    assert_eq!(fake.socket(0).sent()[1..].concat(), publish("a", b"first"));
}

#[wasm_bindgen_test]
async fn will_and_correlation_data_have_as_many_bytes_as_there_are() {
    let fake = Fake::start();
    let heard = Heard::new();
    let liar = Array::from(&made(LIARS).get(0)).get(1);
    let will = object(&[("topic", "w".into()), ("payload", liar.clone())]);
    heard.connect(&[("url", "ws://broker.example/mqtt".into()), ("will", will)]);
    pending_work().await;
    fake.socket(0).accept();

    let properties = object(&[("correlationData", liar)]);
    heard
        .client
        .publish(
            &"a".into(),
            &"b".into(),
            None,
            None,
            Some(properties.unchecked_into()),
        )
        .unwrap();

    pending_work().await;
    let sent = fake.socket(0).sent();
    // 5,000 in two bytes, then the bytes themselves, then nothing more of them.
    let field = [&[0x13, 0x88][..], &[7; 5_000]].concat();
    for packet in &sent[0..2] {
        let at = packet
            .windows(field.len())
            .position(|window| window == field)
            .unwrap();
        assert!(!packet[at + field.len()..].contains(&7));
    }
    let none = made(NONE);
    for case in none.iter() {
        let properties = object(&[("correlationData", case.clone())]);
        let refused = heard.client.publish(
            &"a".into(),
            &"b".into(),
            None,
            None,
            Some(properties.unchecked_into()),
        );
        assert_eq!(text(&refused.unwrap_err(), "code"), "bad-argument");
        let will = object(&[("topic", "w".into()), ("payload", case)]);
        let options = object(&[("url", "ws://broker.example/".into()), ("will", will)]);
        let refused = MqttClient::new().connect(&options).unwrap_err();
        assert_eq!(text(&refused, "code"), "bad-argument");
    }
}

/// Nothing of them is copied: the memory of the wasm would never become small again.
#[wasm_bindgen_test]
async fn payload_that_no_packet_can_hold_is_refused_before_it_is_copied() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    heard.publish("a", &"first".into()).unwrap();
    let before = memory_bytes();

    for big in [
        "() => 'x'.repeat(268_435_461)",
        "() => new Uint8Array(268_435_461)",
    ] {
        for topic in ["a", "new"] {
            let refused = heard.publish(topic, &call(&script(big))).unwrap_err();

            assert_eq!(text(&refused, "code"), "too-large", "{big}");
        }
    }
    assert_eq!(memory_bytes(), before);
}

/// How much memory the wasm has taken.
pub fn memory_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    buffer.byte_length()
}
