//! What each caller may have of the process: requests at a rate, places among many.
//!
//! A request is of a [`Class`] or of none, by its method and path; each caller has a bucket a
//! class ([`Buckets`]), and whoever finds it empty is told when to come back. What lasts
//! (connections, followers) is counted in [`Seats`]. Package reads are of no class.

mod buckets;
mod class;
mod client;
mod seats;

use std::time::{Duration, Instant};

pub(crate) use self::{
    buckets::Buckets,
    class::Class,
    client::{Who, client, network},
    seats::{Full, Seat, Seats},
};
use crate::{
    app::Running,
    auth::Caller,
    error::{ApiError, ApiResult, Code},
};

/// Takes what a request costs from its caller's bucket; administrators have no bucket.
///
/// # Errors
/// 429 if the bucket is empty.
pub(crate) fn admit(running: &Running, class: Class, caller: &Caller, who: &Who) -> ApiResult<()> {
    if caller.is_admin() {
        return Ok(());
    }
    let taken = running.buckets.take(class, who, Instant::now());
    taken.map_err(|wait| too_many(class.sentence(), wait))
}

/// The error for whoever has had enough; it works again after `wait`, in whole seconds.
pub(crate) fn too_many(sentence: &str, wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    ApiError::new(Code::TooManyRequests, sentence)
        .with_header(http::header::RETRY_AFTER, seconds.max(1).to_string())
}
