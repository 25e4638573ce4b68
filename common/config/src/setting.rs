//! The table of settings: the one place where a setting is named.
//!
//! A new setting is a row here and a field in [`crate::Config`]; a test holds the two
//! together. Everything a user sees of a setting follows from its row.

mod upstream;

use crate::{
    accounts, github,
    kind::Kind,
    shares, upkeep,
    words::{Durability, LogFormat},
};

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the file; all other names follow from it.
    pub key: &'static str,
    /// What it accepts.
    pub kind: Kind,
    /// What holds when nobody says anything.
    pub fallback: Fallback,
    /// One line for people.
    pub doc: &'static str,
}

/// What holds when nobody says anything.
#[derive(Debug, Clone, Copy)]
pub enum Fallback {
    /// This text, as if it had been written.
    Text(&'static str),
    /// A value that follows from other settings or the machine, described in words.
    Computed(&'static str),
    /// Nothing: the feature rests.
    Unset(&'static str),
}

/// Settings that belong together.
#[derive(Debug)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its rows.
    pub settings: &'static [Setting],
}

impl Setting {
    /// Returns every row.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        GROUPS.iter().flat_map(|group| group.settings)
    }

    /// Finds a row by its key.
    pub fn find(key: &str) -> Option<&'static Self> {
        Self::all().find(|setting| setting.key == key)
    }

    /// Returns its name in the environment.
    pub fn variable(&self) -> String {
        variable(self.key)
    }

    /// Returns its flag, dashes included.
    pub fn flag(&self) -> String {
        format!("--{}", self.key.replace('_', "-"))
    }
}

/// Returns a key as the environment spells it.
pub(crate) fn variable(key: &str) -> String {
    format!("WEIR_{}", key.to_ascii_uppercase())
}

/// Makes a row.
pub(crate) const fn row(
    key: &'static str,
    kind: Kind,
    fallback: Fallback,
    doc: &'static str,
) -> Setting {
    Setting {
        key,
        kind,
        fallback,
        doc,
    }
}

use self::upstream::UPSTREAM;
use Fallback::{Computed, Text, Unset};

/// Longest duration accepted, in seconds: thirty days.
const MONTH: u64 = 30 * 86_400;

