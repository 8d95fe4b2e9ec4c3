//! Replaying traces on an endpoint, and judging what is seen (spec, section 8).
//!
//! `connect` finds an endpoint, `site` reads it, `session` holds what is believed of it and judges, `words` puts both
//! into words, `home` brings a cluster to where traces start, `player` replays one trace and `suite` many, `embedded` many
//! at once on mock clusters.

mod connect;
mod embedded;
mod home;
mod player;
mod session;
mod site;
mod suite;
mod words;

pub(crate) use embedded::family;
pub(crate) use home::initial;
pub(crate) use player::conclude;

pub use connect::ConnectError;
pub use embedded::Embedded;
pub use home::Home;
pub use player::{Permission, perform, play, unfit};
pub use session::{Finding, Session, Settled};
pub use site::{Read, Site, View};
pub use suite::{exit_of, fitted, replay_all, skips, tally, waive, waiver_records};
