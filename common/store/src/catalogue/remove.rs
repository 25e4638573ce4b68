//! Taking away what a source no longer has.
