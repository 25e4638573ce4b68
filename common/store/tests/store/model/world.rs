//! The world of the model: what it believes, and how a step changes that.

use std::{collections::BTreeMap, time::Duration};

use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use weir_domain::{
    TaskId, Timestamp, UserId, WorkerId,
    task::{ErrorCode, Priority, TaskKind, TaskState},
};
use weir_store::{
    StoreError, queues,
    task_logs::Chunk,
    task_runs::Fence,
    tasks::{self, Cancelled, ClaimLimits, Claimed, NewRequest, NewTask, Outcome},
};

use super::history::Step;
use crate::support::{LEASE, Scene, limits, line, new_task, write};

pub(super) type Checked = Result<(), TestCaseError>;

/// What the model believes of a task.
#[derive(Debug, Clone, Default)]
pub(super) struct Believed {
    pub(super) generation: i64,
    pub(super) attempts: u32,
    pub(super) crashes: u32,
    pub(super) lines: i64,
    pub(super) priority: i16,
    /// Set when it ended: the state and code that were written.
    pub(super) end: Option<(TaskState, Option<ErrorCode>)>,
}

/// A wish that was acknowledged.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) task: TaskId,
    pub(super) root: TaskId,
    user: UserId,
    force: bool,
    /// When it was made, in steps.
    made: usize,
    pub(super) is_withdrawn: bool,
}

/// A run as its worker knows it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) fence: Fence,
    /// When it was claimed, in steps.
    begun: usize,
    /// What it has not had acknowledged.
    chunk: Chunk,
    pub(super) expires_at: Timestamp,
    is_told: bool,
    /// Whether a worker still works on it.
    pub(super) is_alive: bool,
}

pub(super) struct World<'a> {
    pub(super) scene: &'a Scene,
    users: [UserId; 3],
    /// The process that may start anew, and another one.
    processes: [WorkerId; 2],
    pub(super) tasks: BTreeMap<TaskId, Believed>,
    pub(super) wishes: Vec<Wish>,
    /// The newest task of each root and key.
    tree: BTreeMap<(TaskId, usize), TaskId>,
    pub(super) runs: Vec<Run>,
    zombies: Vec<Run>,
    is_paused: bool,
    steps: usize,
}

impl<'a> World<'a> {
    pub(super) async fn empty(scene: &'a Scene) -> Self {
        for table in [
            "tasks",
            "task_runs",
            "task_requests",
            "task_tree",
            "task_log_chunks",
            "task_count_deltas",
            "queues",
        ] {
            scene.meddle(format!("DELETE FROM {table}")).await;
        }
        Self {
            scene,
            users: [UserId::new(), UserId::new(), UserId::new()],
            processes: [WorkerId::new(), WorkerId::new()],
            tasks: BTreeMap::new(),
            wishes: Vec::new(),
            tree: BTreeMap::new(),
            runs: Vec::new(),
            zombies: Vec::new(),
            is_paused: false,
            steps: 0,
        }
    }

    fn task_at(&self, index: usize) -> Option<TaskId> {
        let ids: Vec<_> = self.tasks.keys().collect();
        ids.get(index.checked_rem(ids.len())?).map(|id| **id)
    }

    /// Chooses a run that a living worker works on.
    fn run_at(&self, index: usize) -> Option<usize> {
        let alive: Vec<_> = (0..self.runs.len())
            .filter(|at| self.runs[*at].is_alive)
            .collect();
        alive.get(index.checked_rem(alive.len())?).copied()
    }

    fn believed(&mut self, id: TaskId) -> &mut Believed {
        self.tasks.entry(id).or_default()
    }

    pub(super) async fn take(&mut self, step: &Step) -> Checked {
        self.steps += 1;
        match *step {
            Step::Submit { .. } => self.submit(step).await,
            Step::Claim {
                is_careful,
                is_urgent,
            } => self.claim(is_careful, is_urgent).await.map(drop),
            Step::Beat {
                run,
                lines,
                is_answer_lost,
            } => self.beat(run, lines, is_answer_lost).await,
            Step::Finish { run, is_failure } => self.finish(run, is_failure).await,
            Step::Retry { run, pause, counts } => self.give_back(run, Some((pause, counts))).await,
            Step::Release { run } => self.give_back(run, None).await,
            Step::Die { run } => {
                if let Some(at) = self.run_at(run) {
                    self.runs[at].is_alive = false;
                }
                Ok(())
            }
            Step::Zombie { run, does } => self.zombie(run, does).await,
            Step::Sweep => self.sweep().await,
            Step::Restart => self.restart().await,
            Step::Wait(time) => {
                self.scene.later(time);
                Ok(())
            }
            Step::Cancel { task } => self.cancel(task).await,
            Step::Withdraw { task, user } => self.withdraw(task, user).await,
            Step::Fold => {
                write!(self.scene, |tx| tasks::fold_counts(tx).await).unwrap();
                Ok(())
            }
            Step::Prioritise { task, priority } => self.prioritise(task, priority).await,
            Step::Pause(is_paused) => self.pause(is_paused).await,
        }
    }

