//! Reads a period as the npm registry spells them. Pure.

use weir_domain::Day;

/// Longest period, in days: eighteen months.
pub(super) const LONGEST: i64 = 549;

/// Returns the first and the last day that `text` means; `today` is not over yet.
///
/// # Errors
/// What the text must be, as the rest of a sentence that begins with the field.
pub(super) fn parse(text: &str, today: Day) -> Result<(Day, Day), &'static str> {
    let yesterday = today.plus(-1);
    let last = |days: i64| Ok((yesterday.plus(1 - days), yesterday));
    match text {
        "last-day" => return last(1),
        "last-week" => return last(7),
        "last-month" => return last(30),
        "last-year" => return last(365),
        _ => {}
    }
    let (first, second) = text.split_once(':').unwrap_or((text, text));
    let (Some(first), Some(second)) = (Day::parse(first), Day::parse(second)) else {
        return Err(
            "must be last-day, last-week, last-month, last-year, a day or two with a colon",
        );
    };
    let (start, end) = (first.min(second), first.max(second));
    if end.0 - start.0 >= LONGEST {
        return Err("must be of at most 549 days");
    }
    Ok((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_yesterday_or_where_they_say() {
        let today = Day::parse("2026-03-01").expect("a day");
        let rows = [
            ("last-day", "2026-02-28", "2026-02-28"),
            ("last-week", "2026-02-22", "2026-02-28"),
            ("last-month", "2026-01-30", "2026-02-28"),
            ("last-year", "2025-03-01", "2026-02-28"),
            ("2024-02-29", "2024-02-29", "2024-02-29"),
            ("2024-02-29:2024-03-02", "2024-02-29", "2024-03-02"),
            ("2024-03-02:2024-02-29", "2024-02-29", "2024-03-02"),
        ];
        for (text, start, end) in rows {
            let (first, last) = parse(text, today).expect(text);
            assert_eq!(
                (first.to_string(), last.to_string()),
                (start.into(), end.into())
            );
        }
        for text in [
            "",
            "last-decade",
            "2024",
            ":",
            "2024-01-01:",
            "2020-01-01:2026-01-01",
        ] {
            assert!(parse(text, today).is_err(), "{text}");
        }
    }
}
