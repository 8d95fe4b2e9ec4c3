//! What can be done now? A cluster read once: the calls that it allows, what contradicts the model, and the shortest
//! documented way back to STABLE with every node ACTIVE.
//!
//! Nothing is sent but one read. Where phases are hidden the advice speaks of what the cluster comes to by itself.

mod way;

pub use way::{Move, Way};

use serde::Serialize;
use zdu_model::judge::belief::{Belief, Outcome, Overview, Request};
use zdu_model::judge::blame;
use zdu_model::judge::event::Caller;
use zdu_model::judge::watch::{Since, Watch};
use zdu_model::spec::cluster::{Cluster, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus};
use zdu_model::spec::rule::Rule;
use zdu_model::spec::transition::Call;

use crate::client::{Client, Settings};
use crate::driver::CommandDriver;
use crate::layout::Layout;
use crate::replay::Site;
use crate::secret::Credentials;
use crate::target::Target;
use crate::verdict::Command;
use crate::words::Words;

/// Whether a call is allowed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// It is.
    Yes,
    /// It is refused.
    No,
    /// It depends on what is hidden now.
    Depends,
}

/// A call, and what becomes of it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallAdvice {
    /// The call.
    pub call: Call,
    /// Whether it is allowed.
    pub allowed: Allowed,
    /// The rule that says so.
    pub rule: Rule,
    /// How to send it.
    pub command: String,
}

/// Something seen that the model does not explain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The rule.
    pub rule: Rule,
    /// What was allowed.
    pub allowed: String,
    /// What was seen.
    pub seen: String,
}

/// A node in ERROR, and the page's answers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeInError {
    /// The node's id.
    pub node: String,
    /// What to do, in the order to try it: the rule, what to do, and the command where there is one.
    pub answers: Vec<(Rule, String, Option<String>)>,
}

/// What there is to say of a cluster.
#[derive(Clone, Debug, Serialize)]
pub struct Advice {
    /// The cluster in one line.
    pub cluster: String,
    /// Each node in one line.
    pub nodes: Vec<String>,
    /// Each call.
    pub calls: Vec<CallAdvice>,
    /// What is seen against the model.
    pub contradictions: Vec<Contradiction>,
    /// What is still going on by itself, in one line.
    pub under_way: Option<String>,
    /// The nodes in ERROR.
    pub errors: Vec<NodeInError>,
    /// The way back; `None` when the cluster is there.
    pub way: Option<Way>,
}

/// The advice for a cluster that shows this overview.
#[must_use]
pub fn advise(site: &Site, target: &Target, seen: &Overview) -> Advice {
    let names = site.dictionary.names();
    let words = Words::new(&names);
    let driver =
        CommandDriver::new(target, &site.dictionary, target.timing.settle, site.client.redactor());
    let mut belief = Belief::from_overview(site.scope(), seen);
    belief.close();
    let settled = belief.is_settled();
    let found = Watch::new(site.scope()).see(seen, Since::Long);
    let contradictions = found
        .into_iter()
        .map(|found| Contradiction {
            rule: found.rule,
            allowed: words.one_allowed(&found.allowed),
            seen: words.sight(&found.seen),
        })
        .collect();
    let now = Belief::from_overview(site.scope(), seen);
    let calls = Call::of(site.dictionary.profile)
        .iter()
        .map(|call| call_advice(site, &now, *call))
        .collect();
    let mut rest = belief.clone();
    rest.settle();
    let from: Option<Cluster> = rest.states().into_iter().next().cloned();
    let under_way = (!settled).then(|| {
        from.as_ref().map_or_else(
            || "something is still going on".to_owned(),
            |from| format!("it comes by itself to {}", words.cluster(from)),
        )
    });
    Advice {
        cluster: format!("{}, {}", seen.status, words.mode_of(seen)),
        nodes: (0..seen.nodes.len())
            .map(|index| words.listed_node(NodeId::at(index), seen.nodes[index]))
            .collect(),
        calls,
        contradictions,
        under_way,
        errors: errors(site, &driver, seen),
        way: from.and_then(|from| Way::from(site, &driver, &from)),
    }
}

