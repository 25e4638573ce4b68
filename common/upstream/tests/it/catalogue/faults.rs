//! Servers that fail, lie, or are busy while a source is read.

use std::{thread, time::Duration};

use weir_domain::{Decision, Retryable, Timestamp, catalogue::Strategy};
use weir_upstream::{UpstreamError, catalogue::SourceError};

use super::shelf::{Upload, archive, artifactory, ok, plain, serve, shelf};
use crate::{
    setup::{fetch, gzip, upstreams},
    wire::{Act, head, reply},
};

fn upload() -> Upload {
    Upload::new("a/1.0@u", "  license = 'MIT'", "hello")
}

#[tokio::test]
async fn what_does_not_fit_is_read_again_and_then_refused() {
    let other = Upload::new("a/1.0@u", "  license = 'GPL-3.0'", "changed");
    let table = [
        ("conanmanifest.txt", ok(&other.files["conanmanifest.txt"])),
        ("conanfile.py", ok(&other.files["conanfile.py"])),
        ("conan_sources.tgz", ok(&other.files["conan_sources.tgz"])),
        ("conan_sources.tgz", ok(&archive(&[("OTHER.md", "hello")]))),
        ("conan_sources.tgz", ok(b"no archive")),
        (
            "conanfile.py",
            reply(
                "200 OK",
                &[("x-checksum-sha1", &"0".repeat(40))],
                &upload().files["conanfile.py"],
            ),
        ),
        (
            "conan_sources.tgz",
            reply(
                "200 OK",
                &[("x-checksum-sha256", &"0".repeat(64))],
                &upload().files["conan_sources.tgz"],
            ),
        ),
    ];
    for (name, answer) in table {
        for times in [1, 2] {
            let upload = upload();
            let answer = answer.clone();
            let wire = serve(shelf("/", &[&upload]), move |seen, count| {
                let is_odd = seen.path().ends_with(name) && count < times;
                is_odd.then(|| vec![Act::Send(answer.clone())])
            });
            let reading = plain(&wire)
                .source()
                .read(&upload.reference, &upload.stamp)
                .await;
            if times == 1 {
                assert_eq!(reading.expect(name).readme.as_deref(), Some("hello"));
            } else {
                let is_mismatch = matches!(reading, Err(SourceError::Mismatch { .. }));
                assert!(is_mismatch, "{name}: {reading:?}");
            }
        }
    }
}

#[tokio::test]
async fn right_checksums_are_accepted() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), move |seen, _| {
        seen.path().ends_with("conanmanifest.txt").then(|| {
            let bytes = &self::upload().files["conanmanifest.txt"];
            let digest = weir_domain::Digest::of(bytes).to_string();
            let headers = [
                ("x-checksum-sha256", digest.as_str()),
                ("x-checksum-sha1", "odd"),
            ];
            vec![Act::Send(reply("200 OK", &headers, bytes))]
        })
    });
    let reading = plain(&wire)
        .source()
        .read(&upload.reference, &upload.stamp)
        .await;
    reading.expect("as promised");
}

#[tokio::test]
async fn what_breaks_off_is_asked_for_again() {
    let upload = upload();
    let cut = |bytes: &[u8]| {
        let mut all = head("200 OK", &[], Some(bytes.len()));
        all.extend_from_slice(&bytes[..bytes.len() / 2]);
        vec![Act::Send(all)]
    };
    let wire = serve(shelf("/", &[&upload]), move |seen, count| {
        let file = ["conanfile.py", "conan_sources.tgz"]
            .into_iter()
            .find(|name| seen.path().ends_with(name));
        match (file, count) {
            (Some(name), 0) => Some(cut(&self::upload().files[name])),
            // Whole by its length, but no whole JSON: a server that failed while it wrote.
            (None, 0) if seen.path().contains("q=") => {
                Some(vec![Act::Send(ok(br#"{"results":["a/1"#))])
            }
            (None, 0) if seen.path().ends_with("latest") => {
                Some(vec![Act::Send(reply("503 Busy", &[], b"<html>"))])
            }
            _ => None,
        }
    });
    let source = plain(&wire).source();
    assert_eq!(source.list().await.expect("the second").found.len(), 1);
    source.look(&upload.reference).await.expect("the second");
    source
        .read(&upload.reference, &upload.stamp)
        .await
        .expect("the second");
    assert_eq!(source.spent().retries, 4);
}

#[tokio::test]
async fn what_always_fails_is_given_up_with_its_reason() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), |seen, _| {
        seen.path()
            .ends_with("latest")
            .then(|| vec![Act::Send(reply("500 No", &[], b""))])
    });
    let source = plain(&wire).source();
    let error = source.look(&upload.reference).await.expect_err("500");
    let SourceError::Upstream(UpstreamError::Failed { status: 500, .. }) = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(error.decision(), Decision::Retry(_)));
    assert_eq!((source.spent().requests, source.spent().retries), (4, 3));
}

