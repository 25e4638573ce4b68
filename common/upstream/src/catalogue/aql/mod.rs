//! Artifactory's query language over a Conan repository: a listing that tells every revision, and
//! what changed since a moment. It wants a credential; all else goes through Conan's interface.
//! What changed in a repository of another kind is asked in the same way, of other files.
//!
//! A manifest is uploaded last, so each `export/conanmanifest.txt` is a whole revision, and its
//! path says which. Pages overlap by a row, and rows are kept once: where the last row of one page
//! is not the first of the next, the table changed meanwhile, and is gone through again. `total`
//! counts the rows of a page; a `notification` says that rows are missing.
//!
//! An edition that does not sort has no pages to go through, and is asked otherwise: see `at_once`.
//!
//! Source: Artifactory's documents, "Artifactory Query Language", and its clients' experience.

mod at_once;

use std::collections::{HashMap, HashSet};

use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use weir_domain::{
    Timestamp,
    catalogue::{Reference, Stamp},
    text::printable,
};

use super::{
    CatalogueSource, FileBody, Listing, Reading, SourceError, Spent,
    address::below,
    conan::{Conan, Gathered, is_revision},
    moment::lenient,
    session::Errand,
};

/// How often a table is gone through that changes while it is.
const MAX_PASSES: usize = 3;
/// Revisions this close to each other are in no order we believe.
const CLOSE_MS: i64 = 1000;

/// A Conan repository of an Artifactory, asked by queries where that is better.
#[derive(Debug)]
pub(super) struct Aql {
    pub(super) conan: Conan,
    /// Which files are its rows.
    files: Value,
}

/// What a query answers.
#[derive(Debug, Deserialize)]
struct Page {
    results: Vec<Row>,
    #[serde(default)]
    range: Range,
    #[serde(default)]
    notification: Option<String>,
}

/// Which rows a page has. The documents show the notification here.
#[derive(Debug, Default, Deserialize)]
struct Range {
    #[serde(default)]
    notification: Option<String>,
}

/// A file.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    path: String,
    name: String,
    #[serde(default, deserialize_with = "lenient")]
    created: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    modified: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    updated: Option<Timestamp>,
}

impl Row {
    /// Where it is in its repository.
    pub(super) fn place(&self) -> String {
        format!("{}/{}", self.path, self.name)
    }

    /// When this revision came, or came again.
    fn came_at(&self) -> Option<Timestamp> {
        self.created.max(self.modified)
    }
}

/// Rows by their place, and whether they stood still while they were read.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: HashMap<String, Row>,
    has_moved: bool,
    /// Whether they came in one answer, in no order.
    is_unsorted: bool,
}

impl Aql {
    pub(super) fn new(conan: Conan) -> Self {
        let manifests = json!({"path": {"$match": "*/export"}, "name": "conanmanifest.txt"});
        Self::of(conan, manifests)
    }

    /// Asks about these files of the repository, by fields and what they must be.
    pub(super) fn of(conan: Conan, files: Value) -> Self {
        Self { conan, files }
    }

    async fn everything(&self) -> Result<Listing, SourceError> {
        let table = self.table(None).await?;
        let cursor = table.cursor();
        let (mut gathered, mut times) = (table.gathered(), HashMap::new());
        for row in table.rows.into_values() {
            let Some((reference, revision)) = place(&row.path) else {
                gathered.refuse(&row.path);
                continue;
            };
            let at = row.came_at();
            let known: &mut Newest = times.entry(reference).or_default();
            known.offer(Stamp { revision, at });
        }
        for (reference, newest) in times {
            gathered.put(reference, newest.stamp());
        }
        self.conan.complete(gathered, cursor)
    }

    /// Which revision of what changed is the latest is asked of the reference itself: that of a
    /// row may be an old one whose properties changed.
    async fn changed(&self, since: Timestamp) -> Result<Listing, SourceError> {
        let read = |row: &Row| {
            let (reference, revision) = place(&row.path)?;
            Some((reference, Some(revision)))
        };
        self.since(since, read).await
    }

