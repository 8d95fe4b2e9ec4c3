//! Liveness under weak fairness, and PROC-4: what must happen in the end, and what can always be done.

use zdu_model::check::engine::Engine as _;
use zdu_model::check::fairness::{Lasso, Liveness, Meanwhile};
use zdu_model::check::graph::Graph;
use zdu_model::check::path::Path;
use zdu_model::check::sought::Sought;
use zdu_model::check::space::{Explicit, Graph as Numbered, Ways};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Claim;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics, System};
use zdu_model::spec::transition::{Kind, Transition};

const N1: NodeId = NodeId::new(1);

fn lassos<S: Semantics>(system: &System<S>, meanwhile: Meanwhile) -> Vec<(Rule, Lasso)> {
    let graph = Graph::of(system);
    Liveness::all(system.scope.profile)
        .into_iter()
        .filter_map(|liveness| {
            let lasso = liveness.lasso(system.scope, &graph, meanwhile)?;
            Some((liveness.rule, lasso))
        })
        .collect()
}

/// Every step of the lasso is one of the system's, and the turn ends where it began.
fn is_a_run<S: Semantics>(system: &System<S>, lasso: &Lasso) {
    assert_eq!(lasso.stem.end(), &lasso.turn.start);
    assert_eq!(lasso.turn.end(), &lasso.turn.start);
    for path in [&lasso.stem, &lasso.turn] {
        for (before, transition, after) in path.moves() {
            assert!(system.semantics.enabled(before, transition));
            assert_eq!(&system.semantics.apply(before, transition), after);
        }
    }
}

#[test]
fn the_graph_has_the_states_and_transitions_of_the_table() {
    for (versions, nodes, counts) in [(2, 2, (742, 4_262)), (2, 3, (11_570, 98_178))] {
        let graph = Graph::of(&System::spec(Scope::documented(nodes, versions)));
        assert_eq!((graph.states().len(), graph.transitions()), counts);
    }
}

#[test]
fn node_2_node_3_and_node_5_nobody_stays_when_the_cluster_is_left_alone() {
    for (profile, nodes, versions) in [
        (Profile::Documented, 1, 2),
        (Profile::Documented, 2, 2),
        (Profile::Documented, 3, 2),
        (Profile::Documented, 2, 3),
        (Profile::Finalization, 2, 2),
    ] {
        let scope = Scope::documented(nodes, versions).with_profile(profile);
        let found = lassos(&System::spec(scope), Meanwhile::Nothing);
        assert!(found.is_empty(), "{scope:?}: {}", found[0].1);
    }
}

#[test]
fn node_2_start_and_cancel_for_ever_keep_a_node_of_the_other_version_starting() {
    // Section 5: without the words "no further API step" the property is false, and this is why.
    let system = System::spec(Scope::documented(2, 2));
    let found = lassos(&system, Meanwhile::Calls);
    let (_, lasso) =
        (found.iter()).find(|(rule, _)| *rule == Rule::Node2).expect("the toggling lasso");
    is_a_run(&system, lasso);
    let transitions: Vec<Transition> = lasso.turn.steps.iter().map(|step| step.0).collect();
    assert_eq!(transitions, [Transition::Start, Transition::Cancel]);
    assert_eq!(lasso.stem.steps.len(), 3, "shut down, install, boot");
    for (_, state) in &lasso.turn.steps {
        assert_eq!(state.node(lasso.node).phase, Phase::StartingOut);
    }
    let text = lasso.to_string();
    for line in [
        "and from there for ever, n1 staying:",
        "4  Start              mode off -> on; origin none -> v0",
        "5  Cancel             mode on -> off; origin v0 -> none",
        "back after step 5",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn node_2_a_single_node_cannot_be_kept_starting_even_by_calls() {
    // The other side of the lasso: it needs a second node that answers the calls.
    assert_eq!(lassos(&System::spec(Scope::documented(1, 2)), Meanwhile::Calls), []);
}

#[test]
fn node_3_no_calls_keep_a_node_terminating() {
    let found = lassos(&System::spec(Scope::documented(3, 2)), Meanwhile::Calls);
    assert!(found.iter().all(|(rule, _)| *rule != Rule::Node3));
}

#[test]
fn node_5_an_endpoint_that_never_forgets_is_found_as_a_dead_end() {
    let system = System { scope: Scope::documented(2, 2), semantics: Mutant::NeverForgotten };
    let found = lassos(&system, Meanwhile::Nothing);
    assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Rule::Node5]);
    let lasso = &found[0].1;
    is_a_run(&system, lasso);
    assert!(lasso.turn.steps.is_empty());
    assert_eq!(lasso.stem.end().mode, Mode::Off);
    assert_eq!(lasso.stem.end().node(N1).phase, Phase::Offline);
    assert!(lasso.to_string().ends_with("and there n1 stays: nothing can happen"));
}

