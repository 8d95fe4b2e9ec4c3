//! The table of sections 3 and 6 as data: a row a transition, each with its guards and what it sets; and the status, case by
//! case.
//!
//! It is the second statement of what [`Transition`] does, in the page's form: guards are a list, of which one can be
//! dropped ([`Table::without`]), and mutants change single entries (`mutation`). The tests hold it against the
//! model in every reachable state, mutants included.

mod formula;
mod guard;
mod mutation;

use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::node::{Phase, Version};
use crate::spec::profile::Profile;
use crate::spec::transition::{Call, Transition};

pub use formula::{Is, Place, Reference};
pub use guard::{Guard, Guards};
pub use mutation::NotWritten;

/// The model of a profile, written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The family of builds.
    pub profile: Profile,
    /// The rows, in the order of the page.
    pub rows: Vec<Row>,
    /// Which status there is, the first case that holds.
    pub statuses: Vec<(Is, ClusterStatus)>,
    /// Where another status is shown than there is, the first case that holds.
    pub shown: Vec<(Is, ClusterStatus)>,
}

/// A row: a transition, with its node 1 and version 0 standing for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The transition.
    pub transition: Transition,
    /// Cases of which one at most is enabled.
    pub cases: Vec<Case>,
}

/// A guard, and what is set where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What must hold, by name.
    pub guards: Vec<(&'static str, Is)>,
    /// What is set; all else stays.
    pub sets: Vec<Set>,
}

/// Something that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Set {
    /// Upgrade mode.
    Mode(Mode),
    /// No origin.
    NoOrigin,
    /// The origin, to the version of the first joined node: the one that all of them run in a STABLE cluster.
    Origin,
    /// The origin, to the version that the cluster started with.
    FirstOrigin,
    /// Pending tasks.
    Pending(bool),
    /// Tasks stay pending only while this holds.
    PendingWhile(Is),
    /// The node's phase.
    Phase(Phase),
    /// The node's version.
    Version,
    /// The phase of every node that is in the first one.
    Turn(Phase, Phase),
}

