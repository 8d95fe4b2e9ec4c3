//! Does `zdu explore` show where one is, in a pipe and in a browser?
//!
//! The binary itself is run; the page's own script is not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a command prints.
fn zdu(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_zdu")).args(args).output().expect("zdu runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The menu with these lines on stdin.
fn menu(args: &[&str], lines: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["explore", "--tui"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("zdu runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn explore_walks_in_a_pipe() {
    let told =
        menu(&["--nodes", "2"], "1\nx\np\nb\nu\n99\nload Start; Stop(n1); Leave(n1)\npath\nq\n");
    for expected in [
        "step 1: READY_TO_UPGRADE, upgrade mode on, original v0",
        "start          409        MODE-7",
        "holds         MODE-7",
        "1 steps: Cancel",
        "`99` is none of the numbers",
        "step 3: READY_TO_UPGRADE",
        "  2  Stop(n1)           NODE-3",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn explore_walks_every_scenario() {
    let names = zdu(&["suite", "--list", "--profile", "finalization", "--nodes", "2"]);
    let mut lines = String::new();
    let mut count = 0;
    for name in names
        .lines()
        .filter(|line| line.contains(" V=2 "))
        .filter_map(|line| line.split(' ').next())
    {
        lines += &format!("load {name}\n");
        count += 1;
    }
    assert!(count > 30);
    let told = menu(&["--nodes", "2", "--profile", "finalization"], &lines);
    assert!(!told.contains("cannot be followed"), "{told}");
    assert!(!told.contains("is no scenario"), "{told}");
}

/// The least of HTTP, so that the test needs no client: one request, read to the end.
fn get(address: &str, target: &str) -> (u16, String) {
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {target} HTTP/1.0\r\nHost: {address}\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a code"), body.to_owned())
}

#[test]
fn explore_serves_a_page_and_judges_the_state_that_one_looks_at() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["explore", "--nodes", "2", "--mutant", "cancel-despite-error"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("zdu runs");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .expect("an address")
        .to_owned();
    let (page, start, mixed, bad) = (
        get(&address, "/"),
        get(&address, "/api/state"),
        get(&address, "/api/state?path=Start;Break(n1)"),
        get(&address, "/api/state?path=Approve"),
    );
    child.kill().expect("it can be ended");
    let _ = child.wait();
    assert!(page.0 == 200 && page.1.contains("zdu explore"));
    let verdicts = |body: &str| -> Vec<String> {
        let state: Value = serde_json::from_str(body).expect("JSON");
        let all = state["properties"].as_array().expect("properties").iter();
        all.filter(|property| property["verdict"] == "violated")
            .filter_map(|property| property["name"].as_str().map(str::to_owned))
            .collect()
    };
    // The mutant shows in MIXED only: the verdict is that of the state, not of the model.
    assert_eq!(verdicts(&start.1), [""; 0]);
    assert!(verdicts(&mixed.1).iter().any(|name| name.starts_with("mode-3")), "{}", mixed.1);
    assert_eq!(bad.0, 400);
}

/// A counterexample that a check found is walked to where it ends.
#[test]
fn explore_loads_the_json_of_a_check() {
    let mutant = ["--nodes", "2", "--mutant", "cancel-despite-error"];
    let found = zdu(&[&["check", "--format", "json"], &mutant[..]].concat());
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explore-found.json");
    std::fs::write(&file, found).expect("written");
    let told = menu(&mutant, &format!("load {}\n", file.display()));
    assert!(told.contains("VIOLATED here: mode-3-cancel-is-refused-when-mixed"), "{told}");
}

/// A run of another model is refused with the command that walks it, which does.
#[test]
fn explore_names_the_model_that_a_run_is_of() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explore-other.json");
    let file = file.to_str().expect("UTF-8");
    for (model, next, shows) in [
        (
            &["--nodes", "2", "--mutant", "cancel-despite-error"][..],
            "zdu explore --nodes 2 --mutant cancel-despite-error --tui --load ",
            "VIOLATED here",
        ),
        (
            &["--nodes", "2", "--without", "Forget.mode"],
            "zdu explore --nodes 2 --without Forget.mode --tui --load ",
            // Over the transition that came last.
            "READY_TO_UPGRADE, upgrade mode on, original v0\n  n1  ACTIVE       v0  (Active)\n  n2  not listed",
        ),
    ] {
        let found = zdu(&[&["check", "--format", "json", "--property", "safety"], model].concat());
        std::fs::write(file, found).expect("written");
        let refused = Command::new(env!("CARGO_BIN_EXE_zdu"))
            .args(["explore", "--tui", "--load", file])
            .stdin(Stdio::null())
            .output()
            .expect("zdu runs");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{next}{file}")), "{said}");
        let told = menu(&[&["--load", file], model].concat(), "q\n");
        assert!(told.contains(shows), "{told}");
    }
    std::fs::remove_file(file).expect("it was there");
}

/// What was asked to be reached is walked to where it ends, and a way from its first state, in either format.
#[test]
fn explore_loads_what_was_reached_and_a_way_from_elsewhere() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explore-reached.json");
    let name = file.display().to_string();
    let asked = ["--from", "count(OFFLINE) = 2 and mode=on", "--to", "STABLE, all=ACTIVE"];
    let path = |format| [&["path", "--nodes", "2", "--format", format], &asked[..]].concat();
    let reach = ["check", "--nodes", "2", "--reach", "all=ERROR", "--format", "json"].to_vec();
    for (command, ends) in
        [(reach, "(Error)"), (path("json"), "(Active)"), (path("itf"), "(Active)")]
    {
        std::fs::write(&file, zdu(&command)).expect("written");
        let told = menu(&["--nodes", "2", "--load", &name], "q\n");
        assert_eq!(told.matches(ends).count(), 2, "both nodes are there: {command:?} {told}");
    }
    std::fs::remove_file(file).expect("it was there");
}

/// A run is kept with every step in ITF; what is looked for and not found leaves one where one was.
#[test]
fn explore_keeps_every_step_and_stays_where_nothing_is_found() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explored.itf.json");
    let name = file.display().to_string();
    let told = menu(
        &["--nodes", "2"],
        &format!(
            "random 40 7\nsave {name}\npath\nr\nload {name}\npath\nr\nuntil all=ERROR and served=yes\nq\n"
        ),
    );
    let itf: Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("written")).expect("JSON");
    std::fs::remove_file(file).expect("it was there");
    assert_eq!(itf["states"].as_array().map(Vec::len), Some(41));
    // The walk, the path, what was loaded, and the path again.
    assert_eq!(told.matches("   40  ").count(), 4, "{told}");
    assert!(told.contains("held nowhere on 10000 steps"), "{told}");
    assert!(told.contains("no steps so far") && told.lines().count() < 400, "{told}");
    let far = menu(&["--nodes", "1"], "random 10001 7\nq\n");
    assert!(far.contains("10000 steps were taken"));
}

/// Go to where an expression holds, by documented steps; a wrong word is shown where it stands.
#[test]
fn explore_goes_to_where_an_expression_holds() {
    let told = menu(
        &["--nodes", "2"],
        "go count(OFFLINE) = 1 and mode=on\ngo no=ACTVE\ngo any=ERROR\nq\n",
    );
    assert!(told.contains("step 2: READY_TO_UPGRADE, upgrade mode on"), "{told}");
    assert!(told.contains("did you mean `ACTIVE`"), "{told}");
    // Nothing goes wrong on the way, so an error is nowhere on it.
    assert!(
        told.contains("without faults: no transitions lead there") && told.contains("until"),
        "{told}"
    );
}

/// Forward again, a walk that a seed repeats, until something holds, marks, differences, and what an observer could know.
#[test]
fn explore_walks_on_by_itself_and_says_what_could_be_known() {
    let told = menu(
        &["--nodes", "2"],
        "1\nu\nf\nmark any=ERROR\nmark\ndiff 0\ndiff\nuntil any=TERMINATING\nknown\nrandom x\nq\n",
    );
    assert!(
        told.contains("nothing was undone") || told.contains("step 1: READY_TO_UPGRADE"),
        "{told}"
    );
    assert!(told.contains("*   "), "a choice is marked: {told}");
    assert!(told.contains("mode off -> on"), "{told}");
    assert!(told.contains("is no number of steps"), "{told}");
    let walked = |seed: &str| menu(&["--nodes", "2"], &format!("random 12 {seed}\npath\nq\n"));
    assert_eq!(walked("7"), walked("7"));
    assert_ne!(walked("7"), walked("8"));
}

/// A path that was walked is a trace that a replay runs, and that can be loaded again.
#[test]
fn explore_saves_a_trace_that_replays() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("explored.json");
    let file = file.display().to_string();
    let told = menu(
        &["--nodes", "2"],
        &format!("go count(OFFLINE) = 1 and mode=on\nsave {file}\nr\nload {file}\nq\n"),
    );
    assert!(told.contains("zdu replay"), "{told}");
    let replayed = Command::new(env!("CARGO_BIN_EXE_zdu")).args(["replay", &file]).output();
    let replayed = replayed.expect("zdu runs");
    assert_eq!(replayed.status.code(), Some(0), "{}", String::from_utf8_lossy(&replayed.stdout));
    std::fs::remove_file(file).expect("it was there");
}

/// The menu on a terminal: a pseudo-terminal of `script`, where what is typed is not told again.
#[test]
fn explore_runs_on_a_terminal() {
    // A scenario up to what its second step does: the node in error has not been seen to by anybody yet.
    let load = "--load errored-node-restarted --step 2";
    let command = format!("{} explore --tui {load}", env!("CARGO_BIN_EXE_zdu"));
    let child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("CI").is_none_or(|it| it.is_empty()), "there is no `script`");
        eprintln!("SKIPPED: there is no `script`, whose terminal the menu would run on");
        return;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"u\nq\n").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("step 2: MIXED"), "{told}");
    assert!(told.contains("step 1: READY_TO_UPGRADE"), "{told}");
    assert_eq!(output.status.code(), Some(0), "{told}");
}
