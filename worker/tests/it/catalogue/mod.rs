//! The catalogue's synchronisation against an Artifactory on loopback: what it brings, and what
//! becomes of the task and of the catalogue in every way in which a source was reported to fail.

mod bytes;
mod changes;
mod credentials;
mod interruptions;
mod lies;
mod npm;
mod npm_answers;
mod npm_documents;
mod oddities;
mod queries;
mod scene;
mod transport;
