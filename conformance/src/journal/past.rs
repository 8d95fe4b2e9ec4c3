//! What does a journal tell of its run, wherever that ended? And which report does it come to, alone or with others?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use zdu_model::judge::text::Text;
use zdu_model::spec::node::NodeId;
use zdu_model::traces::trace::Trace;

use super::{Head, JournalError, Line, Planned, SCHEMA, Tail, bytes, print_of};
use crate::run::Run;
use crate::target::Waiver;
use crate::verdict::{End, Report, Stop, TraceResult, Verdict};

/// What a journal tells.
#[derive(Clone, Debug, Default)]
pub struct Past {
    head: Option<Head>,
    /// When the first of the runs began that went on with one another.
    began: Option<String>,
    /// Each trace that one of them was to run, in their order.
    planned: Vec<Planned>,
    /// The last result of each trace, by name, with the trace's fingerprint.
    finished: BTreeMap<String, (String, TraceResult)>,
    /// The traces that are run again, whatever became of them before (`--last-failed`).
    again: BTreeSet<String>,
    /// The trace that was under way.
    pub under_way: Option<String>,
    /// What was sent without an answer, and to which node: it may or may not have happened.
    pub unknown: Option<(String, Option<NodeId>)>,
    /// How many lines cannot be read.
    pub cut: usize,
    /// How it ended; `None` where it was killed.
    tail: Option<Tail>,
    /// Whether any trace began.
    touched: bool,
}

