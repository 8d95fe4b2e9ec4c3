//! The numbered space: numbers name states, the tables are the semantics, and the graph is the space that was explored.

use std::collections::BTreeSet;

use zdu_model::check::space::Graph;
use zdu_model::check::space::Numbering;
use zdu_model::check::symmetry::{class_size, representative};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::node::{Node, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, Semantics, System};

/// A generator of the xorshift family: the same states in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }

    fn cluster(&mut self, scope: Scope) -> Cluster {
        let phases = scope.profile.phases();
        let versions = usize::from(scope.versions);
        let version = |place: usize| Version(u8::try_from(place).expect("few versions"));
        let nodes = (0..scope.nodes)
            .map(|_| {
                let phase = phases[self.below(phases.len())];
                Node::new(phase, version(self.below(versions)))
            })
            .collect();
        Cluster {
            mode: [Mode::Off, Mode::On][self.below(2)],
            origin: self.below(versions + 1).checked_sub(1).map(version),
            tasks_pending: self.below(2) == 1,
            nodes,
        }
    }

    /// A reachable state, by a walk of this many random transitions.
    fn walk(&mut self, system: &System, steps: usize) -> Vec<Cluster> {
        let mut walk = vec![system.scope.initial()];
        for _ in 0..steps {
            let here = &walk[walk.len() - 1];
            let mut successors = system.successors(here);
            let (_, next) = successors.swap_remove(self.below(successors.len()));
            walk.push(next);
        }
        walk
    }
}

/// Fails unless the graph gives for this state what the semantics gives, in the same order.
fn assert_same_successors<S: Semantics>(graph: &Graph<S>, cluster: &Cluster) {
    let mut found = Vec::new();
    graph.successors(graph.encode(cluster), &mut found);
    let found: Vec<_> =
        found.into_iter().map(|(transition, after)| (transition, graph.decode(after))).collect();
    assert_eq!(found, graph.system().successors(cluster), "out of {cluster}");
}

#[test]
fn a_number_names_one_state() {
    let mut draw = Draw(20_250_101);
    for profile in Profile::ALL {
        for (nodes, versions) in [(1, 2), (2, 2), (3, 3), (4, 2), (6, 2), (5, 5)] {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let numbering = Numbering::new(scope);
            for _ in 0..500 {
                let cluster = draw.cluster(scope);
                let number = numbering.encode(&cluster);
                assert_eq!(numbering.decode(number), cluster, "{number} in {scope:?}");
                assert!(number < numbering.planes() as u64 * numbering.plane_numbers());
            }
        }
    }
}

#[test]
fn two_states_never_share_a_number() {
    // The whole of a small scope, irregular planes included: as many numbers as states.
    let scope = Scope::documented(2, 2).with_profile(Profile::Finalization);
    let numbering = Numbering::new(scope);
    let mut draw = Draw(7);
    let clusters: BTreeSet<_> = (0..20_000).map(|_| draw.cluster(scope)).collect();
    let numbers: BTreeSet<_> = clusters.iter().map(|c| numbering.encode(c)).collect();
    assert_eq!(numbers.len(), clusters.len());
}

#[test]
fn tables_are_the_semantics_in_every_state_of_small_scopes() {
    // Proves that the spec is local as far as these scopes show it; together with the random states below this is what
    // the promise of `Semantics::local` rests on.
    let sizes = [(1, 2), (1, 3), (2, 2), (2, 3), (3, 2), (3, 3)];
    for profile in Profile::ALL {
        for (nodes, versions) in sizes {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let graph = Graph::explore(System::spec(scope), 1);
            for number in graph.states() {
                assert_same_successors(&graph, &graph.decode(number));
            }
        }
    }
}

#[test]
fn tables_are_the_semantics_in_random_states_of_larger_scopes() {
    let mut draw = Draw(42);
    for profile in Profile::ALL {
        // Not explored any further than a walk goes, so that the size costs nothing.
        for (nodes, versions) in [(3, 2), (4, 2), (4, 3)] {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let graph = Graph::explore(System::spec(scope), 2);
            for state in draw.walk(graph.system(), 2_000) {
                assert!(graph.contains(graph.encode(&state)), "{state} is reachable");
                assert_same_successors(&graph, &state);
            }
        }
    }
}

