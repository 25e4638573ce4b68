//! What lies in a recipe's archives: a README and `conandata.yml`, together or apart.

use weir_domain::{Digest, catalogue::SourceArchive};
use weir_upstream::catalogue::{Reading, SourceError};

use super::shelf::{Upload, ok, packed, plain, serve, serve_well, shelf};
use crate::wire::{Act, Seen, Wire, reply};

const DATA: &str = "sources:\n  \"1.0\":\n    url: https://registry.example/a-1.0.tgz\n    \
     sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n";

fn with(readme: &str, exports: &[(&str, &[u8])]) -> Upload {
    Upload::exporting("a/1.0@u", "  license = 'MIT'", readme, exports)
}

async fn read(wire: &Wire, upload: &Upload) -> Result<Reading, SourceError> {
    let source = plain(wire).source();
    source.read(&upload.reference, &upload.stamp).await
}

fn wanted() -> SourceArchive {
    SourceArchive {
        url: "https://registry.example/a-1.0.tgz".to_owned(),
        sha256: Some(Digest::of(b"foo")),
    }
}

fn asked(wire: &Wire, name: &str) -> usize {
    let is_it = |seen: &&Seen| seen.path().ends_with(name);
    wire.seen().iter().filter(is_it).count()
}

#[tokio::test]
async fn an_archive_is_fetched_once_for_all_that_lies_in_it() {
    let upload = with(
        "",
        &[("conandata.yml", DATA.as_bytes()), ("README.md", b"hello")],
    );
    let wire = serve_well(shelf("/", &[&upload]));
    let reading = read(&wire, &upload).await.expect("a reading");
    assert_eq!(reading.facts.sources, [wanted()]);
    assert_eq!(reading.readme.as_deref(), Some("hello"));
    assert_eq!(reading.warnings, [""; 0]);
    assert_eq!(asked(&wire, "conan_export.tgz"), 1);
    assert_eq!(asked(&wire, "conan_sources.tgz"), 0);
    let size: usize = upload.files.values().map(Vec::len).sum();
    assert_eq!(reading.facts.size_bytes, Some(size as u64));

    // A README among the sources lies in the other archive.
    let upload = with("hello", &[("conandata.yml", DATA.as_bytes())]);
    let wire = serve_well(shelf("/", &[&upload]));
    let reading = read(&wire, &upload).await.expect("a reading");
    assert_eq!(reading.facts.sources, [wanted()]);
    assert_eq!(reading.readme.as_deref(), Some("hello"));
    for archive in ["conan_export.tgz", "conan_sources.tgz"] {
        assert_eq!(asked(&wire, archive), 1);
    }
}

#[tokio::test]
async fn an_archive_of_which_nothing_is_wanted_is_not_fetched() {
    let upload = with("", &[("notes.txt", b"hello")]);
    let wire = serve_well(shelf("/", &[&upload]));
    let reading = read(&wire, &upload).await.expect("a reading");
    assert_eq!((reading.facts.sources, reading.readme), (vec![], None));
    assert_eq!(asked(&wire, ".tgz"), 0);
}

#[tokio::test]
async fn data_that_its_manifest_does_not_mean_is_not_believed() {
    let other = DATA.replace("a-1.0", "evil");
    let table = [
        ok(&packed(&[("conandata.yml", other.as_bytes())])),
        ok(&packed(&[("other.yml", DATA.as_bytes())])),
        ok(b"no archive"),
        reply(
            "200 OK",
            &[("x-checksum-sha1", &"0".repeat(40))],
            &packed(&[("conandata.yml", DATA.as_bytes())]),
        ),
    ];
    for answer in table {
        for times in [1, 2] {
            let (upload, answer) = (
                with("", &[("conandata.yml", DATA.as_bytes())]),
                answer.clone(),
            );
            let wire = serve(shelf("/", &[&upload]), move |seen, count| {
                let is_odd = seen.path().ends_with("conan_export.tgz") && count < times;
                is_odd.then(|| vec![Act::Send(answer.clone())])
            });
            let reading = read(&wire, &upload).await;
            if times == 1 {
                assert_eq!(reading.expect("the second").facts.sources, [wanted()]);
            } else {
                let is_mismatch = matches!(reading, Err(SourceError::Mismatch { .. }));
                assert!(is_mismatch, "{reading:?}");
            }
        }
    }
}

#[tokio::test]
async fn data_that_cannot_be_read_cost_the_sources_alone() {
    let large = DATA.to_owned() + &"#".repeat(2000);
    let table = [
        (large.as_bytes(), "too large"),
        (b"sources:\n\t1.0:\n", "no YAML"),
        (b"\xff\xfe", "UTF-8"),
        (
            b"sources:\n  \"1.0\": {url: 'ssh://registry.example/a'}\n",
            "URL",
        ),
        (
            b"x: &x\n  url: https://a.example\nsources:\n  \"1.0\": *x\n",
            "write",
        ),
    ];
    for (data, says) in table {
        let upload = with("", &[("conandata.yml", data), ("README.md", b"hello")]);
        let wire = serve_well(shelf("/", &[&upload]));
        let reading = read(&wire, &upload).await.expect(says);
        assert_eq!(reading.facts.licenses, ["MIT"], "{says}");
        assert_eq!(reading.facts.sources, [], "{says}");
        assert_eq!(reading.readme.as_deref(), Some("hello"), "{says}");
        let [warning] = &reading.warnings[..] else {
            panic!("{says}: {:?}", reading.warnings);
        };
        assert!(
            warning.contains("conandata.yml") && warning.contains(says),
            "{warning}"
        );
    }
    // The archive is not there, or is one that is not unpacked.
    let upload = with("", &[("conandata.yml", DATA.as_bytes())]);
    let mut shelf = shelf("/", &[&upload]);
    shelf.retain(|path, _| !path.ends_with("conan_export.tgz"));
    let reading = read(&serve_well(shelf), &upload)
        .await
        .expect("all the same");
    assert_eq!((reading.facts.sources, reading.warnings.len()), (vec![], 1));
}
