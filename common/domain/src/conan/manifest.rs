//! `conanmanifest.txt`: the digests of a revision's files, and through them its own name.
//!
//! The first line is a time, each further one `path: md5`. A revision is the MD5 of those further
//! lines in the order of their paths: who knows the revision can check the manifest, and with it
//! every file. That MD5 is no proof against malice is Conan's choice, not ours.
//!
//! Source: Conan's file format, checked against what its client uploads.

use std::collections::BTreeMap;

use md5::{Digest, Md5};

/// What the path of an exported source begins with in a manifest, but not in its archive.
pub const SOURCES_FOLDER: &str = "export_source/";

/// Names of a README, the preferred ones first; compared without regard to case.
const READMES: [&str; 4] = ["readme.md", "readme.rst", "readme.txt", "readme"];

/// The digests of a revision's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest(BTreeMap<String, String>);

/// The text is not a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no manifest: {0}")]
pub struct InvalidManifest(&'static str);

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// If it is not text, has no time, or a line is not a path and a digest.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidManifest> {
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidManifest("it is not UTF-8"))?;
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let time = lines.next().unwrap_or_default().trim();
        if time.is_empty() || !time.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidManifest("it does not begin with a time"));
        }
        let lines = lines.filter(|line| !line.trim().is_empty());
        lines.map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// Returns the revision whose manifest this is.
    pub fn revision(&self) -> String {
        let mut hash = Md5::new();
        for (path, digest) in &self.0 {
            hash.update(format!("{path}: {digest}\n"));
        }
        hex::encode(hash.finalize())
    }

    /// Says whether it can be the manifest of `revision`. One that is named after a commit (40
    /// hexadecimal digits), or is from a server without revisions (`0`), cannot be checked.
    pub fn is_of(&self, revision: &str) -> bool {
        let is_hex = revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_unchecked = revision == "0" || (revision.len() == 40 && is_hex);
        is_unchecked || self.revision().eq_ignore_ascii_case(revision)
    }

    /// Says whether there is such a file, and `bytes` are its own.
    pub fn fits(&self, path: &str, bytes: &[u8]) -> bool {
        let own = hex::encode(Md5::digest(bytes));
        self.0
            .get(path)
            .is_some_and(|digest| digest.eq_ignore_ascii_case(&own))
    }

    /// Says whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Returns the path of its README at the top, in the sources or beside the recipe.
    pub fn readme(&self) -> Option<&str> {
        let rank = |path: &str| {
            let name = path.strip_prefix(SOURCES_FOLDER).unwrap_or(path);
            READMES
                .iter()
                .position(|wanted| name.eq_ignore_ascii_case(wanted))
        };
        let ranked = self.0.keys().filter_map(|path| Some((rank(path)?, path)));
        ranked.min().map(|(_, path)| path.as_str())
    }
}

fn entry(line: &str) -> Result<(String, String), InvalidManifest> {
    let (path, digest) = line
        .rsplit_once(": ")
        .ok_or(InvalidManifest("a line is no entry"))?;
    let is_md5 = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5
        .then(|| (path.to_owned(), digest.to_owned()))
        .ok_or(InvalidManifest("a digest is no MD5"))
}

