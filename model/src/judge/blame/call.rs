//! Which rule does the outcome of a call break? The one by which it succeeds, or is refused, where it was sent.

use crate::judge::belief::{Belief, Outcome};
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
