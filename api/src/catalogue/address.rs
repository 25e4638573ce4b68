//! Where a package of the catalogue is, under whatever base.

use percent_encoding::{AsciiSet, utf8_percent_encode};
use weir_domain::{catalogue::PackageKey, text::RESERVED};

/// What does not stand as it is in a part of a path of ours.
const ODD: &AsciiSet = &RESERVED.remove(b'+');

/// Returns the path of a package.
pub(super) fn address_of(key: &PackageKey) -> String {
    let namespace = utf8_percent_encode(&key.namespace, ODD);
    let name = utf8_percent_encode(&key.name, ODD);
    format!("/api/v1/packages/{namespace}/{name}")
}
