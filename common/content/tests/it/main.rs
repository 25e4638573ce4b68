//! Bytes in and out against real SQLite files, real folders and the stand-in upstream.

mod churn;
mod credentials;
mod damage;
mod documents;
mod flights;
mod keep;
mod logs;
mod proof;
mod setup;
mod unannounced;
