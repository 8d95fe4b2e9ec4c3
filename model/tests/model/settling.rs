//! When has a cluster settled, and when is it a timeout? (section 8, and section 7, "silent member")

use std::collections::BTreeSet;

use zdu_model::judge::event::{Answer, Event, Micros, Silence, Source, Start, View};
use zdu_model::judge::finding::Kind;
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::seen::Request;
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::{Judge, Patience, Settled, Want};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::Scope;

/// How long a step may take here.
const SETTLE: Micros = 10;

fn active(id: &str) -> Entry {
    let version = Some(Text::from("9.2.1"));
    let (status, tasks) = (Some(NodeStatus::Active), Some(0));
    Entry { status, version, tasks, ..silent(id) }
}

fn silent(id: &str) -> Entry {
    let name = id.split('-').next().map(Text::from);
    Entry { id: Text::from(id), name, ..Entry::default() }
}

/// A judge of so many nodes, whose ids are their names.
fn judge(nodes: usize) -> Judge {
    judge_asking(nodes, BTreeSet::new())
}

/// The same, where these nodes have addresses of their own.
fn judge_asking(nodes: usize, own: BTreeSet<NodeId>) -> Judge {
    let known = (1..=nodes).map(|number| {
        let name = Some(Text::from(format!("n{number}")));
        Known { id: name.clone(), listed: name, ..Known::default() }
    });
    let roster = Roster::new(known.collect(), vec![Text::from("9.2.1"), Text::from("9.2.4")]);
    let patience = Patience { settle: SETTLE, quiet: 1, poll: 1 };
    Judge::new(Scope::documented(nodes, 2), roster, patience, own)
}

const fn status(mode: Mode) -> ClusterStatus {
    match mode {
        Mode::Off => ClusterStatus::Stable,
        Mode::On => ClusterStatus::ReadyToUpgrade,
    }
}

fn overview(mode: Mode, nodes: &[Entry]) -> Answer {
    let origin = (mode == Mode::On).then(|| Text::from("9.2.1"));
    let (status, nodes) = (status(mode), nodes.to_vec());
    Answer::Served(Served::Cluster { mode, status, origin, tasks: None, nodes })
}

/// Reads the view that the judge wants at this moment, where these nodes are listed, none of them upgraded; the last one answers.
/// Which view it was.
fn read(judge: &mut Judge, now: Micros, mode: Mode, nodes: &[Entry]) -> View {
    let Want::Read { source, view, .. } = judge.wants() else { panic!("{:?}", judge.wants()) };
    let status = status(mode);
    let listed = |id: &Text| nodes.iter().find(|entry| entry.id == *id).cloned();
    let answer = match view {
        View::Overview => overview(mode, nodes),
        View::State => {
            let by = nodes.last().cloned().unwrap_or_default();
            Answer::Served(Served::State { status, by })
        }
        View::Node(node) => judge
            .roster()
            .id(node)
            .and_then(listed)
            .map_or(Answer::NotListed, |entry| Answer::Served(Served::Node(entry))),
    };
    judge.hear(now, now, Event::Read(source, view, answer));
    view
}

/// A judge whom a slow network kept from a whole round until the time of the step was over; the overview is to be read once more.
fn kept_waiting() -> Judge {
    let mut judge = judge(1);
    judge.hear(0, 0, Event::Begin(Start::Initial));
    judge.hear(0, 0, Event::Settle);
    let views: Vec<View> =
        (0..3).map(|_| read(&mut judge, SETTLE + 1, Mode::Off, &[active("n1")])).collect();
    assert_eq!(views[0], View::Overview);
    assert!(!views[1..].contains(&View::Overview), "one round");
    judge
}

