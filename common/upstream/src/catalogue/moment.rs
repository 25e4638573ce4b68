//! Moments as sources write them: RFC 3339, with an offset without colon, or milliseconds.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use weir_domain::Timestamp;

/// Reads a moment; nothing if it is none.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => number.as_i64().map(Timestamp),
        Value::String(text) => Timestamp::parse(text).or_else(|| {
            // `+0000`, as Conan's interface writes it.
            let (date, offset) = text.split_at_checked(text.len().checked_sub(5)?)?;
            let (hours, minutes) = offset.split_at_checked(3)?;
            Timestamp::parse(&format!("{date}{hours}:{minutes}"))
        }),
        _ => None,
    }
}

/// Reads a field that may be anything, or not there.
pub(super) fn lenient<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    Value::deserialize(deserializer).map(|value| moment(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_many_spellings() {
        for text in [
            "\"2023-11-14T22:13:20.123Z\"",
            "\"2023-11-14T22:13:20.123+0000\"",
            "\"2023-11-14T22:13:20.123000+00:00\"",
            "\"2023-11-15T02:13:20.123+04:00\"",
            "\"2023-11-14T21:13:20.123-0100\"",
            "1700000000123",
        ] {
            let value: Value = serde_json::from_str(text).expect(text);
            assert_eq!(moment(&value), Some(Timestamp(1_700_000_000_123)), "{text}");
        }
        for text in [
            "\"\"",
            "\"x\"",
            "\"+0000\"",
            "\"é+000\"",
            "null",
            "{}",
            "\"中文字中文\"",
        ] {
            let value: Value = serde_json::from_str(text).expect(text);
            assert_eq!(moment(&value), None, "{text}");
        }
    }
}