impl Table {
    /// The spec in a profile.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let rows = Transition::every(profile, 1, 1).into_iter();
        let rows = rows.map(|transition| Row { transition, cases: cases(transition, profile) });
        Self { profile, rows: rows.collect(), statuses: statuses(profile), shown: Vec::new() }
    }

    /// The status there; another one where it is shown wrongly.
    pub(super) fn status(
        &self,
        at: Place<'_>,
        shown: &[(Is, ClusterStatus)],
    ) -> Option<ClusterStatus> {
        let first = shown.iter().chain(&self.statuses).find(|(is, _)| is.holds(self, at));
        first.map(|(_, status)| *status)
    }

    /// The row of a transition.
    #[must_use]
    pub fn row(&self, transition: Transition) -> Option<&Row> {
        self.rows.iter().find(|row| row.transition.name() == transition.name())
    }

    /// What a transition leads to; none where it is disabled.
    #[must_use]
    pub fn next(&self, cluster: &Cluster, transition: Transition) -> Option<Cluster> {
        let at = Place::of(cluster, transition);
        Some(self.row(transition)?.case(self, at)?.make(self, at))
    }

    /// The names of the guards, such as `Join.joinable`.
    #[must_use]
    pub fn guards(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for row in &self.rows {
            for (guard, _) in row.cases.iter().flat_map(|case| &case.guards) {
                let name = format!("{}.{guard}", row.word());
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}

impl Row {
    /// The row's name as one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.transition.word()
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Option<Call> {
        self.transition.call()
    }

    /// Whether it is about a node, and about a version.
    #[must_use]
    pub const fn parameters(&self) -> (bool, bool) {
        (self.transition.node().is_some(), matches!(self.transition, Transition::Install(..)))
    }

    /// Whether it is about a node and nothing else.
    #[must_use]
    pub const fn of_a_node(&self) -> bool {
        matches!(self.parameters(), (true, false))
    }

    /// The case that is enabled there.
    pub(super) fn case(&self, table: &Table, at: Place<'_>) -> Option<&Case> {
        let enabled = |case: &&Case| case.guards.iter().all(|(_, is)| is.holds(table, at));
        self.cases.iter().find(enabled)
    }
}

impl Case {
    /// What it makes of the cluster.
    pub(super) fn make(&self, table: &Table, at: Place<'_>) -> Cluster {
        let mut next = at.cluster.clone();
        self.sets.iter().for_each(|set| set.make(table, at, &mut next));
        next
    }
}

impl Set {
    fn make(&self, table: &Table, at: Place<'_>, next: &mut Cluster) {
        match self {
            Self::Mode(mode) => next.mode = *mode,
            Self::NoOrigin => next.origin = None,
            Self::Origin => {
                let first = at.cluster.nodes.iter().find(|node| node.phase.joined());
                next.origin = first.map(|node| node.version);
            }
            Self::FirstOrigin => next.origin = Some(Version::ORIGINAL),
            Self::Pending(pending) => next.tasks_pending = *pending,
            Self::PendingWhile(is) => next.tasks_pending &= is.holds(table, at),
            Self::Phase(phase) => {
                if let Some(id) = at.node {
                    next.nodes[id.index()].phase = *phase;
                }
            }
            Self::Version => {
                if let (Some(id), Some(version)) = (at.node, at.version) {
                    next.nodes[id.index()].version = version;
                }
            }
            Self::Turn(from, to) => {
                for node in next.nodes.iter_mut().filter(|node| node.phase == *from) {
                    node.phase = *to;
                }
            }
        }
    }
}

/// Section 2, and in profile `finalization` section 6 before it.
fn statuses(profile: Profile) -> Vec<(Is, ClusterStatus)> {
    let on = || Is::On;
    let tasks = [
        (Is::Some(Phase::Finalizing), ClusterStatus::RunningUpgradeTasks),
        (
            Is::All(vec![
                on().contrary(),
                Is::Either(vec![Is::Some(Phase::FinalizeFailed), Is::Pending]),
            ]),
            ClusterStatus::UpgradeTasksFailed,
        ),
    ];
    let documented = [
        (Is::Some(Phase::Error), ClusterStatus::Mixed),
        (on().contrary(), ClusterStatus::Stable),
        (Is::TwoVersions, ClusterStatus::Mixed),
        (Is::Only(Reference::Origin), ClusterStatus::ReadyToUpgrade),
        (Is::All(Vec::new()), ClusterStatus::ReadyToRunUpgradeTasks),
    ];
    let tasks = tasks.into_iter().filter(|_| profile == Profile::Finalization);
    tasks.chain(documented).collect()
}

/// The row of sections 3 and 6 for a transition.
fn cases(transition: Transition, profile: Profile) -> Vec<Case> {
    use Phase::{
        Absent, Active, Error, FinalizeFailed, Finalizing, Offline, StartingIn, StartingOut,
        TerminatingIn, TerminatingOut,
    };
    let known = |phases: &[Phase]| -> Vec<Phase> {
        phases.iter().copied().filter(|phase| profile.phases().contains(phase)).collect()
    };
    let phase = |phases: &[Phase]| ("phase", Is::In(known(phases)));
    let one = |guards: Vec<(&'static str, Is)>, sets: Vec<Set>| vec![Case { guards, sets }];
    let call = |sets: Vec<Set>| {
        let allowed = transition.call().map(Call::allowed_in);
        let status = allowed.map(|status| ("status", Is::Status(status)));
        one([("served", Is::Served)].into_iter().chain(status).collect(), sets)
    };
    match transition {
        Transition::Start => call(vec![Set::Mode(Mode::On), Set::Origin]),
        Transition::Cancel | Transition::Approve => call(vec![Set::Mode(Mode::Off), Set::NoOrigin]),
        Transition::ApproveWithTasks => call(vec![
            Set::Mode(Mode::Off),
            Set::NoOrigin,
            Set::Pending(true),
            Set::Turn(Active, Finalizing),
        ]),
        Transition::Retry => {
            let failed = Is::Some(FinalizeFailed);
            let turns = [(failed.clone(), FinalizeFailed), (failed.contrary(), Active)];
            let cases = turns.into_iter().flat_map(|(when, from)| {
                let mut cases = call(vec![Set::Turn(from, Finalizing)]);
                cases.iter_mut().for_each(|case| case.guards.push(("which", when.clone())));
                cases
            });
            cases.collect()
        }
        Transition::Stop(_) => [
            one(
                vec![phase(&[Active, StartingIn, Finalizing, FinalizeFailed])],
                vec![Set::Phase(TerminatingIn)],
            ),
            one(vec![phase(&[StartingOut, Error])], vec![Set::Phase(TerminatingOut)]),
        ]
        .concat(),
        Transition::Kill(_) => one(
            vec![phase(&[
                Active,
                StartingOut,
                StartingIn,
                TerminatingIn,
                TerminatingOut,
                Error,
                Finalizing,
                FinalizeFailed,
            ])],
            vec![Set::Phase(Offline)],
        ),
        Transition::Install(..) => {
            one(vec![phase(&[Offline, Absent]), ("version", Is::NewVersion)], vec![Set::Version])
        }
        Transition::Boot(_) => one(vec![phase(&[Offline, Absent])], vec![Set::Phase(StartingOut)]),
        Transition::Break(_) => one(
            vec![phase(&[Active, StartingOut, StartingIn, Finalizing, FinalizeFailed])],
            vec![Set::Phase(Error)],
        ),
        Transition::Repair(_) => {
            one(vec![phase(&[Error]), ("joinable", Is::Joinable)], vec![Set::Phase(Active)])
        }
        Transition::Join(_) => one(
            vec![phase(&[StartingOut]), ("joinable", Is::Joinable)],
            vec![Set::Phase(StartingIn)],
        ),
        Transition::Ready(_) => one(vec![phase(&[StartingIn])], vec![Set::Phase(Active)]),
        Transition::Reject(_) => one(
            vec![phase(&[StartingOut]), ("joinable", Is::Joinable.contrary())],
            vec![Set::Phase(Offline)],
        ),
        Transition::Leave(_) => {
            one(vec![phase(&[TerminatingIn])], vec![Set::Phase(TerminatingOut)])
        }
        Transition::Halt(_) => one(vec![phase(&[TerminatingOut])], vec![Set::Phase(Offline)]),
        Transition::Forget(_) => {
            one(vec![phase(&[Offline]), ("mode", Is::On.contrary())], vec![Set::Phase(Absent)])
        }
        Transition::FinalizeOk(_) => {
            let left = Is::Either(vec![Is::Other(Finalizing), Is::Other(FinalizeFailed)]);
            one(vec![phase(&[Finalizing])], vec![Set::Phase(Active), Set::PendingWhile(left)])
        }
        Transition::FinalizeFail(_) => {
            one(vec![phase(&[Finalizing])], vec![Set::Phase(FinalizeFailed)])
        }
    }
}
