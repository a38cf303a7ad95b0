//! What the teacher's page asks for, below `/class/`.
//!
//! | request | answer |
//! |---|---|
//! | `GET /class/where.json` | `addresses`: what others type to get here, the likeliest first; `word`: the class word, or null; `teacher`: the teacher's, on this computer only; `boardsAreGuests`: whether boards need no word; `boards`: the port for boards; `desk`: `closed`, `open`, or null where another program started this one; `reached`: whether another computer came here |
//! | `GET /class/qr.svg` | the first of them, and the class word, for a camera |
//! | `GET /board.svg?QUERY` | `/board?QUERY` there, for a camera: the page of one board; for the teacher with the class word |
//! | `GET /class/events` | server-sent events: the tiles of everybody as a JSON array, at most once a second; `pause`: whether the class is paused; `project`: that of the lesson, or null; `word`: the class word, or null |
//! | `GET /class/client.json?NAME` | filters and last messages of one client identifier, percent-encoded |
//! | `GET /class/messages.csv` | the last messages of all |
//! | `POST /class/new-lesson` | sessions, retained messages, what waits, the groups and the project are forgotten; everybody connects anew. `{"kept": …, "groups": …, "project": …}`: how many there were, and whether there was a project (`front::teacher`) |
//! | `POST /class/project?name=…&blocks=…` | the file in the body is the project of the lesson, which `GET /lesson.json` names to everybody and `GET /lesson.sb3` is (`front::teacher`) |
//! | `POST /class/remove-project` | the lesson has none. `{"removed": …}`: whether there was one (`front::teacher`) |
//! | `POST /class/groups` | a JSON array of names, which `GET /groups.json` gives to everybody (`front::teacher`) |
//! | `POST /class/clear-kept` | the retained messages that a topic filter matches are cleared. `{"cleared": …}`: how many (`front::teacher`) |
//! | `POST /class/pause`, `POST /class/resume` | what clients publish is held from now on, or goes on (`front::teacher`) |
//! | `POST /class/open`, `/class/end` | where a person started the program: others are let in; it ends (`front::teacher`) |
//! | `POST /class/boards-are-guests`, `/class/boards-need-word` | whether boards need no word, or the class word as password (`front::teacher`) |
//! | `POST /class/forget` | those who are not here are forgotten |

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, HOST, HeaderMap, ORIGIN};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::class::addresses;
use crate::class::pause::Pause;
use crate::class::project::Shelf;
use crate::class::register::Register;
use crate::class::words::{Role, Words};
use crate::front::answers::{JSON, text};

/// How often a page learns what changed.
const TURN: Duration = Duration::from_secs(1);

/// Which board a code is for: its program, name and room.
const MOST_BYTES_OF_BOARD: usize = 1000;

/// The page and what it asks for.
pub const PAGE: &str = "/class";

/// Headers that a proxy adds: whoever is behind it may be anywhere.
const FORWARDED: &[&str] = &["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// Whether an address is of the teacher's page.
pub fn is_for_teachers(address: &str) -> bool {
    address
        .strip_prefix(PAGE)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a proxy passed it on.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name))
}

/// Whether a request comes from a page of this server, or from a program.
pub fn is_own_page(headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_none_or(|origin| {
        let host = headers.get(HOST).map_or(&b""[..], HeaderValue::as_bytes);
        origin.as_bytes().strip_prefix(b"http://") == Some(host)
    })
}

/// Where the program listens.
pub struct Places {
    pub tcp: SocketAddr,
    pub pages: Option<SocketAddr>,
}

/// How others get here.
pub struct Here<'a> {
    pub places: &'a Places,
    /// On the network.
    pub name: Option<String>,
    /// Whether another computer came here.
    pub reached: bool,
    /// Whether others are let in, where a person decides that.
    pub desk: Option<bool>,
    /// What others say to be let in.
    pub word: Option<String>,
    /// What the teacher says on another device, for who sits at this one.
    pub teacher: Option<String>,
    /// Whether boards need no word.
    pub boards_are_guests: bool,
}