    async fn submit(&mut self, step: &Step) -> Checked {
        let Step::Submit {
            key,
            user,
            priority,
            force,
            delay,
            root,
        } = *step
        else {
            return Ok(());
        };
        let new = NewTask {
            priority,
            run_after: self.scene.now().plus(delay),
            ..new_task(["a", "b", "c", "d"][key])
        };
        // Only a task that is a root already can have a tree.
        let root = root
            .and_then(|index| self.task_at(index))
            .filter(|id| self.wishes.iter().any(|wish| wish.root == *id));
        let mut request = NewRequest {
            root,
            requester: Some((self.users[user], "somebody".to_owned())),
            ..NewRequest::default()
        };
        request.options.force = force;
        let submitted = self.scene.submit_with(new, request).await;
        let is_known = self.tasks.contains_key(&submitted.task);
        prop_assert_eq!(submitted.is_joined, is_known);
        let is_of_tree = root.is_some();
        let root = root.unwrap_or(submitted.task);
        let is_repeated = is_of_tree
            && self.wishes.iter().any(|wish| {
                let same = (wish.task, wish.root, wish.force) == (submitted.task, root, force);
                same && !wish.is_withdrawn
            });
        self.tree.insert((root, key), submitted.task);
        if !is_repeated {
            self.wishes.push(Wish {
                task: submitted.task,
                root,
                user: self.users[user],
                force,
                made: self.steps,
                is_withdrawn: false,
            });
        }
        let believed = self.believed(submitted.task);
        prop_assert!(believed.end.is_none(), "joined a task that has ended");
        believed.priority = believed.priority.max(priority.0);
        Ok(())
    }

    /// Says whether somebody wants this wish's tree, and so the wish.
    pub(super) fn is_live(&self, wish: &Wish) -> bool {
        let is_wanted = |other: &Wish| {
            other.task == wish.root && other.root == wish.root && !other.is_withdrawn
        };
        !wish.is_withdrawn && (wish.task == wish.root || self.wishes.iter().any(is_wanted))
    }

    pub(super) async fn claim(
        &mut self,
        is_careful: bool,
        is_urgent: bool,
    ) -> Result<Option<Claimed>, TestCaseError> {
        let limits = ClaimLimits {
            accepts_suspects: !is_careful,
            min_priority: is_urgent.then_some(Priority::INTERACTIVE),
            ..limits()
        };
        let now = self.scene.now();
        let may = |task: &&tasks::Task| {
            task.state == TaskState::Waiting
                && !self.is_paused
                && !task.is_held
                && task.run_after <= now
                && (!is_careful || task.crashes < 2)
                && (!is_urgent || task.priority >= Priority::INTERACTIVE)
        };
        let all = self.scene.all_tasks().await;
        let candidates = all.iter().filter(may);
        let best = candidates.min_by_key(|task| (std::cmp::Reverse(task.priority), task.id));
        let process = self.processes[self.steps % 2];
        let claimed = self.scene.claim_as(process, limits).await;
        let ids = (
            claimed.as_ref().map(|claimed| claimed.task.id),
            best.map(|task| task.id),
        );
        prop_assert_eq!(ids.0, ids.1, "the best is claimed");
        let Some(claimed) = claimed else {
            return Ok(None);
        };
        let expires_at = self.scene.now().plus(LEASE);
        let wanted = self
            .wishes
            .iter()
            .filter(|wish| wish.task == claimed.task.id);
        let wanted = wanted.filter(|wish| self.is_live(wish)).count();
        let believed = self.believed(claimed.task.id);
        believed.generation += 1;
        believed.attempts += 1;
        prop_assert_eq!(claimed.is_suspect, believed.crashes >= 2);
        prop_assert_eq!(claimed.requests.len(), wanted, "the run knows every wish");
        let chunk = Chunk::new(
            claimed.task.log_lines.cast_signed() + 1,
            claimed.task.log_bytes.cast_signed(),
        );
        self.runs.push(Run {
            fence: claimed.fence,
            begun: self.steps,
            chunk,
            expires_at,
            is_told: false,
            is_alive: true,
        });
        Ok(Some(claimed))
    }

