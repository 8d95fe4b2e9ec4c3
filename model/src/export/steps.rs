//! Which properties about transitions are written down, and what do they say? Each as data: of which rows, and what must be over
//! them, of the cluster before and after and of each node. So that every notation has a form for it, and that it can be asked of
//! a transition of the model.

use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::{Node, NodeId, Phase};
use crate::spec::profile::Profile;
use crate::spec::property::Taken;
use crate::spec::table::{Is, Place, Reference, Table};
use crate::spec::transition::{Call, Transition};

/// A property about transitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The property's name, as `zdu check --list` gives it.
    pub name: &'static str,
    /// What must be over the transitions of some rows, its node and version standing for any; of no row, over every transition.
    pub must: Vec<(Vec<Transition>, Over)>,
}

/// A formula about a transition, or about one of the nodes before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// It is so.
    Is(Fact),
    /// It is so of each node.
    Each(Box<Over>),
    /// It is so of some node.
    Any(Box<Over>),
    /// It is not so.
    Not(Box<Over>),
    /// All of it is so.
    All(Vec<Over>),
    /// Some of it is so.
    Either(Vec<Over>),
}

/// What may be so of a transition, or of a node before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The cluster after it is so.
    After(Is),
    /// Upgrade mode was on before it.
    WasOn,
    /// The node was in one of these phases before it.
    Was(Vec<Phase>),
    /// The node is in one of these phases after it.
    Becomes(Vec<Phase>),
    /// The node has the phase that it had.
    SamePhase,
    /// The node has the version that it had.
    SameVersion,
    /// The node is the transition's own.
    Itself,
}

impl Step {
    /// The name as a word of a program.
    #[must_use]
    pub fn word(&self) -> String {
        self.name.replace('-', "_")
    }

    /// What must be over the transitions of this one's row.
    pub fn over(&self, transition: Transition) -> impl Iterator<Item = &Over> {
        let of = move |rows: &[Transition]| {
            rows.is_empty() || rows.iter().any(|row| row.row() == transition.row())
        };
        self.must.iter().filter(move |(rows, _)| of(rows)).map(|(_, over)| over)
    }

    /// Whether it holds over a transition, in the model that the table writes down.
    #[must_use]
    pub fn holds(&self, table: &Table, taken: Taken<'_>) -> bool {
        let own = taken.transition.node();
        self.over(taken.transition).all(|over| over.holds(table, taken, own))
    }
}

impl Over {
    /// Whether it is so of a node, or of the transition alone.
    fn holds(&self, table: &Table, taken: Taken<'_>, node: Option<NodeId>) -> bool {
        let mut ids = taken.before.numbered().map(|(id, _)| Some(id));
        match self {
            Self::Is(fact) => fact.holds(table, taken, node),
            Self::Each(over) => ids.all(|id| over.holds(table, taken, id)),
            Self::Any(over) => ids.any(|id| over.holds(table, taken, id)),
            Self::Not(over) => !over.holds(table, taken, node),
            Self::All(all) => all.iter().all(|over| over.holds(table, taken, node)),
            Self::Either(some) => some.iter().any(|over| over.holds(table, taken, node)),
        }
    }
}

impl Fact {
    fn holds(&self, table: &Table, taken: Taken<'_>, node: Option<NodeId>) -> bool {
        let of = |is: &dyn Fn(Node, Node) -> bool| {
            node.is_some_and(|id| is(taken.before.node(id), taken.after.node(id)))
        };
        match self {
            Self::After(is) => is.holds(table, Place::cluster(taken.after)),
            Self::WasOn => taken.before.mode == Mode::On,
            Self::Was(phases) => of(&|was, _| phases.contains(&was.phase)),
            Self::Becomes(phases) => of(&|_, is| phases.contains(&is.phase)),
            Self::SamePhase => of(&|was, is| was.phase == is.phase),
            Self::SameVersion => of(&|was, is| was.version == is.version),
            Self::Itself => node == taken.transition.node(),
        }
    }
}

