//! npm's own commands make organisations and teams, and say who may read a package; whoever may
//! not does not find it.

use serde_json::{Value, json};
use weir_domain::token::TokenSecret;
use weir_store::{
    clock,
    tokens::{self, NewToken},
    users,
};
use weir_testkit::PackageSpec;
use weir_tests::{System, system::ADMIN_TOKEN};

use super::project::{Client, Project};

const TOOL: &str = "@acme/tool";
/// The owner's token and a member's.
const OLGA: &str = "npm_olga-token-of-the-org-tests-0123456789";
const MIA: &str = "npm_mia-token-of-the-org-tests-0123456789";

/// A project, and a server that it asks as somebody.
struct Desk {
    system: System,
    project: Project,
}

impl Desk {
    /// Starts with a mirrored package and two users.
    async fn new(client: Client) -> Self {
        let tool = PackageSpec::new(TOOL).version("1.0.0", |version| version);
        let system = System::start([tool]).await;
        system.bring(TOOL).await;
        let db = system.database().await;
        let made = db.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                for (name, token) in [("olga", OLGA), ("mia", MIA)] {
                    let user = users::insert(tx, name, now).await?.id;
                    let secret = TokenSecret::from_text(token);
                    tokens::insert(tx, user, &secret, NewToken::default(), now).await?;
                }
                Ok(())
            })
        });
        made.await.expect("two users");
        let project = Project::new(client, &system.url());
        Self { system, project }
    }

    /// Returns the argument that shows a token.
    fn shown(&self, token: &str) -> String {
        format!("--//{}/:_authToken={token}", self.system.address())
    }

    async fn run(&self, token: &str, arguments: &[&str]) -> String {
        let shown = self.shown(token);
        self.project.run(&[arguments, &[&shown]].concat()).await
    }

    async fn json(&self, token: &str, arguments: &[&str]) -> Value {
        let said = self.run(token, &[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("{arguments:?}: {said}"))
    }
}

async fn npm_manages_who_may_read(client: Client) {
    let desk = Desk::new(client).await;
    let set = desk
        .json(ADMIN_TOKEN, &["org", "set", "acme", "olga", "owner"])
        .await;
    assert_eq!(set["role"], "owner", "{set}");
    desk.run(OLGA, &["org", "set", "acme", "mia"]).await;
    let listed = desk.json(OLGA, &["org", "ls", "acme"]).await;
    assert_eq!(listed, json!({"olga": "owner", "mia": "developer"}));
    desk.run(OLGA, &["team", "create", "acme:devs"]).await;
    desk.run(OLGA, &["team", "add", "acme:devs", "mia"]).await;
    assert_eq!(
        desk.json(MIA, &["team", "ls", "acme"]).await,
        json!(["acme:devs"])
    );
    assert_eq!(
        desk.json(MIA, &["team", "ls", "acme:devs"]).await,
        json!(["mia"])
    );

    assert_eq!(
        desk.json(OLGA, &["access", "get", "status", TOOL]).await,
        json!({TOOL: "public"})
    );
    desk.run(OLGA, &["access", "grant", "read-only", "acme:devs", TOOL])
        .await;
    let bound = json!({TOOL: "read-only"});
    for whose in ["acme:devs", "acme", "mia"] {
        let listed = desk.json(MIA, &["access", "list", "packages", whose]).await;
        assert_eq!(listed, bound, "{whose}");
    }
    let who = desk
        .json(OLGA, &["access", "list", "collaborators", TOOL])
        .await;
    assert_eq!(who, json!({"mia": "read-only"}));
    assert_eq!(
        desk.json(MIA, &["access", "get", "status", TOOL]).await,
        json!({TOOL: "private"})
    );
    assert_eq!(
        desk.run(MIA, &["view", TOOL, "version"]).await.trim(),
        "1.0.0"
    );
    let said = desk.project.fail(&["view", TOOL, "version"]).await;
    assert!(said.contains("E404"), "{said}");
    let said = desk.project.fail(&["install", TOOL]).await;
    assert!(said.contains("E404"), "{said}");
    desk.run(MIA, &["install", TOOL]).await;

    desk.run(OLGA, &["access", "set", "status=public", TOOL])
        .await;
    assert_eq!(
        desk.project.run(&["view", TOOL, "version"]).await.trim(),
        "1.0.0"
    );
    desk.run(OLGA, &["access", "set", "status=private", TOOL])
        .await;
    desk.run(OLGA, &["access", "revoke", "acme:devs", TOOL])
        .await;
    let shown = desk.shown(MIA);
    let said = desk.project.fail(&["view", TOOL, "version", &shown]).await;
    assert!(said.contains("E404"), "{said}");
    desk.run(OLGA, &["team", "rm", "acme:devs", "mia"]).await;
    desk.run(OLGA, &["team", "destroy", "acme:devs"]).await;
    desk.run(OLGA, &["org", "rm", "acme", "mia"]).await;
    let listed = desk.json(OLGA, &["org", "ls", "acme"]).await;
    assert_eq!(listed, json!({"olga": "owner"}));
    desk.system.end().await;
}

#[tokio::test]
async fn npm_says_who_may_read_a_package() {
    npm_manages_who_may_read(Client::Npm).await;
}

#[tokio::test]
async fn an_older_npm_says_who_may_read_a_package() {
    npm_manages_who_may_read(Client::Npm10).await;
}
