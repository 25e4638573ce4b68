//! Writes lines and ends: all that a task costs beside its work.

use std::time::Duration;

use weir_domain::task::{Drill, Report};

use crate::{Attempt, job::Done};

pub(super) async fn run(attempt: &Attempt, drill: &Drill) -> Done {
    let pause = Duration::from_millis(drill.every_ms.into());
    for line in 1..=drill.lines {
        attempt
            .info(format!("Line {line} of {}", drill.lines))
            .await;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    Done {
        report: Report::default(),
        warnings: Vec::new(),
        follow_ups: None,
    }
}
