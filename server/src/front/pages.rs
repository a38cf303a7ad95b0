//! The files of the pages: the start page, the editor and what was built.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::class;
use crate::front::admission::DOOR;
use crate::front::answers::{CROSS_ORIGIN_RESOURCE_POLICY, JSON, answer};
use crate::front::files::Files;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST,
    LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;

/// Pages whose address has no slash at its end; people type one.
const WITHOUT_SLASH: &[&str] = &[class::PAGE, DOOR, "/board"];

/// For the start page, which brings all that it needs. Brokers may be anywhere. A worker from a Blob
/// keeps the client of a hidden tab awake.
const PAGE_POLICY: &str = "default-src 'none'; \
    script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; \
    img-src 'self' data:; connect-src 'self' ws: wss:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For the Scratch editor, whose bundle needs more. A worker from a Blob loads parts of the editor, and to
/// WebKit `'self'` is not the page there: no project could be opened.
const EDITOR_POLICY: &str = "default-src 'none'; \
    script-src 'self' 'unsafe-eval' {page}; worker-src 'self' blob:; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; font-src 'self' data:; \
    media-src 'self' data: blob: https:; connect-src 'self' data: blob: ws: wss: https:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sources of programs, among others: a browser shows them.
const TEXT: &str = "text/plain; charset=utf-8";

/// By the end of a name; anything else is bytes.
const TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("ino", TEXT),
    ("js", "text/javascript; charset=utf-8"),
    ("json", JSON),
    ("md", TEXT),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mts", TEXT),
    ("png", "image/png"),
    ("py", TEXT),
    ("sb3", "application/x.scratch.sb3"),
    ("svg", "image/svg+xml; charset=utf-8"),
    ("ts", TEXT),
    ("txt", TEXT),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
];

/// The pages of the documentation; `scripts/docs.mjs` makes them.
const DOCS: &str = "docs";
/// The client for other programs; pages of any origin may load it, as they may the extension.
const CLIENT_FOLDER: &str = "split";
/// Each file in it was built into one of the same name: the extension, for one way to load it.
const EDITORS: &str = "extension/editors";
/// Beside the scripts: which build they are, and whose code is in them.
const ABOUT: &[&str] = &["build.json", "THIRD-PARTY-NOTICES.txt"];
/// What the extension loads when a project says `practice`.
const PRACTICE: &str = "practice.js";

/// Digits of a hash in a name; webpack writes 20.
const SHORTEST_HASH: usize = 20;

/// Where the files are.
pub struct Pages {
    files: Files,
    root: PathBuf,
    editor: PathBuf,
    /// The scripts of the extension.
    scripts: Vec<String>,
}

impl Pages {
    pub fn new(files: Files, root: PathBuf, editor: PathBuf) -> Self {
        let mut scripts = files.names_in(&root.join(EDITORS));
        scripts.push(PRACTICE.to_owned());
        Self {
            files,
            root,
            editor,
            scripts,
        }
    }

    /// Whether it matters from which origin this address is asked for.
    pub fn is_for_own_pages(&self, address: &str) -> bool {
        segments(address).is_none_or(|wanted| self.audience(&wanted) == Audience::OwnPages)
    }

    /// Where a page is whose address has a slash too many.
    pub fn without_slash(address: &str) -> Option<&str> {
        let page = address.strip_suffix('/')?;
        WITHOUT_SLASH.contains(&page).then_some(page)
    }

    /// Whether it is a page that a person opens: the start page, that of the editor, or of a board.
    pub fn is_page(&self, address: &str) -> bool {
        let wanted = segments(address);
        wanted.is_some_and(|wanted| match wanted.as_slice() {
            [] => true,
            [only] => only == "editor" || only == "board",
            _ => false,
        })
    }

    pub async fn serve(&self, request: Request<Body>) -> Response<Body> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = answer(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(ALLOW, allowed);
            return response;
        }
        let address = request.uri().path().to_string();
        if address == "/editor" || address == "/docs" {
            // The page asks for its parts below its address.
            return moved(&format!("{address}/"), request.uri().query());
        }
        let Some(wanted) = segments(&address) else {
            return answer(StatusCode::NOT_FOUND, "Not Found");
        };
        let host = request.headers().get(HOST).cloned();
        let mut response = self.file(&wanted, request).await;
        protect(
            &wanted,
            self.audience(&wanted),
            host.as_ref(),
            &mut response,
        );
        response
    }

    async fn file(&self, wanted: &[String], request: Request<Body>) -> Response<Body> {
        let path = self.path_of(wanted);
        let freshness = freshness(wanted, request.uri().query());
        let Some(mut response) = self.files.answer(&path, request).await else {
            return answer(StatusCode::NOT_FOUND, "Not Found");
        };
        let headers = response.headers_mut();
        if headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(type_of(&path)));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(freshness));
        response
    }

    /// The file behind an address: the first folder that fits has it, or nobody.
    fn path_of(&self, wanted: &[String]) -> PathBuf {
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let (folder, rest): (PathBuf, &[&str]) = match wanted.as_slice() {
            [] => return self.root.join("www/index.html"),
            ["editor"] => return self.root.join("www/editor/index.html"),
            ["class"] => return self.root.join("www/class/index.html"),
            ["board"] => return self.root.join("www/board/index.html"),
            ["word"] => return self.root.join("www/word/index.html"),
            // What the pages share with the blocks.
            ["extension", ..] => (self.root.clone(), &wanted),
            [file] if ABOUT.contains(file) || self.has_script(file) => {
                return self.root.join("dist").join(file);
            }
            ["editor", rest @ ..] => (self.editor.clone(), rest),
            // The editor was built to be at the top.
            ["chunks" | "static", ..] => (self.editor.clone(), &wanted),
            ["convert" | "plot" | DOCS | CLIENT_FOLDER, ..] => (self.root.join("dist"), &wanted),
            ["examples", ..] => (self.root.clone(), &wanted),
            _ => (self.root.join("www"), &wanted),
        };
        rest.iter().fold(folder, |path, segment| path.join(segment))
    }

    fn audience(&self, wanted: &[String]) -> Audience {
        match wanted {
            [file] if self.has_script(file) => Audience::Everyone,
            [folder, _] if folder == CLIENT_FOLDER => Audience::Everyone,
            [folder, ..] if folder == "static" => Audience::Sandboxes,
            _ => Audience::OwnPages,
        }
    }

    fn has_script(&self, file: &str) -> bool {
        self.scripts.iter().any(|script| script == file)
    }
}

