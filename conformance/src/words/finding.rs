//! What was found: where, what was allowed there, what was seen instead, and the difference that decides.

use zdu_model::judge::event::{Attempt, Caller, View};
use zdu_model::judge::finding::{Allowed, Difference, Finding, Place, Rotation, Sight};
use zdu_model::judge::seen::SeenVersion;
use zdu_model::judge::served::{Fault, Misshape};
use zdu_model::judge::text::Text;

use super::{Words, end, millis};

impl Words<'_> {
    /// A view's name.
    #[must_use]
    pub fn view(self, view: View) -> String {
        match view {
            View::Overview => "overview".to_owned(),
            View::State => "state".to_owned(),
            View::Node(id) => format!("node {}", self.node(id)),
        }
    }

    /// Where something was seen.
    #[must_use]
    pub fn place(self, place: Place) -> String {
        match place {
            Place::View(view) => self.view(view),
            Place::Own(id) => format!("overview at {}'s own address", self.node(id)),
            Place::Call(call) => format!("POST {call}"),
            Place::Race(call, times) => format!("POST {call} x {times}"),
            Place::Attempt(caller, attempt) => {
                let what = match attempt {
                    Attempt::Read(view) => self.view(view),
                    Attempt::Call(call) => format!("POST {call}"),
                    Attempt::CallByGet(call) => format!("GET {call}"),
                    Attempt::ReadByPost(view) => format!("POST {}", self.view(view)),
                    Attempt::UnknownNode => "a node that is not listed".to_owned(),
                };
                format!("{what}{}", caller_words(caller))
            }
            Place::Balancer(id) => format!("load balancer, {}", self.node(id)),
        }
    }

    /// Everything that was allowed, a line each.
    #[must_use]
    pub fn allowed(self, finding: &Finding) -> Vec<String> {
        let mut lines: Vec<String> =
            finding.allowed.iter().map(|allowed| self.one_allowed(allowed)).collect();
        lines.sort();
        lines.dedup();
        if finding.allowed_more > 0 {
            lines.push(format!("... and {} more", finding.allowed_more));
        }
        lines
    }

    /// One thing that was allowed.
    #[must_use]
    pub fn one_allowed(self, allowed: &Allowed) -> String {
        match allowed {
            Allowed::Code(code) => code.to_string(),
            Allowed::Nobody => "no answer: nobody serves".to_owned(),
            Allowed::Overview(cluster) => self.cluster(cluster),
            Allowed::State(status, by) => {
                let by: Vec<String> = (by.iter())
                    .map(|(id, node)| format!("{} {}", self.node(*id), self.due(*node)))
                    .collect();
                format!("{status}, answered by {}", by.join(" or "))
            }
            Allowed::Node(id, node) => format!("{} {}", self.node(*id), self.due(*node)),
            Allowed::LeftBehind(id) => {
                format!("the entry that a node left behind under `{id}`, OFFLINE, or 404")
            }
            Allowed::Shape => "200 in the shape that the API gives it".to_owned(),
            Allowed::OneWins(times) => format!("1 x 200, {} x 409", times.saturating_sub(1)),
            Allowed::AsOverview(id) => format!("what the overview says of {}", self.node(*id)),
            Allowed::NoTasks => "`hasFinalizationTasks` false or absent".to_owned(),
            Allowed::SameId(id, known) => {
                format!("{} under the id that it had, `{known}`", self.node(*id))
            }
            Allowed::KnownNode => "the cluster's nodes, by id, address or name".to_owned(),
            Allowed::SoonAfter(id, was) => format!(
                "what {} {} can become in so short a time",
                self.node(*id),
                self.listing(*was)
            ),
            Allowed::Origin => "an original version while upgrade mode is on".to_owned(),
            Allowed::SameOrigin(origin) => {
                format!("the original version stays {}", self.version(*origin))
            }
            Allowed::OriginOfJoined => {
                "the original version is the one that the joined nodes ran".to_owned()
            }
            Allowed::NoOrigin => "no original version while upgrade mode is off".to_owned(),
            Allowed::OneVersion => {
                "joined nodes on one version while upgrade mode is off".to_owned()
            }
            Allowed::OneOfStatuses(statuses) => {
                let words: Vec<&str> = statuses.iter().map(|status| status.word()).collect();
                format!("{} with nodes and upgrade mode as listed", words.join(" or "))
            }
            Allowed::StartRefused(id) => {
                format!("`start` refused while {} is in error", self.node(*id))
            }
            Allowed::NoEndInMixed => "neither `cancel` nor `approve` in MIXED".to_owned(),
            Allowed::Service => "some node serves".to_owned(),
            Allowed::Rotation(place) => format!("shown {}, as it was asked", rotation(*place)),
            Allowed::NoRequest => "no request to a node that is out of rotation".to_owned(),
            Allowed::Idle => "nothing runs through a node that is out of rotation".to_owned(),
        }
    }

    /// What was seen instead.
    #[must_use]
    pub fn sight(self, sight: &Sight) -> String {
        match sight {
            Sight::Code(code) => code.to_string(),
            Sight::Nobody(silence) => format!("no answer ({})", end::silence(silence)),
            Sight::Misshapen(misshape) => misshape_words(misshape),
            Sight::Left(id, status) => {
                let status = status.map_or("no state", zdu_model::spec::node::NodeStatus::word);
                format!("`{id}`, {status}")
            }
            Sight::Answer(seen) => self.observation(seen),
            Sight::Answers { won, lost, other, silent } => {
                let parts =
                    [(won, "200"), (lost, "409"), (other, "another code"), (silent, "no answer")];
                let parts: Vec<String> = (parts.into_iter())
                    .filter(|(count, _)| **count > 0)
                    .map(|(count, what)| format!("{count} x {what}"))
                    .collect();
                parts.join(", ")
            }
            Sight::Differs { node, field, was, is } => format!(
                "{}: {} {} instead of {}",
                self.node(*node),
                field.name(),
                given(is.as_ref()),
                given(was.as_ref())
            ),
            Sight::Unsettled { waited_ms, last } => {
                let last = match last {
                    None => "nobody answers".to_owned(),
                    Some(seen) => self.observation(seen),
                };
                format!("not settled within {}; last seen: {last}", millis(*waited_ms))
            }
            Sight::Unmodelled { words, versions } => unmodelled(words, versions),
            Sight::Tasks => {
                "`hasFinalizationTasks` true in a STABLE cluster of one version".to_owned()
            }
            Sight::Id(id, now) => format!("{} under the id `{now}`", self.node(*id)),
            Sight::Stranger(id) => format!("`{id}`, which is none of the cluster's nodes"),
            Sight::Twice(id) => format!("`{id}` twice"),
            Sight::Node(id, node) => format!("{} {}", self.node(*id), self.listing(*node)),
            Sight::Origin(SeenVersion::Nothing) => "no original version".to_owned(),
            Sight::Origin(origin) => format!("original version {}", self.version(*origin)),
            Sight::State(cluster) => self.cluster(cluster),
            Sight::Status(status) => status.to_string(),
            Sight::ModeChanged(mode) => format!("upgrade mode is {mode} all the same"),
            Sight::Rotation(place) => {
                format!("shown {}, after the request was taken", rotation(*place))
            }
            Sight::SentWhileOut(sent) => {
                format!("requests sent to it while it was shown out of rotation: {sent}")
            }
            Sight::Busy { busy, waited_ms } => {
                format!("still busy ({busy}) after {}", millis(*waited_ms))
            }
        }
    }

    /// In what the nearest explanation differs from what was seen; nothing where nothing can be compared.
    #[must_use]
    pub fn nearest(self, differences: &[Difference]) -> Option<String> {
        let parts: Vec<String> = differences.iter().map(|one| self.difference(one)).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn difference(self, difference: &Difference) -> String {
        match difference {
            Difference::Status { seen, due } => format!("status {seen} instead of {due}"),
            Difference::Mode { seen, due } => {
                let origin = due.1.map_or(SeenVersion::Nothing, SeenVersion::Known);
                format!("{} instead of {}", self.mode(seen.0, seen.1), self.mode(due.0, origin))
            }
            Difference::Node { node, seen, due } => format!(
                "{} {} instead of {}",
                self.node(*node),
                self.listing(*seen),
                self.due(*due)
            ),
        }
    }

    /// A finding in one line, for whoever watches: where, what, and what was allowed.
    #[must_use]
    pub fn line(self, finding: &Finding) -> String {
        let (place, seen) = (self.place(finding.place), self.sight(&finding.seen));
        let allowed = self.allowed(finding);
        if allowed.is_empty() {
            return format!("{place}: {seen}");
        }
        format!("{place}: {seen}; allowed: {}", allowed.join("; or "))
    }

    /// A finding in one line: what differs, or else what was seen.
    #[must_use]
    pub fn brief(self, finding: &Finding) -> String {
        self.nearest(&finding.nearest).unwrap_or_else(|| self.sight(&finding.seen))
    }
}

