//! The shape of the repository: who may import whom, how long a file is, how it opens.
//!
//! Reads the manifests and sources as text, so it holds without any tool installed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Each of our crates with those of ours that it may import.
const ARROWS: [(&str, &[&str]); 18] = [
    ("weir-domain", &[]),
    ("weir-config", &["weir-domain"]),
    ("weir-store", &["weir-domain"]),
    ("weir-blob", &["weir-domain"]),
    ("weir-render", &["weir-domain"]),
    ("weir-upstream", &["weir-domain"]),
    ("weir-runtime", &["weir-domain", "weir-config"]),
    (
        "weir-queue",
        &["weir-domain", "weir-store", "weir-upstream"],
    ),
    (
        "weir-content",
        &[
            "weir-domain",
            "weir-store",
            "weir-blob",
            "weir-render",
            "weir-upstream",
            "weir-runtime",
        ],
    ),
    ("weir-api", COMMON),
    ("weir-worker", COMMON),
    ("weir-migration", &[]),
    ("weir-openapi", &["weir-api"]),
    ("weir-client", &[]),
    ("weir-client-generator", &[]),
    ("weir", PROCESS),
    ("weir-testkit", &["weir-domain", "weir-migration"]),
    ("weir-tests", &["weir-domain", "weir-store", "weir-testkit"]),
];

/// What both processes share.
const COMMON: &[&str] = &[
    "weir-domain",
    "weir-config",
    "weir-store",
    "weir-blob",
    "weir-render",
    "weir-upstream",
    "weir-runtime",
    "weir-queue",
    "weir-content",
];

/// What the process that is both is made of.
const PROCESS: &[&str] = &[
    "weir-domain",
    "weir-config",
    "weir-store",
    "weir-blob",
    "weir-render",
    "weir-upstream",
    "weir-runtime",
    "weir-queue",
    "weir-content",
    "weir-api",
    "weir-worker",
    "weir-migration",
    "weir-client",
];

/// Crates that only some of ours may name: the libraries behind each seam.
const SEAMS: [(&str, &[&str]); 11] = [
    ("poem", &["weir-api"]),
    ("poem-openapi", &["weir-api"]),
    ("sea-orm", &["weir-store"]),
    ("sea-orm-migration", &["weir-migration"]),
    ("object_store", &["weir-blob"]),
    ("reqwest", &["weir-upstream", "weir-client"]),
    ("apalis", &["weir-queue"]),
    ("apalis-core", &["weir-queue"]),
    ("apalis-redis", &["weir-queue"]),
    ("redis", &["weir-queue"]),
    ("weir-migration", &["weir-testkit", "weir"]),
];

/// Longest source file, and longest file of tests.
const MAX_LINES: usize = 400;
const MAX_TEST_LINES: usize = 600;
/// What a generator writes is as long as it is.
const GENERATED: &str = "openapi/clients/rust/src/generated.rs";
/// Bounds of a file's opening comment.
const OPENING_LINES: std::ops::RangeInclusive<usize> = 1..=12;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("this crate lies in the repository")
        .to_owned()
}

/// Returns every file of ours with this ending, by its path in the repository.
fn sources(ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the repository can be read") {
            let path = entry.expect("a readable folder lists its files").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                let is_foreign =
                    name.starts_with('.') || name == "target" || name == "node_modules";
                if !is_foreign && name != "weir-data" {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let text = fs::read_to_string(&path).expect("a source is text");
                let path = path.strip_prefix(root()).expect("it lies below the root");
                found.insert(path.display().to_string(), text);
            }
        }
    }
    found
}

/// What a manifest says: the crate's name, what it imports, what only its tests import.
struct Manifest {
    name: String,
    imports: BTreeSet<String>,
    test_imports: BTreeSet<String>,
}

fn manifests() -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for (path, text) in sources("Cargo.toml") {
        let table: toml::Table = text
            .parse()
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let Some(package) = table.get("package") else {
            continue;
        };
        let keys = |section: &str| -> BTreeSet<String> {
            let table = table.get(section).and_then(toml::Value::as_table);
            table
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        };
        let mut imports = keys("dependencies");
        imports.extend(keys("build-dependencies"));
        manifests.push(Manifest {
            name: package["name"]
                .as_str()
                .expect("a package has a name")
                .to_owned(),
            imports,
            test_imports: keys("dev-dependencies"),
        });
    }
    assert!(
        manifests.len() > 10,
        "only {} manifests found",
        manifests.len()
    );
    manifests
}

