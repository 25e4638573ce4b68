//! Logs as server-sent events: what browsers follow, lose and take up again.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;
use weir_domain::TaskId;
use weir_store::{task_logs::Chunk, task_runs::Fence, tasks::Outcome};

use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

/// One event.
#[derive(Debug, Default)]
struct Event {
    name: String,
    id: Option<String>,
    data: Value,
}

/// Reads events from an answer, as a browser does.
struct Source {
    body: Incoming,
    text: String,
}

impl Source {
    async fn open(server: &Server, task: TaskId, last_id: Option<&str>) -> Self {
        Self::at(server, &format!("/syncs/{task}/log"), last_id).await
    }

    async fn at(server: &Server, path: &str, last_id: Option<&str>) -> Self {
        let mut call = server.get(path).header("accept", "text/event-stream");
        if let Some(id) = last_id {
            call = call.header("last-event-id", id);
        }
        let answer = call.open().await.expect("answered");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Self {
            body: answer.into_body(),
            text: String::new(),
        }
    }

    /// The next event; `None` at the end of the answer.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut event = Event::default();
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("event", name)) => name.clone_into(&mut event.name),
                        Some(("id", id)) => event.id = Some(id.to_owned()),
                        Some(("data", data)) => {
                            event.data = serde_json::from_str(data).expect("JSON");
                        }
                        _ => {}
                    }
                }
                if !event.name.is_empty() {
                    return Some(event);
                }
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame());
            let frame = frame.await.expect("something within the time")?;
            let Ok(data) = frame.expect("readable").into_data() else {
                continue;
            };
            self.text
                .push_str(std::str::from_utf8(&data).expect("text"));
        }
    }

    /// The next event of this name.
    async fn next_of(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await;
            let event = event.unwrap_or_else(|| panic!("no {name} came"));
            if event.name == name {
                return event;
            }
        }
    }

    /// Everything up to the end: the log's text, and the names of the events without repeats.
    async fn rest(mut self) -> (String, Vec<String>) {
        let (mut text, mut names) = (String::new(), Vec::new());
        while let Some(event) = self.next().await {
            if event.name == "log" {
                text.push_str(&lines_of(&event));
            }
            if names.last() != Some(&event.name) {
                names.push(event.name);
            }
        }
        (text, names)
    }
}

fn lines_of(event: &Event) -> String {
    let lines = event.data["lines"].as_array().expect("lines");
    let from = event.data["from"].as_u64().expect("a number");
    let last = from + lines.len() as u64 - 1;
    assert_eq!(event.id, Some(last.to_string()), "the last line is the id");
    let texts = lines.iter().map(|line| line.as_str().expect("text"));
    texts.flat_map(|text| [text, "\n"]).collect()
}

fn whole(lines: std::ops::RangeInclusive<usize>) -> String {
    lines.fold(String::new(), |whole, n| {
        whole + &format!("1970-01-01T00:00:00.000Z INFO line {n}\n")
    })
}

async fn write(
    server: &Server,
    fence: Fence,
    after: &Chunk,
    lines: std::ops::RangeInclusive<usize>,
) -> Chunk {
    let texts: Vec<_> = lines.map(|n| format!("line {n}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    server.log(fence, after, &texts).await
}

#[tokio::test]
async fn lines_states_and_the_end_come_as_events() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let mut source = Source::open(&server, task, None).await;
    assert_eq!(source.next_of("state").await.data["state"], "waiting");
    let fence = server.claim().await;
    assert_eq!(source.next_of("state").await.data["state"], "processing");
    write(&server, fence, &Chunk::default(), 1..=150).await;
    let first = source.next_of("log").await;
    assert_eq!(
        (first.data["from"].as_u64(), first.id.as_deref()),
        (Some(1), Some("100"))
    );
    assert_eq!(lines_of(&first), whole(1..=100));
    assert_eq!(lines_of(&source.next_of("log").await), whole(101..=150));
    server.finish(fence, Outcome::default()).await;
    let state = source.next_of("state").await;
    assert_eq!(
        (state.data["state"].as_str(), state.id),
        (Some("success"), None)
    );
    assert_eq!(source.next_of("end").await.id, None);
    assert!(
        source.next().await.is_none(),
        "the answer ends with the task"
    );
}

#[tokio::test]
async fn who_comes_back_goes_on_after_the_last_line_it_had() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    let mut after = Chunk::default();
    let mut text = String::new();
    let mut last_id = None;
    for round in 0..10 {
        let first = round * 30 + 1;
        after = write(&server, fence, &after, first..=first + 29).await;
        let mut source = Source::open(&server, task, last_id.as_deref()).await;
        let event = source.next_of("log").await;
        text.push_str(&lines_of(&event));
        last_id = event.id;
    }
    server.finish(fence, Outcome::default()).await;
    let (rest, names) = Source::open(&server, task, last_id.as_deref())
        .await
        .rest()
        .await;
    assert_eq!(text + &rest, whole(1..=300), "neither gap nor repeat");
    assert_eq!(names.last().map(String::as_str), Some("end"));
}

#[tokio::test]
async fn a_place_beyond_the_log_is_reset() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    write(&server, fence, &Chunk::default(), 1..=3).await;
    server.finish(fence, Outcome::default()).await;
    for id in ["4", "nonsense"] {
        let (text, names) = Source::open(&server, task, Some(id)).await.rest().await;
        assert_eq!(text, whole(1..=3), "{id}");
        assert_eq!(names, ["reset", "state", "log", "end"], "{id}");
    }
    let (text, names) = Source::open(&server, task, Some("3")).await.rest().await;
    assert_eq!(
        (text.as_str(), names.join(" ")),
        ("", "state end".to_owned())
    );
}

#[tokio::test]
async fn events_begin_where_the_query_says_unless_the_reader_comes_back() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    write(&server, fence, &Chunk::default(), 1..=20).await;
    server.finish(fence, Outcome::default()).await;
    for (query, id, expected) in [
        ("tail=2", None, whole(19..=20)),
        ("offset=15", None, whole(16..=20)),
        ("tail=2", Some("10"), whole(11..=20)),
    ] {
        let path = format!("/-/package/a/syncs/{task}/log?{query}");
        let (text, _) = Source::at(&server, &path, id).await.rest().await;
        assert_eq!(text, expected, "{query}, {id:?}");
    }
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_so_and_loses_nothing() {
    let server = Server::start().await;
    let task = server.submit("a").await;
    let fence = server.claim().await;
    let mut slow = Source::open(&server, task, None).await;
    let mut after = server.log(fence, &Chunk::default(), &["begin"]).await;
    let first = slow.next_of("log").await;
    // More than the sockets between the two and the ring hold: 24 MB.
    let long = "x".repeat(400);
    let lines = vec![long.as_str(); 100];
    for _ in 0..600 {
        after = server.log(fence, &after, &lines).await;
    }
    server.finish(fence, Outcome::default()).await;
    let (mut count, mut last_id, mut lags) = (1, first.id, 0);
    let mut source = slow;
    loop {
        let event = source.next().await.expect("an end or a lag");
        match event.name.as_str() {
            "log" => {
                assert_eq!(event.data["from"], count + 1, "neither gap nor repeat");
                count += event.data["lines"].as_array().expect("lines").len();
                last_id = event.id;
            }
            "lagged" => {
                assert!(source.next().await.is_none());
                lags += 1;
                source = Source::open(&server, task, last_id.as_deref()).await;
            }
            "end" => break,
            _ => {}
        }
    }
    assert_eq!((count, lags), (60_001, 1));
}
