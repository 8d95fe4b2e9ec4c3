//! Which answers are wrong although the hidden cluster is right?
//!
//! Every slip here changes the JSON of one kind of answer after `view` has written it correctly.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function concerns a handful of the many defects"
)]

use super::calls::Call;
use super::cluster::{Cluster, Phase, Status};
use super::defect::Defect as D;
use super::http::Answer;
use super::json::Json;
use super::view::Names;

/// Which answer a body belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Overview,
    State,
    Node(usize),
    Post(Call),
}

fn stale(cluster: &Cluster) -> Status {
    cluster.memory.status_before.unwrap_or(Status::Stable)
}

/// Slips of a body that is a Cluster.
pub(crate) fn bend_cluster(cluster: &Cluster, names: &Names, kind: Kind, json: &mut Json) {
    let Some(defect) = cluster.defect else { return };
    bend_listing(cluster, names, kind, json, defect);
    let overview = kind == Kind::Overview;
    match defect {
        D::OverviewStatusStale if overview => {
            json.replace("state", Json::text(stale(cluster).word()))
        }
        D::OverviewModeAlwaysOff if overview => {
            json.replace("upgradeModeEnabled", Json::bool(false))
        }
        D::OverviewModeStaysOn if overview && cluster.memory.starts > 0 => {
            json.replace("upgradeModeEnabled", Json::bool(true));
        }
        D::OriginMissing if cluster.mode => json.remove("originalVersion"),
        D::OriginNullWhileOn if cluster.mode => json.replace("originalVersion", Json::null()),
        D::OriginIsNumber if cluster.mode => {
            json.replace("originalVersion", Json::Raw("9.2".to_owned()))
        }
        D::OriginIsEmpty if cluster.mode => json.replace("originalVersion", Json::text("")),
        D::ClusterLacksMode => json.remove("upgradeModeEnabled"),
        D::ClusterLacksState => json.remove("state"),
        D::ClusterLacksNodes => json.remove("nodes"),
        D::NodesIsNull => json.replace("nodes", Json::null()),
        D::ModeIsText => json.replace("upgradeModeEnabled", Json::text(&cluster.mode.to_string())),
        D::ModeIsNumber => {
            json.replace("upgradeModeEnabled", Json::number(i64::from(cluster.mode)))
        }
        D::StateInLowerCase => {
            json.replace("state", Json::text(&cluster.status().word().to_lowercase()));
        }
        D::MixedHasAnotherWord if cluster.status() == Status::Mixed => {
            json.replace("state", Json::text("MIXED_VERSIONS"));
        }
        D::ApproveBodyLacksNodes if kind == Kind::Post(Call::Approve) => json.remove("nodes"),
        D::CancelBodyLacksMode if kind == Kind::Post(Call::Cancel) => {
            json.remove("upgradeModeEnabled")
        }
        D::TasksFlagFalse => json.replace("hasFinalizationTasks", Json::bool(false)),
        D::TasksFlagMissing => json.remove("hasFinalizationTasks"),
        D::TasksFlagAlwaysTrue => json.replace("hasFinalizationTasks", Json::bool(true)),
        _ => {}
    }
}

