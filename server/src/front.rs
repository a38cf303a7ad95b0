//! What stands between the network and the broker: who may come in, how many, and how much waits.
//!
//! Every connection of a client is carried to the broker, so that nothing that a stranger sends or keeps back
//! reaches it before it is looked at.

mod admission;
mod arrivals;
mod backlog;
mod client;
mod closing;
mod credentials;
mod dialect;
mod doorman;
pub mod files;
pub mod gate;
mod hold;
mod holders;
mod home;
#[cfg(feature = "packed")]
mod inside;
pub mod packets;
pub mod pages;
mod rate;
mod shutdown;
mod teacher;
mod tunnel;
mod upward;
mod watched;

pub use crate::front::arrivals::listen;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, WebSocketUpgrade};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, CONTENT_TYPE, HOST, HeaderMap, HeaderName,
    ORIGIN, UPGRADE,
};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::broker::Broker;
use crate::class::{self, ClassWord, Groups, Pause, Places, Register, Role, Shelf, Way, Words};
use crate::desk::Desk;
use crate::front::admission::Entry;
use crate::front::arrivals::{Arrival, accept};
use crate::front::client::{over_tcp, over_websocket};
use crate::front::closing::Closing;
use crate::front::doorman::{Doorman, Visit};
use crate::front::gate::Gate;
use crate::front::holders::Holders;
use crate::front::pages::Pages;
use crate::front::teacher::Act;
use crate::front::watched::Watched;
use crate::mdns::Announcement;
use crate::settings::MAX_PACKET_BYTES;

/// Where MQTT is spoken over WebSocket, on every port that speaks HTTP.
const MQTT_PATH: &str = "/mqtt";

pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// Where everybody reads the groups that the teacher named.
const GROUPS: &str = "/groups.json";

/// Where everybody gets a code for the page of a board.
const BOARD_PICTURE: &str = "/board.svg";

/// Where everybody reads which project the lesson has, and where it is.
const LESSON: &str = "/lesson.json";
const PROJECT: &str = "/lesson.sb3";

pub const JSON: &str = "application/json; charset=utf-8";

/// For the head of a request, and between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// For an answer that is on its way when the program ends. Some have no end.
const ANSWER_LIMIT: Duration = Duration::from_millis(300);

/// The head of a request; more is answered with 431.
const MOST_HEAD_BYTES: usize = 32 * 1024;

/// How much is read from a WebSocket at once. The library fills all of it with zeros before each look at whether
/// something came.
const READ_BYTES: usize = 4 * 1024;

/// How many clients may be gone while something that they published is held.
const MOST_GONE: usize = 100;

/// How many refused origins are reported, once each.
const MOST_REFUSED_ORIGINS: usize = 20;

/// The ports at which pages and scripts find the broker.
pub struct AdvertisedBroker {
    pub tcp: u16,
    pub websocket: u16,
    /// Whether it is another one than that of this program.
    pub is_other: bool,
}

/// What clients may.
pub struct Rules {
    pub class_word: ClassWord,
    /// How fast one client may publish; 0 without a bound.
    pub messages_per_second: u32,
    /// How many the system lets the program have.
    pub descriptors: u64,
}

/// What all connections share.
pub struct Front {
    pub broker: Broker,
    pub gate: Gate,
    pub pages: Option<Pages>,
    advertised_broker: AdvertisedBroker,
    places: Places,
    announcement: Mutex<Option<Announcement>>,
    /// What the teacher decides, where a person started the program.
    pub desk: Option<Desk>,
    doorman: Arc<Doorman>,
    /// Whether the network led anybody else here.
    reached: AtomicBool,
    /// Who is here, for the teacher.
    register: Arc<Register>,
    groups: Groups,
    shelf: Arc<Shelf>,
    /// What other computers say to be let in.
    words: Arc<Words>,
    /// Whether boards and programs on other computers need no word.
    boards_are_guests: AtomicBool,
    /// Bytes that wait for all clients.
    waiting: Arc<AtomicUsize>,
    pause: Pause,
    /// How fast one client may publish; 0 without a bound.
    messages_per_second: u32,
    /// Bytes of all clients that are held while the broker must not have them.
    held: Arc<AtomicUsize>,
    /// Places for clients that are gone while something of them is held.
    gone: Semaphore,
    /// Who has which client identifier.
    holders: Holders,
    closing: Closing,
    refused_origins: Mutex<BTreeSet<String>>,
}

