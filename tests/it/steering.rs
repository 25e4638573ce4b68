//! Syncs as their callers steer them: withdrawn, repeated, asked for once, waited for, watched.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use weir_testkit::{
    Fault, PackageSpec,
    client::{Call, Reply},
    presets, until,
};
use weir_tests::{
    Status, System, Task, command,
    journal::assert_says,
    system::{ADMIN_TOKEN, SOON},
};

async fn call(system: &System, method: http::Method, path: &str) -> Reply {
    let call = Call::new(method, format!("{}{path}", system.url()));
    call.bearer(ADMIN_TOKEN).send().await.expect("an answer")
}

async fn system_with_short_leases(packages: impl IntoIterator<Item = PackageSpec>) -> System {
    let builder = System::builder().packages(packages);
    let builder = builder.setting("WEIR_LEASE_SECS", "3");
    builder.setting("WEIR_SWEEP_SECS", "2").start().await
}

#[tokio::test]
async fn a_running_sync_is_cancelled_within_a_heartbeat() {
    let packages = [
        presets::history("long", 2, 1_000),
        presets::history("next", 1, 100),
    ];
    let system = system_with_short_leases(packages).await;
    let hold = system.upstream().tarball("long", "1.0.1").hold();
    let task = system.ask("long").await;
    hold.wait_for_arrivals(1).await;
    let path = format!("/-/package/long/syncs/{}", task.id);
    let told = call(&system, http::Method::DELETE, &path).await;
    assert_eq!(
        (told.status, told.json()),
        (200, json!({"ok": true, "state": "processing"}))
    );
    // The upstream still holds its answer back: the run stops all the same.
    let status = system.failed(&task, "cancelled").await;
    assert_eq!(status.attempts(), 1);
    assert_says(
        &system.log(&task).await,
        "WARN",
        "Cancelled by an administrator",
    );
    assert_eq!(call(&system, http::Method::DELETE, &path).await.status, 409);
    hold.release();
    system.bring("long").await;
    system.end().await;
}

#[tokio::test]
async fn a_cancelled_root_takes_what_it_led_to_along() {
    let app = PackageSpec::new("app").version("1.0.0", |version| {
        version.dependency("slow", "*").dependency("quick", "*")
    });
    let leaf = |name| presets::history(name, 1, 100);
    let system = system_with_short_leases([app, leaf("slow"), leaf("quick")]).await;
    let hold = system.upstream().packument("slow").hold();
    let task = system.ask("app").await;
    hold.wait_for_arrivals(1).await;
    until("the rest to be done", SOON, async || {
        let status = system.status(&task).await;
        status.is_final() && status.children("success") == 1
    })
    .await;
    let said = command::run(&mut system.weir(&["cancel", &task.id])).await;
    said.assert_success("weir cancel");
    assert!(said.out.contains("what it led to is cancelled"), "{said:?}");
    let status = system.finished(&task).await;
    let children = (status.children("success"), status.children("error"));
    assert_eq!((status.state(), children), ("success", (1, 1)));
    let list = system.get_as_admin("/syncs?code=cancelled").await.json();
    assert_eq!(list["data"][0]["target"], "slow", "{list:#}");
    hold.release();
    system.end().await;
}

#[tokio::test]
async fn what_failed_is_repeated_by_name_and_in_bulk() {
    let names = ["one", "two", "three"];
    let system = System::start(names.map(|name| presets::history(name, 1, 100))).await;
    for name in names {
        system.upstream().packument(name).always(Fault::not_found());
    }
    let mut failed = Vec::new();
    for name in names {
        let task = system.ask(name).await;
        system.failed(&task, "not_found").await;
        failed.push(task);
    }
    for name in names {
        system.upstream().packument(name).clear();
    }
    let path = format!("/syncs/{}/retry", failed[0].id);
    let again = call(&system, http::Method::POST, &path).await;
    assert_eq!(again.status, 201, "{}", again.text());
    let task = Task {
        name: "one".to_owned(),
        id: again.json()["id"].as_str().expect("an id").to_owned(),
    };
    system.succeeded(&task).await;
    let said = command::run(&mut system.weir(&["retry", "--failed", "--code", "not_found"])).await;
    said.assert_success("weir retry --failed");
    assert_eq!(
        said.out, "2 tasks repeated\n",
        "one of them has succeeded since"
    );
    until("all to be mirrored", SOON, async || {
        system.count("success").await == 3
    })
    .await;
    for (task, status) in system.all_tasks().await.iter().take(2) {
        let former = failed.iter().find(|former| former.name == task.name);
        assert_eq!(status.0["retryOf"], former.expect("it failed").id.as_str());
    }
    system.end().await;
}

#[tokio::test]
async fn a_key_gives_its_answer_after_a_kill() {
    let mut system = System::start([presets::history("a", 1, 100)]).await;
    let ask = async |system: &System, body: Value| {
        let call = system
            .put("/-/package/a/syncs")
            .header("Idempotency-Key", "once");
        call.json(&body).send().await.expect("an answer")
    };
    let first = ask(&system, json!({"tips": "x"})).await;
    assert_eq!(first.status, 201, "{}", first.text());
    system.kill_server().await;
    system.start_server().await;
    until("the task to end", SOON, async || {
        system.count("success").await == 1
    })
    .await;
    let again = ask(&system, json!({"tips": "x"})).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
    assert_eq!(ask(&system, json!({"tips": "y"})).await.status, 422);
    assert_eq!(system.all_tasks().await.len(), 1);
    system.end().await;
}

#[tokio::test]
async fn who_waits_hears_of_each_state() {
    let system = System::start([presets::history("a", 1, 100)]).await;
    let hold = system.upstream().packument("a").hold();
    let task = system.ask("a").await;
    hold.wait_for_arrivals(1).await;
    let path = format!("/-/package/a/syncs/{}?wait=60", task.id);
    let (reply, ()) = tokio::join!(system.get_as_admin(&path), async { hold.release() });
    assert_eq!(Status(reply.json()).state(), "success");
    system.end().await;
}

/// Follows a task to its end; returns every number of bytes it showed on the way.
async fn bytes_shown(system: &System, task: &Task) -> BTreeSet<u64> {
    let mut shown = BTreeSet::new();
    until("the task to end", SOON, async || {
        let status = system.status(task).await;
        shown.extend(status.0["progress"]["bytes"].as_u64());
        status.is_final()
    })
    .await;
    shown
}

#[tokio::test]
async fn progress_moves_while_something_large_comes() {
    // Hexadecimal digits: gzip makes half as many bytes of them, and not fewer.
    let mut state = 1_u64;
    let digits = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("{:08x}", state >> 32)
    });
    let readme: String = digits.take(5_000).collect();
    let packages = [
        presets::history("document", 1, 100).readme(&readme),
        presets::history("tarball", 1, 40_000),
    ];
    let system = System::start(packages).await;
    system
        .upstream()
        .packument("document")
        .always(Fault::Slow(5_000));
    system
        .upstream()
        .tarball("tarball", "1.0.0")
        .always(Fault::Slow(10_000));
    for name in ["document", "tarball"] {
        let task = system.ask(name).await;
        let shown = bytes_shown(&system, &task).await;
        // Four seconds at least, and a sign in each but the first.
        assert!(shown.len() > 3, "{name}: {shown:?}");
        system.succeeded(&task).await;
    }
    system.end().await;
}
