//! What does an answer hold? JSON as served (spec, section 1) field by field, or what is wrong with its shape.
//!
//! Required is only what section 1 requires; everything else may be absent or null, and what is present must have its type.
//! Extra fields are ignored. A wrong shape is a [`Misshape`], never a panic. Which entry is which node is the roster's business.

use serde_json::{Map, Value};
use zdu_model::judge::finding::Names;
use zdu_model::judge::roster::{Known, Roster};
use zdu_model::judge::served::{Entry, FailedTask, Fault, Field, Misshape, Served};
use zdu_model::judge::text::Text;
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;

/// How many listed entries are read: twenty nodes, and as many that they left behind, are beyond what is seen in the field.
pub const LISTED_MAX: usize = 64;

/// What the words of a target stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// The family of builds.
    pub profile: Profile,
    /// The nodes, by number.
    pub nodes: Vec<Known>,
    /// The versions, the original first.
    pub versions: Vec<Text>,
}

impl Dictionary {
    /// The size and profile of the model for it.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            profile: self.profile,
            nodes: self.nodes.len(),
            versions: u8::try_from(self.versions.len()).unwrap_or(u8::MAX),
        }
    }

    /// A roster that knows no more than this.
    #[must_use]
    pub fn roster(&self) -> Roster {
        Roster::new(self.nodes.clone(), self.versions.clone())
    }

    /// How reports call nodes and versions before anything was read.
    #[must_use]
    pub fn names(&self) -> Names {
        self.roster().names()
    }

    /// What a node is called.
    #[must_use]
    pub fn node_name(&self, id: NodeId) -> String {
        self.names().node(id)
    }

    /// A version's name as it is written in the target file.
    #[must_use]
    pub fn version_name(&self, version: Version) -> &str {
        self.versions.get(version.index()).map_or("?", Text::raw)
    }
}

/// A place in the JSON, for messages.
struct At<'a> {
    value: &'a Value,
    place: String,
}

type Shaped<T> = Result<T, Misshape>;

impl<'a> At<'a> {
    fn wrong(&self, fault: Fault) -> Misshape {
        Misshape { place: self.place.clone(), fault }
    }

    fn mistyped(&self, due: &str) -> Misshape {
        self.wrong(Fault::Mistyped { is: kind(self.value).to_owned(), due: due.to_owned() })
    }

    fn object(&self) -> Shaped<&'a Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.mistyped("an object"))
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A field that must be there.
    fn field(&self, name: &str) -> Shaped<Self> {
        let place = self.place_of(name);
        match self.object()?.get(name) {
            Some(Value::Null) => Err(Misshape { place, fault: Fault::Null }),
            Some(value) => Ok(Self { value, place }),
            None => Err(Misshape { place, fault: Fault::Missing }),
        }
    }

    /// A field that may be absent or null.
    fn optional(&self, name: &str) -> Shaped<Option<Self>> {
        let value = self.object()?.get(name).filter(|value| !value.is_null());
        Ok(value.map(|value| Self { value, place: self.place_of(name) }))
    }

    fn text(&self) -> Shaped<Text> {
        self.value.as_str().map(Text::from).ok_or_else(|| self.mistyped("a string"))
    }

    fn flag(&self) -> Shaped<bool> {
        self.value.as_bool().ok_or_else(|| self.mistyped("a boolean"))
    }

    fn integer(&self) -> Shaped<i64> {
        self.value.as_i64().ok_or_else(|| self.mistyped("an integer"))
    }

    fn count(&self) -> Shaped<u64> {
        match self.integer()? {
            number if number < 0 => Err(self.wrong(Fault::Negative(number))),
            number => Ok(number.unsigned_abs()),
        }
    }

    fn list(&self) -> Shaped<Vec<Self>> {
        let listed = self.value.as_array().ok_or_else(|| self.mistyped("a list"))?;
        let at = |(index, value)| Self { value, place: format!("{}[{index}]", self.place) };
        Ok(listed.iter().enumerate().map(at).collect())
    }

    fn optional_text(&self, name: &str) -> Shaped<Option<Text>> {
        self.optional(name)?.map(|at| at.text()).transpose()
    }

    fn word<T>(&self, of: impl Fn(&str) -> Option<T>) -> Shaped<T> {
        let word = self.text()?;
        of(word.raw()).ok_or_else(|| self.wrong(Fault::UnknownWord(word)))
    }

    /// A Node. Only its `id` is required, and the version of one that is up.
    fn entry(&self) -> Shaped<Entry> {
        let status =
            self.optional("state")?.map(|at| at.word(NodeStatus::from_word)).transpose()?;
        let up = status.is_some_and(|status| match status {
            NodeStatus::Active
            | NodeStatus::RunningFinalizeUpgradeTasks
            | NodeStatus::UpgradeTasksFailed => true,
            NodeStatus::Starting
            | NodeStatus::Terminating
            | NodeStatus::Offline
            | NodeStatus::Error
            | NodeStatus::Draining => false,
        });
        let version = match self.optional_text("version")? {
            None if up => Some(self.field("version")?.text()?),
            version => version,
        };
        let finalization = self.optional("finalization")?;
        let failed_tasks = finalization.map_or_else(|| Ok(Vec::new()), |at| at.failed_tasks())?;
        if let Some(links) = self.optional("links")? {
            links.list()?;
        }
        Ok(Entry {
            id: self.field("id")?.text()?,
            status,
            name: self.optional_text("name")?,
            address: self.optional_text("ipAddress")?,
            port: self.optional("portNumber")?.map(|at| at.integer()).transpose()?,
            version,
            build: self.optional_text("buildNumber")?,
            tasks: self.optional("tasksTotal")?.map(|at| at.count()).transpose()?,
            users: self.optional("activeUserCount")?.map(|at| at.count()).transpose()?,
            local: self.optional("local")?.map(|at| at.flag()).transpose()?,
            failed_tasks,
        })
    }

