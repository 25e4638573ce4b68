//! A requirement: `name/1.2@user`, `name/[>=1.2 <2]@user`, as recipes and packages write it.

use crate::catalogue::{Dependency, DependencyKind, NO_NAMESPACE};

/// Longest name, user or requirement, in bytes.
const MAX_PART: usize = 200;

/// Reads a requirement; `None` if it is none. Channel, revision and package are left out.
pub fn parse_requirement(text: &str, kind: DependencyKind) -> Option<Dependency> {
    let (name, rest) = text.trim().split_once('/')?;
    let end = match rest.strip_prefix('[') {
        Some(range) => range.find(']')? + 2,
        None => rest.find(['@', '#', ':']).unwrap_or(rest.len()),
    };
    let (requirement, whose) = rest.split_at(end);
    let user = whose.strip_prefix('@').unwrap_or_default();
    let user = user.split(['/', '#', ':']).next().unwrap_or_default();
    let is_word = |text: &str| {
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || "@#:[]\"'<>{}\\".contains(c);
        !text.is_empty() && text.len() <= MAX_PART && !text.contains(is_odd)
    };
    let is_requirement = match requirement.starts_with('[') {
        true => requirement.len() <= MAX_PART && !requirement.contains(char::is_control),
        false => is_word(requirement) && !requirement.contains('/'),
    };
    let namespace = Some(user).filter(|user| !user.is_empty() && *user != NO_NAMESPACE);
    if !is_word(name) || !is_requirement || namespace.is_some_and(|user| !is_word(user)) {
        return None;
    }
    Some(Dependency {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        requirement: requirement.to_owned(),
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_taken_apart() {
        let table = [
            ("sht30/0.0.4@caisong123", "sht30|caisong123|0.0.4"),
            (" zlib/1.3 ", "zlib||1.3"),
            ("zlib/1.3@", "zlib||1.3"),
            ("zlib/1.3@_/_", "zlib||1.3"),
            ("i2c/[^1.0]@sifli", "i2c|sifli|[^1.0]"),
            (
                "i2c/[>=1 <2, include_prerelease]@sifli/stable",
                "i2c|sifli|[>=1 <2, include_prerelease]",
            ),
            ("i2c/1.1.Z@sifli", "i2c|sifli|1.1.Z"),
            ("a/1+3@u/c#0123:4567", "a|u|1+3"),
            ("a/1#0123:4567", "a||1"),
        ];
        for (text, wanted) in table {
            let found = parse_requirement(text, DependencyKind::Requires).expect(text);
            let user = found.namespace.unwrap_or_default();
            assert_eq!(
                format!("{}|{user}|{}", found.name, found.requirement),
                wanted
            );
        }
    }

    #[test]
    fn what_is_no_requirement_is_none() {
        for text in [
            "",
            "a",
            "/",
            "a/",
            "/1",
            "a/[1",
            "a/1/2",
            "a b/1",
            "a/1 2",
            "a/1@u v",
            "<name>/1.0",
            "{name}/1.0",
            "a/[1\n]",
        ] {
            assert_eq!(
                parse_requirement(text, DependencyKind::Requires),
                None,
                "{text}"
            );
        }
    }
}
