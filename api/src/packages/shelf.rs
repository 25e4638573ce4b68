//! The shelf: answers kept ready in memory, bounded by their bytes.
//!
//! A hit is a look-up and a write to the socket: no SQL, no JSON, nothing compressed. What
//! a package's change makes wrong is found out by its [`Generation`]: entries remember the
//! count they were read under, and one that is behind is not there.

use std::{
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    ops::Range,
    sync::Arc,
};

use moka::sync::Cache;
use weir_domain::Clock;
use weir_render::{Encoding, Form};

use super::ready::Ready;
use crate::{app::Generation, base::BaseIndex};

/// Counts that packages share; a collision costs a needless miss.
const GENERATIONS: usize = 4096;
/// What an entry costs beside its body, in bytes.
const OVERHEAD_BYTES: usize = 768;
/// The largest part of the shelf that one answer may take.
const LARGEST_SHARE: u64 = 8;

/// Ready answers by key.
#[derive(Debug)]
pub(crate) struct Shelf {
    entries: Cache<String, Entry>,
    generations: Box<[Generation]>,
    largest_bytes: u64,
}

#[derive(Debug, Clone)]
struct Entry {
    ready: Arc<Ready>,
    generation: u64,
}

/// What an answer is of; made once a request.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Key {
    text: String,
    /// Where in `text` the package's name begins and ends.
    name: Range<usize>,
}

impl Key {
    /// The key of a packument.
    pub(crate) fn packument(name: &str, form: Form, encoding: Encoding, base: BaseIndex) -> Self {
        let form = match form {
            Form::Full => 'f',
            Form::Abbreviated => 'a',
        };
        Self::new(&[form, letter(encoding), base.as_char()], name, "")
    }

    /// The key of the same packument in another encoding.
    pub(crate) fn encoded(&self, encoding: Encoding) -> Self {
        let mut key = self.clone();
        let letter = letter(encoding);
        key.text.replace_range(1..2, letter.encode_utf8(&mut [0]));
        key
    }

    /// The key of a tarball, by its plain file name.
    pub(crate) fn tarball(name: &str, file: &str) -> Self {
        Self::new(&['t'], name, file)
    }

    fn new(tag: &[char], name: &str, file: &str) -> Self {
        let mut text = String::with_capacity(12 + name.len() + file.len());
        text.extend(tag);
        let start = text.len();
        text.push_str(name);
        let end = text.len();
        // No name has a line break, so no two keys run into each other.
        text.push('\n');
        text.push_str(file);
        Self {
            text,
            name: start..end,
        }
    }

    /// Returns the package's name.
    pub(crate) fn name(&self) -> &str {
        &self.text[self.name.clone()]
    }
}

/// The second letter of a packument's key.
fn letter(encoding: Encoding) -> char {
    match encoding {
        Encoding::Identity => 'i',
        Encoding::Gzip => 'g',
        Encoding::Brotli => 'b',
        Encoding::Zstd => 'z',
    }
}

impl Shelf {
    /// Returns an empty shelf for this many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |key: &String, entry: &Entry| {
            let bytes = key.len() + entry.ready.memory_bytes() + OVERHEAD_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            entries: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            generations: (0..GENERATIONS).map(|_| Generation::default()).collect(),
            largest_bytes: bytes / LARGEST_SHARE,
        }
    }

    /// Returns how large a body may be to be kept.
    pub(crate) fn largest_bytes(&self) -> u64 {
        self.largest_bytes
    }

    /// Returns the answer under `key`, if it is there and still right.
    pub(crate) fn find(&self, key: &Key, clock: &dyn Clock) -> Option<Arc<Ready>> {
        let entry = self.entries.get(key.text.as_str())?;
        let is_current = entry.generation == self.generation(key.name()).now();
        (is_current && entry.ready.is_valid(clock)).then_some(entry.ready)
    }

    /// Returns a mark of the present; take it before reading what will be put.
    pub(crate) fn mark(&self, key: &Key) -> u64 {
        self.generation(key.name()).now()
    }

    /// Keeps an answer that was read after `mark` was taken.
    pub(crate) fn put(&self, key: Key, mark: u64, ready: Arc<Ready>) {
        let entry = Entry {
            ready,
            generation: mark,
        };
        self.entries.insert(key.text, entry);
    }

    /// Returns how many answers there are, and their bytes; both as of a moment ago.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.entries.entry_count(), self.entries.weighted_size())
    }

    /// Forgets everything of a package.
    pub(crate) fn forget(&self, name: &str) {
        self.generation(name).advance();
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.generations.iter().for_each(Generation::advance);
    }

    fn generation(&self, name: &str) -> &Generation {
        &self.generations[place(name, GENERATIONS)]
    }
}

/// Turns at work that is worth doing once; strangers may share a turn.
#[derive(Debug)]
pub(crate) struct Turns(Box<[tokio::sync::Mutex<()>]>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..64).map(|_| tokio::sync::Mutex::default()).collect())
    }
}

impl Turns {
    /// Waits for the turn of `key`; it ends when the guard is dropped.
    pub(crate) async fn turn(&self, key: &str) -> tokio::sync::MutexGuard<'_, ()> {
        self.0[place(key, self.0.len())].lock().await
    }
}

/// Returns a place for `key` among `count`.
fn place(key: &str, count: usize) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
    usize::try_from(hash % count as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use weir_domain::SystemClock;

    use super::*;

    fn ready(text: &'static str) -> Arc<Ready> {
        Arc::new(Ready::in_memory(text))
    }

    fn key(name: &str) -> Key {
        Key::packument(name, Form::Full, Encoding::Gzip, BaseIndex::default())
    }

    fn text(found: Option<Arc<Ready>>) -> Option<Bytes> {
        found.and_then(|ready| ready.memory().cloned())
    }

    #[test]
    fn what_was_put_is_found_until_its_package_changes() {
        let shelf = Shelf::new(1 << 20);
        let mark = shelf.mark(&key("a"));
        shelf.put(key("a"), mark, ready("one"));
        assert_eq!(
            text(shelf.find(&key("a"), &SystemClock)).as_deref(),
            Some(&b"one"[..])
        );
        assert!(shelf.find(&key("b"), &SystemClock).is_none());
        assert!(shelf.find(&Key::tarball("a", ""), &SystemClock).is_none());
        shelf.forget("b");
        assert!(
            shelf.find(&key("a"), &SystemClock).is_some(),
            "another package's change is not ours"
        );
        shelf.forget("a");
        assert!(shelf.find(&key("a"), &SystemClock).is_none());
    }

    #[test]
    fn what_was_read_before_a_change_and_put_after_it_is_never_found() {
        let shelf = Shelf::new(1 << 20);
        let mark = shelf.mark(&key("a"));
        shelf.forget("a");
        shelf.put(key("a"), mark, ready("stale"));
        assert!(shelf.find(&key("a"), &SystemClock).is_none());
    }

    #[test]
    fn names_and_files_do_not_run_into_each_other() {
        assert_ne!(Key::tarball("ab", "c").text, Key::tarball("a", "bc").text);
        assert_ne!(key("gx").text, Key::tarball("gx", "").text);
        assert_eq!(Key::tarball("@s/n", "f").name(), "@s/n");
    }
}
