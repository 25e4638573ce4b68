//! The lock files of the clients, as far as the tests compare them.

use serde_json::Value;

use super::Locked;

/// Reads `package-lock.json`.
pub fn npm(text: &str) -> Locked {
    let lock: Value = serde_json::from_str(text).expect("npm's lock is JSON");
    let packages = lock["packages"]
        .as_object()
        .expect("npm's lock lists packages");
    let installed = packages.iter().filter(|(path, _)| !path.is_empty());
    installed
        .map(|(path, entry)| {
            let folder = path
                .rsplit("node_modules/")
                .next()
                .expect("a split has a last part");
            let name = entry["name"].as_str().unwrap_or(folder);
            let field = |name: &str| entry[name].as_str().unwrap_or_default();
            (
                format!("{name}@{}", field("version")),
                field("integrity").to_owned(),
            )
        })
        .collect()
}

/// Reads the section `packages` of `pnpm-lock.yaml`, whose entries are
///
/// ```text
///   '@scope/name@1.0.0':
///     resolution: {integrity: sha512-…}
/// ```
pub fn pnpm(text: &str) -> Locked {
    let section = text.lines().skip_while(|line| *line != "packages:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with(' '));
    let (mut locked, mut package) = (Locked::new(), None);
    for line in section {
        if let Some(key) = line.strip_prefix("  ").filter(|key| !key.starts_with(' ')) {
            package = Some(key.trim_end_matches(':').trim_matches('\'').to_owned());
        } else if let Some((_, rest)) = line.split_once("integrity: ") {
            let integrity = rest.split(['}', ',']).next().unwrap_or_default().trim();
            locked.extend(
                package
                    .take()
                    .map(|package| (package, integrity.to_owned())),
            );
        }
    }
    locked
}

/// Reads the section `packages` of `bun.lock`, whose entries are one line each:
/// `"name": ["name@1.0.0", "…", { … }, "sha512-…"],`.
pub fn bun(text: &str) -> Locked {
    let section = text
        .split("\"packages\": {")
        .nth(1)
        .expect("bun's lock lists packages");
    let entries = section.lines().filter_map(|line| line.split_once("\": ["));
    entries
        .map(|(_, rest)| {
            let texts: Vec<_> = rest.split('"').skip(1).step_by(2).collect();
            let package = texts.first().expect("an entry begins with its package");
            let integrity = texts.last().expect("and ends with its integrity");
            ((*package).to_owned(), (*integrity).to_owned())
        })
        .collect()
}

/// Reads the `yarn.lock` of Yarn 1, whose entries are
///
/// ```text
/// "@scope/name@^1.0.0", "@scope/name@1":
///   version "1.0.0"
///   integrity sha512-…
/// ```
pub fn yarn_classic(text: &str) -> Locked {
    let (mut locked, mut name, mut version) = (Locked::new(), "", "");
    for line in text.lines() {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            let wish = line.trim_end_matches(':').split(", ").next();
            let wish = wish.unwrap_or_default().trim_matches('"');
            let wish = wish.split_once("@npm:").map_or(wish, |(_, wish)| wish);
            name = wish.rsplit_once('@').map_or(wish, |(name, _)| name);
        } else if let Some(rest) = line.strip_prefix("  version ") {
            version = rest.trim_matches('"');
        } else if let Some(integrity) = line.strip_prefix("  integrity ") {
            locked.insert(format!("{name}@{version}"), integrity.to_owned());
        }
    }
    locked
}

/// Reads the `yarn.lock` of Yarn 4, whose entries hold a digest of Yarn's own archive:
///
/// ```text
/// "@scope/name@npm:^1.0.0":
///   version: 1.0.0
///   resolution: "@scope/name@npm:1.0.0"
///   checksum: 10c0/…
/// ```
pub fn yarn_berry(text: &str) -> Locked {
    let (mut locked, mut package) = (Locked::new(), None);
    for line in text.lines() {
        if let Some(resolution) = line.strip_prefix("  resolution: ") {
            let (name, version) = resolution.trim_matches('"').split_once("@npm:").unzip();
            package = name
                .zip(version)
                .map(|(name, version)| format!("{name}@{version}"));
        } else if let Some(checksum) = line.strip_prefix("  checksum: ") {
            locked.extend(package.take().map(|package| (package, checksum.to_owned())));
        }
    }
    locked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Locked {
        [("@s/a@1.0.0", "sha512-A=="), ("b@2.0.0", "sha512-B==")]
            .map(|(package, integrity)| (package.to_owned(), integrity.to_owned()))
            .into()
    }

    #[test]
    fn npm_locks_aliases_under_their_real_name() {
        let text = r#"{"packages":{"":{"name":"project"},
            "node_modules/alias":{"name":"@s/a","version":"1.0.0","integrity":"sha512-A=="},
            "node_modules/x/node_modules/b":{"version":"2.0.0","integrity":"sha512-B=="}}}"#;
        assert_eq!(npm(text), expected());
    }

    #[test]
    fn pnpm_locks_in_a_section_of_its_own() {
        let text = "importers:\n\n  .:\n    x: y@1\n\npackages:\n\n  '@s/a@1.0.0':\n    \
            resolution: {integrity: sha512-A==}\n    engines: {node: '>=10'}\n\n  b@2.0.0:\n    \
            resolution: {integrity: sha512-B==, tarball: t}\n\nsnapshots:\n\n  b@2.0.0: {}\n";
        assert_eq!(pnpm(text), expected());
    }

    #[test]
    fn bun_locks_one_line_a_package() {
        let text = "{\n  \"packages\": {\n    \"a\": [\"@s/a@1.0.0\", \"u\", { \"bin\": \"x\" }, \"sha512-A==\"],\n\n    \
            \"b\": [\"b@2.0.0\", \"\", {}, \"sha512-B==\"],\n  }\n}\n";
        assert_eq!(bun(text), expected());
    }

    #[test]
    fn yarn_1_locks_aliases_under_both_names() {
        let text = "# yarn lockfile v1\n\n\n\"alias@npm:@s/a@^1\", \"@s/a@1\":\n  version \"1.0.0\"\n  \
            resolved \"u#1\"\n  integrity sha512-A==\n  dependencies:\n    b \"^2.0.0\"\n\n\
            b@^2.0.0:\n  version \"2.0.0\"\n  integrity sha512-B==\n";
        assert_eq!(yarn_classic(text), expected());
    }

    #[test]
    fn yarn_4_locks_its_own_digests_and_its_workspaces() {
        let text = "__metadata:\n  version: 8\n\n\"@s/a@npm:^1\":\n  version: 1.0.0\n  \
            resolution: \"@s/a@npm:1.0.0\"\n  checksum: sha512-A==\n\n\"b@npm:^2\":\n  \
            resolution: \"b@npm:2.0.0\"\n  checksum: sha512-B==\n\n\"project@workspace:.\":\n  \
            resolution: \"project@workspace:.\"\n";
        assert_eq!(yarn_berry(text), expected());
    }
}
