//! What we have of a source, for comparing with what it lists.
