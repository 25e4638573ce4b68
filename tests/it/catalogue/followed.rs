//! Conan's own server is followed: what its own client uploads, changes and removes there is what
//! `/api/v1` shows after the next run.

use serde_json::{Value, json};
use weir_testkit::Recipe;
use weir_tests::{
    System,
    conan::{self, Client},
};

use super::source::{Source, get, keeping_secrets};

/// Packages of one version each, beside the one that is told apart.
const PACKAGES: usize = 32;

fn sensor(version: &str) -> Recipe {
    Recipe::new(&format!("sht30/{version}@caisong123"))
        .description("Reads warmth, 温湿度传感器")
        .topics(&["sensor", "i2c"])
        .sdk("^2.4")
        .requires("part-00001/[^1.0]@sifli")
        .readme("# SHT30\n\nReads warmth.\n")
}

/// Shows a person how much was asked for how little.
fn tell(what: &str, run: &Value) {
    let progress = &run["progress"];
    #[expect(
        clippy::print_stdout,
        reason = "the test's own output is the only place"
    )]
    {
        println!(
            "{what}: {} requests, {} bytes, {} ms, {}",
            progress["requests"], progress["bytes"], run["durationMs"], progress["versions"]
        );
    }
}

async fn packages(system: &System) -> Vec<String> {
    let page = get(system, "/api/v1/packages?limit=100&sort=name&order=asc").await;
    let all = page["data"].as_array().expect("a list").iter();
    let mut shown: Vec<String> = all
        .map(|one| {
            let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
            format!("{}@{}", text("id"), text("latestVersion"))
        })
        .collect();
    shown.sort_unstable();
    shown
}

#[tokio::test]
async fn a_conan_server_is_followed_through_additions_changes_and_removals() {
    let server = conan::Server::start().await;
    let client = Client::new(server.url()).await;
    client.login(conan::USER, conan::PASSWORD).await;
    let mut recipes: Vec<Recipe> = Recipe::crowd(PACKAGES).collect();
    recipes.extend([sensor("0.0.4"), sensor("0.0.5")]);
    client.upload(&recipes).await;

    let system = keeping_secrets().await;
    let source = json!({ "type": "conan", "host": server.url() });
    let source = Source::of(&system, source).await;
    let run = source.sync(&system).await;
    tell("first run", &run);
    assert_eq!(run["progress"]["versions"]["created"], PACKAGES + 2);
    assert_eq!(packages(&system).await.len(), PACKAGES + 1);

    let shown = get(&system, "/api/v1/packages/sht30").await["data"].clone();
    for (field, expected) in [
        ("namespace", json!("caisong123")),
        ("latestVersion", json!("0.0.5")),
        ("description", json!("Reads warmth, 温湿度传感器")),
        ("license", json!("Apache-2.0")),
        ("topics", json!(["sensor", "i2c"])),
        ("supportSdkVersion", json!("^2.4")),
        ("versionsCount", json!(2)),
    ] {
        assert_eq!(shown[field], expected, "{field}: {shown:#}");
    }
    let needs = json!([{ "name": "part-00001", "namespace": "sifli",
        "requirement": "[^1.0]", "kind": "requires" }]);
    assert_eq!(shown["dependencies"], needs);
    let readme = system.get("/api/v1/packages/caisong123/sht30/readme").await;
    assert!(readme.text().contains("Reads warmth."), "{}", readme.text());
    let found = get(&system, "/api/v1/packages?search=warmth").await;
    assert_eq!(found["pagination"]["total"], 1, "{found:#}");

    // Nothing changed: one look a version, and nothing is read.
    let run = source.sync(&system).await;
    tell("unchanged run", &run);
    assert_eq!(run["progress"]["versions"]["unchanged"], PACKAGES + 2);
    let requests = run["progress"]["requests"].as_u64().expect("a number");
    assert!(requests <= PACKAGES as u64 + 8, "{requests}");

    let changed = sensor("0.0.5").description("Reads warmth and damp");
    client.upload(&[changed, sensor("0.1.0")]).await;
    client.remove("part-00007/*").await;
    client.remove("sht30/0.0.4@caisong123").await;
    let run = source.sync(&system).await;
    tell("run after changes", &run);
    let versions = &run["progress"]["versions"];
    let counted = ["created", "updated", "deleted"].map(|word| versions[word].as_u64());
    assert_eq!(counted, [Some(1), Some(1), Some(2)], "{run:#}");
    let shown = get(&system, "/api/v1/packages/caisong123/sht30").await["data"].clone();
    assert_eq!(shown["latestVersion"], "0.1.0");
    let versions = get(&system, "/api/v1/packages/caisong123/sht30/versions").await;
    let versions = versions["data"].as_array().expect("a list").clone();
    let numbers: Vec<_> = versions.iter().map(|one| one["version"].clone()).collect();
    assert_eq!(numbers, [json!("0.1.0"), json!("0.0.5")]);
    let gone = system.get("/api/v1/packages/sifli/part-00007").await;
    assert_eq!(gone.status, 404, "{}", gone.text());
    assert_eq!(packages(&system).await.len(), PACKAGES);
    system.end().await;
}

