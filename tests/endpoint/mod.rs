//! How does a cluster behave that conforms in every way the specification leaves open, and how does one that does not?
//!
//! A second endpoint for the conformance suite, written from the specification and sharing no code with the project:
//! the suite must pass it with any freedom and fail it with each defect. Start it in a test with `Endpoint::start`,
//! or as a program with `cargo run --example endpoint`.
//!
//! In the order that a request meets them: `server` (threads and sockets), `http`, `api` (with `posts`) and `control` (the two
//! ports), `auth`, `world` (what is shared), `pace` (when things happen), `cluster`, `transitions` and `calls` (what
//! happens), `view` and `json` (how it is told). `freedom` and `defect` are the registries; `slips` and `bodies` hold
//! most of the planted defects. `target` writes the file that points the suite here.

pub(crate) mod api;
mod auth;
mod bodies;
pub(crate) mod calls;
pub(crate) mod cluster;
pub(crate) mod control;
pub(crate) mod defect;
mod defects;
pub(crate) mod freedom;
pub(crate) mod http;
mod json;
mod pace;
mod posts;
mod server;
mod slips;
pub(crate) mod target;
pub(crate) mod transitions;
mod view;
pub(crate) mod world;

use std::io::Result;
use std::net::SocketAddr;
use std::sync::Arc;

use freedom::Freedom;
use server::Server;
use world::{Options, Shared};

/// A running endpoint; it ends when dropped.
#[derive(Debug)]
pub(crate) struct Endpoint {
    api: Server,
    control: Server,
    shared: Arc<Shared>,
}

impl Endpoint {
    /// Opens both ports on the loopback address.
    pub(crate) fn start(options: Options) -> Result<Self> {
        let shared = Arc::new(Shared::new(options));
        let refuses = shared.options.freedoms.has(Freedom::UnservedRefuse)
            && shared.options.defect.is_none_or(|defect| !defect.answers_unserved());
        let gate: Option<server::Gate> = refuses.then(|| {
            let shared = Arc::clone(&shared);
            let gate: server::Gate = Box::new(move || shared.world().cluster.served());
            gate
        });
        let seen = Arc::clone(&shared);
        let api = Server::start(
            shared.options.port,
            gate,
            Arc::new(move |request| api::handle(&seen, request)),
        )?;
        let seen = Arc::clone(&shared);
        let control = Server::start(
            shared.options.control_port,
            None,
            Arc::new(move |request| control::handle(&seen, request)),
        )?;
        Ok(Self { api, control, shared })
    }

    pub(crate) fn api(&self) -> SocketAddr {
        self.api.address()
    }

    pub(crate) fn control(&self) -> SocketAddr {
        self.control.address()
    }

    /// The base URL of the API, context path included.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.api(), self.shared.options.context)
    }

    pub(crate) fn ids(&self) -> &[String] {
        &self.shared.names.ids
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.shared.names.names
    }

    pub(crate) fn options(&self) -> &Options {
        &self.shared.options
    }
}
