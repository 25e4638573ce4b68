//! Logs whose followers lose their connection again and again: each puts together the whole log,
//! byte for byte, while it is written and when it is sealed.

use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::Value;
use weir_domain::{
    TaskId, Timestamp,
    task::{Drill, Priority, TaskSpec},
};
use weir_store::{
    ConnectionTrait as _, Db, clock, sealed_logs,
    tasks::{self, NewRequest, NewTask},
};
use weir_testkit::{
    client::{Call, Reply},
    is_long, until,
};
use weir_tests::{System, Task, system::ADMIN_TOKEN};

/// Bytes of one part.
const PART: usize = 300_000;
const DEADLINE: Duration = Duration::from_secs(300);

/// A drill: how many lines, and how far apart.
#[derive(Debug, Clone, Copy)]
struct Shape {
    lines: u32,
    every_ms: u32,
}

/// As many lines as come, as fast as they come.
fn long() -> Shape {
    let lines = if is_long() { 200_000 } else { 20_000 };
    Shape { lines, every_ms: 0 }
}

/// Lines that take several seconds, however fast the machine is.
const SLOW: Shape = Shape {
    lines: 2_000,
    every_ms: 2,
};

/// Bytes of an answer after which its connection is cut, mostly in the middle of a line; more
/// than the longest event has.
fn cut() -> usize {
    if is_long() { 48 * 1024 } else { 8 * 1024 }
}

/// Submits a drill behind the server's back: more lines than a request may ask for.
async fn submit(db: &Db, name: &str, shape: Shape) -> Task {
    let spec = TaskSpec::Drill(Drill {
        name: name.to_owned(),
        lines: shape.lines,
        every_ms: shape.every_ms,
    });
    let submitted = db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let new = NewTask {
                spec,
                priority: Priority::USER,
                fair_key: 0,
                run_after: now,
                retry_of: None,
            };
            tasks::submit(tx, &new, &NewRequest::default(), now).await
        })
    });
    Task {
        name: name.to_owned(),
        id: submitted.await.expect("submitted").task.to_string(),
    }
}

/// What somebody has of a log, and what it took.
#[derive(Debug, Default)]
struct Have {
    text: String,
    lines: usize,
    connections: usize,
    /// Connections during which the task ran.
    live: usize,
    tickets: Vec<String>,
}

impl Have {
    fn take(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.text.push_str(text);
    }
}

/// Reads an answer until it ends or has to be cut; says which.
async fn read(call: Call) -> (String, bool) {
    let answer = call.open().await.expect("answered");
    assert_eq!(answer.status(), 200);
    let (mut body, mut got) = (answer.into_body(), Vec::new());
    while got.len() < cut() {
        match body.frame().await {
            Some(frame) => got.extend(frame.expect("readable").into_data().expect("data")),
            None => return (String::from_utf8(got).expect("text"), true),
        }
    }
    // What was on its way is lost.
    got.truncate(cut());
    (String::from_utf8(got).expect("ASCII"), false)
}

/// Follows as plain text, from the last whole line on.
async fn by_text(system: &System, task: &Task) -> Have {
    let mut have = Have::default();
    loop {
        let path = format!("/syncs/{}/log?follow=true&offset={}", task.id, have.lines);
        let (got, is_over) = read(system.call(&path).bearer(ADMIN_TOKEN)).await;
        have.connections += 1;
        let whole = got.rfind('\n').map_or(0, |at| at + 1);
        have.take(&got[..whole]);
        if is_over {
            assert_eq!(whole, got.len(), "it ends with a line");
            return have;
        }
    }
}

/// Follows as events: with `Last-Event-ID`, or, as a page can, with a ticket each time.
async fn by_events(system: &System, task: &Task, with_tickets: bool) -> Have {
    let mut have = Have::default();
    loop {
        let log = format!("/syncs/{}/log", task.id);
        let call = if with_tickets {
            let ticket = ticket(system, task).await;
            have.tickets.push(ticket.clone());
            system.call(&format!("{log}?ticket={ticket}&offset={}", have.lines))
        } else {
            let call = system.call(&log).bearer(ADMIN_TOKEN);
            call.header("last-event-id", &have.lines.to_string())
        };
        let (got, _) = read(call.header("accept", "text/event-stream")).await;
        have.connections += 1;
        have.live += usize::from(got.contains("\"state\":\"processing\""));
        let whole = got.rfind("\n\n").map_or(0, |at| at + 2);
        for event in got[..whole].split_terminator("\n\n") {
            if event.starts_with("event: end\n") {
                return have;
            }
            assert!(!event.starts_with("event: reset\n"), "{event}");
            let Some(event) = event.strip_prefix("id: ") else {
                continue;
            };
            let (id, rest) = event
                .split_once("\nevent: log\ndata: ")
                .expect("a log event");
            let data: Value = serde_json::from_str(rest).expect("JSON");
            assert_eq!(data["from"], have.lines + 1, "neither gap nor repeat");
            for line in data["lines"].as_array().expect("lines") {
                have.take(line.as_str().expect("text"));
                have.take("\n");
            }
            assert_eq!(id, have.lines.to_string());
        }
    }
}

