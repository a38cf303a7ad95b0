//! WebSocket messages of any size: what is read of them, and how much memory that takes.

use js_sys::{Function, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::bytes::memory_bytes;
use crate::fake::{Fake, FakeSocket, publish};
use crate::heard::{Heard, number, object, payload, property, script, text};
use crate::wait::{pending_work, until};

const MIB: u32 = 1 << 20;

async fn connected(fake: &Fake) -> Heard {
    let heard = Heard::new();
    heard.connect(&[("url", "ws://broker.example/mqtt".into())]);
    pending_work().await;
    fake.socket(0).accept();
    heard
}

/// A message of so many bytes that begins with these; all others are 0.
fn receive_beginning_with(socket: &FakeSocket, bytes: u32, start: &[u8]) {
    let message = Uint8Array::new_with_length(bytes);
    message.set(&Uint8Array::from(start), 0);
    socket.call("onmessage", &object(&[("data", message.buffer().into())]));
}

/// Nothing of it is copied: the memory of the wasm would never become small again.
#[wasm_bindgen_test]
async fn message_far_above_the_largest_packet_is_refused_unread() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let before = memory_bytes();

    receive_beginning_with(&fake.socket(0), 300 * MIB, &[0xD0, 0]);

    assert!(memory_bytes() - before < MIB);
    let end = heard.event("disconnected").await;
    let reason = property(&end, "reason");
    assert_eq!(text(&reason, "code"), "protocol");
    assert_eq!(fake.socket(0).sent().pop().unwrap(), [0xE0, 1, 0x95]);
    assert!(!fake.socket(0).closes().is_empty());
}

/// Its header says that it is too large; what follows is not even looked at.
#[wasm_bindgen_test]
async fn packet_above_the_limit_is_refused_by_its_header() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let before = memory_bytes();

    receive_beginning_with(
        &fake.socket(0),
        70 * MIB,
        &[0x30, 0x80, 0x80, 0x80, 0x20, 0, 1, b'a'],
    );

    assert!(memory_bytes() - before < MIB);
    heard.event("disconnected").await;
    assert_eq!(fake.socket(0).sent().pop().unwrap(), [0xE0, 1, 0x95]);
}

/// Only a packet is limited: a message may hold many.
#[wasm_bindgen_test]
async fn message_of_many_packets_is_read_in_portions() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let packets: Vec<_> = (0..600_u32)
        .map(|number| {
            let length = [1, 100, 40_000, 90_000][number as usize % 4];
            publish(
                "a",
                &[number.to_be_bytes().as_slice(), &vec![b'x'; length]].concat(),
            )
        })
        .collect();
    let message = packets.concat();
    assert!(message.len() as u32 > 18 * MIB);
    let before = memory_bytes();

    fake.socket(0).receive(&message);

    until("all arrived", || heard.messages.borrow().len() == 600).await;
    let messages = heard.messages.borrow();
    for (index, message) in messages.iter().enumerate() {
        let bytes = payload(message);
        assert_eq!(bytes[..4], (index as u32).to_be_bytes());
        assert!(bytes[4..].iter().all(|byte| *byte == b'x'));
    }
    // `receive` of this test makes a copy, as a broker would.
    assert!(memory_bytes() - before < MIB);
}

/// A clock on which every look takes ten milliseconds, until it is dropped.
struct SlowClock(Function);

impl SlowClock {
    fn start() -> Self {
        let install = script(
            "() => {
                let late = 0;
                const { now } = performance;
                performance.now = () => now.call(performance) + (late += 10);
                return () => { delete performance.now; };
            }",
        );
        let restore = install.call0(&JsValue::UNDEFINED).unwrap();
        Self(restore.unchecked_into())
    }
}

