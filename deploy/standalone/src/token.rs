//! `weir token`: makes, lists and revokes tokens of whoever's token the command shows.
//!
//! The text of a new one is the only line on standard output, so that a script can keep it; what
//! else there is to say goes to standard error.

use std::process::ExitCode;

use weir_client::types;
use weir_domain::{Timestamp, text::printable};

use crate::{
    cli::{CreateTokenArguments, RevokeTokensArguments, ServerArguments, TokenCommand},
    client::{Server, Token},
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Longest name in a list, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Runs one of the commands.
pub async fn run(command: TokenCommand) -> Result<ExitCode, Failure> {
    match command {
        TokenCommand::Create(arguments) => create(arguments).await,
        TokenCommand::List(server) => list(server).await,
        TokenCommand::Revoke(arguments) => revoke(arguments).await,
    }
}

async fn create(arguments: CreateTokenArguments) -> Result<ExitCode, Failure> {
    let wanted = types::NewApiToken {
        name: Some(arguments.name),
        expires_in: arguments.expires.map(i64::from),
        readonly: Some(arguments.readonly),
        admin: Some(arguments.admin),
    };
    let made = Server::find_with(arguments.server, arguments.otp)?
        .create_token(&wanted)
        .await?;
    let mut console = Console::of_process();
    console.progress(&format!("token {}; its text is shown this once", made.id))?;
    console.line(&made.text)?;
    Ok(ExitCode::SUCCESS)
}

async fn list(server: ServerArguments) -> Result<ExitCode, Failure> {
    let tokens = Server::find(server)?.tokens().await?;
    let mut console = Console::of_process();
    for token in tokens {
        console.line(&row(&token))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a token's line; what is not known is a dash, and the name, which may be long, is last.
fn row(token: &Token) -> String {
    let day = |at: Option<Timestamp>| {
        let text = at.map(|at| at.to_string());
        text.and_then(|text| text.get(..10).map(str::to_owned))
            .unwrap_or_else(|| "-".to_owned())
    };
    format!(
        "{}  {}...  made {}  until {:10}  used {:10}  {}",
        token.id,
        printable(&token.prefix, MAX_NAME_CHARS),
        day(token.created_at),
        day(token.expires_at),
        day(token.last_used_at),
        printable(&token.name, MAX_NAME_CHARS),
    )
}

async fn revoke(arguments: RevokeTokensArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut console = Console::of_process();
    let mut is_success = true;
    for id in arguments.ids {
        match server.revoke_token(id).await {
            Ok(_) => console.line(&format!("{id}: revoked"))?,
            Err(Failure::Unsuccessful(reason)) => {
                is_success = false;
                console.line(&format!("{id}: {reason}"))?;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(if is_success {
        ExitCode::SUCCESS
    } else {
        UNSUCCESSFUL.into()
    })
}
