//! The suite and its commands against endpoints, files, users and reports of every kind. One program, so that tests that wait do so
//! beside those that compute.

mod advise;
mod asked;
mod cli_explore;
mod cli_model;
mod command_line;
mod field;
mod harmless;
mod later;
mod live;
mod mock;
mod odd;
mod recorded;
mod report;
#[path = "../reports/mod.rs"]
mod reports;
mod run;
mod shapes;
mod simulation;
mod strangers;
mod targets;
mod tls;
