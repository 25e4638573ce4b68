//! pnpm verifies an upstream's signatures through a mirror. (npm fetches what it trusts from the
//! internet before it asks a registry, so it cannot be tried here.)

use weir_testkit::{PackageSpec, SigningKey};
use weir_tests::System;

use super::project::{Client, Project};

/// Starts a mirror of `signed`, whose signature is of `key`, while upstream's keys are `told`.
async fn signing(key: &SigningKey, told: &SigningKey) -> System {
    let system = System::start([PackageSpec::new("signed").version("1.0.0", |v| v)]).await;
    let upstream = system.upstream();
    let url = format!("{}/signed/-/signed-1.0.0.tgz", upstream.url());
    upstream.change("signed", |spec| {
        spec.version("1.0.0", |version| key.sign(version, "signed", &url))
    });
    upstream.put_document("/-/npm/v1/keys", Some(&told.document()));
    system
}

#[tokio::test]
async fn pnpm_verifies_signatures_also_without_the_upstream() {
    let key = SigningKey::default();
    let mut system = signing(&key, &key).await;
    let project = Project::new(Client::Pnpm, &system.url());
    project.install("signed").await;
    let said = project.run(&["audit", "signatures"]).await;
    assert!(said.contains("verified registry signature"), "{said}");
    system.stop_upstream().await;
    project.run(&["audit", "signatures"]).await;
    system.end().await;
}

#[tokio::test]
async fn pnpm_refuses_a_signature_of_another_key() {
    let system = signing(&SigningKey::default(), &SigningKey::default()).await;
    let project = Project::new(Client::Pnpm, &system.url());
    project.install("signed").await;
    let said = project.fail(&["audit", "signatures"]).await;
    assert!(said.contains("signed@1.0.0"), "{said}");
    system.end().await;
}