impl Here<'_> {
    /// The addresses of the pages, the likeliest first.
    fn addresses(&self) -> Vec<String> {
        let pages = self.places.pages.filter(|_| self.desk != Some(false));
        pages.map_or_else(Vec::new, |pages| {
            addresses::for_others(pages, self.name.as_deref())
        })
    }

    /// Where boards reach this computer.
    pub fn host(&self) -> Option<String> {
        let first = self.addresses().into_iter().next()?;
        let (host, _) = first.strip_prefix("http://")?.rsplit_once(':')?;
        Some(host.to_string())
    }

    /// The first address, with the word: a camera types it for a pupil.
    fn for_cameras(&self) -> Option<String> {
        let first = self.addresses().into_iter().next()?;
        Some(match &self.word {
            Some(word) => with_word(&first, word),
            None => first,
        })
    }

    /// The page of one board, for a phone; with the word, where the one who asks may know it.
    fn of_board(&self, query: &str, shows_word: bool) -> Option<String> {
        let first = self.addresses().into_iter().next()?;
        let address = format!("{first}board?{query}");
        Some(match self.word.as_ref().filter(|_| shows_word) {
            Some(word) => with_word(&address, word),
            None => address,
        })
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "addresses": self.addresses(),
            "boards": self.places.tcp.port(),
            "reached": self.reached,
            "word": self.word,
            "teacher": self.teacher,
            "boardsAreGuests": self.boards_are_guests,
            "desk": self.desk.map(|is_open| if is_open { "open" } else { "closed" }),
        })
    }
}

/// Behind `#` it goes into no log and to no server.
fn with_word(address: &str, word: &str) -> String {
    let word = utf8_percent_encode(word, NON_ALPHANUMERIC);
    format!("{address}#{word}")
}

/// `GET /board.svg?QUERY`: the address of `/board?QUERY` for a camera.
pub fn board_picture(here: &Here, query: &str, shows_word: bool) -> Response<Body> {
    let address = (here.of_board(query, shows_word)).filter(|_| query.len() <= MOST_BYTES_OF_BOARD);
    picture_of(address)
}

fn picture_of(address: Option<String>) -> Response<Body> {
    match address.and_then(|address| addresses::picture(&address)) {
        Some(picture) => text(StatusCode::OK, "image/svg+xml; charset=utf-8", picture),
        None => nothing(),
    }
}

/// The answer, unless it is a file.
pub fn answer(
    register: &Arc<Register>,
    pause: &Pause,
    shelf: &Arc<Shelf>,
    words: &Arc<Words>,
    here: &Here,
    request: &Request<Body>,
) -> Option<Response<Body>> {
    let wanted = request.uri().path().strip_prefix(PAGE)?.strip_prefix('/')?;
    let response = match (request.method(), wanted) {
        (&Method::GET, "where.json") => json(&here.to_json()),
        (&Method::GET, "qr.svg") => picture_of(here.for_cameras()),
        (&Method::GET, "events") => events(
            Arc::clone(register),
            pause.watch(),
            Arc::clone(shelf),
            Arc::clone(words),
            // Who sits at this computer needs no ticket.
            here.teacher.is_none(),
        ),
        (&Method::GET, "client.json") => {
            let name = request.uri().query().unwrap_or_default();
            let name = percent_decode_str(name).decode_utf8_lossy();
            match register.details(&name) {
                Some(details) => json(&details),
                None => nothing(),
            }
        }
        (&Method::GET, "messages.csv") => messages(register),
        (&Method::POST, "forget") => {
            register.forget_absent();
            text(StatusCode::OK, JSON, "{}".to_string())
        }
        _ => return None,
    };
    Some(response)
}

fn nothing() -> Response<Body> {
    text(StatusCode::NOT_FOUND, JSON, "{}".to_string())
}

fn json(value: &impl serde::Serialize) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(body) => text(StatusCode::OK, JSON, body),
        Err(_) => nothing(),
    }
}

/// The tiles, the pause, the project and the word, when they are others than those that were sent; a comment when not, so that it
/// is seen that nobody listens any more.
fn events(
    register: Arc<Register>,
    paused: watch::Receiver<bool>,
    shelf: Arc<Shelf>,
    words: Arc<Words>,
    ends_with_lesson: bool,
) -> Response<Body> {
    let ticket = words.ticket(Role::Teacher);
    let turns = stream::unfold((None, paused), move |(before, mut paused)| {
        let before: Option<[String; 4]> = before;
        let (register, shelf) = (Arc::clone(&register), Arc::clone(&shelf));
        let words = Arc::clone(&words);
        let ticket = ticket.clone();
        async move {
            if before.is_some() {
                let _ = timeout(TURN, paused.changed()).await;
            }
            if ends_with_lesson && !words.knows(Role::Teacher, &ticket) {
                return None;
            }
            let tiles = serde_json::to_string(&register.tiles()).unwrap_or_default();
            let now = [
                format!("data: {tiles}\n\n"),
                format!("event: pause\ndata: {}\n\n", *paused.borrow_and_update()),
                format!("event: project\ndata: {}\n\n", shelf.json()),
                format!(
                    "event: word\ndata: {}\n\n",
                    serde_json::json!(words.of_class())
                ),
            ];
            let is_new = |(at, event): &(usize, &String)| {
                (before.as_ref()).is_none_or(|before| before.get(*at) != Some(*event))
            };
            let news = now.iter().enumerate().filter(is_new);
            let sent: String = news.map(|(_, event)| event.as_str()).collect();
            let sent = if sent.is_empty() {
                ":\n\n".to_string()
            } else {
                sent
            };
            Some((Ok::<_, Infallible>(Bytes::from(sent)), (Some(now), paused)))
        }
    });
    text(StatusCode::OK, "text/event-stream", String::new()).map(|_| Body::from_stream(turns))
}

