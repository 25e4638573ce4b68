//! Pages of packages: filters, words, orders.
//!
//! Every order is total: what is equal by the key that was asked for goes by namespace and name,
//! so that pages neither repeat nor pass over a package. Words are looked for in one text a
//! package, by `LIKE`, which finds parts of words in every script; names count most. Packages
//! that are there for recipes only are in no list.

use sea_orm::{ConnectionTrait, Value};
use weir_domain::catalogue::CataloguePackage;

use super::{
    categories::{CATEGORY, LICENSE, TOPIC, label_of},
    row::{COLUMNS, PackageRow, SEPARATOR},
};
use crate::{
    StoreError,
    sql::{Count, Sql, by_index, sql},
};

/// What a piece of a search is worth where it is the name, begins it, stands in it, or is the
/// namespace. Two that stand in the name are worth more than one that is it, and a namespace with
/// a name more than the beginning of a longer one.
const EXACT: u8 = 10;
const BEGINNING: u8 = 8;
const WITHIN: u8 = 6;
const NAMESPACE: u8 = 5;

/// Which part of what was found is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many are passed over.
    pub from: u64,
    /// How many are wanted.
    pub size: u64,
}

impl Page {
    pub(super) fn from(self) -> i64 {
        i64::try_from(self.from).unwrap_or(i64::MAX)
    }

    pub(super) fn size(self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }
}

/// By what packages are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// How well they meet the search; without one, it is the name.
    Relevance,
    /// The name.
    #[default]
    Name,
    /// When they last changed at their source.
    Updated,
    /// When they came to it.
    Created,
    /// How often they were fetched.
    Downloads,
}

/// Which packages are wanted, in which order; all by their names, if nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// They have this category.
    pub category: Option<String>,
    /// They have this topic.
    pub topic: Option<String>,
    /// They have this licence.
    pub license: Option<String>,
    /// They are of this namespace.
    pub namespace: Option<String>,
    /// Their words have all of these; see [`weir_domain::catalogue::pieces`].
    pub pieces: Vec<String>,
    /// By what they are ordered.
    pub sort: Sort,
    /// Whether the greatest comes first.
    pub is_descending: bool,
}

/// A page of packages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listed {
    /// The packages.
    pub packages: Vec<CataloguePackage>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Returns a page of the packages that are wanted.
///
/// # Errors
/// If the database cannot be asked, or holds something unreadable.
pub async fn list(
    connection: &impl ConnectionTrait,
    listing: &Listing,
    page: Page,
) -> Result<Listed, StoreError> {
    let rows: Vec<PackageRow> = statement(connection, listing, page).all(connection).await?;
    // A page that is neither empty nor full is the last one.
    let found = rows.len() as u64;
    let is_last = (found > 0 || page.from == 0) && found < page.size;
    let total = if is_last {
        page.from + found
    } else {
        total(connection, listing).await?
    };
    let packages = rows.into_iter().map(CataloguePackage::try_from);
    Ok(Listed {
        packages: packages.collect::<Result<_, _>>()?,
        total,
    })
}

async fn total(connection: &impl ConnectionTrait, listing: &Listing) -> Result<u64, StoreError> {
    let row: Option<Count> = count(listing).one(connection).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or_default()))
}

pub(super) fn statement(connection: &impl ConnectionTrait, listing: &Listing, page: Page) -> Sql {
    let mut values = Values(vec![SEPARATOR.into()]);
    let condition = values.condition(listing);
    let (order_within, order) = (listing.order("c"), listing.order("p"));
    let worth = values.worth(listing);
    let index = by_index(connection, listing.index());
    let (size, from) = (values.bind(page.size()), values.bind(page.from()));
    values.statement(format!(
        "SELECT {COLUMNS} FROM (SELECT c.id, {worth} AS worth FROM catalogue_packages c {index} \
         WHERE {condition} ORDER BY {order_within} LIMIT {size} OFFSET {from}) AS page \
         JOIN catalogue_packages p ON p.id = page.id ORDER BY {order}"
    ))
}

pub(super) fn count(listing: &Listing) -> Sql {
    let mut values = Values(Vec::new());
    let condition = values.condition(listing);
    values.statement(format!(
        "SELECT COUNT(*) AS n FROM catalogue_packages c WHERE {condition}"
    ))
}

impl Listing {
    /// Returns the index that has its order.
    fn index(&self) -> &'static str {
        match self.sort {
            Sort::Relevance | Sort::Name => "catalogue_packages_by_name",
            Sort::Updated => "catalogue_packages_by_update",
            Sort::Created => "catalogue_packages_by_creation",
            Sort::Downloads => "catalogue_packages_by_downloads",
        }
    }

    fn order(&self, table: &str) -> String {
        let way = if self.is_descending { "DESC" } else { "ASC" };
        let column = match self.sort {
            Sort::Relevance if !self.pieces.is_empty() => {
                return format!(
                    "worth {way}, {table}.downloads DESC, {table}.namespace, {table}.name"
                );
            }
            Sort::Relevance | Sort::Name => {
                return format!("{table}.name {way}, {table}.namespace {way}");
            }
            Sort::Updated => "updated_at",
            Sort::Created => "created_at",
            Sort::Downloads => "downloads",
        };
        format!("{table}.{column} {way}, {table}.namespace, {table}.name")
    }
}

/// The values of a statement, numbered as they come.
struct Values(Vec<Value>);

impl Values {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn statement(self, text: String) -> Sql {
        self.0.into_iter().fold(sql(text), Sql::bind)
    }

    /// Returns the condition that a package `c` is wanted.
    fn condition(&mut self, listing: &Listing) -> String {
        let mut all = vec!["c.is_hidden = false".to_owned()];
        if let Some(namespace) = &listing.namespace {
            all.push(format!("c.namespace = {}", self.bind(namespace.as_str())));
        }
        for (kind, label) in [
            (CATEGORY, listing.category.as_deref().map(str::to_uppercase)),
            (TOPIC, listing.topic.as_deref().map(label_of)),
            (LICENSE, listing.license.as_deref().map(label_of)),
        ] {
            let Some(label) = label else { continue };
            let label = self.bind(label);
            all.push(format!(
                "c.id IN (SELECT package_id FROM catalogue_labels \
                 WHERE kind = '{kind}' AND label = {label})"
            ));
        }
        for piece in &listing.pieces {
            let pattern = self.bind(format!("%{}%", escaped(piece)));
            all.push(format!("c.words LIKE {pattern} ESCAPE '!'"));
        }
        all.join(" AND ")
    }

    /// Returns what a package `c` is worth for a search.
    fn worth(&mut self, listing: &Listing) -> String {
        if listing.sort != Sort::Relevance {
            return "0".to_owned();
        }
        let each = listing.pieces.iter().map(|piece| {
            let exact = self.bind(piece.as_str());
            let beginning = self.bind(format!("{}%", escaped(piece)));
            let within = self.bind(format!("%{}%", escaped(piece)));
            // The first line of its words is its name.
            let name = "substr(c.words, 1, length(c.name))";
            format!(
                " + CASE WHEN {name} = {exact} THEN {EXACT} \
                 WHEN {name} LIKE {beginning} ESCAPE '!' THEN {BEGINNING} \
                 WHEN {name} LIKE {within} ESCAPE '!' THEN {WITHIN} \
                 WHEN lower(c.namespace) = {exact} THEN {NAMESPACE} ELSE 0 END"
            )
        });
        format!("0{}", each.collect::<String>())
    }
}

/// Takes their meaning from what patterns are made of.
fn escaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            plain.push('!');
        }
        plain.push(c);
    }
    plain
}
