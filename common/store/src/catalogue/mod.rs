//! The catalogue: its sources, and the packages, versions and labels read from them.
//!
//! Whatever is shown of a package is written in one transaction; a package is described by the
//! facts of its latest version. Reading is in `find`, `list` and `count`; all else writes, for
//! a synchronisation or for an operator.

mod categories;
mod count;
mod find;
mod hints;
mod known;
mod list;
#[cfg(test)]
mod plans;
mod put;
mod relabel;
mod remove;
mod row;
pub mod sources;

pub use self::{
    categories::{category_override, category_table, label},
    count::{Counts, count},
    find::{Found, Readme, find, find_named, readme, version, versions},
    hints::{hint, hinted, take_hints},
    known::{Known, foreign, known},
    list::{Listed, Listing, Page, Sort, list},
    put::{NewVersion, NewVersions, Put, put},
    relabel::{override_categories, relabel, set_category_table},
    remove::{miss, remove_versions, unmiss},
};
