//! How one request wants a catalogue synchronised.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Reference;

/// Most references one request may name; beyond it, what changed is asked of the source.
pub const MAX_HINTS: usize = 1000;

/// How one request wants it; several are served by one run.
///
/// The default is an incremental run over what the source says has changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a wish of its own, by itself on the wire"
)]
pub struct CatalogueOptions {
    /// Everything is listed and compared, and what is gone is taken away.
    pub is_full: bool,
    /// References that somebody says have changed; looked at whatever the listing says.
    pub hints: BTreeSet<Reference>,
    /// Every revision is read again, the known ones too.
    pub rereads: bool,
    /// Says what it would do, and does nothing.
    pub is_dry: bool,
    /// An administrator says that a great part may be gone.
    pub allows_mass_removal: bool,
}

impl CatalogueOptions {
    /// Returns what a run must do to satisfy both. A dry run is dry only if all want it so; what
    /// only a dry one was to show is then nothing that a real one may do.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        let is_dry = self.is_dry && other.is_dry;
        let allows = |one: &Self| one.allows_mass_removal && one.is_dry == is_dry;
        self.allows_mass_removal = allows(&self) || allows(other);
        self.is_full |= other.is_full;
        self.rereads |= other.rereads;
        self.is_dry = is_dry;
        self.hints.extend(other.hints.iter().cloned());
        if self.hints.len() > MAX_HINTS {
            self.hints.clear();
            self.is_full = true;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dry_run_may_is_nothing_that_a_real_one_may() {
        let wish = |is_dry, allows_mass_removal| CatalogueOptions {
            is_dry,
            allows_mass_removal,
            ..CatalogueOptions::default()
        };
        let table = [
            (wish(true, true), wish(false, false), wish(false, false)),
            (wish(true, true), wish(true, false), wish(true, true)),
            (wish(false, true), wish(true, false), wish(false, true)),
            (wish(false, true), wish(false, false), wish(false, true)),
        ];
        for (one, other, both) in table {
            assert_eq!(one.clone().union(&other), both, "{one:?} {other:?}");
            assert_eq!(other.clone().union(&one), both, "{other:?} {one:?}");
        }
    }
}
