//! What a deployment says about itself: the document lists every figure, and one name of a
//! request leads from the wish to the upstream.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use weir_testkit::{PackageSpec, client, presets, process::WeirProcess, until};
use weir_tests::{
    Deployment, System,
    system::{ADMIN_TOKEN, SOON},
};

/// Returns the families of the document's table that these processes tell of.
fn documented(told_by: &[&str]) -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
    let text = std::fs::read_to_string(path).expect("the document");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches('|').count() == 5);
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let told = cells.filter(|cells| told_by.contains(&cells[4]));
    told.map(|cells| format!("{} {}", cells[1].trim_matches('`'), cells[2]))
        .collect()
}

/// Returns the families of a page, each with its kind.
fn families(page: &str) -> BTreeSet<String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let all: Vec<_> = types.map(str::to_owned).collect();
    let once: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), once.len(), "a family twice: {page}");
    once
}

/// Fails unless every sample belongs to a family of the page, and has a number.
fn assert_well_formed(page: &str) {
    let names: BTreeSet<String> = families(page)
        .iter()
        .filter_map(|family| family.split(' ').next().map(str::to_owned))
        .collect();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (sample, number) = line.rsplit_once(' ').expect("a sample and a number");
        assert!(number.parse::<f64>().is_ok(), "{line}");
        let name = sample.split('{').next().unwrap_or_default();
        let of_histogram = ["_bucket", "_sum", "_count"];
        let family = of_histogram.iter().find_map(|end| name.strip_suffix(end));
        let is_known = names.contains(name) || family.is_some_and(|family| names.contains(family));
        assert!(is_known, "{line}");
    }
}

/// Returns the sum of the samples that contain all these parts.
fn sum(page: &str, parts: &[&str]) -> f64 {
    let meant = page
        .lines()
        .filter(|line| parts.iter().all(|part| line.contains(part)));
    meant
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum()
}

/// Returns where a process shows its figures beside the API.
async fn shown_at(process: &WeirProcess) -> String {
    let address = until("the figures' listener", SOON, async || {
        let output = process.output();
        let line = output.lines().find(|line| line.contains("shows figures"));
        let line: Value = serde_json::from_str(line?).ok()?;
        line["address"].as_str().map(str::to_owned)
    })
    .await;
    format!("http://{address}")
}

async fn get(url: String) -> client::Reply {
    client::get(url).send().await.expect("answered")
}

#[tokio::test]
async fn the_page_of_weir_serve_is_what_the_document_says_and_counts_what_happened() {
    let absent = PackageSpec::absent("flat-9999");
    let system = System::start(presets::flat(3, 2, 500).into_iter().chain([absent])).await;
    for n in 1..=3 {
        system.bring(&format!("flat-000{n}")).await;
    }
    let absent = system.ask("flat-9999").await;
    system.failed(&absent, "not_found").await;
    system.assert_tarball("flat-0001", "1.0.1").await;
    let reply = system.get_as_admin("/-/metrics").await;
    assert_eq!(reply.status, 200);
    let page = reply.text();
    assert_well_formed(page);
    assert_eq!(families(page), documented(&["all", "API", "worker"]));
    assert!(
        sum(page, &["weir_runs_ended_total", "outcome=\"success\""]) >= 3.0,
        "{page}"
    );
    assert!(
        sum(page, &["weir_runs_ended_total", "code=\"not_found\""]) >= 1.0,
        "{page}"
    );
    assert!(
        sum(page, &["weir_tasks{", "state=\"success\""]) >= 3.0,
        "{page}"
    );
    assert!(
        sum(page, &["weir_run_duration_seconds_count"]) >= 4.0,
        "{page}"
    );
    let host = format!("host=\"{}\"", system.upstream().url());
    assert!(
        sum(
            page,
            &["weir_upstream_requests_total", &host, "\"answered\""]
        ) >= 6.0,
        "{page}"
    );
    assert!(
        sum(
            page,
            &["weir_upstream_requests_total", &host, "\"not_found\""]
        ) >= 1.0,
        "{page}"
    );
    assert!(
        sum(page, &["weir_upstream_received_bytes_total", &host]) > 1_000.0,
        "{page}"
    );
    system.end().await;
}

