//! How is a shell's command run to its end? Within a time limit, with everything that it started ended with it if it is
//! late, and without waiting for what it leaves running on purpose.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

/// How many bytes of a command's output are kept for the report.
const OUTPUT_KEPT: usize = 2000;

/// How long the output of a command that has ended is waited for. A daemon that it started may hold its pipes for ever.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// A command that failed.
#[derive(Debug)]
pub(super) struct Failed {
    /// How it ended.
    pub(super) outcome: String,
    /// What it printed, the beginning.
    pub(super) output: String,
    /// It did not end in time.
    pub(super) late: bool,
}

/// Runs `sh -c line`.
pub(super) async fn run(line: &str, limit: Duration) -> Result<(), Failed> {
    let failed = |outcome: String| Failed { outcome, output: String::new(), late: false };
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(line)
        .stdin(Stdio::null())
        // A group of its own: Ctrl-C on the terminal ends the run after the command, not the command; and what is late is
        // ended as a whole.
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("cannot be started: {error}")))?;
    let group = child.id();
    let printed = Arc::new(Mutex::new(Vec::new()));
    let mut readers = tokio::task::JoinSet::new();
    if let Some(out) = child.stdout.take() {
        readers.spawn(keep(out, Arc::clone(&printed)));
    }
    if let Some(err) = child.stderr.take() {
        readers.spawn(keep(err, Arc::clone(&printed)));
    }
    let ended = tokio::time::timeout(limit, child.wait()).await;
    if ended.is_err()
        && let Some(group) = group
    {
        // It may have ended at this very moment: then nobody is left to be killed.
        let kill = format!("kill -KILL -{group}");
        let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status().await;
        let _ = child.wait().await;
    }
    let _ =
        tokio::time::timeout(LAST_WORDS, async { while readers.join_next().await.is_some() {} })
            .await;
    let output = {
        let printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&printed).trim_end().to_owned()
    };
    let late = ended.is_err();
    let failed = |outcome: String| Err(Failed { outcome, output, late });
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => failed(format!("ended with {status}")),
        Ok(Err(error)) => failed(format!("cannot be waited for: {error}")),
        Err(_) => failed(format!(
            "did not end within {} and was killed",
            humantime::format_duration(limit)
        )),
    }
}

/// Reads to the end, so that nobody waits for a reader, and keeps the beginning.
async fn keep(mut from: impl AsyncRead + Unpin, printed: Arc<Mutex<Vec<u8>>>) {
    let mut part = [0; 1024];
    while let Ok(read @ 1..) = from.read(&mut part).await {
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = OUTPUT_KEPT.saturating_sub(printed.len()).min(read);
        printed.extend_from_slice(&part[..room]);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::run;

    const LONG: Duration = Duration::from_secs(20);

    // A daemon that keeps the pipes open has been started, not failed; one would wait for its end for ever.
    #[tokio::test]
    async fn what_a_command_leaves_running_is_not_waited_for() {
        let began = Instant::now();
        let ended = run("sleep 15 & echo $!", LONG).await;
        assert!(ended.is_ok() && began.elapsed() < Duration::from_secs(10));
    }

    // Killing the shell alone would leave its children: one of them writes the file that must not come.
    #[tokio::test]
    async fn a_late_command_is_ended_with_all_that_it_started() {
        let file = std::env::temp_dir().join(format!("zdu-late-{}", std::process::id()));
        let line = format!("(echo begun; sleep 1; echo alive > '{}') | cat; true", file.display());
        let failed = run(&line, Duration::from_millis(200)).await.expect_err("it is late");
        assert!(failed.outcome.contains("200ms") && failed.output == "begun");
        // Whoever is alive would write within a second.
        let watched = Instant::now();
        while watched.elapsed() < Duration::from_millis(1200) {
            assert!(!file.exists(), "a child of the command lives on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    #[tokio::test]
    async fn a_command_that_fails_is_told_with_what_it_printed() {
        let failed = run("echo no such host >&2; exit 3", LONG).await.expect_err("it fails");
        assert!(failed.outcome.contains('3') && failed.output == "no such host");
        assert!(run("true", LONG).await.is_ok());
    }
}
