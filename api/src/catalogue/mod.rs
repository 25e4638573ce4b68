//! The catalogue: packages that are looked up and described, for everybody.
//!
//! A package is `{namespace}/{name}`; alone, a name means one of those that have it
//! (`weir_store::catalogue::find_named`), or stands with its namespace in one part of the path:
//! `sifli%2Fsht30`, `sht30@sifli`. Behind a name, `versions` and `readme` are what they say, and
//! `stats/categories` is the statistics; a package that is called so is still found in one part
//! (`sifli%2Fversions`).
//!
//! What is shown is read from tables that synchronisations write; a source is only asked for files of
//! a recipe, where its settings say that they are passed on (`files`).

mod address;
mod answer;
mod detail;
mod files;
mod fit;
mod list;
mod model;
mod paging;
mod show;

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

pub(crate) use self::answer::text_header;
use self::{
    answer::{Fresh, FreshPage, FreshText},
    detail::PackageAnswer,
    files::FileAnswer,
    list::{Asking, Filter, OrderWord, SortWord},
    model::{CategoryCounts, PackagePage, VersionPage},
    paging::{Limit, PageNumber},
};
use crate::{
    auth::Caller,
    error::ApiResult,
    names::{CatalogueName, FileName, Meant, Namespace, VersionSpec},
    payload::Asked,
    tags::Tag,
    visit::Visit,
};

/// `/api/v1/packages…`.
#[derive(Debug)]
pub(crate) struct CatalogueApi;

#[OpenApi(tag = "Tag::Catalogue")]
impl CatalogueApi {
    /// Lists packages, page by page
    ///
    /// Filters must all hold, and compare in any case; an empty one is none. `search` finds what
    /// has all of its words somewhere in the name, the namespace, the description or a topic,
    /// each as a part of a word, too. A page beyond the last is empty. Packages that are there
    /// for recipes only are not listed.
    #[oai(
        path = "/api/v1/packages",
        method = "get",
        operation_id = "list_catalogue_packages"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the query")]
    async fn list(
        &self,
        visit: Visit,
        _caller: Caller,
        /// Which page; the first is 1.
        page: Query<PageNumber>,
        /// Most packages of a page; 20 if absent.
        limit: Query<Limit>,
        /// Only those of this category.
        category: Query<Filter>,
        /// Only those that have these words.
        search: Query<Filter>,
        /// Only those of this namespace.
        namespace: Query<Filter>,
        /// Only those about this.
        topic: Query<Filter>,
        /// Only those under this licence.
        license: Query<Filter>,
        /// By what they are ordered; `relevance` if something is searched for, else `name`.
        sort: Query<Asked<SortWord>>,
        /// Which end comes first; `asc` for names, else `desc`.
        order: Query<Asked<OrderWord>>,
    ) -> ApiResult<FreshPage<PackagePage>> {
        let asking = Asking {
            page: page.0,
            limit: limit.0,
            filters: [
                ("category", category.0),
                ("search", search.0),
                ("namespace", namespace.0),
                ("topic", topic.0),
                ("license", license.0),
            ],
            sort: sort.0,
            order: order.0,
        };
        list::list(&visit, asking).await
    }