    /// Lists what changed since a moment, and a little before: what `read` makes of the rows, with
    /// a revision if rows tell one.
    pub(super) async fn since(
        &self,
        since: Timestamp,
        read: impl Fn(&Row) -> Option<(Reference, Option<String>)>,
    ) -> Result<Listing, SourceError> {
        let from = since.minus(self.conan.session.limits().overlap);
        let table = self.table(Some(from)).await?;
        let cursor = table.cursor().max(Some(since));
        let mut gathered = table.gathered();
        let mut seen: HashMap<Reference, Option<String>> = HashMap::new();
        for row in table.rows.values() {
            let Some((reference, revision)) = read(row) else {
                gathered.refuse(&row.place());
                continue;
            };
            let one = seen.entry(reference).or_insert_with(|| revision.clone());
            // Which of several is the latest is not to be told by rows.
            if *one != revision {
                *one = None;
            }
        }
        for (reference, revision) in seen {
            gathered.put_changed(reference, revision);
        }
        Ok(gathered.into_listing(cursor))
    }

    /// Returns when the newest of all files came: changes are known up to then to whoever reads
    /// everything afterwards. Nothing if there are no files.
    pub(super) async fn newest(&self) -> Result<Option<Timestamp>, SourceError> {
        let query = self.find(None)? + ".sort({\"$desc\":[\"created\"]}).limit(1)";
        let rows = match self.ask(query).await {
            Err(error) if at_once::is_refused(&error) => {
                return Ok(self.at_once(None).await?.cursor());
            }
            rows => rows?,
        };
        Ok(rows.iter().filter_map(Row::came_at).max())
    }

    /// Goes through the table until it stands still.
    async fn table(&self, since: Option<Timestamp>) -> Result<Table, SourceError> {
        let mut table = Table::default();
        for _ in 0..MAX_PASSES {
            table.has_moved = false;
            match self.pass(&mut table, since).await {
                Err(error) if table.rows.is_empty() && at_once::is_refused(&error) => {
                    return self.at_once(since).await;
                }
                passed => passed?,
            }
            if !table.has_moved {
                break;
            }
        }
        // What moved past every pass is looked at by itself before it is taken away.
        Ok(table)
    }

    async fn pass(&self, table: &mut Table, since: Option<Timestamp>) -> Result<(), SourceError> {
        let limits = self.conan.session.limits();
        let page_rows = limits.page_rows.max(2);
        let (mut seen, mut last) = (HashSet::new(), None);
        for offset in (0..).step_by(page_rows - 1) {
            let page = self.page(since, offset, page_rows).await?;
            let (count, before) = (page.len(), seen.len());
            let first = page.first().map(Row::place);
            table.has_moved |= last.is_some() && last != first;
            last = page.last().map(Row::place);
            for row in page {
                seen.insert(row.place());
                table.rows.insert(row.place(), row);
            }
            if count < page_rows {
                break;
            }
            if seen.len() == before {
                return Err(SourceError::Invalid(
                    "its pages repeat themselves".to_owned(),
                ));
            }
            if table.rows.len() > limits.listing_entries {
                let why = format!("the listing has more than {} rows", limits.listing_entries);
                return Err(SourceError::TooLarge(why));
            }
        }
        Ok(())
    }

    async fn page(
        &self,
        since: Option<Timestamp>,
        offset: usize,
        rows: usize,
    ) -> Result<Vec<Row>, SourceError> {
        let order = ".sort({\"$asc\":[\"path\",\"name\"]})";
        let found = self.find(since)?;
        self.ask(format!("{found}{order}.offset({offset}).limit({rows})"))
            .await
    }

    /// Begins a query for its files, or those that changed since a moment.
    fn find(&self, since: Option<Timestamp>) -> Result<String, SourceError> {
        let key = self.conan.address.repository.as_deref();
        let key = key.ok_or_else(|| {
            SourceError::Unproven("a query needs the key of a repository".to_owned())
        })?;
        Ok(find(&self.files, key, since))
    }

