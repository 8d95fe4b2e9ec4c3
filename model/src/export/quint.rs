//! The model in Quint.

use std::fmt::Write as _;

use super::notation::{LEFT_OUT, Notation, OverNotation, head};
use super::{Fact, Model, claims, steps};
use crate::spec::cluster::{ClusterStatus, Mode};
use crate::spec::node::Phase;
use crate::spec::table::{Case, Is, Reference, Row, Set};
use crate::spec::transition::Call;

const QUINT: Notation =
    Notation { atom, not: "not", and: " and ", or: " or ", always: "true", never: "false" };

fn atom(is: &Is) -> String {
    match is {
        Is::On => "mode == \"on\"".to_owned(),
        Is::Pending => "pending".to_owned(),
        Is::Served => "served".to_owned(),
        Is::Some(phase) => format!("some(\"{phase}\")"),
        Is::Other(phase) => format!("other(i, \"{phase}\")"),
        Is::In(phases) => format!("phase.get(i).in({})", set(phases)),
        Is::Joinable => "joinable(i)".to_owned(),
        Is::NewVersion => "version.get(i) != v".to_owned(),
        Is::TwoVersions => "twoVersions".to_owned(),
        Is::Old => "members.exists(i => version.get(i) == origin)".to_owned(),
        Is::Only(Reference::Origin) => "joinedOnly(origin)".to_owned(),
        Is::Only(Reference::First) => "joinedOnly(0)".to_owned(),
        Is::Upgraded(least) => {
            format!("members.filter(i => version.get(i) != origin).size() >= {least}")
        }
        Is::Offline { origin } => {
            let sign = if *origin { "==" } else { "!=" };
            format!(
                "NODES.exists(i => phase.get(i) == \"Offline\" and version.get(i) {sign} origin)"
            )
        }
        Is::Recorded => "origin != NONE".to_owned(),
        Is::Status(status) => format!("status == \"{status}\""),
        Is::Shown(status) => format!("shown == \"{status}\""),
        Is::Accepts(call) => can(*call),
        Is::EachCan(phase, row) => format!("eachCan{}(\"{phase}\")", row.word()),
        Is::Not(_) | Is::All(_) | Is::Either(_) => QUINT.part(is),
    }
}

fn set(phases: &[Phase]) -> String {
    let quoted: Vec<String> = phases.iter().map(|phase| format!("\"{phase}\"")).collect();
    format!("Set({})", quoted.join(", "))
}

fn can(call: Call) -> String {
    let name = call.name();
    format!("can{}{}", name[..1].to_uppercase(), &name[1..])
}