/// How long a browser may use a file without asking again.
fn freshness(wanted: &[String], query: Option<&str>) -> &'static str {
    let is_versioned = match wanted {
        // `editor/index.html` says in the address of each part which version it means.
        [folder, _, ..] if folder == "editor" => query.is_some(),
        [.., name] => has_hash(name),
        [] => false,
    };
    match is_versioned {
        true => "public, max-age=31536000, immutable",
        // A new build is seen at the next reload; unchanged files are answered with 304.
        false => "no-cache",
    }
}

/// Whether a name holds a hash of what is in the file: `paper.10486c1802cab193dbdc.js`.
fn has_hash(name: &str) -> bool {
    name.split('.')
        .any(|part| part.len() >= SHORTEST_HASH && part.bytes().all(|it| it.is_ascii_hexdigit()))
}

/// Who may load a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// The extension, for the pages of all editors.
    Everyone,
    /// Parts of the editor: it measures pictures in frames that have no origin, with scripts from here.
    Sandboxes,
    OwnPages,
}

/// The parts of an address, decoded; `None` for what is no path below a folder.
fn segments(address: &str) -> Option<Vec<String>> {
    let decoded = percent_decode_str(address).decode_utf8().ok()?;
    let address = decoded.strip_prefix('/')?;
    // `/editor/` is the page in the folder, and so is each folder of the documentation.
    let address = match address.strip_suffix('/') {
        Some("editor") => Cow::Borrowed("editor"),
        Some(folder) if folder.split('/').next() == Some(DOCS) => {
            Cow::Owned(format!("{folder}/index.html"))
        }
        _ => Cow::Borrowed(address),
    };
    if address.is_empty() {
        return Some(Vec::new());
    }
    let is_name =
        |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains(['\\', '\0', ':']);
    address
        .split('/')
        .map(|segment| is_name(segment).then(|| segment.to_string()))
        .collect()
}

fn type_of(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str());
    TYPES
        .iter()
        .find(|(known, _)| Some(*known) == ending)
        .map_or("application/octet-stream", |(_, kind)| kind)
}

/// The name of this computer that the browser asked for; the gate knows it.
fn editor_policy(host: Option<&HeaderValue>) -> HeaderValue {
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let page = match host {
        "" => String::new(),
        host => format!("http://{host}"),
    };
    HeaderValue::from_str(&EDITOR_POLICY.replace("{page}", &page))
        .unwrap_or_else(|_| HeaderValue::from_static(PAGE_POLICY))
}

fn protect(
    wanted: &[String],
    audience: Audience,
    host: Option<&HeaderValue>,
    response: &mut Response<Body>,
) {
    let is_editor = matches!(
        wanted.first().map(String::as_str),
        Some("editor" | "chunks" | "static")
    );
    let headers = response.headers_mut();
    // On scripts too: a worker has the policy of its own file.
    let policy = if is_editor {
        editor_policy(host)
    } else {
        HeaderValue::from_static(PAGE_POLICY)
    };
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    let (readable, loadable) = match audience {
        Audience::Everyone => (true, "cross-origin"),
        Audience::Sandboxes => (false, "cross-origin"),
        Audience::OwnPages => (false, "same-origin"),
    };
    set(CROSS_ORIGIN_RESOURCE_POLICY, loadable);
    if readable {
        set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    }
}

/// To another address, with what the browser asks there.
pub fn moved(address: &str, query: Option<&str>) -> Response<Body> {
    let mut response = answer(StatusCode::MOVED_PERMANENTLY, "Moved Permanently");
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(address) = HeaderValue::from_str(&format!("{address}{query}")) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::freshness;

    fn is_kept_for_good(address: &str) -> bool {
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (address, None),
        };
        let wanted: Vec<String> = path.split('/').map(str::to_string).collect();
        freshness(&wanted, query).contains("immutable")
    }

    #[test]
    fn what_has_a_hash_or_a_version_in_its_address_is_kept_for_good() {
        for address in [
            "chunks/540.dc378b43d371f4abea35.js",
            "static/assets/0dbc9ba4ab3d2f2f6c3b7b4a8d3f2b11.svg",
            "editor/scratch-gui-standalone.js?15.2.0",
        ] {
            assert!(is_kept_for_good(address), "{address}");
        }
    }

    #[test]
    fn what_the_next_build_may_change_is_asked_for_again() {
        for address in [
            "mqtt.js",
            "mqtt.js?1",
            "editor?lang=nl",
            "editor/scratch-gui-standalone.js",
            "static/blocks-media/default/delete-x.svg",
            "facade.js",
            "",
        ] {
            assert!(!is_kept_for_good(address), "{address}");
        }
    }
}
