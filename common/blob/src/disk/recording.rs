//! A file layer that remembers what was done in which order, for tests.
