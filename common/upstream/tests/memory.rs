//! A document of 40 MB is read, twice, without the memory to hold it.
//!
//! Alone in its binary, because it looks at the peak of the whole process. The server sends
//! what it makes piece by piece and never has the document either.

#[path = "it/wire.rs"]
#[expect(dead_code, reason = "a part of the scripted server is enough here")]
mod wire;

use std::{io::Write, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use weir_domain::{PackageName, Registry, RegistryId, SystemClock, TarballPolicy};
use weir_upstream::{NpmRegistry, PackumentReply, UpstreamConfig, Upstreams, Validators};

use wire::{Act, Wire, head};

const VERSIONS: usize = 10_000;
const MANIFEST_BYTES: usize = 4_000;

/// A third of the document; its outline takes about 10 MB.
const ALLOWED_KIB: u64 = 24 << 10;

/// Makes the document in pieces.
fn pieces() -> impl FnMut() -> Option<Vec<u8>> + Send {
    let padding = "p".repeat(MANIFEST_BYTES - 200);
    let mut next = 0;
    move || {
        let version = next;
        next += 1;
        let comma = if version == 0 { "" } else { "," };
        match version {
            0..VERSIONS => Some(format!(
                r#"{open}{comma}"1.0.{version}":{{"name":"a","version":"1.0.{version}","padding":"{padding}","dist":{{"shasum":"da39a3ee5e6b4b0d3255bfef95601890afd80709","tarball":"http://127.0.0.1/a/-/a-1.0.{version}.tgz"}}}}"#,
                open = if version == 0 { r#"{"name":"a","versions":{"# } else { "" },
            )),
            VERSIONS => Some("}}".to_owned()),
            _ => None,
        }
        .map(String::into_bytes)
    }
}

fn zipped() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut next = pieces();
    while let Some(piece) = next() {
        encoder.write_all(&piece).expect("memory");
    }
    encoder.finish().expect("memory")
}

fn npm(wire: &Wire) -> NpmRegistry {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/spool");
    let upstreams = Upstreams::new(UpstreamConfig::new(folder), Arc::new(SystemClock));
    upstreams
        .expect("the settings can be used")
        .registry(&Registry {
            id: RegistryId::new(),
            slug: "default".to_owned(),
            name: "default".to_owned(),
            url: wire.url("127.0.0.1").parse().expect("a URL"),
            tarballs: TarballPolicy::default(),
            is_internal: true,
            allows_undigested: false,
            kind: weir_domain::RegistryKind::Npm,
            user_prefix: None,
            change_stream: None,
            removals: weir_domain::RemovalPolicy::Keep,
            downloads: None,
        })
}

/// Returns the most memory this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.expect("a peak").parse().expect("a number")
}

async fn read_twice(wire: &Wire) -> u64 {
    let name = PackageName::parse("a").expect("a name");
    let npm = npm(wire);
    let before = peak();
    let reply = npm.packument(&name, &Validators::default(), |_| {}).await;
    let Ok(PackumentReply::Fetched(fetched)) = reply else {
        panic!("{reply:?}");
    };
    let outline = fetched.outline().await.expect("an outline");
    assert_eq!(outline.versions.len(), VERSIONS);
    let wanted = outline.versions.iter().map(|f| f.version.clone()).collect();
    let mut batches = fetched.manifests(wanted);
    let (mut count, mut bytes) = (0, 0);
    while let Some(batch) = batches.next().await {
        let batch = batch.expect("readable");
        count += batch.len();
        bytes += batch.iter().map(|(_, raw)| raw.len()).sum::<usize>();
    }
    assert_eq!(count, VERSIONS);
    assert!(bytes > VERSIONS * (MANIFEST_BYTES - 100));
    peak() - before
}

#[tokio::test]
async fn a_document_of_40_mb_needs_a_fraction_of_that() {
    let plain = Wire::start(|_| {
        let body = Act::Stream(Box::new(pieces()));
        vec![Act::Send(head("200 OK", &[], None)), body]
    });
    let grown = read_twice(&plain).await;
    assert!(grown < ALLOWED_KIB, "plain: {grown} KiB");
    let zipped = zipped();
    let packed = Wire::saying(wire::reply(
        "200 OK",
        &[("content-encoding", "gzip")],
        &zipped,
    ));
    let grown = read_twice(&packed).await;
    assert!(grown < ALLOWED_KIB, "gzip: {grown} KiB");
}
