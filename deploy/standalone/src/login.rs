//! `weir login`: gets a token from a server, with its user's word in a browser, and keeps it.
//!
//! The user confirms at the server (web login), or types a code at GitHub (`--github`). The
//! command waits for either, and its token is made for it alone.

use std::{process::ExitCode, time::Duration};

use serde_json::{Value, json};
use weir_config::Secret;
use weir_upstream::{LocalError, LoginStep};

use crate::{cli::LoginArguments, client::Door, console::Console, failure::Failure};

/// Shortest and longest pause between two questions, whatever the server says.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Signs in.
pub async fn run(arguments: LoginArguments) -> Result<ExitCode, Failure> {
    let door = Door::find(arguments.place)?;
    let mut console = Console::of_process();
    let token = if arguments.github {
        by_code(&door, &mut console).await?
    } else {
        by_page(&door, &mut console).await?
    };
    let whoami = door.enter(&token)?.login_step("/-/whoami", None).await;
    let user = match whoami.map_err(|error| failure(&error))? {
        LoginStep::Done(said) => text(&said, "username")?,
        LoginStep::Waiting(_) => return Err(odd("username")),
    };
    let kept = door.logins.keep(&door.base, &user, &token)?;
    console.line(&format!("signed in to {} as {user}", door.base))?;
    console.line(&format!("the token is kept in {}", kept.display()))?;
    Ok(ExitCode::SUCCESS)
}

type Out = Console<std::io::Stdout, std::io::Stderr>;

async fn by_page(door: &Door, console: &mut Out) -> Result<Secret, Failure> {
    let begun = begin(door, "/-/v1/login").await?;
    let (page, done) = (text(&begun, "loginUrl")?, text(&begun, "doneUrl")?);
    // It is asked where we found it, whatever it calls itself.
    let query = done.split_once('?').ok_or_else(|| odd("doneUrl"))?.1;
    console.line("open this page in a browser, and confirm:")?;
    console.line(&page)?;
    wait(door, &format!("/-/v1/login/done?{query}"), None).await
}

async fn by_code(door: &Door, console: &mut Out) -> Result<Secret, Failure> {
    let begun = begin(door, "/-/v1/login/device").await?;
    let (code, page) = (text(&begun, "userCode")?, text(&begun, "verificationUrl")?);
    console.line(&format!("open {page} in a browser, and type: {code}"))?;
    let question = json!({ "deviceCode": text(&begun, "deviceCode")? });
    let interval = begun["interval"].as_u64().map(Duration::from_secs);
    pause(interval.unwrap_or(PAUSES.0)).await;
    wait(door, "/-/v1/login/device/done", Some(&question)).await
}

async fn begin(door: &Door, path: &str) -> Result<Value, Failure> {
    match door.way.login_step(path, Some(&json!({}))).await {
        Ok(LoginStep::Done(begun)) => Ok(begun),
        Ok(LoginStep::Waiting(_)) => Err(odd("answer")),
        Err(error) => Err(failure(&error)),
    }
}

/// Asks until there is a token.
async fn wait(door: &Door, path: &str, question: Option<&Value>) -> Result<Secret, Failure> {
    loop {
        match door.way.login_step(path, question).await {
            Ok(LoginStep::Done(said)) => return text(&said, "token").map(Secret::new),
            Ok(LoginStep::Waiting(time)) => pause(time).await,
            Err(error) => return Err(failure(&error)),
        }
    }
}

async fn pause(time: Duration) {
    tokio::time::sleep(time.clamp(PAUSES.0, PAUSES.1)).await;
}

fn text(said: &Value, field: &str) -> Result<String, Failure> {
    let text = said[field].as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| odd(field))
}

fn odd(field: &str) -> Failure {
    Failure::Misused(format!("the server does not answer like weir: no {field}"))
}

fn failure(error: &LocalError) -> Failure {
    match error {
        LocalError::Refused { .. } => Failure::Unsuccessful(error.to_string()),
        other => Failure::Misused(other.to_string()),
    }
}
