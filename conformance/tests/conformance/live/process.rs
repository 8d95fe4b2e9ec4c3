//! `zdu` in processes of their own: a mock to run against, and the commands that run.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A mock in a process of its own.
pub(crate) struct MockProcess {
    child: Child,
    pub(crate) url: String,
    /// Each node's own address.
    pub(crate) node_urls: Vec<String>,
    /// The command that it prints to replay the suite on it.
    pub(crate) replay: String,
    /// The lines of a target file that name its load balancer, if it has one.
    pub(crate) balancer: String,
    pub(crate) folder: PathBuf,
}

impl MockProcess {
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
            .args(["mock", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the mock starts");
        let out = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().expect("a line").expect("a readable line");
        let url = first.rsplit(' ').next().expect("a URL").to_owned();
        let mut node_urls = Vec::new();
        let mut balancer = String::new();
        let replay = loop {
            let line = lines.next().expect("a line").expect("a readable line");
            if let Some((_, replay)) = line.split_once("the suite on it: ") {
                break replay.to_owned();
            } else if line.starts_with("  node ") {
                node_urls.push(line.rsplit(' ').next().expect("a URL").to_owned());
            } else if let Some(line) = line.strip_prefix("    ") {
                balancer += &format!("{line}\n");
            }
        };
        // Its further lines are read away, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let folder = std::env::temp_dir().join(format!("zdu-live-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { child, url, node_urls, replay, balancer, folder }
    }

    /// A target file with commands for it, and more lines at the end.
    pub(crate) fn target(&self, more: &str) -> PathBuf {
        let control = format!("{}/_mock", self.url);
        let post = |path: &str| format!("{} '{control}/{path}'", sends("post"));
        let text = format!(
            "url = \"{}\"\nversions = [\"9.2.1\", \"9.2.4\", \"9.3.0\"]\n{more}\n[timing]\npoll = \"10ms\"\nrequest = \"5s\"\nsettle = \"20s\"\n\
             quiet = \"40ms\"\n[commands]\nstop = \"{}\"\nkill = \"{}\"\ninstall = \"{}\"\nboot = \"{}\"\nbreak = \"{}\"\nrepair = \"{}\"\n",
            self.url,
            post("nodes/{id}/stop"),
            post("nodes/{id}/kill"),
            post("nodes/{id}/install?version={version}"),
            post("nodes/{id}/boot"),
            post("nodes/{id}/break"),
            post("nodes/{id}/repair"),
        );
        let path = self.folder.join("target.toml");
        std::fs::write(&path, text).expect("the target file is written");
        path
    }

    /// The same with one command replaced, and little patience.
    pub(crate) fn target_where(&self, more: &str, name: &str, command: &str) -> PathBuf {
        let path = self.target(more);
        let text = std::fs::read_to_string(&path).expect("the target file");
        let lines = text.lines().map(|line| {
            if line.starts_with(&format!("{name} =")) {
                format!("{name} = '''{command}'''")
            } else {
                line.to_owned()
            }
        });
        let text = lines.collect::<Vec<_>>().join("\n").replace("\"20s\"", "\"1s\"");
        std::fs::write(&path, text).expect("the target file is written");
        path
    }

    /// A target file with these nodes: id and address.
    pub(crate) fn target_of(&self, nodes: &[(&str, &str)], more: &str) -> PathBuf {
        let path = self.target(more);
        let mut text = std::fs::read_to_string(&path).expect("the target file");
        for (id, url) in nodes {
            text += &format!("[[node]]\nid = \"{id}\"\nurl = \"{url}\"\n");
        }
        std::fs::write(&path, text).expect("the target file is written");
        path
    }

    /// A report's JSON, from the folder that a run was told.
    pub(crate) fn report(&self, folder: &str) -> serde_json::Value {
        let text = std::fs::read_to_string(self.folder.join(folder).join("report.json"));
        serde_json::from_str(&text.expect("the report")).expect("JSON")
    }

    pub(crate) fn post(&self, path: &str) {
        let sent = zdu(&["send", "post", &format!("{}{path}", self.url)]);
        assert!(sent.status.success(), "{path}: {}", text(&sent));
    }

    /// The overview as it is.
    pub(crate) fn state(&self) -> String {
        let out = zdu(&["send", "get", &format!("{}/rest/zdu/cluster", self.url)]);
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// Waits until no node starts or stops.
    pub(crate) fn until_calm(&self) {
        let began = Instant::now();
        let moves = |state: &str| state.contains("STARTING") || state.contains("TERMINATING");
        while moves(&self.state()) {
            assert!(began.elapsed() < Duration::from_secs(20), "it never calms down");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the overview holds these words.
    pub(crate) fn until(&self, words: &str) {
        let began = Instant::now();
        loop {
            let out = zdu(&["send", "get", &format!("{}/rest/zdu/cluster", self.url)]);
            if String::from_utf8_lossy(&out.stdout).contains(words) {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{words} never came");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for MockProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A terminal: what a person holds of it, and what a program gets.
pub(crate) fn terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("it is ours");
    unlockpt(&master).expect("it is open");
    let slave = ptsname(&master, Vec::new()).expect("its name");
    let slave = OpenOptions::new().read(true).write(true).open(slave.to_str().expect("UTF-8"));
    (File::from(master), slave.expect("its other end"))
}

/// What a driver command begins with that sends a request.
pub(crate) fn sends(method: &str) -> String {
    format!("'{}' send {method}", env!("CARGO_BIN_EXE_zdu"))
}

pub(crate) fn zdu(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("zdu runs")
}

/// Starts `zdu`, to be killed on the way; what it leaves goes with the mock's folder.
pub(crate) fn start(mock: &MockProcess, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(arguments)
        .env("TMPDIR", &mock.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("zdu starts")
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

pub(crate) fn name(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
