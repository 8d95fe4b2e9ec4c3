//! How is a run told? As text, as JSON, as JUnit XML and as one HTML file, all from one [`Report`].
//!
//! No format counts anything of its own: numbers come from the report, bugs from [`bugs`], and sentences from
//! [`crate::words`], so that all tell the same. What came from a target is a text whose display is safe on a terminal and in
//! XML; each format escapes in its own way besides.

use std::fs;
use std::path::{Path, PathBuf};

use crate::verdict::Report;

pub mod bugs;
pub mod curl;
pub mod diff;
pub mod explore;
pub mod github;
pub mod html;
pub mod json;
pub mod junit;
pub mod next;
pub mod past;
pub mod text;
pub mod tone;

/// A report cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder cannot be made.
    #[error(
        "cannot make the folder {path} for the reports: {reason}; give another one with --report-dir"
    )]
    Folder {
        /// The folder.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write the report {path}: {reason}; give another folder with --report-dir")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// Writes `report.json`, `report.txt`, `junit.xml` and `report.html` into a folder, which is made if need be, and gives
/// their paths. Each file is replaced as a whole: who reads meanwhile sees the old one or the new one.
///
/// # Errors
/// [`ReportError`] when the folder cannot be made or a file cannot be written; files written before it stay.
pub fn write_all(report: &Report, folder: &Path) -> Result<Vec<PathBuf>, ReportError> {
    make(folder)?;
    [
        ("report.json", json::render(report)),
        ("report.txt", text::render(report, false)),
        ("junit.xml", junit::render(report)),
        ("report.html", html::render(report)),
    ]
    .into_iter()
    .map(|(name, text)| replace(folder, name, &text))
    .collect()
}

/// Makes the folder for the reports. Who does so before a run loses no run to a folder that cannot be had.
///
/// # Errors
/// [`ReportError::Folder`] when it cannot be made.
pub fn make(folder: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(folder).map_err(|error| ReportError::Folder {
        path: folder.display().to_string(),
        reason: error.to_string(),
    })
}

/// Writes beside the file, then takes its place. The process id keeps two runs apart that share a folder.
fn replace(folder: &Path, name: &str, text: &str) -> Result<PathBuf, ReportError> {
    let path = folder.join(name);
    let beside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, &path));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            // The first error is the one that counts; a leftover beside it is hidden and harmless.
            let _ = fs::remove_file(&beside);
            Err(ReportError::File { path: path.display().to_string(), reason: error.to_string() })
        }
    }
}
