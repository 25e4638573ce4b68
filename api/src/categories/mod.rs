//! Categories of the catalogue's packages, for administrators: which topics lead to which, and
//! what is said of single packages instead.

mod model;
mod packages;
mod table;

use poem_openapi::{OpenApi, param::Path};

use self::model::{NewPackageCategories, NewTopics, PackageCategories, Relabelled, Topics};
use crate::{
    auth::Admin,
    error::ApiResult,
    names::{CatalogueName, Namespace},
    payload::{Checked, NoStore, Wire},
    tags::Tag,
    visit::Visit,
};

/// `/-/admin/catalogue/…`.
#[derive(Debug)]
pub(crate) struct CategoriesApi;

#[OpenApi(tag = "Tag::Catalogue")]
impl CategoriesApi {
    /// Shows which topics lead to which categories
    ///
    /// A package has the categories of its topics, `UNCATEGORIZED` if there are none.
    #[oai(
        path = "/-/admin/catalogue/categories",
        method = "get",
        operation_id = "show_category_table"
    )]
    async fn show(&self, visit: Visit, _admin: Admin) -> ApiResult<NoStore<Wire<Topics>>> {
        table::show(&visit).await.map(Wire).map(NoStore)
    }

    /// Sets which topics lead to which categories
    ///
    /// The whole table, in place of the former; every package is given its categories anew before
    /// the answer comes. If that is cut off, the same request once more ends it.
    #[oai(
        path = "/-/admin/catalogue/categories",
        method = "put",
        operation_id = "set_category_table"
    )]
    async fn set(
        &self,
        visit: Visit,
        _admin: Admin,
        body: Checked<NewTopics>,
    ) -> ApiResult<NoStore<Wire<Relabelled>>> {
        table::set(&visit, body.0).await.map(Wire).map(NoStore)
    }

    /// Says which categories a package has, whatever its topics are
    ///
    /// The first is the primary one; with none it is `UNCATEGORIZED`. It holds for later versions
    /// too, until it is taken back.
    #[oai(
        path = "/-/admin/catalogue/packages/:namespace/:name/categories",
        method = "put",
        operation_id = "set_package_categories"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    async fn set_of_package(
        &self,
        visit: Visit,
        _admin: Admin,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
        body: Checked<NewPackageCategories>,
    ) -> ApiResult<NoStore<Wire<PackageCategories>>> {
        let said = packages::wanted(body.0)?;
        packages::say(&visit, namespace.key(&name), Some(said))
            .await
            .map(Wire)
            .map(NoStore)
    }

    /// Takes back what was said of a package's categories
    ///
    /// Its topics say them again. That nothing was said is no error.
    #[oai(
        path = "/-/admin/catalogue/packages/:namespace/:name/categories",
        method = "delete",
        operation_id = "reset_package_categories"
    )]
    async fn reset_of_package(
        &self,
        visit: Visit,
        _admin: Admin,
        /// The namespace of a package of the catalogue.
        namespace: Path<Namespace>,
        /// The name of a package there.
        name: Path<CatalogueName>,
    ) -> ApiResult<NoStore<Wire<PackageCategories>>> {
        packages::say(&visit, namespace.key(&name), None)
            .await
            .map(Wire)
            .map(NoStore)
    }
}