#[tokio::test]
async fn a_web_page_is_never_an_answer() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), |_, _| {
        Some(vec![Act::Send(reply(
            "200 OK",
            &[("content-type", "text/html")],
            b" <html>sorry</html>",
        ))])
    });
    let source = plain(&wire).source();
    let errors = [
        source.list().await.expect_err("a page"),
        source.look(&upload.reference).await.expect_err("a page"),
        source
            .read(&upload.reference, &upload.stamp)
            .await
            .expect_err("a page"),
    ];
    for error in errors {
        assert!(matches!(error, SourceError::Invalid(_)), "{error:?}");
        assert!(error.to_string().contains("web page"), "{error}");
    }
}

#[tokio::test]
async fn who_asks_for_a_pause_gets_it() {
    let soon = Timestamp(Timestamp::default().0.max(now().0) + 2000).to_http_date();
    for header in ["1", soon.as_str()] {
        let (upload, value) = (upload(), header.to_owned());
        let wire = serve(shelf("/", &[&upload]), move |seen, count| {
            let is_busy = seen.path().ends_with("latest") && count == 0;
            let headers = [("retry-after", value.as_str())];
            is_busy.then(|| vec![Act::Send(reply("429 Slow down", &headers, b""))])
        });
        let plan = plain(&wire);
        let upstreams = upstreams(plan.config.clone());
        let source = upstreams.catalogue(&plan.registry, &plan.settings, None);
        let looked = source.look(&upload.reference).await.expect("the second");
        assert!(looked.is_some());
        assert_eq!(source.spent().retries, 1, "{header}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a server tells its own time")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(i64::try_from(since.expect("after 1970").as_millis()).expect("before long"))
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_not_waited_for_and_packages_go_on() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), |_, _| {
        Some(vec![Act::Send(reply(
            "429 Slow down",
            &[("retry-after", "600")],
            b"",
        ))])
    });
    let plan = plain(&wire);
    let upstreams = upstreams(plan.config.clone());
    let source = upstreams.catalogue(&plan.registry, &plan.settings, None);
    let error = source.look(&upload.reference).await.expect_err("busy");
    assert!(matches!(error.decision(), Decision::Wait(wait) if wait > Duration::from_secs(500)));
    assert_eq!(source.spent().requests, 1);
    // The catalogue alone leaves the host alone: for packages it is asked all the same.
    let npm = upstreams.registry(&plan.registry);
    let error = fetch(&npm, "a").await.expect_err("busy, by its own word");
    assert!(matches!(error, UpstreamError::Busy { .. }), "{error:?}");
    assert_eq!(wire.seen().len(), 2);
}

#[tokio::test]
async fn a_listing_is_waited_for_longer_than_anything_else() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), |_, _| {
        // Longer than the limit of everything else.
        thread::park_timeout(Duration::from_millis(1200));
        None
    });
    let mut plan = plain(&wire);
    plan.config.catalogue.retries = 0;
    let source = plan.source();
    assert_eq!(source.list().await.expect("in time").found.len(), 1);
    let error = source.look(&upload.reference).await.expect_err("too late");
    assert!(
        matches!(error, SourceError::Upstream(UpstreamError::TimedOut { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_listing_is_not_waited_for_for_ever() {
    let wire = serve(shelf("/", &[]), |_, _| {
        Some(vec![
            Act::Send(head("200 OK", &[], None)),
            Act::Drip(b' ', 20),
        ])
    });
    let mut plan = plain(&wire);
    let limit = Duration::from_millis(300);
    plan.config.catalogue.listing_total = limit;
    // Nothing else is to end it.
    plan.config.catalogue.listing.min_bytes_per_second = 0;
    let error = plan.source().list().await.expect_err("too long");
    let SourceError::Upstream(UpstreamError::TimedOut { limit: met, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(met, limit);
}

#[tokio::test]
async fn packed_answers_are_unpacked_within_bounds() {
    let upload = upload();
    let wire = serve(shelf("/", &[&upload]), |seen, _| {
        let body = match seen.path() {
            path if path.contains("q=") => br#"{"results":["a/1.0@u/_"]}"#.to_vec(),
            path if path.ends_with("conanfile.py") => self::upload().files["conanfile.py"].clone(),
            // Far more than a manifest may have, in a few kilobytes.
            path if path.ends_with("conanmanifest.txt") => vec![b'1'; 8 << 20],
            _ => return None,
        };
        let headers = [("content-encoding", "gzip")];
        Some(vec![Act::Send(reply("200 OK", &headers, &gzip(&body)))])
    });
    let source = plain(&wire).source();
    assert_eq!(source.list().await.expect("unpacked").found.len(), 1);
    let error = source.read(&upload.reference, &upload.stamp).await;
    assert!(matches!(error, Err(SourceError::TooLarge(_))), "{error:?}");
}

#[tokio::test]
async fn an_unreachable_source_says_so() {
    let wire = serve(shelf("/", &[]), |_, _| Some(Vec::new()));
    let error = artifactory(&wire, Strategy::Conan).source().prove().await;
    let error = error.expect_err("nobody there");
    assert!(
        matches!(
            error,
            SourceError::Upstream(UpstreamError::Unreachable { .. })
        ),
        "{error:?}"
    );
}
