//! Which target file points the conformance suite at this endpoint?

use std::fmt::Write as _;
use std::time::Duration;

use super::Endpoint;
use super::cluster::Profile;
use super::world::Layout;

fn millis(duration: Duration) -> String {
    format!("\"{}ms\"", duration.as_millis())
}

/// The text of the file, in TOML.
pub(crate) fn text(endpoint: &Endpoint) -> String {
    let options = endpoint.options();
    let quoted: Vec<String> =
        options.versions.iter().map(|version| format!("{version:?}")).collect();
    let profile = match options.profile {
        Profile::Documented => "documented",
        Profile::Finalization => "finalization",
    };
    let layout = match options.layout {
        Layout::Documented => "documented",
        Layout::Product => "product",
        Layout::Both => "auto",
    };
    // A step may take twice the delay, wait for its guard as long again, and be followed by what happens by itself.
    let quiet = (6 * options.delay + Duration::from_millis(10)).max(Duration::from_millis(20));
    let settle = Duration::from_millis(1500).max(30 * options.delay);
    let mut out = String::new();
    let control = format!("http://{}", endpoint.control());
    let call = |path: &str| format!("\"curl -fsS -X POST '{control}{path}'\"");
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!("url = {:?}", endpoint.url()));
    line(format!("layout = \"{layout}\""));
    line(format!("profile = \"{profile}\""));
    line(format!("versions = [{}]", quoted.join(", ")));
    line("allow_disruption = true".to_owned());
    line("\n[timing]".to_owned());
    line("poll = \"5ms\"".to_owned());
    line("request = \"2s\"".to_owned());
    line(format!("settle = {}", millis(settle)));
    line(format!("quiet = {}", millis(quiet)));
    line("\n[commands]".to_owned());
    for step in ["stop", "kill", "boot", "break", "repair"] {
        line(format!("{step} = {}", call(&format!("/nodes/{{id}}/{step}"))));
    }
    line(format!("install = {}", call("/nodes/{id}/install?version={version}")));
    if options.profile == Profile::Finalization {
        line(format!("fail_tasks = {}", call("/nodes/{id}/fail_tasks")));
    }
    line(format!("reset = {}", call("/reset")));
    for (id, name) in endpoint.ids().iter().zip(endpoint.names()) {
        line(format!("\n[[node]]\nid = {id:?}\nname = {name:?}"));
    }
    out
}
