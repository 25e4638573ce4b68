//! Two APIs and two workers of one catalogue: a source has one run under way, and one to come
//! (fault 24).

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};
use weir_testkit::{Artifactory, Recipe, client::get, until};
use weir_tests::{
    Deployment,
    system::{ADMIN_TOKEN, SOON},
};

use super::source::artifactory;

const SYNC: &str = "/api/v1/sync";

async fn runs(deployment: &Deployment) -> Vec<Value> {
    let call = get(format!("{}{SYNC}", deployment.url(0))).bearer(ADMIN_TOKEN);
    let list = call.send().await.expect("an answer").json();
    list["data"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn those_who_ask_two_processes_at_once_share_two_runs() {
    let server = Artifactory::start(Recipe::crowd(8)).await;
    let gate = server.on("GET */latest").hold();
    let deployment = Deployment::start([], (2, 2)).await;
    let mut source = artifactory(&server);
    source["name"] = json!("parts");
    source["isInternal"] = json!(true);
    let made = deployment.post(0, "/-/registry", &source).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let asking = async || {
        let replies = (0..20).map(async |n| deployment.post(n % 2, SYNC, &json!({})).await);
        let ids = join_all(replies).await.into_iter().map(|reply| {
            assert_eq!(reply.status, 200, "{}", reply.text());
            let run = reply.json()["data"]["id"].clone();
            run.as_str().expect("an id").to_owned()
        });
        ids.collect::<BTreeSet<_>>()
    };
    let mut all = asking().await;
    gate.wait_for_arrivals(1).await;
    all.extend(asking().await);
    assert_eq!(all.len(), 2, "one under way, one to come");
    let listings = server.on("GET *conans/search*").count();
    assert_eq!(listings, 1, "nobody else has begun");
    gate.release();
    until("both to be over", SOON, async || {
        let runs = runs(&deployment).await;
        let are_over = runs.iter().all(|run| run["status"] == "success");
        (are_over && runs.len() == 2)
            .then_some(())
            .ok_or(format!("{runs:#?}"))
    })
    .await;
    assert_eq!(server.on("GET *conans/search*").count(), 2);
    let list = deployment.get(1, "/api/v1/packages").await.json();
    assert_eq!(list["pagination"]["total"], 8);
    deployment.end().await;
}
