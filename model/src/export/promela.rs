//! The model in Promela, for Spin. One process whose every step is one transition, so that Spin's states and transitions are
//! the model's, and one transition for the start; what speaks of all nodes is written out for each.

use std::fmt::Write as _;

use super::notation::{LEFT_OUT, Notation, OverNotation, head};
use super::{Fact, Model, claims, steps};
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::Phase;
use crate::spec::table::{Case, Is, Reference, Row, Set};
use crate::spec::transition::Call;

const PROMELA: Notation =
    Notation { atom, not: "!", and: " && ", or: " || ", always: "true", never: "false" };

fn atom(is: &Is) -> String {
    match is {
        Is::On => "mode == on".to_owned(),
        Is::Pending => "pending".to_owned(),
        Is::Served => "served".to_owned(),
        Is::Some(phase) => format!("some({phase})"),
        Is::Other(phase) => format!("other(i, {phase})"),
        Is::In(phases) => {
            let each: Vec<String> =
                phases.iter().map(|phase| format!("phase[i] == {phase}")).collect();
            format!("({})", each.join(" || "))
        }
        Is::Joinable => "joinable(i)".to_owned(),
        Is::NewVersion => "version[i] != v".to_owned(),
        Is::TwoVersions => "twoVersions".to_owned(),
        Is::Old => "joinedSome(origin)".to_owned(),
        Is::Only(Reference::Origin) => "joinedOnly(origin)".to_owned(),
        Is::Only(Reference::First) => "joinedOnly(0)".to_owned(),
        Is::Upgraded(least) => format!("upgraded >= {least}"),
        Is::Offline { origin: true } => "offlineOld".to_owned(),
        Is::Offline { origin: false } => "offlineNew".to_owned(),
        Is::Recorded => "origin != NONE".to_owned(),
        Is::Status(status) => format!("is_{status}"),
        Is::Shown(status) => format!("shows_{status}"),
        Is::Accepts(call) => can(*call),
        Is::EachCan(phase, row) => format!("each_can_{}({phase})", row.word()),
        Is::Not(_) | Is::All(_) | Is::Either(_) => PROMELA.part(is),
    }
}

fn can(call: Call) -> String {
    format!("can_{}", call.name())
}

/// The same of each node, joined.
fn each(model: &Model, with: &str, what: impl Fn(usize) -> String) -> String {
    let all: Vec<String> = (0..model.nodes).map(what).collect();
    all.join(with)
}

/// Writes the model.
#[must_use]
pub fn promela(model: &Model) -> String {
    let mut text = head(model, &format!("liveness, {LEFT_OUT}"))
        .iter()
        .fold(String::new(), |text, line| text + "// " + line + "\n");
    let _ = writeln!(
        text,
        "//\n// Count:  spin -DCOUNT -a FILE; cc -O2 -DSAFETY -DNOCLAIM -o pan pan.c; ./pan -m1000000 -E\n\
         // Judge:  spin -a FILE; cc -O2 -o pan pan.c; ./pan -m1000000 -E -N never_PROPERTY\n"
    );
    let names = |names: Vec<String>| names.join(", ");
    let phases = model.table.profile.phases().iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "mtype = {{ off, on }};\nmtype = {{ {} }};\n", names(phases));
    let (nodes, none) = (model.nodes, model.versions);
    let _ = writeln!(text, "#define NONE {none}   /* no origin is recorded */\n");
    let _ = writeln!(
        text,
        "mtype mode = off;\nbyte origin = NONE;\nbool pending = false;\nmtype phase[{nodes}] = Active;\nbyte version[{nodes}] = 0;\n"
    );
    definitions(model, &mut text);
    over_transitions(model, &mut text);
    for row in &model.table.rows {
        inlines(model, row, &mut text);
    }
    text += "active proctype cluster() {\n  do\n";
    for row in &model.table.rows {
        for (number, _) in row.cases.iter().enumerate() {
            let name = inline_name(row, number);
            match row.parameters() {
                (false, _) => {
                    let _ = writeln!(text, "  :: d_step {{ {name}() }}");
                }
                (true, false) => (0..nodes).for_each(|node| {
                    let _ = writeln!(text, "  :: d_step {{ {name}({node}) }}");
                }),
                (true, true) => (0..nodes).for_each(|node| {
                    for version in 0..model.versions {
                        let _ = writeln!(text, "  :: d_step {{ {name}({node}, {version}) }}");
                    }
                }),
            }
        }
    }
    text += "  od\n}\n\n";
    for claim in claims(model.table.profile) {
        let (when, then) = (PROMELA.part(&claim.when), PROMELA.part(&claim.then));
        // Not as a formula of ltl: Spin's reader of those has no room for one about four nodes.
        let name = claim.word();
        let _ = writeln!(text, "#define {name} (!({when}) || ({then}))\n{}", never(&name));
    }
    text += "#ifndef COUNT\n";
    for (step, bit) in steps(model.table.profile).iter().zip(bits()) {
        let name = step.word();
        let _ = writeln!(text, "#define {name} (!(broken & {bit}))\n{}", never(&name));
    }
    text + "#endif\n"
}

