//! What the target file says: consent, commands, waivers, timing.

use std::time::Duration;

use zdu_model::judge::belief::Request;
use zdu_model::judge::roster::Known;
use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::spec::node::Version;
use zdu_model::spec::profile::Profile;

use super::Checkup;
use crate::driver::CommandDriver;
use crate::secret::Redactor;
use crate::target::Target;
use crate::wire::Dictionary;

/// A command as it would be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRun {
    /// The node's id; `None` for the whole cluster.
    pub node: Option<String>,
    /// The command's name in the target file.
    pub name: &'static str,
    /// The line for `sh -c`; `None` when there is no command.
    pub line: Option<String>,
}

/// The steps that a driver may be asked for, an install of the last version for all.
pub(super) fn requests(target: &Target) -> Vec<Request> {
    let last = u8::try_from(target.versions.len() - 1).unwrap_or(u8::MAX);
    let mut requests = vec![
        Request::Stop,
        Request::Kill,
        Request::Install(Version(last)),
        Request::Boot,
        Request::Break,
        Request::Repair,
    ];
    if target.profile != Some(Profile::Documented) {
        requests.push(Request::FailTasks);
    }
    requests
}

/// Every command of a target, filled in for each node; for a file without nodes, for a node `n1`.
#[must_use]
pub fn dry_run(target: &Target, ids: &[String]) -> Vec<DryRun> {
    let text = |text: &Option<String>| text.as_deref().map(Text::from);
    let listed = |id: &str| Known { id: Some(id.into()), ..Known::default() };
    let named = target.nodes.iter().map(|node| Known {
        id: text(&node.id),
        address: text(&node.address),
        name: text(&node.name),
        ..Known::default()
    });
    let nodes: Vec<Known> = match (target.nodes.is_empty(), ids.is_empty()) {
        (false, _) => named.collect(),
        (true, false) => ids.iter().map(|id| listed(id)).collect(),
        (true, true) => vec![listed("n1")],
    };
    let versions = target.versions.iter().map(|name| name.as_str().into()).collect();
    let dictionary = Dictionary { profile: target.family(), nodes, versions };
    let names = dictionary.names();
    let driver = CommandDriver::new(target, &dictionary, Duration::ZERO, &Redactor::default());
    let mut lines = Vec::new();
    for (index, id) in names.nodes.iter().map(ToString::to_string).enumerate() {
        for request in requests(target) {
            lines.push(DryRun {
                node: Some(id.clone()),
                name: request.name(),
                line: driver.line(NodeId::at(index), request),
            });
        }
        for name in ["connect", "disconnect"] {
            lines.push(DryRun {
                node: Some(id.clone()),
                name,
                line: driver.rotation_line(NodeId::at(index), name),
            });
        }
    }
    lines.push(DryRun { node: None, name: "reset", line: driver.reset_line() });
    lines
}

pub(super) fn check(checkup: &mut Checkup, target: &Target) {
    let layout = target.layout.map_or("auto", |layout| layout.name());
    checkup.good(
        "target file",
        format!(
            "{}, layout {layout}, profile {}, versions {}",
            target.url,
            target.profile.map_or("auto", Profile::name),
            target.versions.join(", ")
        ),
    );
    if target.allow_disruption {
        checkup
            .good("consent", "allow_disruption is set: nodes may be stopped and calls may succeed");
    } else {
        checkup.note(
            "consent",
            "allow_disruption is not set: only reads and refused calls are sent",
            "set `allow_disruption = true` on a cluster that may be disturbed",
        );
    }
    commands(checkup, target);
    let today = jiff::Zoned::now().date();
    for waiver in &target.waivers {
        let rule = waiver.rule;
        match waiver.expires {
            Some(expires) if today > expires => checkup.problem(
                "waiver",
                format!("{rule}: expired on {expires} ({})", waiver.reason),
                "renew its date if the deviation is still accepted, or take it out: a run ends with exit code 5",
            ),
            Some(expires) => checkup.good("waiver", format!("{rule}: until {expires} ({})", waiver.reason)),
            None => checkup.note(
                "waiver",
                format!("{rule}: without an end ({})", waiver.reason),
                "give it `expires = \"YYYY-MM-DD\"`, so that somebody looks again",
            ),
        }
    }
    let timing = target.timing;
    if timing.settle < timing.poll * 4 {
        checkup.problem(
            "timing",
            format!(
                "settle ({:?}) leaves hardly a reading at a poll of {:?}",
                timing.settle, timing.poll
            ),
            "make settle as long as the slowest restart takes, and poll a small part of it",
        );
    }
    if timing.quiet < timing.poll {
        checkup.note(
            "timing",
            format!(
                "quiet ({:?}) is shorter than poll ({:?}): a step with nothing to see is read once",
                timing.quiet, timing.poll
            ),
            "make quiet several times poll",
        );
    }
}

