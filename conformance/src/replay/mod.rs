//! How is an endpoint tested? Traces replayed step by step, each answer heard by the judge of [`zdu_model::judge::trial`].
//!
//! In the order data meets them: `connect` finds out whom one speaks with, `port` is the seam and `site` its HTTP arm, `session`
//! feeds the judge, `perform` does one thing, `home` brings a cluster to where traces start and `revive` back to life, `player`
//! replays one trace (`rotation`: with what a load balancer did meanwhile), `suite` many, `embedded` each on a mock of its own; `look` reads once, for whoever judges nothing.

mod connect;
mod embedded;
mod home;
mod look;
mod perform;
mod player;
mod port;
mod probe;
mod revive;
mod rotation;
mod session;
mod site;
mod suite;
mod vain;

pub use connect::ConnectError;
pub use embedded::Embedded;
pub(crate) use embedded::family;
pub use home::{Home, home_by_boots, home_version, initial};
pub use look::{Look, Shown};
pub use perform::perform;
pub use player::{Permission, about, play, unfit};
pub use port::{Port, Sent};
pub use probe::Idle;
pub use revive::revive;
pub use session::{Consent, Session};
pub use site::{Site, answer, micros, reply};
pub use suite::{MAX_BROKEN, Played, Series, fitted, judge_of, one_way, ordered, resets};
