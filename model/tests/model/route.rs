//! Situations as an admin writes them, and the best ways between them.

use std::str::FromStr;

use zdu_model::check::graph::Graph;
use zdu_model::check::space;
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::property::Taken;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::{Scope, Spec, System};
use zdu_model::spec::transition::{Kind, Transition};
use zdu_model::ways::route::{Cost, NoRoute, Quest, Route, between, way_back, way_to};
use zdu_model::ways::situation::{Misfit, Situation};

fn situation(words: &str) -> Situation {
    words.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(words: &str) -> String {
    match Situation::from_str(words) {
        Ok(situation) => panic!("`{words}` was read as `{situation}`"),
        Err(error) => error.to_string(),
    }
}

/// The initial state but for these nodes.
fn cluster(nodes: &[Node]) -> Cluster {
    Cluster { nodes: nodes.to_vec(), ..Cluster::initial(nodes.len()) }
}

fn node(phase: Phase, version: u8) -> Node {
    Node::new(phase, Version(version))
}

fn way(nodes: usize, from: &str, to: &str, cost: Cost) -> Result<Route, NoRoute> {
    let system = System::spec(Scope::documented(nodes, 2));
    let graph = space::Graph::explore(system, 1);
    let (from_here, to_there) = (situation(from), situation(to));
    let quest = Quest { from: &from_here, to: &to_there, avoiding: None, allowed: |_| true, cost };
    let route = between(&graph, quest, &|| None)?;
    for (before, transition, after) in route.path.moves() {
        assert!(transition.enabled(before));
        assert_eq!(&transition.apply(before), after);
    }
    assert!(situation(from).holds(&system, &route.path.start));
    assert!(situation(to).holds(&system, route.path.end()));
    Ok(route)
}

#[test]
fn a_situation_holds_where_every_condition_does() {
    let system = System::spec(Scope::documented(2, 2));
    let state = cluster(&[node(Phase::StartingOut, 1), node(Phase::Error, 0)]);
    for (words, holds) in [
        ("MIXED", true),
        ("status=MIXED, n2=ERROR, mode=off, origin=none", true),
        ("n1=STARTING v1", true),
        ("n1=StartingOut", true),
        ("n1=StartingIn", false),
        ("n1=v1, n2=v0", true),
        ("any=ERROR v1", false),
        ("no=ACTIVE", true),
        ("all=STARTING", false),
        ("served=no", true),
        ("pending=yes", false),
        ("mode=on", false),
        ("n2=ABSENT", false),
        ("STABLE", false),
    ] {
        assert_eq!(situation(words).holds(&system, &state), holds, "{words}");
    }
}

#[test]
fn case_spaces_and_dashes_do_not_matter() {
    let spec = situation("status=READY_TO_UPGRADE, n1=ACTIVE v1");
    for words in ["ready to upgrade,n1 = active V1", "Status = ready-to-upgrade, NODE1=v1 Active"] {
        assert_eq!(situation(words), spec, "{words}");
    }
}

#[test]
fn what_is_printed_can_be_read_again() {
    for words in [
        "status=STABLE",
        "status=MIXED, mode=on, origin=v0, served=yes, pending=no",
        "n1=ACTIVE v1, n2=StartingIn, any=v1, all=ERROR, no=Absent, origin=none",
    ] {
        assert_eq!(situation(words).to_string(), words);
        assert_eq!(situation(&situation(words).to_string()), situation(words));
    }
}

#[test]
fn a_wrong_word_names_the_nearest_and_says_what_to_write() {
    for (words, nearest) in [
        ("STABEL", "did you mean `STABLE`?"),
        ("status=MIXT", "did you mean `MIXED`?"),
        ("stat=MIXED", "did you mean `status`?"),
        ("n1=ACTVE", "did you mean `ACTIVE`?"),
        ("n1=StartingUp v1", "did you mean `StartingOut`?"),
        ("mode=onn", "did you mean `on`?"),
        ("served=yep", "did you mean `yes`?"),
        // Known to the schema, but no state of the model is listed so.
        ("n1=DRAINING", "`DRAINING` is no node status"),
        ("n1=ACTIVE OFFLINE", "`ACTIVE OFFLINE` is no node"),
        ("n1=", "node status is missing"),
        ("", "situation is missing"),
        ("status=", "cluster status is missing"),
        ("n0=ACTIVE", "`n0` is no thing that can be asked about"),
        ("origin=zero", "Write none, v0, v1"),
        ("STABEL", "`any=OFFLINE v1`"),
    ] {
        let message = refusal(words);
        assert!(message.contains(nearest), "{words}: {message}");
    }
    assert!(!refusal("qqqqq").contains("did you mean"));
}

#[test]
fn a_situation_beyond_the_scope_is_told_apart_from_one_that_never_arises() {
    let scope = Scope::documented(2, 2);
    for (words, misfit) in [
        ("n3=ERROR", "there is no n3: the last node is n2"),
        ("any=v2", "there is no v2: the last version is v1"),
        ("origin=v7", "there is no v7"),
        ("RUNNING_UPGRADE_TASKS", "there is no RUNNING_UPGRADE_TASKS in profile documented"),
        ("n1=RUNNING_FINALIZE_UPGRADE_TASKS", "in profile documented"),
        ("any=Finalizing", "there is no Finalizing in profile documented"),
        ("not count(ERROR) < 3", "there are 2"),
    ] {
        let error: Misfit = situation(words).fits(scope).expect_err(words);
        assert!(error.to_string().contains(misfit), "{words}: {error}");
    }
    let finalization = scope.with_profile(Profile::Finalization);
    assert_eq!(situation("RUNNING_UPGRADE_TASKS").fits(finalization), Ok(()));
    assert_eq!(situation("any=Finalizing or n1=FinalizeFailed").fits(finalization), Ok(()));
    assert_eq!(situation("n2=ERROR v1, MIXED").fits(scope), Ok(()));
    assert_eq!(situation("count(ERROR) = 2").fits(scope), Ok(()));
    for words in ["step=Retry", "step=ApproveWithTasks", "step=FinalizeOk n1"] {
        let refused = situation(words).fits_steps(scope);
        assert!(matches!(refused, Err(Misfit::Profile { .. })), "{words}: {refused:?}");
        assert_eq!(situation(words).fits_steps(finalization), Ok(()), "{words}");
    }
    assert_eq!(situation("step=ApproveWithTasks"), situation("step=Approve_with_tasks"));
    assert_eq!(
        way(1, "mode=on, status=STABLE", "STABLE", Cost::Steps),
        Err(NoRoute::NeverArises { situation: "mode=on, status=STABLE".to_owned(), states: 44 })
    );
}

#[test]
fn the_shortest_way_from_an_error_is_to_repair_it() {
    let route = way(2, "status=MIXED, n2=ERROR", "STABLE", Cost::Steps).expect("a way");
    let n2 = NodeId::new(2);
    assert_eq!(route.path.steps.len(), 1);
    // Stop, Kill and Repair each lead to STABLE with the mode off; Repair to the state nearest to the initial one.
    assert_eq!(route.path.steps[0].0.node(), Some(n2));
    assert_eq!(route.restarts(), 0);
    assert_eq!(route.rules().into_iter().collect::<Vec<_>>(), [Rule::Node1], "{}", route.path);
}

#[test]
fn the_way_from_the_start_to_a_finished_upgrade_is_the_page() {
    // By hand, for one node: start, down (a kill is one step where stop, leave, halt are three), install, boot, join,
    // ready, approve.
    let from = "STABLE, all=ACTIVE v0";
    let to = "STABLE, all=ACTIVE v1";
    let route = way(1, "status=STABLE, n1=ACTIVE v0, mode=off", to, Cost::Steps).expect("a way");
    // Without start and approve: with the mode off a cluster that is wholly down takes the version of the first to join.
    assert_eq!(route.path.steps.len(), 5);
    let route = way(2, from, to, Cost::Steps).expect("a way");
    assert_eq!((route.path.steps.len(), route.restarts()), (10, 2));
}

#[test]
fn the_cheapest_way_counts_boots() {
    // By hand: with the mode on and n1 upgraded, the status is one kill of n2 away, and no node is booted for it; to
    // have both ACTIVE and the upgrade finished, n2 must be installed and booted once.
    let from = "mode=on, n1=ACTIVE v1, n2=ACTIVE v0";
    let route = way(2, from, "READY_TO_RUN_UPGRADE_TASKS", Cost::Restarts).expect("a way");
    assert_eq!((route.path.steps.len(), route.restarts()), (1, 0));
    let route = way(2, from, "STABLE, all=ACTIVE v1", Cost::Restarts).expect("a way");
    assert_eq!((route.path.steps.len(), route.restarts()), (6, 1));
}

#[test]
fn who_takes_the_shortest_way_restarts_no_more_than_on_the_cheapest() {
    // Not obvious, and worth knowing: over every pair of states of one node, and some of two, few steps never cost
    // a restart. A change of the relation that breaks this makes `--cheapest` worth its name.
    for (nodes, stride) in [(1, 1), (2, 53)] {
        let system = System::spec(Scope::documented(nodes, 2));
        let states: Vec<Situation> =
            (Graph::of(&system).states().iter()).step_by(stride).map(exactly).collect();
        let graph = space::Graph::explore(system, 1);
        for from in &states {
            for to in &states {
                let go = |cost| {
                    let quest = Quest { from, to, avoiding: None, allowed: |_| true, cost };
                    between(&graph, quest, &|| None).ok()
                };
                let (short, cheap) = (go(Cost::Steps), go(Cost::Restarts));
                assert_eq!(
                    short.as_ref().map(Route::restarts),
                    cheap.as_ref().map(Route::restarts)
                );
                assert_eq!(
                    short.map(|way| way.path.steps.len()),
                    cheap.map(|way| way.path.steps.len())
                );
            }
        }
    }
}

/// The situation that only this state is in.
fn exactly(state: &Cluster) -> Situation {
    let nodes = state.numbered().map(|(id, node)| {
        let listed = node.phase.listed();
        let phase = if Phase::of(listed).len() > 1 {
            node.phase.to_string()
        } else {
            listed.map_or("ABSENT".to_owned(), |status| status.to_string())
        };
        format!(", {id}={phase} {}", node.version)
    });
    let origin = (state.origin).map_or("none".to_owned(), |version| version.to_string());
    situation(&format!("mode={}, origin={origin}{}", state.mode, nodes.collect::<String>()))
}

#[test]
fn proc_4_the_way_back_from_one_state_is_as_short_as_in_the_whole_graph() {
    // Two searches, one up to renaming and one over numbered states, must agree on every state.
    let system = System::spec(Scope::documented(2, 2));
    let graph = Graph::of(&system);
    let numbered = space::Graph::explore(system, 1);
    let stable = situation("STABLE");
    for state in graph.states() {
        let route = way_back(&system, state, Cost::Steps, 10_000).expect("a way back");
        let quest = Quest {
            from: &exactly(state),
            to: &stable,
            avoiding: None,
            allowed: |transition| transition.kind() != Kind::Fault,
            cost: Cost::Steps,
        };
        let other = between(&numbered, quest, &|| None).expect("a way back");
        assert_eq!(other.path.steps.len(), route.path.steps.len(), "{state}");
        assert_eq!(&route.path.start, state);
        assert_eq!(route.path.end().status(), ClusterStatus::Stable);
        for (before, transition, after) in route.path.moves() {
            assert!(transition.enabled(before) && transition.kind() != Kind::Fault);
            assert_eq!(&transition.apply(before), after);
        }
    }
}

#[test]
fn the_way_to_a_situation_that_names_a_node_leads_that_node_there() {
    // By hand: both nodes are errored alike, and one must be repaired. Which, only the situation tells.
    let system = System::spec(Scope::documented(2, 2));
    let state = cluster(&[node(Phase::Error, 0), node(Phase::Error, 0)]);
    for id in [NodeId::new(1), NodeId::new(2)] {
        let to = situation(&format!("{id}=ACTIVE"));
        let route = way_to(&system, &state, &to, Cost::Steps, 1_000).expect("a way");
        assert_eq!(route.path.steps.len(), 1);
        assert_eq!(route.path.steps[0].0, Transition::Repair(id));
    }
    let any = way_to(&system, &state, &situation("any=ACTIVE"), Cost::Steps, 1_000);
    assert_eq!(any.expect("a way").path.steps.len(), 1);
    // Nobody is upgraded to a version that there is not.
    let never = way_to(&system, &state, &situation("any=v7"), Cost::Steps, 10_000);
    assert!(matches!(never, Err(NoRoute::NoWay { states: 2.. })), "{never:?}");
}

#[test]
fn proc_4_who_wants_every_node_back_goes_a_longer_way() {
    let system = System::spec(Scope::documented(2, 2));
    let mut state = cluster(&[node(Phase::Active, 1), node(Phase::Active, 0)]);
    state.mode = Mode::On;
    state.origin = Some(Version(0));
    let short = way_back(&system, &state, Cost::Steps, 10_000).expect("a way");
    assert_eq!(short.path.steps.len(), 2, "kill one and cancel, or approve");
    let all = situation("STABLE, all=ACTIVE");
    let kind = way_to(&system, &state, &all, Cost::Steps, 10_000).expect("a way");
    assert_eq!(kind.path.steps.len(), 6, "{}", kind.path);
}

#[test]
fn proc_4_eight_nodes_in_trouble_find_their_way_back() {
    let mut state = cluster(&[
        node(Phase::Error, 0),
        node(Phase::Error, 1),
        node(Phase::TerminatingIn, 0),
        node(Phase::StartingOut, 1),
        node(Phase::Offline, 0),
        node(Phase::Offline, 1),
        node(Phase::StartingIn, 1),
        node(Phase::TerminatingOut, 0),
    ]);
    state.mode = Mode::On;
    state.origin = Some(Version(0));
    let system = System { scope: Scope::documented(8, 2), semantics: Spec };
    let route = way_back(&system, &state, Cost::Steps, 200_000).expect("a way back");
    // By hand: both errors go (two steps; repairing the upgraded node makes it serve), the old node leaves, approve; or the upgraded
    // ones leave, and cancel.
    assert_eq!(route.path.steps.len(), 4, "{}", route.path);
    assert_eq!(route.restarts(), 0);
    assert_eq!(way_back(&system, &state, Cost::Steps, 10), Err(NoRoute::GivenUp { states: 10 }));
    assert!(matches!(route.path.steps[3].0, Transition::Approve | Transition::Cancel));
}

#[test]
fn expressions_join_count_and_compare() {
    let system = System::spec(Scope::documented(3, 3));
    let mut state =
        cluster(&[node(Phase::Active, 1), node(Phase::Error, 0), node(Phase::StartingOut, 2)]);
    state.mode = Mode::On;
    state.origin = Some(Version(0));
    for (words, holds) in [
        ("MIXED and mode=on", true),
        ("MIXED and mode=off or any=ERROR", true),
        ("MIXED and (mode=off or any=OFFLINE)", false),
        ("not STABLE", true),
        ("not (MIXED, mode=on)", false),
        ("STABLE implies mode=on", true),
        ("MIXED implies mode=off", false),
        // `implies` binds less than `or`, and the comma least.
        ("STABLE or MIXED implies mode=on, any=ERROR", true),
        ("mode != off", true),
        ("n2 != ERROR", false),
        // The whole condition is denied; versions are compared.
        ("any != ERROR", false),
        ("all != ERROR", true),
        ("any.version != v0", true),
        ("all.version != v0", false),
        ("count(ERROR) >= 1", true),
        ("count(ERROR) > 1", false),
        ("count(joined) = 1", true),
        ("count(joined v1) != 1", false),
        ("count(upgraded) = 2", true),
        ("count(serving) < 1", false),
        ("n1.version > origin", true),
        ("n2.version = origin", true),
        ("any.version > n1.version", true),
        ("all.version <= v2", true),
        ("no.version = v2", false),
        ("settled=yes", false),
        ("n3=StartingOut and n3=STARTING", true),
    ] {
        assert_eq!(situation(words).holds(&system, &state), holds, "{words}");
        // And it is printed as it can be read again.
        assert_eq!(situation(&situation(words).to_string()), situation(words), "{words}");
    }
    // With no origin recorded a comparison with it is no.
    let quiet = cluster(&[node(Phase::Active, 0); 3]);
    assert!(!situation("any.version = origin").holds(&system, &quiet));
    assert!(situation("settled=yes").holds(&system, &quiet));
}

#[test]
fn expressions_speak_of_a_step_before_and_after() {
    let scope = Scope::documented(2, 2).with_profile(Profile::Finalization);
    let system = System::spec(scope);
    let before = cluster(&[node(Phase::Active, 0), node(Phase::Active, 0)]);
    let transition = Transition::Break(NodeId::new(2));
    let after = transition.apply(&before);
    let taken = Taken { before: &before, transition, after: &after };
    for (words, holds) in [
        ("step=Break", true),
        ("step=Break n2", true),
        ("step=break n1", false),
        ("step=Break implies after(MIXED)", true),
        ("before(STABLE) and after(any=ERROR, mode=off)", true),
        ("before(MIXED)", false),
        ("step=Approve_with_tasks or after(n2=ERROR)", true),
    ] {
        let spoken = situation(words);
        assert_eq!(spoken.fits_steps(scope), Ok(()), "{words}");
        assert_eq!(spoken.holds_over(&system, taken), holds, "{words}");
        assert_eq!(situation(&spoken.to_string()), spoken, "{words}");
        assert_eq!(spoken.fits(scope), Err(Misfit::Step), "{words}");
    }
    for words in ["MIXED", "before(after(MIXED))", "after(step=Stop)", "step=Stop and mode=on"] {
        assert_eq!(situation(words).fits_steps(scope), Err(Misfit::State), "{words}");
    }
}

#[test]
fn a_wrong_word_is_shown_where_it_stands() {
    for (words, says, carets) in [
        ("mode=on and stabel", "did you mean `STABLE`?", "            ^^^^^^"),
        ("count(ERORR) >= 2", "did you mean `ERROR`?", "      ^^^^^"),
        ("count(ERROR) about 2", "comparison", "             ^^^^^"),
        ("count(ERROR) >= two", "`two` is no number", "                ^^^"),
        (
            "mode=on or (STABLE",
            "end of what stands in parentheses is missing",
            "                  ^",
        ),
        ("n1.version > orgin", "did you mean `origin`?", "             ^^^^^"),
        ("mode < on", "`<` is no sign between these", "     ^"),
        ("served=yes mode=on", "no answer", "       ^^^^^^^^"),
        ("afer(STABLE)", "did you mean `after`?", "^^^^"),
        ("step=Aprove", "did you mean `Approve`?", "     ^^^^^^"),
    ] {
        let message = refusal(words);
        assert!(message.contains(says), "{words}: {message}");
        let shown = message.lines().last().and_then(|line| line.strip_prefix("    "));
        assert_eq!(shown, Some(carets), "{message}");
    }
}

/// By hand: how many nodes are enough to see that it fails, or holds, in a cluster of any size.
#[test]
fn how_many_nodes_show_that_a_question_fails() {
    for (words, against, favour) in [
        ("mode=on", Some(0), Some(0)),
        ("any=ERROR", Some(0), Some(1)),
        ("no=ERROR, all=ACTIVE", Some(1), Some(0)),
        ("count(ERROR) >= 3", Some(0), Some(3)),
        ("count(ERROR) <= 3", Some(4), Some(0)),
        ("any=ERROR implies status=MIXED", Some(3), Some(2)),
        ("n1=ERROR", None, None),
        ("any.version > n1.version", None, None),
    ] {
        let spoken = situation(words);
        assert_eq!(spoken.witnesses_against(), against, "{words}");
        assert_eq!(spoken.witnesses_for(), favour, "{words}");
    }
}
