//! Tasks: durable requests for work, seen by users in four states.
//!
//! A task is data; the code that runs it is a job (in `worker`). One row of the database
//! is the truth about a task; everything here is what that row may say.

mod backoff;
mod error_code;
mod kind;
mod log_line;
mod progress;
mod spec;
mod state;

pub use backoff::Backoff;
pub use error_code::ErrorCode;
pub use kind::TaskKind;
pub use log_line::{Level, LogLine, MAX_LINE_BYTES};
pub use progress::{Progress, Report};
pub use spec::{
    CollectBlobs, Drill, SPEC_VERSION, SyncCatalogue, SyncCatalogues, SyncOptions, SyncPackage,
    TaskSpec, VerifyBlobs,
};
pub use state::{Priority, TaskState};
