//! What becomes of LB-6? Users behind a load balancer while somebody follows the page, with rotation and without.

use zdu_model::check::procedure::rotation::sizes::all_sizes;
use zdu_model::check::procedure::rotation::{
    Balancer, Outcome, Rotation, Turns, Way, rotation, shortest_loss,
};
use zdu_model::check::procedure::{Habit, Operator, Remedy};
use zdu_model::check::sought::Bound;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};

use super::args::Args;
use super::found::{Finding, Found, Kind, LeftOut, Verdict};
use crate::cli::limits::Watch;
use crate::cli::steps::Shown;

/// Something that users must, or must not, live through.
#[derive(Clone, Copy)]
pub(super) struct Clause {
    pub(super) name: &'static str,
    way: Way,
    /// A run on which it fails.
    broken: fn(Outcome) -> Option<Turns>,
    /// Whether it fails on purpose, to show why.
    must_fail: bool,
}

/// The clauses of LB-6.
pub(super) const CLAUSES: [Clause; 3] = [
    Clause {
        name: "lb-6-some-node-serves-in-rotation-at-every-moment",
        way: Way::Around,
        broken: |outcome| outcome.unreached,
        must_fail: false,
    },
    Clause {
        name: "lb-6-no-request-is-sent-to-a-node-that-is-down",
        way: Way::Around,
        broken: |outcome| outcome.lost,
        must_fail: false,
    },
    Clause {
        name: "lb-6-without-rotation-no-request-is-sent-to-a-node-that-is-down",
        way: Way::Without,
        broken: |outcome| outcome.lost,
        must_fail: true,
    },
];

const RULE: Rule = Rule::Lb6;
const ALONE: &str = "one node alone cannot be taken out of rotation";
const WHY: &str = "that is why each node is taken out";

/// LB-6 at one size.
pub(super) fn in_rotation(
    args: &Args,
    clauses: &[Clause],
    system: &System<Mutants>,
    watch: &Watch,
    found: &mut Found,
) {
    let habit = args.scope.habit();
    let stop = |moments: usize| watch.stop_at(moments, args.limits);
    let faults_max = args.faults.unwrap_or(0);
    let remedies = if faults_max == 0 { &Remedy::ALL[..1] } else { &Remedy::ALL[..] };
    let mut moments = 0;
    for clause in clauses {
        let mut run = |remedy, faults| {
            let how = (clause.way, Balancer::Lags);
            let of = Rotation::new(system, Operator { remedy, habit }, how, faults);
            if clause.must_fail {
                shortest_loss(&of, &stop)
            } else {
                rotation(&of, &stop).map(|outcome| {
                    moments += outcome.moments as u64;
                    (clause.broken)(outcome)
                })
            }
        };
        let calm = run(Remedy::StopAndReconnect, 0);
        let alone = system.scope.nodes == 1;
        found.findings.push(told(clause, calm, |broken| match (broken, clause.must_fail, alone) {
            (true, true, _) => (Verdict::MustFail, Some(WHY.to_owned())),
            (true, false, true) => (Verdict::MustFail, Some(ALONE.to_owned())),
            (true, false, false) => (Verdict::Violated, None),
            (false, true, _) => (Verdict::Violated, Some("it must fail, and does not".to_owned())),
            (false, false, true) => (Verdict::Violated, Some(format!("{ALONE}, yet it is"))),
            (false, false, false) => (Verdict::Holds, None),
        }));
        for remedy in remedies.iter().filter(|_| faults_max > 0 && !clause.must_fail) {
            let about = format!(
                "up to {faults_max} faults; a node in trouble: {}; a node that dies is sent requests until it is noticed",
                remedy.text()
            );
            found.findings.push(told(clause, run(*remedy, faults_max), |broken| {
                let verdict = if broken { Verdict::NotSurvived } else { Verdict::Holds };
                (verdict, Some(about.clone()))
            }));
        }
    }
    found.looked.product(moments);
}

fn told(
    clause: &Clause,
    run: Result<Option<Turns>, Bound>,
    verdict: impl Fn(bool) -> (Verdict, Option<String>),
) -> Finding {
    match run {
        Ok(run) => {
            let (verdict, note) = verdict(run.is_some());
            finding(clause, verdict, note, run.map(Shown::Turns))
        }
        Err(by) => {
            finding(clause, Verdict::GivenUp(by), Some(format!("ended by {}", by.text())), None)
        }
    }
}

/// LB-6 for every number of nodes from two on; of a cluster or an operator with a mutant nothing is claimed.
pub(super) fn for_all_sizes(
    args: &Args,
    scope: Scope,
    clauses: &[Clause],
) -> Result<Vec<Finding>, LeftOut> {
    if !clauses.is_empty() && (args.planted().is_some() || args.scope.habit() != Habit::Follows) {
        return Err(LeftOut {
            what: "LB-6 for every number of nodes",
            why: "its proof is about the spec and an operator who follows the page; what is planted here is neither"
                .to_owned(),
            next: format!("zdu check{} --property lb-6", args.scope.flags()),
        });
    }
    let right = clauses.iter().filter(|clause| !clause.must_fail);
    let found = |clause: &Clause| {
        let all = all_sizes(scope, clause.way, Balancer::Lags);
        let holds = if clause.name.contains("serves") { all.reached } else { all.kept };
        let verdict = if holds { Verdict::Holds } else { Verdict::Undecided };
        let note = format!("from two nodes on, without faults; {} pictures", all.pictures.len());
        finding(clause, verdict, Some(note), None)
    };
    Ok(right.map(found).collect())
}

fn finding(clause: &Clause, verdict: Verdict, note: Option<String>, run: Option<Shown>) -> Finding {
    Finding {
        name: clause.name.to_owned(),
        rule: Some(RULE),
        kind: Kind::Procedure,
        verdict,
        note,
        run,
    }
}
