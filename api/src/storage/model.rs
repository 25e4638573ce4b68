//! Wire shapes of what is stored.

use std::collections::BTreeSet;

use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::Example,
};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{PackageName, Timestamp, task::TaskState, text::printable};

use crate::{
    payload::{CheckedBody, Fields, Id, Instant},
    tasks::StateWord,
};

/// Most packages of one verification.
const MAX_PACKAGES: usize = 1000;

/// Which blobs are to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewVerification {
    pub(super) packages: BTreeSet<PackageName>,
    pub(super) repairs: bool,
}

impl CheckedBody for NewVerification {
    const NAME: &'static str = "NewVerification";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            packages: fields
                .field(
                    "packages",
                    "The packages whose blobs are read; of all if absent or empty",
                    MetaSchema {
                        items: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::new(
                            "string",
                        ))))),
                        max_items: Some(MAX_PACKAGES),
                        ..MetaSchema::new("array")
                    },
                    read_names,
                )
                .unwrap_or_default(),
            repairs: fields.flag("repair", "Fetch damaged tarballs again at once"),
        }
    }

    fn example() -> Value {
        json!({ "packages": ["left-pad"], "repair": true })
    }
}

fn read_names(value: &Value) -> Result<BTreeSet<PackageName>, String> {
    let shape = || "must be an array of package names".to_owned();
    let items = value.as_array().ok_or_else(shape)?;
    if items.len() > MAX_PACKAGES {
        return Err(format!("must hold at most {MAX_PACKAGES} names"));
    }
    let read = |item: &Value| {
        let text = item.as_str().ok_or_else(shape)?;
        PackageName::parse(text)
            .map_err(|why| format!("must hold package names: {} {why}", printable(text, 60)))
    };
    items.iter().map(read).collect()
}

/// How blobs are to be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewCollection {
    pub(super) is_dry: bool,
}

impl CheckedBody for NewCollection {
    const NAME: &'static str = "NewCollection";

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            is_dry: fields.flag("dryRun", "Only say what would be deleted"),
        }
    }

    fn example() -> Value {
        json!({ "dryRun": true })
    }
}

/// The task that does it.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct StorageTask {
    /// Always true.
    pub(crate) ok: bool,
    /// Identifier.
    pub(crate) id: Id,
    /// State.
    pub(crate) state: StateWord,
    /// Where its log is.
    pub(crate) log_url: String,
}

/// The blobs of one state.
#[derive(Debug, Serialize, Object)]
pub(crate) struct BlobCount {
    /// `pending` (coming), `stored`, `doomed` (unused) or `deleting`.
    pub(crate) state: String,
    /// How many.
    pub(crate) count: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// A disk that this process writes to.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct Disk {
    /// What is free.
    pub(crate) free_bytes: u64,
    /// What should be, for syncs not to wait.
    pub(crate) least_bytes: u64,
}

/// A blob whose bytes were found not to be its own.
#[derive(Debug, Serialize, Object)]
pub(crate) struct DamagedBlob {
    /// When.
    pub(crate) at: Instant,
    /// Its digest.
    pub(crate) digest: String,
    /// What was found, and what it was used for.
    pub(crate) detail: String,
}

/// What is stored.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct Storage {
    /// Always true.
    pub(crate) ok: bool,
    /// Blobs by state.
    pub(crate) blobs: Vec<BlobCount>,
    /// All stored blobs were proven since then; null if there are none.
    #[oai(nullable)]
    pub(crate) verified_since: Option<Instant>,
    /// The disks of the process that answers.
    pub(crate) disks: Vec<Disk>,
    /// Why syncs wait, if a disk of a worker is low.
    #[oai(nullable)]
    pub(crate) shortage: Option<String>,
    /// The blobs that were found damaged last, newest first.
    pub(crate) damaged: Vec<DamagedBlob>,
}

impl Example for StorageTask {
    fn example() -> Self {
        let id = Uuid::from_u128(0x0193_5b0a_7c00_7000_8000_0000_0000_0001);
        Self {
            ok: true,
            id: Id(id),
            state: StateWord(TaskState::Waiting),
            log_url: format!("http://localhost:7373/syncs/{id}/log"),
        }
    }
}

impl Example for Storage {
    fn example() -> Self {
        let at = Instant(Timestamp(1_767_225_600_000));
        Self {
            ok: true,
            blobs: vec![BlobCount {
                state: "stored".to_owned(),
                count: 1_204,
                bytes: 80_412_330,
            }],
            verified_since: Some(at),
            disks: vec![Disk {
                free_bytes: 40_802_189_312,
                least_bytes: 536_870_912,
            }],
            shortage: None,
            damaged: vec![DamagedBlob {
                at,
                digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                    .to_owned(),
                detail: "it has 3 bytes, not 4120; tarball of left-pad@1.3.0".to_owned(),
            }],
        }
    }
}
