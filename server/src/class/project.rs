//! The project of a lesson: a file that the teacher gives, and that everybody who joins opens.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{self, Body, Bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Request, Response};
use percent_encoding::percent_decode_str;
use rawzip::ZipArchive;
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::front::files::Files;
use crate::whole;

/// How large the file may be: thirty pupils fetch it over one Wi-Fi.
pub const MOST_BYTES: usize = 50_000_000;

/// How large all files in it may be, as they say themselves, and how many: `www/convert/archive.js` has the same
/// bounds, and unpacks to see whether it is true.
const MOST_UNPACKED: u64 = 100_000_000;
const MOST_FILES: u64 = 10_000;

/// How long the file may take to come.
const LONGEST: Duration = Duration::from_secs(300);

const LONGEST_NAME: usize = 80;

/// Where in the folder of the lesson is said which file it is.
const RECORD: &str = "project.json";

/// What everybody may read of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Project {
    name: String,
    size: usize,
    /// How many of our blocks the page of the teacher found.
    blocks: u32,
    /// Others than those of all projects before, so that no browser takes one for another.
    version: u64,
}

/// Where the file is.
#[derive(Clone)]
enum Content {
    OnDisk(PathBuf),
    InMemory(Bytes),
}

/// Why a file was not taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLarge,
    NoProject,
    /// Another one came after it, and takes its place.
    Replaced,
    /// It took too long, or the lesson ended meanwhile.
    TooLate,
    /// The disk is full.
    NotWritten,
}

/// Holds one project, or none.
pub struct Shelf {
    inner: Mutex<Inner>,
    /// The number of the file that began to come last. It ends those before it: what was chosen by mistake, or comes from a
    /// tablet that left the Wi-Fi, keeps nobody waiting.
    coming: watch::Sender<u64>,
    /// One file is written at a time.
    writes: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Inner {
    kept: Option<(Project, Content)>,
    /// How many lessons ended.
    ended: usize,
}

impl Shelf {
    /// With what an earlier run of the program left in the folder of the lesson, if there is one.
    pub fn open(folder: Option<PathBuf>) -> Self {
        let kept = folder.and_then(|folder| found_in(&folder));
        Self {
            inner: Mutex::new(Inner { kept, ended: 0 }),
            coming: watch::Sender::default(),
            writes: tokio::sync::Mutex::default(),
        }
    }

    /// Takes the file in a request in the place of the one before. It is kept in this folder, or in memory.
    pub async fn take(
        &self,
        request: Request<Body>,
        folder: Option<PathBuf>,
    ) -> Result<(), Refusal> {
        if stated_length(&request).is_some_and(|length| length > MOST_BYTES as u64) {
            return Err(Refusal::TooLarge);
        }
        let mut own = 0;
        self.coming.send_modify(|last| {
            *last += 1;
            own = *last;
        });
        let mut coming = self.coming.subscribe();
        let ended = self.lock().ended;
        let (name, blocks) = described(request.uri().query().unwrap_or_default());
        let read = async {
            let bytes = timeout(LONGEST, body::to_bytes(request.into_body(), MOST_BYTES))
                .await
                .map_err(|_| Refusal::TooLate)?
                .map_err(|_| Refusal::TooLarge)?;
            if !is_project(&bytes) {
                return Err(Refusal::NoProject);
            }
            Ok((bytes, self.writes.lock().await))
        };
        let (bytes, _turn) = tokio::select! {
            biased;
            _ = coming.wait_for(|last| *last > own) => return Err(Refusal::Replaced),
            read = read => read?,
        };
        let project = Project {
            name,
            size: bytes.len(),
            blocks,
            version: self.next_version(),
        };
        let content = match &folder {
            Some(folder) => Content::OnDisk(
                write(folder, &project, &bytes)
                    .await
                    .map_err(|_| Refusal::NotWritten)?,
            ),
            None => Content::InMemory(bytes),
        };
        let before = {
            let mut inner = self.lock();
            if inner.ended != ended {
                return Err(Refusal::TooLate);
            }
            inner.kept.replace((project, content))
        };
        delete(before).await;
        Ok(())
    }

    /// Whoever joins gets none from now on. Gives back whether there was one.
    pub async fn remove(&self, folder: Option<PathBuf>) -> bool {
        let before = self.lock().kept.take();
        if let Some(folder) = folder {
            let _ = fs::remove_file(folder.join(RECORD)).await;
        }
        delete(before).await
    }

    /// The lesson is over, and what was in its folder is gone. Gives back whether there was one.
    pub fn forget(&self) -> bool {
        let mut inner = self.lock();
        inner.ended += 1;
        inner.kept.take().is_some()
    }

