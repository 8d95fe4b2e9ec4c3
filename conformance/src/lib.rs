//! Replays what the model says against a live or mock endpoint, and judges what is seen.

// pub mod advise;
// pub mod cli;
pub mod client;
// pub mod doctor;
pub mod driver;
pub mod exit;
// pub mod harness;
pub mod journal;
pub mod layout;
pub mod log;
pub mod monitor;
// pub mod race;
pub mod recording;
pub mod replay;
pub mod simulation;
// pub mod report;
pub mod secret;
pub mod target;
// pub mod told;
pub mod verdict;
pub mod wire;
pub mod words;