/// The properties about transitions that are written down: all of them.
#[must_use]
pub fn steps(profile: Profile) -> Vec<Step> {
    use Over::{All, Any, Each, Either, Not};
    use Phase::{
        Absent, Active, Error, FinalizeFailed, Finalizing, Offline, StartingIn, StartingOut,
        TerminatingIn, TerminatingOut,
    };
    use Transition::{
        Approve, ApproveWithTasks, Break, Cancel, FinalizeOk, Halt, Join, Kill, Leave, Ready,
        Retry, Start, Stop,
    };
    let node = NodeId::at(0);
    let after = |is| Over::Is(Fact::After(is));
    let was = |phases: &[Phase]| Over::Is(Fact::Was(phases.to_vec()));
    let becomes = |phases: &[Phase]| Over::Is(Fact::Becomes(phases.to_vec()));
    let was_on = || Over::Is(Fact::WasOn);
    let same_phase = || Over::Is(Fact::SamePhase);
    let same_version = || Over::Is(Fact::SameVersion);
    let not = |over| Not(Box::new(over));
    let each = |over| Each(Box::new(over));
    let same = || All(vec![same_phase(), same_version()]);
    let off = || not(after(Is::On));
    let gone = |phase| not(after(Is::Some(phase)));
    let starting = [StartingOut, StartingIn];
    let one = |name, rows, over| Step { name, must: vec![(rows, over)] };
    let mut all = vec![
        one(
            "api-2-start-enables-the-mode-and-records-the-version",
            vec![Start],
            All(vec![after(Is::On), each(same()), after(Is::Only(Reference::Origin))]),
        ),
        one(
            "api-5-cancel-disables-the-mode-and-nothing-else",
            vec![Cancel],
            All(vec![off(), each(same())]),
        ),
        Step {
            name: "api-6-approve-disables-the-mode",
            must: vec![
                (Call::Approve.transitions(profile).to_vec(), off()),
                (vec![Approve], each(same())),
            ],
        },
        one(
            "mode-6-after-approve-off-and-stable",
            vec![Approve],
            Either(vec![
                not(was_on()),
                All(vec![
                    off(),
                    Either(vec![after(Is::Some(Error)), after(Is::Shown(ClusterStatus::Stable))]),
                ]),
            ]),
        ),
        Step {
            name: "node-2-starting-becomes-active",
            must: vec![
                (vec![Join(node)], All(vec![was(&starting), becomes(&starting)])),
                (vec![Ready(node)], All(vec![was(&starting), becomes(&[Active])])),
            ],
        },
        Step {
            name: "node-3-terminating-becomes-offline",
            must: vec![
                (vec![Stop(node)], becomes(&[TerminatingIn, TerminatingOut])),
                (
                    vec![Leave(node), Halt(node)],
                    becomes(&[TerminatingIn, TerminatingOut, Offline, Absent]),
                ),
            ],
        },
        one("node-4-a-killed-node-is-offline", vec![Kill(node)], becomes(&[Offline])),
        one(
            "node-5-no-other-node-is-forgotten",
            vec![],
            each(Either(vec![
                was(&[Absent]),
                not(becomes(&[Absent])),
                All(vec![not(was_on()), was(&[Offline])]),
            ])),
        ),
        one(
            "node-6-only-the-broken-node-is-in-error",
            vec![Break(node)],
            All(vec![becomes(&[Error]), each(Either(vec![Over::Is(Fact::Itself), same()]))]),
        ),
        one(
            "node-10-version-changes-only-while-down",
            vec![],
            each(Either(vec![same_version(), All(vec![was(&[Offline, Absent]), same_phase()])])),
        ),
    ];
    if profile == Profile::Finalization {
        let runs = Either(vec![
            All(vec![was(&[Active]), becomes(&[Finalizing])]),
            All(vec![not(was(&[Active])), same_phase()]),
        ]);
        all.extend([
            one(
                "fin-1-approve-with-tasks-runs-them",
                vec![ApproveWithTasks],
                All(vec![after(Is::Pending), each(All(vec![same_version(), runs]))]),
            ),
            one(
                "fin-2-done-everywhere-is-not-pending",
                vec![FinalizeOk(node)],
                Either(vec![
                    after(Is::Some(Finalizing)),
                    after(Is::Some(FinalizeFailed)),
                    not(after(Is::Pending)),
                ]),
            ),
            one(
                "fin-4-retry-runs-again-what-failed",
                vec![Retry],
                All(vec![
                    gone(FinalizeFailed),
                    Any(Box::new(All(vec![not(was(&[Finalizing])), becomes(&[Finalizing])]))),
                ]),
            ),
        ]);
    }
    all
}
