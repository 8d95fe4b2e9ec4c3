//! All sizes at once: the abstraction proves the safety properties, finds the mutants, and is sound where it can be checked.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use zdu_model::check::abstraction::views::{Plane, Views};
use zdu_model::check::abstraction::{Doubt, Proof, Verdict, prove, prove_within};
use zdu_model::check::fairness::Liveness;
use zdu_model::check::graph::Graph;
use zdu_model::check::sought::Bound;
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::node::{NodeId, Phase};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::{Claim, Property, Taken};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics, Spec, System};
use zdu_model::spec::transition::Transition;

fn profile_of(mutant: Mutant) -> Profile {
    if mutant.in_profile(Profile::Documented) { Profile::Documented } else { Profile::Finalization }
}

fn system<S: Semantics>(semantics: &S, profile: Profile, nodes: usize, versions: u8) -> System<S> {
    System {
        scope: Scope::documented(nodes, versions).with_profile(profile),
        semantics: semantics.clone(),
    }
}

/// Takes the promise of [`Semantics::decided_by`] on trust: its own tests are below.
fn quick<S: Semantics>(
    semantics: &S,
    profile: Profile,
    versions: u8,
    properties: &[Property<S>],
) -> Proof {
    let window = semantics.decided_by().unwrap_or(4);
    let claims = Property::claims(properties);
    prove_within(semantics, profile, versions, &claims, window, &|| None)
}

#[test]
fn every_safety_property_holds_for_every_number_of_nodes() {
    for profile in Profile::ALL {
        for versions in [2, 3] {
            let properties = Property::all(profile);
            let proof = prove(&Spec, profile, versions, &Property::claims(&properties), &|| None);
            for (property, verdict) in properties.iter().zip(&proof.verdicts) {
                assert_eq!(
                    *verdict,
                    Verdict::Holds,
                    "{} in {profile} with V={versions}",
                    property.name
                );
            }
        }
    }
}

/// A proof of each mutant's properties, in the order of the registry: made once for several tests.
fn proofs() -> &'static [(Mutant, Profile, Proof)] {
    static PROOFS: OnceLock<Vec<(Mutant, Profile, Proof)>> = OnceLock::new();
    PROOFS.get_or_init(|| {
        let prove = |mutant: &Mutant| {
            let profile = profile_of(*mutant);
            let properties = Property::all(profile);
            let proof = quick(mutant, profile, mutant.versions_min(), &properties);
            (*mutant, profile, proof)
        };
        Mutant::ALL.iter().map(prove).collect()
    })
}

#[test]
fn every_mutant_is_found_at_its_least_size_and_those_that_need_three_nodes_too() {
    let mut sizes = BTreeSet::new();
    for (mutant, profile, proof) in proofs() {
        let properties = Property::<Mutant>::all(*profile);
        let least = (properties.iter().zip(&proof.verdicts))
            .filter(|(property, _)| property.rule == mutant.rule())
            .filter_map(|(_, verdict)| match verdict {
                Verdict::Violated { nodes, path } => {
                    assert_eq!(path.end().nodes.len(), *nodes);
                    Some(*nodes)
                }
                Verdict::Holds | Verdict::Undecided(_) => None,
            })
            .min();
        assert_eq!(least, Some(mutant.nodes_min()), "{mutant}");
        sizes.extend(least);
    }
    assert_eq!(sizes, BTreeSet::from([1, 2, 3]));
}

#[test]
fn nothing_holds_for_all_sizes_that_fails_for_one() {
    // Proves soundness against another search: what two nodes break, the abstraction must not call proved.
    for (mutant, profile, proof) in proofs() {
        let properties = Property::all(*profile);
        let system = system(mutant, *profile, 2, mutant.versions_min());
        let graph = Graph::of(&system);
        for (property, verdict) in properties.iter().zip(&proof.verdicts) {
            let holds = (graph.states().iter()).all(|state| property.holds(&system, state));
            if holds {
                continue;
            }
            assert!(
                matches!(verdict, Verdict::Violated { nodes, .. } if *nodes <= 2),
                "{mutant}: {} with two nodes, but {verdict}",
                property.name
            );
        }
    }
}

