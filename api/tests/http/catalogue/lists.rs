//! Lists: shapes, filters, orders, pages, and what is refused.

use serde_json::json;
use weir_api::Settings;
use weir_config::{Allowance, Shares};

use super::{about, json, put, server, texts};
use crate::server::{Server, plain};

const LIST: &str = "/api/v1/packages";

#[tokio::test]
async fn a_list_has_the_shape_that_the_contract_says() {
    let server = server().await;
    let reply = server.fetch(&format!("{LIST}?search=sht30")).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/json; charset=utf-8")
    );
    assert!(reply.text().starts_with(r#"{"data":[{"id":"sifli/sht30","name":"sht30","namespace":"sifli","latestVersion":"0.0.5","#));
    let page = reply.json();
    let item = &page["data"][0];
    assert_eq!(
        item,
        &json!({
            "id": "sifli/sht30", "name": "sht30", "namespace": "sifli", "latestVersion": "0.0.5",
            "description": "Reads humidity and temperature", "license": "Apache-2.0",
            "topics": ["sensor", "i2c"], "categories": ["SENSOR"], "category": "SENSOR",
            "downloads": 42, "versionsCount": 2,
            "createdAt": item["createdAt"], "updatedAt": item["updatedAt"],
        })
    );
    assert_eq!(
        page["pagination"],
        json!({"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": false, "hasPrev": false})
    );
    assert_eq!(reply.header("link"), "");
}

#[tokio::test]
async fn filters_and_orders_choose() {
    let server = server().await;
    put(&server, "tflite-cmsis/1.0", about(&["ai"]), 9).await;
    let mut base = about(&["sensor"]);
    base.package_type = Some("python-require".to_owned());
    put(&server, "sf-pkg-base/1.0.0@sifli", base, 99).await;
    let (sht30, ov2640, tflite) = ("sifli/sht30", "caisong123/ov2640", "_/tflite-cmsis");
    for (query, wanted) in [
        ("", &[ov2640, sht30, tflite][..]),
        ("?search=", &[ov2640, sht30, tflite]),
        ("?search=%20%09&category=&topic=", &[ov2640, sht30, tflite]),
        ("?order=desc", &[tflite, sht30, ov2640]),
        ("?sort=downloads", &[sht30, tflite, ov2640]),
        ("?sort=downloads&order=asc", &[ov2640, tflite, sht30]),
        ("?sort=created&order=asc", &[sht30, ov2640, tflite]),
        ("?sort=updated", &[tflite, ov2640, sht30]),
        ("?sort=relevance", &[ov2640, sht30, tflite]),
        ("?category=sensor", &[sht30]),
        ("?category=CAMERA", &[ov2640]),
        ("?category=AI_ML", &[tflite]),
        ("?category=NOTHING_OF_OURS", &[]),
        ("?topic=Driver", &[ov2640]),
        ("?license=apache-2.0&namespace=sifli", &[sht30]),
        ("?search=sifli%2Fsht30", &[sht30]),
        ("?search=%E6%B9%BF", &[]),
        ("?search=humidity%20camera", &[ov2640]),
        ("?page=2&limit=2", &[tflite]),
        ("?page=3&limit=2", &[]),
        ("?page=18446744073709551615&limit=100", &[]),
        ("?unknown=1", &[ov2640, sht30, tflite]),
    ] {
        let page = json(&server, &format!("{LIST}{query}")).await;
        assert_eq!(texts(&page, "id"), wanted, "{query}");
    }
}

#[tokio::test]
async fn pages_lead_to_each_other() {
    let server = server().await;
    let first = server
        .fetch(&format!("{LIST}?limit=1&sort=name&search=e"))
        .await;
    let next = server.url(&format!("{LIST}?page=2&limit=1&search=e&sort=name"));
    assert_eq!(first.header("link"), format!("<{next}>; rel=\"next\""));
    let pagination = &first.json()["pagination"];
    assert_eq!(
        (&pagination["total"], &pagination["hasNext"]),
        (&json!(2), &json!(true))
    );
    let next = next
        .strip_prefix(&server.url(""))
        .expect("of this server")
        .to_owned();
    let second = server.fetch(&next).await;
    assert_eq!(texts(&second.json(), "name"), ["sht30"]);
    assert!(
        second
            .header("link")
            .ends_with("page=1&limit=1&search=e&sort=name>; rel=\"prev\"")
    );
}

#[tokio::test]
async fn everything_that_is_wrong_is_named() {
    let server = server().await;
    let long = "x".repeat(201);
    for (query, fields) in [
        ("page=0&limit=101", &["limit", "page"][..]),
        ("page=-1&limit=0", &["limit", "page"]),
        ("page=one&limit=", &["limit", "page"]),
        ("page=1.5&limit=%20", &["limit", "page"]),
        ("limit=99999999999999999999999", &["limit"]),
        ("sort=size&order=up", &["order", "sort"]),
        (&format!("search={long}&topic={long}"), &["search", "topic"]),
    ] {
        let reply = server.fetch(&format!("{LIST}?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
        let body = reply.json();
        assert_eq!(body["statusCode"], 400);
        let details = body["details"].as_object().expect("details");
        assert_eq!(details.keys().collect::<Vec<_>>(), fields, "{query}");
    }
    for limit in [1, 100] {
        json(&server, &format!("{LIST}?limit={limit}")).await;
    }
    let versions = server
        .fetch(&format!("{LIST}/sht30/versions?page=0&limit=101"))
        .await;
    let details = versions.json()["details"].clone();
    assert_eq!(
        (
            versions.status,
            details.as_object().map(serde_json::Map::len)
        ),
        (400, Some(2))
    );
}

#[tokio::test]
async fn categories_are_counted() {
    let server = server().await;
    let counts = json(&server, &format!("{LIST}/stats/categories")).await;
    assert_eq!(
        counts,
        json!({
            "data": [
                {"category": "CAMERA", "name": "Camera", "count": 1},
                {"category": "DRIVER", "name": "Driver", "count": 1},
                {"category": "SENSOR", "name": "Sensor", "count": 1},
            ],
            "total": 2, "totalCategories": 3, "lastSyncedAt": null,
        })
    );
}

#[tokio::test]
async fn what_a_caller_has_is_not_sent_again() {
    let server = server().await;
    for path in [
        "",
        "/stats/categories",
        "/sht30",
        "/sifli/sht30/versions",
        "/sht30/readme",
    ] {
        let path = format!("{LIST}{path}");
        let first = server.fetch(&path).await;
        assert_eq!(
            first.header("cache-control"),
            "public, max-age=0, must-revalidate"
        );
        let etag = first.header("etag").to_owned();
        let again = async || {
            let call = server.get(&path).header("if-none-match", &etag);
            call.send().await.expect("answered")
        };
        let same = again().await;
        assert_eq!(
            (same.status, same.body.len(), same.header("etag")),
            (304, 0, &etag[..]),
            "{path}"
        );
        let mut facts = about(&["sensor"]);
        facts.description = Some(path.clone());
        put(&server, "sht30/0.0.6@sifli", facts.clone(), 50).await;
        if !path.contains("readme") && !path.contains("stats") {
            facts.topics.clear();
            assert_eq!(again().await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn only_who_searches_has_a_share_to_spend() {
    let search = Some(Allowance {
        per_minute: 1,
        burst: 2,
    });
    let shares = Shares {
        search,
        ..Shares::default()
    };
    let server = Server::with(Settings { shares, ..plain() }).await;
    put(&server, "sht30/0.0.4@sifli", about(&["sensor"]), 0).await;
    let search = format!("{LIST}?search=sht30");
    for _ in 0..2 {
        json(&server, &search).await;
    }
    let refused = server.fetch(&search).await;
    assert_eq!(
        (refused.status, &refused.json()["statusCode"]),
        (429, &json!(429))
    );
    assert!(refused.header("retry-after").parse::<u32>().is_ok());
    for path in [
        "",
        "?search=",
        "?category=SENSOR",
        "/sht30",
        "/sht30/readme",
        "/stats/categories",
    ] {
        for _ in 0..5 {
            json_or_text(&server, &format!("{LIST}{path}")).await;
        }
    }
}

async fn json_or_text(server: &Server, path: &str) {
    assert_eq!(server.fetch(path).await.status, 200, "{path}");
}

#[tokio::test]
async fn nobody_needs_a_token_and_a_bad_one_is_refused() {
    let server = server().await;
    for path in ["", "/sht30", "/sifli/sht30", "/stats/categories"] {
        let call = server.get(&format!("{LIST}{path}")).bearer("npm_of-nobody");
        let reply = call.send().await.expect("answered");
        assert_eq!(
            (reply.status, &reply.json()["statusCode"]),
            (401, &json!(401)),
            "{path}"
        );
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}
