//! Replays what the model says against a live or mock endpoint, and judges what is seen.

pub mod client;
pub mod driver;
pub mod layout;
pub mod mock;
pub mod secret;
pub mod target;
pub mod wire;
