//! Does a run by hand take each answer for what it is? `--manual`, with a script at its keyboard: through a pipe, and through a
//! terminal.

use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::process::{MockProcess, name, terminal};

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A run whose operator is the test.
struct ByHand {
    child: Child,
    keyboard: Option<Box<dyn Write>>,
    lines: Receiver<String>,
    mock: MockProcess,
}

/// A step that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    trace: String,
    /// `step 3 of 9`, or on the way to where traces start.
    place: String,
    /// The path of the control call that does it.
    control: String,
}

impl Question {
    fn of(line: &str) -> Option<Self> {
        let (place, what) = line.strip_prefix('[')?.split_once("] please ")?;
        let (trace, place) = place.split_once(", ")?;
        // Nodes are asked for by name, and the mock is told their ids.
        let node = what.split_once("confluence-")?.1.get(..1)?;
        let step = match what.split(' ').next()? {
            "stop" => "stop",
            "shut" => "kill",
            "install" => "install?version=9.2.4",
            "start" => "boot",
            other => panic!("{other}: {line}"),
        };
        let control = format!("/_mock/nodes/n{node}/{step}");
        Some(Self { trace: trace.to_owned(), place: place.to_owned(), control })
    }
}

impl ByHand {
    fn start(about: &str, only: &[&str], stdin: Stdio, keyboard: Option<Box<dyn Write>>) -> Self {
        let mock = MockProcess::start(about, &["--delay", "3ms"]);
        // Little patience with what was said to be done and is not.
        let target = mock.target_where("allow_disruption = true", "break", "false");
        let report = mock.folder.join("report");
        let fixed =
            ["replay", "--manual", "--target", name(&target), "--report-dir", name(&report)];
        let only = only.iter().flat_map(|name| ["--only", *name]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
            .args(fixed.into_iter().chain(only))
            .env("TMPDIR", &mock.folder)
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("zdu starts");
        let typed = child.stdin.take().map(|stdin| Box::new(stdin) as Box<dyn Write>);
        let (send, lines) = channel();
        let err = BufReader::new(child.stderr.take().expect("stderr"));
        std::thread::spawn(move || {
            err.lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        Self { child, keyboard: keyboard.or(typed), lines, mock }
    }

    fn through_a_pipe(about: &str, only: &[&str]) -> Self {
        Self::start(about, only, Stdio::piped(), None)
    }

    fn on_a_terminal(about: &str, only: &[&str]) -> Self {
        let (master, slave) = terminal();
        // What the terminal echoes is read away.
        let mut echo = master.try_clone().expect("a second handle");
        std::thread::spawn(move || while matches!(echo.read(&mut [0; 256]), Ok(1..)) {});
        Self::start(about, only, Stdio::from(slave), Some(Box::new(master)))
    }

    fn type_in(&mut self, text: &str) {
        let keyboard = self.keyboard.as_mut().expect("a keyboard");
        keyboard.write_all(text.as_bytes()).and_then(|()| keyboard.flush()).expect("typed");
    }

    /// The next line that tells this test anything: a question, or a note beside one; nothing once the run has ended.
    fn line(&self) -> Option<String> {
        loop {
            let line = match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(late) => panic!("{late}"),
            };
            if line.starts_with('[') || line.starts_with("  ") {
                return Some(line);
            }
        }
    }

    /// The next question, whatever is said before it.
    fn question(&self) -> Option<Question> {
        loop {
            if let Some(question) = Question::of(&self.line()?) {
                return Some(question);
            }
        }
    }

    /// Does what is asked for, and types nothing, until the run ends. Gives the questions.
    fn by_being_seen(&self) -> Vec<Question> {
        let mut asked = Vec::new();
        while let Some(question) = self.question() {
            self.mock.post(&question.control);
            asked.push(question);
        }
        asked
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    fn ends(&self) -> Vec<(String, serde_json::Value)> {
        let report = self.mock.report("report");
        let traces = report["traces"].as_array().expect("traces");
        traces.iter().map(|trace| (trace["verdict"].to_string(), trace["end"].clone())).collect()
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// With nobody at the keyboard: the steps are seen to happen, each is asked for once, and the run goes on by itself.
#[test]
fn steps_that_show_need_no_answer() {
    let mut run = ByHand::through_a_pipe("hand-seen", &["happy-path"]);
    run.keyboard = None;
    let asked = run.by_being_seen();
    assert_eq!(run.code(), Some(0));
    let places: Vec<&str> = asked.iter().map(|question| question.place.as_str()).collect();
    // By hand from the trace: look, start, three times stop, install and boot, approve.
    let due: Vec<String> = (3..=11).map(|step| format!("step {step} of 12")).collect();
    assert_eq!(places, due);
    assert!(asked.iter().all(|question| question.trace == "happy-path"));
}

// The stop is seen before anybody answers; the Enter for it comes when the next question stands there already.
#[test]
fn an_enter_for_what_was_seen_is_not_taken_for_the_next_step() {
    let mut run = ByHand::through_a_pipe("hand-late", &["happy-path"]);
    let stop = run.question().expect("a question");
    run.mock.post(&stop.control);
    let install = run.question().expect("the next");
    run.type_in("\n");
    let said = run.line().expect("a note");
    assert_eq!(Question::of(&said), None, "it went on: {said}");
    // Something that is no answer is none, either.
    run.type_in("no\n");
    let said = run.line().expect("a note");
    assert_eq!(Question::of(&said), None, "it went on: {said}");
    run.mock.post(&install.control);
    let asked = run.by_being_seen();
    assert_eq!(asked.first().expect("a question").place, "step 5 of 12");
    assert_eq!(run.code(), Some(0));
}

// Whoever presses Enter is believed, and the run waits for what was said to be done: here nothing was.
#[test]
fn an_enter_answers_the_question() {
    let mut run = ByHand::through_a_pipe("hand-enter", &["node-dies-before-any-upgrade"]);
    run.question().expect("a question");
    run.type_in("\n");
    // On the way home it is asked for what is seen to be missing, which is nothing.
    assert_eq!(run.question(), None);
    assert_eq!(run.code(), Some(3));
    let report = run.mock.report("report");
    assert_eq!(report["traces"][0]["excuse"], serde_json::json!({"idle": "kill"}));
}

// What one leaves out is skipped and taken home, and the run that one ends has its report, as after an interrupt.
#[test]
fn skip_leaves_a_trace_out_and_quit_ends_the_run() {
    let only = ["node-dies-before-any-upgrade", "restart-with-mode-off"];
    let mut run = ByHand::through_a_pipe("hand-skip", &only);
    let first = run.question().expect("a question");
    run.type_in("skip\n");
    let second = run.question().expect("another trace's");
    assert_ne!(first.trace, second.trace);
    run.type_in("quit\n");
    assert_eq!(run.code(), Some(130));
    let ends = run.ends();
    assert_eq!(ends[0], ("\"skipped\"".to_owned(), serde_json::json!({"skipped": "hand"})));
    let interrupted = ("\"unfinished\"".to_owned(), serde_json::json!("interrupted"));
    assert_eq!(&ends[1..], [interrupted]);
}

// What is typed on a terminal before a question is no answer to it; `quit` holds at once, and so does Ctrl-D.
#[test]
fn on_a_terminal_only_what_comes_after_the_question_answers_it() {
    for end in ["quit\n", "\u{4}"] {
        let mut run = ByHand::on_a_terminal("hand-terminal", &["happy-path"]);
        let stop = run.question().expect("a question");
        run.mock.post(&stop.control);
        run.mock.until("OFFLINE");
        // Both are there before the next question, which the second would answer.
        run.type_in("\n\n");
        let install = run.question().expect("the next");
        assert_eq!(install.place, "step 4 of 12");
        run.mock.post(&install.control);
        let seen = run.line().expect("a note");
        assert_eq!(Question::of(&seen), None, "it went on: {seen}");
        assert_eq!(run.question().expect("the next").place, "step 5 of 12");
        run.type_in(end);
        assert_eq!(run.code(), Some(130), "{end:?}");
    }
}
