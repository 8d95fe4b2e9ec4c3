//! Can public clients read the mock? What a client in Go and a performance toolkit send, and what they take from the answers:
//! types as a strict decoder has them, any `Accept`, and the page to sign in, which names the node that shows it.

use reqwest::StatusCode;
use serde_json::Value;
use zdu_endpoint::{Credentials, Flavour, Freedoms, Options, Profile};

use super::{at, client, json, mock, quick, send};

/// A field of the client's structures, and whether a value can be decoded into it: null and absent leave it empty.
type Shape = (&'static str, fn(&Value) -> bool);

const CLUSTER: [Shape; 5] = [
    ("hasFinalizationTasks", Value::is_boolean),
    ("nodes", Value::is_array),
    ("originalVersion", Value::is_string),
    ("state", Value::is_string),
    ("upgradeModeEnabled", Value::is_boolean),
];
const NODE: [Shape; 10] = [
    ("activeUserCount", Value::is_i64),
    ("buildNumber", Value::is_string),
    ("finalization", Value::is_object),
    ("id", Value::is_string),
    ("ipAddress", Value::is_string),
    ("local", Value::is_boolean),
    ("name", Value::is_string),
    ("state", Value::is_string),
    ("tasksTotal", Value::is_i64),
    ("version", Value::is_string),
];

fn decodes(value: &Value, shapes: &[Shape]) {
    for (field, fits) in shapes {
        let given = value.get(field).filter(|given| !given.is_null());
        assert!(given.is_none_or(fits), "{field} of {value}");
    }
}

fn guarded(flavour: Flavour, profile: Profile) -> Options {
    let account =
        Credentials { user: "admin".into(), password: "secret".into(), token: None, plain: None };
    let options = Options { profile, credentials: Some(account), ..quick() };
    Options { freedoms: Freedoms::of(flavour), ..options }
}

#[tokio::test]
async fn api_1_a_strict_decoder_reads_every_flavour() {
    for flavour in [Flavour::Plain, Flavour::Free, Flavour::Deployed] {
        for profile in [Profile::Documented, Profile::Finalization] {
            let mock = mock(guarded(flavour, profile)).await;
            // Ten readings, as many freedoms are taken by chance.
            for accept in ["application/json, */*", "*/*", "application/json;q=0.9", ""].repeat(3) {
                let request = client().get(at(&mock, "/rest/zdu/cluster"));
                let request = request.basic_auth("admin", Some("secret"));
                let request =
                    if accept.is_empty() { request } else { request.header("accept", accept) };
                let answer = send(request).await;
                assert_eq!(answer.status(), StatusCode::OK, "{flavour:?}, accept {accept:?}");
                let cluster = json(answer).await;
                decodes(&cluster, &CLUSTER);
                for node in cluster["nodes"].as_array().expect("nodes") {
                    decodes(node, &NODE);
                }
            }
        }
    }
}

// The toolkit takes the node's id from the page to sign in, without credentials, and its address from the overview.
#[tokio::test]
async fn the_login_page_names_a_node_that_the_overview_lists() {
    let mock = mock(guarded(Flavour::Plain, Profile::Documented)).await;
    let page = send(client().get(at(&mock, "/login.action"))).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.expect("a page");
    let line = page.lines().find(|line| line.contains("node: ")).expect("a node");
    let id = line.split("node: ").nth(1).and_then(|rest| rest.rsplit_once(')')).expect("its id").0;
    let overview = client().get(at(&mock, "/rest/zdu/cluster"));
    let overview = json(send(overview.basic_auth("admin", Some("secret"))).await).await;
    let nodes = overview["nodes"].as_array().expect("nodes");
    let node = nodes.iter().find(|node| node["id"] == id).expect("the node is listed");
    assert!(node["ipAddress"].is_string());
    // The negative: whoever sends no credentials there reads nothing.
    let stranger = send(client().get(at(&mock, "/rest/zdu/cluster"))).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}
