//! `zdu send METHOD URL`: one request to a mock on this machine, for driver commands where there is no `curl`.
//!
//! Left out of the help: it is for the suite's own tests, whose commands must run on a machine with nothing but Rust. It
//! knows no credentials and goes to loopback alone, so that no POST reaches a real cluster past its consent.

use std::time::Duration;

use zdu_model::judge::event::Caller;

use super::{Ended, Failure, runtime};
use crate::client::{Client, Settings, Tls};
use crate::exit::Exit;
use crate::secret::Credentials;
use crate::words::silence;

/// How long the answer is waited for.
const LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// GET or POST
    #[arg(value_enum, ignore_case = true)]
    method: Method,
    /// An address on this machine
    url: String,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Method {
    Get,
    Post,
}

pub(super) fn run(args: &Args) -> Ended {
    if !on_this_machine(&args.url) {
        let url = &args.url;
        return Err(Failure::usage(format!("`{url}` is not on this machine; use curl for it")));
    }
    let nobody = Credentials::default();
    let settings = Settings { request: LIMIT, tls: Tls::default(), credentials: &nobody };
    let client = Client::new(&settings).map_err(|error| Failure::usage(error.to_string()))?;
    let reply = runtime()?.block_on(async {
        match args.method {
            Method::Get => client.get(&args.url, Caller::Anonymous).await,
            Method::Post => client.post(&args.url, Caller::Anonymous, LIMIT).await,
        }
    });
    let body = String::from_utf8_lossy(&reply.body);
    match reply.code {
        Some(200..=299) => {
            println!("{body}");
            Ok(Exit::Fine)
        }
        Some(code) => Err(Failure::usage(format!("answered {code}: {body}"))),
        None => {
            let reason = silence(&reply.exchange.silence());
            Err(Failure::new(Exit::Unreachable, format!("no answer: {reason}")))
        }
    }
}

fn on_this_machine(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}

#[cfg(test)]
mod tests {
    use super::on_this_machine;

    #[test]
    fn nothing_is_sent_beyond_this_machine() {
        for url in ["http://127.0.0.1:4990/x", "http://[::1]:1/", "http://localhost/"] {
            assert!(on_this_machine(url), "{url}");
        }
        for url in ["https://wiki.example.org/127.0.0.1", "127.0.0.1:80", "http://10.0.0.1/"] {
            assert!(!on_this_machine(url), "{url}");
        }
    }
}
