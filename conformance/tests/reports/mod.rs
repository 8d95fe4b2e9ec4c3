//! A hand-made run that has everything a report can say, hostile texts included.
//!
//! Its numbers are written out by hand, so that nothing here is computed by what the tests judge.

mod traces;

use std::collections::BTreeMap;

use zdu_conformance::layout::Layout;
use zdu_conformance::verdict::{
    Command, End, Environment, LeftAs, Misfit, Need, Report, RuleTally, SetUp, Stop, TraceResult,
    Unmet, WaiverRecord, WaiverState,
};
use zdu_model::judge::event::Silence;
use zdu_model::judge::finding::Names;
use zdu_model::judge::served::{FailedTask, Field};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

use traces::{deviating, happy, late, trace, unmodelled, waived};

/// What a hostile or broken target may send: markup, an address outside, a terminal's escape, what XML forbids.
pub(crate) const HOSTILE: &str = "<script>document.title='pwned'</script><img src=http://outside.invalid/x>\u{1b}[31mred\u{0}\u{ffff}]]>&amp;";

fn without(name: &str, end: End, rules: &[Rule]) -> TraceResult {
    let verdict = end.verdict().expect("an end that decides");
    let mut it = trace(name, "Somebody thought it worth while.", verdict, (0, 4), rules);
    it.at_stake.clear();
    it.end = end;
    it
}

/// A report in which every verdict occurs.
pub(crate) fn mixed() -> Report {
    let broken = End::Broken("sh: 1: \u{1b}[1mssh\u{7}: not found".into());
    let mut hostile = without(HOSTILE, broken, &[Rule::Node10]);
    hostile.why = HOSTILE.into();
    hostile.replay = Command::zdu(["replay", "traces/hostile.json", "--target", "my cluster.toml"]);
    hostile.seconds = 0.01;
    let traces = vec![
        happy(),
        deviating(),
        waived(),
        late(),
        unmodelled(),
        hostile,
        without("no-credentials", End::Skipped(Need::Credentials), &[Rule::Api10]),
        without("no-system-administrator", End::Skipped(Need::PlainAccount), &[Rule::Api10]),
        without("race-of-start", End::Skipped(Need::Credentials), &[Rule::Api12]),
        without(
            "finalize-with-tasks",
            End::NotApplicable(Misfit::Profile(Profile::Finalization)),
            &[],
        ),
        without("never-begun", End::Unfinished(Stop::ClusterLost(2)), &[Rule::Node9]),
    ];
    let mut rules: BTreeMap<Rule, RuleTally> = Rule::ALL
        .iter()
        .filter(|rule| rule.in_profile(Profile::Documented))
        .map(|rule| (*rule, RuleTally::default()))
        .collect();
    let mut set = |rule, traces: usize, deviations, timeouts, waived| {
        let tried = 2 * traces as u64;
        rules.insert(rule, RuleTally { tried, traces, deviations, timeouts, waived });
    };
    set(Rule::Api1, 2, 0, 1, 0);
    set(Rule::Api2, 1, 0, 0, 0);
    set(Rule::Node2, 1, 0, 0, 0);
    set(Rule::Node3, 1, 0, 0, 0);
    set(Rule::Node4, 1, 0, 1, 0);
    set(Rule::Node6, 1, 0, 0, 0);
    set(Rule::Status2, 1, 0, 0, 0);
    set(Rule::Status3, 2, 0, 0, 0);
    set(Rule::Status5, 1, 1, 0, 0);
    set(Rule::Mode1, 1, 0, 0, 0);
    set(Rule::Mode2, 2, 0, 0, 2);
    set(Rule::Mode5, 1, 0, 0, 0);
    set(Rule::Mode7, 1, 0, 0, 0);
    let waiver = |rule, reason: &str, expires: Option<&str>, state| WaiverRecord {
        rule,
        reason: reason.into(),
        expires: expires.map(str::to_owned),
        state,
    };
    let command = ["replay", "traces", "--target", "my cluster.toml", "--report-dir", "report"];
    Report {
        schema: "zdu-report/2".to_owned(),
        verdict: "deviates".to_owned(),
        exit_code: 1,
        label: Some("9.2.4-rc2".into()),
        tool: "0.1.0".to_owned(),
        environment: Environment {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            command: Command::zdu(command),
            ca_file: Some("my ca.pem".to_owned()),
            tls_insecure: true,
            client_cert: None,
            client_key: None,
        },
        target: "http://wiki.example.org/confluence".into(),
        profile: Profile::Documented,
        serves_tasks: None,
        layout: Some(Layout::Product),
        names: Names {
            nodes: ["n1", "n2", "n3"].map(Into::into).to_vec(),
            versions: ["9.2.1", "9.2.4"].map(Into::into).to_vec(),
            foreign: Vec::new(),
        },
        started: "2026-11-30T02:04:05Z".to_owned(),
        resumed: None,
        resuming: None,
        seconds: 919.594,
        seed: Some(42),
        traces,
        rules,
        waivers: vec![
            waiver(
                Rule::Mode2,
                "known since 9.1, fixed in 9.3",
                Some("2027-03-31"),
                WaiverState::Used,
            ),
            waiver(Rule::Status3, "seen once", None, WaiverState::NoLongerNeeded),
            waiver(Rule::Node7, "until the fix", Some("2026-01-31"), WaiverState::Expired),
            waiver(Rule::Api12, "the proxy answers twice", None, WaiverState::NotTried),
        ],
        unmet: vec![Unmet::Rule(Rule::Api12), Unmet::Skips(6)],
        left_out: vec![Field::PortNumber, Field::BuildNumber],
        ghosts: vec![HOSTILE.into()],
        failed_tasks: vec![(
            NodeId::new(2),
            FailedTask {
                name: Some("RebuildIndex".into()),
                whole_cluster: Some(true),
                messages: vec!["disk full".into(), HOSTILE.into()],
            },
        )],
        set_up: SetUp { cancels: 1, installs: 2, ..SetUp::default() },
        take_over: true,
        cluster_left_as: Some(LeftAs::Silent(Silence::TimedOut)),
        bring_back: Vec::new(),
        interrupted: false,
        ends_untold: false,
        unreachable: None,
    }
}

/// A report in which everything passes.
#[allow(dead_code, reason = "each test program uses what it needs of this file")]
pub(crate) fn fine() -> Report {
    let mut report = mixed();
    report.verdict = "conforms".to_owned();
    report.exit_code = 0;
    report.traces.truncate(1);
    report.waivers.clear();
    report.unmet.clear();
    report.ghosts.clear();
    report.failed_tasks.clear();
    for tally in report.rules.values_mut() {
        tally.deviations = 0;
        tally.timeouts = 0;
        tally.waived = 0;
    }
    report
}