    async fn beat(&mut self, run: usize, lines: usize, is_answer_lost: bool) -> Checked {
        let Some(at) = self.run_at(run) else {
            return Ok(());
        };
        let run = &mut self.runs[at];
        for n in 0..lines {
            line(&mut run.chunk, &format!("é line {n}"));
        }
        let learnt = self.scene.beat(run.fence, Some(run.chunk.clone())).await;
        let learnt = learnt.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(learnt.is_cancelled, run.is_told);
        run.expires_at = self.scene.now().plus(LEASE);
        if !is_answer_lost {
            run.chunk = run.chunk.following();
        }
        let task = run.fence.task;
        self.believed(task).lines += i64::try_from(lines).unwrap();
        Ok(())
    }

    /// Notes that a task ended, and that its wishes were served by a run that began later.
    fn end(&mut self, task: TaskId, state: TaskState, code: Option<ErrorCode>) {
        self.believed(task).end = Some((state, code));
    }

    async fn finish(&mut self, run: usize, is_failure: bool) -> Checked {
        let Some(at) = self.run_at(run) else {
            return Ok(());
        };
        let run = self.runs.remove(at);
        let (outcome, state, code) = if is_failure {
            let code = ErrorCode::Internal;
            (
                Outcome::failed(code, "a fault"),
                TaskState::Error,
                Some(code),
            )
        } else {
            (Outcome::default(), TaskState::Success, None)
        };
        let finished = self.scene.finish_as(run.fence, outcome).await;
        prop_assert!(finished.is_ok(), "{:?}", finished);
        for wish in self
            .wishes
            .iter()
            .filter(|wish| wish.task == run.fence.task)
        {
            let is_served = wish.made < run.begun || wish.is_withdrawn;
            prop_assert!(
                is_served,
                "a wish was folded into a run that had begun: {:?}",
                wish
            );
        }
        self.end(run.fence.task, state, code);
        self.zombies.push(run);
        Ok(())
    }

    async fn give_back(&mut self, run: usize, how: Option<(Duration, bool)>) -> Checked {
        let Some(at) = self.run_at(run) else {
            return Ok(());
        };
        let run = self.runs.remove(at);
        let given = match how {
            Some((pause, counts)) => self.scene.retry(run.fence, pause, counts).await,
            None => self.scene.release(run.fence).await,
        };
        prop_assert!(given.is_ok(), "{:?}", given);
        if run.is_told {
            self.believed(run.fence.task).lines += 1;
            self.end(run.fence.task, TaskState::Error, Some(ErrorCode::Cancelled));
        } else if how.is_none_or(|(_, counts)| !counts) {
            self.believed(run.fence.task).attempts -= 1;
        }
        self.zombies.push(run);
        Ok(())
    }

    async fn zombie(&mut self, index: usize, does: usize) -> Checked {
        let Some(at) = index.checked_rem(self.zombies.len()) else {
            return Ok(());
        };
        let zombie = self.zombies[at].clone();
        let mut chunk = zombie.chunk;
        line(&mut chunk, "of a zombie");
        let tried = match does {
            0 => self.scene.beat(zombie.fence, Some(chunk)).await.map(drop),
            1 => self.scene.beat(zombie.fence, None).await.map(drop),
            2 => self.scene.finish(zombie.fence).await,
            3 => self.scene.retry(zombie.fence, Duration::ZERO, false).await,
            _ => self.scene.release(zombie.fence).await,
        };
        prop_assert!(matches!(tried, Err(StoreError::LeaseLost)), "{:?}", tried);
        Ok(())
    }

    /// Loses the runs that `is_lost` names, as the sweep should.
    fn lose(&mut self, is_lost: impl Fn(&Run) -> bool) -> usize {
        let (lost, kept) = self.runs.drain(..).partition(is_lost);
        self.runs = kept;
        let lost: Vec<Run> = lost;
        for run in &lost {
            let believed = self.believed(run.fence.task);
            believed.crashes += 1;
            believed.lines += 1;
            if run.is_told {
                believed.lines += 1;
                believed.end = Some((TaskState::Error, Some(ErrorCode::Cancelled)));
            } else if believed.crashes > 2 {
                believed.end = Some((TaskState::Error, Some(ErrorCode::Poisoned)));
            } else {
                believed.attempts -= 1;
            }
        }
        let count = lost.len();
        self.zombies.extend(lost);
        count
    }

