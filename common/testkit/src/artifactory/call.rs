//! A request, taken apart.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};

/// A request without the context path.
#[derive(Debug)]
pub(super) struct Call {
    pub method: Method,
    /// The parts of the path, decoded and without matrix parameters.
    pub segments: Vec<String>,
    /// Those parameters: `;key=value` at the end of a path.
    pub matrix: Vec<(String, String)>,
    pub query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Scheme, address and context path, for the URLs in answers.
    pub base: String,
}

impl Call {
    /// Takes a request apart whose path, without the context path, is this.
    pub fn read(head: &Parts, path: &str, body: Bytes, base: &str) -> Self {
        let decode = |text: &str| {
            let bytes = percent_encoding::percent_decode_str(text);
            bytes.decode_utf8_lossy().into_owned()
        };
        let mut parts = path.split(';');
        let path = parts.next().unwrap_or_default();
        let matrix = parts.filter_map(|part| part.split_once('='));
        let query = head.uri.query().unwrap_or_default().as_bytes();
        Self {
            method: head.method.clone(),
            segments: path
                .split('/')
                .filter(|part| !part.is_empty())
                .map(decode)
                .collect(),
            matrix: matrix.map(|(k, v)| (decode(k), decode(v))).collect(),
            query: url::form_urlencoded::parse(query).into_owned().collect(),
            headers: head.headers.clone(),
            body,
            base: base.to_owned(),
        }
    }

    /// Returns a header's text; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Says whether it only reads.
    pub fn is_read(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}