    fn failed_tasks(&self) -> Shaped<Vec<FailedTask>> {
        if let Some(requested) = self.optional("lastRequested")? {
            requested.integer()?;
        }
        let Some(errors) = self.optional("errors")? else {
            return Ok(Vec::new());
        };
        let task = |at: &Self| {
            let mut messages: Vec<Text> =
                at.optional_text("exceptionMessage")?.into_iter().collect();
            if let Some(errors) = at.optional("errors")? {
                for error in errors.list()? {
                    messages.push(error.text()?);
                }
            }
            let whole = at.optional("clusterUpgradeTask")?;
            Ok(FailedTask {
                name: at.optional_text("taskName")?,
                whole_cluster: whole.map(|at| at.flag()).transpose()?,
                messages,
            })
        };
        errors.list()?.iter().map(task).collect()
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn json(body: &[u8]) -> Shaped<Value> {
    let text = body.trim_ascii();
    serde_json::from_slice(body).map_err(|error| Misshape {
        place: String::new(),
        fault: if text.starts_with(b"<") {
            Fault::Html
        } else if text.is_empty() {
            Fault::Empty
        } else {
            Fault::NotJson(Text::from(error.to_string()))
        },
    })
}

/// Reads a Cluster: the answer of the overview and of every POST that succeeds.
///
/// # Errors
/// [`Misshape`] at the first field that is not as section 1 has it.
pub fn cluster(body: &[u8]) -> Shaped<Served> {
    let value = json(body)?;
    let at = At { value: &value, place: String::new() };
    let mode = if at.field("upgradeModeEnabled")?.flag()? { Mode::On } else { Mode::Off };
    let status = at.field("state")?.word(ClusterStatus::from_word)?;
    // An empty string gives no version.
    let origin = at.optional_text("originalVersion")?.filter(|text| !text.raw().is_empty());
    if mode == Mode::On && origin.is_none() {
        at.field("originalVersion")?;
    }
    let tasks = at.optional(Field::HasFinalizationTasks.name())?;
    let list = at.field("nodes")?;
    let listed = list.list()?;
    if listed.len() > LISTED_MAX {
        return Err(list.wrong(Fault::TooMany(listed.len())));
    }
    Ok(Served::Cluster {
        mode,
        status,
        origin,
        tasks: tasks.map(|at| at.flag()).transpose()?,
        nodes: listed.iter().map(At::entry).collect::<Shaped<_>>()?,
    })
}

/// Who is listed in an overview that is not as section 1 has it, as far as entries can be read: one that has an `id`, with what
/// else it has of its type.
#[must_use]
pub fn entries(body: &[u8]) -> Vec<Entry> {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = value.get("nodes").and_then(Value::as_array);
    let text = |entry: &Value, name: &str| entry.get(name)?.as_str().map(Text::from);
    let entry = |entry: &Value| {
        Some(Entry {
            id: text(entry, "id")?,
            status: entry.get("state").and_then(Value::as_str).and_then(NodeStatus::from_word),
            name: text(entry, "name"),
            address: text(entry, "ipAddress"),
            port: entry.get("portNumber").and_then(Value::as_i64),
            version: text(entry, "version"),
            build: text(entry, "buildNumber"),
            tasks: None,
            users: None,
            local: None,
            failed_tasks: Vec::new(),
        })
    };
    listed.into_iter().flatten().filter_map(entry).collect()
}

/// Reads a ClusterState.
///
/// # Errors
/// [`Misshape`] at the first field that is not as section 1 has it.
pub fn state(body: &[u8]) -> Shaped<Served> {
    let value = json(body)?;
    let at = At { value: &value, place: String::new() };
    let status = at.field("state")?.word(ClusterStatus::from_word)?;
    Ok(Served::State { status, by: at.field("buildInfo")?.entry()? })
}

/// Reads a Node that was asked for by id: one that is up also tells how many tasks it runs (API-4).
///
/// # Errors
/// [`Misshape`] at the first field that is not as section 1 has it.
pub fn node(body: &[u8]) -> Shaped<Served> {
    let value = json(body)?;
    let at = At { value: &value, place: String::new() };
    let entry = at.entry()?;
    let up = matches!(
        entry.status,
        Some(
            NodeStatus::Active
                | NodeStatus::RunningFinalizeUpgradeTasks
                | NodeStatus::UpgradeTasksFailed
        )
    );
    if up && entry.tasks.is_none() {
        at.field("tasksTotal")?;
    }
    Ok(Served::Node(entry))
}
