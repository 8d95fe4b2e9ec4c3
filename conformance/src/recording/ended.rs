//! What became of a trace that no judge can tell from what it is told again: how far the trace came and why no further, what
//! explains all that was found, and what a load balancer did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zdu_model::judge::excuse::Excuse;
use zdu_model::judge::text::Text;
use zdu_model::spec::rule::Rule;

use crate::verdict::{End, Found, TraceResult};

/// A trace as it ended, or was not come to, in the words of whoever replayed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its name.
    pub name: Text,
    /// How it ended.
    pub end: End,
    /// How many steps were taken.
    pub steps: usize,
    /// How many steps it has.
    pub steps_all: usize,
    /// What else explains everything that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<Excuse>,
    /// Whether what was found is not told, since a driver explains it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// What was found at a load balancer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balancer: Vec<Found>,
    /// How often each rule of a load balancer was at stake.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub balancer_at_stake: BTreeMap<Rule, u64>,
}

impl Ended {
    /// What is to be recorded of this result.
    #[must_use]
    pub fn of(result: &TraceResult) -> Self {
        let found = result.findings.iter();
        let at_stake = result.at_stake.iter().map(|(rule, times)| (*rule, *times));
        Self {
            name: result.name.clone(),
            end: result.end.clone(),
            steps: result.steps,
            steps_all: result.steps_all,
            excuse: result.excuse,
            withheld: result.withheld,
            balancer: found.filter(|it| it.finding.rule.is_of_balancers()).cloned().collect(),
            balancer_at_stake: at_stake.filter(|(rule, _)| rule.is_of_balancers()).collect(),
        }
    }

    /// Says it in the result of a judge who was told the trace again.
    pub(super) fn tell(self, result: &mut TraceResult) {
        if self.withheld {
            result.withhold();
        }
        (result.end, result.excuse) = (self.end, self.excuse);
        (result.steps, result.steps_all) = (self.steps, self.steps_all);
        result.findings.extend(self.balancer);
        result.at_stake.extend(self.balancer_at_stake);
    }
}
