//! What operators block: nobody gets it, brings it or hears of it upstream, in any process.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use weir_testkit::{TestDatabase, client::Reply, database, presets, until};
use weir_tests::{
    Deployment, System,
    command::{self, Said},
    system::{ADMIN_TOKEN, SOON},
};

/// What a change may take to be seen everywhere.
const BOUND: Duration = Duration::from_secs(1);

/// Everything that is read of a package whose newest version is 1.0.2.
fn reads(name: &str) -> [String; 6] {
    [
        format!("/{name}"),
        format!("/-/package/{name}/dist-tags"),
        format!("/{name}/latest"),
        format!("/{name}/1.0.2"),
        format!("/{name}/-/{name}-1.0.2.tgz"),
        format!("/downloads/point/last-day/{name}"),
    ]
}

/// Several processes, with what administrators ask of them.
struct Mirror(Deployment);

impl Mirror {
    async fn on(database: TestDatabase) -> Self {
        let packages = ["a", "b", "c"].map(|name| presets::history(name, 3, 2_000));
        Self(Deployment::on(database, packages, (2, 1)).await)
    }

    async fn bring(&self, name: &str) {
        let task = self.0.ask(0, name).await;
        self.0.succeeded(0, &task).await;
    }

    async fn send(&self, method: http::Method, path: &str, body: &Value) -> Reply {
        let call = weir_testkit::client::Call::new(method, format!("{}{path}", self.0.url(0)));
        let call = call.bearer(ADMIN_TOKEN).json(body);
        call.send().await.expect("answered")
    }

    async fn block(&self, what: &str) {
        let path = format!("/-/package/{what}");
        let reply = self
            .send(http::Method::PUT, &path, &json!({"reason": "why"}))
            .await;
        assert_eq!(reply.status, 201, "{}", reply.text());
    }

