//! What a tree came to, in a few lines a person can act upon.

use std::time::Duration;

use weir_domain::task::TaskState;

use super::Root;
use crate::client::{Status, Task};

/// Returns the lines: the whole in one, then each failure with the way to its log.
pub(super) fn lines(root: &Root, status: &Status, failed: &[Task], took: Duration) -> Vec<String> {
    let children = status.children;
    let own = u64::from(status.state == TaskState::Error);
    let packages = children.total() + 1;
    let noun = if packages == 1 { "package" } else { "packages" };
    let outcome = if status.is_tree_successful() {
        "success".to_owned()
    } else {
        format!("{} failed", children.error + own)
    };
    let seconds = took.as_secs_f64();
    let mut lines = vec![format!(
        "{}: {packages} {noun}, {outcome}, in {seconds:.1} s",
        root.name
    )];
    let warnings = status.warning_count;
    if warnings > 0 {
        let noun = if warnings == 1 { "warning" } else { "warnings" };
        lines.push(format!(
            "{}: {warnings} {noun}: weir log {}",
            root.name, root.id
        ));
    }
    if own > 0 {
        lines.push(failure(root.name.as_str(), status));
        lines.push(format!("  weir log {}", root.id));
    }
    for task in failed {
        lines.push(failure(&task.target, &task.status));
        lines.push(format!("  weir log {}", task.id));
    }
    let listed = u64::try_from(failed.len()).unwrap_or(u64::MAX);
    if children.error > listed {
        let more = children.error - listed;
        lines.push(format!("and {more} more: weir tasks --state error"));
    }
    lines
}

fn failure(name: &str, status: &Status) -> String {
    let code = status.error_code.as_deref().unwrap_or("internal");
    match status.error.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => format!("failed: {name} ({code}): {text}"),
        None => format!("failed: {name} ({code})"),
    }
}