#[test]
fn every_import_is_an_arrow_of_the_map() {
    for manifest in manifests() {
        let arrows = ARROWS.iter().find(|(name, _)| *name == manifest.name);
        let Some((_, allowed)) = arrows else {
            panic!("{} is not on the map: add it to this file", manifest.name);
        };
        let ours = manifest
            .imports
            .iter()
            .filter(|name| name.starts_with("weir-"));
        for import in ours {
            let is_allowed = allowed.contains(&import.as_str());
            assert!(is_allowed, "{} must not import {import}", manifest.name);
        }
    }
}

#[test]
fn api_and_worker_do_not_know_each_other() {
    for manifest in manifests() {
        let all: BTreeSet<_> = manifest.imports.union(&manifest.test_imports).collect();
        let knows = |name: &str| all.iter().any(|import| *import == name);
        let is_between = ["weir", "weir-tests"].contains(&manifest.name.as_str());
        assert!(
            is_between || !(knows("weir-api") && knows("weir-worker")),
            "{}",
            manifest.name
        );
        assert!(manifest.name != "weir-api" || !knows("weir-worker"));
        assert!(manifest.name != "weir-worker" || !knows("weir-api"));
    }
}

#[test]
fn every_library_stays_behind_its_seam() {
    for manifest in manifests() {
        for (library, owners) in SEAMS {
            let is_owner = owners.contains(&manifest.name.as_str());
            let imports = manifest.imports.contains(library);
            assert!(
                is_owner || !imports,
                "{} must not import {library}",
                manifest.name
            );
        }
    }
}

#[test]
fn the_test_kit_is_for_tests_only() {
    for manifest in manifests() {
        let is_ours = manifest.name == "weir-tests";
        let imports = manifest.imports.contains("weir-testkit");
        assert!(
            is_ours || !imports,
            "{} must not import weir-testkit",
            manifest.name
        );
    }
}

#[test]
fn no_file_is_too_long() {
    let mut too_long = Vec::new();
    for (path, text) in sources(".rs") {
        let is_test = path
            .split('/')
            .any(|part| ["tests", "it", "tests.rs"].contains(&part));
        let most = if is_test { MAX_TEST_LINES } else { MAX_LINES };
        let lines = text.lines().count();
        if lines > most && path != GENERATED {
            too_long.push(format!("{path}: {lines} lines, at most {most}"));
        }
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut silent = Vec::new();
    for (path, text) in sources(".rs") {
        let opening = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        if !OPENING_LINES.contains(&opening) {
            silent.push(format!("{path}: {opening} lines of //!"));
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_name_says_nothing() {
    let empty_words = [
        "utils", "util", "helpers", "helper", "misc", "manager", "service", "common",
    ];
    for path in sources(".rs").into_keys() {
        let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let last = stem.rsplit('/').next().unwrap_or_default();
        assert!(
            !empty_words.contains(&last),
            "{path} says nothing by its name"
        );
    }
}

/// Returns the targets of the links in a Markdown text that lead to files.
fn file_links(text: &str) -> impl Iterator<Item = &str> {
    let links = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let files = links.filter(|target| !target.contains("://") && !target.starts_with('#'));
    files.map(|target| target.split('#').next().unwrap_or(target))
}

#[test]
fn every_link_in_the_documents_leads_to_a_file() {
    let mut broken = Vec::new();
    for (path, text) in sources(".md") {
        let document = root().join(&path);
        let folder = document.parent().expect("a document lies in a folder");
        for target in file_links(&text).filter(|target| !folder.join(target).exists()) {
            broken.push(format!("{path}: {target}"));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Returns the words in backquotes that are names of tests by their form: sentences.
fn named_tests(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| {
        let is_name = word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        is_name && word.matches('_').count() >= 3
    })
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let code: String = sources(".rs").into_values().collect();
    let queue = fs::read_to_string(root().join("docs/queue.md")).expect("the crash table");
    let named: BTreeSet<_> = named_tests(&queue).collect();
    assert!(named.len() >= 15, "only {} tests are named", named.len());
    let missing = named
        .into_iter()
        .filter(|name| !code.contains(&format!("fn {name}(")));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
