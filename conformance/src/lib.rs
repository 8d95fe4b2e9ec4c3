//! Replays what the model says against a live or mock endpoint, and judges what is seen.

pub mod client;
pub mod driver;
pub mod exit;
pub mod layout;
pub mod mock;
pub mod replay;
pub mod report;
pub mod secret;
pub mod target;
pub mod verdict;
pub mod wire;
