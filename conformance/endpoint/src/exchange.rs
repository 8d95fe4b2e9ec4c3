//! What goes in and what comes out: a request to a port, and how it is answered?
//!
//! Plain data without sockets. How long an answer takes is told, never waited for.

use std::time::Duration;

use crate::answer::json::Json;

/// Where a request comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// The address of the cluster: any node that serves may answer.
    Api,
    /// The own address of the node at this position: it answers itself or nobody does.
    Node(usize),
}

/// A request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// The path, context path included, percent-encoded, with `?` and the query if there is one.
    pub path: String,
    /// Names in any case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body as it was sent.
    pub body: Vec<u8>,
}

impl Request {
    /// A read with the header that every call carries (spec section 1).
    #[must_use]
    pub fn get(path: &str) -> Self {
        let headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        Self { method: "GET".to_owned(), path: path.to_owned(), headers, body: Vec::new() }
    }

    /// A POST with the headers that every POST carries (spec section 1), and an empty JSON body.
    #[must_use]
    pub fn post(path: &str) -> Self {
        let mut request = Self::get(path);
        request.method = "POST".to_owned();
        let more = [("Content-Type", "application/json"), ("X-Atlassian-Token", "no-check")];
        request.headers.extend(more.map(|(key, value)| (key.to_owned(), value.to_owned())));
        request.body = b"{}".to_vec();
        request
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub(crate) fn bare_path(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    /// The value of a query parameter, percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| decode(value)).flatten()
        })
    }
}

/// Percent-decoding; what is no valid escape stays as it stands. Nothing for what is no UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(value) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}

/// An answer, and how it travels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub code: u16,
    /// The headers, without those of the transport itself.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// How long after the request came in it was handled: its effect, if it has one, is that late.
    pub before: Duration,
    /// How long after it was handled the answer leaves; a caller may have given up by then.
    pub after: Duration,
    /// Whether the body is sent in chunks, without its length.
    pub chunked: bool,
    /// Whether the connection is closed behind it.
    pub close: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is answered.
    Answer(Answer),
    /// The connection is closed without an answer.
    Dropped,
    /// Nobody listens at that port.
    Refused,
}

impl Outcome {
    /// The answer, if there is one.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answer(answer) => Some(answer),
            Self::Dropped | Self::Refused => None,
        }
    }
}

/// The canonical words of a status code.
pub(crate) const fn reason(code: u16) -> &'static str {
    match code {
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

impl Answer {
    pub(crate) fn new(code: u16, kind: &str, body: String) -> Self {
        let headers = vec![("Content-Type", kind.to_owned())];
        Self { code, headers, body, ..Self::default() }
    }

    pub(crate) fn empty(code: u16) -> Self {
        Self { code, ..Self::default() }
    }

    pub(crate) fn json(code: u16, body: String) -> Self {
        Self::new(code, "application/json", body)
    }

    pub(crate) fn html(code: u16, title: &str) -> Self {
        let body = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1>\n<p>{code}</p></body></html>\n"
        );
        Self::new(code, "text/html;charset=UTF-8", body)
    }

    /// An error as the API words it.
    pub(crate) fn failure(code: u16, message: &str) -> Self {
        let json = Json::Object(vec![
            ("statusCode", Json::Number(code.into())),
            ("reason", Json::word(reason(code))),
            ("message", Json::text(message)),
        ]);
        Self::json(code, json.to_string())
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_escapes_are_read_and_what_is_no_text_is_told_apart() {
        assert_eq!(decode("a%20b%zz%"), Some("a b%zz%".to_owned()));
        assert_eq!(decode("%ff"), None);
        let request = Request::post("/x?a=1&version=9%2E2");
        assert_eq!(request.parameter("version").as_deref(), Some("9.2"));
        assert_eq!(request.parameter("other"), None);
        assert_eq!(request.bare_path(), "/x");
    }
}
