//! Wire shapes of lists: packages, versions, categories.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::{
    Digest, Timestamp,
    catalogue::{
        CataloguePackage, CatalogueVersion, CategoryCount, Facts, PackageKey, Reference,
        SourceArchive, categories::title_of,
    },
};
use weir_store::catalogue::Counts;

use super::paging::{Numbered, Pagination};
use crate::payload::{Asked, Instant, Violations};

/// A package in a list.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CataloguePackageItem", rename_all = "camelCase")]
pub(crate) struct PackageItem {
    /// `namespace/name`.
    id: String,
    /// Its name.
    name: String,
    /// Its namespace; `_` if it has none.
    namespace: String,
    /// The highest version.
    #[oai(nullable)]
    latest_version: Option<String>,
    /// What it is.
    #[oai(nullable)]
    description: Option<String>,
    /// Its licences, as one text.
    #[oai(nullable)]
    license: Option<String>,
    /// What it is about.
    topics: Vec<String>,
    /// Its categories, the primary one first.
    categories: Vec<String>,
    /// The primary category.
    category: String,
    /// How often it was fetched, as far as its source counts.
    downloads: u64,
    /// How many versions there are.
    versions_count: u64,
    /// When it came to its source.
    created_at: Instant,
    /// When it last changed there.
    updated_at: Instant,
}

/// Returns all licences as one text.
pub(super) fn license_of(facts: &Facts) -> Option<String> {
    let text = facts.licenses.join(", ");
    (!text.is_empty()).then_some(text)
}

impl From<CataloguePackage> for PackageItem {
    fn from(package: CataloguePackage) -> Self {
        let license = license_of(&package.facts);
        Self {
            id: package.key.to_string(),
            name: package.key.name,
            namespace: package.key.namespace,
            latest_version: package.latest_version,
            description: package.facts.description,
            license,
            topics: package.facts.topics,
            category: package.categories.first().cloned().unwrap_or_default(),
            categories: package.categories,
            downloads: package.downloads,
            versions_count: package.versions_count,
            created_at: Instant(package.created_at),
            updated_at: Instant(package.updated_at),
        }
    }
}

/// A page of packages.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CataloguePage", example)]
pub(crate) struct PackagePage {
    /// The packages.
    pub(super) data: Vec<PackageItem>,
    /// Which page it is.
    pub(super) pagination: Pagination,
}

/// A version.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "CatalogueVersion", rename_all = "camelCase")]
pub(crate) struct VersionItem {
    /// As its source writes it.
    version: String,
    /// As Conan's client takes it.
    reference: String,
    /// Its latest revision there.
    revision: String,
    /// Bytes of its files, as far as they were counted.
    #[oai(nullable)]
    size: Option<u64>,
    /// Its licences, as one text.
    #[oai(nullable)]
    license: Option<String>,
    /// Which versions of the SDK it is for.
    #[oai(nullable)]
    support_sdk_version: Option<String>,
    /// What its recipe fetches to build it, as its `conandata.yml` says; nobody looked there.
    sources: Vec<SourceItem>,
    /// Whether it should not be used any more.
    yanked: bool,
    /// When it came to its source.
    created_at: Instant,
    /// When its latest revision did.
    updated_at: Instant,
}

/// An archive of sources.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CatalogueSourceArchive")]
pub(crate) struct SourceItem {
    /// Where it lies: `http`, `https` or `ftp`.
    url: String,
    /// Its SHA-256, in hexadecimal, if the recipe says it.
    #[oai(nullable)]
    sha256: Option<String>,
}

impl From<SourceArchive> for SourceItem {
    fn from(archive: SourceArchive) -> Self {
        Self {
            url: archive.url,
            sha256: archive.sha256.map(|digest| digest.to_string()),
        }
    }
}

/// Returns the reference of a version.
pub(super) fn reference_of(key: &PackageKey, version: &str, channel: &str) -> String {
    let reference = Reference {
        key: key.clone(),
        version: version.to_owned(),
        channel: channel.to_owned(),
    };
    reference.to_string()
}

