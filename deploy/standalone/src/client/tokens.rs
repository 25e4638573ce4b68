//! Tokens of the caller, as the commands make, list and revoke them.

use weir_client::types;
use weir_domain::{Timestamp, TokenId};

use super::{
    Server,
    answers::{Odd, needed},
};
use crate::failure::Failure;

/// A token that was just made.
#[derive(Debug)]
pub struct MadeToken {
    /// Identifier.
    pub id: TokenId,
    /// Its text; nobody shows it again.
    pub text: String,
}

/// A token, without its text.
#[derive(Debug)]
pub struct Token {
    /// Identifier.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// How its text begins.
    pub prefix: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
}

/// That a token was revoked.
#[derive(Debug, Clone, Copy)]
pub struct Revoked;

impl Server {
    /// Makes a token.
    pub async fn create_token(&self, wanted: &types::NewApiToken) -> Result<MadeToken, Failure> {
        self.done(self.client.create_token(wanted)).await
    }

    /// Returns the caller's tokens, newest first.
    pub async fn tokens(&self) -> Result<Vec<Token>, Failure> {
        let Tokens(tokens) = self.done(self.client.list_tokens()).await?;
        Ok(tokens)
    }

    /// Revokes a token.
    pub async fn revoke_token(&self, id: TokenId) -> Result<Revoked, Failure> {
        self.done(self.client.revoke_token(&id.to_string())).await
    }
}

struct Tokens(Vec<Token>);

impl TryFrom<types::MadeApiToken> for MadeToken {
    type Error = Odd;

    fn try_from(answer: types::MadeApiToken) -> Result<Self, Odd> {
        let data = answer.data.ok_or(Odd("data"))?;
        Ok(Self {
            id: needed("id", data.id)?,
            text: data.token.ok_or(Odd("token"))?,
        })
    }
}

impl TryFrom<types::ApiTokens> for Tokens {
    type Error = Odd;

    fn try_from(answer: types::ApiTokens) -> Result<Self, Odd> {
        let tokens = answer.data.into_iter().map(Token::try_from);
        tokens.collect::<Result<_, _>>().map(Self)
    }
}

impl TryFrom<types::ApiToken> for Token {
    type Error = Odd;

    fn try_from(token: types::ApiToken) -> Result<Self, Odd> {
        let time = |text: Option<String>| text.and_then(|text| Timestamp::parse(&text));
        Ok(Self {
            id: needed("id", token.id)?,
            name: token.name.unwrap_or_default(),
            prefix: token.prefix.unwrap_or_default(),
            created_at: time(token.created_at),
            expires_at: time(token.expires_at),
            last_used_at: time(token.last_used_at),
        })
    }
}

impl TryFrom<types::RevokedApiToken> for Revoked {
    type Error = Odd;

    fn try_from(_: types::RevokedApiToken) -> Result<Self, Odd> {
        Ok(Self)
    }
}
