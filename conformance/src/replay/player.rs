//! How is one trace replayed? Step by step: do, wait until settled, judge; then back home.

use zdu_model::judge::event::Caller;
use zdu_model::judge::text::Text;
use zdu_model::judge::trial::Settled;
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::traces::scenario::Scenario;
use zdu_model::traces::trace::{Action, Trace};

use super::home::{Home, go_home, walk_home};
use super::perform::perform;
use super::port::Port;
use super::session::{Consent, Session};
use crate::driver::{Driver, DriverError};
use crate::progress::News;
use crate::verdict::{Command, End, Misfit, Need, NotReached, Stage, TraceResult};

/// What a run may do to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Operator's and faults' steps, and calls that succeed.
    pub disrupt: bool,
    /// Any POST at all.
    pub post: bool,
}

/// Which builds a trace is about: those that its scenario is about, whichever build it was made for.
#[must_use]
pub fn about(trace: &Trace) -> Profile {
    Scenario::named(&trace.name).map_or(trace.profile, |scenario| scenario.profile)
}

/// Why a trace cannot be replayed on this cluster with these means; `None` when it can.
#[must_use]
pub fn unfit(
    port: &impl Port,
    scope: Scope,
    driver: &dyn Driver,
    trace: &Trace,
    permission: Permission,
    downgrades: bool,
) -> Option<End> {
    let skip = |need: Need| Some(End::Skipped(need));
    let about = about(trace);
    if !port.runs(about) {
        return Some(End::NotApplicable(Misfit::Profile(about)));
    }
    if usize::from(trace.nodes) != scope.nodes {
        let (needs, has) = (trace.nodes, scope.nodes);
        return Some(End::NotApplicable(Misfit::Nodes { needs, has }));
    }
    if trace.versions > scope.versions {
        return skip(Need::Versions { needs: trace.versions, has: scope.versions });
    }
    if let Some(id) = trace.downgrades().filter(|_| permission.disrupt && !downgrades) {
        return skip(Need::Downgrade(id));
    }
    for step in &trace.steps {
        let Ok(action) = step.action(trace.scope()) else {
            return skip(Need::Model);
        };
        match action {
            Action::Call(call) | Action::Race(call, _) if !permission.post => {
                return skip(Need::Posts(call));
            }
            Action::Call(call) | Action::Race(call, _)
                if !permission.disrupt && step.answer != [409] =>
            {
                return skip(Need::DisruptingCall(call));
            }
            Action::Request(id, request) if !permission.disrupt => {
                return skip(Need::DisruptingStep(id, request));
            }
            Action::Request(id, request) if !driver.can(id, request) => {
                return skip(Need::Command(id, request));
            }
            Action::Anonymous if !port.can_be(Caller::Admin) => return skip(Need::Credentials),
            Action::Plain if !port.can_be(Caller::Plain) => return skip(Need::PlainAccount),
            Action::Call(_)
            | Action::Race(..)
            | Action::Request(..)
            | Action::Look
            | Action::UnknownNode
            | Action::Anonymous
            | Action::Plain => {}
        }
    }
    None
}

/// Replays one trace from the start, and takes the cluster back home.
pub async fn play<P: Port>(
    session: &mut Session<'_, P>,
    trace: &Trace,
    permission: Permission,
    replay: Command,
) -> TraceResult {
    let began = session.port.now();
    let mut result = TraceResult::new(trace.name.as_str(), trace.why.as_str(), replay);
    result.rules.clone_from(&trace.rules);
    result.steps_all = trace.steps.len();
    let scope = session.judge.belief().scope();
    if let Some(end) =
        unfit(session.port, scope, session.driver, trace, permission, session.downgrades)
    {
        result.end = end;
        result.conclude();
        return result;
    }
    session.log.begins(&trace.name, &session.judge);
    session.log.news(News::Began(trace));
    result.end = run(session, trace, permission, &mut result).await;
    let last = session.begin(0, Stage::Home);
    result.timeline.push(last);
    result.findings.clone_from(&session.found);
    result.at_stake = session.judge.at_stake();
    session.rotation.tell(&mut result);
    result.foreign = session.judge.roster().foreign().to_vec();
    result.set_up = session.set_up;
    let took = session.port.now().saturating_sub(began);
    result.seconds = std::time::Duration::from_micros(took).as_secs_f64();
    result.conclude();
    result
}

