//! A steady load with sessions, as users are: each keeps the cookies that it is given, and asks again and again.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often a user asks.
const EVERY: Duration = Duration::from_millis(10);

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// One answer, or none.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) at: Instant,
    /// Who answered, or what came instead.
    pub(crate) outcome: Result<String, String>,
}

/// Somebody who asks for pages.
#[derive(Clone, Debug)]
pub(crate) struct User {
    cookies: BTreeMap<String, String>,
}

impl User {
    pub(crate) fn new(number: usize) -> Self {
        let cookies = BTreeMap::from([("user".to_owned(), format!("u{number}"))]);
        Self { cookies }
    }

    /// Asks once; `who` reads from the body which node answered.
    pub(crate) fn ask(&mut self, port: u16, path: &str, who: fn(&str) -> String) -> Answer {
        let outcome = match self.sent(port, path) {
            Ok((200, body)) => Ok(who(&body)),
            Ok((code, _)) => Err(code.to_string()),
            Err(error) => Err(error.to_string()),
        };
        Answer { at: Instant::now(), outcome }
    }

    fn sent(&mut self, port: u16, path: &str) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // In one piece: small ones wait for each other.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: test\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            cookies.join("; ")
        );
        stream.write_all(request.as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        for line in head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
            if let (true, Some((name, value))) = (name.eq_ignore_ascii_case("set-cookie"), pair) {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Ok((code, body.to_owned()))
    }
}

/// Users at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Answer>>>,
}

impl Load {
    pub(crate) fn start(
        users: usize,
        port: u16,
        path: &'static str,
        who: fn(&str) -> String,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let user = |number| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                let mut user = User::new(number);
                let mut answers = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    answers.push(user.ask(port, path, who));
                    std::thread::sleep(EVERY);
                }
                answers
            })
        };
        let threads = (0..users).map(user).collect();
        Self { stop, threads }
    }

    /// Ends the load, and gives every answer in the order of time.
    pub(crate) fn end(self) -> Vec<Answer> {
        self.stop.store(true, Ordering::SeqCst);
        let all = self.threads.into_iter().flat_map(|thread| thread.join().expect("a user ends"));
        let mut all: Vec<Answer> = all.collect();
        all.sort_by_key(|answer| answer.at);
        all
    }
}

/// How many answers came to what: `n1`, `502`.
pub(crate) fn counted(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let what = match &answer.outcome {
            Ok(who) => who.clone(),
            Err(what) => format!("failed: {what}"),
        };
        *counts.entry(what).or_default() += 1;
    }
    counts
}

/// How many failed.
pub(crate) fn failures(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.outcome.is_err()).count()
}
