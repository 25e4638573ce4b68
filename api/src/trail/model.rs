//! Wire shapes of the audit trail.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use uuid::Uuid;
use weir_domain::Timestamp;
use weir_store::audit::Record;

use crate::{
    payload::{Id, Instant},
    tasks::Pagination,
};

/// Something that was changed.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct AuditEvent {
    /// Identifier.
    pub(super) id: Id,
    /// When.
    at: Instant,
    /// What was done, as `noun.verb`.
    action: String,
    /// To which thing.
    target: String,
    /// From what to what, or why.
    detail: String,
    /// The name of who did it; null for the service itself, its configuration, or a user who is
    /// no more.
    #[oai(nullable)]
    user: Option<String>,
    /// The id of who did it.
    #[oai(nullable)]
    user_id: Option<Id>,
    /// The id of the token that was shown.
    #[oai(nullable)]
    token_id: Option<Id>,
    /// The address that it came from.
    #[oai(nullable)]
    address: Option<String>,
    /// The request, as the log names it.
    #[oai(nullable)]
    request_id: Option<String>,
}

/// A page of what was changed.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "AuditPage", example)]
pub(crate) struct TrailPage {
    /// The events, newest first.
    pub(super) data: Vec<AuditEvent>,
    /// Where to go on.
    pub(super) pagination: Pagination,
}

impl From<Record> for AuditEvent {
    fn from(record: Record) -> Self {
        let (event, by) = (record.event.clone(), record.event.by);
        Self {
            id: Id(record.id.0),
            at: Instant(event.at),
            action: event.action,
            target: event.target,
            detail: event.detail,
            user: record.user_name,
            user_id: by.user.map(|user| Id(user.0)),
            token_id: by.token.map(|token| Id(token.0)),
            address: by.address.map(|address| address.to_string()),
            request_id: by.request_id,
        }
    }
}

impl Example for TrailPage {
    fn example() -> Self {
        let id = |n: u128| {
            Id(Uuid::from_u128(
                0x0193_5b0a_7c00_7000_8000_0000_0000_0000 + n,
            ))
        };
        let event = AuditEvent {
            id: id(1),
            at: Instant(Timestamp(1_767_225_600_000)),
            action: "block.set".to_owned(),
            target: "left-pad@1.3.0".to_owned(),
            detail: "It does harm (operator: alice/…)".to_owned(),
            user: Some("alice".to_owned()),
            user_id: Some(id(2)),
            token_id: Some(id(3)),
            address: Some("192.0.2.1".to_owned()),
            request_id: Some("5f0c2a91b3d7".to_owned()),
        };
        Self {
            data: vec![event],
            pagination: Pagination { next_cursor: None },
        }
    }
}
