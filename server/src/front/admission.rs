//! Who may: by the computer that they sit at, or by a word that they said once in their browser.
//!
//! | request | answer |
//! |---|---|
//! | `POST /join`, `POST /teach` | the body is the word of the class, or of the teacher: a ticket as a cookie; 403 for a wrong word, 429 when too many came |
//! | a page, for one who has no ticket | the page that asks for the word, in its place |

use std::net::IpAddr;

use axum::body::{self, Body};
use axum::http::header::{
    CACHE_CONTROL, COOKIE, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE, SET_COOKIE,
};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

use crate::class::{self, Answer, Role};
use crate::front::Front;
use crate::front::answers::{answer, json};
use crate::front::pages::Pages;

/// What belongs to the class: all else is the program's own, and the same everywhere.
const OF_CLASS: &[&str] = &[
    "/local.json",
    "/groups.json",
    "/lesson.json",
    "/lesson.sb3",
    "/board.svg",
];

const MOST_BYTES_OF_WORD: usize = 200;

/// A lesson is not longer.
const TICKET_SECONDS: u32 = 12 * 60 * 60;

/// The page that asks.
pub const DOOR: &str = "/word";

/// How somebody came in.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Whether the login must be the word of the class.
    pub needs_word: bool,
    pub from: IpAddr,
}

/// Which word somebody says.
pub fn asked(method: &Method, address: &str) -> Option<Role> {
    match address {
        _ if method != Method::POST => None,
        "/join" => Some(Role::Pupil),
        "/teach" => Some(Role::Teacher),
        _ => None,
    }
}

/// Whether an address is of no use without the word.
pub fn is_of_class(address: &str) -> bool {
    OF_CLASS.contains(&address)
}

impl Front {
    /// Whether somebody need not say the word of the class.
    pub fn is_pupil(&self, headers: &HeaderMap, is_here: bool) -> bool {
        is_here
            || self.words.of_class().is_none()
            || self.has_ticket(headers, Role::Pupil)
            || self.has_ticket(headers, Role::Teacher)
    }

    pub fn is_teacher(&self, headers: &HeaderMap, is_here: bool) -> bool {
        class::is_own_page(headers) && (is_here || self.has_ticket(headers, Role::Teacher))
    }

    /// The ticket for one who said the word.
    pub async fn admit(&self, role: Role, request: Request<Body>, from: IpAddr) -> Response<Body> {
        if !class::is_own_page(request.headers()) {
            return answer(StatusCode::FORBIDDEN, "Only a page of this server says it.");
        }
        let typed = body::to_bytes(request.into_body(), MOST_BYTES_OF_WORD).await;
        let typed = typed.unwrap_or_default();
        match self.words.say(role, &String::from_utf8_lossy(&typed), from) {
            Answer::Ticket(_) => {
                let mut response = json("{}".to_string());
                self.give_ticket(role, &mut response);
                response
            }
            Answer::Wrong => answer(StatusCode::FORBIDDEN, "That is not the word."),
            Answer::TooMany => answer(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong words came from there. Wait ten seconds.",
            ),
        }
    }

    /// No script reads it, and no other website sends it.
    pub fn give_ticket(&self, role: Role, response: &mut Response<Body>) {
        let (name, ticket) = (self.cookie(role), self.words.ticket(role));
        let site = match role {
            // A link somewhere else leads to the class still.
            Role::Pupil => "Lax",
            Role::Teacher => "Strict",
        };
        let cookie =
            format!("{name}={ticket}; Path=/; Max-Age={TICKET_SECONDS}; HttpOnly; SameSite={site}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    fn has_ticket(&self, headers: &HeaderMap, role: Role) -> bool {
        let name = self.cookie(role);
        let cookies = headers.get_all(COOKIE).iter();
        cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(one, ticket)| one == name && self.words.knows(role, ticket))
    }

    /// Programs on other ports of this computer have the same cookies.
    fn cookie(&self, role: Role) -> String {
        let port = self.places.pages.map_or(0, |pages| pages.port());
        match role {
            Role::Pupil => format!("class-{port}"),
            Role::Teacher => format!("teacher-{port}"),
        }
    }
}

/// The page that asks for the word, in the place of another one.
pub async fn door(pages: &Pages, mut request: Request<Body>) -> Response<Body> {
    *request.uri_mut() = Uri::from_static(DOOR);
    // They are about the page in whose place it stands.
    for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE] {
        request.headers_mut().remove(name);
    }
    let mut response = pages.serve(request).await;
    *response.status_mut() = StatusCode::FORBIDDEN;
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, never);
    response
}
