//! What does an answer say? JSON as served (spec, section 1) in the model's words, or what is wrong with its shape.
//!
//! Extra fields are ignored; a missing or mistyped field is a [`Misshape`], never a panic. What a node's listing holds
//! beyond the model (name, address, build) is kept as [`Details`], because the three views must agree on it (API-11).

use std::fmt;

use serde_json::Value;
use zdu_model::judge::belief::{Observation, Overview, SeenNode, SeenVersion};
use zdu_model::spec::cluster::{ClusterStatus, Mode};
use zdu_model::spec::node::{NodeId, NodeStatus, Version};
use zdu_model::spec::profile::Profile;

/// What the words on the wire stand for in the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// The family of builds.
    pub profile: Profile,
    /// The nodes' ids, by number.
    pub ids: Vec<String>,
    /// The versions, the original first.
    pub versions: Vec<String>,
}

/// An answer that does not have the shape of section 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misshape {
    /// Where, as a path into the JSON: `nodes[2].state`.
    pub place: String,
    /// What is wrong there.
    pub fault: String,
}

impl fmt::Display for Misshape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            f.write_str(&self.fault)
        } else {
            write!(f, "`{}` {}", self.place, self.fault)
        }
    }
}

/// What a node's listing says beyond the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// `name`.
    pub name: String,
    /// `ipAddress`.
    pub address: String,
    /// `portNumber`.
    pub port: i64,
    /// `buildNumber`; absent or null while the node is OFFLINE, at most.
    pub build: Option<String>,
    /// `version`, as written.
    pub version: Option<String>,
}

/// An answer read: the model's part and the rest, by node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the model can judge.
    pub seen: Observation,
    /// The rest.
    pub details: Vec<(NodeId, Details)>,
}

/// A place in the JSON, for messages.
struct At<'a> {
    value: &'a Value,
    place: String,
}

impl<'a> At<'a> {
    fn fault(&self, fault: impl Into<String>) -> Misshape {
        Misshape { place: self.place.clone(), fault: fault.into() }
    }

    fn field(&self, name: &str) -> Result<Self, Misshape> {
        let place =
            if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        let Value::Object(fields) = self.value else {
            return Err(self.fault(format!("is {}, not an object", kind(self.value))));
        };
        match fields.get(name) {
            Some(value) => Ok(Self { value, place }),
            None => Err(Misshape { place, fault: "is missing".to_owned() }),
        }
    }

