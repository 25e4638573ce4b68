//! One package from the wish to the served bytes: task, log, versions, options.

use serde_json::{Value, json};
use weir_testkit::{PackageSpec, StandIn, client, presets};
use weir_tests::{
    System,
    journal::{self, assert_says},
    packument::{assert_mirrors, assert_whole},
    system::decoded,
};

/// Returns a package with five versions and the default dist-tag only.
fn five() -> PackageSpec {
    presets::history("five", 5, 3_000)
}

/// Counts upstream answers with this status to reads of a packument.
fn packuments_answered(upstream: &StandIn, name: &str, status: u16) -> usize {
    let what = format!("packument {name}");
    upstream
        .ledger()
        .count(|entry| entry.wanted.to_string() == what && entry.status == status)
}

#[tokio::test]
async fn a_package_is_asked_for_followed_and_read() {
    let system = System::start([five()]).await;
    let hold = system.upstream().packument("five").hold();
    let reply = system.try_ask("five", &json!({})).await;
    assert_eq!(reply.status, 201);
    let accepted = reply.json();
    assert_eq!(
        (&accepted["ok"], &accepted["type"]),
        (&json!(true), &json!("package"))
    );
    assert!(["waiting", "processing"].contains(&accepted["state"].as_str().unwrap_or_default()));
    let id = accepted["id"].as_str().expect("an id").to_owned();
    let task = weir_tests::Task {
        name: "five".to_owned(),
        id: id.clone(),
    };

    hold.wait_for_arrivals(1).await;
    let running = system.status(&task).await;
    assert_eq!(running.state(), "processing");
    assert_eq!(running.0["finishedAt"], Value::Null);
    let log_url = running.0["logUrl"]
        .as_str()
        .expect("a status names its log");
    assert!(log_url.starts_with(&system.url()), "{log_url}");

    let followed =
        client::get(format!("{log_url}?follow=true")).bearer(weir_tests::system::ADMIN_TOKEN);
    let followed = tokio::join!(followed.send(), async { hold.release() }).0;
    let followed = followed.expect("a followed log ends with its task");
    let status = system.succeeded(&task).await;
    assert_eq!(followed.text(), system.log_text(&task).await);

    assert_eq!((status.attempts(), status.error_code()), (1, ""));
    let times = ["createdAt", "startedAt", "finishedAt"]
        .map(|field| status.0[field].as_str().map(str::to_owned));
    assert!(
        times.iter().all(Option::is_some) && times.is_sorted(),
        "{status:?}"
    );
    assert_eq!(status.0["progress"]["versionsTotal"], 5, "{status:?}");
    assert_eq!(status.0["progress"]["versionsDone"], 5, "{status:?}");
    let log = system.log(&task).await;
    assert_says(&log, "INFO", "1.0.4");
    assert!(log.iter().all(|line| line.level == "INFO"), "{log:#?}");

    let theirs = system.upstream().packument_of("five");
    assert_mirrors(&system.packument("five").await, &theirs, &system.url());
    assert_whole(&system.abbreviated("five").await, &system.url());
    for version in ["1.0.0", "1.0.4"] {
        system.assert_tarball("five", version).await;
    }
    system.end().await;
}

#[tokio::test]
async fn the_older_pair_of_routes_does_the_same() {
    let system = System::start([five()]).await;
    let reply = system
        .put("/five/sync?nodeps=true")
        .send()
        .await
        .expect("an answer");
    assert_eq!(reply.status, 201, "{}", reply.text());
    let accepted = reply.json();
    assert_eq!(accepted["ok"], true);
    let id = accepted["logId"].as_str().expect("a log's id");
    let task = weir_tests::Task {
        name: "five".to_owned(),
        id: id.to_owned(),
    };
    system.succeeded(&task).await;

    let reply = system.get_as_admin(&format!("/five/sync/log/{id}")).await;
    assert_eq!(reply.status, 200);
    let shown = reply.json();
    assert_eq!(
        (&shown["ok"], &shown["syncDone"]),
        (&json!(true), &json!(true))
    );
    let log = system.log_text(&task).await;
    assert_eq!(shown["log"], log.as_str());
    assert!(
        shown["logUrl"].as_str().is_some_and(|url| url.contains(id)),
        "{shown:#}"
    );
    let rest = system
        .get_as_admin(&format!("/five/sync/log/{id}?offset=2"))
        .await
        .json();
    let expected: String = log.split_inclusive('\n').skip(2).collect();
    assert_eq!(rest["log"], expected.as_str());
    system.end().await;
}

