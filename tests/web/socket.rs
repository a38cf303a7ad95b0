//! The WebSocket wrapper, where nobody listens.

use std::cell::RefCell;
use std::rc::Rc;

use scratch_mqtt::browser::socket::{Socket, SocketEvent};
use scratch_mqtt::session::{Blocked, Closed, ConnectionId};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fake::Fake;
use crate::heard::object;
use crate::wait::{pending_work, until};

/// Where nobody listens.
const NOBODY: &str = "ws://127.0.0.1:2/mqtt";

/// A port that browsers block.
const BLOCKED: &str = "ws://127.0.0.1:9/mqtt";

type Heard = Rc<RefCell<Vec<(ConnectionId, SocketEvent)>>>;

fn open(number: u32, url: &str) -> (Result<Socket, Closed>, Heard) {
    let heard = Heard::default();
    let on_event = {
        let heard = Rc::clone(&heard);
        move |connection, event| heard.borrow_mut().push((connection, event))
    };
    (
        Socket::open(ConnectionId(number), url, "mqtt", None, on_event),
        heard,
    )
}

#[wasm_bindgen_test]
async fn failed_attempt_is_one_close_event_with_its_number() {
    let (socket, heard) = open(7, NOBODY);

    until("the socket closes", || !heard.borrow().is_empty()).await;
    pending_work().await;

    let closed = SocketEvent::Closed(Closed::Ended {
        code: 1006,
        clean: false,
    });
    assert_eq!(*heard.borrow(), [(ConnectionId(7), closed)]);
    assert_eq!(socket.unwrap().connection(), ConnectionId(7));
}

#[wasm_bindgen_test]
fn address_that_throws_is_an_error_with_the_words_of_the_browser() {
    for url in [
        "ws://",
        "ws://127.0.0.1:99999/",
        "ws://host/#part",
        "nonsense:",
    ] {
        let (socket, heard) = open(1, url);

        let words = words_of(socket.err());
        assert!(words.contains("WebSocket"), "{url}: {words}");
        assert!(!words.contains(url), "{url}: {words}");
        assert!(heard.borrow().is_empty());
    }
}

#[wasm_bindgen_test]
fn words_about_a_refused_address_repeat_no_password() {
    let (socket, _) = open(1, "ws://guest:secret@host:99999/");

    assert_eq!(words_of(socket.err()), "SyntaxError");
}

/// As WebKit and Node's own WebSocket do when they never open. Port 9 is one that browsers block.
#[wasm_bindgen_test]
fn error_of_a_socket_that_has_not_opened_is_an_end_and_a_late_close_is_none() {
    for (url, closed) in [
        (BLOCKED, Closed::Blocked(Blocked::Port)),
        // Not of the network: that ends in `readyState` 3, and with a close event.
        (NOBODY, Closed::Blocked(Blocked::Policy)),
    ] {
        let fake = Fake::start();
        let (_socket, heard) = open(1, url);
        fake.socket(0).set("readyState", 0);

        fake.socket(0).call("onerror", &JsValue::UNDEFINED);
        let reported = heard.borrow().clone();
        fake.socket(0).call("onclose", &close_event(1006));
        fake.socket(0).call("onerror", &JsValue::UNDEFINED);

        assert_eq!(reported, [(ConnectionId(1), SocketEvent::Closed(closed))]);
        assert_eq!(*heard.borrow(), reported);
    }
}

#[wasm_bindgen_test]
async fn port_that_browsers_block_is_named() {
    let (_socket, heard) = open(1, BLOCKED);

    until("the socket closes", || !heard.borrow().is_empty()).await;

    let closed = SocketEvent::Closed(Closed::Blocked(Blocked::Port));
    assert_eq!(*heard.borrow(), [(ConnectionId(1), closed)]);
}

#[wasm_bindgen_test]
async fn error_of_a_socket_that_is_over_is_an_end_unless_its_close_event_follows() {
    for (opens, closes, code) in [(true, false, 1006), (true, true, 1009), (false, true, 1006)] {
        let fake = Fake::start();
        let (_socket, heard) = open(1, NOBODY);
        if opens {
            fake.socket(0).call("onopen", &JsValue::UNDEFINED);
        }
        fake.socket(0).set("readyState", 3);

        fake.socket(0).call("onerror", &JsValue::UNDEFINED);
        if closes {
            fake.socket(0).call("onclose", &close_event(code));
        }

        let of_end = |(_, event): &(_, SocketEvent)| matches!(event, SocketEvent::Closed(_));
        until("the end", || heard.borrow().iter().any(of_end)).await;
        let clean = false;
        let closed = SocketEvent::Closed(Closed::Ended { code, clean });
        assert_eq!(heard.borrow().last(), Some(&(ConnectionId(1), closed)));
    }
}

/// Its close event follows, with the code of the other side.
#[wasm_bindgen_test]
fn error_of_a_socket_that_is_closing_is_no_end() {
    for state in [1, 2] {
        let fake = Fake::start();
        let (_socket, heard) = open(1, NOBODY);
        fake.socket(0).call("onopen", &JsValue::UNDEFINED);
        fake.socket(0).set("readyState", state);

        fake.socket(0).call("onerror", &JsValue::UNDEFINED);

        assert_eq!(heard.borrow().len(), 1);
    }
}

fn close_event(code: u16) -> JsValue {
    object(&[("code", code.into()), ("wasClean", false.into())])
}

fn words_of(closed: Option<Closed>) -> String {
    match closed {
        Some(Closed::Refused(words)) => words,
        other => panic!("{other:?}"),
    }
}

#[wasm_bindgen_test]
async fn dropped_socket_tells_nothing() {
    let (socket, heard) = open(1, NOBODY);
    let (other, other_heard) = open(2, NOBODY);

    drop(socket);
    until("the other socket closes", || {
        !other_heard.borrow().is_empty()
    })
    .await;
    pending_work().await;

    assert_eq!(*heard.borrow(), []);
    drop(other);
}

#[wasm_bindgen_test]
async fn closing_while_connecting_tells_nothing() {
    for code in [1000, 3000, 1006, 0] {
        let (socket, heard) = open(1, NOBODY);
        let (_other, other_heard) = open(2, NOBODY);

        socket.unwrap().close(code);
        until("the other socket closes", || {
            !other_heard.borrow().is_empty()
        })
        .await;
        pending_work().await;

        assert_eq!(*heard.borrow(), [], "{code}");
    }
}

#[wasm_bindgen_test]
async fn sending_too_early_or_too_late_is_refused_without_an_exception() {
    let (socket, heard) = open(1, NOBODY);
    let socket = socket.unwrap();

    assert!(!socket.send(b"too early"));

    until("the socket closes", || !heard.borrow().is_empty()).await;

    // A closed WebSocket takes bytes and throws them away.
    assert!(socket.send(b"too late"));
    assert_eq!(socket.buffered_bytes(), 8);
}

#[wasm_bindgen_test]
async fn socket_may_be_dropped_while_it_tells() {
    let slot: Rc<RefCell<Option<Socket>>> = Rc::default();
    let reported = Rc::new(RefCell::new(0));
    let on_event = {
        let (slot, reported) = (Rc::clone(&slot), Rc::clone(&reported));
        move |_, _| {
            drop(slot.borrow_mut().take());
            *reported.borrow_mut() += 1;
        }
    };
    *slot.borrow_mut() = Socket::open(ConnectionId(1), NOBODY, "mqtt", None, on_event).ok();

    until("the socket closes", || *reported.borrow() > 0).await;
    pending_work().await;

    assert_eq!(*reported.borrow(), 1);
    assert!(slot.borrow().is_none());
}
