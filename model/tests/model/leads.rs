//! Does one thing lead to another, for every number of nodes? What the views decide is held against every state of single
//! sizes, by a search of its own.

use zdu_model::check::abstraction::{Doubt, Leads, Question, leads};
use zdu_model::check::graph::Graph;
use zdu_model::check::sought::Bound;
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, Semantics as _, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::ways::situation::Situation;

/// Pairs of situations: some lead, some do not, some never arise.
const PAIRS: [(&str, &str); 12] = [
    ("any=STARTING", "settled=yes"),
    ("any=STARTING", "no=STARTING"),
    ("any=TERMINATING", "any=OFFLINE"),
    ("any=TERMINATING, mode=off", "any=ABSENT"),
    ("any=OFFLINE, mode=off", "any=ABSENT"),
    ("any=OFFLINE, mode=on", "any=ABSENT"),
    ("any=STARTING", "any=ACTIVE"),
    ("any=STARTING, mode=on", "any=ACTIVE"),
    ("any=ERROR", "no=ERROR"),
    ("status=MIXED, mode=off", "STABLE"),
    ("all=STARTING, mode=on", "served=yes"),
    ("mode=on, origin=none", "STABLE"),
];

fn situation(text: &str) -> Situation {
    text.parse().expect("a situation")
}

fn at_rest(system: &System<Mutants>, cluster: &Cluster) -> bool {
    let mut own = system.scope.node_ids().flat_map(Transition::spontaneous);
    !own.any(|transition| system.semantics.enabled(cluster, transition))
}

/// Whether it leads there at one size, by following each state alone; `None` if the first never arises.
fn leads_at(system: &System<Mutants>, when: &Situation, then: &Situation) -> Option<bool> {
    let graph = Graph::of(system);
    let holds = |it: &Situation, at: usize| it.holds(system, &graph.states()[at]);
    let starts: Vec<usize> = (0..graph.states().len()).filter(|at| holds(when, *at)).collect();
    let mut seen = vec![false; graph.states().len()];
    let mut todo: Vec<usize> = starts.iter().copied().filter(|at| !holds(then, *at)).collect();
    let mut right = true;
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        right &= !at_rest(system, &graph.states()[at]);
        let onward = graph.edges(at).iter().filter(|(step, _)| step.kind() == Kind::Spontaneous);
        todo.extend(onward.map(|(_, to)| *to as usize).filter(|to| !holds(then, *to)));
    }
    (!starts.is_empty()).then_some(right)
}

fn ask(semantics: Mutants, (when, then): (&Situation, &Situation)) -> Leads {
    let witnesses = (when.witnesses_for(), then.witnesses_against());
    let (Some(first), Some(not_second)) = witnesses else { panic!("they name no node") };
    let question = Question {
        when: &|system, cluster| when.holds(system, cluster),
        then: &|system, cluster| then.holds(system, cluster),
        witnesses: (first, not_second),
        tells_versions_apart: when.names_a_version() || then.names_a_version(),
    };
    leads(&semantics, Profile::Documented, 2, question, &|| None)
}

// Proves that what leads to what for all sizes does so at each, and that whatever does not at some size is suspected.
#[test]
fn what_the_views_decide_is_so_at_every_small_size() {
    let mut said = [0; 3];
    for (when, then) in PAIRS {
        let pair = (&situation(when), &situation(then));
        let at: Vec<Option<bool>> = (1..=3)
            .map(|nodes| {
                let scope = Scope::documented(nodes, 2);
                leads_at(&System { scope, semantics: Mutants::NONE }, pair.0, pair.1)
            })
            .collect();
        match ask(Mutants::NONE, pair) {
            Leads::Always => {
                said[0] += 1;
                assert!(at.iter().all(|it| *it != Some(false)), "{when} -> {then}: {at:?}");
                assert!(at.contains(&Some(true)), "{when} -> {then}: {at:?}");
            }
            Leads::Suspect(_) => {
                // Two nodes at a time do not show that somewhere else a node is still on its way.
                said[1] += usize::from(at.contains(&Some(false)));
            }
            Leads::NeverArises => {
                said[2] += 1;
                assert!(at.iter().all(Option::is_none), "{when} -> {then}: {at:?}");
            }
            Leads::Undecided(doubt) => panic!("{when} -> {then}: {doubt:?}"),
        }
    }
    assert!(said.iter().all(|count| *count > 0), "each answer occurs: {said:?}");
}

// Proves that a mutant for which it is no longer so is not passed, and what cannot be decided is not.
#[test]
fn what_does_not_lead_with_a_mutant_is_suspected_and_no_promise_decides_nothing() {
    let pair = (&situation("any=STARTING"), &situation("no=STARTING"));
    assert_eq!(ask(Mutants::NONE, pair), Leads::Always);
    let stuck = ask([Mutant::NeverReady].into_iter().collect(), pair);
    assert!(matches!(stuck, Leads::Suspect(_)), "{stuck:?}");
    let neighbour = [Mutant::BreakTakesNeighbour].into_iter().collect();
    assert_eq!(ask(neighbour, pair), Leads::Undecided(Doubt::Unbounded));
    let many = (&situation("count(STARTING) >= 5"), &situation("no=STARTING"));
    let narrow = ask(Mutants::NONE, many);
    assert!(matches!(narrow, Leads::Undecided(Doubt::Narrow { .. })), "{narrow:?}");
    let (when, then) = pair;
    let question = Question {
        when: &|system, cluster| when.holds(system, cluster),
        then: &|system, cluster| then.holds(system, cluster),
        witnesses: (1, 1),
        tells_versions_apart: false,
    };
    let ended =
        leads(&Mutants::NONE, Profile::Documented, 2, question, &|| Some(Bound::Interrupted));
    assert_eq!(ended, Leads::Undecided(Doubt::Ended(Bound::Interrupted)));
}

// Proves what the argument for all sizes rests on: whether a node can do something by itself is told without the others,
// so a part of a cluster at rest is at rest. Also with each mutant that promises to be decided by few nodes.
#[test]
fn a_part_of_a_cluster_at_rest_is_at_rest() {
    let mutants = Mutant::EVERY.iter().copied().map(Some).chain([None]);
    for mutant in mutants {
        let semantics: Mutants = mutant.into_iter().collect();
        if semantics.decided_by().is_none() {
            continue;
        }
        let documented = mutant.is_none_or(|it| it.in_profile(Profile::Documented));
        let profile = if documented { Profile::Documented } else { Profile::Finalization };
        let versions = mutant.map_or(2, Mutant::versions_min);
        let system = |nodes| System { scope: Scope { profile, nodes, versions }, semantics };
        for state in Graph::of(&system(2)).states().iter().filter(|it| at_rest(&system(2), it)) {
            for node in &state.nodes {
                let part = Cluster { nodes: vec![*node], ..state.clone() };
                assert!(at_rest(&system(1), &part), "{mutant:?}: {part} of {state}");
            }
        }
    }
}
