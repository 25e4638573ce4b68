//! The ways in which a scripted answer goes wrong.

use bytes::Bytes;

/// One way to answer other than rightly. Conditional headers are ignored under a fault.
#[derive(Debug, Clone)]
pub enum Fault {
    /// No fault: lets one request of a script through.
    Pass,
    /// Another status with these headers and npm's error body.
    Status(u16, Vec<(String, String)>),
    /// Status 200 with this content type and these bytes instead of the right ones.
    Replaced(String, Bytes),
    /// Status 302 to this URL.
    Redirect(String),
    /// The connection is cut before any answer.
    Dropped,
    /// Right `content-length`, then the connection is cut after half of the body.
    Truncated,
    /// Chunked, then the connection is cut after half of the body.
    TruncatedChunked,
    /// The byte in the middle of the body is another one.
    Corrupt,
    /// Neither headers nor body come, and the connection stays open.
    Hang,
    /// So many bytes of the body come, at most half, then no more; the connection stays open.
    HangAfter(usize),
    /// The body comes at this many bytes a second.
    Slow(usize),
    /// A packument that calls itself so.
    WrongName(String),
    /// A packument without any version.
    EmptyVersions,
    /// The packument as it was before its last change.
    Older,
}

impl Fault {
    /// Answers with a bare status.
    pub fn status(code: u16) -> Self {
        Self::Status(code, Vec::new())
    }

    /// Answers 404 with npm's body.
    pub fn not_found() -> Self {
        Self::status(404)
    }

    /// Answers 429 with `Retry-After` in seconds.
    pub fn too_many_requests(retry_after_secs: u64) -> Self {
        let header = ("retry-after".to_owned(), retry_after_secs.to_string());
        Self::Status(429, vec![header])
    }

    /// Answers 200 with a web page, as captive portals and broken proxies do.
    pub fn html() -> Self {
        let page = "<!DOCTYPE html><html><body><h1>Sign in to the network</h1></body></html>\n";
        Self::Replaced("text/html; charset=utf-8".to_owned(), page.into())
    }

    /// Answers 200 with this text as JSON.
    pub fn json(text: &str) -> Self {
        Self::Replaced("application/json".to_owned(), text.to_owned().into())
    }
}
