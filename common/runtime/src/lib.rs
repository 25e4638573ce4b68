//! What any process of ours needs before it does anything of its own: a log, a TLS
//! provider, an orderly end, supervised tasks, figures, and the data folder it lives in.
//!
//! Nothing here knows packages, tasks of the queue, or HTTP.

pub mod background;
mod crypto;
mod error_line;
pub mod folder;
pub mod listener;
pub mod logging;
pub mod metrics;
mod mounts;
pub mod private_file;
pub mod process;
mod room;
pub mod sealing;
mod shutdown;
mod tasks;

pub use crypto::install_crypto;
pub use error_line::one_line;
pub use folder::{DataFolder, FolderError, FolderLock};
pub use metrics::Metrics;
pub use room::{Room, Shortage};
pub use sealing::Sealer;
pub use shutdown::Shutdown;
pub use tasks::{BoxError, Ended, Tasks};