    /// For the pages: what it is, or null; `address`: where it is, other than that of every one before.
    pub fn json(&self) -> serde_json::Value {
        match &self.lock().kept {
            Some((project, _)) => serde_json::json!({
                "name": project.name,
                "size": project.size,
                "blocks": project.blocks,
                "address": format!("lesson.sb3?{}", project.version),
            }),
            None => serde_json::Value::Null,
        }
    }

    /// What everybody reads: which project it is, and how large one may be.
    pub fn public_json(&self) -> serde_json::Value {
        serde_json::json!({ "most": MOST_BYTES, "project": self.json() })
    }

    /// The file; `None` where there is none.
    pub async fn file(&self, request: Request<Body>) -> Option<Response<Body>> {
        let content = self.lock().kept.as_ref()?.1.clone();
        match content {
            Content::OnDisk(path) => Files::OnDisk.answer(&path, request).await,
            Content::InMemory(bytes) => Some(Response::new(Body::from(bytes))),
        }
    }

    fn next_version(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_millis() as u64);
        let last = (self.lock().kept.as_ref()).map_or(0, |(project, _)| project.version);
        now.max(last + 1)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stated_length(request: &Request<Body>) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// `blocks=…&name=…`: what the page of the teacher says of the file.
fn described(query: &str) -> (String, u32) {
    let value = |key: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(one, _)| *one == key)?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let name = value("name").unwrap_or_default();
    let name = name.chars().filter(|one| !one.is_control());
    let name: String = name.take(LONGEST_NAME).collect();
    let name = match name.trim() {
        "" => "project.sb3",
        name => name,
    };
    let blocks = value("blocks").and_then(|blocks| blocks.parse().ok());
    (name.to_string(), blocks.unwrap_or_default())
}

/// Whether it is an archive with a project whose files share no bytes and are not too large, as they say. Nothing is
/// unpacked here: the page of the teacher did that before it sent the file.
fn is_project(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && has_project(bytes) == Some(true)
}

/// `None` for what is damaged or made to do harm.
fn has_project(bytes: &[u8]) -> Option<bool> {
    let archive = ZipArchive::from_slice(bytes).ok()?;
    let mut entries = archive.entries();
    let mut places = Vec::new();
    let mut unpacked = 0u64;
    let mut has_project = false;
    while let Some(entry) = entries.next_entry().ok()? {
        unpacked = unpacked.checked_add(entry.uncompressed_size_hint())?;
        if unpacked > MOST_UNPACKED || places.len() as u64 >= MOST_FILES {
            return None;
        }
        has_project |= entry.file_path().as_bytes() == b"project.json";
        let file = archive.get_entry(entry.wayfinder()).ok()?;
        places.push((entry.local_header_offset(), file.compressed_data_range().1));
    }
    places.sort_unstable();
    let is_apart = places
        .iter()
        .zip(places.iter().skip(1))
        .all(|((_, end), (start, _))| end <= start);
    is_apart.then_some(has_project)
}

fn path_of(folder: &Path, project: &Project) -> PathBuf {
    folder.join(format!("project-{}.sb3", project.version))
}

/// The file first, then which one it is: killed in between, the one before is still that of the lesson.
async fn write(folder: &Path, project: &Project, bytes: &[u8]) -> std::io::Result<PathBuf> {
    let path = path_of(folder, project);
    let written = async {
        fs::write(&path, bytes).await?;
        whole::write(&folder.join(RECORD), &serde_json::to_vec(project)?).await
    };
    match written.await {
        Ok(()) => Ok(path),
        Err(problem) => {
            let _ = fs::remove_file(&path).await;
            Err(problem)
        }
    }
}

fn found_in(folder: &Path) -> Option<(Project, Content)> {
    let record = std::fs::read(folder.join(RECORD)).ok()?;
    let project: Project = serde_json::from_slice(&record).ok()?;
    let path = path_of(folder, &project);
    let length = std::fs::metadata(&path).ok()?.len();
    (length == project.size as u64).then_some((project, Content::OnDisk(path)))
}

/// Who has begun to read it reads on. Gives back whether there was one.
async fn delete(kept: Option<(Project, Content)>) -> bool {
    if let Some((_, Content::OnDisk(path))) = &kept {
        let _ = fs::remove_file(path).await;
    }
    kept.is_some()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use axum::body::{self, Body};
    use axum::http::Request;
    use rawzip::{CompressionMethod, ZipArchiveWriter};

    use super::{MOST_BYTES, Refusal, Shelf, described, is_project};

    /// An archive of files that are not compressed.
    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = ZipArchiveWriter::new(&mut bytes);
        for (name, content) in files {
            let (mut entry, config) = writer
                .new_file(name)
                .compression_method(CompressionMethod::STORE)
                .start()
                .unwrap();
            let mut data = config.wrap(&mut entry);
            data.write_all(content).unwrap();
            let (_, descriptor) = data.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        writer.finish().unwrap();
        bytes
    }

    fn sb3() -> Vec<u8> {
        archive(&[("a.svg", b"<svg/>"), ("project.json", b"{\"targets\":[]}")])
    }

    fn sent(query: &str, bytes: Vec<u8>) -> Request<Body> {
        let address = format!("/class/project?{query}");
        Request::post(address).body(Body::from(bytes)).unwrap()
    }

    #[test]
    fn a_project_is_an_archive_with_its_json() {
        assert!(is_project(&sb3()));
        for other in [
            Vec::new(),
            b"PK".to_vec(),
            b"{\"targets\":[]}".to_vec(),
            archive(&[("sprite.json", b"{}")]),
            archive(&[("x/project.json", b"{}")]),
            [b"MZ".to_vec(), sb3()].concat(),
            sb3().split_at(40).0.to_vec(),
        ] {
            assert!(!is_project(&other), "{:?}", String::from_utf8_lossy(&other));
        }
    }

    #[test]
    fn what_claims_more_than_a_project_has_is_none() {
        let mut bytes = sb3();
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02");
        let size = directory.unwrap() + 24;
        bytes[size..size + 4].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());

        assert!(!is_project(&bytes));
    }

