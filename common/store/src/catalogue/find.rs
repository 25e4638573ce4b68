//! One package with its versions, by its key or its bare name.