async fn run<P: Port>(
    session: &mut Session<'_, P>,
    trace: &Trace,
    permission: Permission,
    result: &mut TraceResult,
) -> End {
    // On the way to where the trace starts, and home again, nothing is looked out for.
    let stop_when = session.stop_when.take();
    match go_home(session, permission.disrupt).await {
        Home::There => {}
        Home::Elsewhere(misfit) => return End::NotApplicable(misfit),
        Home::Broken(error) => return undone(0, &error),
        Home::Unreachable(silence) => return End::Unreachable(silence),
        Home::Interrupted => return End::Interrupted,
    }
    // Whatever is done to it from here on is ours to undo.
    session.consent = Consent::Everything;
    session.stop_when = stop_when;
    let not_reached = |after_step, why| End::NotReached { after_step, why };
    match session.settle().await {
        Some(Settled::Yes) => {}
        Some(Settled::TimedOut) => return not_reached(0, NotReached::Unsettled),
        Some(Settled::Blind) => return not_reached(0, NotReached::Blind),
        Some(Settled::TooMany) => return not_reached(0, NotReached::TooMany),
        None => return session.cut_short(&trace.name),
    }
    let scope = trace.scope();
    let (mut end, mut late) = (End::Done, false);
    for (index, step) in trace.steps.iter().enumerate() {
        let Ok(action) = step.action(scope) else { continue };
        let action = session.based(action);
        if session.interrupted() {
            return session.cut_short(&trace.name);
        }
        // The run goes on from the state that the build chose as long as what follows is possible there.
        if let Action::Request(id, request) = action
            && !session.found.is_empty()
            && !session.judge.may_take(id, request)
        {
            end = not_reached(index, NotReached::Impossible);
            break;
        }
        let last = session.begin(index + 1, Stage::Step(action));
        result.timeline.push(last);
        if let Err(error) = perform(session, action).await {
            end = undone(index, &error);
            session.give_up().await;
            break;
        }
        result.steps = index + 1;
        if step.then.is_empty() {
            continue;
        }
        match session.settle().await {
            Some(Settled::Yes) => {}
            Some(Settled::TimedOut) if index + 1 == trace.steps.len() => {}
            // The judge holds what may still come, so the next step is judged as any other; one that is late again ends the trace.
            Some(Settled::TimedOut) if !late && session.goes_on_late() => {
                late = true;
                continue;
            }
            Some(Settled::TimedOut) => {
                end = not_reached(index + 1, NotReached::Unsettled);
                break;
            }
            Some(Settled::Blind) => {
                end = not_reached(index + 1, NotReached::Blind);
                break;
            }
            Some(Settled::TooMany) => {
                end = not_reached(index + 1, NotReached::TooMany);
                break;
            }
            None => return session.cut_short(&trace.name),
        }
        late = false;
    }
    session.stop_when = None;
    if let (Some(trouble), End::Done) = (session.trouble.take(), &end) {
        end = undone(trace.steps.len(), &trouble);
    }
    // A reset before the next trace is surer than a way back.
    if permission.disrupt && !session.resets && end != End::Interrupted {
        let last = session.begin(trace.steps.len() + 1, Stage::Home);
        result.timeline.push(last);
        let home = walk_home(session).await;
        session.at_home = home == Home::There;
        if let (Home::Broken(error), End::Done) = (home, &end) {
            end = after_the_last_step(trace.steps.len(), &error);
        }
    }
    end
}

/// What a trace comes to after this step where the next was not carried out.
fn undone(after_step: usize, error: &DriverError) -> End {
    match error {
        DriverError::LeftOut => End::Skipped(Need::Hand),
        DriverError::Ended => End::Interrupted,
        DriverError::Rotation => End::NotReached { after_step, why: NotReached::Rotation },
        DriverError::CannotDo(_) | DriverError::Failed { .. } => {
            End::Broken(Text::from(error.to_string()))
        }
    }
}

/// The same where only the way home was left: whoever has enough of that takes nothing from what was judged.
fn after_the_last_step(steps: usize, error: &DriverError) -> End {
    match error {
        DriverError::LeftOut | DriverError::Ended => End::Done,
        DriverError::CannotDo(_) | DriverError::Failed { .. } | DriverError::Rotation => {
            undone(steps, error)
        }
    }
}
