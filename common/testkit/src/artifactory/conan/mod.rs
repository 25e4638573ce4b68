//! Conan's interface of one repository: `/api/conan/{repository}/…`.
//!
//! Source: "Conan repositories" in Artifactory's documents, Conan's own client (what it asks in
//! which order, what it takes), and public Artifactory servers (`user/channel` always written, `_`
//! for none; times with `+0000`; no paging).

mod read;
mod write;

pub(super) use read::latest_of_each as packages;
pub(super) use write::{describe, put};

use super::{
    access::Asker,
    answer::Answer,
    call::Call,
    shelf::{Repository, Shelf},
};

/// What a server of this version says it can do. Source: `v1/ping` of a public server.
const CAPABILITIES: &str = "complex_search,checksum_deploy,revisions,matrix_params";

/// The file that is uploaded last; a revision is there when it is.
const MANIFEST: &str = "conanmanifest.txt";
/// That of a recipe, within its revision's folder.
pub(super) const RECIPE_MANIFEST: &str = "export/conanmanifest.txt";

/// A place in the layout `user/name/version/channel`.
fn folder(reference: &[String]) -> String {
    let [name, version, user, channel] = reference else {
        unreachable!("four parts were taken");
    };
    format!("{user}/{name}/{version}/{channel}")
}

/// Answers what comes after `/api/conan/{repository}`; nothing if there is no such place.
pub(super) fn answer(
    shelf: &mut Shelf,
    key: &str,
    path: &[String],
    call: &Call,
    asker: &Asker,
) -> Option<Answer> {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    let is_get = call.is_read();
    let answer = match words[..] {
        ["v1" | "v2", "ping"] if is_get => Answer::empty(200)
            .with("x-conan-server-version", "0.20.0")
            .with("x-conan-server-capabilities", CAPABILITIES),
        ["v2", "users", "authenticate"] if is_get => authenticate(shelf, asker),
        ["v2", "users", "check_credentials"] if is_get => match asker {
            Some(name) => Answer::text(name),
            None => match shelf.check_read(asker) {
                Ok(()) => Answer::text("anonymous"),
                Err(refusal) => refusal,
            },
        },
        ["v2", "conans", "search"] if is_get => match shelf.check_read(asker) {
            Ok(()) => read::search(shelf, key, call),
            Err(refusal) => refusal,
        },
        ["v2", "conans", _, _, _, _, ..] => {
            let (reference, rest) = path[2..].split_at(4);
            return place(shelf, key, (&folder(reference), rest), call, asker);
        }
        _ => return None,
    };
    Some(answer)
}

/// Gives a token that stands for the password from then on.
fn authenticate(shelf: &mut Shelf, asker: &Asker) -> Answer {
    let Some(name) = asker else {
        return Answer::unauthorized("Authentication is required");
    };
    let account = shelf.accounts.get_mut(name).expect("they were known");
    let token = format!("token-{}-of-{name}", account.secrets.len());
    account.secrets.push(token.clone());
    Answer::text(token)
}

/// Answers what is below one reference.
fn place(
    shelf: &mut Shelf,
    key: &str,
    (folder, rest): (&str, &[String]),
    call: &Call,
    asker: &Asker,
) -> Option<Answer> {
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    // Where a revision's files are, by the revision's own path.
    let inside = |path: &[&str]| match path {
        ["revisions", rrev] => Some(format!("{folder}/{rrev}/export")),
        ["revisions", rrev, "packages", pid, "revisions", prev] => {
            Some(format!("{folder}/{rrev}/package/{pid}/{prev}"))
        }
        _ => None,
    };
    if call.method == http::Method::DELETE {
        let gone = match words[..] {
            [] => folder.to_owned(),
            ["revisions", rrev] => format!("{folder}/{rrev}"),
            ["revisions", rrev, "packages"] => format!("{folder}/{rrev}/package"),
            ["revisions", rrev, "packages", pid] => format!("{folder}/{rrev}/package/{pid}"),
            _ => inside(&words)?,
        };
        return Some(write::remove(shelf, key, &gone, asker));
    }
    if let Some(at) = words.iter().position(|word| *word == "files")
        && let Some(folder) = inside(&words[..at])
    {
        let path = format!("{folder}/{}", words[at + 1..].join("/"));
        return match call.method.as_str() {
            "PUT" if at + 1 < words.len() => Some(put(shelf, key, &path, call, asker)),
            "GET" | "HEAD" => Some(match shelf.check_read(asker) {
                Err(refusal) => refusal,
                Ok(()) if at + 1 == words.len() => read::files(shelf, key, &folder),
                Ok(()) => read::file(shelf, key, &path, call),
            }),
            _ => None,
        };
    }
    if !call.is_read() {
        return None;
    }
    if let Err(refusal) = shelf.check_read(asker) {
        return Some(refusal);
    }
    let style = shelf.style(super::times::Style::Bare);
    let reference = reference_of(folder);
    let Some(repository) = shelf.repository(key) else {
        return Some(Answer::not_found());
    };
    Some(match words[..] {
        ["latest"] => read::latest(repository, folder, RECIPE_MANIFEST, style),
        ["revisions"] => read::revisions(repository, (folder, RECIPE_MANIFEST), &reference, style),
        ["revisions", rrev, "search"] => read::packages(repository, &format!("{folder}/{rrev}")),
        ["search"] => match repository.revisions(folder, RECIPE_MANIFEST).first() {
            Some((rrev, _)) => read::packages(repository, &format!("{folder}/{rrev}")),
            None => Answer::not_found(),
        },
        [
            "revisions",
            rrev,
            "packages",
            pid,
            last @ ("latest" | "revisions"),
        ] => {
            let within = format!("{folder}/{rrev}/package/{pid}");
            let reference = format!("{reference}#{rrev}:{pid}");
            if last == "latest" {
                read::latest(repository, &within, MANIFEST, style)
            } else {
                read::revisions(repository, (&within, MANIFEST), &reference, style)
            }
        }
        _ => return None,
    })
}

/// Writes a folder as a reference, the way Artifactory does: with `_` for what is missing.
fn reference_of(folder: &str) -> String {
    let parts: Vec<&str> = folder.splitn(5, '/').collect();
    match parts[..] {
        [user, name, version, channel, ..] => format!("{name}/{version}@{user}/{channel}"),
        _ => unreachable!("a folder of the layout has four parts"),
    }
}

/// Returns the references that have any file, complete or not, in their order.
pub(super) fn references(repository: &Repository) -> Vec<String> {
    let mut folders: Vec<&str> = Vec::new();
    for path in repository.items.keys() {
        let ends = path.match_indices('/').nth(3);
        let Some(folder) = ends.map(|(end, _)| &path[..end]) else {
            continue;
        };
        if folders.last() != Some(&folder) {
            folders.push(folder);
        }
    }
    let mut found: Vec<String> = folders.into_iter().map(reference_of).collect();
    found.sort_unstable();
    found
}

fn not_there(what: &str) -> Answer {
    Answer::error(404, what)
}
