//! Azure Application Gateway (LB-4), against an emulator of the calls that it takes.

use std::time::Duration;

use serde_json::Value;
use zdu_balancer::azure::AzureKeys;
use zdu_balancer::{Error, Kind, Rotation};

use super::emulator::{Emulator, Trouble};
use super::{Test, block_on, node, places, rotation};

pub(super) const TESTS: &[Test] = &[
    ("azure_a_node_is_taken_out_and_put_back", "", a_node_is_taken_out_and_put_back),
    ("azure_what_passes_is_waited_for", "", what_passes_is_waited_for),
    ("azure_what_fails_is_put_back", "", what_fails_is_put_back),
    ("azure_failures_are_named", "", failures_are_named),
];

fn keys(emulator: &Emulator) -> AzureKeys {
    AzureKeys {
        subscription: "sub".to_owned(),
        resource_group: "rg".to_owned(),
        gateway: "gw".to_owned(),
        pool: "nodes".to_owned(),
        management: format!("http://{}", emulator.address),
        identity: format!("http://{}", emulator.address),
        ca_file: None,
        timeout: Duration::from_secs(20),
        drain: Duration::from_secs(5),
    }
}

fn of(keys: AzureKeys) -> Rotation {
    let drain = keys.drain;
    rotation(Kind::Azure(keys), drain)
}

/// What must be as before: everything but the version of the document.
fn content(emulator: &Emulator) -> Value {
    let mut gateway = emulator.with(|state| state.gateway.clone());
    gateway["etag"] = Value::Null;
    gateway
}

const NODES: [&str; 2] = ["10.0.0.11", "10.0.0.12"];

// Proves both ways: the pool is without the node and nothing else differs but the tag that keeps it; then everything is as before,
// but for the order of the addresses. Another program that knows nothing of the first finds the node in the tag.
fn a_node_is_taken_out_and_put_back() {
    let emulator = Emulator::start(&NODES);
    let before = content(&emulator);
    block_on(of(keys(&emulator)).disconnect(&node(NODES[1]))).expect("n2 leaves");
    let mut due = before.clone();
    due["properties"]["backendAddressPools"][1]["properties"]["backendAddresses"] =
        serde_json::json!([{ "ipAddress": NODES[0] }]);
    due["tags"]["zdu-out-nodes"] = NODES[1].into();
    assert_eq!(content(&emulator), due);
    let other = of(keys(&emulator));
    assert_eq!(places(&other), "10.0.0.11 in, 10.0.0.12 out");
    let failed = block_on(other.disconnect(&node(NODES[0])));
    assert!(matches!(failed, Err(Error::LastMember { .. })), "{failed:?}");
    block_on(other.connect(&node(NODES[1]))).expect("n2 is back");
    assert_eq!(content(&emulator), before);
    assert_eq!(emulator.with(|state| state.puts), 2);
    // Once more changes, and puts, nothing.
    block_on(other.connect(&node(NODES[1]))).expect("n2 is in");
    assert_eq!(emulator.with(|state| state.puts), 2);
}

// Proves that what passes by itself does no harm: a token that expires, throttling, another operation, and somebody else's change,
// which is kept.
fn what_passes_is_waited_for() {
    for trouble in [Trouble::Throttled, Trouble::Unwell, Trouble::Expired, Trouble::Overtaken] {
        let emulator = Emulator::start(&NODES);
        emulator.with(|state| state.troubles.extend([trouble, trouble]));
        let done = block_on(of(keys(&emulator)).disconnect(&node(NODES[0])));
        if trouble == Trouble::Expired {
            // A new token that is not accepted either is no matter of patience.
            assert!(matches!(done, Err(Error::Refused { .. })), "{done:?}");
            continue;
        }
        done.unwrap_or_else(|error| panic!("{trouble:?}: {error}"));
        assert_eq!(places(&of(keys(&emulator))), "10.0.0.12 in, 10.0.0.11 out");
        let kept = emulator.with(|state| state.gateway["tags"]["other"].is_string());
        assert_eq!(kept, trouble == Trouble::Overtaken);
    }
    let emulator = Emulator::start(&NODES);
    emulator.with(|state| state.troubles.push_back(Trouble::Expired));
    block_on(of(keys(&emulator)).disconnect(&node(NODES[0]))).expect("with a new token");
}

