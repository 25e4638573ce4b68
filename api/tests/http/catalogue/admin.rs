//! What administrators say of categories.

use http::Method;
use serde_json::{Value, json};

use super::{ask, json, put, server};
use crate::{
    catalogue::about,
    server::{ADMIN, ALICE, Server},
};

const TABLE: &str = "/-/admin/catalogue/categories";
const SHT30: &str = "/-/admin/catalogue/packages/sifli/sht30/categories";

async fn categories(server: &Server) -> Value {
    json(server, "/api/v1/packages/sht30").await["data"]["categories"].clone()
}

#[tokio::test]
async fn a_new_table_gives_every_package_its_categories_anew() {
    let server = server().await;
    for n in 0..250 {
        put(&server, &format!("p{n}/1.0@many"), about(&["sensor"]), 0).await;
    }
    let table = ask(&server, Method::GET, TABLE, (ADMIN, &Value::Null)).await;
    assert_eq!(
        (table.status, &table.json()["topics"]["tinyml"]),
        (200, &json!("AI_ML"))
    );
    let new = json!({"topics": {"Sensor": "measuring", "i2c": "bus"}});
    let set = ask(&server, Method::PUT, TABLE, (ADMIN, &new)).await;
    assert_eq!(
        (set.status, set.json()),
        (200, json!({"ok": true, "packages": 252}))
    );
    assert_eq!(categories(&server).await, json!(["MEASURING", "BUS"]));
    let counts = json(&server, "/api/v1/packages/stats/categories").await;
    assert_eq!(
        counts["data"],
        json!([
            {"category": "MEASURING", "name": "Measuring", "count": 251},
            {"category": "BUS", "name": "Bus", "count": 1},
            {"category": "UNCATEGORIZED", "name": "Uncategorized", "count": 1},
        ])
    );
    let kept = ask(&server, Method::GET, TABLE, (ADMIN, &Value::Null)).await;
    assert_eq!(
        kept.json(),
        json!({"topics": {"i2c": "BUS", "sensor": "MEASURING"}})
    );
    put(&server, "later/1.0@sifli", about(&["sensor"]), 0).await;
    let later = json(&server, "/api/v1/packages/later").await;
    assert_eq!(
        later["data"]["category"], "MEASURING",
        "what comes later goes by it too"
    );
}

#[tokio::test]
async fn what_is_said_of_a_package_stands_over_syncs_until_it_is_taken_back() {
    let server = server().await;
    let said = json!({"categories": ["audio", "ai-ml", "AUDIO"]});
    let set = ask(&server, Method::PUT, SHT30, (ADMIN, &said)).await;
    assert_eq!(
        (set.status, set.json()),
        (
            200,
            json!({"categories": ["AUDIO", "AI_ML"], "overridden": true})
        )
    );
    put(&server, "sht30/0.0.7@sifli", about(&["camera"]), 0).await;
    assert_eq!(categories(&server).await, json!(["AUDIO", "AI_ML"]));
    let reset = ask(&server, Method::DELETE, SHT30, (ADMIN, &Value::Null)).await;
    assert_eq!(
        reset.json(),
        json!({"categories": ["CAMERA"], "overridden": false})
    );
    assert_eq!(categories(&server).await, json!(["CAMERA"]));
    let trail = ask(
        &server,
        Method::GET,
        "/-/admin/audit",
        (ADMIN, &Value::Null),
    )
    .await;
    let event = |place: usize| {
        let event = trail.json()["data"][place].clone();
        [
            event["action"].clone(),
            event["target"].clone(),
            event["detail"].clone(),
        ]
    };
    assert_eq!(event(0), ["catalogue.reset", "sifli/sht30", "CAMERA"]);
    assert_eq!(
        event(1),
        ["catalogue.override", "sifli/sht30", "AUDIO, AI_ML"]
    );
}

#[tokio::test]
async fn what_is_no_table_and_no_category_is_refused() {
    let server = server().await;
    for (path, body, field) in [
        (TABLE, json!({}), "topics"),
        (TABLE, json!({"topics": ["a"]}), "topics"),
        (TABLE, json!({"topics": {"a": 1}}), "topics"),
        (TABLE, json!({"topics": {"": "A"}}), "topics"),
        (TABLE, json!({"topics": {"a": "ä, b"}}), "topics"),
        (SHT30, json!({}), "categories"),
        (SHT30, json!({"categories": "A"}), "categories"),
        (SHT30, json!({"categories": ["a,b"]}), "categories"),
        (SHT30, json!({"categories": vec!["A"; 17]}), "categories"),
    ] {
        let reply = ask(&server, Method::PUT, path, (ADMIN, &body)).await;
        assert_eq!(reply.status, 422, "{body}: {}", reply.text());
        assert!(
            reply.json()["reason"]
                .as_str()
                .expect("why")
                .starts_with(field),
            "{body}"
        );
    }
    let absent = SHT30.replace("sht30", "other");
    let said = json!({"categories": []});
    for method in [Method::PUT, Method::DELETE] {
        assert_eq!(
            ask(&server, method.clone(), &absent, (ADMIN, &said))
                .await
                .status,
            404
        );
        assert_eq!(
            ask(&server, method, SHT30, (ALICE, &said)).await.status,
            403
        );
    }
    assert_eq!(
        categories(&server).await,
        json!(["SENSOR"]),
        "nothing was changed"
    );
    let none = ask(&server, Method::PUT, SHT30, (ADMIN, &said)).await;
    assert_eq!(none.json()["categories"], json!(["UNCATEGORIZED"]));
}
