//! How is one trace replayed? Step by step: do, wait until settled, judge; then back home.

use std::time::Instant;

use zdu_model::spec::node::NodeId;
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;
use zdu_model::traces::trace::{Action, Trace};

use super::home::Home;
use super::session::{Finding, Session, Settled};
use super::site::{Site, View};
use crate::client::As;
use crate::verdict::{Kind, TraceResult, Verdict};

/// An id that no cluster lists, for API-7.
const UNKNOWN_NODE: &str = "zdu-no-such-node";

/// Why a replay cannot go on after an overview of another shape.
const BLIND: &str = "the overview cannot be read, so nothing after it can be judged";

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
) -> Option<(Verdict, String)> {
    let skip = |reason: String| Some((Verdict::Skipped, reason));
    let scope = site.scope();
    if trace.profile != scope.profile
        && trace.profile == zdu_model::spec::profile::Profile::Finalization
    {
        return Some((
            Verdict::NotApplicable,
            "the trace is about profile finalization".to_owned(),
        ));
    }
    if usize::from(trace.nodes) != scope.nodes {
        return Some((
            Verdict::NotApplicable,
            format!("the trace is for {} nodes, the cluster has {}", trace.nodes, scope.nodes),
        ));
    }
    if trace.versions > scope.versions {
        return skip(format!(
            "it needs {} versions; the target file names {}",
            trace.versions, scope.versions
        ));
    }
    for step in &trace.steps {
        let Ok(action) = step.action(trace.scope()) else {
            return skip("the trace does not fit the model".to_owned());
        };
        match action {
            Action::Call(call) | Action::Race(call, _) if !permission.post => {
                return skip(format!(
                    "it sends POST {call}, and only reads are allowed (--observe-only)"
                ));
            }
            Action::Call(call) | Action::Race(call, _)
                if !permission.disrupt && step.answer != [409] =>
            {
                return skip(format!(
                    "{call} may succeed in it, and `allow_disruption` is not set in the target file"
                ));
            }
            Action::Request(id, request) if !permission.disrupt => {
                return skip(format!(
                    "it needs `{request}` on {}, and `allow_disruption` is not set in the target file",
                    site.id(id)
                ));
            }
            Action::Request(id, request) if !session.driver.can(id, request) => {
                return skip(format!(
                    "there is no command `{}` for node {}",
                    request.name(),
                    site.id(id)
                ));
            }
            Action::Anonymous if !site.client.can_be(As::Admin) => {
                return skip("it needs a target that asks for credentials; none are set (ZDU_USERNAME or ZDU_TOKEN)".to_owned());
            }
            Action::Plain if !site.client.can_be(As::Plain) => {
                return skip(
                    "it needs an account without system administration (ZDU_PLAIN_USERNAME)"
                        .to_owned(),
                );
            }
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

/// Does one thing.
///
/// # Errors
/// What the driver could not do: the suite's own failure.
pub async fn perform(session: &mut Session<'_>, action: Action) -> Result<(), String> {
    match action {
        Action::Call(call) => session.call(call).await,
        Action::Race(call, times) => session.race(call, times).await,
        Action::Request(id, request) => {
            return session.request(id, request).await.map_err(|error| error.to_string());
        }
        Action::Look => session.only_reads(),
        Action::UnknownNode => unknown_node(session).await,
        Action::Anonymous => {
            stranger(session, As::Anonymous, 401).await;
            stranger(session, As::Impostor, 401).await;
        }
        Action::Plain => stranger(session, As::Plain, 403).await,
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
        let seen = reply.code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
        let name = format!("node {UNKNOWN_NODE}");
        session.find(Finding {
            kind: Kind::WrongAnswer,
            rule: Rule::Api7,
            view: name,
            allowed: vec!["404".to_owned()],
            seen,
            nearest: None,
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
        replies.push((session.site.view_name(view), session.site.client.get(&url, who).await));
    }
    let refused = session.belief.outcomes(Call::Approve).len() == 1
        && !session
            .belief
            .outcomes(Call::Approve)
            .contains(&zdu_model::judge::belief::Outcome::Success);
    if refused && who != As::Impostor {
        let url = session.site.call_url(Call::Approve);
        replies.push(("POST approve".to_owned(), session.site.client.post(&url, who).await));
    }
    for (name, reply) in replies {
        session.record.answers.extend(reply.code);
        if reply.code != Some(due) && !reply.nobody() {
            let seen = reply.code.map_or_else(|| "no answer".to_owned(), |code| code.to_string());
            session.find(Finding {
                kind: Kind::WrongAnswer,
                rule: Rule::Api10,
                view: name,
                allowed: vec![due.to_string()],
                seen,
                nearest: None,
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
    replay: &str,
) -> TraceResult {
    let began = Instant::now();
    let mut result = TraceResult {
        name: trace.name.clone(),
        why: trace.why.clone(),
        verdict: Verdict::Pass,
        steps: 0,
        rules: trace.rules.clone(),
        rule: None,
        expected: None,
        observed: None,
        reason: None,
        replay: replay.to_owned(),
        seconds: 0.0,
        deviations: Vec::new(),
        timeline: Vec::new(),
    };
    if let Some((verdict, reason)) = unfit(session.site, session, trace, permission) {
        result.verdict = verdict;
        result.reason = Some(reason);
        return result;
    }
    let end = run(session, trace, permission, &mut result).await;
    let last = session.begin(0, "");
    result.timeline.push(last);
    result.deviations = std::mem::take(&mut session.findings);
    result.seconds = began.elapsed().as_secs_f64();
    match end {
        End::Done => {}
        End::Stopped(reason) => result.reason = Some(reason),
        End::Elsewhere(reason) => {
            result.verdict = Verdict::NotApplicable;
            result.reason = Some(reason);
            return result;
        }
        End::Broken(reason) => {
            result.verdict = Verdict::Broken;
            result.reason = Some(reason);
        }
        End::Unreachable(reason) => {
            result.verdict = Verdict::Timeout;
            result.reason = Some(format!("the target cannot be reached: {reason}"));
        }
        End::Interrupted => {
            result.verdict = Verdict::Skipped;
            result.reason = Some("interrupted".to_owned());
        }
    }
    conclude(&mut result);
    result
}

/// How a run of a trace ended.
enum End {
    Done,
    Stopped(String),
    Elsewhere(String),
    Broken(String),
    Unreachable(String),
    Interrupted,
}

async fn run(
    session: &mut Session<'_>,
    trace: &Trace,
    permission: Permission,
    result: &mut TraceResult,
) -> End {
    match session.go_home(permission.disrupt).await {
        Home::There => {}
        Home::Elsewhere(reason) => return End::Elsewhere(reason),
        Home::Broken(reason) => return End::Broken(reason),
        Home::Unreachable(reason) => return End::Unreachable(reason),
        Home::Interrupted => return End::Interrupted,
    }
    session.site.log.home(&trace.name);
    match session.settle().await {
        Settled::Yes => {}
        Settled::TimedOut => {
            return End::Stopped("the cluster did not settle before the first step".to_owned());
        }
        Settled::Blind => return End::Stopped(BLIND.to_owned()),
        Settled::Interrupted => return End::Interrupted,
    }
    let scope = trace.scope();
    let mut end = End::Done;
    for (index, step) in trace.steps.iter().enumerate() {
        let Ok(action) = step.action(scope) else { continue };
        if session.interrupted() {
            return End::Interrupted;
        }
        if let Action::Request(id, request) = action
            && !session.findings.is_empty()
            && !session.belief.can_take(id, request)
        {
            end = End::Stopped(format!(
                "after the deviation step {} ({action}) is no longer possible",
                index + 1
            ));
            break;
        }
        let last = session.begin(index + 1, &words(session.site, action));
        result.timeline.push(last);
        if let Err(reason) = perform(session, action).await {
            end = End::Broken(reason);
            break;
        }
        result.steps = index + 1;
        if step.then.is_empty() {
            continue;
        }
        match session.settle().await {
            Settled::Yes if session.findings.is_empty() || session.may_be_seen_as(&step.then) => {}
            Settled::Yes => {
                // What follows was written for another cluster.
                end = End::Stopped(format!(
                    "after the deviation the cluster is elsewhere than step {} leaves it",
                    index + 1
                ));
                break;
            }
            Settled::TimedOut => {
                end = End::Stopped(format!("step {} did not settle", index + 1));
                break;
            }
            Settled::Blind => {
                end = End::Stopped(BLIND.to_owned());
                break;
            }
            Settled::Interrupted => return End::Interrupted,
        }
    }
    if let (Some(trouble), End::Done) = (session.trouble.take(), &end) {
        end = End::Broken(trouble);
    }
    // A reset before the next trace is surer than a way back.
    if permission.disrupt && !session.driver.can_reset() {
        let last = session.begin(trace.steps.len() + 1, "back to the initial state");
        result.timeline.push(last);
        if let (Home::Elsewhere(reason) | Home::Broken(reason), End::Done) =
            (session.walk_home().await, &end)
        {
            end = End::Stopped(format!("the cluster was not brought back: {reason}"));
        }
    }
    end
}

/// What a step does, in the target's words.
fn words(site: &Site, action: Action) -> String {
    match action {
        Action::Request(id, zdu_model::judge::belief::Request::Install(version)) => {
            format!("install {} on {}", site.dictionary.version_name(version), site.id(id))
        }
        Action::Request(id, request) => format!("{} {}", request.name(), site.id(id)),
        Action::Call(_)
        | Action::Race(..)
        | Action::Look
        | Action::UnknownNode
        | Action::Anonymous
        | Action::Plain => action.to_string(),
    }
}

/// Draws the verdict from what was found.
pub(crate) fn conclude(result: &mut TraceResult) {
    let of = |kind: Kind| {
        result.deviations.iter().find(move |found| found.kind == kind && found.waived.is_none())
    };
    let wrong = of(Kind::WrongAnswer);
    let late = of(Kind::Timeout);
    let strange = of(Kind::Unmodelled);
    let (verdict, first) = match (wrong, late, strange) {
        (Some(first), _, _) => (Verdict::Deviates, Some(first)),
        (None, Some(first), _) => (Verdict::Timeout, Some(first)),
        (None, None, Some(first)) => (Verdict::Unmodelled, Some(first)),
        (None, None, None) => match result.deviations.first() {
            Some(first) => (Verdict::Waived, Some(first)),
            None => (result.verdict, None),
        },
    };
    // The suite's own failure hides a pass, never a deviation.
    if result.verdict == Verdict::Pass || matches!(verdict, Verdict::Deviates) {
        result.verdict = verdict;
    }
    if let Some(first) = first {
        result.rule = Some(first.rule);
        result.expected = Some(first.allowed.join("; or "));
        result.observed = Some(first.seen.clone());
    }
}
