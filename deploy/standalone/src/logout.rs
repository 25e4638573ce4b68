//! `weir logout`: takes the token of `weir login` back, and forgets it.

use std::process::ExitCode;

use weir_domain::token::TokenSecret;

use crate::{
    cli::LogoutArguments,
    client::Door,
    console::Console,
    failure::{Failure, UNSUCCESSFUL},
};

/// Signs out. A token that cannot be taken back is kept: somebody has to do it again.
pub async fn run(arguments: LogoutArguments) -> Result<ExitCode, Failure> {
    let door = Door::find(arguments.place)?;
    let mut console = Console::of_process();
    let kept = match door.logins.find(&door.base) {
        Ok(Some(kept)) => kept,
        Ok(None) => {
            console.line(&format!("nobody is signed in to {}", door.base))?;
            return Ok(UNSUCCESSFUL.into());
        }
        Err(damaged) => {
            door.logins.forget(&door.base)?;
            return Err(damaged);
        }
    };
    let token = TokenSecret::from_text(kept.reveal());
    let revoked = door.enter(&kept)?.log_out(&token).await;
    revoked.map_err(|error| Failure::Unsuccessful(error.to_string()))?;
    door.logins.forget(&door.base)?;
    console.line(&format!("signed out of {}", door.base))?;
    Ok(ExitCode::SUCCESS)
}
