//! Which files are an NGINX configuration, and how is one changed so that neither a failure nor a kill leaves it half written?
//!
//! A change is written beside the file and renamed onto it. Before that the text as it was, and as it shall be, are put beside it
//! under names that no `include` finds (a shell's pattern finds no leading dot); they go when the change is proven. Whoever
//! finds them there knows that a run was killed, and puts the file back as it was, unless somebody has changed it since.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::config::{self, Entry, Found};
use crate::Error;

/// How deep includes go; deeper, they go round in a circle.
const DEPTH_MAX: usize = 16;

/// What the files say of the group.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The entries, each with its file.
    pub(super) entries: Vec<(PathBuf, Entry)>,
    /// Whether the group is there at all.
    pub(super) there: bool,
    /// Every file that was read.
    pub(super) files: Vec<PathBuf>,
    /// The file with the number of the master process, where one is named.
    pub(super) pid: Option<PathBuf>,
    /// Whether a change that NGINX may not have taken over yet is left out.
    settled: bool,
}

/// Reads the configuration from its main file on.
pub(super) fn group(main: &Path, name: &str) -> Result<Group, Error> {
    read_from(main, name, Group::default())
}

/// Reads it as it was before a change that is under way, if one is.
pub(super) fn settled(main: &Path, name: &str) -> Result<Group, Error> {
    read_from(main, name, Group { settled: true, ..Group::default() })
}

fn read_from(main: &Path, name: &str, mut group: Group) -> Result<Group, Error> {
    walk(main, main, name, &[], &mut group, 0)?;
    if !group.there {
        let said = format!(
            "no `upstream {name}` in it or in what it includes; set `upstream` of [balancer] to the group's name"
        );
        return Err(Error::Unexpected { what: main.display().to_string(), said });
    }
    Ok(group)
}

fn walk(
    main: &Path,
    file: &Path,
    name: &str,
    within: &[Vec<String>],
    group: &mut Group,
    depth: usize,
) -> Result<(), Error> {
    let shown = || file.display().to_string();
    let folder = main.parent().unwrap_or(Path::new("."));
    // A link stays a link: what it points to is changed.
    let file = fs::canonicalize(file).map_err(|error| unreadable(file, &error))?;
    let before = group.settled.then(|| fs::read_to_string(beside(&file, "before")).ok()).flatten();
    let text = before.map_or_else(|| read(&file), Ok)?;
    if !group.files.contains(&file) {
        group.files.push(file.clone());
    }
    let found = config::read(&text, name, within).map_err(|wrong| Error::Unexpected {
        what: shown(),
        said: format!("line {}: {}; see what `nginx -t` says of it", wrong.line, wrong.reason),
    })?;
    for one in found {
        match one {
            Found::Entry(entry) => group.entries.push((file.clone(), entry)),
            Found::Group => group.there = true,
            Found::Pid(pid) => group.pid = Some(folder.join(pid)),
            Found::Include(pattern, within) => {
                if depth == DEPTH_MAX {
                    let said = "its includes go round in a circle".to_owned();
                    return Err(Error::Unexpected { what: shown(), said });
                }
                for file in included(folder, &pattern)? {
                    walk(main, &file, name, &within, group, depth + 1)?;
                }
            }
        }
    }
    Ok(())
}

/// The files that a pattern names, in NGINX's order.
fn included(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, Error> {
    let whole = folder.join(pattern);
    let options = glob::MatchOptions { require_literal_leading_dot: true, ..Default::default() };
    let wrong = |said: String| Error::Unexpected { what: format!("include {pattern}"), said };
    let paths = glob::glob_with(&whole.to_string_lossy(), options)
        .map_err(|error| wrong(error.to_string()))?;
    let mut files = Vec::new();
    for path in paths {
        files.push(path.map_err(|error| wrong(error.to_string()))?);
    }
    Ok(files)
}

fn unreadable(file: &Path, error: &io::Error) -> Error {
    Error::Unreachable {
        what: file.display().to_string(),
        reason: format!(
            "{error}; run zdu where the configuration lies, as somebody who may read and change it"
        ),
    }
}

fn read(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).map_err(|error| unreadable(file, &error))
}