/// How to send a call by hand.
pub(crate) fn curl(site: &Site, call: Call) -> String {
    format!(
        "curl -u \"$ZDU_USERNAME:$ZDU_PASSWORD\" -X POST -H 'Content-Type: application/json' -H 'X-Atlassian-Token: no-check' \
         -d '{{}}' {}",
        [site.client.redactor().clean(&site.call_url(call))].into_iter().collect::<Command>()
    )
}

fn call_advice(site: &Site, now: &Belief, call: Call) -> CallAdvice {
    // Of what is shown now, without what may come of it.
    let mut outcomes = std::collections::BTreeSet::new();
    let mut refused_by = None;
    for hypothesis in now.hypotheses() {
        let cluster = &hypothesis.cluster;
        let success = call
            .transitions(site.dictionary.profile)
            .iter()
            .any(|transition| transition.enabled(cluster));
        outcomes.insert(if success { Outcome::Success } else { Outcome::Refused });
        if !success {
            refused_by.get_or_insert(blame::refused_by(site.dictionary.profile, call, cluster));
        }
    }
    let (allowed, rule) = match (outcomes.contains(&Outcome::Success), refused_by) {
        (true, None) => (Allowed::Yes, blame::must_succeed(call)),
        (true, Some(rule)) => (Allowed::Depends, rule),
        (false, rule) => (Allowed::No, rule.unwrap_or(Rule::Api9)),
    };
    CallAdvice { call, allowed, rule, command: curl(site, call) }
}

fn errors(site: &Site, driver: &CommandDriver, seen: &Overview) -> Vec<NodeInError> {
    let mut found = Vec::new();
    for (index, node) in seen.nodes.iter().enumerate() {
        if node.is_none_or(|node| node.status != Some(NodeStatus::Error)) {
            continue;
        }
        let id = NodeId::at(index);
        let name = site.dictionary.node_name(id);
        let line = |request| driver.line(id, request);
        let finish = match seen.mode {
            Mode::On => format!(
                "once {name} is OFFLINE, go on with the other nodes and finalize without it; connect it again later, fixed and on \
                 the cluster's version"
            ),
            Mode::Off => format!(
                "once {name} is OFFLINE it is removed from the cluster, and upgrade mode can be enabled; connect it again \
                 later, fixed and on the cluster's version"
            ),
        };
        found.push(NodeInError {
            node: name.clone(),
            answers: vec![
                (
                    Rule::Node7,
                    format!("shut Confluence down gracefully on {name}; it goes OFFLINE"),
                    line(Request::Stop),
                ),
                (
                    Rule::Node8,
                    format!("if it cannot be shut down gracefully, shut {name} down altogether"),
                    line(Request::Kill),
                ),
                (Rule::Node9, finish, line(Request::Boot)),
            ],
        });
    }
    found
}

/// The versions that a cluster lists, the original first, for a target that names none; `None` when it cannot be read.
pub async fn versions_of(target: &Target, credentials: &Credentials) -> Option<Vec<String>> {
    let settings = Settings {
        request: target.timing.request,
        ca_file: target.ca_file.as_deref(),
        credentials,
    };
    let client = Client::new(&settings).ok()?;
    let base = target.url.trim_end_matches('/');
    for layout in target.layout.map_or_else(|| Layout::ALL.to_vec(), |layout| vec![layout]) {
        let reply = client.get(&format!("{base}{}", layout.overview()), Caller::Admin).await;
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(&reply.body) else {
            continue;
        };
        let mut versions: Vec<String> = json["originalVersion"]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .into_iter()
            .collect();
        for node in json["nodes"].as_array()? {
            let version = node["version"].as_str().filter(|text| !text.is_empty());
            if let Some(version) =
                version.filter(|version| !versions.iter().any(|known| known == version))
            {
                versions.push(version.to_owned());
            }
        }
        if versions.len() == 1 {
            versions.push("another version".to_owned());
        }
        return (versions.len() > 1).then_some(versions);
    }
    None
}
