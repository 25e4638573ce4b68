//! Conan's own client takes the Artifactory of the test kit for one: whatever else is shown with it
//! stands on this.

use weir_testkit::{
    Artifactory, Recipe,
    artifactory::{Binary, PASSWORD, TOKEN, USER},
};
use weir_tests::conan::{self, Client};

/// Two versions of a package; the second needs another one.
fn recipes() -> Vec<Recipe> {
    let sensor = |version: &str| {
        Recipe::new(&format!("sht30/{version}@caisong123"))
            .description("A sensor of warmth, 温湿度传感器")
            .topics(&["sensor", "i2c"])
            .sdk("^2.4")
            .readme("# SHT30\n\nWarmth.\n")
            .source("src/sht30.h", "int sht30(void);\n")
    };
    vec![
        sensor("0.0.4"),
        sensor("0.0.5").requires("i2c-core/[^1.0]@sifli"),
        Recipe::new("i2c-core/1.2.0@sifli"),
        Recipe::new("i2c-core/2.0.0@sifli"),
        Recipe::new("plain/1.0"),
        Recipe::new("told/1.0@sifli")
            .data("sources:\n  \"1.0\":\n    url: https://registry.example/told-1.0.tgz\n")
            .exports("README.md", "# Told\n")
            .exports("doc/more.md", "More.\n"),
    ]
}

#[tokio::test]
async fn conan_uploads_lists_searches_and_removes() {
    let server = Artifactory::start([]).await;
    let client = Client::new(&server.conan_url()).await;
    client.login(USER, PASSWORD).await;
    client.upload(&recipes()).await;
    let expected = [
        "i2c-core/1.2.0@sifli/_",
        "i2c-core/2.0.0@sifli/_",
        "plain/1.0@_/_",
        "sht30/0.0.4@caisong123/_",
        "sht30/0.0.5@caisong123/_",
        "told/1.0@sifli/_",
    ];
    assert_eq!(server.references(), expected);
    // What the test kit makes is what the client makes.
    for recipe in recipes() {
        let reference = recipe.reference().to_string();
        let revision = server.revision(&reference);
        assert_eq!(revision, Some(recipe.build().revision), "{reference}");
    }

    let said = client
        .run(&["search", "sht30/*@caisong123", "-r", "remote"])
        .await;
    assert!(said.out.contains("sht30/0.0.5@caisong123"), "{said:?}");
    assert!(!said.out.contains("i2c-core"), "{said:?}");
    let said = client.run(&["list", "*#*", "-r", "remote"]).await;
    for recipe in recipes() {
        assert!(said.out.contains(&recipe.build().revision), "{said:?}");
    }

    // The same again is known by its checksums, and what is there is not sent.
    server.forget();
    client
        .run(&["upload", "*", "-r", "remote", "-c", "--force"])
        .await;
    let sent = server
        .asked()
        .into_iter()
        .filter(|asked| !asked.body.is_empty());
    assert_eq!(
        sent.map(|asked| asked.what).collect::<Vec<_>>(),
        Vec::<String>::new()
    );

    client.remove("sht30/0.0.4@caisong123").await;
    assert_eq!(server.references().len(), 5);
    assert_eq!(server.revision("sht30/0.0.4@caisong123"), None);
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn conan_installs_what_a_range_means_and_builds_it() {
    let server = Artifactory::start(recipes()).await;
    let client = Client::new(&server.conan_url()).await;
    let wanted = "--requires=sht30/[>=0.0.4 <0.1]@caisong123";
    let said = client
        .run(&["install", wanted, "-r", "remote", "--build=missing"])
        .await;
    assert!(said.err.contains("sht30/0.0.5@caisong123"), "{said:?}");
    assert!(said.err.contains("i2c-core/1.2.0@sifli"), "{said:?}");
    // The client finds every file to be what its manifest says.
    client.run(&["cache", "check-integrity", "*"]).await;

    // The packages that were built are uploaded, and found by somebody else.
    client.login(USER, TOKEN).await;
    client.run(&["upload", "*", "-r", "remote", "-c"]).await;
    let other = Client::new(&server.conan_url()).await;
    let said = other.run(&["install", wanted, "-r", "remote"]).await;
    assert!(said.err.contains("sht30/0.0.5@caisong123"), "{said:?}");
    other.run(&["cache", "check-integrity", "*"]).await;
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn conan_takes_a_package_of_the_test_kit_and_what_lies_beside_its_recipe() {
    // What has neither settings nor requirements has an empty `conaninfo.txt`, and its id.
    let binary = Binary::default().file("include/told.h", "int told(void);\n");
    let told = recipes().pop().expect("the last");
    let server = Artifactory::start([told.clone().binary(binary)]).await;
    let client = Client::new(&server.conan_url()).await;
    let [(id, prev)] = &server.packages("told/1.0@sifli")[..] else {
        panic!("it has one package");
    };
    let said = client
        .run(&["list", "told/1.0@sifli#*:*#*", "-r", "remote"])
        .await;
    for word in [&told.build().revision, id, prev] {
        assert!(said.out.contains(word), "{word}: {said:?}");
    }
    // Nothing is built: the package is fetched, by its latest revision.
    let said = client
        .run(&["install", "--requires=told/1.0@sifli", "-r", "remote"])
        .await;
    assert!(said.err.contains(prev.as_str()), "{said:?}");
    client.run(&["cache", "check-integrity", "*"]).await;
    let said = client.run(&["cache", "path", "told/1.0@sifli"]).await;
    let data = std::path::Path::new(said.out.trim()).join("conandata.yml");
    let data = std::fs::read_to_string(data).expect("it came in its archive");
    assert!(data.contains("told-1.0.tgz"), "{data}");
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn conan_is_refused_with_a_wrong_password_and_without_rights() {
    let server = Artifactory::builder()
        .private()
        .reader("reader", "secret")
        .start()
        .await;
    server.add(&Recipe::new("plain/1.0"));
    let client = Client::new(&server.conan_url()).await;
    let said = client
        .fail(&["remote", "login", "remote", USER, "-p", "wrong"])
        .await;
    assert!(said.contains("Wrong user or password"), "{said}");
    let said = client.run(&["list", "*", "-r", "remote"]).await;
    assert!(said.err.contains("needs authentication"), "{said:?}");
    assert!(!said.out.contains("plain"), "{said:?}");
    client.login("reader", "secret").await;
    let said = client.run(&["list", "*", "-r", "remote"]).await;
    assert!(said.out.contains("plain/1.0"), "{said:?}");
    let said = client
        .fail(&["remove", "plain/1.0", "-r", "remote", "-c"])
        .await;
    assert!(said.contains("Not enough permissions"), "{said}");
    assert_eq!(server.references(), ["plain/1.0@_/_"]);
    server.assert_nothing_unexpected();
}

#[tokio::test]
async fn a_recipe_of_the_test_kit_is_what_conan_would_upload_to_its_own_server() {
    let server = conan::Server::start().await;
    let client = Client::new(server.url()).await;
    client.login(conan::USER, conan::PASSWORD).await;
    client.upload(&recipes()).await;
    let said = client.run(&["list", "*#*", "-r", "remote"]).await;
    for recipe in recipes() {
        assert!(said.out.contains(&recipe.build().revision), "{said:?}");
    }
}
