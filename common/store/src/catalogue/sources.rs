//! What a registry that is a source of the catalogue has beside its row.
