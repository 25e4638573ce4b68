//! Made from the document by openapi/clients/generate; not to be edited.
//!
//! document: sha256:d3a1ce1fd38ad5fd81a0f6624dc726a499c162a825cbbb28157937d003e6ccd3

#[allow(unused_imports)]
pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
#[allow(unused_imports)]
use progenitor_client::{encode_path, ClientHooks, OperationInfo, RequestBuilderExt};
/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///`AccessChange`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct AccessChange {
        ///Who may read the package; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub access: ::std::option::Option<::std::string::String>,
    }
    ///Lists of advisories by the name of their package, as the upstream wrote them
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct Advisories(
        pub ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        >,
    );
    impl ::std::ops::Deref for Advisories {
        type Target = ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        >;
        fn deref(
            &self,
        ) -> &::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        > {
            &self.0
        }
    }
    impl ::std::convert::From<Advisories>
    for ::std::collections::HashMap<
        ::std::string::String,
        ::std::vec::Vec<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
    > {
        fn from(value: Advisories) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        >,
    > for Advisories {
        fn from(
            value: ::std::collections::HashMap<
                ::std::string::String,
                ::std::vec::Vec<
                    ::serde_json::Map<::std::string::String, ::serde_json::Value>,
                >,
            >,
        ) -> Self {
            Self(value)
        }
    }
    ///A token, without its text.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ApiToken {
        ///Whether it carries admin rights.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///When it was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///When it stops working.
        #[serde(
            rename = "expiresAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///When it was used last, to the minute.
        #[serde(
            rename = "lastUsedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///How its text begins.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub prefix: ::std::option::Option<::std::string::String>,
        ///Whether it only reads.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub readonly: ::std::option::Option<bool>,
    }
    ///The caller's tokens.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ApiTokens {
        ///The tokens, newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<ApiToken>,
    }
    ///Something that was changed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct AuditEvent {
        ///What was done, as `noun.verb`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub action: ::std::option::Option<::std::string::String>,
        ///The address that it came from.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub address: ::std::option::Option<::std::string::String>,
        ///When.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub at: ::std::option::Option<::std::string::String>,
        ///From what to what, or why.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The request, as the log names it.
        #[serde(
            rename = "requestId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub request_id: ::std::option::Option<::std::string::String>,
        ///To which thing.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub target: ::std::option::Option<::std::string::String>,
        ///The id of the token that was shown.
        #[serde(
            rename = "tokenId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub token_id: ::std::option::Option<::std::string::String>,
        /**The name of who did it; null for the service itself, its configuration, or a user who is
no more.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
        ///The id of who did it.
        #[serde(
            rename = "userId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_id: ::std::option::Option<::std::string::String>,
    }
    ///A page of what was changed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct AuditPage {
        ///The events, newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<AuditEvent>,
        ///Where to go on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<Pagination>,
    }
    ///What is weak in the tree: `actions`, `advisories` by id, `muted`, and counts in `metadata`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct AuditReport {
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub actions: ::std::vec::Vec<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        >,
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub advisories: ::std::collections::HashMap<
            ::std::string::String,
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        >,
        #[serde(default, skip_serializing_if = "::serde_json::Map::is_empty")]
        pub metadata: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub muted: ::std::vec::Vec<::serde_json::Value>,
    }
    ///A lock as npm 6 writes it: `dependencies` by name, each with a `version` and `dependencies` of its own; whatever else it has is ignored
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct AuditTree(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::ops::Deref for AuditTree {
        type Target = ::serde_json::Map<::std::string::String, ::serde_json::Value>;
        fn deref(
            &self,
        ) -> &::serde_json::Map<::std::string::String, ::serde_json::Value> {
            &self.0
        }
    }
    impl ::std::convert::From<AuditTree>
    for ::serde_json::Map<::std::string::String, ::serde_json::Value> {
        fn from(value: AuditTree) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for AuditTree {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///The blobs of one state.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BlobCount {
        ///Their bytes.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bytes: ::std::option::Option<u64>,
        ///How many.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<u64>,
        ///`pending` (coming), `stored`, `doomed` (unused) or `deleting`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
    }
    ///One block.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Block {
        ///When it was made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///When it was last made anew.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub modified: ::std::option::Option<::std::string::String>,
        ///Why, and by whom.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
        ///`package` or `version`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub scope: ::std::option::Option<::std::string::String>,
        ///The version; `*` is the whole package.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///Whether something is blocked.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BlockStatus {
        ///Whether it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub blocked: ::std::option::Option<bool>,
        ///Since when.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///The blocks one by one.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<Block>,
        ///Why, and by whom.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
    }
    ///`BoundPackage`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct BoundPackage {
        ///The package's name; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package: ::std::option::Option<::std::string::String>,
    }
    ///What became of a task that somebody wants no more.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CancelledTask {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        /**Its state now: `error` if it has ended, `waiting` if others still want it,
`processing` if they do or it has yet to hear.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
    }
    ///Something that a package needs.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueDependency {
        ///`requires`, `tool_requires`, `test_requires` or `python_requires`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub kind: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Its namespace, if it has one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub namespace: ::std::option::Option<::std::string::String>,
        ///A version, or a range in brackets.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requirement: ::std::option::Option<::std::string::String>,
    }
    ///How often a package was fetched.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueDownloads {
        ///When last; not known of today's sources.
        #[serde(
            rename = "lastDownloadedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_downloaded_at: ::std::option::Option<::std::string::String>,
        ///As often as its source counted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
    }
    ///`CatalogueEvent`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueEvent {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<CatalogueEventData>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub domain: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub event_type: ::std::option::Option<::std::string::String>,
    }
    ///`CatalogueEventData`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueEventData {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub path: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repo_key: ::std::option::Option<::std::string::String>,
    }
    ///A package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CataloguePackage {
        ///Others of that name, as `namespace/name`, if it was asked for by its name alone.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub alternatives: ::std::vec::Vec<::std::string::String>,
        ///Who made it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub author: ::std::option::Option<::std::string::String>,
        ///Its categories, the primary one first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub categories: ::std::vec::Vec<::std::string::String>,
        ///The primary category.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub category: ::std::option::Option<::std::string::String>,
        ///When it came to its source.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///What the latest version needs.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub dependencies: ::std::vec::Vec<CatalogueDependency>,
        ///What it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///How often it was fetched.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downloads: ::std::option::Option<CatalogueDownloads>,
        ///`namespace/name`; the name alone if it has no namespace.
        #[serde(
            rename = "fullName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub full_name: ::std::option::Option<::std::string::String>,
        ///Its page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub homepage: ::std::option::Option<::std::string::String>,
        ///`namespace/name`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///What to require, to have it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub install: ::std::option::Option<::std::string::String>,
        ///The highest version that is no pre-release.
        #[serde(
            rename = "latestStableVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub latest_stable_version: ::std::option::Option<::std::string::String>,
        ///The highest version, by Conan's order.
        #[serde(
            rename = "latestVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub latest_version: ::std::option::Option<::std::string::String>,
        ///Its licences, as one text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub license: ::std::option::Option<::std::string::String>,
        ///Its licences.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub licenses: ::std::vec::Vec<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Its namespace; `_` if it has none.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub namespace: ::std::option::Option<::std::string::String>,
        ///Fields that were left out or shortened, so that the answer is small.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub omitted: ::std::vec::Vec<::std::string::String>,
        ///`library`, `header-library`, `python-require` and the like.
        #[serde(
            rename = "packageType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub package_type: ::std::option::Option<::std::string::String>,
        ///Where its README is.
        #[serde(
            rename = "readmeUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub readme_url: ::std::option::Option<::std::string::String>,
        ///The latest version, as Conan's client takes it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        ///Where its source is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<::std::string::String>,
        ///Which versions of the SDK it is for.
        #[serde(
            rename = "supportSdkVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub support_sdk_version: ::std::option::Option<::std::string::String>,
        ///When a synchronisation last looked at it.
        #[serde(
            rename = "syncedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub synced_at: ::std::option::Option<::std::string::String>,
        ///What it is about.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub topics: ::std::vec::Vec<::std::string::String>,
        ///When it last changed there.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
        ///The highest versions.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub versions: ::std::vec::Vec<InlineVersion>,
        ///How many versions there are.
        #[serde(
            rename = "versionsCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_count: ::std::option::Option<u64>,
        ///Where all versions are listed.
        #[serde(
            rename = "versionsUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_url: ::std::option::Option<::std::string::String>,
    }
    ///A package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CataloguePackageAnswer {
        ///The package.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<CataloguePackage>,
    }
    ///A package in a list.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CataloguePackageItem {
        ///Its categories, the primary one first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub categories: ::std::vec::Vec<::std::string::String>,
        ///The primary category.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub category: ::std::option::Option<::std::string::String>,
        ///When it came to its source.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///What it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///How often it was fetched, as far as its source counts.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downloads: ::std::option::Option<u64>,
        ///`namespace/name`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The highest version.
        #[serde(
            rename = "latestVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub latest_version: ::std::option::Option<::std::string::String>,
        ///Its licences, as one text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub license: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Its namespace; `_` if it has none.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub namespace: ::std::option::Option<::std::string::String>,
        ///What it is about.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub topics: ::std::vec::Vec<::std::string::String>,
        ///When it last changed there.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
        ///How many versions there are.
        #[serde(
            rename = "versionsCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_count: ::std::option::Option<u64>,
    }
    ///A page of packages.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CataloguePage {
        ///The packages.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<CataloguePackageItem>,
        ///Which page it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<NumberedPage>,
    }
    ///An error of the catalogue.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueProblem {
        ///What is wrong, by field.
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub details: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
        ///One sentence.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///The status of the answer.
        #[serde(
            rename = "statusCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub status_code: ::std::option::Option<u16>,
    }
    ///An archive of sources.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueSourceArchive {
        ///Its SHA-256, in hexadecimal, if the recipe says it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub sha256: ::std::option::Option<::std::string::String>,
        ///Where it lies: `http`, `https` or `ftp`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub url: ::std::option::Option<::std::string::String>,
    }
    ///A synchronisation of the catalogue.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueSync {
        ///Whether it was told to end and has yet to hear.
        #[serde(
            rename = "cancelRequested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub cancel_requested: ::std::option::Option<bool>,
        ///How many others asked for the same and share it.
        #[serde(
            rename = "coalescedRequests",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub coalesced_requests: ::std::option::Option<u64>,
        ///When it was first asked for.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Whether it only says what it would do.
        #[serde(
            rename = "dryRun",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub dry_run: ::std::option::Option<bool>,
        ///From its beginning to its end; null before that, so that what does not move has one tag.
        #[serde(
            rename = "durationMs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub duration_ms: ::std::option::Option<u64>,
        ///Why it failed, as one sentence.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///Why it failed.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub errors: ::std::vec::Vec<SyncError>,
        ///Whether there are more warnings or errors than shown; the log has all.
        #[serde(
            rename = "errorsTruncated",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub errors_truncated: ::std::option::Option<bool>,
        ///When it ended.
        #[serde(
            rename = "finishedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub finished_at: ::std::option::Option<::std::string::String>,
        ///When whoever runs it last said so; null while nobody does. It alone does not change the tag.
        #[serde(
            rename = "heartbeatAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub heartbeat_at: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Where its log is.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///What it does: connecting, listing, diffing, fetching, sweeping or done; null before.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub phase: ::std::option::Option<::std::string::String>,
        ///How far it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub progress: ::std::option::Option<SyncProgress>,
        ///Who asked first.
        #[serde(
            rename = "requestedBy",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub requested_by: ::std::option::Option<::std::string::String>,
        ///The synchronisation that failed and was asked for again as this one.
        #[serde(
            rename = "resumedFrom",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub resumed_from: ::std::option::Option<::std::string::String>,
        ///The source; `catalogue` stands for all.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub source: ::std::option::Option<::std::string::String>,
        ///When it first began.
        #[serde(
            rename = "startedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub started_at: ::std::option::Option<::std::string::String>,
        ///State.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub status: ::std::option::Option<::std::string::String>,
        ///`api` if somebody asked, `automatic` if it came by itself.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub trigger: ::std::option::Option<::std::string::String>,
        ///`full` or `incremental`.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///What a person should know although it went on.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub warnings: ::std::vec::Vec<SyncNote>,
    }
    ///A synchronisation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueSyncBody {
        ///It.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<CatalogueSync>,
    }
    ///Some synchronisations.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueSyncPage {
        ///Newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<CatalogueSync>,
        ///Where to go on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<Pagination>,
    }
    ///A version.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueVersion {
        ///When it came to its source.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Its licences, as one text.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub license: ::std::option::Option<::std::string::String>,
        ///As Conan's client takes it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        ///Its latest revision there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub revision: ::std::option::Option<::std::string::String>,
        ///Bytes of its files, as far as they were counted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub size: ::std::option::Option<u64>,
        ///What its recipe fetches to build it, as its `conandata.yml` says; nobody looked there.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub sources: ::std::vec::Vec<CatalogueSourceArchive>,
        ///Which versions of the SDK it is for.
        #[serde(
            rename = "supportSdkVersion",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub support_sdk_version: ::std::option::Option<::std::string::String>,
        ///When its latest revision did.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
        ///As its source writes it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
        ///Whether it should not be used any more.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub yanked: ::std::option::Option<bool>,
    }
    ///A page of versions.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CatalogueVersionPage {
        ///The versions, the highest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<CatalogueVersion>,
        ///Which page it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<NumberedPage>,
    }
    ///How much there is of a category.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CategoryCount {
        ///The category, as filters take it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub category: ::std::option::Option<::std::string::String>,
        ///Packages that have it, whether it is their primary one or not.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<u64>,
        ///The same for people.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///How much there is of each category.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CategoryCounts {
        ///The categories, the commonest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<CategoryCount>,
        ///When a synchronisation last went well.
        #[serde(
            rename = "lastSyncedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_synced_at: ::std::option::Option<::std::string::String>,
        /**Packages; what is counted in `data` may be more, as a package counts in each of its
categories.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
        ///Categories.
        #[serde(
            rename = "totalCategories",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_categories: ::std::option::Option<u64>,
    }
    ///Which topics lead to which categories.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CategoryTable {
        ///Topics, in lower case, each with its category.
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub topics: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
    }
    ///A user's document, as others see it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CouchUser {
        ///When the account was made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub date: ::std::option::Option<::std::string::String>,
        ///Where mail reaches the user; only users are told.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///What the user is called.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fullname: ::std::option::Option<::std::string::String>,
        ///`org.couchdb.user:` and the name.
        #[serde(rename = "_id", skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///What a change of it must name.
        #[serde(rename = "_rev", skip_serializing_if = "::std::option::Option::is_none")]
        pub rev: ::std::option::Option<::std::string::String>,
        ///Always empty.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub roles: ::std::vec::Vec<::std::string::String>,
        ///Always `user`.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
    }
    ///A sync that was asked for by the legacy route.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CreatedLog {
        ///The task that will do it.
        #[serde(
            rename = "logId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
    }
    ///A sync that was asked for.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct CreatedSync {
        ///The task that will do it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The task's state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
        ///Always `package`.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
    }
    ///A blob whose bytes were found not to be its own.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DamagedBlob {
        ///When.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub at: ::std::option::Option<::std::string::String>,
        ///What was found, and what it was used for.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<::std::string::String>,
        ///Its digest.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub digest: ::std::option::Option<::std::string::String>,
    }
    ///Downloads of one day.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DayCount {
        ///The day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub day: ::std::option::Option<::std::string::String>,
        ///How many.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downloads: ::std::option::Option<u64>,
    }
    ///A login that waits for its user to type a code.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DeviceLogin {
        ///What the program asks with; for nobody else.
        #[serde(
            rename = "deviceCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub device_code: ::std::option::Option<::std::string::String>,
        ///How long both are good, in seconds.
        #[serde(
            rename = "expiresIn",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub expires_in: ::std::option::Option<u64>,
        ///Least time between two questions, in seconds.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub interval: ::std::option::Option<u64>,
        ///What the user types.
        #[serde(
            rename = "userCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_code: ::std::option::Option<::std::string::String>,
        ///Where the user types it.
        #[serde(
            rename = "verificationUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub verification_url: ::std::option::Option<::std::string::String>,
    }
    ///`DeviceQuestion`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DeviceQuestion {
        ///The code the login began with
        #[serde(
            rename = "deviceCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub device_code: ::std::option::Option<::std::string::String>,
    }
    ///A disk that this process writes to.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Disk {
        ///What is free.
        #[serde(
            rename = "freeBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub free_bytes: ::std::option::Option<u64>,
        ///What should be, for syncs not to wait.
        #[serde(
            rename = "leastBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub least_bytes: ::std::option::Option<u64>,
    }
    ///`DistTags`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct DistTags(
        pub ::std::collections::HashMap<::std::string::String, ::std::string::String>,
    );
    impl ::std::ops::Deref for DistTags {
        type Target = ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >;
        fn deref(
            &self,
        ) -> &::std::collections::HashMap<::std::string::String, ::std::string::String> {
            &self.0
        }
    }
    impl ::std::convert::From<DistTags>
    for ::std::collections::HashMap<::std::string::String, ::std::string::String> {
        fn from(value: DistTags) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::std::collections::HashMap<::std::string::String, ::std::string::String>,
    > for DistTags {
        fn from(
            value: ::std::collections::HashMap<
                ::std::string::String,
                ::std::string::String,
            >,
        ) -> Self {
            Self(value)
        }
    }
    ///It was done, or there was nothing to do.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Done {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
    }
    ///Downloads of a period.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DownloadsPoint {
        ///How many.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub downloads: ::std::option::Option<u64>,
        ///The last day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub end: ::std::option::Option<::std::string::String>,
        ///The package.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package: ::std::option::Option<::std::string::String>,
        ///The first day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub start: ::std::option::Option<::std::string::String>,
    }
    ///Downloads of each day of a period.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct DownloadsRange {
        ///Each day, in order.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub downloads: ::std::vec::Vec<DayCount>,
        ///The last day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub end: ::std::option::Option<::std::string::String>,
        ///The package.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package: ::std::option::Option<::std::string::String>,
        ///The first day.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub start: ::std::option::Option<::std::string::String>,
    }
    ///The tasks that were submitted.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Drills {
        ///One a drill.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub ids: ::std::vec::Vec<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
    }
    ///Installed versions by the name of their package
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct FindAdvisories(
        pub ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<::std::string::String>,
        >,
    );
    impl ::std::ops::Deref for FindAdvisories {
        type Target = ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<::std::string::String>,
        >;
        fn deref(
            &self,
        ) -> &::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<::std::string::String>,
        > {
            &self.0
        }
    }
    impl ::std::convert::From<FindAdvisories>
    for ::std::collections::HashMap<
        ::std::string::String,
        ::std::vec::Vec<::std::string::String>,
    > {
        fn from(value: FindAdvisories) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<
        ::std::collections::HashMap<
            ::std::string::String,
            ::std::vec::Vec<::std::string::String>,
        >,
    > for FindAdvisories {
        fn from(
            value: ::std::collections::HashMap<
                ::std::string::String,
                ::std::vec::Vec<::std::string::String>,
            >,
        ) -> Self {
            Self(value)
        }
    }
    ///What is shown of a package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct FoundPackage {
        ///Who wrote it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub author: ::std::option::Option<SearchPerson>,
        ///When its latest version was published.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub date: ::std::option::Option<::std::string::String>,
        ///What it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///What it is about.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub keywords: ::std::vec::Vec<::std::string::String>,
        ///Where to read on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub links: ::std::option::Option<SearchLinks>,
        ///Who looks after it.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub maintainers: ::std::vec::Vec<SearchPerson>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Who published its latest version.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub publisher: ::std::option::Option<SearchPerson>,
        ///Its scope without `@`, or `unscoped`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub scope: ::std::option::Option<::std::string::String>,
        ///Its latest version.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///That the process lives.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Health {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The software's version.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///What this is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Home {
        ///Where its routes are described.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub docs: ::std::option::Option<::std::string::String>,
        ///When this process started.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub instance_start_time: ::std::option::Option<::std::string::String>,
        ///The software.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Its version.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///A version, in short.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct InlineVersion {
        ///When it came to its source.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Its latest revision there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub revision: ::std::option::Option<::std::string::String>,
        ///Bytes of its files, as far as they were counted.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub size: ::std::option::Option<u64>,
        ///As its source writes it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
        ///Whether it should not be used any more.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub yanked: ::std::option::Option<bool>,
    }
    ///How a sync is going, for legacy tools.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct LegacyLog {
        ///The log's text, from `offset` on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub log: ::std::option::Option<::std::string::String>,
        ///Where the whole log is.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Whether the task has ended.
        #[serde(
            rename = "syncDone",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub sync_done: ::std::option::Option<bool>,
    }
    ///`LogIn`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct LogIn {
        ///Ignored
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub date: ::std::option::Option<::std::string::String>,
        ///Where mail reaches the user
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///`org.couchdb.user:` and the name, if it is given
        #[serde(rename = "_id", skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The name, as in the path
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The password
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
        ///Ignored
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub roles: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Always `user`
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
    }
    ///A ticket.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct LogTicket {
        ///When it stops working.
        #[serde(
            rename = "expiresAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///Where the log is, with the ticket.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The ticket; it is shown this once.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ticket: ::std::option::Option<::std::string::String>,
    }
    ///Somebody is signed in.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct LoggedIn {
        ///The user's document.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Its revision.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub rev: ::std::option::Option<::std::string::String>,
        ///A new token; it is shown this once.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
    }
    ///Somebody is signed out.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct LoggedOut {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
    }
    ///What was made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct MadeApiToken {
        ///The token.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<NewTokenData>,
    }
    ///A block that was made.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct MadeBlock {
        ///The block; the same if it was there before.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The package, or what it will be once it is mirrored.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package_id: ::std::option::Option<::std::string::String>,
        ///The version, if only that is blocked.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///A registry that was made or changed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct MadeRegistry {
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///What it is called in addresses.
        #[serde(
            rename = "registryId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_id: ::std::option::Option<::std::string::String>,
    }
    ///One version; upstream may have added any field
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Manifest {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dist: ::std::option::Option<ManifestDist>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`ManifestDist`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct ManifestDist {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub integrity: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub shasum: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tarball: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///What a login has led to.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Minted {
        ///The token, shown this once; null until somebody has confirmed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
    }
    ///`NamedUser`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NamedUser {
        ///The user's name; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
    }
    ///`NewApiToken`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewApiToken {
        ///Whether it carries the caller's admin rights
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///Days until it expires; never, or with what made it, if absent
        #[serde(
            rename = "expiresIn",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub expires_in: ::std::option::Option<i64>,
        ///A name for people
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Whether it only reads
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub readonly: ::std::option::Option<bool>,
    }
    ///`NewBinding`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewBinding {
        ///The package's name; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package: ::std::option::Option<::std::string::String>,
        ///What the team may do; `read-only` if absent
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub permissions: ::std::option::Option<::std::string::String>,
    }
    ///`NewBlock`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewBlock {
        ///Why; everybody may read it. Who blocked is added. Must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
    }
    ///`NewCatalogueSync`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewCatalogueSync {
        ///A great part may be gone; needs an administrator
        #[serde(
            rename = "allowMassRemoval",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub allow_mass_removal: ::std::option::Option<bool>,
        ///Only say what would be done
        #[serde(
            rename = "dryRun",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub dry_run: ::std::option::Option<bool>,
        ///Before anything else, and with everything read again; needs an administrator
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub force: ::std::option::Option<bool>,
        ///`full` lists and compares everything, and takes away what is gone; `incremental` looks at what changed. Full unless `packages` are named
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub mode: ::std::option::Option<::std::string::String>,
        ///Looked at whatever a listing says: packages (`namespace/name`), or versions of them (`name/version@namespace`)
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///`NewCategoryTable`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewCategoryTable {
        ///Topics, each with its category: letters, digits and `_`
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub topics: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
    }
    ///`NewCollection`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewCollection {
        ///Only say what would be deleted
        #[serde(
            rename = "dryRun",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub dry_run: ::std::option::Option<bool>,
    }
    ///`NewDrills`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewDrills {
        ///How many tasks
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<i64>,
        ///Milliseconds from one line to the next
        #[serde(
            rename = "everyMs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub every_ms: ::std::option::Option<i64>,
        ///Lines each writes
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub lines: ::std::option::Option<i64>,
    }
    ///`NewNpmToken`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewNpmToken {
        ///Whether it carries the caller's admin rights
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///Whether it is for automation
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub automation: ::std::option::Option<bool>,
        ///The same as `automation`
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bypass_2fa: ::std::option::Option<bool>,
        ///Addresses and networks that it may be used from; from anywhere if empty
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cidr_whitelist: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        ///What it is for
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Days until it expires; never, or with what made it, if absent
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires: ::std::option::Option<i64>,
        ///A name for people
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Organisations that it is for
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub orgs: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///What it may do to them; `read-write` if they are named and this is absent
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub orgs_permission: ::std::option::Option<::std::string::String>,
        ///Packages that it is for, whether they exist or not
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Whether it is for every package
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages_all: ::std::option::Option<bool>,
        ///What it may do to them; `read-write` if they are named and this is absent
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages_and_scopes_permission: ::std::option::Option<::std::string::String>,
        ///The caller's password; needed unless it was proved just now
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
        ///Whether it only reads
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub readonly: ::std::option::Option<bool>,
        ///Scopes that it is for, with or without `@`
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub scopes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///`NewOrg`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewOrg {
        ///What it is for
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Its name, as that of a scope; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///`NewOrgMember`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewOrgMember {
        ///What they may do; `developer` if absent, or `member`
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub role: ::std::option::Option<::std::string::String>,
        ///The user's name; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
    }
    ///`NewPackageCategories`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewPackageCategories {
        ///The categories, the primary one first. Must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub categories: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    }
    ///`NewPackageSync`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewPackageSync {
        ///Before anything else, and without trusting what we have; needs an administrator
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub force: ::std::option::Option<bool>,
        ///Fetch and verify every tarball again; needs an administrator
        #[serde(
            rename = "forceSyncHistory",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub force_sync_history: ::std::option::Option<bool>,
        ///The registry to copy from; its slug, name or id
        #[serde(
            rename = "registryName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_name: ::std::option::Option<::std::string::String>,
        ///Leave out the dependencies
        #[serde(
            rename = "skipDependencies",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub skip_dependencies: ::std::option::Option<bool>,
        ///Versions whose tarballs are wanted whatever the policy says
        #[serde(
            rename = "specificVersions",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub specific_versions: ::std::option::Option<NewPackageSyncSpecificVersions>,
        ///Also copy download counts
        #[serde(
            rename = "syncDownloadData",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub sync_download_data: ::std::option::Option<bool>,
        ///A reason, for people
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tips: ::std::option::Option<::std::string::String>,
    }
    ///Versions whose tarballs are wanted whatever the policy says
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum NewPackageSyncSpecificVersions {
        Variant0(::std::option::Option<::std::vec::Vec<::std::string::String>>),
        Variant1(::std::string::String),
    }
    impl ::std::convert::From<
        ::std::option::Option<::std::vec::Vec<::std::string::String>>,
    > for NewPackageSyncSpecificVersions {
        fn from(
            value: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ) -> Self {
            Self::Variant0(value)
        }
    }
    ///`NewRegistry`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewRegistry {
        ///Whether versions without any digest are mirrored
        #[serde(
            rename = "allowsUndigested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub allows_undigested: ::std::option::Option<bool>,
        ///The same as `credentials.token`
        #[serde(
            rename = "authToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub auth_token: ::std::option::Option<::std::string::String>,
        ///How a source of the catalogue is read; what is absent stays
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub catalogue: ::std::option::Option<NewRegistryCatalogue>,
        ///Where it tells what changes
        #[serde(
            rename = "changeStream",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub change_stream: ::std::option::Option<::std::string::String>,
        ///What proves to it who we are: a token, or a username and a password; never shown
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub credentials: ::std::option::Option<NewRegistryCredentials>,
        ///Where it answers; a user and password in it become its credentials
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub host: ::std::option::Option<::std::string::String>,
        ///Whether it may be at a private address
        #[serde(
            rename = "isInternal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub is_internal: ::std::option::Option<bool>,
        ///A name for people
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///What it is called in addresses; made of its name if absent
        #[serde(
            rename = "registryId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_id: ::std::option::Option<::std::string::String>,
        ///What becomes of what it no longer has: keep, block or delete
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub removals: ::std::option::Option<::std::string::String>,
        ///Which tarballs a sync fetches at once: all, tagged or requested
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tarballs: ::std::option::Option<::std::string::String>,
        ///What it speaks: npm, cnpmcore (or cnpm), cnpmjsorg, artifactory or conan
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///What its users' names begin with beside ours
        #[serde(
            rename = "userPrefix",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_prefix: ::std::option::Option<::std::string::String>,
        ///What its webhooks show, or sign with; never shown again
        #[serde(
            rename = "webhookSecret",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub webhook_secret: ::std::option::Option<::std::string::String>,
    }
    ///How a source of the catalogue is read; what is absent stays
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewRegistryCatalogue {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub canary: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "fullEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub full_every_secs: ::std::option::Option<u64>,
        #[serde(
            rename = "incrementalEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub incremental_every_secs: ::std::option::Option<u64>,
        #[serde(
            rename = "maxRemovedCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_count: ::std::option::Option<u32>,
        #[serde(
            rename = "maxRemovedPercent",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_percent: ::std::option::Option<u8>,
        #[serde(
            rename = "officialNamespaces",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub official_namespaces: ::std::vec::Vec<::std::string::String>,
        #[serde(
            rename = "proxiesFiles",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub proxies_files: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub strategy: ::std::option::Option<::std::string::String>,
    }
    ///What proves to it who we are: a token, or a username and a password; never shown
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewRegistryCredentials {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub username: ::std::option::Option<::std::string::String>,
    }
    ///`NewScope`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewScope {
        ///The scope, `@` and all
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Whether its names are told to nobody
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub private: ::std::option::Option<bool>,
        ///Where its packages come from: slug, name or id
        #[serde(
            rename = "registryId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_id: ::std::option::Option<::std::string::String>,
    }
    ///`NewTeam`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewTeam {
        ///What it is for
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Its name within the organisation; must be given
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///A new token with its text.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewTokenData {
        ///Whether it carries admin rights.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///When it was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///When it stops working.
        #[serde(
            rename = "expiresAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub expires_at: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///When it was used last: not yet.
        #[serde(
            rename = "lastUsedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///How its text begins.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub prefix: ::std::option::Option<::std::string::String>,
        ///Whether it only reads.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub readonly: ::std::option::Option<bool>,
        ///Its text; it is shown this once.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
    }
    ///`NewUser`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewUser {
        ///Whether they may administer
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///What they are called
        #[serde(
            rename = "displayName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub display_name: ::std::option::Option<::std::string::String>,
        ///Where mail reaches the user
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///The name
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The password
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
    }
    ///`NewVerification`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NewVerification {
        ///The packages whose blobs are read; of all if absent or empty
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Fetch damaged tarballs again at once
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repair: ::std::option::Option<bool>,
    }
    ///A token.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NpmToken {
        ///Whether it carries admin rights.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///Whether it is for automation.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub automation: ::std::option::Option<bool>,
        ///Where it may be used from; from anywhere if null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub cidr_whitelist: ::std::option::Option<
            ::std::vec::Vec<::std::string::String>,
        >,
        ///When it was made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<::std::string::String>,
        ///What it is for.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///When it stops working.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub expires: ::std::option::Option<::std::string::String>,
        ///What it is revoked by.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub key: ::std::option::Option<::std::string::String>,
        ///When it was used last, to the minute.
        #[serde(
            rename = "lastUsedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub last_used_at: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///The organisations that it is for; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub orgs: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///What it may do to them; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub orgs_permission: ::std::option::Option<::std::string::String>,
        ///The packages that it is for; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Whether it is for every package; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages_all: ::std::option::Option<bool>,
        ///What it may do to them; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages_and_scopes_permission: ::std::option::Option<::std::string::String>,
        ///Whether it only reads.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub readonly: ::std::option::Option<bool>,
        ///The scopes that it is for; null if it is not limited.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub scopes: ::std::option::Option<::std::vec::Vec<::std::string::String>>,
        ///Its text where it is made, and nowhere else; a mask of it in lists.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
        ///When it was changed last.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub updated: ::std::option::Option<::std::string::String>,
    }
    ///A page of the caller's tokens.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NpmTokens {
        ///The tokens, newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub objects: ::std::vec::Vec<NpmToken>,
        ///How many there are on all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
        ///Where the list goes on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub urls: ::std::option::Option<NpmUrls>,
    }
    ///Where a list goes on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NpmUrls {
        ///The next page, if there is one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub next: ::std::option::Option<::std::string::String>,
    }
    ///Where in a list a page is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct NumberedPage {
        ///Whether another page follows.
        #[serde(
            rename = "hasNext",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub has_next: ::std::option::Option<bool>,
        ///Whether another page comes before.
        #[serde(
            rename = "hasPrev",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub has_prev: ::std::option::Option<bool>,
        ///Most items of a page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub limit: ::std::option::Option<u64>,
        ///Its number; the first is 1.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub page: ::std::option::Option<u64>,
        ///Items of all pages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
        ///Pages; one beyond them is empty.
        #[serde(
            rename = "totalPages",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub total_pages: ::std::option::Option<u64>,
    }
    ///An organisation.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Org {
        ///Since when it is there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<::std::string::String>,
        ///What it is for.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///A membership as it is now.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct OrgMembership {
        ///The organisation.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub org: ::std::option::Option<OrgSize>,
        ///What they may do.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub role: ::std::option::Option<::std::string::String>,
        ///The user's name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub user: ::std::option::Option<::std::string::String>,
    }
    ///An organisation and how many belong to it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct OrgSize {
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///How many belong to it.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub size: ::std::option::Option<u64>,
    }
    ///The categories of a package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct PackageCategories {
        ///The categories, the primary one first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub categories: ::std::vec::Vec<::std::string::String>,
        ///Whether somebody said so, whatever its topics are.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub overridden: ::std::option::Option<bool>,
    }
    ///A package with all its versions; upstream may have added any field
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct Packument {
        #[serde(
            rename = "dist-tags",
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub dist_tags: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub modified: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub time: ::std::collections::HashMap<
            ::std::string::String,
            ::std::string::String,
        >,
        #[serde(
            default,
            skip_serializing_if = ":: std :: collections :: HashMap::is_empty"
        )]
        pub versions: ::std::collections::HashMap<
            ::std::string::String,
            PackumentVersionsValue,
        >,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///One version; upstream may have added any field
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct PackumentVersionsValue {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub dist: ::std::option::Option<PackumentVersionsValueDist>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///`PackumentVersionsValueDist`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    pub struct PackumentVersionsValueDist {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub integrity: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub shasum: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tarball: ::std::option::Option<::std::string::String>,
        #[serde(flatten)]
        pub extra: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    }
    ///Where to go on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Pagination {
        ///The `cursor` of the next page; null on the last.
        #[serde(
            rename = "nextCursor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub next_cursor: ::std::option::Option<::std::string::String>,
    }
    ///The answer to a ping.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Pong {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pong: ::std::option::Option<bool>,
    }
    ///An error on npm and mirror routes.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Problem {
        ///A code in brackets, then one sentence.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///The sentence alone.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
    }
    ///What a user says of themselves.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Profile {
        ///When the account was made.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<::std::string::String>,
        ///Where mail reaches them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///Always false: no mail is sent.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email_verified: ::std::option::Option<bool>,
        ///Their name on IRC.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub freenode: ::std::option::Option<::std::string::String>,
        ///What they are called.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fullname: ::std::option::Option<::std::string::String>,
        ///Their name there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub github: ::std::option::Option<::std::string::String>,
        ///Their page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub homepage: ::std::option::Option<::std::string::String>,
        ///The name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        /**The second factor: `false`, or what it is needed for; after a change of it the address for
an app, the recovery codes, or `null`.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tfa: ::std::option::Option<::serde_json::Value>,
        ///Their name there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub twitter: ::std::option::Option<::std::string::String>,
        ///When it last changed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub updated: ::std::option::Option<::std::string::String>,
    }
    ///`ProfileChange`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ProfileChange {
        ///Where mail reaches the user
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///Their name on IRC
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub freenode: ::std::option::Option<::std::string::String>,
        ///What the user is called
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fullname: ::std::option::Option<::std::string::String>,
        ///Their name there
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub github: ::std::option::Option<::std::string::String>,
        ///A page of theirs
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub homepage: ::std::option::Option<::std::string::String>,
        ///The old password and the new one, as `old` and `new`
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        >,
        ///What is wanted of the second factor: `{mode, password}`, where `mode` is `auth-only`, `auth-and-writes` or `disable`; or a list of one code, to confirm it
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tfa: ::std::option::Option<::serde_json::Value>,
        ///Their name there
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub twitter: ::std::option::Option<::std::string::String>,
    }
    ///How far it is.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Progress {
        ///Bytes received from upstream.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bytes: ::std::option::Option<u64>,
        ///Tarballs fetched and verified.
        #[serde(
            rename = "tarballsDone",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tarballs_done: ::std::option::Option<u64>,
        ///Tarballs to fetch, as far as known.
        #[serde(
            rename = "tarballsTotal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tarballs_total: ::std::option::Option<u64>,
        ///Versions dealt with.
        #[serde(
            rename = "versionsDone",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_done: ::std::option::Option<u64>,
        ///Versions to deal with, as far as known.
        #[serde(
            rename = "versionsTotal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_total: ::std::option::Option<u64>,
    }
    ///All waiting tasks of a kind.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Queue {
        ///When it was last paused or resumed.
        #[serde(
            rename = "changedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub changed_at: ::std::option::Option<::std::string::String>,
        ///Who did that.
        #[serde(
            rename = "changedBy",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub changed_by: ::std::option::Option<::std::string::String>,
        ///How many tasks of the kind there are in each state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub counts: ::std::option::Option<TaskCounts>,
        ///The kind.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub kind: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Whether no worker begins another of its tasks.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub paused: ::std::option::Option<bool>,
    }
    ///Every queue.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct QueueList {
        ///One a kind.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<Queue>,
    }
    ///That the process can do its work.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Readiness {
        ///What was looked at.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub checks: ::std::option::Option<ReadinessChecks>,
        ///Always true; what is not ready answers 503.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The software's version.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub version: ::std::option::Option<::std::string::String>,
    }
    ///What was looked at.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ReadinessChecks {
        ///Whether the blob store takes bytes.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub blobs: ::std::option::Option<bool>,
        ///Whether the database answers, with a schema for this build.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub database: ::std::option::Option<bool>,
        ///What Redis does; only `away` is a trouble, and a small one.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub redis: ::std::option::Option<RedisWord>,
    }
    ///What Redis does.
    #[derive(
        ::serde::Deserialize,
        ::serde::Serialize,
        Clone,
        Debug,
        Eq,
        Hash,
        Ord,
        PartialEq,
        PartialOrd
    )]
    #[serde(transparent)]
    pub struct RedisWord(pub ::std::string::String);
    impl ::std::ops::Deref for RedisWord {
        type Target = ::std::string::String;
        fn deref(&self) -> &::std::string::String {
            &self.0
        }
    }
    impl ::std::convert::From<RedisWord> for ::std::string::String {
        fn from(value: RedisWord) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<::std::string::String> for RedisWord {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for RedisWord {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    impl ::std::str::FromStr for RedisWord {
        type Err = ::std::convert::Infallible;
        fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
            Ok(Self(value.to_string()))
        }
    }
    ///A registry.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Registry {
        ///Whether versions without any digest are mirrored; for administrators.
        #[serde(
            rename = "allowsUndigested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub allows_undigested: ::std::option::Option<bool>,
        ///How it is read as a source of the catalogue; for administrators.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub catalogue: ::std::option::Option<SourceSettings>,
        ///Where it tells what changes.
        #[serde(
            rename = "changeStream",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub change_stream: ::std::option::Option<::std::string::String>,
        ///When it was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Whether something proves to it who we are; for administrators.
        #[serde(
            rename = "hasCredentials",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub has_credentials: ::std::option::Option<bool>,
        ///Whether its webhooks are believed; for administrators.
        #[serde(
            rename = "hasWebhookSecret",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub has_webhook_secret: ::std::option::Option<bool>,
        ///Where it answers; without credentials.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub host: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Whether it may be at a private address; for administrators.
        #[serde(
            rename = "isInternal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub is_internal: ::std::option::Option<bool>,
        ///Its name for people.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///What it is called in addresses.
        #[serde(
            rename = "registryId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_id: ::std::option::Option<::std::string::String>,
        ///What becomes of what it no longer has; for administrators.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub removals: ::std::option::Option<::std::string::String>,
        ///Always null.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub response: ::std::option::Option<::std::string::String>,
        ///Which tarballs a sync fetches at once; for administrators.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tarballs: ::std::option::Option<::std::string::String>,
        ///What it speaks.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///When it was last changed.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
        ///What its users' names begin with beside ours.
        #[serde(
            rename = "userPrefix",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_prefix: ::std::option::Option<::std::string::String>,
    }
    ///`RegistryChange`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RegistryChange {
        ///Whether versions without any digest are mirrored
        #[serde(
            rename = "allowsUndigested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub allows_undigested: ::std::option::Option<bool>,
        ///The same as `credentials.token`
        #[serde(
            rename = "authToken",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub auth_token: ::std::option::Option<::std::string::String>,
        ///How a source of the catalogue is read; what is absent stays
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub catalogue: ::std::option::Option<RegistryChangeCatalogue>,
        ///Where it tells what changes
        #[serde(
            rename = "changeStream",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub change_stream: ::std::option::Option<::std::string::String>,
        ///What proves to it who we are: a token, or a username and a password; never shown
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub credentials: ::std::option::Option<RegistryChangeCredentials>,
        ///Where it answers; a user and password in it become its credentials
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub host: ::std::option::Option<::std::string::String>,
        ///Whether it may be at a private address
        #[serde(
            rename = "isInternal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub is_internal: ::std::option::Option<bool>,
        ///A name for people
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///What becomes of what it no longer has: keep, block or delete
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub removals: ::std::option::Option<::std::string::String>,
        ///Which tarballs a sync fetches at once: all, tagged or requested
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tarballs: ::std::option::Option<::std::string::String>,
        ///What it speaks: npm, cnpmcore (or cnpm), cnpmjsorg, artifactory or conan
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///What its users' names begin with beside ours
        #[serde(
            rename = "userPrefix",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub user_prefix: ::std::option::Option<::std::string::String>,
        ///What its webhooks show, or sign with; never shown again
        #[serde(
            rename = "webhookSecret",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub webhook_secret: ::std::option::Option<::std::string::String>,
    }
    ///How a source of the catalogue is read; what is absent stays
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RegistryChangeCatalogue {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub canary: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "fullEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub full_every_secs: ::std::option::Option<u64>,
        #[serde(
            rename = "incrementalEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub incremental_every_secs: ::std::option::Option<u64>,
        #[serde(
            rename = "maxRemovedCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_count: ::std::option::Option<u32>,
        #[serde(
            rename = "maxRemovedPercent",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_percent: ::std::option::Option<u8>,
        #[serde(
            rename = "officialNamespaces",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub official_namespaces: ::std::vec::Vec<::std::string::String>,
        #[serde(
            rename = "proxiesFiles",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub proxies_files: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub strategy: ::std::option::Option<::std::string::String>,
    }
    ///What proves to it who we are: a token, or a username and a password; never shown
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RegistryChangeCredentials {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub token: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub username: ::std::option::Option<::std::string::String>,
    }
    ///Some registries.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RegistryPage {
        ///The same, by its other name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<u64>,
        ///By their slugs.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<Registry>,
        ///How many there are in all.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
    }
    ///The table is in force.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Relabelled {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///How many packages were given their categories anew.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<u64>,
    }
    ///What it did.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Report {
        ///Packages this one asked for under a tree.
        #[serde(
            rename = "dependenciesRequested",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub dependencies_requested: ::std::option::Option<u64>,
        ///Dist-tags added, moved or removed.
        #[serde(
            rename = "tagsChanged",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tags_changed: ::std::option::Option<u64>,
        ///Bytes of those tarballs.
        #[serde(
            rename = "tarballBytes",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tarball_bytes: ::std::option::Option<u64>,
        ///Tarballs fetched and verified.
        #[serde(
            rename = "tarballsStored",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub tarballs_stored: ::std::option::Option<u64>,
        ///Whether upstream confirmed that nothing changed.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub unchanged: ::std::option::Option<bool>,
        ///Versions new to us.
        #[serde(
            rename = "versionsAdded",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_added: ::std::option::Option<u64>,
        ///Versions whose manifest changed.
        #[serde(
            rename = "versionsChanged",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_changed: ::std::option::Option<u64>,
        ///Versions no longer upstream.
        #[serde(
            rename = "versionsRemoved",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_removed: ::std::option::Option<u64>,
        ///Versions skipped, each with a warning.
        #[serde(
            rename = "versionsSkipped",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub versions_skipped: ::std::option::Option<u64>,
    }
    ///A task that does again what another one failed to do.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RetriedTask {
        ///The new task.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The task that failed.
        #[serde(
            rename = "retryOf",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub retry_of: ::std::option::Option<::std::string::String>,
        ///The new task's state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
        ///What kind of thing it is about.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
    }
    ///The tasks that do again what others failed to do.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RetriedTasks {
        ///How many were repeated.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<u64>,
        ///Each new task, with the one it repeats; the newest of those first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<RetriedTask>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Where to go on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<Pagination>,
    }
    ///Which token was revoked, and when.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Revocation {
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///When it stopped working.
        #[serde(
            rename = "revokedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub revoked_at: ::std::option::Option<::std::string::String>,
    }
    ///What was revoked.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RevokedApiToken {
        ///The token.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub data: ::std::option::Option<Revocation>,
    }
    ///That a token was revoked.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct RevokedNpmToken {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
    }
    ///A scope.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Scope {
        ///When it was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The scope, `@` and all.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Where its packages come from; null if it is private.
        #[serde(
            rename = "registryId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub registry_id: ::std::option::Option<::std::string::String>,
        ///The same.
        #[serde(
            rename = "scopeId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub scope_id: ::std::option::Option<::std::string::String>,
        ///When it was last changed.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
    }
    ///Some scopes.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct ScopePage {
        ///The same, by its other name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub count: ::std::option::Option<u64>,
        ///By their names.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<Scope>,
        ///How many there are in all.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
    }
    ///A package that was found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchHit {
        ///What it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub package: ::std::option::Option<FoundPackage>,
        ///How well it meets the query, from 0 to 1.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub score: ::std::option::Option<SearchScore>,
        ///The same, as it is compared.
        #[serde(
            rename = "searchScore",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub search_score: ::std::option::Option<f64>,
    }
    ///Where to read on.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchLinks {
        ///Where faults are told.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bugs: ::std::option::Option<::std::string::String>,
        ///Its page.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub homepage: ::std::option::Option<::std::string::String>,
        ///The package in this registry.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub npm: ::std::option::Option<::std::string::String>,
        ///Its source.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<::std::string::String>,
    }
    ///What was found.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchPage {
        ///The packages, the best first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub objects: ::std::vec::Vec<SearchHit>,
        ///When this was found.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub time: ::std::option::Option<::std::string::String>,
        ///How many there are; at least, if the words are very common ones.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
    }
    ///Somebody.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchPerson {
        ///Address.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///Name of the account, or of the person.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub username: ::std::option::Option<::std::string::String>,
    }
    ///How well a package meets a query.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchScore {
        ///What npm's registry weighs besides.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub detail: ::std::option::Option<SearchScoreDetail>,
        ///All in all.
        #[serde(
            rename = "final",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub final_: ::std::option::Option<f64>,
    }
    ///What a mirror does not know; always 0.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SearchScoreDetail {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub maintenance: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub popularity: ::std::option::Option<f64>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub quality: ::std::option::Option<f64>,
    }
    ///How a source of the catalogue is read.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SourceSettings {
        ///A reference that is always there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub canary: ::std::option::Option<::std::string::String>,
        ///Seconds from one full run to the next; none by itself if zero.
        #[serde(
            rename = "fullEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub full_every_secs: ::std::option::Option<u64>,
        ///Seconds from one incremental run to the next; none by itself if zero.
        #[serde(
            rename = "incrementalEverySecs",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub incremental_every_secs: ::std::option::Option<u64>,
        ///… unless they are no more than this many.
        #[serde(
            rename = "maxRemovedCount",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_count: ::std::option::Option<u32>,
        ///Most packages of a hundred that one run may take away …
        #[serde(
            rename = "maxRemovedPercent",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_removed_percent: ::std::option::Option<u8>,
        ///Namespaces that a bare name means first.
        #[serde(
            rename = "officialNamespaces",
            default,
            skip_serializing_if = "::std::vec::Vec::is_empty"
        )]
        pub official_namespaces: ::std::vec::Vec<::std::string::String>,
        ///Whether recipe files are passed on.
        #[serde(
            rename = "proxiesFiles",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub proxies_files: ::std::option::Option<bool>,
        ///Artifactory's repository key.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repository: ::std::option::Option<::std::string::String>,
        ///By which protocol: `conan`, `aql` or `npm`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub strategy: ::std::option::Option<::std::string::String>,
    }
    ///What is stored.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Storage {
        ///Blobs by state.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub blobs: ::std::vec::Vec<BlobCount>,
        ///The blobs that were found damaged last, newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub damaged: ::std::vec::Vec<DamagedBlob>,
        ///The disks of the process that answers.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub disks: ::std::vec::Vec<Disk>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///Why syncs wait, if a disk of a worker is low.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub shortage: ::std::option::Option<::std::string::String>,
        ///All stored blobs were proven since then; null if there are none.
        #[serde(
            rename = "verifiedSince",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub verified_since: ::std::option::Option<::std::string::String>,
    }
    ///The task that does it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct StorageTask {
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Where its log is.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///State.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
    }
    ///Why a synchronisation failed.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncError {
        ///How often it was tried.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attempts: ::std::option::Option<u64>,
        ///In a word.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        ///In a sentence.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        ///What it is about; null, as what is wrong with a single reference is a warning.
        #[serde(rename = "ref", skip_serializing_if = "::std::option::Option::is_none")]
        pub ref_: ::std::option::Option<::std::string::String>,
        ///The same.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
        ///Whether asking again later may help.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub retryable: ::std::option::Option<bool>,
        ///The phase in which it failed; null if it never began.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub stage: ::std::option::Option<::std::string::String>,
    }
    ///Something that a person should know.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncNote {
        /**What kind of thing: `LISTING`, `METADATA`, `UNREAD`, `CHECKSUM_MISMATCH`,
`FOREIGN_PACKAGE`, `KEPT`, or another to come; null if only the sentence is known.*/
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub code: ::std::option::Option<::std::string::String>,
        ///All of it in a sentence.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub message: ::std::option::Option<::std::string::String>,
        /**What it is about: a reference (`name/version@namespace`) or a package
(`namespace/name`); null if it is about all.*/
        #[serde(rename = "ref", skip_serializing_if = "::std::option::Option::is_none")]
        pub ref_: ::std::option::Option<::std::string::String>,
        ///The same.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reference: ::std::option::Option<::std::string::String>,
    }
    ///How far a synchronisation is; counters never go back.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncProgress {
        ///Bytes received.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub bytes: ::std::option::Option<u64>,
        ///Packages.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub packages: ::std::option::Option<SyncTally>,
        ///How much is done; null while it is not known how much there is, 100 at the end only.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub percent: ::std::option::Option<u8>,
        ///Sources.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub repositories: ::std::option::Option<SyncRepositories>,
        ///Requests sent to the source.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub requests: ::std::option::Option<u64>,
        ///Those that were sent again.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub retries: ::std::option::Option<u64>,
        ///Versions.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub versions: ::std::option::Option<SyncTally>,
    }
    ///How many sources there are, and how many are over.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncRepositories {
        ///Those that are over.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub done: ::std::option::Option<u64>,
        ///All.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub total: ::std::option::Option<u64>,
    }
    ///How a sync is going.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncStatus {
        ///Attempts counted so far.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attempts: ::std::option::Option<u32>,
        ///The syncs of its dependencies, by state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<TaskCounts>,
        ///When it was submitted.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///What went wrong, if it ended in error.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///The same, as a word.
        #[serde(
            rename = "errorCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_code: ::std::option::Option<::std::string::String>,
        ///When it ended.
        #[serde(
            rename = "finishedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub finished_at: ::std::option::Option<::std::string::String>,
        ///The task.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Where its log is.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///How far it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub progress: ::std::option::Option<Progress>,
        ///How many tasks go before it; null if it does not wait its turn, or past 1,000.
        #[serde(
            rename = "queuePosition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub queue_position: ::std::option::Option<u64>,
        ///Why it waits, if that is not only for its turn.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
        ///When it first began.
        #[serde(
            rename = "startedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub started_at: ::std::option::Option<::std::string::String>,
        ///Its state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
        ///Always `package`.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///What a person should know although it went on.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub warnings: ::std::vec::Vec<::std::string::String>,
    }
    ///How many of something, by what became of it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct SyncTally {
        ///New.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<u64>,
        ///Taken away.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub deleted: ::std::option::Option<u64>,
        ///Known of so far.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub discovered: ::std::option::Option<u64>,
        ///Not read.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub failed: ::std::option::Option<u64>,
        ///Dealt with.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub processed: ::std::option::Option<u64>,
        ///Passed over on purpose.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub skipped: ::std::option::Option<u64>,
        ///As before.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub unchanged: ::std::option::Option<u64>,
        ///Different from before.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub updated: ::std::option::Option<u64>,
    }
    ///What became of an event.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct TakenEvent {
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///What will be looked at again because of it.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub references: ::std::vec::Vec<::std::string::String>,
    }
    ///A task, as operators see it.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Task {
        ///Attempts counted so far.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub attempts: ::std::option::Option<u32>,
        ///The tasks it led to, by state.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub children: ::std::option::Option<TaskCounts>,
        ///When it was submitted.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///What went wrong, if it ended in error.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<::std::string::String>,
        ///The same, as a word.
        #[serde(
            rename = "errorCode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub error_code: ::std::option::Option<::std::string::String>,
        ///When it ended.
        #[serde(
            rename = "finishedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub finished_at: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///Kind of work.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub kind: ::std::option::Option<::std::string::String>,
        ///Where its log is.
        #[serde(
            rename = "logUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub log_url: ::std::option::Option<::std::string::String>,
        ///Always true.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ok: ::std::option::Option<bool>,
        ///The task that led to it.
        #[serde(
            rename = "parentId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub parent_id: ::std::option::Option<::std::string::String>,
        ///Urgency; higher runs first.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub priority: ::std::option::Option<i16>,
        ///How far it is.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub progress: ::std::option::Option<Progress>,
        ///How many tasks go before it; null if it does not wait its turn, or past 1,000.
        #[serde(
            rename = "queuePosition",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub queue_position: ::std::option::Option<u64>,
        ///Why it waits, if that is not only for its turn.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub reason: ::std::option::Option<::std::string::String>,
        ///What it did.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub report: ::std::option::Option<Report>,
        ///Who asked first; absent for anonymous callers.
        #[serde(
            rename = "requestedBy",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub requested_by: ::std::option::Option<::std::string::String>,
        ///The wishes for it, the 100 oldest; absent for anonymous callers.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub requests: ::std::vec::Vec<TaskRequest>,
        ///How many wishes there are; absent for anonymous callers.
        #[serde(
            rename = "requestsTotal",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub requests_total: ::std::option::Option<u64>,
        ///The task it repeats.
        #[serde(
            rename = "retryOf",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub retry_of: ::std::option::Option<::std::string::String>,
        ///When it first began.
        #[serde(
            rename = "startedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub started_at: ::std::option::Option<::std::string::String>,
        ///State.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub state: ::std::option::Option<::std::string::String>,
        ///What it is about; a package's name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub target: ::std::option::Option<::std::string::String>,
        ///What kind of thing it is about.
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<::std::string::String>,
        ///What a person should know although it went on.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub warnings: ::std::vec::Vec<::std::string::String>,
    }
    ///Tasks by state.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct TaskCounts {
        ///Over without success.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub error: ::std::option::Option<u64>,
        ///Running.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub processing: ::std::option::Option<u64>,
        ///Done.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub success: ::std::option::Option<u64>,
        ///Not running.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub waiting: ::std::option::Option<u64>,
    }
    ///A page of tasks.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct TaskPage {
        ///How many tasks there are in each state, whatever the filter (but for `kind`).
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub counts: ::std::option::Option<TaskCounts>,
        ///The tasks, newest first.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<Task>,
        ///Where to go on.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<Pagination>,
    }
    ///One caller's wish for a task.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct TaskRequest {
        ///When it was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///The HTTP request.
        #[serde(
            rename = "requestId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub request_id: ::std::option::Option<::std::string::String>,
        ///The user.
        #[serde(
            rename = "requestedBy",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub requested_by: ::std::option::Option<::std::string::String>,
        ///The task whose tree it belongs to.
        #[serde(
            rename = "rootId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub root_id: ::std::option::Option<::std::string::String>,
        ///The reason given.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub tips: ::std::option::Option<::std::string::String>,
    }
    ///`TaskUpdate`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct TaskUpdate {
        ///Urgency; higher runs first. Users' wishes have 30, dependencies 20
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub priority: ::std::option::Option<i32>,
    }
    ///A team.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Team {
        ///Since when it is there.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub created: ::std::option::Option<::std::string::String>,
        ///What it is for.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub description: ::std::option::Option<::std::string::String>,
        ///Its name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
    }
    ///A user.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct User {
        ///Whether they may administer.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///When the account was made.
        #[serde(
            rename = "createdAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub created_at: ::std::option::Option<::std::string::String>,
        ///Whether they may no longer come in.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub disabled: ::std::option::Option<bool>,
        ///What they are called.
        #[serde(
            rename = "displayName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub display_name: ::std::option::Option<::std::string::String>,
        ///Where mail reaches them.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///Identifier.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        ///The name.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub name: ::std::option::Option<::std::string::String>,
        ///Whether their password needs a one-time password beside it.
        #[serde(
            rename = "twoFactor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub two_factor: ::std::option::Option<bool>,
        ///When it last changed.
        #[serde(
            rename = "updatedAt",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub updated_at: ::std::option::Option<::std::string::String>,
    }
    ///`UserChange`
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct UserChange {
        ///Whether they may administer
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub admin: ::std::option::Option<bool>,
        ///Whether they may no longer come in
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub disabled: ::std::option::Option<bool>,
        ///What they are called
        #[serde(
            rename = "displayName",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub display_name: ::std::option::Option<::std::string::String>,
        ///Where mail reaches the user
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub email: ::std::option::Option<::std::string::String>,
        ///The new password
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub password: ::std::option::Option<::std::string::String>,
        ///`false` takes the second factor away
        #[serde(
            rename = "twoFactor",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub two_factor: ::std::option::Option<bool>,
    }
    ///Some users.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct UserPage {
        ///By their names.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub data: ::std::vec::Vec<User>,
        ///Where the next page begins.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub pagination: ::std::option::Option<Pagination>,
    }
    ///Who may read a package.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct Visibility {
        ///Whether everybody may.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub public: ::std::option::Option<bool>,
    }
    ///Where to go for a login.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct WebLogin {
        ///Where the token is fetched.
        #[serde(
            rename = "doneUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub done_url: ::std::option::Option<::std::string::String>,
        ///The page where the user confirms.
        #[serde(
            rename = "loginUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub login_url: ::std::option::Option<::std::string::String>,
    }
    ///The caller.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    pub struct WhoAmI {
        ///The name of the user whose token was shown.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub username: ::std::option::Option<::std::string::String>,
    }
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for weir

