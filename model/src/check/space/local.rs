//! What does the relation look like as tables? For semantics that promise to be local ([`Semantics::local`]).
//!
//! The rules are not written a second time: they are asked. For each plane, each digit of a node and each summary that
//! the other nodes can have, one cluster that looks like that is built, and `enabled` and `apply` say what follows. A
//! test holds the successors by table equal to those by semantics, on every state of small scopes and on random states
//! of larger ones.
//!
//! Asking also meets clusters that no run reaches, where a transition may depend on more than the promise says (Start,
//! with mode off and two joined versions, records that of the first joined node). Such entries are kept as
//! *ambiguous*, and whoever is led to one by a reachable state panics rather than go on with a guess.

use std::collections::BTreeMap;

use super::numbering::Numbering;
use crate::check::sought::{Bound, Stop};
use crate::spec::cluster::Cluster;
use crate::spec::node::{Node, NodeId, Phase, Version};
use crate::spec::semantics::{Semantics, System};
use crate::spec::transition::Transition;

/// What a set of nodes shows to others: one bit a joined version, then one each for Error, Active, Finalizing and
/// FinalizeFailed. The summary of a union is the union of the summaries. Tables are kept for those that so few nodes can
/// show: that is far fewer than there are sets of versions.
pub(super) type Summary = usize;

/// The phases, beside what is joined, that a summary tells.
const TOLD: [Phase; 4] = [Phase::Error, Phase::Active, Phase::Finalizing, Phase::FinalizeFailed];

/// How many summaries are asked about between two questions whether to go on.
const SUMMARIES_A_LOOK: usize = 1 << 8;

/// Which transitions are in a relation.
pub(super) type Allowed = fn(Transition) -> bool;

/// One transition of a node that has a certain digit, among others of a certain summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The transition, of whichever node.
    pub(super) transition: Transition,
    /// The plane that it leads to.
    pub(super) plane: usize,
    /// The digit that the node then has.
    pub(super) digit: usize,
}

/// One API call in a cluster of a certain summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Called {
    /// The transition.
    pub(super) transition: Transition,
    /// The plane that it leads to.
    pub(super) plane: usize,
    /// What each digit becomes.
    pub(super) digits: Vec<usize>,
    /// Whether clusters of this summary differ in what the call does: then the rest says nothing.
    pub(super) ambiguous: bool,
}

/// The tables of one plane.
#[derive(Clone, Debug)]
pub(super) struct PlaneTables {
    /// By digit and place of the summary of the others: a list of `lists`.
    rows: Vec<u32>,
    /// Lists of rows, each once for a digit.
    lists: Vec<Vec<Row>>,
    /// By place of the summary of all nodes.
    calls: Vec<Vec<Called>>,
}

/// The tables of a local relation.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) numbering: Numbering,
    /// The summary of each digit alone.
    summaries: Vec<Summary>,
    /// The summaries that the nodes can have, those of fewer nodes first, each with digits that have it.
    shown: Vec<(Summary, Vec<usize>)>,
    /// How many of them so many nodes can have.
    shown_by: Vec<usize>,
    /// The place of each summary among them.
    places: Vec<u32>,
    /// The planes that the relation leads to from the initial state's.
    planes: BTreeMap<usize, PlaneTables>,
}

impl Local {
    /// Asks a local semantics for the tables of the transitions that are allowed.
    ///
    /// # Errors
    /// The reason to end before all are asked.
    ///
    /// # Panics
    /// If a transition of a node changes another node: then the semantics is not local.
    pub(super) fn tabulate<S: Semantics>(
        system: &System<S>,
        allowed: Allowed,
        stop: Stop<'_>,
    ) -> Result<Self, Bound> {
        let numbering = Numbering::new(system.scope);
        let mut local = Self {
            summaries: (0..numbering.digits()).map(|digit| summary(&numbering, digit)).collect(),
            shown: Vec::new(),
            shown_by: Vec::new(),
            places: vec![UNSHOWN; 1 << (usize::from(system.scope.versions) + TOLD.len())],
            planes: BTreeMap::new(),
            numbering,
        };
        local.find_shown();
        let mut todo = vec![local.numbering.plane(&system.scope.initial())];
        while let Some(plane) = todo.pop() {
            if local.planes.contains_key(&plane) {
                continue;
            }
            let tables = local.ask(system, plane, allowed, stop)?;
            todo.extend(tables.lists.iter().flatten().map(|row| row.plane));
            let calls = tables.calls.iter().flatten();
            todo.extend(calls.filter(|called| !called.ambiguous).map(|called| called.plane));
            local.planes.insert(plane, tables);
        }
        Ok(local)
    }

