//! The command line as its user meets it: what it asks a server for, what it prints, and
//! with which code it ends. The server is a stand-in that answers by script.

mod cancel;
mod config;
mod find;
mod log;
mod program;
mod registry;
mod retry;
mod serve;
mod stand_in;
mod sync;
mod tasks;
mod token;
mod watch;
