//! Sends the reader of a stored tarball to the bucket that it is in.
//!
//! The address carries its own permission, for a while and for one method; so a redirect is
//! never kept by anybody. Conditions and ranges are still judged here. A tarball that not
//! everybody may read must not come here.

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use weir_blob::Verb;
use weir_domain::Digest;

use super::ready::{Content, Ready, Reply, Sent};
use crate::{
    error::{ApiError, ApiResult},
    visit::Visit,
};

/// How long an address works: enough to begin a download over a bad line.
const VALID_FOR: Duration = Duration::from_secs(300);

/// Answers with the blob's address, with 304 or 416; `None` if blobs have no addresses.
pub(super) async fn redirect(
    visit: &Visit,
    tag: String,
    (digest, size): (Digest, u64),
) -> ApiResult<Option<Reply>> {
    let verb = if visit.found.is_head {
        Verb::Head
    } else {
        Verb::Get
    };
    let address = visit.running().blobs().presigned(digest, verb, VALID_FOR);
    let Some(address) = address.await? else {
        return Ok(None);
    };
    let ready = Ready::new(tag, Content::Blob((digest, size)))?.with_ranges();
    let mut reply = ready.reply(&visit.headers)?;
    if reply.status == StatusCode::NOT_MODIFIED {
        return Ok(Some(reply));
    }
    reply.status = StatusCode::FOUND;
    reply.sent = Sent::Nothing;
    for name in [header::CONTENT_RANGE, header::ACCEPT_RANGES] {
        reply.headers.remove(name);
    }
    let address = HeaderValue::try_from(address).map_err(ApiError::internal)?;
    reply.headers.insert(header::LOCATION, address);
    reply
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    reply
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(Some(reply))
}
