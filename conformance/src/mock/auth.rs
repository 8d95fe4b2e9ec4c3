//! Who is let in? Credentials (API-10) and the cross-site request check of POSTs, before any handler sees a request.
//!
//! The control calls are not behind this door.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::defect::{Defect, WireDefect};
use super::desk::{Desk, failure};
use super::options::{Credentials, Options};

/// Who calls, as far as the credentials tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Administrator,
    Plain,
    Unknown,
}

/// Passes the request on, or answers in its place.
pub(super) async fn admit(
    State((desk, options)): State<(Desk, Arc<Options>)>,
    request: Request,
    next: Next,
) -> Response {
    // A node that does not serve checks nobody's credentials either.
    if !desk.open() {
        return unreachable_here();
    }
    match refusal(&options, request.method(), request.headers()) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

/// The answer while nobody serves. The connection is closed with it, so that a client which keeps connections open
/// finds the closed address next time.
fn unreachable_here() -> Response {
    let answer = failure(StatusCode::SERVICE_UNAVAILABLE, "no node serves here now");
    ([(header::CONNECTION, "close")], answer).into_response()
}

fn refusal(options: &Options, method: &Method, headers: &HeaderMap) -> Option<Response> {
    let has = |defect| options.defect == Some(Defect::Wire(defect));
    if let Some(credentials) = &options.credentials {
        let any_password = has(WireDefect::AnyPassword);
        match caller(credentials, headers, any_password) {
            Caller::Administrator => {}
            Caller::Plain if has(WireDefect::NoAuthorization) => {}
            Caller::Unknown if has(WireDefect::NoAuthentication) => {}
            Caller::Plain => {
                let message = "only a system administrator may call this";
                return Some(failure(StatusCode::FORBIDDEN, message));
            }
            Caller::Unknown => return Some(unauthorized(has(WireDefect::LoginRedirect))),
        }
    }
    let no_check = headers.get("x-atlassian-token").map(|value| value.as_bytes());
    if options.strict && method == Method::POST && no_check != Some(b"no-check".as_slice()) {
        let message = "XSRF check failed: a POST carries `X-Atlassian-Token: no-check`";
        return Some(failure(StatusCode::FORBIDDEN, message));
    }
    None
}

fn unauthorized(redirect: bool) -> Response {
    if redirect {
        return (StatusCode::FOUND, [(header::LOCATION, "/login.action")]).into_response();
    }
    let answer =
        failure(StatusCode::UNAUTHORIZED, "credentials are needed: HTTP Basic or a bearer token");
    let scheme = "Basic realm=\"Confluence\"";
    ([(header::WWW_AUTHENTICATE, scheme)], answer).into_response()
}

fn caller(credentials: &Credentials, headers: &HeaderMap, any_password: bool) -> Caller {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (scheme, value) = given.trim().split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") {
        let right = credentials.token.as_deref() == Some(value.trim());
        return if right { Caller::Administrator } else { Caller::Unknown };
    }
    let Some((user, password)) = basic(scheme, value) else {
        return Caller::Unknown;
    };
    if user == credentials.user && (any_password || password == credentials.password) {
        return Caller::Administrator;
    }
    match &credentials.plain {
        Some((plain, secret)) if *plain == user && *secret == password => Caller::Plain,
        Some(_) | None => Caller::Unknown,
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn who(authorization: &'static str) -> Caller {
        let credentials = Credentials {
            user: "admin".into(),
            password: "a:b".into(),
            token: Some("t0k".into()),
            plain: Some(("bob".into(), "pw".into())),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(authorization));
        caller(&credentials, &headers, false)
    }

    // Base64 by hand: `YWRtaW46YTpi` is admin:a:b, `Ym9iOnB3` is bob:pw, `YWRtaW46eA==` is admin:x.
    #[test]
    fn api_10_tells_administrators_plain_users_and_strangers_apart() {
        assert_eq!(who("Basic YWRtaW46YTpi"), Caller::Administrator);
        assert_eq!(who("bearer t0k"), Caller::Administrator);
        assert_eq!(who("basic Ym9iOnB3"), Caller::Plain);
        for stranger in ["", "Basic", "Basic !!", "Basic YWRtaW46eA==", "Bearer x", "Digest a"] {
            assert_eq!(who(stranger), Caller::Unknown, "{stranger}");
        }
    }
}
