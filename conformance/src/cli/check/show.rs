//! How is a check's result told? A line a property for people, the runs of those that fail, and JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use zdu_model::check::procedure::rotation::survival::Lived;
use zdu_model::check::sought::Bound;
use zdu_model::spec::mutants::Mutants;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::semantics::System;

use super::found::{Finding, Found, Kind, LeftOut, Looked, Verdict};
use crate::cli::steps::Shown;

impl Found {
    fn all_sizes(&self) -> bool {
        matches!(self.looked, Looked::Views { .. })
    }

    /// One line.
    pub(crate) fn summary(&self) -> String {
        let counts: Vec<String> = (Kind::ALL.into_iter())
            .filter(|kind| self.of(*kind).next().is_some())
            .map(|kind| self.count(kind))
            .collect();
        let looked = match self.looked {
            Looked::States { states, transitions, depth, ended, unfolded } => {
                let ended = ended.map_or_else(String::new, |limit| {
                    format!(" and no further ({})", limit.by.text())
                });
                let depth = depth.map_or_else(String::new, |depth| format!(", depth {depth}"));
                let of = if self.engine == "symmetric" {
                    "states up to a renaming of the nodes"
                } else {
                    "states"
                };
                let unfolded = unfolded.map_or_else(String::new, |(states, transitions)| {
                    format!(", which stand for {states} states and {transitions} transitions")
                });
                format!("{states} {of}, {transitions} transitions{depth}{ended}{unfolded}")
            }
            Looked::Product { states } => format!("{states} states of operator and cluster"),
            Looked::Views { views, clusters, window } => {
                format!(
                    "{views} views of two nodes, {clusters} clusters of up to {window} nodes looked at"
                )
            }
        };
        let nodes = if self.all_sizes() {
            "every number of nodes".to_owned()
        } else {
            plural(self.system.scope.nodes, "node")
        };
        format!(
            "{}; {looked} ({nodes}, {} versions, {}, {:.2} s)",
            counts.join("; "),
            self.system.scope.versions,
            self.engine,
            self.seconds
        )
    }

    /// How many properties of a kind there are, and what became of them.
    fn count(&self, kind: Kind) -> String {
        let all = self.of(kind).count();
        let verdicts: Vec<String> = [
            Verdict::Holds,
            Verdict::Reached,
            Verdict::OnPurpose,
            Verdict::MustFail,
            Verdict::NotSurvived,
            Verdict::Undecided,
            Verdict::GivenUp(Bound::Time),
            Verdict::Gap,
            Verdict::Violated,
        ]
        .into_iter()
        .filter_map(|verdict| {
            // By what the search was ended is said elsewhere.
            let count = self.of(kind).filter(|it| it.verdict.word() == verdict.word()).count();
            let word = match (verdict, count) {
                (Verdict::Holds, 2..) => "hold",
                (Verdict::OnPurpose, _) => "not, on purpose",
                (Verdict::MustFail, 2..) => "fail as they must",
                (Verdict::Reached, _) if kind == Kind::Vacuity => "arise",
                _ => verdict.word(),
            };
            (count > 0).then(|| format!("{count} {word}"))
        })
        .collect();
        format!("{} {all} ({})", kind.word(), verdicts.join(", "))
    }