#[test]
fn a_counterexample_is_a_run_that_breaks_the_property() {
    for mutant in [Mutant::TwoUpgradedAreEnough, Mutant::CancelDespiteError] {
        let properties = Property::all(Profile::Documented);
        let proof = quick(&mutant, Profile::Documented, 2, &properties);
        for (property, verdict) in properties.iter().zip(&proof.verdicts) {
            let Verdict::Violated { nodes, path } = verdict else {
                continue;
            };
            let system = system(&mutant, Profile::Documented, *nodes, 2);
            assert_eq!(path.start, system.scope.initial());
            for (before, transition, after) in path.moves() {
                assert!(mutant.enabled(before, transition));
                assert_eq!(&mutant.apply(before, transition), after);
            }
            let last = path.moves().last();
            let broken = !property.holds_of(&system, path.end())
                || last.is_some_and(|(before, transition, after)| {
                    !property.holds_over(&system, Taken { before, transition, after })
                });
            assert!(broken, "{}:\n{path}", property.name);
        }
    }
}

// Soundness of the abstraction itself

#[test]
fn the_views_are_exactly_those_of_reachable_clusters() {
    // Over: every reachable cluster up to N = 3 is stood for. Exact: every view occurs in one of them.
    for (profile, versions, nodes_max) in
        [(Profile::Documented, 2, 3), (Profile::Finalization, 2, 3), (Profile::Documented, 3, 3)]
    {
        let closed = quick(&Spec, profile, versions, &[]);
        let mut seen = Views::none(profile, versions);
        for nodes in 1..=nodes_max {
            for state in Graph::of(&system(&Spec, profile, nodes, versions)).states() {
                assert!(closed.views.stand_for(state), "{state}");
                seen.absorb(state, false);
            }
        }
        assert_eq!(seen, closed.views, "{profile} V={versions}");
        assert!(closed.widest <= 3, "two nodes and one witness");
    }
}

#[test]
fn views_count_what_is_counted_by_hand() {
    // By hand: mode on, any of 16 local states alone or with any, 16 + 136 views, for each of two origins. Mode off:
    // 16 alone; with three joined phases and five others, two joined nodes run one version: for each version 6 pairs
    // of joined phases, 3 phases with 10 other local states, and 55 pairs of others.
    let closed = quick(&Spec, Profile::Documented, 2, &[]);
    assert_eq!(closed.views.count(), 2 * (16 + 136) + 16 + 2 * (6 + 30) + 55);
}

/// The cluster of some of the nodes.
fn part(cluster: &Cluster, nodes: &[usize]) -> Cluster {
    Cluster { nodes: nodes.iter().map(|index| cluster.nodes[*index]).collect(), ..cluster.clone() }
}

/// Every set of up to `size` of `count` nodes.
fn subsets(count: usize, size: usize) -> Vec<Vec<usize>> {
    (0..1_usize << count)
        .filter(|mask| (1..=size).contains(&(mask.count_ones() as usize)))
        .map(|mask| (0..count).filter(|index| mask >> index & 1 == 1).collect())
        .collect()
}

