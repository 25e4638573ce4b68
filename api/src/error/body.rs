//! The shapes of an error body.

use http::{HeaderMap, HeaderValue, header};
use poem::http::StatusCode;
use poem_openapi::Object;
use serde::Serialize;

use super::Code;
use crate::site;

/// An error on npm and mirror routes.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct Problem {
    /// A code in brackets, then one sentence.
    pub(crate) error: String,
    /// The sentence alone.
    pub(crate) reason: String,
}

impl poem_openapi::types::Example for Problem {
    fn example() -> Self {
        Self {
            error: "[NOT_FOUND] There is no package left-pad".to_owned(),
            reason: "There is no package left-pad".to_owned(),
        }
    }
}

/// Which surface was asked, and so which shape its errors have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// npm and mirror routes.
    Mirror,
    /// `/api/v1/…`.
    Catalogue,
    /// The site's pages.
    Page,
}

impl Shape {
    /// Returns the shape for a path (without the public prefix).
    pub(crate) fn of_path(path: &str) -> Self {
        if path.starts_with("/api/v1/") {
            Self::Catalogue
        } else if site::is_page(path) {
            Self::Page
        } else {
            Self::Mirror
        }
    }

    pub(super) fn status(self, code: Code) -> StatusCode {
        match (self, code) {
            (Self::Catalogue, Code::InvalidParam) => StatusCode::BAD_REQUEST,
            _ => code.status(),
        }
    }

    /// Returns the headers of an error.
    pub(super) fn headers(self) -> HeaderMap {
        if self == Self::Page {
            return site::refusal_headers();
        }
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        let no_store = HeaderValue::from_static("no-store");
        let headers = [
            (header::CONTENT_TYPE, json),
            (header::CACHE_CONTROL, no_store),
        ];
        headers.into_iter().collect()
    }

    pub(super) fn body(
        self,
        code: Code,
        sentence: &str,
        violations: &[(String, String)],
    ) -> String {
        let value = match self {
            Self::Page => return site::refusal(self.status(code), sentence),
            Self::Mirror => serde_json::json!({
                "error": format!("[{}] {sentence}", code.as_str()),
                "reason": sentence,
            }),
            Self::Catalogue => {
                let details: serde_json::Map<_, _> = violations
                    .iter()
                    .map(|(field, message)| (field.clone(), message.clone().into()))
                    .collect();
                serde_json::json!({
                    "error": sentence,
                    "statusCode": self.status(code).as_u16(),
                    "details": details,
                })
            }
        };
        value.to_string()
    }
}
