//! Every documented operation, asked by everybody and with every restriction of a token: what
//! the document and the contract say is what happens.
//!
//! Paths and bodies are the document's own examples, and [`World`] is made so that they are
//! true. So an operation is walked as soon as it is documented; one that needs more than an
//! example gets it in [`World::value`], one of a new family a place in
//! `Family::of`.

mod callers;

use serde_json::{Value, json};
use weir_api::Settings;
use weir_domain::{
    OrgName, PackageName, RegistryId, TaskId, TeamName, Timestamp, TokenId,
    org::{self, Role},
    task::ErrorCode,
    token::{Cidr, TokenSecret},
};
use weir_store::{
    clock, github_accounts, orgs,
    registries::DEFAULT_SLUG,
    scopes, teams,
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{
    Browser, Github, StandIn,
    client::{Call, Reply},
};

use self::callers::Caller;
use crate::{
    catalogue,
    document::{document, operations},
    github::with_github,
    packages::package,
    registries,
    schema::check,
    server::{ADMIN, ALICE, Server},
    site, web_logins,
};

/// The package that the examples name, and its scope.
const PACKAGE: &str = "@scope/name";
const SCOPE: &str = "scope";
/// The password that the examples name.
const PASSWORD: &str = "my-password";

/// What the examples speak of.
struct World {
    server: Server,
    failed: TaskId,
    /// What is passed on comes from here.
    _upstream: StandIn,
    github: Github,
}

impl World {
    async fn new() -> Self {
        let github = Github::start().await;
        let server = Server::with(Settings {
            allows_registration: true,
            sealer: registries::sealing().sealer,
            ..with_github(&github, &[])
        });
        let server = server.await;
        registries::source(&server, "artifactory", "https://art.example").await;
        server.second_registry("npmjs").await;
        let versions = package(PACKAGE).version("1.0.0", "one");
        let versions = versions.version("1.2.0", "two").tag("sync", "1.2.0");
        versions.publish(&server).await;
        package("elsewhere")
            .version("1.0.0", "one")
            .publish(&server)
            .await;
        let code = ErrorCode::UpstreamUnavailable;
        let failed = server.fail("failing", &json!({}), ALICE, code).await;
        for caller in Caller::ALL {
            mint(&server, caller).await;
        }
        for user in ["alice", "admin", "other"] {
            server.password(user, PASSWORD).await;
        }
        catalogue::put(
            &server,
            "sht30/0.0.5@sifli",
            catalogue::about(&["sensor"]),
            1,
        )
        .await;
        let bob = "npm_bob-token-of-the-walk-0123456789";
        server.token("bob", bob, NewToken::default()).await;
        let john = json!({"name": "johndoe", "password": "securepassword123", "email": "john@example.com"});
        let path = server.url("/-/admin/users");
        let made = Call::new(http::Method::POST, path)
            .bearer(ADMIN)
            .json(&john);
        assert_eq!(made.send().await.expect("answered").status, 201);
        let upstream = StandIn::builder().start().await;
        for path in ["/-/npm/v1/keys", "/-/npm/v1/attestations/@scope/name@1.0.0"] {
            upstream.put_document(path, Some("{}"));
        }
        server.registry_at(DEFAULT_SLUG, upstream.url()).await;
        Self {
            server,
            failed,
            _upstream: upstream,
            github,
        }
    }

    /// Has `acme` be as the examples need it, whatever became of it; returns its name.
    async fn acme(&self) -> String {
        let restored = self.server.content.db.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let name = OrgName::parse("acme").expect("a name");
                if let Some(org) = orgs::find(&**tx, &name).await? {
                    orgs::remove(tx, org.id).await?;
                }
                let org = orgs::insert(tx, &name, None, now).await?;
                let devs = TeamName::parse("devs").expect("a name");
                let team = teams::insert(tx, org, (&devs, None), now).await?;
                for (user, role) in [("alice", Role::Owner), ("bob", Role::Developer)] {
                    let user = users::find_by_name(&**tx, user).await?.expect("a user").id;
                    orgs::put_member(tx, org, (user, role), now).await?;
                    teams::put_member(tx, team, user, now).await?;
                }
                let tool = PackageName::parse("@acme/tool").expect("a name");
                teams::bind(tx, team, (&tool, org::Permission::Read), now).await
            })
        });
        restored.await.expect("restored");
        "acme".to_owned()
    }

    /// Returns what an operation's query must say.
    async fn query(&self, operation: &str) -> String {
        if operation != "fetch_web_login" {
            return String::new();
        }
        let login = web_logins::begin(&self.server).await;
        let browser = Browser::default();
        site::sign_in(&self.server, &browser, "bob").await;
        let page = browser.open(&login.login_url).await;
        browser
            .submit(&page, "/-/login/web", &[("answer", "yes")])
            .await;
        let (_, query) = login.done_url.split_once('?').expect("a query");
        format!("?{query}")
    }

    /// Returns a parameter's value for an operation, where the example will not do.
    async fn value(&self, operation: &str, parameter: &str, owner: &'static str) -> Option<String> {
        match (operation, parameter) {
            ("retry_task", "task_id") => Some(self.failed.to_string()),
            // What others read is not to be blocked, and only a version is.
            (
                "block_package" | "unblock_package" | "block_version" | "unblock_version",
                "fullname",
            ) => Some("blocked".to_owned()),
            ("block_version" | "unblock_version" | "show_version_block", "version") => {
                Some("1.0.0".to_owned())
            }
            ("change_access", "fullname") => Some("@acme/tool".to_owned()),
            (_, "org") => Some(self.acme().await),
            ("list_user_packages", "user") => Some(owner.to_owned()),
            // One that nobody else wants.
            ("cancel_task", "task_id") => Some(self.server.submit("alices").await.to_string()),
            ("log_out", "token") => Some(self.fresh_token().await),
            ("remove_scope", "scope_id") => Some(self.spare_scope().await),
            ("take_catalogue_event", "registry_id") => Some("artifactory".to_owned()),
            ("remove_registry", "registry_id") => {
                let slug = RegistryId::new().to_string();
                self.server.second_registry(&slug).await;
                Some(slug)
            }
            (id, "task_id") if id.contains("catalogue_sync") => Some(self.alices_sync().await),
            (_, "rev") => {
                let shown = self.server.fetch("/-/user/org.couchdb.user:johndoe").await;
                shown.json()["_rev"].as_str().map(str::to_owned)
            }
            // One that waits, whatever became of the former.
            (_, "task_id") => Some(self.server.submit(PACKAGE).await.to_string()),
            ("revoke_npm_token", "token_key") => Some(self.spare(owner).await.1),
            ("revoke_token", "token_id") => Some(self.spare(owner).await.0.to_string()),
            _ => None,
        }
    }

    /// Makes a scope that may be forgotten; returns its id.
    async fn spare_scope(&self) -> String {
        let made = self.server.content.db.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let name = format!("@{}", TaskId::new());
                scopes::insert(tx, &name, None, now).await
            })
        });
        made.await.expect("a scope").id.to_string()
    }

    /// Has a synchronisation wait that only alice asked for; returns its id.
    async fn alices_sync(&self) -> String {
        let ask = async |method: http::Method, path: &str, token: &str| {
            let call = Call::new(method, self.server.url(path)).bearer(token);
            call.send().await.expect("answered").json()
        };
        let waiting = ask(http::Method::GET, "/api/v1/sync?status=waiting", ADMIN).await;
        for sync in waiting["data"].as_array().expect("a list") {
            let path = format!("/api/v1/sync/{}", sync["id"].as_str().expect("an id"));
            ask(http::Method::DELETE, &path, ADMIN).await;
        }
        let asked = ask(http::Method::POST, "/api/v1/sync", ALICE).await;
        asked["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a token that may be revoked; returns its id and its key.
    async fn spare(&self, owner: &'static str) -> (TokenId, String) {
        let secret = TokenSecret::generate();
        let key = secret.hash().to_string();
        let made = self.server.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let user = users::find_by_name(&**tx, owner).await?.expect("there");
                tokens::insert(tx, user.id, &secret, NewToken::default(), now).await
            })
        });
        (made.await.expect("a token"), key)
    }

    /// Has everybody who walks be linked with an account of GitHub's.
    async fn link_everybody(&self) {
        let linked = self.server.content.db.write(|tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                for (number, name) in (1..).zip(["alice", "admin", "other"]) {
                    let user = users::find_by_name(&**tx, name).await?.expect("there").id;
                    github_accounts::remove(tx, user).await?;
                    github_accounts::insert(tx, user, (number, name), now).await?;
                }
                Ok(())
            })
        });
        linked.await.expect("linked");
    }

    /// Makes another token of the user's.
    async fn fresh_token(&self) -> String {
        let secret = TokenSecret::generate();
        let made = secret.clone();
        let minted = self.server.content.db.write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let alice = users::find_by_name(&**tx, "alice").await?.expect("seeded");
                tokens::insert(tx, alice.id, &made, NewToken::default(), now).await
            })
        });
        minted.await.expect("a token");
        secret.reveal().to_owned()
    }

    async fn ask(
        &self,
        (path, method, operation): &(String, String, Value),
        document: &Value,
        caller: Caller,
    ) -> Reply {
        let mut path = path.clone();
        let id = operation["operationId"].as_str().expect("an id");
        for (name, example) in path_examples(operation) {
            let owner = if caller == Caller::Admin {
                "admin"
            } else {
                "alice"
            };
            let value = self.value(id, &name, owner).await.unwrap_or(example);
            path = path.replace(&format!("{{{name}}}"), &encoded(&value));
        }
        path.push_str(&self.query(id).await);
        if id == "unlink_github" {
            self.link_everybody().await;
        }
        if id == "fetch_device_login" {
            let code = &document["components"]["schemas"]["DeviceQuestion"]["example"];
            let code = code["deviceCode"].as_str().expect("an example");
            self.github.grant_device(code, (1, "octocat"));
        }
        let method = method.to_uppercase().parse().expect("a method");
        let mut call = Call::new(method, self.server.url(&path));
        if let Some(token) = caller.token() {
            call = call.bearer(&token);
        }
        if id == "take_catalogue_event" && caller != Caller::Stranger {
            call = call.header("X-JFrog-Event-Auth", registries::MARKER);
        }
        with_body(call, operation, document)
            .send()
            .await
            .expect("answered")
    }
}

