//! What the model says, put to a live or mock cluster over HTTP, and what is seen, judged and told.
//!
//! In the order in which data meets them; what judges is the model's (`zdu_model::judge`), what talks and tells is here:
//!
//! - what is aimed at: [`target`] (the target file), [`lock`] (by one run at a time), [`layout`] (where the calls live), [`secret`] (what is never shown);
//! - how it is spoken with: [`client`] (the only client socket), [`wire`] (JSON into the model's words), [`driver`] (who stops
//!   and boots nodes), [`zdu_endpoint`] (a cluster to try things on);
//! - what is done: [`selection`] (which traces), [`replay`] (traces), [`monitor`] (watching), [`load`] (what users live through), [`advise`] (what may be
//!   done now), [`doctor`] (is the target ready?), [`harness`] (replaying as somebody's own tests);
//! - what is kept: [`log`] passes it on to [`journal`] (to go on after a kill), [`recording`] (to be judged later) and
//!   [`progress`] (to be looked at now);
//! - what is said: [`verdict`] (the data of a run), [`run`] (what it comes to), [`words`] (the sentences), [`report`] (in four
//!   formats), [`exit`] (the exit code), `printing` (what becomes of a reader who has gone);
//! - what is typed: [`cli`], one room a command.

#[macro_use]
mod printing;

pub mod advise;
pub mod cli;
pub mod client;
pub mod doctor;
pub mod driver;
pub mod exit;
pub mod harness;
pub mod journal;
pub mod layout;
pub mod load;
pub mod lock;
pub mod log;
pub mod monitor;
pub mod progress;
pub mod recording;
pub mod replay;
pub mod report;
pub mod run;
pub mod secret;
pub mod selection;
pub mod simulation;
pub mod target;
pub mod verdict;
pub mod wire;
pub mod words;
