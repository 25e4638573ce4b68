//! The members of one JSON object, in order and as raw text.
//!
//! Registry documents carry fields nobody knows, in an order and a spelling (`1.50`) that a
//! mirror must not touch; a parsed value would lose both.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Members of a JSON object: name to raw JSON text, in the order they were set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Sets a member, in place if it exists.
    pub fn set(&mut self, name: &str, value: impl Serialize) {
        let raw = serde_json::to_string(&value).expect("test data is plain JSON");
        self.set_raw(name, raw);
    }

    /// Sets a member to JSON text that is written as it stands.
    pub fn set_raw(&mut self, name: &str, raw: impl Into<String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) => *value = raw.into(),
            None => self.0.push((name.to_owned(), raw.into())),
        }
    }

    /// Appends a member whose name is not there yet, without looking.
    pub(crate) fn push_raw(&mut self, name: &str, raw: String) {
        self.0.push((name.to_owned(), raw));
    }

    /// Sets every member of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (name, raw) in &other.0 {
            self.set_raw(name, raw.clone());
        }
    }

    /// Returns the members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, raw)| (name.as_str(), raw.as_str()))
    }

    /// Keeps the members whose names satisfy `wanted`.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| wanted(name));
    }

    /// Returns the raw JSON text of a member.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, raw)| raw.as_str())
    }

    /// Writes the object, without spaces.
    pub fn to_json(&self) -> String {
        let bytes: usize = self
            .0
            .iter()
            .map(|(name, raw)| name.len() + raw.len() + 6)
            .sum();
        let mut json = String::with_capacity(bytes + 2);
        json.push('{');
        for (index, (name, raw)) in self.0.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&serde_json::to_string(name).expect("a name is a JSON string"));
            json.push(':');
            json.push_str(raw);
        }
        json.push('}');
        json
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
            fields.push_raw(&name, raw.get().to_owned());
        }
        Ok(fields)
    }
}
