//! Writing a package as a run found it.
