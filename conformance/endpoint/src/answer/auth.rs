//! Who may call (API-10), and are the headers right?
//!
//! HTTP Basic and bearer tokens. Nobody is asked when the endpoint was started without credentials; the control calls
//! are not behind this door.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Route;
use crate::cluster::calls::Call;
use crate::defect::Defect as D;
use crate::exchange::{Answer, Request};
use crate::freedom::Freedom;
use crate::options::{Credentials, Options};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Administrator,
    Plain,
    /// Who gives the administrator's name with another password.
    WrongPassword,
    /// Who gives another bearer token.
    WrongToken,
    Nobody,
}

fn caller(known: &Credentials, request: &Request) -> Caller {
    let given = request.header("authorization").unwrap_or_default();
    let (scheme, value) = given.trim().split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") {
        let right = known.token.as_deref() == Some(value.trim());
        return if right { Caller::Administrator } else { Caller::WrongToken };
    }
    let Some((user, password)) = basic(scheme, value) else {
        return Caller::Nobody;
    };
    if user == known.user {
        let right = password == known.password;
        return if right { Caller::Administrator } else { Caller::WrongPassword };
    }
    match &known.plain {
        Some((plain, secret)) if *plain == user && *secret == password => Caller::Plain,
        Some(_) | None => Caller::Nobody,
    }
}

fn basic(scheme: &str, value: &str) -> Option<(String, String)> {
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The answer to a caller who may not; none for one who may.
pub(crate) fn refusal(
    options: &Options,
    request: &Request,
    route: Option<&Route>,
) -> Option<Answer> {
    // Whoever signs in is not signed in yet.
    let known = options.credentials.as_ref().filter(|_| route != Some(&Route::Page))?;
    let has = |defect: D| options.defect == Some(defect);
    let call = match route {
        Some(Route::Post(call)) => Some(*call),
        Some(Route::Overview | Route::State | Route::Node(_) | Route::Page) | None => None,
    };
    let caller = caller(known, request);
    if options.defect.is_some_and(|defect| let_in(defect, caller, call)) {
        return None;
    }
    match caller {
        Caller::Administrator => None,
        Caller::Plain if has(D::PlainAccountIs401) => Some(unauthorized()),
        Caller::Plain => Some(Answer::failure(403, "only a system administrator may call this")),
        Caller::Nobody | Caller::WrongPassword | Caller::WrongToken if has(D::AnonymousIs403) => {
            Some(Answer::failure(403, "credentials are needed"))
        }
        Caller::Nobody | Caller::WrongPassword | Caller::WrongToken if has(D::LoginRedirect) => {
            Some(Answer::html(302, "Log in").header("Location", "/login.action"))
        }
        Caller::Nobody | Caller::WrongPassword | Caller::WrongToken => Some(unauthorized()),
    }
}

/// Whether a defect lets this caller make this call, or read when it is none.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the function concerns a handful of the many defects"
)]
fn let_in(defect: D, caller: Caller, call: Option<Call>) -> bool {
    let stranger = matches!(caller, Caller::Nobody | Caller::WrongPassword | Caller::WrongToken);
    let plain = caller == Caller::Plain;
    let (start, cancel, approve) =
        (call == Some(Call::Start), call == Some(Call::Cancel), call == Some(Call::Approve));
    match defect {
        D::NoAuthentication => stranger,
        D::AnonymousReads => stranger && call.is_none(),
        D::AnonymousPosts => stranger && call.is_some(),
        D::StartByAnybody => caller == Caller::Nobody && start,
        D::CancelByAnybody => caller == Caller::Nobody && cancel,
        D::ApproveByAnybody => caller == Caller::Nobody && approve,
        D::AnyPassword => caller == Caller::WrongPassword,
        D::StartWithAnyPassword => caller == Caller::WrongPassword && start,
        D::CancelWithAnyPassword => caller == Caller::WrongPassword && cancel,
        D::ApproveWithAnyPassword => caller == Caller::WrongPassword && approve,
        D::AnyToken => caller == Caller::WrongToken,
        D::StartWithAnyToken => caller == Caller::WrongToken && start,
        D::CancelWithAnyToken => caller == Caller::WrongToken && cancel,
        D::ApproveWithAnyToken => caller == Caller::WrongToken && approve,
        D::NoAuthorization => plain,
        D::PlainAccountReads => plain && call.is_none(),
        D::PlainAccountPosts => plain && call.is_some(),
        D::StartByPlainAccount => plain && start,
        D::CancelByPlainAccount => plain && cancel,
        D::ApproveByPlainAccount => plain && approve,
        _ => false,
    }
}

fn unauthorized() -> Answer {
    Answer::failure(401, "credentials are needed: HTTP Basic or a bearer token")
        .header("WWW-Authenticate", "Basic realm=\"Confluence\"")
}

/// The answer to a request without the headers or the body that every call has (spec section 1).
pub(crate) fn malformed(options: &Options, request: &Request, route: &Route) -> Option<Answer> {
    let posts = matches!(route, Route::Post(_)) && request.method == "POST";
    let is_json =
        |name: &str| request.header(name).is_some_and(|value| value.contains("application/json"));
    // Whoever accepts anything, or says nothing of it, accepts JSON.
    let accepted = request.header("accept").is_none_or(|accepted| {
        ["application/json", "application/*", "*/*"].iter().any(|kind| accepted.contains(kind))
    });
    let strict = options.freedoms.has(Freedom::StrictHeaders);
    if strict && !accepted && *route != Route::Page {
        return Some(Answer::html(406, "Not Acceptable"));
    }
    if !posts {
        return None;
    }
    if strict && !is_json("content-type") {
        return Some(Answer::html(415, "Unsupported Media Type"));
    }
    if (strict || options.strict) && request.header("x-atlassian-token") != Some("no-check") {
        let message = "XSRF check failed: a POST carries `X-Atlassian-Token: no-check`";
        return Some(Answer::failure(403, message));
    }
    let body = request.body.trim_ascii();
    if !body.is_empty() && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
        return Some(Answer::failure(400, "the body is neither empty nor JSON"));
    }
    let filled = !body.is_empty() && body != b"{}";
    (filled && options.freedoms.has(Freedom::StrictBody))
        .then(|| Answer::failure(400, "the body is neither empty nor an empty object"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(authorization: &str) -> Caller {
        let known = Credentials {
            user: "admin".into(),
            password: "a:b".into(),
            token: Some("t0k".into()),
            plain: Some(("bob".into(), "pw".into())),
        };
        caller(&known, &Request::get("/").with("authorization", authorization))
    }

    // Base64 by hand: `YWRtaW46YTpi` is admin:a:b, `Ym9iOnB3` is bob:pw, `YWRtaW46eA==` is admin:x.
    #[test]
    fn api_10_tells_administrators_plain_users_and_strangers_apart() {
        assert_eq!(who("Basic YWRtaW46YTpi"), Caller::Administrator);
        assert_eq!(who("bearer t0k"), Caller::Administrator);
        assert_eq!(who("basic Ym9iOnB3"), Caller::Plain);
        assert_eq!(who("Basic YWRtaW46eA=="), Caller::WrongPassword);
        assert_eq!(who("Bearer x"), Caller::WrongToken);
        for stranger in ["", "Basic", "Basic !!", "Digest a"] {
            assert_eq!(who(stranger), Caller::Nobody, "{stranger}");
        }
    }
}
