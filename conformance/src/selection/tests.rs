//! What patterns, expressions and parts mean, spelled out by hand.

use zdu_model::spec::rule::Rule;
use zdu_model::traces::scenario;
use zdu_model::traces::trace::Trace;

use super::{Filter, Partition, Pattern, Selection};

fn shipped() -> Vec<Trace> {
    scenario::all().filter_map(|scenario| scenario.trace(scenario.shipped)).collect()
}

fn names(traces: &[Trace]) -> Vec<&str> {
    traces.iter().map(|trace| trace.name.as_str()).collect()
}

#[test]
fn a_pattern_is_an_exact_name_or_has_stars() {
    for (pattern, name, fits) in [
        ("happy-path", "happy-path", true),
        ("happy-path", "happy-path-single-node", false),
        ("happy-path*", "happy-path-single-node", true),
        ("*path*", "happy-path-single-node", true),
        ("*-node", "happy-path-single-node", true),
        ("happy*node", "happy-path-single-node", true),
        ("a*a", "a", false),
        ("*", "", true),
        ("", "a", false),
    ] {
        assert_eq!(Pattern::new(pattern).fits(name), fits, "{pattern} {name}");
    }
}

#[test]
fn only_not_rule_and_filter_narrow_together() {
    let pattern = |text| vec![Pattern::new(text)];
    let selection = Selection { only: pattern("happy-path*"), ..Selection::default() };
    assert_eq!(names(&selection.of(shipped())), ["happy-path", "happy-path-single-node"]);
    let less = Selection { not: pattern("*single*"), ..selection };
    assert_eq!(names(&less.of(shipped())), ["happy-path"]);
    assert!(Selection { rules: vec![Rule::Api10], ..less }.of(shipped()).is_empty());
}

// Every trace once, in one part or another, however many parts there are.
#[test]
fn parts_share_the_traces_among_them() {
    let all = shipped();
    for of in [1, 2, 3, 7] {
        let mut found: Vec<String> = Vec::new();
        for part in 1..=of {
            let partition = Some(format!("{part}/{of}").parse().expect("a part"));
            let selection = Selection { partition, ..Selection::default() };
            found.extend(selection.of(shipped()).into_iter().map(|trace| trace.name));
        }
        found.sort();
        let mut due: Vec<&str> = names(&all);
        due.sort_unstable();
        assert_eq!(found, due);
    }
    for wrong in ["0/3", "4/3", "1", "1/0", "a/b", ""] {
        assert!(wrong.parse::<Partition>().is_err(), "{wrong}");
    }
}

#[test]
fn an_expression_means_what_its_words_say() {
    let means = |text: &str| -> Vec<String> {
        let filter = Some(Filter::parse(text).expect("an expression"));
        let kept = Selection { filter, ..Selection::default() }.of(shipped());
        kept.into_iter().map(|trace| trace.name).collect()
    };
    let all = shipped().len();
    assert_eq!(means("all()").len(), all);
    assert_eq!(means("name(happy-path)"), ["happy-path"]);
    let (breaks, others) = (means("needs(break)"), means("not needs(break)"));
    assert!(!breaks.is_empty() && breaks.len() + others.len() == all);
    assert!(breaks.contains(&"errored-node-stopped-with-mode-off".to_owned()));
    // `and` binds closer than `or`; parentheses bind closest.
    assert_eq!(means("name(happy-path) or needs(break) and not needs(break)"), ["happy-path"]);
    assert!(means("(name(happy-path) or needs(break)) and not all()").is_empty());
    assert_eq!(means("rule(STATUS-5)"), means("rule(STATUS-5) & all()"));
    assert!(means("profile(finalization)").len() < all);
    let parsed = Filter::parse("not rule(STATUS-*) | !name(a*)").expect("an expression");
    assert_eq!(Filter::parse(&parsed.to_string()), Ok(parsed));
}

#[test]
fn an_expression_that_makes_no_sense_is_refused() {
    for wrong in [
        "",
        "nme(a)",
        "name",
        "name(",
        "name()",
        "name(a) name(b)",
        "rule(TEA-*)",
        "needs(tea)",
        "profile(none)",
        "all() and",
        "(all()",
        "not",
        "all(x)",
    ] {
        assert!(Filter::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_name_that_no_trace_has_is_told_with_the_nearest() {
    let selection = Selection { only: vec![Pattern::new("hapy-path")], ..Selection::default() };
    let missing = selection.check(&shipped()).expect_err("mistyped");
    assert_eq!(missing.near.as_deref(), Some("happy-path"));
    let selection = Selection { not: vec![Pattern::new("*path*")], ..Selection::default() };
    assert!(selection.check(&shipped()).is_ok());
}
