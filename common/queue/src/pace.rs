//! How often to look although nobody said anything.

use std::time::Duration;

/// The longest a process waits before it looks by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// For tasks that may have become ready.
    pub bell: Duration,
    /// At the tasks whose log or state somebody follows.
    pub watch: Duration,
}

impl Pace {
    /// Hints come, and looking is for those that got lost.
    pub const HINTED: Self = Self {
        bell: Duration::from_secs(1),
        watch: Duration::from_secs(1),
    };

    /// Other processes write, and nobody tells us.
    pub const UNTOLD: Self = Self {
        bell: Duration::from_millis(100),
        watch: Duration::from_millis(250),
    };
}
