//! How is a run of the model kept? As a trace for `zdu replay`, from the initial state on, with what to do with it.

use std::path::Path as File;

use zdu_endpoint::{Defect, Options};
use zdu_model::check::engine::Engine as _;
use zdu_model::check::path::Path;
use zdu_model::check::sought::Sought;
use zdu_model::check::space::Explicit;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Claim;
use zdu_model::spec::semantics::System;
use zdu_model::traces::trace::{Trace, Walked};

use super::Failure;
use super::scope::deliver;
use super::steps::lines;
use crate::simulation::{self, Simulation};
use crate::verdict::{Command, Verdict};

/// Writes a run of a system as a trace that `zdu replay` runs, from the initial state on.
pub(super) fn save(
    file: &File,
    system: &System<Mutants>,
    why: &str,
    path: &Path,
) -> Result<(), Failure> {
    let name = file.file_stem().map_or_else(|| "saved".into(), |name| name.to_string_lossy());
    let path = from_the_start(system, path)?;
    let walked = Trace::walked(system.scope, &name, why, &path).map_err(|error| {
        Failure::usage(format!(
            "this run cannot be saved as a trace, in which nobody orders what the cluster does by itself: {error}; from the initial state \
             on it is\n{}",
            lines(system, &path)
        ))
    })?;
    deliver(&walked.trace.to_json(), Some(file))?;
    eprintln!("{}", next(system, &file.to_string_lossy(), &walked));
    Ok(())
}

/// What to do with a saved run. A mock that does as the spec says shows nothing of a mutant; one with the defect of the same
/// name may, which is tried here before anybody is told to.
pub(super) fn next(system: &System<Mutants>, file: &str, walked: &Walked) -> String {
    let replay = Command::zdu(["replay", file]);
    if system.semantics == Mutants::NONE {
        return format!("replay it: {replay}");
    }
    let planted = system.semantics.to_string();
    let end = if walked.reaches { "" } else { ", which never is where this run ends" };
    let defect = Defect::ALL.iter().find(|defect| defect.name() == planted);
    let next = defect.filter(|defect| deviates(**defect, &walked.trace)).map_or_else(
        || "replayed on the embedded mock it shows nothing of that".to_owned(),
        |defect| format!("see it deviate: {}", replay.with(["--defect", defect.name()])),
    );
    format!(
        "it has the steps of a run of {planted}, and what the spec expects after each{end}; {next}"
    )
}

/// Whether the trace finds the defect.
fn deviates(defect: Defect, trace: &Trace) -> bool {
    let options = simulation::options(0);
    let fits = usize::from(trace.versions) <= options.versions.len();
    let simulation = Simulation::of(Options { defect: Some(defect), ..options });
    fits && simulation.replay(trace).is_ok_and(|result| result.verdict == Verdict::Deviates)
}

/// The run, after a shortest one from the initial state to where it begins.
pub(super) fn from_the_start(system: &System<Mutants>, path: &Path) -> Result<Path, Failure> {
    let begin = path.start.clone();
    if begin == system.scope.initial() {
        return Ok(path.clone());
    }
    let nobody_comes_here = Claim::state(|_| true, move |_, cluster| *cluster != begin);
    let claims = [nobody_comes_here.telling_nodes_apart(true)];
    let found = Explicit::default().explore(*system, &claims, &[], &mut |_| {});
    let Some(Sought::Found(mut whole)) = found.violations.into_iter().next() else {
        return Err(Failure::usage("the run begins where none from the initial state leads"));
    };
    whole.steps.extend(path.steps.iter().cloned());
    Ok(whole)
}
