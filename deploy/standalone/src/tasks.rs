//! `weir tasks`: the newest tasks as a table, and how many there are.

mod watch;

use std::{io::Write as _, process::ExitCode, time::Duration};

use weir_domain::{Clock, SystemClock, Timestamp, task::TaskState, text::printable};
use weir_upstream::LocalError;

use crate::{
    cli::TasksArguments,
    client::{Counts, Server, Task},
    failure::Failure,
};

/// Widest cell, in characters.
const MAX_CELL_CHARS: usize = 80;

/// Prints the table, once or as long as it is watched.
pub async fn run(arguments: TasksArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let wanted = Wanted {
        state: arguments.state,
        limit: arguments.limit,
    };
    if arguments.watch {
        return watch::run(&server, wanted).await;
    }
    let listed = read(&server, wanted).await;
    let listed = listed.map_err(|error| server.failure(&error))?;
    let table = match listed.tasks.len() {
        0 => "no tasks\n".to_owned(),
        _ => table(&listed.tasks, SystemClock.now()),
    };
    let text = format!("{table}{}\n", sums(&listed));
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Which tasks are to be shown.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    state: Option<TaskState>,
    limit: u32,
}

/// What there is to show.
#[derive(Debug, Default)]
struct Listed {
    tasks: Vec<Task>,
    counts: Counts,
}

/// Reads as many tasks as are wanted, page by page.
async fn read(server: &Server, wanted: Wanted) -> Result<Listed, LocalError> {
    let most = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let mut tasks: Vec<Task> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let missing = most.saturating_sub(tasks.len());
        let limit = u32::try_from(missing).unwrap_or(u32::MAX);
        let page = server.tasks(wanted.state, limit, cursor.as_deref()).await?;
        let is_empty = page.data.is_empty();
        tasks.extend(page.data.into_iter().take(missing));
        cursor = page.next_cursor;
        if cursor.is_none() || is_empty || tasks.len() >= most {
            return Ok(Listed {
                tasks,
                counts: page.counts,
            });
        }
    }
}

fn sums(listed: &Listed) -> String {
    let counts = listed.counts;
    format!(
        "waiting {}, processing {}, success {}, error {}",
        counts.waiting, counts.processing, counts.success, counts.error
    )
}

fn table(tasks: &[Task], now: Timestamp) -> String {
    let head = ["ID", "STATE", "KIND", "TARGET", "AGE", "DETAIL"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head)
        .chain(tasks.iter().map(|task| row(task, now)))
        .collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// Returns a task's cells, harmless to a terminal.
fn row(task: &Task, now: Timestamp) -> [String; 6] {
    let status = &task.status;
    let cells = [
        task.id.to_string(),
        status.state.to_string(),
        task.kind.clone(),
        task.target.clone(),
        task.created_at
            .map(|at| age(now.since(at)))
            .unwrap_or_default(),
        detail(task),
    ];
    cells.map(|cell| printable(&cell, MAX_CELL_CHARS))
}

fn detail(task: &Task) -> String {
    let status = &task.status;
    match status.state {
        TaskState::Waiting => status
            .queue_position
            .map(|position| format!("place {position}"))
            .unwrap_or_default(),
        TaskState::Processing => status
            .progress
            .map(|progress| {
                let (done, total) = (progress.versions_done, progress.versions_total);
                format!("{done} of {total} versions")
            })
            .unwrap_or_default(),
        TaskState::Success => match status.warning_count {
            0 => String::new(),
            1 => "1 warning".to_owned(),
            count => format!("{count} warnings"),
        },
        TaskState::Error => {
            let code = status.error_code.clone().unwrap_or_default();
            match &status.error {
                Some(error) => format!("{code}: {error}"),
                None => code,
            }
        }
    }
}

/// Returns a duration in its largest whole unit.
fn age(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_client::types;

    use super::*;

    #[test]
    fn cells_are_aligned_and_harmless() {
        let id = "018f0000-0000-7000-8000-000000000001";
        let tasks: Vec<types::Task> = serde_json::from_value(json!([
            {"id": id, "state": "waiting", "kind": "sync_package", "target": "a-long-name",
             "createdAt": "2026-01-01T00:00:00.000Z", "queuePosition": 2},
            {"id": id, "state": "error", "kind": "sync_package", "target": "b\u{1b}[31m",
             "createdAt": "2026-01-01T00:58:00.000Z", "errorCode": "not_found", "error": "no such package"},
        ]))
        .expect("tasks");
        let tasks = tasks.into_iter().map(Task::try_from);
        let tasks: Vec<_> = tasks.collect::<Result<_, _>>().expect("tasks");
        let now = Timestamp::parse("2026-01-01T01:00:00Z").expect("an instant");
        let expected = format!(
            "ID                                    STATE    KIND          TARGET       AGE    DETAIL\n\
             {id}  waiting  sync_package  a-long-name  1 h    place 2\n\
             {id}  error    sync_package  b\u{fffd}[31m       2 min  not_found: no such package\n"
        );
        assert_eq!(table(&tasks, now), expected);
    }
}
