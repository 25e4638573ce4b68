//! The HTTP process over real sockets, a real database file and a real blob folder.

mod accounts;
mod bad_input;
mod cancel;
mod document;
mod drills;
mod events;
mod followers;
mod idempotency;
mod lazy;
mod logs;
mod packages;
mod processes;
mod queues;
mod reading;
mod retry;
mod sealed;
mod server;
mod syncs;
mod tarballs;
mod waiting;
