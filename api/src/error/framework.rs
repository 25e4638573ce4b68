//! Refusals that come from the framework, turned into ours.
//!
//! poem and poem-openapi refuse on their own when no route matches, a method is missing or
//! a parameter does not parse. Their texts are for programmers; these are for callers.

use poem::{Error, error};
use poem_openapi::error as openapi_error;

use super::{ApiError, Code};

/// Turns what a route ended with into an [`ApiError`]; `path` is as the caller wrote it.
pub(crate) fn from_framework(failure: Error, path: &str) -> ApiError {
    match failure.downcast::<ApiError>() {
        Ok(ours) => ours,
        Err(failure) => translate(&failure, path),
    }
}

fn translate(failure: &Error, path: &str) -> ApiError {
    let path = weir_domain::text::printable(path, 300);
    if failure.is::<error::NotFoundError>() {
        return ApiError::not_found(format!("There is nothing at {path}"));
    }
    if failure.is::<error::MethodNotAllowedError>() {
        return ApiError::new(Code::MethodNotAllowed, format!("Not a method of {path}"));
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

/// A failure of the store is ours, except that someone may have been faster.
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
            error => Self::internal(error),
        }
    }
}

impl From<weir_blob::BlobError> for ApiError {
    fn from(error: weir_blob::BlobError) -> Self {
        Self::internal(error)
    }
}