    /// Finds the summaries that the nodes can have, node by node.
    fn find_shown(&mut self) {
        let neutral = Node::new(Phase::Absent, Version::ORIGINAL);
        let neutral = self.numbering.digit(neutral);
        self.shown.push((0, Vec::new()));
        self.places[0] = 0;
        self.shown_by.push(1);
        for _ in 0..self.numbering.scope().nodes {
            for known in 0..self.shown.len() {
                for (digit, more) in self.summaries.iter().enumerate() {
                    let (summary, digits) = &self.shown[known];
                    let summary = summary | more;
                    if self.places[summary] == UNSHOWN {
                        let digits = [digits.as_slice(), &[digit]].concat();
                        self.places[summary] = u32::try_from(self.shown.len()).unwrap_or(UNSHOWN);
                        self.shown.push((summary, digits));
                    }
                }
            }
            self.shown_by.push(self.shown.len());
        }
        for (_, digits) in &mut self.shown {
            digits.resize(self.numbering.scope().nodes - 1, neutral);
        }
    }

    fn ask<S: Semantics>(
        &self,
        system: &System<S>,
        plane: usize,
        allowed: Allowed,
        stop: Stop<'_>,
    ) -> Result<PlaneTables, Bound> {
        let others = self.shown_by(self.numbering.scope().nodes - 1);
        let mut tables = PlaneTables {
            rows: Vec::new(),
            lists: Vec::new(),
            calls: vec![Vec::new(); self.shown.len()],
        };
        let first = NodeId::at(0);
        let asked = |transition: &Transition| {
            allowed(*transition) && transition.node().is_none_or(|id| id == first)
        };
        let transitions: Vec<_> = system.scope.transitions().into_iter().filter(asked).collect();
        for digit in 0..self.numbering.digits() {
            let lists = tables.lists.len();
            for (place, (summary, rest)) in others.iter().enumerate() {
                if place % SUMMARIES_A_LOOK == 0 {
                    stop().map_or(Ok(()), Err)?;
                }
                let mut rows = Vec::new();
                let all: Vec<_> = [digit].into_iter().chain(rest.iter().copied()).collect();
                let before = self.numbering.cluster(plane, &all);
                for transition in &transitions {
                    let after = system
                        .semantics
                        .enabled(&before, *transition)
                        .then(|| system.semantics.apply(&before, *transition));
                    if transition.node().is_some() {
                        if let Some(after) = after {
                            assert_eq!(
                                before.nodes[1..],
                                after.nodes[1..],
                                "a node's transition changes that node alone"
                            );
                            rows.push(Row {
                                transition: *transition,
                                plane: self.numbering.plane(&after),
                                digit: self.numbering.digit(after.nodes[0]),
                            });
                        }
                    } else {
                        let place = self.place(summary | self.summaries[digit]);
                        let calls = &mut tables.calls[place];
                        self.note_call(calls, *transition, &before, after.as_ref());
                    }
                }
                let known = tables.lists[lists..].iter().position(|list| *list == rows);
                let list = lists + known.unwrap_or(tables.lists.len() - lists);
                tables.rows.push(u32::try_from(list).expect("a digit has few lists of rows"));
                if known.is_none() {
                    tables.lists.push(rows);
                }
            }
        }
        // Calls that no cluster of the summary lets through were noted only to compare.
        for calls in &mut tables.calls {
            calls.retain(|called| called.plane != NOT_ENABLED || called.ambiguous);
        }
        Ok(tables)
    }

    /// Notes what a call does in one cluster, or that it is not enabled there, beside what it did in others of the
    /// same summary.
    fn note_call(
        &self,
        calls: &mut Vec<Called>,
        transition: Transition,
        before: &Cluster,
        after: Option<&Cluster>,
    ) {
        let plane = after.map_or(NOT_ENABLED, |after| self.numbering.plane(after));
        let place =
            calls.iter().position(|called| called.transition == transition).unwrap_or_else(|| {
                calls.push(Called {
                    transition,
                    plane,
                    digits: vec![UNKNOWN; self.numbering.digits()],
                    ambiguous: false,
                });
                calls.len() - 1
            });
        let called = &mut calls[place];
        if called.plane != plane {
            called.ambiguous = true;
        }
        let Some(after) = after else { return };
        for (was, is) in before.nodes.iter().zip(&after.nodes) {
            let known = &mut called.digits[self.numbering.digit(*was)];
            let digit = self.numbering.digit(*is);
            called.ambiguous |= *known != UNKNOWN && *known != digit;
            *known = digit;
        }
    }

    /// The summaries that so many nodes can have, in the order of their places, each with digits that have it.
    pub(super) fn shown_by(&self, nodes: usize) -> &[(Summary, Vec<usize>)] {
        &self.shown[..self.shown_by[nodes]]
    }

    /// The place of a summary that the nodes can have; fewer nodes have smaller ones.
    pub(super) fn place(&self, summary: Summary) -> usize {
        self.places[summary] as usize
    }

    /// The summary of one node.
    pub(super) fn summary(&self, digit: usize) -> Summary {
        self.summaries[digit]
    }

    /// What some nodes show together.
    pub(super) fn shows(&self, digits: &[usize]) -> Shows {
        let shows = Shows { all: 0, twice: 0 };
        digits.iter().fold(shows, |Shows { all, twice }, digit| {
            let own = self.summary(*digit);
            Shows { all: all | own, twice: twice | all & own }
        })
    }