#[test]
fn tables_are_the_semantics_in_random_states_of_six_nodes() {
    let mut draw = Draw(6);
    let graph = Graph::explore(System::spec(Scope::documented(6, 2)), 2);
    for state in draw.walk(graph.system(), 20_000) {
        assert_same_successors(&graph, &state);
    }
}

#[test]
fn the_graph_is_closed_and_counts_its_edges() {
    for profile in Profile::ALL {
        let scope = Scope::documented(2, 2).with_profile(profile);
        let graph = Graph::explore(System::spec(scope), 1);
        let mut found = Vec::new();
        let (mut states, mut transitions) = (0, 0);
        for number in graph.states() {
            graph.successors(number, &mut found);
            assert!(number < graph.bound() && found.iter().all(|(_, to)| graph.contains(*to)));
            states += 1;
            transitions += found.len() as u64;
        }
        assert_eq!(states, graph.state_count());
        assert_eq!(transitions, graph.transition_count());
        assert!(graph.contains(graph.initial()));
    }
}

#[test]
fn the_graph_of_a_mutant_is_that_of_its_semantics() {
    // The general path: irregular planes, and two nodes that change at once.
    for mutant in [Mutant::OriginKept, Mutant::BreakTakesNeighbour] {
        let system = System { scope: Scope::documented(2, 2), semantics: mutant };
        let graph = Graph::explore(system, 1);
        for number in graph.states() {
            assert_same_successors(&graph, &graph.decode(number));
        }
    }
}

// Proves that what is tabulated of mutants is what they do: the same states and the same steps out of each as by asking.
#[test]
fn tables_of_mutants_are_the_mutants() {
    let mut tabulated = 0;
    for mutant in Mutant::EVERY.iter().copied().filter(|mutant| mutant.tabulates()) {
        let documented = mutant.in_profile(Profile::Documented);
        let profile = if documented { Profile::Documented } else { Profile::Finalization };
        for (nodes, versions) in [(2, 2), (2, 3), (3, 2)] {
            let scope = Scope { profile, nodes, versions };
            let semantics: Mutants = [mutant].into_iter().collect();
            assert!(semantics.local() && !mutant.local());
            let tables = Graph::explore(System { scope, semantics }, 1);
            let asked = Graph::explore(System { scope, semantics: mutant }, 1);
            let counts = (tables.state_count(), tables.transition_count());
            assert_eq!(counts, (asked.state_count(), asked.transition_count()), "{mutant}");
            if nodes == 2 {
                for number in tables.states() {
                    assert_same_successors(&tables, &tables.decode(number));
                }
            }
        }
        tabulated += 1;
    }
    assert!(tabulated > 30, "{tabulated}");
}

#[test]
fn the_visited_set_of_the_spec_takes_at_most_two_bits_a_state() {
    for nodes in 1..=4 {
        let graph = Graph::explore(System::spec(Scope::documented(nodes, 2)), 1);
        let bits = graph.visited_bytes() * 8;
        let words = 64 * 3;
        assert!(
            bits <= 2 * graph.state_count() || bits == words,
            "{bits} bits for {} states",
            graph.state_count()
        );
    }
}

#[test]
fn renamed_states_have_one_representative() {
    let mut draw = Draw(5);
    let scope = Scope::documented(4, 2);
    for _ in 0..200 {
        let cluster = draw.cluster(scope);
        let mut renamings = BTreeSet::new();
        permute(&cluster, 0, &mut renamings);
        assert_eq!(renamings.len() as u64, class_size(&cluster), "{cluster}");
        for renamed in &renamings {
            assert_eq!(representative(renamed), representative(&cluster));
        }
        assert!(renamings.contains(&representative(&cluster)));
    }
}

fn permute(cluster: &Cluster, from: usize, all: &mut BTreeSet<Cluster>) {
    if from == cluster.nodes.len() {
        all.insert(cluster.clone());
    }
    for other in from..cluster.nodes.len() {
        let mut swapped = cluster.clone();
        swapped.nodes.swap(from, other);
        permute(&swapped, from + 1, all);
    }
}
