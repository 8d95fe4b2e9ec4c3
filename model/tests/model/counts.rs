//! The sizes of the state space, pinned by the tables and the closed forms of the spec (sections 3 and 6).

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine, Exploration};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::{Scope, System};

fn explore(scope: Scope) -> Exploration {
    Stateright.explore(System::spec(scope), &[], &[], &mut |_| {})
}

/// `states` and `transitions` of section 3, for any number of nodes and versions.
fn closed_form(nodes: u32, versions: u64) -> (u64, u64) {
    let (n, v) = (nodes, versions);
    let off = |n: u32| v * ((5 * v + 3).pow(n) - (5 * v).pow(n)) + (5 * v).pow(n);
    let a = (8 * v).pow(n - 1);
    let j = (5 * v + 3).pow(n - 1);
    let o = off(n - 1);
    let states = v * ((8 * v).pow(n) - v.pow(n)) + off(n);
    let transitions = v * (v + 1) * ((4 * v + 3).pow(n) - (4 * v + 2).pow(n))
        + u64::from(n) * v * (v * (18 + v) * a + v * (v * a - v.pow(n)))
        + u64::from(n) * (10 * v * j + v * o * (9 + 2 * v));
    (states, transitions)
}

#[test]
fn counts_are_those_of_the_table() {
    // Proves that the relation of section 3 is transcribed exactly: one wrong guard changes a count.
    let table = [
        (2, 1, 44, 132),
        (2, 2, 742, 4_262),
        (2, 3, 11_570, 98_178),
        (2, 4, 178_162, 1_998_118),
        (3, 2, 2_223, 13_794),
        (3, 3, 52_137, 479_721),
    ];
    for (versions, nodes, states, transitions) in table {
        let found = explore(Scope::documented(nodes, versions));
        assert_eq!(
            (found.states, found.transitions),
            (states, transitions),
            "V={versions} N={nodes}"
        );
    }
}

#[test]
fn the_closed_forms_give_the_table_and_what_is_explored() {
    for (versions, nodes, counts) in
        [(2, 4, (178_162, 1_998_118)), (2, 5, (2_739_674, 38_183_466)), (3, 3, (52_137, 479_721))]
    {
        assert_eq!(closed_form(nodes, versions), counts);
    }
    for (versions, nodes) in [(3, 1), (4, 1), (4, 2), (5, 1)] {
        let found = explore(Scope::documented(nodes as usize, versions));
        assert_eq!((found.states, found.transitions), closed_form(nodes, u64::from(versions)));
    }
}

#[test]
fn counts_of_profile_finalization_are_those_of_section_6() {
    for (nodes, states, transitions) in [(1, 64, 200), (2, 1_092, 6_528)] {
        let scope = Scope::documented(nodes, 2).with_profile(Profile::Finalization);
        let found = explore(scope);
        assert_eq!((found.states, found.transitions), (states, transitions), "N={nodes}");
    }
}