/// Makes a caller's token, if it is one of the walk's.
async fn mint(server: &Server, caller: Caller) {
    let Some(text) = caller.token().filter(|text| text.contains("-of-the-walk-")) else {
        return;
    };
    if caller == Caller::Liar {
        return;
    }
    let cidr = |text: &str| -> Vec<Cidr> { vec![text.parse().expect("a network")] };
    let cidrs = match caller {
        Caller::Foreign => cidr("192.0.2.0/24"),
        Caller::Home => cidr("127.0.0.0/8"),
        _ => vec![],
    };
    let grant = caller.grant();
    let made = server.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let name = if caller == Caller::Other {
                "other"
            } else {
                "alice"
            };
            let user = match users::find_by_name(&**tx, name).await? {
                Some(user) => user,
                None => users::insert(tx, name, now).await?,
            };
            let new = NewToken {
                is_readonly: caller == Caller::Reader,
                is_automation: caller == Caller::Machine,
                expires_at: (caller == Caller::Expired).then_some(Timestamp(1)),
                cidrs: &cidrs,
                grant: grant.as_ref(),
                ..NewToken::default()
            };
            tokens::insert(tx, user.id, &TokenSecret::from_text(text), new, now).await
        })
    });
    made.await.expect("a token");
}

/// Returns the parameters of an operation's path, each with its example.
pub fn path_examples(operation: &Value) -> Vec<(String, String)> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of_path = parameters.filter(|parameter| parameter["in"] == "path");
    of_path
        .map(|parameter| {
            let name = parameter["name"].as_str().expect("a name");
            let example = parameter["schema"]["example"].as_str();
            let example = example
                .unwrap_or_else(|| panic!("the parameter {name} has no example in {operation}"));
            (name.to_owned(), example.to_owned())
        })
        .collect()
}

