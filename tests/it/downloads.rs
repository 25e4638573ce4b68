//! Counts of downloads, from the setting to the answer.

use serde_json::json;
use weir_domain::{Clock, Day, SystemClock};
use weir_testkit::presets;
use weir_tests::System;

#[tokio::test]
async fn counts_are_copied_when_asked_for_and_served() {
    let mut system = System::start([presets::history("a", 1, 2_000)]).await;
    let refused = system
        .try_ask("a", &json!({"syncDownloadData": true}))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    system.stop_server().await;
    let counts = format!("{}/counts", system.upstream().url());
    system.set("WEIR_DOWNLOADS_URL", &counts);
    system.start_server().await;

    let yesterday = Day::of(SystemClock.now()).plus(-1);
    // When the made package was created.
    let mut first = Day::parse("2020-01-01").expect("a day");
    while first <= yesterday {
        let last = first.plus(364).min(yesterday);
        let path = format!("/counts/downloads/range/{first}:{last}/a");
        let body = json!({"downloads": [{"day": last.to_string(), "downloads": 7}]});
        let body = body.to_string();
        system.upstream().put_document(&path, Some(&body));
        first = last.plus(1);
    }
    system
        .bring_with("a", &json!({"syncDownloadData": true}))
        .await;
    let point = system.get("/downloads/point/last-week/a").await.json();
    assert_eq!(
        (&point["downloads"], &point["package"]),
        (&7.into(), &"a".into())
    );
    let range = system.get("/downloads/range/last-year/a").await.json();
    assert_eq!(range["downloads"].as_array().expect("days").len(), 365);
    system.end().await;
}
