//! `weir config`: each value with its origin, as a `weir.toml` that could be used again.

use std::fmt::Write;

use crate::{
    Loaded, Origin,
    kind::Kind,
    secret::mask_credentials,
    setting::{Fallback, Setting},
    sources::Given,
};

/// One setting as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its key.
    pub key: &'static str,
    /// Its value; `None` if it has none, or if it is a secret.
    pub value: Option<String>,
    /// Who decided it.
    pub origin: Origin,
    /// What stands in place of a value.
    note: &'static str,
    is_bare: bool,
}

impl Shown {
    pub(crate) fn of(setting: &'static Setting, given: Option<&Given>) -> Self {
        let is_secret = setting.kind.is_secret();
        let note = match (given, setting.fallback) {
            (Some(_), _) if is_secret => "set, not shown",
            (_, Fallback::Unset(text) | Fallback::Computed(text) | Fallback::Text(text)) => text,
        };
        Self {
            key: setting.key,
            value: given
                .filter(|_| !is_secret)
                .map(|given| mask_credentials(given.text.trim())),
            origin: given.map_or(Origin::Default, |given| given.origin.clone()),
            note,
            is_bare: matches!(
                setting.kind,
                Kind::Number(..) | Kind::Seconds(..) | Kind::Switch
            ),
        }
    }

    fn statement(&self) -> String {
        match &self.value {
            Some(value) if self.is_bare => format!("{} = {value}", self.key),
            Some(value) => format!("{} = {}", self.key, toml::Value::from(value.as_str())),
            None => format!("# {}: {}", self.key, self.note),
        }
    }
}

impl Loaded {
    /// Returns the text of `weir config`.
    pub fn print(&self) -> String {
        let shown = self.shown();
        let width = shown
            .iter()
            .map(|one| one.statement().chars().count())
            .max();
        let width = width.unwrap_or(0).min(60);
        let mut text = match &self.file {
            Some(path) => format!("# file: {}\n", path.display()),
            None => "# file: none (./weir.toml is not there)\n".to_owned(),
        };
        for one in shown {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{:width$}  # {}", one.statement(), one.origin);
        }
        text
    }
}
