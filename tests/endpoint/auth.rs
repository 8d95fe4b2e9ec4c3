//! Who may call (API-10)?
//!
//! HTTP Basic only. Nobody is asked when the endpoint was started without credentials.

use super::defect::Defect as D;
use super::http::{Answer, Request};
use super::world::Options;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Administrator,
    Plain,
    Nobody,
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

fn caller(options: &Options, request: &Request) -> Caller {
    let given = request.header("authorization").and_then(|value| value.split_once(' '));
    let Some((scheme, given)) = given else {
        return Caller::Nobody;
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Caller::Nobody;
    }
    let matches = |account: &Option<String>| {
        account.as_deref().is_some_and(|account| base64(account) == given.trim())
    };
    if matches(&options.auth) {
        Caller::Administrator
    } else if matches(&options.plain) {
        Caller::Plain
    } else if options.defect == Some(D::WrongPasswordAccepted) {
        Caller::Administrator
    } else {
        Caller::Nobody
    }
}

/// The answer to a caller who may not; none for one who may.
pub(crate) fn check(options: &Options, request: &Request, posts: bool) -> Option<Answer> {
    options.auth.as_ref()?;
    let has = |defect: D| options.defect == Some(defect);
    match caller(options, request) {
        Caller::Administrator => None,
        Caller::Plain if has(D::PlainAccountReads) && !posts => None,
        Caller::Plain if has(D::PlainAccountPosts) && posts => None,
        Caller::Plain if has(D::PlainAccountIs401) => Some(Answer::html(401, "Unauthorized")),
        Caller::Plain => Some(Answer::html(403, "Forbidden")),
        Caller::Nobody if has(D::AnonymousReads) && !posts => None,
        Caller::Nobody if has(D::AnonymousPosts) && posts => None,
        Caller::Nobody if has(D::AnonymousIs403) => Some(Answer::html(403, "Forbidden")),
        Caller::Nobody if has(D::AnonymousIsSentToLogin) => {
            let mut answer = Answer::html(302, "Log in");
            answer.headers.push(("Location", "/login.action".to_owned()));
            Some(answer)
        }
        Caller::Nobody => {
            let mut answer = Answer::html(401, "Unauthorized");
            answer.headers.push(("WWW-Authenticate", "Basic realm=\"Confluence\"".to_owned()));
            Some(answer)
        }
    }
}
