//! Lifts blocks, and notes who did.

use weir_domain::{PackageName, Version};
use weir_store::{
    audit,
    blocks::{self, Source},
    clock,
};

use super::{model::Done, put::spelt};
use crate::{error::ApiResult, visit::Visit};

pub(super) async fn lift(
    visit: &Visit,
    (name, version): (&PackageName, Option<&Version>),
) -> ApiResult<Done> {
    let (name, version, by) = (name.clone(), version.cloned(), visit.actor());
    let lifted = visit.running().app.content.db.write(move |tx| {
        Box::pin(async move {
            let now = clock::now(&**tx).await?;
            let was = blocks::lift(tx, &name, version.as_ref(), Source::Operator, now).await?;
            if was {
                let target = spelt(&name, version.as_ref());
                audit::insert(tx, &by.did("block.lift", target, "", now)).await?;
            }
            Ok(())
        })
    });
    lifted.await?;
    Ok(Done::YES)
}
