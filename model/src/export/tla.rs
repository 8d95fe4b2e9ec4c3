//! The model in TLA+, for TLC and other checkers. Its states and transitions are the model's: each enabled action of a
//! state, with its node and version, is one transition. TLC splits a disjunction in a guard, and a quantifier that stands for
//! one, into as many transitions as it has true parts; so a guard says that a set is not empty, or is written as a value.

use std::fmt::Write as _;

use super::notation::{LEFT_OUT, Notation, OverNotation, head};
use super::{Fact, Model, Step, claims, staying, steps};
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::Phase;
use crate::spec::table::{Case, Is, Reference, Row, Set};
use crate::spec::transition::{Call, Kind};

const TLA: Notation =
    Notation { atom, not: "~", and: " /\\ ", or: " \\/ ", always: "TRUE", never: "FALSE" };

fn atom(is: &Is) -> String {
    match is {
        Is::On => "mode = \"on\"".to_owned(),
        Is::Pending => "pending".to_owned(),
        Is::Served => "Served".to_owned(),
        Is::Some(phase) => format!("Some(\"{phase}\")"),
        Is::Other(phase) => format!("Other(i, \"{phase}\")"),
        Is::In(phases) if phases.len() == 1 => format!("phase[i] = \"{}\"", phases[0]),
        Is::In(phases) => format!("phase[i] \\in {}", set(phases)),
        Is::Joinable => "Joinable(i)".to_owned(),
        Is::NewVersion => "version[i] # v".to_owned(),
        Is::TwoVersions => "TwoVersions".to_owned(),
        Is::Old => "{i \\in Nodes : Joined(i) /\\ version[i] = origin} # {}".to_owned(),
        Is::Only(Reference::Origin) => "JoinedOnly(origin)".to_owned(),
        Is::Only(Reference::First) => "JoinedOnly(0)".to_owned(),
        Is::Upgraded(least) => {
            format!("Cardinality({{i \\in Nodes : Joined(i) /\\ version[i] # origin}}) >= {least}")
        }
        Is::Offline { origin } => {
            let sign = if *origin { "=" } else { "#" };
            format!("{{i \\in Nodes : phase[i] = \"Offline\" /\\ version[i] {sign} origin}} # {{}}")
        }
        Is::Recorded => "origin # None".to_owned(),
        Is::Status(status) => format!("Status = \"{status}\""),
        Is::Shown(status) => format!("Shown = \"{status}\""),
        Is::Accepts(call) => can(*call),
        Is::EachCan(phase, row) => format!("EachCan{}(\"{phase}\")", row.word()),
        Is::Not(_) | Is::All(_) | Is::Either(_) => TLA.part(is),
    }
}

fn set(phases: &[Phase]) -> String {
    let quoted: Vec<String> = phases.iter().map(|phase| format!("\"{phase}\"")).collect();
    format!("{{{}}}", quoted.join(", "))
}

fn can(call: Call) -> String {
    let name = call.name();
    format!("Can{}{}", name[..1].to_uppercase(), &name[1..])
}

