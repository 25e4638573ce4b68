//! Whole documents: order of fields, what is ours, `time`, failures, compression.

use std::io::{self, Write};

use serde_json::{Value, json};
use weir_domain::{PublicBase, Version};

use super::{Package, base, raw_value};
use crate::{Form, RenderError, Rendering, gzip_writer, inflate, render, weak_etag};

const ONE: &str = r#"{"name":"@s/a","version":"1.0.0","x":[1, 2],"dist":{"tarball":"https://up.example/a.tgz","npm-signature":"old"},"scripts":{"install":"make"}}"#;
const TWO: &str = r#"{"version":"1.1.0","dist":{"attestations":{"url":"https://up.example/-/npm/v1/attestations/@s%2fa@1.1.0"},"tarball":"https://up.example/b.tgz"},"name":"@s/a"}"#;

fn package() -> Package {
    let mut package = Package::of("@s/a", &[("1.0.0", ONE), ("1.1.0", TWO)]);
    let tag = |text| Version::parse(text).expect("a version");
    package.dist_tags = [("latest".to_owned(), tag("1.1.0"))].into();
    let time = ["created", "modified", "1.0.0", "1.1.0"];
    package.time = time
        .map(|key| (key.to_owned(), "2020-01-01T00:00:00.000Z".to_owned()))
        .into();
    package.root = vec![
        ("readme".to_owned(), raw_value(r##""# a \/ b""##)),
        ("versions".to_owned(), raw_value("{}")),
        ("_attachments".to_owned(), raw_value("{}")),
        ("odd".to_owned(), raw_value("[1,  1e2]")),
    ];
    package
}

#[test]
fn the_full_form_is_upstreams_text_with_our_head_and_urls() {
    let (_, bytes) = package().render(Form::Full, &base());
    let one = ONE.replace(
        "https://up.example/a.tgz",
        "https://mirror.example/npm/@s/a/-/a-1.0.0.tgz",
    );
    let two = TWO
        .replace(
            "https://up.example/b.tgz",
            "https://mirror.example/npm/@s/a/-/a-1.1.0.tgz",
        )
        .replace("https://up.example/-/", "https://mirror.example/npm/-/");
    let expected = [
        r#"{"_id":"@s/a","_rev":"7-weir","name":"@s/a","dist-tags":{"latest":"1.1.0"},"#,
        &format!(r#""versions":{{"1.0.0":{one},"1.1.0":{two}}},"#),
        r#""time":{"1.0.0":"2020-01-01T00:00:00.000Z","1.1.0":"2020-01-01T00:00:00.000Z","#,
        r#""created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z"},"#,
        r##""readme":"# a \/ b","odd":[1,  1e2]}"##,
    ];
    assert_eq!(String::from_utf8(bytes).expect("text"), expected.concat());
}

#[test]
fn the_abbreviated_form_is_what_an_installer_needs() {
    let expected = json!({
        "name": "@s/a",
        "modified": "2023-11-14T22:13:20.000Z",
        "dist-tags": {"latest": "1.1.0"},
        "time": package().time,
        "versions": {
            "1.0.0": {
                "name": "@s/a", "version": "1.0.0", "hasInstallScript": true,
                "dist": {
                    "tarball": "https://mirror.example/npm/@s/a/-/a-1.0.0.tgz",
                    "npm-signature": "old",
                },
            },
            "1.1.0": {
                "name": "@s/a", "version": "1.1.0",
                "dist": {
                    "tarball": "https://mirror.example/npm/@s/a/-/a-1.1.0.tgz",
                    "attestations": {
                        "url": "https://mirror.example/npm/-/npm/v1/attestations/@s%2fa@1.1.0",
                    },
                },
            },
        },
    });
    assert_eq!(package().json(Form::Abbreviated), expected);
}

#[test]
fn a_time_that_lacks_a_version_is_left_out_of_the_abbreviated_form() {
    let mut package = package();
    package.time.remove("1.0.0");
    assert_eq!(package.json(Form::Abbreviated).get("time"), None);
    assert_eq!(package.json(Form::Full)["time"], json!(package.time));
    package.time.clear();
    assert_eq!(package.json(Form::Full).get("time"), None);
    // Versions that are no longer listed do no harm.
    let mut package = self::package();
    package.time.insert("0.9.0".to_owned(), "then".to_owned());
    assert_eq!(package.json(Form::Abbreviated)["time"], json!(package.time));
}

#[test]
fn of_a_root_field_given_twice_the_last_counts() {
    let mut package = package();
    package
        .root
        .push(("readme".to_owned(), raw_value("\"new\"")));
    let (_, bytes) = package.render(Form::Full, &base());
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(text.matches("\"readme\"").count(), 1);
    assert_eq!(package.json(Form::Full)["readme"], "new");
}

#[test]
fn a_package_without_versions_is_still_a_document() {
    let package = Package::of("a", &[]);
    for form in Form::ALL {
        assert_eq!(package.json(form)["versions"], json!({}));
    }
}

#[test]
fn both_forms_can_be_fed_in_one_pass() {
    let package = package();
    let head = package.head();
    let (mut full, mut short) = (Vec::new(), Vec::new());
    let begin = |form, out| Rendering::begin(form, &head, &base(), out).expect("memory");
    let mut both = [
        begin(Form::Full, &mut full),
        begin(Form::Abbreviated, &mut short),
    ];
    for (version, manifest) in &package.versions {
        for rendering in &mut both {
            rendering.add(version, manifest).expect("memory");
        }
    }
    let etags = both.map(|rendering| rendering.finish(&head).expect("memory"));
    assert_eq!(
        package.render(Form::Full, &base()),
        (etags[0].clone(), full)
    );
    assert_eq!(
        package.render(Form::Abbreviated, &base()),
        (etags[1].clone(), short)
    );
}

#[test]
fn the_etag_is_weak_and_belongs_to_form_and_base_whatever_the_encoding() {
    let package = package();
    let etag = |form, base: &PublicBase| package.render(form, base).0.etag;
    let other = PublicBase::parse("https://mirror.example").expect("a base");
    assert_eq!(etag(Form::Full, &base()), etag(Form::Full, &base()));
    assert_ne!(etag(Form::Full, &base()), etag(Form::Abbreviated, &base()));
    assert_ne!(etag(Form::Full, &base()), etag(Form::Full, &other));
    let (rendered, bytes) = package.render(Form::Full, &base());
    assert!(rendered.etag.starts_with("W/\"") && rendered.etag.len() == 36);
    assert_eq!(rendered.etag, weak_etag(&bytes));

    let mut gzip = gzip_writer(Vec::new());
    let versions = package.versions.iter().cloned().map(Ok::<_, io::Error>);
    let head = package.head();
    let zipped = render(Form::Full, &head, versions, &base(), &mut gzip).expect("memory");
    assert_eq!(zipped, rendered);
    assert_eq!(
        inflate(&gzip.finish().expect("memory")).expect("gzip"),
        bytes
    );
}

#[test]
fn failures_name_their_side() {
    let package = package();
    let head = package.head();
    let broken = [Err("the database went away")];
    let error = render(Form::Full, &head, broken.into_iter(), &base(), io::sink());
    assert!(matches!(
        error,
        Err(RenderError::Versions("the database went away"))
    ));

    let versions = package.versions.iter().cloned().map(Ok::<_, io::Error>);
    let error = render(Form::Full, &head, versions, &base(), Full).expect_err("no room");
    assert!(matches!(error, RenderError::Write(_)));

    let (version, mut manifest) = package.versions[0].clone();
    manifest.raw.truncate(manifest.raw.len() - 1);
    let cut = [Ok::<_, io::Error>((version, manifest))];
    let error = render(
        Form::Abbreviated,
        &head,
        cut.into_iter(),
        &base(),
        io::sink(),
    );
    let error = error.expect_err("cut");
    assert_eq!(
        error.to_string(),
        "cannot render the stored manifest of version 1.0.0"
    );
}

#[test]
fn names_and_tags_are_escaped() {
    let mut package = Package::of("a", &[]);
    let tag = "quote\" and \u{7}".to_owned();
    let version = Version::parse("1.0.0").expect("a version");
    package.dist_tags.insert(tag.clone(), version);
    package.root.push((tag.clone(), raw_value("1")));
    let json: Value = package.json(Form::Full);
    assert_eq!(json["dist-tags"][&tag], "1.0.0");
    assert_eq!(json[&tag], 1);
}

/// A disk without room.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
