//! What a stand-in has: packages with their history, and what it knows to be gone.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use bytes::Bytes;

use super::edition::Edition;
use crate::package::{Fields, PackageSpec};

/// What looking for something yields.
#[derive(Debug)]
pub(super) enum Found<T> {
    Here(T),
    /// Absent, and it is right to ask for it.
    Absent,
    /// Never heard of.
    Unknown,
}

#[derive(Debug, Default)]
struct Shelves {
    /// Editions of each package, the present one last.
    packages: HashMap<String, Vec<Arc<Edition>>>,
    /// Tarballs handed in as bytes.
    given: HashMap<(String, String), Bytes>,
    /// Documents beside the packages, by path; `None` may be asked for in vain.
    documents: HashMap<String, Option<Bytes>>,
    /// Names that may be asked for in vain.
    absent: HashSet<String>,
}

/// The packages of one stand-in.
#[derive(Debug)]
pub(super) struct Catalogue {
    origin: String,
    shelves: Mutex<Shelves>,
}

impl Catalogue {
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            shelves: Mutex::default(),
        }
    }

    /// Puts a package in, as a further edition if there is one already.
    pub fn put(&self, spec: PackageSpec) {
        if spec.is_absent() {
            return self.expect_absent(spec.name());
        }
        let mut shelves = self.shelves();
        shelves.absent.remove(spec.name());
        let editions = shelves.packages.entry(spec.name().to_owned()).or_default();
        let number = editions.last().map_or(1, |edition| edition.number() + 1);
        editions.push(Arc::new(Edition::made(spec, number, &self.origin)));
    }

    /// Puts a real packument in; every `registry.example` in it becomes this stand-in.
    pub fn keep(&self, name: &str, packument: &str) {
        let here = format!("{}/", self.origin);
        let text = ["https://registry.example/", "http://registry.example/"]
            .iter()
            .fold(packument.to_owned(), |text, there| {
                text.replace(there, &here)
            });
        let fields: Fields = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("the packument of {name} is no JSON object: {error}"));
        let edition = Arc::new(Edition::kept(fields, &self.origin));
        self.shelves()
            .packages
            .insert(name.to_owned(), vec![edition]);
    }

    pub fn give_tarball(&self, name: &str, version: &str, bytes: Bytes) {
        self.shelves()
            .given
            .insert((name.to_owned(), version.to_owned()), bytes);
    }

    pub fn put_document(&self, path: &str, body: Option<Bytes>) {
        self.shelves().documents.insert(path.to_owned(), body);
    }

    /// Returns a document beside the packages.
    pub fn document(&self, path: &str) -> Found<Bytes> {
        match self.shelves().documents.get(path) {
            Some(Some(body)) => Found::Here(body.clone()),
            Some(None) => Found::Absent,
            None => Found::Unknown,
        }
    }

    pub fn expect_absent(&self, name: &str) {
        let mut shelves = self.shelves();
        shelves.packages.remove(name);
        shelves.absent.insert(name.to_owned());
    }

    /// Returns the present edition of a package.
    pub fn edition(&self, name: &str) -> Found<Arc<Edition>> {
        let shelves = self.shelves();
        match shelves
            .packages
            .get(name)
            .and_then(|editions| editions.last())
        {
            Some(edition) => Found::Here(edition.clone()),
            None if shelves.absent.contains(name) => Found::Absent,
            None => Found::Unknown,
        }
    }

    /// Returns the edition before the present one.
    pub fn earlier_edition(&self, name: &str) -> Option<Arc<Edition>> {
        let shelves = self.shelves();
        let editions = shelves.packages.get(name)?;
        editions.get(editions.len().checked_sub(2)?).cloned()
    }

    /// Returns the bytes of a tarball, packed at the first call.
    pub fn tarball(&self, name: &str, version: &str) -> Found<Bytes> {
        let editions = {
            let shelves = self.shelves();
            if let Some(bytes) = shelves.given.get(&(name.to_owned(), version.to_owned())) {
                return Found::Here(bytes.clone());
            }
            match shelves.packages.get(name) {
                Some(editions) => editions.clone(),
                None if shelves.absent.contains(name) => return Found::Absent,
                None => return Found::Unknown,
            }
        };
        let present = editions.last().and_then(|edition| edition.spec());
        if let Some(found) = present.and_then(|spec| spec.find(version)) {
            return Found::Here(found.tarball(name).bytes.clone());
        }
        // Of a kept packument no version is known, so none is unexpected.
        let had = |edition: &Arc<Edition>| {
            edition
                .spec()
                .is_none_or(|spec| spec.find(version).is_some())
        };
        if editions.iter().any(had) {
            Found::Absent
        } else {
            Found::Unknown
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves
            .lock()
            .expect("nobody panics while holding the shelves")
    }
}