#[tokio::test]
async fn each_process_apart_shows_its_own_figures_on_a_listener_of_its_own() {
    let mut deployment = Deployment::start(presets::flat(1, 1, 500), (0, 0)).await;
    deployment.set("WEIR_METRICS_LISTEN", "127.0.0.1:0");
    deployment.start_api().await;
    let worker = deployment.start_worker().await;
    let task = deployment.ask(0, "flat-0001").await;
    deployment.succeeded(0, &task).await;
    let of_worker = shown_at(deployment.worker(worker)).await;
    let page = get(format!("{of_worker}/-/metrics")).await;
    assert_eq!(
        page.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_well_formed(page.text());
    assert_eq!(families(page.text()), documented(&["all", "worker"]));
    assert!(
        sum(
            page.text(),
            &["weir_runs_ended_total", "outcome=\"success\""]
        ) >= 1.0
    );
    assert_eq!(get(format!("{of_worker}/-/health")).await.status, 200);
    assert_eq!(get(format!("{of_worker}/flat-0001")).await.status, 404);
    let of_api = shown_at(deployment.api(0)).await;
    let page = get(format!("{of_api}/metrics")).await;
    assert_eq!(families(page.text()), documented(&["all", "API"]));
    let guarded = deployment.get(0, "/-/metrics").await;
    assert_eq!(guarded.status, 401);
    deployment.end().await;
}

/// Reads a tarball that was not fetched yet, and finds the reader's name beside upstream's answer.
async fn read_what_is_lazy(system: &mut System, name: &str) {
    let packument = system.packument("app").await;
    let latest = &packument["dist-tags"]["latest"];
    let versions = packument["versions"].as_object().expect("versions");
    let older = versions.keys().find(|version| *version != latest);
    let path = format!("/app/-/app-{}.tgz", older.expect("an older version"));
    let read = system.call(&path).header("x-request-id", name).send().await;
    assert_eq!(read.expect("answered").status, 200);
    let lines = until("the line about the upstream", SOON, async || {
        let lines = lines_with(&system.process().output(), name);
        let ended = |line: &Value| line["message"] == "upstream request ended";
        lines.into_iter().find(ended)
    });
    let line = lines.await;
    assert_eq!(
        (&line["span"]["path"], &line["spans"][0]["request_id"]),
        (&path.into(), &name.into())
    );
}

/// Returns the lines of a log that contain a text, as JSON.
fn lines_with(output: &str, text: &str) -> Vec<Value> {
    let lines = output.lines().filter(|line| line.contains(text));
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

#[tokio::test]
async fn one_name_leads_from_the_wish_through_the_task_to_the_upstream() {
    const NAME: &str = "find-me-everywhere.1";
    let packages = presets::tree("app", 3);
    let builder = System::builder().packages(packages);
    let builder = builder.setting("WEIR_LOG", "info,weir_upstream=debug,weir_worker=debug");
    let mut system = builder.setting("WEIR_LOG_FORMAT", "json").start().await;
    let wish = system
        .put("/-/package/app/syncs")
        .header("x-request-id", NAME);
    let reply = wish.json(&json!({})).send().await.expect("answered");
    assert_eq!((reply.status, reply.header("x-request-id")), (201, NAME));
    let task = weir_tests::Task {
        name: "app".to_owned(),
        id: reply.json()["id"].as_str().expect("an id").to_owned(),
    };
    system.succeeded(&task).await;
    let row = system
        .get_as_admin(&format!("/syncs/{}", task.id))
        .await
        .json();
    assert_eq!(row["requests"][0]["requestId"], NAME);

    let output = system.process().output();
    let lines = lines_with(&output, NAME);
    let access = lines
        .iter()
        .filter(|line| line["target"] == "weir_api::access");
    let access: Vec<_> = access
        .map(|line| (&line["request_id"], &line["status"]))
        .collect();
    assert_eq!(access, [(&NAME.into(), &201.into())]);
    let task_of = |line: &Value| {
        let mut spans = line["spans"].as_array()?.iter();
        spans.find(|span| span["name"] == "task").cloned()
    };
    let asked: BTreeSet<_> = lines
        .iter()
        .filter(|line| line["message"] == "upstream request ended")
        .filter_map(|line| Some((task_of(line)?, &line["span"]["path"])))
        .inspect(|(task, _)| assert_eq!(task["request_id"], NAME))
        .map(|(task, path)| format!("{} {path}", task["task.target"]))
        .collect();
    assert!(asked.contains("\"app\" \"/app\""), "{asked:?}");
    let others = asked
        .iter()
        .filter(|line| !line.starts_with("\"app\""))
        .count();
    assert!(others >= 1, "the tasks of its dependencies too: {asked:?}");
    read_what_is_lazy(&mut system, "reader-of-a-lazy-one").await;
    let told = system.upstream().ledger().entries();
    assert!(
        !told.is_empty() && !format!("{told:?}").contains(NAME),
        "upstreams are not told"
    );
    assert!(ADMIN_TOKEN.len() > 8 && !output.contains(ADMIN_TOKEN));
    system.end().await;
}