impl Past {
    /// Reads a journal.
    ///
    /// # Errors
    /// [`JournalError`] when there is none, or its first line is not the head of one.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let text = String::from_utf8_lossy(&bytes(path)?).into_owned();
        let shown = path.display().to_string();
        let wrong = |reason: String| JournalError::Shape { path: shown.clone(), reason };
        let mut past = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            match serde_json::from_str(line) {
                Ok(Line::Head(head)) if head.schema != SCHEMA => {
                    return Err(wrong(format!("its schema is `{}`, not `{SCHEMA}`", head.schema)));
                }
                Ok(line) => past.take(line),
                Err(error) if past.head.is_none() && text.contains('\n') => {
                    return Err(wrong(error.to_string()));
                }
                Err(_) => past.cut += 1,
            }
        }
        // A head that was cut off is as good as none: nothing had begun.
        if past.head.is_none() { Err(JournalError::None { path: shown }) } else { Ok(past) }
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Head(head) => {
                self.began.get_or_insert_with(|| head.began.clone());
                self.another_part(&head);
                self.head = Some(*head);
                self.tail = None;
            }
            Line::Began { trace } => {
                self.under_way = Some(trace);
                self.unknown = None;
                self.touched = true;
            }
            Line::Sending { what, node } => self.unknown = Some((what, node)),
            Line::Sent { code, .. } => {
                if code.is_some() {
                    self.unknown = None;
                }
            }
            Line::Finished { print, result } => {
                self.under_way = None;
                self.unknown = None;
                self.again.remove(result.name.raw());
                self.finished.insert(result.name.raw().to_owned(), (print, *result));
            }
            Line::Ended(tail) => self.tail = Some(*tail),
        }
    }

    /// The run is gone on with: what has ended is of an earlier part.
    fn another_part(&mut self, head: &Head) {
        if let Some(was) = &self.head {
            for (_, result) in self.finished.values_mut() {
                result.earlier.get_or_insert_with(|| was.began.as_str().into());
            }
        }
        for planned in &head.traces {
            match self.planned.iter_mut().find(|known| known.name == planned.name) {
                Some(known) => known.clone_from(planned),
                None => self.planned.push(planned.clone()),
            }
        }
        self.ask_again(head);
    }

    /// What a run asks for whatever became of it before.
    pub(super) fn ask_again(&mut self, head: &Head) {
        if head.again {
            self.again.extend(head.traces.iter().map(|planned| planned.name.raw().to_owned()));
        }
    }

    /// What was run on what; of several runs that went on with one another, the last.
    #[must_use]
    pub const fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// When it began; of several that went on with one another, the first.
    #[must_use]
    pub fn began(&self) -> Option<jiff::Timestamp> {
        self.began.as_ref()?.parse().ok()
    }

    /// Whether nothing is lost when the journal is replaced: the run came to all of its traces, or to none.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !self.touched && self.finished.is_empty()
            || self.tail.as_ref().is_some_and(|tail| tail.finished)
    }

    /// Whether the cluster may be where the run left it: nothing says that it was taken home.
    #[must_use]
    pub fn left_away(&self) -> bool {
        self.touched && self.tail.as_ref().is_none_or(|tail| !tail.at_home)
    }

    /// How many traces were to be run.
    #[must_use]
    pub fn planned(&self) -> usize {
        self.planned.len()
    }

    /// How many traces are not repeated.
    #[must_use]
    pub fn count(&self) -> usize {
        let kept = |(name, (_, result)): &(&String, &(String, TraceResult))| {
            is_final(result) && !self.again.contains(*name)
        };
        self.finished.iter().filter(kept).count()
    }

    /// The result of a trace that had ended, if it is still the same trace and nothing of it is left to be run.
    #[must_use]
    pub fn finished_before(&self, trace: &Trace) -> Option<TraceResult> {
        let (print, result) = self.finished.get(&trace.name)?;
        let kept =
            *print == print_of(trace) && is_final(result) && !self.again.contains(&trace.name);
        kept.then(|| self.of_before(result))
    }

    /// The expression that had come about in this trace, where the run ended for it (`--stop-when`).
    #[must_use]
    pub fn met_in(&self, trace: &Trace) -> Option<&Text> {
        match self.finished.get(&trace.name)?.1.end.stopped()? {
            Stop::Met { what, trace: there, .. } => (there.raw() == trace.name).then_some(what),
            Stop::ClusterLost(_) | Stop::Killed => None,
        }
    }

    /// Whether the last result of the trace of this name is one that somebody wants to see again: it failed, or was not
    /// finished.
    #[must_use]
    pub fn failed(&self, name: &str) -> bool {
        let planned = || self.planned.iter().any(|planned| planned.name.raw() == name);
        self.finished.get(name).map_or_else(planned, |(_, result)| match result.verdict {
            Verdict::Deviates
            | Verdict::Timeout
            | Verdict::Unmodelled
            | Verdict::Broken
            | Verdict::Unfinished => true,
            Verdict::Pass | Verdict::Waived | Verdict::Skipped | Verdict::NotApplicable => false,
        })
    }

    /// Each trace that was to be run, with its result; what the journal has none for is unfinished.
    fn results(&self) -> Vec<TraceResult> {
        let result = |planned: &Planned| {
            let known = self.finished.get(planned.name.raw());
            known.map_or_else(|| untold(planned), |(_, result)| result.clone())
        };
        self.planned.iter().map(result).collect()
    }

    /// The same for whoever goes on with the run.
    pub(super) fn kept(&self) -> Vec<TraceResult> {
        let ended = |result: &TraceResult| self.finished.contains_key(result.name.raw());
        let kept = self.results().into_iter();
        kept.map(|result| if ended(&result) { self.of_before(&result) } else { result }).collect()
    }

    /// A result that whoever goes on with the run takes over.
    fn of_before(&self, result: &TraceResult) -> TraceResult {
        let part = self.head.as_ref().map(|head| head.began.as_str().into());
        TraceResult { earlier: result.earlier.clone().or(part), ..result.clone() }
    }
}

/// Whether a result is the last word on its trace: what was broken, late or not come to is run again, and so is what a mended
/// target file may allow.
const fn is_final(result: &TraceResult) -> bool {
    match result.verdict {
        Verdict::Pass | Verdict::Deviates | Verdict::Waived | Verdict::Unmodelled => true,
        Verdict::Timeout
        | Verdict::Skipped
        | Verdict::NotApplicable
        | Verdict::Broken
        | Verdict::Unfinished => false,
    }
}

