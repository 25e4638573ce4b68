//! What a microcontroller reads: its request as it sends it, in the buffers that it has.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use weir_domain::catalogue::{Dependency, DependencyKind, Facts, SourceArchive};

use super::{about, put, server};
use crate::{server::Server, walk::encoded};

/// Bytes that RT-Thread's client has for all headers of an answer, and its caller for the body.
const HEADER_BUFFER: usize = 1_024;
const BODY_BUFFER: usize = 4_096;

/// Asks as RT-Thread's `webclient_get` does, and reads as it does: the headers, then as many
/// bytes as they say. The connection stays open.
async fn webclient_get(server: &Server, path: &str) -> (String, Vec<u8>) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: packages.example\r\nUser-Agent: RT-Thread HTTP Agent\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address).await.expect("listening");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let reading = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a head"));
        }
        let head = String::from_utf8(head).expect("text");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse().expect("a length"))
        });
        let mut body = vec![0; length.expect("the length is told")];
        stream
            .read_exact(&mut body)
            .await
            .expect("as many bytes as were told");
        (head, body)
    };
    let read = tokio::time::timeout(Duration::from_secs(20), reading);
    read.await.expect("answered in time")
}

/// Finds a field as cJSON does: the first whose name is the same in any case.
fn c_json_get<'a>(object: &'a Value, name: &str) -> &'a str {
    let fields = object.as_object().expect("an object").iter();
    let mut same = fields.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let (_, value) = same.next().expect("the field is there");
    assert!(same.next().is_none(), "{name} is there once");
    value.as_str().expect("a text")
}

#[tokio::test]
async fn the_embedded_client_gets_what_it_can_read() {
    let server = server().await;
    let (head, body) = webclient_get(&server, "/api/v1/packages/sht30").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.len() <= HEADER_BUFFER, "{head}");
    let lower = head.to_ascii_lowercase();
    assert!(!lower.contains("transfer-encoding") && !lower.contains("content-encoding"));
    assert!(
        body.len() <= BODY_BUFFER / 2,
        "an ordinary package is small"
    );
    let first = br#"{"data":{"name":"sht30","namespace":"sifli","latestVersion":"0.0.5","#;
    assert!(body.starts_with(first));
    let whole: Value = serde_json::from_slice(&body).expect("JSON");
    let data = &whole["data"];
    // The client asks for this spelling.
    assert_eq!(c_json_get(data, "latestversion"), "0.0.5");
    assert_eq!(
        (c_json_get(data, "name"), c_json_get(data, "namespace")),
        ("sht30", "sifli")
    );
}

fn texts(count: usize, text: &str) -> Vec<String> {
    (0..count).map(|n| format!("{text}{n}")).collect()
}

fn enormous(text: &str) -> Facts {
    let long = text.repeat(20_000 / text.len());
    let dependency = |name: String| Dependency {
        name,
        namespace: Some("n".repeat(200)),
        requirement: "[>=1.0 <2.0]".to_owned(),
        kind: DependencyKind::Requires,
    };
    let source = |n| SourceArchive {
        url: format!("https://registry.example/{n}/{}", "x".repeat(1_000)),
        sha256: None,
    };
    Facts {
        description: Some(long.clone()),
        licenses: texts(200, text),
        author: Some(long.clone()),
        homepage: Some(long.clone()),
        repository: Some(long.clone()),
        topics: texts(500, text),
        support_sdk_version: Some(long.clone()),
        package_type: Some(long.clone()),
        dependencies: texts(300, text).into_iter().map(dependency).collect(),
        size_bytes: Some(u64::MAX / 2),
        sources: (0..20).map(source).collect(),
    }
}

/// Returns the data of an answer that a buffer of four kibibytes holds.
async fn fitting(server: &Server, path: &str) -> Value {
    let (head, body) = webclient_get(server, path).await;
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.len() <= HEADER_BUFFER,
        "{head}"
    );
    assert!(body.len() <= BODY_BUFFER, "{path}: {} bytes", body.len());
    assert!(body.starts_with(br#"{"data":{"name":""#));
    let whole: Value = serde_json::from_slice(&body).expect("JSON");
    whole["data"].clone()
}

#[tokio::test]
async fn an_enormous_package_fits_into_four_kibibytes() {
    let server = Server::start().await;
    for text in ["word ", "温湿度", "\"\\\u{1}", "😀"] {
        for n in 0..29 {
            put(&server, &format!("big/{n}.0.0@sifli"), about(&[]), 0).await;
        }
        put(&server, "big/29.0.0@sifli", enormous(text), u64::MAX / 4).await;
        let data = fitting(&server, "/api/v1/packages/big").await;
        let kept = (
            &data["latestVersion"],
            &data["versionsCount"],
            &data["install"],
        );
        assert_eq!(
            kept,
            (&json!("29.0.0"), &json!(30), &json!("big/29.0.0@sifli")),
            "{text:?}"
        );
        assert_eq!(data["omitted"][0], "versions");
    }
}

#[tokio::test]
async fn what_can_be_read_elsewhere_is_left_out_first() {
    let server = Server::start().await;
    for n in 0..30 {
        put(
            &server,
            &format!("many/{n}.0.0@sifli"),
            about(&["sensor"]),
            0,
        )
        .await;
    }
    let many = fitting(&server, "/api/v1/packages/many").await;
    let shown = many["versions"].as_array().expect("a list").len();
    assert!((10..=20).contains(&shown), "as many as fit: {shown}");
    assert_eq!(many["versions"][0]["version"], "29.0.0");
    assert_eq!(many["topics"], json!(["sensor"]));
    let mut facts = about(&[]);
    facts.description = Some("温".repeat(5_000));
    facts.topics = texts(10, "topic");
    put(&server, "wordy/1.0@sifli", facts, 0).await;
    let wordy = fitting(&server, "/api/v1/packages/wordy").await;
    assert_eq!(
        wordy["omitted"],
        json!(["versions", "topics", "description"])
    );
    let description = wordy["description"]
        .as_str()
        .expect("its beginning is kept");
    assert!(description.ends_with('…') && description.chars().count() > 200);
    assert_eq!(wordy["license"], "Apache-2.0");
}

#[tokio::test]
async fn the_longest_names_there_can_be_fit_too() {
    let server = Server::start().await;
    for (name, namespace) in [
        ("n".repeat(200), "s".repeat(200)),
        ("\"".repeat(200), "温".repeat(66)),
    ] {
        let reference = format!("{name}/{}@{namespace}", "\"".repeat(200));
        put(&server, &reference, enormous("\"\\"), 1).await;
        let address = format!(
            "/api/v1/packages/{}/{}",
            encoded(&namespace),
            encoded(&name)
        );
        let data = fitting(&server, &address).await;
        assert_eq!(
            (&data["name"], &data["namespace"]),
            (&json!(name), &json!(namespace))
        );
        assert_eq!(data["latestVersion"], "\"".repeat(200));
    }
}
