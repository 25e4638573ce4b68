//! What package managers read: packuments, manifests, tarballs, dist-tags.
//!
//! All reads go by the visible revision of a package. Where reads may ask an upstream, what is
//! not there is asked for first ([`crate::pull`]), and only its definite "no" makes a 404. What
//! is blocked is 451 on every one of these routes, and no upstream hears of it; what is closed
//! to a caller is 404.

mod admit;
mod answers;
mod at_once;
mod dist_tags;
mod download_tarball;
mod encode;
mod inflate;
mod negotiate;
mod ready;
mod redirect_tarball;
mod shelf;
mod show_manifest;
mod show_packument;
mod wanted;

use poem_openapi::{OpenApi, param::Path};

pub(crate) use self::{
    admit::{Audience, For, admit, is_open_to, may_know_of},
    answers::ManifestAnswer,
    at_once::at_once,
    encode::Encoder,
    shelf::{Shelf, Turns},
    show_manifest::show_manifest,
};
use self::{
    answers::{DistTags, PackumentAnswer, TarballAnswer},
    download_tarball::File,
};
use crate::{
    auth::Caller,
    error::ApiResult,
    names::{FileName, Fullname, ScopeName, VersionSpec},
    payload::Wire,
    tags::Tag,
    visit::Visit,
};

/// `/{fullname}` and what lies below it.
#[derive(Debug)]
pub(crate) struct PackagesApi;

#[OpenApi(tag = "Tag::Packages")]
impl PackagesApi {
    /// Returns a packument, full or abbreviated
    ///
    /// `Accept: application/vnd.npm.install-v1+json` gets the abbreviated form. Answers
    /// carry a weak `ETag` and `Last-Modified`, and 304 to what is unchanged. Where `sync_mode`
    /// is `proxy`, what is not mirrored is asked of upstream first (503 if it cannot be found
    /// out whether that has it), and what is old says so (`Warning: 110`) and is renewed.
    #[oai(path = "/:fullname", method = "get", operation_id = "show_packument")]
    async fn packument(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<PackumentAnswer> {
        show_packument::by_plain_path(&visit, &fullname).await
    }

    /// Returns a packument, whatever its name
    ///
    /// The same as `/{fullname}`, also for names that stand for something else there.
    #[oai(
        path = "/-/pkg/:fullname",
        method = "get",
        operation_id = "show_any_packument"
    )]
    async fn any_packument(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<PackumentAnswer> {
        show_packument::show_packument(&visit, fullname.to_read()?).await
    }

    /// Returns one version's manifest, by version, dist-tag or range
    ///
    /// Where `sync_mode` is `proxy`, upstream is asked for what the packument lacks.
    #[oai(
        path = "/:fullname/:version",
        method = "get",
        operation_id = "show_manifest"
    )]
    async fn manifest(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
        version: Path<VersionSpec>,
    ) -> ApiResult<ManifestAnswer> {
        show_manifest(&visit, fullname.to_read()?, &version.0.0).await
    }

    /// Returns a tarball
    ///
    /// Supports `Range`. What is sent was verified against its digest; a tarball that was
    /// not fetched yet is fetched now.
    #[oai(
        path = "/:fullname/-/:file",
        method = "get",
        operation_id = "download_tarball"
    )]
    async fn tarball(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
        file: Path<FileName>,
    ) -> ApiResult<TarballAnswer> {
        let file = File::new(fullname.to_read()?, None, &file.0.0)?;
        download_tarball::download_tarball(&visit, file).await
    }

    /// Returns a tarball, by a path that repeats the scope
    ///
    /// The same as `/{fullname}/-/{file}`; lock files of older clients hold this form.
    #[oai(
        path = "/:fullname/-/:scope/:file",
        method = "get",
        operation_id = "download_scoped_tarball"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn scoped_tarball(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
        scope: Path<ScopeName>,
        file: Path<FileName>,
    ) -> ApiResult<TarballAnswer> {
        let file = File::new(fullname.to_read()?, Some(&scope.0.0), &file.0.0)?;
        download_tarball::download_tarball(&visit, file).await
    }

    /// Returns a tarball, by cnpm's path
    ///
    /// The same as `/{fullname}/-/{file}`; lock files of cnpm's clients hold this form.
    #[oai(
        path = "/:fullname/download/:file",
        method = "get",
        operation_id = "download_tarball_as_cnpm"
    )]
    async fn cnpm_tarball(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
        file: Path<FileName>,
    ) -> ApiResult<TarballAnswer> {
        let file = File::new(fullname.to_read()?, None, &file.0.0)?;
        download_tarball::download_tarball(&visit, file).await
    }

    /// Returns the dist-tags of a package
    ///
    /// Every tag names a version that the packument has.
    #[oai(
        path = "/-/package/:fullname/dist-tags",
        method = "get",
        operation_id = "list_dist_tags"
    )]
    async fn dist_tags(
        &self,
        visit: Visit,
        _caller: Caller,
        fullname: Path<Fullname>,
    ) -> ApiResult<For<Wire<DistTags>>> {
        dist_tags::list(&visit, fullname.to_read()?).await
    }
}
