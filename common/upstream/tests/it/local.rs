//! The command line's way to a server: the token, lines, and errors for a person.

use weir_domain::token::TokenSecret;
use weir_upstream::{LineStream, LocalClient, LocalError, LocalServer, local_client};

use crate::wire::{Wire, head, reply};

fn client(wire: &Wire, prefix: &str) -> LocalClient {
    local_client(LocalServer {
        url: format!("{}{prefix}", wire.url("127.0.0.1"))
            .parse()
            .expect("a URL"),
        token: Some(TokenSecret::from_text("npm_secret")),
        one_time_password: Some("123456".to_owned()),
        ca_file: None,
    })
    .expect("a client")
}

async fn get(client: &LocalClient, path: &str) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}{path}", client.base());
    client.http().get(url).send().await
}

#[tokio::test]
async fn the_token_goes_to_the_server_below_its_prefix() {
    let wire = Wire::saying(reply("200 OK", &[], b"{}"));
    get(&client(&wire, "prefix/"), "/syncs?x=1")
        .await
        .expect("got");
    let seen = &wire.seen()[0];
    assert_eq!(seen.path(), "/prefix/syncs?x=1");
    assert_eq!(seen.header("authorization"), Some("Bearer npm_secret"));
    assert_eq!(seen.header("npm-otp"), Some("123456"));
}

#[tokio::test]
async fn a_refusal_is_the_servers_own_sentence() {
    let long = [
        br#"{"reason":""#.as_slice(),
        &b"x".repeat(1 << 20),
        br#""}"#,
    ]
    .concat();
    for (status, body, expected) in [
        (
            "404 Not Found",
            br#"{"error":"[NOT_FOUND] no such task","reason":"no such task"}"#.as_slice(),
            "says: no such task (404)",
        ),
        ("502 Bad Gateway", b"<html>", "says: Bad Gateway (502)"),
        ("502 Bad Gateway", &long, "says: Bad Gateway (502)"),
    ] {
        let wire = Wire::saying(reply(status, &[], body));
        let client = client(&wire, "");
        let answer = get(&client, "/x").await.expect("answered");
        let error = client.refused(answer).await.to_string();
        assert!(error.ends_with(expected), "{error}");
    }
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
        one_time_password: None,
        ca_file: None,
    };
    let client = local_client(server).expect("a client");
    let error = get(&client, "/x").await.expect_err("nobody there");
    let message = client.unreachable(&error).to_string();
    assert!(
        message.starts_with(&format!("nothing answers at http://127.0.0.1:{port}")),
        "{message}"
    );
    assert!(!message.contains("hunter2"));
}

async fn log(client: &LocalClient) -> LineStream {
    let answer = get(client, "/log").await.expect("a log");
    client.lines(answer.bytes_stream())
}

#[tokio::test]
async fn lines_come_one_by_one_and_a_broken_log_is_an_error() {
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len()).into_bytes();
    let start = head("200 OK", &[("transfer-encoding", "chunked")], None);
    let pieces = [start, chunk("one\ntw"), chunk("o\r\n\nfo"), chunk("ur")].concat();
    let whole = Wire::saying([pieces.as_slice(), b"0\r\n\r\n"].concat());
    let mut lines = log(&client(&whole, "")).await;
    let mut read = Vec::new();
    while let Some(line) = lines.next().await.expect("whole") {
        read.push(line);
    }
    assert_eq!(read, ["one", "two", "", "four"]);
    let broken = Wire::saying(pieces);
    let mut lines = log(&client(&broken, "")).await;
    for expected in ["one", "two", ""] {
        assert_eq!(
            lines.next().await.expect("whole").as_deref(),
            Some(expected)
        );
    }
    let error = lines.next().await.expect_err("broken off");
    assert!(matches!(error, LocalError::Interrupted { .. }), "{error}");
}