    pub(super) async fn sweep(&mut self) -> Checked {
        let swept = self.scene.sweep().await;
        let now = self.scene.now();
        let lost = self.lose(|run| run.expires_at < now);
        prop_assert_eq!(swept.lapsed, lost);
        prop_assert_eq!(swept.unheld, 0, "nothing is ever left held");
        let mut expired = 0;
        for task in self.scene.all_tasks().await {
            if task.error_code == Some(ErrorCode::Timeout) && self.believed(task.id).end.is_none() {
                self.end(task.id, TaskState::Error, Some(ErrorCode::Timeout));
                expired += 1;
            }
        }
        prop_assert_eq!(swept.expired, expired);
        Ok(())
    }

    async fn restart(&mut self) -> Checked {
        let now = self.scene.now();
        let dead = std::mem::take(&mut self.processes[0]);
        let swept = write!(self.scene, |tx| {
            tasks::return_abandoned(tx, dead, now).await
        });
        let swept = swept.unwrap();
        let lost = self.lose(|run| run.fence.owner == dead);
        prop_assert_eq!(swept.lapsed, lost);
        Ok(())
    }

    async fn cancel(&mut self, index: usize) -> Checked {
        let Some(task) = self.task_at(index) else {
            return Ok(());
        };
        let answer = self.scene.cancel(task).await.unwrap();
        let is_over = answer == Cancelled::AlreadyFinal;
        for wish in self.wishes.iter_mut().filter(|wish| wish.task == task) {
            wish.is_withdrawn |= !is_over;
        }
        let unwanted = self.unwanted(task);
        self.after_cancellation(task, answer, &unwanted)
    }

    async fn withdraw(&mut self, index: usize, user: usize) -> Checked {
        let Some(task) = self.task_at(index) else {
            return Ok(());
        };
        let user = self.users[user];
        let mine = |wish: &&mut Wish| wish.task == task && wish.user == user;
        let answer = self.scene.withdraw(task, user).await;
        let is_over = answer == Cancelled::AlreadyFinal;
        for wish in self.wishes.iter_mut().filter(mine) {
            wish.is_withdrawn |= !is_over;
        }
        let unwanted = self.unwanted(task);
        self.after_cancellation(task, answer, &unwanted)
    }

    async fn prioritise(&mut self, index: usize, priority: i16) -> Checked {
        let Some(id) = self.task_at(index) else {
            return Ok(());
        };
        let is_running = self.runs.iter().any(|run| run.fence.task == id);
        let waits = self.believed(id).end.is_none() && !is_running;
        let put = write!(self.scene, |tx| {
            tasks::prioritise(tx, id, Priority(priority)).await
        });
        prop_assert_eq!(put.is_ok(), waits, "{:?}", put);
        if waits {
            self.believed(id).priority = priority;
        }
        Ok(())
    }

    pub(super) async fn pause(&mut self, is_paused: bool) -> Checked {
        let (kind, now) = (TaskKind::SyncPackage, self.scene.now());
        let changed = write!(self.scene, |tx| {
            queues::set_paused(tx, kind, is_paused, "somebody", now).await
        });
        prop_assert_eq!(changed.unwrap(), self.is_paused != is_paused);
        self.is_paused = is_paused;
        Ok(())
    }

    /// Returns the unfinished tasks of the root's tree, it included, that nobody wants.
    fn unwanted(&self, root: TaskId) -> Vec<TaskId> {
        let newest = self.tree.iter().filter(|((of, _), _)| *of == root);
        let tree: Vec<_> = newest.map(|(_, id)| *id).chain([root]).collect();
        let is_wanted = |id: &TaskId| {
            let mut wishes = self.wishes.iter().filter(|wish| wish.task == *id);
            wishes.any(|wish| self.is_live(wish))
        };
        let unfinished = self.tasks.iter().filter(|(_, task)| task.end.is_none());
        let ids = unfinished.map(|(id, _)| *id);
        ids.filter(|id| tree.contains(id) && !is_wanted(id))
            .collect()
    }

    fn after_cancellation(
        &mut self,
        root: TaskId,
        answer: Cancelled,
        unwanted: &[TaskId],
    ) -> Checked {
        for id in unwanted {
            if let Some(run) = self.runs.iter_mut().find(|run| run.fence.task == *id) {
                run.is_told = true;
            } else {
                self.believed(*id).lines += 1;
                self.end(*id, TaskState::Error, Some(ErrorCode::Cancelled));
            }
        }
        match answer {
            Cancelled::AlreadyFinal => prop_assert!(unwanted.is_empty()),
            Cancelled::Withdrawn => prop_assert!(!unwanted.contains(&root)),
            Cancelled::Ended | Cancelled::Told => prop_assert!(!unwanted.is_empty()),
        }
        Ok(())
    }
}
