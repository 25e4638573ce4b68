//! `weir registry`: where packages and the catalogue come from.
//!
//! What proves to a registry who we are is read from standard input, a line each: first token or
//! password, then the secret of its webhooks. Nobody ever shows it again.

use std::{io::BufRead, process::ExitCode};

use serde_json::{Map, Value, json};
use weir_client::types;

use crate::{
    cli::{
        AddRegistryArguments, ListArguments, RegistryArguments, RegistryCommand,
        RemoveRegistriesArguments, SetRegistryArguments, ShowRegistryArguments,
        SyncCatalogueArguments, said,
    },
    client::{Registry, Server},
    console::Console,
    failure::Failure,
    outcome::Outcome,
};

/// Longest line with a secret; the server takes no longer one.
const MAX_SECRET: usize = 4096;

/// Runs one of the commands.
pub async fn run(command: RegistryCommand) -> Result<ExitCode, Failure> {
    match command {
        RegistryCommand::List(arguments) => list(arguments).await,
        RegistryCommand::Show(arguments) => show(arguments).await,
        RegistryCommand::Add(arguments) => add(*arguments).await,
        RegistryCommand::Set(arguments) => set(*arguments).await,
        RegistryCommand::Remove(arguments) => remove(arguments).await,
        RegistryCommand::Sync(arguments) => sync(arguments).await,
    }
}

async fn list(arguments: ListArguments) -> Result<ExitCode, Failure> {
    let registries = Server::find(arguments.server)?.registries().await?;
    let mut console = Console::of_process();
    for registry in registries {
        console.line(&if arguments.json {
            written(&registry.0)?
        } else {
            row(&registry)
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a registry's line; its name, which may be long, is last.
fn row(registry: &Registry) -> String {
    let types::Registry {
        registry_id,
        type_,
        host,
        name,
        ..
    } = &registry.0;
    let cells = [registry_id, type_, host, name];
    let cells = cells.map(|cell| cell.as_deref().unwrap_or("-"));
    cells.join("  ")
}

async fn show(arguments: ShowRegistryArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let registry = server.registry(&arguments.registry).await?;
    let mut console = Console::of_process();
    if arguments.json {
        console.line(&written(&registry.0)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let whole = serde_json::to_value(&registry.0).map_err(Failure::system)?;
    for (name, value) in whole.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) => {
                for (inner, value) in inner {
                    console.line(&format!("{name}.{inner}: {}", plain(value)))?;
                }
            }
            value => console.line(&format!("{name}: {}", plain(value)))?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns something as JSON, on one line.
pub fn written(what: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(what).map_err(Failure::system)
}

async fn add(arguments: AddRegistryArguments) -> Result<ExitCode, Failure> {
    let mut wanted = wanted(&arguments.wanted, Some(&arguments.host))?;
    wanted.extend(said([
        ("name", json!(arguments.name)),
        ("registryId", json!(arguments.slug)),
    ]));
    let made = Server::find(arguments.server)?.add_registry(wanted).await?;
    Console::of_process().line(&format!("{}: added", made.slug))?;
    Ok(ExitCode::SUCCESS)
}

async fn set(arguments: SetRegistryArguments) -> Result<ExitCode, Failure> {
    let mut wanted = wanted(&arguments.wanted, arguments.host.as_deref())?;
    wanted.extend(said([("name", json!(arguments.name))]));
    if wanted.is_empty() {
        let line = "what is to be otherwise? see `weir registry set --help`";
        return Err(Failure::Misused(line.to_owned()));
    }
    let server = Server::find(arguments.server)?;
    let made = server.set_registry(&arguments.registry, wanted).await?;
    Console::of_process().line(&format!("{}: set", made.slug))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns what is said, with the secrets that are to be read.
fn wanted(
    arguments: &RegistryArguments,
    host: Option<&str>,
) -> Result<Map<String, Value>, Failure> {
    let mut wanted = arguments.said();
    wanted.extend(said([("host", json!(host))]));
    for field in ["host", "changeStream"] {
        if wanted
            .get(field)
            .and_then(Value::as_str)
            .is_some_and(names_somebody)
        {
            let line = format!("{field}: the address names a user; say --with-password USER");
            return Err(Failure::Misused(line));
        }
    }
    let input = &mut std::io::stdin().lock();
    if arguments.with_token {
        let token = secret(input, "token")?;
        wanted.insert("credentials".to_owned(), json!({ "token": token }));
    }
    if let Some(username) = &arguments.with_password {
        let password = secret(input, "password")?;
        let pair = json!({"username": username, "password": password});
        wanted.insert("credentials".to_owned(), pair);
    }
    if arguments.with_webhook_secret {
        let secret = secret(input, "secret of webhooks")?;
        wanted.insert("webhookSecret".to_owned(), json!(secret));
    }
    Ok(wanted)
}

/// Says whether an address holds a user, and perhaps a password, which is not to be repeated.
fn names_somebody(address: &str) -> bool {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next();
    authority.is_some_and(|authority| authority.contains('@'))
}

/// Reads one secret: a line.
fn secret(input: &mut impl BufRead, what: &str) -> Result<String, Failure> {
    let mut line = String::new();
    let read = input.read_line(&mut line);
    let unread = |why: &str| Failure::Misused(format!("no {what} on standard input: {why}"));
    read.map_err(|error| unread(&error.to_string()))?;
    let text = line.trim_end_matches(['\r', '\n']);
    match text.len() {
        0 => Err(unread("its line is empty")),
        1..=MAX_SECRET => Ok(text.to_owned()),
        _ => Err(unread("its line is too long")),
    }
}

async fn remove(arguments: RemoveRegistriesArguments) -> Result<ExitCode, Failure> {
    let server = Server::find(arguments.server)?;
    let mut outcome = Outcome::default();
    for registry in &arguments.registries {
        let removed = server.remove_registry(registry, arguments.force).await;
        outcome.tell(registry, removed.map(|_| "removed"))?;
    }
    Ok(outcome.exit_code())
}

async fn sync(arguments: SyncCatalogueArguments) -> Result<ExitCode, Failure> {
    let is_named = !arguments.names.is_empty();
    let wanted = types::NewCatalogueSync {
        mode: arguments.incremental.then(|| "incremental".to_owned()),
        packages: is_named.then_some(arguments.names),
        dry_run: arguments.dry_run.then_some(true),
        force: arguments.force.then_some(true),
        allow_mass_removal: arguments.allow_mass_removal.then_some(true),
    };
    let server = Server::find(arguments.server)?;
    let accepted = server.sync_catalogue(&wanted).await?;
    let mut console = Console::of_process();
    let id = accepted.id;
    console.line(&format!("catalogue: task {id} is {}", accepted.state))?;
    console.line(&format!("catalogue: weir log {id} --follow"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_line() {
        let read = |text: &str| secret(&mut text.as_bytes(), "token").ok();
        for (text, expected) in [
            ("one\n", Some("one")),
            ("one\r\ntwo\n", Some("one")),
            (" one", Some(" one")),
            ("", None),
            ("\n", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(read(&"x".repeat(MAX_SECRET + 1)), None);
    }
}
