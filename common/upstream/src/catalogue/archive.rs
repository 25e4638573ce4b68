//! A few files out of a `.tar.gz`, in one pass, while the archive comes in.
//!
//! Nothing is unpacked to anywhere: each entry is looked for by its exact path, so links,
//! absolute paths and `..` are only entries that do not match. What an entry holds is believed by
//! its digest in the manifest, not here. Memory is bounded by the entries wanted; time by how much
//! is unpacked, and by how many entries are met.

use std::{
    cell::Cell,
    io::{self, Read},
};

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use tokio::sync::mpsc;

use super::CatalogueLimits;

/// A file that is looked for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) path: String,
    pub(super) max_bytes: u64,
}

/// What became of the search for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// The entry's bytes.
    File(Vec<u8>),
    /// There is no such entry.
    Nothing,
    /// Something is larger than allowed.
    TooLarge(&'static str),
    /// It is no such archive.
    Damaged(String),
}

/// Looks for files, and says what became of each; blocks as the reader does.
pub(super) fn find(reader: impl Read, wanted: &[Wanted], limits: &CatalogueLimits) -> Vec<Found> {
    let is_over = Cell::new(false);
    let capped = Capped {
        inner: MultiGzDecoder::new(reader),
        left: limits.unpacked_bytes,
        is_over: &is_over,
    };
    let mut search = Search {
        wanted,
        found: vec![None; wanted.len()],
        limits,
    };
    let end = match search.run(capped) {
        _ if is_over.get() => Found::TooLarge("the unpacked archive"),
        Ok(end) => end,
        Err(error) => Found::Damaged(error.to_string()),
    };
    let found = search.found.into_iter();
    found
        .map(|one| one.unwrap_or_else(|| end.clone()))
        .collect()
}

/// What is wanted, and what was found of it so far.
struct Search<'a> {
    wanted: &'a [Wanted],
    found: Vec<Option<Found>>,
    limits: &'a CatalogueLimits,
}

impl Search<'_> {
    /// Reads until nothing is missing, and returns what became of that which is.
    fn run(&mut self, reader: impl Read) -> io::Result<Found> {
        let mut archive = tar::Archive::new(reader);
        // Raw: headers that only lengthen the next name would be read into memory, however large.
        for (count, entry) in archive.entries()?.raw(true).enumerate() {
            let mut entry = entry?;
            if count >= self.limits.archive_entries {
                return Ok(Found::TooLarge("its number of entries"));
            }
            let Some(place) = self.place_of(&entry) else {
                continue;
            };
            self.found[place] = Some(if entry.size() > self.wanted[place].max_bytes {
                Found::TooLarge("the file")
            } else {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                Found::File(bytes)
            });
            if self.found.iter().all(Option::is_some) {
                break;
            }
        }
        Ok(Found::Nothing)
    }

    /// Says which of the files that are still missing an entry is.
    fn place_of(&self, entry: &tar::Entry<'_, impl Read>) -> Option<usize> {
        let path = entry.path_bytes();
        let path = path.strip_prefix(b"./").unwrap_or(&path);
        let mut wanted = self.wanted.iter().zip(&self.found);
        let is_it = |(wanted, found): (&Wanted, &Option<Found>)| {
            found.is_none() && wanted.path.as_bytes() == path
        };
        let is_file = entry.header().entry_type().is_file();
        wanted.position(is_it).filter(|_| is_file)
    }
}

/// Ends with an error where too much has passed.
struct Capped<'f, R> {
    inner: R,
    left: u64,
    is_over: &'f Cell<bool>,
}

impl<R: Read> Read for Capped<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        let Some(left) = self.left.checked_sub(count as u64) else {
            self.is_over.set(true);
            return Err(io::Error::other("too much"));
        };
        self.left = left;
        Ok(count)
    }
}

/// Reads what another task receives.
#[derive(Debug)]
pub(super) struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    current: Bytes,
}