// A member that falls silent once everything had settled has not been silent for longer than a step may take.
#[test]
fn node_1_a_silence_that_begins_after_the_cluster_had_settled_may_end() {
    let mut judge = kept_waiting();
    assert_eq!(read(&mut judge, SETTLE + 2, Mode::Off, &[silent("n1")]), View::Overview);
    for _ in 0..4 {
        read(&mut judge, SETTLE + 3, Mode::Off, &[active("n1")]);
    }
    assert_eq!(judge.settled(), Some(Settled::Yes));
    assert!(judge.findings().is_empty(), "{:?}", judge.findings());
}

// One that stays silent is, and so is one that falls silent again and again.
#[test]
fn node_1_a_silence_that_does_not_end_is_a_timeout() {
    for flickers in [false, true] {
        let mut judge = kept_waiting();
        for nth in 0..10 * SETTLE {
            if judge.settled().is_none() {
                // Four reads are a round and the one after it.
                let is_silent = !flickers || nth % 4 == 0;
                let entry = if is_silent { silent("n1") } else { active("n1") };
                read(&mut judge, SETTLE + 2 + nth, Mode::Off, &[entry]);
            }
        }
        assert_eq!(judge.settled(), Some(Settled::TimedOut), "flickers: {flickers}");
        let found: Vec<_> =
            judge.findings().iter().map(|finding| (finding.rule, finding.kind)).collect();
        assert_eq!(found, [(Rule::Node1, Kind::Timeout)], "flickers: {flickers}");
    }
}

// A node that went down under a new id that nobody saw up, and what it left behind: one entry is OFFLINE and one silent. That the silent
// one is no node shows by its staying so, on a slow network in few readings.
#[test]
fn node_3_a_silent_entry_beside_an_offline_one_is_not_waited_for_until_the_end() {
    let mut judge = judge(2);
    let up = overview(Mode::On, &[active("n1"), active("n2")]);
    judge.hear(0, 0, Event::Read(Source::Cluster, View::Overview, up));
    judge.hear(0, 0, Event::Begin(Start::LastOverview));
    let n1 = NodeId::at(0);
    for request in [Request::Kill, Request::Boot, Request::Kill] {
        judge.hear(0, 0, Event::Requested(n1, request));
    }
    judge.hear(0, 0, Event::Settle);
    let offline = Entry { status: Some(NodeStatus::Offline), ..silent("n1-2") };
    let nodes = [silent("n1"), offline, active("n2")];
    let mut now = 0;
    while matches!(judge.wants(), Want::Read { .. }) {
        read(&mut judge, now, Mode::On, &nodes);
        now += 1;
    }
    assert!(judge.findings().is_empty(), "{:?}", judge.findings());
}

// A node's own view: what nobody gives is a timeout and no wrong answer, and one that was asked for in time does not decide.
#[test]
fn api_11_a_nodes_own_view_that_does_not_come_is_a_timeout() {
    let n1 = NodeId::at(0);
    for comes in [false, true] {
        let mut judge = judge_asking(1, BTreeSet::from([n1]));
        judge.hear(0, 0, Event::Begin(Start::Initial));
        judge.hear(0, 0, Event::Settle);
        let own = Source::Node(n1);
        while matches!(judge.wants(), Want::Read { source: Source::Cluster, .. }) {
            read(&mut judge, 1, Mode::Off, &[active("n1")]);
        }
        let nobody = || Event::Read(own, View::Overview, Answer::Nobody(Silence::TimedOut));
        judge.hear(SETTLE - 1, SETTLE + 1, nobody());
        assert!(judge.findings().is_empty(), "{:?}", judge.findings());
        assert!(matches!(judge.wants(), Want::Read { source, .. } if source == own));
        if comes {
            read(&mut judge, SETTLE + 2, Mode::Off, &[active("n1")]);
        } else {
            judge.hear(SETTLE + 2, SETTLE + 3, nobody());
        }
        let found: Vec<_> = judge.findings().iter().map(|it| (it.rule, it.kind)).collect();
        let due = if comes { vec![] } else { vec![(Rule::Api11, Kind::Timeout)] };
        assert_eq!((found, judge.settled()), (due, Some(Settled::Yes)), "comes: {comes}");
    }
}
