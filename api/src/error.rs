//! What a request can end with other than success.
//!
//! [`ApiError`] alone knows status codes and error bodies. Handlers say *what* is wrong;
//! [`ApiError::respond`] says it in the shape of the surface that was asked: npm and mirror
//! routes get `{"error":"[CODE] sentence","reason":"sentence"}`, the catalogue
//! (`/api/v1/…`) gets `{"error","statusCode","details"}`. What the framework refuses on its
//! own (no route, wrong method, a panic) is turned into the same by [`from_framework`].

mod body;
mod code;
mod framework;
mod outage;

use std::{error::Error as StdError, fmt};

use poem::{Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    payload::Payload as _,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type as _,
};

pub(crate) use self::{
    body::{CatalogueProblem, Problem, Shape},
    code::Code,
    framework::from_framework,
};
use crate::payload::{Violations, Wire};

/// What handlers return.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// A refusal, or a failure of ours.
#[derive(Debug)]
pub(crate) struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    sentence: String,
    /// Field and what is wrong with it, in the order met.
    violations: Vec<(String, String)>,
    headers: Vec<(http::HeaderName, String)>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
    /// Whether the database is away: said once, not for each request.
    is_outage: bool,
}

impl ApiError {
    /// Makes an error of `code` whose sentence is shown to the caller.
    pub(crate) fn new(code: Code, sentence: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            sentence: sentence.into(),
            violations: Vec::new(),
            headers: Vec::new(),
            cause: None,
            is_outage: false,
        }))
    }

    /// There is no such thing, or the caller may not know of it.
    pub(crate) fn not_found(sentence: impl Into<String>) -> Self {
        Self::new(Code::NotFound, sentence)
    }

    /// The caller is known and may not.
    pub(crate) fn forbidden(sentence: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, sentence)
    }

    /// The caller must show who they are; carries the one challenge.
    pub(crate) fn unauthorized(sentence: impl Into<String>) -> Self {
        Self::new(Code::Unauthorized, sentence)
            .with_header(http::header::WWW_AUTHENTICATE, "Bearer")
    }

    /// Well-formed, but refused: every violation is named.
    pub(crate) fn invalid(violations: Violations) -> Self {
        let violations = violations.into_list();
        let sentences: Vec<_> = violations
            .iter()
            .map(|(field, message)| format!("{field}: {message}"))
            .collect();
        let mut error = Self::new(Code::InvalidParam, sentences.join("; "));
        error.0.violations = violations;
        error
    }

    /// One field's value is refused.
    pub(crate) fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        let mut violations = Violations::default();
        violations.add(field, message);
        Self::invalid(violations)
    }

    /// Something of ours broke; `cause` goes to the log and never to the caller.
    pub(crate) fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Code::InternalServerError, "Something broke on our side");
        error.0.cause = Some(cause.into());
        error
    }

    /// The database is away; `cause` goes to the log once, however many requests meet it.
    pub(crate) fn outage(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(
            Code::UpstreamUnavailable,
            "The database does not answer; try again later",
        )
        .with_header(http::header::RETRY_AFTER, "1")
        .with_cause(cause);
        error.0.is_outage = true;
        error
    }

    /// Adds a header to the answer.
    pub(crate) fn with_header(mut self, name: http::HeaderName, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// Keeps why it happened, for the log.
    pub(crate) fn with_cause(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Says whether the caller must show who they are.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.0.code == Code::Unauthorized
    }

    /// Returns the sentence that is shown to the caller.
    pub(crate) fn sentence(&self) -> &str {
        &self.0.sentence
    }

    /// Returns how the caller is told to show who they are.
    pub(crate) fn challenge(&self) -> Option<http::HeaderValue> {
        let mut headers = self.0.headers.iter();
        let (_, value) = headers.find(|(name, _)| *name == http::header::WWW_AUTHENTICATE)?;
        http::HeaderValue::from_str(value).ok()
    }

    /// Says whether bytes were found damaged and are had anew by asking again.
    pub(crate) fn is_damage(&self) -> bool {
        let cause = self.0.cause.as_deref();
        let cause = cause.and_then(|cause| cause.downcast_ref());
        matches!(cause, Some(weir_content::ContentError::Damaged(_)))
    }

    /// Logs why an answer breaks off whose status is long sent; an outage once for all.
    pub(crate) fn log(&self, what: &str) {
        let cause = self.0.cause.as_deref().map(chain);
        if self.0.is_outage {
            outage::met(cause.as_deref());
        } else {
            tracing::error!(error = %self, cause, "{what}");
        }
    }

    /// Makes the answer; a failure of ours is logged here, and only here.
    pub(crate) fn respond(self, shape: Shape, request_id: &str) -> Response {
        let parts = *self.0;
        let status = shape.status(parts.code);
        let mut sentence = parts.sentence;
        if status.is_server_error() {
            let cause = parts.cause.as_deref().map(chain);
            let (code, cause) = (parts.code.as_str(), cause.as_deref());
            // Somebody who is only told to come back later is in the access log.
            let is_only_late = parts.code == Code::UpstreamUnavailable && cause.is_none();
            if parts.is_outage {
                outage::met(cause);
            } else if !is_only_late {
                tracing::error!(request_id, code, cause, "{sentence}");
            }
            sentence = format!("{sentence} (request {request_id})");
        }
        let mut response = Response::builder().status(status).body(shape.body(
            parts.code,
            &sentence,
            &parts.violations,
        ));
        response.headers_mut().extend(shape.headers());
        for (name, value) in parts.headers {
            match http::HeaderValue::from_str(&value) {
                Ok(value) => drop(response.headers_mut().insert(name, value)),
                Err(error) => {
                    tracing::error!(request_id, %name, %error, "an error header was lost");
                }
            }
        }
        response
    }
}

/// Logs why something that goes on by itself cannot do so now; an outage is said once for all.
pub(crate) fn warn_of(failure: &weir_store::StoreError, what: &str) {
    if failure.is_outage() {
        outage::met(Some(&chain(failure)));
    } else {
        tracing::warn!(cause = chain(failure), "{what}");
    }
}

/// Writes an error and everything beneath it on one line.
fn chain(error: &(dyn StdError + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.0.code.as_str(), self.0.sentence)
    }
}

impl StdError for ApiError {}

impl poem::error::ResponseError for ApiError {
    fn status(&self) -> StatusCode {
        self.0.code.status()
    }
}

/// In the document, every operation's errors are one schema under `default`.
impl ApiResponse for ApiError {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Refused or failed; the status says which",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Wire::<Problem>::CONTENT_TYPE,
                    schema: Problem::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
        CatalogueProblem::register(registry);
    }
}

#[cfg(test)]
mod tests;
