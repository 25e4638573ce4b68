//! What an operator blocks or releases while a sync of it is under way.

use weir_domain::task::TaskState;
use weir_store::{
    blocks::{self, Source},
    clock,
};

use crate::setup::{Mirror, name, package, version};

impl Mirror {
    /// Blocks 1.1.0 of `a`, or releases it.
    async fn set_block(&self, is_blocked: bool) {
        let done = self.environment.db.write(move |tx| {
            Box::pin(async move {
                let (name, version, now) = (name("a"), version("1.1.0"), clock::now(&**tx).await?);
                if is_blocked {
                    let what = (Some(&version), "harmful");
                    blocks::put(tx, &name, what, Source::Operator, now).await?;
                } else {
                    blocks::lift(tx, &name, Some(&version), Source::Operator, now).await?;
                }
                Ok(())
            })
        });
        done.await.expect("written");
    }

    /// Syncs `a`, with this done while upstream is asked.
    async fn sync_and_meanwhile(&self, is_blocked: bool) {
        let hold = self.upstream.packument("a").hold();
        let meanwhile = async {
            hold.wait_for_arrivals(1).await;
            self.set_block(is_blocked).await;
            hold.release();
        };
        let (task, ()) = tokio::join!(self.sync("a"), meanwhile);
        assert_eq!(task.state, TaskState::Success, "{task:?}");
    }
}

#[tokio::test]
async fn what_is_blocked_while_a_sync_asks_for_it_is_not_shown() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0"])]).await;
    // Nothing is mirrored yet.
    mirror.sync_and_meanwhile(true).await;
    assert_eq!(mirror.versions("a").await, ["1.0.0"]);
    mirror.set_block(false).await;
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0"]);
    // Something is, and changes.
    mirror
        .upstream
        .put(package("a", &["1.0.0", "1.1.0", "1.2.0"]));
    mirror.sync_and_meanwhile(true).await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.2.0"]);
    mirror.close().await;
}

#[tokio::test]
async fn what_is_released_while_a_sync_leaves_it_out_comes_with_the_next() {
    let mirror = Mirror::of([package("a", &["1.0.0", "1.1.0", "1.2.0"])]).await;
    mirror.set_block(true).await;
    mirror.sync_and_meanwhile(false).await;
    mirror.sync("a").await;
    assert_eq!(mirror.versions("a").await, ["1.0.0", "1.1.0", "1.2.0"]);
    mirror.close().await;
}
