//! npm and pnpm look for what is mirrored (bun has no such command).

use serde_json::Value;
use weir_testkit::PackageSpec;
use weir_tests::System;

use super::project::{Client, Project};

async fn finds_what_is_mirrored(client: Client) {
    let words = |package: PackageSpec, description: &str, keywords: &[&str]| {
        package.version("1.2.0", |version| {
            version
                .field("description", description)
                .field("keywords", keywords)
        })
    };
    let system = System::start([
        words(
            PackageSpec::new("weir-gate"),
            "Opens and closes",
            &["water", "sluice"],
        ),
        words(PackageSpec::new("@water/pump"), "Moves it", &[]),
        words(PackageSpec::new("fire"), "依存関係の管理", &[]),
    ])
    .await;
    for name in ["weir-gate", "@water/pump", "fire"] {
        system.bring(name).await;
    }
    let project = Project::new(client, &system.url());
    for (text, names) in [
        ("wate", &["@water/pump", "weir-gate"][..]),
        ("weir", &["weir-gate"]),
        ("関係", &["fire"]),
        ("keywords:sluice", &["weir-gate"]),
    ] {
        let said = project.run(&["search", "--json", text]).await;
        let found: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
        let found = found.as_array().expect("a list");
        let found: Vec<_> = found
            .iter()
            .map(|one| one["name"].as_str().expect("a name"))
            .collect();
        assert_eq!(found, names, "{text}: {said}");
    }
    let said = project.run(&["search", "weir"]).await;
    for part in ["weir-gate", "1.2.0", "Opens and closes"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    system.end().await;
}

#[tokio::test]
async fn npm_finds_what_is_mirrored() {
    finds_what_is_mirrored(Client::Npm).await;
}

#[tokio::test]
async fn pnpm_finds_what_is_mirrored() {
    finds_what_is_mirrored(Client::Pnpm).await;
}
