//! How is a request sent again by hand? One line of `curl` an exchange; credentials stand in it as the names of the
//! environment's variables.

use crate::client::{Credential, Exchange};
use crate::verdict::{Command, Environment};

/// The line that sends the request again.
#[must_use]
pub fn line(exchange: &Exchange, environment: &Environment) -> String {
    sending(exchange, environment.ca_file.as_deref(), environment.tls_insecure)
}

/// The same for whoever has no report: with the CA that is trusted, if there is one, and whether certificates go unchecked.
#[must_use]
pub fn sending(exchange: &Exchange, ca_file: Option<&str>, insecure: bool) -> String {
    let mut words = vec!["-i".to_owned()];
    if insecure {
        words.push("-k".to_owned());
    }
    if let Some(file) = ca_file {
        words.extend(["--cacert".to_owned(), file.to_owned()]);
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