A package-registry mirror whose synchronisation you can watch. Package names may be written `@scope/name`, `@scope%2fname` or with an encoded `@`. Every answer carries `x-request-id`: the caller's, or a new one. A refusal says why in a `Problem`; whoever shows a token that does not hold is refused everywhere. Fields may be added to answers at any time; what is there stays while the version does.

Version: 0.1.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: reqwest::Client,
}
impl Client {
    /// Create a new client.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new(baseurl: &str) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        let client = {
            let dur = ::std::time::Duration::from_secs(15u64);
            reqwest::ClientBuilder::new().connect_timeout(dur).timeout(dur)
        };
        #[cfg(target_arch = "wasm32")]
        let client = reqwest::ClientBuilder::new();
        Self::new_with_client(baseurl, client.build().unwrap())
    }
    /// Construct a new client with an existing `reqwest::Client`,
    /// allowing more control over its configuration.
    ///
    /// `baseurl` is the base URL provided to the internal
    /// `reqwest::Client`, and should include a scheme and hostname,
    /// as well as port and a path stem if applicable.
    pub fn new_with_client(baseurl: &str, client: reqwest::Client) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
        }
    }
}
impl ClientInfo<()> for Client {
    fn api_version() -> &'static str {
        "0.1.0"
    }
    fn baseurl(&self) -> &str {
        self.baseurl.as_str()
    }
    fn client(&self) -> &reqwest::Client {
        &self.client
    }
    fn inner(&self) -> &() {
        &()
    }
}
impl ClientHooks<()> for &Client {}
#[allow(clippy::all)]
impl Client {
    /**Says what this is

And in which version, and where its routes are described.

Sends a `GET` request to `/`

*/
    pub async fn show_home<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Home>, Error<()>> {
        let url = format!("{}/", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_home",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists what was changed and by whom, newest first

Blocks, tokens, users, organisations, queues, storage: whatever decides what others get.

Sends a `GET` request to `/-/admin/audit`

Arguments:
- `action`: Only this action (`block.set`), or all that is done to such things (`block`).
- `cursor`: Where the previous page ended.
- `limit`: How many, at most; 50 if absent.
- `since`: Only what was done at this instant or later.
- `target`: Only what was done to this.
- `until`: Only what was done before this instant.
- `user`: Only what this user did; name or id.
*/
    pub async fn list_audit_events<'a>(
        &'a self,
        action: Option<&'a str>,
        cursor: Option<&'a str>,
        limit: Option<u64>,
        since: Option<&'a str>,
        target: Option<&'a str>,
        until: Option<&'a str>,
        user: Option<&'a str>,
    ) -> Result<ResponseValue<types::AuditPage>, Error<()>> {
        let url = format!("{}/-/admin/audit", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("action", &action))
            .query(&progenitor_client::QueryParam::new("cursor", &cursor))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("since", &since))
            .query(&progenitor_client::QueryParam::new("target", &target))
            .query(&progenitor_client::QueryParam::new("until", &until))
            .query(&progenitor_client::QueryParam::new("user", &user))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_audit_events",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Shows which topics lead to which categories

A package has the categories of its topics, `UNCATEGORIZED` if there are none.

Sends a `GET` request to `/-/admin/catalogue/categories`

*/
    pub async fn show_category_table<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::CategoryTable>, Error<()>> {
        let url = format!("{}/-/admin/catalogue/categories", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_category_table",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Sets which topics lead to which categories

The whole table, in place of the former; every package is given its categories anew before
the answer comes. If that is cut off, the same request once more ends it.

Sends a `PUT` request to `/-/admin/catalogue/categories`

*/
    pub async fn set_category_table<'a>(
        &'a self,
        body: &'a types::NewCategoryTable,
    ) -> Result<ResponseValue<types::Relabelled>, Error<()>> {
        let url = format!("{}/-/admin/catalogue/categories", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "set_category_table",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says which categories a package has, whatever its topics are

The first is the primary one; with none it is `UNCATEGORIZED`. It holds for later versions
too, until it is taken back.

Sends a `PUT` request to `/-/admin/catalogue/packages/{namespace}/{name}/categories`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
- `body`
*/
    pub async fn set_package_categories<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        body: &'a types::NewPackageCategories,
    ) -> Result<ResponseValue<types::PackageCategories>, Error<()>> {
        let url = format!(
            "{}/-/admin/catalogue/packages/{}/{}/categories", self.baseurl, encode_path(&
            namespace.to_string()), encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "set_package_categories",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Takes back what was said of a package's categories

Its topics say them again. That nothing was said is no error.

Sends a `DELETE` request to `/-/admin/catalogue/packages/{namespace}/{name}/categories`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
*/
    pub async fn reset_package_categories<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> Result<ResponseValue<types::PackageCategories>, Error<()>> {
        let url = format!(
            "{}/-/admin/catalogue/packages/{}/{}/categories", self.baseurl, encode_path(&
            namespace.to_string()), encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "reset_package_categories",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Has blobs deleted that nothing refers to

They go once nothing has referred to them for `blob_grace_secs`.

Sends a `POST` request to `/-/admin/collect`

*/
    pub async fn collect_blobs<'a>(
        &'a self,
        body: &'a types::NewCollection,
    ) -> Result<ResponseValue<types::StorageTask>, Error<()>> {
        let url = format!("{}/-/admin/collect", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "collect_blobs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Submits drills

Each is a task of the kind `drill`; watch them as any other task.

Sends a `POST` request to `/-/admin/drills`

Arguments:
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
- `body`
*/
    pub async fn create_drills<'a>(
        &'a self,
        idempotency_key: Option<&'a str>,
        body: &'a types::NewDrills,
    ) -> Result<ResponseValue<types::Drills>, Error<()>> {
        let url = format!("{}/-/admin/drills", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_drills",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the queues

One for each kind of task, with how many wait and run, and whether it is paused.

Sends a `GET` request to `/-/admin/queues`

*/
    pub async fn list_queues<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::QueueList>, Error<()>> {
        let url = format!("{}/-/admin/queues", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_queues",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a queue

How many tasks of the kind wait and run, and whether it is paused.

Sends a `GET` request to `/-/admin/queues/{kind}`

Arguments:
- `kind`: A kind of task
*/
    pub async fn show_queue<'a>(
        &'a self,
        kind: &'a str,
    ) -> Result<ResponseValue<types::Queue>, Error<()>> {
        let url = format!(
            "{}/-/admin/queues/{}", self.baseurl, encode_path(& kind.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_queue",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Pauses a queue

No worker begins another of its tasks until it is resumed.

Sends a `POST` request to `/-/admin/queues/{kind}/pause`

Arguments:
- `kind`: A kind of task
*/
    pub async fn pause_queue<'a>(
        &'a self,
        kind: &'a str,
    ) -> Result<ResponseValue<types::Queue>, Error<()>> {
        let url = format!(
            "{}/-/admin/queues/{}/pause", self.baseurl, encode_path(& kind.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "pause_queue",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Resumes a queue

Its tasks are begun again, the most urgent first.

Sends a `POST` request to `/-/admin/queues/{kind}/resume`

Arguments:
- `kind`: A kind of task
*/
    pub async fn resume_queue<'a>(
        &'a self,
        kind: &'a str,
    ) -> Result<ResponseValue<types::Queue>, Error<()>> {
        let url = format!(
            "{}/-/admin/queues/{}/resume", self.baseurl, encode_path(& kind.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "resume_queue",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns what is stored

Blobs by state, the disks, and the blobs that were found damaged last.

Sends a `GET` request to `/-/admin/storage`

*/
    pub async fn show_storage<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Storage>, Error<()>> {
        let url = format!("{}/-/admin/storage", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_storage",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists users by their names

Disabled ones too.

Sends a `GET` request to `/-/admin/users`

Arguments:
- `cursor`: `nextCursor` of the page before.
- `limit`: Most users of the page; 100 unless given.
*/
    pub async fn list_users<'a>(
        &'a self,
        cursor: Option<&'a str>,
        limit: Option<u64>,
    ) -> Result<ResponseValue<types::UserPage>, Error<()>> {
        let url = format!("{}/-/admin/users", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("cursor", &cursor))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_users",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a user

Whether anybody may register or not. Without a password, nobody signs in with one.

Sends a `POST` request to `/-/admin/users`

*/
    pub async fn create_user<'a>(
        &'a self,
        body: &'a types::NewUser,
    ) -> Result<ResponseValue<types::User>, Error<()>> {
        let url = format!("{}/-/admin/users", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Changes what a user is and may

A disabled user's password, tokens and sessions hold no more, on any process within a
second. Nobody disables or demotes themselves, or takes their own second factor away here.

Sends a `PATCH` request to `/-/admin/users/{user}`

Arguments:
- `user`: A user's name
- `body`
*/
    pub async fn update_user<'a>(
        &'a self,
        user: &'a str,
        body: &'a types::UserChange,
    ) -> Result<ResponseValue<types::User>, Error<()>> {
        let url = format!(
            "{}/-/admin/users/{}", self.baseurl, encode_path(& user.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .patch(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Has stored blobs read again

What is damaged is out of use at once: its tarball is fetched, its document rendered
anew, when somebody asks for it or, with `repair`, now.

Sends a `POST` request to `/-/admin/verify`

*/
    pub async fn verify_blobs<'a>(
        &'a self,
        body: &'a types::NewVerification,
    ) -> Result<ResponseValue<types::StorageTask>, Error<()>> {
        let url = format!("{}/-/admin/verify", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "verify_blobs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says that the process lives, whatever state the rest is in

For whoever restarts processes; whether it can serve, `/-/ready` says.

Sends a `GET` request to `/-/health`

*/
    pub async fn show_health<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Health>, Error<()>> {
        let url = format!("{}/-/health", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_health",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the figures of this process, as Prometheus reads them

For administrators, unless the operator shows them to everybody (`metrics_public`).

Sends a `GET` request to `/-/metrics`

*/
    pub async fn show_metrics<'a>(
        &'a self,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!("{}/-/metrics", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "show_metrics",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns what was attested of a version

As the upstream has it, kept for a day, and for longer if it cannot be asked; 404 if there
is none, or the version is not mirrored. The part after the name's last `@` is the version.

Sends a `GET` request to `/-/npm/v1/attestations/{versioned_name}`

Arguments:
- `versioned_name`: A package's name and, behind its last `@`, a version
*/
    pub async fn show_attestations<'a>(
        &'a self,
        versioned_name: &'a str,
    ) -> Result<
        ResponseValue<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
        Error<()>,
    > {
        let url = format!(
            "{}/-/npm/v1/attestations/{}", self.baseurl, encode_path(& versioned_name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_attestations",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the keys that the upstream signs versions with

As the upstream has them, kept for an hour, and for longer if it cannot be asked; 404 if it
has none.

Sends a `GET` request to `/-/npm/v1/keys`

*/
    pub async fn show_signing_keys<'a>(
        &'a self,
    ) -> Result<
        ResponseValue<::serde_json::Map<::std::string::String, ::serde_json::Value>>,
        Error<()>,
    > {
        let url = format!("{}/-/npm/v1/keys", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_signing_keys",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Finds the advisories about some versions

Passed on to the upstream, without what the caller signed in with and without names of
private scopes; 404 if there is no upstream, or it knows of no advisories, 502 if it does
not answer. The body may be gzipped.

Sends a `POST` request to `/-/npm/v1/security/advisories/bulk`

*/
    pub async fn find_advisories<'a>(
        &'a self,
        body: &'a types::FindAdvisories,
    ) -> Result<ResponseValue<types::Advisories>, Error<()>> {
        let url = format!("{}/-/npm/v1/security/advisories/bulk", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "find_advisories",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Reports the weaknesses of an installed tree, with what to do

As the quick audit; every action is to review what was found.

Sends a `POST` request to `/-/npm/v1/security/audits`

*/
    pub async fn audit_tree<'a>(
        &'a self,
        body: &'a types::AuditTree,
    ) -> Result<ResponseValue<types::AuditReport>, Error<()>> {
        let url = format!("{}/-/npm/v1/security/audits", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "audit_tree",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Reports the weaknesses of an installed tree

For npm 6 to 10 and pnpm up to 10: the advisories about all that is in the tree, each with
where it is. Errors are those of the newer route. The body may be gzipped.

Sends a `POST` request to `/-/npm/v1/security/audits/quick`

*/
    pub async fn audit_tree_quickly<'a>(
        &'a self,
        body: &'a types::AuditTree,
    ) -> Result<ResponseValue<types::AuditReport>, Error<()>> {
        let url = format!("{}/-/npm/v1/security/audits/quick", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "audit_tree_quickly",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the caller's tokens, newest first

Texts are masked. `urls.next` is where the list goes on, if it does.

Sends a `GET` request to `/-/npm/v1/tokens`

Arguments:
- `page`: Which page; the first is 0
- `per_page`: How many tokens a page has
*/
    pub async fn list_npm_tokens<'a>(
        &'a self,
        page: Option<u64>,
        per_page: Option<u64>,
    ) -> Result<ResponseValue<types::NpmTokens>, Error<()>> {
        let url = format!("{}/-/npm/v1/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("perPage", &per_page))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_npm_tokens",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a token, as npm asks for it

The caller's password is required, unless it was proved just now: in this request, or by
signing in to the site within five minutes. Who has a second factor sends it as `npm-otp`.
The text is in this answer only. Old bodies
and those of npm 11 are understood; a token with packages, scopes, organisations or a
permission is limited to them, whether they exist or not, and carries no admin rights.

Sends a `POST` request to `/-/npm/v1/tokens`

*/
    pub async fn create_npm_token<'a>(
        &'a self,
        body: &'a types::NewNpmToken,
    ) -> Result<ResponseValue<types::NpmToken>, Error<()>> {
        let url = format!("{}/-/npm/v1/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_npm_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Revokes one of the caller's tokens

By its key, by six or more characters that only its key begins with, or by its text. It
is refused everywhere within a second.

Sends a `DELETE` request to `/-/npm/v1/tokens/token/{token_key}`

Arguments:
- `token_key`: A token's key, its first six characters or more, or the token itself
*/
    pub async fn revoke_npm_token<'a>(
        &'a self,
        token_key: &'a str,
    ) -> Result<ResponseValue<types::RevokedNpmToken>, Error<()>> {
        let url = format!(
            "{}/-/npm/v1/tokens/token/{}", self.baseurl, encode_path(& token_key
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "revoke_npm_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns what the caller says of themselves

`npm profile get`.

Sends a `GET` request to `/-/npm/v1/user`

*/
    pub async fn show_profile<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Profile>, Error<()>> {
        let url = format!("{}/-/npm/v1/user", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_profile",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Changes what the caller says of themselves, the password or the second factor

`npm profile set`, `enable-2fa` and `disable-2fa`. Texts that are absent stay, `null` clears
them. A change of the second factor answers in `tfa`: the address for an authenticator app,
then, once a code of it came back, the recovery codes.

Sends a `POST` request to `/-/npm/v1/user`

*/
    pub async fn update_profile<'a>(
        &'a self,
        body: &'a types::ProfileChange,
    ) -> Result<ResponseValue<types::Profile>, Error<()>> {
        let url = format!("{}/-/npm/v1/user", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_profile",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Unlinks the caller's account at GitHub

It signs nobody in any more. 404 if none is linked, 409 for whoever has no password: they
would have no way to sign in. Who has a second factor sends it as `npm-otp`.

Sends a `DELETE` request to `/-/npm/v1/user/github`

*/
    pub async fn unlink_github<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!("{}/-/npm/v1/user/github", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "unlink_github",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes an organisation

Whoever makes it owns it.

Sends a `PUT` request to `/-/org`

*/
    pub async fn create_org<'a>(
        &'a self,
        body: &'a types::NewOrg,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!("{}/-/org", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_org",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns an organisation

What it is for, and since when it is there; for its members.

Sends a `GET` request to `/-/org/{org}`

Arguments:
- `org`: An organisation's name, with or without `@`
*/
    pub async fn show_org<'a>(
        &'a self,
        org: &'a str,
    ) -> Result<ResponseValue<types::Org>, Error<()>> {
        let url = format!("{}/-/org/{}", self.baseurl, encode_path(& org.to_string()),);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_org",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Removes an organisation, with its teams

What was bound to its teams stays closed until it is said to be public.

Sends a `DELETE` request to `/-/org/{org}`

Arguments:
- `org`: An organisation's name, with or without `@`
*/
    pub async fn remove_org<'a>(
        &'a self,
        org: &'a str,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!("{}/-/org/{}", self.baseurl, encode_path(& org.to_string()),);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_org",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists what is bound to teams of an organisation

Each package with the most that one of them may do; for members of the organisation.

Sends a `GET` request to `/-/org/{org}/package`

Arguments:
- `org`: An organisation's name, with or without `@`
*/
    pub async fn list_org_packages<'a>(
        &'a self,
        org: &'a str,
    ) -> Result<
        ResponseValue<
            ::std::collections::HashMap<::std::string::String, ::std::string::String>,
        >,
        Error<()>,
    > {
        let url = format!(
            "{}/-/org/{}/package", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_org_packages",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the teams of an organisation

As `organisation:team`; for its members.

Sends a `GET` request to `/-/org/{org}/team`

Arguments:
- `org`: An organisation's name, with or without `@`
*/
    pub async fn list_teams<'a>(
        &'a self,
        org: &'a str,
    ) -> Result<ResponseValue<::std::vec::Vec<::std::string::String>>, Error<()>> {
        let url = format!(
            "{}/-/org/{}/team", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_teams",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a team

For owners and administrators of the organisation.

Sends a `PUT` request to `/-/org/{org}/team`

Arguments:
- `org`: An organisation's name, with or without `@`
- `body`
*/
    pub async fn create_team<'a>(
        &'a self,
        org: &'a str,
        body: &'a types::NewTeam,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/org/{}/team", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_team",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists who belongs to an organisation

Each user with their role: `developer`, `admin` or `owner`; for its members.

Sends a `GET` request to `/-/org/{org}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
*/
    pub async fn list_org_members<'a>(
        &'a self,
        org: &'a str,
    ) -> Result<
        ResponseValue<
            ::std::collections::HashMap<::std::string::String, ::std::string::String>,
        >,
        Error<()>,
    > {
        let url = format!(
            "{}/-/org/{}/user", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_org_members",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a user a member of an organisation, or gives them another role

For its owners and administrators; these have no say over owners. Its last owner stays one
until somebody else is, or an administrator of the service says otherwise: 409. If an administrator of
the service names an organisation that is not there, it is made.

Sends a `PUT` request to `/-/org/{org}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
- `body`
*/
    pub async fn set_org_member<'a>(
        &'a self,
        org: &'a str,
        body: &'a types::NewOrgMember,
    ) -> Result<ResponseValue<types::OrgMembership>, Error<()>> {
        let url = format!(
            "{}/-/org/{}/user", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "set_org_member",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Has a user belong to an organisation and its teams no more

For its owners and administrators, and for the user. Its last owner stays: 409, but where an
administrator of the service asks.

Sends a `DELETE` request to `/-/org/{org}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
- `body`
*/
    pub async fn remove_org_member<'a>(
        &'a self,
        org: &'a str,
        body: &'a types::NamedUser,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/org/{}/user", self.baseurl, encode_path(& org.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_org_member",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Opens or closes a package

A `restricted` one is read by members of the teams that it is bound to, and looks to
everybody else as one that is not there; on every process within a second. For owners and
administrators of the organisation of its scope, and of the service. It need not be
mirrored.

Sends a `POST` request to `/-/package/{fullname}/access`

Arguments:
- `fullname`: A package's name, scope and all
- `body`
*/
    pub async fn change_access<'a>(
        &'a self,
        fullname: &'a str,
        body: &'a types::AccessChange,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/access", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "change_access",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says whether a package is blocked, and why

`data` has the blocks of its versions too; their `version` is `*` for the whole package.

Sends a `GET` request to `/-/package/{fullname}/blocks`

Arguments:
- `fullname`: A package's name, scope and all
*/
    pub async fn show_package_block<'a>(
        &'a self,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::BlockStatus>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_package_block",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Blocks a package

Its packument, manifests, tarballs, dist-tags, downloads and attestations are answered with
451, no search finds it, and nobody syncs it; on every process within a second. The package
need not be mirrored. Blocking it again replaces the reason.

Sends a `PUT` request to `/-/package/{fullname}/blocks`

Arguments:
- `fullname`: A package's name, scope and all
- `body`
*/
    pub async fn block_package<'a>(
        &'a self,
        fullname: &'a str,
        body: &'a types::NewBlock,
    ) -> Result<ResponseValue<types::MadeBlock>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "block_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lifts the block of a package

Also one that the policy about removals made. Blocks of its versions stay. That there was
none is no error.

Sends a `DELETE` request to `/-/package/{fullname}/blocks`

Arguments:
- `fullname`: A package's name, scope and all
*/
    pub async fn unblock_package<'a>(
        &'a self,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "unblock_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says whether a version is blocked, and why

By a block of its own, or one of the whole package.

Sends a `GET` request to `/-/package/{fullname}/blocks/{version}`

Arguments:
- `fullname`: A package's name, scope and all
- `version`: A version.
*/
    pub async fn show_version_block<'a>(
        &'a self,
        fullname: &'a str,
        version: &'a str,
    ) -> Result<ResponseValue<types::BlockStatus>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks/{}", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& version.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_version_block",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Blocks a version of a package

It is hidden from the packument, tags that lead to it fall back, and its manifest and its
tarball are answered with 451. It need not be mirrored.

Sends a `PUT` request to `/-/package/{fullname}/blocks/{version}`

Arguments:
- `fullname`: A package's name, scope and all
- `version`: A version.
- `body`
*/
    pub async fn block_version<'a>(
        &'a self,
        fullname: &'a str,
        version: &'a str,
        body: &'a types::NewBlock,
    ) -> Result<ResponseValue<types::MadeBlock>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks/{}", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& version.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "block_version",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lifts the block of a version

It is shown again as it was. That there was none is no error.

Sends a `DELETE` request to `/-/package/{fullname}/blocks/{version}`

Arguments:
- `fullname`: A package's name, scope and all
- `version`: A version.
*/
    pub async fn unblock_version<'a>(
        &'a self,
        fullname: &'a str,
        version: &'a str,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/blocks/{}", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& version.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "unblock_version",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists who may do something with a package, by their teams

Each user with `read` or `write`.

Sends a `GET` request to `/-/package/{fullname}/collaborators`

Arguments:
- `fullname`: A package's name, scope and all
*/
    pub async fn list_collaborators<'a>(
        &'a self,
        fullname: &'a str,
    ) -> Result<
        ResponseValue<
            ::std::collections::HashMap<::std::string::String, ::std::string::String>,
        >,
        Error<()>,
    > {
        let url = format!(
            "{}/-/package/{}/collaborators", self.baseurl, encode_path(& fullname
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_collaborators",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the dist-tags of a package

Every tag names a version that the packument has.

Sends a `GET` request to `/-/package/{fullname}/dist-tags`

Arguments:
- `fullname`: A package's name, scope and all
*/
    pub async fn list_dist_tags<'a>(
        &'a self,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::DistTags>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/dist-tags", self.baseurl, encode_path(& fullname
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_dist_tags",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Asks for a package to be synced

Asking twice joins: at most one task of a package has not begun. `force` and
`forceSyncHistory` need an administrator.

Sends a `PUT` request to `/-/package/{fullname}/syncs`

Arguments:
- `fullname`: A package's name, scope and all
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
- `body`
*/
    pub async fn create_package_sync<'a>(
        &'a self,
        fullname: &'a str,
        idempotency_key: Option<&'a str>,
        body: &'a types::NewPackageSync,
    ) -> Result<ResponseValue<types::CreatedSync>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/syncs", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_package_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns how a sync is going

With `wait`, as soon as its state is another than at first, and at once if it is
over.

Sends a `GET` request to `/-/package/{fullname}/syncs/{task_id}`

Arguments:
- `fullname`: A package's name, scope and all
- `task_id`: A task's identifier
- `wait`: Seconds to wait for another state.
*/
    pub async fn show_package_sync<'a>(
        &'a self,
        fullname: &'a str,
        task_id: &'a str,
        wait: Option<u64>,
    ) -> Result<ResponseValue<types::SyncStatus>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/syncs/{}", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("wait", &wait))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_package_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Cancels a sync

Withdraws the caller's wish, also from the whole tree of what it led to; the task is
cancelled when nobody else wants it, or if an administrator says so. One that runs
ends within its next heartbeat.

Sends a `DELETE` request to `/-/package/{fullname}/syncs/{task_id}`

Arguments:
- `fullname`: A package's name, scope and all
- `task_id`: A task's identifier
*/
    pub async fn cancel_package_sync<'a>(
        &'a self,
        fullname: &'a str,
        task_id: &'a str,
    ) -> Result<ResponseValue<types::CancelledTask>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/syncs/{}", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "cancel_package_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the log of a sync, as plain text

`offset`, `tail` and `Range` are three ways to ask for a part; use one.

A browser's `EventSource` sends no headers: it brings a ticket. One that is cut comes back
with the same ticket, is answered 401 and closes; ask for another one then, and begin with
`offset` = the last id you had.

Sends a `GET` request to `/-/package/{fullname}/syncs/{task_id}/log`

Arguments:
- `fullname`: A package's name, scope and all
- `task_id`: A task's identifier
- `follow`: Send lines as they are written, until the task ends.
- `offset`: Skip this many lines.
- `tail`: Only the last lines.
- `ticket`: A ticket of `POST /syncs/{task_id}/ticket`, instead of other credentials.
- `last_event_id`: Of events: the number of the last line that was received; they go on behind it
- `range`: The one part that is wanted; answered with 206
*/
    pub async fn show_package_sync_log<'a>(
        &'a self,
        fullname: &'a str,
        task_id: &'a str,
        follow: Option<bool>,
        offset: Option<u64>,
        tail: Option<u64>,
        ticket: Option<&'a str>,
        last_event_id: Option<&'a str>,
        range: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/syncs/{}/log", self.baseurl, encode_path(& fullname
            .to_string()), encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = last_event_id {
            header_map.append("Last-Event-ID", value.to_string().try_into()?);
        }
        if let Some(value) = range {
            header_map.append("Range", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .query(&progenitor_client::QueryParam::new("follow", &follow))
            .query(&progenitor_client::QueryParam::new("offset", &offset))
            .query(&progenitor_client::QueryParam::new("tail", &tail))
            .query(&progenitor_client::QueryParam::new("ticket", &ticket))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_package_sync_log",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says whether everybody may read a package

Asked by whom it is closed to, it is not there.

Sends a `GET` request to `/-/package/{fullname}/visibility`

Arguments:
- `fullname`: A package's name, scope and all
*/
    pub async fn show_visibility<'a>(
        &'a self,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::Visibility>, Error<()>> {
        let url = format!(
            "{}/-/package/{}/visibility", self.baseurl, encode_path(& fullname
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_visibility",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says that it lives

What package managers ask (`npm ping`); looks at nothing.

Sends a `GET` request to `/-/ping`

*/
    pub async fn ping<'a>(&'a self) -> Result<ResponseValue<types::Pong>, Error<()>> {
        let url = format!("{}/-/ping", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "ping",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a packument, whatever its name

The same as `/{fullname}`, also for names that stand for something else there.

Sends a `GET` request to `/-/pkg/{fullname}`

Arguments:
- `fullname`: A package's name, scope and all
- `if_modified_since`: When the caller last got it; 304 if it has not changed since
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_any_packument<'a>(
        &'a self,
        fullname: &'a str,
        if_modified_since: Option<&'a str>,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::Packument>, Error<()>> {
        let url = format!(
            "{}/-/pkg/{}", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_modified_since {
            header_map.append("If-Modified-Since", value.to_string().try_into()?);
        }
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_any_packument",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says whether it should be sent requests

503 with the reasons while the database does not answer, its schema is not for this
build, the blob store takes no bytes, or the process is stopping.

Sends a `GET` request to `/-/ready`

*/
    pub async fn show_readiness<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::Readiness>, Error<()>> {
        let url = format!("{}/-/ready", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_readiness",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists registries by their slugs

Administrators also see how each is asked.

Sends a `GET` request to `/-/registry`

Arguments:
- `page_index`: Which page, from 0.
- `page_size`: Most registries of the page; 20 unless given.
*/
    pub async fn list_registries<'a>(
        &'a self,
        page_index: Option<u64>,
        page_size: Option<u64>,
    ) -> Result<ResponseValue<types::RegistryPage>, Error<()>> {
        let url = format!("{}/-/registry", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageIndex", &page_index))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_registries",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a registry

Of type `artifactory` and `conan` it is a source of the catalogue; all others are mirrored
package by package. One on a private address needs `isInternal`.

Sends a `POST` request to `/-/registry`

*/
    pub async fn create_registry<'a>(
        &'a self,
        body: &'a types::NewRegistry,
    ) -> Result<ResponseValue<types::MadeRegistry>, Error<()>> {
        let url = format!("{}/-/registry", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_registry",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a registry

Its slug, its name and its id all mean it.

Sends a `GET` request to `/-/registry/{registry_id}`

Arguments:
- `registry_id`: A registry's slug, name or identifier
*/
    pub async fn show_registry<'a>(
        &'a self,
        registry_id: &'a str,
    ) -> Result<ResponseValue<types::Registry>, Error<()>> {
        let url = format!(
            "{}/-/registry/{}", self.baseurl, encode_path(& registry_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_registry",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Removes a registry

Refused (409) while mirrored packages or scopes come from it, and of `default` while the
configuration names it. What the catalogue has of it goes with it, which must be wanted:
409 without `force`.

Sends a `DELETE` request to `/-/registry/{registry_id}`

Arguments:
- `registry_id`: A registry's slug, name or identifier
- `force`: Also with what the catalogue has of it.
*/
    pub async fn remove_registry<'a>(
        &'a self,
        registry_id: &'a str,
        force: Option<bool>,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/registry/{}", self.baseurl, encode_path(& registry_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("force", &force))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_registry",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Changes a registry

What is absent stays; `null` takes away what may be missing. Another origin costs it its
credentials, unless new ones come with it. What the configuration says of `default` is
changed there: 409.

Sends a `PATCH` request to `/-/registry/{registry_id}`

Arguments:
- `registry_id`: A registry's slug, name or identifier
- `body`
*/
    pub async fn update_registry<'a>(
        &'a self,
        registry_id: &'a str,
        body: &'a types::RegistryChange,
    ) -> Result<ResponseValue<types::MadeRegistry>, Error<()>> {
        let url = format!(
            "{}/-/registry/{}", self.baseurl, encode_path(& registry_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .patch(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_registry",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Takes an event of a source of the catalogue

A webhook of Artifactory for the domain `artifact`, with the secret that was given to the
registry: in plain, or used for signing. Events of other repositories are passed over.

Sends a `POST` request to `/-/registry/{registry_id}/events`

Arguments:
- `registry_id`: A registry's slug, name or identifier
- `body`
*/
    pub async fn take_catalogue_event<'a>(
        &'a self,
        registry_id: &'a str,
        body: &'a types::CatalogueEvent,
    ) -> Result<ResponseValue<types::TakenEvent>, Error<()>> {
        let url = format!(
            "{}/-/registry/{}/events", self.baseurl, encode_path(& registry_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "take_catalogue_event",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the scopes of a registry by their names

Packages of these come from it, unless they are mirrored from elsewhere already.

Sends a `GET` request to `/-/registry/{registry_id}/scopes`

Arguments:
- `registry_id`: A registry's slug, name or identifier
- `page_index`: Which page, from 0.
- `page_size`: Most scopes of the page; 20 unless given.
*/
    pub async fn list_registry_scopes<'a>(
        &'a self,
        registry_id: &'a str,
        page_index: Option<u64>,
        page_size: Option<u64>,
    ) -> Result<ResponseValue<types::ScopePage>, Error<()>> {
        let url = format!(
            "{}/-/registry/{}/scopes", self.baseurl, encode_path(& registry_id
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageIndex", &page_index))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_registry_scopes",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists all scopes by their names

Private ones have no registry.

Sends a `GET` request to `/-/scope`

Arguments:
- `page_index`: Which page, from 0.
- `page_size`: Most scopes of the page; 20 unless given.
*/
    pub async fn list_scopes<'a>(
        &'a self,
        page_index: Option<u64>,
        page_size: Option<u64>,
    ) -> Result<ResponseValue<types::ScopePage>, Error<()>> {
        let url = format!("{}/-/scope", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("pageIndex", &page_index))
            .query(&progenitor_client::QueryParam::new("pageSize", &page_size))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_scopes",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a scope

New packages of it come from its registry, also as dependencies of others; no other
registry hears of them. A private one's names are told to nobody.

Sends a `POST` request to `/-/scope`

*/
    pub async fn create_scope<'a>(
        &'a self,
        body: &'a types::NewScope,
    ) -> Result<ResponseValue<types::Scope>, Error<()>> {
        let url = format!("{}/-/scope", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_scope",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Forgets a scope

New packages of it come from `default` from then on. Mirrored ones stay where they are.

Sends a `DELETE` request to `/-/scope/{scope_id}`

Arguments:
- `scope_id`: A scope's name or identifier
*/
    pub async fn remove_scope<'a>(
        &'a self,
        scope_id: &'a str,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/scope/{}", self.baseurl, encode_path(& scope_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_scope",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a team

What it is for, and since when it is there; for members of the organisation.

Sends a `GET` request to `/-/team/{org}/{team}`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
*/
    pub async fn show_team<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
    ) -> Result<ResponseValue<types::Team>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_team",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Removes a team

What was bound to it stays closed until it is said to be public.

Sends a `DELETE` request to `/-/team/{org}/{team}`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
*/
    pub async fn remove_team<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_team",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists what is bound to a team

Each package with what the team may do: `read` or `write`.

Sends a `GET` request to `/-/team/{org}/{team}/package`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
*/
    pub async fn list_team_packages<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
    ) -> Result<
        ResponseValue<
            ::std::collections::HashMap<::std::string::String, ::std::string::String>,
        >,
        Error<()>,
    > {
        let url = format!(
            "{}/-/team/{}/{}/package", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_team_packages",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Binds a package to a team

From then on only those read it who are in a team that it is bound to, unless it was said
to be public. For owners and administrators of the organisation, in its own scope; an
administrator of the service binds anything. It need not be mirrored.

Sends a `PUT` request to `/-/team/{org}/{team}/package`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
- `body`
*/
    pub async fn bind_package<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
        body: &'a types::NewBinding,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}/package", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "bind_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Takes a package from a team

It stays closed until it is said to be public.

Sends a `DELETE` request to `/-/team/{org}/{team}/package`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
- `body`
*/
    pub async fn release_package<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
        body: &'a types::BoundPackage,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}/package", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "release_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists who is in a team

By name; for members of the organisation.

Sends a `GET` request to `/-/team/{org}/{team}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
*/
    pub async fn list_team_members<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
    ) -> Result<ResponseValue<::std::vec::Vec<::std::string::String>>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}/user", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_team_members",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Adds a user to a team

Who must belong to the organisation. For its owners and administrators.

Sends a `PUT` request to `/-/team/{org}/{team}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
- `body`
*/
    pub async fn add_team_member<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
        body: &'a types::NamedUser,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}/user", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "add_team_member",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Takes a user out of a team

For owners and administrators of the organisation, and for the user.

Sends a `DELETE` request to `/-/team/{org}/{team}/user`

Arguments:
- `org`: An organisation's name, with or without `@`
- `team`: A team's name within its organisation
- `body`
*/
    pub async fn remove_team_member<'a>(
        &'a self,
        org: &'a str,
        team: &'a str,
        body: &'a types::NamedUser,
    ) -> Result<ResponseValue<types::Done>, Error<()>> {
        let url = format!(
            "{}/-/team/{}/{}/user", self.baseurl, encode_path(& org.to_string()),
            encode_path(& team.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "remove_team_member",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Signs out

The token works no more, on any process. It is one of the caller's own; administrators may
take any away whose text they know.

Sends a `DELETE` request to `/-/user/token/{token}`

Arguments:
- `token`: A token's text
*/
    pub async fn log_out<'a>(
        &'a self,
        token: &'a str,
    ) -> Result<ResponseValue<types::LoggedOut>, Error<()>> {
        let url = format!(
            "{}/-/user/token/{}", self.baseurl, encode_path(& token.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "log_out",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns what is known of a user

The e-mail address only to users (`npm owner` asks this).

Sends a `GET` request to `/-/user/{couch_id}`

Arguments:
- `couch_id`: A user's document: `org.couchdb.user:` and the name
*/
    pub async fn show_user<'a>(
        &'a self,
        couch_id: &'a str,
    ) -> Result<ResponseValue<types::CouchUser>, Error<()>> {
        let url = format!(
            "{}/-/user/{}", self.baseurl, encode_path(& couch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Signs in, or makes a new user

With the right password it is a login; an unknown name with an e-mail address is a
registration, if the server lets anybody register. What is shown as credentials does not
matter here. Who has a second factor sends it as `npm-otp`.

Sends a `PUT` request to `/-/user/{couch_id}`

Arguments:
- `couch_id`: A user's document: `org.couchdb.user:` and the name
- `body`
*/
    pub async fn log_in<'a>(
        &'a self,
        couch_id: &'a str,
        body: &'a types::LogIn,
    ) -> Result<ResponseValue<types::LoggedIn>, Error<()>> {
        let url = format!(
            "{}/-/user/{}", self.baseurl, encode_path(& couch_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "log_in",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Signs in and changes the e-mail address

What old clients do after a conflict. The password is that of `Basic` credentials, else the
body's; where both are given and differ, the body's is the new one.

Sends a `PUT` request to `/-/user/{couch_id}/-rev/{rev}`

Arguments:
- `couch_id`: A user's document: `org.couchdb.user:` and the name
- `rev`: The revision of the document that is changed
- `body`
*/
    pub async fn revise_user<'a>(
        &'a self,
        couch_id: &'a str,
        rev: &'a str,
        body: &'a types::LogIn,
    ) -> Result<ResponseValue<types::LoggedIn>, Error<()>> {
        let url = format!(
            "{}/-/user/{}/-rev/{}", self.baseurl, encode_path(& couch_id.to_string()),
            encode_path(& rev.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "revise_user",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists what a user may do by their teams

Each package with `read` or `write`; for the user, and for administrators.

Sends a `GET` request to `/-/user/{user}/package`

Arguments:
- `user`: A user's name
*/
    pub async fn list_user_packages<'a>(
        &'a self,
        user: &'a str,
    ) -> Result<
        ResponseValue<
            ::std::collections::HashMap<::std::string::String, ::std::string::String>,
        >,
        Error<()>,
    > {
        let url = format!(
            "{}/-/user/{}/package", self.baseurl, encode_path(& user.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_user_packages",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Begins a login that somebody confirms in a browser

Show `loginUrl` to the user, and ask `doneUrl` until there is a token. Both are good for
five minutes.

Sends a `POST` request to `/-/v1/login`

*/
    pub async fn create_web_login<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::WebLogin>, Error<()>> {
        let url = format!("{}/-/v1/login", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_web_login",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Begins a login for which the user types a code at GitHub

Show `userCode` and `verificationUrl` to the user, and ask `/-/v1/login/device/done`
until there is a token. 404 where nobody signs in with GitHub.

Sends a `POST` request to `/-/v1/login/device`

*/
    pub async fn create_device_login<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::DeviceLogin>, Error<()>> {
        let url = format!("{}/-/v1/login/device", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_device_login",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Fetches the token of a login by GitHub's code

202 until the user has typed it; then 200 with a token. 403 for whoever GitHub, or this
server, does not let in.

Sends a `POST` request to `/-/v1/login/device/done`

*/
    pub async fn fetch_device_login<'a>(
        &'a self,
        body: &'a types::DeviceQuestion,
    ) -> Result<ResponseValue<types::Minted>, Error<()>> {
        let url = format!("{}/-/v1/login/device/done", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "fetch_device_login",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Fetches the token of a login

202 until somebody confirms it; then, once, 200 with a token. 404 for one that is
unknown, turned away, too old or fetched.

Sends a `GET` request to `/-/v1/login/done`

Arguments:
- `session`: The login, as `doneUrl` has it.
*/
    pub async fn fetch_web_login<'a>(
        &'a self,
        session: Option<&'a str>,
    ) -> Result<ResponseValue<types::Minted>, Error<()>> {
        let url = format!("{}/-/v1/login/done", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("session", &session))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "fetch_web_login",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Finds packages by their words

Every word must begin a word of the name, a keyword or the description. A name that is
the text comes first, then names that begin with it, then words of names, keywords,
descriptions; ties by name. `keywords:a,b` (either), `keywords:a+b` (both),
`keywords:a,-b` (not b), `author:`, `maintainer:` (or `=name`) and `scope:` choose.
Without a text every package is found, by name.

Sends a `GET` request to `/-/v1/search`

Arguments:
- `from`: How many of the best to pass over.
- `maintenance`: Taken and not used.
- `popularity`: Taken and not used.
- `quality`: Taken and not used: nothing is known of a package's quality.
- `size`: How many, at most; 20 if absent.
- `text`: What to look for.
*/
    pub async fn search_packages<'a>(
        &'a self,
        from: Option<u64>,
        maintenance: Option<f64>,
        popularity: Option<f64>,
        quality: Option<f64>,
        size: Option<u64>,
        text: Option<&'a str>,
    ) -> Result<ResponseValue<types::SearchPage>, Error<()>> {
        let url = format!("{}/-/v1/search", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("from", &from))
            .query(&progenitor_client::QueryParam::new("maintenance", &maintenance))
            .query(&progenitor_client::QueryParam::new("popularity", &popularity))
            .query(&progenitor_client::QueryParam::new("quality", &quality))
            .query(&progenitor_client::QueryParam::new("size", &size))
            .query(&progenitor_client::QueryParam::new("text", &text))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "search_packages",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Says who is asking

The user whose token was shown (`npm whoami`).

Sends a `GET` request to `/-/whoami`

*/
    pub async fn whoami<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::WhoAmI>, Error<()>> {
        let url = format!("{}/-/whoami", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "whoami",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists packages, page by page

Filters must all hold, and compare in any case; an empty one is none. `search` finds what
has all of its words somewhere in the name, the namespace, the description or a topic,
each as a part of a word, too. A page beyond the last is empty. Packages that are there
for recipes only are not listed.

Sends a `GET` request to `/api/v1/packages`

Arguments:
- `category`: Only those of this category.
- `license`: Only those under this licence.
- `limit`: Most packages of a page; 20 if absent.
- `namespace`: Only those of this namespace.
- `order`: Which end comes first; `asc` for names, else `desc`.
- `page`: Which page; the first is 1.
- `search`: Only those that have these words.
- `sort`: By what they are ordered; `relevance` if something is searched for, else `name`.
- `topic`: Only those about this.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn list_catalogue_packages<'a>(
        &'a self,
        category: Option<&'a str>,
        license: Option<&'a str>,
        limit: Option<u64>,
        namespace: Option<&'a str>,
        order: Option<&'a str>,
        page: Option<u64>,
        search: Option<&'a str>,
        sort: Option<&'a str>,
        topic: Option<&'a str>,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CataloguePage>, Error<()>> {
        let url = format!("{}/api/v1/packages", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("category", &category))
            .query(&progenitor_client::QueryParam::new("license", &license))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("namespace", &namespace))
            .query(&progenitor_client::QueryParam::new("order", &order))
            .query(&progenitor_client::QueryParam::new("page", &page))
            .query(&progenitor_client::QueryParam::new("search", &search))
            .query(&progenitor_client::QueryParam::new("sort", &sort))
            .query(&progenitor_client::QueryParam::new("topic", &topic))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_catalogue_packages",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Counts packages by category

A package counts in each of its categories, so that the sum may be more than `total`.

Sends a `GET` request to `/api/v1/packages/stats/categories`

Arguments:
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn count_categories<'a>(
        &'a self,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CategoryCounts>, Error<()>> {
        let url = format!("{}/api/v1/packages/stats/categories", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "count_categories",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Shows a package

As by its name alone, but there is one at most. A namespace that is none is `_`.

Sends a `GET` request to `/api/v1/packages/{namespace}/{name}`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_catalogue_package<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CataloguePackageAnswer>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/{}", self.baseurl, encode_path(& namespace
            .to_string()), encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_catalogue_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Shows the README of a package

That of the highest version that has one, as plain text.

Sends a `GET` request to `/api/v1/packages/{namespace}/{name}/readme`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_catalogue_readme<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/{}/readme", self.baseurl, encode_path(& namespace
            .to_string()), encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "show_catalogue_readme",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the versions of a package

The highest first, by Conan's order.

Sends a `GET` request to `/api/v1/packages/{namespace}/{name}/versions`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
- `limit`: Most versions of a page; 20 if absent.
- `page`: Which page; the first is 1.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn list_catalogue_versions<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        limit: Option<u64>,
        page: Option<u64>,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CatalogueVersionPage>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/{}/versions", self.baseurl, encode_path(& namespace
            .to_string()), encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("page", &page))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_catalogue_versions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Downloads a file of a recipe

Of the version's latest revision, from its source, verified; only if the source was set up
so (`proxiesFiles`). There are `conanfile.py`, `conanmanifest.txt`, `conan_sources.tgz` and
`conan_export.tgz`.

Sends a `GET` request to `/api/v1/packages/{namespace}/{name}/versions/{version}/files/{file}`

Arguments:
- `namespace`: The namespace of a package of the catalogue.
- `name`: The name of a package there.
- `version`: One of its versions.
- `file`: The file.
*/
    pub async fn download_catalogue_file<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
        version: &'a str,
        file: &'a str,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/{}/versions/{}/files/{}", self.baseurl, encode_path(&
            namespace.to_string()), encode_path(& name.to_string()), encode_path(&
            version.to_string()), encode_path(& file.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "download_catalogue_file",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Shows a package by its name

Also as `namespace%2Fname` or `name@namespace`. Of several that have the name it is one of
an official namespace, else the one fetched most, else the oldest; `alternatives` names
the others. The answer has at most 4096 bytes and tells its length; `omitted` says what
was left out for that.

Sends a `GET` request to `/api/v1/packages/{name}`

Arguments:
- `name`: The name of a package of the catalogue, perhaps with its namespace.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn find_catalogue_package<'a>(
        &'a self,
        name: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CataloguePackageAnswer>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}", self.baseurl, encode_path(& name.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "find_catalogue_package",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Shows the README of a package by its name

That of the highest version that has one, as plain text. A package that is called `readme`
is found as `namespace%2Freadme`.

Sends a `GET` request to `/api/v1/packages/{name}/readme`

Arguments:
- `name`: The name of a package of the catalogue, perhaps with its namespace.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn find_catalogue_readme<'a>(
        &'a self,
        name: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/readme", self.baseurl, encode_path(& name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "find_catalogue_readme",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the versions of a package by its name

The highest first, by Conan's order. A package that is called `versions` is found as
`namespace%2Fversions`.

Sends a `GET` request to `/api/v1/packages/{name}/versions`

Arguments:
- `name`: The name of a package of the catalogue, perhaps with its namespace.
- `limit`: Most versions of a page; 20 if absent.
- `page`: Which page; the first is 1.
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn find_catalogue_versions<'a>(
        &'a self,
        name: &'a str,
        limit: Option<u64>,
        page: Option<u64>,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::CatalogueVersionPage>, Error<()>> {
        let url = format!(
            "{}/api/v1/packages/{}/versions", self.baseurl, encode_path(& name
            .to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("page", &page))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "find_catalogue_versions",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists synchronisations, newest first

Also those that came by themselves.

Sends a `GET` request to `/api/v1/sync`

Arguments:
- `cursor`: Where the previous page ended.
- `limit`: How many, at most; 20 unless given.
- `status`: Only those in this state.
*/
    pub async fn list_catalogue_syncs<'a>(
        &'a self,
        cursor: Option<&'a str>,
        limit: Option<u64>,
        status: Option<&'a str>,
    ) -> Result<ResponseValue<types::CatalogueSyncPage>, Error<()>> {
        let url = format!("{}/api/v1/sync", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("cursor", &cursor))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("status", &status))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_catalogue_syncs",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Asks for the catalogue to be synchronised

Answers at once; a full run unless something else is said. Runs that nobody began are
shared. Of several sources, each gets a run of its own below the one that is returned.
`Prefer: wait=20` has the answer wait for the end, at most 25 seconds; with
`Prefer: respond-async` what is not over is answered with 202. `force` and
`allowMassRemoval` need an administrator.

Sends a `POST` request to `/api/v1/sync`

Arguments:
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
- `prefer`: `wait=20`, `respond-async`, or both.
- `body`
*/
    pub async fn create_catalogue_sync<'a>(
        &'a self,
        idempotency_key: Option<&'a str>,
        prefer: Option<&'a str>,
        body: &'a types::NewCatalogueSync,
    ) -> Result<ResponseValue<types::CatalogueSyncBody>, Error<()>> {
        let url = format!("{}/api/v1/sync", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        if let Some(value) = prefer {
            header_map.append("Prefer", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_catalogue_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns how a synchronisation is going

With `wait`, as soon as its state is another than at first, and at once if it is over.
Warnings and errors are told to who asked for it and to administrators: they name addresses.

Sends a `GET` request to `/api/v1/sync/{task_id}`

Arguments:
- `task_id`: A task's identifier
- `wait`: Seconds to wait for another state.
*/
    pub async fn show_catalogue_sync<'a>(
        &'a self,
        task_id: &'a str,
        wait: Option<u64>,
    ) -> Result<ResponseValue<types::CatalogueSyncBody>, Error<()>> {
        let url = format!(
            "{}/api/v1/sync/{}", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("wait", &wait))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_catalogue_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Cancels a synchronisation

Withdraws the caller's wish; it ends when nobody else wants it, or if an administrator
says so. What it has stored stays, and nothing more is taken away. One that is over: 409.

Sends a `DELETE` request to `/api/v1/sync/{task_id}`

Arguments:
- `task_id`: A task's identifier
*/
    pub async fn cancel_catalogue_sync<'a>(
        &'a self,
        task_id: &'a str,
    ) -> Result<ResponseValue<types::CatalogueSyncBody>, Error<()>> {
        let url = format!(
            "{}/api/v1/sync/{}", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "cancel_catalogue_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the log of a synchronisation, as plain text

To who asked for it and to administrators. `offset`, `tail` and `Range` are three ways to
ask for a part; use one.

Sends a `GET` request to `/api/v1/sync/{task_id}/log`

Arguments:
- `task_id`: A task's identifier
- `follow`: Send lines as they are written, until the task ends.
- `offset`: Skip this many lines.
- `tail`: Only the last lines.
*/
    pub async fn show_catalogue_sync_log<'a>(
        &'a self,
        task_id: &'a str,
        follow: Option<bool>,
        offset: Option<u64>,
        tail: Option<u64>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/api/v1/sync/{}/log", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .query(&progenitor_client::QueryParam::new("follow", &follow))
            .query(&progenitor_client::QueryParam::new("offset", &offset))
            .query(&progenitor_client::QueryParam::new("tail", &tail))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_catalogue_sync_log",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists the caller's tokens

Newest first, at most a thousand, without their texts.

Sends a `GET` request to `/api/v1/tokens`

*/
    pub async fn list_tokens<'a>(
        &'a self,
    ) -> Result<ResponseValue<types::ApiTokens>, Error<()>> {
        let url = format!("{}/api/v1/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_tokens",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a token

Needs a session of the site, or a token that is not read-only; the new one never outlives
the one that made it. Who has a second factor sends it as `npm-otp`. The text is in this
answer only.

Sends a `POST` request to `/api/v1/tokens`

*/
    pub async fn create_token<'a>(
        &'a self,
        body: &'a types::NewApiToken,
    ) -> Result<ResponseValue<types::MadeApiToken>, Error<()>> {
        let url = format!("{}/api/v1/tokens", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Revokes one of the caller's tokens, by its identifier

It is refused everywhere within a second.

Sends a `DELETE` request to `/api/v1/tokens/{token_id}`

Arguments:
- `token_id`: A token's identifier
*/
    pub async fn revoke_token<'a>(
        &'a self,
        token_id: &'a str,
    ) -> Result<ResponseValue<types::RevokedApiToken>, Error<()>> {
        let url = format!(
            "{}/api/v1/tokens/{}", self.baseurl, encode_path(& token_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "revoke_token",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns how often a package was downloaded in a period

`last-day` (yesterday), `last-week`, `last-month`, `last-year`, a day (`2026-01-31`), or two
days with a colon between them, at most 549 days.

Sends a `GET` request to `/downloads/point/{period}/{fullname}`

Arguments:
- `period`: `last-week` and the like, or days: `2026-01-01:2026-01-31`
- `fullname`: A package's name, scope and all
*/
    pub async fn show_downloads<'a>(
        &'a self,
        period: &'a str,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::DownloadsPoint>, Error<()>> {
        let url = format!(
            "{}/downloads/point/{}/{}", self.baseurl, encode_path(& period.to_string()),
            encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_downloads",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns how often a package was downloaded on each day of a period

Days of which nothing is known are 0.

Sends a `GET` request to `/downloads/range/{period}/{fullname}`

Arguments:
- `period`: `last-week` and the like, or days: `2026-01-01:2026-01-31`
- `fullname`: A package's name, scope and all
*/
    pub async fn list_downloads<'a>(
        &'a self,
        period: &'a str,
        fullname: &'a str,
    ) -> Result<ResponseValue<types::DownloadsRange>, Error<()>> {
        let url = format!(
            "{}/downloads/range/{}/{}", self.baseurl, encode_path(& period.to_string()),
            encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_downloads",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Lists tasks, newest first

Strangers see package syncs only, without who asked and why.

Sends a `GET` request to `/syncs`

Arguments:
- `code`: Only tasks that ended with this code.
- `cursor`: Where the previous page ended.
- `kind`: Only tasks of this kind.
- `limit`: How many, at most.
- `registry`: Only tasks that read from this registry; its slug, name or id.
- `since`: Only tasks submitted at this instant or later.
- `state`: Only tasks in this state.
- `target`: Only tasks about this; a package's name.
- `until`: Only tasks submitted before this instant.
*/
    pub async fn list_tasks<'a>(
        &'a self,
        code: Option<&'a str>,
        cursor: Option<&'a str>,
        kind: Option<&'a str>,
        limit: Option<u64>,
        registry: Option<&'a str>,
        since: Option<&'a str>,
        state: Option<&'a str>,
        target: Option<&'a str>,
        until: Option<&'a str>,
    ) -> Result<ResponseValue<types::TaskPage>, Error<()>> {
        let url = format!("{}/syncs", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("code", &code))
            .query(&progenitor_client::QueryParam::new("cursor", &cursor))
            .query(&progenitor_client::QueryParam::new("kind", &kind))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("registry", &registry))
            .query(&progenitor_client::QueryParam::new("since", &since))
            .query(&progenitor_client::QueryParam::new("state", &state))
            .query(&progenitor_client::QueryParam::new("target", &target))
            .query(&progenitor_client::QueryParam::new("until", &until))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "list_tasks",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Repeats the tasks that ended in error and fit a filter

Of each package, say, only the newest task is worth it: what has succeeded since, or
is being tried again, is left alone. Cancelled tasks are repeated if `code` says so.

Sends a `POST` request to `/syncs/retry`

Arguments:
- `code`: Only tasks that ended with this code.
- `cursor`: Where the previous page ended.
- `kind`: Only tasks of this kind.
- `limit`: How many, at most.
- `registry`: Only tasks that read from this registry; its slug, name or id.
- `since`: Only tasks submitted at this instant or later.
- `target`: Only tasks about this; a package's name.
- `until`: Only tasks submitted before this instant.
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
*/
    pub async fn retry_failed_tasks<'a>(
        &'a self,
        code: Option<&'a str>,
        cursor: Option<&'a str>,
        kind: Option<&'a str>,
        limit: Option<u64>,
        registry: Option<&'a str>,
        since: Option<&'a str>,
        target: Option<&'a str>,
        until: Option<&'a str>,
        idempotency_key: Option<&'a str>,
    ) -> Result<ResponseValue<types::RetriedTasks>, Error<()>> {
        let url = format!("{}/syncs/retry", self.baseurl,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("code", &code))
            .query(&progenitor_client::QueryParam::new("cursor", &cursor))
            .query(&progenitor_client::QueryParam::new("kind", &kind))
            .query(&progenitor_client::QueryParam::new("limit", &limit))
            .query(&progenitor_client::QueryParam::new("registry", &registry))
            .query(&progenitor_client::QueryParam::new("since", &since))
            .query(&progenitor_client::QueryParam::new("target", &target))
            .query(&progenitor_client::QueryParam::new("until", &until))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "retry_failed_tasks",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a task

With `wait`, as soon as its state is another than at first, and at once if it is
over.

Sends a `GET` request to `/syncs/{task_id}`

Arguments:
- `task_id`: A task's identifier
- `wait`: Seconds to wait for another state.
*/
    pub async fn show_task<'a>(
        &'a self,
        task_id: &'a str,
        wait: Option<u64>,
    ) -> Result<ResponseValue<types::Task>, Error<()>> {
        let url = format!(
            "{}/syncs/{}", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("wait", &wait))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_task",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Cancels a task

Withdraws the caller's wish, also from the whole tree of what it led to; the task is
cancelled when nobody else wants it, or if an administrator says so. One that runs
ends within its next heartbeat.

Sends a `DELETE` request to `/syncs/{task_id}`

Arguments:
- `task_id`: A task's identifier
*/
    pub async fn cancel_task<'a>(
        &'a self,
        task_id: &'a str,
    ) -> Result<ResponseValue<types::CancelledTask>, Error<()>> {
        let url = format!(
            "{}/syncs/{}", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .delete(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "cancel_task",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Changes how urgently a waiting task is wanted

Of one that runs or is over nothing can be changed: 409.

Sends a `PATCH` request to `/syncs/{task_id}`

Arguments:
- `task_id`: A task's identifier
- `body`
*/
    pub async fn update_task<'a>(
        &'a self,
        task_id: &'a str,
        body: &'a types::TaskUpdate,
    ) -> Result<ResponseValue<types::Task>, Error<()>> {
        let url = format!(
            "{}/syncs/{}", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .patch(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .json(&body)
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "update_task",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a task's log, as plain text

`offset`, `tail` and `Range` are three ways to ask for a part; use one.

A browser's `EventSource` sends no headers: it brings a ticket. One that is cut comes back
with the same ticket, is answered 401 and closes; ask for another one then, and begin with
`offset` = the last id you had.

Sends a `GET` request to `/syncs/{task_id}/log`

Arguments:
- `task_id`: A task's identifier
- `follow`: Send lines as they are written, until the task ends.
- `offset`: Skip this many lines.
- `tail`: Only the last lines.
- `ticket`: A ticket of `POST /syncs/{task_id}/ticket`, instead of other credentials.
- `last_event_id`: Of events: the number of the last line that was received; they go on behind it
- `range`: The one part that is wanted; answered with 206
*/
    pub async fn show_task_log<'a>(
        &'a self,
        task_id: &'a str,
        follow: Option<bool>,
        offset: Option<u64>,
        tail: Option<u64>,
        ticket: Option<&'a str>,
        last_event_id: Option<&'a str>,
        range: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/syncs/{}/log", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = last_event_id {
            header_map.append("Last-Event-ID", value.to_string().try_into()?);
        }
        if let Some(value) = range {
            header_map.append("Range", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .query(&progenitor_client::QueryParam::new("follow", &follow))
            .query(&progenitor_client::QueryParam::new("offset", &offset))
            .query(&progenitor_client::QueryParam::new("tail", &tail))
            .query(&progenitor_client::QueryParam::new("ticket", &ticket))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_task_log",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Repeats a task that ended in error, as a new one

The new task wants what every wish for the former one wanted. If the same work waits
already, it is joined.

Sends a `POST` request to `/syncs/{task_id}/retry`

Arguments:
- `task_id`: A task's identifier
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
*/
    pub async fn retry_task<'a>(
        &'a self,
        task_id: &'a str,
        idempotency_key: Option<&'a str>,
    ) -> Result<ResponseValue<types::RetriedTask>, Error<()>> {
        let url = format!(
            "{}/syncs/{}/retry", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "retry_task",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Makes a ticket to read a task's log with

It works once, within 60 seconds, at this task's log (`?ticket=`), and stands for who made
it. For browsers, whose `EventSource` sends no credentials of yours.

Sends a `POST` request to `/syncs/{task_id}/ticket`

Arguments:
- `task_id`: A task's identifier
*/
    pub async fn create_log_ticket<'a>(
        &'a self,
        task_id: &'a str,
    ) -> Result<ResponseValue<types::LogTicket>, Error<()>> {
        let url = format!(
            "{}/syncs/{}/ticket", self.baseurl, encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .post(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_log_ticket",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a packument, full or abbreviated

`Accept: application/vnd.npm.install-v1+json` gets the abbreviated form. Answers
carry a weak `ETag` and `Last-Modified`, and 304 to what is unchanged. Where `sync_mode`
is `proxy`, what is not mirrored is asked of upstream first (503 if it cannot be found
out whether that has it), and what is old says so (`Warning: 110`) and is renewed.

Sends a `GET` request to `/{fullname}`

Arguments:
- `fullname`: A package's name, scope and all
- `if_modified_since`: When the caller last got it; 304 if it has not changed since
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_packument<'a>(
        &'a self,
        fullname: &'a str,
        if_modified_since: Option<&'a str>,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::Packument>, Error<()>> {
        let url = format!("{}/{}", self.baseurl, encode_path(& fullname.to_string()),);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_modified_since {
            header_map.append("If-Modified-Since", value.to_string().try_into()?);
        }
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_packument",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a tarball

Supports `Range`. What is sent was verified against its digest; a tarball that was
not fetched yet is fetched now.

Sends a `GET` request to `/{fullname}/-/{file}`

Arguments:
- `fullname`: A package's name, scope and all
- `file`: A tarball's file name
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
- `if_range`: The entity tag of what the part belongs to; the whole is sent if it has another
- `range`: The one part that is wanted; answered with 206
*/
    pub async fn download_tarball<'a>(
        &'a self,
        fullname: &'a str,
        file: &'a str,
        if_none_match: Option<&'a str>,
        if_range: Option<&'a str>,
        range: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/{}/-/{}", self.baseurl, encode_path(& fullname.to_string()),
            encode_path(& file.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(4usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        if let Some(value) = if_range {
            header_map.append("If-Range", value.to_string().try_into()?);
        }
        if let Some(value) = range {
            header_map.append("Range", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "download_tarball",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a tarball, by a path that repeats the scope

The same as `/{fullname}/-/{file}`; lock files of older clients hold this form.

Sends a `GET` request to `/{fullname}/-/{scope}/{file}`

Arguments:
- `fullname`: A package's name, scope and all
- `scope`: The scope of the package, `@` and all
- `file`: A tarball's file name
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
- `if_range`: The entity tag of what the part belongs to; the whole is sent if it has another
- `range`: The one part that is wanted; answered with 206
*/
    pub async fn download_scoped_tarball<'a>(
        &'a self,
        fullname: &'a str,
        scope: &'a str,
        file: &'a str,
        if_none_match: Option<&'a str>,
        if_range: Option<&'a str>,
        range: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/{}/-/{}/{}", self.baseurl, encode_path(& fullname.to_string()),
            encode_path(& scope.to_string()), encode_path(& file.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(4usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        if let Some(value) = if_range {
            header_map.append("If-Range", value.to_string().try_into()?);
        }
        if let Some(value) = range {
            header_map.append("Range", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "download_scoped_tarball",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns a tarball, by cnpm's path

The same as `/{fullname}/-/{file}`; lock files of cnpm's clients hold this form.

Sends a `GET` request to `/{fullname}/download/{file}`

Arguments:
- `fullname`: A package's name, scope and all
- `file`: A tarball's file name
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
- `if_range`: The entity tag of what the part belongs to; the whole is sent if it has another
- `range`: The one part that is wanted; answered with 206
*/
    pub async fn download_tarball_as_cnpm<'a>(
        &'a self,
        fullname: &'a str,
        file: &'a str,
        if_none_match: Option<&'a str>,
        if_range: Option<&'a str>,
        range: Option<&'a str>,
    ) -> Result<ResponseValue<ByteStream>, Error<()>> {
        let url = format!(
            "{}/{}/download/{}", self.baseurl, encode_path(& fullname.to_string()),
            encode_path(& file.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(4usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        if let Some(value) = if_range {
            header_map.append("If-Range", value.to_string().try_into()?);
        }
        if let Some(value) = range {
            header_map.append("Range", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self.client.get(url).headers(header_map).build()?;
        let info = OperationInfo {
            operation_id: "download_tarball_as_cnpm",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => Ok(ResponseValue::stream(response)),
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns the manifest tagged `sync`

What `/{fullname}/{version}` answers for that dist-tag: a path that both share.

Sends a `GET` request to `/{fullname}/sync`

Arguments:
- `fullname`: A package's name, scope and all
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_manifest_tagged_sync<'a>(
        &'a self,
        fullname: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::Manifest>, Error<()>> {
        let url = format!(
            "{}/{}/sync", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_manifest_tagged_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Asks for a package to be synced (legacy)

The same as `PUT /-/package/{fullname}/syncs`, as older tools spell it.

Sends a `PUT` request to `/{fullname}/sync`

Arguments:
- `fullname`: A package's name, scope and all
- `nodeps`: `true` leaves out the dependencies; anything else does not.
- `idempotency_key`: A name of your own for this request: asking again with it gives the same answer.
*/
    pub async fn create_legacy_sync<'a>(
        &'a self,
        fullname: &'a str,
        nodeps: Option<bool>,
        idempotency_key: Option<&'a str>,
    ) -> Result<ResponseValue<types::CreatedLog>, Error<()>> {
        let url = format!(
            "{}/{}/sync", self.baseurl, encode_path(& fullname.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = idempotency_key {
            header_map.append("Idempotency-Key", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .put(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("nodeps", &nodeps))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "create_legacy_sync",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            201u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns how a sync is going, with its log (legacy)

`log` is the text itself; `offset` leaves out what the caller has already.

Sends a `GET` request to `/{fullname}/sync/log/{task_id}`

Arguments:
- `fullname`: A package's name, scope and all
- `task_id`: A task's identifier
- `offset`: Skip this many lines.
*/
    pub async fn show_legacy_sync_log<'a>(
        &'a self,
        fullname: &'a str,
        task_id: &'a str,
        offset: Option<u64>,
    ) -> Result<ResponseValue<types::LegacyLog>, Error<()>> {
        let url = format!(
            "{}/{}/sync/log/{}", self.baseurl, encode_path(& fullname.to_string()),
            encode_path(& task_id.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .query(&progenitor_client::QueryParam::new("offset", &offset))
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_legacy_sync_log",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
    /**Returns one version's manifest, by version, dist-tag or range

Where `sync_mode` is `proxy`, upstream is asked for what the packument lacks.

Sends a `GET` request to `/{fullname}/{version}`

Arguments:
- `fullname`: A package's name, scope and all
- `version`: A version, a dist-tag or a range
- `if_none_match`: The entity tags that the caller has; 304 if the answer would have one of them
*/
    pub async fn show_manifest<'a>(
        &'a self,
        fullname: &'a str,
        version: &'a str,
        if_none_match: Option<&'a str>,
    ) -> Result<ResponseValue<types::Manifest>, Error<()>> {
        let url = format!(
            "{}/{}/{}", self.baseurl, encode_path(& fullname.to_string()), encode_path(&
            version.to_string()),
        );
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        header_map
            .append(
                ::reqwest::header::HeaderName::from_static("api-version"),
                ::reqwest::header::HeaderValue::from_static(Self::api_version()),
            );
        if let Some(value) = if_none_match {
            header_map.append("If-None-Match", value.to_string().try_into()?);
        }
        #[allow(unused_mut)]
        let mut request = self
            .client
            .get(url)
            .header(
                ::reqwest::header::ACCEPT,
                ::reqwest::header::HeaderValue::from_static("application/json"),
            )
            .headers(header_map)
            .build()?;
        let info = OperationInfo {
            operation_id: "show_manifest",
        };
        self.pre(&mut request, &info).await?;
        let result = self.exec(request, &info).await;
        self.post(&result, &info).await?;
        let response = result?;
        match response.status().as_u16() {
            200u16 => ResponseValue::from_response(response).await,
            _ => Err(Error::UnexpectedResponse(response)),
        }
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
