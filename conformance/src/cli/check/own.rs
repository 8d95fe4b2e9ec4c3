//! What does somebody ask of their own? Invariants, things to reach, claims about steps, and what leads to what.
//!
//! They are written in the language of `zdu explain expressions` and asked in the same search as the spec's properties.
//! That one thing leads to another is asked under section 5's fairness with nothing else happening: some way on which the
//! cluster comes to rest without it is the counterexample. For all sizes the views decide what few enough nodes show.

use zdu_model::check::abstraction::{self, Leads};
use zdu_model::check::path::Path;
use zdu_model::check::sought::{Bound, Sought};
use zdu_model::check::space::Graph;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::property::Claim;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::Kind as By;
use zdu_model::ways::route::{Cost, NoRoute, Quest, between};
use zdu_model::ways::situation::{Misfit, Situation};

use super::found::{Finding, Kind, Verdict, unshown};
use crate::cli::Failure;
use crate::cli::steps::Shown;

/// A question of one's own.
#[derive(Clone, Debug)]
pub(super) enum Own {
    /// In every reachable state.
    Invariant(Situation),
    /// In some reachable state.
    Reach(Situation),
    /// Over every transition.
    Step(Situation),
    /// From every state of the first the cluster comes by itself to one of the second.
    LeadsTo(Situation, Situation),
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct OwnArgs {
    /// Ask that this holds in every reachable state; how to write it: zdu explain expressions
    #[arg(long, value_name = "EXPR")]
    invariant: Vec<String>,
    /// Ask that this holds in some reachable state
    #[arg(long, value_name = "EXPR")]
    reach: Vec<String>,
    /// Ask that this holds over every transition, with before( ... ) and after( ... )
    #[arg(long, value_name = "EXPR")]
    step: Vec<String>,
    /// Ask that whenever the first holds, the cluster by itself comes to the second
    #[arg(long, value_names = ["EXPR", "THEN"], num_args = 2)]
    leads_to: Vec<String>,
}

impl OwnArgs {
    /// Whether nothing is asked.
    pub(super) const fn none(&self) -> bool {
        self.invariant.is_empty()
            && self.reach.is_empty()
            && self.step.is_empty()
            && self.leads_to.is_empty()
    }

    /// The questions, read and held against the scope.
    pub(super) fn read(&self, scope: Scope, all_sizes: bool) -> Result<Vec<Own>, Failure> {
        type Fits = fn(&Situation, Scope) -> Result<(), Misfit>;
        let read = |flag: &str, text: &String, fits: Fits| {
            let situation: Situation = text.parse().map_err(|error| {
                Failure::usage(format!(
                    "--{flag}: {error}\nhow to write one: zdu explain expressions"
                ))
            })?;
            // Some cluster has that many.
            let counted = |error: &Misfit| all_sizes && matches!(error, Misfit::Count { .. });
            fits(&situation, scope).or_else(|error| {
                if counted(&error) { Ok(()) } else { Err(error) }
            })
            .map_err(|error| {
                let mut why = error.to_string();
                if let (Misfit::Node { given, .. }, true) = (&error, all_sizes) {
                    why = format!(
                        "{given} is no node of every cluster; ask of any node, or at one size: zdu check --nodes {}",
                        given.index() + 1
                    );
                }
                Failure::usage(format!("--{flag} `{situation}`: {why}"))
            })?;
            Ok::<_, Failure>(situation)
        };
        let mut own = Vec::new();
        for text in &self.invariant {
            own.push(Own::Invariant(read("invariant", text, Situation::fits)?));
        }
        for text in &self.reach {
            own.push(Own::Reach(read("reach", text, Situation::fits)?));
        }
        for text in &self.step {
            own.push(Own::Step(read("step", text, Situation::fits_steps)?));
        }
        for pair in self.leads_to.chunks_exact(2) {
            own.push(Own::LeadsTo(
                read("leads-to", &pair[0], Situation::fits)?,
                read("leads-to", &pair[1], Situation::fits)?,
            ));
        }
        Ok(own)
    }
}

impl Own {
    /// The flag and the words that ask it again.
    pub(super) fn flag(&self) -> String {
        match self {
            Self::Invariant(it) => format!(" --invariant \"{it}\""),
            Self::Reach(it) => format!(" --reach \"{it}\""),
            Self::Step(it) => format!(" --step \"{it}\""),
            Self::LeadsTo(when, then) => format!(" --leads-to \"{when}\" \"{then}\""),
        }
    }

    /// Whether it speaks of a certain node.
    pub(super) fn names_a_node(&self) -> bool {
        match self {
            Self::Invariant(it) | Self::Reach(it) | Self::Step(it) => it.names_a_node(),
            Self::LeadsTo(when, then) => when.names_a_node() || then.names_a_node(),
        }
    }

