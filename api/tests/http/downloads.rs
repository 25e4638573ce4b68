//! `/downloads/…`: sums and days of what an upstream counted.

use serde_json::json;
use weir_domain::{Clock, Day, SystemClock};
use weir_store::download_counts;

use crate::{packages::package, server::Server};

/// A server of `@s/n`, downloaded 10 times yesterday and 5 times a week ago.
async fn counting() -> (Server, Day) {
    let server = Server::start().await;
    let made = package("@s/n").version("1.0.0", "x").publish(&server).await;
    let yesterday = Day::of(SystemClock.now()).plus(-1);
    let counts = vec![(yesterday, 10), (yesterday.plus(-7), 5)];
    let put = server
        .content
        .db
        .write(move |tx| Box::pin(async move { download_counts::put(tx, made.id, &counts).await }));
    put.await.expect("counted");
    (server, yesterday)
}

#[tokio::test]
async fn a_period_is_summed_by_every_spelling_of_the_name() {
    let (server, yesterday) = counting().await;
    let day = yesterday.to_string();
    for (period, sum) in [
        ("last-day", 10),
        ("last-week", 10),
        ("last-month", 15),
        ("last-year", 15),
        (day.as_str(), 10),
        ("2020-01-01", 0),
    ] {
        for name in ["@s/n", "@s%2fn", "%40s/n"] {
            let path = format!("/downloads/point/{period}/{name}");
            let reply = server.fetch(&path).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!(reply.json()["downloads"], sum, "{path}");
            assert_eq!(reply.json()["package"], "@s/n");
        }
    }
    let reply = server.fetch("/downloads/point/last-day/@s/n").await;
    let expected = json!({"downloads": 10, "start": day, "end": day, "package": "@s/n"});
    assert_eq!(reply.json(), expected);
}

#[tokio::test]
async fn each_day_of_a_period_is_listed_also_those_of_which_nothing_is_known() {
    let (server, yesterday) = counting().await;
    let (first, last) = (yesterday.plus(-1), yesterday);
    for period in [format!("{first}:{last}"), format!("{last}:{first}")] {
        let reply = server
            .fetch(&format!("/downloads/range/{period}/@s/n"))
            .await;
        let expected = json!({
            "start": first.to_string(),
            "end": last.to_string(),
            "package": "@s/n",
            "downloads": [
                {"downloads": 0, "day": first.to_string()},
                {"downloads": 10, "day": last.to_string()},
            ],
        });
        assert_eq!(reply.json(), expected);
    }
}

#[tokio::test]
async fn what_is_no_period_is_422_and_what_is_no_package_404() {
    let (server, _) = counting().await;
    for period in [
        "today",
        "2026-02-30",
        "2020-01-01:2026-01-01",
        "last-day:last-week",
    ] {
        for what in ["point", "range"] {
            let reply = server
                .fetch(&format!("/downloads/{what}/{period}/@s/n"))
                .await;
            assert_eq!(reply.status, 422, "{period}: {}", reply.text());
            assert!(reply.text().contains("period: must be"), "{}", reply.text());
        }
    }
    for name in ["nobody", "@s/other", ".bad"] {
        let reply = server
            .fetch(&format!("/downloads/point/last-day/{name}"))
            .await;
        assert_eq!(reply.status, 404, "{name}: {}", reply.text());
    }
}
