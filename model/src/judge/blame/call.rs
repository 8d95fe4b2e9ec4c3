//! Which rule does the outcome of a call break? The one by which it succeeds, or is refused, where it was sent.

use std::collections::BTreeSet;

use crate::judge::belief::{Belief, Hypothesis, Observation, Outcome};
use crate::spec::cluster::{Cluster, ClusterStatus, Mode};
use crate::spec::profile::Profile;
use crate::spec::rule::Rule;
use crate::spec::transition::Call;

/// The rule that a call's outcome breaks which nothing in `belief` explains.
#[must_use]
pub fn outcome(belief: &Belief, call: Call, outcome: Outcome) -> Rule {
    if outcome == Outcome::Refused {
        return must_succeed(call);
    }
    let mut rules = belief
        .hypotheses()
        .map(|hypothesis| refused_by(belief.scope().profile, call, &hypothesis.cluster));
    rules.next().unwrap_or(Rule::Api9)
}

/// The rule by which a call succeeds where it does.
#[must_use]
pub const fn must_succeed(call: Call) -> Rule {
    match call {
        Call::Start => Rule::Mode1,
        Call::Cancel => Rule::Mode3,
        Call::Approve => Rule::Mode5,
        Call::Retry => Rule::Fin4,
    }
}

/// The rule by which a call is refused in a state that refuses it.
#[must_use]
pub fn refused_by(profile: Profile, call: Call, cluster: &Cluster) -> Rule {
    let on = cluster.mode == Mode::On;
    let status = cluster.status();
    match call {
        Call::Start if on => Rule::Mode7,
        Call::Start if profile == Profile::Finalization && status != ClusterStatus::Mixed => {
            Rule::Fin5
        }
        Call::Start => Rule::Mode2,
        Call::Cancel | Call::Approve if !on => Rule::Mode7,
        Call::Cancel if status == ClusterStatus::Mixed => Rule::Mode3,
        Call::Cancel => Rule::Mode4,
        Call::Approve => Rule::Mode5,
        Call::Retry => Rule::Fin4,
    }
}

/// The rule that says what a call that succeeds does and answers.
#[must_use]
pub const fn gives(call: Call) -> Rule {
    match call {
        Call::Start => Rule::Api2,
        Call::Cancel => Rule::Api5,
        Call::Approve => Rule::Api6,
        Call::Retry => Rule::Fin4,
    }
}

/// Whether an overview shows the cluster as it was before a call, and not as the call would have made it.
#[must_use]
pub(in crate::judge) fn changed_nothing(
    before: &Belief,
    call: Call,
    overview: &Observation,
) -> bool {
    before.clone().observe(overview) && !made_by(before, call).observe(overview)
}

/// What only the call would have made, accepted where it is refused included.
fn made_by(before: &Belief, call: Call) -> Belief {
    let mut made = before.clone();
    made.force(call);
    made.narrow(|hypothesis| !before.hypotheses().any(|was| was == hypothesis));
    made
}

/// The rule by which a call had to be refused, if what it answers with shows that it was accepted in such a state: where
/// it might have been accepted, or refused, its code alone told nothing.
#[must_use]
pub(in crate::judge) fn accepted_where_refused(
    before: &Belief,
    call: Call,
    seen: &Observation,
) -> Option<Rule> {
    let refuses = |hypothesis: &Hypothesis| {
        let mut transitions = call.transitions(before.scope().profile).iter();
        !transitions.any(|transition| transition.enabled(&hypothesis.cluster))
    };
    if !before.hypotheses().any(refuses) {
        return None;
    }
    let mut refusing = before.clone();
    refusing.narrow(refuses);
    made_by(&refusing, call).observe(seen).then(|| outcome(&refusing, call, Outcome::Success))
}

/// The rule that a code breaks which is neither 200 nor 409.
#[must_use]
pub(in crate::judge) fn wrong_code(call: Call, allowed: &BTreeSet<Outcome>, code: u16) -> Rule {
    let accepted = matches!(code, 200..=299);
    if accepted && allowed.contains(&Outcome::Success) {
        gives(call)
    } else if !accepted && !allowed.contains(&Outcome::Refused) {
        must_succeed(call)
    } else {
        Rule::Api9
    }
}
