//! Which categories topics belong to, what an operator says of single packages, and counts.