impl Front {
    pub fn new(
        broker: Broker,
        gate: Gate,
        pages: Option<Pages>,
        advertised_broker: AdvertisedBroker,
        places: Places,
        desk: Option<Desk>,
        Rules {
            class_word,
            messages_per_second,
            descriptors,
        }: Rules,
    ) -> Self {
        let shelf = Shelf::open(broker.lesson_folder());
        let words = Words::open(class_word, broker.lesson_folder());
        let front = Self {
            broker,
            gate,
            pages,
            advertised_broker,
            places,
            announcement: Mutex::default(),
            desk,
            doorman: Arc::new(Doorman::of(descriptors)),
            reached: AtomicBool::new(false),
            register: Arc::default(),
            groups: Groups::default(),
            shelf: Arc::new(shelf),
            words: Arc::new(words),
            boards_are_guests: AtomicBool::new(false),
            waiting: Arc::default(),
            pause: Pause::default(),
            messages_per_second,
            held: Arc::default(),
            gone: Semaphore::new(MOST_GONE),
            holders: Holders::default(),
            closing: Closing::default(),
            refused_origins: Mutex::default(),
        };
        if front.is_open() {
            front.announce();
        }
        front
    }

    /// Whether others than this computer are let in.
    fn is_open(&self) -> bool {
        self.desk.as_ref().is_none_or(Desk::is_open)
    }

    fn lets_in(&self, arrival: &Arrival) -> bool {
        if arrival.is_from_here() {
            return true;
        }
        let is_open = self.is_open();
        self.reached.fetch_or(is_open, Ordering::Relaxed);
        is_open
    }

    /// Without a name on the network the address does as well.
    fn announce(&self) {
        let announcement = Announcement::begin(self.places.tcp, self.places.pages);
        let announcement = announcement.unwrap_or_else(|problem| {
            eprintln!("This computer has no name on the network ({problem}). Use its address.");
            None
        });
        *self.announcement() = announcement;
    }

    /// The program ends: all clients get a DISCONNECT, and the network forgets its name. Nobody may listen any more.
    pub async fn close(&self) {
        self.closing.end_all().await;
        drop(self.announcement().take());
    }

    fn announcement(&self) -> MutexGuard<'_, Option<Announcement>> {
        (self.announcement.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    /// What the teacher needs to know in the window, where others can come here.
    pub fn say_words(&self) {
        if self
            .places
            .pages
            .is_none_or(|pages| pages.ip().is_loopback())
        {
            return;
        }
        if let Some(word) = self.words.of_class() {
            eprintln!("The class word, for other computers and boards: {word}");
        }
        let teacher = self.words.of_teacher();
        eprintln!("The teacher's word, for the class page on another device: {teacher}");
    }

    /// How others get here, for one who sits at this computer or elsewhere.
    fn here(&self, is_here: bool) -> class::Here<'_> {
        class::Here {
            places: &self.places,
            name: self.announcement().as_ref().map(Announcement::name),
            desk: self.desk.as_ref().map(Desk::is_open),
            word: self.words.of_class(),
            teacher: is_here.then(|| self.words.of_teacher()),
            boards_are_guests: self.boards_are_guests.load(Ordering::Relaxed),
            reached: self.reached.load(Ordering::Relaxed),
        }
    }

    /// Says who was refused, and how to change that: the page itself learns only that it did not work.
    fn report_refusal(&self, origin: &HeaderValue) {
        let origin = origin.to_str().unwrap_or("?").to_string();
        let mut reported = self
            .refused_origins
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if reported.len() >= MOST_REFUSED_ORIGINS || !reported.insert(origin.clone()) {
            return;
        }
        let way = match origin.as_str() {
            "null" => "--allow-null-origin".to_string(),
            _ => format!("--allow-origin {origin}"),
        };
        eprintln!("A page of {origin:?} may not use the broker. To allow it: npm start -- {way}");
    }
}

/// MQTT over TCP.
pub async fn serve_tcp(front: Arc<Front>, listener: TcpListener) {
    loop {
        let Some(arrival) = accept(&front, &listener).await else {
            continue;
        };
        let are_guests = front.boards_are_guests.load(Ordering::Relaxed);
        let is_known = are_guests || arrival.is_from_here() || front.words.of_class().is_none();
        let entry = Entry {
            needs_word: !is_known,
            from: arrival.peer,
        };
        let Arrival { stream, visit, .. } = arrival;
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            let guest = front.register.enter(Way::Program);
            tunnel::carry(&front, &visit, &guest, entry, over_tcp(stream)).await;
        });
    }
}

