//! Apache HTTP Server with mod_proxy_balancer, or with mod_jk.

use std::path::Path;

use super::{Server, free_port, program};

/// The modules that either needs.
const MODULES: [&str; 4] = ["mpm_event", "authz_core", "env", "headers"];
const PROXY: [&str; 5] =
    ["slotmem_shm", "proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests"];

/// Where Debian has the modules.
const FOLDER: &str = "/usr/lib/apache2/modules";

/// Whether a module is installed.
pub(crate) fn module(name: &str) -> bool {
    Path::new(FOLDER).join(format!("mod_{name}.so")).is_file()
}

/// With mod_proxy_balancer in front of these lines (`BalancerMember ...`) of the balancer `confluence`; its manager is `/manager`.
pub(crate) fn proxy(members: &str, sticky: &str) -> Server {
    let more = format!(
        "Header add Set-Cookie \"ROUTEID=.%{{BALANCER_WORKER_ROUTE}}e; path=/\" env=BALANCER_ROUTE_CHANGED\n\
         <Proxy balancer://confluence>\n{members}  ProxySet stickysession={sticky}\n</Proxy>\n\
         <Location /manager>\n  SetHandler balancer-manager\n</Location>\n\
         ProxyPass /manager !\nProxyPass / balancer://confluence/\n"
    );
    start(&PROXY, &more, None)
}

/// With mod_jk in front of these workers, each a name with where it listens, under the load balancer `lb`; its status worker is
/// `/status`.
pub(crate) fn jk(workers: &[(&str, std::net::SocketAddr)]) -> Server {
    let more = "JkWorkersFile workers.properties\nJkShmFile jk.shm\nJkLogFile jk.log\nJkLogLevel error\n\
                JkMount /status status\nJkMount /* lb\n";
    let names: Vec<&str> = workers.iter().map(|(name, _)| *name).collect();
    let mut properties = format!(
        "worker.list=lb,status\nworker.status.type=status\nworker.lb.type=lb\nworker.lb.retries=1\n\
         worker.lb.sticky_session=1\nworker.lb.balance_workers={}\n",
        names.join(",")
    );
    for (name, at) in workers {
        properties.push_str(&format!(
            "worker.{name}.type=ajp13\nworker.{name}.host={}\nworker.{name}.port={}\nworker.{name}.retries=1\n",
            at.ip(),
            at.port()
        ));
    }
    start(&["jk"], more, Some(&properties))
}

fn start(modules: &[&str], more: &str, properties: Option<&str>) -> Server {
    let port = free_port();
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().display().to_string();
    let load = |name: &&str| {
        let file = format!("{FOLDER}/mod_{name}.so");
        format!("LoadModule {name}_module {file}\n")
    };
    let loads: String = MODULES.iter().chain(modules).map(load).collect();
    let config = format!(
        "ServerName test\nServerRoot {at}\nDefaultRuntimeDir {at}\nPidFile {at}/pid\nErrorLog {at}/error.log\nMutex posixsem\n\
         {loads}Listen 127.0.0.1:{port}\nStartServers 1\nThreadsPerChild 64\nMinSpareThreads 1\nServerLimit 4\nMaxRequestWorkers 256\n{more}"
    );
    std::fs::write(folder.path().join("httpd.conf"), config).expect("a file");
    if let Some(properties) = properties {
        std::fs::write(folder.path().join("workers.properties"), properties).expect("a file");
    }
    let program = program("apache2").expect("it is installed").display().to_string();
    let config = folder.path().join("httpd.conf").display().to_string();
    Server::start(folder, port, &[&program, "-d", &at, "-f", &config, "-DFOREGROUND"])
}