/// Whether each view of what the transition leads to is one of the cluster's own, or one of what the transition makes
/// of a part of the cluster with no more nodes than the window.
fn is_simulated<S: Semantics>(
    semantics: &S,
    before: &Cluster,
    transition: Transition,
    window: usize,
) -> bool {
    let after = semantics.apply(before, transition);
    let count = before.nodes.len();
    // The abstraction knows the nodes of a small cluster by their looks alone: it has them in order.
    let mut parts = subsets(count, window);
    for nodes in &mut parts {
        nodes.sort_by_key(|at| before.nodes[*at]);
    }
    subsets(count, 2).iter().all(|view| {
        let unchanged = Plane::of(before) == Plane::of(&after)
            && view.iter().all(|at| before.nodes[*at] == after.nodes[*at]);
        unchanged
            || parts.iter().any(|nodes| {
                let place = |at: usize| nodes.iter().position(|node| *node == at);
                let Some(places) = view.iter().map(|at| place(*at)).collect::<Option<Vec<_>>>()
                else {
                    return false;
                };
                let step = match transition.node() {
                    None => transition,
                    Some(id) => match place(id.index()) {
                        Some(at) => transition.on(NodeId::at(at)),
                        None => return false,
                    },
                };
                let small = part(before, nodes);
                semantics.enabled(&small, step)
                    && part(&semantics.apply(&small, step), &places) == part(&after, view)
            })
    })
}

/// The transitions out of a cluster.
fn steps<S: Semantics>(system: &System<S>, cluster: &Cluster) -> Vec<Transition> {
    let successors = system.successors(cluster).into_iter();
    successors.map(|(transition, _)| transition).collect()
}

/// Two nodes and one witness: less than the window that is used, so that the margin is checked too.
const ENOUGH: usize = 3;

#[test]
fn every_concrete_transition_up_to_four_nodes_is_simulated() {
    let scopes = [
        (Profile::Documented, 4, 2),
        (Profile::Documented, 3, 3),
        (Profile::Finalization, 3, 2),
        (Profile::Finalization, 2, 3),
    ];
    for (profile, nodes_max, versions) in scopes {
        for nodes in 1..=nodes_max {
            let system = system(&Spec, profile, nodes, versions);
            // The relation does not know the nodes apart, so with four nodes one state of each renaming is enough.
            let states: Vec<Cluster> = if nodes < 4 {
                Graph::of(&system).states().to_vec()
            } else {
                up_to_renaming(&system)
            };
            for state in &states {
                for transition in steps(&system, state) {
                    assert!(
                        is_simulated(&Spec, state, transition, ENOUGH),
                        "{transition} in {state}"
                    );
                }
            }
        }
    }
}

#[test]
fn random_concrete_transitions_of_six_nodes_are_simulated_and_stood_for() {
    for (profile, versions) in [
        (Profile::Documented, 2),
        (Profile::Documented, 3),
        (Profile::Finalization, 2),
        (Profile::Finalization, 3),
    ] {
        let system = system(&Spec, profile, 6, versions);
        let closed = quick(&Spec, profile, versions, &[]);
        for (before, transition) in wander(&system, 40, 30) {
            assert!(closed.views.stand_for(&before), "{before}");
            assert!(is_simulated(&Spec, &before, transition, ENOUGH), "{transition} in {before}");
        }
    }
}

#[test]
fn every_mutant_that_makes_the_promise_keeps_it() {
    let kept = |mutant: Mutant, window| {
        let system = system(&mutant, profile_of(mutant), 6, mutant.versions_min());
        let walks = wander(&system, 6, 40);
        walks.iter().all(|(before, step)| is_simulated(&mutant, before, *step, window))
    };
    let promise = Mutant::ALL.iter().filter_map(|it| Some((*it, it.decided_by()?)));
    assert!(promise.clone().count() > 40);
    for (mutant, window) in promise {
        assert!(kept(mutant, window), "{mutant}");
    }
    // The negative case: who looks at the neighbour is not simulated, and does not promise to be.
    assert!(Mutant::BreakTakesNeighbour.decided_by().is_none());
    assert!(!kept(Mutant::BreakTakesNeighbour, 4));
}

