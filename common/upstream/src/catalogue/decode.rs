//! From an answer's bytes to what they say: unpacked within bounds, and JSON to its end.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::session::Received;
use crate::UpstreamError;

/// Undoes a content encoding.
///
/// # Errors
/// [`UpstreamError::TooLarge`] if it becomes larger than `max_bytes`.
pub(super) fn plain(
    received: Received,
    encoding: Option<&str>,
    max_bytes: u64,
) -> Result<Received, UpstreamError> {
    match encoding {
        None => return Ok(received),
        Some("gzip" | "x-gzip") => {}
        Some(other) => {
            let why = format!("it is encoded with {other:?}, which we did not offer to take");
            return Err(UpstreamError::invalid(&received.place, why));
        }
    }
    let mut bytes = Vec::new();
    let mut decoder = MultiGzDecoder::new(&*received.bytes).take(max_bytes + 1);
    if let Err(error) = decoder.read_to_end(&mut bytes) {
        return Err(UpstreamError::Interrupted {
            received_bytes: received.bytes.len() as u64,
            place: received.place,
            why: format!("its gzip encoding is damaged ({error})"),
        });
    }
    if bytes.len() as u64 > max_bytes {
        return Err(UpstreamError::TooLarge {
            place: received.place,
            what: "the decoded answer",
            limit: max_bytes,
        });
    }
    Ok(Received {
        bytes: bytes.into(),
        ..received
    })
}

/// Reads JSON. One that ends too early came from a server that failed in the middle of it, and
/// says so by nothing else.
pub(super) fn json<T: DeserializeOwned>(received: &Received) -> Result<T, UpstreamError> {
    if is_page(&received.bytes) {
        let why = "it is a web page (HTML), not what was asked for";
        return Err(UpstreamError::invalid(&received.place, why));
    }
    serde_json::from_slice(&received.bytes).map_err(|error| match error.classify() {
        Category::Eof => UpstreamError::Interrupted {
            place: received.place.clone(),
            received_bytes: received.bytes.len() as u64,
            why: "its JSON has no end".to_owned(),
        },
        _ => UpstreamError::invalid(&received.place, error.to_string()),
    })
}

/// Says whether it opens like a web page: what proxies answer, with status 200, for a server that
/// is not there.
pub(super) fn is_page(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    first == Some(&b'<')
}
