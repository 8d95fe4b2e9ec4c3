//! The load balancers in front: each started before the nodes' addresses, with its `[balancer]` table.

use std::net::{Ipv4Addr, SocketAddr};

use zdu_endpoint::{BalancerDefect, MockBalancer};

use crate::servers::ajp::Connector;
use crate::servers::{apache, haproxy, nginx};

/// A kind of load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    Nginx,
    Haproxy,
    Apache,
    ModJk,
    /// One of ours, with a defect or none.
    Staged(Option<BalancerDefect>),
}

pub(crate) const ALL: &[Front] = &[Front::Nginx, Front::Haproxy, Front::Apache, Front::ModJk];

/// One that runs.
pub(crate) struct Running {
    pub(crate) kind: Front,
    /// Where it takes requests.
    pub(crate) port: u16,
    /// What ends with it.
    _keep: Box<dyn std::any::Any>,
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
            Self::Staged(_) => "staged",
        }
    }

    /// The rule of its kind.
    pub(crate) const fn rule(self) -> &'static str {
        match self {
            Self::Nginx => "LB-1",
            Self::Haproxy | Self::Staged(_) => "LB-2",
            Self::Apache | Self::ModJk => "LB-3",
        }
    }

    /// What it needs, as `servers::missing` knows it.
    pub(crate) const fn needs(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache2",
            Self::ModJk => "jk",
            Self::Staged(_) => "",
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
                let table = example(
                    "nginx",
                    &[
                        ("/etc/nginx/nginx.conf", server.path("nginx.conf").display().to_string()),
                        ("nginx -t", nginx::command(&server, "-t")),
                        ("systemctl reload nginx", nginx::command(&server, "-s reload")),
                    ],
                );
                Running { kind: self, port: server.port, _keep: Box::new(server), table }
            }
            Self::Haproxy => {
                let line = |(number, at): (usize, &SocketAddr)| {
                    format!("  server n{number} {at} cookie n{number}\n")
                };
                let lines: String = numbered().map(line).collect();
                let server = haproxy::start(&lines, "admin").0;
                let socket = server.path("admin.sock").display().to_string();
                let table = example("haproxy", &[("/run/haproxy/admin.sock", socket)]);
                Running { kind: self, port: server.port, _keep: Box::new(server), table }
            }
            Self::Staged(defect) => {
                let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let members: Vec<(String, SocketAddr)> =
                    numbered().map(|(number, at)| (format!("n{number}"), *at)).collect();
                let staged = MockBalancer::start((free, free), &members, defect);
                let staged = staged.expect("two free ports");
                let socket = staged.api.to_string();
                let table = example("haproxy", &[("/run/haproxy/admin.sock", socket)]);
                Running { kind: self, port: staged.front.port(), _keep: Box::new(staged), table }
            }
            Self::Apache => {
                let line = |(number, at): (usize, &SocketAddr)| {
                    format!("  BalancerMember http://{at} route=n{number}\n")
                };
                let server = apache::proxy(&numbered().map(line).collect::<String>(), "ROUTEID");
                let manager = format!("http://127.0.0.1:{}/manager", server.port);
                let there = "https://lb1.example.org/balancer-manager";
                // Longer than a request takes here.
                let otherwise = [(there, manager), ("5s", "1s".to_owned())];
                let table = example("apache", &otherwise);
                Running { kind: self, port: server.port, _keep: Box::new(server), table }
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
                let status = format!("http://127.0.0.1:{}/status", server.port);
                let table = example("mod_jk", &[("https://lb1.example.org/jk-status", status)]);
                Running {
                    kind: self,
                    port: server.port,
                    _keep: Box::new((server, connectors)),
                    table,
                }
            }
        }
    }
}

/// The example that the target file's reference gives of a kind, with what is otherwise here.
pub(crate) fn example(kind: &str, otherwise: &[(&str, String)]) -> String {
    let page = include_str!("../../TARGET.md");
    let heading = format!("### `[balancer]` of kind `{kind}`");
    let chapter = page.split_once(&heading).expect("the kind has a chapter").1;
    let block = chapter.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let mut table = block.expect("an example").to_owned();
    for (there, here) in otherwise {
        let there = format!("\"{there}\"");
        assert!(table.contains(&there), "{table} has no {there}");
        table = table.replace(&there, &format!("\"{here}\""));
    }
    table
}
