//! What is asked of a run of tests besides the tests: which traces, what it must reach, and where its report goes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

use crate::exit::Exit;
use crate::replay::MAX_BROKEN;
use crate::report;
use crate::report::tone;
use crate::run::{Gate, Run};
use crate::selection::{Filter, Selection};
use crate::verdict::{Report, TraceResult};
use crate::words;

/// What is asked of a run of tests.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    pub(super) selection: Selection,
    pub(super) gate: Gate,
    pub(super) max_broken: usize,
    report_dir: Option<PathBuf>,
}

impl Default for Demands {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            gate: Gate::default(),
            max_broken: MAX_BROKEN,
            report_dir: None,
        }
    }
}

impl Demands {
    /// Takes its own options out of a command line, and gives what is left of it: that is for the tests' own reader.
    ///
    /// # Errors
    /// Why an option cannot be read.
    pub(super) fn take_from(
        &mut self,
        words: impl IntoIterator<Item = String>,
    ) -> Result<Vec<String>, String> {
        let mut left = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (option, given) = match word.split_once('=') {
                Some((option, value)) => (option.to_owned(), Some(value.to_owned())),
                None => (word.clone(), None),
            };
            let known = [
                "--filter",
                "--partition",
                "--report-dir",
                "--min-traces",
                "--require",
                "--max-broken",
            ];
            if option == "--fail-on-skip" {
                self.gate.fail_on_skip = true;
            } else if known.contains(&option.as_str()) {
                let value = given.or_else(|| words.next());
                let value = value.ok_or_else(|| format!("{option} wants a value"))?;
                self.set(&option, &value)?;
            } else {
                left.push(word);
            }
        }
        Ok(left)
    }

    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        let number = || value.parse().map_err(|_| format!("{option}: `{value}` is no number"));
        match option {
            "--filter" => self.narrow(value)?,
            "--partition" => self.selection.partition = Some(value.parse()?),
            "--report-dir" => self.report_dir = Some(PathBuf::from(value)),
            "--min-traces" => self.gate.min_traces = number()?,
            "--max-broken" => self.max_broken = number()?,
            _ => self.gate.require.push(value.parse::<Rule>().map_err(|error| error.to_string())?),
        }
        Ok(())
    }

    /// Only the traces that an expression means, too.
    pub(super) fn narrow(&mut self, expression: &str) -> Result<(), String> {
        let filter = Filter::parse(expression).map_err(|error| error.to_string())?;
        self.selection.filter = Some(match self.selection.filter.take() {
            None => filter,
            Some(other) => Filter::And(Box::new(other), Box::new(filter)),
        });
        Ok(())
    }

    /// Where the report goes, if one is asked for.
    pub(super) fn report_dir(&self) -> Option<&Path> {
        self.report_dir.as_deref()
    }

    pub(super) fn report_in(&mut self, folder: &Path) {
        self.report_dir = Some(folder.to_owned());
    }

    /// Says what the tests came to together, writes the report where one is asked for, and gives the exit code: the tests' own
    /// where one failed, else that of a threshold that was not met.
    pub(super) fn conclude(
        &self,
        run: Run,
        tests: &ExitCode,
        failed: bool,
        results: Vec<TraceResult>,
    ) -> ExitCode {
        let report: Report = Run { gate: self.gate.clone(), ..run }.finish(results);
        for unmet in &report.unmet {
            eprintln!("not met: {}", words::unmet(unmet));
        }
        eprintln!("{}", tone::last_line(&report));
        if let Some(folder) = &self.report_dir
            && let Err(error) = report::write_all(&report, folder)
        {
            eprintln!("{error}");
            return ExitCode::from(Exit::Usage.code());
        }
        if failed || report.unmet.is_empty() {
            *tests
        } else {
            ExitCode::from(Exit::Inconclusive.code())
        }
    }
}

/// What the tests of one process have come to so far.
#[derive(Debug, Default)]
pub(super) struct Results(Mutex<Sofar>);

#[derive(Debug, Default)]
struct Sofar {
    results: Vec<TraceResult>,
    /// How many in a row found the cluster where nothing brought it back.
    lost: usize,
}

impl Results {
    /// Takes over the results of a test; `lost` says whether it found the cluster where nothing brought it back.
    pub(super) fn add(&self, results: &[TraceResult], lost: bool) {
        let mut sofar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sofar.results.extend_from_slice(results);
        sofar.lost = if lost { sofar.lost + 1 } else { 0 };
    }

    /// How many in a row found the cluster where nothing brought it back.
    pub(super) fn lost(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lost
    }

    pub(super) fn taken(&self) -> Vec<TraceResult> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).results)
    }
}

/// The traces that are asked for, in their order; what is no trace stays, as a test that fails.
pub(super) fn selected(
    selection: &Selection,
    entries: Vec<(String, Result<Trace, String>)>,
) -> Vec<(String, Result<Trace, String>)> {
    let traces = entries.iter().filter_map(|(_, trace)| trace.as_ref().ok()).cloned().collect();
    let kept: Vec<String> = selection.of(traces).into_iter().map(|trace| trace.name).collect();
    let keeps = |(_, trace): &(String, Result<Trace, String>)| {
        trace.as_ref().map_or(true, |trace| kept.contains(&trace.name))
    };
    entries.into_iter().filter(keeps).collect()
}

#[cfg(test)]
mod tests {
    use super::Demands;

    #[test]
    fn its_own_options_are_taken_out_and_the_rest_is_left() {
        let mut demands = Demands::default();
        let words = "--filter name(a*) --list --partition=2/3 happy --min-traces 4 --require MODE-4 --fail-on-skip";
        let left = demands.take_from(words.split(' ').map(str::to_owned)).expect("options");
        assert_eq!(left, ["--list", "happy"]);
        assert_eq!(demands.selection.partition.expect("a part").to_string(), "2/3");
        assert!(demands.gate.fail_on_skip && demands.gate.min_traces == 4);
        assert_eq!(demands.gate.require.len(), 1);
        for wrong in
            ["--filter tea(", "--partition 4/3", "--min-traces few", "--require TEA", "--partition"]
        {
            let words = wrong.split(' ').map(str::to_owned);
            assert!(Demands::default().take_from(words).is_err(), "{wrong}");
        }
    }
}
