//! What is shown of one package, small enough for a microcontroller's buffer.
//!
//! Name, namespace and latest version come first, so that even a buffer that is too small shows
//! them. An answer never exceeds [`MAX_BYTES`]: what can be read elsewhere is left out first
//! ([`STEPS`]), and the answer says what was.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::catalogue::{
    CataloguePackage, CatalogueVersion, Dependency, DependencyKind, NO_NAMESPACE,
};
use weir_store::catalogue::Found;

use super::{
    address::address_of,
    model::{A_DAY, license_of, reference_of},
};
use crate::payload::Instant;

/// Largest answer.
pub(crate) const MAX_BYTES: usize = 4_096;
/// Most versions that are shown with their package.
pub(super) const INLINE_VERSIONS: u64 = 20;
/// Most texts of a list, and the longest text, in characters; more would not fit anyway.
const MOST: usize = 40;
const LONGEST: usize = 2_000;
/// A description that is shorter is no use.
const SHORTEST: usize = 40;

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
    full_name: Option<String>,
    /// The latest version, as Conan's client takes it.
    #[oai(nullable)]
    reference: Option<String>,
    /// The highest version that is no pre-release.
    #[oai(nullable)]
    latest_stable_version: Option<String>,
    /// What it is.
    #[oai(nullable)]
    description: Option<String>,
    /// Its licences, as one text.
    #[oai(nullable)]
    license: Option<String>,
    /// Its licences.
    licenses: Vec<String>,
    /// Who made it.
    #[oai(nullable)]
    author: Option<String>,
    /// Its page.
    #[oai(nullable)]
    homepage: Option<String>,
    /// Where its source is.
    #[oai(nullable)]
    repository: Option<String>,
    /// What it is about.
    topics: Vec<String>,
    /// Its categories, the primary one first.
    categories: Vec<String>,
    /// The primary category.
    category: String,
    /// Which versions of the SDK it is for.
    #[oai(nullable)]
    support_sdk_version: Option<String>,
    /// `library`, `header-library`, `python-require` and the like.
    package_type: String,
    /// What the latest version needs.
    dependencies: Vec<DependencyItem>,
    /// How often it was fetched.
    downloads: Downloads,
    /// How many versions there are.
    versions_count: u64,
    /// The highest versions.
    versions: Vec<VersionLine>,
    /// Where all versions are listed.
    #[oai(nullable)]
    versions_url: Option<String>,
    /// What to require, to have it.
    #[oai(nullable)]
    install: Option<String>,
    /// Where its README is.
    #[oai(nullable)]
    readme_url: Option<String>,
    /// Others of that name, as `namespace/name`, if it was asked for by its name alone.
    alternatives: Vec<String>,
    /// When it came to its source.
    created_at: Instant,
    /// When it last changed there.
    updated_at: Instant,
    /// When a synchronisation last looked at it.
    synced_at: Instant,
    /// Fields that were left out or shortened, so that the answer is small.
    omitted: Vec<String>,
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
        answer.fit();
        answer
    }

    fn fits(&self) -> bool {
        serde_json::to_vec(self).is_ok_and(|json| json.len() <= MAX_BYTES)
    }

    fn fit(&mut self) {
        for (field, step) in STEPS {
            let mut is_noted = false;
            while !self.fits() && step(&mut self.data) {
                if !is_noted {
                    self.data.omitted.push((*field).to_owned());
                    is_noted = true;
                }
            }
        }
    }
}

/// Takes a little of a field away; false if nothing was there to take.
type Step = fn(&mut PackageDetail) -> bool;

/// What is taken away, in this order, until the answer fits.
const STEPS: &[(&str, Step)] = &[
    ("versions", |data| data.versions.pop().is_some()),
    ("topics", |data| data.topics.pop().is_some()),
    ("description", |data| shorten(&mut data.description)),
    ("dependencies", |data| data.dependencies.pop().is_some()),
    ("alternatives", |data| data.alternatives.pop().is_some()),
    ("licenses", |data| data.licenses.pop().is_some()),
    ("author", |data| data.author.take().is_some()),
    ("license", |data| data.license.take().is_some()),
    ("homepage", |data| data.homepage.take().is_some()),
    ("repository", |data| data.repository.take().is_some()),
    ("supportSdkVersion", |data| {
        data.support_sdk_version.take().is_some()
    }),
    ("readmeUrl", |data| data.readme_url.take().is_some()),
    ("versionsUrl", |data| data.versions_url.take().is_some()),
    ("categories", |data| {
        data.categories.len() > 1 && data.categories.pop().is_some()
    }),
    ("install", |data| data.install.take().is_some()),
    ("reference", |data| data.reference.take().is_some()),
    ("fullName", |data| data.full_name.take().is_some()),
    ("latestStableVersion", |data| {
        data.latest_stable_version.take().is_some()
    }),
];

/// Halves a text, and drops it at last.
fn shorten(text: &mut Option<String>) -> bool {
    let Some(whole) = text.take() else {
        return false;
    };
    let half = whole.chars().count() / 2;
    if half >= SHORTEST {
        let kept: String = whole.chars().take(half).collect();
        *text = Some(format!("{}…", kept.trim_end_matches('…')));
    }
    true
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
            package_type: facts.package_type.unwrap_or_else(|| "library".to_owned()),
            dependencies: dependencies.map(DependencyItem::from).collect(),
            downloads: Downloads {
                total: downloads,
                last_downloaded_at: None,
            },
            versions_count,
            versions: versions.into_iter().map(VersionLine::from).collect(),
            versions_url: Some(format!("{url}/versions")),
            readme_url: Some(format!("{url}/readme")),
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
            package_type: "library".to_owned(),
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
