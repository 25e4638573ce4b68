//! Wire shapes of a search, as npm's registry spells them.

use poem_openapi::{Object, types::Example};
use serde::Serialize;
use weir_domain::{
    PublicBase, Timestamp,
    search::{self, Entry, weight},
};
use weir_store::search::Hit;

use crate::payload::Instant;

/// What was found.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(example)]
pub(crate) struct SearchPage {
    /// The packages, the best first.
    pub(crate) objects: Vec<SearchHit>,
    /// How many there are; at least, if the words are very common ones.
    pub(crate) total: u64,
    /// When this was found.
    pub(crate) time: Instant,
}

/// A package that was found.
#[derive(Debug, Clone, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename_all = "camelCase")]
pub(crate) struct SearchHit {
    /// What it is.
    package: FoundPackage,
    /// How well it meets the query, from 0 to 1.
    score: Score,
    /// The same, as it is compared.
    search_score: f64,
}

/// What is shown of a package.
#[derive(Debug, Clone, Serialize, Object)]
pub(crate) struct FoundPackage {
    /// Its name.
    name: String,
    /// Its scope without `@`, or `unscoped`.
    scope: String,
    /// Its latest version.
    version: String,
    /// What it is.
    description: String,
    /// What it is about.
    keywords: Vec<String>,
    /// When its latest version was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    date: Option<String>,
    /// Where to read on.
    links: Links,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    author: Option<Person>,
    /// Who published its latest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    publisher: Option<Person>,
    /// Who looks after it.
    maintainers: Vec<Person>,
}

/// Where to read on.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "SearchLinks")]
pub(crate) struct Links {
    /// The package in this registry.
    npm: String,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    homepage: Option<String>,
    /// Its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    repository: Option<String>,
    /// Where faults are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    bugs: Option<String>,
}

/// Somebody.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "SearchPerson")]
pub(crate) struct Person {
    /// Name of the account, or of the person.
    username: String,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    email: Option<String>,
}

/// How well a package meets a query.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "SearchScore")]
pub(crate) struct Score {
    /// All in all.
    #[serde(rename = "final")]
    #[oai(rename = "final")]
    total: f64,
    /// What npm's registry weighs besides.
    detail: ScoreDetail,
}

/// What a mirror does not know; always 0.
#[derive(Debug, Clone, Default, Serialize, Object)]
#[oai(rename = "SearchScoreDetail")]
pub(crate) struct ScoreDetail {
    quality: f64,
    popularity: f64,
    maintenance: f64,
}

impl From<search::Person> for Person {
    fn from(person: search::Person) -> Self {
        Self {
            username: person.username,
            email: person.email,
        }
    }
}

impl SearchHit {
    /// Says what was found to somebody who came by `base`.
    pub(super) fn new(hit: Hit, base: &PublicBase) -> Self {
        let Hit { entry, score } = hit;
        #[expect(clippy::cast_precision_loss, reason = "a score has few digits")]
        let search_score = score as f64;
        #[expect(clippy::cast_precision_loss, reason = "a score has few digits")]
        let best = weight::EXACT_NAME as f64;
        Self {
            package: FoundPackage::new(entry, base),
            score: Score {
                total: (search_score / best).min(1.0),
                detail: ScoreDetail::default(),
            },
            search_score,
        }
    }
}

impl FoundPackage {
    fn new(entry: Entry, base: &PublicBase) -> Self {
        let links = Links {
            npm: format!("{}/{}", base.as_str(), entry.name),
            homepage: entry.links.homepage,
            repository: entry.links.repository,
            bugs: entry.links.bugs,
        };
        Self {
            name: entry.name,
            scope: entry.scope,
            version: entry.version,
            description: entry.description,
            keywords: entry.keywords,
            date: entry.date,
            links,
            author: entry.author.map(Person::from),
            publisher: entry.publisher.map(Person::from),
            maintainers: entry.maintainers.into_iter().map(Person::from).collect(),
        }
    }
}

impl Example for SearchPage {
    fn example() -> Self {
        let alice = || Person {
            username: "alice".to_owned(),
            email: Some("alice@example.org".to_owned()),
        };
        let package = FoundPackage {
            name: "left-pad".to_owned(),
            scope: "unscoped".to_owned(),
            version: "1.3.0".to_owned(),
            description: "String left pad".to_owned(),
            keywords: vec!["leftpad".to_owned(), "string".to_owned()],
            date: Some("2018-04-09T00:38:43.317Z".to_owned()),
            links: Links {
                npm: "http://localhost:7373/left-pad".to_owned(),
                homepage: None,
                repository: Some("https://git.example/left-pad".to_owned()),
                bugs: None,
            },
            author: None,
            publisher: Some(alice()),
            maintainers: vec![alice()],
        };
        Self {
            objects: vec![SearchHit {
                package,
                score: Score {
                    total: 1.0,
                    detail: ScoreDetail::default(),
                },
                search_score: 10_003.0,
            }],
            total: 1,
            time: Instant(Timestamp(1_767_225_600_000)),
        }
    }
}
