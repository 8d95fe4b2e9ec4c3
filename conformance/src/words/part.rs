//! Which traces ran in which part of a run that was gone on with (`--resume`, `--last-failed`).

use std::collections::BTreeMap;

use zdu_model::judge::text::Text;

use super::counted;
use crate::verdict::{Report, TraceResult};

/// That a trace did not run in the last part of its run.
#[must_use]
pub fn earlier(trace: &TraceResult) -> Option<String> {
    let part = trace.earlier.as_ref()?;
    Some(format!("from the part of the run that began {part}, and not run again since"))
}

/// Each part with what ran in it, the last part last; nothing where all ran in one.
#[must_use]
pub fn parts(report: &Report) -> Vec<String> {
    let mut parts: BTreeMap<Option<&Text>, Vec<&str>> = BTreeMap::new();
    for trace in report.traces.iter().filter(|trace| trace.verdict.ran()) {
        parts.entry(trace.earlier.as_ref()).or_default().push(trace.name.raw());
    }
    let last = parts.remove(&None).unwrap_or_default();
    if parts.is_empty() {
        return Vec::new();
    }
    let most = parts.values().chain([&last]).map(Vec::len).max().unwrap_or(0);
    let earlier = parts.into_iter().map(|(part, names)| (part.map_or("?", Text::raw), names));
    let last = (report.resumed.as_deref().unwrap_or("last"), last);
    let line = |(began, names): (&str, Vec<&str>)| {
        // Those of the largest part are the rest.
        let which = (names.len() < most && !names.is_empty()).then(|| names.join(", "));
        let which = which.map_or_else(String::new, |names| format!(": {names}"));
        format!("{} ran in the part that began {began}{which}", counted(names.len(), "trace"))
    };
    earlier.chain([last]).map(line).collect()
}
