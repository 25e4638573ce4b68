//! Work that takes a core for long and is in no hurry: a thread of its own, of low priority, so
//! that what answers requests goes first whenever both want the core.

use std::{io, thread};

/// How much further back than others: a niced thread gets about a tenth of what an ordinary one
/// gets, and everything when nobody else wants it.
const NICE: i32 = 10;

/// Runs `work` on a thread of this name, which ends with it.
///
/// # Errors
/// If the system gives no thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let begin = move || {
        // On Linux this is of the thread alone; elsewhere it may be refused, and is only a wish.
        if cfg!(target_os = "linux") {
            let _ = rustix::process::nice(NICE);
        }
        work();
    };
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(begin).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_thread_alone_is_of_low_priority() {
        let nice = || rustix::process::nice(0).expect("readable");
        let before = nice();
        let (tell, told) = std::sync::mpsc::channel();
        spawn("test", move || tell.send(nice()).expect("heard")).expect("a thread");
        assert_eq!(told.recv().expect("told"), (before + NICE).min(19));
        assert_eq!(nice(), before);
    }
}
