//! A root package whose dependency closure has everything an installer may meet.
//!
//! The parts form a binary tree (part `k` needs `2k + 1` and `2k + 2`), so every part is
//! reached whatever version a client chooses. Around it: a cycle, an alias, an optional
//! dependency, one for another platform, a peer, and an optional peer that exists nowhere
//! (npm asks for its packument all the same; a mirror has no reason to).

use crate::{PackageSpec, VersionSpec};

/// Every shape of range; each is satisfied by some version of every part.
const RANGES: [&str; 8] = [
    "^1.0.0",
    "~1.1.0",
    ">=1.0.0 <3",
    "1.x",
    "*",
    "latest",
    "1.0.0 || ^2.0.0",
    "^2.0.0",
];

/// Fewer parts than this could not carry the special cases.
const FEWEST_PARTS: usize = 8;

/// Returns a package `root` and everything it needs: at least `packages` packages in all.
///
/// The first of the list is the root; the last, `ROOT-absent`, is a name without a package.
pub fn tree(root: &str, packages: usize) -> Vec<PackageSpec> {
    let tree = Tree {
        root,
        parts: packages.max(FEWEST_PARTS),
    };
    let parts = (0..tree.parts).map(|index| tree.part(index));
    parts.chain(tree.around()).collect()
}

struct Tree<'a> {
    root: &'a str,
    parts: usize,
}

impl Tree<'_> {
    /// Returns the name of part `index`; part 0 is the root, every fourth part has a scope.
    fn name(&self, index: usize) -> String {
        match index {
            0 => self.root.to_owned(),
            _ if index.is_multiple_of(4) => format!("@{}/part-{index:03}", self.root),
            _ => format!("{}-part-{index:03}", self.root),
        }
    }

    /// Returns the name of a package beside the parts.
    fn special(&self, what: &str) -> String {
        format!("{}-{what}", self.root)
    }

    fn part(&self, index: usize) -> PackageSpec {
        let mut part = PackageSpec::new(&self.name(index));
        for (nth, number) in ["1.0.0", "1.1.0", "2.0.0"].into_iter().enumerate() {
            part = part.version(number, |version| self.describe(version, index, nth));
        }
        // Ranges must avoid these: the newest is deprecated, or no release.
        if index % 5 == 2 {
            part = part.tag("latest", "2.0.0").version("2.0.1", |version| {
                self.describe(version, index, 3)
                    .deprecated("2.0.1 is broken, use 2.0.0")
            });
        }
        if index % 7 == 3 {
            part = part
                .tag("next", "3.0.0-beta.1")
                .version("3.0.0-beta.1", |version| self.describe(version, index, 4));
        }
        part
    }

    /// Gives version `nth` of part `index` its dependencies and its peculiarity.
    fn describe(&self, version: VersionSpec, index: usize, nth: usize) -> VersionSpec {
        let children = [2 * index + 1, 2 * index + 2];
        let mut version = version.size(700 + 300 * index);
        for child in children.into_iter().filter(|child| *child < self.parts) {
            let range = RANGES[(index + child + nth) % RANGES.len()];
            version = version.dependency(&self.name(child), range);
        }
        match index {
            0 => self.describe_root(version),
            2 => version.field("bin", serde_json::json!({ self.name(2): "index.js" })),
            3 => version.field(
                "scripts",
                serde_json::json!({ "postinstall": "node index.js" }),
            ),
            5 => version.peer_dependency(&self.special("peer"), "^1.0.0"),
            6 => version.optional_peer_dependency(&self.special("absent"), "^1.0.0"),
            7 => version.field("engines", serde_json::json!({ "node": ">=10" })),
            _ => version,
        }
    }

    fn describe_root(&self, version: VersionSpec) -> VersionSpec {
        version
            .dependency(&self.special("cycle-a"), "^1.0.0")
            .dependency(&self.special("peer"), "^1.0.0")
            .dependency(
                &self.special("alias"),
                &format!("npm:{}@^1.0.0", self.name(4)),
            )
            .optional_dependency(&self.special("optional"), "^1.0.0")
            .optional_dependency(&self.special("elsewhere"), "^1.0.0")
            .dev_dependency(&self.special("absent"), "^1.0.0")
    }

    /// Returns the packages beside the parts.
    fn around(&self) -> [PackageSpec; 6] {
        let single = |what: &str, describe: &dyn Fn(VersionSpec) -> VersionSpec| {
            PackageSpec::new(&self.special(what))
                .version("1.0.0", describe)
                .version("1.0.1", describe)
        };
        [
            single("cycle-a", &|v| {
                v.dependency(&self.special("cycle-b"), "^1.0.0")
            }),
            single("cycle-b", &|v| {
                v.dependency(&self.special("cycle-a"), "^1.0.0")
            }),
            single("peer", &|v| v),
            single("optional", &|v| v),
            single("elsewhere", &|v| v.field("os", ["aix"])),
            PackageSpec::absent(&self.special("absent")),
        ]
    }
}
