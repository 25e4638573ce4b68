//! What only a bucket can do, and what can be done to it: a line cut anywhere, a store that
//! fails, refuses, forgets or lies.

mod cache;
mod check;
mod download;
mod presign;
mod upload;
