//! What a teacher does to the whole lesson, from the class page. Who may is asked before.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{self, Body};
use axum::http::{Method, Request, Response, StatusCode};
use mqtt5::validation::is_valid_topic_filter;

use crate::class::{MOST_BYTES_OF_GROUPS, MOST_BYTES_OF_PROJECT, Refusal};
use crate::desk::Desk;
use crate::front::Front;
use crate::front::answers::{answer, json};

/// How many bytes a filter has, at most: whoever keeps messages on longer topics uses a wildcard.
const MOST_BYTES_OF_FILTER: usize = 4096;

/// What is asked for with POST.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing of the lesson is left.
    BeginNewLesson,
    /// The body is a JSON array of names.
    SetGroups,
    /// The body is a topic filter; without one it is everything that is retained.
    ClearRetained,
    /// The body is a file.
    SetProject,
    RemoveProject,
    Pause,
    Resume,
    /// Boards on other computers need no word, from now on.
    LetBoardsIn,
    AskBoards,
    /// Others than this computer may come, from now on.
    LetClassIn,
    /// The program ends.
    End,
}

impl Act {
    pub fn asked(method: &Method, address: &str) -> Option<Self> {
        match address {
            _ if method != Method::POST => None,
            "/class/new-lesson" => Some(Self::BeginNewLesson),
            "/class/groups" => Some(Self::SetGroups),
            "/class/clear-kept" => Some(Self::ClearRetained),
            "/class/project" => Some(Self::SetProject),
            "/class/remove-project" => Some(Self::RemoveProject),
            "/class/pause" => Some(Self::Pause),
            "/class/resume" => Some(Self::Resume),
            "/class/boards-are-guests" => Some(Self::LetBoardsIn),
            "/class/boards-need-word" => Some(Self::AskBoards),
            "/class/open" => Some(Self::LetClassIn),
            "/class/end" => Some(Self::End),
            _ => None,
        }
    }
}

