//! Reading a request body whole, within its limit and its time.
//!
//! The limit itself is put around the body by `middleware::body_limit`; here a body that ran into it
//! becomes 413, and one that stopped coming becomes 408.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, combinators::BoxBody};
use poem::Body;

use crate::{
    error::{ApiError, Code},
    middleware::body_limit::OverLimit,
};

/// Longest silence within a body.
const SILENCE: Duration = Duration::from_secs(30);

/// Returns all bytes of a body.
///
/// # Errors
/// 413 over the limit, 408 after a silence, 400 if the client broke off.
pub(crate) async fn read_body(body: Body) -> Result<Bytes, ApiError> {
    let mut body: BoxBody<Bytes, std::io::Error> = body.into();
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    loop {
        let frame = match tokio::time::timeout(SILENCE, body.frame()).await {
            Ok(Some(frame)) => frame.map_err(broken)?,
            Ok(None) => break,
            Err(_) => {
                return Err(ApiError::new(
                    Code::RequestTimeout,
                    "The body stopped coming",
                ));
            }
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        // Small bodies arrive in one piece and are not copied.
        if first.is_empty() && all.is_empty() {
            first = data;
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn broken(error: std::io::Error) -> ApiError {
    let is_limit = matches!(error.get_ref(), Some(inner) if inner.is::<OverLimit>());
    if is_limit {
        ApiError::new(
            Code::PayloadTooLarge,
            "The body is larger than this route accepts",
        )
    } else {
        ApiError::new(Code::BadRequest, "The body ended early").with_cause(error)
    }
}
