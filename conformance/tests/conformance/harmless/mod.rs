//! A trace for targets that must not be disturbed.

/// A trace that changes nothing: one read, and a call that is refused.
pub(crate) const HARMLESS: &str = r#"{
  "schema": "zdu-trace/1", "name": "harmless", "why": "it changes nothing", "profile": "documented", "nodes": 1, "versions": 2,
  "rules": ["API-1", "MODE-7"],
  "steps": [
    {"do": "look", "then": [{"status": "STABLE", "mode": "off", "nodes": ["ACTIVE v0"]}]},
    {"do": "cancel", "answer": [409], "then": [{"status": "STABLE", "mode": "off", "nodes": ["ACTIVE v0"]}]}
  ]
}"#;
