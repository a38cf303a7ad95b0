//! Answers to requests of HTTP, with the headers that protect them.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use axum::http::{HeaderValue, Response, StatusCode};

pub const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

pub const JSON: &str = "application/json; charset=utf-8";

/// A sentence for people.
pub fn answer(status: StatusCode, sentence: &str) -> Response<Body> {
    text(status, "text/plain; charset=utf-8", format!("{sentence}\n"))
}

pub fn json(body: String) -> Response<Body> {
    text(StatusCode::OK, JSON, body)
}

/// An answer of this kind that only pages of this server can read.
pub fn text(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    protect(response.headers_mut(), kind);
    response
}

pub fn protect(headers: &mut HeaderMap, kind: &'static str) {
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