    /// A field that may be absent or null.
    fn optional(&self, name: &str) -> Result<Option<Self>, Misshape> {
        match self.value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.field(name).map(Some),
        }
    }

    fn text(&self) -> Result<&'a str, Misshape> {
        self.value
            .as_str()
            .ok_or_else(|| self.fault(format!("is {}, not a string", kind(self.value))))
    }

    fn flag(&self) -> Result<bool, Misshape> {
        self.value
            .as_bool()
            .ok_or_else(|| self.fault(format!("is {}, not a boolean", kind(self.value))))
    }

    fn integer(&self) -> Result<i64, Misshape> {
        self.value
            .as_i64()
            .ok_or_else(|| self.fault(format!("is {}, not an integer", kind(self.value))))
    }

    fn count(&self) -> Result<i64, Misshape> {
        match self.integer()? {
            number if number < 0 => Err(self.fault(format!("is {number}, below 0"))),
            number => Ok(number),
        }
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

fn json(body: &[u8]) -> Result<Value, Misshape> {
    serde_json::from_slice(body).map_err(|error| Misshape {
        place: String::new(),
        fault: if body.trim_ascii().starts_with(b"<") {
            "the answer is HTML or XML, not JSON".to_owned()
        } else if body.trim_ascii().is_empty() {
            "the answer has no body; JSON was due".to_owned()
        } else {
            format!("the answer is not JSON: {error}")
        },
    })
}

impl Dictionary {
    fn id(&self, at: &At<'_>) -> Result<NodeId, Misshape> {
        let id = at.text()?;
        self.ids.iter().position(|known| known == id).map(NodeId::at).ok_or_else(|| {
            at.fault(format!("is `{id}`, a node that is none of {}", self.ids.join(", ")))
        })
    }

    fn version(&self, text: &str) -> SeenVersion {
        self.versions
            .iter()
            .position(|known| known == text)
            .and_then(|index| u8::try_from(index).ok())
            .map_or(SeenVersion::Foreign(0), |index| SeenVersion::Known(Version(index)))
    }

    fn node(&self, at: &At<'_>) -> Result<(NodeId, SeenNode, Details), Misshape> {
        let id = self.id(&at.field("id")?)?;
        let state = at.field("state")?;
        let word = state.text()?;
        let status = NodeStatus::from_word(word)
            .ok_or_else(|| state.fault(format!("is `{word}`, which is no node status")))?;
        // Section 7: version and build may be absent or null while the node is OFFLINE.
        let loose = |name: &str| -> Result<Option<String>, Misshape> {
            match at.optional(name)? {
                Some(field) => Ok(Some(field.text()?.to_owned())),
                None if status == NodeStatus::Offline => Ok(None),
                None => Ok(Some(at.field(name)?.text()?.to_owned())),
            }
        };
        let details = Details {
            name: at.field("name")?.text()?.to_owned(),
            address: at.field("ipAddress")?.text()?.to_owned(),
            port: at.field("portNumber")?.integer()?,
            build: loose("buildNumber")?,
            version: loose("version")?,
        };
        at.field("tasksTotal")?.count()?;
        at.field("activeUserCount")?.count()?;
        at.field("local")?.flag()?;
        let version =
            details.version.as_deref().map_or(SeenVersion::Nothing, |text| self.version(text));
        Ok((id, SeenNode { status, version }, details))
    }

    /// Reads a Cluster: the answer of the overview and of every POST that succeeds.
    ///
    /// # Errors
    /// [`Misshape`] at the first field that is not as section 1 has it.
    pub fn overview(&self, body: &[u8]) -> Result<Answer, Misshape> {
        let value = json(body)?;
        let at = At { value: &value, place: String::new() };
        let mode = if at.field("upgradeModeEnabled")?.flag()? { Mode::On } else { Mode::Off };
        let status = cluster_status(&at)?;
        let origin = match at.optional("originalVersion")? {
            None => SeenVersion::Nothing,
            Some(field) => match field.text()? {
                // An empty string gives no version.
                "" => SeenVersion::Nothing,
                text => self.version(text),
            },
        };
        let tasks_pending = match self.profile {
            Profile::Documented => None,
            Profile::Finalization => Some(at.field("hasFinalizationTasks")?.flag()?),
        };
        let list = at.field("nodes")?;
        let Value::Array(listed) = list.value else {
            return Err(list.fault(format!("is {}, not a list", kind(list.value))));
        };
        let mut nodes = vec![None; self.ids.len()];
        let mut details = Vec::new();
        for (index, value) in listed.iter().enumerate() {
            let at = At { value, place: format!("nodes[{index}]") };
            let (id, node, rest) = self.node(&at)?;
            if nodes[id.index()].replace(node).is_some() {
                return Err(at.fault(format!("lists `{}` a second time", self.ids[id.index()])));
            }
            details.push((id, rest));
        }
        let seen = Observation::Overview(Overview { mode, origin, status, tasks_pending, nodes });
        Ok(Answer { seen, details })
    }

    /// Reads a ClusterState.
    ///
    /// # Errors
    /// [`Misshape`] at the first field that is not as section 1 has it.
    pub fn state(&self, body: &[u8]) -> Result<Answer, Misshape> {
        let value = json(body)?;
        let at = At { value: &value, place: String::new() };
        let status = cluster_status(&at)?;
        let (id, node, details) = self.node(&at.field("buildInfo")?)?;
        Ok(Answer { seen: Observation::State(status, id, node), details: vec![(id, details)] })
    }

    /// Reads a Node that was asked for by id.
    ///
    /// # Errors
    /// [`Misshape`] at the first field that is not as section 1 has it, or when it is another node.
    pub fn node_answer(&self, asked: NodeId, body: &[u8]) -> Result<Answer, Misshape> {
        let value = json(body)?;
        let at = At { value: &value, place: String::new() };
        let (id, node, details) = self.node(&at)?;
        if id != asked {
            let (is, must) = (&self.ids[id.index()], &self.ids[asked.index()]);
            return Err(at.field("id")?.fault(format!("is `{is}`, but `{must}` was asked for")));
        }
        Ok(Answer { seen: Observation::Node(id, Some(node)), details: vec![(id, details)] })
    }

    /// The ids that an overview lists, for a target whose nodes are not named: sorted, so that numbers are stable.
    ///
    /// # Errors
    /// [`Misshape`] when there is no list of nodes with ids.
    pub fn discover(body: &[u8]) -> Result<Vec<(String, Option<String>)>, Misshape> {
        let value = json(body)?;
        let at = At { value: &value, place: String::new() };
        let list = at.field("nodes")?;
        let Value::Array(listed) = list.value else {
            return Err(list.fault(format!("is {}, not a list", kind(list.value))));
        };
        let mut found = Vec::new();
        for (index, value) in listed.iter().enumerate() {
            let at = At { value, place: format!("nodes[{index}]") };
            let version =
                at.optional("version")?.map(|field| field.text().map(str::to_owned)).transpose()?;
            found.push((at.field("id")?.text()?.to_owned(), version));
        }
        found.sort();
        Ok(found)
    }

    /// A version's name.
    #[must_use]
    pub fn version_name(&self, version: Version) -> &str {
        self.versions.get(version.index()).map_or("?", String::as_str)
    }
}

fn cluster_status(at: &At<'_>) -> Result<ClusterStatus, Misshape> {
    let state = at.field("state")?;
    let word = state.text()?;
    ClusterStatus::from_word(word)
        .ok_or_else(|| state.fault(format!("is `{word}`, which is no cluster status")))
}
