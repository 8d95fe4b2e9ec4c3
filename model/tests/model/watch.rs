//! A cluster that others drive: whatever the model can do is explained, what no time allows is found.

use zdu_model::judge::belief::{Overview, SeenNode, SeenVersion};
use zdu_model::judge::watch::{Since, Watch};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{NodeStatus, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, System};

/// A cluster as it is listed, by hand: the listing of section 1.
fn shown(cluster: &Cluster, profile: Profile) -> Overview {
    Overview {
        mode: cluster.mode,
        origin: cluster.origin.map_or(SeenVersion::Nothing, SeenVersion::Known),
        status: cluster.status(),
        tasks: (profile == Profile::Finalization).then_some(cluster.tasks_pending),
        nodes: (cluster.nodes.iter())
            .map(|node| {
                node.phase.listed().map(|status| SeenNode {
                    status: Some(status),
                    version: SeenVersion::Known(node.version),
                })
            })
            .collect(),
    }
}

fn rules(watch: &mut Watch, seen: &Overview) -> Vec<Rule> {
    watch.see(seen, Since::Short).into_iter().map(|found| found.rule).collect()
}

// No false alarm: every reachable state, and every step from it seen right after it, is explained.
#[test]
fn every_step_of_the_model_is_explained() {
    for (profile, nodes, versions) in
        [(Profile::Documented, 2, 2), (Profile::Documented, 2, 3), (Profile::Finalization, 2, 2)]
    {
        let scope = Scope { profile, nodes, versions };
        let system = System::spec(scope);
        let mut open = vec![scope.initial()];
        let mut known = std::collections::BTreeSet::from([scope.initial()]);
        while let Some(cluster) = open.pop() {
            for (transition, after) in system.successors(&cluster) {
                let mut watch = Watch::new(scope);
                assert_eq!(rules(&mut watch, &shown(&cluster, profile)), [], "{cluster}");
                let found = watch.see(&shown(&after, profile), Since::Short);
                assert!(found.is_empty(), "{cluster} {transition} {after}: {found:?}");
                if known.insert(after.clone()) {
                    open.push(after);
                }
            }
        }
    }
}

fn overview(mode: Mode, status: ClusterStatus, nodes: &[Option<(NodeStatus, u8)>]) -> Overview {
    Overview {
        mode,
        origin: match mode {
            Mode::On => SeenVersion::Known(Version::ORIGINAL),
            Mode::Off => SeenVersion::Nothing,
        },
        status,
        tasks: None,
        nodes: (nodes.iter())
            .map(|node| {
                node.map(|(status, version)| SeenNode {
                    status: Some(status),
                    version: SeenVersion::Known(Version(version)),
                })
            })
            .collect(),
    }
}

const UP: Option<(NodeStatus, u8)> = Some((NodeStatus::Active, 0));
const NEW: Option<(NodeStatus, u8)> = Some((NodeStatus::Active, 1));
const DOWN: Option<(NodeStatus, u8)> = Some((NodeStatus::Offline, 0));
const SICK: Option<(NodeStatus, u8)> = Some((NodeStatus::Error, 0));

fn after(first: &Overview, second: &Overview) -> Vec<Rule> {
    let mut watch = Watch::new(Scope::documented(2, 2));
    assert_eq!(rules(&mut watch, first), []);
    rules(&mut watch, second)
}

// A status may be a little older than the nodes beside it (section 7), so one reading alone says nothing; `after` holds that.
#[test]
fn status_5_stable_with_a_node_in_error_is_found_alone() {
    let seen = overview(Mode::Off, ClusterStatus::Stable, &[UP, SICK]);
    assert_eq!(after(&seen, &seen), [Rule::Status5]);
}

#[test]
fn status_3_a_missing_mixed_is_found() {
    let seen = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &[UP, NEW]);
    assert_eq!(after(&seen, &seen), [Rule::Status3]);
}

#[test]
fn mode_8_two_versions_with_mode_off_are_found() {
    let seen = overview(Mode::Off, ClusterStatus::Stable, &[UP, NEW]);
    assert_eq!(rules(&mut Watch::new(Scope::documented(2, 2)), &seen), [Rule::Mode8]);
}