#[tokio::test]
async fn a_log_is_read_in_parts_by_line_and_by_byte() {
    let system = System::start([five()]).await;
    let task = system.ask("five").await;
    system.succeeded(&task).await;
    let whole = system.log_text(&task).await;
    let lines: Vec<_> = whole.split_inclusive('\n').collect();
    assert!(lines.len() >= 3, "{whole}");
    let path = format!("/-/package/five/syncs/{}/log", task.id);
    for skipped in 0..=lines.len() {
        let part = system
            .get_as_admin(&format!("{path}?offset={skipped}"))
            .await;
        assert_eq!(part.text(), lines[skipped..].concat(), "offset {skipped}");
    }
    let tail = system.get_as_admin(&format!("{path}?tail=2")).await;
    assert_eq!(tail.text(), lines[lines.len() - 2..].concat());
    let part = system.call(&path).bearer(weir_tests::system::ADMIN_TOKEN);
    let part = part
        .header("range", "bytes=5-24")
        .send()
        .await
        .expect("an answer");
    assert_eq!((part.status, part.text()), (206, &whole[5..25]));
    assert_eq!(
        system
            .get_as_admin(&format!("/syncs/{}/log", task.id))
            .await
            .text(),
        whole
    );
    system.end().await;
}

#[tokio::test]
async fn every_version_is_listed_and_only_what_a_tag_names_is_held() {
    let five = five().tag("old", "1.0.1");
    let system = System::start([five]).await;
    system.bring("five").await;
    let upstream = system.upstream();
    let fetched = |version| upstream.tarball("five", version).requests();
    assert_eq!(
        (
            fetched("1.0.4"),
            fetched("1.0.1"),
            upstream.ledger().tarballs()
        ),
        (1, 1, 2)
    );
    let listed = system.packument("five").await;
    assert_eq!(
        listed["versions"].as_object().map(serde_json::Map::len),
        Some(5)
    );

    for _ in 0..3 {
        system.assert_tarball("five", "1.0.2").await;
        system.assert_tarball("five", "1.0.4").await;
    }
    assert_eq!(
        (fetched("1.0.2"), fetched("1.0.4")),
        (1, 1),
        "a tarball is fetched once"
    );
    system.end().await;
}

#[tokio::test]
async fn all_tarballs_or_none_are_held_as_the_setting_says() {
    for (setting, expected) in [("all", 5), ("requested", 0)] {
        let builder = System::builder()
            .packages([five()])
            .setting("WEIR_TARBALLS", setting);
        let system = builder.start().await;
        system.bring("five").await;
        assert_eq!(system.upstream().ledger().tarballs(), expected, "{setting}");
        system.end().await;
    }
}

#[tokio::test]
async fn a_wish_for_versions_adds_their_tarballs_and_takes_nothing_away() {
    let system = System::start([five()]).await;
    let wished = json!({ "specificVersions": ["1.0.0", "1.0.2"] });
    system.bring_with("five", &wished).await;
    assert_eq!(system.upstream().ledger().tarballs(), 3);
    let as_text = json!({ "specificVersions": "[\"1.0.1\"]" });
    system.bring_with("five", &as_text).await;
    assert_eq!(system.upstream().tarball("five", "1.0.1").requests(), 1);
    assert_eq!(system.upstream().ledger().tarballs(), 4);
    let listed = system.packument("five").await;
    assert_eq!(
        listed["versions"].as_object().map(serde_json::Map::len),
        Some(5)
    );
    system.end().await;
}

