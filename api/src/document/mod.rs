//! The document, beyond what the framework can say of a route.
//!
//! Wraps the resources, guards them, and completes what is known of each operation: the headers it reads,
//! and the refusals it may end with, one response a status, in the order of the statuses;
//! and of schemas, which fields may be null. What is routed where is not touched.

mod headers;
mod refusals;
mod schemas;

use std::collections::HashMap;

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaOperation, MetaParamIn, Registry},
};

use crate::auth;

/// Resources whose operations say everything they may answer, and look at credentials first.
#[derive(Debug)]
pub(crate) struct Complete<T>(pub(crate) T);

impl<T: OpenApi> OpenApi for Complete<T> {
    fn meta() -> Vec<MetaApi> {
        let mut all = T::meta();
        for path in all.iter_mut().flat_map(|api| &mut api.paths) {
            for operation in &mut path.operations {
                complete(operation, &path.path);
            }
        }
        all
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
        schemas::tidy(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
        auth::guard(&T::meta(), table);
    }
}

/// What the parameters of paths are, unless an operation says it itself.
const PATH_PARAMETERS: &[(&str, &str)] = &[
    ("fullname", "A package's name, scope and all"),
    ("version", "A version, a dist-tag or a range"),
    ("scope", "The scope of the package, `@` and all"),
    ("file", "A tarball's file name"),
    ("task_id", "A task's identifier"),
    ("scope_id", "A scope's name or identifier"),
    ("registry_id", "A registry's slug, name or identifier"),
    (
        "couch_id",
        "A user's document: `org.couchdb.user:` and the name",
    ),
    ("rev", "The revision of the document that is changed"),
    ("token", "A token's text"),
    ("user", "A user's name"),
    ("kind", "A kind of task"),
    ("org", "An organisation's name, with or without `@`"),
    ("team", "A team's name within its organisation"),
    ("name", "A user's name"),
    (
        "token_key",
        "A token's key, its first six characters or more, or the token itself",
    ),
    ("token_id", "A token's identifier"),
    (
        "period",
        "`last-week` and the like, or days: `2026-01-01:2026-01-31`",
    ),
    (
        "versioned_name",
        "A package's name and, behind its last `@`, a version",
    ),
];

/// Describes an operation's parameters, and puts its refusals in the place of the one that
/// stands for all.
fn complete(operation: &mut MetaOperation, path: &str) {
    for parameter in &mut operation.params {
        let known = PATH_PARAMETERS.iter();
        let known = known
            .filter(|(name, _)| parameter.in_type == MetaParamIn::Path && *name == parameter.name);
        let about = known.map(|(_, about)| (*about).to_owned()).next();
        parameter.description = parameter.description.take().or(about);
    }
    let read = headers::of(operation);
    operation.params.extend(read);
    let mut refusals = refusals::of(operation, path);
    let responses = &mut operation.responses.responses;
    responses.retain(|response| response.status.is_some());
    // What an operation says itself of a status stands.
    refusals.retain(|one| responses.iter().all(|other| other.status != one.status));
    responses.extend(refusals);
    responses.sort_by_key(|response| response.status);
}