    /// Whether it speaks of a certain version, or of their order.
    fn names_a_version(&self) -> bool {
        match self {
            Self::Invariant(it) | Self::Reach(it) | Self::Step(it) => it.names_a_version(),
            Self::LeadsTo(when, then) => when.names_a_version() || then.names_a_version(),
        }
    }

    pub(super) const fn leads(&self) -> bool {
        matches!(self, Self::LeadsTo(..))
    }

    /// What a search has to break: the question itself, or for something to reach its contrary. None for what is not
    /// about single states and transitions.
    pub(super) fn claim(&self) -> Option<Claim<Mutants>> {
        let claim = match self.clone() {
            Self::Invariant(it) => {
                Claim::state(|_| true, move |system, cluster| it.holds(system, cluster))
            }
            Self::Reach(it) => {
                Claim::state(|_| true, move |system, cluster| !it.holds(system, cluster))
            }
            Self::Step(it) => {
                Claim::step(|_| true, |_| true, move |system, taken| it.holds_over(system, taken))
            }
            Self::LeadsTo(..) => return None,
        };
        let claim = claim.telling_nodes_apart(self.names_a_node());
        Some(claim.telling_versions_apart(self.names_a_version()))
    }

    /// Of an implication, that its premise never holds: then it says nothing.
    pub(super) fn silence(&self) -> Option<Claim<Mutants>> {
        match self {
            Self::Invariant(it) => Self::Reach(it.premise()?).claim(),
            Self::Step(it) => {
                let premise = it.premise()?;
                let claim = Claim::step(
                    |_| true,
                    |_| true,
                    move |system, taken| !premise.holds_over(system, taken),
                );
                let claim = claim.telling_nodes_apart(self.names_a_node());
                Some(claim.telling_versions_apart(self.names_a_version()))
            }
            Self::Reach(_) | Self::LeadsTo(..) => None,
        }
    }

    /// What was found, where it is known that its premise never holds.
    pub(super) fn silent(finding: Finding) -> Finding {
        if finding.verdict != Verdict::Holds {
            return finding;
        }
        let note = Some("its premise never holds, so that it says nothing".to_owned());
        Finding { verdict: Verdict::Gap, note, ..finding }
    }

    pub(super) fn finding(
        &self,
        verdict: Verdict,
        note: Option<String>,
        run: Option<Shown>,
    ) -> Finding {
        Finding {
            name: self.flag().trim_start().to_owned(),
            rule: None,
            kind: Kind::Own,
            verdict,
            note,
            run,
        }
    }

    /// What a search found.
    pub(super) fn told(&self, found: &Sought<Path>) -> Finding {
        let reach = matches!(self, Self::Reach(_));
        match (found, reach) {
            (Sought::Found(path), true) => self.finding(
                Verdict::Reached,
                Some(format!("in {} steps", path.steps.len())),
                Some(Shown::Path(path.clone())),
            ),
            (Sought::Found(path), false) => {
                self.finding(Verdict::Violated, None, Some(Shown::Path(path.clone())))
            }
            (Sought::Somewhere(by), _) => {
                let verdict = if reach { Verdict::Reached } else { Verdict::Violated };
                self.finding(verdict, Some(unshown(*by)), None)
            }
            (Sought::Nowhere, true) => {
                self.finding(Verdict::Gap, Some("no run shows it".to_owned()), None)
            }
            (Sought::Nowhere, false) => self.finding(Verdict::Holds, None, None),
            (Sought::GivenUp(limit), _) => {
                self.finding(Verdict::GivenUp(limit.by), Some(limit.to_string()), None)
            }
        }
    }

