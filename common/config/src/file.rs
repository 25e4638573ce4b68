//! Reads `weir.toml`: flat keys, each a text, a number, a switch or a list of texts.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::{
    ConfigError,
    setting::{GROUPS, Setting},
};

/// Reads the file's settings in document order.
///
/// # Errors
/// One line naming the file and, where there is one, the line of the fault.
pub(crate) fn read(path: &Path) -> Result<Vec<(&'static Setting, String)>, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    let malformed = |at: usize, reason: String| ConfigError::Malformed {
        path: path.to_owned(),
        line: line_of(&text, at),
        reason,
    };
    let table = DeTable::parse(&text).map_err(|error| {
        let reason = error.message().lines().collect::<Vec<_>>().join(", ");
        malformed(error.span().map_or(0, |span| span.start), reason)
    })?;
    let mut found = Vec::new();
    for (key, value) in table.get_ref() {
        let at = key.span().start;
        let Some(setting) = Setting::find(key.get_ref()) else {
            let is_table = matches!(value.get_ref(), DeValue::Table(_));
            let is_heading = |title: &str| title.eq_ignore_ascii_case(key.get_ref());
            if is_table && GROUPS.iter().any(|group| is_heading(group.title)) {
                let reason = "keys are flat, without [headings]".to_owned();
                return Err(malformed(at, reason));
            }
            let place = format!("{} line {}", path.display(), line_of(&text, at));
            return Err(ConfigError::unknown(
                place,
                key.get_ref(),
                key.get_ref(),
                str::to_owned,
            ));
        };
        let text = as_text(value.get_ref()).ok_or_else(|| {
            malformed(
                at,
                format!("{}: expected {}", setting.key, setting.kind.accepts()),
            )
        })?;
        found.push((setting, text));
    }
    Ok(found)
}

/// Returns the value as it would be written in the environment; `None` for shapes that no
/// setting has.
fn as_text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.to_string()),
        DeValue::Boolean(switch) => Some(switch.to_string()),
        DeValue::Array(items) => {
            let texts: Option<Vec<_>> = items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.as_ref()),
                    _ => None,
                })
                .collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
