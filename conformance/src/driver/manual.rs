//! Steps by hand: a person is told what to do, and either says when it is done or is seen to have done it.
//!
//! Each question is answered once. Whoever presses Enter when the change was already seen answers nothing with it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use zdu_model::judge::event::{Answer, Source, View};
use zdu_model::judge::seen::{Observation, Overview, Request, SeenNode, SeenVersion};
use zdu_model::spec::node::{NodeId, NodeStatus};

use super::keyboard::{Keyboard, Typed};
use super::{Doing, Driver, DriverError};
use crate::printing;
use crate::progress::{News, Onlooker};
use crate::replay::{Port as _, Site};
use crate::words::{HandNote, Words};

/// How long after a question an Enter is taken for the one before, where that was answered by what was seen: nobody has read and
/// done the next step so soon, and an Enter too many costs another, one too few a wrong verdict.
const LATE: Duration = Duration::from_secs(2);

/// How often whether somebody asked to stop is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// Says on stderr what to do, and waits for Enter on stdin or for the step to show, whichever comes first. When the input has
/// ended only the latter is waited for; a step that shows nothing then stays unconfirmed.
#[derive(Clone, Debug)]
pub struct ManualDriver {
    site: Site,
    keyboard: Arc<tokio::sync::Mutex<Keyboard>>,
    state: Arc<Mutex<State>>,
    /// Ends the run: set by whoever asks to stop, and by `quit`.
    stop: Arc<AtomicBool>,
}

/// What is remembered from question to question.
#[derive(Debug)]
struct State {
    /// The trace under way, its steps, and since when; nothing before the first.
    trace: String,
    steps: usize,
    began: Instant,
    /// The step under way; 0 and more than there are on the way to where traces start.
    step: usize,
    /// The last question was answered by what was seen: an Enter for it may still come.
    late: bool,
    /// Notes that are given once.
    given: Vec<HandNote>,
}

impl ManualDriver {
    /// A driver for this target, which listens to stdin from now on.
    #[must_use]
    pub fn new(site: &Site, stop: &Arc<AtomicBool>) -> Self {
        let flag = Arc::clone(stop);
        let keyboard = Keyboard::listen(move || flag.store(true, Ordering::Relaxed));
        let state = State {
            trace: String::new(),
            steps: 0,
            began: Instant::now(),
            step: 0,
            late: false,
            given: Vec::new(),
        };
        Self {
            site: site.clone(),
            keyboard: Arc::new(tokio::sync::Mutex::new(keyboard)),
            state: Arc::new(Mutex::new(state)),
            stop: Arc::clone(stop),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, id: NodeId, request: Request) -> Result<(), DriverError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(DriverError::Ended);
        }
        let before = self.overview().await;
        let mut keyboard = self.keyboard.lock().await;
        let names = self.site.dictionary.names();
        let words = Words::new(&names);
        self.note_once(HandNote::How);
        let late = {
            let mut state = self.state();
            printing::note(&words.by_hand(&state.trace, state.step, state.steps, (id, request)));
            std::mem::take(&mut state.late)
        };
        let settle = self.site.timing.settle;
        tokio::select! {
            typed = self.entered(&mut keyboard, late) => match typed {
                Typed::Skip => Err(DriverError::LeftOut),
                Typed::Quit => {
                    self.stop.store(true, Ordering::Relaxed);
                    Err(DriverError::Ended)
                }
                Typed::Done | Typed::Other => Ok(()),
            },
            () = self.shown(before, id, request) => {
                note(HandNote::Seen);
                self.state().late = true;
                Ok(())
            }
            () = self.stopped() => Err(DriverError::Ended),
            () = tokio::time::sleep(settle) => Err(DriverError::Failed {
                command: words.hand_step(id, request),
                outcome: words.unconfirmed(settle),
                output: String::new(),
                late: true,
            }),
        }
    }

    fn note_once(&self, what: HandNote) {
        let mut state = self.state();
        if !state.given.contains(&what) {
            state.given.push(what);
            note(what);
        }
    }

    async fn overview(&self) -> Option<Overview> {
        let sent = self.site.read(Source::Cluster, View::Overview, None).await;
        let Answer::Served(served) = sent.answer else { return None };
        match self.site.dictionary.roster().told(&served, None).seen {
            Some(Observation::Overview(overview)) => Some(overview),
            Some(Observation::State(..) | Observation::Node(..)) | None => None,
        }
    }

    /// Completes when the node is listed otherwise than before, and as the step makes it.
    async fn shown(&self, before: Option<Overview>, id: NodeId, request: Request) {
        let listed = |view: &Option<Overview>| view.as_ref().map(|view| view.nodes[id.index()]);
        let before = listed(&before);
        loop {
            tokio::time::sleep(self.site.timing.poll).await;
            let now = listed(&self.overview().await);
            if now != before && shows(request, now) {
                return;
            }
        }
    }

    async fn stopped(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Completes when the question is answered from the keyboard; never once the input has ended.
    async fn entered(&self, keyboard: &mut Keyboard, mut late: bool) -> Typed {
        let asked = Instant::now();
        if keyboard.terminal {
            // What was typed before the question is no answer to it, but that the trace be left out. A script's lines are.
            let began = self.state().began;
            while let Some((when, typed)) = keyboard.waiting() {
                if typed == Typed::Skip && when >= began {
                    return typed;
                }
                late &= typed != Typed::Done;
            }
        }
        loop {
            let Some((_, typed)) = keyboard.next().await else {
                self.note_once(HandNote::Ended);
                std::future::pending::<()>().await;
                continue;
            };
            match typed {
                Typed::Done if std::mem::take(&mut late) && asked.elapsed() < LATE => {
                    note(HandNote::Late);
                }
                Typed::Other => note(HandNote::Other),
                Typed::Done | Typed::Skip | Typed::Quit => return typed,
            }
        }
    }
}

