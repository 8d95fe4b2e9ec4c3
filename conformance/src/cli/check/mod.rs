//! `zdu check`: does the model have the properties that it must have?
//!
//! By default everything that section 5 of the spec asks: safety, reachability, vacuity, liveness, recovery (PROC-4)
//! and the procedure without faults. What was left out or given up is said to be, and is no part of "holds". `args` are the options, `asked` chooses the properties, `own` reads one's own questions, `refused` says which options
//! do not go together, `memory` what does not fit; `search` with its `answers`, `procedure`, `rotation` and `sizes` look for what becomes of them, `found` holds it,
//! `show` prints it, `progress` is what one sees until then.

mod answers;
mod args;
mod asked;
mod found;
mod memory;
mod own;
mod procedure;
mod progress;
mod refused;
mod rotation;
mod search;
mod show;
mod sizes;
mod space;

use std::time::Instant;

use zdu_model::check::procedure::rotation::survival as with_rotation;
use zdu_model::check::survival::survival;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};
use zdu_model::spec::table::Guard;

use super::itf;
use super::limits::{Watch, amount};
use super::saved::save as save_run;
use super::scope::Planted;
use super::scope::RunFormat;
use super::steps::Shown;
use super::{Ended, Failure};
use crate::exit::Exit;
pub(super) use args::Args;
use asked::Asked;
pub(super) use found::Found;
use found::{LeftOut, Looked};

pub(super) fn run(args: &Args) -> Ended {
    if args.mutants {
        print!("{}", mutants());
        return Ok(Exit::Fine);
    }
    args.scope.can_show(args.all_sizes)?;
    let system = args.scope.system();
    let own = args.own.read(system.scope, args.all_sizes)?;
    refused::without_asking(args, &system, &own)?;
    let procedure = args.procedure_alone();
    // Who asks something of their own asks for the rest by name.
    let asked = if own.is_empty() || !args.property.is_empty() || procedure {
        let asked = Asked::choose(system.scope, &args.property, procedure, args.all_sizes);
        Asked { own, ..asked }
    } else {
        Asked::own(own)
    };
    if asked.is_empty() {
        return Err(refused::nothing_asked(args, &system));
    }
    refused::not_obeyed(args, &asked)?;
    if args.list {
        print!("{}", asked.list(system.scope));
        return Ok(Exit::Fine);
    }
    let watch = Watch::begin(args.limits);
    let found = if args.all_sizes {
        sizes::all_sizes(args, &asked, &watch)?
    } else {
        one_size(args, &asked, &watch)?
    };
    match args.format {
        RunFormat::Text => print!("{}", found.text()),
        RunFormat::Json => println!("{:#}", found.json()),
        RunFormat::Itf => itf(&found),
    }
    let saved = args.save.as_ref().map_or(Ok(()), |file| save(file, &found));
    // What was found is not undone by a file that cannot be written.
    saved.map_err(|failure| failure.after(found.exit()))?;
    Ok(found.exit())
}

/// The run that somebody asked about: the first counterexample, or else what was to be reached.
fn wanted(found: &Found) -> Option<(&found::Finding, &Shown)> {
    let mut asked =
        found.findings.iter().filter(|it| it.verdict.explains() || it.kind == found::Kind::Own);
    asked.find_map(|it| Some((it, it.run.as_ref()?)))
}

/// Prints that run in the informal trace format; without one nothing.
fn itf(found: &Found) {
    let Some((_, run)) = wanted(found) else {
        let verdict = found.verdict();
        eprintln!(
            "there is no run to print, since none was found; verdict: {verdict}; {}",
            found.summary()
        );
        return;
    };
    println!("{:#}", itf::written(&run.path(), run.back(), found.system.scope.versions));
}

/// Writes that run as a trace.
fn save(file: &std::path::Path, found: &Found) -> Result<(), Failure> {
    let Some((one, run)) = wanted(found) else {
        eprintln!("nothing to save: no property failed, and nothing was to be reached");
        return Ok(());
    };
    let path = run.path();
    let scope = Scope { nodes: path.start.nodes.len(), ..found.system.scope };
    let system = System { scope, ..found.system };
    save_run(file, &system, &format!("{}: {}", one.verdict.word(), one.name), &path)
}

/// Checks one number of nodes.
fn one_size(args: &Args, asked: &Asked, watch: &Watch) -> Result<Found, Failure> {
    let began = Instant::now();
    let system = args.scope.system();
    let mut found = Found {
        engine: "procedure",
        system,
        flags: args.scope.flags(),
        mutant: args.planted(),
        seconds: 0.0,
        looked: Looked::Product { states: 0 },
        findings: Vec::new(),
        left_out: Vec::new(),
        not_asked: Vec::new(),
        survival: None,
        rotation: None,
    };
    if asked.states() {
        let folded = memory::folded(args, asked, &system);
        if let Some(needs) = folded {
            found.not_asked.push(LeftOut {
                what: "every state by itself",
                why: format!(
                    "that takes {}; those that differ by a renaming of the nodes are one, as with --symmetry, and nothing that is asked tells \
                     the nodes apart",
                    amount(needs)
                ),
                next: format!("zdu check{} --engine explicit", found.flags),
            });
        }
        let args = Args { symmetry: args.symmetry || folded.is_some(), ..args.clone() };
        search::explore(&args, asked, &system, watch, &mut found)?;
    }
    procedure::by_the_page(args, asked, &system, watch, &mut found);
    rotation::in_rotation(args, &asked.rotation, &system, watch, &mut found);
    if args.survival {
        let stop = |scenes: usize| watch.stop_at(scenes, args.limits);
        let (habit, faults) = (args.scope.habit(), args.faults.unwrap_or(0));
        let both = survival(&system, habit, faults, &stop)
            .and_then(|table| Ok((table, with_rotation::survival(&system, habit, faults, &stop)?)));
        match both {
            Ok((table, rotation)) => {
                found.survival = Some(table);
                found.rotation = Some(rotation);
            }
            Err(by) => found.left_out.push(LeftOut {
                what: "what a cluster survives",
                why: format!("ended by {}", by.text()),
                next: format!("zdu check{} --survival, with less to look at", found.flags),
            }),
        }
    }
    found.findings.sort_by_key(|finding| finding.kind);
    found.seconds = began.elapsed().as_secs_f64();
    Ok(found)
}

/// What can be planted: name, rule, the smallest model in which it shows, what it does.
fn mutants() -> String {
    let lines = Planted::all().map(|planted| {
        let least = planted.least();
        let profile = match least.profile {
            Profile::Documented => "",
            Profile::Finalization => ", finalization",
        };
        let size = format!("N={} V={}{profile}", least.nodes, least.versions);
        let rule = planted.rule().map_or("", Rule::id);
        format!("{:<30} {rule:<9} {size:<22} {}\n", planted.name(), planted.text())
    });
    let guards: Vec<&str> = Guard::all().map(Guard::name).collect();
    let guards = format!("\nguards that can be dropped (--without GUARD): {}\n", guards.join(", "));
    lines.collect::<String>() + &guards
}

/// Checks everything at the default size.
pub(super) fn defaults() -> Result<Found, Failure> {
    let args = Args::default();
    let asked = Asked::choose(args.scope.scope(), &[], false, false);
    one_size(&args, &asked, &Watch::idle())
}
