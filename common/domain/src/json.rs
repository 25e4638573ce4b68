//! JSON as registries really have it, read as JavaScript would.
//!
//! A key given twice counts with its last value, and a string may end in half a surrogate
//! pair (npm cuts long readmes by UTF-16 units). The usual parsers refuse both; nothing
//! here changes what is stored or served.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Returns the members of the object `json` that have these names; `null` counts as absent.
///
/// # Errors
/// If it is no JSON object.
pub fn pick<'j, const N: usize>(
    json: &'j str,
    names: [&str; N],
) -> Result<[Option<&'j RawValue>; N], serde_json::Error> {
    let mut parser = serde_json::Deserializer::from_str(json);
    let picked = parser.deserialize_map(Picking { names })?;
    parser.end()?;
    Ok(picked)
}

struct Picking<'n, const N: usize> {
    names: [&'n str; N],
}

/// A key, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Key<'j>(#[serde(borrow)] Cow<'j, str>);

impl<'j, const N: usize> Visitor<'j> for Picking<'_, N> {
    type Value = [Option<&'j RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut picked = [None; N];
        while let Some(Key(key)) = map.next_key()? {
            match self.names.iter().position(|name| *name == key) {
                Some(index) => picked[index] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(picked)
    }
}

/// Returns the text with each half surrogate pair spelt out (`\ud83d` becomes `\\ud83d`), so
/// that every parser reads it; different texts stay different.
pub fn escape_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        let escape = at + found;
        let Some(first) = surrogate(json, escape) else {
            // The escaped character may itself be a backslash, or of several bytes.
            let next = json[escape + 1..].chars().next();
            at = escape + 1 + next.map_or(0, char::len_utf8);
            continue;
        };
        let second = surrogate(json, escape + 6);
        let is_pair = first < 0xdc00 && second.is_some_and(|second| second >= 0xdc00);
        at = escape + if is_pair { 12 } else { 6 };
        if !is_pair {
            mended.push_str(&json[copied..escape]);
            mended.push('\\');
            copied = escape;
        }
    }
    if copied == 0 && mended.is_empty() {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[copied..]);
    Cow::Owned(mended)
}

/// Reads `\uXXXX` at `at`, if it is a surrogate.
fn surrogate(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_keys_the_last_counts_and_null_is_absent() {
        let json = r#"{"a":1,"\u0061":[2],"b":null,"x":{"a":3}}"#;
        let [a, b, c] = pick(json, ["a", "b", "c"]).expect("an object");
        assert_eq!(a.map(RawValue::get), Some("[2]"));
        assert!(b.is_none() && c.is_none());
        for text in ["[]", "null", "1", "\"a\"", "{", "{} x"] {
            assert!(pick(text, ["a"]).is_err(), "{text}");
        }
    }

    #[test]
    fn half_pairs_are_spelt_out_and_nothing_else_is_touched() {
        for (json, expected) in [
            (r#""plain \" é \\""#, None),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\\\\ud83d \u00e9 \u0000""#, None),
            (r#""cut \ud83d""#, Some(r#""cut \\ud83d""#)),
            (r#""\ude00 first""#, Some(r#""\\ude00 first""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\\ud83d\ud83d\ude00""#)),
            (r#""\\\ud83d""#, Some(r#""\\\\ud83d""#)),
            (r#""\uD83Dx\ud83""#, Some(r#""\\uD83Dx\ud83""#)),
        ] {
            let mended = escape_lone_surrogates(json);
            assert_eq!(mended, expected.unwrap_or(json), "{json}");
            assert_eq!(matches!(mended, Cow::Owned(_)), expected.is_some());
        }
    }
}