fn note(what: HandNote) {
    printing::note(what.words());
}

/// Whether a node that is listed so, or a cluster in which nobody answers, may be what the step makes of it.
fn shows(request: Request, node: Option<Option<SeenNode>>) -> bool {
    use NodeStatus::{Active, Error, Offline, Starting, Terminating, UpgradeTasksFailed};
    // Nobody answers: the last one went. An entry that is not there, or silent, says no more of a node that is up.
    let Some(node) = node else { return matches!(request, Request::Stop | Request::Kill) };
    let status = node.map(|node| node.status);
    let is =
        |wanted: &[NodeStatus]| status.flatten().is_some_and(|status| wanted.contains(&status));
    match request {
        Request::Stop => status.is_none() || is(&[Terminating, Offline]),
        Request::Kill => status.is_none() || is(&[Offline]),
        Request::Boot => is(&[Starting, Active]),
        Request::Break => is(&[Error]),
        Request::Repair => is(&[Active]),
        Request::FailTasks => is(&[UpgradeTasksFailed]),
        Request::Install(version) => {
            node.is_some_and(|node| node.version == SeenVersion::Known(version))
        }
    }
}

impl Driver for ManualDriver {
    fn can(&self, _: NodeId, _: Request) -> bool {
        true
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(self.ask(id, request))
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(async { Err(DriverError::CannotDo("reset".to_owned())) })
    }
}

/// Hears which step of which trace it asks for.
impl Onlooker for ManualDriver {
    fn hear(&self, news: News<'_>) {
        let mut state = self.state();
        match news {
            News::Began(trace) => {
                state.trace.clone_from(&trace.name);
                (state.steps, state.step, state.began) = (trace.steps.len(), 0, Instant::now());
            }
            News::Step(step, _) => state.step = step,
            News::Waiting(_)
            | News::Awaiting(_)
            | News::Settled
            | News::Way(_)
            | News::Resetting
            | News::TryingReset
            | News::IdleReset
            | News::Silent
            | News::Reviving(_)
            | News::Found
            | News::Ended(_) => {}
        }
    }
}
