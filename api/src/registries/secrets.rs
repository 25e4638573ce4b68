//! What must not be read by who reads the database: sealed before it is written, each for its
//! own row and column.

use serde_json::json;
use weir_domain::{RegistryId, Timestamp};
use weir_runtime::{Sealer, sealing::SealError};
use weir_store::{StoreError, Tx, catalogue::sources, registries};

use super::{change::Change, wanted::Wanted};
use crate::{
    app::Running,
    error::{ApiError, ApiResult, Code},
};

/// What proves to a registry who we are, as it was said.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    Token(String),
    Pair { username: String, password: String },
}

impl Credentials {
    /// Returns what [`weir_upstream::Authorization::from_json`] reads.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let value = match self {
            Self::Token(token) => json!({"token": token}),
            Self::Pair { username, password } => {
                json!({"username": username, "password": password})
            }
        };
        value.to_string().into_bytes()
    }
}

/// Sealed secrets on their way into the database.
#[derive(Debug)]
pub(super) struct Secrets {
    credentials: Change<Vec<u8>>,
    webhook: Change<Vec<u8>>,
}

impl Secrets {
    /// Seals what is given.
    ///
    /// # Errors
    /// 501 if there is no key to do so.
    pub(super) fn seal(sealer: &Sealer, id: RegistryId, wanted: &Wanted) -> ApiResult<Self> {
        let credentials = wanted.credentials.try_map(|credentials| {
            sealer.seal(&credentials.to_json(), &registries::credentials_place(id))
        });
        let webhook = wanted
            .webhook_secret
            .try_map(|text| sealer.seal(text.as_bytes(), &webhook_place(id)));
        Ok(Self {
            credentials: credentials.map_err(unsealed)?,
            webhook: webhook.map_err(unsealed)?,
        })
    }

    /// Writes them down, or takes away what is to go.
    ///
    /// # Errors
    /// If the database refuses.
    pub(super) async fn keep(
        &self,
        tx: &Tx,
        id: RegistryId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match &self.credentials {
            Change::Kept => {}
            Change::Gone => registries::set_credentials(tx, id, None, now).await?,
            Change::New(sealed) => {
                registries::set_credentials(tx, id, Some(sealed), now).await?;
            }
        }
        match &self.webhook {
            Change::Kept => Ok(()),
            Change::Gone => sources::set_webhook_secret(tx, id, None).await,
            Change::New(sealed) => sources::set_webhook_secret(tx, id, Some(sealed)).await,
        }
    }
}

/// Returns what webhooks of a source must show or sign with, if it has such a secret.
///
/// # Errors
/// If it cannot be opened.
pub(crate) async fn webhook_secret(
    running: &Running,
    id: RegistryId,
) -> ApiResult<Option<Vec<u8>>> {
    let Some(sealed) = sources::sealed_webhook_secret(running.reader(), id).await? else {
        return Ok(None);
    };
    let opened = running
        .app
        .settings
        .sealer
        .open(&sealed, &webhook_place(id));
    opened.map(Some).map_err(unsealed)
}

fn webhook_place(id: RegistryId) -> String {
    format!("catalogue_sources.webhook_secret:{id}")
}

fn unsealed(why: SealError) -> ApiError {
    match why {
        SealError::NoKey => ApiError::new(
            Code::NotImplemented,
            "Credentials and secrets of registries need WEIR_SECRET_KEY on this server",
        ),
        other => ApiError::internal(other),
    }
}
