//! `conaninfo.txt`: what a package was built with, computed by Conan.
//!
//! Sections in brackets, a line each entry. Versions in it may be masked (`1.1.Z`): it tells what
//! is needed, the recipe tells which.

use super::parse_requirement;
use crate::catalogue::{Dependency, DependencyKind};

/// Returns what a package needed; lines that are no requirements are passed over.
pub fn info_requirements(text: &str) -> Vec<Dependency> {
    let mut kind = None;
    let mut found = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with('[') {
            kind = match line {
                "[requires]" => Some(DependencyKind::Requires),
                "[python_requires]" => Some(DependencyKind::PythonRequires),
                _ => None,
            };
        } else if let Some(kind) = kind {
            found.extend(parse_requirement(line, kind));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read_and_nothing_else() {
        let text = "\u{feff}[settings]\r\nos=Linux/1\r\n[requires]\r\nsht30/0.0.5@caisong123\r\n\r\nnone\r\n[options]\r\na/1\r\n[python_requires]\r\nsf-pkg-base/1.1.Z@sifli\r\n";
        let found: Vec<_> = info_requirements(text)
            .into_iter()
            .map(|one| (one.kind, one.name, one.requirement))
            .collect();
        let wanted = [
            (DependencyKind::Requires, "sht30", "0.0.5"),
            (DependencyKind::PythonRequires, "sf-pkg-base", "1.1.Z"),
        ];
        let wanted = wanted.map(|(kind, name, what)| (kind, name.to_owned(), what.to_owned()));
        assert_eq!(found, wanted);
    }

    /// As a server gives it for a package that Conan's client uploaded.
    #[test]
    fn what_a_package_needed_is_read_with_its_masks() {
        let text =
            "[requires]\nsht30/0.0.5@caisong123\n[python_requires]\nsf-pkg-base/1.1.Z@sifli\n";
        let found: Vec<_> = info_requirements(text)
            .into_iter()
            .map(|one| {
                format!(
                    "{}/{}@{}",
                    one.name,
                    one.requirement,
                    one.namespace.unwrap_or_default()
                )
            })
            .collect();
        assert_eq!(found, ["sht30/0.0.5@caisong123", "sf-pkg-base/1.1.Z@sifli"]);
    }
}
