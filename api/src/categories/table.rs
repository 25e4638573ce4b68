//! Shows and sets the table of topics and categories.
//!
//! A new table is in force at once for whatever is written from then on; what is there already
//! is labelled page by page, so that nobody who writes waits for all of it.

use weir_domain::catalogue::categories::{SETTING, Table};
use weir_store::{audit, catalogue, clock};

use super::model::{NewTopics, Relabelled, Topics};
use crate::{
    error::{ApiError, ApiResult},
    visit::Visit,
};

/// Packages that are labelled in one transaction.
const AT_ONCE: i64 = 200;

pub(super) async fn show(visit: &Visit) -> ApiResult<Topics> {
    let table = catalogue::category_table(visit.running().reader()).await?;
    Ok(table.into())
}

/// Sets the table, and labels every package by it.
///
/// # Errors
/// 422 if there is none.
///
/// # Cancel safety
/// The table is set before anything is labelled; setting it again labels the rest.
pub(super) async fn set(visit: &Visit, new: NewTopics) -> ApiResult<Relabelled> {
    let table = new
        .0
        .ok_or_else(|| ApiError::invalid_field("topics", "is required"))?;
    put(visit, table).await?;
    let db = &visit.running().app.content.db;
    let (mut after, mut packages) = (None, 0);
    loop {
        let page = db
            .write(move |tx| Box::pin(async move { catalogue::relabel(tx, after, AT_ONCE).await }));
        let Some((last, count)) = page.await? else {
            break;
        };
        after = Some(last);
        packages += count;
    }
    Ok(Relabelled { ok: true, packages })
}

async fn put(visit: &Visit, table: Table) -> ApiResult<()> {
    let by = visit.actor();
    let put = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            if catalogue::set_category_table(tx, &table, now).await? {
                let detail = format!("{} topics", table.iter().count());
                let event = by.did("catalogue.categories", SETTING, detail, now);
                audit::insert(tx, &event).await?;
            }
            Ok(())
        })
    });
    Ok(put.await?)
}
