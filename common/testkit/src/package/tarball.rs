//! Real gzip tarballs as `npm pack` lays them out, the same bytes every time.
//!
//! `package/package.json`, `package/README.md`, `package/index.js`, and when a size is asked
//! for `package/filler.bin` with noise that does not compress.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// What a package without filler weighs, about; taken off the wanted size.
const PACKED_OVERHEAD: usize = 600;
/// The modification time that `npm pack` gives every file.
const PACKED_AT: u64 = 499_162_500;

/// A packed tarball and what a registry says about it.
#[derive(Debug, Clone)]
pub struct Tarball {
    /// The gzip file.
    pub bytes: Bytes,
    /// `dist.integrity`: SHA-512 as Subresource Integrity.
    pub integrity: String,
    /// `dist.shasum`: SHA-1 in hexadecimal.
    pub shasum: String,
    /// `dist.fileCount`.
    pub file_count: usize,
    /// `dist.unpackedSize`.
    pub unpacked_bytes: usize,
}

/// What goes into a tarball.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contents<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub package_json: &'a str,
    /// About how large the gzip file shall be.
    pub size: usize,
    /// Another number gives other bytes for the same version.
    pub edition: u32,
}

impl Tarball {
    /// Packs a tarball.
    pub(crate) fn pack(contents: Contents<'_>) -> Self {
        let Contents {
            name,
            version,
            edition,
            ..
        } = contents;
        let readme = format!("# {name}\n\nMade for a test. Edition {edition}.\n");
        let index = format!("module.exports = {{ name: '{name}', version: '{version}' }};\n");
        let filler = noise(
            &format!("{name}@{version}#{edition}"),
            contents.size.saturating_sub(PACKED_OVERHEAD),
        );
        let mut files: Vec<(&str, &[u8])> = vec![
            ("package/package.json", contents.package_json.as_bytes()),
            ("package/README.md", readme.as_bytes()),
            ("package/index.js", index.as_bytes()),
        ];
        if !filler.is_empty() {
            files.push(("package/filler.bin", &filler));
        }
        Self::of_files(&files)
    }

    /// Packs the given files.
    pub fn of_files(files: &[(&str, &[u8])]) -> Self {
        let size: usize = files.iter().map(|(_, content)| content.len() + 1024).sum();
        let gzip = GzEncoder::new(Vec::with_capacity(size), Compression::fast());
        let mut archive = tar::Builder::new(gzip);
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(PACKED_AT);
            archive
                .append_data(&mut header, path, *content)
                .expect("a file of the test package fits into a tar header");
        }
        let gzip = archive.into_inner().expect("memory takes every byte");
        let bytes = gzip.finish().expect("memory takes every byte");
        Self {
            integrity: format!("sha512-{}", STANDARD.encode(Sha512::digest(&bytes))),
            shasum: hex::encode(Sha1::digest(&bytes)),
            bytes: bytes.into(),
            file_count: files.len(),
            unpacked_bytes: files.iter().map(|(_, content)| content.len()).sum(),
        }
    }
}

/// Returns `len` bytes that depend on `seed` only and do not compress (splitmix64).
fn noise(seed: &str, len: usize) -> Vec<u8> {
    let hash = Sha256::digest(seed.as_bytes());
    let mut state = u64::from_le_bytes(hash[..8].try_into().expect("a digest has 32 bytes"));
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}
