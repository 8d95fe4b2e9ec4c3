//! The load balancers in front: each started before the nodes' addresses, with its `[balancer]` table.

use std::net::SocketAddr;

use crate::servers::{Server, haproxy, nginx};

/// A kind of load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Nginx,
    Haproxy,
}

pub(crate) const ALL: &[Front] = &[Front::Nginx, Front::Haproxy];

/// One that runs.
pub(crate) struct Running {
    pub(crate) server: Server,
    /// The lines of the target file.
    pub(crate) table: String,
}

impl Front {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
        }
    }

    pub(crate) fn needs(self) -> Vec<&'static str> {
        vec![self.name()]
    }

    /// Starts it before these nodes, `n1` and on; no request is tried twice, and none fails over.
    pub(crate) fn start(self, nodes: &[SocketAddr]) -> Running {
        let numbered = || (1..).zip(nodes);
        match self {
            Self::Nginx => {
                let line = |(_, at): (usize, &SocketAddr)| format!("  server {at} max_fails=0;\n");
                let lines: String = numbered().map(line).collect();
                let server = nginx::start(&format!(
                    "upstream confluence {{\n  hash $cookie_user consistent;\n{lines}}}\n"
                ));
                let table = format!(
                    "kind = \"nginx\"\nconfig = \"{}\"\nupstream = \"confluence\"\ntest = \"{}\"\nreload = \"{}\"\n",
                    server.path("nginx.conf").display(),
                    nginx::command(&server, "-t"),
                    nginx::command(&server, "-s reload")
                );
                Running { server, table }
            }
            Self::Haproxy => {
                let line = |(number, at): (usize, &SocketAddr)| {
                    format!("  server n{number} {at} cookie n{number}\n")
                };
                let lines: String = numbered().map(line).collect();
                let server = haproxy::start(&lines, "admin").0;
                let table = format!(
                    "kind = \"haproxy\"\nsocket = \"{}\"\nbackend = \"confluence\"\n",
                    server.path("admin.sock").display()
                );
                Running { server, table }
            }
        }
    }
}
