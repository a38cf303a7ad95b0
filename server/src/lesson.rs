//! What outlives the program until the lesson ends: sessions, retained messages and what waits for clients,
//! each lesson in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A lesson that began before this is over: a school day.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

const PREFIX: &str = "lesson-";

/// The lesson that is going on.
pub struct Lesson {
    root: PathBuf,
    /// Seconds since 1970, in the name of the folder.
    began: Mutex<u64>,
}

impl Lesson {
    /// Goes on with the lesson of today, or begins one. What older lessons left is deleted.
    pub fn open(root: PathBuf) -> Result<Self, String> {
        fs::create_dir_all(&root).map_err(|error| format!("{}: {error}", root.display()))?;
        let oldest = now().saturating_sub(LONGEST.as_secs());
        let last = lessons_in(&root).into_iter().max();
        let began = last.filter(|began| *began > oldest).unwrap_or_else(now);
        let lesson = Self {
            root,
            began: Mutex::new(began),
        };
        lesson.delete_others();
        lesson.create_folder();
        Ok(lesson)
    }

    /// Where the broker keeps what belongs to this lesson.
    pub fn folder(&self) -> PathBuf {
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        self.root.join(format!("{PREFIX}{began}"))
    }

    /// The next lesson: nothing of this one is left.
    pub fn begin_anew(&self) {
        {
            let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
            *began = now().max(*began + 1);
        }
        self.delete_others();
        self.create_folder();
    }

    /// For the user of this program only: what pupils write and the words are in it. The broker says where it cannot be.
    fn create_folder(&self) {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let _ = builder.create(self.folder());
    }

    /// What cannot be deleted now is deleted by the next lesson.
    fn delete_others(&self) {
        let current = self.folder();
        for began in lessons_in(&self.root) {
            let folder = self.root.join(format!("{PREFIX}{began}"));
            if folder != current {
                let _ = fs::remove_dir_all(folder);
            }
        }
    }
}

fn lessons_in(root: &Path) -> Vec<u64> {
    let entries = root.read_dir().into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_prefix(PREFIX)?
                .parse()
                .ok()
        })
        .collect()
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{LONGEST, Lesson, PREFIX, now};

    /// A folder that is deleted at the end of the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn open(&self) -> Lesson {
            let lesson = Lesson::open(self.0.clone()).unwrap();
            fs::create_dir_all(lesson.folder()).unwrap();
            lesson
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_program_that_starts_again_goes_on_with_the_lesson() {
        let root = Folder::new("goes-on");
        let first = root.open().folder();

        assert_eq!(root.open().folder(), first);
    }

    #[test]
    fn a_new_lesson_begins_with_nothing() {
        let root = Folder::new("anew");
        let lesson = root.open();
        let first = lesson.folder();

        lesson.begin_anew();

        assert_ne!(lesson.folder(), first);
        assert!(!first.exists());
    }

    #[test]
    fn the_lesson_of_yesterday_is_over() {
        let root = Folder::new("yesterday");
        let yesterday = now() - LONGEST.as_secs() - 1;
        let old = root.0.join(format!("{PREFIX}{yesterday}"));
        fs::create_dir_all(&old).unwrap();

        let lesson = root.open();

        assert_ne!(lesson.folder(), old);
        assert!(!old.exists());
    }
}
