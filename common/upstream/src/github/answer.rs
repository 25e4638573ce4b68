//! What GitHub answered: fields, as JSON or (from older servers, and whoever overlooks what we
//! accept) as a form, among which `error` says no whatever the status.

use std::collections::BTreeMap;

use serde_json::Value;
use weir_domain::text::printable;

use super::{GithubError, PersonToken};
use crate::{Place, UpstreamError, client::Authorization};

/// Longest word of an error that is kept.
const WORD_CHARS: usize = 64;

/// The fields of an answer, each as text.
#[derive(Debug)]
pub(super) struct Answer {
    place: Place,
    fields: BTreeMap<String, String>,
}

impl Answer {
    pub(super) fn new(place: Place, bytes: &[u8]) -> Self {
        let fields = match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => object.into_iter().filter_map(text).collect(),
            Ok(_) => BTreeMap::new(),
            Err(_) => url::form_urlencoded::parse(bytes).into_owned().collect(),
        };
        Self { place, fields }
    }

    /// Returns the answer if it is not an error.
    pub(super) fn accepted(self) -> Result<Self, GithubError> {
        match self.find("error") {
            Some(word) => Err(GithubError::Refused(printable(word, WORD_CHARS))),
            None => Ok(self),
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Returns a field that must be there.
    pub(super) fn get(&self, name: &str) -> Result<&str, UpstreamError> {
        let value = self.find(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| self.odd(&format!("it has no `{name}`")))
    }

    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<N, UpstreamError> {
        let value = self.get(name)?;
        let number = value.parse();
        number.map_err(|_| self.odd(&format!("its `{name}` is no number")))
    }

    pub(super) fn token(&self) -> Result<PersonToken, GithubError> {
        let token = Authorization::bearer(self.get("access_token")?);
        let token = token.ok_or_else(|| self.odd("its `access_token` is none"))?;
        Ok(PersonToken(token))
    }

    pub(super) fn odd(&self, why: &str) -> UpstreamError {
        UpstreamError::invalid(&self.place, why)
    }
}

fn text((name, value): (String, Value)) -> Option<(String, String)> {
    let value = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some((name, value))
}