fn never(name: &str) -> String {
    format!("never never_{name} {{ do :: !{name} -> break :: else od }}")
}

/// The bit of each property about transitions in what the last one broke.
fn bits() -> impl Iterator<Item = u32> {
    (0..).map(|place| 1 << place)
}

/// What was before a transition is remembered, outside the state, until it is known which properties it breaks. Where states are
/// only counted, nothing of it is.
fn over_transitions(model: &Model, text: &mut String) {
    let nodes = model.nodes;
    let remember = each(model, "; ", |i| {
        format!("was_phase[{i}] = phase[{i}]; was_version[{i}] = version[{i}]")
    });
    let _ = writeln!(
        text,
        "#ifdef COUNT
#define REMEMBER skip
#define MUST(holds, property) skip
#else
int broken = 0;   /* by the last transition: a bit a property */
hidden mtype was_mode;
hidden mtype was_phase[{nodes}];
hidden byte was_version[{nodes}];
#define REMEMBER broken = 0; was_mode = mode; {remember}
#define MUST(holds, property) broken = (broken | ((holds) -> 0 : property))
#endif
"
    );
}

fn fact(fact: &Fact, node: &str) -> String {
    let one_of = |variable: &str, phases: &[Phase]| {
        let each = phases.iter().map(|phase| format!("{variable}[{node}] == {phase}"));
        format!("({})", each.collect::<Vec<_>>().join(" || "))
    };
    match fact {
        Fact::After(is) => PROMELA.part(is),
        Fact::WasOn => "was_mode == on".to_owned(),
        Fact::Was(phases) => one_of("was_phase", phases),
        Fact::Becomes(phases) => one_of("phase", phases),
        Fact::SamePhase => format!("phase[{node}] == was_phase[{node}]"),
        Fact::SameVersion => format!("version[{node}] == was_version[{node}]"),
        Fact::Itself => format!("{node} == i"),
    }
}

/// Section 2.
fn definitions(model: &Model, text: &mut String) {
    let finalization = model.table.profile.phases().contains(&Phase::Finalizing);
    let serves = if finalization {
        &[Phase::Active, Phase::Finalizing, Phase::FinalizeFailed][..]
    } else {
        &[Phase::Active]
    };
    let of = |phases: &[Phase]| {
        let each: Vec<String> = phases.iter().map(|it| format!("phase[i] == {it}")).collect();
        format!("({})", each.join(" || "))
    };
    let joined: Vec<Phase> =
        model.table.profile.phases().iter().copied().filter(|phase| phase.joined()).collect();
    let mut define = |name: &str, what: String| {
        let _ = writeln!(text, "#define {name} ({what})");
    };
    define("joined(i)", of(&joined));
    define("serves(i)", of(serves));
    define("some(p)", each(model, " || ", |i| format!("phase[{i}] == p")));
    define("other(i, p)", each(model, " || ", |j| format!("({j} != i && phase[{j}] == p)")));
    define("served", each(model, " || ", |i| format!("serves({i})")));
    define("first_version", {
        let last = "NONE".to_owned();
        (0..model.nodes)
            .rev()
            .fold(last, |rest, i| format!("(joined({i}) -> version[{i}] : {rest})"))
    });
    let pairs = (0..model.nodes).flat_map(|i| (0..i).map(move |j| (j, i)));
    let pairs: Vec<String> = pairs
        .map(|(i, j)| format!("(joined({i}) && joined({j}) && version[{i}] != version[{j}])"))
        .collect();
    define("twoVersions", if pairs.is_empty() { "false".to_owned() } else { pairs.join(" || ") });
    define("joinedSome(x)", each(model, " || ", |i| format!("(joined({i}) && version[{i}] == x)")));
    define(
        "joinedOnly(x)",
        each(model, " && ", |i| format!("(!joined({i}) || version[{i}] == x)")),
    );
    define("upgraded", each(model, " + ", |i| format!("(joined({i}) && version[{i}] != origin)")));
    for (name, sign) in [("offlineOld", "=="), ("offlineNew", "!=")] {
        define(
            name,
            each(model, " || ", |i| {
                format!("(phase[{i}] == Offline && version[{i}] {sign} origin)")
            }),
        );
    }
    define("joinable(i)", {
        let others = each(model, " && ", |j| {
            format!("({j} == i || !joined({j}) || version[{j}] == version[i])")
        });
        format!("mode == on || ({others})")
    });
    for status in ClusterStatus::ALL.into_iter().filter(|it| model.table.profile.has(*it)) {
        let chosen = |cases: &[(Is, ClusterStatus)], last: String| {
            cases.iter().rev().fold(last, |rest, (is, of)| {
                match (PROMELA.part(is), *of == status) {
                    (always, here) if always == PROMELA.always => here.to_string(),
                    (when, true) => format!("({when} || {rest})"),
                    (when, false) => format!("(!({when}) && {rest})"),
                }
            })
        };
        define(&format!("is_{status}"), chosen(&model.table.statuses, "false".to_owned()));
        define(&format!("shows_{status}"), chosen(&model.table.shown, format!("is_{status}")));
    }
    for call in Call::of(model.table.profile) {
        let cases = model.table.rows.iter().filter(|row| row.call() == Some(*call));
        let cases: Vec<String> =
            cases.flat_map(|row| &row.cases).map(|case| format!("({})", guard(case))).collect();
        define(
            &can(*call),
            if cases.is_empty() {
                "false".to_owned()
            } else {
                format!("served && ({})", cases.join(" || "))
            },
        );
    }
    for row in model.table.rows.iter().filter(|row| row.of_a_node()) {
        let cases: Vec<String> =
            row.cases.iter().map(|case| format!("({})", guard(case))).collect();
        let word = row.word();
        define(
            &format!("can_{word}(i)"),
            if cases.is_empty() { "false".to_owned() } else { cases.join(" || ") },
        );
        define(
            &format!("each_can_{word}(p)"),
            each(model, " && ", |i| format!("(phase[{i}] != p || can_{word}({i}))")),
        );
    }
    text.push('\n');
}

