//! Which answers are wrong although the hidden cluster is right?
//!
//! Every slip here changes the JSON of one kind of answer after `view` has written it correctly.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function concerns a handful of the many defects"
)]

use super::json::Json;
use super::view::Entry;
use crate::cluster::calls::Call;
use crate::cluster::{Cluster, Phase, Status};
use crate::defect::Defect as D;
use crate::exchange::Answer;
use crate::names::Names;

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
pub(crate) fn bend_cluster(
    cluster: &Cluster,
    names: &Names,
    kind: Kind,
    answering: usize,
    json: &mut Json,
) {
    let Some(defect) = cluster.defect else { return };
    let overview = kind == Kind::Overview;
    match defect {
        D::OverviewStatusStale if overview => {
            json.replace("state", Json::word(stale(cluster).word()))
        }
        D::ModeHidden if overview => json.replace("upgradeModeEnabled", Json::Bool(false)),
        D::OverviewModeStaysOn if overview && cluster.memory.starts > 0 => {
            json.replace("upgradeModeEnabled", Json::Bool(true));
        }
        D::OriginalVersionMissing if cluster.mode => json.remove("originalVersion"),
        D::OriginNullWhileOn if cluster.mode => json.replace("originalVersion", Json::Null),
        D::OriginIsNumber if cluster.mode => json.replace("originalVersion", Json::Raw("9.2")),
        D::OriginIsEmpty if cluster.mode => json.replace("originalVersion", Json::word("")),
        D::ClusterLacksMode => json.remove("upgradeModeEnabled"),
        D::ClusterLacksState => json.remove("state"),
        D::ClusterLacksNodes => json.remove("nodes"),
        D::NodesIsNull => json.replace("nodes", Json::Null),
        D::ModeIsText => json.replace("upgradeModeEnabled", Json::text(&cluster.mode.to_string())),
        D::ModeIsNumber => {
            json.replace("upgradeModeEnabled", Json::Number(i64::from(cluster.mode)))
        }
        D::StateInLowerCase => {
            json.replace("state", Json::text(&cluster.status().word().to_lowercase()));
        }
        D::MixedHasAnotherWord if cluster.status() == Status::Mixed => {
            json.replace("state", Json::word("MIXED_VERSIONS"));
        }
        D::UnknownStatusWord if cluster.mode => json.replace("state", Json::word("UPGRADING")),
        D::OriginalVersionFollows if cluster.mode => {
            let running = cluster.nodes[answering].version;
            json.replace("originalVersion", Json::text(&names.versions[running]));
        }
        D::ModeIsNull => json.replace("upgradeModeEnabled", Json::Null),
        D::ClusterStateIsNull => json.replace("state", Json::Null),
        D::NodesIsObject => json.replace("nodes", Json::Object(Vec::new())),
        D::FlagIsText => json.put("hasFinalizationTasks", Json::word("false")),
        D::StatusNeverCatchesUp if overview => {
            let status = cluster.memory.status_at_post.unwrap_or(Status::Stable);
            json.replace("state", Json::word(status.word()));
        }
        D::ApproveBodyLacksNodes if kind == Kind::Post(Call::Approve) => json.remove("nodes"),
        D::CancelBodyLacksMode if kind == Kind::Post(Call::Cancel) => {
            json.remove("upgradeModeEnabled")
        }
        D::TasksFlagAlwaysTrue => json.replace("hasFinalizationTasks", Json::Bool(true)),
        _ => {}
    }
}