/// Returns a text fit for one segment of a path.
pub fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    let bytes = text.bytes();
    bytes
        .map(|byte| match byte {
            plain if is_plain(plain) => char::from(plain).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Adds the example of an operation's body, if it has one.
fn with_body(call: Call, operation: &Value, document: &Value) -> Call {
    let Some((_, media)) = media_of(&operation["requestBody"]).next() else {
        return call;
    };
    let name = media["schema"]["$ref"].as_str().expect("a named schema");
    let schema = document.pointer(name.trim_start_matches('#'));
    call.json(&schema.expect("it is there")["example"])
}

fn media_of(body: &Value) -> impl Iterator<Item = (&String, &Value)> {
    body["content"].as_object().into_iter().flatten()
}

/// What nobody gets here: no source of this server's passes files on (system tests have one).
const NOT_HERE: [&str; 1] = ["download_catalogue_file"];

/// Says what is wrong with an answer, by the document.
fn fault(document: &Value, operation: &Value, expected: u16, reply: &Reply) -> Option<String> {
    if reply.status != expected {
        let text = String::from_utf8_lossy(&reply.body);
        return Some(format!("{} and not {expected}: {text}", reply.status));
    }
    let response = &operation["responses"][reply.status.to_string()];
    if response.is_null() {
        return Some(format!("{} is not documented", reply.status));
    }
    let kind = reply.header("content-type");
    let Some((_, media)) = media_of(response).find(|(media_type, _)| *media_type == kind) else {
        return Some(format!("{} as {kind:?} is not documented", reply.status));
    };
    if kind.starts_with("application/") && kind.contains("json") {
        check(document, &media["schema"], &reply.json(), kind);
    }
    None
}

/// Says what is wrong with the challenge of an answer.
fn challenge_fault(caller: Caller, reply: &Reply) -> Option<String> {
    let expected = match (reply.status, caller) {
        (401, Caller::Foreign) => "ipaddress",
        (401, _) => "Bearer",
        _ => "",
    };
    let challenge = reply.header("www-authenticate");
    (challenge != expected).then(|| format!("is challenged with {challenge:?}"))
}

#[tokio::test]
async fn every_operation_answers_everybody_as_the_document_says() {
    let (document, world) = (document(), World::new().await);
    let mut faults = Vec::new();
    for operation in operations(&document) {
        let id = operation.2["operationId"].clone();
        for caller in Caller::ALL {
            let expected = match caller.status(&operation.0, &operation.1, &operation.2) {
                200 if NOT_HERE.iter().any(|other| id == *other) => 404,
                expected => expected,
            };
            let reply = world.ask(&operation, &document, caller).await;
            let fault = fault(&document, &operation.2, expected, &reply)
                .or_else(|| challenge_fault(caller, &reply));
            faults.extend(fault.map(|fault| format!("{id} for {caller:?}: {fault}")));
        }
    }
    assert!(
        faults.is_empty(),
        "not as documented (what an example speaks of is made in World::new, what an operation \
         needs beyond it in World::value): {faults:#?}"
    );
}

/// What is answered of names too that nobody has heard of.
const NEED_NOTHING: [&str; 5] = [
    "show_package_block",
    "unblock_package",
    "unblock_version",
    "change_access",
    // Its example is there always.
    "list_user_packages",
];

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let (document, server) = (document(), Server::start().await);
    for (path, method, operation) in operations(&document) {
        let asked = path_examples(&operation);
        // What has no parameter is there, what makes something needs nothing.
        let id = operation["operationId"].as_str().expect("an id");
        let needs_nothing = method == "put" || NEED_NOTHING.contains(&id);
        if asked.is_empty() || needs_nothing || path.contains("{kind}") {
            continue;
        }
        let fill = |path: String, (name, value): (String, String)| {
            path.replace(&format!("{{{name}}}"), &encoded(&value))
        };
        let path = asked.into_iter().fold(path, fill);
        let call = Call::new(
            method.to_uppercase().parse().expect("a method"),
            server.url(&path),
        );
        let call = with_body(call.bearer(ADMIN), &operation, &document);
        let reply = call.send().await.expect("answered");
        let fault = fault(&document, &operation, 404, &reply);
        assert_eq!(fault, None, "{method} {path}");
    }
}
