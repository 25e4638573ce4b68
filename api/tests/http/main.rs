//! The HTTP process over real sockets, a real database file and a real blob folder.

mod accounts;
mod bad_input;
mod document;
mod drills;
mod followers;
mod lazy;
mod logs;
mod packages;
mod processes;
mod queues;
mod reading;
mod sealed;
mod server;
mod storage;
mod syncs;
mod tarballs;