// Between two close readings no node has been down and is back; with time between them it may have.
#[test]
fn node_10_a_version_that_changes_on_an_active_node_is_found() {
    let first = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &[UP, UP]);
    let second = overview(Mode::On, ClusterStatus::Mixed, &[UP, NEW]);
    assert_eq!(after(&first, &second), [Rule::Node10]);
    let mut patient = Watch::new(Scope::documented(2, 2));
    assert!(patient.see(&first, Since::Long).is_empty());
    assert!(patient.see(&second, Since::Long).is_empty());
}

// Where nothing happens neither MODE-8 nor NODE-10 could have been broken; an upgrade puts both at stake, and what breaks them does.
#[test]
fn a_rule_is_at_stake_only_where_a_reading_could_have_broken_it() {
    let stakes =
        |watch: &Watch, seen: &Overview, rule| watch.at_stake(seen, Since::Short).contains(&rule);
    let calm = overview(Mode::Off, ClusterStatus::Stable, &[UP, UP]);
    let mut watch = Watch::new(Scope::documented(2, 2));
    for _ in 0..3 {
        assert!(!stakes(&watch, &calm, Rule::Mode8) && !stakes(&watch, &calm, Rule::Node10));
        assert!(rules(&mut watch, &calm).is_empty());
    }
    let two = overview(Mode::Off, ClusterStatus::Stable, &[UP, NEW]);
    assert!(stakes(&watch, &two, Rule::Mode8) && stakes(&watch, &two, Rule::Node10));
    assert!(!watch.at_stake(&two, Since::Long).contains(&Rule::Node10));
    // Down, and up on another version: what was shown before it was gone is still known.
    for gone in [DOWN, None] {
        let down = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &[UP, gone]);
        assert!(!stakes(&watch, &down, Rule::Node10));
        watch.see(&down, Since::Long);
    }
    let back = overview(Mode::On, ClusterStatus::Mixed, &[UP, NEW]);
    assert!(stakes(&watch, &back, Rule::Node10) && !stakes(&watch, &back, Rule::Mode8));
}

#[test]
fn node_5_a_node_that_is_forgotten_while_mode_is_on_is_found() {
    let first = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &[UP, DOWN]);
    let second = overview(Mode::On, ClusterStatus::ReadyToUpgrade, &[UP, None]);
    assert_eq!(after(&first, &second), [Rule::Node5]);
    // With mode off it is right.
    let first = overview(Mode::Off, ClusterStatus::Stable, &[UP, DOWN]);
    let second = overview(Mode::Off, ClusterStatus::Stable, &[UP, None]);
    assert_eq!(after(&first, &second), []);
}

#[test]
fn mode_2_upgrade_mode_enabled_over_an_error_is_found() {
    let first = overview(Mode::Off, ClusterStatus::Mixed, &[UP, SICK]);
    let second = overview(Mode::On, ClusterStatus::Mixed, &[UP, SICK]);
    assert_eq!(after(&first, &second), [Rule::Mode2]);
}

#[test]
fn mode_3_upgrade_mode_disabled_while_mixed_is_found() {
    let first = overview(Mode::On, ClusterStatus::Mixed, &[UP, NEW]);
    let second = overview(Mode::Off, ClusterStatus::Stable, &[UP, NEW]);
    let found = after(&first, &second);
    assert!(found.contains(&Rule::Mode3), "{found:?}");
}

// Phases that no listing tells apart are followed: a node that starts may or may not have joined.
#[test]
fn status_3_both_statuses_are_right_while_an_upgraded_node_starts() {
    let starting = Some((NodeStatus::Starting, 1));
    for status in [ClusterStatus::ReadyToUpgrade, ClusterStatus::Mixed] {
        let seen = overview(Mode::On, status, &[UP, starting]);
        assert_eq!(rules(&mut Watch::new(Scope::documented(2, 2)), &seen), [], "{status}");
    }
    assert!(!Phase::StartingOut.joined() && Phase::StartingIn.joined());
}

// A silent member says nothing of itself, and while there is one the status says nothing (section 7).
#[test]
fn node_1_a_silent_member_excuses_the_status_and_no_more() {
    let mut silent = overview(Mode::On, ClusterStatus::Mixed, &[UP, UP]);
    silent.nodes[1] = Some(SeenNode { status: None, version: SeenVersion::Nothing });
    assert_eq!(after(&silent, &silent), []);
    let loud = overview(Mode::On, ClusterStatus::Mixed, &[UP, UP]);
    assert_eq!(after(&loud, &loud), [Rule::Status2]);
}
