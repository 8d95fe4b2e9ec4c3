//! What does a run come to? Which exit code wins, what is held, what a waiver does: written out by hand.

use zdu_conformance::run::{Gate, Run};
use zdu_conformance::target::Waiver;
use zdu_conformance::verdict::{
    Command, End, Found, Need, NotReached, Report, TraceResult, Verdict, WaiverState,
};
use zdu_model::judge::event::{Silence, View};
use zdu_model::judge::finding::{Allowed, Finding, Kind, Place, Sight};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::rule::Rule;

fn trace(end: End, found: &[(Rule, Kind)], at_stake: &[(Rule, u64)]) -> TraceResult {
    let finding = |(rule, kind): &(Rule, Kind)| Found {
        finding: Finding {
            kind: *kind,
            rule: *rule,
            step: 1,
            place: Place::View(View::Overview),
            allowed: vec![Allowed::Code(200)],
            allowed_more: 0,
            seen: Sight::Code(500),
            nearest: Vec::new(),
            event: 0,
            again: 0,
        },
        at_ms: None,
        exchange: None,
        waived: None,
    };
    TraceResult {
        end,
        findings: found.iter().map(finding).collect(),
        at_stake: at_stake.iter().copied().collect(),
        // What it was meant for says nothing.
        rules: vec![Rule::Mode1],
        ..TraceResult::new("a-trace", "a reason", Command::zdu(["replay"]))
    }
}

fn waiver(rule: Rule, expires: Option<&str>) -> Waiver {
    let expires = expires.map(|day| day.parse().expect("a day"));
    Waiver { rule, reason: "agreed".to_owned(), expires }
}

fn finished(run: Run, traces: Vec<TraceResult>) -> Report {
    run.finish_on(traces, "2026-11-30".parse().expect("a day"))
}

fn run() -> Run {
    Run::begin("http://wiki.example.org", Profile::Documented)
}

const WRONG: &[(Rule, Kind)] = &[(Rule::Status5, Kind::WrongAnswer)];
const LATE: &[(Rule, Kind)] = &[(Rule::Node2, Kind::Timeout)];

fn unreachable() -> TraceResult {
    trace(End::Unreachable(Silence::TimedOut), &[], &[])
}

// Where several apply: 1, then 5, then 6, then 3.
#[test]
fn of_several_exit_codes_the_contracts_order_decides() {
    let wrong = || trace(End::Done, WRONG, &[]);
    let late = || trace(End::Done, LATE, &[]);
    let stale = || Run { waivers: vec![waiver(Rule::Node7, Some("2026-01-31"))], ..run() };
    let skipped = || trace(End::Skipped(Need::Credentials), &[], &[]);
    let broken = || trace(End::Broken("ssh: not found".into()), &[], &[]);
    let cases = [
        (stale(), vec![wrong(), late(), unreachable()], 1),
        (stale(), vec![late(), unreachable()], 5),
        (run(), vec![late(), unreachable()], 6),
        (run(), vec![late(), skipped()], 3),
        (run(), vec![broken()], 3),
        (run(), vec![skipped()], 4),
        (run(), vec![], 4),
        (run(), vec![trace(End::Done, &[], &[])], 0),
        (Run { interrupted: true, ..run() }, vec![wrong()], 130),
    ];
    for (run, traces, code) in cases {
        assert_eq!(finished(run, traces).exit_code, code);
    }
}

// The rules that a trace names are no evidence: only what was at stake counts, and only where nothing was found.
#[test]
fn a_rule_is_held_only_if_it_was_at_stake_and_nothing_was_found() {
    let stake = &[(Rule::Status5, 4), (Rule::Node2, 2), (Rule::Api1, 7)];
    let report =
        finished(run(), vec![trace(End::Done, WRONG, stake), trace(End::Done, &[], stake)]);
    let tally = |rule| report.rules[&rule];
    assert!(tally(Rule::Api1).held() && tally(Rule::Api1).tried == 14);
    assert_eq!((tally(Rule::Api1).traces, tally(Rule::Status5).deviations), (2, 1));
    assert!(!tally(Rule::Status5).held() && tally(Rule::Status5).tried == 8);
    assert!(!tally(Rule::Mode1).held() && tally(Rule::Mode1).tried == 0);
    assert_eq!((report.tried(), report.ran()), (3, 2));
    // What is found was at stake, even if nobody counted it.
    let found = finished(run(), vec![trace(End::Done, LATE, &[])]);
    assert_eq!(found.rules[&Rule::Node2].tried, 1);
}

#[test]
fn a_waiver_accepts_until_it_ends_and_hides_nothing_unfinished() {
    let accepted = |expires| Run { waivers: vec![waiver(Rule::Status5, expires)], ..run() };
    let holds = finished(accepted(Some("2026-11-30")), vec![trace(End::Done, WRONG, &[])]);
    assert_eq!((holds.traces[0].verdict, holds.exit_code), (Verdict::Waived, 0));
    assert_eq!(holds.waivers[0].state, WaiverState::Used);
    let ended = finished(accepted(Some("2026-11-29")), vec![trace(End::Done, WRONG, &[])]);
    assert_eq!((ended.traces[0].verdict, ended.exit_code), (Verdict::Deviates, 1));
    let unneeded = finished(accepted(None), vec![trace(End::Done, &[], &[(Rule::Status5, 1)])]);
    assert_eq!((unneeded.waivers[0].state, unneeded.exit_code), (WaiverState::NoLongerNeeded, 5));
    let untried = finished(accepted(None), vec![trace(End::Done, &[], &[])]);
    assert_eq!((untried.waivers[0].state, untried.exit_code), (WaiverState::NotTried, 0));
    // The suite's own failure is told, whatever was accepted before it.
    let broken = trace(End::Broken("ssh: not found".into()), WRONG, &[]);
    assert_eq!(finished(accepted(None), vec![broken]).exit_code, 3);
    // Nothing was found, and yet not everything was seen.
    let cut = End::NotReached { after_step: 1, why: NotReached::Unsettled };
    assert_eq!(finished(run(), vec![trace(cut, &[], &[])]).traces[0].verdict, Verdict::Timeout);
}

#[test]
fn a_gate_that_is_not_met_is_inconclusive() {
    let one = || trace(End::Done, &[], &[(Rule::Api1, 1)]);
    let gate = |gate| finished(Run { gate, ..run() }, vec![one(), unreached()]);
    let met = Gate { min_traces: 1, fail_on_skip: false, require: vec![Rule::Api1] };
    assert_eq!((gate(met).exit_code, gate(Gate::default()).exit_code), (0, 0));
    for unmet in [
        Gate { min_traces: 2, ..Gate::default() },
        Gate { fail_on_skip: true, ..Gate::default() },
        Gate { require: vec![Rule::Mode1], ..Gate::default() },
    ] {
        let report = gate(unmet);
        assert_eq!((report.exit_code, report.unmet.len()), (3, 1));
    }
}

/// A trace that was left out.
fn unreached() -> TraceResult {
    trace(End::Skipped(Need::PlainAccount), &[], &[])
}