    #[test]
    fn files_that_share_their_bytes_are_no_project() {
        let bytes = sb3();
        let entries: Vec<usize> = (0..bytes.len() - 4)
            .filter(|at| bytes[*at..].starts_with(b"PK\x01\x02"))
            .collect();
        let mut shared = bytes.clone();
        // Both begin where the second one does.
        let second = bytes[entries[1] + 42..entries[1] + 46].to_vec();
        shared[entries[0] + 42..entries[0] + 46].copy_from_slice(&second);

        assert!(!is_project(&shared));
    }

    #[test]
    fn what_is_said_of_it_is_bounded() {
        assert_eq!(
            described("blocks=12&name=r%C3%A4ume%20%26%0A.sb3"),
            ("räume &.sb3".to_string(), 12)
        );
        assert_eq!(
            described("blocks=-1&name=%20"),
            ("project.sb3".to_string(), 0)
        );
        let (name, _) = described(&format!("name={}", "x".repeat(500)));
        assert_eq!(name.len(), 80);
    }

    #[tokio::test]
    async fn a_file_without_a_stated_length_is_not_read_beyond_the_bound() {
        let shelf = Shelf::open(None);

        let taken = shelf.take(sent("", vec![0; MOST_BYTES + 1]), None).await;

        assert_eq!(taken, Err(Refusal::TooLarge));
    }

    #[tokio::test]
    async fn a_program_that_starts_again_has_it_and_a_damaged_one_is_none() {
        let folder = std::env::temp_dir().join(format!("shelf-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let shelf = Shelf::open(Some(folder.clone()));
        for name in ["name=first.sb3", "name=second.sb3"] {
            let taken = shelf.take(sent(name, sb3()), Some(folder.clone())).await;
            assert_eq!(taken, Ok(()));
        }

        let again = Shelf::open(Some(folder.clone()));
        assert_eq!(again.json(), shelf.json());
        assert_eq!(again.json()["name"], "second.sb3");
        let file = again.file(Request::new(Body::empty())).await.unwrap();
        let bytes = body::to_bytes(file.into_body(), MOST_BYTES).await.unwrap();
        assert_eq!(bytes, sb3());

        let files = std::fs::read_dir(&folder).unwrap().flatten();
        let files: Vec<_> = files.map(|file| file.path()).collect();
        assert_eq!(files.len(), 2, "{files:?}");
        let kept = files.iter().find(|file| file.extension().unwrap() == "sb3");
        std::fs::write(kept.unwrap(), b"PK").unwrap();
        assert!(Shelf::open(Some(folder.clone())).json().is_null());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn one_that_does_not_come_to_its_end_makes_room_for_the_next() {
        let shelf = Shelf::open(None);
        let endless =
            Body::from_stream(futures_util::stream::pending::<std::io::Result<Vec<u8>>>());
        let request = Request::post("/class/project").body(endless).unwrap();
        let first = shelf.take(request, None);
        let second = async {
            tokio::task::yield_now().await;
            shelf.take(sent("name=second.sb3", sb3()), None).await
        };

        let (first, second) = tokio::join!(first, second);

        assert_eq!((first, second), (Err(Refusal::Replaced), Ok(())));
        assert_eq!(shelf.json()["name"], "second.sb3");
    }

    #[tokio::test]
    async fn it_ends_with_the_lesson() {
        let shelf = Shelf::open(None);
        assert_eq!(shelf.take(sent("", sb3()), None).await, Ok(()));

        assert!(shelf.forget());
        assert!(shelf.json().is_null());
        assert!(!shelf.forget());
    }
}
