//! Which traces does a command line mean? The files, and what narrows them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

use super::Failure;
use super::suite::{costs, list};
use crate::exit::Exit;
use crate::selection::{Filter, Partition, Pattern, Selection};
use crate::verdict::Command;

/// What narrows the traces.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Select {
    /// Only traces of this name, or of those that fit a pattern with `*`; may be given several times
    #[arg(long, value_name = "PATTERN")]
    only: Vec<Pattern>,
    /// No trace of this name or pattern; may be given several times
    #[arg(long, value_name = "PATTERN")]
    not: Vec<Pattern>,
    /// Only traces that exercise this rule; may be given several times
    #[arg(long, value_name = "RULE")]
    rule: Vec<Rule>,
    /// Only traces that an expression means: name(PATTERN), rule(PATTERN), needs(STEP), profile(NAME), all(), with and, or, not
    #[arg(long, value_name = "EXPRESSION", value_parser = Filter::parse)]
    filter: Option<Filter>,
    /// One part of what is left, to share it among several clusters: 1/3 is the first of three
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// List the selection with its cost, and send nothing
    #[arg(long)]
    pub(super) list: bool,
}

impl Select {
    /// The traces that are selected among these files, or among the shipped ones; `keep` is what the command itself wants.
    pub(super) fn of(
        &self,
        files: &[PathBuf],
        keep: impl Fn(&Trace) -> bool,
    ) -> Result<Vec<Trace>, Failure> {
        let traces = if files.is_empty() { shipped() } else { load(files)? };
        let selection = Selection {
            only: self.only.clone(),
            not: self.not.clone(),
            rules: self.rule.clone(),
            filter: self.filter.clone(),
            partition: self.partition,
        };
        let known = selection.check(&traces).map_err(|error| error.to_string());
        let selected = selection.of(traces.into_iter().filter(keep).collect());
        match known {
            Ok(()) if selected.is_empty() => Err(Failure::new(
                Exit::Nothing,
                "no trace is selected; see them all: zdu suite --list",
            )),
            Ok(()) => Ok(selected),
            Err(reason) if selected.is_empty() => {
                Err(Failure::new(Exit::Nothing, format!("no trace is selected: {reason}")))
            }
            Err(reason) => Err(Failure::usage(reason)),
        }
    }
}

/// The selection with its cost, when a step takes so long to settle.
pub(super) fn listed(traces: &[Trace], settle: Duration) -> String {
    format!("{}\n{}", list(traces), costs(traces, settle))
}

/// The shipped traces.
pub(super) fn shipped() -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect()
}

/// Reads trace files and folders of them.
fn load(paths: &[PathBuf]) -> Result<Vec<Trace>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let fail = |error: std::io::Error| Failure::usage(unreadable(path, &error));
        if path.is_dir() {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(path).map_err(fail)? {
                let file = entry.map_err(fail)?.path();
                let name = file
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                if name.ends_with(".json") && !name.ends_with(".schema.json") {
                    found.push(file);
                }
            }
            if found.is_empty() {
                return Err(Failure::new(
                    Exit::Nothing,
                    format!("{} holds no trace (*.json)", path.display()),
                ));
            }
            found.sort();
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file)
                .map_err(|error| Failure::usage(unreadable(file, &error)))?;
            Trace::parse(&text).map_err(|error| {
                Failure::usage(format!(
                    "{}: {error}\nmend the file, or write the shipped ones anew: {}",
                    file.display(),
                    Command::zdu([
                        "suite",
                        "--write",
                        &file.parent().filter(|folder| *folder != Path::new("")).map_or_else(
                            || "traces".to_owned(),
                            |folder| folder.display().to_string()
                        )
                    ])
                ))
            })
        })
        .collect()
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!(
        "cannot read {}: {error}; give a trace file or a folder of them, or nothing for the shipped traces",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // By hand: `happy-path` has twelve steps for three nodes and finalizes, `restart-with-mode-off` does not; each is listed with both, and
    // once more with what it costs.
    #[test]
    fn a_list_says_what_each_trace_takes_and_which_need_a_reset() {
        let named = |name: &str| {
            let scenario = scenario::Scenario::named(name).expect("a scenario");
            scenario.trace(scenario.shipped).expect("its trace")
        };
        let traces = [named("happy-path"), named("restart-with-mode-off")];
        let text = listed(&traces, Duration::from_secs(600));
        let rows = |name: &str| -> Vec<Vec<&str>> {
            let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
            lines.filter(|words| words.first() == Some(&name)).collect()
        };
        let happy = rows("happy-path");
        assert_eq!(happy[0][1..6], ["N=3", "V=2", "12", "steps", "reset"], "{text}");
        assert_eq!((happy.len(), happy[1][1]), (2, "12"), "{text}");
        let restart = rows("restart-with-mode-off");
        assert_eq!(restart.len(), 2, "{text}");
        assert!(!restart[0].contains(&"reset"), "{text}");
    }
}
