//! One WebSocket that carries MQTT.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::session::{Blocked, Closed, ConnectionId};

#[wasm_bindgen(module = "/src/browser/page.js")]
extern "C" {
    /// Reports how a socket ends.
    type Ending;

    #[wasm_bindgen(constructor)]
    fn new(socket: &WebSocket, on_end: &Closure<OnEnd>) -> Ending;

    #[wasm_bindgen(method)]
    fn opened(this: &Ending);

    #[wasm_bindgen(method)]
    fn forget(this: &Ending);

    #[wasm_bindgen(js_name = thrownBy)]
    fn thrown_by(url: &str, thrown: &JsValue) -> u32;

    // There, because `str::replace` brings along what prints any character.
    #[wasm_bindgen(js_name = wordsOf)]
    fn words_of(thrown: &JsValue, url: &str) -> String;
}

type OnEnd = dyn Fn(u16, bool, u32);

/// An event of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// The handshake is done.
    Opened {
        /// The subprotocol that the server selected; empty when it selected none. [MQTT-6.0.0-4]
        subprotocol: String,
    },
    /// A binary message, as the browser has it. It may hold a part of a packet or several packets.
    /// [MQTT-6.0.0-2]
    Bytes(Binary),
    /// A text message, which MQTT does not use. [MQTT-6.0.0-1]
    Text,
    /// The end: nothing follows.
    Closed(Closed),
}

/// A binary message, or what is left of it.
#[derive(Clone, Debug)]
pub struct Binary(pub Uint8Array);

impl PartialEq for Binary {
    fn eq(&self, other: &Self) -> bool {
        AsRef::<JsValue>::as_ref(&self.0) == AsRef::<JsValue>::as_ref(&other.0)
    }
}

impl Eq for Binary {}

/// One WebSocket. Dropping it closes it, and no event follows.
pub struct Socket {
    connection: ConnectionId,
    socket: WebSocket,
    reads_later: bool,
    // Kept because the browser calls them; let go only after they are taken off the socket.
    handlers: Handlers,
}

impl Socket {
    /// Starts to connect, with what `make` gives for an address and a subprotocol instead of the
    /// browser's own WebSocket.
    ///
    /// `on_event` gets this socket's number with every event, so that a late one can be told apart.
    ///
    /// # Errors
    ///
    /// `new WebSocket` threw: an address that is none, `ws://` from a secure page, or a host without
    /// WebSockets. The text is the browser's own, without the address, which may hold a secret. So did
    /// `make`, or it gave no object.
    pub fn open(
        connection: ConnectionId,
        url: &str,
        subprotocol: &str,
        make: Option<&Function>,
        on_event: impl Fn(ConnectionId, SocketEvent) + 'static,
    ) -> Result<Self, Closed> {
        let made = match make {
            Some(make) => made_by(make, url, subprotocol),
            None => WebSocket::new_with_str(url, subprotocol),
        };
        let socket = made.map_err(|thrown| {
            blocked(thrown_by(url, &thrown))
                .map_or_else(|| Closed::Refused(words_of(&thrown, url)), Closed::Blocked)
        })?;
        // ArrayBuffer, because a Blob is read asynchronously and messages could overtake each other.
        socket.set_binary_type(BinaryType::Arraybuffer);
        let on_event: Rc<OnEvent> = Rc::new(move |event| on_event(connection, event));
        let handlers = Handlers::attach(&socket, &on_event);
        Ok(Self {
            connection,
            reads_later: !is_native(&socket),
            socket,
            handlers,
        })
    }

    /// Sends bytes as one binary message. [MQTT-6.0.0-1]
    ///
    /// False when the browser refused them; a close event then follows or came already.
    pub fn send(&self, bytes: &[u8]) -> bool {
        if self.reads_later {
            let copy = Uint8Array::from(bytes);
            return self.socket.send_with_js_u8_array(&copy).is_ok();
        }
        self.socket.send_with_u8_array(bytes).is_ok()
    }

    /// Closes the socket after everything handed to it was sent, or gives up connecting. Nothing is
    /// reported any more, not even the close.
    pub fn close(&self, code: u16) {
        self.detach();
        // Throws for a code that browsers do not allow: then the drop closes it without one.
        let _ = self.socket.close_with_code(code);
    }

    /// Which socket it is.
    #[must_use]
    pub const fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// How many bytes wait in the browser.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    fn detach(&self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.handlers.ending.forget();
        // It may outlive us until the server has answered the close.
        IGNORED.with(|ignored| {
            self.socket
                .set_onerror(Some(ignored.as_ref().unchecked_ref()))
        });
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.detach();
        // Does nothing to a socket that is closing or closed.
        let _ = self.socket.close();
    }
}

fn made_by(make: &Function, url: &str, subprotocol: &str) -> Result<WebSocket, JsValue> {
    let made = make.call2(&JsValue::UNDEFINED, &url.into(), &subprotocol.into())?;
    // Whatever has the parts of one will do, so its class is nobody's business.
    match made.is_object() {
        true => Ok(made.unchecked_into()),
        false => Err(JsValue::UNDEFINED),
    }
}

/// Whether the WebSocket is the browser's own, which has read the bytes when `send` returns. One made
/// in JavaScript may read them later: npm's `ws` does when it compresses them.
fn is_native(socket: &WebSocket) -> bool {
    let send = Reflect::get(socket, &"send".into()).unwrap_or_default();
    send.dyn_into::<Function>()
        .is_ok_and(|send| send.to_string().includes("[native code]", 0))
}

thread_local! {
    /// What nobody needs to hear. npm's `ws` ends the program when an error has no listener.
    static IGNORED: Closure<dyn Fn()> = Closure::new(|| {});
}

type OnEvent = dyn Fn(SocketEvent);

struct Handlers {
    ending: Ending,
    _opened: Closure<dyn Fn()>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _ended: Closure<OnEnd>,
}

impl Handlers {
    fn attach(socket: &WebSocket, on_event: &Rc<OnEvent>) -> Self {
        let ended = {
            let on_event = Rc::clone(on_event);
            Closure::<OnEnd>::new(move |code, clean, by| {
                let ended = Closed::Ended { code, clean };
                let closed = blocked(by).map_or(ended, Closed::Blocked);
                on_event(SocketEvent::Closed(closed));
            })
        };
        let ending = Ending::new(socket, &ended);
        let opened = {
            let (on_event, socket, ending) = (
                Rc::clone(on_event),
                socket.clone(),
                Ending::from(ending.clone()),
            );
            Closure::<dyn Fn()>::new(move || {
                ending.opened();
                let subprotocol = socket.protocol();
                on_event(SocketEvent::Opened { subprotocol });
            })
        };
        let message = {
            let on_event = Rc::clone(on_event);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                // Nothing is copied yet: it may be larger than all memory that the wasm can have.
                on_event(match event.data().dyn_into::<ArrayBuffer>() {
                    Ok(buffer) => SocketEvent::Bytes(Binary(Uint8Array::new(&buffer))),
                    Err(_) => SocketEvent::Text,
                });
            })
        };
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        Self {
            ending,
            _opened: opened,
            _message: message,
            _ended: ended,
        }
    }
}

/// As `page.js` has it.
const fn blocked(by: u32) -> Option<Blocked> {
    match by {
        1 => Some(Blocked::SecurePage),
        2 => Some(Blocked::Policy),
        3 => Some(Blocked::Port),
        _ => None,
    }
}
