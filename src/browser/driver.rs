//! Feeds the session and carries out what it says: input, drain, one timer.
//!
//! * What a program commands in one turn is carried out together, right after the turn: all of it
//!   leaves as one WebSocket message. What comes from a socket is carried out at once.
//! * No `RefCell` is borrowed while JavaScript runs. A handler may therefore call everything, and
//!   even free the client: each step looks anew at what there is.

mod emit;
mod reading;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use bytes::Bytes;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::environment::{Change, Surroundings, now, random_seed};
use super::hold::{Caller, Handler, Hold};
use super::socket::Socket;
use super::store::{Store, StoreEvent, time};
use super::timer::Timer;
use crate::session::{ConnectionId, Output, Session, StoreRequest};
use reading::Unread;

/// After emitting events so often, with other things to do in between, the browser gets a turn: a
/// handler that answers its own events for ever must not freeze the page.
const MOST_ROUNDS: u32 = 32;

/// The longest time that `setTimeout` takes; a longer one would fire at once.
const LONGEST_TIMEOUT_MS: f64 = 2_147_483_647.0;

#[wasm_bindgen(module = "/src/browser/border.js")]
extern "C" {
    fn soon(task: &JsValue);

    fn ask(question: &JsValue, url: &str, answered: &JsValue);

    /// Must be called before anything else of that file.
    #[wasm_bindgen(js_name = useMemory)]
    fn use_memory(memory: &JsValue);
}

/// One session with its socket, its timer and the handlers of a program.
pub struct Driver {
    session: RefCell<Session>,
    /// The socket of the session, and older ones until the session closes them.
    sockets: RefCell<Vec<Rc<Socket>>>,
    timer: RefCell<Option<Armed>>,
    /// Of a session that outlives its page.
    store: RefCell<Option<Store>>,
    surroundings: RefCell<Option<Surroundings>>,
    /// The client itself, while it is connected or wants to be.
    hold: Hold,
    /// What is asked before an address is opened.
    may_open: RefCell<Option<Function>>,
    /// What makes sockets; the browser's own when there is nothing.
    open_socket: RefCell<Option<Function>>,
    on_message: Handler,
    on_event: Handler,
    /// Events of sockets that were not read yet.
    unread: RefCell<Unread>,
    /// Reads on, after the browser had a turn.
    read_on: RefCell<Option<Closure<dyn Fn()>>>,
    is_reading: Cell<bool>,
    is_read_later: Cell<bool>,
    /// What is being received, as JavaScript has it too: payloads are handed out as parts of it.
    frame: RefCell<Option<Bytes>>,
    /// Carries out what was commanded, after the turn.
    after_turn: RefCell<Option<Closure<dyn Fn()>>>,
    /// When this turn began, as far as anybody asked: all in one turn happens at one time, because
    /// asking for the time costs as much as publishing a message.
    now: Cell<Duration>,
    is_draining: Cell<bool>,
    is_scheduled: Cell<bool>,
    is_freed: Cell<bool>,
}

struct Armed {
    at: Duration,
    _timer: Timer,
}

impl Driver {
    /// A session that does nothing yet.
    #[must_use]
    pub fn new() -> Rc<Self> {
        use_memory(&wasm_bindgen::memory());
        let driver = Rc::new(Self {
            session: RefCell::new(Session::new(random_seed())),
            sockets: RefCell::default(),
            timer: RefCell::default(),
            store: RefCell::default(),
            surroundings: RefCell::default(),
            hold: Hold::default(),
            may_open: RefCell::default(),
            open_socket: RefCell::default(),
            on_message: Handler::default(),
            on_event: Handler::default(),
            unread: RefCell::default(),
            read_on: RefCell::default(),
            is_reading: Cell::new(false),
            is_read_later: Cell::new(false),
            frame: RefCell::default(),
            after_turn: RefCell::default(),
            now: Cell::default(),
            is_draining: Cell::new(false),
            is_scheduled: Cell::new(false),
            is_freed: Cell::new(false),
        });
        let weak = Rc::downgrade(&driver);
        let surroundings = Surroundings::watch(move |change| {
            with(&weak, |driver| driver.changed(change));
        });
        driver.surroundings.replace(Some(surroundings));
        let weak = Rc::downgrade(&driver);
        let after_turn = Closure::new(move || {
            with(&weak, |driver| {
                driver.is_scheduled.set(false);
                driver.now.set(now());
                driver.drain();
            });
        });
        driver.after_turn.replace(Some(after_turn));
        let weak = Rc::downgrade(&driver);
        let read_on = Closure::new(move || {
            with(&weak, |driver| {
                driver.is_read_later.set(false);
                driver.read();
            });
        });
        driver.read_on.replace(Some(read_on));
        driver
    }