    /// How many entries a plane has: of each digit one for every summary of the others.
    pub(super) fn entries(&self) -> usize {
        self.numbering.digits() * self.shown_by[self.numbering.scope().nodes - 1]
    }

    /// The place of the entry of a node with this digit among others of this summary.
    pub(super) fn entry(&self, digit: usize, others: Summary) -> usize {
        digit * self.shown_by[self.numbering.scope().nodes - 1] + self.place(others)
    }

    /// The planes that have tables.
    pub(super) fn planes(&self) -> impl Iterator<Item = usize> + '_ {
        self.planes.keys().copied()
    }

    /// The tables of a plane.
    pub(super) fn tables(&self, plane: usize) -> &PlaneTables {
        &self.planes[&plane]
    }

    /// The transitions of a node with this digit, among others of this summary.
    pub(super) fn rows<'a>(
        &self,
        tables: &'a PlaneTables,
        digit: usize,
        others: Summary,
    ) -> &'a [Row] {
        &tables.lists[tables.rows[self.entry(digit, others)] as usize]
    }

    /// The API calls in a cluster of this summary.
    pub(super) fn calls<'a>(&self, tables: &'a PlaneTables, summary: Summary) -> &'a [Called] {
        &tables.calls[self.place(summary)]
    }

    /// Every transition out of a state, by number, in the order of [`Transition::every`].
    ///
    /// # Panics
    /// If an ambiguous entry speaks of the state: then the semantics is not local.
    pub(super) fn successors(&self, number: u64, found: &mut Vec<(Transition, u64)>) {
        let mut digits = Vec::with_capacity(self.numbering.scope().nodes);
        let plane = self.numbering.digits_of(number, &mut digits);
        let plane_numbers = self.numbering.plane_numbers();
        let offset = number % plane_numbers;
        let moved = |position: usize, digit: usize| {
            let stride = self.numbering.stride(position);
            (stride * digit as u64).wrapping_sub(stride * digits[position] as u64)
        };
        self.moves(plane, &digits, false, |transition, plane, change| {
            let next = match change {
                Change::Nodes(becomes) => {
                    let each = digits.iter().enumerate();
                    each.fold(offset, |sum, (at, digit)| {
                        sum.wrapping_add(moved(at, becomes[*digit]))
                    })
                }
                Change::Node(position, digit) => offset.wrapping_add(moved(position, digit)),
            };
            found.push((transition, plane as u64 * plane_numbers + next));
        });
    }

    /// Tells every transition out of a state with the plane that it leads to and what it changes, in the order of
    /// [`Transition::every`]; of nodes that are alike, where asked for, only those of the first.
    ///
    /// # Panics
    /// As [`Local::successors`].
    pub(super) fn moves(
        &self,
        plane: usize,
        digits: &[usize],
        alike_once: bool,
        mut tell: impl FnMut(Transition, usize, Change<'_>),
    ) {
        let shows = self.shows(digits);
        let tables = self.tables(plane);
        for called in self.calls(tables, shows.all) {
            assert!(!called.ambiguous, "{AMBIGUOUS}");
            tell(called.transition, called.plane, Change::Nodes(&called.digits));
        }
        for (position, digit) in digits.iter().enumerate() {
            if alike_once && digits[..position].contains(digit) {
                continue;
            }
            for row in self.rows(tables, *digit, shows.beside(self.summary(*digit))) {
                let transition = row.transition.on(NodeId::at(position));
                tell(transition, row.plane, Change::Node(position, row.digit));
            }
        }
    }
}

/// What some nodes show: a summary of all, and what of it more than one shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shows {
    pub(super) all: Summary,
    twice: Summary,
}

impl Shows {
    /// The summary of all but one, whose own is given.
    pub(super) const fn beside(self, own: Summary) -> Summary {
        self.twice | self.all & !own
    }
}

/// What a transition changes, beside the plane.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    /// Each digit becomes the one in its place.
    Nodes(&'a [usize]),
    /// The node at this position gets this digit.
    Node(usize, usize),
}

/// What a run into an ambiguous entry says.
pub(super) const AMBIGUOUS: &str = "a local semantics is unambiguous in every reachable state";

/// The plane of a call that is not enabled, while the tables are made.
const NOT_ENABLED: usize = usize::MAX;

/// The place of a summary that the nodes cannot have.
const UNSHOWN: u32 = u32::MAX;

/// The digit that no cluster has shown yet.
pub(super) const UNKNOWN: usize = usize::MAX;

fn summary(numbering: &Numbering, digit: usize) -> Summary {
    let node = numbering.node(digit);
    let versions = usize::from(numbering.scope().versions);
    let joined = usize::from(node.phase.joined()) << node.version.index();
    TOLD.iter()
        .enumerate()
        .filter(|(_, phase)| **phase == node.phase)
        .fold(joined, |all, (place, _)| all | 1 << (versions + place))
}
