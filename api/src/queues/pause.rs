//! Pauses or resumes a queue, and notes who did.

use weir_domain::task::TaskKind;
use weir_store::{
    audit::{self, Event},
    clock, queues,
};

use crate::{auth::Admin, error::ApiResult, visit::Visit};

/// Does it; doing it twice changes nothing.
pub(super) async fn set_paused(
    visit: &Visit,
    admin: &Admin,
    kind: TaskKind,
    is_paused: bool,
) -> ApiResult<()> {
    let (by, name) = (visit.actor(), admin.name.clone());
    let action = if is_paused {
        "queue.pause"
    } else {
        "queue.resume"
    };
    let changed = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if !queues::set_paused(tx, kind, is_paused, &name, now).await? {
                return Ok(());
            }
            let event = Event {
                at: now,
                by,
                action: action.to_owned(),
                target: kind.to_string(),
                detail: String::new(),
            };
            audit::insert(tx, &event).await
        })
    });
    Ok(changed.await?)
}
