//! Who asks a command to end? Ctrl-C, whoever sends TERM (CI, systemd, a container's end), and a terminal that hangs up: all of them
//! are taken alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Exit;

/// Hears of every request to end.
pub(super) struct Ending {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
    hang_up: Option<Signal>,
}

impl Ending {
    /// Hears from now on. Within a runtime. What cannot be heard keeps its default, which ends the process.
    pub(super) fn heard() -> Self {
        let hear = |kind| signal(kind).ok();
        Self {
            interrupt: hear(SignalKind::interrupt()),
            terminate: hear(SignalKind::terminate()),
            // Whoever began with `nohup` wants to go on without the terminal.
            hang_up: if hang_ups_count() { hear(SignalKind::hangup()) } else { None },
        }
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            () = received(&mut self.interrupt) => {}
            () = received(&mut self.terminate) => {}
            () = received(&mut self.hang_up) => {}
        }
    }
}

async fn received(signal: &mut Option<Signal>) {
    let heard = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending().await
    }
}

/// A flag that is set once somebody asks to end, and `told` is said; who asks again ends the process at once. Within a runtime.
pub(super) async fn raise(flag: Arc<AtomicBool>, told: &str) {
    let mut ending = Ending::heard();
    loop {
        ending.next().await;
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        crate::printing::note(&format!("zdu: {told}"));
    }
}

/// Whether a terminal that hangs up is to end this process: known not to be ignored.
fn hang_ups_count() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status).is_some_and(|mask| mask & 1 == 0)
}

/// The signals that a process ignores, the first in the lowest bit, as Linux tells it.
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::ignored;

    // By hand: HUP is signal 1, PIPE 13.
    #[test]
    fn what_is_ignored_is_read_from_the_mask() {
        assert_eq!(ignored("Name:\tzdu\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"), Some(0x1001));
        assert_eq!(ignored("SigIgn:\t0000000000001000\n").map(|mask| mask & 1), Some(0));
        assert_eq!(ignored("Name:\tzdu\n"), None);
    }
}
