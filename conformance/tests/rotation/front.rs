//! The load balancers in front: each started before the nodes' addresses, with its `[balancer]` table.

use std::net::SocketAddr;

use crate::servers::ajp::Connector;
use crate::servers::{Server, apache, haproxy, nginx};

/// A kind of load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Nginx,
    Haproxy,
    Apache,
    ModJk,
}

pub(crate) const ALL: &[Front] = &[Front::Nginx, Front::Haproxy, Front::Apache, Front::ModJk];

/// One that runs.
pub(crate) struct Running {
    pub(crate) server: Server,
    /// What stands between it and the nodes.
    _connectors: Vec<Connector>,
    /// The lines of the target file.
    pub(crate) table: String,
}

impl Front {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache",
            Self::ModJk => "mod_jk",
        }
    }

    /// What it needs, as `servers::missing` knows it.
    pub(crate) const fn needs(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache2",
            Self::ModJk => "jk",
        }
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
                Running { server, _connectors: Vec::new(), table }
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
                Running { server, _connectors: Vec::new(), table }
            }
            Self::Apache => {
                let line = |(number, at): (usize, &SocketAddr)| {
                    format!("  BalancerMember http://{at} route=n{number}\n")
                };
                let server = apache::proxy(&numbered().map(line).collect::<String>(), "ROUTEID");
                let table = format!(
                    "kind = \"apache\"\nmanager = \"http://127.0.0.1:{}/manager\"\nbalancer = \"confluence\"\n",
                    server.port
                );
                Running { server, _connectors: Vec::new(), table }
            }
            Self::ModJk => {
                let beside = |(number, at): (usize, &SocketAddr)| {
                    Connector::beside(*at, &format!("n{number}"))
                };
                let connectors: Vec<Connector> = numbered().map(beside).collect();
                let names: Vec<String> =
                    numbered().map(|(number, _)| format!("n{number}")).collect();
                let workers: Vec<(&str, SocketAddr)> = (names.iter().zip(&connectors))
                    .map(|(name, beside)| (name.as_str(), beside.address))
                    .collect();
                let server = apache::jk(&workers);
                let table = format!(
                    "kind = \"mod_jk\"\nstatus = \"http://127.0.0.1:{}/status\"\nworker = \"lb\"\n",
                    server.port
                );
                Running { server, _connectors: connectors, table }
            }
        }
    }
}
