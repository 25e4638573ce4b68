//! Clients of registries that want to know who asks.
//!
//! Credentials are opened anew for each use: whoever changes them is heeded at once. They go to
//! the registry's own origin and nowhere else, which is the client's part.

use weir_domain::{Registry, RegistryId};
use weir_runtime::sealing::SealError;
use weir_store::registries;
use weir_upstream::{Authorization, NpmRegistry};

use crate::{Content, ContentError};

impl Content {
    /// Returns the client of an npm registry, with its credentials if it has any.
    ///
    /// # Errors
    /// As [`Content::authorization`].
    pub async fn npm(&self, registry: &Registry) -> Result<NpmRegistry, ContentError> {
        let client = self.upstreams.registry(registry);
        Ok(match self.authorization(registry.id).await? {
            Some(authorization) => client.with_authorization(authorization),
            None => client,
        })
    }

    /// Returns what proves to a registry who we are, if it has to be proven.
    ///
    /// # Errors
    /// [`ContentError::Sealed`] if it cannot be opened: nobody is asked without it then, or what
    /// is not shown to strangers would look as if it were gone.
    pub async fn authorization(
        &self,
        id: RegistryId,
    ) -> Result<Option<Authorization>, ContentError> {
        let Some(sealed) = registries::sealed_credentials(self.db.read(), id).await? else {
            return Ok(None);
        };
        let plain = self
            .sealer
            .open(&sealed, &registries::credentials_place(id))?;
        let authorization = Authorization::from_json(&plain);
        authorization.map(Some).ok_or(SealError::Damaged.into())
    }
}