#[test]
fn fairness_is_per_transition_and_node() {
    // Proves that calls which go on for ever excuse no transition that they do not disable: on every lasso each
    // spontaneous transition, of any node, is taken or somewhere not enabled.
    for (profile, nodes, versions) in
        [(Profile::Documented, 3, 2), (Profile::Documented, 2, 3), (Profile::Finalization, 2, 2)]
    {
        let system = System::spec(Scope::documented(nodes, versions).with_profile(profile));
        let found = lassos(&system, Meanwhile::Calls);
        assert_eq!(found.len(), 1, "only NODE-2 can be put off for ever");
        for (rule, lasso) in found {
            assert_eq!(rule, Rule::Node2);
            is_a_run(&system, &lasso);
            let all = system.scope.transitions().into_iter();
            for fair in all.filter(|transition| transition.kind() == Kind::Spontaneous) {
                let mut turn = lasso.turn.moves();
                assert!(
                    turn.any(|(before, taken, _)| {
                        taken == fair || !system.semantics.enabled(before, fair)
                    }),
                    "{fair} is put off for ever on\n{lasso}"
                );
            }
        }
    }
}

/// How many documented steps it takes from each state to STABLE, by relaxing every edge until nothing changes.
fn distances<S: Semantics>(system: &System<S>, graph: &Graph) -> Vec<Option<u64>> {
    let stable = |state| (system.status(state) == ClusterStatus::Stable).then_some(0);
    let mut distance: Vec<Option<u64>> = graph.states().iter().map(stable).collect();
    loop {
        let mut changed = false;
        for state in 0..distance.len() {
            let documented = graph.edges(state).iter().filter(|edge| edge.0.kind() != Kind::Fault);
            let onward = documented.filter_map(|edge| distance[edge.1 as usize]).min();
            if let Some(longer) = onward.map(|steps| steps + 1)
                && distance[state].is_none_or(|known| longer < known)
            {
                distance[state] = Some(longer);
                changed = true;
            }
        }
        if !changed {
            return distance;
        }
    }
}

fn ways<S: Semantics>(system: &System<S>, threads: usize) -> Ways {
    let stable = |cluster: &Cluster| system.status(cluster) == ClusterStatus::Stable;
    let graph = Numbered::explore(system.clone(), threads);
    graph
        .ways_to(threads, stable, |transition| transition.kind() != Kind::Fault, &|| None)
        .expect("nothing ends it")
}

fn scopes() -> impl Iterator<Item = Scope> {
    let sizes = [(1, 2), (2, 2), (3, 2), (2, 3)];
    Profile::ALL.into_iter().flat_map(move |profile| {
        sizes.map(|(nodes, versions)| Scope::documented(nodes, versions).with_profile(profile))
    })
}

#[test]
fn proc_4_every_state_has_a_way_back_to_stable_as_long_as_relaxing_every_edge_finds() {
    for scope in scopes() {
        let system = System::spec(scope);
        let graph = Graph::of(&system);
        let expected = distances(&system, &graph);
        assert!(expected.iter().all(Option::is_some), "{scope:?}");
        for threads in [1, 2] {
            let found = ways(&system, threads);
            assert_eq!(found.stranded, 0, "{scope:?}");
            assert!(found.stranding.is_none());
            assert_eq!(Some(found.longest), expected.iter().copied().max().flatten(), "{scope:?}");
            let goals = expected.iter().filter(|steps| **steps == Some(0)).count();
            assert_eq!(found.goals, goals as u64);
            let farthest = found.farthest.expect("some state is STABLE");
            let place = graph.states().iter().position(|state| *state == farthest);
            assert_eq!(expected[place.expect("reachable")], Some(found.longest));
        }
    }
}

#[test]
fn proc_4_who_is_stranded_is_told_with_a_shortest_run() {
    // Nothing but a retry leads on; and where no node can be removed from ERROR, the general path is taken.
    for (mutant, profile) in [
        (Mutant::RetryRefused, Profile::Finalization),
        (Mutant::RetryDoesNothing, Profile::Finalization),
        (Mutant::CancelKeepsMode, Profile::Documented),
        (Mutant::NeverReady, Profile::Documented),
    ] {
        for nodes in 1..=2 {
            let scope = Scope::documented(nodes, 2).with_profile(profile);
            let system = System { scope, semantics: mutant };
            let graph = Graph::of(&system);
            let expected = distances(&system, &graph);
            let stranded = expected.iter().filter(|steps| steps.is_none()).count();
            let found = ways(&system, 1);
            assert_eq!(found.stranded, stranded as u64, "{mutant}");
            // States are in the order in which they are found, so that the first is nearest.
            let nearest = expected.iter().position(Option::is_none);
            let length = nearest.map(|state| graph.path_to(state).steps.len());
            assert_eq!(found.stranding.map(|path| path.steps.len()), length, "{mutant}");
        }
    }
}

