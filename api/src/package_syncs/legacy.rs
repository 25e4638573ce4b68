//! What older tools call: `PUT /{fullname}/sync` and its log.

use weir_store::tasks::Task;

use super::{
    model::{LegacyLog, NewPackageSync},
    show::log_url,
};
use crate::{
    error::ApiResult,
    payload::{Asked, LooseSwitch, Number, Violations},
    task_logs::text_from_line,
    visit::Visit,
};

/// Returns the body that the legacy query stands for.
pub(super) fn body(nodeps: Asked<LooseSwitch>) -> ApiResult<NewPackageSync> {
    let mut wrong = Violations::default();
    let skips = nodeps
        .take("nodeps", &mut wrong)
        .is_some_and(|switch| switch.0);
    wrong.none_or(NewPackageSync {
        skip_dependencies: skips,
        ..NewPackageSync::default()
    })
}

pub(super) async fn log(
    visit: &Visit,
    task: Task,
    offset: Asked<Number<0, { u64::MAX }>>,
) -> ApiResult<LegacyLog> {
    let mut wrong = Violations::default();
    let skipped = offset.take("offset", &mut wrong).map_or(0, |n| n.0);
    wrong.none_or(())?;
    let (log, is_all) = text_from_line(visit.running(), task.id, skipped).await?;
    Ok(LegacyLog {
        ok: true,
        // Done means: nothing more to ask for.
        sync_done: task.state.is_final() && is_all,
        log,
        log_url: log_url(visit, &task),
    })
}
