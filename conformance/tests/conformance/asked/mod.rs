//! What does a client ask? The head of one request, for servers that answer by hand.

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The head of a request; nothing if the client goes away before its end.
pub(crate) async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&request).into_owned())
}
