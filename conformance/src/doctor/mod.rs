//! Is a target ready for a run? Everything that can be found out by reads alone, and what to do about each problem.
//!
//! `before` is what every run asks before its first step; `file` looks at the target file, `reach` at the target, `rotation` at
//! the load balancer, `start` at how the cluster is found, `suite` at what all of them allow to be replayed.

mod before;
mod file;
mod reach;
mod rotation;
mod start;
mod suite;

pub use before::{TargetFault, TargetFaults};
pub use file::{DryRun, dry_run};
pub use suite::{Prospects, prospects};

use std::collections::BTreeMap;

use serde::Serialize;

use crate::exit::Exit;
use crate::replay::Site;
use crate::secret::Credentials;
use crate::target::Target;
use crate::verdict::Command;
use crate::words::Remedy;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// To be mended before a run.
    Problem,
    /// Nobody answers.
    Unreachable,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// What it is about.
    pub about: String,
    /// What was found.
    pub found: String,
    /// What to do, when something is to be done.
    pub advice: Option<String>,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checkup {
    /// Each finding, in the order of the checks.
    pub findings: Vec<Finding>,
    /// How many shipped traces can be replayed with the cluster as it is.
    pub ready: usize,
    /// How many of them finalize an upgrade: where nothing leads below a finalized version but `reset`, so many are needed.
    pub finalizing: usize,
    /// How often a run of all of them uses `reset`.
    pub resets: usize,
    /// Those that cannot, by reason.
    pub skipped: BTreeMap<String, Vec<String>>,
    /// How a command names the target.
    #[serde(skip)]
    aim: Command,
}

impl Checkup {
    fn add(
        &mut self,
        weight: Weight,
        about: &str,
        found: impl Into<String>,
        advice: Option<String>,
    ) {
        self.findings.push(Finding {
            weight,
            about: about.to_owned(),
            found: found.into(),
            advice,
        });
    }

    fn good(&mut self, about: &str, found: impl Into<String>) {
        self.add(Weight::Good, about, found, None);
    }

    fn note(&mut self, about: &str, found: impl Into<String>, advice: impl Into<String>) {
        self.add(Weight::Note, about, found, Some(advice.into()));
    }

    fn problem(&mut self, about: &str, found: impl Into<String>, advice: impl Into<String>) {
        self.add(Weight::Problem, about, found, Some(advice.into()));
    }

    /// Whether the target is a URL alone, without a file that anything could be mended in.
    fn bare(&self) -> bool {
        self.aim.words().iter().any(|word| word == "--url")
    }

    /// A command about the target.
    fn command(&self, words: &[&str]) -> Command {
        Command::zdu(words.iter().copied()).with(self.aim.words().iter().cloned())
    }

    /// The exit code that it comes to.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self.findings.iter().map(|finding| finding.weight).max() {
            Some(Weight::Unreachable) => Exit::Unreachable,
            Some(Weight::Problem) => Exit::Usage,
            Some(Weight::Note | Weight::Good) | None => Exit::Fine,
        }
    }
}

/// What would end a run before its first step, but for what is said of each view and address; whether the file's nodes are those that
/// the cluster lists.
fn listed(checkup: &mut Checkup, faults: &TargetFaults<'_>) -> bool {
    let mut fits = true;
    for fault in faults.found() {
        let about = match fault {
            TargetFault::Missing(..) | TargetFault::Unnamed(_) => "nodes",
            TargetFault::Version(..) => "versions",
            TargetFault::NoTasks => "profile",
            TargetFault::Profile(_)
            | TargetFault::Dead(..)
            | TargetFault::Elsewhere(_)
            | TargetFault::Swapped(_) => continue,
        };
        fits &= about != "nodes";
        let Remedy { found, advice } = faults.remedy(fault);
        checkup.problem(about, found, advice);
    }
    fits
}

/// Checks a target, which commands name so. Sends only reads.
pub async fn examine(target: &Target, credentials: &Credentials, aim: Command) -> Checkup {
    let mut checkup = Checkup { aim, ..Checkup::default() };
    if checkup.bare() {
        let found =
            format!("{}, without a target file: only reads and refused calls are sent", target.url);
        checkup.note("target file", found, "write one to have nodes driven: zdu explain target");
    } else {
        file::check(&mut checkup, target);
    }
    rotation::check(&mut checkup, target).await;
    if let Some(site) = reach::check(&mut checkup, target, credentials).await {
        cluster(&mut checkup, target, &site).await;
    }
    checkup
}

async fn cluster(checkup: &mut Checkup, target: &Target, site: &Site) {
    let faults = TargetFaults::of(target, site).await;
    let fits = listed(checkup, &faults);
    if !checkup.bare() && target.profile.is_none() && site.has_tasks {
        file::tasks(checkup, target);
    }
    reach::views(checkup, site, fits).await;
    reach::timing(checkup, target, site).await;
    reach::own_addresses(checkup, target, site, &faults).await;
    reach::accounts(checkup, site).await;
    suite::check(checkup, target, site).await;
}