/// Every setting, grouped as users think of them.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Serving",
        settings: &[
            row(
                "listen",
                Kind::Address,
                Text("127.0.0.1:7373"),
                "Address and port it listens on; the default is reachable from this machine only.",
            ),
            row(
                "public_url",
                Kind::PublicUrls,
                Computed("`http://<listen>`"),
                "Addresses clients use, the first being the usual one; a path prefix is allowed.",
            ),
            row(
                "allow_anonymous_sync",
                Kind::Switch,
                Text("false"),
                "Whether callers without a token may ask for package syncs.",
            ),
            row(
                "redirect_tarballs",
                Kind::Switch,
                Text("false"),
                "Whether readers of a stored tarball are sent to the bucket, for five minutes each; clients must reach its endpoint.",
            ),
        ],
    },
    Group {
        title: "Storage",
        settings: &[
            row(
                "data",
                Kind::Folder,
                Text("./weir-data"),
                "Folder of everything it keeps; one process at a time.",
            ),
            row(
                "database_url",
                Kind::DatabaseUrl,
                Computed("weir.sqlite in the data folder"),
                "The database; weir's own tables are made by `weir migrate` or `weir serve`.",
            ),
            row(
                "blob_url",
                Kind::BlobUrl,
                Computed("the data folder"),
                "Folder that holds `blobs`, or a bucket of an S3-compatible store: tarballs and rendered documents.",
            ),
            row(
                "blob_access_key_id",
                Kind::Secret(1),
                Unset("as the AWS tools find it: `AWS_ACCESS_KEY_ID`, a role, the machine's"),
                "Who uses the bucket.",
            ),
            row(
                "blob_secret_access_key",
                Kind::Secret(1),
                Unset("as the AWS tools find it"),
                "The secret of `blob_access_key_id`.",
            ),
            row(
                "blob_cache_mib",
                Kind::Number(16, 16 * 1024 * 1024),
                Text("10240"),
                "Most mebibytes of a bucket's blobs kept in the data folder, to be read again from there.",
            ),
            row(
                "durable",
                Kind::Words(Durability::WORDS),
                Text("off"),
                "`full`: a SQLite commit survives a power cut; `off`: it survives a killed process.",
            ),
            row(
                "database_connections",
                Kind::Number(2, 500),
                Computed("8 for SQLite, for PostgreSQL `worker_concurrency` + 4 and at least 8"),
                "Most connections of one process to the database; for SQLite, to read it.",
            ),
            row(
                "statement_timeout_secs",
                Kind::Seconds(1, 3600),
                Text("20"),
                "Longest time of one statement on PostgreSQL.",
            ),
            row(
                "redis_url",
                Kind::RedisUrl,
                Unset("none: processes on one host look often instead"),
                "Redis, through which several processes wake and tell each other; nothing is kept there.",
            ),
            row(
                "redis_prefix",
                Kind::Prefix,
                Text("weir:"),
                "What every key in Redis begins with; deployments that share a Redis differ here.",
            ),
        ],
    },
    UPSTREAM,
    accounts::GROUP,
    github::GROUP,
    Group {
        title: "Tasks",
        settings: &[
            row(
                "worker_concurrency",
                Kind::Number(1, 256),
                Computed("2 × cores, at least 4, at most 16"),
                "Tasks that run at the same time.",
            ),
            row(
                "max_attempts",
                Kind::Number(1, 100),
                Text("5"),
                "Attempts of a task before its last error is final.",
            ),
            row(
                "lease_secs",
                Kind::Seconds(2, 3600),
                Text("30"),
                "How long a run may go unrenewed before another worker takes over; renewed each third.",
            ),
            row(
                "sweep_secs",
                Kind::Seconds(1, 600),
                Text("5"),
                "How often lapsed leases and forgotten tasks are looked for.",
            ),
            row(
                "silence_secs",
                Kind::Seconds(1, MONTH),
                Text("300"),
                "How long a run may show neither line, byte nor progress before it ends as hung.",
            ),
            row(
                "run_limit_secs",
                Kind::Seconds(1, MONTH),
                Text("3600"),
                "Longest run of one attempt.",
            ),
            row(
                "queue_age_secs",
                Kind::Seconds(1, MONTH),
                Text("86400"),
                "How long a task may be ready without being begun.",
            ),
            row(
                "grace_secs",
                Kind::Seconds(0, 600),
                Text("25"),
                "How long a stop waits for requests and runs to end by themselves.",
            ),
        ],
    },
    shares::GROUP,
    Group {
        title: "Figures",
        settings: &[
            row(
                "metrics_public",
                Kind::Switch,
                Text("false"),
                "Whether callers without an administrator's token may read `/-/metrics`.",
            ),
            row(
                "metrics_listen",
                Kind::Address,
                Unset("none: only the API's `/-/metrics`"),
                "Address and port on which any process, also a worker, shows its figures to everybody who reaches it.",
            ),
        ],
    },
    upkeep::GROUP,
    Group {
        title: "Logging",
        settings: &[
            row(
                "log",
                Kind::LogFilter,
                Text("info"),
                "What the process logs (to standard error); task logs are not affected.",
            ),
            row(
                "log_format",
                Kind::Words(LogFormat::WORDS),
                Text("auto"),
                "`auto` is text on a terminal and JSON elsewhere.",
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_row_names_its_key_variable_and_flag() {
        let setting = Setting::find("worker_concurrency").expect("listed");
        assert_eq!(setting.variable(), "WEIR_WORKER_CONCURRENCY");
        assert_eq!(setting.flag(), "--worker-concurrency");
    }

    #[test]
    fn every_key_is_listed_once_and_explained() {
        let keys: BTreeSet<_> = Setting::all().map(|setting| setting.key).collect();
        assert_eq!(keys.len(), Setting::all().count());
        assert!(Setting::all().all(|setting| setting.doc.ends_with('.')));
    }
}
