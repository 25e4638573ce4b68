//! The sync job and its engine in one process, against the stand-in upstream: real SQLite
//! files, real blobs, real HTTP, short limits.

mod blocked;
mod catalogue_runs;
mod checks;
mod closed_hosts;
mod crashes;
mod credentials;
mod documents;
mod downloads;
mod faults;
mod first_sync;
mod later_sync;
mod leaders;
mod odd_documents;
mod options;
mod quarantine;
mod removals;
mod runs;
mod scopes;
mod sealing;
mod search;
mod setup;
mod shapes;
mod trees;
mod upkeep;