impl Drop for SlowClock {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// What came later waits behind it, and the end of the connection too.
#[wasm_bindgen_test]
async fn browser_has_a_turn_while_a_large_message_is_read() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let each = publish("a", &[b'x'; 1_000]);
    let message = each.repeat(2_000);
    let closed = object(&[("code", 1006.into()), ("wasClean", false.into())]);
    let clock = SlowClock::start();

    fake.socket(0).receive(&message);
    let at_once = heard.messages.borrow().len();
    fake.socket(0).receive(&publish("a", b"last"));
    fake.socket(0).call("onclose", &closed);
    let before_the_end = heard.messages.borrow().len();

    assert!((1..500).contains(&at_once), "{at_once}");
    assert!(before_the_end < 1_000, "{before_the_end}");
    assert!(!heard.types().contains(&"disconnected".to_owned()));
    drop(clock);
    heard.event("disconnected").await;
    let messages = heard.messages.borrow();
    assert_eq!(messages.len(), 2_001);
    assert_eq!(payload(&messages[2_000]), b"last");
}

#[wasm_bindgen_test]
async fn client_freed_while_it_reads_reads_no_more() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let clock = SlowClock::start();
    fake.socket(0)
        .receive(&publish("a", &[b'x'; 1_000]).repeat(2_000));
    let messages = std::rc::Rc::clone(&heard.messages);
    let before = messages.borrow().len();

    drop(heard);
    drop(clock);
    pending_work().await;

    assert_eq!(messages.borrow().len(), before);
}

/// A program that keeps a message does not keep the whole WebSocket message, of which it was a part.
#[wasm_bindgen_test]
async fn payload_of_a_large_message_keeps_no_more_than_itself() {
    let fake = Fake::start();
    let heard = connected(&fake).await;

    fake.socket(0)
        .receive(&publish("a", &[b'x'; 20_000]).repeat(20));

    let messages = heard.messages.borrow();
    assert_eq!(messages.len(), 20);
    for message in messages.iter() {
        let bytes: Uint8Array = property(message, "payload").unchecked_into();
        assert_eq!(bytes.buffer().byte_length(), 20_000);
    }
}

/// Millions of texts would take a hundred bytes each.
#[wasm_bindgen_test]
async fn millions_of_user_properties_take_no_memory() {
    let fake = Fake::start();
    let heard = connected(&fake).await;
    let pairs = [0x26, 0, 1, b'k', 0, 0].repeat(2_700_000);
    let length = pairs.len();
    let rest = 3 + 4 + length + 2;
    let header = |first: &[u8], mut number: usize| {
        let mut bytes = first.to_vec();
        while number >= 128 {
            bytes.push((number % 128) as u8 | 0x80);
            number /= 128;
        }
        bytes.push(number as u8);
        bytes
    };
    let packet = [
        &header(&[0x30], rest)[..],
        &[0, 1, b'a'],
        &header(&[], length),
        &pairs,
        b"hi",
    ]
    .concat();
    let before = memory_bytes();

    fake.socket(0).receive(&packet);

    // The packet itself, and no more.
    assert!(memory_bytes() - before < 20 * MIB);
    let messages = heard.messages.borrow();
    assert_eq!(payload(&messages[0]), b"hi");
    let properties = property(&messages[0], "properties");
    let describe = script("it => Object.getOwnPropertyDescriptor(it, 'userProperties')");
    let described = describe.call1(&JsValue::NULL, &properties).unwrap();
    assert!(property(&described, "get").is_function());
    let read = property(&properties, "userProperties");
    assert_eq!(number(&read, "length"), 1_000.0);
    let first = property(&read, "0");
    assert_eq!(
        (text(&first, "0"), text(&first, "1")),
        ("k".into(), "".into())
    );
    // The same each time, as of any object.
    assert!(Object::is(&read, &property(&properties, "userProperties")));
    let warnings = heard.events.borrow();
    let codes = warnings.iter().map(|event| text(event, "code"));
    assert!(
        codes
            .collect::<Vec<_>>()
            .contains(&"user-properties-left-out".to_owned())
    );
}
