//! What do users live through meanwhile? A steady load of reads with sessions, and what came of it: answers a second by node and
//! outcome, and the longest time in which no request succeeded (LB-6 on a cluster of one's own).
//!
//! Each user keeps the cookies that it is given, and asks for one page in turn with the others; so the rate is bounded, whatever the cluster
//! does. Some requests are somebody new's. A page that fails is not asked for again: the failure is what is looked for. Beside it the load
//! balancer's list is read, so that it is known which node was out, and when.

mod judge;
mod picture;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use zdu_balancer::{Error, Rotation, rotation};
use zdu_model::spec::rule::Rule;

use crate::client::{Client, Visit};
use crate::target::{Target, node_of};

pub use judge::{Fault, Judged, Look, Turn, judge, turns};
pub use picture::page;

/// When so many requests were all answered with 404 from the beginning, there is no such page on any node.
const NO_PAGE: usize = 20;

/// One request in so many is somebody's who was never there before.
const NEW_EVERY: usize = 5;

/// How a load is made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The page.
    pub url: String,
    /// How many users there are.
    pub users: usize,
    /// How many requests a second, all users together.
    pub rate: u16,
    /// How long; `None`: until it is stopped.
    pub limit: Option<Duration>,
    /// What stands before the node's name in an answer, in its headers or in its body.
    pub node_after: Option<String>,
}

/// One request, as it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// Whose it was; `None`: somebody new's.
    pub user: Option<usize>,
    /// When it was sent, in milliseconds from the beginning.
    pub sent_ms: u64,
    /// When it was answered, or given up.
    pub ended_ms: u64,
    /// Who answered.
    pub node: Option<String>,
    /// Why it counts as failed, if it does.
    pub failure: Option<String>,
}

impl Visited {
    /// Whether somebody answered, if only that something is wrong.
    fn answered(&self) -> bool {
        self.failure.as_deref() != Some(NO_ANSWER)
    }
}

/// The page is not there: so many requests, all from the beginning, were answered with 404.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPage(pub usize);

/// A second of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Second {
    /// Answers by node; `?` where none is told.
    pub answers: BTreeMap<String, usize>,
    /// Failures by what they were.
    pub failures: BTreeMap<String, usize>,
}

/// What came of a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Load {
    /// The format.
    pub schema: &'static str,
    /// The page.
    pub url: String,
    /// How many requests were sent.
    pub requests: usize,
    /// How many failed.
    pub failed: usize,
    /// The longest time in which no request succeeded, in milliseconds.
    pub longest_gap_ms: u64,
    /// When that time began, in milliseconds from the beginning.
    pub longest_gap_at_ms: u64,
    /// The longest that an answer took, in milliseconds.
    pub slowest_ms: u64,
    /// All seconds together.
    pub total: Second,
    /// Each second, by when requests ended.
    pub seconds: Vec<Second>,
    /// The times for which members of the load balancer were out of rotation, where that was looked at.
    pub turns: Vec<Turn>,
    /// What is said of LB-5 and LB-6, where that was looked at.
    pub rules: BTreeMap<Rule, Judged>,
}

/// The load balancer in front, as the target file has it.
#[derive(Debug)]
pub struct Watched<'a> {
    /// The target.
    pub target: &'a Target,
    /// Its load balancer.
    pub rotation: Rotation,
}

impl Watched<'_> {
    /// Reads the list again and again. A reading that fails is left out: what users live through is looked at all the same.
    async fn watch(&self, began: Instant, looks: &mut Vec<Look>) {
        loop {
            let asked_ms = since(began);
            if let Ok(members) = self.rotation.list().await {
                looks.push(Look { asked_ms, told_ms: since(began), members });
            }
            tokio::time::sleep(self.target.timing.poll).await;
        }
    }

    /// Reads it once.
    ///
    /// # Errors
    /// [`Error`] when the load balancer cannot be asked.
    pub async fn try_out(&self) -> Result<(), Error> {
        self.rotation.list().await.map(drop)
    }

    /// Says what the looks and the visits come to.
    fn judged(&self, visits: &[Visited], looks: &[Look], load: &mut Load) {
        load.turns = turns(looks);
        let members = looks.last().map(|look| look.members.as_slice()).unwrap_or_default();
        let member = |node: &str| {
            rotation::find(members, &node_of(self.target, node)).ok().map(|it| it.name.clone())
        };
        load.rules = judge(visits, &load.turns, member);
    }
}

