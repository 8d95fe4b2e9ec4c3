//! The properties hold of the spec, and each of them can fail: a planted slip shows it.

use zdu_model::checker::Stateright;
use zdu_model::engine::{Engine, Exploration};
use zdu_model::goal::Goal;
use zdu_model::profile::Profile;
use zdu_model::property::Property;
use zdu_model::semantics::{Scope, Semantics, System};
use zdu_model::slip::Slip;
use zdu_model::space::Explicit;

/// Asks the quicker engine, which `engines.rs` holds to stateright on every slip.
fn explore<S: Semantics>(system: System<S>) -> (Vec<Property<S>>, Exploration) {
    let properties = Property::all(system.scope.profile);
    let found = Explicit { threads: 1 }.explore(system, &properties, &[], &mut |_| {});
    (properties, found)
}

#[test]
fn every_safety_property_holds_of_the_spec() {
    for profile in Profile::ALL {
        for (nodes, versions) in [(1, 2), (1, 3), (2, 2), (2, 3)] {
            let scope = Scope::documented(nodes, versions).with_profile(profile);
            let properties = Property::all(profile);
            let found = Stateright.explore(System::spec(scope), &properties, &[], &mut |_| {});
            for (property, violation) in properties.iter().zip(&found.violations) {
                assert!(
                    violation.is_none(),
                    "{} fails in {scope:?}:\n{}",
                    property.name,
                    violation.as_ref().expect("checked")
                );
            }
        }
    }
}

#[test]
fn every_slip_is_caught_under_its_own_rule() {
    for slip in Slip::ALL {
        let profile = if slip.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope = Scope::documented(slip.nodes_min(), slip.versions_min()).with_profile(profile);
        let (properties, found) = explore(System {
            scope,
            semantics: *slip,
        });
        let rules: Vec<_> = properties
            .iter()
            .zip(&found.violations)
            .filter(|(_, violation)| violation.is_some())
            .map(|(property, _)| property.rule)
            .collect();
        assert!(
            rules.contains(&slip.rule()),
            "{slip} breaks {} but {rules:?} fail",
            slip.rule()
        );
    }
}

#[test]
fn every_property_is_broken_by_some_slip() {
    // Proves that no property is vacuous: each has a slip that it, and not only another, catches.
    let mut unbroken: Vec<&str> = Property::<Slip>::all(Profile::Finalization)
        .iter()
        .map(|property| property.name)
        .collect();
    for slip in Slip::ALL {
        let scope = Scope::documented(slip.nodes_min(), slip.versions_min())
            .with_profile(Profile::Finalization);
        let (properties, found) = explore(System {
            scope,
            semantics: *slip,
        });
        for (property, violation) in properties.iter().zip(&found.violations) {
            if violation.is_some() {
                unbroken.retain(|name| *name != property.name);
            }
        }
    }
    assert_eq!(unbroken, Vec::<&str>::new());
}

#[test]
fn a_slip_needs_the_size_that_it_says() {
    // Proves that the least sizes in the registry are least: one node or version less and the rule holds.
    let mut early = Vec::new();
    for slip in Slip::ALL.iter().filter(|slip| slip.nodes_min() > 1) {
        let profile = if slip.in_profile(Profile::Documented) {
            Profile::Documented
        } else {
            Profile::Finalization
        };
        let scope =
            Scope::documented(slip.nodes_min() - 1, slip.versions_min()).with_profile(profile);
        let (properties, found) = explore(System {
            scope,
            semantics: *slip,
        });
        for (property, violation) in properties.iter().zip(&found.violations) {
            if property.rule == slip.rule()
                && let Some(path) = violation
            {
                early.push(format!(
                    "{slip} shows already at N={}:\n{path}",
                    scope.nodes
                ));
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
                    example.is_none(),
                    goal.unreachable_because(scope).is_some(),
                    "{goal} in {scope:?}"
                );
            }
        }
    }
}
