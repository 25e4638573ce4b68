//! Task logs: a part that is there, or lines as they are written, as plain text or events.
//!
//! Lines are numbered from 1, bytes from 0; both count the plain text, whatever form it is
//! stored in. Used by every route that shows a log; they differ only in how they find the
//! task.

mod answer;
mod events;
mod follow;
mod part;
mod tailer;

pub(crate) use self::{answer::LogAnswer, part::text_from_line, tailer::Tailers};
use self::{events::Resume, follow::Follower, part::Start};
use crate::{
    auth::Caller,
    error::ApiResult,
    payload::{Asked, Number, Switch, Violations},
    ranges,
    visit::Visit,
};
use weir_store::{task_logs, tasks::Task};

/// Most lines of a `tail`.
pub(crate) const MAX_TAIL: u64 = 5000;

/// What of a log is asked for, not yet judged.
#[derive(Debug)]
pub(crate) struct LogQuery {
    offset: Asked<Number<0, { u64::MAX }>>,
    tail: Asked<Number<0, MAX_TAIL>>,
    follow: Asked<Switch>,
}

impl LogQuery {
    /// Takes the three parameters.
    pub(crate) fn new(
        offset: Asked<Number<0, { u64::MAX }>>,
        tail: Asked<Number<0, MAX_TAIL>>,
        follow: Asked<Switch>,
    ) -> Self {
        Self {
            offset,
            tail,
            follow,
        }
    }

    fn checked(self, has_range: bool) -> ApiResult<(Start, bool)> {
        let mut wrong = Violations::default();
        let offset = self.offset.take("offset", &mut wrong).map(|n| n.0);
        let tail = self.tail.take("tail", &mut wrong).map(|n| n.0);
        let follow = self
            .follow
            .take("follow", &mut wrong)
            .is_some_and(|switch| switch.0);
        if offset.is_some() && tail.is_some() {
            wrong.add("tail", "cannot be mixed with offset");
        }
        if has_range {
            for (name, is_there) in [
                ("offset", offset.is_some()),
                ("tail", tail.is_some()),
                ("follow", follow),
            ] {
                if is_there {
                    wrong.add(name, "cannot be mixed with a Range header");
                }
            }
        }
        let start = match (offset, tail) {
            (Some(skipped), _) => Start::AfterLines(skipped),
            (None, Some(count)) => Start::LastLines(count),
            (None, None) => Start::AfterLines(0),
        };
        wrong.none_or((start, follow))
    }
}

/// Shows the log of a task.
///
/// # Errors
/// 422 for parts that contradict each other, 416 for a range outside, 429 and 503 for one
/// follower too many.
pub(crate) async fn show(
    visit: &Visit,
    caller: &Caller,
    task: &Task,
    query: LogQuery,
) -> ApiResult<LogAnswer> {
    let has_range = visit.headers.contains_key(http::header::RANGE);
    let (start, is_followed) = query.checked(has_range)?;
    let running = visit.running();
    let extent = task_logs::extent(running.reader(), task.id).await?;
    if events::are_wanted(&visit.headers) && !has_range {
        let resume = events::resume(&visit.headers, extent.log_lines);
        let first = match resume {
            Resume::No => start.first_line(extent.log_lines),
            Resume::After(line) => line + 1,
            Resume::Lost => 1,
        };
        let follower = Follower::new(visit, caller, task, first).await?;
        return Ok(LogAnswer::events(events::events(follower, resume)));
    }
    if is_followed {
        let first = start.first_line(extent.log_lines);
        let follower = Follower::new(visit, caller, task, first).await?;
        return Ok(LogAnswer::followed(follow::text(follower)));
    }
    let size = u64::try_from(extent.log_bytes).unwrap_or(0);
    let part = ranges::wanted(&visit.headers, size)?;
    let ranges::Part::Bytes(range) = part else {
        let line = start.first_line(extent.log_lines);
        let from = part::byte_of_line(running, task.id, line, extent).await?;
        let text = part::bytes(running.clone(), task.id, from..size);
        return Ok(LogAnswer::whole(text, size - from));
    };
    let text = part::bytes(running.clone(), task.id, range.clone());
    LogAnswer::part(text, &range, size)
}
