//! Real load balancers for tests: started unprivileged, on loopback, from a folder of their own, on free ports, and ended with
//! whoever started them.

pub(crate) mod ajp;
pub(crate) mod apache;
pub(crate) mod haproxy;
pub(crate) mod nginx;

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start, or a condition to come about.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Who runs the servers when the tests run as root: nobody.
const NOBODY: u32 = 65534;

/// Where a program lies, if it is installed.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        // Where Debian has them, which is on the path of root alone.
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// What of these is not installed, by the name of its package: a program, or `jk`, Apache's module.
pub(crate) fn missing(needs: &str) -> Option<&'static str> {
    match needs {
        "" => None,
        "nginx" => program("nginx").is_none().then_some("nginx"),
        "haproxy" => program("haproxy").is_none().then_some("haproxy"),
        _ if program("apache2").is_none() => Some("apache2"),
        "jk" => (!apache::module("jk")).then_some("libapache2-mod-jk"),
        _ => None,
    }
}

/// A port that nobody listens on now. It lies below those that the system gives to whoever connects: another test's connection
/// would have it before the server does, and be taken for it.
pub(crate) fn free_port() -> u16 {
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    std::iter::repeat_with(|| fastrand::u16(15_000..32_000))
        .take(1000)
        .find(free)
        .expect("a free port")
}

/// A server that runs, and its folder.
pub(crate) struct Server {
    child: Child,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// Starts a program once its folder is written, and waits until it listens.
    fn start(folder: tempfile::TempDir, port: u16, words: &[&str]) -> Self {
        let root = folder.path().metadata().expect("the folder").uid() == 0;
        let mut command = if root {
            give_away(folder.path());
            let mut command = Command::new("setpriv");
            // It ends with the test, even one that is killed.
            command.args(["--pdeathsig", "TERM", "--reuid", "65534", "--regid", "65534"]);
            command.arg("--clear-groups");
            command
        } else {
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "TERM"]);
            command
        };
        let log = std::fs::File::create(folder.path().join("output")).expect("a file");
        let child = command
            .args(words)
            // Its workers end with it.
            .process_group(0)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the file"))
            .stderr(log)
            .spawn()
            .expect("setpriv, of util-linux, starts it");
        let mut server = Self { child, folder, port };
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = server.child.try_wait().expect("it can be waited for");
            let output = || std::fs::read_to_string(server.path("output")).unwrap_or_default();
            assert!(ended.is_none(), "{words:?} ended ({ended:?}): {}", output());
            assert!(began.elapsed() < LIMIT, "{words:?} does not listen: {}", output());
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// A file of its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ends it, as a crash does.
    pub(crate) fn kill(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let pid = self.child.id().to_string();
        // Gracefully, so that its workers end as well.
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
    }
}

fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    for entry in std::fs::read_dir(path).expect("the folder").flatten() {
        if entry.path().is_dir() {
            give_away(&entry.path());
        } else {
            chown(entry.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
        }
    }
}
