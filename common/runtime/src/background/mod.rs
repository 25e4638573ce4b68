//! Work that takes a core for long and is in no hurry: a thread of its own that stands back, so that
//! what answers requests goes first whenever both want the core.
//!
//! How far back is said with it. On Linux it is of the thread alone; elsewhere it is not kept.

#[cfg(target_os = "linux")]
mod metronome;

use std::{io, thread};

/// How much further back than others low work is: a niced thread gets about a tenth of what an
/// ordinary one gets, and everything when nobody else wants it.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// How far work stands back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// It goes on slowly where others want the core, and delays them by a scheduler's slice.
    Low,
    /// It has only what nobody else wants, on a machine that is full next to nothing, and delays
    /// nobody.
    Idle,
}

/// Runs `work` on a thread of this name, which ends with it.
///
/// # Errors
/// If the system gives no thread.
pub fn spawn(
    name: &str,
    priority: Priority,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let begin = move || {
        let _beat = priority.take();
        work();
    };
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(begin).map(drop)
}

#[cfg(target_os = "linux")]
impl Priority {
    /// Puts this thread there. What a system refuses was only a wish.
    fn take(self) -> Option<metronome::Beat> {
        use thread_priority::{
            NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy::Normal,
            set_thread_priority_and_policy, thread_native_id,
        };
        if self == Self::Low {
            let _ = rustix::process::nice(NICE);
            return None;
        }
        // Threads are of the policy of who begins them, and the metronome is not to be idle.
        let beat = metronome::Beat::begin();
        let _ =
            set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, Normal(Idle));
        Some(beat)
    }
}

#[cfg(not(target_os = "linux"))]
impl Priority {
    fn take(self) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        sync::mpsc,
        time::{Duration, Instant},
    };

    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy,
    };

    use super::*;

    fn standing() -> (i32, ThreadSchedulePolicy) {
        let nice = rustix::process::nice(0).expect("readable");
        (nice, thread_schedule_policy().expect("readable"))
    }

    #[test]
    fn the_thread_alone_stands_back() {
        let (nice, policy) = standing();
        let (tell, told) = mpsc::channel();
        let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
        for (priority, expected) in [
            (Priority::Low, ((nice + NICE).min(19), policy)),
            (Priority::Idle, (nice, idle)),
        ] {
            let tell = tell.clone();
            let work = move || tell.send(standing()).expect("heard");
            spawn("test", priority, work).expect("a thread");
            assert_eq!(told.recv().expect("told"), expected, "{priority:?}");
        }
        assert_eq!(standing(), (nice, policy));
    }

    /// Returns the policies of the metronomes there are, as numbers of the kernel.
    fn metronomes() -> Vec<String> {
        let threads = fs::read_dir("/proc/self/task").expect("readable");
        let policy = |stat: String| {
            let (name, rest) = stat.split_once(") ")?;
            let policy = rest.split(' ').nth(38)?.to_owned();
            name.ends_with("(metronome").then_some(policy)
        };
        let stats =
            threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("stat")).ok());
        stats.filter_map(policy).collect()
    }

    #[test]
    fn the_metronome_beats_while_anybody_is_idle_and_no_longer() {
        let idle = || {
            let (release, released) = mpsc::channel::<()>();
            let (tell, told) = mpsc::channel();
            let work = move || {
                tell.send(()).expect("heard");
                let _ = released.recv();
            };
            spawn("test", Priority::Idle, work).expect("a thread");
            told.recv().expect("begun");
            (release, told)
        };
        let wait = |expected: &[&str]| {
            let deadline = Instant::now() + Duration::from_secs(10);
            while metronomes() != expected {
                assert!(Instant::now() < deadline, "{:?}", metronomes());
                thread::yield_now();
            }
        };
        let (first, second) = (idle(), idle());
        // It is not idle itself.
        wait(&["0"]);
        drop(first.0);
        // Who has ended tells nothing any more.
        let _ = first.1.recv();
        let until = Instant::now() + Duration::from_millis(50);
        while Instant::now() < until {
            assert_eq!(metronomes(), ["0"], "one is at work");
        }
        drop(second);
        wait(&[]);
    }
}
