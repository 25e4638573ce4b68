//! What must be true after every step, and that nothing is stuck at the end.

use std::{collections::BTreeMap, time::Duration};

use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use weir_domain::{TaskId, task::TaskState};
use weir_store::{
    task_logs,
    tasks::{self, Task},
};

use super::world::{Checked, World};
use crate::support::LEASE;

impl World<'_> {
    pub(super) async fn check(&self) -> Checked {
        let all = self.scene.all_tasks().await;
        prop_assert_eq!(all.len(), self.tasks.len());
        check_keys(&all)?;
        for task in &all {
            self.check_task(task)?;
        }
        self.check_counts(&all).await?;
        for task in all.iter().filter(|task| task.generation > 0) {
            self.check_log(task.id, task).await?;
        }
        Ok(())
    }

    fn check_task(&self, task: &Task) -> Checked {
        let believed = &self.tasks[&task.id];
        prop_assert_eq!(task.generation, believed.generation);
        prop_assert_eq!(task.attempts, believed.attempts);
        prop_assert_eq!(task.crashes, believed.crashes);
        prop_assert_eq!(task.log_lines.cast_signed(), believed.lines);
        prop_assert!(task.priority.0 >= believed.priority);
        let is_running = self.runs.iter().any(|run| run.fence.task == task.id);
        prop_assert_eq!(task.state == TaskState::Processing, is_running);
        let end = task
            .state
            .is_final()
            .then_some((task.state, task.error_code));
        prop_assert_eq!(end, believed.end);
        prop_assert_eq!(task.finished_at.is_some(), task.state.is_final());
        Ok(())
    }

    async fn check_counts(&self, all: &[Task]) -> Checked {
        let counts = tasks::counts(self.scene.db.read(), None).await.unwrap();
        for state in TaskState::ALL {
            let counted = all.iter().filter(|task| task.state == *state).count();
            prop_assert_eq!(counts[state.as_str()], counted as u64, "{}", state);
        }
        Ok(())
    }

    async fn check_log(&self, id: TaskId, task: &Task) -> Checked {
        let db = self.scene.db.read();
        let chunks = task_logs::chunks_from_line(db, id, 1, i64::MAX).await;
        let (mut lines, mut bytes) = (0, 0);
        for chunk in chunks.unwrap() {
            prop_assert_eq!((chunk.first_line, chunk.byte_offset), (lines + 1, bytes));
            let text = String::from_utf8(chunk.body.clone()).unwrap();
            let breaks = text.matches('\n').count();
            prop_assert_eq!(chunk.line_count(), i64::try_from(breaks).unwrap());
            prop_assert_eq!(chunk.body.last(), Some(&b'\n'));
            lines += chunk.line_count();
            bytes += chunk.byte_count();
        }
        let extent = (task.log_lines.cast_signed(), task.log_bytes.cast_signed());
        prop_assert_eq!((lines, bytes), extent);
        Ok(())
    }

    /// Lets everything run to its end: what was accepted is done, nothing is stuck.
    pub(super) async fn wind_up(mut self) -> Checked {
        for run in &mut self.runs {
            run.is_alive = false;
        }
        self.pause(false).await?;
        for _ in 0..100 {
            self.scene.later(LEASE + Duration::from_secs(100));
            self.sweep().await?;
            let mut claimed = 0;
            while let Some(claim) = self.claim(false, false).await? {
                let fence = claim.fence;
                let at = self.runs.iter().position(|run| run.fence == fence);
                let run = self.runs.remove(at.unwrap());
                self.scene.finish(run.fence).await.unwrap();
                let end = Some((TaskState::Success, None));
                self.tasks.entry(fence.task).or_default().end = end;
                claimed += 1;
            }
            if claimed == 0 {
                break;
            }
        }
        self.check().await?;
        let stuck: Vec<_> = self.tasks.values().filter(|t| t.end.is_none()).collect();
        prop_assert!(stuck.is_empty(), "stuck: {:?}", stuck);
        Ok(())
    }
}

/// At most one fresh and one begun task a key; held is who waits behind a begun one.
fn check_keys(all: &[Task]) -> Result<(), TestCaseError> {
    let mut keys: BTreeMap<&str, (Vec<&Task>, usize)> = BTreeMap::new();
    for task in all.iter().filter(|task| !task.state.is_final()) {
        let (fresh, begun) = keys.entry(task.dedupe_key.as_str()).or_default();
        if task.generation == 0 {
            fresh.push(task);
        } else {
            *begun += 1;
            prop_assert!(!task.is_held);
        }
    }
    for (fresh, begun) in keys.values() {
        prop_assert!(fresh.len() <= 1 && *begun <= 1);
        for task in fresh {
            prop_assert_eq!(task.is_held, *begun == 1, "{:?}", task.id);
        }
    }
    Ok(())
}
