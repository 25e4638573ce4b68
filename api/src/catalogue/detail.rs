//! What is shown of one package, small enough for a microcontroller's buffer.
//!
//! Name, namespace and latest version come first, so that even a buffer that is too small shows
//! them; what would be too much is left out ([`super::fit`]).

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::catalogue::{
    CataloguePackage, CatalogueVersion, Dependency, DependencyKind, NO_NAMESPACE,
};
use weir_store::catalogue::Found;

use super::{
    address::address_of,
    fit::fit,
    model::{A_DAY, license_of, reference_of},
};
use crate::payload::Instant;

/// Most versions that are shown with their package.
pub(super) const INLINE_VERSIONS: u64 = 20;
/// Most texts of a list, and the longest text, in characters; more would not fit anyway.
const MOST: usize = 40;
const LONGEST: usize = 2_000;
/// A version, in short.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "InlineVersion", rename_all = "camelCase")]
pub(crate) struct VersionLine {
    /// As its source writes it.
    version: String,
    /// Its latest revision there.
    revision: String,
    /// Bytes of its files, as far as they were counted.
    #[oai(nullable)]
    size: Option<u64>,
    /// When it came to its source.
    created_at: Instant,
    /// Whether it should not be used any more.
    yanked: bool,
}

/// Something that a package needs.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CatalogueDependency")]
pub(crate) struct DependencyItem {
    /// Its name.
    name: String,
    /// Its namespace, if it has one.
    #[oai(nullable)]
    namespace: Option<String>,
    /// A version, or a range in brackets.
    requirement: String,
    /// `requires`, `tool_requires`, `test_requires` or `python_requires`.
    kind: String,
}

/// How often a package was fetched.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CatalogueDownloads", rename_all = "camelCase")]
pub(crate) struct Downloads {
    /// As often as its source counted.
    total: u64,
    /// When last; not known of today's sources.
    #[oai(nullable)]
    last_downloaded_at: Option<Instant>,
}

/// A package.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CataloguePackage", rename_all = "camelCase")]
pub(crate) struct PackageDetail {
    /// Its name.
    name: String,
    /// Its namespace; `_` if it has none.
    namespace: String,
    /// The highest version, by Conan's order.
    #[oai(nullable)]
    latest_version: Option<String>,
    /// `namespace/name`.
    id: String,
    /// `namespace/name`; the name alone if it has no namespace.
    #[oai(nullable)]
    pub(super) full_name: Option<String>,
    /// The latest version, as Conan's client takes it.
    #[oai(nullable)]
    pub(super) reference: Option<String>,
    /// The highest version that is no pre-release.
    #[oai(nullable)]
    pub(super) latest_stable_version: Option<String>,
    /// What it is.
    #[oai(nullable)]
    pub(super) description: Option<String>,
    /// Its licences, as one text.
    #[oai(nullable)]
    pub(super) license: Option<String>,
    /// Its licences.
    pub(super) licenses: Vec<String>,
    /// Who made it.
    #[oai(nullable)]
    pub(super) author: Option<String>,
    /// Its page.
    #[oai(nullable)]
    pub(super) homepage: Option<String>,
    /// Where its source is.
    #[oai(nullable)]
    pub(super) repository: Option<String>,
    /// What it is about.
    pub(super) topics: Vec<String>,
    /// Its categories, the primary one first.
    pub(super) categories: Vec<String>,
    /// The primary category.
    category: String,
    /// Which versions of the SDK it is for.
    #[oai(nullable)]
    pub(super) support_sdk_version: Option<String>,
    /// `library`, `header-library`, `python-require` and the like.
    #[oai(nullable)]
    pub(super) package_type: Option<String>,
    /// What the latest version needs.
    pub(super) dependencies: Vec<DependencyItem>,
    /// How often it was fetched.
    downloads: Downloads,
    /// How many versions there are.
    versions_count: u64,
    /// The highest versions.
    pub(super) versions: Vec<VersionLine>,
    /// Where all versions are listed.
    #[oai(nullable)]
    pub(super) versions_url: Option<String>,
    /// What to require, to have it.
    #[oai(nullable)]
    pub(super) install: Option<String>,
    /// Where its README is.
    #[oai(nullable)]
    pub(super) readme_url: Option<String>,
    /// Others of that name, as `namespace/name`, if it was asked for by its name alone.
    pub(super) alternatives: Vec<String>,
    /// When it came to its source.
    created_at: Instant,
    /// When it last changed there.
    updated_at: Instant,
    /// When a synchronisation last looked at it.
    synced_at: Instant,
    /// Fields that were left out or shortened, so that the answer is small.
    pub(super) omitted: Vec<String>,
}

/// A package.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CataloguePackageAnswer", example)]
pub(crate) struct PackageAnswer {
    /// The package.
    pub(super) data: PackageDetail,
}

impl From<CatalogueVersion> for VersionLine {
    fn from(version: CatalogueVersion) -> Self {
        Self {
            size: version.size_bytes(),
            version: version.version,
            revision: version.revision,
            created_at: Instant(version.created_at),
            yanked: version.is_yanked,
        }
    }
}

