//! Byte ranges.
//!
//! One range is answered with its part; several are answered with everything, which is
//! allowed and which no package manager asks for. A range that is malformed or lies
//! outside is 416. Source: RFC 9110, section 14.

use std::ops::Range;

use http::{HeaderMap, header};

use crate::error::{ApiError, Code};

/// What part of some bytes is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of them.
    Whole,
    /// These.
    Bytes(Range<u64>),
}

/// Reads the `range` header against `size` bytes.
///
/// # Errors
/// 416 if it names no byte that is there.
pub(crate) fn wanted(headers: &HeaderMap, size: u64) -> Result<Part, ApiError> {
    let Some(value) = headers.get(header::RANGE) else {
        return Ok(Part::Whole);
    };
    let text = value.to_str().unwrap_or_default().trim();
    // Another unit than bytes is to be ignored; several ranges may be.
    let (unit, set) = text.split_once('=').unwrap_or((text, ""));
    if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
        return Ok(Part::Whole);
    }
    resolve(set.trim(), size).map(Part::Bytes).ok_or_else(|| {
        ApiError::new(
            Code::RangeNotSatisfiable,
            format!("The range is not within the {size} bytes there are"),
        )
        .with_header(header::CONTENT_RANGE, format!("bytes */{size}"))
    })
}

/// Returns the `content-range` of a part.
pub(crate) fn content_range(part: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1))
}

fn resolve(spec: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| {
        let is_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // More digits than fit mean: beyond any end.
        is_digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let range = match (first, last) {
        ("", suffix) => size.saturating_sub(number(suffix)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    (range.start < range.end).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Result<Part, String> {
        let headers = [(header::RANGE, value.parse().expect("header"))]
            .into_iter()
            .collect();
        wanted(&headers, 100).map_err(|error| error.to_string())
    }

    #[test]
    fn one_range_is_resolved_against_the_size() {
        let table = [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-1000", 0..100),
            ("bytes=99-99", 99..100),
            ("bytes=50-1000", 50..100),
            ("Bytes = 1-2", 1..3),
            ("bytes=0-99999999999999999999999", 0..100),
        ];
        for (value, range) in table {
            assert_eq!(of(value), Ok(Part::Bytes(range)), "{value}");
        }
    }

    #[test]
    fn other_units_and_several_ranges_mean_everything() {
        for value in ["lines=1-2", "bytes=0-1,5-6", "nonsense", ""] {
            assert_eq!(of(value), Ok(Part::Whole), "{value}");
        }
    }

    #[test]
    fn what_names_no_byte_is_refused() {
        for value in [
            "bytes=100-",
            "bytes=100-200",
            "bytes=-0",
            "bytes=5-4",
            "bytes=a-b",
            "bytes=",
            "bytes=-",
            "bytes=1",
            "bytes=+1-2",
            "bytes=99999999999999999999999-",
        ] {
            let error = of(value).expect_err(value);
            assert!(
                error.starts_with("[RANGE_NOT_SATISFIABLE]"),
                "{value}: {error}"
            );
        }
        let empty = wanted(
            &[(header::RANGE, "bytes=0-".parse().expect("header"))]
                .into_iter()
                .collect(),
            0,
        );
        assert!(empty.is_err());
    }
}
