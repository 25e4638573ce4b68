//! Names, rules and state machines of weir: no I/O, no framework, no clock.
//!
//! Everything that arrives from outside (a URL, a JSON body, a database row, an upstream
//! document) becomes one of these types before anything decides with it. A value that
//! exists has been checked; nothing here is checked twice.

pub mod blob_store;
pub mod catalogue;
pub mod conan;
pub mod day;
pub mod dependency;
pub mod digest;
pub mod email;
pub mod ids;
pub mod json;
pub mod manifest;
pub mod org;
pub mod package_name;
pub mod packument;
pub mod public_base;
pub mod registry;
pub mod removal;
pub mod retry;
pub mod search;
pub mod sync_mode;
pub mod task;
pub mod text;
pub mod time;
pub mod token;
pub mod user_name;
pub mod version;

pub use blob_store::{AwsSettings, BlobStore, Bucket, BucketUrl};
pub use day::Day;
pub use digest::{Digest, Integrity, Promise, UpstreamDigest};
pub use ids::{
    AuditId, BlockId, OrgId, PackageId, RegistryId, ScopeId, SessionId, TaskId, TeamId, TokenId,
    UserId, WorkerId,
};
pub use org::{OrgName, TeamName};
pub use package_name::{InvalidName, PackageName};
pub use public_base::PublicBase;
pub use registry::{InvalidRegistryKind, Registry, RegistryKind, TarballPolicy};
pub use removal::RemovalPolicy;
pub use retry::{Decision, Retryable};
pub use sync_mode::SyncMode;
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use user_name::UserName;
pub use version::{Range, Version};
