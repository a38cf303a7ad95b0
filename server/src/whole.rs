//! Files that are written whole or not at all.

use std::io;
use std::path::Path;

use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Killed in between, the program finds what was there before. The new one is on the disk when this ends; where it
/// fails, nothing of it is left.
pub async fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let begun = file.with_extension("new");
    let written = async {
        let mut writer = fs::File::create(&begun).await?;
        writer.write_all(bytes).await?;
        writer.sync_data().await?;
        drop(writer);
        fs::rename(&begun, file).await
    };
    let written = written.await;
    if written.is_err() {
        let _ = fs::remove_file(&begun).await;
    }
    written
}
