//! Figures about the process, in the text format that Prometheus reads.
//!
//! Whoever counts something keeps atomics of its own, in fixed places: counting takes no
//! lock and no memory. A [`Source`] writes what it counted onto a [`Page`] when somebody
//! asks, and may look into the database then. Labels come from closed lists (routes, kinds,
//! configured hosts), never from what a caller sends, so a page cannot grow.
//!
//! Source: the Prometheus documents, "Exposition formats", version 0.0.4.

mod histogram;
mod page;
mod process;
mod serve;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

pub use self::{
    histogram::Histogram,
    page::{Family, Kind, Page},
    serve::{CONTENT_TYPE, listen, serve},
};

/// Something that has counted.
#[async_trait]
pub trait Source: Send + Sync {
    /// Writes every family it knows, also those without a sample yet.
    async fn measure(&self, page: &mut Page);
}

/// The sources of this process; clones share them.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Mutex<Vec<Arc<dyn Source>>>>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Adds a source to every page from now on.
    pub fn add(&self, source: Arc<dyn Source>) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sources.push(source);
    }

    /// Returns the page as it is now.
    pub async fn page(&self) -> String {
        let sources = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut page = Page::default();
        process::measure(&mut page);
        for source in sources {
            source.measure(&mut page).await;
        }
        page.into_text()
    }
}
