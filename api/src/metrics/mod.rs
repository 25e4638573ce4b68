//! The figures of the process, for who watches over it.

mod answer;
mod stored;
mod traffic;

use poem_openapi::OpenApi;

use self::answer::FiguresAnswer;
pub(crate) use self::{
    stored::Stored,
    traffic::{Routed, Shelved, Traffic},
};
use crate::{auth::Observer, tags::Tag, visit::Visit};

/// `/-/metrics`.
#[derive(Debug)]
pub(crate) struct MetricsApi;

#[OpenApi(tag = "Tag::System")]
impl MetricsApi {
    /// Returns the figures of this process, as Prometheus reads them
    ///
    /// For administrators, unless the operator shows them to everybody (`metrics_public`).
    #[oai(path = "/-/metrics", method = "get", operation_id = "show_metrics")]
    async fn show(&self, visit: Visit, _observer: Observer) -> FiguresAnswer {
        FiguresAnswer(visit.running().app.metrics.page().await)
    }
}
