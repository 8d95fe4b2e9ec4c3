//! NGINX with an upstream group in an included file.

use super::{Server, free_port, program};

/// Starts it in front of these servers; the group `confluence` stands in `conf.d/nodes.conf`.
pub(crate) fn start(group: &str) -> Server {
    let port = free_port();
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().display();
    std::fs::create_dir(folder.path().join("conf.d")).expect("a folder");
    let main = format!(
        "daemon off;\nworker_processes 1;\npid {at}/nginx.pid;\nerror_log {at}/error.log;\n\
         events {{ worker_connections 512; }}\nhttp {{\n  access_log off;\n\
           client_body_temp_path {at}/t1; proxy_temp_path {at}/t2; fastcgi_temp_path {at}/t3; uwsgi_temp_path {at}/t4; scgi_temp_path {at}/t5;\n\
           # The nodes stand in a file of their own.\n  include conf.d/*.conf;\n\
           server {{\n    listen 127.0.0.1:{port};\n    location / {{\n      proxy_pass http://confluence;\n\
               proxy_next_upstream off;\n      proxy_set_header Host $host;\n    }}\n  }}\n}}\n"
    );
    std::fs::write(folder.path().join("nginx.conf"), main).expect("a file");
    std::fs::write(folder.path().join("conf.d/nodes.conf"), group).expect("a file");
    let program = program("nginx").expect("it is installed").display().to_string();
    let config = folder.path().join("nginx.conf").display().to_string();
    let log = folder.path().join("error.log").display().to_string();
    Server::start(folder, port, &[&program, "-c", &config, "-e", &log])
}

/// The command that does something with it: `-t`, `-s reload`.
pub(crate) fn command(server: &Server, words: &str) -> String {
    let program = program("nginx").expect("it is installed").display().to_string();
    let (config, log) = (server.path("nginx.conf"), server.path("error.log"));
    format!("{program} {words} -c {} -e {}", config.display(), log.display())
}
