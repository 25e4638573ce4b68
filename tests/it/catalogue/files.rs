//! Files of recipes, passed on from their source to whoever asks for them.

use serde_json::json;
use weir_testkit::{Artifactory, Recipe, artifactory::ArtifactoryFault};
use weir_tests::System;

use super::source::{Source, artifactory};

const FILES: &str = "/api/v1/packages/sifli/sht30/versions/0.0.5/files";

#[tokio::test]
async fn files_are_passed_on_verified_where_that_is_wanted() {
    let recipe = Recipe::new("sht30/0.0.5@sifli").readme("# sht30\n");
    let server = Artifactory::start([recipe]).await;
    let revision = server.revision("sht30/0.0.5@sifli").expect("it is there");
    let system = System::start([]).await;
    let mut said = artifactory(&server);
    said["catalogue"]["proxiesFiles"] = json!(true);
    Source::of(&system, said).await.sync(&system).await;
    for file in ["conanfile.py", "conanmanifest.txt", "conan_sources.tgz"] {
        let reply = system.get(&format!("{FILES}/{file}")).await;
        assert_eq!(reply.status, 200, "{file}: {}", reply.text());
        let path = format!("sifli/sht30/0.0.5/_/{revision}/export/{file}");
        assert_eq!(Some(reply.body.clone()), server.bytes(&path), "{file}");
        assert_eq!(reply.header("etag"), format!("\"{revision}/{file}\""));
        assert_eq!(
            reply.header("content-length"),
            reply.body.len().to_string(),
            "{file}"
        );
    }
    server.forget();
    let call = system.call(&format!("{FILES}/conanfile.py"));
    let call = call.header("if-none-match", &format!("\"{revision}/conanfile.py\""));
    assert_eq!(call.send().await.expect("an answer").status, 304);
    assert!(server.asked().is_empty(), "the source was asked");
    for absent in [
        format!("{FILES}/secrets.txt"),
        FILES.replace("0.0.5", "0.0.6") + "/conanfile.py",
        FILES.replace("sht30", "sht31") + "/conanfile.py",
    ] {
        let reply = system.get(&absent).await;
        assert_eq!(reply.status, 404, "{absent}: {}", reply.text());
        assert_eq!(reply.json()["statusCode"], 404);
    }
    server
        .on("GET */conan_sources.tgz")
        .always(ArtifactoryFault::Corrupt);
    let cut = system.call(&format!("{FILES}/conan_sources.tgz"));
    assert!(cut.send().await.is_err(), "its last bytes never come");
    server
        .on("GET */conanfile.py")
        .always(ArtifactoryFault::Corrupt);
    let wrong = system.get(&format!("{FILES}/conanfile.py")).await;
    assert_eq!(wrong.status, 502, "{}", wrong.text());
    assert!(wrong.text().contains("something else"), "{}", wrong.text());
    let scripted = server.on("GET */conanmanifest.txt");
    scripted.always(ArtifactoryFault::Status(403, Vec::new()));
    let refused = system.get(&format!("{FILES}/conanmanifest.txt")).await;
    assert_eq!(refused.status, 502, "{}", refused.text());
    assert!(
        refused.text().contains("does not let us"),
        "{}",
        refused.text()
    );
    system.end().await;
}

#[tokio::test]
async fn files_are_not_passed_on_unless_that_is_said() {
    let server = Artifactory::start([Recipe::new("sht30/0.0.5@sifli")]).await;
    let system = System::start([]).await;
    let source = Source::of(&system, artifactory(&server)).await;
    source.sync(&system).await;
    server.forget();
    let reply = system.get(&format!("{FILES}/conanfile.py")).await;
    assert_eq!(reply.status, 404, "{}", reply.text());
    assert!(server.asked().is_empty(), "nobody was asked");
    system.end().await;
}
