//! Settings about what is copied from, how much of it, and what becomes of it later.

use weir_domain::{RemovalPolicy, SyncMode};

use super::{
    Fallback::{Text, Unset},
    Group, MONTH, row,
};
use crate::kind::Kind;

/// Settings of the registry `default` and of all that is fetched.
pub(super) const UPSTREAM: Group = Group {
    title: "Upstream",
    settings: &[
        row(
            "upstream",
            Kind::HttpUrl,
            Unset("none: syncs answer how to name one"),
            "The npm registry that the registry `default` mirrors.",
        ),
        row(
            "tarballs",
            Kind::Words(&["all", "tagged", "requested"]),
            Text("tagged"),
            "Which tarballs a sync fetches at once; the others are fetched when first read.",
        ),
        row(
            "sync_mode",
            Kind::Words(SyncMode::WORDS),
            Text("proxy"),
            "What may ask the upstream: `none`: nothing, what is held is served; `admin`: administrators' syncs, and reads of tarballs whose packages are mirrored; `exist`: any user's syncs too, and change feeds for what is mirrored; `all`: change feeds also for what is not; `proxy`: as `exist`, and reads of what is missing or old.",
        ),
        row(
            "packument_max_age_secs",
            Kind::Seconds(1, MONTH),
            Text("300"),
            "With `sync_mode = \"proxy\"`: how old a packument may be before a read of it, answered at once, has it renewed.",
        ),
        row(
            "removals",
            Kind::Words(RemovalPolicy::WORDS),
            Text("keep"),
            "What becomes of what upstream no longer has, once that is believed: `keep`: it is served; `block`: it is answered with 451; `delete`: it is gone.",
        ),
        row(
            "removal_span_secs",
            Kind::Seconds(0, MONTH),
            Text("86400"),
            "How long upstream must lack something, at three looks at least, before that is believed.",
        ),
        row(
            "downloads_url",
            Kind::HttpUrl,
            Unset("none: `syncDownloadData` is refused"),
            "Where upstream counts downloads (it answers `/downloads/range/…`).",
        ),
        row(
            "max_tarball_mib",
            Kind::Number(1, 1024 * 1024),
            Text("4096"),
            "Largest tarball that is mirrored, in mebibytes; a sync that meets a larger one skips its version.",
        ),
        row(
            "max_packument_mib",
            Kind::Number(1, 16 * 1024),
            Text("512"),
            "Largest packument that is read, in mebibytes without its encoding; a package with a larger one is not mirrored.",
        ),
        row(
            "ca_file",
            Kind::File,
            Unset("none"),
            "PEM file of further certificate authorities to trust.",
        ),
        row(
            "outgoing_proxy",
            Kind::ProxyUrl,
            Unset("none: connects directly"),
            "Proxy for upstream connections; HTTP_PROXY and its kin are ignored.",
        ),
    ],
};
