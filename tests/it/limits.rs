//! Shares and tickets as operators set them up: real processes, several of them, a proxy in
//! front.

use std::time::{Duration, Instant};

use futures::future::join_all;
use http::Method;
use serde_json::json;
use weir_testkit::{client::Call, presets, until};
use weir_tests::{Deployment, System, command, system::ADMIN_TOKEN};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn behind_a_proxy_each_address_has_its_share_and_the_wait_is_true() {
    let system = System::builder()
        .setting("WEIR_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
        .setting("WEIR_LIMIT_SEARCH", "30/min burst 3")
        .start()
        .await;
    let search = async |forwarded: &str| {
        let call = system.call("/-/v1/search?text=a");
        let call = call.header("x-forwarded-for", forwarded);
        call.send().await.expect("an answer")
    };
    for _ in 0..3 {
        assert_eq!(search("1.1.1.1, 198.51.100.1").await.status, 200);
    }
    let refused = search("1.1.1.2, 198.51.100.1, 10.0.0.7").await;
    let told = Instant::now();
    assert_eq!(refused.status, 429, "{}", refused.text());
    let seconds = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=2).contains(&seconds), "{seconds}");
    assert_eq!(search("198.51.100.2").await.status, 200, "another's own");
    until("the wait to be over", SOON, async || {
        told.elapsed() >= Duration::from_secs(seconds)
    })
    .await;
    assert_eq!(search("198.51.100.1").await.status, 200, "as was told");
    system.end().await;
}

#[tokio::test]
async fn a_network_that_is_none_is_refused_in_one_line() {
    let mut serve = command::weir(&["serve", "--trusted-proxies", "10.0.0.0/8,proxy.example"]);
    let said = command::run(&mut serve).await;
    assert_eq!(said.code, 2, "{said:?}");
    let line = "trusted_proxies = 10.0.0.0/8,proxy.example (flag --trusted-proxies): expected \
                one or more IP addresses or networks such as 10.0.0.0/8, separated by commas";
    assert!(said.err.contains(line), "{said:?}");
    assert_eq!(said.err.trim_end().lines().count(), 1, "{said:?}");
}

#[tokio::test]
async fn a_ticket_of_one_process_is_used_once_among_all() {
    let mut deployment = Deployment::start([presets::history("a", 1, 100)], (2, 1)).await;
    // The other limits of these processes are those of everybody.
    deployment.set("WEIR_LIMIT_LOGS", "1/min burst 2");
    deployment.start_api().await;
    let task = deployment.ask(0, "a").await;
    deployment.succeeded(0, &task).await;
    let path = format!("/syncs/{}/log", task.id);
    for _ in 0..3 {
        let asked = format!("/syncs/{}/ticket", task.id);
        let made = deployment.post(0, &asked, &json!({})).await.json();
        let ticket = made["ticket"].as_str().expect("a text");
        let path = format!("{path}?follow=true&ticket={ticket}");
        let readers = (0..10).map(|n| deployment.get(n % 2, &path));
        let mut statuses: Vec<_> = join_all(readers).await;
        statuses.sort_by_key(|reply| reply.status);
        assert!(
            statuses[0].text().contains(" INFO "),
            "{}",
            statuses[0].text()
        );
        assert!(statuses[1..].iter().all(|reply| reply.status == 401));
    }
    let statuses = [
        deployment.get(2, &path).await.status,
        deployment.get(2, &path).await.status,
        deployment.get(2, &path).await.status,
    ];
    assert_eq!(statuses, [200, 200, 429], "a process of its own settings");
    let log = Call::new(Method::GET, format!("{}{path}", deployment.url(2)));
    let log = log.bearer(ADMIN_TOKEN).send().await.expect("an answer");
    assert_eq!(log.status, 200);
    deployment.end().await;
}
