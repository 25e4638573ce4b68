//! What Conan's client writes: files of a revision (the manifest last), and removals.
//!
//! Source: "Deploy Artifact by Checksum" for the empty PUT that comes first.

use sha1::Sha1;
use sha2::Digest;

use super::super::{access::Asker, answer::Answer, call::Call, shelf::Shelf};

/// Takes a file: by its checksum if somebody has it already, else its bytes.
pub(in super::super) fn put(
    shelf: &mut Shelf,
    key: &str,
    path: &str,
    call: &Call,
    asker: &Asker,
) -> Answer {
    let writer = match shelf.check_write(asker) {
        Ok(writer) => writer,
        Err(refusal) => return refusal,
    };
    if !shelf.repositories.contains_key(key) {
        return Answer::not_found();
    }
    let said = call.header("x-checksum-sha1").to_owned();
    if call
        .header("x-checksum-deploy")
        .eq_ignore_ascii_case("true")
    {
        let mut items = shelf.repositories.values().flat_map(|r| r.items.values());
        let known = items.find(|item| item.sha1 == said);
        let Some(bytes) = known.map(|item| item.bytes.clone()) else {
            let message = "Checksum deploy failed. No existing file with SHA1";
            return Answer::error(404, &format!("{message}: {said}"));
        };
        shelf.put(key, path, bytes, &writer);
    } else {
        let came = hex::encode(Sha1::digest(&call.body));
        if !said.is_empty() && said != came {
            let message =
                format!("Checksum error for '{path}': received '{said}' but actual is '{came}'");
            return Answer::error(409, &message);
        }
        shelf.put(key, path, call.body.clone(), &writer);
    }
    let repository = shelf.repositories.get_mut(key).expect("it is there");
    let item = repository.items.get_mut(path).expect("it was just put");
    for (name, value) in &call.matrix {
        item.properties.insert(name.clone(), vec![value.clone()]);
    }
    describe(path, item);
    Answer::empty(201)
}

/// Sets the properties that Artifactory sets on every recipe.
pub(in super::super) fn describe(path: &str, item: &mut super::super::shelf::Item) {
    let parts: Vec<&str> = path.split('/').collect();
    let [user, name, version, channel, _, "export", "conanfile.py"] = parts[..] else {
        return;
    };
    let fields = [
        ("name", name),
        ("version", version),
        ("user", user),
        ("channel", channel),
    ];
    for (field, value) in fields {
        item.properties
            .insert(format!("conan.package.{field}"), vec![value.to_owned()]);
    }
}

/// Removes a folder.
pub(super) fn remove(shelf: &mut Shelf, key: &str, folder: &str, asker: &Asker) -> Answer {
    if let Err(refusal) = shelf.check_write(asker) {
        return refusal;
    }
    match shelf.remove(key, folder) {
        0 => super::not_there(&format!("Not found: {folder}")),
        _ => Answer::empty(200),
    }
}