impl VersionItem {
    pub(super) fn new(key: &PackageKey, version: CatalogueVersion) -> Self {
        Self {
            reference: reference_of(key, &version.version, &version.channel),
            size: version.size_bytes(),
            license: license_of(&version.facts),
            version: version.version,
            revision: version.revision,
            support_sdk_version: version.facts.support_sdk_version,
            sources: version
                .facts
                .sources
                .into_iter()
                .map(SourceItem::from)
                .collect(),
            yanked: version.is_yanked,
            created_at: Instant(version.created_at),
            updated_at: Instant(version.updated_at),
        }
    }
}

/// A page of versions.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CatalogueVersionPage", example)]
pub(crate) struct VersionPage {
    /// The versions, the highest first.
    pub(super) data: Vec<VersionItem>,
    /// Which page it is.
    pub(super) pagination: Pagination,
}

/// How much there is of a category.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "CategoryCount")]
pub(crate) struct CountItem {
    /// The category, as filters take it.
    category: String,
    /// The same for people.
    name: String,
    /// Packages that have it, whether it is their primary one or not.
    count: u64,
}

impl From<CategoryCount> for CountItem {
    fn from(count: CategoryCount) -> Self {
        Self {
            name: title_of(&count.category),
            category: count.category,
            count: count.count,
        }
    }
}

/// How much there is of each category.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase", example)]
pub(crate) struct CategoryCounts {
    /// The categories, the commonest first.
    data: Vec<CountItem>,
    /// Packages; what is counted in `data` may be more, as a package counts in each of its
    /// categories.
    total: u64,
    /// Categories.
    total_categories: u64,
    /// When a synchronisation last went well.
    #[oai(nullable)]
    last_synced_at: Option<Instant>,
}

impl From<Counts> for CategoryCounts {
    fn from(counts: Counts) -> Self {
        Self {
            total: counts.total,
            total_categories: counts.categories.len() as u64,
            last_synced_at: counts.synced_at.map(Instant),
            data: counts.categories.into_iter().map(CountItem::from).collect(),
        }
    }
}

/// A moment of examples.
pub(super) const A_DAY: Instant = Instant(Timestamp(1_767_225_600_000));

fn first_of(total: u64) -> Pagination {
    Numbered::take(
        Asked::default(),
        Asked::default(),
        &mut Violations::default(),
    )
    .of(total)
}

impl Example for PackagePage {
    fn example() -> Self {
        let item = PackageItem {
            id: "sifli/sht30".to_owned(),
            name: "sht30".to_owned(),
            namespace: "sifli".to_owned(),
            latest_version: Some("0.0.5".to_owned()),
            description: Some("Reads humidity and temperature".to_owned()),
            license: Some("Apache-2.0".to_owned()),
            topics: vec!["sensor".to_owned(), "i2c".to_owned()],
            categories: vec!["SENSOR".to_owned()],
            category: "SENSOR".to_owned(),
            downloads: 42,
            versions_count: 2,
            created_at: A_DAY,
            updated_at: A_DAY,
        };
        Self {
            data: vec![item],
            pagination: first_of(1),
        }
    }
}

impl Example for VersionPage {
    fn example() -> Self {
        let version = VersionItem {
            version: "0.0.5".to_owned(),
            reference: "sht30/0.0.5@sifli".to_owned(),
            revision: "4a2d0ade6cafa410b7711d4fbc226dd6".to_owned(),
            size: Some(5_120),
            license: Some("Apache-2.0".to_owned()),
            support_sdk_version: Some("^2.4".to_owned()),
            sources: vec![SourceItem {
                url: "https://registry.example/sht30-0.0.5.tar.gz".to_owned(),
                sha256: Some(Digest([0xab; 32]).to_string()),
            }],
            yanked: false,
            created_at: A_DAY,
            updated_at: A_DAY,
        };
        Self {
            data: vec![version],
            pagination: first_of(1),
        }
    }
}

impl Example for CategoryCounts {
    fn example() -> Self {
        let of = |category: &str, count| CountItem {
            category: category.to_owned(),
            name: title_of(category),
            count,
        };
        Self {
            data: vec![of("SENSOR", 12), of("UNCATEGORIZED", 3)],
            total: 15,
            total_categories: 2,
            last_synced_at: Some(A_DAY),
        }
    }
}
