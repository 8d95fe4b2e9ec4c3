//! Replaying traces on an endpoint, and judging what is seen (spec, section 8).
//!
//! `connect` finds an endpoint, `site` reads it, `session` holds what is believed of it and judges, `words` says what a
//! belief allows, `home` brings a cluster to where traces start, `player` replays one trace and `suite` many, `embedded` many
//! at once on mock clusters.

mod connect;
mod embedded;
mod home;
mod player;
mod session;
mod site;
mod suite;
mod words;

pub(crate) use home::initial;

pub use connect::ConnectError;
pub use embedded::Embedded;
pub use home::Home;
pub use player::{Permission, perform, play, unfit};
pub use session::{Session, Settled, Wrong};
pub use site::{Read, Site, View};
pub use suite::{fitted, replay_all};
