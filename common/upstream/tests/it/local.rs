//! The command line's client: JSON, lines, and errors for a person.

use serde_json::{Value, json};
use weir_domain::token::TokenSecret;
use weir_upstream::{LocalClient, LocalError, LocalServer, local_client};

use crate::wire::{Act, Wire, head, reply};

fn client(wire: &Wire, prefix: &str) -> LocalClient {
    local_client(LocalServer {
        url: format!("{}{prefix}", wire.url("127.0.0.1"))
            .parse()
            .expect("a URL"),
        token: Some(TokenSecret::from_text("npm_secret")),
        ca_file: None,
    })
    .expect("a client")
}

#[tokio::test]
async fn json_goes_out_with_the_token_and_comes_back() {
    let wire = Wire::start(|seen| {
        let method = seen.line.split(' ').next().unwrap_or_default();
        let body = json!({"method": method, "sent": String::from_utf8_lossy(&seen.body)});
        vec![Act::Send(reply(
            "201 Created",
            &[],
            body.to_string().as_bytes(),
        ))]
    });
    let client = client(&wire, "prefix/");
    let body = json!({"tips": "x"});
    let put: Value = client
        .put("/-/package/a/syncs?x=1", &body)
        .await
        .expect("put");
    assert_eq!(
        (&put["method"], &put["sent"]),
        (&json!("PUT"), &json!(body.to_string()))
    );
    let got: Value = client.get("/syncs").await.expect("got");
    assert_eq!((&got["method"], &got["sent"]), (&json!("GET"), &json!("")));
    let deleted: Value = client.delete("/syncs/1").await.expect("deleted");
    assert_eq!(deleted["method"], "DELETE");
    let posted: Value = client.post("/x", &body).await.expect("posted");
    assert_eq!(posted["method"], "POST");
    let seen = &wire.seen()[0];
    assert_eq!(seen.path(), "/prefix/-/package/a/syncs?x=1");
    assert_eq!(seen.header("authorization"), Some("Bearer npm_secret"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn a_refusal_is_the_servers_own_sentence() {
    let body = br#"{"error":"[NOT_FOUND] no such task","reason":"no such task"}"#;
    let wire = Wire::saying(reply("404 Not Found", &[], body));
    let error = client(&wire, "")
        .get::<Value>("/x")
        .await
        .expect_err("refused");
    assert!(
        error.to_string().ends_with("says: no such task (404)"),
        "{error}"
    );
    let wire = Wire::saying(reply("502 Bad Gateway", &[], b"<html>"));
    let error = client(&wire, "")
        .get::<Value>("/x")
        .await
        .expect_err("refused");
    assert!(
        error.to_string().ends_with("says: Bad Gateway (502)"),
        "{error}"
    );
    let wire = Wire::saying(reply("200 OK", &[], b"<html>"));
    let error = client(&wire, "")
        .get::<Value>("/x")
        .await
        .expect_err("foreign");
    assert!(matches!(error, LocalError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn nothing_answering_is_said_plainly() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let server = LocalServer {
        url: format!("http://u:hunter2@127.0.0.1:{port}/")
            .parse()
            .expect("a URL"),
        token: None,
        ca_file: None,
    };
    let error = local_client(server)
        .expect("a client")
        .get::<Value>("/x")
        .await;
    let message = error.expect_err("nobody there").to_string();
    assert!(
        message.starts_with(&format!("nothing answers at http://127.0.0.1:{port}")),
        "{message}"
    );
    assert!(!message.contains("hunter2"));
}

#[tokio::test]
async fn lines_come_one_by_one_and_a_broken_log_is_an_error() {
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len()).into_bytes();
    let start = head("200 OK", &[("transfer-encoding", "chunked")], None);
    let pieces = [start, chunk("one\ntw"), chunk("o\r\n\nfo"), chunk("ur")].concat();
    let whole = Wire::saying([pieces.as_slice(), b"0\r\n\r\n"].concat());
    let mut lines = client(&whole, "").lines("/log").await.expect("a log");
    let mut read = Vec::new();
    while let Some(line) = lines.next().await.expect("whole") {
        read.push(line);
    }
    assert_eq!(read, ["one", "two", "", "four"]);
    let broken = Wire::saying(pieces);
    let mut lines = client(&broken, "").lines("/log").await.expect("a log");
    for expected in ["one", "two", ""] {
        assert_eq!(
            lines.next().await.expect("whole").as_deref(),
            Some(expected)
        );
    }
    let error = lines.next().await.expect_err("broken off");
    assert!(matches!(error, LocalError::Interrupted { .. }), "{error}");
}