/// What the ladder says of liveness, by an engine.
fn by_the_ladder<S: Semantics>(system: &System<S>) -> (Sought<Path>, Vec<Sought<Path>>) {
    let ends = Liveness::all(system.scope.profile);
    let claims: Vec<Claim<S>> =
        std::iter::once(Liveness::ladder()).chain(ends.iter().map(Liveness::no_dead_end)).collect();
    let found = Explicit { threads: 1 }.explore(system.clone(), &claims, &[], &mut |_| {});
    let mut violations = found.violations;
    let rest = violations.split_off(1);
    (violations.remove(0), rest)
}

/// Proves that the ladder decides liveness as the lassos do: for the spec, and for every mutant that keeps to it.
#[test]
fn the_ladder_and_the_lassos_agree() {
    let spec = scopes().map(System::spec);
    for system in spec {
        let (ladder, ends) = by_the_ladder(&system);
        assert!(ladder.is_nowhere(), "{:?}", system.scope);
        assert!(ends.iter().all(Sought::is_nowhere), "{:?}", system.scope);
    }
    let mut off_the_ladder = Vec::new();
    for mutant in Mutant::EVERY {
        let profile = if mutant.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope = Scope::documented(mutant.nodes_min(), mutant.versions_min());
        let system = System { scope: scope.with_profile(profile), semantics: *mutant };
        let (ladder, ends) = by_the_ladder(&system);
        let graph = Graph::of(&system);
        for (liveness, end) in Liveness::all(profile).iter().zip(ends) {
            let lasso = liveness.lasso(system.scope, &graph, Meanwhile::Nothing);
            match end {
                Sought::Found(stem) => {
                    let shown = liveness.dead_end(stem);
                    is_a_run(&system, &shown);
                    assert!((liveness.stays)(shown.stem.end(), shown.node), "{mutant}");
                    assert!(lasso.is_some(), "{mutant} {}", liveness.name);
                }
                Sought::Nowhere if ladder.is_nowhere() => {
                    assert!(lasso.is_none(), "{mutant} {}", liveness.name);
                }
                Sought::Nowhere => off_the_ladder.push((*mutant, lasso.is_some())),
                Sought::Somewhere(_) | Sought::GivenUp(_) => panic!("nothing ended the search"),
            }
        }
    }
    // Who is off the ladder may or may not break liveness; only a lasso tells.
    assert!(off_the_ladder.contains(&(Mutant::RejectedTriesAgain, true)), "{off_the_ladder:?}");
}

/// The registry is in two parts, so that [`Mutant::ALL`] leaves out those that are stuck and no others.
#[test]
fn a_stuck_mutant_is_not_among_those_that_answer_wrongly() {
    assert!(Mutant::STUCK.iter().all(|mutant| !Mutant::ALL.contains(mutant)));
    assert_eq!(Mutant::ALL.len() + Mutant::STUCK.len(), Mutant::EVERY.len());
}

/// Each liveness property, and PROC-4, has a mutant that breaks it.
#[test]
fn every_liveness_property_is_broken_by_a_mutant() {
    for (mutant, profile, rule) in [
        (Mutant::NeverReady, Profile::Documented, Rule::Node2),
        (Mutant::NeverDown, Profile::Documented, Rule::Node3),
        (Mutant::NeverForgotten, Profile::Documented, Rule::Node5),
        (Mutant::TasksNeverEnd, Profile::Finalization, Rule::Fin2),
    ] {
        let scope = Scope::documented(1, 2).with_profile(profile);
        let found = lassos(&System { scope, semantics: mutant }, Meanwhile::Nothing);
        assert!(found.iter().any(|(broken, _)| *broken == rule), "{mutant}");
    }
    let scope = Scope::documented(2, 2);
    let tries = System { scope, semantics: Mutant::RejectedTriesAgain };
    let found = lassos(&tries, Meanwhile::Nothing);
    let (rule, lasso) = found.first().expect("it is off the ladder");
    assert_eq!((*rule, lasso.turn.steps.len()), (Rule::Node2, 1), "{lasso}");
    is_a_run(&tries, lasso);
}
