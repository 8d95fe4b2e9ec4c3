//! The properties hold of the spec, and each of them can fail: a planted mutant shows it.

use zdu_model::check::checker::Stateright;
use zdu_model::check::engine::{Engine, Exploration};
use zdu_model::check::goal::Goal;
use zdu_model::check::space::Explicit;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::semantics::{Scope, Semantics, System};

/// Asks the quicker engine, which `engines.rs` holds to stateright on every mutant.
fn explore<S: Semantics>(system: System<S>) -> (Vec<Property<S>>, Exploration) {
    let properties = Property::all(system.scope.profile);
    let found =
        Explicit { threads: 1 }.explore(system, &Property::claims(&properties), &[], &mut |_| {});
    (properties, found)
}

#[test]
fn every_safety_property_holds_of_the_spec() {
    for profile in Profile::ALL {
        for (nodes, versions) in [(1, 2), (1, 3), (2, 2), (2, 3)] {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let properties = Property::all(profile);
            let found = Stateright.explore(
                System::spec(scope),
                &Property::claims(&properties),
                &[],
                &mut |_| {},
            );
            for (property, violation) in properties.iter().zip(&found.violations) {
                assert!(
                    violation.is_nowhere(),
                    "{} fails in {scope:?}:\n{}",
                    property.name,
                    violation.found().expect("checked")
                );
            }
        }
    }
}

#[test]
fn every_mutant_is_caught_under_its_own_rule() {
    for mutant in Mutant::ALL {
        let profile = if mutant.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope =
            Scope::documented(mutant.nodes_min(), mutant.versions_min()).with_profile(profile);
        let (properties, found) = explore(System { scope, semantics: *mutant });
        let rules: Vec<_> = properties
            .iter()
            .zip(&found.violations)
            .filter(|(_, violation)| violation.found().is_some())
            .map(|(property, _)| property.rule)
            .collect();
        assert!(
            rules.contains(&mutant.rule()),
            "{mutant} breaks {} but {rules:?} fail",
            mutant.rule()
        );
    }
}

#[test]
fn every_property_is_broken_by_some_mutant() {
    // Proves that no property is vacuous: each has a mutant that it, and not only another, catches.
    let mut unbroken: Vec<&str> = Property::<Mutant>::all(Profile::Finalization)
        .iter()
        .map(|property| property.name)
        .collect();
    for mutant in Mutant::ALL {
        let scope = Scope::documented(mutant.nodes_min(), mutant.versions_min())
            .with_profile(Profile::Finalization);
        let (properties, found) = explore(System { scope, semantics: *mutant });
        for (property, violation) in properties.iter().zip(&found.violations) {
            if violation.found().is_some() {
                unbroken.retain(|name| *name != property.name);
            }
        }
    }
    assert_eq!(unbroken, Vec::<&str>::new());
}

#[test]
fn a_mutant_needs_the_size_that_it_says() {
    // Proves that the least sizes in the registry are least: one node or version less and the rule holds.
    let mut early = Vec::new();
    for mutant in Mutant::ALL.iter().filter(|mutant| mutant.nodes_min() > 1) {
        let profile = if mutant.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope =
            Scope::documented(mutant.nodes_min() - 1, mutant.versions_min()).with_profile(profile);
        let (properties, found) = explore(System { scope, semantics: *mutant });
        for (property, violation) in properties.iter().zip(&found.violations) {
            if property.rule == mutant.rule()
                && let Some(path) = violation.found()
            {
                early.push(format!("{mutant} shows already at N={}:\n{path}", scope.nodes));
            }
        }
    }
    assert!(early.is_empty(), "{}", early.join("\n"));
}

#[test]
fn every_goal_is_reached_or_unreachable_on_purpose() {
    for profile in Profile::ALL {
        for (nodes, versions) in [(1, 2), (1, 3), (2, 2), (2, 3)] {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let goals = Goal::all(profile);
            let found = Stateright.explore(System::spec(scope), &[], &goals, &mut |_| {});
            for (goal, example) in goals.iter().zip(&found.examples) {
                assert_eq!(
                    example.is_nowhere(),
                    goal.unreachable_because(scope).is_some(),
                    "{goal} in {scope:?}"
                );
            }
        }
    }
}
