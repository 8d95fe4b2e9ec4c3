//! How is one trace replayed? Step by step: do, wait until settled, judge; then back home.

use std::time::Instant;

use zdu_model::judge::event::{Attempt, Caller};
use zdu_model::judge::finding::{Allowed, Place};
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::{Deed, Trace};

use super::home::Home;
use super::session::{Session, Settled, Wrong, sight};
use super::site::{Site, View};
use crate::client::As;
use crate::verdict::{Command, End, Kind, Misfit, Need, NotReached, Stage, TraceResult};

/// An id that no cluster lists, for API-7.
const UNKNOWN_NODE: &str = "zdu-no-such-node";

/// What a run may do to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Operator's and faults' steps, and calls that succeed.
    pub disrupt: bool,
    /// Any POST at all.
    pub post: bool,
}

/// Why a trace cannot be replayed on this site with these means; `None` when it can.
#[must_use]
pub fn unfit(
    site: &Site,
    session: &Session<'_>,
    trace: &Trace,
    permission: Permission,
) -> Option<End> {
    let skip = |need: Need| Some(End::Skipped(need));
    let scope = site.scope();
    if trace.profile != scope.profile
        && trace.profile == zdu_model::spec::profile::Profile::Finalization
    {
        return Some(End::NotApplicable(Misfit::Profile(trace.profile)));
    }
    if usize::from(trace.nodes) != scope.nodes {
        let misfit = Misfit::Nodes { needs: trace.nodes, has: scope.nodes };
        return Some(End::NotApplicable(misfit));
    }
    if trace.versions > scope.versions {
        return skip(Need::Versions { needs: trace.versions, has: scope.versions });
    }
    for step in &trace.steps {
        let Ok(deed) = step.deed(trace.scope()) else {
            return skip(Need::Model);
        };
        match deed {
            Deed::Call(call) | Deed::Race(call, _) if !permission.post => {
                return skip(Need::Posts(call));
            }
            Deed::Call(call) | Deed::Race(call, _)
                if !permission.disrupt && step.answer != [409] =>
            {
                return skip(Need::DisruptingCall(call));
            }
            Deed::Request(id, request) if !permission.disrupt => {
                return skip(Need::DisruptingStep(id, request));
            }
            Deed::Request(id, request) if !session.driver.can(id, request) => {
                return skip(Need::Command(id, request));
            }
            Deed::Anonymous if !site.client.can_be(As::Admin) => {
                return skip(Need::Credentials);
            }
            Deed::Plain if !site.client.can_be(As::Plain) => {
                return skip(Need::PlainAccount);
            }
            Deed::Call(_)
            | Deed::Race(..)
            | Deed::Request(..)
            | Deed::Look
            | Deed::UnknownNode
            | Deed::Anonymous
            | Deed::Plain => {}
        }
    }
    None
}

/// Does one thing.
///
/// # Errors
/// What the driver could not do: the suite's own failure.
pub async fn perform(session: &mut Session<'_>, deed: Deed) -> Result<(), Text> {
    match deed {
        Deed::Call(call) => session.call(call).await,
        Deed::Race(call, times) => session.race(call, times).await,
        Deed::Request(id, request) => {
            return session.request(id, request).await.map_err(|error| error.to_string().into());
        }
        Deed::Look => session.only_reads(),
        Deed::UnknownNode => unknown_node(session).await,
        Deed::Anonymous => {
            stranger(session, As::Anonymous, 401).await;
            stranger(session, As::Impostor, 401).await;
        }
        Deed::Plain => stranger(session, As::Plain, 403).await,
    }
    Ok(())
}

async fn unknown_node(session: &mut Session<'_>) {
    session.only_reads();
    let url = format!("{}{}", session.site.base, session.site.layout.node(UNKNOWN_NODE));
    let reply = session.site.client.get(&url, As::Admin).await;
    session.record.answers.extend(reply.code);
    let silent = reply.nobody() && session.belief.may_serve();
    if reply.code != Some(404) && !silent {
        session.find(Wrong {
            kind: Kind::WrongAnswer,
            rule: Rule::Api7,
            place: Place::Attempt(Caller::Admin, Attempt::UnknownNode),
            allowed: (vec![Allowed::Code(404)], 0),
            seen: sight(&reply.exchange),
            nearest: Vec::new(),
            exchange: Some(&reply.exchange),
        });
    }
}