/// Writes the module, which must be named as its file is.
#[must_use]
pub fn tla(model: &Model, module: &str) -> String {
    let mut text = format!("---- MODULE {module} ----\n");
    let left_out = format!("{LEFT_OUT}, and what a transition that changes nothing must do");
    head(model, &left_out).iter().for_each(|line| text += &format!("\\* {line}\n"));
    text += "\\*\n\\* Check it with a configuration that says: INIT Init, NEXT Next, INVARIANT for each property\n\\* about a single state, and PROPERTY for each about transitions, at the end; the configuration beside it does.\n\\* Liveness needs another, which says SPECIFICATION FairSpec, and PROPERTY for each of those: it is beside it, too.\n";
    let of = |which: fn(Phase) -> bool| {
        let phases = model.table.profile.phases().iter().copied();
        set(&phases.filter(|phase| which(*phase)).collect::<Vec<_>>())
    };
    let _ = write!(
        text,
        "EXTENDS Naturals, FiniteSets

Nodes == 1..{}
Versions == 0..{}
None == {}   \\* no origin is recorded

VARIABLES mode, origin, pending, phase, version
vars == <<mode, origin, pending, phase, version>>

\\* Section 2: definitions over the nodes.
Joined(i) == phase[i] \\in {}
Serves(i) == phase[i] \\in {}
Served == {{i \\in Nodes : Serves(i)}} # {{}}
Some(p) == {{i \\in Nodes : phase[i] = p}} # {{}}
Other(i, p) == {{j \\in Nodes \\ {{i}} : phase[j] = p}} # {{}}
TwoVersions == Cardinality({{version[i] : i \\in {{j \\in Nodes : Joined(j)}}}}) > 1
JoinedOnly(v) == \\A i \\in Nodes : Joined(i) => version[i] = v
Joinable(i) == mode # \"on\" => \\A j \\in Nodes : j # i /\\ Joined(j) => version[j] = version[i]
FirstVersion ==
    IF \\A i \\in Nodes : ~Joined(i) THEN None ELSE
    version[CHOOSE i \\in Nodes : Joined(i) /\\ \\A j \\in Nodes : Joined(j) => i <= j]

",
        model.nodes,
        model.versions - 1,
        model.versions,
        of(Phase::joined),
        of(Phase::serves),
    );
    statuses("Status", &model.table.statuses, None, &mut text);
    statuses("Shown", &model.table.shown, Some("Status"), &mut text);
    for call in Call::of(model.table.profile) {
        let cases = model.table.rows.iter().filter(|row| row.call() == Some(*call));
        let cases: Vec<String> = cases
            .flat_map(|row| &row.cases)
            .map(|case| format!("({})", guards(case).join(" /\\ ")))
            .collect();
        let can = can(*call);
        let _ = writeln!(
            text,
            "{can} == {}",
            if cases.is_empty() {
                "FALSE".to_owned()
            } else {
                format!("Served /\\ ({})", cases.join(" \\/ "))
            }
        );
    }
    for row in model.table.rows.iter().filter(|row| row.of_a_node()) {
        let cases: Vec<String> =
            row.cases.iter().map(|case| format!("({})", guards(case).join(" /\\ "))).collect();
        let (word, can) =
            (row.word(), if cases.is_empty() { "FALSE".to_owned() } else { cases.join(" \\/ ") });
        let _ = writeln!(text, "Can{word}(i) == {can}");
        let _ =
            writeln!(text, "EachCan{word}(p) == \\A i \\in Nodes : phase[i] = p => Can{word}(i)");
    }
    text += "\n\\* Section 3, and in profile finalization section 6: a definition a row.\n";
    model.table.rows.iter().for_each(|row| action(row, &mut text));
    next(model, &mut text);
    text += "\n\\* Section 5: the properties that are about a single state.\n";
    for claim in claims(model.table.profile) {
        let (when, then) = (TLA.part(&claim.when), TLA.part(&claim.then));
        let _ = writeln!(text, "{} == {when} => {then}", claim.word());
    }
    text += "\n\\* Section 5: the properties about transitions, of steps that change something.\n";
    for step in steps(model.table.profile) {
        let _ = writeln!(text, "{} ==\n    [][{}]_vars", step.word(), action_of(&step));
    }
    liveness(model, &mut text);
    text + "====\n"
}

/// Fairness of each spontaneous transition, per transition and node, and what it makes true once only these are taken.
fn liveness(model: &Model, text: &mut String) {
    let rows = model.table.rows.iter();
    let rows = rows.filter(|row| row.transition.kind() == Kind::Spontaneous);
    let spontaneous: Vec<String> = rows.map(|row| format!("{}(i)", row.word())).collect();
    let fair: Vec<String> = spontaneous.iter().map(|row| format!("WF_vars({row})")).collect();
    let _ = write!(
        text,
        "
\\* Section 5, liveness: no node stays so for ever once only spontaneous transitions are taken.
Spontaneous == \\E i \\in Nodes : {}
FairSpec == Spec /\\ \\A i \\in Nodes : {}
",
        spontaneous.join(" \\/ "),
        fair.join(" /\\ "),
    );
    for of in staying(model.table.profile) {
        let (word, stays) = (of.word(), TLA.part(&of.stays));
        let ends = format!("\\A i \\in Nodes : []<>~({stays})");
        let _ = writeln!(text, "{word} == <>[][Spontaneous]_vars => {ends}");
    }
}

/// What must be over each transition that is the row's.
fn action_of(step: &Step) -> String {
    let over = OverNotation {
        words: &TLA,
        fact: &fact,
        nodes: &|all, of| format!("(\\{} j \\in Nodes : {})", if all { "A" } else { "E" }, of("j")),
    };
    let parts = step.must.iter().map(|(rows, must)| {
        let must = over.part(must, "i");
        let of_nodes = rows.iter().any(|row| row.node().is_some());
        let (all, of) = if of_nodes { ("\\A i \\in Nodes : ", "(i)") } else { ("", "") };
        let rows: Vec<String> = rows.iter().map(|row| format!("{}{of}", row.word())).collect();
        if rows.is_empty() { must } else { format!("({all}{} => {must})", rows.join(" \\/ ")) }
    });
    parts.collect::<Vec<_>>().join(" /\\ ")
}

fn fact(fact: &Fact, node: &str) -> String {
    match fact {
        Fact::After(Is::On) => "mode' = \"on\"".to_owned(),
        Fact::After(Is::Shown(status)) => format!("Shown' = \"{status}\""),
        Fact::After(is) => format!("{}'", TLA.part(is)),
        Fact::WasOn => "mode = \"on\"".to_owned(),
        Fact::Was(phases) => format!("phase[{node}] \\in {}", set(phases)),
        Fact::Becomes(phases) => format!("phase'[{node}] \\in {}", set(phases)),
        Fact::SamePhase => format!("phase'[{node}] = phase[{node}]"),
        Fact::SameVersion => format!("version'[{node}] = version[{node}]"),
        Fact::Itself => format!("{node} = i"),
    }
}

