//! One line that says how far a tree is.

use weir_domain::{PackageName, task::TaskState};

use crate::client::Status;

/// Returns the line.
pub(super) fn line(name: &PackageName, status: &Status) -> String {
    let mut parts = vec![own(status)];
    let children = status.children;
    if children.total() > 0 {
        let done = children.success + children.error;
        let failed = match children.error {
            0 => String::new(),
            count => format!(" ({count} failed)"),
        };
        parts.push(format!(
            "{done} of {} dependencies{failed}",
            children.total()
        ));
    }
    format!("{name}: {}", parts.join("; "))
}

fn own(status: &Status) -> String {
    match (status.state, status.queue_position, status.progress) {
        (TaskState::Waiting, Some(position), _) => format!("waiting, place {position}"),
        (TaskState::Processing, _, Some(progress)) => format!(
            "{} of {} versions, {} of {} tarballs, {}",
            progress.versions_done,
            progress.versions_total,
            progress.tarballs_done,
            progress.tarballs_total,
            bytes(progress.bytes),
        ),
        (state, ..) => state.to_string(),
    }
}

/// Returns a size in the unit a person would choose.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let unit = UNITS.iter().find(|(_, size)| count >= *size);
    match unit {
        Some((name, size)) => {
            let tenths = count * 10 / size;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use weir_client::types;

    use super::*;

    #[test]
    fn the_line_tells_the_root_and_its_tree() {
        for (status, expected) in [
            (
                json!({"state": "waiting", "queuePosition": 4}),
                "x: waiting, place 4",
            ),
            (
                json!({"state": "waiting", "queuePosition": null}),
                "x: waiting",
            ),
            (
                json!({"state": "processing", "progress": {
                    "versionsDone": 3, "versionsTotal": 20, "tarballsDone": 1,
                    "tarballsTotal": 2, "bytes": 1_250_000}}),
                "x: 3 of 20 versions, 1 of 2 tarballs, 1.2 MB",
            ),
            (
                json!({"state": "success", "children": {
                    "waiting": 5, "processing": 2, "success": 40, "error": 1}}),
                "x: success; 41 of 48 dependencies (1 failed)",
            ),
        ] {
            let status: types::SyncStatus = serde_json::from_value(status).expect("a status");
            let status = Status::try_from(status).expect("known");
            let name = PackageName::parse("x").expect("valid");
            assert_eq!(line(&name, &status), expected);
        }
    }

    #[test]
    fn sizes_have_a_fitting_unit() {
        let shown = [0, 999, 1_000, 1_999_999, 2_500_000_000].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "1.9 MB", "2.5 GB"]);
    }
}
