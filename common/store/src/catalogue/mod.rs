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
#[cfg(test)]
mod plans;
mod put;
mod remove;
mod row;
pub mod sources;

pub use self::{
    categories::{
        Counts, category_override, category_table, count, label, override_categories, relabel,
        set_category_table,
    },
    find::{Found, Readme, find, find_named, readme, versions},
    hints::{hint, hinted, take_hints},
    known::{Known, foreign, known},
    list::{Listed, Listing, Page, Sort, list},
    put::{NewVersion, NewVersions, Put, put},
    remove::{miss, remove_versions, unmiss},
};
