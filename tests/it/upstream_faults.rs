//! What an upstream can do wrong: each fault has its state, its code and its line in the
//! log, and whatever was served before is served still, byte for byte.
//!
//! Every case mends itself: once the fault is over, the next wish brings what was missed.

use weir_testkit::{Fault, PackageSpec, StandIn, presets};
use weir_tests::{Status, System, Task, journal::assert_says};

/// The versions that are held before anything goes wrong.
const HELD: [&str; 3] = ["1.0.0", "1.0.1", "1.0.2"];

/// Returns a system that holds `a` with its three versions.
async fn holding(settings: &[(&str, &str)]) -> System {
    let mut builder = System::builder().packages([presets::history("a", 3, 20_000)]);
    builder = builder
        .setting("WEIR_TARBALLS", "all")
        .setting("WEIR_MAX_ATTEMPTS", "2");
    for (variable, value) in settings {
        builder = builder.setting(variable, value);
    }
    let system = builder.start().await;
    // A second edition, so that there is an older one.
    system.bring("a").await;
    system.upstream().deprecate("a", "1.0.0", "use 1.0.2");
    system.bring("a").await;
    system
}

fn publish(upstream: &StandIn) {
    upstream.publish("a", "1.1.0", |version| version.size(20_000));
}

/// What a fault comes to.
struct Expected {
    state: &'static str,
    code: &'static str,
    /// Level and a part of a line.
    says: (&'static str, &'static str),
    attempts: u64,
}

const fn error(code: &'static str, says: &'static str, attempts: u64) -> Expected {
    Expected {
        state: "error",
        code,
        says: ("ERROR", says),
        attempts,
    }
}

/// Lets every read of the packument meet `fault`, and sees what becomes of it.
async fn packument_meets(fault: Fault, expected: Expected) {
    let system = holding(&[]).await;
    publish(system.upstream());
    system.upstream().packument("a").always(fault);
    fails_and_mends(system, expected).await;
}

/// Asks for `a` while the fault lasts, compares what is served, ends the fault, asks again.
async fn fails_and_mends(system: System, expected: Expected) {
    let before = system.served("a", &HELD).await;
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_outcome(&system, &task, &status, &expected).await;
    assert_eq!(
        system.served("a", &HELD).await,
        before,
        "what was served is served still"
    );
    system.upstream().packument("a").clear();
    system.bring("a").await;
    assert_eq!(system.packument("a").await["dist-tags"]["latest"], "1.1.0");
    system.assert_tarball("a", "1.1.0").await;
    system.end().await;
}

async fn assert_outcome(system: &System, task: &Task, status: &Status, expected: &Expected) {
    let log = system.log(task).await;
    let told = (status.state(), status.error_code(), status.attempts());
    let wanted = (expected.state, expected.code, expected.attempts);
    assert_eq!(told, wanted, "{status:?}\n{log:#?}");
    assert_says(&log, expected.says.0, expected.says.1);
}

#[tokio::test]
async fn a_burst_of_500_is_waited_out() {
    let system = holding(&[]).await;
    publish(system.upstream());
    system.upstream().packument("a").once(Fault::status(500));
    let says = ("WARN", "500");
    let expected = Expected {
        state: "success",
        code: "",
        says,
        attempts: 2,
    };
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_outcome(&system, &task, &status, &expected).await;
    assert_says(&system.log(&task).await, "WARN", "next try in");
    system.assert_tarball("a", "1.1.0").await;
    system.end().await;
}

#[tokio::test]
async fn a_lasting_500_ends_after_its_attempts() {
    packument_meets(Fault::status(500), error("upstream_unavailable", "500", 2)).await;
}

#[tokio::test]
async fn a_429_is_obeyed_and_is_no_attempt() {
    let system = holding(&[]).await;
    publish(system.upstream());
    let before = system.served("a", &HELD).await;
    system.upstream().ledger().clear();
    system
        .upstream()
        .packument("a")
        .times(2, Fault::too_many_requests(1));
    let task = system.ask("a").await;
    let hold = system.upstream().packument("a");
    hold.wait_for_requests(1).await;
    assert_eq!(
        system.served("a", &HELD).await,
        before,
        "reads do not wait for upstream"
    );
    let status = system.finished(&task).await;
    let expected = Expected {
        state: "success",
        code: "",
        says: ("WARN", "429"),
        attempts: 1,
    };
    assert_outcome(&system, &task, &status, &expected).await;
    let asked: Vec<_> = system
        .upstream()
        .ledger()
        .entries()
        .iter()
        .map(|entry| entry.at)
        .collect();
    for pair in asked.windows(2).take(2) {
        let pause = pair[1].saturating_sub(pair[0]).as_millis();
        assert!(pause >= 1_000, "asked again after {pause} ms, not a second");
    }
    system.end().await;
}

