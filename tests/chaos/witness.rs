//! The second ledger: what the database saw of every run (`witness.sql`), and what follows.
//!
//! Read once, in order, when all is quiet. A write that counts must come from the process that
//! holds the run then; anything else is a stale write that was accepted.

use std::collections::HashMap;

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
        let task = task.unwrap_or_default();
        let generation = generation.unwrap_or_default();
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
            "lines" => is_right = is_holder,
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