fn untold(planned: &Planned) -> TraceResult {
    let name = planned.name.clone();
    let mut result = TraceResult {
        steps_all: planned.steps,
        rules: planned.rules.clone(),
        end: End::Unfinished(Stop::Killed),
        ..TraceResult::new(name, planned.why.clone(), planned.replay.clone())
    };
    result.conclude();
    result
}

/// The report of one run, or of several that shared the traces among them.
///
/// # Errors
/// [`JournalError::Differ`] when they are about different builds.
///
/// # Panics
/// If no journal is given.
pub fn merged(pasts: &[Past]) -> Result<Report, JournalError> {
    let heads: Vec<&Head> = pasts.iter().filter_map(Past::head).collect();
    let first = heads.first().expect("a journal that was read has a head");
    for head in &heads {
        alike(first, head)?;
    }
    let mut names = first.names.clone();
    if heads.iter().any(|head| head.names.nodes != names.nodes) {
        // Several clusters: their nodes go by number.
        let numbers = 1..=heads.iter().map(|head| head.names.nodes.len()).max().unwrap_or(0);
        names.nodes = numbers.map(|number| format!("node {number}").into()).collect();
    }
    let targets: Vec<&str> = heads.iter().map(|head| head.target.raw()).collect();
    let mut run = Run::begin(Text::from(targets.join(", ")), first.profile);
    run.began = pasts.iter().filter_map(Past::began).min().unwrap_or(run.began);
    if let [past] = pasts {
        let last = first.began.parse().ok();
        run.resumed = last.filter(|last| Some(*last) != past.began());
        run.resuming = Some(first.resuming());
    }
    run.label.clone_from(&first.label);
    run.layout = first.layout;
    run.serves_tasks = first.serves_tasks;
    run.names = names;
    run.gate = first.gate.clone();
    run.take_over = heads.iter().any(|head| head.take_over);
    for (rule, reason, expires) in heads.iter().flat_map(|head| &head.waivers) {
        let expires = expires.as_ref().and_then(|day| day.parse().ok());
        let waiver = Waiver { rule: *rule, reason: reason.clone(), expires };
        if !run.waivers.contains(&waiver) {
            run.waivers.push(waiver);
        }
    }
    let tails: Vec<&Tail> = pasts.iter().filter_map(|past| past.tail.as_ref()).collect();
    run.interrupted = tails.iter().any(|tail| tail.interrupted);
    if let ([tail], [_]) = (&tails[..], pasts) {
        run.names = tail.names.clone();
        run.left_as.clone_from(&tail.left_as);
        run.bring_back.clone_from(&tail.bring_back);
        run.left_out.clone_from(&tail.left_out);
        run.ghosts.clone_from(&tail.ghosts);
        run.failed_tasks.clone_from(&tail.failed_tasks);
    } else {
        run.bring_back = tails.iter().flat_map(|tail| tail.bring_back.clone()).collect();
    }
    run.took = Some(tails.iter().fold(0.0, |sum, tail| sum + tail.seconds));
    Ok(run.finish(pasts.iter().flat_map(Past::results).collect()))
}

fn alike(one: &Head, other: &Head) -> Result<(), JournalError> {
    let list =
        |head: &Head| head.names.versions.iter().map(Text::raw).collect::<Vec<_>>().join(" and ");
    let differ = |what, one: String, other: String| JournalError::Differ { what, one, other };
    if one.profile != other.profile {
        return Err(differ("profile", one.profile.to_string(), other.profile.to_string()));
    }
    if one.names.versions != other.names.versions {
        return Err(differ("versions", list(one), list(other)));
    }
    if one.label != other.label {
        let label = |head: &Head| head.label.as_ref().map_or("none", Text::raw).to_owned();
        return Err(differ("label", label(one), label(other)));
    }
    Ok(())
}
