//! What a request leaves in the log: where, what came of it, how long, how much; no secret.
//!
//! Alone in its binary, because the log is the whole process's.

#[path = "it/setup.rs"]
#[expect(dead_code, reason = "a part of the common setup is enough here")]
mod setup;
#[path = "it/wire.rs"]
#[expect(dead_code, reason = "a part of the scripted server is enough here")]
mod wire;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tracing::Level;
use weir_upstream::{Authorization, Validators};

use self::{
    setup::{config, name, registry_of, upstreams},
    wire::{Act, Wire, reply},
};

/// Where the log goes.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_is_one_span_with_its_fields_and_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the first and only");
    let wire = Wire::start(|seen| match seen.path() {
        "/a" => vec![Act::Send(reply(
            "302 Found",
            &[("location", "/b?token=hunter2")],
            b"",
        ))],
        _ => vec![Act::Send(reply("200 OK", &[], b"{\"name\":\"a\"}"))],
    });
    let bearer = Authorization::bearer("hunter2").expect("a header");
    let npm = upstreams(config())
        .registry(&registry_of(&wire))
        .with_authorization(bearer);
    npm.packument(&name("a"), &Validators::default(), |_| {})
        .await
        .expect("arrived");
    let text = String::from_utf8(log.0.lock().expect("no panic").clone()).expect("text");
    assert!(!text.contains("hunter2"), "{text}");
    let ends: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .filter(|line: &Value| line["fields"]["message"] == "upstream request ended")
        .collect();
    let field = |end: &Value, name: &str| end["span"][name].clone();
    let seen: Vec<_> = ends
        .iter()
        .map(|end| {
            (
                field(end, "path"),
                field(end, "status"),
                field(end, "bytes"),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("/a".into(), 302.into(), 0.into()),
            ("/b".into(), 200.into(), 12.into())
        ]
    );
    for end in &ends {
        assert_eq!(
            field(end, "host"),
            format!("up.example:{}", wire.address.port()).as_str()
        );
        assert!(field(end, "duration_ms").is_u64(), "{end}");
    }
    assert_eq!(ends[1]["fields"]["outcome"], "whole");
}
