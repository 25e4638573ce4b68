//! A sealed log answers as it did before: the same parts from the same places, whether it
//! became a row or an object, and whether its chunks are still there or not.

use weir_content::Content;
use weir_domain::{Digest, TaskId, Timestamp};
use weir_store::{
    sealed_logs::{self, Sealed},
    task_logs::{self, Chunk},
    tasks::Outcome,
};

use crate::server::Server;

/// Lines of a log, in the chunks in which they are written.
type Written = Vec<Vec<String>>;

/// A few short lines.
fn short() -> Written {
    let chunk = |from: usize| (from..from + 7).map(|n| format!("line {n}")).collect();
    (0..5).map(|n| chunk(n * 7)).collect()
}

/// More than a frame of lines that hardly compress.
fn long() -> Written {
    let line = |n: usize| {
        let digest = Digest::of(n.to_string().as_bytes()).to_string();
        format!("{digest}{}{n}", &digest[n % 60..])
    };
    let chunk = |from: usize| (from..from + 200).map(line).collect();
    (0..120).map(|n| chunk(n * 200)).collect()
}

/// Writes a log and ends its task.
async fn finished(server: &Server, name: &str, written: &Written) -> TaskId {
    let id = server.submit(name).await;
    let fence = server.claim().await;
    let mut chunk = Chunk::default();
    for texts in written {
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        chunk = server.log(fence, &chunk, &texts).await;
    }
    server.finish(fence, Outcome::default()).await;
    id
}

/// What was asked, and everything of the answer that a reader goes by.
type Answered = (String, u16, [String; 3], bytes::Bytes);

/// About where a frame ends.
const MIB: i64 = 1024 * 1024;

/// Asks for every sort of part.
async fn ask(server: &Server, (name, id): (&str, TaskId)) -> Vec<Answered> {
    let extent = task_logs::extent(server.content.db.read(), id)
        .await
        .expect("asked");
    let (lines, bytes) = (extent.log_lines, extent.log_bytes);
    let path = format!("/syncs/{id}/log");
    let mut asked: Vec<(String, Option<String>)> = Vec::new();
    for offset in [
        0,
        1,
        6,
        7,
        8,
        199,
        200,
        3999,
        lines / 2,
        lines - 1,
        lines,
        lines + 1,
        i64::MAX,
    ] {
        asked.push((format!("{path}?offset={offset}"), None));
        asked.push((format!("{path}?offset={offset}&follow=true"), None));
        asked.push((format!("/{name}/sync/log/{id}?offset={offset}"), None));
    }
    for tail in [0, 1, 8, 250, 5000] {
        asked.push((format!("{path}?tail={tail}"), None));
        asked.push((format!("{path}?tail={tail}&follow=true"), None));
    }
    for (from, to) in [
        (0, 0),
        (0, 9),
        (bytes / 3, bytes / 2),
        (MIB - 70_000, MIB + 70_000),
        (bytes - 5, bytes - 1),
        (bytes - 1, bytes + 9),
        (bytes, bytes),
    ] {
        asked.push((path.clone(), Some(format!("bytes={from}-{to}"))));
    }
    for range in [format!("bytes={}-", bytes / 4), "bytes=-40".to_owned()] {
        asked.push((path.clone(), Some(range)));
    }
    let mut answers = Vec::new();
    for (path, range) in asked {
        let mut call = server.get(&path);
        if let Some(range) = &range {
            call = call.header("range", range);
        }
        let reply = call.send().await.expect("answered");
        let headers = ["content-length", "content-range", "content-type"];
        let headers = headers.map(|name| reply.header(name).to_owned());
        answers.push((
            format!("{path} {range:?}"),
            reply.status,
            headers,
            reply.body,
        ));
    }
    answers
}

/// Seals the one log that is not, as the leader does.
async fn seal(content: &Content) -> Sealed {
    let (db, bound) = (&content.db, Timestamp(i64::MAX));
    let waiting = sealed_logs::unsealed(db.read(), bound, None, 10)
        .await
        .expect("asked");
    assert_eq!(waiting.len(), 1);
    let sealed = content.seal_log(waiting[0]).await.expect("sealed");
    let pointer = sealed.clone();
    let pointed = db.write(move |tx| {
        Box::pin(async move { sealed_logs::insert(tx, &pointer, Timestamp(0)).await })
    });
    pointed.await.expect("pointed at");
    sealed
}

async fn strip(content: &Content) {
    let stripped = content
        .db
        .write(|tx| Box::pin(async move { sealed_logs::strip(tx, Timestamp(1), 10).await }));
    assert_eq!(stripped.await.expect("stripped"), 1);
}

#[track_caller]
fn assert_alike(before: &[Answered], after: &[Answered]) {
    for (before, after) in before.iter().zip(after) {
        assert_eq!(
            (&before.0, before.1, &before.2),
            (&after.0, after.1, &after.2)
        );
        assert!(before.3 == after.3, "{}: another body", before.0);
    }
    assert_eq!(before.len(), after.len());
}

#[tokio::test]
async fn both_forms_of_a_log_answer_alike() {
    let server = Server::start().await;
    for (name, written, is_row) in [("a", short(), true), ("b", long(), false)] {
        let id = finished(&server, name, &written).await;
        let before = ask(&server, (name, id)).await;
        assert!(before.iter().filter(|answer| answer.3.len() > 100).count() > 10);
        let sealed = seal(&server.content).await;
        assert_eq!(sealed.body.is_some(), is_row);
        assert!(is_row || sealed.frames.len() > 2, "{:?}", sealed.frames);
        assert_alike(&before, &ask(&server, (name, id)).await);
        strip(&server.content).await;
        let db = server.content.db.read();
        let chunks = task_logs::chunks_from_line(db, id, 1, 1).await;
        assert!(chunks.expect("asked").is_empty(), "the chunks are gone");
        assert_alike(&before, &ask(&server, (name, id)).await);
    }
}