/// HTTP: MQTT over WebSocket, and on one port the pages.
pub async fn serve_http(front: Arc<Front>, listener: TcpListener, has_pages: bool) {
    loop {
        let Some(arrival) = accept(&front, &listener).await else {
            continue;
        };
        let (local, from_here) = (arrival.local, arrival.is_from_here());
        let Arrival {
            stream,
            visit,
            peer,
            ..
        } = arrival;
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            let asked = Arc::clone(&visit);
            let asked_front = Arc::clone(&front);
            let stream = Watched {
                stream,
                visit: Arc::clone(&visit),
            };
            let service = service_fn(move |request: Request<Incoming>| {
                let call = Call {
                    front: Arc::clone(&asked_front),
                    visit: Arc::clone(&asked),
                    local,
                    peer,
                    from_here,
                    has_pages,
                };
                async move { Ok::<_, Infallible>(call.answer(request.map(Body::new)).await) }
            });
            let _open = front.closing.opens();
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_LIMIT)
                .max_buf_size(MOST_HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::pin!(connection);
            tokio::select! {
                // How it ended is the other side's business.
                _ = &mut connection => {}
                () = visit.evicted() => {}
                () = front.closing.begins() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = timeout(ANSWER_LIMIT, connection).await;
                }
            }
        });
    }
}

/// One request.
struct Call {
    front: Arc<Front>,
    visit: Arc<Visit>,
    local: IpAddr,
    peer: IpAddr,
    /// Whether the browser is on this computer.
    from_here: bool,
    /// Whether the pages are on this port too.
    has_pages: bool,
}

impl Call {
    async fn answer(self, request: Request<Body>) -> Response<Body> {
        let gate = &self.front.gate;
        if !gate.knows_host(request.headers().get(HOST), self.local) {
            return answer(
                StatusCode::MISDIRECTED_REQUEST,
                "This computer has another name. Use localhost or its address.",
            );
        }
        let address = request.uri().path();
        if address == "/class.json" && self.has_pages {
            return self.front.advertised_broker.for_scripts(request.headers());
        }
        let origin = request.headers().get(ORIGIN);
        let pages = self.front.pages.as_ref();
        let is_own = pages.is_none_or(|pages| pages.is_for_own_pages(address));
        if is_own && !gate.welcomes(origin, self.local) {
            if let Some(origin) = origin.filter(|_| is_mqtt(address)) {
                self.front.report_refusal(origin);
            }
            return answer(
                StatusCode::FORBIDDEN,
                "Pages of this origin may not use this server.",
            );
        }
        let headers = request.headers();
        let is_here = self.from_here && !class::is_forwarded(headers);
        let is_pupil = self.front.is_pupil(headers, is_here);
        let is_teacher = self.front.is_teacher(headers, is_here);
        if is_mqtt(address) {
            return self.upgrade(request, !is_pupil).await;
        }
        let Some(pages) = pages.filter(|_| self.has_pages) else {
            return answer(StatusCode::NOT_FOUND, "Only /mqtt is here.");
        };
        if let Some(page) = Pages::without_slash(address) {
            return pages::moved(page, request.uri().query());
        }
        if let Some(role) = admission::asked(request.method(), address) {
            return self.front.admit(role, request, self.peer).await;
        }
        if class::is_for_teachers(address) && !is_teacher {
            if address == class::PAGE && class::is_own_page(headers) {
                return admission::door(pages, request).await;
            }
            return answer(
                StatusCode::FORBIDDEN,
                "The class page opens on the computer that runs this server, and with the teacher's word.",
            );
        }
        if !is_pupil && pages.is_page(address) {
            return admission::door(pages, request).await;
        }
        if !is_pupil && admission::is_of_class(address) {
            return answer(
                StatusCode::FORBIDDEN,
                "The start page asks for the class word.",
            );
        }
        if address == "/local.json" {
            let host = self.front.here(is_here).host();
            let needs_word = self.front.words.of_class().is_some();
            return self
                .front
                .advertised_broker
                .for_pages(host.as_deref(), needs_word);
        }
        if address == GROUPS {
            return text(StatusCode::OK, JSON, self.front.groups.json());
        }
        if address == BOARD_PICTURE {
            let query = request.uri().query().unwrap_or_default();
            return class::board_picture(&self.front.here(is_here), query, is_teacher);
        }
        if address == LESSON {
            return json(self.front.shelf.public_json().to_string());
        }
        match class::is_for_teachers(address) {
            // What the teacher's page listens to has no end, and may be silent for long.
            true => self.visit.settle(),
            false => self.visit.is_answered(),
        }
        let response = if let Some(act) = Act::asked(request.method(), address) {
            let mut response = self.front.act(act, request).await;
            if act == Act::BeginNewLesson && !is_here {
                // The one of the last lesson is not good any more.
                self.front.give_ticket(Role::Teacher, &mut response);
            }
            response
        } else if address == PROJECT {
            self.project(request).await
        } else {
            match self.class(&request, is_here) {
                Some(response) => response,
                None => pages.serve(request).await,
            }
        };
        let busy = Busy(Arc::clone(&self.visit));
        // As long as the answer is on its way.
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _ = &busy;
                frame
            }))
        })
    }

    fn class(&self, request: &Request<Body>, is_here: bool) -> Option<Response<Body>> {
        let Front {
            register,
            pause,
            shelf,
            words,
            ..
        } = &*self.front;
        let here = self.front.here(is_here);
        class::answer(register, pause, shelf, words, &here, request)
    }

    /// The project of the lesson. Its address says which one is meant, so it is asked for again when it was replaced.
    async fn project(&self, request: Request<Body>) -> Response<Body> {
        let Some(mut response) = self.front.shelf.file(request).await else {
            return answer(StatusCode::NOT_FOUND, "This lesson has no project.");
        };
        protect(response.headers_mut(), "application/x.scratch.sb3");
        let to_save = HeaderValue::from_static("attachment; filename=\"lesson.sb3\"");
        response.headers_mut().insert(CONTENT_DISPOSITION, to_save);
        response
    }

    async fn upgrade(self, request: Request<Body>, needs_word: bool) -> Response<Body> {
        if !asks_for_websocket(request.headers()) {
            return answer(
                StatusCode::UPGRADE_REQUIRED,
                "MQTT over WebSocket is spoken here.",
            );
        }
        let (mut head, _) = request.into_parts();
        match WebSocketUpgrade::from_request_parts(&mut head, &()).await {
            Ok(upgrade) => upgrade
                // [MQTT-6.0.0-4]
                .protocols(["mqtt", "mqttv3.1"])
                .max_message_size(MAX_PACKET_BYTES)
                .max_frame_size(MAX_PACKET_BYTES)
                .read_buffer_size(READ_BYTES)
                .on_upgrade(move |socket| async move {
                    let guest = self.front.register.enter(Way::Page);
                    let entry = Entry {
                        needs_word,
                        from: self.peer,
                    };
                    let ends = over_websocket(socket);
                    tunnel::carry(&self.front, &self.visit, &guest, entry, ends).await;
                }),
            Err(refusal) => axum::response::IntoResponse::into_response(refusal),
        }
    }
}

