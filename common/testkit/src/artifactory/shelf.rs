//! What the server has: repositories of files at paths, who may do what, and its oddities.
//!
//! Everything that Conan's interface, the storage interface and queries say is derived from the
//! files' paths, so that they cannot disagree by accident.
//!
//! Source: the layout `conan-default`, `user/name/version/channel/rrev/export/…`.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use weir_domain::{Clock, SystemClock, Timestamp};

use crate::package::PackageSpec;

/// A file.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub bytes: Bytes,
    pub sha1: String,
    pub sha256: String,
    pub md5: String,
    /// When its upload was complete; later than `modified`, which is when that began.
    pub created: Timestamp,
    pub modified: Timestamp,
    pub by: String,
    pub properties: BTreeMap<String, Vec<String>>,
    pub downloads: u64,
}

/// Files by path; no path begins with a slash.
#[derive(Debug)]
pub(super) struct Repository {
    /// `Conan`, `Npm`, `Generic`.
    pub package_type: String,
    pub items: BTreeMap<String, Item>,
}

/// Somebody with a name.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub secrets: Vec<String>,
    pub may_write: bool,
}

/// What is strange about it.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    /// Its clock is ahead by this.
    pub ahead_ms: i64,
    /// Sizes, booleans, times and fields vary as they do between versions.
    pub has_loose_types: bool,
    /// Nobody sees anything, and nobody is told.
    pub shows_nothing: bool,
    /// References that the index lists although they are gone.
    pub stale: BTreeSet<String>,
    /// References that the index does not list yet.
    pub unlisted: BTreeSet<String>,
    /// Rows by which a query's later pages reach back.
    pub overlap: usize,
    /// Rows at which a query is trimmed.
    pub trims_at: Option<usize>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Shelf {
    pub repositories: BTreeMap<String, Repository>,
    pub accounts: BTreeMap<String, Account>,
    pub reads_anonymously: bool,
    pub is_open_source: bool,
    pub oddities: Oddities,
    /// What the npm repository knows of the packages whose tarballs it has.
    pub packages: BTreeMap<String, PackageSpec>,
    /// The last moment that was given out; each is later than the one before.
    last: Timestamp,
}

impl Shelf {
    pub fn new() -> Self {
        Self {
            repositories: BTreeMap::new(),
            accounts: BTreeMap::new(),
            reads_anonymously: true,
            is_open_source: false,
            oddities: Oddities::default(),
            packages: BTreeMap::new(),
            last: Timestamp::default(),
        }
    }

    /// Returns the present moment, by its own clock.
    pub fn now(&mut self) -> Timestamp {
        let clock = SystemClock.now().0 + self.oddities.ahead_ms;
        self.last = Timestamp(clock.max(self.last.0 + 1));
        self.last
    }

    pub fn add_repository(&mut self, key: &str, package_type: &str) {
        let repository = Repository {
            package_type: package_type.to_owned(),
            items: BTreeMap::new(),
        };
        self.repositories.insert(key.to_owned(), repository);
    }

    /// Puts a file; one that was there is replaced.
    pub fn put(&mut self, key: &str, path: &str, bytes: Bytes, by: &str) {
        let (modified, created) = (self.now(), self.now());
        let item = Item {
            sha1: hex::encode(Sha1::digest(&bytes)),
            sha256: hex::encode(Sha256::digest(&bytes)),
            md5: hex::encode(Md5::digest(&bytes)),
            bytes,
            created,
            modified,
            by: by.to_owned(),
            properties: BTreeMap::new(),
            downloads: 0,
        };
        let repository = self.repositories.get_mut(key);
        let repository = repository.unwrap_or_else(|| panic!("no repository {key}"));
        repository.items.insert(path.to_owned(), item);
    }

    /// Removes a file, or all below a folder, and returns how many files went.
    pub fn remove(&mut self, key: &str, path: &str) -> usize {
        let Some(repository) = self.repositories.get_mut(key) else {
            return 0;
        };
        let folder = format!("{}/", path.trim_end_matches('/'));
        let before = repository.items.len();
        let stays = |known: &String| known != path && !known.starts_with(&folder);
        repository.items.retain(|known, _| stays(known));
        before - repository.items.len()
    }

    /// Returns a repository that the asker may see.
    pub fn repository(&self, key: &str) -> Option<&Repository> {
        let repository = self.repositories.get(key);
        repository.filter(|_| !self.oddities.shows_nothing)
    }
}

impl Repository {
    /// Returns what is below a folder, with the rest of its path; all of it for no folder.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a Item)> {
        let start = match folder.trim_end_matches('/') {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let found = self.items.range(start.clone()..);
        found.map_while(move |(path, item)| Some((path.strip_prefix(&start)?, item)))
    }

    /// Returns the folders of a folder that hold `mark`, with the moment it came: newest first.
    pub fn revisions(&self, folder: &str, mark: &str) -> Vec<(String, Timestamp)> {
        let mark = format!("/{mark}");
        let found = self.below(folder).filter_map(|(rest, item)| {
            let revision = rest.strip_suffix(&mark)?;
            (!revision.contains('/')).then(|| (revision.to_owned(), item.created))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
        found
    }
}

impl Shelf {
    /// Returns how moments are written where they are usually written so.
    pub fn style(&self, usual: super::times::Style) -> super::times::Style {
        if self.oddities.has_loose_types {
            super::times::Style::Offset
        } else {
            usual
        }
    }
}
