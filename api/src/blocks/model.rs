//! Wire shapes of blocks.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;
use weir_domain::{Timestamp, Version};
use weir_store::blocks::Block;

use crate::payload::{CheckedBody, Fields, Id, Instant};

/// Most characters of a reason.
const MAX_REASON_CHARS: usize = 10_240;
/// What stands for the whole package where a version could stand.
const ALL_VERSIONS: &str = "*";

/// A block that is wanted.
#[derive(Debug)]
pub(crate) struct NewBlock {
    pub(super) reason: Option<String>,
}

impl CheckedBody for NewBlock {
    const NAME: &'static str = "NewBlock";

    fn read(fields: &mut Fields<'_>) -> Self {
        let about = "Why; everybody may read it. Who blocked is added. Must be given";
        Self {
            reason: fields.text("reason", about, MAX_REASON_CHARS),
        }
    }

    fn example() -> Value {
        json!({"reason": "Package contains malicious code"})
    }
}

/// It was done, or there was nothing to do.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct Done {
    /// Always true.
    pub(crate) ok: bool,
}

impl Done {
    /// The answer.
    pub(crate) const YES: Self = Self { ok: true };
}

impl Example for Done {
    fn example() -> Self {
        Self::YES
    }
}

/// A block that was made.
#[derive(Debug, Serialize, Object)]
#[oai(example)]
pub(crate) struct MadeBlock {
    /// Always true.
    pub(super) ok: bool,
    /// The block; the same if it was there before.
    pub(super) id: Id,
    /// The package, or what it will be once it is mirrored.
    pub(super) package_id: Id,
    /// The version, if only that is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub(super) version: Option<String>,
}

/// Whether something is blocked.
#[derive(Debug, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct BlockStatus {
    /// Whether it is.
    pub(super) blocked: bool,
    /// Why, and by whom.
    #[oai(nullable)]
    pub(super) reason: Option<String>,
    /// Since when.
    #[oai(nullable)]
    pub(super) created_at: Option<Instant>,
    /// The blocks one by one.
    pub(super) data: Vec<BlockItem>,
}

/// One block.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Block")]
pub(crate) struct BlockItem {
    /// Identifier.
    id: Id,
    /// The version; `*` is the whole package.
    version: String,
    /// Why, and by whom.
    reason: String,
    /// `package` or `version`.
    scope: String,
    /// When it was made.
    created: Instant,
    /// When it was last made anew.
    modified: Instant,
}

impl BlockStatus {
    /// Returns what all of these come to, if `is_meant` says which is about what was asked.
    pub(super) fn of(blocks: Vec<Block>, is_meant: impl Fn(&Option<Version>) -> bool) -> Self {
        let first = blocks.iter().find(|block| is_meant(&block.version));
        Self {
            blocked: first.is_some(),
            reason: first.map(|block| block.reason.clone()),
            created_at: first.map(|block| Instant(block.created_at)),
            data: blocks.into_iter().map(BlockItem::from).collect(),
        }
    }
}

impl From<Block> for BlockItem {
    fn from(block: Block) -> Self {
        let (scope, version) = match &block.version {
            Some(version) => ("version", version.as_str()),
            None => ("package", ALL_VERSIONS),
        };
        Self {
            id: Id(block.id.0),
            version: version.to_owned(),
            scope: scope.to_owned(),
            reason: block.reason,
            created: Instant(block.created_at),
            modified: Instant(block.updated_at),
        }
    }
}

fn example_id(n: u128) -> Id {
    Id(Uuid::from_u128(
        0x0193_5b0a_7c00_7000_8000_0000_0000_0000 + n,
    ))
}

impl Example for MadeBlock {
    fn example() -> Self {
        Self {
            ok: true,
            id: example_id(1),
            package_id: example_id(2),
            version: None,
        }
    }
}

impl Example for BlockStatus {
    fn example() -> Self {
        let at = Instant(Timestamp(1_767_225_600_000));
        let operator = example_id(3).0;
        let reason = format!("Package contains malicious code (operator: admin/{operator})");
        Self {
            blocked: true,
            reason: Some(reason.clone()),
            created_at: Some(at),
            data: vec![BlockItem {
                id: example_id(1),
                version: ALL_VERSIONS.to_owned(),
                reason,
                scope: "package".to_owned(),
                created: at,
                modified: at,
            }],
        }
    }
}
