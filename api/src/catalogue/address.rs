//! Where a package of the catalogue is, under whatever base.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use weir_domain::catalogue::PackageKey;

/// What stands as it is in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'+');

/// Returns the path of a package.
pub(super) fn address_of(key: &PackageKey) -> String {
    let namespace = utf8_percent_encode(&key.namespace, PLAIN);
    let name = utf8_percent_encode(&key.name, PLAIN);
    format!("/api/v1/packages/{namespace}/{name}")
}
