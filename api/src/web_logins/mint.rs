//! Makes the token of a program that somebody signed in.

use weir_domain::{UserId, token::TokenSecret};
use weir_store::{
    StoreError, Tx, audit, clock,
    tokens::{self, NewToken},
};

use super::Minted;

/// A program, as it is told from others in the list of its user's tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'a> {
    /// What it calls itself, made harmless.
    pub(crate) user_agent: &'a str,
    /// Where it asked from.
    pub(crate) address: &'a str,
}

/// Makes a token for a program of this user's; `how` completes the trail's "token made …".
///
/// # Errors
/// If the database refuses.
pub(crate) async fn mint(
    tx: &Tx,
    (user, is_admin): (UserId, bool),
    program: Program<'_>,
    how: &str,
) -> Result<Minted, StoreError> {
    let (now, secret) = (clock::now(&**tx).await?, TokenSecret::generate());
    let name = program.user_agent.split(' ').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("login");
    let name = format!("{name} at {}", program.address);
    let new = NewToken {
        name: Some(&name),
        is_admin,
        ..NewToken::default()
    };
    let id = tokens::insert(tx, user, &secret, new, now).await?;
    let event = audit::Event {
        at: now,
        user: Some(user),
        action: "token.create".to_owned(),
        target: id.to_string(),
        detail: format!("{how}, for {name}"),
    };
    audit::insert(tx, &event).await?;
    Ok(Minted {
        token: Some(secret.reveal().to_owned()),
    })
}
