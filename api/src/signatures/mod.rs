//! What a registry says of the origin of its versions: signing keys and attestations, as
//! `npm audit signatures` asks for them.
//!
//! Signed by the upstream, so passed on as they are, byte for byte.

mod answer;
mod show;

use poem_openapi::{OpenApi, param::Path};

use self::answer::StatementAnswer;
use crate::{
    auth::Caller, error::ApiResult, names::VersionedName, packages::For, tags::Tag, visit::Visit,
};

/// `/-/npm/v1/keys` and `/-/npm/v1/attestations/…`.
#[derive(Debug)]
pub(crate) struct SignaturesApi;

#[OpenApi(tag = "Tag::Signatures")]
impl SignaturesApi {
    /// Returns the keys that the upstream signs versions with
    ///
    /// As the upstream has them, kept for an hour, and for longer if it cannot be asked; 404 if it
    /// has none.
    #[oai(
        path = "/-/npm/v1/keys",
        method = "get",
        operation_id = "show_signing_keys"
    )]
    async fn keys(&self, visit: Visit, _caller: Caller) -> ApiResult<For<StatementAnswer>> {
        show::keys(&visit).await
    }

    /// Returns what was attested of a version
    ///
    /// As the upstream has it, kept for a day, and for longer if it cannot be asked; 404 if there
    /// is none, or the version is not mirrored. The part after the name's last `@` is the version.
    #[oai(
        path = "/-/npm/v1/attestations/:versioned_name",
        method = "get",
        operation_id = "show_attestations"
    )]
    async fn attestations(
        &self,
        visit: Visit,
        _caller: Caller,
        versioned_name: Path<VersionedName>,
    ) -> ApiResult<For<StatementAnswer>> {
        show::attestations(&visit, &versioned_name).await
    }
}
