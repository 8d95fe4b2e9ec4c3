//! Has NGINX taken over its new configuration, and does anybody still work by the old one? Commands, and the process table.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::files::Group;
use crate::Error;

/// How long a reload, or a command, may take.
const LIMIT: Duration = Duration::from_secs(30);

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Where NGINX keeps the number of its master process where the configuration names no place.
const PIDS: [&str; 3] = ["/run/nginx.pid", "/var/run/nginx.pid", "/usr/local/nginx/logs/nginx.pid"];

/// The title of a worker that takes nothing new.
const ENDING: &str = "worker process is shutting down";

/// Runs a command of the shell; what it printed when it failed is the error's.
pub(super) async fn run(line: &str) -> Result<(), Error> {
    let refused = |said: String| Error::Refused { what: format!("`{line}`"), said };
    let child = tokio::process::Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(LIMIT, child).await {
        Err(_) => return Err(refused(format!("it did not end within {LIMIT:?}"))),
        Ok(Err(error)) => return Err(refused(format!("it cannot be run: {error}"))),
        Ok(Ok(output)) => output,
    };
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).trim().to_owned();
    Err(refused(format!("{}\n{printed}", output.status)))
}

/// The master process, as far as it can be seen from here.
#[derive(Debug)]
pub(super) struct Master {
    pid: Option<u32>,
}

impl Master {
    /// The one whose number lies where the configuration says.
    pub(super) fn of(group: &Group) -> Self {
        let read = |path: &std::path::Path| fs::read_to_string(path).ok()?.trim().parse().ok();
        let pid = match &group.pid {
            Some(path) => read(path),
            None => PIDS.iter().find_map(|path| read(path.as_ref())),
        };
        Self { pid: pid.filter(|pid| alive(*pid)) }
    }

    /// Its workers.
    pub(super) fn workers(&self) -> BTreeSet<u32> {
        let Some(master) = self.pid else { return BTreeSet::new() };
        let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
        numbers
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| parent(*pid) == Some(master))
            .filter(|pid| title(*pid).contains("worker process"))
            .collect()
    }

    /// How many workers take nothing new, and have not ended yet.
    pub(super) fn ending(&self) -> u64 {
        let ending = self.workers().into_iter().filter(|pid| title(*pid).contains(ENDING));
        u64::try_from(ending.count()).unwrap_or(u64::MAX)
    }

    /// Waits until no worker of before takes anything new, and new ones are there.
    pub(super) async fn renewed(&self, before: &BTreeSet<u32>) -> Result<(), Error> {
        if self.pid.is_none() || before.is_empty() {
            return Err(Error::Unreachable {
                what: "NGINX's master process".to_owned(),
                reason: "no process has the number of its pid file; start NGINX, or run zdu on the same machine".to_owned(),
            });
        }
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let workers = self.workers();
            let renewed = workers.iter().any(|pid| !before.contains(pid));
            let stale = |pid: &&u32| before.contains(pid) && !title(**pid).contains(ENDING);
            if renewed && workers.iter().find(stale).is_none() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Refused {
            what: "the reload".to_owned(),
            said: format!(
                "NGINX still works with what it had after {LIMIT:?}; its error log says why"
            ),
        })
    }
}

fn alive(pid: u32) -> bool {
    parent(pid).is_some()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn title(pid: u32) -> String {
    fs::read(format!("/proc/{pid}/cmdline"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}