/// Writes the module.
#[must_use]
pub fn quint(model: &Model) -> String {
    let mut text = String::new();
    head(model, &format!("liveness, {LEFT_OUT}"))
        .iter()
        .for_each(|line| text += &format!("// {line}\n"));
    text += "//\n// Simulate:  quint run --invariant=PROPERTY FILE; of a property about transitions, with what the transition was:\n\
             // quint run --main=zduSteps --init=initStep --step=nextStep --invariant=PROPERTY FILE\n";
    let of = |which: fn(Phase) -> bool| {
        let phases = model.table.profile.phases().iter().copied();
        set(&phases.filter(|phase| which(*phase)).collect::<Vec<_>>())
    };
    let _ = write!(
        text,
        "module zdu {{
  pure val NODES = 1.to({})
  pure val VERSIONS = 0.to({})
  pure val NONE = {}   // no origin is recorded

  var mode: str
  var origin: int
  var pending: bool
  var phase: int -> str
  var version: int -> int

  // Section 2: definitions over the nodes.
  def joined(i: int): bool = phase.get(i).in({})
  def serves(i: int): bool = phase.get(i).in({})
  val members = NODES.filter(i => joined(i))
  val served = NODES.exists(i => serves(i))
  def some(p: str): bool = NODES.exists(i => phase.get(i) == p)
  def other(i: int, p: str): bool = NODES.exists(j => j != i and phase.get(j) == p)
  val twoVersions = members.exists(i => members.exists(j => version.get(i) != version.get(j)))
  def joinedOnly(v: int): bool = members.forall(i => version.get(i) == v)
  def joinable(i: int): bool =
    mode == \"on\" or members.forall(j => j == i or version.get(j) == version.get(i))
  val firstJoined = NODES.fold(0, (first, i) =>
    if (joined(i) and (first == 0 or i < first)) i else first)
  val firstVersion = if (firstJoined == 0) NONE else version.get(firstJoined)

",
        model.nodes,
        model.versions - 1,
        model.versions,
        of(Phase::joined),
        of(Phase::serves),
    );
    statuses("status", &model.table.statuses, None, &mut text);
    statuses("shown", &model.table.shown, Some("status"), &mut text);
    for call in Call::of(model.table.profile) {
        let cases = model.table.rows.iter().filter(|row| row.call() == Some(*call));
        let cases: Vec<String> = cases
            .flat_map(|row| &row.cases)
            .map(|case| format!("({})", guards(case).join(" and ")))
            .collect();
        let _ = writeln!(
            text,
            "  val {} = {}",
            can(*call),
            if cases.is_empty() {
                "false".to_owned()
            } else {
                format!("served and ({})", cases.join(" or "))
            }
        );
    }
    for row in model.table.rows.iter().filter(|row| row.of_a_node()) {
        let cases: Vec<String> =
            row.cases.iter().map(|case| format!("({})", guards(case).join(" and "))).collect();
        let can = if cases.is_empty() { "false".to_owned() } else { cases.join(" or ") };
        let word = row.word();
        let _ = writeln!(text, "  def can{word}(i: int): bool = {can}");
        let _ = writeln!(
            text,
            "  def eachCan{word}(p: str): bool = NODES.forall(i => phase.get(i) == p implies can{word}(i))"
        );
    }
    text += "\n  // Section 3, and in profile finalization section 6: an action a row.\n";
    model.table.rows.iter().for_each(|row| action(row, &mut text));
    init_and_step(model, &mut text);
    text += "\n  // Section 5: the properties that are about a single state.\n";
    for claim in claims(model.table.profile) {
        let (when, then) = (QUINT.part(&claim.when), QUINT.part(&claim.then));
        let _ = writeln!(text, "  val {} = ({when}) implies ({then})", claim.word());
    }
    text += "}\n";
    over_transitions(model, &mut text);
    text
}

