//! The same for programs: names instead of numbers, each step with its sentence and its command.

use serde_json::{Value, json};
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::ways::advice::{Advice, Until, What};

use super::{Counsel, Due, Work};
use crate::words::Words;

/// What `zdu advise --format json` prints (`"schema": "zdu-advice/1"`).
#[must_use]
pub fn json(counsel: &Counsel) -> Value {
    let words = Words::new(&counsel.names);
    let Advice { aim, calls, errors, .. } = &counsel.advice;
    let node = |id: NodeId| words.node(id);
    let nodes = counsel.entries.iter().enumerate().map(|(index, entry)| {
        let tasks = entry.iter().flat_map(|entry| &entry.failed_tasks);
        json!({
            "node": node(NodeId::at(index)),
            "id": entry.as_ref().map(|entry| &entry.id),
            "status": entry.as_ref().and_then(|entry| entry.status),
            "version": entry.as_ref().and_then(|entry| entry.version.as_ref()),
            "users": entry.as_ref().and_then(|entry| entry.users),
            "tasks": entry.as_ref().and_then(|entry| entry.tasks),
            "failed_tasks": tasks.collect::<Vec<_>>(),
        })
    });
    let list = counsel.list.iter().map(|Due { work, command }| {
        let (what, node, marks) = match work {
            Work::Step(step) => (kind(step.what), about(step.what).map(node), Some(&step.marks)),
            Work::Connect(id) => ("connect", Some(node(*id)), None),
            Work::LookInto(_) => ("look_into", None, None),
        };
        json!({
            "what": what,
            "node": node,
            "text": words.work(work),
            "rule": work.rule(),
            "basis": basis(work.rule()),
            "marks": marks.into_iter().flatten().collect::<Vec<_>>(),
            "command": command,
        })
    });
    let calls = calls.iter().zip(&counsel.calls).map(|(now, (_, command))| {
        json!({"call": now.call, "allowed": now.allowed, "rule": now.rule, "basis": basis(now.rule), "command": command})
    });
    let errors = errors.iter().map(|error| {
        let ways = error.ways.iter().map(|way| {
            let texts: Vec<String> = way.steps.iter().map(|step| words.step(step)).collect();
            json!({
                "way": way.way,
                "rule": way.way.rule(),
                "text": words.way_out(way.way, error.node),
                "command": counsel.shutting(error.node, way.way),
                "costs": way.costs,
                "steps": texts,
            })
        });
        json!({"node": node(error.node), "ways": ways.collect::<Vec<_>>()})
    });
    let wrong = counsel.wrong.iter().map(|wrong| {
        json!({
            "rule": wrong.rule,
            "basis": basis(wrong.rule),
            "page_says": words.one_allowed(&wrong.allowed),
            "build_shows": words.sight(&wrong.seen),
        })
    });
    json!({
        "schema": "zdu-advice/1",
        "direction": aim.direction,
        "reason": aim.reason,
        "version": counsel.names.version(aim.version),
        "status": counsel.seen.status,
        "upgrade_mode": counsel.seen.mode,
        "original_version": counsel.names.seen(counsel.seen.origin),
        "nodes": nodes.collect::<Vec<_>>(),
        "silent": counsel.silent.iter().map(|id| node(*id)).collect::<Vec<_>>(),
        "left_behind": counsel.ghosts,
        "out_of_rotation": counsel.places.out.iter().map(|id| node(*id)).collect::<Vec<_>>(),
        "rotation_unknown": counsel.places.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "nothing_to_do": counsel.list.is_empty(),
        "steps": list.collect::<Vec<_>>(),
        "calls": calls.collect::<Vec<_>>(),
        "errors": errors.collect::<Vec<_>>(),
        "against_the_page": wrong.collect::<Vec<_>>(),
        "identity": counsel.oddities.iter().map(|odd| words.oddity(odd)).collect::<Vec<_>>(),
        "again": counsel.again.to_string(),
    })
}

fn basis(rule: Rule) -> String {
    rule.basis().to_string()
}

const fn kind(what: What) -> &'static str {
    match what {
        What::Call(call) => call.name(),
        What::Request(_, request) => request.name(),
        What::PutRight(_) => "put_right",
        What::Wait(_) => "wait",
        What::AskAgain => "ask_again",
    }
}

const fn about(what: What) -> Option<NodeId> {
    match what {
        What::Request(id, _)
        | What::PutRight(id)
        | What::Wait(Until::Answers(id) | Until::Active(id) | Until::Down(id) | Until::Still(id)) => {
            Some(id)
        }
        What::Call(_) | What::Wait(Until::Status(_)) | What::AskAgain => None,
    }
}