impl From<Dependency> for DependencyItem {
    fn from(dependency: Dependency) -> Self {
        let kind = match dependency.kind {
            DependencyKind::Requires => "requires",
            DependencyKind::ToolRequires => "tool_requires",
            DependencyKind::TestRequires => "test_requires",
            DependencyKind::PythonRequires => "python_requires",
        };
        Self {
            name: dependency.name,
            namespace: dependency.namespace,
            requirement: dependency.requirement,
            kind: kind.to_owned(),
        }
    }
}

impl PackageAnswer {
    /// Says what was found of a package, in an answer that fits.
    pub(super) fn new(found: Found, versions: Vec<CatalogueVersion>) -> Self {
        let mut answer = Self {
            data: PackageDetail::new(found, versions),
        };
        fit(&mut answer);
        answer
    }
}

/// Returns a text, or its beginning.
fn bounded(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl PackageDetail {
    fn new(found: Found, versions: Vec<CatalogueVersion>) -> Self {
        let CataloguePackage {
            key,
            latest_version,
            latest_stable_version,
            facts,
            categories,
            downloads,
            versions_count,
            created_at,
            updated_at,
            synced_at,
            ..
        } = found.package;
        let latest = versions.first();
        let reference = latest.map(|latest| reference_of(&key, &latest.version, &latest.channel));
        let full_name = match key.namespace.as_str() {
            NO_NAMESPACE => key.name.clone(),
            _ => key.to_string(),
        };
        let few = |texts: Vec<String>| -> Vec<String> {
            texts.into_iter().take(MOST).map(bounded).collect()
        };
        let url = address_of(&key);
        let license = license_of(&facts).map(bounded);
        let dependencies = facts.dependencies.into_iter().take(MOST);
        Self {
            id: key.to_string(),
            full_name: Some(full_name),
            install: reference.clone(),
            reference,
            latest_version,
            latest_stable_version,
            license,
            licenses: few(facts.licenses),
            description: facts.description.map(bounded),
            author: facts.author.map(bounded),
            homepage: facts.homepage.map(bounded),
            repository: facts.repository.map(bounded),
            topics: few(facts.topics),
            category: categories.first().cloned().unwrap_or_default(),
            categories,
            support_sdk_version: facts.support_sdk_version.map(bounded),
            package_type: Some(
                facts
                    .package_type
                    .map_or_else(|| "library".to_owned(), bounded),
            ),
            dependencies: dependencies.map(DependencyItem::from).collect(),
            downloads: Downloads {
                total: downloads,
                last_downloaded_at: None,
            },
            versions_count,
            versions: versions.into_iter().map(VersionLine::from).collect(),
            versions_url: Some(format!("{url}/versions")),
            readme_url: found.has_readme.then(|| format!("{url}/readme")),
            alternatives: found
                .alternatives
                .iter()
                .take(MOST)
                .map(ToString::to_string)
                .collect(),
            created_at: Instant(created_at),
            updated_at: Instant(updated_at),
            synced_at: Instant(synced_at),
            omitted: Vec::new(),
            name: key.name,
            namespace: key.namespace,
        }
    }
}

impl Example for PackageAnswer {
    fn example() -> Self {
        let line = VersionLine {
            version: "0.0.5".to_owned(),
            revision: "4a2d0ade6cafa410b7711d4fbc226dd6".to_owned(),
            size: Some(5_120),
            created_at: A_DAY,
            yanked: false,
        };
        let data = PackageDetail {
            name: "sht30".to_owned(),
            namespace: "sifli".to_owned(),
            latest_version: Some("0.0.5".to_owned()),
            id: "sifli/sht30".to_owned(),
            full_name: Some("sifli/sht30".to_owned()),
            reference: Some("sht30/0.0.5@sifli".to_owned()),
            latest_stable_version: Some("0.0.5".to_owned()),
            description: Some("Reads humidity and temperature".to_owned()),
            license: Some("Apache-2.0".to_owned()),
            licenses: vec!["Apache-2.0".to_owned()],
            author: None,
            homepage: None,
            repository: Some("https://git.example/sht30".to_owned()),
            topics: vec!["sensor".to_owned(), "i2c".to_owned()],
            categories: vec!["SENSOR".to_owned()],
            category: "SENSOR".to_owned(),
            support_sdk_version: Some("^2.4".to_owned()),
            package_type: Some("library".to_owned()),
            dependencies: Vec::new(),
            downloads: Downloads {
                total: 42,
                last_downloaded_at: None,
            },
            versions_count: 1,
            versions: vec![line],
            versions_url: Some("/api/v1/packages/sifli/sht30/versions".to_owned()),
            install: Some("sht30/0.0.5@sifli".to_owned()),
            readme_url: Some("/api/v1/packages/sifli/sht30/readme".to_owned()),
            alternatives: Vec::new(),
            created_at: A_DAY,
            updated_at: A_DAY,
            synced_at: A_DAY,
            omitted: Vec::new(),
        };
        Self { data }
    }
}
