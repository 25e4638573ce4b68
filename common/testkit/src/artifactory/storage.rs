//! The storage interface: `/api/storage/{repository}/{path}`, and what there is at the top.
//!
//! Source: "Artifactory REST API": Get Repositories, File Info, Folder Info, File List (Pro, not for
//! anonymous callers, no paging), Item Properties (404 if there are none), File Statistics.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    access::Asker,
    answer::Answer,
    call::Call,
    files,
    shelf::{Item, Repository, Shelf},
    times::{self, Style},
};

/// Lists what the caller may read.
pub(super) fn repositories(shelf: &Shelf, call: &Call, asker: &Asker) -> Answer {
    if let Err(refusal) = shelf.check_read(asker) {
        return refusal;
    }
    let wanted = |field: &str, value: &str| {
        let asked = call.query.get(field);
        asked.is_none_or(|asked| asked.eq_ignore_ascii_case(value))
    };
    let all = shelf.repositories.iter();
    let shown = all.filter(|(_, one)| {
        let fits = wanted("packageType", &one.package_type) && wanted("type", "local");
        fits && !shelf.oddities.shows_nothing
    });
    let list: Vec<Value> = shown
        .map(|(key, one)| {
            json!({
                "key": key, "description": "", "type": "LOCAL", "packageType": one.package_type,
                "url": format!("{}/{key}", call.base),
            })
        })
        .collect();
    Answer::json(&Value::Array(list))
}

/// Answers what comes after `/api/storage`.
pub(super) fn answer(shelf: &Shelf, path: &[String], call: &Call, asker: &Asker) -> Answer {
    if let Err(refusal) = shelf.check_read(asker) {
        return refusal;
    }
    let Some((key, path)) = path.split_first() else {
        return Answer::not_found();
    };
    if shelf.oddities.shows_nothing {
        return Answer::error(403, "Forbidden");
    }
    let Some(repository) = shelf.repositories.get(key) else {
        return Answer::not_found();
    };
    let place = Place {
        shelf,
        repository,
        call,
        key,
        path: path.join("/"),
    };
    let asks = |selector: &str| call.query.contains_key(selector);
    let item = repository.items.get(&place.path);
    if asks("list") {
        if shelf.is_open_source {
            let message = "This REST API is available only in Artifactory Pro.";
            return Answer::error(400, message);
        }
        if asker.is_none() {
            return Answer::error(403, "Anonymous callers may not list.");
        }
        return place.list();
    }
    if asks("properties") {
        return place.properties(item);
    }
    match item {
        Some(item) if asks("stats") => place.stats(item),
        Some(item) => Answer::json(&place.file(item)),
        None => place.folder(),
    }
}

/// Describes a file that was just put. Source: the answer to "Deploy Artifact".
pub(super) fn created(shelf: &Shelf, key: &str, path: &str, call: &Call) -> Answer {
    let repository = &shelf.repositories[key];
    let place = Place {
        shelf,
        repository,
        call,
        key,
        path: path.to_owned(),
    };
    let answer = Answer::json(&place.file(&repository.items[path]));
    Answer {
        status: 201,
        ..answer
    }
}

/// A place in a repository that somebody asks about.
struct Place<'a> {
    shelf: &'a Shelf,
    repository: &'a Repository,
    call: &'a Call,
    key: &'a str,
    path: String,
}

