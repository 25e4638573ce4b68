//! The HTTP process over real sockets, a real database file and a real blob folder.

mod accounts;
mod bad_input;
mod cancel;
mod document;
mod drills;
mod events;
mod figures;
mod followers;
mod idempotency;
mod lazy;
mod logs;
mod packages;
mod processes;
mod queues;
mod reading;
mod retry;
mod schema;
mod sealed;
mod search;
mod server;
mod storage;
mod syncs;
mod tarballs;
mod waiting;
mod walk;
