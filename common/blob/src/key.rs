//! The one place where names of stored objects are made.
//!
//! A key is made of a digest or of ids, never of text from outside, so no key can leave
//! its folder. The same text is a path below the root on disk and an object key on S3.

use std::fmt;

use weir_domain::{Digest, TaskId};

/// What is stored, and hence where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// Content: `blobs/ab/<64 hexadecimal digits>`.
    Content(Digest),
    /// The sealed log of one run of a task: `logs/{task}/{generation}`; mutable in its
    /// life, hence outside the content.
    Log {
        /// The task.
        task: TaskId,
        /// Which run of it.
        generation: u64,
    },
}

impl BlobKey {
    /// The prefix of all content.
    pub const CONTENT: &str = "blobs";

    /// The prefix of all sealed logs.
    pub(crate) const LOGS: &str = "logs";

    /// Reads back the task and the run of a log's key.
    pub(crate) fn log_of(path: &str) -> Option<(TaskId, u64)> {
        let (task, generation) = path.strip_prefix("logs/")?.split_once('/')?;
        let (task, generation) = (task.parse().ok()?, generation.parse().ok()?);
        (Self::Log { task, generation }.to_string() == path).then_some((task, generation))
    }

    /// Reads back the digest from the last part of a content key.
    pub(crate) fn content_of(path: &str) -> Option<Digest> {
        let digest = path.rsplit('/').next()?.parse().ok()?;
        (Self::Content(digest).to_string() == path).then_some(digest)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(digest) => {
                let hex = digest.to_string();
                write!(f, "{}/{}/{hex}", Self::CONTENT, &hex[..2])
            }
            Self::Log { task, generation } => write!(f, "{}/{task}/{generation}", Self::LOGS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fanned_out_and_read_back() {
        let digest = Digest::of(b"");
        let key = BlobKey::Content(digest).to_string();
        assert_eq!(
            key,
            "blobs/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(BlobKey::content_of(&key), Some(digest));
        for other in [
            "blobs/e3/x",
            "blobs/aa/e3b0",
            &key.to_uppercase(),
            &key[10..],
        ] {
            assert_eq!(BlobKey::content_of(other), None, "{other}");
        }
    }

    #[test]
    fn logs_lie_outside_the_content() {
        let task = TaskId::new();
        let key = BlobKey::Log {
            task,
            generation: 7,
        };
        assert_eq!(key.to_string(), format!("logs/{task}/7"));
        assert_eq!(BlobKey::log_of(&key.to_string()), Some((task, 7)));
        assert_eq!(BlobKey::log_of(&format!("logs/{task}/07")), None);
    }
}
