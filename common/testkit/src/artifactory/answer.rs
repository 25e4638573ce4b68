//! An answer before it goes on the wire, and the shapes that Artifactory's answers have.
//!
//! Source: errors are `{"errors":[{"status":…,"message":…}]}` in "Artifactory REST API"; Conan's
//! client takes a content type of `application/json` and nothing longer for JSON.

use bytes::Bytes;
use serde_json::{Value, json};

/// Status, headers, body.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    pub fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    /// A success without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::new(200, "text/plain", text.into())
    }

    pub fn json(value: &Value) -> Self {
        // Indented, as Artifactory writes it.
        let text = serde_json::to_string_pretty(value).expect("a value is JSON");
        Self::new(200, "application/json", text)
    }

    /// An error as Artifactory words it.
    pub fn error(status: u16, message: &str) -> Self {
        let body = json!({ "errors": [{ "status": status, "message": message }] });
        Self {
            status,
            ..Self::json(&body)
        }
    }

    pub fn not_found() -> Self {
        Self::error(404, "Unable to find item")
    }

    /// Whoever is asked for credentials, or showed wrong ones.
    pub fn unauthorized(message: &str) -> Self {
        let challenge = "Basic realm=\"Artifactory Realm\"";
        Self::error(401, message).with("www-authenticate", challenge)
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
