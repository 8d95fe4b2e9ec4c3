//! How does a request come off a connection, and an answer on to one?
//!
//! hyper does HTTP itself, malformed requests included; what an [`Endpoint`](crate::Endpoint) cannot know of a transport
//! is here: bodies that are too large, lengths and chunks.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::exchange::{Answer, Request};

/// The largest body in bytes: the API's own are empty.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// In how many parts a chunked body travels.
const CHUNKS: usize = 3;

/// Reads a request.
///
/// # Errors
/// With the answer to a body that is too large or breaks off.
pub(super) async fn read(request: hyper::Request<Incoming>) -> Result<Request, Answer> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
    let collected = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|_| {
        let mut answer = Answer::failure(413, "the body cannot be read or is too large");
        answer.close = true;
        answer
    })?;
    Ok(Request {
        method: head.method.to_string(),
        path: path.to_owned(),
        headers: headers.collect(),
        body: collected.to_bytes().to_vec(),
    })
}

/// Writes an answer.
pub(super) fn write(answer: Answer) -> Response<Parts> {
    let code = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Parts::of(answer.body, answer.chunked));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    if answer.close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body in one part with its length, or in chunks without.
#[derive(Debug)]
pub(super) struct Parts {
    parts: VecDeque<Bytes>,
    chunked: bool,
}

impl Parts {
    fn of(body: String, chunked: bool) -> Self {
        let whole = Bytes::from(body);
        let size = if chunked { whole.len().div_ceil(CHUNKS) } else { whole.len() }.max(1);
        let starts = (0..whole.len()).step_by(size);
        let part = |start: usize| whole.slice(start..whole.len().min(start + size));
        Self { parts: starts.map(part).collect(), chunked }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.parts.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.chunked {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.parts.iter().map(|part| part.len() as u64).sum())
    }
}
