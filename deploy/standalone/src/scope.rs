//! `weir scope`: whose packages come from one registry only, or from nowhere.

use std::process::ExitCode;

use weir_client::types;

use crate::{
    cli::{ListArguments, RemoveScopesArguments, ScopeCommand, SetScopeArguments},
    client::{Scope, Server},
    console::Console,
    failure::Failure,
    outcome::Outcome,
    registry::written,
};

/// Runs one of the commands.
pub async fn run(command: ScopeCommand) -> Result<ExitCode, Failure> {
    match command {
        ScopeCommand::List(arguments) => list(arguments).await,
        ScopeCommand::Set(arguments) => set(arguments).await,
        ScopeCommand::Remove(arguments) => remove(arguments).await,
    }
}

async fn list(arguments: ListArguments) -> Result<ExitCode, Failure> {
    let scopes = Server::find(arguments.server)?.scopes().await?;
    let mut console = Console::of_process();
    for scope in scopes {
        console.line(&if arguments.json {
            written(&scope.0)?
        } else {
            row(&scope)
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a scope's line: whose packages come from where.
fn row(scope: &Scope) -> String {
    let name = scope.0.name.as_deref().unwrap_or("-");
    let home = scope.0.registry_id.as_deref();
    format!("{name}  {}", home.unwrap_or("private"))
}

async fn set(arguments: SetScopeArguments) -> Result<ExitCode, Failure> {
    let new = types::NewScope {
        name: Some(arguments.scope),
        registry_id: arguments.registry,
        private: arguments.private.then_some(true),
    };
    let made = Server::find(arguments.server)?.set_scope(&new).await?;
    Console::of_process().line(&row(&made))?;
    Ok(ExitCode::SUCCESS)
}

async fn remove(arguments: RemoveScopesArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut outcome = Outcome::default();
    for scope in &arguments.scopes {
        let removed = server.remove_scope(scope).await;
        outcome.tell(scope, removed.map(|_| "removed"))?;
    }
    Ok(outcome.exit_code())
}