/// A module of its own with what was before each transition, so that the model's states have no more than the spec's.
fn over_transitions(model: &Model, text: &mut String) {
    *text += "
// The same with the last transition: its name, its node (0 for an API call), and what was before it.
module zduSteps {
  import zdu.*

  var taken: str
  var by: int
  var wasMode: str
  var wasPhase: int -> str
  var wasVersion: int -> int

  action initStep: bool = all {
    init,
    taken' = \"\",
    by' = 0,
    wasMode' = \"off\",
    wasPhase' = NODES.mapBy(_ => \"Active\"),
    wasVersion' = NODES.mapBy(_ => 0),
  }

  action nextStep: bool = {
    nondet i = NODES.oneOf()
    nondet v = VERSIONS.oneOf()
    all {
      wasMode' = mode,
      wasPhase' = phase,
      wasVersion' = version,
      any {
";
    for row in &model.table.rows {
        let by = if row.parameters().0 { "i" } else { "0" };
        let (action, word) = (applied(row), row.word());
        let _ = writeln!(text, "        all {{ {action}, taken' = \"{word}\", by' = {by} }},");
    }
    *text += "      }\n    }\n  }\n\n  // Section 5: the properties about transitions.\n";
    let over = OverNotation {
        words: &QUINT,
        fact: &fact,
        nodes: &|all, of| {
            format!("NODES.{}(j => {})", if all { "forall" } else { "exists" }, of("j"))
        },
    };
    for step in steps(model.table.profile) {
        let parts = step.must.iter().map(|(rows, must)| {
            let must = over.part(must, "by");
            let rows: Vec<String> = rows.iter().map(|row| format!("\"{}\"", row.word())).collect();
            match rows.as_slice() {
                [] => must,
                rows => format!("(taken.in(Set({})) implies {must})", rows.join(", ")),
            }
        });
        let parts = parts.collect::<Vec<_>>().join(" and ");
        let _ = writeln!(text, "  val {} = {parts}", step.word());
    }
    *text += "}\n";
}

fn fact(fact: &Fact, node: &str) -> String {
    match fact {
        Fact::After(is) => format!("({})", QUINT.part(is)),
        Fact::WasOn => "(wasMode == \"on\")".to_owned(),
        Fact::Was(phases) => format!("wasPhase.get({node}).in({})", set(phases)),
        Fact::Becomes(phases) => format!("phase.get({node}).in({})", set(phases)),
        Fact::SamePhase => format!("(phase.get({node}) == wasPhase.get({node}))"),
        Fact::SameVersion => format!("(version.get({node}) == wasVersion.get({node}))"),
        Fact::Itself => format!("({node} == by)"),
    }
}

fn statuses(name: &str, cases: &[(Is, ClusterStatus)], last: Option<&str>, text: &mut String) {
    let _ = writeln!(text, "  val {name}: str =");
    for (is, status) in cases {
        let _ = if *is == Is::All(Vec::new()) {
            writeln!(text, "    \"{status}\"")
        } else {
            writeln!(text, "    if ({}) \"{status}\" else", QUINT.part(is))
        };
    }
    let _ = writeln!(text, "{}", last.map_or_else(String::new, |last| format!("    {last}\n")));
}

fn guards(case: &Case) -> Vec<String> {
    let guards = QUINT.all(case.guards.iter().map(|(_, is)| is.clone()));
    if guards.is_empty() { vec!["true".to_owned()] } else { guards }
}

fn name(row: &Row) -> String {
    let name = row.word();
    format!("do{name}")
}

fn action(row: &Row, text: &mut String) {
    let parameters = match row.parameters() {
        (false, _) => "",
        (true, false) => "(i: int)",
        (true, true) => "(i: int, v: int)",
    };
    let _ = writeln!(text, "  action {}{parameters}: bool = any {{", name(row));
    if row.cases.is_empty() {
        let stays = "mode' = mode, origin' = origin, pending' = pending, phase' = phase, version' = version";
        let _ = writeln!(text, "    all {{ false, {stays} }},");
    }
    for case in &row.cases {
        let mut lines = guards(case);
        lines.extend(case.sets.iter().map(assignment));
        for variable in ["mode", "origin", "pending", "phase", "version"] {
            if !lines.iter().any(|line| line.starts_with(&format!("{variable}' ="))) {
                lines.push(format!("{variable}' = {variable}"));
            }
        }
        let _ = writeln!(text, "    all {{ {} }},", lines.join(", "));
    }
    *text += "  }\n";
}

fn assignment(set: &Set) -> String {
    match set {
        Set::Mode(Mode::On) => "mode' = \"on\"".to_owned(),
        Set::Mode(Mode::Off) => "mode' = \"off\"".to_owned(),
        Set::NoOrigin => "origin' = NONE".to_owned(),
        Set::Origin => "origin' = firstVersion".to_owned(),
        Set::FirstOrigin => "origin' = 0".to_owned(),
        Set::Pending(pending) => format!("pending' = {pending}"),
        Set::PendingWhile(is) => format!("pending' = (pending and {})", QUINT.part(is)),
        Set::Phase(phase) => format!("phase' = phase.set(i, \"{phase}\")"),
        Set::Version => "version' = version.set(i, v)".to_owned(),
        Set::Turn(from, to) => format!(
            "phase' = phase.keys().mapBy(i => if (phase.get(i) == \"{from}\") \"{to}\" else phase.get(i))"
        ),
    }
}

fn init_and_step(model: &Model, text: &mut String) {
    *text += "
  action init: bool = all {
    mode' = \"off\",
    origin' = NONE,
    pending' = false,
    phase' = NODES.mapBy(_ => \"Active\"),
    version' = NODES.mapBy(_ => 0),
  }

  action step: bool = {
    nondet i = NODES.oneOf()
    nondet v = VERSIONS.oneOf()
    any {
";
    for row in &model.table.rows {
        let _ = writeln!(text, "      {},", applied(row));
    }
    *text += "    }\n  }\n";
}

/// A row's action of the node and version that were chosen.
fn applied(row: &Row) -> String {
    let arguments = match row.parameters() {
        (false, _) => "",
        (true, false) => "(i)",
        (true, true) => "(i, v)",
    };
    name(row) + arguments
}
