//! What the system says of this process, under the names that all exporters use.

use super::{Kind, Page};

/// Bytes of a page of memory on the systems we run on.
const PAGE_BYTES: u64 = 4096;

/// Writes memory and file descriptors, where the system tells them.
pub(super) fn measure(page: &mut Page) {
    page.family(
        "weir_build_info",
        Kind::Gauge,
        "Always 1; the version is a label.",
    )
    .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let mut memory = page.family(
        "process_resident_memory_bytes",
        Kind::Gauge,
        "Memory of the process.",
    );
    if let Some(bytes) = resident_bytes() {
        memory.sample(&[], bytes);
    }
    let mut files = page.family("process_open_fds", Kind::Gauge, "Open file descriptors.");
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        files.sample(&[], open.count());
    }
}

fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE_BYTES)
}
