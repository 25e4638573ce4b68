//! Archives of sources: honest ones, and those that harm whoever unpacks them.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// Packs files as `conan_sources.tgz`.
pub fn of(files: &[(String, Bytes)]) -> Bytes {
    packed(|archive| {
        for (path, content) in files {
            let mut header = header(content.len() as u64);
            archive
                .append_data(&mut header, path, &content[..])
                .expect("memory takes every byte");
        }
    })
}

/// A few kilobytes that become so many megabytes.
pub fn bomb(megabytes: u64) -> Bytes {
    let size = megabytes << 20;
    packed(|archive| {
        let mut header = header(size);
        let zeros = std::io::repeat(0).take(size);
        archive
            .append_data(&mut header, "big.bin", zeros)
            .expect("memory takes every byte");
    })
}

/// Members that climb out of the folder, and links to what lies outside it.
pub fn climbing() -> Bytes {
    packed(|archive| {
        for path in ["../README.md", "/tmp/README.md", "a/../../README.md"] {
            let text = b"# climbed out";
            let mut header = header(text.len() as u64);
            // The crate refuses to write such a path itself.
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            archive
                .append(&header, &text[..])
                .expect("memory takes every byte");
        }
        for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
            let mut header = header(0);
            header.set_entry_type(kind);
            archive
                .append_link(&mut header, "README.md", "/etc/passwd")
                .expect("memory takes every byte");
        }
    })
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn packed(fill: impl FnOnce(&mut tar::Builder<&mut GzEncoder<Vec<u8>>>)) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(&mut gzip);
    fill(&mut archive);
    archive.finish().expect("memory takes every byte");
    drop(archive);
    gzip.flush().expect("memory takes every byte");
    gzip.finish().expect("memory takes every byte").into()
}