/// A change of one file that is not proven yet. Dropping it leaves what is needed to mend.
#[derive(Debug)]
pub(super) struct Change {
    file: PathBuf,
    before: String,
}

impl Change {
    /// Writes the change, so that it can be taken back.
    pub(super) fn write(file: &Path, edit: impl Fn(&str) -> String) -> Result<Self, Error> {
        let before = read(file)?;
        let after = edit(&before);
        let wrong = |error: io::Error| unreadable(file, &error);
        replace(&beside(file, "after"), &after, file).map_err(wrong)?;
        replace(&beside(file, "before"), &before, file).map_err(wrong)?;
        let change = Self { file: file.to_owned(), before };
        match replace(file, &after, file) {
            Ok(()) => Ok(change),
            Err(error) => {
                change.keep();
                Err(unreadable(file, &error))
            }
        }
    }

    /// The change stands.
    pub(super) fn keep(self) {
        // The text as it was goes first: without it nothing is ever taken back.
        let _ = fs::remove_file(beside(&self.file, "before"));
        let _ = fs::remove_file(beside(&self.file, "after"));
    }

    /// The file is as it was.
    pub(super) fn take_back(self) -> Result<(), Error> {
        replace(&self.file, &self.before, &self.file)
            .map_err(|error| unreadable(&self.file, &error))?;
        self.keep();
        Ok(())
    }
}

/// Takes back what a run that was killed left unproven. Says whether anything was.
pub(super) fn mend(file: &Path) -> Result<bool, Error> {
    let before = beside(file, "before");
    if !before.exists() {
        // Killed before anything was changed, or after everything was proven.
        let _ = fs::remove_file(beside(file, "after"));
        return Ok(false);
    }
    let (was, is) = (read(&before)?, read(file)?);
    let meant = read(&beside(file, "after")).unwrap_or_default();
    if is != was && is != meant {
        return Err(Error::Unexpected {
            what: file.display().to_string(),
            said: format!(
                "a run was killed while it changed it, and somebody has changed it since; compare it with {} and delete that file",
                before.display()
            ),
        });
    }
    Change { file: file.to_owned(), before: was }.take_back()?;
    Ok(true)
}

fn beside(file: &Path, what: &str) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.zdu-{what}"))
}

/// Puts a text into a file in one go, with the owner and the permissions of another.
fn replace(file: &Path, text: &str, like: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let new = beside(file, "new");
    let meta = fs::metadata(like)?;
    let write = || {
        let mut written = fs::File::create(&new)?;
        written.set_permissions(meta.permissions())?;
        let own = written.metadata()?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid()) {
            chown(&new, Some(meta.uid()), Some(meta.gid()))?;
        }
        written.write_all(text.as_bytes())?;
        written.sync_all()?;
        fs::rename(&new, file)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })
}

/// Holds off another run of this program that would change the same configuration, until it is dropped.
pub(super) fn lock(main: &Path) -> Result<fs::File, Error> {
    let folder = main.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let opened = fs::File::open(folder).map_err(|error| unreadable(folder, &error))?;
    let end = Instant::now() + LOCKED_MAX;
    loop {
        match opened.try_lock() {
            Ok(()) => return Ok(opened),
            // For a moment a process that this program starts holds it too, until it is another program.
            Err(fs::TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(LOCKED_MAX / 100);
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Error::Refused {
                    what: format!("changing {}", main.display()),
                    said: "another zdu is changing it; wait until that is done".to_owned(),
                });
            }
            Err(fs::TryLockError::Error(error)) => return Err(unreadable(folder, &error)),
        }
    }
}

/// How long somebody else may hold the configuration before it is given up.
const LOCKED_MAX: Duration = Duration::from_secs(2);
