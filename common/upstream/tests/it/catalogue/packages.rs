//! Binary packages of a revision: what they prove, and what becomes of those that prove nothing.

use weir_domain::conan::package_id;
use weir_upstream::catalogue::{Reading, SourceError};

use super::shelf::{Package, Shelf, Upload, md5, ok, plain, serve, serve_well, shelf_with};
use crate::wire::{Act, Seen, Wire, reply};

/// As Conan's client built it, with its id and its revision.
const BUILT: &str =
    "[settings]\nos=Linux\n[options]\nshared=False\n[requires]\ni2c-core/1.2.Z@sifli\n";
const ID: &str = "fb024aeea05d1f9645141f5a66a6ff70e0cb9eac";
const REVISION: &str = "d6d951a121381401003b68d78f754668";

fn upload() -> Upload {
    let body = "  license = 'MIT'\n  requires = 'base/[^1.0]@sifli'";
    Upload::new("sht30/0.0.5@caisong123", body, "")
}

/// The one that is tampered with, and one that nobody touches.
fn both() -> [Package; 2] {
    [Package::new(BUILT), Package::new("[requires]\nzlib/1.3\n")]
}

fn served() -> Shelf {
    shelf_with("/", &upload(), &both())
}

async fn read(wire: &Wire) -> Result<Reading, SourceError> {
    let (source, upload) = (plain(wire).source(), upload());
    let reading = source.read(&upload.reference, &upload.stamp).await;
    assert_eq!(source.spent().requests, wire.seen().len() as u64);
    reading
}

fn needs(reading: &Reading) -> Vec<String> {
    let line =
        |one: &weir_domain::catalogue::Dependency| format!("{}/{}", one.name, one.requirement);
    reading.facts.dependencies.iter().map(line).collect()
}

/// How often something about binary packages was asked for.
fn asked(wire: &Wire, part: &str) -> usize {
    let is_it = |seen: &&Seen| seen.path().contains("/packages/") && seen.path().contains(part);
    wire.seen().iter().filter(is_it).count()
}

#[tokio::test]
async fn what_is_proven_tells_what_it_needed_for_two_requests() {
    let built = &both()[0];
    assert_eq!((built.id.as_str(), built.revision.as_str()), (ID, REVISION));
    let wire = serve_well(served());
    let reading = read(&wire).await.expect("a reading");
    // By the ids of the packages, after what the recipe says.
    assert_eq!(
        needs(&reading),
        ["base/[^1.0]", "zlib/1.3", "i2c-core/1.2.Z"]
    );
    assert_eq!(reading.warnings, [""; 0]);
    assert_eq!(asked(&wire, ""), 4);
    assert_eq!(asked(&wire, "/latest"), 2);
    assert_eq!(asked(&wire, "/files/conanmanifest.txt"), 2);
    let lists = wire
        .seen()
        .iter()
        .filter(|seen| seen.path().contains("/search"))
        .count();
    assert_eq!(lists, 1);
}

/// One way in which a package does not fit: paths that end so are answered so.
struct Odd {
    answers: Vec<(String, Vec<u8>)>,
    says: &'static str,
    /// Whether it may fit at the second look.
    is_read_again: bool,
}

fn odd(says: &'static str, is_read_again: bool, answers: &[(&str, Vec<u8>)]) -> Odd {
    let built = &both()[0];
    let path = |name: &str| match name {
        "search" => "search?list_only=False".to_owned(),
        "latest" => format!("{}/latest", built.place()),
        name => built.file(name),
    };
    let answers = answers
        .iter()
        .map(|(name, answer)| (path(name), answer.clone()));
    Odd {
        answers: answers.collect(),
        says,
        is_read_again,
    }
}

/// A list in which the first package has another text.
fn listing(info: &str) -> Vec<u8> {
    let other = &both()[1];
    let listed =
        serde_json::json!({ ID: {"content": info}, other.id.as_str(): {"content": other.info} });
    ok(listed.to_string().as_bytes())
}