/// Slips of the list of nodes.
fn bend_listing(cluster: &Cluster, names: &Names, kind: Kind, json: &mut Json, defect: D) {
    let Some(Json::List(nodes)) = json.field("nodes") else {
        return;
    };
    let index_of = |node: &mut Json| {
        let id = node.field("id").map(|id| id.to_string()).unwrap_or_default();
        names.index(id.trim_matches('"'))
    };
    let phase_of =
        |node: &mut Json| index_of(node).map_or(Phase::Absent, |index| cluster.nodes[index].phase);
    for node in nodes.iter_mut() {
        if let Some(index) = index_of(node) {
            bend_node(cluster, index, node, defect);
            if defect == D::OverviewShowsErrorActive && cluster.nodes[index].phase == Phase::Error {
                node.replace("state", Json::text("ACTIVE"));
            }
            if defect == D::OverviewShowsLatestVersion && cluster.mode {
                node.replace("version", Json::text(&names.versions[cluster.versions - 1]));
            }
        }
    }
    if kind != Kind::Overview {
        return;
    }
    match defect {
        D::OverviewMissesNode => {
            nodes.retain_mut(|node| index_of(node) != Some(cluster.nodes.len() - 1))
        }
        D::OverviewMissesErrored => nodes.retain_mut(|node| phase_of(node) != Phase::Error),
        D::OverviewMissesOffline => nodes.retain_mut(|node| phase_of(node) != Phase::Offline),
        D::OverviewMissesUpgraded if cluster.mode => nodes.retain_mut(|node| {
            index_of(node).is_none_or(|index| Some(cluster.nodes[index].version) == cluster.origin)
        }),
        D::OverviewDoublesNode => nodes.extend(nodes.first().cloned()),
        D::OverviewHasGhost => {
            if let Some(mut ghost) = nodes.first().cloned() {
                ghost.replace("id", Json::text("5d41402a"));
                ghost.replace("name", Json::text("confluence-old"));
                nodes.push(ghost);
            }
        }
        D::OverviewKeepsRemoved => {
            for (index, node) in cluster.nodes.iter().enumerate() {
                if let (Phase::Absent, Some(mut ghost)) = (node.phase, nodes.first().cloned()) {
                    ghost.replace("id", Json::text(&names.ids[index]));
                    ghost.replace("name", Json::text(&names.names[index]));
                    ghost.replace("state", Json::text("ERROR"));
                    nodes.push(ghost);
                }
            }
        }
        _ => {}
    }
}

/// Slips of every node, wherever it is written.
pub(crate) fn bend_node(cluster: &Cluster, index: usize, json: &mut Json, defect: D) {
    let node = &cluster.nodes[index];
    let phase = node.phase;
    match defect {
        D::NodeLacksState => json.remove("state"),
        D::NodeLacksId => json.remove("id"),
        D::NodeLacksName => json.remove("name"),
        D::NodeLacksTasks => json.remove("tasksTotal"),
        D::NodeLacksLocal => json.remove("local"),
        D::ActiveNodeLacksVersion if phase == Phase::Active => json.remove("version"),
        D::StartingNodeHasNullVersion
            if matches!(phase, Phase::StartingOut | Phase::StartingIn) =>
        {
            json.replace("version", Json::null());
        }
        D::ErroredNodeLacksVersion if phase == Phase::Error => json.remove("version"),
        D::PortIsText => json.replace("portNumber", Json::text("5801")),
        D::BuildNumberIsNumber => json.replace("buildNumber", Json::number(9012)),
        D::TasksAreNegative => json.replace("tasksTotal", Json::number(-1)),
        D::TasksAreNull => json.replace("tasksTotal", Json::null()),
        D::UsersAreText => json.replace("activeUserCount", Json::text("3")),
        D::LocalIsText => json.replace("local", Json::text("false")),
        D::ActiveHasAnotherWord if phase == Phase::Active => {
            json.replace("state", Json::text("RUNNING"))
        }
        D::TerminatingHasAnotherWord
            if matches!(phase, Phase::TerminatingIn | Phase::TerminatingOut) =>
        {
            json.replace("state", Json::text("STOPPING"));
        }
        D::OfflineHasAnotherWord if phase == Phase::Offline => {
            json.replace("state", Json::text("DOWN"))
        }
        D::OfflineShownAsError if phase == Phase::Offline => {
            json.replace("state", Json::text("ERROR"))
        }
        D::OfflineShownActive if phase == Phase::Offline => {
            json.replace("state", Json::text("ACTIVE"))
        }
        D::ErrorShownActive if phase == Phase::Error => json.replace("state", Json::text("ACTIVE")),
        D::UpgradedShownStarting
            if phase == Phase::Active && cluster.mode && Some(node.version) != cluster.origin =>
        {
            json.replace("state", Json::text("STARTING"));
        }
        D::TasksShownActive if phase == Phase::Finalizing => {
            json.replace("state", Json::text("ACTIVE"))
        }
        D::FailedNodeShownActive if phase == Phase::FinalizeFailed => {
            json.replace("state", Json::text("ACTIVE"))
        }
        D::FailedNodeShownError if phase == Phase::FinalizeFailed => {
            json.replace("state", Json::text("ERROR"))
        }
        _ => {}
    }
}

