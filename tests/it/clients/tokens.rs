//! npm makes, lists and revokes tokens: the granular ones of the current release, and the short
//! ones of an older release, which asks for the password. (For pnpm see `others`; bun and
//! both Yarns have no such commands.)

use serde_json::Value;
use weir_testkit::{client, presets};
use weir_tests::{System, system::ADMIN_TOKEN};

use super::project::{Client, Project};

const PASSWORD: &str = "correct horse";

async fn start(client: Client) -> (System, Project) {
    let system = System::start([presets::history("gate", 2, 2_000)]).await;
    system.bring("gate").await;
    system.password("admin", PASSWORD).await;
    let project = Project::new(client, &system.url());
    project.authorize(&system.address().to_string(), ADMIN_TOKEN);
    (system, project)
}

async fn whoami(system: &System, token: &str) -> u16 {
    let call = client::get(format!("{}/-/whoami", system.url())).bearer(token);
    call.send().await.expect("answered").status
}

/// Returns the tokens that the client lists.
async fn list(project: &Project) -> Vec<Value> {
    let said = project.run(&["token", "list", "--json"]).await;
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
}

fn field<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{value}"))
}

/// The client revokes a token by the id that it shows.
async fn revokes(system: &System, project: &Project, made: &str, listed: &Value) {
    let id = field(listed, "key").get(..6).expect("a key");
    let said = project.run(&["token", "revoke", id]).await;
    assert!(said.contains("Removed 1 token"), "{said}");
    assert_eq!(whoami(system, made).await, 401);
    assert_eq!(list(project).await.len(), 1);
    let said = project.fail(&["token", "revoke", id]).await;
    assert!(said.contains("Unknown token id"), "{said}");
}

#[tokio::test]
async fn npm_makes_lists_and_revokes_tokens() {
    let (system, project) = start(Client::Npm).await;
    let password = format!("--password={PASSWORD}");
    let said = project
        .run(&[
            "token",
            "create",
            "--json",
            "--name=ci",
            "--token-description=builds",
            "--expires=30",
            "--packages=gate",
            "--scopes=@firm",
            "--packages-and-scopes-permission=read-only",
            "--cidr=127.0.0.0/8",
            &password,
        ])
        .await;
    let made: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    let token = field(&made, "token");
    assert_eq!(whoami(&system, token).await, 200);
    let tokens = list(&project).await;
    let listed = &tokens[0];
    assert_eq!(tokens.len(), 2, "{tokens:?}");
    assert_eq!(
        (field(listed, "name"), field(listed, "description")),
        ("ci", "builds")
    );
    assert_eq!(listed["packages"], serde_json::json!(["gate"]));
    assert_eq!(listed["scopes"], serde_json::json!(["@firm"]));
    assert!(
        !field(listed, "token").contains(&token[8..]),
        "it is masked"
    );
    // The token installs what it is for, and makes no others.
    let limited = Project::new(Client::Npm, &system.url());
    limited.authorize(&system.address().to_string(), token);
    limited.install("gate").await;
    let said = limited
        .fail(&["token", "create", "--name=more", &password])
        .await;
    assert!(said.contains("E403"), "{said}");
    // Elsewhere it is nobody's, and npm says why.
    let far = [
        "token",
        "create",
        "--json",
        "--name=far",
        "--cidr=192.0.2.1/32",
        &password,
    ];
    let said = project.run(&far).await;
    let made: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
    let stranded = Project::new(Client::Npm, &system.url());
    stranded.authorize(&system.address().to_string(), field(&made, "token"));
    let said = stranded.fail(&["whoami"]).await;
    assert!(said.contains("EAUTHIP"), "{said}");
    let far = list(&project).await[0].clone();
    let id = field(&far, "key").to_owned();
    project.run(&["token", "revoke", &id]).await;
    revokes(&system, &project, token, listed).await;
    let wrong = project.fail(&["token", "create", "--name=x", "--password=wrong password"]);
    let said = wrong.await;
    assert!(said.contains("E401") || said.contains("EOTP"), "{said}");
    system.end().await;
}

#[tokio::test]
async fn an_older_npm_makes_lists_and_revokes_tokens() {
    let (system, project) = start(Client::Npm10).await;
    let create = [
        "token",
        "create",
        "--json",
        "--read-only",
        "--cidr=127.0.0.1/32",
    ];
    let said = project.run_told(PASSWORD, &create).await;
    let json = &said[said.find('{').unwrap_or_else(|| panic!("{said}"))..];
    let made: Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{said}"));
    let token = field(&made, "token");
    assert_eq!(made["readonly"], true);
    assert_eq!(whoami(&system, token).await, 200);
    let tokens = list(&project).await;
    let listed = &tokens[0];
    assert_eq!((tokens.len(), &listed["readonly"]), (2, &Value::Bool(true)));
    let reader = Project::new(Client::Npm10, &system.url());
    reader.authorize(&system.address().to_string(), token);
    reader.install("gate").await;
    revokes(&system, &project, token, listed).await;
    system.end().await;
}
