//! Retained messages on the disk, where the broker cannot put them there itself.
//!
//! It names a file by the topic. A long topic is no name, and systems to which `Room` and `room` are one,
//! or have devices called `con`, have one file for two topics or none.

use std::io;
use std::path::{Path, PathBuf};

use mqtt5::broker::router::MessageRouter;
use mqtt5::broker::storage::RetainedMessage;
use tokio::fs;
use tokio::sync::Mutex;

use crate::names;
use crate::whole;

/// In the folder of the lesson.
const FOLDER: &str = "kept";

/// Where the broker has its own, in the same folder.
const OF_BROKER: &str = "retained";

/// Names of files may have 255 bytes, and while it writes one the broker adds up to 36.
const LONGEST: usize = 255 - 36;

/// What the broker writes as three bytes.
const ESCAPED: &[u8] = b"%/+#$\\:*?\"<>|\0";

/// Whether some names of files that the broker makes are one to this system.
const MIXES_NAMES: bool = cfg!(any(windows, target_os = "macos"));

/// A file for each message that is not the broker's.
pub struct RetainedFiles {
    folder: PathBuf,
    of_broker: PathBuf,
    /// Whether no message is the broker's.
    has_all: bool,
    /// Each file has what is retained when it is written.
    writes: Mutex<()>,
}

impl RetainedFiles {
    /// Those of a lesson.
    pub fn of(lesson: &Path) -> Self {
        Self {
            folder: lesson.join(FOLDER),
            of_broker: lesson.join(OF_BROKER),
            has_all: MIXES_NAMES,
            writes: Mutex::default(),
        }
    }

    /// Before the broker opens its folder: it finds nothing there that it may have mixed up.
    pub async fn prepare(&self) {
        if self.has_all {
            let _ = fs::remove_dir_all(&self.of_broker).await;
        }
    }

    /// Gives a broker that nobody has subscribed to yet what was retained, before it reads its own folder.
    pub async fn restore(&self, router: &MessageRouter) -> io::Result<()> {
        let mut files = match fs::read_dir(&self.folder).await {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        while let Some(file) = files.next_entry().await? {
            match read(&file.path()).await {
                Some(message) => {
                    router
                        .route_message(&message.to_publish_packet(), None)
                        .await
                }
                // Expired, or not written to its end.
                None => fs::remove_file(file.path()).await?,
            }
        }
        if self.has_all {
            let mut written = fs::read_dir(&self.of_broker).await?;
            while let Some(file) = written.next_entry().await? {
                fs::remove_file(file.path()).await?;
            }
        }
        Ok(())
    }

    /// Writes what is retained on a topic now, if it is not the broker's.
    pub async fn update(&self, topic: &str, router: &MessageRouter) -> io::Result<()> {
        if !self.has_all && is_name(topic) {
            return Ok(());
        }
        let _turn = self.writes.lock().await;
        let file = self
            .folder
            .join(format!("{}.json", names::made_from(topic)));
        let retained = router.get_retained_messages(topic).await;
        match retained.into_iter().next() {
            Some(message) => write(&file, &RetainedMessage::new(message)).await,
            None => match fs::remove_file(&file).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                Ok(()) | Err(_) => Ok(()),
            },
        }
    }
}

/// Whether the broker can name a file by this topic.
fn is_name(topic: &str) -> bool {
    let escaped = topic.bytes().filter(|byte| ESCAPED.contains(byte)).count();
    topic.len() + 2 * escaped <= LONGEST
}

async fn read(file: &Path) -> Option<RetainedMessage> {
    let bytes = fs::read(file).await.ok()?;
    let mut message: RetainedMessage = serde_json::from_slice(&bytes).ok()?;
    message.recompute_expiry();
    (!message.is_expired()).then_some(message)
}

async fn write(file: &Path, message: &RetainedMessage) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).await?;
    }
    whole::write(file, &serde_json::to_vec(message)?).await
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use mqtt5::QoS;
    use mqtt5::broker::router::MessageRouter;
    use mqtt5::packet::publish::PublishPacket;

    use super::{LONGEST, RetainedFiles, is_name};

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("kept-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join("retained")).unwrap();
            Self(path)
        }

        fn files(&self, has_all: bool) -> RetainedFiles {
            RetainedFiles {
                has_all,
                ..RetainedFiles::of(&self.0)
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    async fn keep(router: &MessageRouter, files: &RetainedFiles, topic: &str, text: &str) {
        let mut message = PublishPacket::new(topic, text.as_bytes().to_vec(), QoS::AtLeastOnce);
        message.retain = true;
        router.route_message(&message, None).await;
        files.update(topic, router).await.unwrap();
    }

    async fn restored(files: &RetainedFiles) -> Vec<String> {
        let router = MessageRouter::new();
        files.restore(&router).await.unwrap();
        let retained = router.get_retained_messages("#").await;
        let mut retained: Vec<String> = retained
            .iter()
            .map(|message| {
                let text = String::from_utf8_lossy(&message.payload).into_owned();
                assert!(message.retain);
                format!("{} {text}", message.topic_name.get(..4).unwrap())
            })
            .collect();
        retained.sort();
        retained
    }

    #[tokio::test]
    async fn what_is_no_name_for_the_broker_is_in_a_file_of_its_own_until_it_is_cleared() {
        let folder = Folder::new("long");
        let (router, files) = (MessageRouter::new(), folder.files(false));
        let long = "long/".repeat(100);

        keep(&router, &files, "room/short", "the broker's").await;
        keep(&router, &files, &long, "one").await;
        keep(&router, &files, &long, "two").await;
        assert_eq!(restored(&files).await, ["long two"]);

        keep(&router, &files, &long, "").await;
        assert!(restored(&files).await.is_empty());
    }

    #[tokio::test]
    async fn where_names_are_mixed_up_no_message_is_the_brokers() {
        let folder = Folder::new("all");
        let (router, files) = (MessageRouter::new(), folder.files(true));
        std::fs::write(folder.0.join("retained/ROOM.json"), "mixed up").unwrap();

        for topic in ["room/a", "Room/a", "ROOM/a", "con:/", "raÜm"] {
            keep(&router, &files, topic, topic).await;
        }

        let all = ["ROOM ROOM/a", "Room Room/a", "con: con:/", "room room/a"];
        let retained = restored(&folder.files(true)).await;
        assert!(
            all.iter().all(|one| retained.contains(&one.to_string())),
            "{retained:?}"
        );
        assert_eq!(retained.len(), 5);
        assert_eq!(folder.0.join("retained").read_dir().unwrap().count(), 0);
        files.prepare().await;
        assert!(!folder.0.join("retained").exists());
    }

    #[tokio::test]
    async fn a_file_that_is_damaged_is_nothing() {
        let folder = Folder::new("damaged");
        let files = folder.files(false);
        keep(&MessageRouter::new(), &files, &"a".repeat(LONGEST + 1), "x").await;
        let file = folder.0.join("kept/~0.json");
        std::fs::write(&file, "{\"topic\":").unwrap();

        assert_eq!(restored(&files).await, ["aaaa x"]);
        assert!(!file.exists());
    }

    #[test]
    fn the_length_is_that_of_the_name_and_not_of_the_topic() {
        assert!(is_name(&"a".repeat(LONGEST)));
        assert!(!is_name(&"a".repeat(LONGEST + 1)));
        assert!(is_name(&"/".repeat(LONGEST / 3)));
        assert!(!is_name(&"/".repeat(LONGEST / 3 + 1)));
    }
}
