//! An answer before it goes on the wire.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::Value;

/// Status, headers, body.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

/// What an answer says.
#[derive(Debug)]
enum Body {
    Json(String),
    /// As JSON for whoever accepts that, else as a form.
    Fields(BTreeMap<String, String>),
}

impl Answer {
    fn new(status: u16, body: Body) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    pub(super) fn status(status: u16) -> Self {
        let body = serde_json::json!({ "message": "no", "status": status.to_string() });
        Self::new(status, Body::Json(body.to_string()))
    }

    pub(super) fn with_headers(mut self, headers: Vec<(String, String)>) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::text(&value.to_string())
    }

    pub(super) fn text(json: &str) -> Self {
        Self::new(200, Body::Json(json.to_owned()))
    }

    pub(super) fn fields(fields: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self::new(200, Body::Fields(fields.iter().map(owned).collect()))
    }

    /// An error of OAuth, which is a success of HTTP.
    pub(super) fn error(word: &str) -> Self {
        Self::fields(&[
            ("error", word),
            ("error_description", "It is said in the word."),
            ("error_uri", "https://docs.example/troubleshooting"),
        ])
    }

    pub(super) fn redirect(target: &str) -> Self {
        let headers = vec![("location".to_owned(), target.to_owned())];
        Self::status(302).with_headers(headers)
    }

    /// Turns into a response for whoever accepts JSON, or does not.
    pub(super) fn into_response(self, accepts_json: bool) -> Response<Full<Bytes>> {
        let (kind, body) = match self.body {
            Body::Json(text) => ("application/json; charset=utf-8", text),
            Body::Fields(fields) if accepts_json => {
                let value = |text: String| match text.parse::<u64>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(text),
                };
                let object = fields.into_iter().map(|(name, text)| (name, value(text)));
                let object: serde_json::Map<String, Value> = object.collect();
                (
                    "application/json; charset=utf-8",
                    Value::Object(object).to_string(),
                )
            }
            Body::Fields(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                let form = form.extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded; charset=utf-8", form)
            }
        };
        let mut response = Response::builder()
            .status(self.status)
            .header("content-type", kind);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let response = response.body(Full::new(body.into()));
        response.expect("a test's status and headers are valid")
    }
}
