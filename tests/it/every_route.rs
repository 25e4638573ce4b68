//! The same bad input for every route of the document: no answer is a server's error, and every
//! refusal has the contract's shape. What single routes must say is in `bad_input`.

use serde_json::Value;
use weir_testkit::{presets, until};
use weir_tests::{
    System,
    raw::{self, RawReply},
    system::{ADMIN_TOKEN, SOON},
};

/// What stands where a path has a parameter.
const IN_PATHS: &[&str] = &[
    "",
    "-",
    ".",
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%5c..%5c",
    "%",
    "%zz",
    "%00",
    "%ff%fe",
    "%E2%80%AE",
    "a%0d%0ax-injected:%201",
    "a%3Fb%23c",
    "a;b=c",
    "'%20OR%201=1--",
    "{}",
    "0",
    "99999999999999999999",
    "@",
    "@a",
    "@a%2f",
    "%40a%252fb",
    "__proto__",
    "018f0000-0000-7000-8000-000000000000",
    "018F0000-0000-7000-8000-00000000000",
];
/// What a query's parameter is.
const IN_QUERIES: &[&str] = &[
    "",
    "-1",
    "1.5",
    "abc",
    "true%00",
    "99999999999999999999999",
    "-9223372036854775808",
    "%",
    "%ff",
    "[]",
    "%27%3B--",
    "1&limit=2&limit=3",
];
/// What a header is.
const HEADERS: &[(&str, &str)] = &[
    ("accept", "///"),
    ("accept", "text/html;q=nan, */*;q=-1, application/json;q=9"),
    ("accept-encoding", "gzip;q=9, *;q=x,,;"),
    ("range", "bytes=9-1,x-,-"),
    ("range", "lines=1-2"),
    ("if-none-match", "\""),
    ("if-modified-since", "yesterday"),
    ("last-event-id", "-1"),
    ("x-request-id", "../{}"),
    ("idempotency-key", "\t;,\"a"),
    ("host", "evil.example:99999"),
    ("x-forwarded-for", "::::, 1.2.3.4.5"),
    ("content-encoding", "gzip"),
    ("content-type", "multipart/form-data; boundary="),
];
/// What a body is, with its content type.
const BODIES: &[(&str, &[u8])] = &[
    ("application/json", b"{"),
    ("application/json", b"nul"),
    ("application/json", b"[]"),
    ("application/json", b"\"text\""),
    ("application/json", b"1e999"),
    ("application/json", b"{\"\xff\":1}"),
    ("application/json", b"{\"tips\":\"\\ud800\"}"),
    ("application/json", b"{\"tips\":1,\"force\":\"yes\",\"specificVersions\":{},\"kind\":[],\"count\":-1,\"priority\":1e9,\"tasks\":{}}"),
    ("application/json; charset=utf-16", b"\xff\xfe{\0}\0"),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///'>]><a>&b;</a>"),
    ("application/x-www-form-urlencoded", b"a=b&a[]=%ff"),
    ("", b"{}"),
];

/// A route of the document.
#[derive(Debug)]
struct Operation {
    method: String,
    path: String,
    queries: Vec<String>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let queries = parameters.filter(|parameter| parameter["in"] == "query");
            let queries = queries.filter_map(|parameter| parameter["name"].as_str());
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                queries: queries.map(str::to_owned).collect(),
            });
        }
    }
    operations
}

impl Operation {
    /// Returns the path with a value in the place of each parameter.
    fn path_of(&self, value: impl Fn(&str) -> String) -> String {
        let mut pieces = self.path.split('{');
        let mut path = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').expect("a parameter ends");
            path.push_str(&value(name));
            path.push_str(rest);
        }
        path
    }

    /// Returns the names of the path's parameters.
    fn places(&self) -> Vec<&str> {
        let pieces = self.path.split('{').skip(1);
        pieces.filter_map(|piece| piece.split('}').next()).collect()
    }
}

struct Walk {
    system: System,
    task: String,
    asked: usize,
}

impl Walk {
    /// Returns what a parameter may well be, without making a server stop its work.
    fn usual(&self, name: &str) -> String {
        match name {
            "task_id" => self.task.clone(),
            "version" => "1.0.1".to_owned(),
            "versioned_name" => "a@1.0.1".to_owned(),
            "period" => "last-week".to_owned(),
            "file" => "a-1.0.1.tgz".to_owned(),
            "scope" => "@s".to_owned(),
            "kind" => "none".to_owned(),
            _ => "a".to_owned(),
        }
    }

    fn usual_path(&self, operation: &Operation) -> String {
        operation.path_of(|name| self.usual(name))
    }

