//! An e-mail address, as far as its form can tell: whether mail arrives, only mail tells.

/// Longest address, in bytes. Source: RFC 5321, section 4.5.3.1.3, without the brackets.
pub const MAX_BYTES: usize = 254;

/// Returns the address if it has the form of one: something, `@`, a domain.
pub fn parse(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || "<>(),;:\"\\[]".contains(c);
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-');
    let is_address = text.len() <= MAX_BYTES
        && !text.contains(is_odd)
        && (1..=64).contains(&local.len())
        && !local.contains('@')
        && domain.split('.').all(is_label);
    is_address.then_some(text)
}

/// Says whether two addresses are one: letter case does not tell them apart.
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_something_at_a_domain() {
        for good in [
            "john@example.com",
            "a+b@x",
            "jürgen@bücher.example",
            " a@b.c ",
        ] {
            assert_eq!(parse(good), Some(good.trim()), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b\r\nbcc: c@d",
            "<a@b>",
            "a,b@c",
            "a@b;c",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
        assert_eq!(parse(&format!("a@{}", "b".repeat(300))), None);
    }

    #[test]
    fn case_does_not_tell_addresses_apart() {
        assert!(is_same("John@Example.com", "john@example.COM "));
        assert!(!is_same("a@b", "a@c"));
    }
}
