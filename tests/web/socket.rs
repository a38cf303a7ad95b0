//! The WebSocket wrapper, where nobody listens.

use std::cell::RefCell;
use std::rc::Rc;

use scratch_mqtt::browser::socket::{Socket, SocketEvent};
use scratch_mqtt::session::{Closed, ConnectionId};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::wait::{pending_work, until};

/// The discard port, where nobody listens.
const NOBODY: &str = "ws://127.0.0.1:9/mqtt";

type Heard = Rc<RefCell<Vec<(ConnectionId, SocketEvent)>>>;

fn open(number: u32, url: &str) -> (Result<Socket, String>, Heard) {
    let heard = Heard::default();
    let tell = {
        let heard = Rc::clone(&heard);
        move |connection, event| heard.borrow_mut().push((connection, event))
    };
    (Socket::open(ConnectionId(number), url, "mqtt", tell), heard)
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

        let words = socket.err().expect(url);
        assert!(words.contains("WebSocket"), "{url}: {words}");
        assert!(!words.contains(url), "{url}: {words}");
        assert!(heard.borrow().is_empty());
    }
}

#[wasm_bindgen_test]
fn words_about_a_refused_address_repeat_no_password() {
    let (socket, _) = open(1, "ws://guest:secret@host:99999/");

    assert_eq!(socket.err().unwrap(), "SyntaxError");
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
    let told = Rc::new(RefCell::new(0));
    let tell = {
        let (slot, told) = (Rc::clone(&slot), Rc::clone(&told));
        move |_, _| {
            drop(slot.borrow_mut().take());
            *told.borrow_mut() += 1;
        }
    };
    *slot.borrow_mut() = Socket::open(ConnectionId(1), NOBODY, "mqtt", tell).ok();

    until("the socket closes", || *told.borrow() > 0).await;
    pending_work().await;

    assert_eq!(*told.borrow(), 1);
    assert!(slot.borrow().is_none());
}
