//! Does the explorer's page do in a browser what it says? Clicked through in a real headless Chromium.
//!
//! Where there is none the test says so and passes, unless `ZDU_REQUIRE_BROWSER=1` is set, as in CI. The browser is driven
//! through a pair of named pipes: its own protocol, and no port.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| {
            ["chromium", "chromium-browser", "google-chrome"].map(|it| folder.join(it))
        })
        .find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var_os("ZDU_REQUIRE_BROWSER").is_some_and(|it| it == "1");
        assert!(!required, "there is no Chromium in PATH");
        let _ =
            writeln!(std::io::stderr(), "NOT TESTED IN A BROWSER: there is no Chromium in PATH");
    }
    found
}

/// A process that does not outlive the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A browser with one page open.
struct Page {
    requests: File,
    answers: BufReader<File>,
    session: String,
    asked: u64,
    _process: Ends,
}

impl Page {
    fn open(browser: &Path, folder: &Path, width: u32) -> Self {
        for name in ["requests", "answers"] {
            let made = Command::new("mkfifo").arg(folder.join(name)).status().expect("mkfifo");
            assert!(made.success());
        }
        let process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<requests 4>answers"])
            .arg(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(["--remote-debugging-pipe", "--user-data-dir=profile"])
            .arg(format!("--window-size={width},800"))
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let process = Ends(process);
        // Opened in the order in which the shell opens them: each waits for the other end.
        let requests = File::options().write(true).open(folder.join("requests")).expect("a pipe");
        let answers = BufReader::new(File::open(folder.join("answers")).expect("a pipe"));
        let mut page =
            Self { requests, answers, session: String::new(), asked: 0, _process: process };
        let target = page.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = page.ask("Target.attachToTarget", &attach);
        page.session = attached["sessionId"].as_str().expect("a session").to_owned();
        page
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = self.session.clone().into();
        }
        write!(self.requests, "{message}\0").expect("the browser reads");
        self.requests.flush().expect("the browser reads");
        loop {
            let mut answer = Vec::new();
            self.answers.read_until(0, &mut answer).expect("the browser answers");
            assert!(!answer.is_empty(), "the browser ended");
            let _ = answer.pop();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn go(&mut self, address: &str) {
        self.ask("Page.navigate", &json!({ "url": address }));
    }

    /// What an expression of JavaScript gives.
    fn run(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let result = self.ask("Runtime.evaluate", &params);
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until an expression of JavaScript holds; what cannot be asked yet does not.
    fn until(&mut self, condition: &str) {
        let script = format!(
            "(async () => {{ const holds = () => {{ try {{ return {condition}; }} catch {{ return false; }} }}; \
             const end = Date.now() + 60000; while (!holds()) {{ if (Date.now() > end) return false; \
             await new Promise((go) => setTimeout(go, 20)); }} return true; }})()"
        );
        let held = self.run(&script);
        let shown = self.run("document.body.innerText.slice(0, 2000)");
        assert_eq!(held, json!(true), "{condition}: {shown}");
    }
}

/// Serves the explorer, and gives its address.
fn explorer(arguments: &[&str]) -> (Ends, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .arg("explore")
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("zdu runs");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    let process = Ends(child);
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.split_whitespace().find(|word| word.starts_with("http://"));
    (process, address.expect("an address").to_owned())
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

// Proves that one can walk, look out for an expression, see what is wrong in one, and go back and forward as in any page.
#[test]
fn the_page_walks_goes_marks_and_has_a_history() {
    let Some(browser) = browser() else { return };
    let folder = folder("explore-in-browser");
    let (_explorer, address) = explorer(&["--nodes", "2"]);
    // As narrow as a telephone.
    let mut page = Page::open(&browser, &folder, 390);
    page.go(&address);
    let has = |text: &str| format!("document.body.innerText.includes({})", json!(text));
    page.until(&has("The start: upgrade mode off"));
    page.run("[...document.querySelectorAll('.choice')].find((it) => it.innerText.startsWith('Start')).click()");
    page.until(&has("READY_TO_UPGRADE"));
    page.until("document.querySelectorAll('#path li').length === 1 && location.hash === '#Start'");
    page.run("document.getElementById('expression').value = 'any=TERMINATING'");
    page.run("document.getElementById('go').click()");
    page.until("document.querySelectorAll('#path li').length === 2");
    // A node that is stopping may have left already: nobody who sees the API alone can tell.
    page.until(&has("it is one of 2 states"));
    page.run("history.back()");
    page.until("document.querySelectorAll('#path li').length === 1");
    page.run("history.forward()");
    page.until("document.querySelectorAll('#path li').length === 2");
    page.run("document.getElementById('expression').value = 'any=ERROR'");
    page.run("document.getElementById('mark').click()");
    page.until("[...document.querySelectorAll('.choice.marked')].map((it) => it.innerText.slice(0, 5)).join() === 'Break'");
    page.run("document.getElementById('expression').value = 'any=EROR'");
    page.run("document.getElementById('go').click()");
    page.until(&has("did you mean `ERROR`"));
    // The widest table: calls that are refused, and an OFFLINE node that nobody forgets.
    page.run("document.getElementById('expression').value = 'any=OFFLINE, mode=on'");
    page.run("document.getElementById('go').click()");
    page.until(&has("Forget("));
    let fits = "document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(page.run(fits), json!(true), "the page is wider than a narrow screen");
    let walked = page.run("document.querySelectorAll('#path li').length + 10");
    page.run("document.getElementById('random').click()");
    page.until(&format!("document.querySelectorAll('#path li').length === {walked}"));
    assert_eq!(page.run(fits), json!(true), "the page is wider than a narrow screen");
    drop(page);
    let _ = std::fs::remove_dir_all(folder);
}

// A replay that failed opens where it parted, with what was found; one step back that is not shown, and a report can be loaded
// into the page as well.
#[test]
fn the_page_opens_where_a_replay_parted() {
    let Some(browser) = browser() else { return };
    let folder = folder("explore-a-report-in-browser");
    let made = Command::new(env!("CARGO_BIN_EXE_zdu"))
        .args(["replay", "--defect", "stable-despite-error", "--report-dir", "report"])
        .args(["--only", "errored-node-stopped-with-mode-off"])
        .current_dir(&folder)
        .output()
        .expect("zdu runs");
    assert_eq!(made.status.code(), Some(1));
    let report = folder.join("report/report.json");
    let (_explorer, address) = explorer(&["--load", report.to_str().expect("a path")]);
    let mut page = Page::open(&browser, &folder, 390);
    page.go(&address);
    let shown = "!document.getElementById('parted').hidden";
    page.until(&format!("{shown} && location.hash === '#Break(n3)'"));
    page.until("document.getElementById('parted').innerText.includes('STATUS-5')");
    let fits = "document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(page.run(fits), json!(true), "the page is wider than a narrow screen");
    page.run("document.getElementById('undo').click()");
    page.until(&format!("!({shown})"));
    let text = std::fs::read_to_string(&report).expect("the report");
    page.run(&format!("document.getElementById('text').value = {}", json!(text)));
    page.run("document.getElementById('walk').click()");
    page.until(shown);
    drop(page);
    let _ = std::fs::remove_dir_all(folder);
}
