//! Request headers that answers depend on and no handler takes as an argument: conditions,
//! parts, and where a stream of events goes on. The framework does not see them.

use poem_openapi::registry::{
    MetaOperation, MetaOperationParam, MetaParamIn, MetaSchema, MetaSchemaRef,
};

/// A header: its name, what it is for, an example.
type Header = (&'static str, &'static str, &'static str);

const IF_NONE_MATCH: Header = (
    "If-None-Match",
    "The entity tags that the caller has; 304 if the answer would have one of them",
    "W/\"5f0c2a91b3d7\"",
);
const IF_MODIFIED_SINCE: Header = (
    "If-Modified-Since",
    "When the caller last got it; 304 if it has not changed since",
    "Thu, 01 Jan 2026 00:00:00 GMT",
);
const RANGE: Header = (
    "Range",
    "The one part that is wanted; answered with 206",
    "bytes=0-1023",
);
const IF_RANGE: Header = (
    "If-Range",
    "The entity tag of what the part belongs to; the whole is sent if it has another",
    "\"5f0c2a91b3d7\"",
);
const LAST_EVENT_ID: Header = (
    "Last-Event-ID",
    "Of events: the number of the last line that was received; they go on behind it",
    "17",
);

/// Which operations read which headers.
const READ: &[(&[&str], &[Header])] = &[
    (
        &["show_packument", "show_any_packument"],
        &[IF_NONE_MATCH, IF_MODIFIED_SINCE],
    ),
    (
        &[
            "show_manifest",
            "show_manifest_tagged_sync",
            "list_catalogue_packages",
            "count_categories",
            "find_catalogue_package",
            "find_catalogue_versions",
            "find_catalogue_readme",
            "show_catalogue_package",
            "list_catalogue_versions",
            "show_catalogue_readme",
        ],
        &[IF_NONE_MATCH],
    ),
    (
        &[
            "download_tarball",
            "download_scoped_tarball",
            "download_tarball_as_cnpm",
        ],
        &[IF_NONE_MATCH, RANGE, IF_RANGE],
    ),
    (
        &["show_task_log", "show_package_sync_log"],
        &[RANGE, LAST_EVENT_ID],
    ),
];

/// Returns the headers that `operation` reads.
pub(super) fn of(operation: &MetaOperation) -> impl Iterator<Item = MetaOperationParam> + use<> {
    let id = operation.operation_id.unwrap_or_default();
    let read = READ.iter().filter(move |(ids, _)| ids.contains(&id));
    read.flat_map(|(_, headers)| *headers).map(parameter)
}

fn parameter(&(name, about, example): &Header) -> MetaOperationParam {
    MetaOperationParam {
        name: name.to_owned(),
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
            example: Some(example.into()),
            ..MetaSchema::new("string")
        })),
        in_type: MetaParamIn::Header,
        description: Some(about.to_owned()),
        required: false,
        deprecated: false,
        explode: true,
        style: None,
    }
}

#[cfg(test)]
mod tests {
    use super::READ;
    use crate::routes;

    #[test]
    fn headers_are_read_by_operations_that_are_there() {
        let known = routes::operations();
        for id in READ.iter().flat_map(|(ids, _)| *ids) {
            let is_known = known.iter().any(|(_, _, other)| other == id);
            assert!(is_known, "{id} is no operation");
        }
    }
}