fn since(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Makes a load until it is over or somebody asks to stop.
///
/// # Errors
/// [`NoPage`] when the page is on no node: then nothing can be said of who serves it.
pub async fn load(
    client: &Client,
    plan: &Plan,
    watched: Option<&Watched<'_>>,
    stop: &AtomicBool,
) -> Result<Load, NoPage> {
    let began = Instant::now();
    let mut looks = Vec::new();
    let watch = async {
        match watched {
            Some(watched) => watched.watch(began, &mut looks).await,
            None => std::future::pending().await,
        }
    };
    let visits = tokio::select! {
        visits = visited(client, plan, began, stop) => visits?,
        () = watch => Vec::new(),
    };
    let mut load = counted(&plan.url, &visits);
    if let Some(watched) = watched {
        watched.judged(&visits, &looks, &mut load);
    }
    Ok(load)
}

/// Sends what the plan says.
async fn visited(
    client: &Client,
    plan: &Plan,
    began: Instant,
    stop: &AtomicBool,
) -> Result<Vec<Visited>, NoPage> {
    let pause = Duration::from_secs(1) / u32::from(plan.rate.max(1));
    // Each user's cookies; a user who waits for an answer asks nothing else.
    let mut idle: VecDeque<(Option<usize>, Cookies)> =
        (0..plan.users.max(1)).map(|user| (Some(user), Cookies::new())).collect();
    let mut sent = 0_usize;
    let mut asking = tokio::task::JoinSet::new();
    let mut visits = Vec::new();
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let over = || plan.limit.is_some_and(|limit| began.elapsed() >= limit);
    while !stop.load(Ordering::Relaxed) && !over() {
        tokio::select! {
            _ = ticks.tick() => {
                let new = sent % NEW_EVERY == NEW_EVERY - 1;
                let who = if new { Some((None, Cookies::new())) } else { idle.pop_front() };
                let Some((user, cookies)) = who else { continue };
                sent += 1;
                let (client, plan) = (client.clone(), plan.clone());
                asking.spawn(async move { ask(&client, &plan, began, (user, cookies)).await });
            }
            Some(Ok((visited, cookies))) = asking.join_next() => {
                idle.extend(visited.user.map(|user| (Some(user), cookies)));
                visits.push(visited);
                if visits.len() == NO_PAGE && no_page(&visits) {
                    return Err(NoPage(visits.len()));
                }
            }
        }
    }
    while let Some(ended) = asking.join_next().await {
        visits.extend(ended.ok().map(|(visited, _)| visited));
    }
    if no_page(&visits) {
        return Err(NoPage(visits.len()));
    }
    visits.sort_by_key(|visit| visit.ended_ms);
    Ok(visits)
}

type Cookies = BTreeMap<String, String>;

async fn ask(
    client: &Client,
    plan: &Plan,
    began: Instant,
    (user, mut cookies): (Option<usize>, Cookies),
) -> (Visited, Cookies) {
    let sent_ms = since(began);
    let pairs: Vec<String> =
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let visit = client.visit(&plan.url, &pairs.join("; ")).await;
    for set in &visit.cookies {
        let pair = set.split(';').next().and_then(|pair| pair.split_once('='));
        if let Some((name, value)) = pair {
            cookies.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    let node = plan.node_after.as_deref().and_then(|text| visit.word_after(text));
    let failure = failure(&visit);
    (Visited { user, sent_ms, ended_ms: since(began), node, failure }, cookies)
}

/// Pages and redirects are answers; what says that something is wrong is a failure, a login that is asked for among them.
fn failure(visit: &Visit) -> Option<String> {
    match visit.code {
        Some(200..=399) => None,
        Some(code) => Some(code.to_string()),
        None => Some(NO_ANSWER.to_owned()),
    }
}

/// What a failure is where nobody answered.
const NO_ANSWER: &str = "no answer";

/// Whether all that was asked was answered with 404.
fn no_page(visits: &[Visited]) -> bool {
    !visits.is_empty() && visits.iter().all(|visit| visit.failure.as_deref() == Some("404"))
}

/// What these requests come to, in the order in which they ended.
#[must_use]
pub fn counted(url: &str, visits: &[Visited]) -> Load {
    let mut load = Load {
        schema: "zdu-load/1",
        url: url.to_owned(),
        requests: visits.len(),
        failed: 0,
        longest_gap_ms: 0,
        longest_gap_at_ms: 0,
        slowest_ms: 0,
        total: Second::default(),
        seconds: Vec::new(),
        turns: Vec::new(),
        rules: BTreeMap::new(),
    };
    let mut last = visits.iter().map(|visit| visit.sent_ms).min().unwrap_or(0);
    let end = visits.last().map_or(0, |visit| visit.ended_ms);
    let mut gap = |from: u64, to: u64| {
        let gap = to.saturating_sub(from);
        if gap > load.longest_gap_ms {
            load.longest_gap_ms = gap;
            load.longest_gap_at_ms = from;
        }
    };
    for visit in visits.iter().filter(|visit| visit.failure.is_none()) {
        gap(last, visit.ended_ms);
        last = visit.ended_ms;
    }
    gap(last, end);
    for visit in visits {
        let at = usize::try_from(visit.ended_ms / 1000).unwrap_or(usize::MAX);
        if load.seconds.len() <= at {
            load.seconds.resize(at + 1, Second::default());
        }
        for second in [&mut load.total, &mut load.seconds[at]] {
            let (counts, what) = match &visit.failure {
                Some(what) => (&mut second.failures, what.as_str()),
                None => (&mut second.answers, visit.node.as_deref().unwrap_or("?")),
            };
            *counts.entry(what.to_owned()).or_default() += 1;
        }
        load.failed += usize::from(visit.failure.is_some());
        if visit.answered() {
            load.slowest_ms = load.slowest_ms.max(visit.ended_ms.saturating_sub(visit.sent_ms));
        }
    }
    load
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(sent_ms: u64, ended_ms: u64, node: &str, failure: Option<&str>) -> Visited {
        Visited {
            user: Some(0),
            sent_ms,
            ended_ms,
            node: (!node.is_empty()).then(|| node.to_owned()),
            failure: failure.map(str::to_owned),
        }
    }

    // Proves that a page which is not there is told from one that fails: a single other answer, or none, is no evidence of that.
    #[test]
    fn a_page_that_every_request_misses_is_not_there() {
        let missed = || visit(0, 10, "", Some("404"));
        assert!(no_page(&[missed(), missed()]));
        for other in [visit(0, 10, "n1", None), visit(0, 10, "", Some("503"))] {
            assert!(!no_page(&[missed(), other, missed()]));
        }
        assert!(!no_page(&[]));
    }

    // Expected by hand: a failure ends no gap, and one that lasts to the end counts; what nobody answered is no slow answer.
    #[test]
    fn gaps_and_seconds_are_counted() {
        let load = counted(
            "u",
            &[
                visit(0, 10, "n1", None),
                visit(500, 600, "", Some("502")),
                visit(400, 1400, "n2", None),
                visit(1500, 4000, "", Some("no answer")),
            ],
        );
        assert_eq!((load.requests, load.failed, load.slowest_ms), (4, 2, 1000));
        assert_eq!((load.longest_gap_at_ms, load.longest_gap_ms), (1400, 2600));
        assert_eq!(load.seconds.len(), 5);
        assert_eq!(load.seconds[0].failures, BTreeMap::from([("502".to_owned(), 1)]));
        assert_eq!(load.seconds[1].answers, BTreeMap::from([("n2".to_owned(), 1)]));
        assert_eq!(counted("u", &[]).requests, 0);
    }

    // Proves that the picture has a bar for whatever was counted, and shows the page's address as text alone.
    #[test]
    fn the_picture_shows_each_node_and_failure() {
        let load = counted(
            "http://x/<b>",
            &[visit(0, 10, "n1", None), visit(0, 20, "n2", None), visit(5, 30, "", Some("503"))],
        );
        let page = page(&load);
        for name in ["n1", "n2", "503"] {
            assert!(page.contains(&format!("<title>{name}: 1 in second 0</title>")), "{page}");
        }
        assert!(!page.contains("<b>") && page.contains("&lt;b&gt;"));
    }
}
