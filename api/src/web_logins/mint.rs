//! Makes the token of a program that somebody signed in.

use weir_domain::{UserId, token::TokenSecret};
use weir_store::{
    StoreError, Tx,
    audit::{self, Actor},
    clock,
    tokens::{self, NewToken},
    users,
};

use super::Minted;
use crate::visit::Visit;

/// A program, as it is told from others in the list of its user's tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program<'a> {
    /// What it calls itself, made harmless.
    pub(crate) user_agent: &'a str,
    /// Where it asked from.
    pub(crate) address: &'a str,
}

/// The making of a token.
#[derive(Debug)]
pub(crate) struct Minting {
    /// Its text.
    pub(crate) secret: TokenSecret,
    /// Who asks for it.
    pub(crate) by: Actor,
    /// In which way; completes the trail's "token made …".
    pub(crate) how: &'static str,
}

impl Minting {
    /// Begins one.
    pub(crate) fn of(visit: &Visit, how: &'static str) -> Self {
        Self {
            secret: visit.running().new_secret(),
            by: visit.actor(),
            how,
        }
    }
}

/// Makes a token for a program of this user's.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn mint(
    tx: &Tx,
    (user, is_admin): (UserId, bool),
    program: Program<'_>,
    Minting { secret, by, how }: Minting,
) -> Result<Minted, StoreError> {
    let now = clock::now(&**tx).await?;
    if users::get(&**tx, user).await?.is_disabled {
        return Err(StoreError::NotFound {
            what: "user",
            id: user.to_string(),
        });
    }
    let name = program.user_agent.split(' ').next();
    let name = name.filter(|name| !name.is_empty()).unwrap_or("login");
    let name = format!("{name} at {}", program.address);
    let new = NewToken {
        name: Some(&name),
        is_admin,
        ..NewToken::default()
    };
    let id = tokens::insert(tx, user, &secret, new, now).await?;
    let (by, detail) = (by.known_as(user), format!("{how}, for {name}"));
    audit::insert(tx, &by.did("token.create", id.to_string(), detail, now)).await?;
    Ok(Minted {
        token: Some(secret.reveal().to_owned()),
    })
}
