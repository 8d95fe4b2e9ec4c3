//! What is known for every number of nodes at once? The safety properties, by abstraction.

use std::time::Instant;

use zdu_model::check::abstraction::{self, prove};

use super::asked::Asked;
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict, broken};
use super::progress::spinner;
use crate::cli::scope::ScopeArgs;
use crate::cli::steps::Shown;

/// Proves the safety properties for every number of nodes at once.
pub(super) fn all_sizes(scope: ScopeArgs, asked: &Asked) -> Found {
    let began = Instant::now();
    let system = scope.system();
    let bar = spinner("every view of two nodes");
    let proof =
        prove(&system.semantics, system.scope.profile, system.scope.versions, &asked.safety);
    bar.finish_and_clear();
    let looked = Looked::of(&proof);
    let findings = (asked.safety.iter().zip(proof.verdicts))
        .map(|(property, verdict)| {
            let text = verdict.to_string();
            let (verdict, note, run) = match verdict {
                abstraction::Verdict::Holds => (Verdict::Holds, None, None),
                abstraction::Verdict::Violated { nodes, path } => (
                    Verdict::Violated,
                    Some(format!("with {nodes} nodes, {}", broken(property.rule, &system, &path))),
                    Some(Shown::Path(path)),
                ),
                abstraction::Verdict::Undecided(_) => (Verdict::Undecided, Some(text), None),
            };
            Finding {
                name: property.name.to_owned(),
                rule: property.rule,
                kind: Kind::Safety,
                verdict,
                note,
                run,
            }
        })
        .collect();
    let left_out = [
        ("liveness, recovery and the procedure", "they are not about single states"),
        ("reachability and vacuity", "what some size shows is enough"),
    ]
    .map(|(what, why)| LeftOut {
        what,
        why: why.to_owned(),
        next: format!("zdu check{}", scope.flags()),
    });
    Found {
        engine: "views",
        scope: system.scope,
        flags: format!("{} --all-sizes", scope.flags()),
        mutant: scope.mutant.map(|mutant| mutant.name()),
        seconds: began.elapsed().as_secs_f64(),
        looked,
        findings,
        left_out: left_out.into(),
        survival: None,
    }
}