/// Slips of the list of nodes.
pub(crate) fn bend_entries(
    cluster: &Cluster,
    names: &Names,
    kind: Kind,
    answering: usize,
    entries: &mut Vec<Entry>,
) {
    let Some(defect) = cluster.defect else { return };
    let phase = |index: &Option<usize>| index.map(|index| cluster.nodes[index].phase);
    for (index, entry) in entries.iter_mut() {
        let Some(index) = *index else {
            bend_ghost(cluster, entry);
            continue;
        };
        bend_node(cluster, names, index, entry, defect);
        if defect == D::OverviewShowsErrorActive && cluster.nodes[index].phase == Phase::Error {
            entry.replace("state", Json::word("ACTIVE"));
        }
        if defect == D::OverviewShowsLatestVersion && cluster.mode {
            entry.replace("version", Json::text(&names.versions[cluster.versions - 1]));
        }
    }
    if kind != Kind::Overview {
        return;
    }
    let last = Some(cluster.nodes.len() - 1);
    match defect {
        D::OverviewOmitsNode => entries.retain(|(index, _)| *index != last),
        D::OverviewMissesErrored => entries.retain(|(index, _)| phase(index) != Some(Phase::Error)),
        D::OverviewMissesOffline => {
            entries.retain(|(index, _)| phase(index) != Some(Phase::Offline))
        }
        D::OverviewMissesUpgraded if cluster.mode => entries.retain(|(index, _)| {
            index.is_none_or(|index| Some(cluster.nodes[index].version) == cluster.origin)
        }),
        D::NodeStateNull => {
            for (index, entry) in entries.iter_mut().filter(|(index, _)| *index != Some(answering))
            {
                if index.is_some() {
                    entry.replace("state", Json::Null);
                }
            }
        }
        D::IdListedTwice => {
            if let Some((index, mut again)) = entries.first().cloned() {
                again.replace("state", Json::word("OFFLINE"));
                entries.push((index, again));
            }
        }
        D::OverviewRepeatsNode => entries.extend(entries.first().cloned()),
        D::OverviewListsGhost => {
            if let Some((_, mut ghost)) = entries.first().cloned() {
                ghost.replace("id", Json::word("5d41402a"));
                ghost.replace("name", Json::word("confluence-old"));
                ghost.replace("ipAddress", Json::word("10.0.0.250"));
                entries.push((None, ghost));
            }
        }
        D::OverviewKeepsRemoved => {
            let template = entries.first().cloned();
            for (node, known) in cluster.nodes.iter().zip(&names.nodes) {
                if let (Phase::Absent, Some((_, mut ghost))) = (node.phase, template.clone()) {
                    ghost.replace("id", Json::text(&known.id));
                    ghost.replace("name", Json::text(&known.name));
                    ghost.replace("ipAddress", Json::text(&known.address));
                    ghost.replace("state", Json::word("ERROR"));
                    entries.push((None, ghost));
                }
            }
        }
        _ => {}
    }
}

/// Slips of the entries that nodes have left behind.
pub(crate) fn bend_ghost(cluster: &Cluster, entry: &mut Json) {
    match cluster.defect {
        Some(D::GhostComesAlive) => entry.put("state", Json::word("ACTIVE")),
        Some(D::GhostInError) => entry.put("state", Json::word("ERROR")),
        Some(_) | None => {}
    }
}

