//! Wire shapes of package syncs.

use std::collections::BTreeSet;

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::Example,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{Timestamp, Version, task::TaskState, text::printable};
use weir_store::tasks::Submitted;

use crate::{
    payload::{CheckedBody, Fields, Id, Instant},
    tasks::{Children, ErrorWord, ProgressBody, StateWord},
};

/// Longest `tips`, in characters.
const MAX_TIPS_CHARS: usize = 1024;
/// Longest registry name, in characters.
const MAX_REGISTRY_CHARS: usize = 214;
/// Most `specificVersions`.
const MAX_VERSIONS: usize = 1000;

/// How a package is to be synced.
#[derive(Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields of the mirror document"
)]
pub(crate) struct NewPackageSync {
    pub(super) skip_dependencies: bool,
    pub(super) sync_download_data: bool,
    pub(super) force: bool,
    pub(super) force_sync_history: bool,
    pub(super) tips: Option<String>,
    pub(super) registry_name: Option<String>,
    pub(super) specific_versions: BTreeSet<Version>,
}

impl CheckedBody for NewPackageSync {
    const NAME: &'static str = "NewPackageSync";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            skip_dependencies: fields.flag("skipDependencies", "Leave out the dependencies"),
            sync_download_data: fields.flag("syncDownloadData", "Also copy download counts"),
            force: fields.flag(
                "force",
                "Before anything else, and without trusting what we have; needs an administrator",
            ),
            force_sync_history: fields.flag(
                "forceSyncHistory",
                "Fetch and verify every tarball again; needs an administrator",
            ),
            tips: fields.text("tips", "A reason, for people", MAX_TIPS_CHARS),
            registry_name: fields.text(
                "registryName",
                "The registry to copy from; its slug, name or id",
                MAX_REGISTRY_CHARS,
            ),
            specific_versions: fields
                .field(
                    "specificVersions",
                    "Versions whose tarballs are wanted whatever the policy says",
                    versions_schema(),
                    read_versions,
                )
                .unwrap_or_default(),
        }
    }

    fn example() -> Value {
        json!({
            "skipDependencies": false,
            "syncDownloadData": false,
            "force": false,
            "forceSyncHistory": false,
            "tips": "needed for the release",
            "registryName": "default",
            "specificVersions": ["1.3.0"],
        })
    }
}

/// An array of versions, or the text of one.
fn versions_schema() -> MetaSchema {
    let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
    let array = MetaSchema {
        items: Some(Box::new(inline(MetaSchema::new("string")))),
        max_items: Some(MAX_VERSIONS),
        unique_items: Some(true),
        nullable: true,
        ..MetaSchema::new("array")
    };
    MetaSchema {
        one_of: vec![inline(array), inline(MetaSchema::new("string"))],
        ..MetaSchema::ANY
    }
}

fn read_versions(value: &Value) -> Result<BTreeSet<Version>, String> {
    let shape = || "must be an array of versions, or a text that holds one".to_owned();
    let parsed;
    let array = match value {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).map_err(|_| shape())?;
            &parsed
        }
        other => other,
    };
    let items = array.as_array().ok_or_else(shape)?;
    if items.len() > MAX_VERSIONS {
        return Err(format!("must hold at most {MAX_VERSIONS} versions"));
    }
    let mut versions = BTreeSet::new();
    for item in items {
        let text = item.as_str().ok_or_else(shape)?;
        let shown = printable(text, 60);
        let version = Version::parse(text)
            .map_err(|_| format!("must hold versions, which {shown} is not"))?;
        if !versions.insert(version) {
            return Err(format!("must name each version once, not {shown} twice"));
        }
    }
    Ok(versions)
}

/// A sync that was asked for.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct CreatedSync {
    /// Always true.
    ok: bool,
    /// The task that will do it.
    id: Id,
    /// Always `package`.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    wire_type: String,
    /// The task's state.
    state: StateWord,
}

impl From<Submitted> for CreatedSync {
    fn from(submitted: Submitted) -> Self {
        Self {
            ok: true,
            id: Id(submitted.task.0),
            wire_type: "package".to_owned(),
            state: StateWord(submitted.state),
        }
    }
}

/// A sync that was asked for by the legacy route.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct CreatedLog {
    /// Always true.
    ok: bool,
    /// The task that will do it.
    log_id: Id,
}