/// Returns the id of the package that a `conaninfo.txt` describes.
pub fn package_id(info: &[u8]) -> String {
    hex::encode(sha1::Sha1::digest(info))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Conan's client uploaded it.
    const SHT30: &str = "1763752000
conanfile.py: a6601f6ddd19cd519cb7140f87abcdd0
export_source/Kconfig: b04037a62f1fc123a3bd92560cf9372c
export_source/README.md: 91dfbd9ed986f6f2bd5f7e7c526ec0fa
export_source/conanfile.py: a6601f6ddd19cd519cb7140f87abcdd0
export_source/sht30.h: 7b321336d04e2763c3a5cfef4bab28dd
";

    fn parse(text: &str) -> Manifest {
        Manifest::parse(text.as_bytes()).expect(text)
    }

    #[test]
    fn revisions_are_those_of_conans_client() {
        let base = "1\nconanfile.py: b1368e74462c05abf16b6990f7961282\n";
        let revision = "9a0d9676e63ee378930fbc82749faa3e";
        assert_eq!(parse(base).revision(), revision);
        let sht30 = parse(SHT30);
        assert_eq!(sht30.revision(), "4a2d0ade6cafa410b7711d4fbc226dd6");
        assert!(sht30.is_of("4a2d0ade6cafa410b7711d4fbc226dd6"));
        assert!(!sht30.is_of(revision));
        assert_eq!(sht30.readme(), Some("export_source/README.md"));
    }

    #[test]
    fn the_spelling_of_a_manifest_does_not_change_its_revision() {
        let wanted = parse(SHT30).revision();
        let (time, entries) = SHT30.split_once('\n').expect("lines");
        let backwards: Vec<_> = entries.lines().rev().collect();
        for text in [
            SHT30.replace('\n', "\r\n"),
            format!("\u{feff}{SHT30}\n\n"),
            SHT30.trim_end().to_owned(),
            format!("{time}\n{}", backwards.join("\n")),
        ] {
            assert_eq!(parse(&text).revision(), wanted, "{text}");
        }
    }

    #[test]
    fn a_commit_is_no_digest_of_the_manifest() {
        let manifest = parse("1\n");
        assert!(manifest.is_of(&"ab".repeat(20)));
        assert!(manifest.is_of("0"));
        assert!(!manifest.is_of(&"ab".repeat(16)));
        assert!(!manifest.is_of(&"xy".repeat(20)));
    }

    #[test]
    fn a_file_fits_by_its_digest() {
        let manifest = parse("1\na: b: 900150983cd24fb0d6963f7d28e17f72\n");
        assert!(manifest.fits("a: b", b"abc"));
        assert!(!manifest.fits("a: b", b"abd"));
        assert!(!manifest.fits("a", b"abc"));
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let table: [&[u8]; 6] = [
            b"",
            b"<html>",
            b"x: y\n",
            b"1\nx\n",
            b"1\nx: y\n",
            b"1\n\xff: 0\n",
        ];
        for bytes in table {
            assert!(Manifest::parse(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn markdown_is_preferred_and_folders_below_do_not_count() {
        let md5 = "0".repeat(32);
        let text = format!(
            "1\nexport_source/doc/README.md: {md5}\nexport_source/README: {md5}\nReadMe.md: {md5}\n"
        );
        assert_eq!(parse(&text).readme(), Some("ReadMe.md"));
        let text = format!("1\nexport_source/doc/README.md: {md5}\n");
        assert_eq!(parse(&text).readme(), None);
    }

    /// Packages as Conan's client built them: id, revision, info, other lines of the manifest.
    #[test]
    fn a_package_is_named_after_its_info_and_its_revision_after_its_manifest() {
        let header = "include/sht30.h: c55c08bb46164fbb45dcc46acab2ecdd\n";
        let table = [
            (
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "0ba8627bd47edc3a501e8f0eb9a79e5e",
                "",
                "",
            ),
            (
                "fb024aeea05d1f9645141f5a66a6ff70e0cb9eac",
                "d6d951a121381401003b68d78f754668",
                "[settings]\nos=Linux\n[options]\nshared=False\n[requires]\ni2c-core/1.2.Z@sifli\n",
                header,
            ),
            (
                "deda98362ea9c3834a8bbbbb5d51a60ae8ca7271",
                "aaa34c31fe5daef30327c77c22103b80",
                "[settings]\nos=Linux\n[options]\nshared=True\n[requires]\ni2c-core/1.2.0@sifli\
                 #294a140d139321f04204849913417bce:da39a3ee5e6b4b0d3255bfef95601890afd80709\n",
                header,
            ),
        ];
        for (id, revision, info, lines) in table {
            assert_eq!(package_id(info.as_bytes()), id);
            let digest = hex::encode(Md5::digest(info.as_bytes()));
            let manifest = parse(&format!("1795366835\nconaninfo.txt: {digest}\n{lines}"));
            assert_eq!(manifest.revision(), revision);
            assert!(manifest.fits("conaninfo.txt", info.as_bytes()));
        }
    }
}
