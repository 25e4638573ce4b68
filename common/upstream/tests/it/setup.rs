//! Upstreams with short limits, registries of scripted servers, and documents.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use flate2::{Compression, write::GzEncoder};
use weir_domain::{
    PackageName, Registry, RegistryId, SystemClock, TarballPolicy, packument::PackumentOutline,
};
use weir_upstream::{
    FetchedPackument, HostLimits, NpmRegistry, PackumentReply, Seams, Sizes, Timeouts,
    UpstreamConfig, UpstreamError, Upstreams, Validators, guard::Lookup,
};

use crate::wire::Wire;

/// Every `*.example` name leads to this machine; there are no others.
#[derive(Debug)]
struct ExampleNames;

#[async_trait]
impl Lookup for ExampleNames {
    async fn lookup(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        if host.ends_with(".example") {
            Ok(vec![([127, 0, 0, 1], 0).into()])
        } else {
            Err(io::Error::other("no such name"))
        }
    }
}

/// Limits short enough for tests, long enough for a busy machine.
pub fn config() -> UpstreamConfig {
    let mut config = UpstreamConfig::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/spool"));
    config.timeouts = Timeouts {
        connect: Duration::from_secs(2),
        headers: Duration::from_millis(500),
        silence: Duration::from_millis(500),
        rate_window: Duration::from_millis(600),
        ..Timeouts::default()
    };
    config.hosts = HostLimits {
        max_wait: Duration::from_millis(100),
        ..HostLimits::default()
    };
    config.sizes = Sizes {
        packument_bytes: 4 << 20,
        value_bytes: 256 << 10,
        root_bytes: 512 << 10,
        spool_memory_bytes: 16 << 10,
        ..Sizes::default()
    };
    config
}

pub fn upstreams(config: UpstreamConfig) -> Upstreams {
    let mut seams = Seams::local(&config, Arc::new(SystemClock));
    seams.lookup = Arc::new(ExampleNames);
    Upstreams::with_seams(config, seams).expect("the settings can be used")
}

/// An internal registry served by `wire` under the name `up.example`.
pub fn registry_of(wire: &Wire) -> Registry {
    registry_at(&wire.url("up.example"), true)
}

pub fn registry_at(url: &str, is_internal: bool) -> Registry {
    Registry {
        id: RegistryId::new(),
        slug: "default".to_owned(),
        name: "default".to_owned(),
        url: url.parse().expect("a URL"),
        tarballs: TarballPolicy::default(),
        is_internal,
        allows_undigested: false,
        kind: weir_domain::RegistryKind::Npm,
        user_prefix: None,
        change_stream: None,
        removals: weir_domain::RemovalPolicy::Keep,
        downloads: None,
    }
}

pub fn npm(wire: &Wire) -> NpmRegistry {
    upstreams(config()).registry(&registry_of(wire))
}

pub fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a package name")
}

pub async fn fetch(npm: &NpmRegistry, package: &str) -> Result<FetchedPackument, UpstreamError> {
    match npm
        .packument(&name(package), &Validators::default(), |_| {})
        .await?
    {
        PackumentReply::Fetched(fetched) => Ok(fetched),
        PackumentReply::NotModified => panic!("304 to an unconditional request"),
    }
}

/// Fetches and outlines the document `a`.
pub async fn outline(npm: &NpmRegistry) -> Result<PackumentOutline, UpstreamError> {
    fetch(npm, "a").await?.outline().await
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// One manifest of package `a`, `padding` bytes longer than need be.
pub fn manifest(version: &str, padding: usize) -> String {
    let shasum = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    let padding = "p".repeat(padding);
    format!(
        r#"{{"name":"a","version":"{version}","odd":"{padding}","dist":{{"shasum":"{shasum}","tarball":"http://up.example/a/-/a-{version}.tgz"}}}}"#
    )
}

/// A packument of `a` with versions 1.0.0 to 1.0.`count - 1`.
pub fn packument(count: usize, padding: usize) -> String {
    let versions: Vec<_> = (0..count)
        .map(|n| format!(r#""1.0.{n}":{}"#, manifest(&format!("1.0.{n}"), padding)))
        .collect();
    let last = count.saturating_sub(1);
    format!(
        r#"{{"_id":"a","_rev":"7-x","name":"a","dist-tags":{{"latest":"1.0.{last}"}},"versions":{{{}}},"time":{{"modified":"2026-01-02T03:04:05.678Z","1.0.0":"2025-01-01T00:00:00.000Z"}},"readme":"hello"}}"#,
        versions.join(",")
    )
}
