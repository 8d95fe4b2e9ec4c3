//! How does a cluster behave that conforms in every way the specification leaves open, and how does one that does not?
//!
//! An endpoint for the conformance suite, written from the specification and depending on nothing of the project: the suite
//! must pass it with any freedom and fail it with each defect.
//!
//! In the order that a request meets them: `http` (sockets and real time), `exchange` (requests and
//! answers as data), `service` (what becomes of one), `answer` (API and control calls; who may call; how it is told),
//! [`Endpoint`] (the whole in time; `contest`: calls that meet; `snapshot`: what is hidden), `cluster` (what happens, and when),
//! `names` (with ids that change), `silence`. `options`, `freedom` and `defect` say what can be asked for; the last two are registries.
//! `balancer` stands in front, with defects of its own.

mod answer;
mod balancer;
mod cluster;
mod contest;
mod defect;
mod endpoint;
mod exchange;
mod freedom;
mod http;
mod names;
mod options;
mod registry;
mod service;
mod silence;
mod snapshot;

pub use balancer::{BACKEND, BalancerDefect, BalancerRow, MockBalancer};
pub use cluster::transitions::Step;
pub use cluster::{Phase, Status};
pub use contest::Ticket;
pub use defect::{Class, Defect, Needs, Row};
pub use endpoint::Endpoint;
pub use exchange::{Answer, Outcome, Port, Request};
pub use freedom::{Flavour, Freedom, Freedoms};
pub use http::{Addresses, Mock, MockError};
pub use options::{Credentials, Layouts, Options, OptionsError, Profile};
pub use registry::UnknownName;
pub use service::Begun;
pub use snapshot::{Mode, NodeSnapshot, Snapshot};