async fn ticket(system: &System, task: &Task) -> String {
    let url = format!("{}/syncs/{}/ticket", system.url(), task.id);
    let reply = Call::new(http::Method::POST, url)
        .bearer(ADMIN_TOKEN)
        .send();
    let reply = reply.await.expect("answered");
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()["ticket"].as_str().expect("a text").to_owned()
}

/// Reads the log in parts by bytes.
async fn by_ranges(system: &System, task: &Task) -> String {
    let (mut text, path) = (String::new(), format!("/syncs/{}/log", task.id));
    loop {
        let range = format!("bytes={}-{}", text.len(), text.len() + PART - 1);
        let call = system
            .call(&path)
            .bearer(ADMIN_TOKEN)
            .header("range", &range);
        let reply: Reply = call.send().await.expect("answered");
        if reply.status == 416 {
            assert_eq!(
                reply.header("content-range"),
                format!("bytes */{}", text.len())
            );
            return text;
        }
        assert_eq!(reply.status, 206);
        text.push_str(reply.text());
    }
}

/// Has the logs sealed as if they had ended long ago, and their chunks removed.
async fn seal(db: &Db, tasks: &[&Task]) {
    let aged = db.write(|tx| {
        Box::pin(async move {
            let statement = "UPDATE tasks SET finished_at = finished_at - 3600000";
            tx.execute_unprepared(statement).await?;
            Ok(())
        })
    });
    aged.await.expect("aged");
    for task in tasks {
        let id: TaskId = task.id.parse().expect("an id");
        until("the log to be sealed", DEADLINE, async || {
            let sealed = sealed_logs::find(db.read(), id).await.expect("asked");
            sealed.is_some()
        })
        .await;
    }
    let stripped = db
        .write(|tx| Box::pin(async move { sealed_logs::strip(tx, Timestamp(i64::MAX), 10).await }));
    assert_eq!(stripped.await.expect("stripped"), tasks.len());
}

/// Follows in every way at once; all have the same. Returns it, and what the last one took.
async fn follow(system: &System, task: &Task) -> (String, Have) {
    let (by_text, by_events, by_tickets) = tokio::join!(
        Box::pin(by_text(system, task)),
        Box::pin(by_events(system, task, false)),
        Box::pin(by_events(system, task, true)),
    );
    for have in [&by_events, &by_tickets] {
        assert!(have.text == by_text.text, "they have not the same");
    }
    for have in [&by_text, &by_events, &by_tickets] {
        let least = by_text.text.len() / cut();
        assert!(have.connections > least, "{} connections", have.connections);
    }
    (by_text.text, by_tickets)
}

/// Fails unless the log says every line, and is the same in whatever parts it is read.
async fn assert_whole(system: &System, task: &Task, (text, shape): (&str, Shape)) {
    let said = text.lines().filter(|line| line.contains(" INFO Line "));
    let mut count = 0;
    for line in said {
        count += 1;
        let end = format!(" Line {count} of {}", shape.lines);
        assert!(line.ends_with(&end), "{line}");
    }
    assert_eq!(count, shape.lines);
    let path = format!("/syncs/{}/log", task.id);
    let whole = system.get_as_admin(&path).await;
    assert!(whole.text() == text, "the log is another");
    assert!(
        by_ranges(system, task).await == text,
        "its parts are others"
    );
}

#[tokio::test]
async fn followers_who_are_cut_again_and_again_have_the_whole_log() {
    let builder = System::builder().setting("WEIR_LOG", "debug");
    let mut system = builder.start().await;
    let db = system.database().await;
    let long_one = submit(&db, "long", long()).await;
    let slow_one = submit(&db, "slow", SLOW).await;
    let ((long_text, took), (slow_text, slowly)) =
        tokio::join!(follow(&system, &long_one), follow(&system, &slow_one));
    assert!(slowly.live > 1, "they are cut while it is written");
    assert_whole(&system, &long_one, (&long_text, long())).await;
    assert_whole(&system, &slow_one, (&slow_text, SLOW)).await;

    seal(&db, &[&long_one, &slow_one]).await;
    for (task, text) in [(&long_one, &long_text), (&slow_one, &slow_text)] {
        let (sealed, _) = follow(&system, task).await;
        assert!(
            sealed == *text,
            "the sealed log of {} is another",
            task.name
        );
    }
    assert_whole(&system, &long_one, (&long_text, long())).await;
    let said = system.process().output();
    assert!(said.contains("weir_api::access"), "the access log is on");
    for ticket in took.tickets.iter().chain(&slowly.tickets) {
        assert!(!said.contains(ticket), "a ticket was logged");
    }
    db.close().await;
    system.end().await;
}