#[tokio::test]
async fn a_truncated_packument_is_never_half_believed() {
    for fault in [Fault::Truncated, Fault::TruncatedChunked] {
        packument_meets(fault, error("upstream_unavailable", "/a", 2)).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_tried_again() {
    packument_meets(Fault::Dropped, error("upstream_unavailable", "/a", 2)).await;
}

#[tokio::test]
async fn an_upstream_that_hangs_does_not_hang_the_task() {
    for fault in [Fault::Hang, Fault::HangAfter(100)] {
        let settings = [("WEIR_SILENCE_SECS", "2"), ("WEIR_MAX_ATTEMPTS", "1")];
        let system = holding(&settings).await;
        publish(system.upstream());
        system.upstream().packument("a").always(fault);
        fails_and_mends(system, error("timeout", "no sign of life", 1)).await;
    }
}

#[tokio::test]
async fn a_web_page_is_no_packument() {
    packument_meets(Fault::html(), error("upstream_invalid", "HTML", 1)).await;
}

#[tokio::test]
async fn json_that_is_no_packument_is_refused() {
    for text in [
        "[]",
        "{}",
        "null",
        "{\"name\":\"a\",\"versions\":[]}",
        "{\"name\":\"a\",\"versions\":{\"1.0.0\":1}}",
    ] {
        packument_meets(
            Fault::json(text),
            error("upstream_invalid", "upstream_invalid", 1),
        )
        .await;
    }
}

#[tokio::test]
async fn a_packument_of_another_package_is_refused() {
    let fault = Fault::WrongName("b".to_owned());
    packument_meets(fault, error("upstream_invalid", "\"b\"", 1)).await;
}

#[tokio::test]
async fn a_packument_without_versions_deletes_nothing() {
    packument_meets(
        Fault::EmptyVersions,
        error("upstream_invalid", "no version", 1),
    )
    .await;
}

#[tokio::test]
async fn one_404_deletes_nothing() {
    packument_meets(Fault::not_found(), error("not_found", "/a", 1)).await;
}

#[tokio::test]
async fn a_package_that_never_was_is_not_found() {
    let system = holding(&[]).await;
    system.upstream().remove("nowhere");
    let task = system.ask("nowhere").await;
    let status = system.failed(&task, "not_found").await;
    assert_eq!(status.attempts(), 1);
    assert_says(&system.log(&task).await, "ERROR", "/nowhere");
    assert_eq!(system.get("/nowhere").await.status, 404);
    system.end().await;
}

#[tokio::test]
async fn an_older_document_than_ours_is_not_believed() {
    let system = holding(&[]).await;
    let before = system.served("a", &HELD).await;
    system.upstream().packument("a").always(Fault::Older);
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    let expected = error("stale_upstream", "older", status.attempts());
    assert_outcome(&system, &task, &status, &expected).await;
    assert_eq!(system.served("a", &HELD).await, before);
    system.upstream().packument("a").clear();
    publish(system.upstream());
    system.bring("a").await;
    system.assert_tarball("a", "1.1.0").await;
    system.end().await;
}

#[tokio::test]
async fn a_version_with_other_bytes_is_a_conflict_and_the_first_stays() {
    let system = holding(&[]).await;
    let before = system.served("a", &HELD).await;
    system.upstream().replace_bytes("a", "1.0.1");
    publish(system.upstream());
    let task = system.ask("a").await;
    let status = system.finished(&task).await;
    assert_eq!(
        status.state(),
        "success",
        "one bad version never fails a package: {status:?}"
    );
    assert!(
        status.warnings().iter().any(|text| text.contains("1.0.1")),
        "{status:?}"
    );
    assert_says(&system.log(&task).await, "WARN", "1.0.1");
    let kept = system.packument("a").await;
    let theirs = system.upstream().packument_of("a");
    let integrity =
        |packument: &serde_json::Value| packument["versions"]["1.0.1"]["dist"]["integrity"].clone();
    assert_ne!(
        integrity(&kept),
        integrity(&theirs),
        "the first bytes keep their integrity"
    );
    assert_eq!(tarballs(&system).await, tarballs_of(&before));
    system.assert_tarball("a", "1.1.0").await;
    system.end().await;
}

#[tokio::test]
async fn a_bad_tarball_spoils_its_version_and_nothing_else() {
    for fault in [Fault::Corrupt, Fault::html(), Fault::not_found()] {
        let system = holding(&[]).await;
        publish(system.upstream());
        system
            .upstream()
            .tarball("a", "1.1.0")
            .always(fault.clone());
        let task = system.ask("a").await;
        let status = system.finished(&task).await;
        let log = system.log(&task).await;
        assert_eq!(status.state(), "success", "{fault:?}: {status:?}\n{log:#?}");
        assert!(
            status.warnings().iter().any(|text| text.contains("1.1.0")),
            "{fault:?}: {status:?}"
        );
        assert_says(&log, "WARN", "1.1.0");
        spoils_nothing_else(system, &format!("{fault:?}")).await;
    }
}

#[tokio::test]
async fn a_tarball_that_never_comes_whole_spoils_nothing_else_after_all_attempts() {
    for (fault, says) in [(Fault::Truncated, "broke off"), (Fault::status(503), "503")] {
        let system = holding(&[]).await;
        publish(system.upstream());
        system
            .upstream()
            .tarball("a", "1.1.0")
            .always(fault.clone());
        let task = system.ask("a").await;
        let status = system.finished(&task).await;
        let log = system.log(&task).await;
        assert_eq!(status.state(), "success", "{fault:?}: {status:?}\n{log:#?}");
        assert_eq!(status.attempts(), 2, "{fault:?}");
        let warnings = status.warnings();
        assert!(
            warnings
                .iter()
                .any(|text| text.contains("1.1.0") && text.contains(says)),
            "{fault:?}: {status:?}"
        );
        assert_says(&log, "WARN", says);
        spoils_nothing_else(system, &format!("{fault:?}")).await;
    }
}

/// Sees that every other version is served, that the bad one never is as if it were right,
/// and that it comes once the fault is over.
async fn spoils_nothing_else(system: System, fault: &str) {
    for version in HELD {
        system.assert_tarball("a", version).await;
    }
    let reply = system.call("/a/-/a-1.1.0.tgz").send().await;
    // No answer at all is right too: the connection was cut.
    let status = reply.map_or(0, |reply| reply.status);
    assert_ne!(status, 200, "{fault}");
    system.upstream().tarball("a", "1.1.0").clear();
    system
        .bring_with("a", &serde_json::json!({ "force": true }))
        .await;
    system.assert_tarball("a", "1.1.0").await;
    system.end().await;
}

#[tokio::test]
async fn a_tarball_that_breaks_once_is_fetched_again() {
    for fault in [
        Fault::Corrupt,
        Fault::Truncated,
        Fault::status(503),
        Fault::Dropped,
    ] {
        let system = holding(&[]).await;
        publish(system.upstream());
        system.upstream().tarball("a", "1.1.0").once(fault.clone());
        system.bring("a").await;
        system.assert_tarball("a", "1.1.0").await;
        assert_eq!(
            system.upstream().tarball("a", "1.1.0").requests(),
            2,
            "{fault:?}"
        );
        system.end().await;
    }
}

#[tokio::test]
async fn a_lazy_tarball_is_never_served_wrong() {
    let package = || {
        PackageSpec::new("b")
            .version("1.0.0", |v| v.size(300_000))
            .version("1.0.1", |v| v)
    };
    for fault in [
        Fault::Corrupt,
        Fault::Truncated,
        Fault::html(),
        Fault::not_found(),
        Fault::status(500),
    ] {
        let system = System::start([package()]).await;
        system.bring("b").await;
        system
            .upstream()
            .tarball("b", "1.0.0")
            .always(fault.clone());
        let reply = system.call("/b/-/b-1.0.0.tgz").send().await;
        let theirs = system.upstream().tarball_of("b", "1.0.0").bytes;
        if let Ok(reply) = &reply {
            // A whole answer of status 200 would be a lie; a broken one is an error here.
            assert_ne!(reply.status, 200, "{fault:?}: {} bytes", reply.body.len());
            assert!(
                reply.status >= 500 || matches!(reply.status, 404 | 502),
                "{fault:?}: {}",
                reply.status
            );
        }
        system.upstream().tarball("b", "1.0.0").clear();
        let reply = system.tarball("b", "1.0.0").await;
        assert!(
            reply.status == 200 && reply.body == theirs,
            "{fault:?}: {}",
            reply.status
        );
        system.end().await;
    }
}

async fn tarballs(system: &System) -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    for version in HELD {
        bytes.push(system.tarball("a", version).await.body.to_vec());
    }
    bytes
}

fn tarballs_of(served: &weir_tests::system::Served) -> Vec<Vec<u8>> {
    served
        .tarballs
        .iter()
        .map(|(_, bytes)| bytes.clone())
        .collect()
}

#[tokio::test]
async fn an_upstream_that_is_gone_takes_nothing_along() {
    let mut system = holding(&[]).await;
    let before = system.served("a", &HELD).await;
    system.stop_upstream().await;
    let task = system.ask("a").await;
    let status = system.failed(&task, "upstream_unavailable").await;
    assert_eq!(status.attempts(), 2);
    assert_eq!(system.served("a", &HELD).await, before);
    system.end().await;
}
