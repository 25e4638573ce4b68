//! The ways in which a scripted answer goes wrong.

use bytes::Bytes;

/// One way to answer other than rightly.
#[derive(Debug, Clone)]
pub enum ArtifactoryFault {
    /// No fault: lets one request of a script through.
    Pass,
    /// Another status with these headers and Artifactory's error body.
    Status(u16, Vec<(String, String)>),
    /// A web page with this status, as proxies in front of it send.
    Html(u16),
    /// Status 200 with this content type and these bytes instead of the right ones.
    Replaced(String, Bytes),
    /// Status 302 to this URL.
    Redirect(String),
    /// Status 302 to the same path of another origin.
    Elsewhere(String),
    /// The connection is cut before any answer.
    Dropped,
    /// Right `content-length`, then the connection is cut after half of the body.
    Truncated,
    /// Chunked, then the connection is cut after half of the body.
    TruncatedChunked,
    /// Half of the body, as if that were all: what a query that fails on its way looks like.
    Half,
    /// The byte in the middle of the body is another one; the headers are those of the right body.
    Corrupt,
    /// The right body under checksums of another one.
    WrongChecksums,
    /// The right body without any checksum.
    NoChecksums,
    /// Neither headers nor body come, and the connection stays open.
    Hang,
    /// Half of the body comes, then no more; the connection stays open.
    Stall,
    /// The body comes at this many bytes a second.
    Slow(usize),
    /// The right answer, compressed.
    Gzip,
}

impl ArtifactoryFault {
    /// Answers with a bare status.
    pub fn status(code: u16) -> Self {
        Self::Status(code, Vec::new())
    }

    /// Answers 429 with this `Retry-After`: seconds, or a date.
    pub fn too_many_requests(retry_after: &str) -> Self {
        let header = ("retry-after".to_owned(), retry_after.to_owned());
        Self::Status(429, vec![header])
    }

    /// Answers 200 with this text as JSON.
    pub fn json(text: &str) -> Self {
        Self::Replaced("application/json".to_owned(), text.to_owned().into())
    }
}
