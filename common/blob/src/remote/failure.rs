//! What a failure of the store means, and what it said, on one line.
//!
//! Stores answer in XML and the client wraps that several times; people get
//! `403 Forbidden, AccessDenied: Access Denied`.

use std::{error::Error, iter};

use object_store::client::{HttpError, HttpErrorKind};
use weir_domain::text::printable;

use super::Remote;
use crate::{BlobError, Reason};

/// Longest reason, in characters.
const MAX_REASON_CHARS: usize = 300;

impl Remote {
    /// Says what it means that `action` on the object `key` failed.
    pub(crate) fn failed(
        &self,
        action: &'static str,
        key: &str,
        error: &object_store::Error,
    ) -> BlobError {
        let object = format!("{}/{key}", self.name);
        let source = reason(error);
        match error {
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => BlobError::Denied {
                action,
                object,
                source,
            },
            _ => BlobError::Unavailable {
                action,
                object,
                source,
            },
        }
    }
}

/// Says whether the store may have done what it did not answer.
pub(super) fn is_unanswered(error: &object_store::Error) -> bool {
    causes(error).any(|cause| {
        let kind = cause.downcast_ref::<HttpError>().map(HttpError::kind);
        matches!(
            kind,
            Some(HttpErrorKind::Timeout | HttpErrorKind::Interrupted)
        )
    })
}

/// Returns what the store or the network said.
pub(super) fn reason(error: &(dyn Error + 'static)) -> Reason {
    let last = causes(error).last().map(ToString::to_string);
    Reason(printable(
        &brief(&last.unwrap_or_default()),
        MAX_REASON_CHARS,
    ))
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        (*error).source()
    })
}

/// Shortens the text of a status with S3's XML behind it; returns others as they are.
fn brief(text: &str) -> String {
    let status = text
        .split_once("status code: ")
        .and_then(|(_, rest)| rest.split_once(':'))
        .map(|(status, _)| status);
    let tag = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>"))
            .map(|(inner, _)| inner)
    };
    let said = match (tag("Code"), tag("Message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (Some(code), None) => Some(code.to_owned()),
        (None, _) => None,
    };
    match (status, said) {
        (Some(status), Some(said)) => format!("{status}, {said}"),
        (Some(status), None) => status.to_owned(),
        (None, Some(said)) => said,
        (None, None) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_xml_becomes_one_line() {
        let xml = "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>\
                   <Message>Access Denied</Message></Error>";
        let text = format!("Server returned non-2xx status code: 403 Forbidden: {xml}");
        assert_eq!(brief(&text), "403 Forbidden, AccessDenied: Access Denied");
        let text = "Server returned non-2xx status code: 503 Service Unavailable: ";
        assert_eq!(brief(text), "503 Service Unavailable");
        assert_eq!(brief("Connection refused"), "Connection refused");
    }
}