    /// Sends a call as nobody and as the administrator, and judges the answers.
    async fn ask(&mut self, call: &str, headers: &[(&str, &str)], body: &[u8]) {
        let bearer = format!("Bearer {ADMIN_TOKEN}");
        let admin = [&[("authorization", bearer.as_str())], headers].concat();
        for headers in [headers, &admin] {
            let reply = raw::call(self.system.address(), call, headers, body).await;
            judge(&reply, call, headers, body);
            self.asked += 1;
        }
    }

    async fn bad_paths(&mut self, operation: &Operation) {
        let long = ["a".repeat(300), "%41".repeat(2_000)];
        for place in operation.places() {
            for bad in IN_PATHS
                .iter()
                .copied()
                .chain(long.iter().map(String::as_str))
            {
                let path = operation.path_of(|name| {
                    if name == place {
                        bad.to_owned()
                    } else {
                        self.usual(name)
                    }
                });
                self.ask(&format!("{} {path}", operation.method), &[], b"")
                    .await;
            }
        }
    }

    async fn bad_queries(&mut self, operation: &Operation) {
        let path = self.usual_path(operation);
        for name in &operation.queries {
            for bad in IN_QUERIES {
                let call = format!("{} {path}?{name}={bad}", operation.method);
                self.ask(&call, &[], b"").await;
            }
            let twice = format!("{} {path}?{name}=1&{name}=2", operation.method);
            self.ask(&twice, &[], b"").await;
        }
        self.ask(&format!("{} {path}?%ff&=&&&a", operation.method), &[], b"")
            .await;
    }

    async fn bad_headers_and_bodies(&mut self, operation: &Operation) {
        let call = format!("{} {}", operation.method, self.usual_path(operation));
        for header in HEADERS {
            self.ask(&call, &[*header], b"").await;
        }
        if operation.method == "GET" {
            return;
        }
        for (kind, body) in BODIES {
            let header = [("content-type", *kind)];
            let headers = if kind.is_empty() { &[][..] } else { &header };
            self.ask(&call, headers, body).await;
        }
        let json = [("content-type", "application/json")];
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        self.ask(&call, &json, &deep).await;
        let packed = [json[0], ("content-encoding", "gzip")];
        self.ask(&call, &packed, b"this is not gzip").await;
    }
}

/// Fails the test if this answer shows that the server was surprised.
fn judge(reply: &RawReply, call: &str, headers: &[(&str, &str)], body: &[u8]) {
    let said = String::from_utf8_lossy(&reply.body);
    let body = String::from_utf8_lossy(&body[..body.len().min(100)]);
    let what = format!("{call}\n{headers:?}\n{body}\n-> {}\n{said}", reply.head);
    assert!((200..500).contains(&reply.status), "{what}");
    assert_eq!(reply.header("x-injected"), "", "{what}");
    assert_ne!(reply.header("x-request-id"), "", "{what}");
    assert!(!reply.header("x-request-id").contains('/'), "{what}");
    if reply.status < 400 {
        return;
    }
    let json = reply.json();
    let error = json["error"].as_str().unwrap_or_default();
    let kind = reply.header("content-type");
    assert!(kind.starts_with("application/json"), "{what}");
    if call.contains(" /api/v1/") {
        assert!(!error.is_empty() && json["details"].is_object(), "{what}");
        assert_eq!(json["statusCode"], reply.status, "{what}");
        return;
    }
    let code = error
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    let is_code =
        |(code, _): (&str, &str)| code.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    assert!(code.is_some_and(is_code), "{what}");
    assert!(
        json["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{what}"
    );
}

#[tokio::test]
async fn bad_input_is_refused_alike_on_every_route() {
    let builder = System::builder().packages([presets::history("a", 2, 200)]);
    let system = builder.setting("WEIR_SYNC_MODE", "exist").start().await;
    let task = system.ask("a").await;
    system.succeeded(&task).await;
    let before = system.get("/a").await;
    let document = system.get("/-/openapi.json").await.json();
    let operations = operations(&document);
    assert!(operations.len() >= 30, "{} operations", operations.len());
    let mut walk = Walk {
        system,
        task: task.id,
        asked: 0,
    };
    for operation in &operations {
        walk.bad_paths(operation).await;
        walk.bad_queries(operation).await;
        walk.bad_headers_and_bodies(operation).await;
    }
    assert!(walk.asked > 3_000, "only {} were asked", walk.asked);
    let system = walk.system;
    let after = system.get("/a").await;
    assert_eq!((after.status, &after.body), (200, &before.body));
    until("what was begun to be over", SOON, async || {
        let (waiting, working) = (
            system.count("waiting").await,
            system.count("processing").await,
        );
        if waiting + working == 0 {
            Ok(())
        } else {
            Err(waiting + working)
        }
    })
    .await;
    // Names that could be some package's were asked for.
    system.upstream().ledger().clear();
    system.end().await;
}
