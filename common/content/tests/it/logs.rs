//! Sealing logs: nothing is lost if it breaks off, nothing is shown that is not whole.

use weir_content::ContentError;
use weir_domain::{
    Digest, TaskId, Timestamp, WorkerId,
    task::{Level, LogLine, Priority, SyncPackage, TaskSpec},
};
use weir_store::{
    clock,
    sealed_logs::{self, Sealed, Unsealed},
    task_logs::Chunk,
    task_runs,
    tasks::{self, ClaimLimits, NewRequest, NewTask, Outcome},
};

use crate::setup::{Shelf, name};

const LEASE: std::time::Duration = std::time::Duration::from_secs(30);

/// Lines that hardly compress: two megabytes of them are several frames.
const MANY: usize = 24_000;

/// Ends a task whose log has this many lines, 200 a chunk.
async fn finished(shelf: &Shelf, lines: usize) -> TaskId {
    let registry = shelf.registry.id;
    let fence = shelf
        .write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                let package = name("a");
                let new = NewTask {
                    spec: TaskSpec::SyncPackage(SyncPackage { package, registry }),
                    priority: Priority::USER,
                    fair_key: 0,
                    run_after: now,
                    retry_of: None,
                };
                tasks::submit(tx, &new, &NewRequest::default(), now).await?;
                let limits = ClaimLimits {
                    lease: LEASE,
                    min_priority: None,
                    accepts_suspects: true,
                    closed_lanes: Vec::new(),
                };
                let claimed = tasks::claim(tx, WorkerId::new(), &limits, now).await?;
                Ok(claimed.expect("ready").fence)
            })
        })
        .await;
    let mut chunks = vec![Chunk::default()];
    for n in 0..lines {
        if n > 0 && n % 200 == 0 {
            chunks.push(chunks[chunks.len() - 1].following());
        }
        let text = Digest::of(n.to_string().as_bytes()).to_string();
        let last = chunks.last_mut().expect("one");
        last.push(&LogLine::new(Timestamp(0), Level::Info, &text));
    }
    shelf
        .write(move |tx| {
            Box::pin(async move {
                let now = clock::now(&**tx).await?;
                for chunk in &chunks {
                    task_runs::heartbeat(tx, &fence, Some(chunk), None, (now, LEASE)).await?;
                }
                let task = tasks::lock_task(tx, fence.task).await?;
                tasks::finish(tx, (&task, &fence), &Outcome::default(), now).await?;
                Ok(fence.task)
            })
        })
        .await
}

async fn unsealed(shelf: &Shelf) -> Vec<Unsealed> {
    let db = shelf.content.db.read();
    let found = sealed_logs::unsealed(db, Timestamp(i64::MAX), None, 10).await;
    found.expect("asked")
}

async fn point(shelf: &Shelf, sealed: &Sealed) {
    let sealed = sealed.clone();
    let pointed = shelf.write(move |tx| {
        Box::pin(async move { sealed_logs::insert(tx, &sealed, Timestamp(0)).await })
    });
    pointed.await;
}

async fn strip(shelf: &Shelf) {
    let stripped =
        shelf.write(|tx| Box::pin(async move { sealed_logs::strip(tx, Timestamp(1), 10).await }));
    assert_eq!(stripped.await, 1);
}

/// Reads a whole log, some chunks at a time, and does something in the middle of it.
async fn read(shelf: &Shelf, task: TaskId, midway: impl AsyncFnOnce()) -> (i64, Vec<u8>) {
    let (mut next, mut text, mut midway) = (Chunk::default(), Vec::new(), Some(midway));
    loop {
        let chunks = shelf.content.log_from_line(task, next.first_line, 16).await;
        let chunks = chunks.expect("read");
        if chunks.is_empty() {
            return (next.first_line - 1, text);
        }
        for chunk in chunks {
            // What of it was read before: a frame may begin earlier than a chunk.
            let seen = usize::try_from(next.byte_offset - chunk.byte_offset).expect("no gap");
            text.extend_from_slice(&chunk.body[seen..]);
            next = chunk.following();
        }
        if let Some(midway) = midway.take() {
            midway().await;
        }
    }
}