fn commands(checkup: &mut Checkup, target: &Target) {
    let lines = dry_run(target, &[]);
    let missing = |name: &str| -> Vec<&str> {
        lines
            .iter()
            .filter(|line| line.name == name && line.line.is_none())
            .filter_map(|line| line.node.as_deref())
            .collect()
    };
    let mut lacks = Vec::new();
    let mut has = Vec::new();
    // Whether a build whose profile is not named has upgrade tasks is for the target to say: `tasks`.
    let named = |request: &Request| *request != Request::FailTasks || target.profile.is_some();
    for request in requests(target).into_iter().filter(named) {
        let nodes = missing(request.name());
        if nodes.is_empty() {
            has.push(request.name());
        } else if nodes.len() < target.nodes.len() {
            lacks.push(format!("{} for {}", request.name(), nodes.join(", ")));
        } else {
            lacks.push(request.name().to_owned());
        }
    }
    if !has.is_empty() {
        checkup.good("commands", has.join(", "));
    }
    if !lacks.is_empty() {
        checkup.note(
            "commands",
            format!("missing: {}", lacks.join("; ")),
            "add them under [commands] (or for one node under [[node]]); traces that need them are skipped, as listed below",
        );
    }
    if target.commands.reset.is_none() {
        checkup.note(
            "commands",
            "no reset: after each trace the cluster is brought back step by step",
            "add `reset` if the whole cluster can be put back in one go",
        );
    }
    match (missing("connect").is_empty(), missing("disconnect").is_empty()) {
        // Asked itself, in `rotation`.
        _ if target.balancer.is_some() => {}
        (true, true) => checkup.good(
            "rotation",
            "connect and disconnect are there: each node is taken out of the load balancer's rotation while it is down",
        ),
        (false, false) => checkup.note(
            "rotation",
            "no connect and disconnect: the load balancer is left alone",
            "add both to take a node out of rotation before it is stopped (LB-1 to LB-6)",
        ),
        (true, false) | (false, true) => checkup.problem(
            "rotation",
            "of connect and disconnect only one is there",
            "add the other, or take both out: a node taken out of rotation must be put back",
        ),
    }
    for line in lines.iter().filter_map(|line| line.line.as_ref()) {
        if let Some(left) = placeholder(line) {
            checkup.problem(
                "commands",
                format!("`{line}` still holds `{left}`"),
                "the placeholders are {id}, {name}, {version} (for install) and {url}; a shell's own braces need a space or a $",
            );
        }
    }
}

/// The command that a build with upgrade tasks wants beside the others.
pub(super) fn tasks(checkup: &mut Checkup, target: &Target) {
    let name = Request::FailTasks.name();
    if dry_run(target, &[]).iter().any(|line| line.name == name && line.line.is_none()) {
        checkup.note(
            "commands",
            format!("missing: {name}; this build has upgrade tasks"),
            "add it under [commands]; traces that need it are skipped, as listed below",
        );
    }
}

/// What looks like a placeholder that nothing replaces: a lone word in braces that no `$` precedes.
pub(super) fn placeholder(line: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(open) = line[from..].find('{').map(|at| from + at) {
        let close = line[open..].find('}').map(|at| open + at)?;
        let word = &line[open + 1..close];
        let lone =
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if lone && !line[..open].ends_with('$') {
            return Some(&line[open..=close]);
        }
        from = open + 1;
    }
    None
}