    /// Counts packages by category
    ///
    /// A package counts in each of its categories, so that the sum may be more than `total`.
    #[oai(
        path = "/api/v1/packages/stats/categories",
        method = "get",
        operation_id = "count_categories"
    )]
    async fn count(&self, visit: Visit, _caller: Caller) -> ApiResult<Fresh<CategoryCounts>> {
        let counts = weir_store::catalogue::count(visit.running().reader()).await?;
        Fresh::new(&visit.headers, &counts.into())
    }

    /// Shows a package by its name
    ///
    /// Also as `namespace%2Fname` or `name@namespace`. Of several that have the name it is one of
    /// an official namespace, else the one fetched most, else the oldest; `alternatives` names
    /// the others. The answer has at most 4096 bytes and tells its length; `omitted` says what
    /// was left out for that.
    #[oai(
        path = "/api/v1/packages/:name",
        method = "get",
        operation_id = "find_catalogue_package"
    )]
    async fn find(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The name of a package of the catalogue, perhaps with its namespace.
        name: Path<CatalogueName>,
    ) -> ApiResult<Fresh<PackageAnswer>> {
        show::show(&visit, &name.meant()).await
    }

    /// Lists the versions of a package by its name
    ///
    /// The highest first, by Conan's order. A package that is called `versions` is found as
    /// `namespace%2Fversions`.
    #[oai(
        path = "/api/v1/packages/:name/versions",
        method = "get",
        operation_id = "find_catalogue_versions"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn find_versions(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The name of a package of the catalogue, perhaps with its namespace.
        name: Path<CatalogueName>,
        /// Which page; the first is 1.
        page: Query<PageNumber>,
        /// Most versions of a page; 20 if absent.
        limit: Query<Limit>,
    ) -> ApiResult<FreshPage<VersionPage>> {
        show::versions(&visit, &name.meant(), (page.0, limit.0)).await
    }

    /// Shows the README of a package by its name
    ///
    /// That of the highest version that has one, as plain text. A package that is called `readme`
    /// is found as `namespace%2Freadme`.
    #[oai(
        path = "/api/v1/packages/:name/readme",
        method = "get",
        operation_id = "find_catalogue_readme"
    )]
    async fn find_readme(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The name of a package of the catalogue, perhaps with its namespace.
        name: Path<CatalogueName>,
    ) -> ApiResult<FreshText> {
        show::readme(&visit, &name.meant()).await
    }

    /// Shows a package
    ///
    /// As by its name alone, but there is one at most. A namespace that is none is `_`.
    #[oai(
        path = "/api/v1/packages/:namespace/:name",
        method = "get",
        operation_id = "show_catalogue_package"
    )]
    async fn show(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
    ) -> ApiResult<Fresh<PackageAnswer>> {
        show::show(&visit, &Meant::Key(namespace.key(&name))).await
    }

    /// Lists the versions of a package
    ///
    /// The highest first, by Conan's order.
    #[oai(
        path = "/api/v1/packages/:namespace/:name/versions",
        method = "get",
        operation_id = "list_catalogue_versions"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn versions(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
        /// Which page; the first is 1.
        page: Query<PageNumber>,
        /// Most versions of a page; 20 if absent.
        limit: Query<Limit>,
    ) -> ApiResult<FreshPage<VersionPage>> {
        let meant = Meant::Key(namespace.key(&name));
        show::versions(&visit, &meant, (page.0, limit.0)).await
    }

    /// Shows the README of a package
    ///
    /// That of the highest version that has one, as plain text.
    #[oai(
        path = "/api/v1/packages/:namespace/:name/readme",
        method = "get",
        operation_id = "show_catalogue_readme"
    )]
    async fn readme(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
    ) -> ApiResult<FreshText> {
        show::readme(&visit, &Meant::Key(namespace.key(&name))).await
    }

    /// Downloads a file of a recipe
    ///
    /// Of the version's latest revision, from its source, verified; only if the source was set up
    /// so (`proxiesFiles`). There are `conanfile.py`, `conanmanifest.txt`, `conan_sources.tgz` and
    /// `conan_export.tgz`.
    #[oai(
        path = "/api/v1/packages/:namespace/:name/versions/:version/files/:file",
        method = "get",
        operation_id = "download_catalogue_file"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the path")]
    async fn download(
        &self,
        visit: Visit,
        _caller: Caller,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
        /// One of its versions.
        version: Path<VersionSpec>,
        /// The file.
        file: Path<FileName>,
    ) -> ApiResult<FileAnswer> {
        files::download(&visit, namespace.key(&name), &version, &file).await
    }
}
