//! The second ledger: what the database saw of every run (`witness.sql`), and what follows.
//!
//! Read once, in order, when all is quiet. A write that counts must come from the process that
//! holds the run then; anything else is a stale write that was accepted.

use std::collections::{HashMap, HashSet};

use futures::TryStreamExt;
use sqlx::{Executor, PgPool};

/// Lays the witness into a fresh database.
pub async fn lay(pool: &PgPool) -> sqlx::Result<()> {
    pool.execute(include_str!("witness.sql")).await.map(|_| ())
}

/// One run of a task, from its claim until somebody let it go.
#[derive(Debug, Clone)]
pub struct Run {
    pub generation: i64,
    /// Whose it is.
    pub process: String,
    pub began_at: i64,
    /// When it was let go, by its process or another.
    pub let_go_at: Option<i64>,
}

/// All that happened to the tasks and packages.
#[derive(Debug, Default)]
pub struct History {
    /// The runs of each task.
    pub runs: HashMap<String, Vec<Run>>,
    /// How often each task came to an end.
    pub ends: HashMap<String, usize>,
    /// When tasks ended.
    pub ended_at: Vec<i64>,
    /// How often each package was moved to another revision.
    pub flips: HashMap<String, usize>,
    /// Runs that somebody else took from their process.
    pub taken: usize,
    /// Everybody who wrote anything.
    pub processes: HashSet<String>,
    /// What should never happen.
    pub broken: Vec<String>,
}

/// A row of `witness.events`: when, by whom, what, and of which task, generation and name.
type Event = (
    i64,
    String,
    String,
    Option<String>,
    Option<i64>,
    Option<String>,
);

impl History {
    /// Reads everything.
    pub async fn read(pool: &PgPool) -> sqlx::Result<Self> {
        let mut events = sqlx::query_as::<_, Event>(
            "SELECT at_ms, process, what, task_id::text, generation, name \
             FROM witness.events ORDER BY seq",
        )
        .fetch(pool);
        let mut history = Self::default();
        while let Some(event) = events.try_next().await? {
            history.add(event);
        }
        Ok(history)
    }

    /// Counts runs beyond the first of each task.
    pub fn reexecutions(&self) -> usize {
        self.runs.values().map(|runs| runs.len() - 1).sum()
    }

    /// Counts what became visible more than once: ends of a task, and revisions of a package
    /// whose upstream never changed.
    pub fn duplicates(&self) -> usize {
        let counts = self.ends.values().chain(self.flips.values());
        counts.map(|count| count - 1).sum()
    }

    fn add(&mut self, (at, process, what, task, generation, name): Event) {
        let Some((task, generation)) = task.zip(generation) else {
            let name = name.unwrap_or_default();
            self.broken.push(format!(
                "{process} did \"{what}\" of {name}, which nobody runs"
            ));
            return;
        };
        self.processes.insert(process.clone());
        let runs = self.runs.entry(task.clone()).or_default();
        let last = runs.last_mut();
        let is_holder = last.as_ref().is_some_and(|run| {
            run.let_go_at.is_none() && run.generation == generation && run.process == process
        });
        let mut is_right = true;
        match what.as_str() {
            "claim" => {
                let is_free = last.as_ref().is_none_or(|run| run.let_go_at.is_some());
                let before = last.map_or(0, |run| run.generation);
                is_right = is_free && generation == before + 1;
                runs.push(Run {
                    generation,
                    process: process.clone(),
                    began_at: at,
                    let_go_at: None,
                });
            }
            "let go" => {
                self.taken += usize::from(!is_holder);
                if let Some(run) = last {
                    is_right = run.let_go_at.is_none() && run.generation == generation;
                    run.let_go_at = Some(at);
                }
            }
            "end" => {
                *self.ends.entry(task.clone()).or_default() += 1;
                self.ended_at.push(at);
            }
            "flip" => {
                *self.flips.entry(name.unwrap_or_default()).or_default() += 1;
                is_right = is_holder;
            }
            "write" | "lines" => is_right = is_holder,
            _ => is_right = false,
        }
        if !is_right {
            let run = self.runs[&task].last();
            self.broken.push(format!(
                "{process} did \"{what}\" in generation {generation} of {task}, whose run is {run:?}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a history of one task and its package; who, what, generation.
    fn history(events: &[(&str, &str, i64)]) -> History {
        let mut history = History::default();
        for (at, (process, what, generation)) in (0..).zip(events) {
            let (process, what) = ((*process).to_owned(), (*what).to_owned());
            let (task, name) = (Some("t".to_owned()), Some("p".to_owned()));
            history.add((at, process, what, task, Some(*generation), name));
        }
        history
    }

    #[test]
    fn a_run_taken_over_counts_and_breaks_nothing() {
        let history = history(&[
            ("a", "claim", 1),
            ("a", "lines", 1),
            ("b", "let go", 1),
            ("c", "claim", 2),
            ("c", "flip", 2),
            ("c", "lines", 2),
            ("c", "let go", 2),
            ("c", "end", 2),
        ]);
        assert_eq!(history.broken, Vec::<String>::new());
        assert_eq!((history.reexecutions(), history.duplicates()), (1, 0));
        assert_eq!(history.taken, 1);
    }

    #[test]
    fn a_stale_write_is_seen_whoever_holds_the_run_now() {
        for what in ["lines", "write", "flip"] {
            let taken = [("a", "claim", 1), ("b", "let go", 1), ("a", what, 1)];
            assert_eq!(
                history(&taken).broken.len(),
                1,
                "{what} when nobody holds it"
            );
            let elsewhere = [taken[0], taken[1], ("c", "claim", 2), taken[2]];
            assert_eq!(
                history(&elsewhere).broken.len(),
                1,
                "{what} of an old generation"
            );
            let disguised = [taken[0], taken[1], ("c", "claim", 2), ("a", what, 2)];
            assert_eq!(
                history(&disguised).broken.len(),
                1,
                "{what} of the wrong process"
            );
        }
    }

    #[test]
    fn two_holders_and_a_generation_that_does_not_rise_are_seen() {
        assert_eq!(
            history(&[("a", "claim", 1), ("b", "claim", 2)])
                .broken
                .len(),
            1
        );
        let again = [("a", "claim", 1), ("b", "let go", 1), ("b", "claim", 1)];
        assert_eq!(history(&again).broken.len(), 1);
    }

    #[test]
    fn what_happened_twice_is_counted() {
        let run = [("a", "claim", 1), ("a", "flip", 1), ("a", "flip", 1)];
        let end = [("a", "let go", 1), ("a", "end", 1), ("a", "end", 1)];
        assert_eq!(history(&[run, end].concat()).duplicates(), 2);
        let changed = [
            ("a", "claim", 1),
            ("a", "end", 1),
            ("a", "changed after its end", 1),
        ];
        assert_eq!(history(&changed).broken.len(), 1);
    }
}
