//! Azure's gateway as a user drives it: the example of the target file's reference, by hand and in a run, on the emulator.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::emulator::{Emulator, Trouble};
use crate::front::example;
use crate::upgrade::{cluster, text};

const NODES: [&str; 3] = ["10.0.0.11", "10.0.0.12", "10.0.0.13"];

struct Site {
    gateway: Emulator,
    folder: tempfile::TempDir,
}

impl Site {
    fn start() -> Self {
        Self { gateway: Emulator::start(&NODES), folder: tempfile::tempdir().expect("a folder") }
    }

    /// The reference's example, with what is otherwise here, and these lines before it.
    fn target(&self, head: &str) -> PathBuf {
        let name = |text: &str| text.to_owned();
        let here = [
            ("00000000-0000-0000-0000-000000000000", name("sub")),
            ("wiki", name("rg")),
            ("wiki-gateway", name("gw")),
            ("confluence", name("nodes")),
        ];
        let table = example("azure", &here);
        let at = self.gateway.address;
        let table = format!("{table}\nmanagement = \"http://{at}\"\nidentity = \"http://{at}\"\n");
        let path = self.folder.path().join("azure.toml");
        std::fs::write(&path, format!("{head}{table}")).expect("a file");
        path
    }

    fn zdu(&self, words: &[&str], target: &PathBuf, token: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zdu"));
        command.args(words).arg("--target").arg(target).stdin(Stdio::null());
        command.env_remove("ZDU_AZURE_TOKEN");
        command.envs(token.map(|token| ("ZDU_AZURE_TOKEN", token)));
        command.output().expect("zdu runs")
    }
}

// Proves that the example does what it says, with a token of the environment and with a managed identity's; that a token which is not
// accepted is said, with what to set, and changes nothing.
pub(crate) fn the_example_is_driven_by_hand() {
    let site = Site::start();
    let head =
        "url = \"http://127.0.0.1:1\"\nversions = [\"1\", \"2\"]\n[timing]\nrequest = \"200ms\"\n";
    let target = site.target(head);
    let before = site.gateway.with(|state| state.gateway.clone());
    let refused = site.zdu(&["balancer", "disconnect", NODES[0]], &target, Some("old"));
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(text(&refused).contains("ZDU_AZURE_TOKEN"), "{}", text(&refused));
    assert!(!text(&refused).contains("old"), "the token is shown");
    assert_eq!(site.gateway.with(|state| state.gateway.clone()), before);
    for token in [Some("t1"), None] {
        for (what, out) in [("disconnect", 1), ("connect", 0)] {
            let done = site.zdu(&["balancer", what, NODES[0]], &target, token);
            assert_eq!(done.status.code(), Some(0), "{}", text(&done));
            let listed = text(&site.zdu(&["balancer", "list"], &target, token));
            assert_eq!(listed.matches(" out ").count(), out, "{listed}");
        }
    }
    // It takes the change, and nothing comes of it: a deviation by hand as well.
    site.gateway.with(|state| state.troubles.push_back(Trouble::Ignores));
    let ignored = site.zdu(&["balancer", "disconnect", NODES[0]], &target, None);
    assert_eq!(ignored.status.code(), Some(1), "{}", text(&ignored));
    assert!(text(&ignored).contains("LB-4"), "{}", text(&ignored));
}

// Proves that a whole run takes each node out and puts it back, and holds LB-4; and that LB-4 deviates where a change is ignored.
pub(crate) fn a_run_holds_lb_4() {
    for ignores in [false, true] {
        let site = Site::start();
        let (mock, head, _runtime) = cluster(|index| format!("member = \"{}\"\n", NODES[index]));
        if ignores {
            site.gateway.with(|state| state.troubles.push_back(Trouble::Ignores));
        }
        let target = site.target(&head);
        let control = format!("{}/_mock", mock.url());
        let report = site.folder.path().join("report").display().to_string();
        let words = ["replay", "--only", "happy-path", "--control", &control, "--report-dir"];
        let replayed = site.zdu(&[&words[..], &[&report]].concat(), &target, None);
        let json = std::fs::read_to_string(site.folder.path().join("report/report.json"));
        let json: serde_json::Value =
            serde_json::from_str(&json.expect("the report")).expect("JSON");
        let rule = &json["rules"]["LB-4"];
        assert_eq!(replayed.status.code(), Some(i32::from(ignores)), "{}", text(&replayed));
        assert_eq!((rule["held"] == true, rule["deviations"] == 1), (!ignores, ignores), "{rule}");
    }
}
