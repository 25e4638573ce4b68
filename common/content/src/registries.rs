//! Clients of registries that want to know who asks.
//!
//! Credentials are opened anew for each use: whoever changes them is heeded at once. They go to
//! the registry's own origin and nowhere else, which is the client's part.

use weir_domain::Registry;
use weir_runtime::sealing::SealError;
use weir_store::{StoreError, registries};
use weir_upstream::{Authorization, NpmRegistry};

use crate::{Content, ContentError};

impl Content {
    /// Returns the client of an npm registry, with its credentials if it has any.
    ///
    /// # Errors
    /// As [`Content::authorization`].
    pub async fn npm(&self, registry: &Registry) -> Result<NpmRegistry, ContentError> {
        let client = self.upstreams.registry(registry);
        Ok(match self.authorization(registry).await? {
            Some(authorization) => client.with_authorization(authorization),
            None => client,
        })
    }

    /// Returns what proves to a registry who we are, if it has to be proven.
    ///
    /// # Errors
    /// [`ContentError::Sealed`] if it cannot be opened: nobody is asked without it then, or what
    /// is not shown to strangers would look as if it were gone. [`StoreError::Changed`] if the
    /// registry has moved since it was read: what is for the new place is not shown to the old.
    pub async fn authorization(
        &self,
        registry: &Registry,
    ) -> Result<Option<Authorization>, ContentError> {
        let (db, id) = (self.db.read(), registry.id);
        let Some(sealed) = registries::sealed_credentials(db, id).await? else {
            return Ok(None);
        };
        // Read after the credentials: a move takes those of the old place away.
        if registries::get(db, id).await?.url.origin() != registry.url.origin() {
            return Err(StoreError::Changed("registry").into());
        }
        let plain = self
            .sealer
            .open(&sealed, &registries::credentials_place(id))?;
        let authorization = Authorization::from_json(&plain);
        authorization.map(Some).ok_or(SealError::Damaged.into())
    }
}
