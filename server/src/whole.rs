//! Files that are written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tokio::task::spawn_blocking;

/// Killed in between, the program finds what was there before. The new one is on the disk when this ends; where it
/// fails, nothing of it is left.
pub async fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let (file, bytes) = (file.to_path_buf(), bytes.to_vec());
    spawn_blocking(move || write_now(&file, &bytes, OpenOptions::new())).await?
}

/// As `write`, where nobody may read it but the user who runs this program.
pub fn write_secret(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_now(file, bytes, options)
}

fn write_now(file: &Path, bytes: &[u8], mut options: OpenOptions) -> io::Result<()> {
    let begun = file.with_extension("new");
    // One that was left by a program that was killed: others may be able to read it.
    let _ = fs::remove_file(&begun);
    let mut write = || {
        let mut writer = options.write(true).create_new(true).open(&begun)?;
        writer.write_all(bytes)?;
        writer.sync_data()?;
        drop(writer);
        fs::rename(&begun, file)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&begun);
    }
    written
}
