//! Several processes that tell each other through Redis, and what happens without it.
//!
//! A process is a [`weir_queue::Hub`] of its own; a commit is what the store would tell it.

mod outages;
mod processes;
mod setup;
mod watching;
