//! Made packages: the same bytes every time, real archives, documents a registry would write.

use std::{collections::BTreeSet, io::Read};

use serde_json::Value;
use weir_domain::{Integrity, Range, Version};
use weir_testkit::{PackageSpec, StandIn, VersionSpec, presets};

fn specimen() -> PackageSpec {
    PackageSpec::new("@scope/a")
        .version("1.0.0", |v| v.dependency("b", "^1.0.0").size(20_000))
        .version("1.1.0", |v| v.deprecated("too old"))
        .version("2.0.0-rc.1", |v| {
            v.field("scripts", serde_json::json!({ "install": "x" }))
        })
        .tag("next", "2.0.0-rc.1")
}

#[test]
fn equal_descriptions_give_equal_bytes() {
    let one = specimen()
        .find("1.0.0")
        .unwrap()
        .tarball("@scope/a")
        .clone();
    let two = specimen()
        .find("1.0.0")
        .unwrap()
        .tarball("@scope/a")
        .clone();
    assert_eq!(one.bytes, two.bytes);
    let other = specimen().version("1.0.0", VersionSpec::other_bytes);
    let other = other.find("1.0.0").unwrap().tarball("@scope/a").clone();
    assert_ne!(one.integrity, other.integrity);
}

#[test]
fn a_deprecation_does_not_touch_the_tarball() {
    let before = specimen();
    let after = specimen().version("1.0.0", |v| v.deprecated("x"));
    let bytes = |spec: &PackageSpec| {
        spec.find("1.0.0")
            .unwrap()
            .tarball("@scope/a")
            .bytes
            .clone()
    };
    assert_eq!(bytes(&before), bytes(&after));
}

#[test]
fn a_tarball_is_a_real_archive_of_about_the_wanted_size() {
    let spec = specimen();
    let tarball = spec.find("1.0.0").unwrap().tarball("@scope/a");
    assert!(
        (19_000..21_000).contains(&tarball.bytes.len()),
        "{}",
        tarball.bytes.len()
    );
    let gzip = flate2::read::GzDecoder::new(&tarball.bytes[..]);
    let mut archive = tar::Archive::new(gzip);
    let mut paths = BTreeSet::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        if path == "package/package.json" {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["name"], "@scope/a");
            assert_eq!(json["dependencies"]["b"], "^1.0.0");
        }
        paths.insert(path);
    }
    for file in ["package.json", "README.md", "index.js"] {
        assert!(paths.contains(&format!("package/{file}")), "{paths:?}");
    }
}

#[tokio::test]
async fn the_packument_promises_the_digests_of_its_tarballs() {
    let upstream = StandIn::start([specimen()]).await;
    let packument = upstream.packument_of("@scope/a");
    let dist = &packument["versions"]["1.0.0"]["dist"];
    let integrity = dist["integrity"].as_str();
    let promised = Integrity::from_dist(integrity, dist["shasum"].as_str()).unwrap();
    let url = dist["tarball"].as_str().unwrap();
    assert_eq!(url, format!("{}/@scope/a/-/a-1.0.0.tgz", upstream.url()));
    let reply = weir_testkit::client::get(url).send().await.unwrap();
    let mut hasher = promised.hasher();
    hasher.update(&reply.body);
    assert!(promised.accepts(&hasher.finish()));
}

#[tokio::test]
async fn the_packument_has_what_registries_write() {
    let upstream = StandIn::start([specimen()]).await;
    let packument = upstream.packument_of("@scope/a");
    assert_eq!(packument["dist-tags"]["latest"], "1.1.0");
    assert_eq!(packument["dist-tags"]["next"], "2.0.0-rc.1");
    assert_eq!(packument["versions"]["1.1.0"]["deprecated"], "too old");
    assert!(packument["_rev"].as_str().unwrap().starts_with("1-"));
    for key in ["created", "modified", "1.0.0", "2.0.0-rc.1"] {
        assert!(
            packument["time"][key].is_string(),
            "{key}: {}",
            packument["time"]
        );
    }
    for key in ["readme", "maintainers", "_madeForTests"] {
        assert!(!packument[key].is_null(), "{key}");
    }
}

/// Follows every range of every version, as the greediest mirror would.
fn closure(packages: &[PackageSpec]) -> BTreeSet<String> {
    let find = |name: &str| {
        let found = packages.iter().find(|package| package.name() == name);
        found.unwrap_or_else(|| panic!("{name} is in the closure and does not exist"))
    };
    let mut reached = BTreeSet::new();
    let mut next = vec![packages[0].name().to_owned()];
    while let Some(name) = next.pop() {
        let package = find(&name);
        if !reached.insert(name) {
            continue;
        }
        for version in package.versions() {
            for (alias, spec) in dependencies(package, version) {
                let target = spec
                    .strip_prefix("npm:")
                    .and_then(|spec| spec.rsplit_once('@'));
                let (name, range) = target.unwrap_or((&alias, &spec));
                assert!(
                    satisfiable(find(name), range),
                    "nothing satisfies {name}@{range}"
                );
                next.push(name.to_owned());
            }
        }
    }
    reached
}

fn dependencies(package: &PackageSpec, version: &VersionSpec) -> Vec<(String, String)> {
    let manifest: Value = serde_json::from_str(&packed_manifest(package, version)).expect("JSON");
    let groups = ["dependencies", "optionalDependencies", "peerDependencies"];
    let members = groups
        .iter()
        .filter_map(|group| manifest[group].as_object())
        .flatten();
    members
        .filter(|(name, _)| manifest["peerDependenciesMeta"][name.as_str()].is_null())
        .map(|(name, spec)| (name.clone(), spec.as_str().expect("a text").to_owned()))
        .collect()
}

/// Reads `package/package.json` out of the tarball, where `npm pack` puts it first.
fn packed_manifest(package: &PackageSpec, version: &VersionSpec) -> String {
    let tarball = version.tarball(package.name());
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&tarball.bytes[..]));
    let first = archive
        .entries()
        .expect("an archive")
        .next()
        .expect("a first file");
    std::io::read_to_string(first.expect("a readable file")).expect("UTF-8")
}

fn satisfiable(package: &PackageSpec, range: &str) -> bool {
    let numbers = package.versions().iter().map(VersionSpec::number);
    let mut versions = numbers.map(|number| Version::parse(number).expect("a version"));
    let range_fits = |range: Range| versions.any(|version| range.contains(&version));
    package.tags().contains_key(range) || Range::parse(range).is_some_and(range_fits)
}

#[test]
fn a_tree_reaches_all_of_its_packages_and_lacks_none() {
    for wanted in [1, 60, 100] {
        let mut packages = presets::tree("app", wanted);
        assert!(packages.pop().is_some_and(|last| last.is_absent()));
        assert!(packages.len() >= wanted, "{} of {wanted}", packages.len());
        assert_eq!(closure(&packages).len(), packages.len());
    }
    let packages = presets::tree("app", 60);
    assert!(
        packages
            .iter()
            .filter(|package| package.name().starts_with('@'))
            .count()
            > 10
    );
}

#[tokio::test]
async fn a_crowd_is_packed_only_when_it_is_asked_for() {
    let packages = presets::flat(300, 20, 20_000);
    let packed = || {
        let versions = packages.iter().flat_map(PackageSpec::versions);
        versions.filter(|version| version.is_packed()).count()
    };
    let upstream = StandIn::start(packages.clone()).await;
    assert_eq!(packed(), 0);
    let packument = upstream.packument_of("flat-0300");
    assert_eq!(packument["versions"].as_object().unwrap().len(), 20);
    assert_eq!(packed(), 20);
}
