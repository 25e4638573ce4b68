//! What the other package managers can do with accounts: Yarn 4 signs in and out with name and
//! password, pnpm has npm's commands of its own, bun says who it is. (Yarn 1 keeps a name and asks
//! nobody; Yarn 4 takes its answers from the environment only where it is told that it is tested.)

use http::Method;
use serde_json::json;
use weir_testkit::client::Call;
use weir_tests::{System, system::ADMIN_TOKEN};

use super::project::{Client, Project};

const PASSWORD: &str = "correct horse battery";

/// How Yarn is told what somebody would type.
const TYPED: [(&str, &str); 3] = [
    ("YARN_IS_TEST_ENV", "1"),
    ("YARN_INJECT_NPM_USER", "admin"),
    ("YARN_INJECT_NPM_PASSWORD", PASSWORD),
];

#[tokio::test]
async fn yarn_4_signs_in_and_out() {
    let system = System::start([]).await;
    system.password("admin", PASSWORD).await;
    let project = Project::new(Client::YarnBerry, &system.url());
    project.write("yarn.lock", "");
    let stranger = project.fail(&["npm", "whoami"]).await;
    assert!(stranger.contains("No authentication"), "{stranger}");
    let login = ["npm", "login", "--no-web-login"];
    let said = project.run_with(&TYPED, &login).await;
    assert!(said.contains("Successfully logged in"), "{said}");
    let said = project.run(&["npm", "whoami"]).await;
    assert!(said.contains("admin"), "{said}");
    let said = project.run(&["npm", "logout"]).await;
    assert!(said.contains("Successfully logged out"), "{said}");
    project.fail(&["npm", "whoami"]).await;
    system.end().await;
}

#[tokio::test]
async fn pnpm_lists_and_revokes_tokens_reads_a_profile_and_signs_out() {
    let system = System::start([]).await;
    let made =
        Call::new(Method::POST, format!("{}/api/v1/tokens", system.url())).bearer(ADMIN_TOKEN);
    let made = made.json(&json!({"name": "laptop"})).send().await;
    let made = made.expect("an answer").json();
    let token = made["data"]["token"].as_str().expect("a token");
    let project = Project::new(Client::Pnpm, &system.url());
    project.authorize(&system.address().to_string(), token);
    assert_eq!(project.run(&["whoami"]).await.trim(), "admin");
    let said = project.run(&["profile", "get"]).await;
    assert!(said.contains("name: admin"), "{said}");
    let said = project.run(&["token", "list"]).await;
    assert!(said.contains("laptop"), "{said}");
    project.run(&["logout"]).await;
    let call = system.call("/-/whoami").bearer(token).send().await;
    assert_eq!(
        call.expect("an answer").status,
        401,
        "signed out there, too"
    );
    system.end().await;
}

#[tokio::test]
async fn bun_says_who_it_is() {
    let system = System::start([]).await;
    let project = Project::new(Client::Bun, &system.url());
    project.fail(&["pm", "whoami"]).await;
    project.authorize(&system.address().to_string(), ADMIN_TOKEN);
    assert_eq!(project.run(&["pm", "whoami"]).await.trim(), "admin");
    system.end().await;
}
