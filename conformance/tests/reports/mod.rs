//! A hand-made run that has everything a report can say, hostile texts included.
//!
//! Its numbers are written out by hand, so that nothing here is computed by what the tests judge.

mod traces;

use std::collections::BTreeMap;

use zdu_conformance::layout::Layout;
use zdu_conformance::told::{
    Report, RuleTally, Skip, TraceResult, Verdict, WaiverRecord, WaiverState,
};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

use traces::{deviating, happy, late, trace, unmodelled, waived};

/// What a hostile or broken target may send: markup, an address outside, a terminal's escape, what XML forbids.
pub(crate) const HOSTILE: &str = "<script>document.title='pwned'</script><img src=http://outside.invalid/x>\u{1b}[31mred\u{0}\u{ffff}]]>&amp;";

fn without(name: &str, verdict: Verdict, reason: &str, rules: &[Rule]) -> TraceResult {
    let mut it = trace(name, "Somebody thought it worth while.", verdict, 0, rules);
    it.reason = Some(reason.to_owned());
    it
}

/// A report in which every verdict occurs.
pub(crate) fn mixed() -> Report {
    let credentials =
        "it needs a target that asks for credentials; none are set (ZDU_USERNAME or ZDU_TOKEN)";
    let mut hostile =
        without(HOSTILE, Verdict::Broken, "sh: 1: \u{1b}[1mssh\u{7}: not found", &[Rule::Node10]);
    hostile.why = HOSTILE.to_owned();
    hostile.replay = "zdu replay 'traces/hostile.json' --target cluster.toml".to_owned();
    hostile.seconds = 0.01;
    let traces = vec![
        happy(),
        deviating(),
        waived(),
        late(),
        unmodelled(),
        hostile,
        without("no-credentials", Verdict::Skipped, credentials, &[Rule::Api10]),
        without(
            "no-system-administrator",
            Verdict::Skipped,
            "it needs an account without system administration (ZDU_PLAIN_USERNAME)",
            &[Rule::Api10],
        ),
        without("race-of-start", Verdict::Skipped, credentials, &[Rule::Api12]),
        without(
            "finalize-with-tasks",
            Verdict::NotApplicable,
            "the trace is about profile finalization",
            &[],
        ),
    ];
    let mut rules: BTreeMap<Rule, RuleTally> = Rule::ALL
        .iter()
        .filter(|rule| rule.in_profile(Profile::Documented))
        .map(|rule| (*rule, RuleTally::default()))
        .collect();
    let mut set = |rule, exercised, deviations, timeouts, waived| {
        rules.insert(rule, RuleTally { exercised, deviations, timeouts, waived });
    };
    set(Rule::Api1, 2, 0, 1, 0);
    set(Rule::Api2, 1, 0, 0, 0);
    set(Rule::Node2, 1, 0, 0, 0);
    set(Rule::Node3, 1, 0, 0, 0);
    set(Rule::Node4, 1, 0, 1, 0);
    set(Rule::Node6, 1, 0, 0, 0);
    set(Rule::Node10, 1, 0, 0, 0);
    set(Rule::Status2, 1, 0, 0, 0);
    set(Rule::Status3, 2, 0, 0, 0);
    set(Rule::Status5, 1, 1, 0, 0);
    set(Rule::Mode1, 1, 0, 0, 0);
    set(Rule::Mode2, 2, 0, 0, 2);
    set(Rule::Mode5, 1, 0, 0, 0);
    set(Rule::Mode7, 1, 0, 0, 0);
    let skipped = traces
        .iter()
        .filter(|trace| trace.steps == 0 && trace.verdict != Verdict::Broken)
        .map(|trace| Skip {
            name: trace.name.clone(),
            reason: trace.reason.clone().unwrap_or_default(),
        })
        .collect();
    let waiver = |rule, reason: &str, expires: Option<&str>, state| WaiverRecord {
        rule,
        reason: reason.to_owned(),
        expires: expires.map(str::to_owned),
        state,
    };
    Report {
        schema: "zdu-report/1".to_owned(),
        verdict: "deviates".to_owned(),
        exit_code: 1,
        target: "http://wiki.example.org/confluence".to_owned(),
        profile: Profile::Documented,
        layout: Some(Layout::Product),
        nodes: 3,
        versions: vec!["9.2.1".to_owned(), "9.2.4".to_owned()],
        started: "2026-11-30T02:04:05Z".to_owned(),
        seconds: 919.594,
        seed: Some(42),
        traces,
        rules,
        skipped,
        waivers: vec![
            waiver(
                Rule::Mode2,
                "known since 9.1, fixed in 9.3",
                Some("2027-03-31"),
                WaiverState::Used,
            ),
            waiver(Rule::Status3, "seen once", None, WaiverState::NoLongerNeeded),
            waiver(Rule::Node7, "until the fix", Some("2026-01-31"), WaiverState::Expired),
            waiver(Rule::Api12, "the proxy answers twice", None, WaiverState::NotExercised),
        ],
        interrupted: false,
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
    report.skipped.clear();
    report.waivers.clear();
    for tally in report.rules.values_mut() {
        tally.deviations = 0;
        tally.timeouts = 0;
        tally.waived = 0;
    }
    report
}
