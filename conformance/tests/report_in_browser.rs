//! Is the HTML report what a browser shows, at any width, without a word to the outside?
//!
//! Runs in a real headless Chromium. Where there is none the tests say so and pass, unless `ZDU_REQUIRE_BROWSER=1` is
//! set, as in CI. The screenshots stay in `target/screenshots/`.

mod reports;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zdu_conformance::report::html;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// How long a browser may take: a loaded machine starts one slowly.
const PATIENCE: Duration = Duration::from_secs(120);

/// The browser to run, or nothing with a word about it.
fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        let words =
            "NOT TESTED IN A BROWSER: none of chromium, chromium-browser, google-chrome is in PATH";
        let required = std::env::var_os("ZDU_REQUIRE_BROWSER").is_some_and(|it| it == "1");
        assert!(!required, "{words}");
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "{words}");
    }
    found
}

/// A folder of this test alone, empty.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn page(folder: &Path, name: &str, text: &str) -> OsString {
    let path = folder.join(name);
    fs::write(&path, text).expect("the page is written");
    let mut url = OsString::from("file://");
    url.push(path);
    url
}

/// Runs a browser to its end, and gives what it printed.
fn run(browser: &Path, folder: &Path, flags: &[&str], url: &OsString) -> String {
    let profile = folder.join("profile");
    let _ = fs::remove_dir_all(&profile);
    let printed = folder.join("printed");
    let mut child = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--force-device-scale-factor=1"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(flags)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(File::create(&printed).expect("a file for what it prints"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the browser starts");
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the browser can be waited for") {
            break status;
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the browser did not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "the browser ends with {status}");
    let _ = fs::remove_dir_all(&profile);
    fs::read_to_string(&printed).expect("what it printed is text")
}

#[test]
fn the_report_is_shown_as_it_is_meant() {
    let Some(browser) = browser() else { return };
    let folder = folder("shown");
    let url = page(&folder, "report.html", &html::render(&reports::mixed()));
    let dom = run(&browser, &folder, &["--dump-dom"], &url);
    for text in [
        "<h1>deviates</h1>",
        "exit code 1",
        "MIXED when a node is in the error state with upgrade mode off.",
        "zdu replay traces/error-after-cancel.json --target 'my cluster.toml'",
        "status STABLE instead of MIXED",
        "5120",
    ] {
        assert!(dom.contains(text), "{text}");
    }
    // A script that got through would have renamed the page.
    assert!(dom.contains("<title>zdu: deviates"), "the title is ours");
    assert!(!dom.contains("<script"), "no script is there");
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
    fs::create_dir_all(&shots).expect("a folder for the screenshots");
    let frame = page(
        &folder,
        "phone.html",
        "<body style=margin:0><iframe src=report.html width=390 height=2600 style=border:0>",
    );
    let dark = "--blink-settings=preferredColorScheme=0";
    for (name, url, flags) in [
        ("report.png", &url, ["--window-size=1280,3300", "--disable-extensions"]),
        ("report-dark.png", &url, ["--window-size=1280,3300", dark]),
        ("report-phone.png", &frame, ["--window-size=500,2600", "--disable-extensions"]),
    ] {
        let path = shots.join(name);
        let shot = format!("--screenshot={}", path.display());
        run(&browser, &folder, &[flags[0], flags[1], &shot], url);
        let size = fs::metadata(&path).expect("the screenshot").len();
        assert!(size > 20_000, "{name} of {size} bytes shows nothing");
    }
}

/// The width of the content and of the window, as measured from outside, of pages in frames of given widths.
fn widths(browser: &Path, folder: &Path, pages: &[(&str, usize)]) -> Vec<(usize, usize)> {
    let mut outer = "<body>".to_owned();
    for (html, width) in pages {
        let quoted = html.replace('&', "&amp;").replace('"', "&quot;");
        let frame = format!("width={width} height=900 style=border:0 srcdoc=\"{quoted}\"");
        outer.push_str(&format!("<iframe {frame}></iframe>"));
    }
    outer.push_str(
        "<output id=o></output><script>
        onload = () => {
            const told = [...document.querySelectorAll('iframe')].map(f => {
                const d = f.contentDocument;
                d.querySelectorAll('details').forEach(e => e.open = true);
                const r = d.documentElement;
                return r.scrollWidth + ' ' + r.clientWidth;
            });
            document.getElementById('o').textContent = 'wide ' + told.join(',') + ' px';
        };
        </script>",
    );
    let url = page(folder, "frame.html", &outer);
    let dom = run(browser, folder, &["--dump-dom", "--window-size=1400,1000"], &url);
    let (_, told) = dom.split_once("<output id=\"o\">wide ").expect("a measurement");
    let (told, _) = told.split_once(" px").expect("its end");
    told.split(',')
        .map(|pair| {
            let (content, window) = pair.split_once(' ').expect("two widths");
            let number = |word: &str| word.parse().expect("a number of pixels");
            (number(content), number(window))
        })
        .collect()
}

#[test]
fn nothing_is_wider_than_the_window() {
    let Some(browser) = browser() else { return };
    let folder = folder("widths");
    let report = html::render(&reports::mixed());
    let asked = [360, 390, 768, 1280];
    let mut pages: Vec<_> = asked.iter().map(|width| (report.as_str(), *width)).collect();
    // The measurement sees what is too wide.
    pages.push(("<div style='width:2000px'>wide", 390));
    let mut measured = widths(&browser, &folder, &pages);
    let (content, window) = measured.pop().expect("the last one");
    assert!(content > window);
    assert_eq!(measured.len(), asked.len());
    for ((content, window), width) in measured.into_iter().zip(asked) {
        assert_eq!(window, width, "the frame is as wide as asked for");
        assert!(content <= window, "{content} px in a window of {window} px");
    }
}

/// What a browser asks for on the way to a page, as a proxy sees it; nothing gets further than the proxy.
fn asked(browser: &Path, folder: &Path, html: &str) -> Vec<String> {
    let proxy = TcpListener::bind("127.0.0.1:0").expect("a port for the proxy");
    let address = proxy.local_addr().expect("its address");
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in proxy.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let mut head = [0; 2048];
            let count = stream.read(&mut head).unwrap_or(0);
            let line = String::from_utf8_lossy(&head[..count]);
            let _ = tell.send(line.lines().next().unwrap_or_default().to_owned());
            let _ = stream.write_all(
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            );
        }
    });
    let url = page(folder, "page.html", html);
    let flag = format!("--proxy-server=http://{address}");
    run(browser, folder, &["--dump-dom", &flag], &url);
    // The browser's own requests, which no page can cause, go to its maker.
    told.try_iter()
        .filter(|line| line.contains("outside.invalid") || line.contains("wiki.example.org"))
        .collect()
}

#[test]
fn the_page_asks_nobody_outside() {
    let Some(browser) = browser() else { return };
    let folder = folder("outside");
    let html = html::render(&reports::mixed());
    assert_eq!(asked(&browser, &folder, &html), Vec::<String>::new());
    // The proxy hears of a page that does ask.
    let asks = "<img src=http://outside.invalid/x>";
    assert!(!asked(&browser, &folder, asks).is_empty());
    // Were a text not escaped, the page's policy would still hold: no image is fetched, no script is run.
    let broken = html.replace("&lt;", "<").replace("&gt;", ">");
    assert!(broken.contains("<img src=http://outside.invalid/x>"));
    assert_eq!(asked(&browser, &folder, &broken), Vec::<String>::new());
}