    async fn ask(&self, query: String) -> Result<Vec<Row>, SourceError> {
        let session = &self.conan.session;
        let url = below(self.conan.root().await?, &["api", "search", "aql"]);
        let errand = Errand::listing(url, session.limits().listing_bytes);
        let page: Page = session.json(&errand.with_query(query)).await?;
        let mut said = page.range.notification.into_iter().chain(page.notification);
        match said.find(|text| !text.trim().is_empty()) {
            Some(text) => Err(SourceError::Invalid(format!(
                "the listing is incomplete: {}",
                printable(&text, 200)
            ))),
            None => Ok(page.results),
        }
    }
}

impl Table {
    /// Begins a listing of it.
    fn gathered(&self) -> Gathered {
        let mut gathered = Gathered::default();
        if self.has_moved {
            gathered.warn("the listing kept changing while it was read".to_owned());
        }
        if self.is_unsorted {
            gathered.warn(at_once::WARNING.to_owned());
        }
        gathered
    }

    /// Returns up to when changes are known, by the server's clock.
    fn cursor(&self) -> Option<Timestamp> {
        let times = |row: &Row| row.came_at().max(row.updated);
        self.rows.values().filter_map(times).max()
    }
}

/// The newest of several revisions.
#[derive(Debug, Default)]
struct Newest {
    best: Option<Stamp>,
    is_doubtful: bool,
}

impl Newest {
    fn offer(&mut self, stamp: Stamp) {
        let Some(best) = &self.best else {
            self.best = Some(stamp);
            return;
        };
        let (Some(old), Some(new)) = (best.at, stamp.at) else {
            self.is_doubtful = true;
            return;
        };
        if (old.0 - new.0).abs() <= CLOSE_MS {
            self.is_doubtful = true;
        } else if new > old {
            // Whatever was in doubt before, this is newer than that.
            self.is_doubtful = false;
        }
        if new > old {
            self.best = Some(stamp);
        }
    }

    /// Returns the newest; nothing if that must be asked.
    fn stamp(self) -> Option<Stamp> {
        self.best.filter(|_| !self.is_doubtful)
    }
}

/// Takes a manifest's folder apart: `user/name/version/channel/revision/export`.
fn place(path: &str) -> Option<(Reference, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    let [user, name, version, channel, revision, "export"] = parts[..] else {
        return None;
    };
    let reference = format!("{name}/{version}@{user}/{channel}").parse().ok()?;
    is_revision(revision).then(|| (reference, revision.to_owned()))
}

/// Writes the beginning of a query for files of a repository.
fn find(files: &Value, key: &str, since: Option<Timestamp>) -> String {
    let mut criteria = files.clone();
    criteria["repo"] = key.into();
    if let Some(since) = since {
        let after = json!({"$gte": since.to_string()});
        let any = ["created", "modified", "updated"].map(|field| json!({field: after}));
        criteria["$or"] = Value::Array(any.to_vec());
    }
    format!(
        "items.find({criteria})\
         .include(\"repo\",\"path\",\"name\",\"created\",\"modified\",\"updated\")"
    )
}

impl CatalogueSource for Aql {
    fn prove(&self) -> BoxFuture<'_, Result<(), SourceError>> {
        self.conan.prove()
    }

    fn list(&self) -> BoxFuture<'_, Result<Listing, SourceError>> {
        self.conan.in_time(self.everything_somehow()).boxed()
    }

    fn changes(&self, since: Timestamp) -> BoxFuture<'_, Result<Option<Listing>, SourceError>> {
        let changed = self.changed(since).map(at_once::unless_too_large);
        self.conan.in_time(changed).boxed()
    }

    fn look<'a>(
        &'a self,
        reference: &'a Reference,
    ) -> BoxFuture<'a, Result<Option<Stamp>, SourceError>> {
        self.conan.look(reference)
    }

    fn read<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
    ) -> BoxFuture<'a, Result<Reading, SourceError>> {
        self.conan.read(reference, stamp)
    }

    fn file<'a>(
        &'a self,
        reference: &'a Reference,
        stamp: &'a Stamp,
        name: &'a str,
    ) -> BoxFuture<'a, Result<FileBody, SourceError>> {
        self.conan.file(reference, stamp, name)
    }

    fn spent(&self) -> Spent {
        self.conan.spent()
    }
}

#[cfg(test)]
mod tests;
