//! What the list must be, by hand: the page's procedure and "Troubleshooting", the field's cases.

use std::collections::BTreeSet;

use zdu_model::judge::seen::Request::{self, Boot, Install, Kill, Stop};
use zdu_model::spec::cluster::{Cluster, ClusterStatus, Mode};
use zdu_model::spec::node::{Node, NodeId, Phase, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;
use zdu_model::ways::advice::{
    Advice, Allowed, Asked, Cost, Direction, Load, Mark, Reason, Refusal, Until, WayOut, What,
    advise,
};

const OLD: Version = Version(0);
const NEW: Version = Version(1);
const N1: NodeId = NodeId::new(1);
const N2: NodeId = NodeId::new(2);
const N3: NodeId = NodeId::new(3);

fn cluster(mode: Mode, nodes: &[(Phase, u8)]) -> Cluster {
    Cluster {
        mode,
        origin: (mode == Mode::On).then_some(OLD),
        tasks_pending: false,
        nodes: nodes.iter().map(|(phase, version)| Node::new(*phase, Version(*version))).collect(),
    }
}

/// A question about one state, to be altered.
struct Question {
    cluster: Cluster,
    versions: u8,
    profile: Profile,
    silent: BTreeSet<NodeId>,
    direction: Option<Direction>,
    to: Option<Version>,
    loads: Vec<Load>,
    cannot: Vec<Request>,
}

fn about(mode: Mode, nodes: &[(Phase, u8)]) -> Question {
    Question {
        cluster: cluster(mode, nodes),
        versions: 2,
        profile: Profile::Documented,
        silent: BTreeSet::new(),
        direction: None,
        to: None,
        loads: Vec::new(),
        cannot: Vec::new(),
    }
}

impl Question {
    fn ask(&self) -> Result<Advice, Refusal> {
        let nodes = self.cluster.nodes.len();
        advise(&Asked {
            scope: Scope::documented(nodes, self.versions).with_profile(self.profile),
            explanations: std::slice::from_ref(&self.cluster),
            silent: &self.silent,
            direction: self.direction,
            to: self.to,
            loads: &self.loads,
            can: &|_, request| !self.cannot.contains(&request),
        })
    }

    fn advice(&self) -> Advice {
        self.ask().unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    fn list(&self) -> Vec<What> {
        self.advice().steps.iter().map(|step| step.what).collect()
    }
}

fn upgrade(id: NodeId, version: Version) -> Vec<What> {
    let wait = |until| What::Wait(until);
    vec![
        What::Request(id, Stop),
        wait(Until::Down(id)),
        What::Request(id, Install(version)),
        What::Request(id, Boot),
        wait(Until::Active(id)),
    ]
}

fn end(call: Call) -> Vec<What> {
    vec![What::Call(call), What::Wait(Until::Status(ClusterStatus::Stable))]
}

#[test]
fn proc_1_the_last_old_node_that_is_stopping_is_waited_for_and_goes_on() {
    let question = about(Mode::On, &[(Phase::Active, 1), (Phase::TerminatingIn, 0)]);
    let mut due = upgrade(N2, NEW)[1..].to_vec();
    due.extend(end(Call::Approve));
    assert_eq!(question.list(), due);
    let advice = question.advice();
    assert_eq!((advice.aim.direction, advice.aim.reason), (Direction::Forward, Reason::Upgraded));
    // MIXED as long as the old node is in the cluster: nothing but waiting is allowed.
    let allowed: Vec<Allowed> = advice.calls.iter().map(|now| now.allowed).collect();
    assert_eq!(allowed, [Allowed::No, Allowed::No, Allowed::No]);
}

#[test]
fn the_least_busy_node_goes_first_and_approve_last_as_the_point_of_no_return() {
    let mut question = about(Mode::Off, &[(Phase::Active, 0); 3]);
    question.direction = Some(Direction::Forward);
    let load = |users, tasks| Load { users: Some(users), tasks: Some(tasks) };
    question.loads = vec![load(9, 0), load(2, 5), load(2, 1)];
    let mut due =
        vec![What::Call(Call::Start), What::Wait(Until::Status(ClusterStatus::ReadyToUpgrade))];
    due.extend([N3, N2, N1].into_iter().flat_map(|id| upgrade(id, NEW)));
    due.extend(end(Call::Approve));
    assert_eq!(question.list(), due);
    let marked: Vec<What> = (question.advice().steps.iter())
        .filter(|step| step.marks.contains(&Mark::PointOfNoReturn))
        .map(|step| step.what)
        .collect();
    assert_eq!(marked, [What::Call(Call::Approve)]);
    // Who does not tell how busy it is goes after those who do.
    question.loads[2] = Load::default();
    assert_eq!(question.list()[2], What::Request(N2, Stop));
}

#[test]
fn mode_3_back_gives_each_upgraded_node_the_original_and_cancels_at_last() {
    let mut question =
        about(Mode::On, &[(Phase::Active, 1), (Phase::Active, 0), (Phase::Active, 1)]);
    question.direction = Some(Direction::Back);
    let mut due: Vec<What> = [N1, N3].into_iter().flat_map(|id| upgrade(id, OLD)).collect();
    due.extend(end(Call::Cancel));
    assert_eq!(question.list(), due);
    // Nobody is upgraded: back is where it goes without a word, and that is one call.
    let advice = about(Mode::On, &[(Phase::Active, 0); 2]).advice();
    assert_eq!((advice.aim.direction, advice.aim.reason), (Direction::Back, Reason::NotUpgraded));
    assert_eq!(advice.steps.iter().map(|step| step.what).collect::<Vec<_>>(), end(Call::Cancel));
}

#[test]
fn after_approve_there_is_no_way_back() {
    let mut question = about(Mode::Off, &[(Phase::Active, 1); 2]);
    question.direction = Some(Direction::Back);
    let advice = question.advice();
    assert!(advice.nothing_to_do());
    assert_eq!(advice.aim.reason, Reason::NothingToGoBackTo);
    assert_eq!((advice.aim.direction, advice.aim.version), (Direction::Stay, NEW));
}

#[test]
fn nothing_is_to_be_done_only_where_nobody_is_missing() {
    assert!(about(Mode::Off, &[(Phase::Active, 0); 2]).advice().nothing_to_do());
    for missing in [Phase::Offline, Phase::Absent] {
        let question = about(Mode::Off, &[(Phase::Active, 1), (missing, 0)]);
        assert_eq!(question.list(), upgrade(N2, NEW)[2..]);
        // Which version it has cannot be known.
        assert!(question.advice().steps[0].marks.contains(&Mark::MayBeInstalled));
    }
}

#[test]
fn node_7_an_errored_node_is_stopped_put_right_and_brought_to_the_version() {
    let question = about(Mode::On, &[(Phase::Active, 1), (Phase::Error, 1), (Phase::Active, 0)]);
    let mut due = upgrade(N2, NEW);
    due.insert(2, What::PutRight(N2));
    due.extend(upgrade(N3, NEW));
    due.extend(end(Call::Approve));
    assert_eq!(question.list(), due);
    let advice = question.advice();
    assert_eq!(advice.steps[0].rule, Rule::Node7);
    let ways = &advice.errors[0].ways;
    let costs = |way: WayOut| {
        let found = ways.iter().find(|one| one.way == way);
        found.map(|one| one.costs.clone()).unwrap_or_default()
    };
    assert_eq!(costs(WayOut::StopGracefully), [Cost::RestWaits]);
    assert_eq!(costs(WayOut::ShutDownAltogether), [Cost::RestWaits, Cost::CutOff]);
    let without = [Cost::Removed, Cost::FewerServing(2), Cost::NoWayBack];
    assert_eq!(costs(WayOut::GoOnWithout), without);
    // Without it: down with it, the other node, `approve`, and only then it is put right and connected again.
    let mut due = upgrade(N2, NEW)[..2].to_vec();
    due.extend(upgrade(N3, NEW));
    due.extend(end(Call::Approve));
    due.push(What::PutRight(N2));
    due.extend_from_slice(&upgrade(N2, NEW)[2..]);
    assert_eq!(ways[2].steps.iter().map(|step| step.what).collect::<Vec<_>>(), due);
}

#[test]
fn going_on_without_the_other_node_of_two_says_that_it_is_an_outage() {
    let advice = about(Mode::On, &[(Phase::Active, 0), (Phase::Error, 1)]).advice();
    assert!(advice.errors[0].ways[2].costs.contains(&Cost::Outage));
    let outage = |steps: &[zdu_model::ways::advice::Step]| {
        steps.iter().any(|step| step.marks.contains(&Mark::Outage))
    };
    assert!(!outage(&advice.steps) && outage(&advice.errors[0].ways[2].steps));
}

#[test]
fn node_8_an_errored_node_is_killed_only_where_it_is_the_only_command_and_a_serving_one_never() {
    let mut question = about(Mode::Off, &[(Phase::Active, 0), (Phase::Error, 0)]);
    question.cannot = vec![Stop];
    assert_eq!(question.list()[0], What::Request(N2, Kill));
    assert_eq!(question.advice().steps[0].rule, Rule::Node8);
    question.cannot = vec![Stop, Kill];
    assert_eq!(question.list()[0], What::Request(N2, Stop));
    assert!(question.advice().steps[0].marks.contains(&Mark::ByHand));
    let mut serving = about(Mode::On, &[(Phase::Active, 1), (Phase::Active, 0)]);
    serving.cannot = vec![Stop];
    assert_eq!(serving.list()[0], What::Request(N2, Stop));
    assert!(serving.advice().steps[0].marks.contains(&Mark::ByHand));
}

#[test]
fn mode_2_an_errored_node_is_dealt_with_before_start() {
    let mut question = about(Mode::Off, &[(Phase::Active, 0), (Phase::Error, 0)]);
    question.direction = Some(Direction::Forward);
    let list = question.list();
    assert_eq!(list[..3], [upgrade(N2, NEW)[0], upgrade(N2, NEW)[1], What::Call(Call::Start)]);
    let start = question.advice().calls[0];
    assert_eq!((start.allowed, start.rule), (Allowed::No, Rule::Mode2));
}

#[test]
fn fin_4_failed_tasks_are_run_again() {
    let mut question = about(Mode::Off, &[(Phase::Active, 1), (Phase::FinalizeFailed, 1)]);
    question.profile = Profile::Finalization;
    question.cluster.tasks_pending = true;
    assert_eq!(question.list(), end(Call::Retry));
    let retry = question.advice().calls[3];
    assert_eq!((retry.call, retry.allowed, retry.rule), (Call::Retry, Allowed::Yes, Rule::Fin4));
}

#[test]
fn with_one_node_the_outage_is_told() {
    let question = about(Mode::On, &[(Phase::Active, 0)]);
    let forward = Question { direction: Some(Direction::Forward), ..question };
    let advice = forward.advice();
    assert_eq!(advice.steps[0].what, What::Request(N1, Stop));
    assert_eq!(advice.steps[0].marks, BTreeSet::from([Mark::Outage]));
}

#[test]
fn a_silent_member_is_waited_for_and_nothing_is_concluded_meanwhile() {
    let mut question = about(Mode::On, &[(Phase::Active, 0), (Phase::Active, 0)]);
    question.silent = BTreeSet::from([N2]);
    assert_eq!(question.list(), [What::Wait(Until::Answers(N2)), What::AskAgain]);
    assert_eq!(question.advice().calls[1].allowed, Allowed::Depends);
}

// Section 7, "Versions below the original": a build may or may not let it join.
#[test]
fn a_starting_node_below_the_original_is_waited_for_whatever_comes_of_it() {
    let mut question = about(Mode::On, &[(Phase::Active, 1), (Phase::StartingOut, 0)]);
    question.cluster.origin = Some(NEW);
    assert_eq!(question.list(), [What::Wait(Until::Still(N2)), What::AskAgain]);
}

#[test]
fn an_upgrade_goes_to_later_versions_alone() {
    let mut question = about(Mode::On, &[(Phase::Active, 0), (Phase::Active, 2)]);
    question.versions = 3;
    question.direction = Some(Direction::Forward);
    let refused = |question: &Question, to, than| {
        assert_eq!(question.ask(), Err(Refusal::NotLater { to, than }));
    };
    question.to = Some(OLD);
    refused(&question, OLD, Version(2));
    question.to = Some(NEW);
    refused(&question, NEW, Version(2));
    question.to = Some(Version(2));
    assert_eq!(question.advice().aim.version, Version(2));
    question.cluster = cluster(Mode::Off, &[(Phase::Active, 1), (Phase::Active, 1)]);
    question.to = Some(OLD);
    refused(&question, OLD, NEW);
    // Without a version it is the one that an upgraded node has, else the latest.
    question.to = None;
    assert_eq!(question.advice().aim.version, Version(2));
    question.cluster = cluster(Mode::On, &[(Phase::Active, 0), (Phase::Active, 1)]);
    assert_eq!(question.advice().aim.version, NEW);
}

// Section 7, "A cluster that is wholly down": the first to join sets the version.
#[test]
fn where_nobody_serves_it_is_open_which_version_joins_first() {
    let question = about(Mode::Off, &[(Phase::StartingOut, 0), (Phase::StartingOut, 1)]);
    let still = |id| What::Wait(Until::Still(id));
    assert_eq!(question.list(), [still(N1), still(N2), What::AskAgain]);
    // Where somebody serves it is not.
    let question = about(Mode::Off, &[(Phase::Active, 0), (Phase::StartingOut, 1)]);
    assert_eq!(question.list()[0], What::Wait(Until::Down(N2)));
}

#[test]
fn where_nobody_serves_a_node_that_is_merely_down_comes_before_one_in_error() {
    let question = about(Mode::On, &[(Phase::Error, 0), (Phase::Offline, 0)]);
    assert_eq!(question.list()[..3], upgrade(N2, OLD)[2..]);
    let serving = about(Mode::On, &[(Phase::Error, 0), (Phase::Offline, 0), (Phase::Active, 0)]);
    assert_eq!(serving.list()[0], What::Request(N1, Stop));
}
