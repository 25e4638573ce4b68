//! The order of Conan's versions, which are free text: `1.10`, `1.1.1w`, `cci.20240101`, `2.0-rc.1+7`.
//!
//! `+` begins the build (at its last place), `-` the pre-release (at its first place); what is
//! left is items between dots, numbers where they can be. Zeros at the end say nothing: `1.0` and
//! `1` are equal.
//!
//! Conan compares a number with a text letter by letter, by which `2 < 10 < 1a < 2`: nothing can
//! be sorted so. Here an item that begins with digits counts by them first, and by what follows
//! them then. Elsewhere the order is Conan's own.
//!
//! Source: Conan's documents, "Version ranges", and the behaviour of its `Version`.

use std::cmp::Ordering;

/// Compares two versions; versions that say the same (`1`, `1.0`) are equal.
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a), Parts::of(b));
    let main = compare_items(a.main, b.main);
    main.then_with(|| match (a.pre, b.pre) {
        (None, None) => compare_optional(a.build, b.build),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(left), Some(right)) => {
            compare_items(left, right).then_with(|| compare_optional(a.build, b.build))
        }
    })
}

/// Says whether Conan takes a version for a pre-release: it has a `-` that is not of its build.
pub fn is_prerelease(version: &str) -> bool {
    Parts::of(version).pre.is_some()
}

/// A version, taken apart.
struct Parts<'a> {
    main: &'a str,
    pre: Option<&'a str>,
    build: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(version: &'a str) -> Self {
        let (version, build) = match version.rsplit_once('+') {
            Some((version, build)) => (version, Some(build)),
            None => (version, None),
        };
        match version.split_once('-') {
            Some((main, pre)) => Self {
                main,
                pre: Some(pre),
                build,
            },
            None => Self {
                main: version,
                pre: None,
                build,
            },
        }
    }
}

fn compare_optional(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare_items(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Compares item by item; whoever has more of the same is greater.
fn compare_items(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (items(a), items(b));
    loop {
        match (a.next(), b.next()) {
            (Some(left), Some(right)) => match compare_item(left, right) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
            (left, right) => return left.is_some().cmp(&right.is_some()),
        }
    }
}

/// Returns the items up to the last that is not zero.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let is_zero = |item: &str| !item.is_empty() && item.bytes().all(|byte| byte == b'0');
    let trailing = text.split('.').rev().take_while(|item| is_zero(item));
    let count = text.split('.').count() - trailing.count();
    text.split('.').take(count)
}

fn compare_item(a: &str, b: &str) -> Ordering {
    let ((left, rest), (right, other)) = (split_number(a), split_number(b));
    if left.is_empty() || right.is_empty() {
        return a.cmp(b);
    }
    // Numbers may be longer than any integer type; by length and digits they compare as well.
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    let by_number = (left.len(), left).cmp(&(right.len(), right));
    by_number.then_with(|| rest.cmp(other))
}

/// Splits off the digits that an item begins with.
fn split_number(item: &str) -> (&str, &str) {
    let end = item.find(|c: char| !c.is_ascii_digit());
    item.split_at(end.unwrap_or(item.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_as_conan_says() {
        // Each line from the lowest to the highest.
        let lines: &[&[&str]] = &[
            &["0.9", "1.0", "1.0.1", "1.2", "1.9", "1.10", "2", "10"],
            &["1.1.1", "1.1.1a", "1.1.1w", "1.1.2", "1.1.10"],
            &["1.0-alpha", "1.0-alpha.1", "1.0-alpha.beta", "1.0-beta.2"],
            &["1.0-beta.2", "1.0-beta.11", "1.0-rc", "1.0", "1.0.1-rc"],
            &["1.0", "1.0+1", "1.0+2", "1.0+10", "1.0+b", "1.0.1"],
            &["1.0-rc", "1.0-rc+1", "1.0-rc+2", "1.0", "1.0+0.1"],
            &["1", "20240101", "cci.20200203", "cci.20240101", "master"],
            &["1.0-", "1.0-a-b", "1.0-a-c", "1.0"],
            &["1.99999999999999999999", "1.100000000000000000000"],
            &["", "1"],
        ];
        for line in lines {
            for (place, low) in line.iter().enumerate() {
                for high in &line[place + 1..] {
                    assert_eq!(compare_versions(low, high), Ordering::Less, "{low} {high}");
                    assert_eq!(
                        compare_versions(high, low),
                        Ordering::Greater,
                        "{low} {high}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_says_the_same_is_equal() {
        for (a, b) in [
            ("1", "1.0"),
            ("1.0.0", "1.00"),
            ("1.01", "1.1"),
            ("1.0-a.0", "1-a"),
            ("1+3.0", "1.0+3"),
            ("0", "0.0"),
        ] {
            assert_eq!(compare_versions(a, b), Ordering::Equal, "{a} {b}");
        }
    }

    #[test]
    fn only_a_hyphen_before_the_build_makes_a_prerelease() {
        for (version, wanted) in [
            ("1.0", false),
            ("1.0-rc", true),
            ("1.0-", true),
            ("1.0+a-b", false),
            ("1.0-rc+a-b", true),
            ("cci.20240101", false),
            ("", false),
        ] {
            assert_eq!(is_prerelease(version), wanted, "{version}");
        }
    }

    #[test]
    fn everything_can_be_sorted() {
        let items = [
            "", "0", "1", "2", "10", "1a", "10a", "9a", "a", "_", "ä", "+", "-",
        ];
        let mut all = Vec::new();
        for a in items {
            for b in items {
                all.extend([format!("{a}.{b}"), format!("{a}-{b}"), format!("{a}+{b}")]);
            }
        }
        all.sort_by(|a, b| compare_versions(a, b));
        for (place, low) in all.iter().enumerate() {
            for high in &all[place..] {
                assert_ne!(
                    compare_versions(low, high),
                    Ordering::Greater,
                    "{low} {high}"
                );
            }
        }
    }
}
