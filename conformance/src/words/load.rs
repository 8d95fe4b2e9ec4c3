//! How users fared while nodes went out of rotation and came back.

use zdu_model::spec::rule::Rule;

use super::{counted, millis};
use crate::load::{Fault, Judged, Load};

/// The times for which nodes were out, and what is said of LB-5 and LB-6, a line each.
#[must_use]
pub fn turns(load: &Load) -> Vec<String> {
    if load.rules.is_empty() {
        let why = "LB-5, LB-6 not tried: no [balancer] in a target file says which node is out of rotation";
        return vec![why.to_owned()];
    }
    let turn = |turn: &crate::load::Turn| {
        let from = millis(turn.from_ms);
        match turn.back_ms {
            Some(back) => {
                format!("{} was out of rotation from {from} to {}", turn.member, millis(back))
            }
            None => format!("{} was out of rotation from {from} on", turn.member),
        }
    };
    let mut lines: Vec<String> = load.turns.iter().map(turn).collect();
    lines.extend(load.rules.iter().map(|(rule, judged)| said(*rule, judged)));
    lines
}

/// What a request that failed came to: a code, or nothing.
#[must_use]
pub fn failure(what: &str) -> String {
    match what.parse::<u16>() {
        Ok(code) => format!("failed, answered with {code}"),
        Err(_) => format!("failed, {what}"),
    }
}

/// The longest time in which no request succeeded, and the slowest answer.
#[must_use]
pub fn slowest(load: &Load) -> String {
    format!(
        "the longest time in which no request succeeded: {}, {} after the beginning; the slowest answer: {}",
        millis(load.longest_gap_ms),
        millis(load.longest_gap_at_ms),
        millis(load.slowest_ms)
    )
}

fn said(rule: Rule, judged: &Judged) -> String {
    if !judged.faults.is_empty() {
        let faults: Vec<String> = judged.faults.iter().map(fault).collect();
        return format!("{rule} deviates: {}", faults.join("; "));
    }
    match (rule, judged.tried) {
        (Rule::Lb6, 0) => format!("{rule} not tried: no request while a node was out of rotation"),
        (Rule::Lb6, tried) => {
            format!("{rule} held: {tried} requests while a node was out of rotation")
        }
        (_, 0) => format!(
            "{rule} not tried: no user was seen on a node that went out of rotation; --node-after tells who answers"
        ),
        (_, tried) => format!(
            "{rule} held, at stake {tried} times: users of a node that went out, of others, and new ones"
        ),
    }
}

fn fault(fault: &Fault) -> String {
    match fault {
        Fault::Stayed(member, users) => {
            let users = counted(*users, "user");
            format!("{users} answered by {member} while it was out of rotation")
        }
        Fault::Moved(member, users) => format!(
            "{} of other nodes moved when {member} went out, though theirs were in",
            counted(*users, "user")
        ),
        Fault::Shunned(member, new) => {
            format!("{}, and none at {member} once it was back", counted(*new, "new user"))
        }
        Fault::Failed(requests) => format!("{} failed", counted(*requests, "request")),
    }
}
