//! The shapes of an error body.

use std::collections::BTreeMap;

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

/// An error of the catalogue.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct CatalogueProblem {
    /// One sentence.
    pub(crate) error: String,
    /// The status of the answer.
    pub(crate) status_code: u16,
    /// What is wrong, by field.
    pub(crate) details: BTreeMap<String, String>,
}

impl poem_openapi::types::Example for CatalogueProblem {
    fn example() -> Self {
        Self {
            error: "name: is required".to_owned(),
            status_code: 400,
            details: [("name".to_owned(), "is required".to_owned())].into(),
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

    /// Returns the status of a code.
    pub(crate) fn status(self, code: Code) -> StatusCode {
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
        let text = match self {
            Self::Page => return site::refusal(self.status(code), sentence),
            Self::Mirror => serde_json::to_string(&Problem {
                error: format!("[{}] {sentence}", code.as_str()),
                reason: sentence.to_owned(),
            }),
            Self::Catalogue => serde_json::to_string(&CatalogueProblem {
                error: sentence.to_owned(),
                status_code: self.status(code).as_u16(),
                details: violations.iter().cloned().collect(),
            }),
        };
        text.unwrap_or_default()
    }
}
