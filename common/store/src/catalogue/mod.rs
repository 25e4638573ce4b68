//! The catalogue: its sources, and the packages, versions and labels read from them.
//!
//! Whatever is shown of a package is written in one transaction; a package is described by the
//! facts of its latest version. Reading is in `find`, `list` and `categories`; all else writes,
//! for a synchronisation or for an operator.

mod categories;
mod find;
mod hints;
mod known;
mod list;
mod put;
mod remove;
pub mod sources;

pub use self::{
    categories::{category_override, category_table, label},
    hints::{hint, hinted, take_hints},
    known::{Known, foreign, known},
    put::{NewVersion, NewVersions, Put, put},
    remove::{miss, remove_versions, unmiss},
};