#[test]
fn a_violation_with_six_nodes_shows_in_a_part_of_the_window() {
    // The other half of the promise: no property needs more nodes than the window to fail.
    let mut violations = 0;
    for mutant in Mutant::ALL {
        let Some(window) = mutant.decided_by() else {
            continue;
        };
        let profile = profile_of(*mutant);
        let versions = mutant.versions_min();
        let large = system(mutant, profile, 6, versions);
        let properties = Property::all(profile);
        for (state, _) in wander(&large, 4, 40) {
            for property in properties.iter().filter(|p| !p.holds(&large, &state)) {
                violations += 1;
                assert!(
                    subsets(6, window).iter().any(|nodes| {
                        let small = system(mutant, profile, nodes.len(), versions);
                        !property.holds(&small, &part(&state, nodes))
                    }),
                    "{mutant}: {} fails in {state} and in no part of it",
                    property.name
                );
            }
        }
    }
    assert!(violations > 100, "only {violations}");
}

/// One state of each renaming of the nodes.
fn up_to_renaming(system: &System<Spec>) -> Vec<Cluster> {
    let sorted = |mut cluster: Cluster| {
        cluster.nodes.sort_unstable();
        cluster
    };
    let mut seen = BTreeSet::from([system.scope.initial()]);
    let mut queue = vec![system.scope.initial()];
    while let Some(state) = queue.pop() {
        for (_, after) in system.successors(&state) {
            let after = sorted(after);
            if seen.insert(after.clone()) {
                queue.push(after);
            }
        }
    }
    assert_eq!(seen.len(), 10_667, "section 3, N = 4 up to a renaming");
    seen.into_iter().collect()
}

/// The states and transitions of random runs; always the same ones.
fn wander<S: Semantics>(
    system: &System<S>,
    runs: usize,
    length: usize,
) -> Vec<(Cluster, Transition)> {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |below: usize| {
        // Xorshift: no need for more, and no crate for it.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("below a usize")
    };
    let mut found = Vec::new();
    for _ in 0..runs {
        let mut state = system.scope.initial();
        for _ in 0..length {
            let mut steps = system.successors(&state);
            if steps.is_empty() {
                break;
            }
            let (transition, after) = steps.swap_remove(draw(steps.len()));
            found.push((state, transition));
            state = after;
        }
    }
    found
}

// What the abstraction cannot decide

/// Shows READY_TO_RUN_UPGRADE_TASKS once so many upgraded nodes have joined, whatever else has.
#[derive(Clone, Copy, Debug)]
struct Crowd {
    enough: usize,
    promises: Option<usize>,
}

impl Semantics for Crowd {
    fn status(&self, cluster: &Cluster) -> ClusterStatus {
        let right = cluster.status();
        let upgraded = cluster.nodes.iter().filter(|node| {
            node.phase.joined() && cluster.origin.is_some_and(|origin| origin != node.version)
        });
        if right == ClusterStatus::Mixed
            && !cluster.any(Phase::Error)
            && upgraded.count() >= self.enough
        {
            ClusterStatus::ReadyToRunUpgradeTasks
        } else {
            right
        }
    }

    fn decided_by(&self) -> Option<usize> {
        self.promises
    }
}

fn status_3(crowd: Crowd) -> Verdict {
    let properties: Vec<_> = Property::all(Profile::Documented)
        .into_iter()
        .filter(|property| property.rule == Rule::Status3)
        .collect();
    let mut proof = prove(&crowd, Profile::Documented, 2, &Property::claims(&properties), &|| None);
    proof.verdicts.remove(0)
}

#[test]
fn without_a_promise_nothing_ever_holds() {
    let (enough, promises) = (6, None);
    let verdict = status_3(Crowd { enough, promises });
    assert_eq!(verdict, Verdict::Undecided(Doubt::Unbounded));
    assert!(verdict.to_string().starts_with("cannot be decided"));
    let mutant = Mutant::BreakTakesNeighbour;
    let proof = prove(
        &mutant,
        Profile::Documented,
        2,
        &Property::claims(&Property::all(Profile::Documented)),
        &|| None,
    );
    assert!(!proof.verdicts.contains(&Verdict::Holds));
}

