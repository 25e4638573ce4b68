//! What Conan's clients read: search, revisions, files, binary packages.

use serde_json::{Map, Value, json};

use super::{
    super::{
        answer::Answer,
        call::Call,
        files, script,
        shelf::{Repository, Shelf},
        times::{self, Style},
    },
    not_there, references,
};

/// Lists references. The index is its own thing: it may lag behind what is there.
pub(super) fn search(shelf: &Shelf, key: &str, call: &Call) -> Answer {
    let Some(repository) = shelf.repository(key) else {
        // What is not shown is not there: no error, an empty list.
        return Answer::json(&json!({ "results": [] }));
    };
    let folds = !call
        .query
        .get("ignorecase")
        .is_some_and(|word| word.eq_ignore_ascii_case("false"));
    let fold = |text: &str| {
        if folds {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let pattern = call.query.get("q").filter(|q| !q.is_empty());
    let pattern = pattern.map_or_else(|| "*".to_owned(), |pattern| fold(pattern));
    let mut found = references(repository);
    found.retain(|reference| !shelf.oddities.unlisted.contains(reference));
    found.extend(shelf.oddities.stale.iter().cloned());
    found.sort_unstable();
    found.dedup();
    found.retain(|reference| {
        let reference = fold(reference);
        let short = reference.trim_end_matches("/_").trim_end_matches("@_");
        script::fits(&pattern, &reference) || script::fits(&pattern, short)
    });
    Answer::json(&json!({ "results": found }))
}

/// Says which revision is the newest.
pub(super) fn latest(repository: &Repository, folder: &str, mark: &str, style: Style) -> Answer {
    match repository.revisions(folder, mark).first() {
        Some((revision, at)) => {
            let time = times::write(*at, style);
            Answer::json(&json!({ "revision": revision, "time": time }))
        }
        None => not_there(&format!("Not found: {folder}")),
    }
}

/// Lists the revisions, newest first.
pub(super) fn revisions(
    repository: &Repository,
    (folder, mark): (&str, &str),
    reference: &str,
    style: Style,
) -> Answer {
    let found = repository.revisions(folder, mark);
    if found.is_empty() {
        return not_there(&format!("Not found: {reference}"));
    }
    let revision = |(revision, at): &(String, _)| json!({ "revision": revision, "time": times::write(*at, style) });
    let revisions: Vec<Value> = found.iter().map(revision).collect();
    Answer::json(&json!({ "reference": reference, "revisions": revisions }))
}

/// Lists the files of a revision.
pub(super) fn files(shelf: &Shelf, key: &str, folder: &str) -> Answer {
    let Some(repository) = shelf.repository(key) else {
        return Answer::not_found();
    };
    let names = repository.below(folder).map(|(name, _)| name.to_owned());
    let files: Map<String, Value> = names.map(|name| (name, json!({}))).collect();
    if files.is_empty() {
        return not_there(&format!("Not found: {folder}"));
    }
    Answer::json(&json!({ "files": files }))
}

/// Gives a file, and counts it.
pub(super) fn file(shelf: &mut Shelf, key: &str, path: &str, call: &Call) -> Answer {
    let shown = shelf.repository(key).is_some();
    let repository = shelf.repositories.get_mut(key).filter(|_| shown);
    let item = repository.and_then(|repository| repository.items.get_mut(path));
    let Some(item) = item else {
        return not_there(&format!("Not found: {path}"));
    };
    if call.method == http::Method::GET {
        item.downloads += 1;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    files::serve(item, name, &call.headers)
}

/// Lists the binary packages of a recipe's revision, with what each is for.
pub(super) fn packages(repository: &Repository, revision: &str) -> Answer {
    if repository.below(revision).next().is_none() {
        return not_there(&format!("Not found: {revision}"));
    }
    let folder = format!("{revision}/package");
    let content = |(id, prev): (String, String)| {
        let info = format!("{folder}/{id}/{prev}/conaninfo.txt");
        let info = repository.items.get(&info);
        let info = info.map(|item| String::from_utf8_lossy(&item.bytes).into_owned());
        (id, json!({ "content": info.unwrap_or_default() }))
    };
    let all = latest_of_each(repository, &folder).into_iter();
    let found: Map<String, Value> = all.map(content).collect();
    Answer::json(&Value::Object(found))
}

/// Returns the packages in a folder that are complete, with their latest revisions.
pub(in super::super) fn latest_of_each(
    repository: &Repository,
    folder: &str,
) -> Vec<(String, String)> {
    let ids = repository
        .below(folder)
        .filter_map(|(rest, _)| rest.split_once('/'));
    let mut ids: Vec<&str> = ids.map(|(id, _)| id).collect();
    ids.dedup();
    let latest = |id: &str| {
        let found = repository.revisions(&format!("{folder}/{id}"), super::MANIFEST);
        let (revision, _) = found.into_iter().next()?;
        Some((id.to_owned(), revision))
    };
    ids.into_iter().filter_map(latest).collect()
}
