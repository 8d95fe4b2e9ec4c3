//! Which calls are allowed at this moment? (the last column of section 3; the rules MODE-1 to MODE-7 and FIN-4, FIN-5)

use std::collections::BTreeSet;

use serde::Serialize;

use super::Asked;
use crate::judge::blame;
use crate::spec::cluster::Mode;
use crate::spec::rule::Rule;
use crate::spec::semantics::{Answer, Semantics, Spec};
use crate::spec::transition::Call;

/// Whether a call is allowed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// In every explanation.
    Yes,
    /// In none.
    No,
    /// It depends on what is hidden.
    Depends,
    /// Nobody serves, so nobody answers.
    Unanswered,
}

/// A call at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CallNow {
    /// The call.
    pub call: Call,
    /// Whether it is allowed.
    pub allowed: Allowed,
    /// The rule by which it succeeds, or is refused.
    pub rule: Rule,
}

/// Every call of the profile.
pub(super) fn calls(asked: &Asked<'_>) -> Vec<CallNow> {
    Call::of(asked.scope.profile).iter().map(|call| now(asked, *call)).collect()
}

fn now(asked: &Asked<'_>, call: Call) -> CallNow {
    let profile = asked.scope.profile;
    let answers: BTreeSet<Answer> = (asked.explanations.iter())
        .map(|cluster| Spec.answer(profile, cluster, call))
        .filter(|answer| *answer != Answer::Nobody)
        .collect();
    let refusing =
        asked.explanations.iter().find(|one| Spec.answer(profile, one, call) == Answer::Refused);
    let allowed = match (answers.contains(&Answer::Success), refusing) {
        // A silent member hides what may speak against a call, and failed tasks that may be run again (section 7).
        (true, None) if !asked.silent.is_empty() => Allowed::Depends,
        (false, Some(cluster))
            if !asked.silent.is_empty() && call == Call::Retry && cluster.mode == Mode::Off =>
        {
            Allowed::Depends
        }
        (true, None) => Allowed::Yes,
        (true, Some(_)) => Allowed::Depends,
        (false, Some(_)) => Allowed::No,
        (false, None) => Allowed::Unanswered,
    };
    let rule = refusing.map_or_else(
        || blame::must_succeed(call),
        |cluster| blame::refused_by(profile, call, cluster),
    );
    CallNow { call, allowed, rule }
}
