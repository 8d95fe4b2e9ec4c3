//! What becomes of PROC-1 to PROC-3? An operator who follows the page, with and without faults.

use zdu_model::check::procedure::{Operator, Outcome, Remedy, Walk, procedure};
use zdu_model::spec::semantics::System;

use super::Args;
use super::asked::{Asked, Clause};
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict};
use super::progress::spinner;
use crate::cli::steps::Shown;
use zdu_model::spec::mutants::Mutants;

/// The largest cluster whose procedure is run without being asked for.
const PROCEDURE_NODES_MAX: usize = 6;

/// PROC-1 to PROC-3.
pub(super) fn by_the_page(args: &Args, asked: &Asked, system: &System<Mutants>, found: &mut Found) {
    if asked.clauses.is_empty() {
        return;
    }
    if system.scope.nodes > PROCEDURE_NODES_MAX && !args.procedure_alone() {
        found.left_out.push(LeftOut {
            what: "procedure (PROC-1 to PROC-3)",
            why: format!("it takes long for more than {PROCEDURE_NODES_MAX} nodes"),
            next: format!("zdu check{} --procedure", found.flags),
        });
        return;
    }
    let faults = args.faults.unwrap_or(0);
    let habit = args.scope.habit();
    let bar = spinner("an operator who follows the page");
    // Without faults there is nothing to put right, so that the remedies come to the same.
    let calm = procedure(system, Operator { remedy: Remedy::StopAndReconnect, habit }, 0);
    let mut states = calm.states as u64;
    for clause in &asked.clauses {
        found.findings.push(without_faults(clause, &calm, system));
    }
    for remedy in Remedy::ALL.into_iter().filter(|_| faults > 0) {
        let outcome = procedure(system, Operator { remedy, habit }, faults);
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
    if args.procedure_alone() {
        found.engine = "procedure";
        found.looked = Looked::Product { states };
    }
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
