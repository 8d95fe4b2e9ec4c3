//! What becomes of PROC-1 to PROC-3? An operator who follows the page, with and without faults.

use zdu_model::check::procedure::{Operator, Outcome, Remedy, Walk, procedure};
use zdu_model::check::sought::Bound;
use zdu_model::spec::semantics::System;

use super::args::Args;
use super::asked::{Asked, Clause};
use super::found::{Finding, Found, Kind, Verdict};
use super::progress::spinner;
use crate::cli::limits::Watch;
use crate::cli::steps::Shown;
use zdu_model::spec::mutants::Mutants;

/// PROC-1 to PROC-3.
pub(super) fn by_the_page(
    args: &Args,
    asked: &Asked,
    system: &System<Mutants>,
    watch: &Watch,
    found: &mut Found,
) {
    if asked.clauses.is_empty() {
        return;
    }
    let faults = args.faults.unwrap_or(0);
    let habit = args.scope.habit();
    let bar = spinner("an operator who follows the page");
    let stop = |scenes: usize| watch.stop_at(scenes, args.limits);
    let run = |remedy, faults| procedure(system, Operator { remedy, habit }, faults, &stop);
    let mut states = 0;
    // Without faults there is nothing to put right, so that the remedies come to the same.
    match run(Remedy::StopAndReconnect, 0) {
        Ok(calm) => {
            states += calm.states as u64;
            let each = asked.clauses.iter().map(|clause| without_faults(clause, &calm, system));
            found.findings.extend(each);
        }
        Err(by) => found.findings.extend(asked.clauses.iter().map(|it| given_up(it, by))),
    }
    for remedy in Remedy::ALL.into_iter().filter(|_| faults > 0) {
        let outcome = match run(remedy, faults) {
            Ok(outcome) => outcome,
            Err(by) => {
                found.findings.extend(asked.clauses.iter().map(|it| given_up(it, by)));
                continue;
            }
        };
        states += outcome.states as u64;
        for clause in &asked.clauses {
            let walk = (clause.broken)(&outcome).cloned();
            let verdict = match (&walk, clause.despite_faults) {
                (None, _) => Verdict::Holds,
                (Some(_), true) => Verdict::Violated,
                // The page promises nothing then.
                (Some(_), false) => Verdict::NotSurvived,
            };
            let about = format!("up to {faults} faults; a node in trouble: {}", remedy.text());
            found.findings.push(finding(clause, verdict, Some(about), walk));
        }
    }
    bar.finish_and_clear();
    found.looked.product(states);
}

/// A clause of which nobody knows, because the search was ended.
fn given_up(clause: &Clause, by: Bound) -> Finding {
    finding(clause, Verdict::GivenUp(by), Some(format!("ended by {}", by.text())), None)
}

/// What the page promises while nothing goes wrong.
fn without_faults(clause: &Clause, outcome: &Outcome, system: &System<Mutants>) -> Finding {
    const ALONE: &str = "one node alone cannot serve while it is upgraded";
    let walk = (clause.broken)(outcome).cloned();
    let alone = clause.not_alone && system.scope.nodes == 1;
    let (verdict, note) = match (&walk, alone) {
        (Some(_), true) => (Verdict::MustFail, Some(ALONE.to_owned())),
        (None, true) => (Verdict::Violated, Some(format!("{ALONE}, yet it does"))),
        (Some(_), false) => (Verdict::Violated, None),
        (None, false) => (Verdict::Holds, None),
    };
    finding(clause, verdict, note, walk)
}

fn finding(clause: &Clause, verdict: Verdict, note: Option<String>, walk: Option<Walk>) -> Finding {
    Finding {
        name: clause.name.to_owned(),
        rule: Some(clause.rule),
        kind: Kind::Procedure,
        verdict,
        note,
        run: walk.map(Shown::Walk),
    }
}