    /// Hands the session a command of the program, and carries it out after this turn.
    pub fn command<T>(self: &Rc<Self>, command: impl FnOnce(&mut Session, Duration) -> T) -> T {
        let is_under_way = self.is_draining.get() || self.is_scheduled.get();
        if !is_under_way {
            self.now.set(now());
        }
        let answer = command(&mut self.session.borrow_mut(), self.now.get());
        if !is_under_way {
            self.carry_out_soon();
        }
        answer
    }

    #[inline(never)]
    fn carry_out_soon(&self) {
        if let Some(after_turn) = self.after_turn.borrow().as_ref() {
            self.is_scheduled.set(true);
            soon(after_turn.as_ref());
        }
    }

    /// Closes the connection at once; no event follows.
    pub fn free(&self) {
        self.is_freed.set(true);
        // Taken out first and dropped after the borrow: dropping them reaches into JavaScript.
        drop(self.surroundings.take());
        drop(self.timer.take());
        drop(self.sockets.take());
        drop(self.store.take());
        drop(self.unread.take());
        // They are still called, and find nobody; then JavaScript frees them.
        for (task, is_due) in [
            (&self.after_turn, &self.is_scheduled),
            (&self.read_on, &self.is_read_later),
        ] {
            if let Some(task) = task.take().filter(|_| is_due.get()) {
                task.into_js_value();
            }
        }
        self.on_message.clear();
        self.on_event.clear();
        drop(self.may_open.take());
        drop(self.open_socket.take());
        self.hold.let_go();
    }

    /// Keeps the client from being collected for as long as it is connected or wants to be.
    pub fn hold(&self, client: Caller) {
        if self.look(Session::is_wanted) {
            self.hold.take(client);
            self.hold_handlers(true);
        }
    }

    /// Sets what is asked before an address is opened.
    pub fn set_may_open(&self, ask: Option<Function>) {
        drop(self.may_open.replace(ask));
    }

    /// Sets what makes sockets.
    pub fn set_open_socket(&self, open: Option<Function>) {
        drop(self.open_socket.replace(open));
    }

    /// Sets what is called for every message.
    pub fn set_on_message(&self, handler: Option<Function>, client: &Caller) {
        self.on_message.set(handler, client, self.hold.is_taken());
    }

    /// Sets what is called for every other event.
    pub fn set_on_event(&self, handler: Option<Function>, client: &Caller) {
        self.on_event.set(handler, client, self.hold.is_taken());
    }

    /// What is called for every message.
    pub fn on_message(&self) -> Option<Rc<Function>> {
        self.on_message.get()
    }

    /// What is called for every other event.
    pub fn on_event(&self) -> Option<Rc<Function>> {
        self.on_event.get()
    }