/// Slips of every node, wherever it is written.
pub(crate) fn bend_node(
    cluster: &Cluster,
    names: &Names,
    index: usize,
    json: &mut Json,
    defect: D,
) {
    let node = &cluster.nodes[index];
    let phase = node.phase;
    match defect {
        D::NodeLacksState => json.remove("state"),
        D::NodeLacksId => json.remove("id"),
        D::NodeLacksTasks => json.remove("tasksTotal"),
        D::FieldMissing if phase == Phase::Active => json.remove("version"),
        D::FieldMistyped => json.put("portNumber", Json::word("5801")),
        D::BuildNumberIsNumber => json.put("buildNumber", Json::Number(9012)),
        D::ActiveVersionNull if phase == Phase::Active => json.put("version", Json::Null),
        D::VersionIsNumber if phase.serving() => json.put("version", Json::Raw("9.2")),
        D::OfflineVersionIsNumber if phase == Phase::Offline => {
            json.put("version", Json::Raw("9.2"));
        }
        D::IdIsNumber => json.put("id", Json::Number(7)),
        D::IdIsNull => json.put("id", Json::Null),
        D::NameIsNumber => json.put("name", Json::Number(7)),
        D::AddressIsNumber => json.put("ipAddress", Json::Number(167_772_171)),
        D::PortIsFraction => json.put("portNumber", Json::Raw("5801.5")),
        D::UsersNegative => json.put("activeUserCount", Json::Number(-1)),
        D::TasksAreText => json.put("tasksTotal", Json::word("0")),
        D::LinksAreText => json.put("links", Json::word("none")),
        D::FinalizationIsText => json.put("finalization", Json::word("none")),
        D::StartingHasAnotherWord if matches!(phase, Phase::StartingOut | Phase::StartingIn) => {
            json.replace("state", Json::word("JOINING"));
        }
        D::TasksNegative => json.put("tasksTotal", Json::Number(-1)),
        D::TasksAreNull => json.put("tasksTotal", Json::Null),
        D::UsersAreText => json.put("activeUserCount", Json::word("3")),
        D::LocalIsText => json.put("local", Json::word("false")),
        D::ActiveHasAnotherWord if phase == Phase::Active => {
            json.replace("state", Json::word("RUNNING"))
        }
        D::TerminatingHasAnotherWord
            if matches!(phase, Phase::TerminatingIn | Phase::TerminatingOut) =>
        {
            json.replace("state", Json::word("STOPPING"));
        }
        D::OfflineHasAnotherWord if phase == Phase::Offline => {
            json.replace("state", Json::word("DOWN"))
        }
        D::OfflineShownAsError if phase == Phase::Offline => {
            json.replace("state", Json::word("ERROR"))
        }
        D::OfflineListedActive if phase == Phase::Offline => {
            json.replace("state", Json::word("ACTIVE"))
        }
        D::ErrorListedActive if phase == Phase::Error => {
            json.replace("state", Json::word("ACTIVE"))
        }
        D::RepairedListedDraining if phase == Phase::Active && node.repaired => {
            json.replace("state", Json::word("DRAINING"));
        }
        D::VersionStaleAfterBoot if !phase.down() => {
            if let Some(before) = node.version_before {
                json.replace("version", Json::text(&names.versions[before]));
            }
        }
        D::UpgradedShownStarting
            if phase == Phase::Active && cluster.mode && Some(node.version) != cluster.origin =>
        {
            json.replace("state", Json::word("STARTING"));
        }
        D::TasksShownActive if phase == Phase::Finalizing => {
            json.replace("state", Json::word("ACTIVE"))
        }
        D::FailedNodeShownActive if phase == Phase::FinalizeFailed => {
            json.replace("state", Json::word("ACTIVE"))
        }
        D::FailedNodeShownError if phase == Phase::FinalizeFailed => {
            json.replace("state", Json::word("ERROR"))
        }
        _ => {}
    }
}

/// Slips of the status call.
pub(crate) fn bend_state(cluster: &Cluster, names: &Names, json: &mut Json) {
    let Some(defect) = cluster.defect else { return };
    match defect {
        D::StateLags => json.replace("state", Json::word(stale(cluster).word())),
        D::StateAlwaysStable => json.replace("state", Json::word("STABLE")),
        D::StateIgnoresError if cluster.any(Phase::Error) => {
            json.replace(
                "state",
                Json::text(if cluster.mode { "READY_TO_UPGRADE" } else { "STABLE" }),
            );
        }
        D::StateLacksState => json.remove("state"),
        D::BuildInfoMissing => json.remove("buildInfo"),
        D::BuildInfoIsNull => json.replace("buildInfo", Json::Null),
        D::BuildInfoHasFirstVersion => {
            if let Some(info) = json.field("buildInfo") {
                info.replace("version", Json::text(&names.versions[0]));
            }
        }
        D::BuildInfoIsGhost => {
            if let Some(info) = json.field("buildInfo") {
                info.replace("id", Json::word("5d41402a"));
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
                json.replace("state", Json::word(word));
            }
        }
        D::NodeViewAlwaysActive => json.replace("state", Json::word("ACTIVE")),
        D::NodeViewShowsErrorActive if cluster.nodes[index].phase == Phase::Error => {
            json.replace("state", Json::word("ACTIVE"));
        }
        D::TasksMissing => json.remove("tasksTotal"),
        D::NodeViewHasNameAsId => {
            json.replace("id", Json::text(&format!("{}.{index}", names.nodes[index].name)))
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
        (Kind::Overview, D::TruncatedJson) => answer.body.truncate(answer.body.len() / 2),
        (Kind::Overview, D::HtmlWith200) => *answer = Answer::html(200, "Confluence"),
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
