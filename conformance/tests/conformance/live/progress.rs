//! Does whoever started a run on a terminal see what it waits for?

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::process::{MockProcess, name, terminal};

// A node that is stopped takes its time: the line names it, the status that is due, and every second how long.
#[test]
fn the_line_names_the_node_and_the_status_that_are_waited_for_and_moves() {
    let mock = MockProcess::start("progress", &["--delay", "4s"]);
    let target = mock.target("allow_disruption = true");
    // Nothing is read for long: what moves the line meanwhile is the clock.
    let text = std::fs::read_to_string(&target).expect("the target file");
    std::fs::write(&target, text.replace("poll = \"10ms\"", "poll = \"8s\"")).expect("written");
    let (mut person, program) = terminal();
    let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["replay", "--target", name(&target), "--only", "restart-with-mode-off"])
        .env("TERM", "xterm")
        .env("TMPDIR", &mock.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(program))
        .spawn()
        .expect("zdu starts");
    let (mut shown, mut part) = (String::new(), [0; 4096]);
    let began = Instant::now();
    // The time that has been waited for stands behind what is waited for.
    let times = |shown: &str| -> BTreeSet<String> {
        let waits = shown.split("waiting for confluence-3 to be ").skip(1);
        waits
            .filter_map(|rest| Some(rest.split_once(", ")?.1.split_once(" of ")?.0.to_owned()))
            .collect()
    };
    while times(&shown).len() < 6 {
        assert!(began.elapsed() < Duration::from_secs(60), "{shown}");
        let read = person.read(&mut part).unwrap_or_else(|error| panic!("{error}: {shown}"));
        shown.push_str(&String::from_utf8_lossy(&part[..read]));
    }
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
    assert!(shown.contains("step 1 of ") && shown.contains("0 of 1 trace ("), "{shown}");
}