    /// Looks at the session.
    pub fn look<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        look(&self.session.borrow())
    }

    fn input(self: &Rc<Self>, input: impl FnOnce(&mut Session, Duration)) {
        if self.is_freed.get() {
            return;
        }
        self.now.set(now());
        input(&mut self.session.borrow_mut(), self.now.get());
        self.drain();
    }

    fn changed(self: &Rc<Self>, change: Change) {
        self.input(|session, now| match change {
            Change::Online => session.handle_online(now),
            Change::Wake => session.handle_wake(now),
            Change::Unload => session.handle_unload(now),
        });
    }

    fn drain(self: &Rc<Self>) {
        if self.is_draining.replace(true) {
            return;
        }
        let is_quiet = self.carry_out_all();
        self.is_draining.set(false);
        if is_quiet && self.hold.is_taken() && !self.look(Session::is_wanted) {
            self.hold_handlers(false);
            drop(self.may_open.take());
            drop(self.open_socket.take());
            self.hold.let_go();
        }
        self.arm(if is_quiet {
            self.look(Session::poll_timeout)
        } else {
            Some(self.now.get())
        });
    }

    /// Carries out what the session wants; false when the browser must have a turn.
    fn carry_out_all(self: &Rc<Self>) -> bool {
        let (mut rounds, mut is_emitting) = (0, false);
        while let Some(output) = self.next_output() {
            let is_event = matches!(output, Output::Event(_));
            rounds += u32::from(is_emitting && !is_event);
            is_emitting = is_event;
            self.carry_out(output);
            if rounds == MOST_ROUNDS {
                return false;
            }
        }
        true
    }

    fn hold_handlers(&self, is_held: bool) {
        self.on_message.hold(is_held);
        self.on_event.hold(is_held);
    }

    fn next_output(&self) -> Option<Output> {
        if self.is_freed.get() {
            return None;
        }
        self.session.borrow_mut().poll_output()
    }

    fn carry_out(self: &Rc<Self>, output: Output) {
        match output {
            Output::Open {
                connection,
                url,
                subprotocol,
            } => self.open(connection, &url, subprotocol),
            Output::Ask { connection, url } => self.ask(connection, &url),
            Output::Send { connection, bytes } => {
                if let Some(socket) = self.socket_of(connection) {
                    socket.send(&bytes);
                }
            }
            Output::Measure { connection } => {
                let socket = self.socket_of(connection);
                let bytes = socket.map_or(0, |socket| socket.buffered_bytes());
                let mut session = self.session.borrow_mut();
                session.handle_buffered(self.now.get(), connection, bytes);
            }
            Output::Close { connection, code } => {
                if let Some(socket) = self.remove(connection) {
                    socket.close(code);
                }
            }
            Output::Store(request) => self.keep(request),
            Output::Event(event) => self.emit(event),
        }
    }

    fn open(self: &Rc<Self>, connection: ConnectionId, url: &str, subprotocol: &str) {
        let weak = Rc::downgrade(self);
        let make = self.open_socket.borrow().clone();
        let on_event =
            move |number, event| with(&weak, |driver| driver.on_socket_event(number, event));
        let opened = Socket::open(connection, url, subprotocol, make.as_ref(), on_event);
        match opened {
            Ok(socket) => self.sockets.borrow_mut().push(Rc::new(socket)),
            Err(closed) => {
                let mut session = self.session.borrow_mut();
                session.handle_closed(self.now.get(), connection, closed);
            }
        }
    }

    fn ask(self: &Rc<Self>, connection: ConnectionId, url: &str) {
        let weak = Rc::downgrade(self);
        let answered = Closure::once_into_js(move |is_permitted: bool| {
            with(&weak, |driver| {
                driver.input(|session, now| {
                    session.handle_permission(now, connection, is_permitted);
                });
            });
        });
        let question = self.may_open.borrow().clone();
        ask(
            &question.map_or(JsValue::NULL, JsValue::from),
            url,
            &answered,
        );
    }

    fn keep(self: &Rc<Self>, request: StoreRequest) {
        // Says to the compiler what the session says: such a build asks for nothing.
        if !cfg!(feature = "keep-session") {
            return;
        }
        match request {
            StoreRequest::Load { identity } => {
                let weak = Rc::downgrade(self);
                let store = Store::open(identity, move |identity, event| {
                    with(&weak, |driver| driver.on_store_event(identity, event));
                });
                drop(self.store.replace(Some(store)));
            }
            StoreRequest::Commit { number, changes } => {
                if let Some(store) = self.store.borrow().as_ref() {
                    store.commit(number, changes);
                }
            }
            StoreRequest::Leave => {
                if let Some(store) = self.store.take() {
                    store.end();
                }
            }
        }
    }

    fn on_store_event(self: &Rc<Self>, identity: u64, event: StoreEvent) {
        self.input(|session, now| match event {
            StoreEvent::Loaded(records) => {
                session.handle_loaded(now, time(), identity, &records);
            }
            StoreEvent::Stored(number) => session.handle_stored(now, number),
            StoreEvent::Failed(error) => session.handle_store_failed(now, error),
        });
    }

    fn socket_of(&self, connection: ConnectionId) -> Option<Rc<Socket>> {
        let sockets = self.sockets.borrow();
        let mut found = sockets
            .iter()
            .filter(|socket| socket.connection() == connection);
        found.next().cloned()
    }

    fn remove(&self, connection: ConnectionId) -> Option<Rc<Socket>> {
        let socket = self.socket_of(connection);
        self.sockets
            .borrow_mut()
            .retain(|socket| socket.connection() != connection);
        socket
    }

    /// Sets the timer, unless it fires early enough already: firing early is harmless, and most
    /// messages put a deadline off.
    fn arm(self: &Rc<Self>, deadline: Option<Duration>) {
        if self.is_freed.get() {
            return;
        }
        let Some(at) = deadline else {
            drop(self.timer.take());
            return;
        };
        if self
            .timer
            .borrow()
            .as_ref()
            .is_some_and(|armed| armed.at <= at)
        {
            return;
        }
        let milliseconds = (at.saturating_sub(now()).as_secs_f64() * 1_000.0).ceil();
        let weak = Rc::downgrade(self);
        let timer = Timer::new(milliseconds.min(LONGEST_TIMEOUT_MS), move || {
            with(&weak, Self::timer_fired);
        });
        drop(self.timer.replace(Some(Armed { at, _timer: timer })));
    }

    fn timer_fired(self: &Rc<Self>) {
        drop(self.timer.take());
        self.input(Session::handle_timeout);
    }
}

fn with(driver: &Weak<Driver>, run: impl FnOnce(&Rc<Driver>)) {
    if let Some(driver) = driver.upgrade() {
        run(&driver);
    }
}