    /// How many nodes show that the answer is not the one that nothing was found against; none if nobody knows.
    pub(super) fn witnesses(&self) -> Option<usize> {
        // The transition's own node, and those for its guard: two joined versions, or who serves.
        const OF_A_STEP: usize = 3;
        match self {
            Self::Invariant(it) => it.witnesses_against(),
            Self::Reach(it) => it.witnesses_for(),
            Self::Step(it) => it.witnesses_against().map(|count| count + OF_A_STEP),
            Self::LeadsTo(..) => None,
        }
    }
}

/// Whether the first leads to the second, among the reachable states: some way of the cluster alone, from the first to
/// rest, that never passes the second, is a counterexample. `ladder` says that each such way comes to rest.
pub(super) fn leads(
    own: &Own,
    graph: &Graph<Mutants>,
    ladder: &Sought<Path>,
    memory: u64,
    stop: &(dyn Fn() -> Option<Bound> + Sync),
) -> Option<Finding> {
    let Own::LeadsTo(when, then) = own else { return None };
    let system: &System<Mutants> = graph.system();
    match ladder {
        Sought::Nowhere => {}
        Sought::Found(_) | Sought::Somewhere(_) => {
            let note = "the cluster may go on by itself for ever".to_owned();
            return Some(own.finding(Verdict::Undecided, Some(note), None));
        }
        Sought::GivenUp(limit) => {
            return Some(own.finding(Verdict::GivenUp(limit.by), Some(limit.to_string()), None));
        }
    }
    let needs = Quest::needs(system.scope, system.semantics.local());
    if needs.is_none_or(|needs| needs > memory) {
        let note = "the search takes more memory than may be taken".to_owned();
        return Some(own.finding(Verdict::GivenUp(Bound::Memory), Some(note), None));
    }
    let rest = "settled=yes".parse().ok()?;
    let quest = Quest {
        from: when,
        to: &rest,
        avoiding: Some(then),
        allowed: |transition| transition.kind() == By::Spontaneous,
        cost: Cost::Steps,
    };
    Some(match between(graph, quest, stop) {
        Ok(route) => own.finding(
            Verdict::Violated,
            Some(
                "a way on which the cluster comes to rest without it, from a reachable state"
                    .to_owned(),
            ),
            Some(Shown::Path(route.path)),
        ),
        Err(NoRoute::NoWay { .. } | NoRoute::Avoided { .. }) => {
            own.finding(Verdict::Holds, None, None)
        }
        Err(NoRoute::NeverArises { states, .. }) => {
            let note =
                format!("the first never arises among {states} states, so that this says nothing");
            own.finding(Verdict::Gap, Some(note), None)
        }
        Err(NoRoute::GivenUp { states }) => {
            let note = format!("ended after {states} states");
            own.finding(Verdict::GivenUp(stop().unwrap_or(Bound::Time)), Some(note), None)
        }
    })
}

/// Whether the first leads to the second for every number of nodes. Where the abstraction suspects that it does not, a few
/// nodes may show it.
pub(super) fn leads_for_all_sizes(
    own: &Own,
    system: &System<Mutants>,
    ladder: &abstraction::Verdict,
    memory: u64,
    stop: &(dyn Fn() -> Option<Bound> + Sync),
) -> Option<Finding> {
    let Own::LeadsTo(when, then) = own else { return None };
    let undecided = |why: String| Some(own.finding(Verdict::Undecided, Some(why), None));
    match ladder {
        abstraction::Verdict::Holds => {}
        abstraction::Verdict::Undecided(abstraction::Doubt::Ended(bound)) => {
            let note = "the proof was ended".to_owned();
            return Some(own.finding(Verdict::GivenUp(*bound), Some(note), None));
        }
        abstraction::Verdict::Undecided(_) | abstraction::Verdict::Violated { .. } => {
            return undecided(
                "cannot be decided: the cluster may go on by itself for ever".to_owned(),
            );
        }
    }
    let (Some(first), Some(not_second)) = (when.witnesses_for(), then.witnesses_against()) else {
        return undecided("cannot be decided: it names a node".to_owned());
    };
    let question = abstraction::Question {
        when: &|system, cluster| when.holds(system, cluster),
        then: &|system, cluster| then.holds(system, cluster),
        witnesses: (first, not_second),
        tells_versions_apart: own.names_a_version(),
    };
    let Scope { profile, versions, .. } = system.scope;
    match abstraction::leads(&system.semantics, profile, versions, question, &|| stop()) {
        Leads::Always => Some(own.finding(Verdict::Holds, None, None)),
        Leads::NeverArises => {
            let note =
                "the first never arises, whatever the number of nodes, so that this says nothing";
            Some(own.finding(Verdict::Gap, Some(note.to_owned()), None))
        }
        Leads::Undecided(abstraction::Doubt::Ended(bound)) => {
            let note = "the proof was ended".to_owned();
            Some(own.finding(Verdict::GivenUp(bound), Some(note), None))
        }
        Leads::Undecided(doubt) => undecided(abstraction::Verdict::Undecided(doubt).to_string()),
        Leads::Suspect(suspect) => {
            for nodes in 1..=NODES_SHOWN {
                let scope = Scope { nodes, ..system.scope };
                let Ok(graph) = Graph::explore_within(System { scope, ..*system }, 1, stop) else {
                    let bound = stop().unwrap_or(Bound::Time);
                    let note = "the proof was ended".to_owned();
                    return Some(own.finding(Verdict::GivenUp(bound), Some(note), None));
                };
                let found = leads(own, &graph, &Sought::Nowhere, memory, stop)?;
                if found.verdict == Verdict::Violated {
                    let note = format!("with {nodes} nodes, the cluster comes to rest without it");
                    return Some(Finding { note: Some(note), ..found });
                }
            }
            undecided(format!(
                "cannot be decided: `{suspect}` is at rest without it, but no run to it was found with up to {NODES_SHOWN} nodes"
            ))
        }
    }
}

/// How many nodes a counterexample for all sizes has at the most.
const NODES_SHOWN: usize = 3;