impl Place<'_> {
    fn uri(&self) -> String {
        format!("{}/api/storage/{}/{}", self.call.base, self.key, self.path)
    }

    fn head(&self, item: &Item) -> Map<String, Value> {
        let style = self.shelf.style(Style::Zulu);
        let time = |at| Value::String(times::write(at, style));
        let mut head = Map::new();
        head.insert("repo".to_owned(), json!(self.key));
        head.insert("path".to_owned(), json!(format!("/{}", self.path)));
        head.insert("created".to_owned(), time(item.created));
        head.insert("createdBy".to_owned(), json!(item.by));
        head.insert("lastModified".to_owned(), time(item.modified));
        head.insert("modifiedBy".to_owned(), json!(item.by));
        head.insert("lastUpdated".to_owned(), time(item.created));
        head.insert("uri".to_owned(), json!(self.uri()));
        if self.shelf.oddities.has_loose_types {
            head.insert("somethingNew".to_owned(), json!({ "of": [1, null] }));
        }
        head
    }

    fn file(&self, item: &Item) -> Value {
        let sums = json!({ "sha1": item.sha1, "md5": item.md5, "sha256": item.sha256 });
        let size = item.bytes.len();
        let is_loose = self.shelf.oddities.has_loose_types;
        let mut file = self.head(item);
        let uri = format!("{}/{}/{}", self.call.base, self.key, self.path);
        file.insert("downloadUri".to_owned(), json!(uri));
        let media = files::media_type(&self.path);
        file.insert("mimeType".to_owned(), json!(media));
        // A string, as the documents show it; some versions send a number.
        let text = if is_loose {
            json!(size)
        } else {
            json!(size.to_string())
        };
        file.insert("size".to_owned(), text);
        file.insert("checksums".to_owned(), sums.clone());
        file.insert("originalChecksums".to_owned(), sums);
        Value::Object(file)
    }

    fn folder(&self) -> Answer {
        let mut children: BTreeMap<&str, bool> = BTreeMap::new();
        let mut first = None;
        for (rest, item) in self.repository.below(&self.path) {
            first.get_or_insert(item);
            let (name, is_folder) = match rest.split_once('/') {
                Some((name, _)) => (name, true),
                None => (rest, false),
            };
            children.insert(name, is_folder);
        }
        // An empty repository is a folder all the same.
        let Some(first) = first else {
            return match self.path.as_str() {
                "" => Answer::json(
                    &json!({ "repo": self.key, "path": "/", "children": [], "uri": self.uri() }),
                ),
                _ => Answer::not_found(),
            };
        };
        let is_loose = self.shelf.oddities.has_loose_types;
        let child = |(name, is_folder): (&str, bool)| {
            let folder = if is_loose {
                json!(is_folder.to_string())
            } else {
                json!(is_folder)
            };
            json!({ "uri": format!("/{name}"), "folder": folder })
        };
        let mut folder = self.head(first);
        let children: Vec<Value> = children.into_iter().map(child).collect();
        folder.insert("children".to_owned(), Value::Array(children));
        Answer::json(&Value::Object(folder))
    }

    fn list(&self) -> Answer {
        let is_set = |name: &str| self.call.query.get(name).is_some_and(|value| value == "1");
        let depth = self
            .call
            .query
            .get("depth")
            .and_then(|depth| depth.parse().ok());
        let depth = depth.unwrap_or(if is_set("deep") { usize::MAX } else { 1 });
        let style = self.shelf.style(Style::Zulu);
        let (mut rows, mut folders) = (Vec::new(), BTreeSet::new());
        for (rest, item) in self.repository.below(&self.path) {
            let slashes: Vec<usize> = rest.match_indices('/').map(|(at, _)| at).collect();
            let time = times::write(item.modified, style);
            for at in slashes.iter().take(depth) {
                if is_set("listFolders") && folders.insert(&rest[..*at]) {
                    rows.push(json!({ "uri": format!("/{}", &rest[..*at]), "size": -1,
                        "lastModified": time, "folder": true }));
                }
            }
            if slashes.len() < depth {
                rows.push(json!({ "uri": format!("/{rest}"), "size": item.bytes.len(),
                    "lastModified": time, "folder": false, "sha1": item.sha1, "sha2": item.sha256 }));
            }
        }
        if rows.is_empty() && !self.path.is_empty() {
            return Answer::not_found();
        }
        let created = times::write(weir_domain::Timestamp(0), style);
        Answer::json(&json!({ "uri": self.uri(), "created": created, "files": rows }))
    }

    fn properties(&self, item: Option<&Item>) -> Answer {
        let wanted = self
            .call
            .query
            .get("properties")
            .filter(|list| !list.is_empty());
        let is_wanted =
            |name: &str| wanted.is_none_or(|wanted| wanted.split(',').any(|one| one == name));
        let all = item.into_iter().flat_map(|item| &item.properties);
        let found: BTreeMap<_, _> = all.filter(|(name, _)| is_wanted(name)).collect();
        if found.is_empty() {
            return Answer::error(404, "No properties could be found.");
        }
        Answer::json(&json!({ "properties": found, "uri": self.uri() }))
    }

    fn stats(&self, item: &Item) -> Answer {
        let last = if item.downloads > 0 {
            item.created.0
        } else {
            0
        };
        Answer::json(&json!({
            "uri": self.uri(), "downloadCount": item.downloads, "lastDownloaded": last,
            "lastDownloadedBy": "anonymous", "remoteDownloadCount": 0, "remoteLastDownloaded": 0,
        }))
    }
}
