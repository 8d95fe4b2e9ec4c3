//! What does a gateway's document say of a backend pool, and how does it read with an address more or less?

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Error, Member, Place};

/// A backend pool within its gateway's document.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    gateway: &'a Value,
    name: &'a str,
    /// Where it stands among the pools.
    at: usize,
    inside: Vec<String>,
    outside: Vec<String>,
}

impl<'a> Pool<'a> {
    pub(super) fn of(gateway: &'a Value, name: &str) -> Result<Self, Error> {
        let wrong = |said: String| Error::Unexpected { what: "the gateway".to_owned(), said };
        let pools = gateway["properties"]["backendAddressPools"].as_array();
        let pools = pools.map(Vec::as_slice).unwrap_or_default();
        let Some(at) = pools.iter().position(|pool| named(pool) == name) else {
            let there: Vec<&str> = pools.iter().map(named).collect();
            return Err(wrong(format!(
                "no backend pool `{name}`; it has {}: set `pool` of [balancer]",
                there.join(", ")
            )));
        };
        let properties = &pools[at]["properties"];
        if properties["backendIPConfigurations"].as_array().is_some_and(|all| !all.is_empty()) {
            return Err(wrong(format!(
                "the members of the pool `{name}` are network interfaces or a scale set; this can be done for addresses alone, else with the \
                 commands `connect` and `disconnect`"
            )));
        }
        let addresses = properties["backendAddresses"].as_array();
        let inside = addresses.into_iter().flatten().filter_map(address).collect();
        let kept = gateway["tags"][tag(name)].as_str().unwrap_or_default();
        let outside = kept.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect();
        let name = pools[at]["name"].as_str().unwrap_or_default();
        Ok(Self { gateway, name, at, inside, outside })
    }

    pub(super) const fn inside(&self) -> usize {
        self.inside.len()
    }

    pub(super) fn members(&self) -> Vec<Member> {
        let member = |place| {
            move |name: &String| Member {
                name: name.clone(),
                address: None,
                place,
                healthy: None,
                busy: None,
                sent: None,
            }
        };
        let outside = self.outside.iter().filter(|one| !self.inside.contains(one));
        // A document that is being put is shown before it counts.
        let state = &self.gateway["properties"]["provisioningState"];
        let out = if state == "Updating" { Place::Draining } else { Place::Out };
        self.inside.iter().map(member(Place::In)).chain(outside.map(member(out))).collect()
    }

    /// Whether the member is already out, or in.
    pub(super) fn place(&self, member: &str, out: bool) -> Result<bool, Error> {
        let found = self.members().into_iter().find(|one| one.name == member);
        found.map(|one| (one.place != Place::In) == out).ok_or_else(|| Error::NoSuchMember {
            node: member.to_owned(),
            there: [self.inside.join(", "), self.outside.join(", ")].join(", "),
        })
    }

    /// The gateway's document with the member out of the pool and in the tag, or the other way round.
    pub(super) fn moved(&self, member: &str, out: bool) -> Value {
        let mut gateway = self.gateway.clone();
        let pool = &mut gateway["properties"]["backendAddressPools"][self.at]["properties"];
        let mut addresses = pool["backendAddresses"].as_array().cloned().unwrap_or_default();
        let mut outside: Vec<&str> =
            self.outside.iter().map(String::as_str).filter(|one| *one != member).collect();
        if out {
            addresses.retain(|one| address(one).as_deref() != Some(member));
            outside.push(member);
        } else {
            let kind =
                if member.parse::<std::net::IpAddr>().is_ok() { "ipAddress" } else { "fqdn" };
            addresses.push(json!({ kind: member }));
        }
        pool["backendAddresses"] = addresses.into();
        if !gateway["tags"].is_object() {
            gateway["tags"] = json!({});
        }
        if let Some(tags) = gateway["tags"].as_object_mut() {
            if outside.is_empty() {
                tags.remove(&tag(self.name));
            } else {
                tags.insert(tag(self.name), outside.join(" ").into());
            }
        }
        gateway
    }

    /// How long the gateway lets requests end at an address that left the pool: the longest of the settings that are used with it.
    pub(super) fn draining(&self, gateway: &Value) -> Duration {
        let settings = gateway["properties"]["backendHttpSettingsCollection"].as_array();
        let seconds = settings.into_iter().flatten().filter_map(|one| {
            let draining = &one["properties"]["connectionDraining"];
            draining["enabled"].as_bool().filter(|on| *on)?;
            draining["drainTimeoutInSec"].as_u64()
        });
        Duration::from_secs(seconds.max().unwrap_or(0))
    }
}

fn named(pool: &Value) -> &str {
    pool["name"].as_str().unwrap_or_default()
}

/// The tag that keeps the addresses that were taken out of a pool.
fn tag(pool: &str) -> String {
    format!("zdu-out-{pool}")
}

fn address(entry: &Value) -> Option<String> {
    entry["ipAddress"].as_str().or_else(|| entry["fqdn"].as_str()).map(str::to_owned)
}
