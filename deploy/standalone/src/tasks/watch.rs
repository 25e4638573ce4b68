//! `weir tasks --watch`: the table as it changes, until Ctrl-C.
//!
//! On a terminal the table is drawn anew in place. Elsewhere each task is a line when it is
//! first seen, and another when its state is a new one; what begins and ends between two
//! looks is one line.

use std::{
    collections::HashMap,
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use weir_domain::{Clock, SystemClock, TaskId, Timestamp, task::TaskState};

use super::{Listed, Wanted, read, row, sums, table};
use crate::{
    client::{PATIENCE, Server, is_passing},
    failure::Failure,
};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// Cursor to the upper left; what is written then covers what stood there.
const HOME: &str = "\x1b[H";
/// What is left of the line, and of the screen, goes.
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// Shows the tasks until Ctrl-C, which is the proper end.
pub(super) async fn run(server: &Server, wanted: Wanted) -> Result<ExitCode, Failure> {
    let mut view = View::new(io::stdout(), io::stdout().is_terminal());
    tokio::select! {
        failure = look_on(server, wanted, &mut view) => failure,
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
    }
}

/// Looks again and again; ends when the server stays away.
async fn look_on<O: Write>(
    server: &Server,
    wanted: Wanted,
    view: &mut View<O>,
) -> Result<ExitCode, Failure> {
    let mut away_since: Option<Instant> = None;
    loop {
        match read(server, wanted).await {
            Ok(listed) => {
                away_since = None;
                view.show(&listed, SystemClock.now())?;
            }
            Err(error) => {
                let away = away_since.get_or_insert_with(Instant::now).elapsed();
                if view.is_fresh() || !is_passing(&error) || away >= PATIENCE {
                    return Err(server.failure(&error));
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Where the tasks are shown, and what is shown there.
struct View<O> {
    out: O,
    is_terminal: bool,
    /// The tasks of the last look; none before the first.
    states: Option<HashMap<TaskId, TaskState>>,
}

impl<O: Write> View<O> {
    fn new(out: O, is_terminal: bool) -> Self {
        Self {
            out,
            is_terminal,
            states: None,
        }
    }

    /// Says whether nothing was shown yet.
    fn is_fresh(&self) -> bool {
        self.states.is_none()
    }

    fn show(&mut self, listed: &Listed, now: Timestamp) -> io::Result<()> {
        if self.is_terminal {
            self.draw(listed, now)?;
        } else {
            self.tell(listed, now)?;
        }
        self.out.flush()?;
        let states = listed.tasks.iter().map(|task| (task.id, task.status.state));
        self.states = Some(states.collect());
        Ok(())
    }

    fn draw(&mut self, listed: &Listed, now: Timestamp) -> io::Result<()> {
        let clean = if self.is_fresh() { REST_OF_SCREEN } else { "" };
        let text = table(&listed.tasks, now) + &sums(listed);
        let text = text.replace('\n', &format!("{REST_OF_LINE}\n"));
        write!(
            self.out,
            "{HOME}{clean}{text}{REST_OF_LINE}\n{REST_OF_SCREEN}"
        )
    }

    /// The oldest first, as things happen.
    fn tell(&mut self, listed: &Listed, now: Timestamp) -> io::Result<()> {
        let known = self.states.take().unwrap_or_default();
        for task in listed.tasks.iter().rev() {
            if known.get(&task.id) != Some(&task.status.state) {
                let cells = row(task, now);
                let line = cells.join("  ");
                writeln!(self.out, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_client::types;

    use super::*;
    use crate::client::Task;

    const IDS: [&str; 2] = [
        "018f0000-0000-7000-8000-000000000001",
        "018f0000-0000-7000-8000-000000000002",
    ];

    /// Newest first, as a server lists them.
    fn listed(states: &[&str]) -> Listed {
        let tasks = states.iter().zip(IDS).rev().map(|(state, id)| {
            json!({"id": id, "state": state, "kind": "drill", "target": "a\u{1b}[2J",
                "createdAt": "2026-01-01T00:00:00.000Z"})
        });
        let tasks = tasks.map(|task| serde_json::from_value::<types::Task>(task).expect("a task"));
        let tasks = tasks.map(|task| Task::try_from(task).expect("known"));
        Listed {
            tasks: tasks.collect(),
            ..Listed::default()
        }
    }

    fn shown(is_terminal: bool, looks: &[&[&str]]) -> Vec<String> {
        let mut out = Vec::new();
        let mut view = View::new(&mut out, is_terminal);
        let now = Timestamp::parse("2026-01-01T00:00:09Z").expect("an instant");
        for states in looks {
            view.show(&listed(states), now).expect("written");
        }
        let text = String::from_utf8(out).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn elsewhere_each_change_of_state_is_a_line() {
        let looks: [&[&str]; 4] = [
            &["waiting"],
            &["processing", "waiting"],
            &["processing", "waiting"],
            &["success", "error"],
        ];
        let lines = shown(false, &looks);
        let expected = [
            (IDS[0], "waiting"),
            (IDS[0], "processing"),
            (IDS[1], "waiting"),
            (IDS[0], "success"),
            (IDS[1], "error"),
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (line, (id, state)) in lines.iter().zip(expected) {
            assert_eq!(*line, format!("{id}  {state}  drill  a\u{fffd}[2J  9 s"));
        }
    }

    #[test]
    fn on_a_terminal_the_table_is_drawn_anew_in_place() {
        let lines = shown(true, &[&["waiting", "waiting"], &["success"]]);
        assert!(
            lines[0].starts_with(&format!("{HOME}{REST_OF_SCREEN}ID ")),
            "{lines:#?}"
        );
        // The head, two tasks, the sums; then over them, and what is too much goes.
        assert!(
            lines[4].starts_with(&format!("{REST_OF_SCREEN}{HOME}ID ")),
            "{lines:#?}"
        );
        assert!(lines[5].contains("success"));
        assert_eq!(lines.last().map(String::as_str), Some(REST_OF_SCREEN));
        let is_whole = |line: &String| line.ends_with(REST_OF_LINE);
        assert!(lines[..lines.len() - 1].iter().all(is_whole), "{lines:#?}");
        assert!(!lines.concat().contains("a\u{1b}"), "{lines:#?}");
    }
}
