//! Counts of downloads: copied day by day beside a package, and never its undoing.

use weir_domain::{
    Clock, Day, SystemClock,
    task::{SyncOptions, TaskState},
};
use weir_store::{clock, download_counts, packages};
use weir_testkit::{Fault, stand_in::Wanted};

use crate::setup::{Mirror, alone, package};

fn counting() -> SyncOptions {
    SyncOptions {
        sync_download_data: true,
        ..alone()
    }
}

/// Puts a document of counts for each stretch of a year from `first` to yesterday: each has
/// its first and its last day, and a day of another time.
fn put_counts(mirror: &Mirror, first: Day, downloads: u64) -> Vec<String> {
    let yesterday = Day::of(SystemClock.now()).plus(-1);
    let (mut first, mut paths) = (first, Vec::new());
    while first <= yesterday {
        let last = first.plus(364).min(yesterday);
        let path = format!("/counts/downloads/range/{first}:{last}/@s/n");
        let body = format!(
            r#"{{"start":"{first}","end":"{last}","package":"@s/n","downloads":[
            {{"downloads":{downloads},"day":"{first}"}},{{"downloads":2,"day":"{last}"}},
            {{"downloads":9,"day":"1999-01-01"}},{{"downloads":9,"day":"soon"}}]}}"#
        );
        mirror.upstream.put_document(&path, Some(&body));
        paths.push(path);
        first = last.plus(1);
    }
    paths
}

async fn mirror() -> Mirror {
    Mirror::with([package("@s/n", &["1.0.0"])], |options| {
        options.has_downloads = true;
    })
    .await
}

async fn sum(mirror: &Mirror) -> (usize, u64) {
    let row = mirror.row("@s/n").await;
    let all = (Day(0), Day(100_000));
    let counts = download_counts::list(mirror.environment.db.read(), row.id, all).await;
    let counts = counts.expect("readable");
    (counts.len(), counts.iter().map(|(_, n)| n).sum())
}

#[tokio::test]
async fn counts_come_a_year_at_a_time_and_later_only_the_last_days() {
    let mirror = mirror().await;
    // When the made package was created.
    let first = Day::parse("2020-01-01").expect("a day");
    let paths = put_counts(&mirror, first, 5);
    let task = mirror.sync_with("@s/n", counting()).await;
    assert_eq!(task.state, TaskState::Success, "{task:?}");
    assert!(task.warnings.is_empty(), "{:?}", task.warnings);
    mirror.log_says(task.id, &["Counts of downloads of"]).await;
    let (days, downloads) = sum(&mirror).await;
    // The last stretch may be of a single day.
    let years = paths.len() as u64;
    assert!(
        (years * 7 - 5..=years * 7).contains(&downloads),
        "{downloads}"
    );
    assert!(days >= paths.len() * 2 - 1);

    mirror.upstream.ledger().clear();
    let yesterday = Day::of(SystemClock.now()).plus(-1);
    let again = put_counts(&mirror, yesterday.plus(-6), 100);
    assert_eq!(again.len(), 1);
    let task = mirror.sync_with("@s/n", counting()).await;
    assert!(
        task.report.expect("a report").unchanged,
        "warned of nothing"
    );
    let asked = |wanted: &Wanted| matches!(wanted, Wanted::Document { .. });
    assert_eq!(mirror.upstream.ledger().count_wanted(asked), 1);
    let (_, more) = sum(&mirror).await;
    assert_eq!(more, downloads + 100);
    mirror.close().await;
}

#[tokio::test]
async fn counts_that_do_not_come_are_a_warning() {
    let mirror = mirror().await;
    let first = Day::parse("2020-01-01").expect("a day");
    let paths = put_counts(&mirror, first, 5);
    for fault in [
        Fault::status(500),
        Fault::not_found(),
        Fault::html(),
        Fault::json(r#"{"error":"no"}"#),
        Fault::json(r#"{"downloads":[{"downloads":-1,"day":"2020-01-01"}]}"#),
        Fault::Truncated,
    ] {
        mirror.upstream.document(&paths[1]).always(fault);
        let task = mirror.sync_with("@s/n", counting()).await;
        assert_eq!(task.state, TaskState::Success, "{task:?}");
        assert_eq!(task.warnings.len(), 1, "{:?}", task.warnings);
        assert!(task.warnings[0].starts_with("Counts of downloads do not come: "));
        assert_eq!(mirror.versions("@s/n").await, ["1.0.0"]);
        assert_eq!(sum(&mirror).await, (2, 7), "what came before it stays");
        mirror.upstream.document(&paths[1]).clear();
        forget(&mirror).await;
    }
    mirror.close().await;
}

/// Forgets every count, so that all are asked for again.
async fn forget(mirror: &Mirror) {
    let row = mirror.row("@s/n").await;
    let removed = mirror.environment.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            packages::remove(tx, row.id, &row.name, now).await
        })
    });
    removed.await.expect("removed");
}

#[tokio::test]
async fn nobody_counts_unless_asked() {
    let mirror = mirror().await;
    let task = mirror.sync_with("@s/n", alone()).await;
    assert_eq!(task.state, TaskState::Success);
    assert_eq!(sum(&mirror).await, (0, 0));
    mirror.close().await;
}