#[tokio::test]
async fn an_unchanged_package_is_not_read_again_unless_forced() {
    let system = System::start([five()]).await;
    system.bring("five").await;
    let before = system.served("five", &["1.0.4"]).await;
    system.bring("five").await;
    let upstream = system.upstream();
    assert_eq!(
        packuments_answered(upstream, "five", 304),
        1,
        "asked with validators"
    );
    assert_eq!(packuments_answered(upstream, "five", 200), 1);
    system.bring_with("five", &json!({ "force": true })).await;
    assert_eq!(
        packuments_answered(upstream, "five", 200),
        2,
        "force reads it all"
    );
    assert_eq!(
        upstream.ledger().tarballs(),
        1,
        "and fetches nothing that is held"
    );
    assert_eq!(system.served("five", &["1.0.4"]).await, before);
    system.end().await;
}

#[tokio::test]
async fn the_whole_history_is_fetched_and_verified_on_demand() {
    let system = System::start([five()]).await;
    system.bring("five").await;
    let task = system
        .ask_with("five", &json!({ "forceSyncHistory": true }))
        .await;
    system.succeeded(&task).await;
    for version in ["1.0.0", "1.0.1", "1.0.2", "1.0.3"] {
        assert_eq!(
            system.upstream().tarball("five", version).requests(),
            1,
            "{version}"
        );
    }
    assert_eq!(
        system.upstream().tarball("five", "1.0.4").requests(),
        2,
        "held, and read again"
    );
    assert_says(&system.log(&task).await, "INFO", "1.0.0");
    system.end().await;
}

#[tokio::test]
async fn a_changed_package_is_shown_as_it_is_now() {
    let system = System::start([five()]).await;
    system.bring("five").await;
    let upstream = system.upstream();
    upstream.publish("five", "1.1.0", |version| {
        version.size(500).dependency("five", "^1.0.0")
    });
    upstream.set_tag("five", "beta", "1.0.3");
    upstream.deprecate("five", "1.0.0", "use 1.1.0");
    upstream.change("five", |five| {
        five.readme("# Other\n").root_field("homepage", "\"x\"")
    });
    system.bring("five").await;
    let ours = system.packument("five").await;
    assert_mirrors(&ours, &upstream.packument_of("five"), &system.url());
    assert_eq!(
        ours["dist-tags"],
        json!({ "latest": "1.1.0", "beta": "1.0.3" })
    );
    assert_eq!(ours["versions"]["1.0.0"]["deprecated"], "use 1.1.0");
    let short = system.abbreviated("five").await;
    assert_eq!(short["versions"]["1.0.0"]["deprecated"], "use 1.1.0");
    assert_eq!(short["dist-tags"], ours["dist-tags"]);
    system.assert_tarball("five", "1.1.0").await;
    system.end().await;
}

#[tokio::test]
async fn a_packument_is_one_document_in_every_encoding_and_form() {
    let system = System::start([five()]).await;
    system.bring("five").await;
    let mut tags = Vec::new();
    for accept in ["application/json", weir_tests::system::ABBREVIATED] {
        let call = |encoding: &str| {
            let call = system.call("/five").header("accept", accept);
            call.header("accept-encoding", encoding).send()
        };
        let (plain, gzip) = (
            call("identity").await.unwrap(),
            call("gzip, deflate").await.unwrap(),
        );
        assert_eq!(gzip.header("content-encoding"), "gzip");
        assert_eq!(decoded(&plain), decoded(&gzip));
        assert_eq!(plain.header("etag"), gzip.header("etag"));
        assert_eq!(plain.header("content-length"), plain.body.len().to_string());
        assert!(
            plain.header("etag").starts_with("W/\""),
            "{}",
            plain.header("etag")
        );
        let known = system.call("/five").header("accept", accept);
        let known = known
            .header("if-none-match", plain.header("etag"))
            .send()
            .await
            .unwrap();
        assert_eq!((known.status, known.body.len()), (304, 0));
        let head = client::Call::new(http::Method::HEAD, format!("{}/five", system.url()));
        let head = head.header("accept", accept).send().await.unwrap();
        assert_eq!(
            (head.status, head.header("etag")),
            (200, plain.header("etag"))
        );
        tags.push(plain.header("etag").to_owned());
    }
    assert_ne!(tags[0], tags[1], "each form has a tag of its own");
    system.end().await;
}

