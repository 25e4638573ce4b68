//! Packages that nobody could find are found once a worker leads.

use weir_domain::{search::Query, task::SyncOptions};
use weir_store::{ConnectionTrait, access::Viewer, search};
use weir_testkit::{PackageSpec, until};

use crate::setup::{DEADLINE, Mirror};

async fn found(mirror: &Mirror, text: &str) -> u64 {
    let page = search::Page { from: 0, size: 1 };
    let query = Query::read(text);
    let found = search::find(mirror.environment.db.read(), &query, Viewer::Stranger, page);
    found.await.expect("asked").total
}

#[tokio::test]
async fn packages_from_before_the_index_are_found_once_a_worker_leads() {
    let packages =
        (0..45).map(|n| PackageSpec::new(&format!("old-{n:02}")).version("1.0.0", |v| v));
    let mut mirror = Mirror::of(packages).await;
    for n in 0..45 {
        let task = mirror
            .submit(&format!("old-{n:02}"), SyncOptions::default())
            .await;
        mirror.end_of(task).await;
    }
    assert_eq!(
        found(&mirror, "old").await,
        45,
        "a sync makes a package findable"
    );
    mirror.stop_working().await;
    let forgotten = mirror.environment.db.write(|tx| {
        Box::pin(async move {
            tx.execute_unprepared("DELETE FROM search_tokens").await?;
            tx.execute_unprepared("DELETE FROM search_entries").await?;
            Ok(())
        })
    });
    forgotten.await.expect("written");
    assert_eq!(found(&mirror, "old").await, 0);
    mirror.work();
    until("all to be found again", DEADLINE, async || {
        found(&mirror, "old").await == 45
    })
    .await;
    mirror.stop_working().await;
}
