//! Blocks: packages, or versions of them, that are not served, whether they are mirrored or not.
//!
//! Made and lifted by administrators, read by whoever may read the package. What a block stops is
//! each route's own business ([`crate::packages::admit`]).

mod lift;
mod model;
mod put;
mod show;

use poem_openapi::{OpenApi, param::Path};

pub(crate) use self::model::Done;
use self::model::{BlockStatus, MadeBlock, NewBlock};
use crate::{
    auth::{Admin, Caller},
    error::ApiResult,
    names::{Fullname, VersionSpec},
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/package/{fullname}/blocks…`.
#[derive(Debug)]
pub(crate) struct BlocksApi;

#[OpenApi(tag = "Tag::Blocks")]
impl BlocksApi {
    /// Blocks a package
    ///
    /// Its packument, manifests, tarballs, dist-tags, downloads and attestations are answered with
    /// 451, no search finds it, and nobody syncs it; on every process within a second. The package
    /// need not be mirrored. Blocking it again replaces the reason.
    #[oai(
        path = "/-/package/:fullname/blocks",
        method = "put",
        operation_id = "block_package"
    )]
    async fn block(
        &self,
        visit: Visit,
        admin: Admin,
        fullname: Path<Fullname>,
        body: Checked<NewBlock>,
    ) -> ApiResult<NoStore<Wire<MadeBlock, 201>>> {
        let what = (fullname.to_write()?, None);
        put::put(&visit, &admin, what, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lifts the block of a package
    ///
    /// Also one that the policy about removals made. Blocks of its versions stay. That there was
    /// none is no error.
    #[oai(
        path = "/-/package/:fullname/blocks",
        method = "delete",
        operation_id = "unblock_package"
    )]
    async fn unblock(
        &self,
        visit: Visit,
        _admin: Admin,
        fullname: Path<Fullname>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        let what = (fullname.to_write()?, None);
        lift::lift(&visit, what).await.map(Wire).map(NoStore)
    }

    /// Says whether a package is blocked, and why
    ///
    /// `data` has the blocks of its versions too; their `version` is `*` for the whole package.
    #[oai(
        path = "/-/package/:fullname/blocks",
        method = "get",
        operation_id = "show_package_block"
    )]
    async fn show(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<NoStore<Wire<BlockStatus>>> {
        let what = (fullname.to_read()?, None);
        show::show(&visit, what).await.map(Wire).map(NoStore)
    }

    /// Blocks a version of a package
    ///
    /// It is hidden from the packument, tags that lead to it fall back, and its manifest and its
    /// tarball are answered with 451. It need not be mirrored.
    #[oai(
        path = "/-/package/:fullname/blocks/:version",
        method = "put",
        operation_id = "block_version"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn block_version(
        &self,
        visit: Visit,
        admin: Admin,
        fullname: Path<Fullname>,
        /// A version.
        version: Path<VersionSpec>,
        body: Checked<NewBlock>,
    ) -> ApiResult<NoStore<Wire<MadeBlock, 201>>> {
        let version = put::version(&version)?;
        let what = (fullname.to_write()?, Some(&version));
        put::put(&visit, &admin, what, &body)
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Lifts the block of a version
    ///
    /// It is shown again as it was. That there was none is no error.
    #[oai(
        path = "/-/package/:fullname/blocks/:version",
        method = "delete",
        operation_id = "unblock_version"
    )]
    async fn unblock_version(
        &self,
        visit: Visit,
        _admin: Admin,
        fullname: Path<Fullname>,
        /// A version.
        version: Path<VersionSpec>,
    ) -> ApiResult<NoStore<Wire<Done>>> {
        let version = put::version(&version)?;
        let what = (fullname.to_write()?, Some(&version));
        lift::lift(&visit, what).await.map(Wire).map(NoStore)
    }

    /// Says whether a version is blocked, and why
    ///
    /// By a block of its own, or one of the whole package.
    #[oai(
        path = "/-/package/:fullname/blocks/:version",
        method = "get",
        operation_id = "show_version_block"
    )]
    async fn show_version(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
        /// A version.
        version: Path<VersionSpec>,
    ) -> ApiResult<NoStore<Wire<BlockStatus>>> {
        let version = version.exact();
        let version = version.ok_or_else(|| show::no_such_version(&fullname))?;
        let what = (fullname.to_read()?, Some(&version));
        show::show(&visit, what).await.map(Wire).map(NoStore)
    }
}
