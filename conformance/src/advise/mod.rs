//! What can be done now? A cluster read once: who is who, what speaks against the page, and one list of steps by the page's
//! procedure with the target's commands.
//!
//! The list itself is the model's ([`zdu_model::ways::advice`]); here an answer is put into its words, and each step is joined with
//! its command. Data only: `words` says it to people, `json` to programs. Nothing is sent but the one read.

mod due;
mod json;
mod left;
mod rotation;
mod versions;

use std::collections::BTreeSet;

use zdu_balancer::{Error, Member};
use zdu_model::judge::finding::Names;
use zdu_model::judge::roster::{Oddity, Roster};
use zdu_model::judge::seen::{Observation, Overview, Request, words_missing};
use zdu_model::judge::served::{Entry, Served};
use zdu_model::judge::text::{self, Text};
use zdu_model::judge::watch::{Since, Watch, Wrong};
use zdu_model::spec::node::{NodeId, Version};
use zdu_model::spec::profile::Profile;
use zdu_model::spec::semantics::Scope;
use zdu_model::spec::transition::Call;
use zdu_model::ways::advice::{
    self, Advice, Asked, Direction, Load, Refusal, WayOut, What, explanations,
};

use crate::client::Exchange;
use crate::driver::{CommandDriver, Driver as _};
use crate::replay::Site;
use crate::report::curl;
use crate::target::Target;
use crate::verdict::Command;
use crate::wire::Dictionary;

pub use due::{Due, Work};
pub use json::json;
pub use left::left;
pub use rotation::Places;
pub use versions::versions_of;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The direction, if it is given.
    pub direction: Option<Direction>,
    /// The version to upgrade to, if it is given.
    pub to: Option<Text>,
}

/// Everything that there is to say.
#[derive(Clone, Debug)]
pub struct Counsel {
    /// What was seen.
    pub seen: Overview,
    /// What nodes and versions are called.
    pub names: Names,
    /// Each node's entry, where it is listed.
    pub entries: Vec<Option<Entry>>,
    /// Entries that nodes left behind when they came back under another id.
    pub ghosts: Vec<Entry>,
    /// What speaks against the identity of nodes.
    pub oddities: Vec<Oddity>,
    /// What the page does not explain.
    pub wrong: Vec<Wrong>,
    /// The cluster's status goes with no state that the nodes may be in: a moment old, or wrong; a second reading tells.
    pub doubtful: bool,
    /// Members that do not answer their cluster.
    pub silent: BTreeSet<NodeId>,
    /// What to do.
    pub advice: Advice,
    /// What to do, one after the other, with the command of each; empty when nothing is to be done.
    pub list: Vec<Due>,
    /// Who is in rotation, where the target has a load balancer.
    pub places: Places,
    /// The command of each call.
    pub calls: Vec<(Call, String)>,
    /// The command of each request on a node in error.
    pub for_errors: Vec<(NodeId, Request, Option<String>)>,
    /// Whether nobody has named the version to upgrade to.
    pub unnamed: bool,
    /// How to ask again with the same aim.
    pub again: Command,
}

impl Counsel {
    /// The command that a way out of an error begins with, where there is one.
    #[must_use]
    pub fn shutting(&self, id: NodeId, way: WayOut) -> Option<&str> {
        let line = |request| {
            let lines = &mut self.for_errors.iter();
            let found = lines.find(|(node, one, _)| *node == id && *one == request);
            found.and_then(|(_, _, line)| line.as_deref())
        };
        match way {
            WayOut::StopGracefully => line(Request::Stop),
            WayOut::ShutDownAltogether => line(Request::Kill),
            WayOut::GoOnWithout => line(Request::Stop).or_else(|| line(Request::Kill)),
        }
    }
}

/// Why there is nothing to say, with the names to say it in.
#[derive(Clone, Debug)]
pub struct Unadvised {
    /// Why.
    pub refusal: Refusal,
    /// What nodes and versions are called.
    pub names: Names,
}

/// Where commands come from.
#[derive(Clone, Debug)]
pub struct Means<'a> {
    /// The target.
    pub target: &'a Target,
    /// How it is spoken with.
    pub site: &'a Site,
    /// The read that was answered so: calls are sent by whoever sent it.
    pub exchange: &'a Exchange,
    /// The load balancer's list, where the target has one.
    pub listed: Option<&'a Result<Vec<Member>, Error>>,
    /// The command that was typed, without direction and version.
    pub typed: Command,
}