fn guard(case: &Case) -> String {
    let guards = PROMELA.all(case.guards.iter().map(|(_, is)| is.clone()));
    if guards.is_empty() { "true".to_owned() } else { guards.join(" && ") }
}

fn inline_name(row: &Row, number: usize) -> String {
    if row.cases.len() > 1 {
        format!("{}_{}", row.word(), number + 1)
    } else {
        row.word().to_owned()
    }
}

fn inlines(model: &Model, row: &Row, text: &mut String) {
    let parameters = match row.parameters() {
        (false, _) => "",
        (true, false) => "i",
        (true, true) => "i, v",
    };
    let over = OverNotation {
        words: &PROMELA,
        fact: &fact,
        nodes: &|all, of| {
            let with = if all { " && " } else { " || " };
            format!("({})", each(model, with, |node| of(&node.to_string())))
        },
    };
    let all = steps(model.table.profile);
    let must: Vec<String> = (all.iter().zip(bits()))
        .flat_map(|(step, bit)| step.over(row.transition).map(move |it| (it, bit)))
        .map(|(must, bit)| format!("MUST({}, {bit})", over.part(must, "i")))
        .collect();
    for (number, case) in row.cases.iter().enumerate() {
        let sets = case.sets.iter().map(|set| assignment(model, set));
        let lines: Vec<String> =
            std::iter::once("REMEMBER".to_owned()).chain(sets).chain(must.clone()).collect();
        let _ = writeln!(
            text,
            "inline {}({parameters}) {{\n  {} ->\n    {}\n}}\n",
            inline_name(row, number),
            guard(case),
            lines.join(";\n    ")
        );
    }
}

fn assignment(model: &Model, set: &Set) -> String {
    match set {
        Set::Mode(Mode::On) => "mode = on".to_owned(),
        Set::Mode(Mode::Off) => "mode = off".to_owned(),
        Set::NoOrigin => "origin = NONE".to_owned(),
        Set::Origin => "origin = first_version".to_owned(),
        Set::FirstOrigin => "origin = 0".to_owned(),
        Set::Pending(pending) => format!("pending = {pending}"),
        Set::PendingWhile(is) => format!("pending = (pending && {})", PROMELA.part(is)),
        Set::Phase(phase) => format!("phase[i] = {phase}"),
        Set::Version => "version[i] = v".to_owned(),
        Set::Turn(from, to) => each(model, "; ", |i| {
            format!("if :: phase[{i}] == {from} -> phase[{i}] = {to} :: else fi")
        }),
    }
}
