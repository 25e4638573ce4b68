//! The wire shape of a ticket.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::Timestamp;

use crate::payload::Instant;

/// A ticket.
#[derive(Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct LogTicket {
    /// Always true.
    pub(crate) ok: bool,
    /// The ticket; it is shown this once.
    pub(crate) ticket: String,
    /// When it stops working.
    pub(crate) expires_at: Instant,
    /// Where the log is, with the ticket.
    pub(crate) log_url: String,
}

impl Example for LogTicket {
    fn example() -> Self {
        let ticket = "5rj2vTqk0l9D7yQeXJm1oZ8cBhA4sWgNfU3iRpKtE6Y";
        let task = "01935b0a-7c00-7000-8000-000000000001";
        Self {
            ok: true,
            ticket: ticket.to_owned(),
            expires_at: Instant(Timestamp(1_767_225_660_000)),
            log_url: format!("https://registry.example/syncs/{task}/log?ticket={ticket}"),
        }
    }
}
