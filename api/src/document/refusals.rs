//! What an operation may be refused with, as the document says it.
//!
//! Most of it follows from what the operation is: whoever shows a token may show a bad one,
//! what has a body may get a malformed one, what stands in a path may not be there. The rest
//! is in [`BEYOND`]. Tests ask every operation and fail at a status that is not here.

use std::collections::BTreeMap;

use poem::http::Method;
use poem_openapi::{
    payload::Payload as _,
    registry::{
        MetaHeader, MetaMediaType, MetaOperation, MetaParamIn, MetaResponse, MetaSchema,
        MetaSchemaRef,
    },
    types::Type as _,
};

use crate::{
    auth::{self, ADMIN_SCHEME},
    error::{CatalogueProblem, Code, Problem, Shape},
    idempotency,
    limits::Class,
    payload::Wire,
};

/// What does not follow from an operation's shape: its id, and the codes.
const BEYOND: &[(&[&str], &[Code])] = &[
    (
        &[
            "show_packument",
            "show_any_packument",
            "show_manifest",
            "show_manifest_tagged_sync",
        ],
        &[Code::UnavailableForLegalReasons, Code::BadGateway],
    ),
    (
        &[
            "list_dist_tags",
            "show_attestations",
            "show_downloads",
            "list_downloads",
        ],
        &[Code::UnavailableForLegalReasons],
    ),
    (
        &[
            "show_signing_keys",
            "find_advisories",
            "audit_tree",
            "audit_tree_quickly",
        ],
        &[Code::NotFound, Code::BadGateway],
    ),
    (&["show_attestations"], &[Code::BadGateway]),
    (
        &[
            "download_tarball",
            "download_scoped_tarball",
            "download_tarball_as_cnpm",
        ],
        &[
            Code::RangeNotSatisfiable,
            Code::UnavailableForLegalReasons,
            Code::BadGateway,
        ],
    ),
    (
        &[
            "show_task_log",
            "show_package_sync_log",
            "show_catalogue_sync_log",
        ],
        &[Code::RangeNotSatisfiable],
    ),
    (&["show_catalogue_sync_log"], &[Code::Forbidden]),
    (&["create_catalogue_sync"], &[Code::NotFound]),
    (
        &["create_registry", "update_registry"],
        &[Code::Conflict, Code::NotImplemented],
    ),
    (
        &[
            "cancel_task",
            "cancel_package_sync",
            "cancel_catalogue_sync",
            "remove_registry",
            "retry_task",
            "update_task",
            "revoke_npm_token",
        ],
        &[Code::Conflict],
    ),
    (
        &["list_tasks", "retry_failed_tasks"],
        // The registry that the list is asked of may not be there.
        &[Code::NotFound],
    ),
    (
        &[
            "create_org",
            "create_team",
            "set_org_member",
            "remove_org_member",
        ],
        &[Code::Conflict],
    ),
    (&["unlink_github"], &[Code::Conflict, Code::NotFound]),
    (&["create_scope"], &[Code::Conflict, Code::NotFound]),
    (&["fetch_web_login"], &[Code::NotFound]),
    (
        &["create_device_login", "fetch_device_login"],
        &[Code::NotFound, Code::BadGateway],
    ),
    (
        &["log_in", "revise_user"],
        &[Code::TooManyRequests, Code::Conflict],
    ),
    (&["update_profile"], &[Code::Conflict, Code::NotImplemented]),
    // Where something is searched for.
    (&["list_catalogue_packages"], &[Code::TooManyRequests]),
    // A password may be shown there.
    (&["show_user"], &[Code::TooManyRequests]),
    // The period in the path.
    (&["show_downloads", "list_downloads"], &[Code::InvalidParam]),
];

/// Returns a response for every status that `operation` may be refused with.
pub(super) fn of(operation: &MetaOperation, path: &str) -> Vec<MetaResponse> {
    let mut codes = of_shape(operation);
    if auth::may_forbid(&operation.method, path) {
        codes.push(Code::Forbidden);
    }
    if Class::of(&operation.method, path).is_some() {
        codes.push(Code::TooManyRequests);
    }
    let id = operation.operation_id.unwrap_or_default();
    let beyond = BEYOND.iter().filter(|(ids, _)| ids.contains(&id));
    codes.extend(beyond.flat_map(|(_, codes)| *codes));
    let shape = Shape::of_path(path);
    let by_status = codes
        .into_iter()
        .map(|code| (shape.status(code).as_u16(), code));
    let by_status: BTreeMap<_, _> = by_status.collect();
    let response = |(status, code)| response(shape, status, code);
    by_status.into_iter().map(response).collect()
}

fn of_shape(operation: &MetaOperation) -> Vec<Code> {
    // Any caller may show a token that does not hold; any look at it may meet a database
    // that is away.
    let mut codes = vec![
        Code::Unauthorized,
        Code::InternalServerError,
        Code::UpstreamUnavailable,
    ];
    let is_read = operation.method == Method::GET;
    let has = |place| operation.params.iter().any(|one| one.in_type == place);
    let schemes = operation.security.iter();
    if !is_read || schemes.clone().any(|one| one.contains_key(ADMIN_SCHEME)) {
        codes.push(Code::Forbidden);
    }
    if has(MetaParamIn::Path) {
        codes.push(Code::NotFound);
    }
    if has(MetaParamIn::Query) {
        codes.push(Code::InvalidParam);
    }
    if !is_read {
        codes.extend([Code::InvalidParam, Code::PayloadTooLarge]);
    }
    if operation.request.is_some() {
        codes.extend([
            Code::BadRequest,
            Code::RequestTimeout,
            Code::UnsupportedMediaType,
        ]);
    }
    let is_kept = |name: &str| name.eq_ignore_ascii_case(idempotency::NAME);
    if operation.params.iter().any(|one| is_kept(&one.name)) {
        codes.push(Code::Conflict);
    }
    codes
}

fn response(shape: Shape, status: u16, code: Code) -> MetaResponse {
    let header = |name: &str, about: &str, schema| MetaHeader {
        name: name.to_owned(),
        description: Some(about.to_owned()),
        required: false,
        deprecated: false,
        schema: MetaSchemaRef::Inline(Box::new(schema)),
    };
    let seconds = || MetaSchema {
        minimum: Some(0.0),
        ..MetaSchema::new_with_format("integer", "uint64")
    };
    let text = MetaSchema::new("string");
    let headers = match code {
        Code::Unauthorized => vec![header("www-authenticate", "How to show who one is", text)],
        Code::TooManyRequests | Code::UpstreamUnavailable => {
            vec![header(
                "retry-after",
                "Seconds until it is worth a try",
                seconds(),
            )]
        }
        _ => vec![],
    };
    MetaResponse {
        description: code.about(),
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: Wire::<Problem>::CONTENT_TYPE,
            schema: match shape {
                // Pages are not documented.
                Shape::Mirror | Shape::Page => Problem::schema_ref(),
                Shape::Catalogue => CatalogueProblem::schema_ref(),
            },
        }],
        headers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;

    #[test]
    fn what_goes_beyond_is_said_of_operations_that_are_there() {
        let known = routes::operations();
        for id in BEYOND.iter().flat_map(|(ids, _)| *ids) {
            let is_known = known.iter().any(|(_, _, other)| other == id);
            assert!(is_known, "{id} is no operation");
        }
    }
}
