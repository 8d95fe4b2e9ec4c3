//! What becomes of PROC-1 to PROC-3? An operator who follows the page, with and without faults.

use zdu_model::check::procedure::{Operator, Remedy, procedure};
use zdu_model::spec::semantics::System;

use super::Args;
use super::asked::Asked;
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict};
use super::progress::spinner;
use crate::cli::scope::Subject;
use crate::cli::steps::Shown;

/// The largest cluster whose procedure is run without being asked for.
const PROCEDURE_NODES_MAX: usize = 6;

/// PROC-1 to PROC-3.
pub(super) fn by_the_page(args: &Args, asked: &Asked, system: &System<Subject>, found: &mut Found) {
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
    let bar = spinner("an operator who follows the page");
    let mut states = 0;
    // Without faults there is nothing to put right, so that the remedies come to the same.
    for remedy in (Remedy::ALL.into_iter()).take(if faults == 0 { 1 } else { 3 }) {
        let outcome = procedure(system, Operator::who(remedy), faults);
        states += outcome.states as u64;
        for clause in &asked.clauses {
            let walk = (clause.broken)(&outcome).cloned();
            let alone = clause.not_alone && system.scope.nodes == 1;
            let (verdict, note) = match (&walk, alone) {
                (Some(_), true) => (
                    Verdict::MustFail,
                    Some("one node alone cannot serve while it is upgraded".to_owned()),
                ),
                (None, true) => (
                    Verdict::Violated,
                    Some(
                        "one node alone cannot serve while it is upgraded, yet it does".to_owned(),
                    ),
                ),
                (Some(_), false) if faults > 0 && !clause.despite_faults => {
                    (Verdict::NotSurvived, None)
                }
                (Some(_), false) => (Verdict::Violated, None),
                (None, false) => (Verdict::Holds, None),
            };
            let about = (faults > 0)
                .then(|| format!("up to {faults} faults; a node in trouble: {}", remedy.text()));
            found.findings.push(Finding {
                name: clause.name.to_owned(),
                rule: clause.rule,
                kind: Kind::Procedure,
                verdict,
                note: about.or(note),
                run: walk.map(Shown::Walk),
            });
        }
    }
    bar.finish_and_clear();
    if args.procedure_alone() {
        found.engine = "procedure";
        found.looked = Looked::Product { states };
    }
}
