//! The catalogue: packages that are looked up and described, not installed through weir.
//!
//! A source (Conan server, Artifactory) lists *references*; each has a latest *revision*, the
//! digest of what was uploaded. What is read out of a revision is its *facts*. References of
//! one namespace and name are one package of the catalogue.
//!
//! Protocol: Conan 2, whose references are `name/version@user/channel`.

pub mod categories;
mod facts;
mod note;
pub mod npm;
mod options;
mod progress;
mod reference;
mod row;
mod settings;
mod words;

pub use facts::{Dependency, DependencyKind, Facts, SourceArchive};
pub use note::{Note, NoteCode};
pub use options::{CatalogueOptions, MAX_HINTS};
pub use progress::{CatalogueProgress, Phase, Tally};
pub use reference::{InvalidReference, NO_NAMESPACE, PackageKey, Reference, Stamp};
pub use row::{CataloguePackage, CatalogueVersion, CategoryCount};
pub use settings::{CatalogueSettings, InvalidStrategy, Strategy};
pub use words::{pieces, words};