impl Means<'_> {
    fn send(&self, call: Call) -> String {
        let url = Text::from(self.site.call_url(call));
        let exchange = Exchange { method: "POST".to_owned(), url, ..self.exchange.clone() };
        self.clean(&curl::sending(&exchange, &self.target.trust()))
    }

    /// Fit to be shown: on one line, without secrets.
    fn clean(&self, line: &str) -> String {
        text::line(&self.site.client.redactor().clean(line))
    }
}

/// What to do on a cluster that answers so; `before` is the reading before, if there is one.
///
/// # Errors
/// [`Unadvised`] when what is asked for cannot be advised.
pub fn counsel(
    (before, served): (Option<&Served>, &Served),
    wish: &Wish,
    means: &Means<'_>,
) -> Result<Counsel, Unadvised> {
    let (site, target) = (means.site, means.target);
    let dictionary = &site.dictionary;
    let versions = versions::all(&dictionary.versions, served, wish.to.as_ref());
    let mut roster = Roster::new(dictionary.nodes.clone(), versions.clone());
    let before = before.and_then(|served| roster.told(served, None).seen);
    let told = roster.told(served, None);
    let names = roster.names();
    let unadvised = |refusal| Unadvised { refusal, names: names.clone() };
    let Some(Observation::Overview(seen)) = told.seen else {
        return Err(unadvised(Refusal::Unexplained));
    };
    let profile = profile(site.has_tasks, &seen);
    let scope = Dictionary { profile, versions, ..dictionary.clone() }.scope();
    let known = Dictionary { profile, nodes: roster.known(), versions: names.versions.clone() };
    let driver = CommandDriver::new(target, &known, target.timing.settle, site.client.redactor());
    let (explanations, silent) = (explanations(scope, &seen), advice::silent(&seen));
    let doubtful = !seen.silent() && explanations.iter().all(|one| one.status() != seen.status);
    let mut watch = Watch::new(scope);
    if let Some(Observation::Overview(before)) = &before {
        watch.see(before, Since::Long);
    }
    let advice = advice::advise(&Asked {
        scope,
        explanations: &explanations,
        silent: &silent,
        direction: wish.direction,
        to: wish.to.as_ref().and_then(|to| place(&names.versions, to)),
        loads: &loads(&roster, scope),
        can: &|id, request| driver.can(id, request),
    })
    .map_err(unadvised)?;
    let line = |id, request| driver.line(id, request).map(|line| means.clean(&line));
    let for_errors = (advice.errors.iter().map(|error| error.node))
        .flat_map(|id| [Request::Stop, Request::Kill].map(|request| (id, request)))
        .map(|(id, request)| (id, request, line(id, request)))
        .collect();
    let listed = means.listed.map(|listed| Places::new(listed, &seen, target, &names));
    let places = listed.unwrap_or_default();
    let lines = Typed { means, names: &names, driver: &driver };
    Ok(Counsel {
        list: due::list(&advice.steps, &seen, &places.out, &lines),
        places,
        calls: Call::of(profile).iter().map(|call| (*call, means.send(*call))).collect(),
        for_errors,
        wrong: watch.see(&seen, Since::Long),
        doubtful,
        unnamed: names.version(advice.aim.version) == versions::UNNAMED,
        again: again(&means.typed, wish, &advice, &names),
        entries: scope.node_ids().map(|id| entry(&told.entries, id)).collect(),
        ghosts: roster.ghosts().cloned().collect(),
        oddities: told.oddities,
        seen,
        names,
        silent,
        advice,
    })
}

/// What is typed on this target.
struct Typed<'a> {
    means: &'a Means<'a>,
    names: &'a Names,
    driver: &'a CommandDriver,
}

impl Typed<'_> {
    /// What takes a node out of the load balancer's rotation, or puts it back: our own command where the target file has a load
    /// balancer, else its commands where both are there.
    fn rotating(&self, what: &'static str, id: NodeId) -> Option<String> {
        let (means, driver) = (self.means, self.driver);
        if means.target.balancer.is_some() {
            let node = rotation::word(means.target, self.names, id);
            let words = means.typed.words();
            let file = words
                .iter()
                .position(|word| word == "--target")
                .and_then(|at| words.get(at + 1))?;
            return Some(Command::zdu(["balancer", what, &node, "--target", file]).to_string());
        }
        let both = (driver.rotation_line(id, "disconnect"), driver.rotation_line(id, "connect"));
        match (both, what) {
            ((Some(out), Some(_)), "disconnect") => Some(out),
            ((Some(_), Some(back)), _) => Some(back),
            _ => None,
        }
    }
}

