//! What is proved speaks about something: premises arise, goals are reached, rules are exercised.

use zdu_model::check::engine::Engine as _;
use zdu_model::check::goal::Goal;
use zdu_model::check::graph::Graph;
use zdu_model::check::sought::{Bound, Limit, Progress, Sought};
use zdu_model::check::space::Explicit;
use zdu_model::check::vacuity::{Asked, Coverage, silences};
use zdu_model::spec::cluster::Cluster;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::node::Phase;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Property;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Semantics, Spec, System};

fn coverage<S: Semantics>(system: &System<S>) -> Coverage {
    let profile = system.scope.profile;
    let found = Explicit { threads: 1 }.explore(
        system.clone(),
        &silences(profile),
        &Goal::all(profile),
        &mut |_| {},
    );
    Coverage::of::<S, _>(system.scope, &found.violations, &found.examples)
}

fn names<'a>(asked: impl IntoIterator<Item = &'a Asked>) -> Vec<&'a str> {
    asked.into_iter().map(|asked| asked.what.as_str()).collect()
}

fn scopes() -> impl Iterator<Item = Scope> {
    Profile::ALL.into_iter().flat_map(|profile| {
        [(1, 2), (1, 3), (2, 2), (2, 3)]
            .map(|(nodes, versions)| Scope::documented(nodes, versions).with_profile(profile))
    })
}

/// Proves that every premise says something by leaving something out: over the states of N = 2 and V = 3 and the
/// transitions out of them, no property speaks everywhere, and one that is silent holds.
#[test]
fn every_property_is_silent_somewhere_and_holds_there() {
    let system = System::spec(Scope::documented(2, 3).with_profile(Profile::Finalization));
    let graph = Graph::of(&system);
    for property in Property::<Spec>::all(Profile::Finalization) {
        let mut silent = 0;
        for (at, state) in graph.states().iter().enumerate() {
            if !property.is_about_steps() && !property.speaks_of(state) {
                silent += 1;
                assert!(property.holds_of(&system, state), "{}", property.name);
            }
            if property.is_about_steps() {
                for taken in graph.taken(at).filter(|taken| !property.speaks_over(*taken)) {
                    silent += 1;
                    assert!(property.holds_over(&system, taken), "{}", property.name);
                }
            }
        }
        assert!(silent > 0, "{}", property.name);
    }
}

/// A premise by hand: with upgrade mode off, MODE-2 speaks of an error only while somebody answers.
#[test]
fn mode_2_speaks_of_an_error_that_somebody_can_answer_for() {
    let mode_2 = Property::<Spec>::all(Profile::Documented)
        .into_iter()
        .find(|property| property.rule == Rule::Mode2)
        .expect("MODE-2 is a property");
    let mut cluster = Cluster::initial(2);
    assert!(!mode_2.speaks_of(&cluster), "no error");
    cluster.nodes[1].phase = Phase::Error;
    assert!(mode_2.speaks_of(&cluster));
    cluster.nodes[0].phase = Phase::Error;
    assert!(!mode_2.speaks_of(&cluster), "nobody serves");
}

#[test]
fn nothing_is_vacuous_unreached_or_unexercised_but_on_purpose() {
    for scope in scopes() {
        let found = coverage(&System::spec(scope));
        assert_eq!(names(found.gaps()), Vec::<&str>::new(), "{scope:?}");
    }
}

#[test]
fn what_is_vacuous_on_purpose_is_the_list_of_section_5() {
    let vacuous = |nodes, versions| {
        let found = coverage(&System::spec(Scope::documented(nodes, versions)));
        let premises = found.premises.into_iter();
        let names: Vec<String> =
            premises.filter(|asked| asked.arises.is_nowhere()).map(|asked| asked.what).collect();
        names
    };
    let status_6 = "status-6-mixed-with-two-versions-none-of-them-original";
    assert_eq!(
        vacuous(1, 2),
        [
            "status-3-mixed-once-an-upgraded-node-joins-an-old-one",
            status_6,
            "mode-2-start-is-refused-with-an-error",
            "mode-3-cancel-is-refused-when-mixed",
            "mode-8-two-joined-versions-only-while-on",
        ]
    );
    assert_eq!(vacuous(2, 2), [status_6]);
    assert_eq!(vacuous(2, 3), Vec::<String>::new());
}

#[test]
fn rules_that_no_state_exercises_are_those_beyond_the_model() {
    let found = coverage(&System::spec(Scope::documented(2, 3)));
    let idle: Vec<Rule> = (found.rules.iter())
        .filter(|asked| asked.arises.is_nowhere())
        .map(|asked| asked.rule)
        .collect();
    assert_eq!(
        idle,
        [
            Rule::Api3,
            Rule::Api4,
            Rule::Api7,
            Rule::Api8,
            Rule::Api10,
            Rule::Api11,
            Rule::Api12,
            Rule::Proc1,
            Rule::Proc2,
            Rule::Proc3,
            Rule::Proc4,
            Rule::Lb1,
            Rule::Lb2,
            Rule::Lb3,
            Rule::Lb4,
            Rule::Lb5,
            Rule::Lb6,
        ]
    );
}

#[test]
fn a_transition_that_never_fires_leaves_gaps() {
    // Proves that the search does not pass a model in which something is dead.
    let found =
        coverage(&System { scope: Scope::documented(2, 3), semantics: Mutant::NeverForgotten });
    let gaps = names(found.gaps());
    for gap in [
        "node-5-no-other-node-is-forgotten",
        "node-9-a-removed-node-can-be-booted",
        "Forget is taken in Offline",
        "a node is Absent",
        "NODE-9",
    ] {
        assert!(gaps.contains(&gap), "{gap} is not in {gaps:?}");
    }
    assert!(found.to_string().contains("gap: Forget is taken in Offline never arises"));
}

#[test]
fn an_excuse_for_something_that_arises_is_a_gap_too() {
    let asked =
        |arises, on_purpose| Asked { what: String::new(), rule: Rule::Api1, arises, on_purpose };
    assert!(asked(Sought::Found(()), Some("why")).is_gap());
    assert!(asked(Sought::Nowhere, None).is_gap());
    assert!(!asked(Sought::Found(()), None).is_gap());
    assert!(!asked(Sought::Nowhere, Some("why")).is_gap());
    // What was given up is no gap, and no proof that there is none.
    let limit = Limit { by: Bound::Depth, so_far: Progress::default() };
    assert!(!asked(Sought::GivenUp(limit), None).is_gap());
    assert!(!asked(Sought::GivenUp(limit), Some("why")).is_gap());
}
