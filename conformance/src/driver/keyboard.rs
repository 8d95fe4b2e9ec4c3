//! What does somebody type who drives by hand? Lines of stdin, with when they came.

use std::io::{BufRead as _, IsTerminal as _};
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What somebody types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Enter alone: it is done.
    Done,
    /// Leave the trace out.
    Skip,
    /// End the run.
    Quit,
    /// Something else, which must not be taken for a confirmation.
    Other,
}

impl Typed {
    fn of(line: &str) -> Self {
        match line.trim().to_lowercase().as_str() {
            "" => Self::Done,
            "skip" | "s" => Self::Skip,
            "quit" | "q" => Self::Quit,
            _ => Self::Other,
        }
    }
}

/// The lines of stdin.
#[derive(Debug)]
pub(super) struct Keyboard {
    lines: UnboundedReceiver<(Instant, Typed)>,
    /// Somebody types, rather than a script.
    pub(super) terminal: bool,
}

impl Keyboard {
    /// Listens from now on. On a terminal `quit` is passed on as soon as it is typed, and so is the end of the input.
    pub(super) fn listen(quit: impl Fn() + Send + 'static) -> Self {
        let terminal = std::io::stdin().is_terminal();
        let (send, lines) = unbounded_channel();
        // A thread of its own: nothing waits for a read of stdin that nobody ends.
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(typed) = line.map(|line| Typed::of(&line)) else { break };
                if terminal && typed == Typed::Quit {
                    quit();
                }
                if send.send((Instant::now(), typed)).is_err() {
                    return;
                }
            }
            if terminal {
                quit();
            }
        });
        Self { lines, terminal }
    }

    /// The next line; `None` once the input has ended.
    pub(super) async fn next(&mut self) -> Option<(Instant, Typed)> {
        self.lines.recv().await
    }

    /// A line that is there already; `None` where there is none.
    pub(super) fn waiting(&mut self) -> Option<(Instant, Typed)> {
        self.lines.try_recv().ok()
    }
}
