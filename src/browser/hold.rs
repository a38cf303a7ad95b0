//! What keeps a client and its handlers from being collected; `page.js` says why.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    type Lent;

    #[wasm_bindgen(method)]
    fn deref(this: &Lent) -> Option<Function>;

    fn lend(handler: &Function) -> Lent;

    #[wasm_bindgen(js_name = knowCallers)]
    fn know_callers(example: &JsValue);

    #[wasm_bindgen(js_name = callingClient)]
    fn calling_client() -> JsValue;
}

thread_local! {
    static CALLERS_ARE_KNOWN: Cell<bool> = const { Cell::new(false) };
}

/// The JavaScript object of a client.
pub struct Caller(JsValue);

impl Caller {
    /// On which client a method is being called. To be asked for first: the options of `connect` may
    /// be an object that calls us again.
    #[must_use]
    pub fn now() -> Self {
        Self(calling_client())
    }

    /// Lets clients be known when they call, from the first client on.
    pub fn make_known(example: impl FnOnce() -> JsValue) {
        if !CALLERS_ARE_KNOWN.replace(true) {
            know_callers(&example());
        }
    }

    /// A client of a program in Rust has no object, and keeps what it has until it is dropped.
    fn is_none(&self) -> bool {
        self.0.is_undefined()
    }
}

/// A client's object while it is held.
#[derive(Default)]
pub struct Hold(RefCell<Option<Caller>>);

impl Hold {
    /// The client stays, whoever else forgets it.
    pub fn take(&self, client: Caller) {
        drop(self.0.replace(Some(client)));
    }

    /// Whether there is something to let go.
    pub fn is_taken(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// The client stays only while its program can reach it.
    pub fn let_go(&self) {
        drop(self.0.take());
    }
}

/// A function of the program.
#[derive(Default)]
pub struct Handler(RefCell<Option<State>>);

enum State {
    /// The client's object has it, too.
    Held(Rc<Function>),
    /// Only the client's object has it.
    Lent(Lent),
    /// Nobody else has it.
    Owned(Rc<Function>),
}

impl Handler {
    /// Another function, or none, that was set on this client.
    pub fn set(&self, function: Option<Function>, client: &Caller, is_held: bool) {
        let state = function.map(|function| match (client.is_none(), is_held) {
            (true, _) => State::Owned(Rc::new(function)),
            (false, true) => State::Held(Rc::new(function)),
            (false, false) => State::Lent(lend(&function)),
        });
        drop(self.0.replace(state));
    }

    /// The function.
    pub fn get(&self) -> Option<Rc<Function>> {
        match self.0.borrow().as_ref()? {
            State::Held(function) | State::Owned(function) => Some(Rc::clone(function)),
            State::Lent(lent) => lent.deref().map(Rc::new),
        }
    }

    /// Whether it stays when nothing but the client's own object has it.
    pub fn hold(&self, is_held: bool) {
        let state = match self.0.take() {
            Some(State::Lent(lent)) if is_held => {
                lent.deref().map(|function| State::Held(Rc::new(function)))
            }
            Some(State::Held(function)) if !is_held => Some(State::Lent(lend(&function))),
            same => same,
        };
        drop(self.0.replace(state));
    }

    /// Forgets it.
    pub fn clear(&self) {
        drop(self.0.take());
    }
}
