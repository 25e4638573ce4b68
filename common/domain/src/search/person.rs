//! Who wrote, publishes or maintains a package, in whichever of its historical spellings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::printable;

/// Longest name and address shown, in characters.
const MAX_CHARS: usize = 100;

/// Somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name of the account, or of the person.
    pub username: String,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
}

impl Person {
    /// Reads `{"name","email"}` or `Name <email> (url)`.
    pub fn read(value: &Value) -> Option<Self> {
        let (name, email) = match value {
            Value::String(text) => {
                let name = text.split(['<', '(']).next().unwrap_or_default();
                let email = text
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split('>').next());
                (name, email)
            }
            Value::Object(fields) => {
                let text = |field: &str| fields.get(field).and_then(Value::as_str);
                let name = text("username").or_else(|| text("name"));
                (name.unwrap_or_default(), text("email"))
            }
            _ => return None,
        };
        let email = email.map(str::trim).filter(|text| !text.is_empty());
        Some(Self {
            username: printable(name.trim(), MAX_CHARS),
            email: email.map(|text| printable(text, MAX_CHARS)),
        })
        .filter(|person| !person.username.is_empty())
    }
}
