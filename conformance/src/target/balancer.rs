//! The load balancer of a target: its table, and what each node may be called there.

use std::borrow::Cow;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize as _, Deserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error, ValueDeserializer};
use zdu_balancer::{Kind, KindName, Node, Settings};
use zdu_model::spec::rule::Rule;

use super::Target;

/// The table is read on its own, since its keys are its kind's.
pub(super) fn later<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Settings>, D::Error> {
    IgnoredAny::deserialize(from).map(|_| None)
}

/// The settings of `[balancer]`, if it is there.
pub(super) fn read(table: &DeTable<'_>) -> Option<Result<Settings, Error>> {
    let found = table.get("balancer")?;
    let DeValue::Table(keys) = found.get_ref() else {
        return Some(Err(Error::custom("`balancer` is a table: write it as [balancer]")));
    };
    let mut keys = keys.clone();
    let Some(kind) = keys.remove("kind") else {
        let what = "[balancer] has no `kind`; write it as in the target file's reference: zdu explain target";
        return Some(Err(Error::custom(what)));
    };
    let keys = toml::Deserializer::from(Spanned::new(found.span(), keys));
    let kind = KindName::deserialize(ValueDeserializer::from(kind));
    Some(kind.and_then(|kind| Settings::read(kind, keys)))
}

/// The rule about a load balancer of this kind.
#[must_use]
pub const fn rule_of(settings: &Settings) -> Rule {
    match settings.kind {
        Kind::Nginx(_) => Rule::Lb1,
        Kind::Haproxy(_) => Rule::Lb2,
        Kind::Apache(_) | Kind::ModJk(_) => Rule::Lb3,
        Kind::Azure(_) => Rule::Lb4,
    }
}

/// What a node of the file is called by whoever names one: its name, else its id, else its address.
#[must_use]
pub fn word_of(target: &Target, index: usize) -> Option<&str> {
    let node = target.nodes.get(index)?;
    node.name.as_deref().or(node.id.as_deref()).or(node.address.as_deref())
}

/// A node as a balancer may know it: a word of the command line, or the names of the `[[node]]` that the word means.
#[must_use]
pub fn node_of(target: &Target, word: &str) -> Node {
    let is = |name: &Option<String>| name.as_deref() == Some(word);
    let found = target
        .nodes
        .iter()
        .find(|node| is(&node.name) || is(&node.id) || is(&node.address) || is(&node.member));
    let Some(node) = found else {
        return Node { name: word.to_owned(), member: None, names: vec![word.to_owned()] };
    };
    let url = node.url.as_deref().and_then(|url| reqwest::Url::parse(url).ok());
    let host = url.as_ref().and_then(|url| url.host_str());
    let port = url.as_ref().and_then(reqwest::Url::port_or_known_default);
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    names.extend(node.name.as_deref().map(Cow::from));
    if let (Some(url), Some(host), Some(port)) = (&url, host, port) {
        // `host:port`, as most have it; then with the scheme, as mod_proxy has it; then the host alone.
        names.push(format!("{host}:{port}").into());
        names.push(format!("{}://{host}:{port}", url.scheme()).into());
        names.push(url.origin().ascii_serialization().into());
        if let Some(address) = &node.address {
            names.push(format!("{address}:{port}").into());
        }
    }
    names.extend(node.address.as_deref().map(Cow::from));
    names.extend(host.map(Cow::from));
    names.extend(node.id.as_deref().map(Cow::from));
    let names = names.into_iter().map(Cow::into_owned).collect();
    Node { name: word.to_owned(), member: node.member.clone(), names }
}
