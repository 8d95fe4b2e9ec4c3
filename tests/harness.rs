//! Are somebody's own tests held to what a run is held to? Their target is looked at first, and parts of them come to one report.
//!
//! This program is both: the tests, and, started again by them, somebody's own.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use zdu_conformance::harness::Suite;
use zdu_conformance::journal::{FILE, Past, merged};
use zdu_conformance::verdict::Verdict;
use zdu_endpoint::{Mock, Options};

/// Names the target file of somebody's own tests.
const OWN: &str = "ZDU_TESTS_OWN_TARGET";

/// Traces of which two need no command.
const TRACES: [&str; 3] =
    ["cancel-before-any-upgrade", "stable-cluster-refuses", "start-again-after-cancel"];

fn main() -> ExitCode {
    if let Some(target) = std::env::var_os(OWN) {
        let own = Suite::shipped().only(|trace| TRACES.contains(&trace.name.as_str()));
        return own.on_target_file(Path::new(&target));
    }
    let tests = vec![
        Trial::test("parts_on_two_clusters_come_to_one_report", parts),
        Trial::test("a_target_file_that_does_not_fit_ends_the_tests_before_the_first", unfit),
        Trial::test("a_reset_that_does_nothing_ends_them_too", idle_reset),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

/// A cluster, and a folder of its own.
struct Cluster {
    mock: Mock,
    _runtime: tokio::runtime::Runtime,
    folder: PathBuf,
}

impl Cluster {
    fn start(name: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads for the network");
        let mock = runtime.block_on(Mock::start(Options::default())).expect("a mock");
        let folder =
            std::env::temp_dir().join(format!("zdu-harness-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { mock, _runtime: runtime, folder }
    }

    /// Runs somebody's own tests on it, which wait so long, with these lines in the target file.
    fn tests(&self, settle: &str, lines: &str, arguments: &[&str]) -> Output {
        let target = self.folder.join("target.toml");
        let text = format!(
            "url = \"{}\"\nversions = [\"9.2.1\", \"9.2.4\"]\nallow_disruption = true\n[timing]\npoll = \"10ms\"\nsettle = \"{settle}\"\n\
             quiet = \"40ms\"\n{lines}",
            self.mock.url()
        );
        std::fs::write(&target, text).expect("written");
        let own = std::env::current_exe().expect("this program");
        let report = self.folder.join("report");
        Command::new(own)
            .args(arguments)
            .arg("--report-dir")
            .arg(report)
            .env(OWN, target)
            .env("TMPDIR", &self.folder)
            .output()
            .expect("it runs")
    }

    fn journal(&self) -> PathBuf {
        self.folder.join("report").join(FILE)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A test's answer.
fn must(holds: bool, about: &impl std::fmt::Debug) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(Failed::from(format!("{about:?}"))) }
}

fn parts() -> Result<(), Failed> {
    let clusters = [Cluster::start("one"), Cluster::start("two")];
    let mut pasts = Vec::new();
    for (cluster, part) in clusters.iter().zip(["1/2", "2/2"]) {
        let ended = cluster.tests("20s", "", &["--partition", part]);
        must(ended.status.success(), &ended)?;
        pasts.push(Past::read(&cluster.journal())?);
    }
    let report = merged(&pasts)?;
    let mut names: Vec<&str> = report.traces.iter().map(|trace| trace.name.raw()).collect();
    names.sort_unstable();
    // The third needs a command, and is told with the others.
    let counts = [Verdict::Pass, Verdict::Skipped].map(|verdict| report.count(verdict));
    must(names == TRACES && counts == [2, 1], &(names, counts))
}

// The third node stands in no [[node]]: nothing is begun, so nothing is written.
fn unfit() -> Result<(), Failed> {
    let cluster = Cluster::start("unfit");
    let ended = cluster.tests("20s", "[[node]]\nid = \"n1\"\n[[node]]\nid = \"n2\"\n", &[]);
    must(ended.status.code() == Some(2) && !cluster.journal().exists(), &ended)?;
    let all = "[[node]]\nid = \"n1\"\n[[node]]\nid = \"n2\"\n[[node]]\nid = \"n3\"\n";
    let ended = cluster.tests("20s", all, &[]);
    must(ended.status.success(), &ended)
}

fn idle_reset() -> Result<(), Failed> {
    let cluster = Cluster::start("reset");
    let ended = cluster.tests("1s", "[commands]\nreset = \"true\"\n", &[]);
    must(ended.status.code() == Some(2), &ended)
}