/// Slips of the status call.
pub(crate) fn bend_state(cluster: &Cluster, names: &Names, json: &mut Json) {
    let Some(defect) = cluster.defect else { return };
    match defect {
        D::StateStale => json.replace("state", Json::text(stale(cluster).word())),
        D::StateAlwaysStable => json.replace("state", Json::text("STABLE")),
        D::StateIgnoresError if cluster.any(Phase::Error) => {
            json.replace(
                "state",
                Json::text(if cluster.mode { "READY_TO_UPGRADE" } else { "STABLE" }),
            );
        }
        D::StateLacksState => json.remove("state"),
        D::StateLacksBuildInfo => json.remove("buildInfo"),
        D::BuildInfoIsNull => json.replace("buildInfo", Json::null()),
        D::BuildInfoHasFirstVersion => {
            if let Some(info) = json.field("buildInfo") {
                info.replace("version", Json::text(&names.versions[0]));
            }
        }
        D::BuildInfoIsGhost => {
            if let Some(info) = json.field("buildInfo") {
                info.replace("id", Json::text("5d41402a"));
            }
        }
        _ => {}
    }
}

/// Slips of the node call alone.
pub(crate) fn bend_node_view(cluster: &Cluster, names: &Names, index: usize, json: &mut Json) {
    let Some(defect) = cluster.defect else { return };
    match defect {
        D::NodeViewStale => {
            if let Some(word) = cluster.nodes[index].word_before {
                json.replace("state", Json::text(word));
            }
        }
        D::NodeViewAlwaysActive => json.replace("state", Json::text("ACTIVE")),
        D::NodeViewShowsErrorActive if cluster.nodes[index].phase == Phase::Error => {
            json.replace("state", Json::text("ACTIVE"));
        }
        D::NodeViewLacksTasks => json.remove("tasksTotal"),
        D::NodeViewHasNameAsId => {
            json.replace("id", Json::text(&format!("{}.{index}", names.names[index])))
        }
        D::NodeViewHasFirstVersion => json.replace("version", Json::text(&names.versions[0])),
        D::NodeViewIsList => *json = Json::List(vec![json.clone()]),
        _ => {}
    }
}

/// Slips of the whole answer.
pub(crate) fn bend_answer(cluster: &Cluster, kind: Kind, answer: &mut Answer) {
    let Some(defect) = cluster.defect else { return };
    let login = |answer: &mut Answer, code: u16| {
        *answer = Answer::html(code, "Log in");
        answer.headers.push(("Location", "/login.action?os_destination=%2Frest%2Fzdu".to_owned()));
    };
    match (kind, defect) {
        (Kind::Overview, D::OverviewTruncated) => answer.body.truncate(answer.body.len() / 2),
        (Kind::Overview, D::OverviewIsHtml) => *answer = Answer::html(200, "Confluence"),
        (Kind::Overview, D::OverviewIsEmpty) => *answer = Answer::json(200, String::new()),
        (Kind::Overview, D::OverviewRedirects) => login(answer, 301),
        (Kind::Overview, D::OverviewFailsInMixed) if cluster.status() == Status::Mixed => {
            *answer = Answer::html(500, "Oops");
        }
        (Kind::State, D::StateIsHtml) => *answer = Answer::html(200, "Confluence"),
        (Kind::State, D::StateTruncated) => answer.body.truncate(answer.body.len() / 2),
        (Kind::State, D::StateFailsInError) if cluster.any(Phase::Error) => {
            *answer = Answer::html(500, "Oops")
        }
        (Kind::State, D::StateFailsWithModeOn) if cluster.mode => {
            *answer = Answer::html(500, "Oops")
        }
        (Kind::Node(_), D::NodeRedirects) => login(answer, 302),
        (Kind::Node(index), D::NodeFailsWhileOffline)
            if cluster.nodes[index].phase == Phase::Offline =>
        {
            *answer = Answer::html(500, "Oops");
        }
        (Kind::Post(_), D::PostsRedirect) => login(answer, 302),
        (Kind::Post(_), D::PostBodyTruncated) if answer.code == 200 => {
            answer.body.truncate(answer.body.len() / 2)
        }
        _ => {}
    }
}