/// A recipe that computes what it needs: only a package that was built knows.
fn computed() -> Recipe {
    let code = "from conan import ConanFile\n\n\nclass Made(ConanFile):\n    name = \"computed\"\n    \
                version = \"1.0\"\n    user = \"sifli\"\n    license = \"MIT\"\n\n    \
                def requirements(self):\n        for name in [\"base\"]:\n            \
                self.requires(name + \"/1.2.3@sifli\")\n";
    Recipe::new("computed/1.0@sifli").conanfile(code)
}

#[tokio::test]
async fn what_recipes_keep_beside_their_code_and_packages_know_is_read_from_a_conan_server() {
    let server = conan::Server::start().await;
    let client = Client::new(server.url()).await;
    client.login(conan::USER, conan::PASSWORD).await;
    let data = "sources:\n  \"1.2.3\":\n    url:\n    - https://registry.example/base-1.2.3.tgz\n    \
                - ftp://mirror.example/base-1.2.3.tgz\n    sha256: \
                2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n";
    let base = Recipe::new("base/1.2.3@sifli")
        .data(data)
        .exports("README.md", "# Base\n");
    client.build(&[base, computed()]).await;
    let packages = server.packages("computed/1.0/sifli/_");
    let [package] = &packages[..] else {
        panic!("one was built: {packages:?}");
    };

    let system = keeping_secrets().await;
    let source = json!({ "type": "conan", "host": server.url() });
    let source = Source::of(&system, source).await;
    let run = source.ask(&system, &json!({})).await;
    let run = source.ended(&system, &run).await;
    tell("run with packages", &run);
    // That the recipe computes it is all there is to say.
    let said = run["warnings"].to_string();
    assert!(said.contains("a requirement is computed"), "{run:#}");
    assert_eq!(run["warnings"].as_array().map(Vec::len), Some(1), "{run:#}");
    let versions = get(&system, "/api/v1/packages/sifli/base/versions").await;
    let digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    let sources = json!([
        { "url": "https://registry.example/base-1.2.3.tgz", "sha256": digest },
        { "url": "ftp://mirror.example/base-1.2.3.tgz", "sha256": digest },
    ]);
    assert_eq!(versions["data"][0]["sources"], sources, "{versions:#}");
    let readme = system.get("/api/v1/packages/sifli/base/readme").await;
    assert_eq!(readme.text(), "# Base\n");
    let needs = async || {
        get(&system, "/api/v1/packages/sifli/computed").await["data"]["dependencies"].clone()
    };
    let found = needs().await;
    assert_eq!(found[0]["name"], "base", "{found:#}");
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");

    // Somebody changes the package where it lies: its revision says so.
    let file = package.join("conanmanifest.txt");
    let manifest = std::fs::read_to_string(&file).expect("a manifest");
    let info = "conaninfo.txt: ";
    let changed = manifest.replace(
        info,
        "conaninfo.txx: 00000000000000000000000000000000\nconaninfo.txt: ",
    );
    assert_ne!(changed, manifest);
    std::fs::write(&file, changed).expect("written");
    let run = source.ask(&system, &json!({ "force": true })).await;
    let run = source.ended(&system, &run).await;
    let said = run["warnings"].to_string();
    let id = package
        .parent()
        .and_then(|path| path.file_name())
        .expect("an id");
    let id = id.to_str().expect("hexadecimal");
    assert!(
        said.contains(id) && said.contains("manifest is not that of"),
        "{run:#}"
    );
    assert_eq!(needs().await, json!([]));
    system.end().await;
}

#[tokio::test]
async fn a_conan_server_that_wants_a_login_is_read_with_one_and_never_without() {
    let server = conan::Server::readable_by(conan::USER).await;
    let client = Client::new(server.url()).await;
    client.login(conan::USER, conan::PASSWORD).await;
    client
        .upload(&[sensor("0.0.4"), Recipe::new("part-00001/1.0@sifli")])
        .await;

    let system = keeping_secrets().await;
    let said = json!({
        "type": "conan", "host": server.url(),
        "credentials": { "username": conan::USER, "password": conan::PASSWORD },
    });
    let source = Source::of(&system, said).await;
    source.sync(&system).await;
    assert_eq!(packages(&system).await.len(), 2);

    // A password that is none any more takes nothing away.
    let path = format!("/-/registry/{}", source.id);
    let change = json!({ "credentials": { "username": conan::USER, "password": "wrong" } });
    let call =
        weir_testkit::client::Call::new(http::Method::PATCH, format!("{}{path}", system.url()));
    let call = call.bearer(weir_tests::system::ADMIN_TOKEN).json(&change);
    assert_eq!(call.send().await.expect("an answer").status, 200);
    let run = source.ask(&system, &json!({})).await;
    let run = source.ended(&system, &run).await;
    assert_eq!(run["status"], "error", "{run:#}");
    assert_eq!(packages(&system).await.len(), 2);
    system.end().await;
}
