//! `weir audit`: who changed what on a server, a line each, newest first.

use std::process::ExitCode;

use crate::{
    cli::AuditArguments,
    client::{AuditEvent, Server},
    console::Console,
    failure::Failure,
};

/// Prints the trail, page by page.
pub async fn run(arguments: AuditArguments) -> Result<ExitCode, Failure> {
    let mut console = Console::of_process();
    let mut missing = arguments.limit;
    let mut cursor: Option<String> = None;
    let server = Server::find(arguments.server.clone())?;
    loop {
        let page = server.audit(&arguments, missing, cursor.as_deref()).await?;
        let count = u32::try_from(page.data.len()).unwrap_or(u32::MAX);
        for event in &page.data {
            console.line(&line(event))?;
        }
        missing = missing.saturating_sub(count);
        cursor = page.next_cursor;
        if cursor.is_none() || count == 0 || missing == 0 {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// When, who, from where, what, to what, and how.
fn line(event: &AuditEvent) -> String {
    let nobody = || "-".to_owned();
    let cells = [
        event.at.clone(),
        event.user.clone().unwrap_or_else(nobody),
        event.address.clone().unwrap_or_else(nobody),
        event.action.clone(),
        event.target.clone(),
        event.detail.clone(),
    ];
    cells.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_place_for_everything() {
        let mut event = AuditEvent {
            at: "2026-01-01T00:00:00.000Z".to_owned(),
            user: Some("alice".to_owned()),
            address: Some("192.0.2.1".to_owned()),
            action: "block.set".to_owned(),
            target: "a".to_owned(),
            detail: "why".to_owned(),
        };
        let expected = "2026-01-01T00:00:00.000Z  alice  192.0.2.1  block.set  a  why";
        assert_eq!(line(&event), expected);
        (event.user, event.address, event.detail) = (None, None, String::new());
        assert_eq!(line(&event), "2026-01-01T00:00:00.000Z  -  -  block.set  a");
    }
}