fn table() -> Vec<Odd> {
    let evil = "[requires]\nevil/6.6.6\n";
    let other = Package::new(evil);
    let manifest = ok(&other.files["conanmanifest.txt"]);
    let fitting = format!("1\nconaninfo.txt: {}\n", md5(evil.as_bytes()));
    let sum = "0".repeat(40);
    let sum = [("x-checksum-sha1", sum.as_str())];
    let own = both()[0].files["conanmanifest.txt"].clone();
    let revision = |text: &str| ok(format!(r#"{{"revision":"{text}"}}"#).as_bytes());
    vec![
        odd(
            "its manifest is not that of",
            true,
            &[("conanmanifest.txt", manifest)],
        ),
        odd(
            "its manifest is not that of",
            true,
            &[("latest", revision("0"))],
        ),
        odd("no revision", false, &[("latest", revision("../x"))]),
        odd(
            "is not what its manifest says",
            true,
            &[
                ("search", listing(evil)),
                ("conaninfo.txt", ok(evil.as_bytes())),
            ],
        ),
        odd(
            "is not what its manifest says",
            true,
            &[("search", listing("")), ("conaninfo.txt", ok(b""))],
        ),
        odd(
            "checksum",
            true,
            &[("conanmanifest.txt", reply("200 OK", &sum, &own))],
        ),
        odd("no manifest", false, &[("conanmanifest.txt", ok(b"x"))]),
        odd("web page", false, &[("conanmanifest.txt", ok(b"<html>"))]),
        odd("403", false, &[("latest", reply("403 No", &[], b""))]),
        odd(
            "too large",
            false,
            &[
                ("search", listing("")),
                ("conaninfo.txt", ok(&[b'a'; 2001])),
            ],
        ),
        odd(
            "its manifest is not that of",
            true,
            &[("conanmanifest.txt", ok(fitting.as_bytes()))],
        ),
    ]
}

#[tokio::test]
async fn a_package_that_does_not_fit_is_a_warning_and_nothing_of_it_is_believed() {
    for Odd {
        answers,
        says,
        is_read_again,
    } in table()
    {
        let served_odd = answers.clone();
        let mut shelf = served();
        // Whatever it is called, its manifest is there.
        let own = both()[0].files["conanmanifest.txt"].clone();
        let path = shelf
            .keys()
            .find(|path| path.ends_with(&both()[0].file("conanmanifest.txt")));
        shelf.insert(path.expect("one").replace(REVISION, "0"), own);
        let wire = serve(shelf.clone(), move |seen, _| {
            let found = served_odd
                .iter()
                .find(|(path, _)| seen.path().ends_with(path.as_str()));
            found.map(|(_, answer)| vec![Act::Send(answer.clone())])
        });
        let reading = read(&wire).await.expect(says);
        assert_eq!(needs(&reading), ["base/[^1.0]", "zlib/1.3"], "{says}");
        let [warning] = &reading.warnings[..] else {
            panic!("{says}: {:?}", reading.warnings);
        };
        assert!(
            warning.contains(ID) && warning.contains(says),
            "{says}: {warning}"
        );
        assert_eq!(
            asked(&wire, &format!("{ID}/latest")),
            1 + usize::from(is_read_again),
            "{says}"
        );
        if is_read_again {
            let wire = serve(shelf, move |seen, count| {
                let is_list = seen.path().contains("search");
                let found = answers
                    .iter()
                    .find(|(path, _)| seen.path().ends_with(path.as_str()));
                let found = found.filter(|_| is_list || count == 0);
                found.map(|(_, answer)| vec![Act::Send(answer.clone())])
            });
            let reading = read(&wire).await.expect(says);
            assert_eq!(reading.warnings, [""; 0], "{says}");
            assert_eq!(needs(&reading).len(), 3, "{says}");
        }
    }
}

#[tokio::test]
async fn a_package_is_named_after_its_info_or_not_believed() {
    let other = Package::new("[requires]\nevil/6.6.6\n");
    // All of another package under this one's id: everything fits but the id.
    let mut package = other.clone();
    package.id = ID.to_owned();
    for info in [other.info.as_str(), BUILT] {
        package.info = info.to_owned();
        let wire = serve_well(shelf_with("/", &upload(), std::slice::from_ref(&package)));
        let reading = read(&wire).await.expect("a reading");
        assert_eq!(needs(&reading), ["base/[^1.0]"]);
        let says = format!("{:?}", reading.warnings);
        assert!(
            says.contains(ID) && says.contains("conaninfo.txt"),
            "{says}"
        );
    }
    // What is no id is not asked about.
    for id in ["..", "a/b", "", "0bad"] {
        package.id = id.to_owned();
        let wire = serve_well(shelf_with("/", &upload(), std::slice::from_ref(&package)));
        let reading = read(&wire).await.expect("a reading");
        assert_eq!(
            (needs(&reading).len(), reading.warnings.len()),
            (1, 1),
            "{id}"
        );
        assert_eq!(wire.seen().len(), 3, "{id}");
    }
}

#[tokio::test]
async fn a_package_that_went_since_it_was_listed_is_no_loss() {
    let built = &both()[0];
    for gone in [
        vec!["/latest".to_owned(), "/revisions".to_owned()],
        vec![built.file("conanmanifest.txt")],
    ] {
        let mut shelf = served();
        shelf.retain(|path, _| {
            !gone
                .iter()
                .any(|end| path.contains(ID) && path.ends_with(end))
        });
        let wire = serve_well(shelf);
        let reading = read(&wire).await.expect("a reading");
        assert_eq!(needs(&reading), ["base/[^1.0]", "zlib/1.3"]);
        assert_eq!(reading.warnings, [""; 0]);
    }
}

#[tokio::test]
async fn where_nobody_tells_the_latest_revision_the_list_of_them_does() {
    let mut shelf = served();
    shelf.retain(|path, _| !(path.contains("/packages/") && path.ends_with("/latest")));
    let wire = serve_well(shelf);
    let reading = read(&wire).await.expect("a reading");
    assert_eq!((needs(&reading).len(), reading.warnings.len()), (3, 0));
    assert_eq!(asked(&wire, ""), 6);
}

#[tokio::test]
async fn what_the_list_does_not_carry_is_asked_for() {
    let other = &both()[1];
    for listed in [
        serde_json::json!({ ID: {}, other.id.as_str(): null }),
        serde_json::json!({ ID: {"content": "[requires]\nevil/1"}, other.id.as_str(): {"content": 7} }),
    ] {
        let wire = serve(served(), move |seen, _| {
            let is_list = seen.path().contains("search");
            is_list.then(|| vec![Act::Send(ok(listed.to_string().as_bytes()))])
        });
        let reading = read(&wire).await.expect("a reading");
        assert_eq!(
            needs(&reading),
            ["base/[^1.0]", "zlib/1.3", "i2c-core/1.2.Z"]
        );
        assert_eq!(reading.warnings, [""; 0]);
        assert_eq!(asked(&wire, "conaninfo.txt"), 2);
    }
}

#[tokio::test]
async fn no_more_than_sixteen_packages_are_asked_about() {
    let package = |n| Package::new(&format!("[options]\nn={n}\n[requires]\np{n}/1.0\n"));
    let packages: Vec<_> = (0..40).map(package).collect();
    let wire = serve_well(shelf_with("/", &upload(), &packages));
    let reading = read(&wire).await.expect("a reading");
    assert_eq!((needs(&reading).len(), reading.warnings.len()), (17, 0));
    assert_eq!(asked(&wire, ""), 32);
    // Those first by their id, so that they are the same the next time.
    let mut ids: Vec<_> = packages
        .iter()
        .map(|one| package_id(one.info.as_bytes()))
        .collect();
    ids.sort_unstable();
    assert!(ids[..16].iter().all(|id| asked(&wire, id) == 2));
}

#[tokio::test]
async fn a_failure_that_may_pass_fails_the_reading() {
    for end in ["/latest", "/files/conanmanifest.txt"] {
        let wire = serve(served(), move |seen, _| {
            let is_it = seen.path().contains(ID) && seen.path().ends_with(end);
            is_it.then(|| vec![Act::Send(reply("503 Busy", &[], b""))])
        });
        let error = read(&wire).await.expect_err("503");
        assert!(matches!(error, SourceError::Upstream(_)), "{error:?}");
    }
}