/// Programs and people add a slash.
fn is_mqtt(address: &str) -> bool {
    address.strip_suffix('/').unwrap_or(address) == MQTT_PATH
}

/// An answer that is on its way.
struct Busy(Arc<Visit>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.wait_again();
    }
}

fn asks_for_websocket(headers: &HeaderMap) -> bool {
    headers
        .get(UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// A sentence for people.
fn answer(status: StatusCode, sentence: &str) -> Response<Body> {
    text(status, "text/plain; charset=utf-8", format!("{sentence}\n"))
}

impl AdvertisedBroker {
    /// For the start page and the editor page; `host`: where others on the network reach this computer.
    fn for_pages(&self, host: Option<&str>, needs_word: bool) -> Response<Body> {
        let Self { tcp, websocket, .. } = self;
        let ports = serde_json::json!({
            "tcpPort": tcp,
            "webSocketPort": websocket,
            "host": host,
            "needsWord": needs_word,
        });
        json(ports.to_string())
    }

    /// For the extension, on a page of any origin: that it came from a class server, and where MQTT is
    /// spoken, as seen from the address of this answer.
    fn for_scripts(&self, headers: &HeaderMap) -> Response<Body> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.and_then(gate::without_port);
        let place = match host.filter(|_| self.is_other) {
            Some(host) => format!("//{host}:{}", self.websocket),
            None => String::new(),
        };
        let mut response = json(format!(r#"{{"mqtt":"{place}{MQTT_PATH}"}}"#));
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            CROSS_ORIGIN_RESOURCE_POLICY,
            HeaderValue::from_static("cross-origin"),
        );
        response
    }
}

fn json(body: String) -> Response<Body> {
    text(StatusCode::OK, JSON, body)
}

/// An answer of this kind that only pages of this server can read.
pub fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    protect(response.headers_mut(), kind);
    response
}

fn protect(headers: &mut HeaderMap, kind: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert("cache-control", HeaderValue::from_static("no-cache"));
}
