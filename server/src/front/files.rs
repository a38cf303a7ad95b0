//! Where the files of the pages come from: folders of this computer, or the program itself.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use axum::body::Body;
use axum::http::{Request, Response};
use tower::ServiceExt;
use tower_http::services::ServeFile;

#[cfg(feature = "packed")]
use crate::front::inside;

/// How much of a file is read at once: that much is held twice of each answer that nobody takes.
const CHUNK_BYTES: usize = 8 * 1024;

/// All files by their paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// As they are on the disk now.
    OnDisk,
    /// In the one file of `npm run package`; paths begin at its top.
    #[cfg(feature = "packed")]
    Inside,
}

impl Files {
    /// On the disk if a folder is given, or if there are none inside.
    pub fn of(root: Option<&Path>) -> Self {
        match root {
            #[cfg(feature = "packed")]
            None => Self::Inside,
            _ => Self::OnDisk,
        }
    }

    /// The names of the files in a folder.
    pub fn names_in(self, folder: &Path) -> Vec<String> {
        match self {
            Self::OnDisk => names_on_disk(folder),
            #[cfg(feature = "packed")]
            Self::Inside => inside::names_in(folder),
        }
    }

    /// The file, compressed for who can read that; `None` where there is none.
    pub async fn answer(self, path: &Path, request: Request<Body>) -> Option<Response<Body>> {
        match self {
            Self::OnDisk => from_disk(path, request).await,
            #[cfg(feature = "packed")]
            Self::Inside => inside::answer(path, request.headers()),
        }
    }
}

async fn from_disk(path: &Path, request: Request<Body>) -> Option<Response<Body>> {
    let changed = changed_at(path).await?;
    let mut file = ServeFile::new(path).with_buf_chunk_size(CHUNK_BYTES);
    // One that is older belongs to the build before.
    if changed_at(&compressed(path)).await >= Some(changed) {
        file = file.precompressed_gzip();
    }
    let Ok(response) = file.oneshot(request).await;
    Some(response.map(Body::new))
}

fn names_on_disk(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// When a file was changed; `None` where there is none.
async fn changed_at(path: &Path) -> Option<SystemTime> {
    let found = tokio::fs::metadata(path).await.ok()?;
    found.is_file().then(|| found.modified().ok())?
}

/// The copy that `scripts/compress.mjs` puts beside a file.
fn compressed(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    PathBuf::from(name)
}
