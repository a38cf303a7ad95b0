//! Events of sockets that the session has not read yet: all of it stays in the browser's memory, from
//! which the wasm takes one portion after the other.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::super::environment::now;
use super::super::socket::{Binary, SocketEvent};
use super::Driver;
use crate::codec::PORTION;
use crate::session::ConnectionId;

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    fn later(task: &JsValue);

    /// Says what is being received, and answers what was before.
    #[wasm_bindgen(js_name = useFrame)]
    fn use_frame(view: &Uint8Array) -> Uint8Array;
}

/// So long the browser waits while messages are read; then it gets a turn, and the rest follows.
const READING: Duration = Duration::from_millis(40);

/// The longest fixed header.
const HEADER: u32 = 5;

/// What waits, in order.
#[derive(Debug, Default)]
pub(super) struct Unread(VecDeque<(ConnectionId, SocketEvent)>);

impl Unread {
    /// Adds the newest event of a socket.
    pub(super) fn push(&mut self, connection: ConnectionId, event: SocketEvent) {
        self.0.push_back((connection, event));
    }

    /// Takes the oldest event.
    pub(super) fn pop(&mut self) -> Option<(ConnectionId, SocketEvent)> {
        self.0.pop_front()
    }

    /// Puts back the rest of what was taken.
    pub(super) fn put_back(&mut self, connection: ConnectionId, rest: Uint8Array) {
        self.0
            .push_front((connection, SocketEvent::Bytes(Binary(rest))));
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes of one socket wait, if these are worth counting.
    pub(super) fn large_bytes(&self, connection: ConnectionId) -> Option<usize> {
        let bytes = self.0.iter().map(|(of, event)| match event {
            SocketEvent::Bytes(Binary(view)) if *of == connection => view.length() as usize,
            _ => 0,
        });
        Some(bytes.sum()).filter(|bytes| *bytes > PORTION)
    }
}

impl Driver {
    pub(super) fn on_socket_event(self: &Rc<Self>, connection: ConnectionId, event: SocketEvent) {
        self.unread.borrow_mut().push(connection, event);
        let waiting = self.unread.borrow().large_bytes(connection);
        if let Some(waiting) = waiting {
            self.input(|session, now| session.handle_waiting(now, connection, waiting));
        }
        // At least one portion for each message: a browser slows a server down while we are busy.
        if !self.is_reading.get() {
            self.read();
        }
    }

    /// Reads the events of sockets, in order, until the browser must have a turn.
    pub(super) fn read(self: &Rc<Self>) {
        self.is_reading.set(true);
        let mut end = None;
        while let Some((connection, event)) = self.next_unread() {
            self.take(connection, event);
            if self.unread.borrow().is_empty() {
                break;
            }
            if now() >= *end.get_or_insert_with(|| self.now.get() + READING) {
                self.read_later();
                break;
            }
        }
        self.is_reading.set(false);
    }

    fn next_unread(&self) -> Option<(ConnectionId, SocketEvent)> {
        self.unread.borrow_mut().pop()
    }

    fn read_later(&self) {
        let read_on = self.read_on.borrow();
        if let Some(read_on) = read_on.as_ref().filter(|_| !self.is_read_later.get()) {
            self.is_read_later.set(true);
            later(read_on.as_ref());
        }
    }

    fn take(self: &Rc<Self>, connection: ConnectionId, event: SocketEvent) {
        // Kept until the session knows: dropping it reaches into JavaScript.
        let mut ended = None;
        match event {
            SocketEvent::Bytes(Binary(message)) => self.take_portion(connection, message),
            event => self.input(|session, now| match event {
                SocketEvent::Bytes(_) => {}
                SocketEvent::Opened { subprotocol } => {
                    session.handle_opened(now, connection, &subprotocol);
                }
                SocketEvent::Text => session.handle_text(now, connection),
                SocketEvent::Closed(closed) => {
                    ended = self.remove(connection);
                    session.handle_closed(now, connection, closed);
                }
            }),
        }
    }

    /// Reads a message that is not large, or the first portion of it; the rest waits.
    fn take_portion(self: &Rc<Self>, connection: ConnectionId, message: Uint8Array) {
        let mut view = message;
        if view.length() as usize > PORTION {
            let start = start_of(&view);
            let portion = self.look(|session| session.portion(connection, &start));
            if portion == 0 {
                return;
            }
            let portion = u32::try_from(portion).unwrap_or(u32::MAX);
            if portion < view.length() {
                let rest = view.subarray(portion, view.length());
                self.unread.borrow_mut().put_back(connection, rest);
                view = view.subarray(0, portion);
            }
        }
        let bytes = Bytes::from(view.to_vec());
        let before = use_frame(&view);
        self.frame.replace(Some(bytes.clone()));
        self.input(|session, now| session.handle_bytes(now, connection, bytes));
        self.frame.take();
        use_frame(&before);
    }
}

/// The first bytes, in which the header of a packet may be.
fn start_of(message: &Uint8Array) -> Vec<u8> {
    message.subarray(0, HEADER.min(message.length())).to_vec()
}