impl Pieces {
    pub(super) fn new(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self {
            pieces,
            current: Bytes::new(),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let count = self.current.len().min(into.len());
        self.current.copy_to_slice(&mut into[..count]);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use tar::{EntryType, Header};

    use super::*;

    fn entry(archive: &mut tar::Builder<Vec<u8>>, name: &str, kind: EntryType, bytes: &[u8]) {
        let mut header = Header::new_ustar();
        // Written as it is: the library would refuse what an attacker would not.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        if kind == EntryType::Symlink {
            header.set_link_name("/etc/passwd").expect("short");
        }
        header.set_cksum();
        archive.append(&header, bytes).expect("memory");
    }

    fn packed(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, kind, bytes) in entries {
            entry(&mut archive, name, *kind, bytes);
        }
        gzip(&archive.into_inner().expect("memory"))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn limits() -> CatalogueLimits {
        CatalogueLimits {
            unpacked_bytes: 1 << 20,
            archive_entries: 100,
            ..CatalogueLimits::default()
        }
    }

    fn wanted(path: &str) -> Wanted {
        Wanted {
            path: path.to_owned(),
            max_bytes: 1000,
        }
    }

    fn find_in(bytes: &[u8]) -> Found {
        find(bytes, &[wanted("README.md")], &limits()).remove(0)
    }

    #[test]
    fn several_files_are_found_in_one_pass() {
        let file = EntryType::Regular;
        let both = [wanted("README.md"), wanted("conandata.yml")];
        let (hello, data) = (
            ("README.md", file, &b"hello"[..]),
            ("./conandata.yml", file, &b"a: b"[..]),
        );
        let is = |bytes: &[u8]| Found::File(bytes.to_vec());
        for entries in [vec![hello, data], vec![data, ("x", file, b""), hello]] {
            let found = find(&*packed(&entries), &both, &limits());
            assert_eq!(found, [is(b"hello"), is(b"a: b")]);
        }
        // Each has its own outcome; of two of one name the first counts.
        let found = find(
            &*packed(&[data, ("conandata.yml", file, b"c: d")]),
            &both,
            &limits(),
        );
        assert_eq!(found, [Found::Nothing, is(b"a: b")]);
        let large = ("README.md", file, &[b'x'; 1001][..]);
        let found = find(&*packed(&[large, data]), &both, &limits());
        assert_eq!(found, [Found::TooLarge("the file"), is(b"a: b")]);
        let bomb = vec![0; 2 << 20];
        let found = find(
            &*packed(&[data, ("x", file, &bomb), hello]),
            &both,
            &limits(),
        );
        assert_eq!(
            found,
            [Found::TooLarge("the unpacked archive"), is(b"a: b")]
        );
    }

    #[test]
    fn only_the_file_itself_is_found() {
        let file = EntryType::Regular;
        let all = packed(&[
            ("../README.md", file, b"up"),
            ("/README.md", file, b"root"),
            ("README.md", EntryType::Symlink, b""),
            ("README.md", EntryType::Link, b""),
            ("README.md", EntryType::Directory, b""),
            ("doc/README.md", file, b"below"),
            ("./README.md", file, b"hello"),
        ]);
        assert_eq!(find_in(&all), Found::File(b"hello".to_vec()));
        let none = packed(&[
            ("../README.md", file, b"up"),
            ("README.md", EntryType::Symlink, b""),
        ]);
        assert_eq!(find_in(&none), Found::Nothing);
    }

    #[test]
    fn nothing_is_unpacked_beyond_its_limits() {
        let file = EntryType::Regular;
        let large = vec![0; 2 << 20];
        let bomb = packed(&[("x", file, &large), ("README.md", file, b"hello")]);
        assert_eq!(find_in(&bomb), Found::TooLarge("the unpacked archive"));
        let readme = packed(&[("README.md", file, &large[..1001])]);
        assert_eq!(find_in(&readme), Found::TooLarge("the file"));
        let many = packed(&vec![("x", file, &b""[..]); 101]);
        assert_eq!(find_in(&many), Found::TooLarge("its number of entries"));
        // A name of two megabytes, as one header may ask for.
        let name = packed(&[("x", EntryType::GNULongName, &large)]);
        assert_eq!(find_in(&name), Found::TooLarge("the unpacked archive"));
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        let file = EntryType::Regular;
        let whole = packed(&[("x", file, &[7; 5000]), ("README.md", file, b"hello")]);
        for bytes in [&b"no gzip"[..], &whole[..whole.len() / 2], &gzip(b"no tar")] {
            assert!(
                matches!(find_in(bytes), Found::Damaged(_)),
                "{}",
                bytes.len()
            );
        }
    }
}
