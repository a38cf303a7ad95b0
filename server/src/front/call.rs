//! One request of HTTP: who may have what.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, WebSocketUpgrade};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_DISPOSITION, HOST, HeaderMap, ORIGIN, UPGRADE,
};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;

use crate::class::{self, Role, Way};
use crate::front::admission::{self, Entry};
use crate::front::answers::{CROSS_ORIGIN_RESOURCE_POLICY, JSON, answer, json, protect, text};
use crate::front::client::over_websocket;
use crate::front::doorman::Visit;
use crate::front::pages::{self, Pages};
use crate::front::teacher::Act;
use crate::front::{AdvertisedBroker, Front, gate, tunnel};
use crate::settings::MAX_PACKET_BYTES;

/// Where MQTT is spoken over WebSocket, on every port that speaks HTTP.
const MQTT_PATH: &str = "/mqtt";

/// Where everybody reads the groups that the teacher named.
const GROUPS: &str = "/groups.json";

/// Where everybody gets a code for the page of a board.
const BOARD_PICTURE: &str = "/board.svg";

/// Where everybody reads which project the lesson has, and where it is.
const LESSON: &str = "/lesson.json";
const PROJECT: &str = "/lesson.sb3";

/// How much is read from a WebSocket at once. The library fills all of it with zeros before each look at whether
/// something came.
const READ_BYTES: usize = 4 * 1024;

/// One request.
pub struct Call {
    pub front: Arc<Front>,
    pub visit: Arc<Visit>,
    pub local: IpAddr,
    pub peer: IpAddr,
    /// Whether the browser is on this computer.
    pub from_here: bool,
    /// Whether the pages are on this port too.
    pub has_pages: bool,
}

impl Call {
    pub async fn answer(self, request: Request<Body>) -> Response<Body> {
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
