//! Is somebody else on this machine driving the same target? One run at a time, by a lock that the system drops with the
//! process that holds it, however that ends.
//!
//! The lock's file names who holds it. It lies in the folder for temporary files, which every user of the machine shares; other
//! machines are not seen.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zdu_model::judge::text::Text;

use crate::verdict::Command;

/// Who drives a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub process: u32,
    /// The user, as the environment calls it.
    pub user: Option<Text>,
    /// Since when (RFC 3339, UTC).
    pub since: Text,
    /// What was typed.
    pub command: Command,
}

impl Holder {
    fn this() -> Self {
        let user = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        let now = jiff::Timestamp::now();
        Self {
            process: std::process::id(),
            user: user.map(Into::into),
            since: now.round(jiff::Unit::Second).unwrap_or(now).to_string().into(),
            command: Command::zdu(std::env::args().skip(1)),
        }
    }
}

/// A target that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody drives it.
    #[error(
        "{target} is driven by another run{}; wait for its end, or end it: two runs would take each other's steps for the build's",
        holder.as_ref().map_or_else(String::new, told)
    )]
    Held {
        /// Its URL.
        target: String,
        /// Who, where that can be read.
        holder: Option<Holder>,
    },
    /// The lock's file cannot be used.
    #[error(
        "cannot lock the target with {path}: {reason}; make the folder writable, or set TMPDIR to another"
    )]
    Io {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
}

fn told(holder: &Holder) -> String {
    let user = holder.user.as_ref().map_or_else(String::new, |user| format!(" of {user}"));
    format!(", process {}{user} since {}: {}", holder.process, holder.since, holder.command)
}

/// A target that this process drives, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Takes the target at this URL.
    ///
    /// # Errors
    /// [`LockError`] when somebody else has it, or its file cannot be used.
    pub fn take(url: &str) -> Result<Self, LockError> {
        Self::take_in(&std::env::temp_dir(), url, false)
    }

    /// The same, once nobody else has it.
    ///
    /// # Errors
    /// [`LockError::Io`].
    pub fn wait(url: &str) -> Result<Self, LockError> {
        Self::take_in(&std::env::temp_dir(), url, true)
    }

    fn take_in(folder: &Path, url: &str, wait: bool) -> Result<Self, LockError> {
        let url = reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.to_string());
        let url = url.trim_end_matches('/').to_owned();
        let path = folder.join(format!("zdu-{:016x}.lock", fingerprint(url.as_bytes())));
        let fail = |error: std::io::Error| LockError::Io {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        loop {
            let mut file = open(&path).map_err(fail)?;
            match if wait { file.lock().map_err(TryLockError::Error) } else { file.try_lock() } {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut text = String::new();
                    let _ = file.read_to_string(&mut text);
                    return Err(LockError::Held {
                        target: url,
                        holder: serde_json::from_str(&text).ok(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
            // Whoever had it may have taken its file away meanwhile: then this one is nobody's.
            let same = std::fs::metadata(&path).map(|now| now.ino()).ok()
                == file.metadata().map(|mine| mine.ino()).ok();
            if same {
                // That nobody can read who it is takes nothing from the lock.
                let _ = sign(&mut file);
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Opens the file to write, or to read where it is another user's: both can be locked.
fn open(path: &Path) -> std::io::Result<File> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    opened.or_else(|error| File::open(path).map_err(|_| error))
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(serde_json::to_string(&Holder::this())?.as_bytes())
}

/// FNV-1a.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{Lock, LockError};

    // A second one is refused with who has it; another target is not, and the first is free again once it is dropped.
    #[test]
    fn a_target_is_had_by_one_at_a_time() {
        let folder = std::env::temp_dir().join(format!("zdu-locks-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let take = |url| Lock::take_in(&folder, url, false);
        let first = take("http://WIKI.example.org/confluence/").expect("free");
        let Err(LockError::Held { holder: Some(holder), .. }) =
            take("http://wiki.example.org/confluence")
        else {
            panic!("it is held, and says by whom");
        };
        assert_eq!(holder.process, std::process::id());
        drop(take("http://wiki.example.org").expect("another target"));
        drop(first);
        drop(take("http://wiki.example.org/confluence").expect("free again"));
        assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0, "nothing is left");
        std::fs::remove_dir(&folder).expect("an empty folder");
    }
}