impl Front {
    pub async fn act(self: &Arc<Self>, act: Act, request: Request<Body>) -> Response<Body> {
        match act {
            Act::BeginNewLesson => self.begin_new_lesson().await,
            Act::SetGroups => self.set_groups(request.into_body()).await,
            Act::ClearRetained => self.clear_retained(request.into_body()).await,
            Act::SetProject => self.set_project(request).await,
            Act::RemoveProject => {
                let removed = self.shelf.remove(self.broker.lesson_folder()).await;
                json(format!(r#"{{"removed":{removed}}}"#))
            }
            Act::Pause => self.set_pause(true),
            Act::Resume => self.set_pause(false),
            Act::LetBoardsIn => self.let_boards_in(true),
            Act::AskBoards => self.let_boards_in(false),
            Act::LetClassIn => self.decide(|desk| {
                if desk.open() {
                    self.announce();
                }
            }),
            Act::End => self.decide(Desk::end),
        }
    }

    /// What a person decides who started the program.
    fn decide(&self, act: impl FnOnce(&Desk)) -> Response<Body> {
        match &self.desk {
            Some(desk) => {
                act(desk);
                json("{}".to_string())
            }
            None => answer(
                StatusCode::CONFLICT,
                "Whoever started this program decides that: npm start.",
            ),
        }
    }

    /// To its end, also where the page that asked for it was closed.
    async fn begin_new_lesson(self: &Arc<Self>) -> Response<Body> {
        let front = Arc::clone(self);
        let begun = tokio::spawn(async move {
            let kept = front.broker.retained_messages().await;
            let (mut groups, mut project) = (0, false);
            let forget = || {
                // Not before: what is held belongs to the last lesson.
                front.pause.set(false);
                groups = front.groups.forget();
                project = front.shelf.forget();
                // Not later: who says the last lesson's word is not let into this one.
                front.words.renew(front.broker.lesson_folder());
            };
            front.broker.begin_new_lesson(forget).await;
            front.register.begin_anew();
            format!(r#"{{"kept":{kept},"groups":{groups},"project":{project}}}"#)
        });
        match begun.await {
            Ok(counts) => json(counts),
            Err(problem) => answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                &format!("The new lesson did not begin: {problem}."),
            ),
        }
    }

    async fn set_project(&self, request: Request<Body>) -> Response<Body> {
        let taken = self.shelf.take(request, self.broker.lesson_folder()).await;
        let Err(refusal) = taken else {
            return json(self.shelf.json().to_string());
        };
        let (status, sentence) = match refusal {
            Refusal::TooLarge => {
                let most = MOST_BYTES_OF_PROJECT / 1_000_000;
                let sentence = format!("The project of a lesson has at most {most} MB.");
                return answer(StatusCode::PAYLOAD_TOO_LARGE, &sentence);
            }
            Refusal::NoProject => (
                StatusCode::BAD_REQUEST,
                "This is no project of Scratch 3 (.sb3), or it is damaged.",
            ),
            Refusal::Replaced => (
                StatusCode::CONFLICT,
                "Another project came after it, and is that of the lesson.",
            ),
            Refusal::TooLate => (
                StatusCode::REQUEST_TIMEOUT,
                "It took too long, or the lesson ended meanwhile. Try it again.",
            ),
            Refusal::NotWritten => (
                StatusCode::INSUFFICIENT_STORAGE,
                "Nothing can be written. Make room on the disk.",
            ),
        };
        answer(status, sentence)
    }

    /// The names in a request that is longer than its bound are none.
    async fn set_groups(&self, names: Body) -> Response<Body> {
        let names = body::to_bytes(names, MOST_BYTES_OF_GROUPS).await;
        match names.is_ok_and(|names| self.groups.set(&names)) {
            true => json(self.groups.json()),
            false => answer(
                StatusCode::BAD_REQUEST,
                "A JSON array of at most 20 names, each of 1 to 30 characters and none of / + # $.",
            ),
        }
    }

    fn set_pause(&self, is_paused: bool) -> Response<Body> {
        self.pause.set(is_paused);
        json(format!(r#"{{"paused":{is_paused}}}"#))
    }

    fn let_boards_in(&self, are_guests: bool) -> Response<Body> {
        self.boards_are_guests.store(are_guests, Ordering::Relaxed);
        json(format!(r#"{{"boardsAreGuests":{are_guests}}}"#))
    }

    async fn clear_retained(&self, filter: Body) -> Response<Body> {
        let filter = body::to_bytes(filter, MOST_BYTES_OF_FILTER).await;
        let filter = filter.ok().and_then(|filter| filter_in(&filter));
        match filter {
            Some(filter) => {
                let cleared = self.broker.clear_retained(&filter).await;
                json(format!(r#"{{"cleared":{cleared}}}"#))
            }
            None => answer(
                StatusCode::BAD_REQUEST,
                "A topic filter of at most 4096 bytes, such as room/# or room/+/light.",
            ),
        }
    }
}

/// Nothing is everything. A share of a subscription is nothing that a retained message could have as its topic.
fn filter_in(body: &[u8]) -> Option<String> {
    let filter = match std::str::from_utf8(body).ok()? {
        "" => "#",
        typed => typed,
    };
    let is_good = is_valid_topic_filter(filter) && !filter.starts_with("$share/");
    is_good.then(|| filter.to_string())
}

#[cfg(test)]
mod tests {
    use super::filter_in;

    #[test]
    fn what_is_typed_is_a_filter_and_nothing_is_all() {
        assert_eq!(filter_in(b"").as_deref(), Some("#"));
        for good in ["#", "a", "a/#", "+/b", "/", "$mine/#", "räume/+"] {
            assert_eq!(filter_in(good.as_bytes()).as_deref(), Some(good));
        }
        for bad in [&b"a/#/b"[..], b"a#", b"+a", b"a\0", b"$share/g/a", b"\xff"] {
            assert_eq!(filter_in(bad), None);
        }
    }
}
