//! Making the files that are uploaded.

use std::collections::BTreeMap;

use bytes::Bytes;
use md5::Md5;
use sha1::{Digest, Sha1};
use weir_domain::catalogue::Reference;

use super::{Binary, Recipe};
use crate::artifactory::archive;

/// When every recipe was exported.
const EXPORTED_AT: u64 = 1_700_000_000;

/// The files of one revision.
#[derive(Debug, Clone)]
pub struct Built {
    /// What it is called.
    pub reference: Reference,
    /// The recipe's revision.
    pub revision: String,
    /// The recipe's files; the manifest is uploaded last.
    pub files: BTreeMap<String, Bytes>,
    /// Binary packages: id, revision, files.
    pub packages: Vec<(String, String, BTreeMap<String, Bytes>)>,
}

impl Built {
    /// Returns the files by their path below the reference's folder, in the order of an upload.
    pub fn paths(&self) -> Vec<(String, Bytes)> {
        let mut paths = Vec::new();
        let mut add = |folder: String, files: &BTreeMap<String, Bytes>| {
            // `conanmanifest.txt` is uploaded last; it also sorts so.
            for (name, bytes) in files {
                paths.push((format!("{folder}/{name}"), bytes.clone()));
            }
        };
        add(format!("{}/export", self.revision), &self.files);
        for (id, prev, files) in &self.packages {
            add(format!("{}/package/{id}/{prev}", self.revision), files);
        }
        paths
    }
}

/// A manifest, and the revision that follows from it.
fn manifest(sums: &BTreeMap<String, String>) -> (Bytes, String) {
    let line = |(path, sum): (&String, &String)| [path, ": ", sum, "\n"].concat();
    let lines: String = sums.iter().map(line).collect();
    let revision = hex::encode(Md5::digest(lines.as_bytes()));
    (format!("{EXPORTED_AT}\n{lines}").into(), revision)
}

pub(super) fn build(recipe: &Recipe) -> Built {
    let conanfile = recipe.conanfile.clone();
    let conanfile = conanfile.unwrap_or_else(|| recipe.python().into());
    let mut files = BTreeMap::new();
    let mut sums = BTreeMap::new();
    let mut sum = |path: String, content: &Bytes| {
        let wrong = Bytes::from_static(b"something else");
        let is_wrong = recipe.wrong.contains(&path);
        let content = if is_wrong { &wrong } else { content };
        sums.insert(path, hex::encode(Md5::digest(content)));
    };
    sum("conanfile.py".to_owned(), &conanfile);
    if !recipe.exports.is_empty() {
        for (path, content) in &recipe.exports {
            sum(path.clone(), content);
        }
        let exports: Vec<_> = recipe.exports.clone().into_iter().collect();
        files.insert("conan_export.tgz".to_owned(), archive::of(&exports));
    }
    if !recipe.sources.is_empty() {
        let mut sources = recipe.sources.clone();
        // `*` takes the recipe itself along.
        sources.insert("conanfile.py".to_owned(), conanfile.clone());
        for (path, content) in &sources {
            sum(format!("export_source/{path}"), content);
        }
        let sources: Vec<_> = sources.into_iter().collect();
        files.insert("conan_sources.tgz".to_owned(), archive::of(&sources));
    }
    if let Some(archive) = &recipe.archive {
        files.insert("conan_sources.tgz".to_owned(), archive.clone());
    }
    let (manifest, revision) = manifest(&sums);
    files.insert("conanfile.py".to_owned(), conanfile);
    files.insert("conanmanifest.txt".to_owned(), manifest);
    Built {
        reference: recipe.reference.clone(),
        revision: recipe.revision.clone().unwrap_or(revision),
        files,
        packages: recipe.binaries.iter().map(package).collect(),
    }
}

fn package(binary: &Binary) -> (String, String, BTreeMap<String, Bytes>) {
    let section = |(name, lines): &(String, Vec<String>)| {
        let lines: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        format!("[{name}]\n{lines}")
    };
    let info: Bytes = binary.info.iter().map(section).collect::<String>().into();
    let id = hex::encode(Sha1::digest(&info));
    let mut sums: BTreeMap<String, String> = BTreeMap::new();
    for (path, content) in &binary.files {
        sums.insert(path.clone(), hex::encode(Md5::digest(content)));
    }
    sums.insert("conaninfo.txt".to_owned(), hex::encode(Md5::digest(&info)));
    let (manifest, prev) = manifest(&sums);
    let packed: Vec<_> = binary.files.clone().into_iter().collect();
    let files = BTreeMap::from([
        ("conan_package.tgz".to_owned(), archive::of(&packed)),
        ("conaninfo.txt".to_owned(), info),
        ("conanmanifest.txt".to_owned(), manifest),
    ]);
    (id, prev, files)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Manifests and revisions that the real client made.
    #[test]
    fn a_revision_is_the_digest_of_the_manifest() {
        let table = [
            (
                "conanfile.py: b1368e74462c05abf16b6990f7961282",
                "9a0d9676e63ee378930fbc82749faa3e",
            ),
            (
                "conanfile.py: a6601f6ddd19cd519cb7140f87abcdd0\n\
                 export_source/Kconfig: b04037a62f1fc123a3bd92560cf9372c\n\
                 export_source/README.md: 91dfbd9ed986f6f2bd5f7e7c526ec0fa\n\
                 export_source/conanfile.py: a6601f6ddd19cd519cb7140f87abcdd0\n\
                 export_source/sht30.h: 7b321336d04e2763c3a5cfef4bab28dd",
                "4a2d0ade6cafa410b7711d4fbc226dd6",
            ),
        ];
        for (lines, expected) in table {
            let sums = lines.lines().filter_map(|line| line.split_once(": "));
            let sums = sums.map(|(path, sum)| (path.to_owned(), sum.to_owned()));
            let (text, revision) = manifest(&sums.collect());
            assert_eq!(revision, expected);
            assert!(text.ends_with(format!("{lines}\n").as_bytes()));
        }
    }

    /// A package that the real client built.
    #[test]
    fn a_package_is_named_as_conan_names_it() {
        let binary = Binary::default()
            .section("settings", &["os=Linux"])
            .section("options", &["shared=False"])
            .section("requires", &["i2c-core/1.2.Z@sifli"])
            .file("include/sht30.h", "int sht30(void);\n");
        let (id, revision, _) = package(&binary);
        assert_eq!(id, "fb024aeea05d1f9645141f5a66a6ff70e0cb9eac");
        assert_eq!(revision, "d6d951a121381401003b68d78f754668");
    }
}