#[test]
fn a_mutant_that_needs_five_nodes_is_found_by_whoever_promises_that_it_does() {
    let (enough, promises) = (4, Some(5));
    let Verdict::Violated { nodes, path } = status_3(Crowd { enough, promises }) else {
        panic!("it fails with one old node and four upgraded ones");
    };
    assert_eq!(nodes, 5);
    assert_eq!(path.end().mode, Mode::On);
}

#[test]
fn a_promise_that_is_short_by_one_does_not_make_it_hold() {
    let (enough, promises) = (4, Some(4));
    assert!(matches!(status_3(Crowd { enough, promises }), Verdict::Violated { nodes: 5, .. }));
}

#[test]
fn who_looks_at_too_little_does_not_conclude() {
    let properties = Property::all(Profile::Documented);
    let proof =
        prove_within(&Spec, Profile::Documented, 2, &Property::claims(&properties), 3, &|| None);
    let narrow = Doubt::Narrow { window: 3, needed: 4 };
    assert!((proof.verdicts.iter()).all(|verdict| *verdict == Verdict::Undecided(narrow.clone())));
}

#[test]
fn what_only_unreachable_clusters_break_is_left_undecided() {
    // True of every reachable state: section 3 counts no state with the mode on and every node removed. But two removed
    // nodes are a view of larger clusters, so the abstraction cannot know.
    let property = Property::<Spec>::state(
        "with-the-mode-on-some-node-is-listed",
        Rule::Api1,
        |cluster| cluster.mode == Mode::On,
        |_, cluster| cluster.nodes.iter().any(|node| node.phase != Phase::Absent),
    );
    for nodes in 1..=3 {
        let system = system(&Spec, Profile::Documented, nodes, 2);
        let graph = Graph::of(&system);
        assert!((graph.states().iter()).all(|state| property.holds(&system, state)));
    }
    let proof = quick(&Spec, Profile::Documented, 2, &[property]);
    assert!(
        matches!(proof.verdicts[0], Verdict::Undecided(Doubt::Unconfirmed { nodes: 3, .. })),
        "{}",
        proof.verdicts[0]
    );
}

/// Liveness for every number of nodes at once: every spontaneous transition goes down the ladder, and a node that must
/// not stay where it is can itself go on.
#[test]
fn node_2_node_3_node_5_and_fin_2_nobody_stays_whatever_the_number_of_nodes() {
    for profile in Profile::ALL {
        let ends = Liveness::all(profile);
        let claims: Vec<Claim<Spec>> = std::iter::once(Liveness::ladder())
            .chain(ends.iter().map(Liveness::moves_itself))
            .collect();
        let proof = prove(&Spec, profile, 2, &claims, &|| None);
        assert!(proof.verdicts.iter().all(|verdict| *verdict == Verdict::Holds), "{profile}");
    }
    // The other side: each mutant that is stuck is found at its least size.
    for mutant in Mutant::STUCK {
        let profile = profile_of(*mutant);
        let ends = Liveness::all(profile);
        let claims: Vec<Claim<Mutant>> = std::iter::once(Liveness::ladder())
            .chain(ends.iter().map(Liveness::moves_itself))
            .collect();
        let proof = prove_within(mutant, profile, 2, &claims, 4, &|| None);
        let least = proof.verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Violated { nodes, .. } => Some(*nodes),
            Verdict::Holds | Verdict::Undecided(_) => None,
        });
        assert_eq!(least.min(), Some(mutant.nodes_min()), "{mutant}");
    }
}

#[test]
fn a_proof_that_is_ended_proves_nothing() {
    let claims = Property::claims(&Property::all(Profile::Documented));
    let proof = prove(&Spec, Profile::Documented, 2, &claims, &|| Some(Bound::Time));
    let ended = Verdict::Undecided(Doubt::Ended(Bound::Time));
    assert!(proof.verdicts.iter().all(|verdict| *verdict == ended));
    assert!(proof.clusters < 5_000, "{}", proof.clusters);
}
