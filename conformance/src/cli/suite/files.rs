//! How does a folder come to hold exactly the traces of one kind? New ones are written, stale ones of the same kind are
//! removed; whatever is no trace, or of another kind, stays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use zdu_model::traces::trace::{SCHEMA, SCHEMA_FILE, Trace, json_schema};

use super::By;
use crate::cli::Failure;

/// The kind of a trace, by its name: those that are made from the model have a name of their kind.
fn kind_of(name: &str) -> By {
    if name.starts_with("coverage-") {
        By::Coverage
    } else if name.starts_with("complete-") {
        By::Complete
    } else {
        By::Scenario
    }
}

/// Whether a file is a trace of this format and kind.
fn is_ours(path: &Path, by: By) -> bool {
    let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
        return false;
    };
    path.extension().is_some_and(|extension| extension == "json")
        && kind_of(name) == by
        && std::fs::read_to_string(path)
            .ok()
            .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
            .is_some_and(|json| json["schema"] == SCHEMA)
}

/// Writes the traces and their schema, and says on stderr what was done.
pub(super) fn write(folder: &Path, by: By, traces: &[Trace]) -> Result<(), Failure> {
    let fail = |error: std::io::Error| {
        Failure::usage(format!(
            "cannot write into {}: {error}; choose another folder with --write DIR",
            folder.display()
        ))
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let files: Vec<(String, String)> = (traces.iter())
        .map(|trace| (format!("{}.json", trace.name), trace.to_json()))
        .chain([(SCHEMA_FILE.to_owned(), json_schema())])
        .collect();
    let names: BTreeSet<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if !names.contains(&path) && is_ours(&path, by) {
            std::fs::remove_file(&path).map_err(fail)?;
            eprintln!("removed {}: no such trace any more", path.display());
        }
    }
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).map_err(fail)?;
    }
    eprintln!("wrote {} traces and {SCHEMA_FILE} into {}", traces.len(), folder.display());
    Ok(())
}
