//! The document against a server, by tools that know nothing but the document.
//!
//! `tests/run` puts them into `tests/.cache/contract`, in the releases that `tests/contract`
//! names.

mod fuzz;
mod typescript;

use std::path::{Path, PathBuf};

use serde_json::json;
use weir_testkit::presets;
use weir_tests::{System, Task};

/// Returns a file of what is installed for these tests.
fn installed(file: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".cache/contract");
    let path = path.join(file);
    assert!(
        path.exists(),
        "{} is not installed: run tests/run contract",
        path.display()
    );
    path
}

/// A server that holds `@scope/name`, every tarball of it, and knows a task that failed.
struct Ready {
    system: System,
    task: Task,
    failed: Task,
}

impl Ready {
    async fn new() -> Self {
        // Reads of names that are made up ask no upstream.
        let builder = System::builder().setting("WEIR_SYNC_MODE", "exist");
        let builder = builder.packages([presets::history("@scope/name", 3, 2_000)]);
        let system = builder.start().await;
        system.upstream().remove("gone");
        let failed = system.ask("gone").await;
        system.failed(&failed, "not_found").await;
        let everything = json!({"forceSyncHistory": true});
        let task = system.ask_with("@scope/name", &everything).await;
        system.succeeded(&task).await;
        let attested = ["1.0.0", "1.0.1", "1.0.2"]
            .map(|version| format!("/-/npm/v1/attestations/@scope/name@{version}"));
        for path in attested
            .iter()
            .map(String::as_str)
            .chain(["/-/npm/v1/keys"])
        {
            system.upstream().put_document(path, Some("{}"));
            assert_eq!(system.get(path).await.status, 200, "{path}");
        }
        Self {
            system,
            task,
            failed,
        }
    }
}
