//! Has the kernel look, several times in a tick, whether somebody wants a core that idle work has.
//!
//! Whoever wakes up on such a core is to have it at once. Kernels that save interrupts (lazy
//! preemption, cores packed by a hypervisor) look at their next tick only, up to 4 ms later: for
//! answers that take 0.1 ms that is an age. A memory barrier on all cores of the process is an
//! interrupt on each, and at the end of an interrupt they look. One thread asks for them, and ends
//! with the last idle work.

use std::{
    num::NonZeroU64,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rustix::thread::{
    MembarrierCommand::{PrivateExpedited, RegisterPrivateExpedited},
    membarrier, set_current_timer_slack,
};

/// From one beat to the next: what somebody may wait for a core. A beat is an interrupt of each core
/// that this process is on.
const PAUSE: Duration = Duration::from_micros(50);
/// How much later a beat may come, in nanoseconds; usually it is as much as the pause.
const SLACK: NonZeroU64 = NonZeroU64::MIN;

static METRONOME: Mutex<Metronome> = Mutex::new(Metronome {
    at_work: 0,
    is_beating: false,
});

struct Metronome {
    at_work: usize,
    is_beating: bool,
}

/// Idle work: while there is any, the metronome beats.
pub(super) struct Beat(());

impl Beat {
    pub(super) fn begin() -> Self {
        let mut metronome = lock();
        metronome.at_work += 1;
        if !metronome.is_beating {
            let name = "metronome".to_owned();
            let thread = thread::Builder::new().name(name).spawn(beat);
            metronome.is_beating = thread.is_ok();
        }
        Self(())
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        lock().at_work -= 1;
    }
}

fn beat() {
    let _ = set_current_timer_slack(Some(SLACK));
    // Where there is no such call, idle work is as idle as the kernel makes it.
    let mut is_heard = membarrier(RegisterPrivateExpedited).is_ok();
    while is_heard {
        thread::sleep(PAUSE);
        if is_over() {
            return;
        }
        is_heard = membarrier(PrivateExpedited).is_ok();
    }
    lock().is_beating = false;
}

/// Says whether nobody is at work; the next to come begins anew.
fn is_over() -> bool {
    let mut metronome = lock();
    metronome.is_beating = metronome.at_work > 0;
    !metronome.is_beating
}

fn lock() -> MutexGuard<'static, Metronome> {
    METRONOME.lock().unwrap_or_else(PoisonError::into_inner)
}
