//! What is known for every number of nodes at once? The safety properties, and liveness by the ladder, by abstraction.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use zdu_model::check::abstraction::views::Views;
use zdu_model::check::abstraction::{self, certificate, prove};
use zdu_model::check::fairness::Liveness;
use zdu_model::check::sought::Bound;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Claim;
use zdu_model::spec::semantics::{Scope, System};

use super::args::Args;
use super::asked::Asked;
use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict, broken};
use super::memory::fits_views;
use super::own::{self, Own};
use super::progress::spinner;
use super::rotation;
use crate::cli::Failure;
use crate::cli::limits::Watch;
use crate::cli::scope::deliver;
use crate::cli::steps::Shown;
use crate::exit::Exit;

/// Proves what can be proved for every number of nodes at once.
pub(super) fn all_sizes(args: &Args, asked: &Asked, watch: &Watch) -> Result<Found, Failure> {
    let began = Instant::now();
    let system = args.scope.system();
    let most = Views::versions_max(system.scope.profile);
    if system.scope.versions > most {
        return Err(Failure::new(
            Exit::Inconclusive,
            format!(
                "nothing was looked at: the proof tells at most {most} versions apart in profile {}; the nearest that fits: zdu \
                 check --all-sizes --versions {most}",
                system.scope.profile
            ),
        ));
    }
    let mut claims: Vec<Claim<Mutants>> = asked.safety.iter().map(|it| it.claim.clone()).collect();
    if asked.ladder() {
        claims.push(Liveness::ladder());
        claims.extend(asked.liveness.iter().map(Liveness::moves_itself));
    }
    claims.extend(asked.own.iter().filter_map(Own::claim));
    claims.extend(asked.own.iter().filter_map(Own::silence));
    fits_views(args, &system)?;
    let bar = spinner("every view of two nodes");
    let stop = || watch.stop();
    let proof =
        prove(&system.semantics, system.scope.profile, system.scope.versions, &claims, &stop);
    let looked = Looked::of(&proof);
    let mut verdicts = proof.verdicts.into_iter();
    let mut findings: Vec<Finding> = asked
        .safety
        .iter()
        .zip(verdicts.by_ref())
        .map(|(property, verdict)| {
            let (verdict, note, run) = told(verdict, &system, property.rule);
            Finding {
                name: property.name.to_owned(),
                rule: Some(property.rule),
                kind: Kind::Safety,
                verdict,
                note,
                run,
            }
        })
        .collect();
    if asked.ladder()
        && let Some(ladder) = verdicts.next()
    {
        let ends = asked.liveness.iter().zip(verdicts.by_ref());
        findings.extend(ends.map(|(liveness, own)| lively(liveness, &ladder, &own)));
        let memory = args.limits.memory();
        let leads = |own| own::leads_for_all_sizes(own, &system, &ladder, memory, &stop);
        findings.extend(asked.own.iter().filter_map(leads));
    }
    bar.finish_and_clear();
    let own: Vec<&Own> = asked.own.iter().filter(|own| !own.leads()).collect();
    let told: Vec<_> = own.iter().zip(verdicts.by_ref()).collect();
    findings.extend(told.into_iter().map(|(own, verdict)| {
        let silence = own.silence().and_then(|_| verdicts.next());
        let told = answered(own, verdict, proof.window);
        if silence == Some(abstraction::Verdict::Holds) { Own::silent(told) } else { told }
    }));
    if let Some(file) = &args.certificate {
        certify(file, args, &findings, &stop)?;
    }
    let rotation = rotation::for_all_sizes(args, system.scope, &asked.rotation);
    let unproved = rotation.map(|more| findings.extend(more)).err();
    let flags = args.scope.flags();
    let not_asked = [
        ("recovery, and PROC-1 to PROC-3", "they are not about single states"),
        ("reachability and vacuity", "what some size shows is enough"),
    ]
    .map(|(what, why)| LeftOut {
        what,
        why: why.to_owned(),
        next: format!("zdu check{flags}"),
    });
    // What was asked for by name is missed.
    let (not_proved, left_out): (Vec<_>, Vec<_>) =
        unproved.into_iter().partition(|_| args.property.is_empty());
    Ok(Found {
        engine: "views",
        system,
        flags: format!("{flags} --all-sizes"),
        mutant: args.planted(),
        seconds: began.elapsed().as_secs_f64(),
        looked,
        findings,
        left_out,
        not_asked: not_asked.into_iter().chain(not_proved).collect(),
        survival: None,
        rotation: None,
    })
}