/// The configuration with which the module is checked.
#[must_use]
pub fn tla_configuration(model: &Model) -> String {
    let mut text = "INIT Init\nNEXT Next\n".to_owned();
    claims(model.table.profile)
        .iter()
        .for_each(|claim| text += &format!("INVARIANT {}\n", claim.word()));
    steps(model.table.profile)
        .iter()
        .for_each(|step| text += &format!("PROPERTY {}\n", step.word()));
    text
}

/// The configuration with which liveness is checked.
#[must_use]
pub fn tla_liveness_configuration(model: &Model) -> String {
    let all = staying(model.table.profile);
    let properties = all.iter().map(|of| format!("PROPERTY {}\n", of.word()));
    "SPECIFICATION FairSpec\n".to_owned() + &properties.collect::<String>()
}

fn statuses(name: &str, cases: &[(Is, ClusterStatus)], last: Option<&str>, text: &mut String) {
    let _ = writeln!(text, "{name} ==");
    for (is, status) in cases {
        let _ = if *is == Is::All(Vec::new()) {
            writeln!(text, "    \"{status}\"")
        } else {
            writeln!(text, "    IF {} THEN \"{status}\" ELSE", TLA.part(is))
        };
    }
    let _ = writeln!(text, "{}", last.map_or_else(String::new, |last| format!("    {last}\n")));
}

fn guards(case: &Case) -> Vec<String> {
    let value = |guard: &Is| {
        let written = TLA.part(guard);
        if matches!(guard, Is::Either(_)) { format!("({written}) = TRUE") } else { written }
    };
    let guards: Vec<String> = case.guards.iter().map(|(_, is)| value(is)).collect();
    if guards.is_empty() { vec!["TRUE".to_owned()] } else { guards }
}

fn parameters(row: &Row) -> &'static str {
    match row.parameters() {
        (false, _) => "",
        (true, false) => "(i)",
        (true, true) => "(i, v)",
    }
}

fn action(row: &Row, text: &mut String) {
    let _ = writeln!(text, "{}{} ==", row.word(), parameters(row));
    if row.cases.is_empty() {
        *text += "    FALSE\n";
    }
    for case in &row.cases {
        let mut lines = guards(case);
        lines.extend(case.sets.iter().map(assignment));
        let set =
            |variable: &&str| lines.iter().any(|line| line.starts_with(&format!("{variable}' =")));
        let same: Vec<&str> = ["mode", "origin", "pending", "phase", "version"]
            .into_iter()
            .filter(|variable| !set(variable))
            .collect();
        if !same.is_empty() {
            lines.push(format!("UNCHANGED <<{}>>", same.join(", ")));
        }
        let mut before = if row.cases.len() > 1 { "    \\/ " } else { "    " };
        for line in lines {
            let _ = writeln!(text, "{before}/\\ {line}");
            before = if row.cases.len() > 1 { "       " } else { "    " };
        }
    }
    text.push('\n');
}

fn assignment(set: &Set) -> String {
    match set {
        Set::Mode(Mode::On) => "mode' = \"on\"".to_owned(),
        Set::Mode(Mode::Off) => "mode' = \"off\"".to_owned(),
        Set::NoOrigin => "origin' = None".to_owned(),
        Set::Origin => "origin' = FirstVersion".to_owned(),
        Set::FirstOrigin => "origin' = 0".to_owned(),
        Set::Pending(true) => "pending' = TRUE".to_owned(),
        Set::Pending(false) => "pending' = FALSE".to_owned(),
        Set::PendingWhile(is) => format!("pending' = (pending /\\ {})", TLA.part(is)),
        Set::Phase(phase) => format!("phase' = [phase EXCEPT ![i] = \"{phase}\"]"),
        Set::Version => "version' = [version EXCEPT ![i] = v]".to_owned(),
        Set::Turn(from, to) => format!(
            "phase' = [i \\in Nodes |-> IF phase[i] = \"{from}\" THEN \"{to}\" ELSE phase[i]]"
        ),
    }
}

fn next(model: &Model, text: &mut String) {
    *text += "Init ==
    /\\ mode = \"off\"
    /\\ origin = None
    /\\ pending = FALSE
    /\\ phase = [i \\in Nodes |-> \"Active\"]
    /\\ version = [i \\in Nodes |-> 0]

Next ==
";
    for row in &model.table.rows {
        let (name, parameters) = (row.word(), parameters(row));
        let of = match row.parameters() {
            (false, _) => "",
            (true, false) => "\\E i \\in Nodes : ",
            (true, true) => "\\E i \\in Nodes : \\E v \\in Versions : ",
        };
        let _ = writeln!(text, "    \\/ {of}{name}{parameters}");
    }
    *text += "\nSpec == Init /\\ [][Next]_vars\n";
}
