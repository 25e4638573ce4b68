//! Every documented operation, asked by everybody: what the document says is what happens.
//!
//! Paths and bodies are the document's own examples, and [`World`] is made so that they are
//! true. So an operation is walked as soon as it is documented; one that needs more than an
//! example gets it in [`World::value`].

use serde_json::{Value, json};
use weir_domain::{TaskId, task::ErrorCode, token::TokenSecret};
use weir_store::{
    clock, registries,
    tokens::{self, NewToken},
    users,
};
use weir_testkit::{
    StandIn,
    client::{Call, Reply},
};

use crate::{
    document::{document, operations},
    packages::package,
    schema::check,
    server::{ADMIN, ALICE, Server},
};

/// A user's token that may only read.
const READER: &str = "npm_reader-token-of-the-tests-0123456789";

/// Somebody who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Stranger,
    User,
    Reader,
    Admin,
    /// Shows a token that nobody has.
    Liar,
}

impl Caller {
    const ALL: [Self; 5] = [
        Self::Stranger,
        Self::User,
        Self::Reader,
        Self::Admin,
        Self::Liar,
    ];

    fn token(self) -> Option<&'static str> {
        match self {
            Self::Stranger => None,
            Self::User => Some(ALICE),
            Self::Reader => Some(READER),
            Self::Admin => Some(ADMIN),
            Self::Liar => Some("npm_nobody"),
        }
    }

    /// What reads, although its method is not GET: it makes what somebody needs to read, or asks
    /// with a body.
    const READS: [&str; 4] = [
        "create_log_ticket",
        "find_advisories",
        "audit_tree",
        "audit_tree_quickly",
    ];

    /// Where credentials do not matter: a token that expired keeps nobody from getting another.
    const ENTERS: [&str; 2] = ["log_in", "revise_user"];

    /// Returns the status that the document says this caller gets.
    fn status(self, method: &str, operation: &Value) -> u16 {
        let security = operation["security"].as_array().expect("it is said");
        let names = |name: &str| security.iter().any(|one| one.get(name).is_some());
        let is_open = security.iter().any(|one| one == &json!({}));
        let id = operation["operationId"].as_str().expect("an id");
        let is_read = method == "get" || Self::READS.contains(&id);
        match self {
            _ if Self::ENTERS.contains(&id) => success(operation),
            Self::Liar => 401,
            Self::Stranger if !is_open => 401,
            Self::Reader if !is_read => 403,
            Self::User | Self::Reader if names("admin") => 403,
            _ => success(operation),
        }
    }
}

/// Returns the status of an operation that did what it is for.
fn success(operation: &Value) -> u16 {
    let statuses = operation["responses"].as_object().expect("responses");
    let statuses = statuses.keys().filter_map(|status| status.parse().ok());
    statuses.min().expect("a status")
}

/// What the examples speak of.
struct World {
    server: Server,
    failed: TaskId,
    /// What is passed on comes from here.
    _upstream: StandIn,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let versions = package("@scope/name").version("1.0.0", "one");
        let versions = versions.version("1.2.0", "two").tag("sync", "1.2.0");
        versions.publish(&server).await;
        let code = ErrorCode::UpstreamUnavailable;
        let failed = server.fail("failing", &json!({}), ALICE, code).await;
        let reader = NewToken {
            is_readonly: true,
            ..NewToken::default()
        };
        server.token("alice", READER, reader).await;
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
        server
            .registry_at(registries::DEFAULT_SLUG, upstream.url())
            .await;
        Self {
            server,
            failed,
            _upstream: upstream,
        }
    }

    /// Returns a parameter's value for an operation, where the example will not do.
    async fn value(&self, operation: &str, parameter: &str) -> Option<String> {
        match (operation, parameter) {
            ("retry_task", "task_id") => Some(self.failed.to_string()),
            ("log_out", "token") => Some(self.fresh_token().await),
            (_, "rev") => {
                let shown = self.server.fetch("/-/user/org.couchdb.user:johndoe").await;
                shown.json()["_rev"].as_str().map(str::to_owned)
            }
            // One that waits, whatever became of the former.
            (_, "task_id") => Some(self.server.submit("@scope/name").await.to_string()),
            _ => None,
        }
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
            let value = self.value(id, &name).await.unwrap_or(example);
            path = path.replace(&format!("{{{name}}}"), &encoded(&value));
        }
        let method = method.to_uppercase().parse().expect("a method");
        let mut call = Call::new(method, self.server.url(&path));
        if let Some(token) = caller.token() {
            call = call.bearer(token);
        }
        with_body(call, operation, document)
            .send()
            .await
            .expect("answered")
    }
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

#[tokio::test]
async fn every_operation_answers_everybody_as_the_document_says() {
    let (document, world) = (document(), World::new().await);
    let mut faults = Vec::new();
    for operation in operations(&document) {
        let id = operation.2["operationId"].clone();
        for caller in Caller::ALL {
            let expected = caller.status(&operation.1, &operation.2);
            let reply = world.ask(&operation, &document, caller).await;
            let fault = fault(&document, &operation.2, expected, &reply);
            faults.extend(fault.map(|fault| format!("{id} for {caller:?}: {fault}")));
        }
    }
    assert!(
        faults.is_empty(),
        "not as documented (what an example speaks of is made in World::new, what an operation \
         needs beyond it in World::value): {faults:#?}"
    );
}

#[tokio::test]
async fn nothing_is_found_where_nothing_is() {
    let (document, server) = (document(), Server::start().await);
    for (path, method, operation) in operations(&document) {
        let asked = path_examples(&operation);
        // What has no parameter is there, what makes something needs nothing.
        if asked.is_empty() || method == "put" || path.contains("{kind}") {
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