    async fn unblock(&self, what: &str) {
        let path = format!("/-/package/{what}");
        let reply = self.send(http::Method::DELETE, &path, &json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    async fn statuses(&self, api: usize, name: &str) -> Vec<u16> {
        let mut statuses = Vec::new();
        for path in reads(name) {
            statuses.push(self.0.get(api, &path).await.status);
        }
        statuses
    }

    /// Waits until every API answers so, and fails if that took longer than promised.
    async fn seen_by_all(&self, name: &str, expected: [u16; 6]) {
        let began = Instant::now();
        for api in 0..self.0.apis() {
            until("the change to be seen", BOUND, async || {
                let statuses = self.statuses(api, name).await;
                if statuses == expected {
                    Ok(())
                } else {
                    Err(format!("{statuses:?}"))
                }
            })
            .await;
        }
        assert!(began.elapsed() <= BOUND, "{:?}", began.elapsed());
    }

    async fn versions(&self, api: usize, name: &str) -> Vec<String> {
        let packument = self.0.get(api, &format!("/{name}")).await.json();
        let versions = packument["versions"].as_object().expect("versions");
        versions.keys().cloned().collect()
    }

    fn asked(&self) -> usize {
        self.0.upstream().ledger().entries().len()
    }
}

async fn a_package_is_blocked_everywhere(database: TestDatabase) {
    let mirror = Mirror::on(database).await;
    mirror.bring("a").await;
    for api in 0..2 {
        assert_eq!(mirror.statuses(api, "a").await, [200; 6]);
    }
    mirror.block("a/blocks").await;
    mirror.seen_by_all("a", [451; 6]).await;
    let found = mirror.0.get(1, "/-/v1/search?text=a").await.json();
    assert_eq!(found["total"], 0);
    let refused = mirror
        .send(http::Method::PUT, "/-/package/a/syncs", &json!({}))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.text());

    // A wish from before the block is not granted after it.
    let pause = mirror
        .0
        .post(0, "/-/admin/queues/sync_package/pause", &json!({}))
        .await;
    assert_eq!(pause.status, 200, "{}", pause.text());
    let task = mirror.0.ask(1, "b").await;
    mirror.block("b/blocks").await;
    // One that nobody has asked for yet, either.
    mirror.block("c/blocks").await;
    mirror.seen_by_all("b", [451; 6]).await;
    let before = mirror.asked();
    mirror
        .0
        .post(0, "/-/admin/queues/sync_package/resume", &json!({}))
        .await;
    let path = format!("/syncs/{}", task.id);
    until("the task to be over", SOON, async || {
        let shown = mirror.0.get(1, &path).await.json();
        if shown["state"] == "error" {
            Ok(())
        } else {
            Err(shown)
        }
    })
    .await;
    assert_eq!(mirror.0.get(1, &path).await.json()["errorCode"], "blocked");
    mirror.seen_by_all("c", [451; 6]).await;
    assert_eq!(
        mirror.asked(),
        before,
        "no upstream hears of what is blocked"
    );

    for name in ["a", "b", "c"] {
        mirror.unblock(&format!("{name}/blocks")).await;
    }
    mirror.seen_by_all("a", [200; 6]).await;
    mirror.bring("b").await;
    mirror.seen_by_all("b", [200; 6]).await;
    mirror.0.end().await;
}

async fn a_version_is_blocked_everywhere(database: TestDatabase) {
    let mirror = Mirror::on(database).await;
    mirror.bring("a").await;
    mirror.block("a/blocks/1.0.2").await;
    mirror
        .seen_by_all("a", [200, 200, 200, 451, 451, 200])
        .await;
    for api in 0..2 {
        assert_eq!(mirror.versions(api, "a").await, ["1.0.0", "1.0.1"]);
        let latest = mirror.0.get(api, "/a/latest").await.json();
        assert_eq!(latest["version"], "1.0.1");
    }
    // Nor does a sync bring it back, or one that was blocked before it was published.
    mirror.block("a/blocks/1.1.0").await;
    for version in ["1.0.3", "1.1.0"] {
        mirror.0.upstream().publish("a", version, |version| version);
    }
    mirror.bring("a").await;
    let expected = ["1.0.0", "1.0.1", "1.0.3"];
    until("the sync to be seen", BOUND, async || {
        mirror.versions(1, "a").await == expected
    })
    .await;
    mirror.bring("a").await;
    assert_eq!(mirror.versions(0, "a").await, expected);
    assert_eq!(mirror.0.get(0, "/a/1.1.0").await.status, 451);
    mirror.unblock("a/blocks/1.0.2").await;
    mirror.seen_by_all("a", [200; 6]).await;
    mirror.unblock("a/blocks/1.1.0").await;
    mirror.bring("a").await;
    until("the sync to be seen", BOUND, async || {
        mirror.versions(1, "a").await.len() == 5
    })
    .await;
    mirror.0.end().await;
}

#[tokio::test]
async fn a_package_is_blocked_in_every_process() {
    a_package_is_blocked_everywhere(TestDatabase::of_this_run().await).await;
}

#[tokio::test]
async fn a_package_is_blocked_in_every_process_on_postgres() {
    if let Some(database) = database::postgres_unless_skipped().await {
        a_package_is_blocked_everywhere(database).await;
    }
}

#[tokio::test]
async fn a_version_is_blocked_in_every_process() {
    a_version_is_blocked_everywhere(TestDatabase::of_this_run().await).await;
}

#[tokio::test]
async fn a_version_is_blocked_in_every_process_on_postgres() {
    if let Some(database) = database::postgres_unless_skipped().await {
        a_version_is_blocked_everywhere(database).await;
    }
}

async fn weir(system: &System, arguments: &[&str]) -> Said {
    command::run(&mut system.weir(arguments)).await
}

#[tokio::test]
async fn operators_block_unblock_and_read_the_trail_by_command() {
    let system = System::start([presets::history("a", 3, 2_000)]).await;
    system.bring("a").await;
    let said = weir(
        &system,
        &["block", "a@1.0.2", "@s/later", "--reason", "It does harm"],
    )
    .await;
    said.assert_success("weir block");
    assert_eq!(said.out, "a@1.0.2: blocked\n@s/later: blocked\n");
    assert_eq!(system.get("/a/1.0.2").await.status, 451);
    let refused = system.get("/@s/later").await;
    assert_eq!(refused.status, 451);
    assert!(
        refused.text().contains("It does harm (operator: admin/"),
        "{}",
        refused.text()
    );

    let said = weir(&system, &["audit", "--action", "block", "--limit", "10"]).await;
    said.assert_success("weir audit");
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines.len(), 2, "{said:?}");
    for (line, target) in lines.iter().zip(["@s/later", "a@1.0.2"]) {
        let rest = format!("Z  admin  127.0.0.1  block.set  {target}  It does harm (operator: ");
        assert!(line.contains(&rest), "{line}");
    }
    let said = weir(&system, &["audit", "--user", "nobody"]).await;
    assert_eq!(
        (said.code, said.err.contains("user: must be")),
        (1, true),
        "{said:?}"
    );

    let said = weir(&system, &["unblock", "a@1.0.2", "@s/later", "never"]).await;
    said.assert_success("weir unblock");
    assert_eq!(system.get("/a/1.0.2").await.status, 200);
    let said = weir(&system, &["block", "a"]).await;
    assert_eq!(
        (said.code, said.err.contains("--reason")),
        (2, true),
        "{said:?}"
    );
    let said = weir(
        &system,
        &["block", "a", "--reason", "x", "--token", "npm_nobody"],
    )
    .await;
    assert_eq!(said.code, 2, "{said:?}");
    system.end().await;
}
