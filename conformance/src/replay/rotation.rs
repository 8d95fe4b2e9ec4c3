//! What did the load balancer do during a trace, and what is said of it (LB-1 to LB-4)?

use std::collections::BTreeMap;

use zdu_model::judge::finding::{Finding, Kind, Place, Sight};
use zdu_model::spec::rule::Rule;

use crate::driver::{Astray, Rotated};
use crate::verdict::{Found, TraceResult};

/// What was seen at a load balancer so far.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    at_stake: BTreeMap<Rule, u64>,
    found: Vec<Found>,
}

impl Turns {
    /// Takes over what was seen in a step. Gives the rules that were found broken there.
    pub(super) fn take(&mut self, rotated: Rotated, step: usize, at_ms: u64) -> Vec<Rule> {
        for (rule, times) in rotated.at_stake {
            *self.at_stake.entry(rule).or_default() += times;
        }
        let mut rules = Vec::new();
        for Astray { rule, node, due, seen } in rotated.astray {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
            let ends = !matches!(seen, Sight::Busy { .. });
            let kind = if ends { Kind::WrongAnswer } else { Kind::Timeout };
            let finding = Finding {
                kind,
                rule,
                step,
                place: Place::Balancer(node),
                allowed: vec![due],
                allowed_more: 0,
                seen,
                nearest: Vec::new(),
                event: 0,
                again: 0,
            };
            self.found.push(Found { finding, at_ms: Some(at_ms), exchange: None, waived: None });
        }
        rules
    }

    /// Says it in the trace's result.
    pub(super) fn tell(&mut self, result: &mut TraceResult) {
        result.at_stake.append(&mut self.at_stake);
        result.findings.append(&mut self.found);
    }
}