/// What everybody published last, the oldest first.
fn messages(register: &Register) -> Response<Body> {
    let mut rows: Vec<_> = register
        .messages()
        .into_iter()
        .flat_map(|(name, details)| {
            let messages = details.messages.into_iter();
            messages.map(move |message| (message.at, Arc::clone(&name), message))
        })
        .collect();
    rows.sort_by_key(|(at, ..)| *at);
    let mut table = String::from("time in ms since 1970,client,topic,retained,bytes,text\r\n");
    for (at, name, message) in rows {
        let text = message.text.unwrap_or_default();
        let (name, topic, text) = (cell(&name), cell(&message.topic), cell(&text));
        table += &format!(
            "{at},{name},{topic},{},{},{text}\r\n",
            message.retained, message.size
        );
    }
    let mut response = text(StatusCode::OK, "text/csv; charset=utf-8", table);
    let disposition = HeaderValue::from_static("attachment; filename=\"messages.csv\"");
    response
        .headers_mut()
        .insert(CONTENT_DISPOSITION, disposition);
    response
}

/// A cell of CSV (RFC 4180) that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let guard = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{Here, MOST_BYTES_OF_BOARD, Places, board_picture};
    use super::{cell, is_for_teachers, is_forwarded, is_own_page};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn here(places: &Places) -> Here<'_> {
        Here {
            places,
            name: None,
            reached: false,
            desk: None,
            word: Some("kiwi-otter".to_string()),
            teacher: None,
            boards_are_guests: false,
        }
    }

    #[test]
    fn the_code_of_a_board_has_the_word_behind_the_hash_and_for_the_teacher_only() {
        let places = Places {
            tcp: "192.168.1.7:1883".parse().unwrap(),
            pages: Some("192.168.1.7:8000".parse().unwrap()),
        };
        let here = here(&places);
        let address = "http://192.168.1.7:8000/board?name=fan";
        assert_eq!(here.of_board("name=fan", false).unwrap(), address);
        assert_eq!(
            here.of_board("name=fan", true).unwrap(),
            format!("{address}#kiwi%2Dotter")
        );
    }

    #[test]
    fn a_board_whose_name_is_too_long_and_one_that_cannot_get_here_have_no_code() {
        let open = Places {
            tcp: "192.168.1.7:1883".parse().unwrap(),
            pages: Some("192.168.1.7:8000".parse().unwrap()),
        };
        let closed = Places {
            tcp: "127.0.0.1:1883".parse().unwrap(),
            pages: Some("127.0.0.1:8000".parse().unwrap()),
        };
        let status = |places, length| {
            board_picture(&here(places), &"x".repeat(length), true)
                .status()
                .as_u16()
        };
        assert_eq!(status(&open, MOST_BYTES_OF_BOARD), 200);
        assert_eq!(status(&open, MOST_BYTES_OF_BOARD + 1), 404);
        assert_eq!(status(&closed, 1), 404);
    }

    #[test]
    fn only_what_is_below_the_page_is_for_teachers() {
        assert!(is_for_teachers("/class"));
        assert!(is_for_teachers("/class/events"));
        assert!(!is_for_teachers("/classes"));
        assert!(!is_for_teachers("/"));
    }

    #[test]
    fn only_the_own_page_is_own() {
        let host = ("host", "localhost:8000");
        assert!(is_own_page(&headers(&[host])));
        assert!(is_own_page(&headers(&[
            host,
            ("origin", "http://localhost:8000")
        ])));
        for other in ["https://turbowarp.org", "http://localhost:9000", "null"] {
            assert!(
                !is_own_page(&headers(&[host, ("origin", other)])),
                "{other}"
            );
        }
    }

    #[test]
    fn who_is_behind_a_proxy_may_be_anywhere() {
        assert!(!is_forwarded(&headers(&[("host", "localhost:8000")])));
        assert!(is_forwarded(&headers(&[(
            "x-forwarded-for",
            "203.0.113.7"
        )])));
    }

    #[test]
    fn a_cell_is_no_formula() {
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("-21.5"), "\"-21.5\"");
        assert_eq!(cell("-1+cmd"), "\"'-1+cmd\"");
    }
}
