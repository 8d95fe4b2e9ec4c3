//! Where does a random trace lead? Wishes drawn from a seed; the model takes each one that it can follow.

use zdu_model::judge::seen::Request;
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::{Action, Run, SCHEMA, Trace};

/// How many steps in a row may follow without waiting: what may be the case then multiplies.
const HASTE_MAX: usize = 2;

/// A random trace of at most so many steps.
///
/// # Panics
/// If the scope has more nodes than a trace can name.
#[must_use]
pub fn walk(scope: Scope, seed: u64, steps_max: usize) -> Trace {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut run = Run::new(scope);
    let mut steps = Vec::new();
    let mut haste = 0;
    let hasty = random.bool();
    while steps.len() < steps_max {
        for action in wish(scope, &mut random) {
            let waits = haste == HASTE_MAX || !(hasty && random.f32() < 0.2);
            let mut next = run.clone();
            if let Ok(step) = next.take(action, waits) {
                run = next;
                steps.push(step);
                haste = if waits { 0 } else { haste + 1 };
            }
        }
    }
    if haste > 0 {
        steps.extend(run.take(Action::Look, true));
    }
    Trace {
        schema: SCHEMA.to_owned(),
        name: format!("walk-{seed}"),
        why: "A random walk.".to_owned(),
        profile: scope.profile,
        nodes: u8::try_from(scope.nodes).expect("few nodes"),
        versions: scope.versions,
        rules: Vec::new(),
        steps,
    }
}

/// Something to do, if the model can follow: a call, a step on a node, any part of what takes a node to another version, or
/// something that must come to nothing.
fn wish(scope: Scope, random: &mut fastrand::Rng) -> Vec<Action> {
    let id = NodeId::at(random.usize(..scope.nodes));
    let calls = Call::of(scope.profile);
    let call = calls[random.usize(..calls.len())];
    match random.u8(..20) {
        0..6 => vec![Action::Call(call)],
        6..11 => {
            let mut requests =
                vec![Request::Kill, Request::Stop, Request::Boot, Request::Break, Request::Repair];
            if scope.profile == Profile::Finalization {
                requests.push(Request::FailTasks);
            }
            vec![Action::Request(id, requests[random.usize(..requests.len())])]
        }
        11..16 => {
            let down = if random.bool() { Request::Kill } else { Request::Stop };
            let version = Version(random.u8(..scope.versions));
            let mut parts = vec![down, Request::Install(version), Request::Boot];
            parts.retain(|_| random.f32() < 0.85);
            parts.into_iter().map(|request| Action::Request(id, request)).collect()
        }
        16 => vec![Action::Race(call, 3)],
        17 => vec![Action::UnknownNode],
        18 => vec![if random.bool() { Action::Anonymous } else { Action::Plain }],
        _ => vec![Action::Look],
    }
}