fn object(shelf: &Shelf, sealed: &Sealed) -> std::path::PathBuf {
    let name = format!("blobs/logs/{}/{}", sealed.task, sealed.generation);
    shelf.folder.path().join(name)
}

#[tokio::test]
async fn a_reader_in_the_middle_of_a_log_goes_on_when_its_chunks_go() {
    let shelf = Shelf::of([]).await;
    let task = finished(&shelf, MANY).await;
    let before = read(&shelf, task, async || {}).await;
    assert_eq!(before.0, i64::try_from(MANY).expect("few"));
    let sealed = shelf.content.seal_log(unsealed(&shelf).await[0]).await;
    let sealed = sealed.expect("sealed");
    assert!(sealed.frames.len() >= 3 && sealed.body.is_none());
    point(&shelf, &sealed).await;
    let after = read(&shelf, task, async || strip(&shelf).await).await;
    assert!(before == after, "{} lines of {}", after.0, before.0);
    let again = read(&shelf, task, async || {}).await;
    assert!(before == again);
}

#[tokio::test]
async fn what_was_sealed_by_halves_is_sealed_again_the_same() {
    let shelf = Shelf::of([]).await;
    let task = finished(&shelf, MANY).await;
    let log = unsealed(&shelf).await[0];
    let first = shelf.content.seal_log(log).await.expect("sealed");
    let bytes = std::fs::read(object(&shelf, &first)).expect("written");
    // Nobody was pointed at it: the leader died, or was deposed.
    assert_eq!(unsealed(&shelf).await, [log]);
    let second = shelf.content.seal_log(log).await.expect("sealed");
    assert_eq!(first, second);
    assert!(std::fs::read(object(&shelf, &second)).expect("written") == bytes);
    point(&shelf, &second).await;
    assert_eq!(unsealed(&shelf).await, []);
    assert_eq!(second.extent().log_lines, i64::try_from(MANY).expect("few"));
    assert_eq!(task, second.task);
    let rest = std::fs::read_dir(object(&shelf, &second).parent().expect("a folder"));
    assert_eq!(
        rest.expect("listed").count(),
        1,
        "and nothing else lies there"
    );
}

#[tokio::test]
async fn a_log_with_a_gap_is_not_sealed() {
    let shelf = Shelf::of([]).await;
    finished(&shelf, 1000).await;
    shelf
        .write(|tx| {
            Box::pin(async move {
                use weir_store::ConnectionTrait as _;
                let gap = "DELETE FROM task_log_chunks WHERE first_line = 401";
                tx.execute_unprepared(gap).await?;
                Ok(())
            })
        })
        .await;
    let sealed = shelf.content.seal_log(unsealed(&shelf).await[0]).await;
    assert!(
        matches!(sealed, Err(ContentError::Log(_, "it has a gap"))),
        "{sealed:?}"
    );
}

#[tokio::test]
async fn a_damaged_object_is_an_error_and_no_text() {
    let shelf = Shelf::of([]).await;
    let task = finished(&shelf, MANY).await;
    let sealed = shelf.content.seal_log(unsealed(&shelf).await[0]).await;
    let sealed = sealed.expect("sealed");
    point(&shelf, &sealed).await;
    strip(&shelf).await;
    let path = object(&shelf, &sealed);
    let mut bytes = std::fs::read(&path).expect("written");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&path, bytes).expect("damaged");
    let mut outcomes = Vec::new();
    for frame in &sealed.frames {
        let chunks = shelf.content.log_from_line(task, frame.first_line, 1).await;
        outcomes.push(chunks.is_ok());
    }
    assert_eq!(
        outcomes.iter().filter(|is_fine| !**is_fine).count(),
        1,
        "{outcomes:?}"
    );
    std::fs::remove_file(&path).expect("lost");
    let lost = shelf.content.log_from_byte(task, 0, 1).await;
    assert!(matches!(lost, Err(ContentError::Log(..))), "{lost:?}");
}
