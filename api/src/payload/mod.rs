//! How values come in and go out: request bodies, query parameters, JSON answers.
//!
//! poem-openapi's own payloads stop at the first violation, always answer 400 and pass
//! JSON through a tree. [`Checked`] collects every violation and declares each field once
//! for both the check and the document; [`Asked`] does the same for query parameters;
//! [`Wire`] writes structs as they are.

mod asked;
mod body;
mod checked;
mod fields;
mod violations;
mod wire;
mod words;

pub(crate) use self::{
    asked::{Askable, Asked, Fraction, LooseSwitch, Number, Switch, Text},
    body::read_body,
    checked::{Checked, CheckedBody},
    fields::Fields,
    violations::Violations,
    wire::{NoStore, Wire},
    words::{Id, Instant},
};