    /// What people read.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if let Some(mutant) = &self.mutant {
            let _ = writeln!(text, "with a mutant planted in the model: {mutant}\n");
        }
        for kind in Kind::ALL {
            for finding in self.of(kind).filter(|it| it.has_a_line()) {
                let _ = write!(text, "{}", finding.text(&self.system));
            }
        }
        text += &self.excused();
        if let Some(table) = &self.survival {
            let _ = writeln!(text, "\nWhat a cluster of N survives:\n\n{table}\n");
        }
        if let Some(table) = &self.rotation {
            let _ = writeln!(
                text,
                "What users live through with each node out of rotation while it is down:\n\n{table}\n"
            );
        }
        for (word, all) in [("left out", &self.left_out), ("not asked", &self.not_asked)] {
            for left in all {
                let LeftOut { what, why, next } = left;
                let _ = writeln!(text, "{word}: {what} ({why}; do it with: {next})");
            }
        }
        let _ = writeln!(text, "{}", self.summary());
        let _ = writeln!(text, "verdict: {}", self.verdict());
        if !self.holds() {
            let first = (self.findings.iter())
                .find(|finding| finding.verdict.exit() != crate::exit::Exit::Fine);
            let next = first.map_or_else(
                || {
                    let left = self.left_out.first();
                    left.map_or_else(|| "zdu check --list".to_owned(), |left| left.next.clone())
                },
                |finding| match finding.rule {
                    Some(rule) => format!(
                        "zdu check{} --property {rule}; the rule: zdu explain {rule}",
                        self.flags
                    ),
                    None => format!(
                        "look around: zdu explore{}",
                        self.flags.replace(" --all-sizes", "")
                    ),
                },
            );
            let _ = writeln!(text, "next: {next}");
        }
        text
    }

    /// What need not arise, by the reason why.
    fn excused(&self) -> String {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for finding in (self.of(Kind::Vacuity)).filter(|it| it.verdict == Verdict::OnPurpose) {
            let why = finding.note.as_deref().unwrap_or_default();
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, names)) => names.push(&finding.name),
                None => reasons.push((why, vec![&finding.name])),
            }
        }
        (reasons.iter())
            .map(|(why, names)| {
                let (verdict, kind) = (Verdict::OnPurpose.text(), Kind::Vacuity.word());
                format!("{verdict:<16} {kind:<12} {} ({why})\n", names.join(", "))
            })
            .collect()
    }

    /// What programs read.
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({
            "engine": self.engine,
            "profile": self.system.scope.profile.name(),
            "nodes": self.system.scope.nodes,
            "versions": self.system.scope.versions,
            "mutant": self.mutant,
            "states": null,
            "transitions": null,
            "depth": null,
            "seconds": self.seconds,
            "verdict": self.verdict(),
            "exit_code": self.exit().code(),
            "properties": self.findings.iter().map(|it| it.json(&self.system)).collect::<Vec<_>>(),
            "left_out": self.left_out.iter().map(LeftOut::json).collect::<Vec<_>>(),
            "not_asked": self.not_asked.iter().map(LeftOut::json).collect::<Vec<_>>(),
            "ended": null,
        });
        match self.looked {
            Looked::States { states, transitions, depth, ended, unfolded } => {
                json["unfolded"] = unfolded
                    .map(|(states, transitions)| json!({ "states": states, "transitions": transitions }))
                    .into();
                json["ended"] = ended.map(|limit| limit.to_string()).into();
                json["states"] = states.into();
                json["transitions"] = transitions.into();
                json["depth"] = depth.into();
            }
            Looked::Product { states } => json["product_states"] = states.into(),
            Looked::Views { views, clusters, window } => {
                json["nodes"] = Value::Null;
                json["views"] = views.into();
                json["clusters"] = clusters.into();
                json["window"] = window.into();
            }
        }
        if let Some(table) = &self.survival {
            json["survival"] = (table.rows.iter())
                .map(|row| {
                    json!({
                        "faults": row.faults,
                        "remedy": row.remedy.text(),
                        "nodes": row.cells.iter().enumerate().map(|(index, cell)| json!({
                            "nodes": index + 1,
                            "serves": cell.serves,
                            "finishes": cell.finishes,
                        })).collect::<Vec<_>>(),
                    })
                })
                .collect();
        }
        if let Some(table) = &self.rotation {
            let cell = |(index, cell): (usize, &Lived)| json!({ "nodes": index + 1, "reached": cell.reached, "kept": cell.kept });
            json["rotation"] = (table.rows.iter().enumerate())
                .map(|(faults, row)| json!({ "faults": faults, "nodes": row.iter().enumerate().map(cell).collect::<Vec<_>>() }))
                .collect();
        }
        json
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl LeftOut {
    fn json(&self) -> Value {
        json!({ "what": self.what, "why": self.why, "next": self.next })
    }
}

impl Finding {
    /// What arises as it must needs no line of its own, and what need not shares one.
    fn has_a_line(&self) -> bool {
        self.kind != Kind::Vacuity || !matches!(self.verdict, Verdict::Reached | Verdict::OnPurpose)
    }

    fn text(&self, system: &System<Mutants>) -> String {
        let mut text = format!(
            "{:<16} {:<12} {:<9} {}",
            self.verdict.text(),
            self.kind.word(),
            self.rule.map_or("", Rule::id),
            self.name
        );
        if let Some(note) = &self.note {
            let _ = write!(text, " ({note})");
        }
        text.push('\n');
        if let Some(run) = self.run.as_ref().filter(|_| self.verdict.explains()) {
            for line in run.text(system).lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
        text
    }

    fn json(&self, system: &System<Mutants>) -> Value {
        let run = self.run.as_ref().map(|run| run.json(system));
        let (counterexample, example) =
            if self.verdict.explains() { (run, None) } else { (None, run) };
        json!({
            "name": self.name,
            "rule": self.rule.map(Rule::id),
            "kind": self.kind.word(),
            "verdict": self.verdict.word(),
            "note": self.note,
            "steps": self.run.as_ref().map(Shown::steps),
            "counterexample": counterexample,
            "example": example,
        })
    }
}
