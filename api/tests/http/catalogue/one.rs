//! One package, in all the ways it can be asked for.

use serde_json::json;
use weir_domain::{Digest, catalogue::SourceArchive};

use super::{about, json, put, server, texts};

const PACKAGES: &str = "/api/v1/packages";

#[tokio::test]
async fn a_package_is_found_however_its_name_is_written() {
    let server = server().await;
    for path in [
        "sht30",
        "sifli/sht30",
        "@sifli/sht30",
        "sifli%2Fsht30",
        "sifli%2fsht30",
        "%40sifli%2Fsht30",
        "sht30@sifli",
        "sht30%40sifli",
    ] {
        let found = json(&server, &format!("{PACKAGES}/{path}")).await;
        assert_eq!(found["data"]["id"], "sifli/sht30", "{path}");
    }
    for path in [
        "sht31",
        "sht30@other",
        "other/sht30",
        "sifli%2Fother",
        "SHT30",
        "sht30%00",
        "%ff",
        "..%2fsht30",
        "sht30/other",
    ] {
        let reply = server.fetch(&format!("{PACKAGES}/{path}")).await;
        assert_eq!(
            (reply.status, &reply.json()["statusCode"]),
            (404, &json!(404)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_package_is_shown_as_the_contract_says() {
    let server = server().await;
    let mut facts = about(&["sensor", "i2c"]);
    facts.author = Some("Somebody".to_owned());
    facts.support_sdk_version = Some("^2.4".to_owned());
    facts.size_bytes = Some(5_120);
    facts.dependencies = serde_json::from_value(json!([
        {"name": "i2c-core", "namespace": "sifli", "requirement": "[^1.0]", "kind": "requires"},
        {"name": "base", "requirement": "1.0", "kind": "python_requires"},
    ]))
    .expect("dependencies");
    put(&server, "sht30/1.0.0-rc.1@sifli", facts, 43).await;
    let data = json(&server, &format!("{PACKAGES}/sht30")).await["data"].clone();
    let revision = "4a2d0ade6cafa410b7711d4fbc226dd6";
    let line = |place: usize, version: &str, size: Option<u64>| {
        let created_at = &data["versions"][place]["createdAt"];
        assert!(created_at.is_string());
        json!({"version": version, "revision": revision, "size": size, "createdAt": created_at, "yanked": false})
    };
    let expected = json!({
        "name": "sht30", "namespace": "sifli", "latestVersion": "1.0.0-rc.1", "id": "sifli/sht30",
        "fullName": "sifli/sht30", "reference": "sht30/1.0.0-rc.1@sifli",
        "latestStableVersion": "0.0.5", "description": "Reads humidity and temperature",
        "license": "Apache-2.0", "licenses": ["Apache-2.0"], "author": "Somebody",
        "homepage": null, "repository": null, "topics": ["sensor", "i2c"],
        "categories": ["SENSOR"], "category": "SENSOR", "supportSdkVersion": "^2.4",
        "packageType": "library",
        "dependencies": [
            {"name": "i2c-core", "namespace": "sifli", "requirement": "[^1.0]", "kind": "requires"},
            {"name": "base", "namespace": null, "requirement": "1.0", "kind": "python_requires"},
        ],
        "downloads": {"total": 85, "lastDownloadedAt": null}, "versionsCount": 3,
        "versions": [
            line(0, "1.0.0-rc.1", Some(5_120)), line(1, "0.0.5", None), line(2, "0.0.4", None),
        ],
        "versionsUrl": "/api/v1/packages/sifli/sht30/versions",
        "install": "sht30/1.0.0-rc.1@sifli",
        "readmeUrl": "/api/v1/packages/sifli/sht30/readme", "alternatives": [],
        "createdAt": data["createdAt"], "updatedAt": data["updatedAt"],
        "syncedAt": data["syncedAt"], "omitted": [],
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn a_bare_name_means_the_official_package_and_names_the_others() {
    let server = server().await;
    put(&server, "sht30/9.0@caisong123", about(&[]), 1_000).await;
    put(&server, "sht30/8.0", about(&[]), 500).await;
    let found = json(&server, &format!("{PACKAGES}/sht30")).await;
    assert_eq!(found["data"]["id"], "sifli/sht30");
    assert_eq!(
        found["data"]["alternatives"],
        json!(["caisong123/sht30", "_/sht30"])
    );
    let other = json(&server, &format!("{PACKAGES}/caisong123/sht30")).await;
    assert_eq!(other["data"]["alternatives"], json!([]));
    for path in ["_/sht30", "_%2Fsht30", "sht30@_"] {
        let nobodys = json(&server, &format!("{PACKAGES}/{path}")).await;
        assert_eq!(nobodys["data"]["fullName"], "sht30");
        assert_eq!(nobodys["data"]["reference"], "sht30/8.0");
    }
}

#[tokio::test]
async fn words_of_ours_are_names_too() {
    let server = server().await;
    for name in ["versions", "readme", "stats", "categories"] {
        put(&server, &format!("{name}/1.0@sifli"), about(&[]), 0).await;
    }
    put(&server, "categories/1.0@stats", about(&[]), 1).await;
    for (path, id) in [
        ("versions", "sifli/versions"),
        ("readme", "sifli/readme"),
        ("stats", "sifli/stats"),
        ("sifli/stats", "sifli/stats"),
        ("sifli/categories", "sifli/categories"),
        ("sifli%2Fversions", "sifli/versions"),
        ("sifli%2Freadme", "sifli/readme"),
        ("versions@sifli", "sifli/versions"),
        ("stats%2Fcategories", "stats/categories"),
        ("stats/nothing", ""),
    ] {
        let reply = server.fetch(&format!("{PACKAGES}/{path}")).await;
        assert_eq!(
            reply.json()["data"]["id"].as_str().unwrap_or_default(),
            id,
            "{path}"
        );
    }
    for (path, version) in [
        ("sifli/versions/versions", "1.0"),
        ("sifli/readme/versions", "1.0"),
        ("readme/versions", "1.0"),
        ("sht30/versions", "0.0.5"),
    ] {
        let list = json(&server, &format!("{PACKAGES}/{path}")).await;
        assert_eq!(texts(&list, "version")[0], version, "{path}");
    }
    for path in [
        "sifli/versions/readme",
        "versions/readme",
        "sifli%2Freadme/readme",
    ] {
        assert_eq!(
            server.fetch(&format!("{PACKAGES}/{path}")).await.status,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn versions_are_paged_the_highest_first() {
    let server = server().await;
    for minor in 0..5 {
        put(&server, &format!("sht30/0.{minor}.10@sifli"), about(&[]), 0).await;
    }
    let first = server
        .fetch(&format!("{PACKAGES}/sht30/versions?limit=4"))
        .await;
    let page = first.json();
    assert_eq!(
        texts(&page, "version"),
        ["0.4.10", "0.3.10", "0.2.10", "0.1.10"]
    );
    assert_eq!(page["data"][0]["reference"], "sht30/0.4.10@sifli");
    assert_eq!(
        (
            &page["pagination"]["total"],
            &page["pagination"]["totalPages"]
        ),
        (&json!(7), &json!(2))
    );
    let next = server.url("/api/v1/packages/sifli/sht30/versions?page=2&limit=4");
    assert_eq!(first.header("link"), format!("<{next}>; rel=\"next\""));
    let second = json(
        &server,
        &format!("{PACKAGES}/sifli/sht30/versions?page=2&limit=4"),
    )
    .await;
    assert_eq!(texts(&second, "version"), ["0.0.10", "0.0.5", "0.0.4"]);
}

#[tokio::test]
async fn versions_say_where_their_sources_lie_and_the_package_does_not() {
    let server = server().await;
    let archive = |host: &str, sha256| SourceArchive {
        url: format!("https://{host}.example/ov2640-0.1.0.tar.gz"),
        sha256,
    };
    let mut facts = about(&["driver"]);
    facts.sources = vec![
        archive("registry", Some(Digest::of(b"foo"))),
        archive("mirror", None),
    ];
    put(&server, "ov2640/0.1.0@caisong123", facts, 0).await;
    let page = json(&server, &format!("{PACKAGES}/ov2640/versions")).await;
    let sources = |place: usize| page["data"][place]["sources"].clone();
    let wanted = json!([
        { "url": "https://registry.example/ov2640-0.1.0.tar.gz",
          "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" },
        { "url": "https://mirror.example/ov2640-0.1.0.tar.gz", "sha256": null },
    ]);
    assert_eq!((sources(0), sources(1)), (wanted, json!([])));
    let detail = server.fetch(&format!("{PACKAGES}/ov2640")).await;
    assert!(detail.text().contains("0.1.0"));
    assert!(!detail.text().contains("sources"), "{}", detail.text());
}

#[tokio::test]
async fn a_readme_is_plain_text() {
    let server = server().await;
    for path in ["sht30", "sifli/sht30", "sifli%2Fsht30"] {
        let reply = server.fetch(&format!("{PACKAGES}/{path}/readme")).await;
        assert_eq!(
            (reply.status, reply.text()),
            (200, "# sht30/0.0.5@sifli\n温湿度\n")
        );
        assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    }
    server
        .meddle("UPDATE catalogue_versions SET readme = NULL")
        .await;
    let none = server.fetch(&format!("{PACKAGES}/sht30/readme")).await;
    assert_eq!(
        (none.status, &none.json()["statusCode"]),
        (404, &json!(404))
    );
}
