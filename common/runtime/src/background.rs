//! Work that takes a core for long and is in no hurry: a thread of its own, of low priority, so
//! that what answers requests goes first whenever both want the core.

use std::{io, thread};

/// How much further back than others: a niced thread gets about a tenth of what an ordinary one
/// gets, and everything when nobody else wants it.
const NICE: i32 = 10;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Behind others, with a share of its own.
    Behind,
    /// Only while nobody else wants the core: others do not even wait for the end of its turn.
    Last,
}

/// Runs `work` on a thread of this name, which ends with it.
///
/// # Errors
/// If the system gives no thread.
pub fn spawn(name: &str, place: Place, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let begin = move || {
        step_back(place);
        work();
    };
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(begin).map(drop)
}

/// On Linux this is of the thread alone. It may be refused, and is only a wish.
#[cfg(target_os = "linux")]
fn step_back(place: Place) {
    use thread_priority::{
        NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal,
        set_thread_priority_and_policy, thread_native_id,
    };
    match place {
        Place::Behind => drop(rustix::process::nice(NICE)),
        Place::Last => {
            let me = thread_native_id();
            let lowest = ThreadPriority::Min;
            drop(set_thread_priority_and_policy(me, lowest, Normal(Idle)));
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back(_place: Place) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy};

    use super::*;

    fn on_a_thread<T: Send + 'static>(place: Place, look: fn() -> T) -> T {
        let (tell, told) = std::sync::mpsc::channel();
        let work = move || drop(tell.send(look()));
        spawn("test", place, work).expect("a thread");
        told.recv().expect("told")
    }

    #[test]
    fn the_thread_alone_is_of_low_priority() {
        let nice = || rustix::process::nice(0).expect("readable");
        let before = nice();
        assert_eq!(on_a_thread(Place::Behind, nice), (before + NICE).min(19));
        assert_eq!(nice(), before);
    }

    #[test]
    fn the_last_one_runs_only_when_nobody_else_does() {
        let policy = || thread_priority::thread_schedule_policy().expect("readable");
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        assert_eq!(on_a_thread(Place::Last, policy), idle);
        assert_ne!(policy(), idle);
    }
}
