//! How is a request sent again by hand? One line of `curl` an exchange; credentials stand in it as the names of the
//! environment's variables.

use crate::client::{Credential, Exchange, Tls};
use crate::verdict::{Command, Environment};

/// The line that sends the request again.
#[must_use]
pub fn line(exchange: &Exchange, environment: &Environment) -> String {
    sending(exchange, &environment.tls())
}

/// The same for whoever has no report: with whom is trusted, and as whom one shows oneself.
#[must_use]
pub fn sending(exchange: &Exchange, tls: &Tls<'_>) -> String {
    let mut words = vec!["-i".to_owned()];
    if tls.insecure {
        words.push("-k".to_owned());
    }
    let files = [("--cacert", tls.ca_file), ("--cert", tls.client_cert), ("--key", tls.client_key)];
    for (flag, file) in files {
        if let Some(file) = file {
            words.extend([flag.to_owned(), file.display().to_string()]);
        }
    }
    words.extend(["-H", "Accept: application/json"].map(str::to_owned));
    if exchange.method != "GET" {
        let post = [
            "-H",
            "Content-Type: application/json",
            "-H",
            "X-Atlassian-Token: no-check",
            "-d",
            "{}",
        ];
        words.extend(["-X".to_owned(), exchange.method.clone()]);
        words.extend(post.map(str::to_owned));
    }
    words.push(exchange.url.raw().to_owned());
    let rest: Command = words.into_iter().collect();
    // These are for the shell to fill in, so they are not quoted as the rest is.
    let account = match exchange.credential {
        Credential::None => "",
        Credential::Password => " -u \"$ZDU_USERNAME:$ZDU_PASSWORD\"",
        Credential::Token => " -H \"Authorization: Bearer $ZDU_TOKEN\"",
        Credential::WrongPassword => " -u \"$ZDU_USERNAME:not-the-secret\"",
        Credential::WrongToken => " -H \"Authorization: Bearer not-the-secret\"",
        Credential::PlainPassword => " -u \"$ZDU_PLAIN_USERNAME:$ZDU_PLAIN_PASSWORD\"",
    };
    format!("curl{account} {rest}")
}
