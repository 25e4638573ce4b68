//! Requests byte by byte, for what a client library would refuse or mend.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// An answer, taken apart by hand.
#[derive(Debug, Clone)]
pub struct RawReply {
    /// The status code; 0 if the connection was closed without an answer.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body, with the chunks put together.
    pub body: Vec<u8>,
}

/// Sends `request` as it is and reads until the server closes.
///
/// Write `connection: close` into it.
pub async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> RawReply {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        // A server that has heard enough may close before it has read everything.
        stream.write_all(request.as_ref()).await.ok();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.ok();
        Ok::<_, std::io::Error>(reply)
    };
    let reply = tokio::time::timeout(DEADLINE, exchange).await;
    let reply = reply.unwrap_or_else(|_| panic!("no whole answer in {DEADLINE:?}"));
    take_apart(&reply.expect("the server accepts connections"))
}

/// Sends a GET for a path exactly as written.
pub async fn get(address: SocketAddr, path: &str) -> RawReply {
    call(address, &format!("GET {path}"), &[], b"").await
}

/// Sends a call (`METHOD path`) with headers and a body of the right length.
pub async fn call(
    address: SocketAddr,
    call: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> RawReply {
    let mut request = format!("{call} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    let length = body.len().to_string();
    let length = (!body.is_empty()).then_some(("content-length", length.as_str()));
    for (name, value) in headers.iter().copied().chain(length) {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str("\r\n");
    send(address, [request.as_bytes(), body].concat()).await
}

impl RawReply {
    /// Returns a header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value.trim())
    }

    /// Returns the body as JSON, or null.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn take_apart(reply: &[u8]) -> RawReply {
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or(reply.len());
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok());
    let mut raw = RawReply {
        status: status.unwrap_or(0),
        head,
        body: reply.get(end + 4..).unwrap_or_default().to_vec(),
    };
    if raw
        .header("transfer-encoding")
        .eq_ignore_ascii_case("chunked")
    {
        raw.body = put_together(&raw.body);
    }
    raw
}

fn put_together(mut chunked: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(at) = chunked.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&chunked[..at]).unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let begin = at + 2;
        let Some(chunk) = chunked
            .get(begin..begin + size)
            .filter(|chunk| !chunk.is_empty())
        else {
            break;
        };
        whole.extend_from_slice(chunk);
        chunked = chunked.get(begin + size + 2..).unwrap_or_default();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let reply = take_apart(b"HTTP/1.1 404 Not Found\r\nX-A:  b\r\n\r\n{\"error\":1}");
        assert_eq!((reply.status, reply.header("x-a")), (404, "b"));
        assert_eq!(reply.json()["error"], 1);
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(take_apart(chunked).body, b"abcde");
        assert_eq!(take_apart(b"").status, 0);
    }
}