impl From<Submitted> for CreatedLog {
    fn from(submitted: Submitted) -> Self {
        Self {
            ok: true,
            log_id: Id(submitted.task.0),
        }
    }
}

/// How a sync is going.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct SyncStatus {
    /// Always true.
    pub(super) ok: bool,
    /// The task.
    pub(super) id: Id,
    /// Always `package`.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    pub(super) wire_type: String,
    /// Its state.
    pub(super) state: StateWord,
    /// Where its log is.
    pub(super) log_url: String,
    /// What went wrong, if it ended in error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(super) error: Option<String>,
    /// The same, as a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(super) error_code: Option<ErrorWord>,
    /// Why it waits, if that is not only for its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(super) reason: Option<String>,
    /// What a person should know although it went on.
    pub(super) warnings: Vec<String>,
    /// Attempts counted so far.
    pub(super) attempts: u32,
    /// When it was submitted.
    pub(super) created_at: Instant,
    /// When it first began.
    #[oai(nullable)]
    pub(super) started_at: Option<Instant>,
    /// When it ended.
    #[oai(nullable)]
    pub(super) finished_at: Option<Instant>,
    /// How many tasks go before it; null if it does not wait its turn, or past 1,000.
    #[oai(nullable)]
    pub(super) queue_position: Option<u64>,
    /// How far it is.
    #[oai(nullable)]
    pub(super) progress: Option<ProgressBody>,
    /// The syncs of its dependencies, by state.
    pub(super) children: Children,
}

/// How a sync is going, for legacy tools.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct LegacyLog {
    /// Always true.
    pub(super) ok: bool,
    /// Whether the task has ended.
    pub(super) sync_done: bool,
    /// The log's text, from `offset` on.
    pub(super) log: String,
    /// Where the whole log is.
    pub(super) log_url: String,
}

fn example_id() -> Id {
    Id(Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001))
}

fn example_log_url() -> String {
    let id = example_id().0;
    format!("http://localhost:7373/-/package/left-pad/syncs/{id}/log")
}

impl Example for CreatedSync {
    fn example() -> Self {
        Self {
            ok: true,
            id: example_id(),
            wire_type: "package".to_owned(),
            state: StateWord(TaskState::Waiting),
        }
    }
}

impl Example for CreatedLog {
    fn example() -> Self {
        Self {
            ok: true,
            log_id: example_id(),
        }
    }
}

impl Example for LegacyLog {
    fn example() -> Self {
        Self {
            ok: true,
            sync_done: true,
            log: "2026-01-01T00:00:00.000Z INFO Done\n".to_owned(),
            log_url: example_log_url(),
        }
    }
}

impl Example for SyncStatus {
    fn example() -> Self {
        let at = |seconds: i64| Instant(Timestamp(1_767_225_600_000 + seconds * 1000));
        Self {
            ok: true,
            id: example_id(),
            wire_type: "package".to_owned(),
            state: StateWord(TaskState::Processing),
            log_url: example_log_url(),
            error: None,
            error_code: None,
            reason: None,
            warnings: vec![],
            attempts: 1,
            created_at: at(0),
            started_at: Some(at(1)),
            finished_at: None,
            queue_position: None,
            progress: None,
            children: Children::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_as_an_array_or_as_its_text() {
        let array = read_versions(&json!(["1.0.0", "2.0.0-rc.1"])).expect("read");
        assert_eq!(
            read_versions(&json!(r#"["1.0.0","2.0.0-rc.1"]"#)),
            Ok(array)
        );
        assert_eq!(read_versions(&json!([])), Ok(BTreeSet::new()));
    }

    #[test]
    fn anything_else_is_refused_with_a_reason() {
        let many: Vec<_> = (0..1001).map(|n| format!("1.0.{n}")).collect();
        let table = [
            (json!(7), "an array of versions"),
            (json!({}), "an array of versions"),
            (json!("1.0.0"), "an array of versions"),
            (json!("[\"1.0.0\""), "an array of versions"),
            (json!([1]), "an array of versions"),
            (json!(["latest"]), "which latest is not"),
            (json!(["1.0.0", "1.0.0"]), "1.0.0 twice"),
            (json!(many), "at most 1000"),
        ];
        for (value, expected) in table {
            let error = read_versions(&value).expect_err("refused");
            assert!(error.contains(expected), "{value}: {error}");
        }
    }
}