/// Asks for everything without the right to, a POST that would be refused anyway included.
async fn stranger(session: &mut Session<'_>, who: As, due: u16) {
    session.only_reads();
    // One wrong password is enough: a server may lock the account after a few.
    let views = match who {
        As::Impostor => vec![View::Overview],
        As::Admin | As::Anonymous | As::Plain => {
            vec![View::Overview, View::State, View::Node(NodeId::new(1))]
        }
    };
    let mut replies = Vec::new();
    for view in views {
        let url = session.site.view_url(&session.site.base, view);
        replies.push((Attempt::Read(view), session.site.client.get(&url, who).await));
    }
    let refused = session.belief.outcomes(Call::Approve).len() == 1
        && !session
            .belief
            .outcomes(Call::Approve)
            .contains(&zdu_model::judge::belief::Outcome::Success);
    if refused && who != As::Impostor {
        let url = session.site.call_url(Call::Approve);
        let attempt = Attempt::Call(Call::Approve);
        replies.push((attempt, session.site.client.post(&url, who).await));
    }
    let caller = match who {
        As::Admin => Caller::Admin,
        As::Anonymous => Caller::Anonymous,
        As::Impostor => Caller::WrongPassword,
        As::Plain => Caller::Plain,
    };
    for (attempt, reply) in replies {
        session.record.answers.extend(reply.code);
        if reply.code != Some(due) && !reply.nobody() {
            session.find(Wrong {
                kind: Kind::WrongAnswer,
                rule: Rule::Api10,
                place: Place::Attempt(caller, attempt),
                allowed: (vec![Allowed::Code(due)], 0),
                seen: sight(&reply.exchange),
                nearest: Vec::new(),
                exchange: Some(&reply.exchange),
            });
        }
    }
}

/// Replays one trace from the start, and takes the cluster back home.
pub async fn play(
    session: &mut Session<'_>,
    trace: &Trace,
    permission: Permission,
    replay: Command,
) -> TraceResult {
    let began = Instant::now();
    let mut result = TraceResult {
        steps_all: trace.steps.len(),
        rules: trace.rules.clone(),
        ..TraceResult::new(trace.name.as_str(), trace.why.as_str(), replay)
    };
    result.end = match unfit(session.site, session, trace, permission) {
        Some(end) => end,
        None => {
            let end = run(session, trace, permission, &mut result).await;
            let last = session.begin(0, Stage::Start);
            result.timeline.push(last);
            result.findings = std::mem::take(&mut session.findings);
            result.set_up = session.set_up;
            result.seconds = began.elapsed().as_secs_f64();
            end
        }
    };
    result.conclude();
    result
}

async fn run(
    session: &mut Session<'_>,
    trace: &Trace,
    permission: Permission,
    result: &mut TraceResult,
) -> End {
    let not_reached = |after_step, why| End::NotReached { after_step, why };
    match session.go_home(permission.disrupt).await {
        Home::There => {}
        Home::Elsewhere(misfit) => return End::NotApplicable(misfit),
        Home::Broken(reason) => return End::Broken(reason),
        Home::Unreachable(silence) => return End::Unreachable(silence),
        Home::Interrupted => return End::Interrupted,
    }
    session.site.log.home(&trace.name);
    match session.settle().await {
        Settled::Yes => {}
        Settled::TimedOut => return not_reached(0, NotReached::Unsettled),
        Settled::Blind => return not_reached(0, NotReached::Blind),
        Settled::Interrupted => return End::Interrupted,
    }
    let scope = trace.scope();
    let mut end = End::Done;
    for (index, step) in trace.steps.iter().enumerate() {
        let Ok(deed) = step.deed(scope) else { continue };
        if session.interrupted() {
            return End::Interrupted;
        }
        if let Deed::Request(id, request) = deed
            && !session.findings.is_empty()
            && !session.belief.can_take(id, request)
        {
            end = not_reached(index, NotReached::Impossible);
            break;
        }
        let last = session.begin(index + 1, Stage::Step(deed));
        result.timeline.push(last);
        if let Err(reason) = perform(session, deed).await {
            end = End::Broken(reason);
            break;
        }
        result.steps = index + 1;
        if step.then.is_empty() {
            continue;
        }
        match session.settle().await {
            Settled::Yes if session.findings.is_empty() || session.may_be_seen_as(&step.then) => {}
            // What follows was written for another cluster.
            Settled::Yes if index + 1 < trace.steps.len() => {
                end = not_reached(index + 1, NotReached::Elsewhere);
            }
            Settled::Yes => {}
            Settled::TimedOut => end = not_reached(index + 1, NotReached::Unsettled),
            Settled::Blind => end = not_reached(index + 1, NotReached::Blind),
            Settled::Interrupted => return End::Interrupted,
        }
        if end != End::Done {
            break;
        }
    }
    if let (Some(trouble), End::Done) = (session.trouble.take(), &end) {
        end = End::Broken(trouble);
    }
    // A reset before the next trace is surer than a way back; what it leaves is for the next trace, and for the report.
    if permission.disrupt && !session.driver.can_reset() {
        let last = session.begin(trace.steps.len() + 1, Stage::Home);
        result.timeline.push(last);
        let _ = session.walk_home().await;
    }
    end
}
