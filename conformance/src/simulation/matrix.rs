//! Which rules does the judge name for which defect? Every planted defect against every shipped trace that it can show in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use zdu_endpoint::{Defect, Needs, Options};
use zdu_model::judge::finding::Kind;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::traces::trace::Trace;

use super::Simulation;
use crate::log::Log;

/// What a defect was blamed on, over all traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blamed {
    /// How many traces were replayed on it.
    pub replayed: usize,
    /// How many found something.
    pub found: usize,
    /// How often each rule was the first that was found broken in a trace, by kind.
    pub first: BTreeMap<(Rule, Kind), usize>,
}

impl Blamed {
    /// Whether some trace names one of the rules under which the defect is rightly reported.
    #[must_use]
    pub fn rightly(&self, defect: Defect) -> bool {
        let right = defect.row().rules;
        self.first.keys().any(|(rule, _)| right.contains(&rule.id()))
    }

    /// One line: `12 of 98: STATUS-5 9, MODE-2 3`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut rules: Vec<_> = self.first.iter().collect();
        rules.sort_by_key(|((rule, kind), count)| (std::cmp::Reverse(**count), *rule, *kind));
        let mut line = format!("{} of {}:", self.found, self.replayed);
        for ((rule, kind), count) in rules {
            let late = match kind {
                Kind::WrongAnswer => "",
                Kind::Timeout => " late",
                Kind::Unmodelled => " unmodelled",
            };
            let _ = write!(line, " {rule}{late} {count},");
        }
        line.trim_end_matches(',').to_owned()
    }
}

/// Replays the traces on a defect.
#[must_use]
pub fn blamed(base: &Options, defect: Defect, traces: &[Trace]) -> Blamed {
    let mut blamed = Blamed::default();
    let tasks = defect.row().needs == Needs::Finalization;
    for trace in traces {
        // A defect of upgrade tasks shows in their profile; any other shows in the page's own as well.
        let profile = if tasks { Profile::Finalization } else { trace.profile };
        let trace = Trace { profile, ..trace.clone() };
        let options = Options { defect: Some(defect), ..base.clone() };
        let Ok(result) = Simulation::of(options).replay(&trace, &Log::default()) else { continue };
        blamed.replayed += 1;
        if let Some(first) = result.findings.first() {
            blamed.found += 1;
            *blamed.first.entry((first.finding.rule, first.finding.kind)).or_default() += 1;
        }
    }
    blamed
}