/// Writes the proof, if there is one.
fn certify(
    file: &Path,
    args: &Args,
    findings: &[Finding],
    stop: &dyn Fn() -> Option<Bound>,
) -> Result<(), Failure> {
    let system = args.scope.system();
    let safe = || findings.iter().filter(|finding| finding.kind == Kind::Safety);
    if safe().any(|finding| finding.verdict != Verdict::Holds) {
        return Err(Failure::new(
            Exit::Inconclusive,
            format!(
                "no certificate: what was asked is not proved for every number of nodes; see: zdu check{} --all-sizes",
                args.scope.flags()
            ),
        ));
    }
    let holds = safe().map(|finding| finding.name.clone()).collect();
    let Scope { profile, versions, .. } = system.scope;
    let made = certificate(&system.semantics, profile, versions, holds, stop).map_err(|by| {
        Failure::new(Exit::Inconclusive, format!("no certificate: ended by {}", by.text()))
    })?;
    let views: Vec<String> = made.views.iter().map(|view| json!(view).to_string()).collect();
    let mut head = json!(made);
    head["views"] = Value::Null;
    // A view a line, to be read.
    let views = format!("\"views\":[\n{}\n]", views.join(",\n"));
    deliver(&(head.to_string().replacen("\"views\":null", &views, 1) + "\n"), Some(file))
}

type Told = (Verdict, Option<String>, Option<Shown>);

fn told(
    verdict: abstraction::Verdict,
    system: &System<Mutants>,
    rule: zdu_model::spec::rule::Rule,
) -> Told {
    let text = verdict.to_string();
    match verdict {
        abstraction::Verdict::Holds => (Verdict::Holds, None, None),
        abstraction::Verdict::Violated { nodes, path } => (
            Verdict::Violated,
            Some(format!("with {nodes} nodes, {}", broken(rule, system, &path))),
            Some(Shown::Path(path)),
        ),
        abstraction::Verdict::Undecided(abstraction::Doubt::Ended(bound)) => {
            (Verdict::GivenUp(bound), Some(text), None)
        }
        abstraction::Verdict::Undecided(_) => (Verdict::Undecided, Some(text), None),
    }
}

/// One's own question for every size: nothing was found against it, in clusters as large as what it speaks of.
fn answered(own: &Own, verdict: abstraction::Verdict, window: usize) -> Finding {
    let reach = matches!(own, Own::Reach(_));
    let text = verdict.to_string();
    match verdict {
        abstraction::Verdict::Violated { nodes, path } => {
            let (verdict, words) = if reach {
                (Verdict::Reached, format!("with {nodes} nodes, in {} steps", path.steps.len()))
            } else {
                (Verdict::Violated, format!("with {nodes} nodes"))
            };
            own.finding(verdict, Some(words), Some(Shown::Path(path)))
        }
        abstraction::Verdict::Holds => match own.witnesses() {
            Some(count) if count <= window && reach => {
                own.finding(Verdict::Gap, Some("no number of nodes shows it".to_owned()), None)
            }
            Some(count) if count <= window => own.finding(Verdict::Holds, None, None),
            Some(count) => {
                let note = format!(
                    "cannot be decided: it speaks of up to {count} nodes at once, and clusters of up to {window} were looked at"
                );
                own.finding(Verdict::Undecided, Some(note), None)
            }
            None => {
                let note = "cannot be decided: it names a node";
                own.finding(Verdict::Undecided, Some(note.to_owned()), None)
            }
        },
        abstraction::Verdict::Undecided(abstraction::Doubt::Ended(bound)) => {
            own.finding(Verdict::GivenUp(bound), Some(text), None)
        }
        abstraction::Verdict::Undecided(_) => own.finding(Verdict::Undecided, Some(text), None),
    }
}

/// Liveness for every size: both halves of the argument must hold. Where one does not, a single size tells more.
fn lively(
    liveness: &Liveness,
    ladder: &abstraction::Verdict,
    own: &abstraction::Verdict,
) -> Finding {
    let (verdict, note) = match (ladder, own) {
        (abstraction::Verdict::Holds, abstraction::Verdict::Holds) => (
            Verdict::Holds,
            "each of its steps takes a node down a ladder, and none is without a next one"
                .to_owned(),
        ),
        (abstraction::Verdict::Undecided(abstraction::Doubt::Ended(bound)), _)
        | (_, abstraction::Verdict::Undecided(abstraction::Doubt::Ended(bound))) => {
            (Verdict::GivenUp(*bound), "the proof was ended".to_owned())
        }
        (abstraction::Verdict::Violated { nodes, .. }, _)
        | (_, abstraction::Verdict::Violated { nodes, .. }) => (
            Verdict::Undecided,
            format!("the argument fails with {nodes} nodes, which may not matter; ask that size"),
        ),
        (abstraction::Verdict::Undecided(_), _) | (_, abstraction::Verdict::Undecided(_)) => {
            (Verdict::Undecided, "the argument cannot be decided".to_owned())
        }
    };
    Finding {
        name: liveness.name.to_owned(),
        rule: Some(liveness.rule),
        kind: Kind::Liveness,
        verdict,
        note: Some(note),
        run: None,
    }
}
