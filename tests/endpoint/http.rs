//! How are HTTP/1.1 requests read and answers written, byte by byte?
//!
//! Hand-written, because an answer that is cut off, a connection that is dropped and a listener that refuses are part
//! of what this endpoint must be able to do. Only what the API needs: no pipelining, no trailers, no upgrades.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;

const LINE_MAX: u64 = 16 * 1024;
const BODY_MAX: usize = 64 * 1024;

/// A request; header names are in lower case.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The client wants the connection closed.
    pub(crate) last: bool,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter, percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| decode(value))
        })
    }
}

/// Percent-decoding; what is no valid escape stays as it stands.
pub(crate) fn decode(text: &str) -> String {
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
    String::from_utf8_lossy(&out).into_owned()
}

fn line(stream: &mut BufReader<TcpStream>) -> Result<String> {
    let mut text = String::new();
    stream.take(LINE_MAX).read_line(&mut text)?;
    if text.ends_with('\n') {
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    } else {
        Err(Error::from(ErrorKind::UnexpectedEof))
    }
}

fn invalid(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Reads one request; the caller has made sure that its first byte is there.
pub(crate) fn read(stream: &mut BufReader<TcpStream>) -> Result<Request> {
    let first = line(stream)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(protocol)) = (words.next(), words.next(), words.next())
    else {
        return Err(invalid("request line"));
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        last: protocol == "HTTP/1.0",
        ..Request::default()
    };
    loop {
        let text = line(stream)?;
        if text.is_empty() {
            break;
        }
        let (key, value) = text.split_once(':').ok_or_else(|| invalid("header"))?;
        request.headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close")) {
        request.last = true;
    }
    if request
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        request.body = chunks(stream)?;
    } else if let Some(length) = request.header("content-length") {
        let length = length
            .parse()
            .ok()
            .filter(|length| *length <= BODY_MAX)
            .ok_or_else(|| invalid("length"))?;
        request.body = exactly(stream, length)?;
    }
    Ok(request)
}

fn exactly(stream: &mut BufReader<TcpStream>, length: usize) -> Result<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn chunks(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(stream)?;
        let digits = size.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).map_err(|_| invalid("chunk"))?;
        if body.len() + length > BODY_MAX {
            return Err(invalid("body"));
        }
        body.extend(exactly(stream, length)?);
        line(stream)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

/// An answer, and how it travels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) chunked: bool,
    pub(crate) close: bool,
    /// No answer at all: the connection is closed.
    pub(crate) dropped: bool,
}

impl Answer {
    pub(crate) fn new(code: u16, kind: &'static str, body: String) -> Self {
        Self { code, kind, body, ..Self::default() }
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

    pub(crate) fn drop() -> Self {
        Self { dropped: true, ..Self::default() }
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        412 => "Precondition Failed",
        415 => "Unsupported Media Type",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

/// Writes one answer.
pub(crate) fn write(stream: &mut TcpStream, answer: &Answer, close: bool) -> Result<()> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.code, reason(answer.code));
    for (key, value) in &answer.headers {
        head += &format!("{key}: {value}\r\n");
    }
    if !answer.kind.is_empty() {
        head += &format!("Content-Type: {}\r\n", answer.kind);
    }
    if close {
        head += "Connection: close\r\n";
    }
    let bodiless = answer.code == 204;
    if bodiless {
        head += "\r\n";
    } else if answer.chunked {
        head += "Transfer-Encoding: chunked\r\n\r\n";
        let bytes = answer.body.as_bytes();
        let mut out = head.into_bytes();
        for chunk in bytes.chunks(bytes.len().div_ceil(3).max(1)) {
            out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            out.extend(chunk);
            out.extend(b"\r\n");
        }
        out.extend(b"0\r\n\r\n");
        return stream.write_all(&out);
    } else {
        head += &format!("Content-Length: {}\r\n\r\n{}", answer.body.len(), answer.body);
    }
    stream.write_all(head.as_bytes())
}