#[tokio::test]
async fn names_of_every_age_are_mirrored_under_every_spelling() {
    let names = ["JSONStream", "@scope/part", "with.dots_and-dashes", "a"];
    let system = System::start(names.map(|name| presets::history(name, 2, 100))).await;
    for name in names {
        system.bring(name).await;
        let theirs = system.upstream().packument_of(name);
        assert_mirrors(&system.packument(name).await, &theirs, &system.url());
        system.assert_tarball(name, "1.0.1").await;
    }
    for spelling in [
        "/@scope/part",
        "/@scope%2fpart",
        "/@scope%2Fpart",
        "/%40scope%2Fpart",
        "/%40scope/part",
    ] {
        assert_eq!(
            system.get(spelling).await.json()["name"],
            "@scope/part",
            "{spelling}"
        );
    }
    for path in [
        "/@scope/part/-/part-1.0.0.tgz",
        "/@scope%2fpart/-/part-1.0.0.tgz",
        "/@scope/part/-/@scope/part-1.0.0.tgz",
    ] {
        let reply = system.get(path).await;
        let theirs = system.upstream().tarball_of("@scope/part", "1.0.0").bytes;
        assert!(
            reply.status == 200 && reply.body == theirs,
            "{path}: {}",
            reply.status
        );
    }
    system.end().await;
}

#[tokio::test]
async fn real_packuments_come_out_as_they_went_in() {
    let fixtures = weir_testkit::fixtures::folder();
    let builder = System::builder().upstream(|upstream| upstream.fixtures(&fixtures));
    let system = builder.setting("WEIR_TARBALLS", "requested").start().await;
    let all = weir_testkit::fixtures::read(&fixtures);
    assert!(all.len() >= 10, "{} fixtures", all.len());
    for (name, text) in all {
        let theirs: Value = serde_json::from_str(&text).unwrap();
        let task = system
            .ask_with(&name, &json!({ "skipDependencies": true }))
            .await;
        let status = system.finished(&task).await;
        if theirs["versions"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
        {
            assert_eq!(
                status.state(),
                "error",
                "{name} has no versions: {status:?}"
            );
            continue;
        }
        assert_eq!(status.state(), "success", "{name}: {status:?}");
        let theirs = system.upstream().packument_of(&name);
        assert_mirrors(&system.packument(&name).await, &theirs, &system.url());
    }
    system.end().await;
}

#[tokio::test]
async fn lists_show_every_task_and_what_became_of_it() {
    let system = System::start([five(), presets::history("six", 1, 0)]).await;
    let six = system.ask_with("six", &json!({ "tips": "please" })).await;
    system.succeeded(&six).await;
    let five = system.ask("five").await;
    system.succeeded(&five).await;
    let list = system.get_as_admin("/syncs").await.json();
    let targets: Vec<_> = list["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|t| t["target"].clone())
        .collect();
    assert_eq!(targets, ["five", "six"], "newest first: {list:#}");
    assert_eq!(list["counts"]["success"], 2, "{list:#}");
    let chosen = system
        .get_as_admin("/syncs?target=six&state=success")
        .await
        .json();
    assert_eq!(chosen["data"][0]["id"], six.id.as_str(), "{chosen:#}");
    let item = system
        .get_as_admin(&format!("/syncs/{}", six.id))
        .await
        .json();
    assert_eq!(
        (&item["target"], &item["state"]),
        (&json!("six"), &json!("success")),
        "{item:#}"
    );
    assert!(item["report"].is_object(), "{item:#}");
    let text = system.get_as_admin(&format!("/syncs/{}/log", six.id)).await;
    journal::assert_in_order(&journal::read(text.text()));
    system.end().await;
}
