//! Replays what the model says against a live or mock endpoint, and judges what is seen.

pub mod cli;
pub mod client;
pub mod driver;
pub mod exit;
pub mod harness;
pub mod layout;
pub mod mock;
pub mod replay;
pub mod report;
pub mod secret;
pub mod target;
pub mod verdict;
pub mod wire;