impl due::Lines for Typed<'_> {
    fn call(&self, call: Call) -> String {
        self.means.send(call)
    }

    fn request(&self, id: NodeId, request: Request) -> Option<String> {
        // Nobody can install what has no name yet.
        if matches!(request, Request::Install(it) if self.names.version(it) == versions::UNNAMED) {
            return None;
        }
        self.driver.line(id, request).map(|line| self.means.clean(&line))
    }

    fn disconnect(&self, id: NodeId, last: bool) -> Option<String> {
        // Our own never takes out the last one.
        let refused = last && self.means.target.balancer.is_some();
        let line = if refused { None } else { self.rotating("disconnect", id) };
        line.map(|line| self.means.clean(&line))
    }

    fn connect(&self, id: NodeId) -> Option<String> {
        self.rotating("connect", id).map(|line| self.means.clean(&line))
    }
}

/// At a target at which nobody serves: what stops each node and what starts it, with the target file's commands; nothing where
/// it names no nodes, or no command to start them.
#[must_use]
pub fn revival(target: &Target, site: &Site) -> Vec<(NodeId, Request, String)> {
    let redactor = site.client.redactor();
    let driver = CommandDriver::new(target, &site.dictionary, target.timing.settle, redactor);
    let line = |id, request| {
        let line = driver.line(id, request)?;
        Some((id, request, text::line(&redactor.clean(&line))))
    };
    let ids: Vec<NodeId> = site.scope().node_ids().collect();
    let boots: Vec<_> = ids.iter().filter_map(|id| line(*id, Request::Boot)).collect();
    if boots.is_empty() {
        return boots;
    }
    let stops =
        ids.iter().filter_map(|id| line(*id, Request::Stop).or_else(|| line(*id, Request::Kill)));
    stops.chain(boots).collect()
}

/// A build that speaks of upgrade tasks has them, whatever profile is named.
fn profile(has_tasks: bool, seen: &Overview) -> Profile {
    let words = words_missing(Profile::Documented, &Observation::Overview(seen.clone()));
    // DRAINING is a word of both profiles and of the model of none.
    let tasks = words.iter().any(|word| *word != "DRAINING");
    if tasks || has_tasks || seen.tasks.is_some() {
        Profile::Finalization
    } else {
        Profile::Documented
    }
}

fn place(versions: &[Text], version: &Text) -> Option<Version> {
    let at = versions.iter().position(|known| known == version)?;
    u8::try_from(at).ok().map(Version)
}

fn loads(roster: &Roster, scope: Scope) -> Vec<Load> {
    let load = |entry: &Entry| Load { users: entry.users, tasks: entry.tasks };
    scope.node_ids().map(|id| roster.entry(id).map(load).unwrap_or_default()).collect()
}

fn entry(entries: &[(NodeId, Entry)], id: NodeId) -> Option<Entry> {
    entries.iter().find(|(whose, _)| *whose == id).map(|(_, entry)| entry.clone())
}

/// The same question with the aim spelled out, so that what happens meanwhile does not change it; where everything is still
/// open, with what was asked for alone.
fn again(typed: &Command, wish: &Wish, advice: &Advice, names: &Names) -> Command {
    let open = advice.steps.iter().any(|step| step.what == What::AskAgain);
    let direction = if open { wish.direction } else { Some(advice.aim.direction) };
    let aimed = names.versions.get(advice.aim.version.index()).filter(|_| !open);
    let to = aimed.filter(|version| **version != *versions::UNNAMED).or(wish.to.as_ref());
    let to = to.map(|to| ["--to".to_owned(), to.raw().to_owned()]);
    match direction {
        Some(Direction::Forward) => {
            typed.clone().with(["--forward"]).with(to.into_iter().flatten())
        }
        Some(Direction::Back) => typed.clone().with(["--back"]),
        Some(Direction::Stay) | None => typed.clone(),
    }
}
