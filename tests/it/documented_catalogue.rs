//! The calls that the documents show for the catalogue and for registries, run as they are written:
//! by bash, with curl, against a fresh server, each field of each answer looked at. Only hosts,
//! tokens, names and ids are put in their place.

use serde_json::{Value, json};
use tokio::process::Command;
use weir_testkit::{Artifactory, PackageSpec, Recipe, until};
use weir_tests::{
    System, command, environment,
    system::{ADMIN_TOKEN, SOON},
};

use crate::catalogue::source::{Source, artifactory};

/// The catalogue's document, "Packages API" and "Synchronization API".
const LIST: &str =
    r#"curl "https://your-domain.com/api/v1/packages?page=1&limit=10&category=AI_ML""#;
const SHOW: &str = r#"curl "https://your-domain.com/api/v1/packages/package-name""#;
const SYNC: &str = r#"curl -X POST \
  -H "Authorization: Bearer YOUR_API_TOKEN" \
  https://your-domain.com/api/v1/sync"#;
const STATUS: &str = r#"curl -H "Authorization: Bearer YOUR_API_TOKEN" \
  https://your-domain.com/api/v1/sync/sync-uuid"#;

/// The mirror's document, "Registry Management API".
const REGISTRIES: &str = r#"curl "https://your-registry.com/-/registry?pageSize=10&pageIndex=0""#;
const REGISTRY: &str = r"curl https://your-registry.com/-/registry/npmjs";
const CREATE: &str = r#"curl -X POST \
  -H "Authorization: Bearer admin-token" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "Custom Registry",
    "host": "https://my-custom-registry.com",
    "type": "cnpm"
  }' \
  https://your-registry.com/-/registry"#;

/// Runs a call; returns the JSON that it prints.
async fn run(system: &System, script: &str) -> Value {
    let script = script
        .replace("https://your-registry.com", &system.url())
        .replace("https://your-domain.com", &system.url())
        .replace("YOUR_API_TOKEN", ADMIN_TOKEN)
        .replace("admin-token", ADMIN_TOKEN);
    let mut bash = Command::new("bash");
    let search_path = environment::variable("PATH").unwrap_or_default();
    let bash = bash.args(["-c", &script]).env_clear();
    let said = command::run(bash.env("PATH", search_path)).await.out;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{script}\n{said}"))
}

/// Fails unless the object has these fields.
#[track_caller]
fn assert_fields(value: &Value, fields: &[&str]) {
    let object = value.as_object().expect("an object");
    for field in fields {
        assert!(object.contains_key(*field), "{field}: {value:#}");
    }
}

/// Lists and shows the package that is of the category of the document.
async fn assert_lists_and_shows(system: &System) {
    let page = run(system, LIST).await;
    let pagination = json!({
        "page": 1, "limit": 10, "total": 1, "totalPages": 1, "hasNext": false, "hasPrev": false,
    });
    assert_eq!(page["pagination"], pagination);
    let listed = &page["data"][0];
    assert_eq!(listed["id"], "sifli/tflite-cmsis");
    assert_eq!(listed["categories"][0], "AI_ML");
    let fields = [
        "id",
        "name",
        "namespace",
        "latestVersion",
        "description",
        "license",
        "topics",
        "categories",
        "category",
        "downloads",
        "versionsCount",
        "createdAt",
        "updatedAt",
    ];
    assert_fields(listed, &fields);

    let shown = run(system, &SHOW.replace("package-name", "tflite-cmsis")).await;
    let shown = &shown["data"];
    assert_eq!(shown["reference"], "tflite-cmsis/1.0.0@sifli");
    let fields = [
        "name",
        "namespace",
        "latestVersion",
        "id",
        "fullName",
        "latestStableVersion",
        "description",
        "licenses",
        "author",
        "homepage",
        "repository",
        "topics",
        "categories",
        "supportSdkVersion",
        "packageType",
        "dependencies",
        "downloads",
        "versionsCount",
        "versions",
        "install",
        "readmeUrl",
        "createdAt",
        "updatedAt",
        "syncedAt",
    ];
    assert_fields(shown, &fields);
}

#[tokio::test]
async fn the_catalogues_document_syncs_lists_and_shows() {
    let server = Artifactory::start([
        Recipe::new("tflite-cmsis/1.0.0@sifli").topics(&["tinyml", "ai"]),
        Recipe::new("sht30/0.0.5@sifli").topics(&["sensor"]),
    ])
    .await;
    let system = System::start(std::iter::empty::<PackageSpec>()).await;
    let absent = run(&system, SYNC).await;
    assert_eq!(absent["statusCode"], 404);
    assert!(
        absent["error"]
            .as_str()
            .is_some_and(|text| text.contains("POST /-/registry"))
    );
    Source::of(&system, artifactory(&server)).await;

    let made = run(&system, SYNC).await["data"].clone();
    assert_eq!(
        (&made["type"], &made["status"]),
        (&json!("full"), &json!("waiting"))
    );
    let id = made["id"].as_str().expect("an id").to_owned();
    let status = STATUS.replace("sync-uuid", &id);
    let ended = until("the end of the run", SOON, async || {
        let run = run(&system, &status).await["data"].clone();
        (run["status"] == "success")
            .then_some(run.clone())
            .ok_or(run)
    })
    .await;
    assert_eq!(ended["id"], made["id"]);
    assert_eq!(ended["progress"]["packages"]["created"], 2);
    assert_eq!(ended["progress"]["percent"], 100);

    assert_lists_and_shows(&system).await;
    let absent = run(&system, SHOW).await;
    assert_eq!(absent["statusCode"], 404, "{absent}");
    assert_fields(&absent, &["error", "statusCode", "details"]);
    let refused = run(&system, &SYNC.replace("YOUR_API_TOKEN", "wrong")).await;
    assert_eq!(refused["statusCode"], 401, "{refused}");
    system.end().await;
}

#[tokio::test]
async fn the_mirrors_document_makes_lists_and_shows_registries() {
    let system = System::start(std::iter::empty::<PackageSpec>()).await;
    let made = run(&system, CREATE).await;
    assert_eq!(made["ok"], true, "{made}");
    let slug = made["registryId"].as_str().expect("a slug").to_owned();
    let fields = [
        "registryId",
        "name",
        "host",
        "type",
        "userPrefix",
        "changeStream",
        "response",
    ];
    let page = run(&system, REGISTRIES).await;
    assert_eq!((&page["total"], &page["count"]), (&json!(2), &json!(2)));
    for item in page["data"].as_array().expect("an array") {
        assert_fields(item, &fields);
        assert_eq!(item["response"], Value::Null);
    }
    let shown = run(&system, &REGISTRY.replace("npmjs", &slug)).await;
    assert_fields(&shown, &fields);
    assert_eq!(shown["name"], "Custom Registry");
    assert_eq!(shown["type"], "cnpmcore");
    assert_eq!(shown["id"], made["id"]);
    let again = run(&system, CREATE).await;
    assert!(
        again["error"]
            .as_str()
            .is_some_and(|text| text.starts_with("[CONFLICT]"))
    );
    let absent = run(&system, REGISTRY).await;
    assert!(
        absent["error"]
            .as_str()
            .is_some_and(|text| text.starts_with("[NOT_FOUND]"))
    );
    system.end().await;
}
