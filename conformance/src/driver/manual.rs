//! Steps by hand: a person is told what to do, and either says when it is done or is seen to have done it.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::{Mutex, mpsc};
use zdu_model::judge::event::{Answer, Source, View};
use zdu_model::judge::seen::{Observation, Overview, Request};
use zdu_model::spec::node::NodeId;

use super::{Doing, Driver, DriverError};
use crate::replay::{Port as _, Site};

/// Prints what to do on stderr, and waits for Enter on stdin or for the node to be listed otherwise, whichever comes first.
/// When the input has ended only the latter is waited for; a step that shows nothing then stays unconfirmed.
#[derive(Clone, Debug)]
pub struct ManualDriver {
    site: Site,
    lines: Arc<OnceLock<Mutex<mpsc::Receiver<()>>>>,
}

impl ManualDriver {
    /// A driver for this target.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        Self { site: site.clone(), lines: Arc::default() }
    }

    async fn ask(&self, what: &str, id: NodeId) -> Result<(), DriverError> {
        let before = self.overview().await;
        eprint!("please {what}, then press Enter (or wait until it shows): ");
        if std::io::stderr().flush().is_err() {
            return Err(DriverError::Failed {
                command: what.to_owned(),
                outcome: "could not be asked for".to_owned(),
                output: String::new(),
            });
        }
        tokio::select! {
            () = self.entered() => {}
            () = self.changed(before, id) => eprintln!("seen"),
            () = tokio::time::sleep(self.site.timing.settle) => {
                return Err(DriverError::Failed {
                    command: what.to_owned(),
                    outcome: format!(
                        "was neither confirmed nor seen within {}",
                        humantime::format_duration(self.site.timing.settle)
                    ),
                    output: String::new(),
                });
            }
        }
        Ok(())
    }

    async fn overview(&self) -> Option<Overview> {
        let sent = self.site.read(Source::Cluster, View::Overview, None).await;
        let Answer::Served(served) = sent.answer else { return None };
        match self.site.dictionary.roster().told(&served, None).seen {
            Some(Observation::Overview(overview)) => Some(overview),
            Some(Observation::State(..) | Observation::Node(..)) | None => None,
        }
    }

    /// Completes when the node is listed otherwise than before, or when whether anybody answers has changed.
    async fn changed(&self, before: Option<Overview>, id: NodeId) {
        let listed = |view: &Option<Overview>| view.as_ref().map(|view| view.nodes[id.index()]);
        loop {
            tokio::time::sleep(self.site.timing.poll).await;
            if listed(&self.overview().await) != listed(&before) {
                return;
            }
        }
    }

    /// Completes when Enter is pressed; never once the input has ended.
    async fn entered(&self) {
        let lines = self.lines.get_or_init(|| Mutex::new(listen()));
        let mut lines = lines.lock().await;
        // On a terminal, what was typed before the question is no answer to it; a script's lines are.
        while std::io::stdin().is_terminal() && lines.try_recv().is_ok() {}
        if lines.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Reads stdin in the background, once for all questions: a read that is given up half-way would lose a line.
fn listen() -> mpsc::Receiver<()> {
    let (send, lines) = mpsc::channel(64);
    tokio::spawn(async move {
        let mut input = BufReader::new(tokio::io::stdin());
        let mut line = String::new();
        while matches!(input.read_line(&mut line).await, Ok(1..)) {
            line.clear();
            if send.send(()).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::ZERO).await;
        }
    });
    lines
}

impl Driver for ManualDriver {
    fn can(&self, _: NodeId, _: Request) -> bool {
        true
    }

    fn request<'a>(&'a self, id: NodeId, request: Request) -> Doing<'a> {
        Box::pin(async move {
            let node = self.site.dictionary.node_name(id);
            let what = match request {
                Request::Stop => format!("stop Confluence gracefully on node {node}"),
                Request::Kill => format!("shut node {node} down altogether"),
                Request::Install(version) => {
                    format!(
                        "install version {} on node {node}",
                        self.site.dictionary.version_name(version)
                    )
                }
                Request::Boot => format!("start Confluence on node {node}"),
                Request::Break => {
                    format!("make Confluence on node {node} fail, so that it shows ERROR")
                }
                Request::Repair => format!("fix the error on node {node} without restarting it"),
                Request::FailTasks => format!("make the upgrade tasks of node {node} fail"),
            };
            self.ask(&what, id).await
        })
    }

    fn can_reset(&self) -> bool {
        false
    }

    fn reset(&self) -> Doing<'_> {
        Box::pin(async { Err(DriverError::CannotDo("reset".to_owned())) })
    }
}
