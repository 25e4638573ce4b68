//! Refusals that come from the framework, turned into ours.
//!
//! poem and poem-openapi refuse on their own when no route matches, a method is missing or
//! a parameter does not parse. Their texts are for programmers; these are for callers.

use http::Method;
use poem::{Error, error};
use poem_openapi::error as openapi_error;

use weir_domain::{Decision, Retryable, task::ErrorCode};

use super::{ApiError, Code};
use crate::routes;

/// Turns what a route ended with into an [`ApiError`]; `path` is as the caller wrote it.
pub(crate) fn from_framework(failure: Error, method: &Method, path: &str) -> ApiError {
    match failure.downcast::<ApiError>() {
        Ok(ours) => ours,
        Err(failure) => translate(&failure, method, path),
    }
}

fn translate(failure: &Error, method: &Method, path: &str) -> ApiError {
    let (raw, path) = (path, weir_domain::text::printable(path, 300));
    if failure.is::<error::ParsePathError>() || failure.is::<openapi_error::ParsePathError>() {
        // What cannot be read names nothing that exists.
        return match *method {
            Method::GET => ApiError::not_found(format!("There is nothing at {path}")),
            _ => ApiError::invalid_field("path", "must be UTF-8 once decoded"),
        };
    }
    if failure.is::<error::NotFoundError>() {
        return ApiError::not_found(format!("There is nothing at {path}"));
    }
    if failure.is::<error::MethodNotAllowedError>() {
        let Some(allowed) = routes::allowed(raw) else {
            return ApiError::not_found(format!("There is nothing at {path}"));
        };
        return ApiError::new(
            Code::MethodNotAllowed,
            format!("{method} is no method of {path}"),
        )
        .with_header(http::header::ALLOW, allowed);
    }
    if let Some(refused) = failure.downcast_ref::<openapi_error::ParseParamError>() {
        return ApiError::invalid_field(refused.name, refused.reason.clone());
    }
    if failure.is::<openapi_error::ContentTypeError>() {
        return ApiError::new(Code::UnsupportedMediaType, failure.to_string());
    }
    let code = Code::of_status(failure.status());
    if code.status().is_server_error() {
        return ApiError::internal(failure.to_string());
    }
    ApiError::new(code, failure.to_string())
}

/// A failure of the store is ours, except that someone may have been faster, or the database
/// be away for a moment.
impl From<weir_store::StoreError> for ApiError {
    fn from(error: weir_store::StoreError) -> Self {
        match error {
            weir_store::StoreError::AlreadyExists(_) | weir_store::StoreError::Changed(_) => {
                Self::new(
                    Code::Conflict,
                    "Somebody else changed this at the same moment",
                )
                .with_cause(error)
            }
            error if error.is_outage() => Self::outage(error),
            error => Self::internal(error),
        }
    }
}

/// A bucket that does not answer may soon; a disk that fails will not.
impl From<weir_blob::BlobError> for ApiError {
    fn from(error: weir_blob::BlobError) -> Self {
        if error.is_unavailable() || error.is_full() {
            let sentence = if error.is_full() {
                "The disk is full; try again later"
            } else {
                "The storage does not answer; try again later"
            };
            return Self::new(Code::UpstreamUnavailable, sentence)
                .with_header(http::header::RETRY_AFTER, "10")
                .with_cause(error);
        }
        Self::internal(error)
    }
}

/// What went wrong between upstream's bytes and ours, by what the caller can do about it.
impl From<weir_content::ContentError> for ApiError {
    fn from(error: weir_content::ContentError) -> Self {
        if error.is_not_found() {
            return Self::not_found("The upstream has no such file").with_cause(error);
        }
        if error.is_outage() {
            return Self::outage(error);
        }
        if let weir_content::ContentError::Blob(error) = error {
            return error.into();
        }
        match error.code() {
            ErrorCode::UpstreamUnavailable | ErrorCode::Timeout => Self::new(
                Code::UpstreamUnavailable,
                "The upstream does not answer; try again later",
            )
            .with_header(http::header::RETRY_AFTER, wait_of(&error).to_string())
            .with_cause(error),
            ErrorCode::Blocked => Self::new(
                Code::BadGateway,
                "The upstream names an address that this mirror does not fetch from",
            )
            .with_cause(error),
            ErrorCode::UpstreamInvalid | ErrorCode::IntegrityMismatch | ErrorCode::TooLarge => {
                Self::new(
                    Code::BadGateway,
                    "The upstream sent something else than it promised",
                )
                .with_cause(error)
            }
            _ => Self::internal(error),
        }
    }
}

/// Returns when to come back, in seconds: as upstream asks, or else soon.
fn wait_of(error: &impl Retryable) -> u64 {
    match error.decision() {
        Decision::Wait(wait) | Decision::Retry(Some(wait)) => wait.as_secs().max(1),
        Decision::Retry(None) | Decision::GiveUp | Decision::Stop => 10,
    }
}
