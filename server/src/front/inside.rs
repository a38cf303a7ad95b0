//! The files that `npm run package` puts into the program. What gets smaller is there compressed only.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderValue, Response, StatusCode};
use flate2::read::GzDecoder;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Laid out as the repository, and `editor/`.
#[derive(RustEmbed)]
#[folder = "$SCRATCH_MQTT_FILES"]
struct Inside;

/// How `scripts/compress.mjs` names what is compressed.
const COMPRESSED: &str = ".gz";

/// So many bytes of a hash tell two builds of a file apart.
const TAG_BYTES: usize = 16;

/// The names of the files in a folder.
pub fn names_in(folder: &Path) -> Vec<String> {
    let folder = format!("{}/", key(folder));
    Inside::iter()
        .filter_map(|path| path.strip_prefix(&folder).map(str::to_string))
        .map(|name| match name.strip_suffix(COMPRESSED) {
            Some(name) => name.to_string(),
            None => name,
        })
        .filter(|name| !name.contains('/'))
        .collect()
}

/// The file for one who sent these headers; `None` where there is none.
pub fn answer(path: &Path, headers: &HeaderMap) -> Option<Response<Body>> {
    let key = key(path);
    let (file, is_compressed) = match Inside::get(&format!("{key}{COMPRESSED}")) {
        Some(file) => (file, true),
        None => (Inside::get(&key)?, false),
    };
    let tag = tag(&file);
    if headers.get(IF_NONE_MATCH) == Some(&tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().insert(ETAG, tag);
        return Some(response);
    }
    let stays_compressed = is_compressed && reads_gzip(headers);
    let bytes = bytes_of(file);
    let body = match is_compressed && !stays_compressed {
        true => unpacked(&bytes)?,
        false => bytes,
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    // Its kind is set by the end of its name.
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(""));
    if stays_compressed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Some(response)
}

/// Paths of Windows have other separators.
fn key(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let digits: String = hash
        .iter()
        .take(TAG_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("W/\"{digits}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("W/\"\""))
}

fn reads_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).map(HeaderValue::to_str);
    accepted.is_some_and(|accepted| accepted.is_ok_and(|accepted| accepted.contains("gzip")))
}

fn bytes_of(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

/// For programs that do not say that they can read gzip; every browser does.
fn unpacked(bytes: &[u8]) -> Option<Bytes> {
    let mut all = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut all).ok()?;
    Some(Bytes::from(all))
}
