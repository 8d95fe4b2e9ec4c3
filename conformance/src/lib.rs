//! Replays what the model says against a live or mock endpoint, and judges what is seen.

pub mod layout;
pub mod mock;