const fn rotation(place: Rotation) -> &'static str {
    match place {
        Rotation::In => "in rotation",
        Rotation::Draining => "draining",
        Rotation::Out => "out of rotation",
    }
}

const fn caller_words(caller: Caller) -> &'static str {
    match caller {
        Caller::Admin => "",
        Caller::Anonymous => " without credentials",
        Caller::WrongPassword => " with a wrong password",
        Caller::WrongToken => " with a wrong token",
        Caller::Plain => " without system administration",
    }
}

fn given(text: Option<&Text>) -> String {
    text.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}

fn unmodelled(words: &[String], versions: &[Text]) -> String {
    let mut parts = Vec::new();
    if !words.is_empty() {
        let tasks = words.iter().any(|word| word.contains("UPGRADE_TASKS"));
        let remedy =
            if tasks { "; if the build has upgrade tasks, write `profile = \"auto\"`" } else { "" };
        let words = words.join(", ");
        parts.push(format!("{words}: the model of this profile has no such state{remedy}"));
    }
    if !versions.is_empty() {
        let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
        parts.push(format!(
            "version {}, which is not in `versions`; what it means cannot be judged",
            versions.join(", ")
        ));
    }
    parts.join("; ")
}

/// What is wrong with an answer's shape, and where.
#[must_use]
pub fn misshape_words(misshape: &Misshape) -> String {
    let fault = match &misshape.fault {
        Fault::Missing => "is missing".to_owned(),
        Fault::Null => "is null".to_owned(),
        Fault::Mistyped { is, due } => format!("is {is}, not {due}"),
        Fault::Negative(number) => format!("is {number}, below 0"),
        Fault::UnknownWord(word) => format!("is `{word}`, a word that the API does not have"),
        Fault::TooMany(count) => format!("lists {count} nodes, more than anybody has"),
        Fault::Html => "the answer is HTML or XML, not JSON".to_owned(),
        Fault::Empty => "the answer has no body; JSON was due".to_owned(),
        Fault::NotJson(reason) => format!("the answer is not JSON: {reason}"),
        Fault::Code { code, location: Some(to) } => {
            format!("{code}, a redirect to {to}; 200 was due")
        }
        Fault::Code { code: 401, .. } => {
            "401: the credentials are not accepted; 200 was due".to_owned()
        }
        Fault::Code { code: 403, .. } => {
            "403: the account is no system administrator; 200 was due".to_owned()
        }
        Fault::Code { code, .. } => format!("{code}; 200 was due"),
    };
    if misshape.place.is_empty() && matches!(misshape.fault, Fault::Mistyped { .. }) {
        format!("the answer {fault}")
    } else if misshape.place.is_empty() {
        fault
    } else {
        format!("`{}` {fault}", Text::from(misshape.place.as_str()))
    }
}
