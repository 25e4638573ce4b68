//! Why a document could not be rendered.

use std::io;

use weir_domain::Version;

use crate::BadManifest;

/// A document that did not come to its end; what was written of it is worthless.
#[derive(Debug, thiserror::Error)]
pub enum RenderError<E> {
    /// The versions could not be read.
    #[error("cannot read the versions to render")]
    Versions(#[source] E),
    /// A stored manifest is not one.
    #[error("cannot render the stored manifest of version {version}")]
    Manifest {
        /// The version.
        version: Version,
        /// What is wrong with it.
        #[source]
        source: BadManifest,
    },
    /// The output failed.
    #[error("cannot write the rendered document")]
    Write(#[source] io::Error),
}