// Proves that a failure leaves the gateway as it was, also one that comes after the change was accepted.
fn what_fails_is_put_back() {
    let always = [Trouble::Overtaken; 5];
    let cases: [&[Trouble]; 5] = [
        &[Trouble::Forbidden],
        &[Trouble::FailsUnchanged],
        &[Trouble::FailsChanged],
        &[Trouble::Ignores],
        &always,
    ];
    for troubles in cases {
        let emulator = Emulator::start(&NODES);
        let before = content(&emulator);
        emulator.with(|state| state.troubles.extend(troubles));
        let failed = block_on(of(keys(&emulator)).disconnect(&node(NODES[0])));
        assert!(
            match troubles {
                // It took the change, and shows that nothing came of it.
                [Trouble::Ignores] => matches!(failed, Err(Error::Ignored { .. })),
                _ => matches!(failed, Err(Error::Refused { .. })),
            },
            "{troubles:?}: {failed:?}"
        );
        let mut after = content(&emulator);
        // Addresses may come back in another order, and somebody else's change stays.
        if let Some(tags) = after["tags"].as_object_mut() {
            tags.remove("other");
        }
        let addresses =
            &mut after["properties"]["backendAddressPools"][1]["properties"]["backendAddresses"];
        if let Some(listed) = addresses.as_array_mut() {
            listed.sort_by_key(|one| one["ipAddress"].to_string());
        }
        assert_eq!(after, before, "{troubles:?}");
    }
    // Where putting it back fails as well, that is said.
    let emulator = Emulator::start(&NODES);
    emulator.with(|state| state.troubles.extend([Trouble::FailsChanged, Trouble::Forbidden]));
    let failed = block_on(of(keys(&emulator)).disconnect(&node(NODES[0])));
    assert!(matches!(failed, Err(Error::LeftChanged { .. })), "{failed:?}");
}

fn failures_are_named() {
    let emulator = Emulator::start(&NODES);
    let keys = keys(&emulator);
    let failed = block_on(of(AzureKeys { pool: "wiki".to_owned(), ..keys.clone() }).list());
    assert!(matches!(failed, Err(Error::Unexpected { .. })), "{failed:?}");
    let failed = block_on(of(AzureKeys { gateway: "wiki".to_owned(), ..keys.clone() }).list());
    assert!(matches!(failed, Err(Error::Refused { .. })), "{failed:?}");
    let failed = block_on(of(keys.clone()).connect(&node("10.0.0.99")));
    assert!(matches!(failed, Err(Error::NoSuchMember { .. })), "{failed:?}");
    let nobody = "http://127.0.0.1:1".to_owned();
    let failed = block_on(of(AzureKeys { identity: nobody.clone(), ..keys.clone() }).list());
    assert!(matches!(failed, Err(Error::Unreachable { .. })), "{failed:?}");
    let failed = block_on(of(AzureKeys { management: nobody, ..keys.clone() }).list());
    assert!(matches!(failed, Err(Error::Unreachable { .. })), "{failed:?}");
    // Busy for longer than a change may take.
    let emulator = Emulator::start(&NODES);
    emulator.with(|state| state.troubles.push_back(Trouble::Busy));
    let hasty = AzureKeys { timeout: Duration::from_millis(200), ..self::keys(&emulator) };
    let failed = block_on(of(hasty).disconnect(&node(NODES[0])));
    assert!(matches!(failed, Err(Error::Refused { .. })), "{failed:?}");
}
