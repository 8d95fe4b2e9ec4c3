//! Does it matter which later version is which? What is taken as one up to a renaming of the versions is held against what
//! is not, for all sizes and at one size.

use zdu_model::check::abstraction::{Proof, Verdict, prove_within};
use zdu_model::check::engine::Engine as _;
use zdu_model::check::goal::Goal;
use zdu_model::check::space::Explicit;
use zdu_model::spec::mutant::Mutant;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::{Claim, Property};
use zdu_model::spec::semantics::{Scope, Semantics as _, System};

/// The properties, and one more that may tell the versions apart, so that nothing is taken as one for it.
fn claims(profile: Profile, apart: bool) -> Vec<Claim<Mutants>> {
    let mut claims = Property::claims(&Property::all(profile));
    claims.push(Claim::state(|_| true, |_, _| true).telling_versions_apart(apart));
    claims
}

fn proof(mutants: Mutants, profile: Profile, versions: u8, apart: bool) -> Proof {
    prove_within(&mutants, profile, versions, &claims(profile, apart), 4, &|| None)
}

// Proves that the views are the same, and each verdict, while fewer clusters are looked at.
#[test]
fn all_sizes_are_proved_alike_up_to_a_renaming_of_the_versions() {
    let planted = [
        None,
        Some(Mutant::FirstVersionIsOriginal),
        Some(Mutant::StartRecordsFirstVersion),
        Some(Mutant::MixedNeedsOriginal),
        Some(Mutant::JoinsWithOtherVersion),
    ];
    for mutant in planted {
        let mutants: Mutants = mutant.into_iter().collect();
        assert!(mutants.versions_alike());
        let [one, each] = [false, true].map(|it| proof(mutants, Profile::Documented, 3, it));
        assert_eq!(one.views, each.views, "{mutant:?}");
        assert!(one.clusters < each.clusters, "{mutant:?}");
        let fails = |proof: &Proof| {
            let verdicts = proof.verdicts.iter();
            verdicts.map(|it| matches!(it, Verdict::Violated { .. })).collect::<Vec<_>>()
        };
        assert_eq!(fails(&one), fails(&each), "{mutant:?}");
        assert_eq!(fails(&one).contains(&true), mutant.is_some(), "{mutant:?}");
    }
    let [one, each] =
        [false, true].map(|it| proof(Mutants::NONE, Profile::Finalization, 3, it).views);
    assert_eq!(one, each);
}

// Proves that every further version brings views, but no more clusters than a window can tell apart: four nodes and the
// origin show at most five later versions.
#[test]
fn more_versions_than_a_window_shows_make_no_more_clusters() {
    let [six, seven] =
        [6, 7].map(|versions| proof(Mutants::NONE, Profile::Documented, versions, false));
    assert_eq!(six.clusters, seven.clusters);
    assert!(six.views.count() < seven.views.count());
    assert!(seven.verdicts.iter().all(|it| *it == Verdict::Holds));
}

// Proves that the first run to each violation and goal is the same, whether states that differ by a renaming of the
// versions are judged as one or each for itself.
#[test]
fn one_size_is_judged_alike_up_to_a_renaming_of_the_versions() {
    let engine = Explicit { threads: 1 };
    for (mutant, versions) in [
        (None, 4),
        (Some(Mutant::MixedNeedsOriginal), 4),
        (Some(Mutant::RefusedStartTakesEffect), 3),
        (Some(Mutant::StartRecordsFirstVersion), 3),
    ] {
        let scope = Scope::documented(2, versions);
        let system = System { scope, semantics: mutant.into_iter().collect::<Mutants>() };
        let goals = Goal::all(scope.profile);
        let [one, each] = [false, true].map(|apart| {
            engine.explore(system, &claims(scope.profile, apart), &goals, &mut |_| {})
        });
        assert_eq!((one.states, one.transitions), (each.states, each.transitions));
        assert_eq!(one.violations, each.violations, "{mutant:?}");
        assert_eq!(one.examples, each.examples, "{mutant:?}");
        assert_eq!(one.violations.iter().any(|it| it.found().is_some()), mutant.is_some());
    }
}

// Proves that the closed form of section 3 holds on the compiled path with as many versions as there can be.
#[test]
fn sixteen_versions_have_as_many_states_as_the_closed_form_says() {
    let system = System { scope: Scope::documented(2, 16), semantics: Mutants::NONE };
    let found = Explicit { threads: 2 }.explore(system, &[], &[], &mut |_| {});
    // By section 3 with N = 2, V = 16: Off(2) = 16(83^2 - 80^2) + 80^2, a = 128, J = 83, O = Off(1) = 128.
    let states = 16 * (128 * 128 - 16 * 16) + 16 * (83 * 83 - 80 * 80) + 80 * 80;
    let transitions = 16 * 17 * (67 * 67 - 66 * 66)
        + 2 * 16 * (16 * (18 + 16) * 128 + 16 * (16 * 128 - 16 * 16))
        + 2 * (10 * 16 * 83 + 16 * 128 * (9 + 32));
    assert_eq!((found.states, found.transitions), (states, transitions));
}
